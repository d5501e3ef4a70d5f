//! Collects one command: lines, and the literals between them (RFC 9051 §4.3).
//!
//! Pure and incremental: octets go in as they come, in pieces of any size, and a [`Step`] comes
//! out. A literal is announced before a single octet of it is kept; whoever holds the session then
//! says [`Reader::take`] or [`Reader::refuse`]. Memory grows with what has come, never with what
//! was announced.
//!
//! What cannot be kept is passed over, so that the next command is found and the wrong one can be
//! answered with its tag. Where that is not possible the reader says so, and the session must end.

use bytes::{Buf as _, Bytes, BytesMut};
use memchr::{memchr, memchr2};

use crate::codec::{Fault, Tag, Verb};

/// Most octets of a command beside its literals, before the client has logged in.
pub const LINE_OCTETS_BEFORE_LOGIN_MAX: usize = 8 * 1024;
/// The same for known people: RFC 7162 §4 asks for 8,192 at least, sets of UIDs for more.
pub const LINE_OCTETS_MAX: usize = 64 * 1024;
/// Most literals of a command before login: a login and a password, and some to spare.
pub const LITERALS_BEFORE_LOGIN_MAX: usize = 4;
/// Most literals of a command. Each message of an APPEND is one, each text of a SEARCH may be.
pub const LITERALS_MAX: usize = 128;
/// Most octets that are passed over to find the end of a wrong command, before login.
pub const SKIPPED_OCTETS_BEFORE_LOGIN_MAX: u64 = 64 * 1024;
/// The same for known people: a message too large can be passed over, it costs no memory.
pub const SKIPPED_OCTETS_MAX: u64 = 256 * 1024 * 1024;

/// Octets reserved for a literal when it is taken; more come as it grows.
const LITERAL_RESERVED_OCTETS: u64 = 64 * 1024;
/// Most digits of a literal's size; more are no announcement.
const LITERAL_DIGITS_MAX: usize = 20;
/// Longest announcement of a literal: `~{18446744073709551615+}`.
const ANNOUNCEMENT_OCTETS_MAX: usize = 24;

/// What a command may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimits {
    /// Most octets of all its lines together, without line ends and announcements of literals.
    pub line_octets_max: usize,
    /// Most literals.
    pub literals_max: usize,
    /// Most octets to pass over for a wrong one.
    pub skipped_octets_max: u64,
}

impl ReadLimits {
    /// For clients that have not logged in.
    pub const BEFORE_LOGIN: ReadLimits = ReadLimits {
        line_octets_max: LINE_OCTETS_BEFORE_LOGIN_MAX,
        literals_max: LITERALS_BEFORE_LOGIN_MAX,
        skipped_octets_max: SKIPPED_OCTETS_BEFORE_LOGIN_MAX,
    };
    /// For clients that have.
    pub const AFTER_LOGIN: ReadLimits = ReadLimits {
        line_octets_max: LINE_OCTETS_MAX,
        literals_max: LITERALS_MAX,
        skipped_octets_max: SKIPPED_OCTETS_MAX,
    };
}

/// What is read next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Framing {
    /// Commands, which may have literals.
    #[default]
    Command,
    /// A lone line: the answer to a challenge of AUTHENTICATE, or DONE.
    Line,
}

/// A literal that a client wants to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// Its size.
    pub octets: u64,
    /// Whether the client waits for `+` before it sends (RFC 7888: not so with `{n+}`).
    pub is_synchronizing: bool,
    /// Whether it may hold NUL (RFC 3516).
    pub is_literal8: bool,
    /// How many literals of this command came before.
    pub index: usize,
    /// The octets of these together.
    pub taken_octets: u64,
    /// The command's tag, where it can be read.
    pub tag: Option<Tag>,
    /// The command, where it is one of ours.
    pub verb: Option<Verb>,
}

