//! A command line to a [`Command`].
//!
//! The line comes without its CR LF. Verbs and keywords are taken in any case, trailing white space
//! is forgiven (RFC 5321 §4.1.1), and so is a space between the colon of `MAIL FROM:` or `RCPT TO:`
//! and the path, because devices send it; nothing else is. What is wrong is said as a
//! [`ParseError`], which [`crate::reply::syntax`] turns into the answer.

use mail::AddressError;

use crate::codec::{parameters, path};
use crate::envelope::{MailParameters, Notify, OriginalRecipient};
use crate::sasl::{Mechanism, Secret};

pub use crate::codec::path::RecipientPath;

/// How a client introduced itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HelloVerb {
    /// The old greeting: no extensions.
    Helo,
    /// The greeting that asks for extensions.
    Ehlo,
}

/// A client's greeting. The name is what the client claims; nothing is checked but its characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// Which greeting.
    pub verb: HelloVerb,
    /// The name or address literal, 1 to 255 octets of printable ASCII.
    pub name: String,
}

/// The head of a chunk (RFC 3030 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk {
    /// How many octets follow the command line.
    pub octets: u64,
    /// Whether the message ends with this chunk.
    pub is_last: bool,
}

/// The arguments of RCPT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rcpt {
    /// The recipient.
    pub to: RecipientPath,
    /// When the sender wants to hear of this recipient.
    pub notify: Notify,
    /// The recipient as the first sender knew it.
    pub original: Option<OriginalRecipient>,
    /// Whether the line was pure ASCII; if not, the transaction must be an SMTPUTF8 one.
    pub is_ascii: bool,
}

/// The arguments of AUTH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    /// The mechanism asked for; `None` if it is not one we know.
    pub mechanism: Option<Mechanism>,
    /// The initial response, still encoded.
    pub initial: Option<Secret>,
}

/// A command a client can give.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the verb of its name")]
pub enum Command {
    Hello(Hello),
    Mail(MailParameters),
    Rcpt(Rcpt),
    Data,
    Bdat(Chunk),
    Reset,
    Noop,
    Quit,
    Verify,
    Expand,
    Help,
    StartTls,
    Auth(Auth),
}

