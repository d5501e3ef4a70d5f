//! The sentences themselves, in the order a session says them.

use std::borrow::Cow;

use super::{EnhancedCode, Reply};
use crate::codec::{ContentFault, ParseError};
use crate::flow::BadSequence;

fn plain(code: u16, text: impl Into<Cow<'static, str>>) -> Reply {
    Reply { code, enhanced: None, lines: vec![text.into()] }
}

fn coded(code: u16, detail: (u16, u16), text: impl Into<Cow<'static, str>>) -> Reply {
    let class = match code / 100 {
        4 => 4,
        5 => 5,
        _ => 2,
    };
    let enhanced = EnhancedCode::new(class, detail.0, detail.1);
    Reply { code, enhanced: Some(enhanced), lines: vec![text.into()] }
}

/// A refusal in the product's own words: code 4xx or 5xx, enhanced code of the same class.
pub fn refusal(code: u16, enhanced: EnhancedCode, text: impl Into<Cow<'static, str>>) -> Reply {
    debug_assert!((400..600).contains(&code), "a refusal has a code from 400 to 599");
    debug_assert_eq!(code / 100, u16::from(enhanced.class), "both codes must be of one class");
    Reply { code, enhanced: Some(enhanced), lines: vec![text.into()] }
}

// --- The connection ---------------------------------------------------------------------------

/// 220: the greeting (RFC 5321 §4.2, §4.3.1).
pub fn greeting(hostname: &str) -> Reply {
    plain(220, format!("{hostname} ESMTP Guichet"))
}

/// 221: the answer to QUIT (RFC 5321 §4.1.1.10).
pub fn bye() -> Reply {
    coded(221, (0, 0), "Goodbye")
}

/// 421: nothing came for too long (RFC 5321 §4.5.3.2).
pub fn idle_too_long() -> Reply {
    coded(421, (4, 2), "Nothing came for too long, closing")
}

/// 421: the server is going down; the peer shall come again (RFC 5321 §3.8).
pub fn shutting_down() -> Reply {
    coded(421, (3, 2), "The server is shutting down, try again later")
}

/// 421: more errors than one connection may make.
pub fn too_many_errors() -> Reply {
    coded(421, (7, 0), "Too many errors on this connection, closing")
}

/// 421: the peer speaks another protocol.
pub fn not_smtp() -> Reply {
    coded(421, (7, 0), "This is an SMTP server, closing")
}

/// 421: too many connections from this peer, or in all.
pub fn too_many_connections() -> Reply {
    coded(421, (7, 0), "Too many connections, try again later")
}

/// 421: something failed in the server (RFC 5321 §3.8); the transaction did not happen.
pub fn failed_closing() -> Reply {
    coded(421, (3, 0), "Something failed here, closing; try again later")
}

/// 554 instead of the greeting: this peer is not served (RFC 5321 §3.1).
pub fn no_service() -> Reply {
    coded(554, (7, 1), "This host is not served here")
}

// --- Greetings and what needs no transaction -----------------------------------------------------

/// 250: the answer to HELO (RFC 5321 §4.1.1.1).
pub fn helo(hostname: &str) -> Reply {
    plain(250, hostname.to_owned())
}

/// 250: the answer to EHLO, one line a keyword (RFC 5321 §4.1.1.1).
pub fn ehlo(hostname: &str, keywords: Vec<Cow<'static, str>>) -> Reply {
    let mut lines = vec![Cow::Owned(hostname.to_owned())];
    lines.extend(keywords);
    Reply { code: 250, enhanced: None, lines }
}

/// 250: the answer to RSET (RFC 5321 §4.1.1.5).
pub fn reset() -> Reply {
    coded(250, (0, 0), "Reset")
}

/// 250: the answer to NOOP (RFC 5321 §4.1.1.9).
pub fn noop() -> Reply {
    coded(250, (0, 0), "OK")
}

/// 252: the answer to VRFY; nothing is told about who exists (RFC 5321 §7.3).
pub fn not_verified() -> Reply {
    coded(252, (5, 2), "Not verified; send the message, RCPT tells")
}

/// 502: EXPN is not served (RFC 5321 §7.3).
pub fn not_expanded() -> Reply {
    coded(502, (5, 1), "Lists are not expanded here")
}

/// 214: the answer to HELP (RFC 5321 §4.1.1.8).
pub fn help() -> Reply {
    coded(214, (0, 0), "EHLO HELO MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY HELP STARTTLS AUTH")
        .line("See RFC 5321")
}

/// 220: TLS may begin (RFC 3207 §4).
pub fn start_tls() -> Reply {
    coded(220, (0, 0), "Go on with the TLS handshake")
}