/// A command that was not collected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Whom to answer.
    pub tag: Option<Tag>,
    /// What was wrong.
    pub fault: Fault,
    /// Whether the next octets are the next command. If not, the session must end.
    pub is_in_step: bool,
}

/// How far reading has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// All octets were used and the command has not ended.
    NeedMore,
    /// [`Reader::take`] or [`Reader::refuse`] must be said; until then the step repeats.
    Literal(Announced),
    /// A command, or a line.
    Complete(Frame),
    /// A command that has ended but was not kept.
    Refused(Refused),
}

/// One command as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frame {
    /// Its lines, one after the other, without line ends and announcements of literals.
    pub(super) text: Bytes,
    /// The literals in their order.
    pub(super) literals: Vec<Literal>,
}

/// A literal and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Literal {
    /// It comes before the octet of that index.
    pub(super) at: usize,
    pub(super) octets: Bytes,
    pub(super) is_literal8: bool,
}

impl Frame {
    /// The lines without literals; for [`Framing::Line`] all there is.
    pub fn text(&self) -> &Bytes {
        &self.text
    }
}

/// Where in a command reading is.
#[derive(Debug)]
enum Place {
    Line,
    Announced(Announced),
    Literal { left_octets: u64 },
    Over { is_in_step: bool },
}

/// Collects commands, one after the other.
#[derive(Debug)]
pub struct Reader {
    limits: ReadLimits,
    framing: Framing,
    place: Place,
    /// The lines so far; once there is a fault, only the end of the current one.
    text: Vec<u8>,
    /// Where the current line starts in the text.
    line_at: usize,
    literals: Vec<Literal>,
    literal: BytesMut,
    skipped_octets: u64,
    /// Set once the command cannot be kept.
    wrong: Option<(Option<Tag>, Fault)>,
}

impl Reader {
    /// Starts before the first command.
    pub fn new(limits: ReadLimits) -> Reader {
        Reader {
            limits,
            framing: Framing::Command,
            place: Place::Line,
            text: Vec::new(),
            line_at: 0,
            literals: Vec::new(),
            literal: BytesMut::new(),
            skipped_octets: 0,
            wrong: None,
        }
    }

    /// Changes the limits, from the next octet on.
    pub fn set_limits(&mut self, limits: ReadLimits) {
        self.limits = limits;
    }

    /// Says what is read next. To be called between commands.
    pub fn set_framing(&mut self, framing: Framing) {
        self.framing = framing;
    }

    /// Whether no octet of a command has come yet.
    pub fn is_between_commands(&self) -> bool {
        matches!(self.place, Place::Line)
            && self.text.is_empty()
            && self.literals.is_empty()
            && self.wrong.is_none()
    }

    /// Reads on, and takes from `input` what was used. Call again while it is not
    /// [`Step::NeedMore`]: more than one command may have come.
    pub fn feed(&mut self, input: &mut BytesMut) -> Step {
        loop {
            let step = match &self.place {
                Place::Line => self.line(input),
                Place::Announced(announced) => Some(Step::Literal(announced.clone())),
                Place::Literal { left_octets } => self.literal(*left_octets, input),
                Place::Over { is_in_step } => Some(self.refused(*is_in_step)),
            };
            if let Some(step) = step {
                return step;
            }
        }
    }

    /// Takes the announced literal. If the client waits for `+`, the session sends it now.
    pub fn take(&mut self) {
        if let Place::Announced(announced) = &self.place {
            let left_octets = announced.octets;
            let reserved = left_octets.min(LITERAL_RESERVED_OCTETS);
            self.literal.reserve(usize::try_from(reserved).expect("a small number"));
            self.place = Place::Literal { left_octets };
        }
    }

    /// Refuses the announced literal, and the command with it: [`Step::Refused`] comes once its end
    /// is found, which is at once where the client waits for `+`.
    pub fn refuse(&mut self) {
        if let Place::Announced(announced) = &self.place {
            let Announced { octets, is_synchronizing, .. } = *announced;
            self.fault(Fault::LiteralRefused);
            self.pass_literal(octets, is_synchronizing);
        }
    }

