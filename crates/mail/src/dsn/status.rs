//! Enhanced status codes: see [`EnhancedStatus`].

use std::fmt;

/// An enhanced mail system status code (RFC 3463 §2): `class.subject.detail`, such as `5.1.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnhancedStatus {
    class: u8,
    subject: u16,
    detail: u16,
}

impl EnhancedStatus {
    /// `2.0.0`: done.
    pub const DONE: EnhancedStatus = EnhancedStatus { class: 2, subject: 0, detail: 0 };
    /// `4.0.0`: not yet, for a reason that has no code of its own.
    pub const DELAYED: EnhancedStatus = EnhancedStatus { class: 4, subject: 0, detail: 0 };
    /// `5.0.0`: failed, for a reason that has no code of its own.
    pub const FAILED: EnhancedStatus = EnhancedStatus { class: 5, subject: 0, detail: 0 };

    /// Puts a code together: class 2, 4 or 5, subject and detail at most 999.
    pub fn new(class: u8, subject: u16, detail: u16) -> Option<EnhancedStatus> {
        (matches!(class, 2 | 4 | 5) && subject <= 999 && detail <= 999).then_some(EnhancedStatus {
            class,
            subject,
            detail,
        })
    }

    /// Reads a code as a server writes it; `None` where the text is none.
    pub fn parse(text: &str) -> Option<EnhancedStatus> {
        let mut numbers = text.split('.');
        let class = numbers.next().filter(|class| class.len() == 1)?.parse().ok()?;
        let subject = number(numbers.next()?)?;
        let detail = number(numbers.next()?)?;
        numbers.next().is_none().then_some(())?;
        EnhancedStatus::new(class, subject, detail)
    }

    /// 2, 4 or 5: success, for now, for good.
    pub fn class(&self) -> u8 {
        self.class
    }

    /// What it is about (RFC 3463 §3).
    pub fn subject(&self) -> u16 {
        self.subject
    }

    /// What precisely it is.
    pub fn detail(&self) -> u16 {
        self.detail
    }
}

/// `1*3DIGIT` without leading zeros (RFC 3463 §2).
fn number(text: &str) -> Option<u16> {
    let is_number = matches!(text.len(), 1..=3)
        && text.bytes().all(|b| b.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    is_number.then(|| text.parse().ok()).flatten()
}

impl fmt::Display for EnhancedStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_and_written() {
        for code in ["5.1.1", "4.7.0", "2.0.0", "5.7.999"] {
            assert_eq!(EnhancedStatus::parse(code).map(|s| s.to_string()).as_deref(), Some(code));
        }
        for wrong in ["", "5", "5.1", "5.1.1.1", "3.1.1", "5.1.1000", "5.01.1", "+5.1.1", "5.1.x"] {
            assert_eq!(EnhancedStatus::parse(wrong), None, "{wrong}");
        }
        assert_eq!(EnhancedStatus::new(5, 1000, 0), None);
    }
}
