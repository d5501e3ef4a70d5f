//! The structure of a message that is read piece by piece, so that a large one is never held whole.
//!
//! Only what structure is made of is kept: header sections and lines that could be boundaries. The
//! structure is read from that, and its ranges are then led back to where they stand in the
//! message. What is kept is bounded; in a message that is made of nothing but such lines the
//! structure ends where the bound is reached.

use std::ops::Range;

use memchr::memchr;

use super::{Inside, Part};

/// Octets of header sections and lines like boundaries that are kept of one message.
pub const OUTLINE_OCTETS_MAX: usize = 4 * 1024 * 1024;

/// Reads the structure of a message from pieces.
#[derive(Debug, Default)]
pub struct Outline {
    kept: Vec<u8>,
    /// Where runs of kept octets begin, in what is kept and in the message.
    runs: Vec<Run>,
    /// How much of the message was read.
    length: usize,
    line: Line,
    /// The block of lines that is kept up to an empty line begins here, in what is kept.
    block: usize,
    is_in_digest: bool,
    is_full: bool,
    /// The octets before the next one, where they are not kept: a boundary needs the line end
    /// before it.
    before: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
struct Run {
    kept_at: usize,
    at: usize,
}

/// Where in a line the next octet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// In a block that is kept; the line began here, in what is kept.
    Block(usize),
    /// At the beginning of a line outside.
    Start,
    /// In a line that is passed over.
    Passed,
}

impl Default for Line {
    fn default() -> Line {
        Line::Block(0)
    }
}

impl Outline {
    /// Reads on.
    pub fn push(&mut self, piece: &[u8]) {
        let mut rest = piece;
        while let Some(first) = rest.first() {
            // RFC 2046 §5.1.1: a boundary line begins with two hyphens; one is enough to look at.
            if self.line == Line::Start {
                self.line = match *first {
                    b'-' if !self.is_full => self.open_block(),
                    _ => Line::Passed,
                };
            }
            let len = memchr(b'\n', rest).map_or(rest.len(), |lf| lf + 1);
            let (line, behind) = rest.split_at(len);
            let is_ended = line.ends_with(b"\n");
            match self.line {
                Line::Block(start) => self.keep(line, start, is_ended),
                Line::Start | Line::Passed => {
                    self.pass(line);
                    if is_ended {
                        self.line = Line::Start;
                    }
                }
            }
            rest = behind;
        }
    }

    /// The structure, with ranges of the message, and the message's own header section. Lines of
    /// bodies are not counted.
    pub fn finish(mut self) -> (Part, Vec<u8>) {
        let mut part = Part::read(&self.kept);
        self.lead_back(&mut part);
        self.kept.truncate(part.header.end);
        (part, self.kept)
    }

    fn open_block(&mut self) -> Line {
        self.block = self.kept.len() + self.before.len();
        let before = std::mem::take(&mut self.before);
        self.keep_octets(&before, self.length - before.len());
        Line::Block(self.kept.len())
    }

    fn keep_octets(&mut self, octets: &[u8], at: usize) {
        let is_new_run =
            self.runs.last().is_none_or(|run| at - run.at != self.kept.len() - run.kept_at);
        if is_new_run {
            self.runs.push(Run { kept_at: self.kept.len(), at });
        }
        self.kept.extend_from_slice(octets);
    }

    fn keep(&mut self, line: &[u8], start: usize, is_ended: bool) {
        // Two octets more may come with the line end before a boundary.
        if self.kept.len() + line.len() + 2 > OUTLINE_OCTETS_MAX {
            self.is_full = true;
            self.pass(line);
            self.line = if is_ended { Line::Start } else { Line::Passed };
            return;
        }
        self.keep_octets(line, self.length);
        self.length += line.len();
        if !is_ended {
            return;
        }
        let whole = &self.kept[start..];
        self.line = if whole == b"\r\n" || whole == b"\n" {
            self.end_block()
        } else {
            Line::Block(self.kept.len())
        };
    }

    /// Behind the header section of a message inside, that one's own header section follows.
    fn end_block(&mut self) -> Line {
        let block = self.kept[self.block..].to_ascii_lowercase();
        self.is_in_digest |= memchr::memmem::find(&block, b"digest").is_some();
        let has_message = memchr::memmem::find(&block, b"message/").is_some();
        self.block = self.kept.len();
        if has_message || self.is_in_digest { Line::Block(self.kept.len()) } else { Line::Start }
    }

    fn pass(&mut self, octets: &[u8]) {
        self.length += octets.len();
        self.before.extend_from_slice(&octets[octets.len().saturating_sub(2)..]);
        let surplus = self.before.len().saturating_sub(2);
        self.before.drain(..surplus);
    }

    /// Where the octet at `kept_at` stands in the message. At the border of two runs a range ends
    /// where the later one begins, and begins where the earlier one ends.
    fn led_back(&self, kept_at: usize, is_end: bool) -> usize {
        if is_end && kept_at == self.kept.len() {
            return self.length;
        }
        let is_behind = |run: &&Run| run.kept_at < kept_at || is_end && run.kept_at == kept_at;
        let run = self.runs.iter().rev().find(is_behind);
        run.map_or(0, |run| run.at + (kept_at - run.kept_at))
    }

    fn lead_back(&self, part: &mut Part) {
        let start = self.led_back(part.header.start, false);
        let body = self.led_back(part.body.start, false);
        let end = self.led_back(part.body.end, true);
        let is_bare = part.header.start == part.body.end;
        part.header = start..body;
        part.body = if is_bare { body..body } else { body..end.max(body) };
        part.lines = 0;
        match &mut part.inside {
            Inside::Nothing => {}
            Inside::Parts(parts) => parts.iter_mut().for_each(|part| self.lead_back(part)),
            Inside::Message(message) => self.lead_back(message),
        }
    }
}

impl Part {
    /// The part alone, for octets of which the first is the first of its body.
    #[must_use]
    pub fn by_itself(&self) -> Part {
        let range: Range<usize> = 0..self.body.len();
        Part { header: 0..0, body: range, inside: Inside::Nothing, ..self.clone() }
    }
}

#[cfg(test)]
mod tests;
