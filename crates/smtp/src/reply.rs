//! Everything the server can say, one constructor a sentence.
//!
//! Sessions and backends contain no literal code: they call a function here. Codes are those of
//! RFC 5321 §4.2.3 and of the extension that defines the sentence, enhanced codes those of
//! RFC 3463 and RFC 5248. Texts tell the peer's postmaster what to do and nothing about our inside.
//! A refusal whose text belongs to the product is made with [`refusal`].

mod render;
mod sentences;

use std::borrow::Cow;
use std::fmt;

pub use render::{LINE_OCTETS_MAX, LINES_MAX, TextForm};
pub use sentences::*;

/// An enhanced status code (RFC 3463 §2): class, subject, detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnhancedCode {
    /// 2 success, 4 temporary, 5 permanent.
    pub class: u8,
    /// What it is about, 0 to 999.
    pub subject: u16,
    /// Which case of it, 0 to 999.
    pub detail: u16,
}

impl EnhancedCode {
    /// Puts a code together.
    pub const fn new(class: u8, subject: u16, detail: u16) -> EnhancedCode {
        EnhancedCode { class, subject, detail }
    }

    /// Reads `5.1.1`; `None` for anything else.
    pub fn parse(text: &str) -> Option<EnhancedCode> {
        let mut parts = text.split('.');
        let class = match parts.next()? {
            "2" => 2,
            "4" => 4,
            "5" => 5,
            _ => return None,
        };
        let mut number = || {
            let digits = parts.next()?;
            let is_number =
                matches!(digits.len(), 1..=3) && digits.bytes().all(|b| b.is_ascii_digit());
            if is_number { digits.parse().ok() } else { None }
        };
        let (subject, detail) = (number()?, number()?);
        parts.next().is_none().then_some(EnhancedCode { class, subject, detail })
    }
}

impl fmt::Display for EnhancedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// A reply: code, enhanced code, and at least one line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The code of RFC 5321 §4.2.
    pub code: u16,
    /// The code of RFC 3463, on every line; none where RFC 2034 §3 has none (greetings, 3xx).
    pub enhanced: Option<EnhancedCode>,
    /// The text. Line ends and control characters in it become spaces on the wire.
    pub lines: Vec<Cow<'static, str>>,
}

impl Reply {
    /// The same reply with one line more behind the others.
    #[must_use]
    pub fn line(mut self, text: impl Into<Cow<'static, str>>) -> Reply {
        self.lines.push(text.into());
        self
    }

    /// Whether it says no, for now or for good.
    pub fn is_negative(&self) -> bool {
        self.code >= 400
    }

    /// Whether trying again cannot help.
    pub fn is_permanent(&self) -> bool {
        self.code >= 500
    }
}

impl fmt::Display for Reply {
    /// One line for logs: code, enhanced code, text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(enhanced) = self.enhanced {
            write!(f, " {enhanced}")?;
        }
        for line in &self.lines {
            write!(f, " {line}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