/// Why a line is not a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The verb is none of ours.
    #[error("this command is not known")]
    UnknownVerb,
    /// The line belongs to another protocol: an HTTP request, a TLS handshake in the clear.
    #[error("this is an SMTP server")]
    ForeignProtocol,
    /// A control character, NUL and bare CR among them, stands in the line.
    #[error("control characters are not allowed in a command")]
    ControlCharacter,
    /// The line ended in LF without CR (RFC 5321 §2.3.8).
    #[error("lines must end in CR LF")]
    BareLf,
    /// Octets above 127 that are not UTF-8.
    #[error("octets above 127 must be UTF-8")]
    NotUtf8,
    /// Something else was expected at that octet of the line.
    #[error("at octet {at}: {expected} was expected")]
    Expected {
        /// What would have been right.
        expected: &'static str,
        /// The octet of the line, from 1.
        at: usize,
    },
    /// The reverse-path is not an address.
    #[error("the reverse-path is not an address: {0}")]
    ReversePath(AddressError),
    /// The forward-path is not an address.
    #[error("the recipient is not an address: {0}")]
    ForwardPath(AddressError),
    /// The path names hosts to go by.
    #[error("source routes are not taken, write name@domain alone")]
    SourceRoute,
    /// An address outside ASCII without the parameter SMTPUTF8 (RFC 6531 §3.5).
    #[error("an address outside ASCII needs the SMTPUTF8 parameter of MAIL")]
    NeedsSmtputf8,
    /// A parameter that was not announced.
    #[error("parameter {0} is not known")]
    UnknownParameter(String),
    /// A parameter that occurs twice.
    #[error("parameter {0} was given twice")]
    RepeatedParameter(&'static str),
    /// A parameter with a value its definition does not have.
    #[error("parameter {0} has a wrong value")]
    ParameterValue(&'static str),
    /// A value the extension knows but this server has not announced.
    #[error("parameter {0} has a value that is not offered here")]
    ValueNotOffered(&'static str),
    /// BDAT without a readable size: where its chunk ends is unknown.
    #[error("BDAT needs a size in octets")]
    ChunkSize,
}

/// Longest name in HELO and EHLO, in octets (RFC 5321 §4.5.3.1.2).
pub const HELLO_NAME_OCTETS_MAX: usize = 255;

/// Verbs of HTTP, which a browser can be made to send to any port (cross-protocol request forgery).
const HTTP_VERBS: [&str; 9] =
    ["GET", "POST", "PUT", "HEAD", "CONNECT", "OPTIONS", "DELETE", "TRACE", "PATCH"];

impl Command {
    /// Reads one line, given without its CR LF.
    pub fn parse(line: &[u8]) -> Result<Command, ParseError> {
        if line.first().is_some_and(|first| first.is_ascii_control() || !first.is_ascii()) {
            return Err(ParseError::ForeignProtocol);
        }
        if line.iter().any(|octet| octet.is_ascii_control() && *octet != b'\t') {
            return Err(ParseError::ControlCharacter);
        }
        let line = std::str::from_utf8(line).map_err(|_| ParseError::NotUtf8)?;
        let line = line.trim_end_matches([' ', '\t']);
        let verb_ends = line.find(' ').unwrap_or(line.len());
        let verb = &line[..verb_ends];
        let text = Text { line, at: verb_ends };
        match Keyword::of(verb) {
            Some(keyword) => text.command(keyword),
            None if HTTP_VERBS.iter().any(|http| http.eq_ignore_ascii_case(verb)) => {
                Err(ParseError::ForeignProtocol)
            }
            None => Err(ParseError::UnknownVerb),
        }
    }
}

/// The verbs, one table.
#[derive(Clone, Copy)]
enum Keyword {
    Helo,
    Ehlo,
    Mail,
    Rcpt,
    Data,
    Bdat,
    Rset,
    Noop,
    Quit,
    Vrfy,
    Expn,
    Help,
    StartTls,
    Auth,
}

impl Keyword {
    const ALL: [(&'static str, Keyword); 14] = [
        ("MAIL", Keyword::Mail),
        ("RCPT", Keyword::Rcpt),
        ("DATA", Keyword::Data),
        ("BDAT", Keyword::Bdat),
        ("EHLO", Keyword::Ehlo),
        ("HELO", Keyword::Helo),
        ("AUTH", Keyword::Auth),
        ("STARTTLS", Keyword::StartTls),
        ("RSET", Keyword::Rset),
        ("NOOP", Keyword::Noop),
        ("QUIT", Keyword::Quit),
        ("VRFY", Keyword::Vrfy),
        ("EXPN", Keyword::Expn),
        ("HELP", Keyword::Help),
    ];

    fn of(verb: &str) -> Option<Keyword> {
        let found = Keyword::ALL.iter().find(|(name, _)| name.eq_ignore_ascii_case(verb));
        found.map(|(_, keyword)| *keyword)
    }
}

/// A line with the place reading has come to.
struct Text<'a> {
    line: &'a str,
    at: usize,
}

impl<'a> Text<'a> {
    fn command(mut self, keyword: Keyword) -> Result<Command, ParseError> {
        match keyword {
            Keyword::Helo => self.hello(HelloVerb::Helo),
            Keyword::Ehlo => self.hello(HelloVerb::Ehlo),
            Keyword::Mail => self.mail(),
            Keyword::Rcpt => self.rcpt(),
            Keyword::Bdat => self.bdat(),
            Keyword::Auth => self.auth(),
            Keyword::Data => self.nothing_more(Command::Data),
            Keyword::Rset => self.nothing_more(Command::Reset),
            Keyword::Quit => self.nothing_more(Command::Quit),
            Keyword::StartTls => self.nothing_more(Command::StartTls),
            Keyword::Vrfy => self.word("a name").map(|_| Command::Verify),
            Keyword::Expn => self.word("a name").map(|_| Command::Expand),
            // RFC 5321 §4.1.1.8 and §4.1.1.9: any argument is ignored.
            Keyword::Noop => Ok(Command::Noop),
            Keyword::Help => Ok(Command::Help),
        }
    }

    fn rest(&self) -> &'a str {
        &self.line[self.at..]
    }

    fn expected(&self, expected: &'static str) -> ParseError {
        ParseError::Expected { expected, at: self.at + 1 }
    }

    fn skip_spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches(' ').len();
    }

    /// The next word up to a space; `expected` says what it should have been.
    fn word(&mut self, expected: &'static str) -> Result<&'a str, ParseError> {
        self.skip_spaces();
        let word = self.rest().split(' ').next().unwrap_or_default();
        if word.is_empty() {
            return Err(self.expected(expected));
        }
        self.at += word.len();
        Ok(word)
    }

    fn nothing_more(&mut self, command: Command) -> Result<Command, ParseError> {
        self.skip_spaces();
        if self.rest().is_empty() { Ok(command) } else { Err(self.expected("the end of the line")) }
    }

    fn hello(&mut self, verb: HelloVerb) -> Result<Command, ParseError> {
        self.skip_spaces();
        let starts_at = self.at;
        let name = self.word("a domain or an address literal")?;
        // RFC 5321 §4.1.4: a wrong name is no reason to refuse; what would spoil a trace field is.
        let is_sound = name.len() <= HELLO_NAME_OCTETS_MAX
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:[]/+".contains(&b));
        if !is_sound {
            self.at = starts_at;
            return Err(self.expected("a domain or an address literal"));
        }
        let name = name.to_owned();
        self.nothing_more(Command::Hello(Hello { verb, name }))
    }

    /// `MAIL FROM:` or `RCPT TO:`, then the path; what is left are the parameters.
    fn path(&mut self, label: &'static str) -> Result<&'a str, ParseError> {
        self.skip_spaces();
        let found = self.rest().get(..label.len());
        if !found.is_some_and(|found| found.eq_ignore_ascii_case(label)) {
            return Err(self.expected(label));
        }
        self.at += label.len();
        self.skip_spaces();
        let octets = path::bracketed_octets(self.rest())
            .ok_or_else(|| self.expected("an address in angle brackets"))?;
        let inside = &self.rest()[1..octets - 1];
        self.at += octets;
        if !self.rest().is_empty() && !self.rest().starts_with(' ') {
            return Err(self.expected("a space or the end of the line"));
        }
        Ok(inside)
    }

    fn mail(&mut self) -> Result<Command, ParseError> {
        let inside = self.path("FROM:")?;
        let reverse_path = path::reverse_path(inside)?;
        let mail = parameters::of_mail(reverse_path, self.rest())?;
        if !self.line.is_ascii() && !mail.smtputf8 {
            return Err(ParseError::NeedsSmtputf8);
        }
        Ok(Command::Mail(mail))
    }

    fn rcpt(&mut self) -> Result<Command, ParseError> {
        let inside = self.path("TO:")?;
        let to = path::recipient(inside)?;
        let (notify, original) = parameters::of_rcpt(self.rest())?;
        Ok(Command::Rcpt(Rcpt { to, notify, original, is_ascii: self.line.is_ascii() }))
    }

    fn bdat(&mut self) -> Result<Command, ParseError> {
        let size = self.word("a size").map_err(|_| ParseError::ChunkSize)?;
        let octets = parameters::decimal(size).ok_or(ParseError::ChunkSize)?;
        let is_last = match self.rest().trim_start_matches(' ') {
            "" => false,
            word if word.eq_ignore_ascii_case("LAST") => true,
            _ => return Err(ParseError::ChunkSize),
        };
        Ok(Command::Bdat(Chunk { octets, is_last }))
    }

    fn auth(&mut self) -> Result<Command, ParseError> {
        let mechanism = Mechanism::from_name(self.word("a mechanism")?);
        self.skip_spaces();
        let initial = match self.rest() {
            "" => None,
            _ => Some(Secret::new(self.word("an initial response")?)),
        };
        self.nothing_more(Command::Auth(Auth { mechanism, initial }))
    }
}

#[cfg(test)]
mod tests;
