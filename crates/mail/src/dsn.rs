//! Delivery status notifications (RFC 3464): the messages that tell a sender what became of a
//! message.
//!
//! A notification has three parts: sentences for a person, fields for programs, and the header
//! section of the message it is about. All parts are 7-bit, so it passes every server. What other
//! servers said is foreign text: it is cleaned and cut before it is quoted. No line of a part can
//! begin with `--`, so no foreign text can end a part.

use bytes::Bytes;

use crate::{
    address::Address,
    date::rfc5322_date,
    field_text::{FOLDED_LINE_OCTETS, cut_at, fold, join_folded},
    header::Message,
    message_id::read_message_id,
    quoted_printable, write_author,
};

mod explain;
mod status;

pub use status::EnhancedStatus;

/// Most octets that are quoted of what another server said. Longer replies are form letters.
pub const DIAGNOSTIC_OCTETS_MAX: usize = 800;
/// Most octets of the header section that are returned. It is there to recognise the message.
pub const RETURNED_HEADER_OCTETS_MAX: usize = 64 * 1024;
/// Most octets of other texts that come from outside: host names, envelope identifiers.
const FOREIGN_OCTETS_MAX: usize = 400;
/// Most octets of the subject that are repeated.
const SUBJECT_OCTETS_MAX: usize = 200;

/// What was done for a recipient (RFC 3464 §2.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DsnAction {
    /// It could not be delivered, and will not be.
    Failed,
    /// It could not be delivered yet.
    Delayed,
    /// It is in the mailbox.
    Delivered,
    /// It went to a server that sends no such notifications.
    Relayed,
    /// It went to the members of a group.
    Expanded,
}

impl DsnAction {
    fn as_str(self) -> &'static str {
        match self {
            DsnAction::Failed => "failed",
            DsnAction::Delayed => "delayed",
            DsnAction::Delivered => "delivered",
            DsnAction::Relayed => "relayed",
            DsnAction::Expanded => "expanded",
        }
    }
}

/// What became of the message for one recipient (RFC 3464 §2.3).
#[derive(Debug, Clone)]
pub struct DsnRecipient {
    /// What the sender gave as ORCPT, decoded: `type;address` (RFC 3461 §4.2).
    pub original_recipient: Option<String>,
    /// The recipient.
    pub final_recipient: Address,
    /// What was done.
    pub action: DsnAction,
    /// Why, as a code (RFC 3463).
    pub status: EnhancedStatus,
    /// The host name of the server that said so, if it was another one.
    pub remote_mta: Option<String>,
    /// The SMTP reply of that server.
    pub diagnostic: Option<String>,
    /// When delivery was last tried, in milliseconds since 1970-01-01T00:00:00Z.
    pub last_attempt_at_ms: Option<i64>,
    /// Until when it will be tried again, where the action is [`DsnAction::Delayed`].
    pub will_retry_until_ms: Option<i64>,
}

/// A delivery status notification to be written.
///
/// It must be sent with the null reverse-path (RFC 3461 §6), which is the caller's to do.
#[derive(Debug, Clone, Copy)]
pub struct Dsn<'a> {
    /// The host name of this server.
    pub reporting_mta: &'a str,
    /// Who it comes from: an address at which people answer, such as the postmaster's.
    pub from: &'a Address,
    /// Who it goes to: the reverse-path of the message.
    pub to: &'a Address,
    /// What became of the message; at least one (RFC 3464 §2.1).
    pub recipients: &'a [DsnRecipient],
    /// What the sender gave as ENVID, decoded (RFC 3461 §4.4).
    pub envelope_id: Option<&'a str>,
    /// When the message came, in milliseconds since 1970-01-01T00:00:00Z.
    pub arrival_at_ms: i64,
    /// The message it is about.
    pub original: &'a Message,
    /// The identifier of the notification, with brackets: see [`message_id`](crate::message_id()).
    pub message_id: &'a str,
    /// The date of the notification, in milliseconds since 1970-01-01T00:00:00Z.
    pub date_ms: i64,
    /// A text that differs for every notification. The parts are separated by it.
    pub unique: &'a str,
}

