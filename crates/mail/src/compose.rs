//! Writing a message from its parts: what a person typed becomes octets (RFC 5322, RFC 2045–2049,
//! RFC 2231).
//!
//! Nothing that is put in can become a header field or a part of its own: names and addresses are
//! values, texts are encoded, and the boundary is handed in, random. Lines end with CR LF and have
//! at most 76 octets in bodies.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use crate::address::Address;
use crate::author::write_author;
use crate::date::rfc5322_date;
use crate::field_text::fold;
use crate::quoted_printable;

/// Longest line of base64, in octets (RFC 2045 §6.8).
const BASE64_LINE_OCTETS: usize = 76;
/// Characters of a file name that are kept.
pub const FILE_NAME_CHARACTERS_MAX: usize = 200;

/// Somebody in an address field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The name that people see, if any.
    pub name: Option<String>,
    /// The address.
    pub address: Address,
}

/// A file that goes with the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name; control characters and path separators are dropped.
    pub file_name: String,
    /// Its media type, such as `application/pdf`; anything that is none becomes
    /// `application/octet-stream`.
    pub media_type: String,
    /// What is in it.
    pub content: Bytes,
}

/// A message to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The author.
    pub from: Mailbox,
    /// `To`.
    pub to: Vec<Mailbox>,
    /// `Cc`.
    pub cc: Vec<Mailbox>,
    /// `Bcc`: written only where [`keeps_bcc`](Draft::keeps_bcc), for drafts on the server.
    pub bcc: Vec<Mailbox>,
    /// Whether the blind copies are named in the header. Never for a message that is sent.
    pub keeps_bcc: bool,
    /// The subject.
    pub subject: String,
    /// The text, lines ended by LF or CR LF.
    pub text: String,
    /// The same as HTML, if there is one.
    pub html: Option<String>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Message-IDs with their brackets, of the message that this one answers and of those before
    /// it.
    pub references: Vec<String>,
    /// When it is written, in milliseconds since 1970.
    pub at_ms: i64,
    /// Letters and digits that occur nowhere else, for the boundaries between parts.
    pub boundary: String,
}

impl Draft {
    /// Writes the message. Without Message-ID: acceptance adds one.
    pub fn write(&self) -> Bytes {
        let mut out = String::new();
        field(&mut out, "Date", &rfc5322_date(self.at_ms));
        field(&mut out, "From", &write_author(self.from.name.as_deref(), &self.from.address));
        addresses(&mut out, "To", &self.to);
        addresses(&mut out, "Cc", &self.cc);
        if self.keeps_bcc {
            addresses(&mut out, "Bcc", &self.bcc);
        }
        out.push_str(&format!("Subject: {}\r\n", fold("Subject", &one_line(&self.subject))));
        let references: Vec<&str> =
            self.references.iter().map(String::as_str).filter(|id| is_message_id(id)).collect();
        if let Some(last) = references.last() {
            field(&mut out, "In-Reply-To", last);
            field(&mut out, "References", &references.join("\r\n "));
        }
        out.push_str("MIME-Version: 1.0\r\n");
        self.write_body(&mut out);
        Bytes::from(out)
    }

