//! The content of a message on the wire: taking dots away, putting dots in, refusing what splits.
//!
//! Only CR LF `.` CR LF ends a message sent by DATA, and a CR or LF that stands alone, or a NUL,
//! makes the whole message refused: two servers that read line ends differently can be made to see
//! two messages in one (RFC 5321 §2.3.8 and §4.1.1.4). The reader goes on to the true end first, so
//! that nothing of a refused message is taken for commands.
//!
//! Octets are looked at in runs (one `memchr3` a line), copied in runs, and never kept beyond the
//! limit, whatever size was announced.

use bytes::{Bytes, BytesMut};
use memchr::{memchr3, memmem};

/// Why content is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContentFault {
    /// An LF without a CR before it.
    #[error("bare LF")]
    BareLf,
    /// A CR without an LF behind it.
    #[error("bare CR")]
    BareCr,
    /// A NUL octet.
    #[error("NUL octet")]
    Nul,
    /// More octets than the limit.
    #[error("too large")]
    TooLarge,
    /// More octets than there is memory for at the moment. Later it may be taken.
    #[error("no room at the moment")]
    NoRoom,
}

/// How the end of the content is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// DATA: a line with a dot alone ends it, dots at line starts are doubled (RFC 5321 §4.5.2).
    Dots,
    /// BDAT: the chunk sizes tell (RFC 3030 §2).
    Counted,
}

/// What became of the octets given to [`Decoder::feed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fed {
    /// How many were taken.
    pub octets: usize,
    /// Whether the end was among them; what follows them are commands.
    pub is_ended: bool,
}

/// Where the last octet seen leaves us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    LineStart,
    Inside,
    Cr,
    /// A dot at the start of a line, held back.
    Dot,
    DotCr,
}

/// Reads content as it comes.
#[derive(Debug)]
pub struct Decoder {
    framing: Framing,
    position: Position,
    content: BytesMut,
    octets_max: u64,
    octets: u64,
    fault: Option<ContentFault>,
}

impl Decoder {
    /// A decoder that keeps at most `octets_max` octets; more is [`ContentFault::TooLarge`].
    pub fn new(framing: Framing, octets_max: u64) -> Decoder {
        Decoder {
            framing,
            position: Position::LineStart,
            content: BytesMut::new(),
            octets_max,
            octets: 0,
            fault: None,
        }
    }

    /// Octets of content seen so far, dots taken away.
    pub fn octets(&self) -> u64 {
        self.octets
    }

    /// What is known to be wrong so far.
    pub fn fault(&self) -> Option<ContentFault> {
        self.fault
    }

    /// Takes octets up to the end of the content, or all of them.
    pub fn feed(&mut self, input: &[u8]) -> Fed {
        let mut at = 0;
        let mut run_starts_at = 0;
        while let Some(octet) = input.get(at) {
            match (self.position, octet) {
                (Position::LineStart, b'.') if self.framing == Framing::Dots => {
                    self.keep(&input[run_starts_at..at]);
                    at += 1;
                    run_starts_at = at;
                    self.position = Position::Dot;
                }
                (Position::LineStart | Position::Inside, _) => at = self.run(input, at),
                (Position::Cr, b'\n') => {
                    at += 1;
                    self.position = Position::LineStart;
                }
                (Position::Dot, b'\r') => {
                    at += 1;
                    run_starts_at = at;
                    self.position = Position::DotCr;
                }
                // The dot is dropped, the octet behind it is content.
                (Position::Dot, _) => self.position = Position::Inside,
                (Position::DotCr, b'\n') => return Fed { octets: at + 1, is_ended: true },
                (Position::Cr | Position::DotCr, _) => {
                    self.refuse(ContentFault::BareCr);
                    self.position = Position::Inside;
                }
            }
        }
        self.keep(&input[run_starts_at..]);
        Fed { octets: input.len(), is_ended: false }
    }

    /// Goes on to behind the next octet that matters, and says where that is.
    fn run(&mut self, input: &[u8], at: usize) -> usize {
        self.position = Position::Inside;
        let Some(found) = memchr3(b'\r', b'\n', 0, &input[at..]) else { return input.len() };
        match input[at + found] {
            b'\r' => self.position = Position::Cr,
            b'\n' => self.refuse(ContentFault::BareLf),
            _ => self.refuse(ContentFault::Nul),
        }
        at + found + 1
    }

    fn keep(&mut self, run: &[u8]) {
        self.octets += run.len() as u64;
        if self.octets > self.octets_max {
            self.refuse(ContentFault::TooLarge);
        }
        if self.fault.is_none() {
            self.content.extend_from_slice(run);
        }
    }

    /// How many octets are in memory.
    pub fn kept_octets(&self) -> usize {
        self.content.len()
    }

    /// Remembers the first fault and gives the memory back; what comes is then only counted.
    pub fn refuse(&mut self, fault: ContentFault) {
        if self.fault.is_none() {
            self.fault = Some(fault);
            self.content = BytesMut::new();
        }
    }

    /// The content, once its end was seen. Counted content that does not end a line gets CR LF.
    pub fn finish(mut self) -> Result<Bytes, ContentFault> {
        if self.position == Position::Cr {
            self.refuse(ContentFault::BareCr);
        }
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if self.position != Position::LineStart && self.framing == Framing::Counted {
            self.content.extend_from_slice(b"\r\n");
        }
        Ok(self.content.freeze())
    }
}

/// Looks whether a message may go out: no bare CR, no bare LF, no NUL.
pub fn check(message: &[u8]) -> Result<(), ContentFault> {
    let mut at = 0;
    while let Some(found) = memchr3(b'\r', b'\n', 0, &message[at..]) {
        match message[at + found] {
            b'\r' if message.get(at + found + 1) == Some(&b'\n') => at += found + 2,
            b'\r' => return Err(ContentFault::BareCr),
            b'\n' => return Err(ContentFault::BareLf),
            _ => return Err(ContentFault::Nul),
        }
    }
    Ok(())
}

/// The message as DATA sends it, in slices: dots doubled at line starts, the end behind it.
///
/// The message must have passed [`check`]. One that does not end a line gets CR LF.
pub fn stuffed(message: &[u8]) -> impl Iterator<Item = &[u8]> {
    let first: &[u8] = if message.starts_with(b".") { b"." } else { b"" };
    let end: &[u8] = match message {
        [] | [.., b'\r', b'\n'] => b".\r\n",
        _ => b"\r\n.\r\n",
    };
    // Each slice but the last ends with a dot that starts a line; the next starts with it again.
    let mut starts_at = 0;
    let dots = memmem::find_iter(message, b"\r\n.").map(|at| at + 2);
    let slices = dots.chain([message.len()]).map(move |dot_at| {
        let ends_at = (dot_at + 1).min(message.len());
        let slice = &message[starts_at..ends_at];
        starts_at = dot_at;
        slice
    });
    [first].into_iter().chain(slices).chain([end]).filter(|slice| !slice.is_empty())
}

#[cfg(test)]
mod tests;
