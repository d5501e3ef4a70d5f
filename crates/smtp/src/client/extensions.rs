//! What a peer announced in its answer to EHLO (RFC 5321 §4.1.1.1).

use crate::sasl::Mechanism;

/// An extension the client makes use of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extension {
    /// RFC 2920: commands may be sent ahead.
    Pipelining,
    /// RFC 1870: sizes are announced.
    Size,
    /// RFC 6152: octets above 127 in the content.
    EightBitMime,
    /// RFC 6531: UTF-8 in addresses and header fields.
    Smtputf8,
    /// RFC 3461: delivery status notifications on request.
    Dsn,
    /// RFC 3207: the connection can be secured.
    StartTls,
    /// RFC 4954: the client can log in.
    Auth,
}

/// The extensions of a peer. Empty after HELO.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extensions {
    offered: Vec<Extension>,
    mechanisms: Vec<Mechanism>,
    size_octets_max: Option<u64>,
}

impl Extensions {
    /// Reads the lines behind the first of an EHLO answer. Keywords we make no use of are skipped.
    pub fn read<'a>(lines: impl IntoIterator<Item = &'a str>) -> Extensions {
        let mut extensions = Extensions::default();
        for line in lines {
            let mut words = line.split_ascii_whitespace();
            let Some(keyword) = words.next() else { continue };
            let extension = match keyword.to_ascii_uppercase().as_str() {
                "PIPELINING" => Extension::Pipelining,
                "SIZE" => {
                    // RFC 1870 §4: zero and nothing both mean that no limit is told.
                    let octets = words.next().and_then(|word| word.parse().ok());
                    extensions.size_octets_max = octets.filter(|octets| *octets > 0);
                    Extension::Size
                }
                "8BITMIME" => Extension::EightBitMime,
                "SMTPUTF8" => Extension::Smtputf8,
                "DSN" => Extension::Dsn,
                "STARTTLS" => Extension::StartTls,
                "AUTH" => {
                    extensions.mechanisms.extend(words.filter_map(Mechanism::from_name));
                    Extension::Auth
                }
                _ => continue,
            };
            if !extensions.offers(extension) {
                extensions.offered.push(extension);
            }
        }
        extensions
    }

    /// Whether the peer announced it.
    pub fn offers(&self, extension: Extension) -> bool {
        self.offered.contains(&extension)
    }

    /// The mechanisms of AUTH we know, in the peer's order.
    pub fn mechanisms(&self) -> &[Mechanism] {
        &self.mechanisms
    }

    /// The largest message the peer takes, where it told one.
    pub fn size_octets_max(&self) -> Option<u64> {
        self.size_octets_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_keywords_in_any_case_and_skips_others() {
        let lines = ["pipelining", "SIZE 1000", "AUTH LOGIN CRAM-MD5 plain", "X-OWN a b", ""];
        let extensions = Extensions::read(lines);
        assert!(extensions.offers(Extension::Pipelining));
        assert!(!extensions.offers(Extension::Dsn));
        assert_eq!(extensions.size_octets_max(), Some(1000));
        assert_eq!(extensions.mechanisms(), [Mechanism::Login, Mechanism::Plain]);
    }

    #[test]
    fn size_without_a_number_or_with_zero_tells_no_limit() {
        for line in ["SIZE", "SIZE 0", "SIZE many"] {
            let extensions = Extensions::read([line]);
            assert!(extensions.offers(Extension::Size), "{line}");
            assert_eq!(extensions.size_octets_max(), None, "{line}");
        }
    }
}