/// 502: STARTTLS or AUTH is not offered on this connection (RFC 5321 §4.2.4).
pub fn not_offered() -> Reply {
    coded(502, (5, 1), "This command is not offered here")
}

/// 503: TLS is running (RFC 3207 §4).
pub fn already_secure() -> Reply {
    coded(503, (5, 1), "TLS is running already")
}

// --- Syntax and order ----------------------------------------------------------------------------

/// 500: a line above the limit; it was thrown away (RFC 5321 §4.5.3.1).
pub fn line_too_long() -> Reply {
    coded(500, (5, 2), "The line is too long")
}

/// 503: a command in the wrong place (RFC 5321 §4.1.4), 554 for content without a recipient (§3.3).
pub fn bad_sequence(why: BadSequence) -> Reply {
    match why {
        BadSequence::RecipientFirst => {
            coded(554, (5, 1), "No valid recipients; say RCPT before DATA or BDAT")
        }
        _ => coded(503, (5, 1), format!("Wrong order of commands: {why}")),
    }
}

/// 500, 501, 504, 553 or 555: the line is not a command (RFC 5321 §4.2.4, §4.1.1.11).
pub fn syntax(error: &ParseError) -> Reply {
    let (code, detail) = match error {
        ParseError::UnknownVerb | ParseError::ForeignProtocol => (500, (5, 1)),
        ParseError::ControlCharacter | ParseError::BareLf | ParseError::NotUtf8 => (500, (5, 2)),
        ParseError::Expected { .. }
        | ParseError::ParameterValue(_)
        | ParseError::RepeatedParameter(_)
        | ParseError::ChunkSize => (501, (5, 4)),
        ParseError::ReversePath(_) => (501, (1, 7)),
        ParseError::ForwardPath(_) => (501, (1, 3)),
        ParseError::ValueNotOffered(_) => (504, (5, 4)),
        ParseError::SourceRoute => (553, (1, 3)),
        // RFC 6531 §3.5.
        ParseError::NeedsSmtputf8 => (553, (6, 7)),
        ParseError::UnknownParameter(_) => (555, (5, 4)),
    };
    coded(code, detail, capitalised(&error.to_string()))
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_ascii_uppercase().to_string() + chars.as_str(),
        None => String::new(),
    }
}

// --- AUTH ----------------------------------------------------------------------------------------

/// 334: a challenge, already in base64 (RFC 4954 §4).
pub fn challenge(encoded: impl Into<Cow<'static, str>>) -> Reply {
    plain(334, encoded)
}

/// 235: logged in (RFC 4954 §6).
pub fn authenticated() -> Reply {
    coded(235, (7, 0), "Logged in")
}

/// 503: one login a connection (RFC 4954 §4).
pub fn already_authenticated() -> Reply {
    coded(503, (5, 1), "Logged in already")
}

/// 504: the mechanism is not offered (RFC 4954 §4).
pub fn mechanism_not_offered() -> Reply {
    coded(504, (5, 4), "This mechanism is not offered, see the answer to EHLO")
}

/// 538: no passwords in the clear (RFC 4954 §4).
pub fn encryption_required() -> Reply {
    coded(538, (7, 11), "Logging in needs TLS, say STARTTLS first")
}

/// 501: the client cancelled with `*` (RFC 4954 §4).
pub fn authentication_cancelled() -> Reply {
    coded(501, (7, 0), "Login cancelled")
}

/// 501: a response that cannot be read (RFC 4954 §4).
pub fn bad_response(why: crate::sasl::SaslError) -> Reply {
    coded(501, (5, 2), capitalised(&why.to_string()))
}

/// 500: a response above the limit (RFC 4954 §4).
pub fn response_too_long() -> Reply {
    coded(500, (5, 6), "The response is too long")
}

/// 535: wrong login or password, never which (RFC 4954 §6).
pub fn authentication_failed() -> Reply {
    coded(535, (7, 8), "Login or password is wrong")
}

/// 454: the login cannot be checked now (RFC 4954 §6).
pub fn authentication_unavailable() -> Reply {
    coded(454, (7, 0), "Logging in is not possible at the moment, try again later")
}

/// 454: too many failed logins; a pause is due.
pub fn authentication_throttled() -> Reply {
    coded(454, (7, 0), "Too many failed logins, try again later")
}

/// 530: STARTTLS must come first (RFC 3207 §4).
pub fn must_start_tls() -> Reply {
    coded(530, (7, 0), "Must issue a STARTTLS command first")
}

/// 530: a login must come first (RFC 4954 §6, RFC 6409 §4.3).
pub fn authentication_required() -> Reply {
    coded(530, (7, 0), "Authentication required")
}