    fn line(&mut self, input: &mut BytesMut) -> Option<Step> {
        let end = memchr(b'\n', input);
        let octets = end.map_or(input.len(), |at| at + 1);
        self.keep(&input[..octets]);
        input.advance(octets);
        if self.skipped_octets > self.limits.skipped_octets_max {
            self.place = Place::Over { is_in_step: false };
            return None;
        }
        match end {
            Some(_) => self.line_ended(),
            None => Some(Step::NeedMore),
        }
    }

    /// Adds a piece of a line to the text, as much as is allowed.
    fn keep(&mut self, piece: &[u8]) {
        // The line end is not counted, and leaves the text when it is complete.
        let room = (self.limits.line_octets_max + 2).saturating_sub(self.text.len());
        if self.wrong.is_none() && piece.len() <= room {
            self.text.extend_from_slice(piece);
            return;
        }
        if self.wrong.is_none() {
            // For the tag, which the piece may hold.
            let kept = self.text.len();
            self.text.extend_from_slice(&piece[..room]);
            self.fault(Fault::TooLong { max_octets: self.limits.line_octets_max });
            self.text.truncate(kept);
            self.text.drain(..self.line_at);
            self.skipped_octets += self.text.len() as u64;
        }
        // A line may still end in a literal; only its last octets tell.
        self.skipped_octets += piece.len() as u64;
        let ending = piece.len().saturating_sub(ANNOUNCEMENT_OCTETS_MAX + 2);
        self.text.extend_from_slice(&piece[ending..]);
        let surplus = self.text.len().saturating_sub(ANNOUNCEMENT_OCTETS_MAX + 2);
        self.text.drain(..surplus);
        self.line_at = 0;
    }

    fn line_ended(&mut self) -> Option<Step> {
        self.text.pop();
        if self.text.len() > self.line_at && self.text.ends_with(b"\r") {
            self.text.pop();
        } else {
            self.fault(Fault::BareLf);
        }
        if memchr2(b'\r', 0, &self.text[self.line_at..]).is_some() {
            self.fault(Fault::ControlCharacter);
        }
        if self.text.len() > self.limits.line_octets_max {
            self.fault(Fault::TooLong { max_octets: self.limits.line_octets_max });
        }
        if self.framing == Framing::Line {
            return Some(self.finish());
        }
        let line_at = self.line_at.min(self.text.len());
        let Some(announcement) = Announcement::read(&self.text[line_at..]) else {
            return Some(self.finish());
        };
        self.text.truncate(line_at + announcement.starts_at);
        self.announced(&announcement);
        None
    }

    fn announced(&mut self, announcement: &Announcement) {
        let is_synchronizing = announcement.is_synchronizing;
        let Some(octets) = announcement.octets else {
            self.fault(Fault::LiteralSize);
            // Where a literal of unknown size ends is unknown, unless it never comes.
            self.place = Place::Over { is_in_step: is_synchronizing };
            return;
        };
        if self.wrong.is_none() && self.literals.len() >= self.limits.literals_max {
            self.fault(Fault::TooMany("literals in one command"));
        }
        if self.wrong.is_some() {
            self.pass_literal(octets, is_synchronizing);
            return;
        }
        self.place = Place::Announced(Announced {
            octets,
            is_synchronizing,
            is_literal8: announcement.is_literal8,
            index: self.literals.len(),
            taken_octets: self.literals.iter().map(|literal| literal.octets.len() as u64).sum(),
            tag: Tag::of_line(&self.text),
            verb: verb_of(&self.text),
        });
        self.literals.push(Literal {
            at: self.text.len(),
            octets: Bytes::new(),
            is_literal8: announcement.is_literal8,
        });
    }

