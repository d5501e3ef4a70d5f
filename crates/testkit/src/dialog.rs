//! Conversations with the real server, written down as text, with what must be left behind.
//!
//! ```text
//! # Title. Why
//! given  login jean.dupont       a session under TLS, logged in; or: given port 25, 587, 465
//! given  own server              the dialog changes rights: it gets a server of its own
//! S: 250 2.1.0 Sender taken      one reply line; * matches any text to the end of the line
//! S: 250 …                       a whole reply of any number of lines with that code
//! S: denied jean.dupont as X     the whole refusal of the sender X; X may be *
//! C: NOOP                        a line, CR LF added; lines without an S: between go in one packet
//! C| a\r\n.\r\n                  octets as they are: \r \n \0 \\ \xHH, nothing added
//! C: {A*500} {auth NAME SECRET}  A, five hundred times; the response of AUTH PLAIN
//! B| octets    B! octets         BDAT with these octets; the last one
//! mail a@b to c@d e@f            MAIL, RCPT and DATA in lockstep; all are taken
//! run grant send-as … << input   a command of the administration, which succeeds
//! login jean.dupont              a new session in place of the old one
//! EOF      closed                the client closes its side; the server has closed
//! then   left 1                  messages outside since the dialog began; the last is looked at
//! then   folder support/Inbox 1  messages in a folder since then; the last is looked at
//! then   mail-from a@b           the envelope outside; rcpt-to a@b c@d
//! then   field From: X           the message has exactly this one field of that name; * as above
//! then   no field Sender         it has none
//! then   hides jean.dupont       it does not say this anywhere
//! then   body text\r\n           its body
//! then   copy support/Sent       the last message there is the same, to the octet
//! then   written by jean.dupont  what members see beside the message in the folder
//! then   trace submit NAME X     an event of that kind by that account for the author X
//! then   audit SendAs NAME X     a record of that operation by that account on the recipient X
//! then   queue is empty
//! ```
//! Beside all this every dialog is checked to have kept exactly as many messages as the server said
//! it took, and to have left a trace of every refusal. When the server answers STARTTLS, the
//! handshake follows.

mod checks;
mod octets;

use std::io;

use crate::client::{Reply, SmtpClient};
use crate::server::{DEMO_PASSWORD, TestServer, address};

use checks::Checks;
pub use octets::{expanded, fits, unescaped};

/// What clients of Exchange look for in a refusal.
const NO_PERMISSION: &str = "You do not have permission to send a message from the specified user.";

/// Whether the dialog asks for a server of its own.
pub fn needs_own_server(text: &str) -> bool {
    givens(text).any(|words| words == ["own", "server"])
}

fn givens(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("given"));
    lines.map(|line| line.split_whitespace().collect())
}

/// Holds a dialog with a demo server; the error says in which line it went otherwise.
pub fn play(server: &TestServer, text: &str) -> Result<(), String> {
    let mut dialog = Dialog::start(server, text).map_err(|error| error.to_string())?;
    for (number, line) in text.lines().enumerate() {
        let done = dialog.step(line);
        done.map_err(|why| format!("line {}: {line}\n    {why}", number + 1))?;
    }
    dialog.end()
}

struct Dialog<'a> {
    server: &'a TestServer,
    client: Option<SmtpClient>,
    to_send: Vec<u8>,
    said_starttls: bool,
    taken: usize,
    denied: usize,
    checks: Checks<'a>,
}

impl<'a> Dialog<'a> {
    fn start(server: &'a TestServer, text: &str) -> io::Result<Dialog<'a>> {
        let checks = Checks::begin(server);
        let mut client = None;
        for words in givens(text) {
            client = match words[..] {
                ["login", login] => Some(server.session(login)),
                ["port", "465"] => Some(SmtpClient::connect_tls(server.port(465))?),
                ["port", "25"] => Some(SmtpClient::connect(server.port(25))?),
                ["port", "587"] => Some(SmtpClient::connect(server.port(587))?),
                ["own", "server"] => continue,
                _ => return Err(io::Error::other(format!("not known: given {words:?}"))),
            };
        }
        if client.is_none() {
            return Err(io::Error::other("the dialog does not say with which port"));
        }
        let (to_send, said_starttls, taken, denied) = (Vec::new(), false, 0, 0);
        Ok(Dialog { server, client, to_send, said_starttls, taken, denied, checks })
    }

    fn step(&mut self, line: &str) -> Result<(), String> {
        if let Some(text) = line.strip_prefix("C:") {
            let text = expanded(text.strip_prefix(' ').unwrap_or(text));
            self.said_starttls = text.eq_ignore_ascii_case("starttls");
            self.to_send.extend(text.into_bytes());
            self.to_send.extend_from_slice(b"\r\n");
            return Ok(());
        }
        if let Some(text) = line.strip_prefix("C| ") {
            self.to_send.extend(unescaped(&expanded(text)));
            return Ok(());
        }
        if line.is_empty() || line.starts_with('#') || line.starts_with("given") {
            return Ok(());
        }
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "S:" => self.hear(rest),
            "B|" => self.chunk(rest, ""),
            "B!" => self.chunk(rest, " LAST"),
            "mail" => self.mail(rest),
            "run" => self.administrate(rest),
            "login" => {
                self.client = Some(self.server.session(rest));
                Ok(())
            }
            "EOF" => self.send_and(SmtpClient::finish),
            "closed" => match self.send_and(SmtpClient::line)? {
                None => Ok(()),
                Some(line) => Err(format!("not closed, the server said: {line}")),
            },
            "then" => {
                self.send_and(|_| Ok(()))?;
                self.checks.check(rest.trim())
            }
            _ => Err("this line is no part of a dialog".to_owned()),
        }
    }

