//! An SMTP client's session: greeting, EHLO, STARTTLS, AUTH PLAIN (RFC 4616), and messages one
//! command at a time, as most mail programs send them.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::connection::{Connection, TlsClient};
use crate::load::LoadArgs;

/// What this client calls itself.
const HELLO: &str = "EHLO bench.example";

/// A session that is ready for a message.
pub(crate) struct Session {
    connection: Connection,
    /// Whether TLS took up an earlier session.
    pub(crate) is_resumed: bool,
}

/// How a message ended, where the connection lives on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// 250 behind the final dot.
    Accepted,
    /// A negative reply: at which command, and code and enhanced code.
    Refused(String),
}

/// The connection broke, or the server did not take what every server takes: at which step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken(pub(crate) String);

struct Reply {
    code: u16,
    /// The first word of the last line: the enhanced code, as a rule.
    word: String,
}

impl Session {
    /// Connects, secures and signs in, as far as the arguments say.
    pub(crate) async fn open(args: &LoadArgs, tls: &TlsClient) -> Result<Session, Broken> {
        let at = |step: &'static str| move |error: io::Error| Broken(format!("{step}: {error}"));
        let connection = Connection::open(args.server).await.map_err(at("connect"))?;
        let mut session = Session { connection, is_resumed: false };
        session.expect("greeting", 220).await?;
        session.command("EHLO", HELLO, 250).await?;
        if args.starttls {
            session.command("STARTTLS", "STARTTLS", 220).await?;
            let secured = session.connection.secure(tls).await.map_err(at("TLS"))?;
            session = Session { connection: secured.0, is_resumed: secured.1 };
            session.command("EHLO", HELLO, 250).await?;
        }
        if let Some(login) = &args.login {
            let token = STANDARD.encode(format!("\0{login}\0{}", args.password));
            session.command("AUTH", &format!("AUTH PLAIN {token}"), 235).await?;
        }
        Ok(session)
    }

    /// One transaction.
    pub(crate) async fn transmit(
        &mut self,
        reverse_path: &str,
        recipient: &str,
        content: &[u8],
    ) -> Result<Verdict, Broken> {
        let commands = [
            ("MAIL", format!("MAIL FROM:<{reverse_path}>"), 250),
            ("RCPT", format!("RCPT TO:<{recipient}>"), 250),
            ("DATA", "DATA".to_owned(), 354),
        ];
        for (step, line, code) in commands {
            let reply = self.ask(step, &line).await?;
            if reply.code != code {
                return Ok(refused(step, &reply));
            }
        }
        let broken = |error: io::Error| Broken(format!("content: {error}"));
        self.connection.send(content).await.map_err(broken)?;
        let reply = self.reply("dot").await?;
        Ok(if reply.code == 250 { Verdict::Accepted } else { refused("dot", &reply) })
    }

    /// Forgets a refused transaction.
    pub(crate) async fn reset(&mut self) -> Result<(), Broken> {
        self.command("RSET", "RSET", 250).await
    }

    /// Says goodbye and closes.
    pub(crate) async fn quit(mut self) {
        // Whatever the server answers, the connection is not needed any more.
        let _ = self.ask("QUIT", "QUIT").await;
        self.connection.close().await;
    }

    async fn command(&mut self, step: &str, line: &str, code: u16) -> Result<(), Broken> {
        let reply = self.ask(step, line).await?;
        as_expected(step, &reply, code)
    }

    async fn expect(&mut self, step: &str, code: u16) -> Result<(), Broken> {
        let reply = self.reply(step).await?;
        as_expected(step, &reply, code)
    }

    async fn ask(&mut self, step: &str, line: &str) -> Result<Reply, Broken> {
        let mut octets = Vec::with_capacity(line.len() + 2);
        octets.extend_from_slice(line.as_bytes());
        octets.extend_from_slice(b"\r\n");
        let sent = self.connection.send(&octets).await;
        sent.map_err(|error| Broken(format!("{step}: {error}")))?;
        self.reply(step).await
    }

    async fn reply(&mut self, step: &str) -> Result<Reply, Broken> {
        loop {
            let line = self.connection.line().await;
            let line = line.map_err(|error| Broken(format!("{step}: {error}")))?;
            let code = line.get(..3).and_then(|code| std::str::from_utf8(code).ok()?.parse().ok());
            let Some(code) = code else { return Err(Broken(format!("{step}: no SMTP reply"))) };
            // RFC 5321 §4.2.1: a hyphen behind the code means that another line follows.
            if line.get(3) != Some(&b'-') {
                let text = String::from_utf8_lossy(line.get(4..).unwrap_or_default());
                let word = text.split_whitespace().next().unwrap_or_default().to_owned();
                return Ok(Reply { code, word });
            }
        }
    }
}

fn as_expected(step: &str, reply: &Reply, code: u16) -> Result<(), Broken> {
    if reply.code == code { Ok(()) } else { Err(Broken(format!("{step}: {}", label(reply)))) }
}

fn refused(step: &str, reply: &Reply) -> Verdict {
    Verdict::Refused(format!("{step} {}", label(reply)))
}

fn label(reply: &Reply) -> String {
    let is_enhanced = reply.word.split('.').count() == 3
        && reply.word.bytes().all(|octet| octet.is_ascii_digit() || octet == b'.');
    if is_enhanced { format!("{} {}", reply.code, reply.word) } else { reply.code.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_counted_by_step_code_and_enhanced_code() {
        let named = |code, word: &str| refused("MAIL", &Reply { code, word: word.to_owned() });
        assert_eq!(named(550, "5.7.131"), Verdict::Refused("MAIL 550 5.7.131".to_owned()));
        assert_eq!(named(421, "Goodbye"), Verdict::Refused("MAIL 421".to_owned()));
    }
}