    /// Passes over a literal of a command that cannot be kept.
    fn pass_literal(&mut self, octets: u64, is_synchronizing: bool) {
        self.skipped_octets = self.skipped_octets.saturating_add(octets);
        self.place = if is_synchronizing {
            // RFC 9051 §4.3: without `+` the client sends neither it nor the rest.
            Place::Over { is_in_step: true }
        } else if self.skipped_octets > self.limits.skipped_octets_max {
            Place::Over { is_in_step: false }
        } else {
            Place::Literal { left_octets: octets }
        };
    }

    fn literal(&mut self, left_octets: u64, input: &mut BytesMut) -> Option<Step> {
        let octets = usize::try_from(left_octets).unwrap_or(usize::MAX).min(input.len());
        if self.wrong.is_none() {
            self.literal.extend_from_slice(&input[..octets]);
        }
        input.advance(octets);
        let left_octets = left_octets - octets as u64;
        if left_octets > 0 {
            self.place = Place::Literal { left_octets };
            return Some(Step::NeedMore);
        }
        if self.wrong.is_none() {
            let octets = std::mem::take(&mut self.literal).freeze();
            let literal = self.literals.last_mut().expect("it was pushed when announced");
            literal.octets = octets;
        } else {
            self.text.clear();
        }
        self.line_at = self.text.len();
        self.place = Place::Line;
        None
    }

    /// Notes the first fault and gives the memory back.
    fn fault(&mut self, fault: Fault) {
        if self.wrong.is_none() {
            self.wrong = Some((Tag::of_line(&self.text), fault));
            self.literals = Vec::new();
            self.literal = BytesMut::new();
        }
    }

    fn finish(&mut self) -> Step {
        if self.wrong.is_some() {
            return self.refused(true);
        }
        let text = Bytes::from(std::mem::take(&mut self.text));
        let literals = std::mem::take(&mut self.literals);
        self.start_over();
        Step::Complete(Frame { text, literals })
    }

    fn refused(&mut self, is_in_step: bool) -> Step {
        let (tag, fault) = self.wrong.take().unwrap_or((None, Fault::LiteralSize));
        self.start_over();
        Step::Refused(Refused { tag, fault, is_in_step })
    }

    fn start_over(&mut self) {
        self.text = Vec::new();
        self.line_at = 0;
        self.literals = Vec::new();
        self.literal = BytesMut::new();
        self.skipped_octets = 0;
        self.wrong = None;
        self.place = Place::Line;
    }
}

/// What the end of a line says about a literal.
struct Announcement {
    /// Where it starts in the line.
    starts_at: usize,
    /// The size; `None` if it is too large to be one.
    octets: Option<u64>,
    is_synchronizing: bool,
    is_literal8: bool,
}

impl Announcement {
    fn read(line: &[u8]) -> Option<Announcement> {
        let inside = line.strip_suffix(b"}")?;
        let (inside, is_synchronizing) = match inside.strip_suffix(b"+") {
            Some(inside) => (inside, false),
            None => (inside, true),
        };
        let digits = inside.iter().rev().take_while(|octet| octet.is_ascii_digit()).count();
        let (front, digits) = inside.split_at(inside.len() - digits);
        let is_number = (1..=LITERAL_DIGITS_MAX).contains(&digits.len());
        let front = front.strip_suffix(b"{").filter(|_| is_number)?;
        let is_literal8 = front.ends_with(b"~");
        let octets = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
        Some(Announcement {
            starts_at: front.len() - usize::from(is_literal8),
            // RFC 9051 `number64`: 63 bits.
            octets: octets.filter(|octets: &u64| i64::try_from(*octets).is_ok()),
            is_synchronizing,
            is_literal8,
        })
    }
}

fn verb_of(text: &[u8]) -> Option<Verb> {
    let mut words = text.split(|octet| *octet == b' ').skip(1);
    let verb = words.next()?;
    Verb::from_name(if verb.eq_ignore_ascii_case(b"UID") { words.next()? } else { verb })
}

#[cfg(test)]
mod tests;
