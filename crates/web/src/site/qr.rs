//! A picture that a phone's camera reads (ISO/IEC 18004), as the path of an SVG.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// Modules of white that belong around the picture.
const MARGIN: usize = 4;

/// The picture of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Width and height, margin included; one module is one unit.
    pub(crate) size: usize,
    /// The dark modules.
    pub(crate) path: String,
}

/// Draws a text; `None` where it is longer than any picture holds.
pub(crate) fn picture(text: &str) -> Option<Picture> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (at % width + MARGIN, at / width + MARGIN);
            write!(path, "M{x} {y}h1v1h-1z").ok()?;
        }
    }
    Some(Picture { size: width + 2 * MARGIN, path })
}

#[cfg(test)]
mod tests {
    use super::{MARGIN, picture};

    #[test]
    fn a_picture_has_its_three_corners() {
        let found = picture("otpauth://totp/Contoso:jean").unwrap();
        let far = found.size - MARGIN - 7;
        for (x, y) in [(MARGIN, MARGIN), (far, MARGIN), (MARGIN, far)] {
            assert!(found.path.contains(&format!("M{x} {y}h1")), "{x} {y}");
        }
        assert!(!found.path.contains(&format!("M{} {}h1", far + 6, far + 6)));
        assert!(picture(&"x".repeat(5000)).is_none());
    }
}
