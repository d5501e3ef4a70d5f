//! Synthetic messages: text of common words, the same for the same number, never two alike.

use std::fmt::Write as _;

/// Bodies made beforehand; messages differ in their header besides.
const BODIES: u64 = 32;
/// Columns of a line of text.
const COLUMNS: usize = 72;
/// What the text is made of.
const WORDS: &str = "the of and to in for is on that with we you this are be have from will please \
    our not can team meeting report project update draft review invoice order delivery server \
    mailbox group member account contract client budget schedule monday tuesday week month plan \
    design release version problem question answer number list office travel ticket support change";

/// Bodies of one size, and the tag of the run that they are sent in.
pub(crate) struct Messages {
    bodies: Vec<String>,
    tag: String,
    date: String,
}

impl Messages {
    /// Messages whose bodies have about `octets`; `tag` must differ from run to run, so that no
    /// server can keep one copy for two of them.
    pub(crate) fn new(octets: usize, tag: &str, date: &str) -> Messages {
        let bodies = (0..BODIES).map(|seed| body(seed, octets)).collect();
        Messages { bodies, tag: tag.to_owned(), date: date.to_owned() }
    }

    /// Message `number`, ready for DATA: no line begins with a dot, the final dot is there.
    pub(crate) fn content(&self, number: u64, author: &str, recipient: &str) -> String {
        let body = &self.bodies[(number % BODIES) as usize];
        let (tag, date) = (&self.tag, &self.date);
        let mut text = String::with_capacity(body.len() + 512);
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "From: Bench <{author}>\r\nTo: <{recipient}>\r\nSubject: load {tag}-{number}\r\n\
             Date: {date}\r\nMessage-ID: <{tag}.{number}@bench.example>\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n\
             message {tag}-{number}\r\n"
        );
        text.push_str(body);
        text.push_str(".\r\n");
        text
    }
}

/// Lines of text of about so many octets, the same for the same seed.
pub(crate) fn body(seed: u64, octets: usize) -> String {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut text = String::with_capacity(octets + COLUMNS);
    let mut column = 0;
    let mut state = seed;
    while text.len() + 2 < octets {
        // A linear congruential generator with Knuth's constants: no more is asked of it here.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let word = words[(state >> 33) as usize % words.len()];
        if column + word.len() > COLUMNS {
            text.push_str("\r\n");
            column = 0;
        } else if column > 0 {
            text.push(' ');
        }
        text.push_str(word);
        column += word.len() + 1;
    }
    text.push_str("\r\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_have_their_size_and_need_no_dot_stuffing() {
        for octets in [256, 4096, 65_536] {
            let body = body(7, octets);
            assert!(body.len().abs_diff(octets) < 20, "{octets}: {}", body.len());
            assert!(body.lines().all(|line| line.len() <= COLUMNS && !line.starts_with('.')));
            assert!(body.split('\n').all(|line| line.is_empty() || line.ends_with('\r')));
        }
    }

    #[test]
    fn no_two_messages_are_alike() {
        let messages = Messages::new(512, "t", "Thu, 1 Jan 1970 00:00:00 +0000");
        let first = messages.content(1, "a@example.org", "b@example.org");
        assert_ne!(first, messages.content(1 + BODIES, "a@example.org", "b@example.org"));
        assert!(first.ends_with("\r\n.\r\n"));
    }
}
