//! What left a demo: the files that its sink keeps.

use std::path::{Path, PathBuf};

use crate::poll;
use crate::received::ReceivedMessage;

/// A message that left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// `MAIL FROM:<…>`.
    pub mail: String,
    /// `RCPT TO:<…>`, one for each recipient.
    pub recipients: Vec<String>,
    /// The message, to the octet.
    pub message: ReceivedMessage,
}

/// The folder of a demo's sink.
#[derive(Debug, Clone)]
pub struct Outside {
    folder: PathBuf,
}

impl Outside {
    /// The folder beside a demo's data.
    pub fn of(dir: &Path) -> Outside {
        Outside { folder: dir.join("outside") }
    }

    /// The numbers of the messages that have left so far, in order.
    pub fn numbers(&self) -> Vec<u64> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut numbers: Vec<u64> = entries
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                name.strip_suffix(".eml")?.parse().ok()
            })
            .collect();
        numbers.sort_unstable();
        numbers
    }

    /// The message of that number.
    ///
    /// # Panics
    /// Where its files cannot be read.
    pub fn read(&self, number: u64) -> Departure {
        let file = |ending: &str| self.folder.join(format!("{number}.{ending}"));
        let octets = std::fs::read(file("eml")).expect("a listed message can be read");
        let envelope =
            std::fs::read_to_string(file("envelope")).expect("an envelope lies beside a message");
        let mut lines = envelope.lines().map(str::to_owned);
        Departure {
            mail: lines.next().unwrap_or_default(),
            recipients: lines.collect(),
            message: ReceivedMessage::new(octets),
        }
    }

    /// Waits until `count` messages have left behind number `after`, and gives them.
    ///
    /// # Panics
    /// Where they do not come.
    pub fn wait(&self, after: u64, count: usize) -> Vec<Departure> {
        let numbers = poll::until(&format!("{count} messages outside"), || {
            let numbers: Vec<u64> = self.numbers().into_iter().filter(|n| *n > after).collect();
            (numbers.len() >= count).then_some(numbers)
        });
        numbers.into_iter().map(|number| self.read(number)).collect()
    }

    /// The highest number so far.
    pub fn last(&self) -> u64 {
        self.numbers().last().copied().unwrap_or(0)
    }
}
