//! Trace fields (RFC 5321 §4.4): writing Received, and counting hops.
//!
//! The Received field of a submission names no client: neither its address nor its login. A
//! message sent with Send As must not tell who of the team wrote it, and an address at home tells
//! more about a person than her correspondents need. The audit keeps both.

use std::{fmt, net::IpAddr};

use crate::{address::Address, date::rfc5322_date, field_text::join_folded, header::Message};

/// Longest name of a peer that is written, in octets (RFC 5321 §4.5.3.1.2).
const NAME_OCTETS_MAX: usize = 255;

/// How a message came, as registered for the `with` clause (RFC 3848, RFC 6531 §4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HELO.
    Smtp,
    /// EHLO.
    Esmtp,
    /// EHLO inside TLS.
    Esmtps,
    /// EHLO with AUTH.
    Esmtpa,
    /// EHLO inside TLS with AUTH.
    Esmtpsa,
    /// EHLO, and the transaction used SMTPUTF8.
    Utf8Smtp,
    /// The same inside TLS.
    Utf8Smtps,
    /// The same with AUTH.
    Utf8Smtpa,
    /// The same inside TLS with AUTH.
    Utf8Smtpsa,
    /// A page in a browser. The word is not registered, but what other mail sites write.
    Http,
}

impl Protocol {
    /// The same protocol for a transaction that used SMTPUTF8.
    #[must_use]
    pub fn with_smtputf8(self) -> Protocol {
        match self {
            Protocol::Smtp | Protocol::Esmtp | Protocol::Utf8Smtp => Protocol::Utf8Smtp,
            Protocol::Esmtps | Protocol::Utf8Smtps => Protocol::Utf8Smtps,
            Protocol::Esmtpa | Protocol::Utf8Smtpa => Protocol::Utf8Smtpa,
            Protocol::Esmtpsa | Protocol::Utf8Smtpsa => Protocol::Utf8Smtpsa,
            Protocol::Http => Protocol::Http,
        }
    }

    /// The word of the `with` clause.
    pub fn as_str(self) -> &'static str {
        match self {
            Protocol::Smtp => "SMTP",
            Protocol::Esmtp => "ESMTP",
            Protocol::Esmtps => "ESMTPS",
            Protocol::Esmtpa => "ESMTPA",
            Protocol::Esmtpsa => "ESMTPSA",
            Protocol::Utf8Smtp => "UTF8SMTP",
            Protocol::Utf8Smtps => "UTF8SMTPS",
            Protocol::Utf8Smtpa => "UTF8SMTPA",
            Protocol::Utf8Smtpsa => "UTF8SMTPSA",
            Protocol::Http => "HTTP",
        }
    }
}

/// Who handed a message over.
#[derive(Debug, Clone, Copy)]
pub struct ReceivedFrom<'a> {
    /// What the peer said in HELO or EHLO; anything that is no name is written as `unknown`.
    pub helo: &'a str,
    /// The peer's address.
    pub ip: IpAddr,
}

/// A Received field to be written. [`to_string`](ToString::to_string) gives its folded value.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// The peer; `None` for submissions, which keep their client private.
    pub from: Option<ReceivedFrom<'a>>,
    /// The host name of this server.
    pub by: &'a str,
    /// How the message came.
    pub with: Protocol,
    /// What the message is found by in the trace.
    pub id: &'a str,
    /// The recipient. Leave it out where there are several: they need not know of each other.
    pub for_recipient: Option<&'a Address>,
    /// When it came, in milliseconds since 1970-01-01T00:00:00Z.
    pub date_ms: i64,
    /// TLS version and cipher, as the TLS library calls them.
    pub tls: Option<&'a str>,
}

impl fmt::Display for Received<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut clauses = Vec::with_capacity(7);
        if let Some(from) = &self.from {
            clauses.push(format!("from {} ({})", peer_name(from.helo), ip_literal(from.ip)));
        }
        clauses.push(format!("by {}", peer_name(self.by)));
        clauses.push(match self.tls.map(comment_text) {
            Some(tls) if !tls.is_empty() => format!("with {} ({tls})", self.with.as_str()),
            _ => format!("with {}", self.with.as_str()),
        });
        let id: String = self
            .id
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
            .collect();
        if !id.is_empty() {
            clauses.push(format!("id {id}"));
        }
        if let Some(recipient) = self.for_recipient {
            clauses.push(format!("for <{recipient}>"));
        }
        if let Some(last) = clauses.last_mut() {
            last.push(';');
        }
        clauses.push(rfc5322_date(self.date_ms));
        f.write_str(&join_folded("Received: ".len(), clauses.iter().map(String::as_str)))
    }
}

/// How many times the message was received before: what mail loops are found by (RFC 5321 §6.3).
pub fn count_received(message: &Message) -> usize {
    message.count_fields("Received")
}

/// How many times the host of this name received the message before.
pub fn count_received_by(message: &Message, host: &str) -> usize {
    message.fields_named("Received").filter(|field| names_host(field.raw_value(), host)).count()
}

/// Whether the `By-domain` of a trace field is `host` (RFC 5321 §4.4), outside of comments.
fn names_host(value: &str, host: &str) -> bool {
    let mut depth = 0_usize;
    let outside: String = value
        .chars()
        .map(|c| {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ if depth == 0 => return c,
                _ => {}
            }
            ' '
        })
        .collect();
    let clauses = outside.split(';').next().unwrap_or_default();
    let mut words = clauses.split_whitespace().skip_while(|word| !word.eq_ignore_ascii_case("by"));
    words.nth(1).is_some_and(|by| by.eq_ignore_ascii_case(host))
}

/// A name as it can stand in a clause: a host name or an address literal, else `unknown`.
fn peer_name(name: &str) -> &str {
    let is_name = !name.is_empty()
        && name.len() <= NAME_OCTETS_MAX
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:[]".contains(&b));
    if is_name { name } else { "unknown" }
}

/// RFC 5321 §4.1.3.
fn ip_literal(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(v4) => format!("[{v4}]"),
        IpAddr::V6(v6) => format!("[IPv6:{v6}]"),
    }
}

/// A text as it can stand inside a comment.
fn comment_text(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || " ._-:,=/+".contains(*c))
        .take(NAME_OCTETS_MAX)
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests;
