//! How a command ended: OK, NO or BAD with a response code and one line of text (RFC 9051 §7.1).
//!
//! Every response code for a "no" of the backend is here, so that one reason is always told the
//! same way (RFC 5530).

use std::borrow::Cow;

use bytes::{BufMut as _, BytesMut};

use crate::server::{Failure, Reason};

/// The three ways a command can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It was done.
    Ok,
    /// It was not done.
    No,
    /// It is no command, or may not come now.
    Bad,
}

/// The answer that bears the command's tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// How it ended.
    pub status: Status,
    /// The response code without its brackets; may be empty.
    pub code: Cow<'static, str>,
    /// What the person may read.
    pub text: Cow<'static, str>,
}

impl Reply {
    /// It was done.
    pub fn ok(text: impl Into<Cow<'static, str>>) -> Reply {
        Reply { status: Status::Ok, code: "".into(), text: text.into() }
    }

    /// It was not done.
    pub fn no(code: impl Into<Cow<'static, str>>, text: impl Into<Cow<'static, str>>) -> Reply {
        Reply { status: Status::No, code: code.into(), text: text.into() }
    }

    /// It is no command, or may not come now.
    pub fn bad(text: impl Into<Cow<'static, str>>) -> Reply {
        Reply { status: Status::Bad, code: "".into(), text: text.into() }
    }

    /// The same with a response code.
    #[must_use]
    pub fn with_code(self, code: impl Into<Cow<'static, str>>) -> Reply {
        Reply { code: code.into(), ..self }
    }

    /// Writes the line: a tag, or `*`, then the answer.
    pub fn render(&self, tag: &str, is_utf8: bool, out: &mut BytesMut) {
        let status = match self.status {
            Status::Ok => "OK",
            Status::No => "NO",
            Status::Bad => "BAD",
        };
        render_line(&[tag, status], self, is_utf8, out);
    }

    /// Writes `* BYE` with the code and text.
    pub fn render_bye(&self, is_utf8: bool, out: &mut BytesMut) {
        render_line(&["*", "BYE"], self, is_utf8, out);
    }
}

fn render_line(words: &[&str], reply: &Reply, is_utf8: bool, out: &mut BytesMut) {
    for word in words {
        out.put_slice(word.as_bytes());
        out.put_u8(b' ');
    }
    if !reply.code.is_empty() {
        out.put_u8(b'[');
        out.put_slice(reply.code.as_bytes());
        out.put_slice(b"] ");
    }
    for letter in reply.text.chars() {
        let mut octets = [0; 4];
        // Outside ASCII only for clients that said they read it (RFC 6855 §3).
        let letter = match letter {
            letter if letter.is_control() => ' ',
            letter if letter.is_ascii() || is_utf8 => letter,
            _ => '?',
        };
        out.put_slice(letter.encode_utf8(&mut octets).as_bytes());
    }
    out.put_slice(b"\r\n");
}

impl From<Failure> for Reply {
    fn from(failure: Failure) -> Reply {
        let (code, text) = worded(failure.reason);
        let text = if failure.text.is_empty() { text.into() } else { failure.text.into() };
        Reply { status: Status::No, code: code.into(), text }
    }
}

/// The response code of a reason, and what is said where the backend says nothing.
fn worded(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::AuthenticationFailed => {
            ("AUTHENTICATIONFAILED", "Login or password is wrong, check both")
        }
        Reason::AuthorizationFailed => {
            ("AUTHORIZATIONFAILED", "This account may not read mail here, ask an administrator")
        }
        Reason::NoPerm => ("NOPERM", "You may not do this here, ask an owner of the mailbox"),
        Reason::NonExistent => ("NONEXISTENT", "There is no such mailbox"),
        Reason::TryCreate => ("TRYCREATE", "There is no such mailbox, create it first"),
        Reason::AlreadyExists => ("ALREADYEXISTS", "There is one of this name already"),
        Reason::OverQuota => ("OVERQUOTA", "The mailbox is full, delete something first"),
        Reason::Limit => ("LIMIT", "This is more than the server does at once, ask for less"),
        Reason::TooBig => ("TOOBIG", "The message is too large"),
        Reason::InUse => ("INUSE", "Another client is at it, try again"),
        Reason::Cannot => ("CANNOT", "This can not be done"),
        Reason::HasChildren => ("HASCHILDREN", "There are mailboxes below it, delete them first"),
        Reason::UnknownEncoding => ("UNKNOWN-CTE", "The encoding of this part can not be undone"),
        Reason::Unavailable => ("UNAVAILABLE", "The server has trouble, try again later"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(reply: &Reply, is_utf8: bool) -> String {
        let mut out = BytesMut::new();
        reply.render("a1", is_utf8, &mut out);
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn a_failure_is_a_no_with_its_code() {
        let reply = Reply::from(Failure::from(Reason::OverQuota));
        assert_eq!(
            rendered(&reply, false),
            "a1 NO [OVERQUOTA] The mailbox is full, delete something first\r\n"
        );
    }

    #[test]
    fn a_text_cannot_break_its_line() {
        let reply = Reply::from(Failure::new(Reason::Cannot, "zoé\r\na2 OK done"));
        assert_eq!(rendered(&reply, false), "a1 NO [CANNOT] zo?  a2 OK done\r\n");
        assert_eq!(rendered(&reply, true), "a1 NO [CANNOT] zoé  a2 OK done\r\n");
    }
}