impl Dsn<'_> {
    /// Writes the whole message, with CRLF line ends.
    pub fn write(&self) -> Bytes {
        let boundary = self.boundary();
        let mut out = self.header(&boundary);
        let text = explain::sentences(self);
        push_part(&mut out, &boundary, "text/plain; charset=utf-8", "Notification", &text);
        let status = self.status_fields();
        push_part(&mut out, &boundary, "message/delivery-status", "Delivery report", &status);
        let header = returned_header(self.original);
        // RFC 6533 §6: header sections with UTF-8 have a type of their own.
        let returned_type =
            if header.is_ascii() { "text/rfc822-headers" } else { "message/global-headers" };
        push_part(&mut out, &boundary, returned_type, "Headers of the message", &header);
        out.push_str(&format!("--{boundary}--\r\n"));
        Bytes::from(out)
    }

    fn boundary(&self) -> String {
        // RFC 2046 §5.1.1: at most 70 characters.
        let unique: String =
            self.unique.chars().filter(char::is_ascii_alphanumeric).take(60).collect();
        format!("=_dsn_{unique}")
    }

    fn header(&self, boundary: &str) -> String {
        let subject = format!("{}{}", self.verdict(), subject_of(self.original));
        let mut out = String::with_capacity(4096 + self.original.header_len());
        push_field(&mut out, "Date", &rfc5322_date(self.date_ms));
        push_field(&mut out, "From", &write_author(Some("Mail Delivery System"), self.from));
        push_field(&mut out, "To", &write_author(None, self.to));
        push_field(&mut out, "Subject", &fold("Subject", &subject));
        push_field(&mut out, "Message-ID", &printable(self.message_id, FOREIGN_OCTETS_MAX));
        if let Some(id) = read_message_id(self.original) {
            // Only so that clients show it with the message (RFC 5322 §3.6.4).
            push_field(&mut out, "In-Reply-To", &format!("\r\n {id}"));
            push_field(&mut out, "References", &format!("\r\n {id}"));
        }
        // RFC 3834 §5: nothing should answer this automatically.
        push_field(&mut out, "Auto-Submitted", "auto-replied");
        push_field(&mut out, "MIME-Version", "1.0");
        let content_type =
            format!("multipart/report; report-type=delivery-status;\r\n boundary=\"{boundary}\"");
        push_field(&mut out, "Content-Type", &content_type);
        out.push_str("\r\n");
        out
    }

    fn verdict(&self) -> &'static str {
        let has = |action| self.recipients.iter().any(|r| r.action == action);
        if has(DsnAction::Failed) {
            "Not delivered: "
        } else if has(DsnAction::Delayed) {
            "Delivery delayed: "
        } else {
            "Delivery report: "
        }
    }

    /// The content of the `message/delivery-status` part.
    fn status_fields(&self) -> String {
        let mut out = String::new();
        if let Some(id) = self.envelope_id.filter(|id| !id.is_empty()) {
            push_field(&mut out, "Original-Envelope-Id", &printable(id, FOREIGN_OCTETS_MAX));
        }
        let reporting = format!("dns; {}", printable(self.reporting_mta, FOREIGN_OCTETS_MAX));
        push_field(&mut out, "Reporting-MTA", &reporting);
        push_field(&mut out, "Arrival-Date", &rfc5322_date(self.arrival_at_ms));
        for recipient in self.recipients {
            out.push_str("\r\n");
            recipient.push_fields(&mut out);
        }
        out
    }
}

impl DsnRecipient {
    fn push_fields(&self, out: &mut String) {
        if let Some(original) = &self.original_recipient {
            let (kind, address) = original.split_once(';').unwrap_or(("rfc822", original));
            push_field(out, "Original-Recipient", &typed_address(kind, address));
        }
        let address = self.final_recipient.to_string();
        push_field(out, "Final-Recipient", &typed_address("rfc822", &address));
        push_field(out, "Action", self.action.as_str());
        push_field(out, "Status", &self.status.to_string());
        if let Some(host) = &self.remote_mta {
            push_field(out, "Remote-MTA", &format!("dns; {}", printable(host, FOREIGN_OCTETS_MAX)));
        }
        if let Some(said) = &self.diagnostic {
            let said = printable(said, DIAGNOSTIC_OCTETS_MAX);
            let words = std::iter::once("smtp;").chain(said.split(' '));
            push_field(out, "Diagnostic-Code", &join_folded("Diagnostic-Code: ".len(), words));
        }
        if let Some(at_ms) = self.last_attempt_at_ms {
            push_field(out, "Last-Attempt-Date", &rfc5322_date(at_ms));
        }
        if let Some(until_ms) = self.will_retry_until_ms
            && self.action == DsnAction::Delayed
        {
            // RFC 3464 §2.3.9: only where the action is delayed.
            push_field(out, "Will-Retry-Until", &rfc5322_date(until_ms));
        }
    }
}