    fn chunk(&mut self, text: &str, last: &str) -> Result<(), String> {
        let octets = unescaped(&expanded(text));
        self.to_send.extend(format!("BDAT {}{last}\r\n", octets.len()).into_bytes());
        self.to_send.extend(octets);
        Ok(())
    }

    fn mail(&mut self, text: &str) -> Result<(), String> {
        let (from, to) = text.split_once(" to ").ok_or("write: mail FROM to RECIPIENT…")?;
        let from = if from == "nobody" { "" } else { from };
        let mut lines = vec![(format!("MAIL FROM:<{from}>"), 250)];
        lines.extend(to.split_whitespace().map(|to| (format!("RCPT TO:<{to}>"), 250)));
        lines.push(("DATA".to_owned(), 354));
        for (line, code) in lines {
            self.to_send.extend(format!("{line}\r\n").into_bytes());
            let reply = self.send_and(SmtpClient::reply)?;
            if reply.code != code {
                return Err(format!("{line} was answered: {} {}", reply.code, reply.text()));
            }
        }
        Ok(())
    }

    fn administrate(&mut self, text: &str) -> Result<(), String> {
        self.send_and(|_| Ok(()))?;
        let (text, input) = text.split_once(" << ").unwrap_or((text, ""));
        let arguments: Vec<&str> = text.split_whitespace().collect();
        let ran = self.server.run_with(&arguments, input);
        if ran.status == 0 {
            Ok(())
        } else {
            Err(format!("status {}: {}{}", ran.status, ran.stdout, ran.stderr))
        }
    }

    fn hear(&mut self, expected: &str) -> Result<(), String> {
        if let Some(code) = expected.strip_suffix(" …") {
            let reply = self.send_and(SmtpClient::reply)?;
            self.note(&reply);
            let is_right = reply.code.to_string() == code;
            return if is_right { self.secure(code) } else { Err(found(&reply)) };
        }
        if let Some(denied) = expected.strip_prefix("denied ") {
            let reply = self.send_and(SmtpClient::reply)?;
            let (login, author) = denied.split_once(" as ").ok_or("write: denied LOGIN as FROM")?;
            self.denied += 1;
            return check_denial(&reply, &address(login), author);
        }
        let line = self.send_and(SmtpClient::line)?.ok_or("the server closed")?;
        self.taken += usize::from(line.starts_with("250 2.0.0 Message taken"));
        if fits(expected, &line) {
            self.secure(line.get(..3).unwrap_or_default())
        } else {
            Err(format!("found: {line}"))
        }
    }

    fn note(&mut self, reply: &Reply) {
        let is_taken = reply.code == 250
            && reply.lines.last().is_some_and(|line| line.starts_with("2.0.0 Message taken"));
        self.taken += usize::from(is_taken);
    }

    fn secure(&mut self, code: &str) -> Result<(), String> {
        if self.said_starttls && code == "220" {
            self.client = self.client.take().map(SmtpClient::secured);
        }
        self.said_starttls = false;
        Ok(())
    }

    fn send_and<T>(
        &mut self,
        then: impl FnOnce(&mut SmtpClient) -> io::Result<T>,
    ) -> Result<T, String> {
        let octets = std::mem::take(&mut self.to_send);
        let client = self.client.as_mut().ok_or("there is no connection")?;
        if !octets.is_empty() {
            // A server that has closed reads no more; what it said is checked all the same.
            let _ = client.send(&octets);
        }
        then(client).map_err(|error| error.to_string())
    }

    fn end(mut self) -> Result<(), String> {
        self.send_and(|client| {
            // The server may have closed already.
            let _ = client.finish();
            Ok(())
        })?;
        if let Some(line) = self.send_and(SmtpClient::line)? {
            return Err(format!("the server said more: {line}"));
        }
        self.checks.end(self.taken, self.denied)
    }
}

fn found(reply: &Reply) -> String {
    format!("found: {} {}", reply.code, reply.text())
}

/// The refusal of a sender: its first line is complete in itself, and every line has the code.
fn check_denial(reply: &Reply, login: &str, author: &str) -> Result<(), String> {
    let first = reply.lines.first().map(String::as_str).unwrap_or_default();
    let before = format!("5.7.131 SendAsDenied; {login} not allowed to send as ");
    let behind = format!("; {NO_PERMISSION}");
    let named = first.strip_prefix(&before).and_then(|rest| rest.strip_suffix(&behind));
    let is_right = reply.code == 550
        && named.is_some_and(|named| fits(author, named) && !named.is_empty())
        && reply.lines.iter().all(|line| line.starts_with("5.7.131 "));
    if is_right { Ok(()) } else { Err(found(reply)) }
}

/// The response of AUTH PLAIN for a login of the demo (RFC 4616).
fn plain_response(login: &str, password: &str) -> String {
    let password = if password.is_empty() { DEMO_PASSWORD } else { password };
    crate::client::base64(format!("\0{}\0{password}", address(login)).as_bytes())
}
