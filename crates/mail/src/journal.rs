//! Journal reports: one accepted message, with the envelope it had, for whoever must keep it.
//!
//! The form is Exchange's, which archives read: a plain text of one `Name: value` a line, then the
//! message itself, octet for octet as it was accepted. What comes from outside is put on one line
//! each, so that no subject can add a recipient; and no line of the message can end its part, for
//! the boundary is one that the message does not have.

use std::fmt::Write as _;

use bytes::Bytes;
use memchr::memmem;

use crate::address::Address;
use crate::author::write_author;
use crate::date::rfc5322_date;
use crate::field_text::{cut_at, fold};
use crate::header::{BODY_LINE_OCTETS, Message};
use crate::quoted_printable;

/// The field by which Exchange's archives know a report; without a value.
const EXCHANGE_FIELD: &str = "X-MS-Journal-Report";
/// The field that says whose report it is, so that one that comes back is known.
const ORGANIZATION_FIELD: &str = "X-Guichet-Journal-Report";
/// Most octets that are repeated of a subject or a Message-ID.
const FOREIGN_OCTETS_MAX: usize = 800;

/// How a recipient was addressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JournalAs {
    /// In `To`.
    To,
    /// In `Cc`.
    Cc,
    /// In neither, by an account of ours or by a rule.
    Bcc,
    /// Unknown: mail from outside says so of itself only what nobody vouches for.
    Recipient,
}

/// How a message came to somebody who was not addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JournalBy {
    /// Through this group or contact.
    Expanded(Address),
    /// In the place of this recipient, by a rule.
    Forwarded(Address),
}

/// One who got the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRecipient {
    /// How it was addressed.
    pub addressed: JournalAs,
    /// Who got it.
    pub address: Address,
    /// By what way, if not directly.
    pub by: Option<JournalBy>,
}

/// A report to be written. It must be sent with the null reverse-path, which is the caller's to do.
#[derive(Debug, Clone, Copy)]
pub struct JournalReport<'a> {
    /// Who it comes from.
    pub from: &'a Address,
    /// Who it goes to.
    pub to: &'a Address,
    /// The organisation whose mail it is: its GUID.
    pub organization: &'a str,
    /// Who sent the message: the author or, on behalf of somebody, the person. Empty where unknown.
    pub sender: &'a str,
    /// On whose behalf.
    pub on_behalf_of: Option<&'a str>,
    /// The message's subject.
    pub subject: &'a str,
    /// The message's Message-ID.
    pub original_id: &'a str,
    /// Who got it.
    pub recipients: &'a [JournalRecipient],
    /// The message as it was accepted.
    pub content: &'a Bytes,
    /// The identifier of the report, with brackets: see [`message_id`](crate::message_id()).
    pub message_id: &'a str,
    /// When it was accepted, in milliseconds since 1970-01-01T00:00:00Z.
    pub date_ms: i64,
}

impl JournalReport<'_> {
    /// Writes the whole message, with CRLF line ends.
    pub fn write(&self) -> Bytes {
        let boundary = self.boundary();
        let mut out = Vec::with_capacity(self.content.len() + 2048);
        out.extend_from_slice(self.header(&boundary).as_bytes());
        out.extend_from_slice(self.envelope_part(&boundary).as_bytes());
        out.extend_from_slice(self.message_part_header(&boundary).as_bytes());
        out.extend_from_slice(self.content);
        out.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        Bytes::from(out)
    }

    /// A boundary that the message does not have. The envelope's lines cannot have it: they begin
    /// with a name.
    fn boundary(&self) -> String {
        let unique: String =
            self.message_id.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
        let numbered = (0_u32..).map(|number| format!("=_journal_{unique}_{number}"));
        let mut unused =
            numbered.filter(|tried| memmem::find(self.content, tried.as_bytes()).is_none());
        unused.next().unwrap_or_default()
    }

    fn header(&self, boundary: &str) -> String {
        let subject = fold("Subject", &one_line(self.subject));
        let mut out = String::with_capacity(1024);
        let mut field = |name: &str, value: &str| {
            let space = if value.is_empty() || value.starts_with('\r') { "" } else { " " };
            let _ = write!(out, "{name}:{space}{value}\r\n");
        };
        field("Date", &rfc5322_date(self.date_ms));
        field("From", &write_author(Some("Journal"), self.from));
        field("To", &write_author(None, self.to));
        field("Subject", &subject);
        field("Message-ID", self.message_id);
        // RFC 3834 §5: nothing should answer this automatically.
        field("Auto-Submitted", "auto-generated");
        field(EXCHANGE_FIELD, "");
        field(ORGANIZATION_FIELD, &one_line(self.organization));
        field("MIME-Version", "1.0");
        field("Content-Type", &format!("multipart/mixed;\r\n boundary=\"{boundary}\""));
        out.push_str("\r\n");
        out
    }

    /// The lines about the envelope.
    fn envelope(&self) -> String {
        let mut out = String::new();
        let mut line = |name: &str, value: &str| {
            let _ = write!(out, "{name}: {value}\r\n");
        };
        line("Sender", &one_line(self.sender));
        line("Subject", &one_line(self.subject));
        line("Message-ID", &one_line(self.original_id));
        if let Some(represented) = self.on_behalf_of {
            line("On-Behalf-Of", &one_line(represented));
        }
        for recipient in self.recipients {
            let name = match recipient.addressed {
                JournalAs::To => "To",
                JournalAs::Cc => "Cc",
                JournalAs::Bcc => "Bcc",
                JournalAs::Recipient => "Recipient",
            };
            let address = &recipient.address;
            match &recipient.by {
                None => line(name, &address.to_string()),
                Some(JournalBy::Expanded(group)) => {
                    line(name, &format!("{address}, Expanded: {group}"));
                }
                Some(JournalBy::Forwarded(first)) => {
                    line(name, &format!("{address}, Forwarded: {first}"));
                }
            }
        }
        out
    }

    fn envelope_part(&self, boundary: &str) -> String {
        let text = self.envelope();
        let is_plain = text.is_ascii() && text.lines().all(|line| line.len() <= BODY_LINE_OCTETS);
        let (encoding, text) = match is_plain {
            true => ("7bit", text),
            false => ("quoted-printable", quoted_printable::encode(&text)),
        };
        format!(
            "--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: {encoding}\r\n\r\n{text}\r\n"
        )
    }

    fn message_part_header(&self, boundary: &str) -> String {
        let (header_end, _) = crate::raw_field::split_header(self.content);
        // RFC 6532 §3.7: header sections with UTF-8 have a type of their own.
        let kind = if self.content[..header_end].is_ascii() { "rfc822" } else { "global" };
        let encoding = if self.content.is_ascii() { "7bit" } else { "8bit" };
        format!(
            "--{boundary}\r\nContent-Type: message/{kind}\r\n\
             Content-Disposition: attachment\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
        )
    }
}

/// The organisation whose journal report a message is; `None` for all other mail.
pub fn reported_organization(message: &Message) -> Option<&str> {
    message.first_field(ORGANIZATION_FIELD).map(|field| field.raw_value().trim())
}

/// Foreign text on one line, cut to a length that any reader takes.
fn one_line(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .collect();
    cut_at(clean.trim(), FOREIGN_OCTETS_MAX).to_owned()
}

#[cfg(test)]
mod tests;