    fn write_body(&self, out: &mut String) {
        if self.attachments.is_empty() {
            self.write_texts(out);
            return;
        }
        let boundary = format!("m-{}", self.boundary);
        out.push_str(&format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n"));
        out.push_str(&format!("--{boundary}\r\n"));
        self.write_texts(out);
        for attachment in &self.attachments {
            out.push_str(&format!("\r\n--{boundary}\r\n"));
            attachment.write(out);
        }
        out.push_str(&format!("\r\n--{boundary}--\r\n"));
    }

    fn write_texts(&self, out: &mut String) {
        let Some(html) = &self.html else {
            text_part(out, "plain", &self.text);
            return;
        };
        let boundary = format!("a-{}", self.boundary);
        let kind = "multipart/alternative";
        out.push_str(&format!("Content-Type: {kind}; boundary=\"{boundary}\"\r\n\r\n"));
        out.push_str(&format!("--{boundary}\r\n"));
        text_part(out, "plain", &self.text);
        out.push_str(&format!("\r\n--{boundary}\r\n"));
        text_part(out, "html", html);
        out.push_str(&format!("\r\n--{boundary}--\r\n"));
    }
}

impl Attachment {
    fn write(&self, out: &mut String) {
        let kind = match is_media_type(&self.media_type) {
            // Such parts have rules of their own; as a file it is octets.
            true if !self.media_type.to_ascii_lowercase().starts_with("multipart/")
                && !self.media_type.to_ascii_lowercase().starts_with("message/") =>
            {
                self.media_type.as_str()
            }
            _ => "application/octet-stream",
        };
        out.push_str(&format!("Content-Type: {kind}\r\n"));
        let name = encoded_parameter(&safe_file_name(&self.file_name));
        out.push_str(&format!("Content-Disposition: attachment;\r\n filename*=utf-8''{name}\r\n"));
        out.push_str("Content-Transfer-Encoding: base64\r\n\r\n");
        let encoded = STANDARD.encode(&self.content);
        for line in encoded.as_bytes().chunks(BASE64_LINE_OCTETS) {
            // Base64 is ASCII.
            out.push_str(&String::from_utf8_lossy(line));
            out.push_str("\r\n");
        }
    }
}

/// A name that is safe as the name of a file: no path, no control characters, not empty.
pub fn safe_file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last
        .chars()
        .filter(|c| !c.is_control() && !is_direction_mark(*c))
        .take(FILE_NAME_CHARACTERS_MAX)
        .collect();
    let kept = kept.trim_matches([' ', '.']);
    if kept.is_empty() { "file".to_owned() } else { kept.to_owned() }
}

/// Marks that turn the direction of text round, so that `exe.pdf` is read where `fdp.exe` stands.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn field(out: &mut String, name: &str, value: &str) {
    out.push_str(&format!("{name}: {value}\r\n"));
}

fn addresses(out: &mut String, name: &str, list: &[Mailbox]) {
    if list.is_empty() {
        return;
    }
    let written: Vec<String> =
        list.iter().map(|one| write_author(one.name.as_deref(), &one.address)).collect();
    field(out, name, &written.join(",\r\n "));
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn text_part(out: &mut String, subtype: &str, text: &str) {
    out.push_str(&format!("Content-Type: text/{subtype}; charset=utf-8\r\n"));
    out.push_str("Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    let lines = text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
    let encoded = quoted_printable::encode(&lines);
    out.push_str(&encoded);
    if !encoded.ends_with("\r\n") {
        out.push_str("\r\n");
    }
}

/// `msg-id` of RFC 5322 §3.6.4 as far as a header needs it: brackets around printable ASCII.
fn is_message_id(text: &str) -> bool {
    let inner = text.strip_prefix('<').and_then(|text| text.strip_suffix('>'));
    inner.is_some_and(|inner| {
        !inner.is_empty()
            && inner.len() <= 900
            && inner.bytes().all(|octet| octet.is_ascii_graphic() && !b"<>".contains(&octet))
    })
}

/// `type "/" subtype` of RFC 6838 §4.2.
fn is_media_type(text: &str) -> bool {
    let is_name = |name: &str| {
        (1..=127).contains(&name.len())
            && name
                .bytes()
                .all(|octet| octet.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&octet))
    };
    text.split_once('/').is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype))
}

/// The value of an extended parameter (RFC 8187 §3.2.1, the same characters as RFC 2231 allows).
pub fn encoded_parameter(text: &str) -> String {
    let mut out = String::new();
    for octet in text.bytes() {
        if octet.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&octet) {
            out.push(char::from(octet));
        } else {
            out.push_str(&format!("%{octet:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests;
