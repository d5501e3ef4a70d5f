//! A message as somebody outside reads it. A reader of its own, so that the tests do not believe
//! the server's parser.

use std::fmt;

/// A message.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceivedMessage {
    /// All octets.
    pub octets: Vec<u8>,
}

impl ReceivedMessage {
    /// A message of these octets.
    pub fn new(octets: Vec<u8>) -> ReceivedMessage {
        ReceivedMessage { octets }
    }

    /// The header section, as text; what is not UTF-8 is replaced.
    pub fn header(&self) -> String {
        String::from_utf8_lossy(&self.octets[..self.header_len()]).into_owned()
    }

    /// What stands behind the first empty line.
    pub fn body(&self) -> &[u8] {
        self.octets.get(self.header_len() + 2..).unwrap_or_default()
    }

    /// The values of all fields of this name, unfolded, without the white space around them.
    pub fn fields(&self, name: &str) -> Vec<String> {
        let header = self.header();
        let mut found: Vec<String> = Vec::new();
        let mut is_inside = false;
        for line in header.split("\r\n") {
            if line.starts_with([' ', '\t']) {
                if let (true, Some(last)) = (is_inside, found.last_mut()) {
                    last.push_str(line);
                }
                continue;
            }
            let field = line.split_once(':');
            is_inside = field.is_some_and(|(found, _)| found.eq_ignore_ascii_case(name));
            if let (true, Some((_, value))) = (is_inside, field) {
                found.push(value.to_owned());
            }
        }
        found.iter().map(|value| value.trim().to_owned()).collect()
    }

    /// Whether the octets hold this text anywhere, without regard to case.
    pub fn mentions(&self, text: &str) -> bool {
        String::from_utf8_lossy(&self.octets).to_lowercase().contains(&text.to_lowercase())
    }

    fn header_len(&self) -> usize {
        let end = self.octets.windows(4).position(|four| four == b"\r\n\r\n");
        end.map_or(self.octets.len(), |at| at + 2)
    }
}

impl fmt::Debug for ReceivedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.octets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_unfolded_and_without_regard_to_case() {
        let message = ReceivedMessage::new(
            b"A: x\r\nFROM: a\r\n b\r\nX-From: c\r\nfrom: d\r\n\r\nFrom: body\r\n".to_vec(),
        );
        assert_eq!(message.fields("From"), ["a b", "d"]);
        assert_eq!(message.fields("Sender"), [""; 0]);
        assert_eq!(message.body(), b"From: body\r\n");
        assert!(message.mentions("BODY"));
    }
}