/// `address-type ";" generic-address` (RFC 3464 §2.3.1 and §2.3.2).
fn typed_address(kind: &str, address: &str) -> String {
    let address = cut_at(address, FOREIGN_OCTETS_MAX);
    if address.is_ascii() {
        let kind: String =
            kind.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect();
        let kind = if kind.is_empty() { "rfc822" } else { &kind };
        return format!("{kind}; {}", printable(address, FOREIGN_OCTETS_MAX));
    }
    // RFC 6533 §3: utf-8-addr-xtext, the form that stays ASCII.
    let mut encoded = String::from("utf-8; ");
    for c in address.chars() {
        if c.is_ascii_graphic() && !matches!(c, '\\' | '+' | '=') {
            encoded.push(c);
        } else {
            encoded.push_str(&format!("\\x{{{:X}}}", u32::from(c)));
        }
    }
    encoded
}

/// Foreign text on one line: runs of white space and control characters become one space, what is
/// not ASCII becomes `?`, and the rest behind `octets_max` is left out.
fn printable(text: &str, octets_max: usize) -> String {
    let mut out = String::with_capacity(text.len().min(octets_max));
    for c in text.chars() {
        match c {
            _ if out.len() == octets_max => break,
            _ if c.is_ascii_graphic() => out.push(c),
            _ if !c.is_control() && !c.is_whitespace() => out.push('?'),
            _ if out.is_empty() || out.ends_with(' ') => {}
            _ => out.push(' '),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The subject of the message, shortened, on one line.
fn subject_of(message: &Message) -> String {
    let subject = message.first_field("Subject").map(|field| field.decoded()).unwrap_or_default();
    match cut_at(subject.trim(), SUBJECT_OCTETS_MAX) {
        "" => "(no subject)".to_owned(),
        cut if cut.len() < subject.trim().len() => format!("{cut}…"),
        whole => whole.to_owned(),
    }
}

/// The header section as far as it fits, without fields whose name could pass for a boundary.
fn returned_header(message: &Message) -> String {
    let mut header = String::with_capacity(message.header_len().min(RETURNED_HEADER_OCTETS_MAX));
    for field in message.fields() {
        let octets = field.raw();
        if header.len() + octets.len() > RETURNED_HEADER_OCTETS_MAX {
            break;
        }
        if !octets.starts_with(b"--") {
            push_raw_field(&mut header, field.name(), field.raw_value());
        }
    }
    header
}

fn push_raw_field(out: &mut String, name: &str, raw_value: &str) {
    out.push_str(name);
    out.push(':');
    out.push_str(raw_value);
    out.push_str("\r\n");
}

fn push_field(out: &mut String, name: &str, value: &str) {
    out.push_str(name);
    out.push_str(if value.starts_with('\r') { ":" } else { ": " });
    out.push_str(value);
    out.push_str("\r\n");
}

/// A part of the multipart: 7-bit content as it is, other content in quoted-printable.
fn push_part(out: &mut String, boundary: &str, content_type: &str, name: &str, content: &str) {
    out.push_str(&format!("--{boundary}\r\n"));
    push_field(out, "Content-Type", content_type);
    push_field(out, "Content-Description", name);
    let is_7bit = content.is_ascii();
    let encoding = if is_7bit { "7bit" } else { "quoted-printable" };
    push_field(out, "Content-Transfer-Encoding", encoding);
    out.push_str("\r\n");
    if is_7bit {
        out.push_str(content);
    } else {
        out.push_str(&quoted_printable::encode(content));
    }
    out.push_str("\r\n");
}

/// Breaks text into lines that begin with `indent`.
fn wrap(indent: &str, text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8 + 16);
    let mut column = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if column > 0 && column + 1 + word.len() <= FOLDED_LINE_OCTETS {
            out.push(' ');
            column += 1 + word.len();
        } else {
            out.push_str(if column > 0 { "\r\n" } else { "" });
            out.push_str(indent);
            column = indent.len() + word.len();
        }
        out.push_str(word);
    }
    out.push_str("\r\n");
    out
}

#[cfg(test)]
mod tests;
