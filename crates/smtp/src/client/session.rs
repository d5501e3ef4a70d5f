//! The session around the transactions: greeting, EHLO, STARTTLS, AUTH, RSET, QUIT; and how a
//! command is sent and a reply is read.

use std::time::Duration;

use bytes::Buf as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout, timeout_at};

use super::extensions::{Extension, Extensions};
use super::limits::{ClientSettings, ClientTimeouts, REPLY_LINE_OCTETS_MAX, REPLY_LINES_MAX};
use super::outcome::{ClientError, Gone, RemoteReply, Stage};
use crate::codec::reply_line;
use crate::sasl::{self, Mechanism, Secret};
use crate::wire::{Look, Wire};

/// How the stream was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// In the clear; the peer greets.
    Clear,
    /// TLS from the first octet; the peer greets.
    ImplicitTls,
    /// Secured by STARTTLS; there is no second greeting.
    AfterStartTls,
}

/// A conversation with a peer. Dropping it drops the connection; [`Session::quit`] is politer.
pub struct Session<S> {
    pub(super) wire: Wire<S>,
    pub(super) timeouts: ClientTimeouts,
    pub(super) extensions: Extensions,
    is_secure: bool,
    /// The peer has a transaction open that we gave up.
    pub(super) needs_reset: bool,
    /// The peer said 421, or was lost.
    pub(super) is_over: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Session<S> {
    /// Reads the greeting, unless the connection was secured by STARTTLS, and says EHLO; HELO to a
    /// peer that does not know EHLO (RFC 5321 §3.2).
    pub async fn open(
        stream: S,
        opening: Opening,
        settings: &ClientSettings,
    ) -> Result<Session<S>, ClientError> {
        let mut session = Session {
            wire: Wire::new(stream),
            timeouts: settings.timeouts,
            extensions: Extensions::default(),
            is_secure: opening != Opening::Clear,
            needs_reset: false,
            is_over: false,
        };
        if opening != Opening::AfterStartTls {
            let greeting = session.reply(settings.timeouts.greeting).await;
            positive(Stage::Greeting, greeting)?;
        }
        let hello = session.command(&format!("EHLO {}", settings.hello_name)).await;
        match hello {
            Ok(reply) if reply.is_positive() => {
                let keywords = reply.lines.iter().skip(1).map(String::as_str);
                session.extensions = Extensions::read(keywords);
            }
            Ok(reply) if reply.code >= 500 => {
                let hello = session.command(&format!("HELO {}", settings.hello_name)).await;
                positive(Stage::Hello, hello)?;
            }
            other => return Err(positive_error(Stage::Hello, other)),
        }
        Ok(session)
    }

    /// What the peer announced.
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// Whether another message may be sent.
    pub fn is_usable(&self) -> bool {
        !self.is_over
    }

    /// Says STARTTLS and gives the stream for the handshake. Open a new session on the secured
    /// stream: what was announced in the clear is worth nothing (RFC 3207 §4.2).
    pub async fn starttls(mut self) -> Result<S, ClientError> {
        if !self.extensions.offers(Extension::StartTls) {
            return Err(ClientError::StartTlsNotOffered);
        }
        let reply = self.command("STARTTLS").await;
        positive(Stage::StartTls, reply)?;
        // Octets behind the answer were put there by somebody who wants them read under TLS.
        if !self.wire.input.is_empty() {
            return Err(ClientError::Lost { stage: Stage::StartTls, cause: Gone::NotAReply });
        }
        Ok(self.wire.into_stream())
    }

    /// Logs in, by PLAIN if offered, else by LOGIN. Never on a connection in the clear.
    pub async fn authenticate(&mut self, login: &str, secret: &Secret) -> Result<(), ClientError> {
        if !self.is_secure {
            return Err(ClientError::AuthInTheClear);
        }
        let offered = self.extensions.mechanisms();
        let reply = if offered.contains(&Mechanism::Plain) {
            let message = sasl::encode(&sasl::write_plain(login, secret));
            self.command(&format!("AUTH PLAIN {message}")).await
        } else if offered.contains(&Mechanism::Login) {
            self.auth_login(login, secret).await
        } else {
            return Err(ClientError::AuthNotOffered);
        };
        positive(Stage::Auth, reply).map(|_| ())
    }

    async fn auth_login(&mut self, login: &str, secret: &Secret) -> Result<RemoteReply, Gone> {
        let mut reply = self.command("AUTH LOGIN").await?;
        for response in [login, secret.expose()] {
            if reply.code != 334 {
                return Ok(reply);
            }
            reply = self.command(&sasl::encode(response)).await?;
        }
        Ok(reply)
    }

    /// Ends a transaction the peer still holds open.
    pub async fn reset(&mut self) -> Result<(), ClientError> {
        let reply = self.command("RSET").await;
        positive(Stage::Reset, reply)?;
        self.needs_reset = false;
        Ok(())
    }

    /// Says QUIT and closes. Nothing that goes wrong here matters any more.
    pub async fn quit(mut self) {
        let limit = self.timeouts.quit;
        let farewell = async {
            if !self.is_over && self.command("QUIT").await.is_err() {
                return;
            }
            // The peer closes too; a stream that cannot be shut down is gone already.
            let _ = self.wire.shutdown().await;
        };
        let _ = timeout(limit, farewell).await;
    }

    /// Sends one line and reads the answer.
    pub(super) async fn command(&mut self, line: &str) -> Result<RemoteReply, Gone> {
        self.put(line);
        self.flush().await?;
        self.reply(self.timeouts.command).await
    }

    /// Puts a command into the output. `line` comes without its CR LF and must have none inside.
    pub(super) fn put(&mut self, line: &str) {
        debug_assert!(!line.contains(['\r', '\n']), "a command is one line");
        self.wire.output.extend_from_slice(line.as_bytes());
        self.wire.output.extend_from_slice(b"\r\n");
    }

    pub(super) async fn flush(&mut self) -> Result<(), Gone> {
        let limit = self.timeouts.command;
        timeout(limit, self.wire.flush()).await.map_err(|_| Gone::TimedOut)?.map_err(Gone::Io)
    }

    /// Reads one reply, all its lines, within `limit`.
    pub(super) async fn reply(&mut self, limit: Duration) -> Result<RemoteReply, Gone> {
        let until = Instant::now() + limit;
        let read = self.read_reply(until).await;
        match &read {
            // RFC 5321 §3.8: the peer closes after 421.
            Ok(reply) => self.is_over |= reply.code == 421,
            Err(_) => self.is_over = true,
        }
        read
    }

    async fn read_reply(&mut self, until: Instant) -> Result<RemoteReply, Gone> {
        let mut reply: Option<RemoteReply> = None;
        for _ in 0..REPLY_LINES_MAX {
            let octets = self.line(until).await?;
            let line = reply_line::parse(&self.wire.input[..octets]).ok_or(Gone::NotAReply)?;
            let text = String::from_utf8_lossy(line.text);
            let (enhanced, text) = reply_line::split_enhanced(line.code, &text);
            let code = line.code;
            let is_last = line.is_last;
            let text = text.to_owned();
            self.wire.input.advance(octets);
            let so_far = reply.get_or_insert(RemoteReply { code, enhanced, lines: Vec::new() });
            // RFC 5321 §4.2.1: the code is the same on every line.
            if so_far.code != code {
                return Err(Gone::NotAReply);
            }
            so_far.lines.push(text);
            if is_last {
                return reply.ok_or(Gone::NotAReply);
            }
        }
        Err(Gone::NotAReply)
    }

    async fn line(&mut self, until: Instant) -> Result<usize, Gone> {
        let mut scanned = 0;
        loop {
            match self.wire.look(scanned, REPLY_LINE_OCTETS_MAX) {
                Look::Line(octets) => return Ok(octets),
                Look::TooLong => return Err(Gone::NotAReply),
                Look::More => scanned = self.wire.input.len(),
            }
            match timeout_at(until, self.wire.fill()).await {
                Ok(Ok(0)) => return Err(Gone::Closed),
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return Err(Gone::Io(error)),
                Err(_) => return Err(Gone::TimedOut),
            }
        }
    }
}

/// The reply, if it is a yes.
fn positive(stage: Stage, reply: Result<RemoteReply, Gone>) -> Result<RemoteReply, ClientError> {
    match reply {
        Ok(reply) if reply.is_positive() => Ok(reply),
        other => Err(positive_error(stage, other)),
    }
}

fn positive_error(stage: Stage, reply: Result<RemoteReply, Gone>) -> ClientError {
    match reply {
        Ok(reply) if reply.code >= 400 => ClientError::Refused { stage, reply },
        Ok(_) => ClientError::Lost { stage, cause: Gone::NotAReply },
        Err(cause) => ClientError::Lost { stage, cause },
    }
}
