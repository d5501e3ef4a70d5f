//! What of a message is shown as its text, and what is listed as its attachments.

use mail::mime::{Inside, Part};
use mail::text;

/// Attachments that a page lists at most; the rest is in the original.
pub(super) const ATTACHMENTS_LISTED_MAX: usize = 200;
/// Types of pictures that browsers show and that cannot contain a script.
const PLAIN_PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// A part that is kept apart from the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attached {
    /// The numbers that name it (RFC 9051 §6.4.5.1), as `2.1`.
    pub(super) section: String,
    pub(super) name: String,
    pub(super) size_bytes: usize,
    /// Whether it can be looked at in the browser.
    pub(super) is_picture: bool,
}

impl Attached {
    /// The size for people.
    pub(super) fn size(&self) -> String {
        const KIB: usize = 1024;
        match self.size_bytes {
            bytes if bytes < KIB => format!("{bytes} B"),
            bytes if bytes < KIB * KIB => format!("{} KB", bytes.div_ceil(KIB)),
            bytes => format!("{:.1} MB", bytes as f64 / (KIB * KIB) as f64),
        }
    }
}

/// A message taken apart.
pub(super) struct Shown<'a> {
    /// The text for people.
    pub(super) text: Option<&'a Part>,
    pub(super) html: Option<&'a Part>,
    pub(super) attached: Vec<Attached>,
}

impl<'a> Shown<'a> {
    /// Takes a message apart.
    pub(super) fn of(message: &'a Part) -> Shown<'a> {
        let html = first_html(message);
        let text = text::first_text(message);
        let mut attached = Vec::new();
        let mut numbers = Vec::new();
        let is_shown = |part: &Part| {
            let same = |shown: Option<&Part>| shown.is_some_and(|shown| std::ptr::eq(shown, part));
            same(html) || same(text)
        };
        let root = match message.inside {
            Inside::Parts(_) => None,
            Inside::Nothing | Inside::Message(_) => Some(1),
        };
        numbers.extend(root);
        collect(message, &mut numbers, &is_shown, &mut attached);
        Shown { text, html, attached }
    }
}

fn first_html(part: &Part) -> Option<&Part> {
    match &part.inside {
        Inside::Nothing => {
            Some(part).filter(|part| part.content_type.is("text", "html") && !part.is_attachment())
        }
        Inside::Parts(parts) => parts.iter().find_map(first_html),
        // A message inside is an attachment.
        Inside::Message(_) => None,
    }
}

fn collect(
    part: &Part,
    numbers: &mut Vec<u32>,
    is_shown: &impl Fn(&Part) -> bool,
    out: &mut Vec<Attached>,
) {
    if out.len() >= ATTACHMENTS_LISTED_MAX || is_shown(part) {
        return;
    }
    if let Inside::Parts(parts) = &part.inside {
        for (part, number) in parts.iter().zip(1..) {
            numbers.push(number);
            collect(part, numbers, is_shown, out);
            numbers.pop();
        }
        return;
    }
    let section: Vec<String> = numbers.iter().map(u32::to_string).collect();
    out.push(Attached {
        section: section.join("."),
        name: file_name(part),
        size_bytes: decoded_size(part),
        is_picture: picture_type(part).is_some(),
    });
}

/// A safe name for a part.
pub(super) fn file_name(part: &Part) -> String {
    match text::attachment_name(part) {
        Some(name) => mail::compose::safe_file_name(&name),
        None if part.embedded().is_some() => "message.eml".to_owned(),
        None => {
            let kind = &part.content_type;
            let extension: String =
                kind.subtype.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
            format!("{}.{extension}", kind.kind.to_ascii_lowercase().replace('/', "-"))
        }
    }
}

/// About how long the content is.
fn decoded_size(part: &Part) -> usize {
    let encoded = part.body.len();
    if part.encoding.eq_ignore_ascii_case("base64") { encoded / 78 * 57 } else { encoded }
}

/// The media type of a picture that cannot do anything but be shown.
pub(super) fn picture_type(part: &Part) -> Option<&'static str> {
    let kind = &part.content_type;
    let written = format!("{}/{}", kind.kind, kind.subtype);
    PLAIN_PICTURES.into_iter().find(|known| known.eq_ignore_ascii_case(&written))
}

/// The part that a section such as `2.1` names.
pub(super) fn section<'a>(message: &'a Part, text: &str) -> Option<&'a Part> {
    let numbers: Result<Vec<u32>, _> = text.split('.').map(str::parse).collect();
    message.section(&numbers.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_shown_and_the_rest_is_attached() {
        let octets = b"Content-Type: multipart/mixed; boundary=m\r\n\r\n\
            --m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n\
            --a\r\n\r\nplain\r\n--a\r\nContent-Type: text/html\r\n\r\n<b>x</b>\r\n--a--\r\n\
            --m\r\nContent-Type: image/svg+xml; name=\"../x.svg\"\r\n\r\n<svg/>\r\n\
            --m\r\nContent-Type: image/png\r\nContent-Disposition: attachment; \
            filename*0=a; filename*1=\"b.png\"\r\n\r\nx\r\n--m--\r\n";
        let message = Part::read(octets);
        let shown = Shown::of(&message);
        assert!(shown.text.is_some() && shown.html.is_some());
        let found: Vec<(&str, &str, bool)> = shown
            .attached
            .iter()
            .map(|one| (one.section.as_str(), one.name.as_str(), one.is_picture))
            .collect();
        assert_eq!(found, [("2", "x.svg", false), ("3", "ab.png", true)]);
        assert_eq!(section(&message, "3").and_then(picture_type), Some("image/png"));
        assert!(section(&message, "9").is_none() && section(&message, "x").is_none());
    }

    #[test]
    fn a_message_that_is_a_file_is_attached() {
        let message = Part::read(b"Content-Type: application/pdf; name=a.pdf\r\n\r\nx");
        let shown = Shown::of(&message);
        assert_eq!(shown.attached[0].section, "1");
        assert!(section(&message, "1").is_some());
    }
}