// --- MAIL ----------------------------------------------------------------------------------------

/// 250: the reverse-path is taken.
pub fn sender_accepted() -> Reply {
    coded(250, (1, 0), "Sender taken")
}

/// 552: larger than this server takes (RFC 1870 §6.1 and §6.3).
pub fn message_too_large(octets_max: u64) -> Reply {
    coded(552, (3, 4), format!("The message is larger than the {octets_max} octets taken here"))
}

/// 450: more messages or recipients than a sender may have in this time.
pub fn sending_too_fast() -> Reply {
    coded(450, (7, 0), "You are sending too much at once, try again later")
}

/// 451: something failed in the server; the same will work later (RFC 5321 §4.2.3).
pub fn temporarily_unavailable() -> Reply {
    coded(451, (3, 0), "Something failed here, try again later")
}

/// 452: no room on the server (RFC 5321 §4.2.3).
pub fn storage_full() -> Reply {
    coded(452, (3, 1), "No room at the moment, try again later")
}

// --- RCPT ----------------------------------------------------------------------------------------

/// 250: the recipient is taken.
pub fn recipient_accepted() -> Reply {
    coded(250, (1, 5), "Recipient taken")
}

/// 452: more recipients than one transaction takes (RFC 5321 §4.5.3.1.10).
pub fn too_many_recipients() -> Reply {
    coded(452, (5, 3), "Too many recipients, send the others in another transaction")
}

/// 550: the mailbox does not exist (RFC 3463 §3.2).
pub fn no_such_recipient() -> Reply {
    coded(550, (1, 1), "No such recipient here")
}

/// 550: the domain is not ours and the client is not logged in (RFC 5321 §3.6.2).
pub fn relay_denied() -> Reply {
    coded(550, (7, 1), "This server does not relay; log in, or use the recipient's own server")
}

/// 550: the recipient takes mail only from people who are logged in.
pub fn authenticated_senders_only() -> Reply {
    coded(550, (7, 1), "This recipient takes mail only from senders inside the organization")
}

/// 550: the recipient takes mail only from its members.
pub fn members_only() -> Reply {
    coded(550, (7, 2), "This recipient takes mail only from its members")
}

/// 452: the recipient's mailbox is full for now (RFC 3463 §3.3).
pub fn mailbox_full() -> Reply {
    coded(452, (2, 2), "The mailbox is full, try again later")
}

/// 550: the recipient is switched off (RFC 3463 §3.3).
pub fn recipient_disabled() -> Reply {
    coded(550, (2, 1), "This recipient is switched off")
}

// --- Content -------------------------------------------------------------------------------------

/// 354: the content may come (RFC 5321 §4.1.1.4).
pub fn start_mail_input() -> Reply {
    plain(354, "Send the message, end it with a dot alone on a line")
}

/// 250: a chunk is taken (RFC 3030 §2).
pub fn chunk_accepted(octets: u64) -> Reply {
    coded(250, (0, 0), format!("{octets} octets taken"))
}

/// 250: the message is taken and safe; `queue_id` names it in our logs.
pub fn message_accepted(queue_id: &str) -> Reply {
    coded(250, (0, 0), format!("Message taken as {queue_id}"))
}

/// 550 or 552: the content cannot be taken (RFC 5321 §2.3.8, RFC 1870 §6.3).
pub fn content_refused(fault: ContentFault, octets_max: u64) -> Reply {
    match fault {
        ContentFault::BareLf => coded(
            550,
            (6, 0),
            "The message has a bare LF; lines must end in CR LF (RFC 5321 section 2.3.8)",
        ),
        ContentFault::BareCr => coded(
            550,
            (6, 0),
            "The message has a bare CR; lines must end in CR LF (RFC 5321 section 2.3.8)",
        ),
        ContentFault::Nul => coded(550, (6, 0), "The message has a NUL octet"),
        ContentFault::TooLarge => message_too_large(octets_max),
        ContentFault::NoRoom => storage_full(),
    }
}

/// 554: the message was refused for what it is (RFC 5321 §4.2.3).
pub fn message_refused(text: impl Into<Cow<'static, str>>) -> Reply {
    coded(554, (6, 0), text)
}

/// 554: the message has gone in circles (RFC 5321 §6.3).
pub fn mail_loop() -> Reply {
    coded(554, (4, 6), "The message has passed too many servers, it seems to go in circles")
}

/// 501: a chunk's size cannot be read, so what follows cannot be told from commands.
pub fn chunk_unreadable() -> Reply {
    coded(501, (5, 4), "BDAT needs a size in octets; closing, for what follows cannot be told")
}
