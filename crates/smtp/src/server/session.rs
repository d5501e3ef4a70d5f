//! The driver: reads lines, has commands carried out, writes replies, counts errors, keeps time.
//!
//! Every way a session can end is a variant of [`Ended`]; each has its farewell. Verbs with more
//! than a few lines have files of their own.

use std::io;
use std::mem;
use std::time::Duration;

use bytes::Buf as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

use super::backend::{Backend, TlsFacts};
use super::limits::{
    AUTH_LINE_OCTETS_MAX, COMMAND_LINE_OCTETS_MAX, Role, ServerSettings, StartTls,
};
use super::room::HeldRoom;
use crate::codec::{Command, Decoder, Hello, HelloVerb, ParseError};
use crate::flow::{State, Step, Verb};
use crate::reply::{self, Reply, TextForm};
use crate::wire::{Look, OUTPUT_OCTETS_MAX, Wire};

/// How long a farewell may take to be written before the connection is dropped anyway.
const FAREWELL_TIMEOUT: Duration = Duration::from_secs(5);

/// How a connection starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// In the clear: greeting first.
    Clear,
    /// TLS from the first octet (RFC 8314 §3): greeting first.
    ImplicitTls(TlsFacts),
    /// Secured by STARTTLS: no second greeting, the client begins again with EHLO.
    AfterStartTls(TlsFacts),
}

/// How a session ended.
#[derive(Debug)]
pub enum Ended<S> {
    /// STARTTLS was answered with 220: do the handshake on the stream and call [`serve`] again.
    StartTls(S),
    /// The client said QUIT.
    Quit,
    /// The client went away without QUIT.
    PeerGone,
    /// The client was silent, or did not read, for too long.
    TimedOut,
    /// The server is going down.
    ShutDown,
    /// The client made more errors than allowed.
    TooManyErrors,
    /// The client speaks another protocol.
    ForeignProtocol,
    /// The reply the connection was closed with, the backend's as a rule.
    Refused(Reply),
    /// The stream failed.
    Failed(io::Error),
}

impl Ended<()> {
    /// What is said last.
    fn farewell(&self) -> Option<Reply> {
        match self {
            Ended::StartTls(()) => Some(reply::start_tls()),
            Ended::Quit => Some(reply::bye()),
            Ended::TimedOut => Some(reply::idle_too_long()),
            Ended::ShutDown => Some(reply::shutting_down()),
            Ended::TooManyErrors => Some(reply::too_many_errors()),
            Ended::ForeignProtocol => Some(reply::not_smtp()),
            Ended::Refused(reply) => Some(reply.clone()),
            Ended::PeerGone | Ended::Failed(_) => None,
        }
    }

    fn with_stream<S>(self, stream: S) -> Ended<S> {
        match self {
            Ended::StartTls(()) => Ended::StartTls(stream),
            Ended::Quit => Ended::Quit,
            Ended::PeerGone => Ended::PeerGone,
            Ended::TimedOut => Ended::TimedOut,
            Ended::ShutDown => Ended::ShutDown,
            Ended::TooManyErrors => Ended::TooManyErrors,
            Ended::ForeignProtocol => Ended::ForeignProtocol,
            Ended::Refused(reply) => Ended::Refused(reply),
            Ended::Failed(error) => Ended::Failed(error),
        }
    }
}

/// Holds one conversation.
///
/// Turning `shutdown` to `true` ends it with 421 before the next command; content that is on its
/// way is still read and answered.
pub async fn serve<S, B>(
    stream: S,
    opening: Opening,
    backend: &mut B,
    settings: &ServerSettings,
    shutdown: watch::Receiver<bool>,
) -> Ended<S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    let session = Session {
        wire: Wire::new(stream),
        backend,
        settings,
        shutdown,
        state: State::Connected,
        is_secure: opening != Opening::Clear,
        is_extended: false,
        is_authenticated: false,
        chunks: None,
        held: HeldRoom::default(),
        errors: 0,
    };
    session.run(&opening).await
}

/// A conversation under way.
pub(super) struct Session<'a, S, B> {
    pub(super) wire: Wire<S>,
    pub(super) backend: &'a mut B,
    pub(super) settings: &'a ServerSettings,
    shutdown: watch::Receiver<bool>,
    pub(super) state: State,
    /// TLS is running.
    pub(super) is_secure: bool,
    /// The client greeted with EHLO.
    pub(super) is_extended: bool,
    pub(super) is_authenticated: bool,
    /// Content that has come by BDAT so far.
    pub(super) chunks: Option<Decoder>,
    /// The memory that content under way may use.
    pub(super) held: HeldRoom,
    /// Negative 5xx replies since the last accepted message.
    pub(super) errors: u32,
}

/// A line at the front of the input, or one that was too long and is gone.
pub(super) enum Line {
    /// Octets of the line, its LF counted.
    Octets(usize),
    TooLong,
}

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    async fn run(mut self, opening: &Opening) -> Ended<S> {
        let ended = match self.open(opening).await {
            Ok(()) => self.converse().await,
            Err(ended) => ended,
        };
        if let Some(farewell) = ended.farewell() {
            farewell.render(TextForm::Ascii, &mut self.wire.output);
            // A peer that does not take its farewell is gone; there is nothing left to save.
            let flushed = timeout(FAREWELL_TIMEOUT, self.wire.flush()).await;
            if let Ended::StartTls(()) = ended {
                match flushed {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => return Ended::Failed(error),
                    Err(_) => return Ended::TimedOut,
                }
            }
        }
        if !matches!(ended, Ended::StartTls(())) {
            let _ = timeout(FAREWELL_TIMEOUT, self.wire.shutdown()).await;
        }
        ended.with_stream(self.wire.into_stream())
    }

    async fn open(&mut self, opening: &Opening) -> Result<(), Ended<()>> {
        if let Opening::ImplicitTls(tls) | Opening::AfterStartTls(tls) = opening {
            self.backend.secured(tls);
        }
        if !matches!(opening, Opening::AfterStartTls(_)) {
            self.backend.connected().await.map_err(Ended::Refused)?;
            self.say(&reply::greeting(&self.settings.hostname)).await?;
        }
        Ok(())
    }

    async fn converse(&mut self) -> Ended<()> {
        loop {
            if let Err(ended) = self.turn().await {
                return ended;
            }
        }
    }

    /// One command and its answer.
    async fn turn(&mut self) -> Result<(), Ended<()>> {
        let reply = match self.line(COMMAND_LINE_OCTETS_MAX).await? {
            Line::TooLong => reply::line_too_long(),
            Line::Octets(octets) => {
                let command = match &self.wire.input[..octets - 1] {
                    [line @ .., b'\r'] => Command::parse(line),
                    // RFC 5321 §2.3.8: not a line of ours, though it may tell who is speaking.
                    line => match Command::parse(line) {
                        Err(ParseError::ForeignProtocol) => Err(ParseError::ForeignProtocol),
                        _ => Err(ParseError::BareLf),
                    },
                };
                self.wire.input.advance(octets);
                match command {
                    Ok(command) => self.carry_out(command).await?,
                    Err(ParseError::ForeignProtocol) => return Err(Ended::ForeignProtocol),
                    // Where the chunk ends is unknown: its content must not be taken for commands.
                    Err(ParseError::ChunkSize) => {
                        return Err(Ended::Refused(reply::chunk_unreadable()));
                    }
                    Err(error) => reply::syntax(&error),
                }
            }
        };
        self.answer(reply).await
    }

    async fn carry_out(&mut self, command: Command) -> Result<Reply, Ended<()>> {
        match command {
            Command::Hello(hello) => Ok(self.hello(&hello).await),
            Command::Mail(mail) => Ok(self.mail(mail).await),
            Command::Rcpt(rcpt) => Ok(self.rcpt(rcpt).await),
            Command::Data => self.data().await,
            Command::Bdat(chunk) => self.bdat(chunk).await,
            Command::Auth(auth) => self.auth(auth).await,
            Command::StartTls => self.starttls(),
            Command::Reset => {
                self.reset();
                Ok(reply::reset())
            }
            Command::Noop => Ok(reply::noop()),
            Command::Verify => Ok(reply::not_verified()),
            Command::Expand => Ok(reply::not_expanded()),
            Command::Help => Ok(reply::help()),
            Command::Quit => {
                self.reset();
                self.advance(Step::Quit);
                Err(Ended::Quit)
            }
        }
    }

    /// HELO and EHLO: RFC 5321 §4.1.1.1, and §4.1.4 for the transaction they end.
    async fn hello(&mut self, hello: &Hello) -> Reply {
        if let Err(why) = self.state.allows(Verb::Hello) {
            return reply::bad_sequence(why);
        }
        self.reset();
        if let Err(refusal) = self.backend.hello(hello).await {
            return refusal;
        }
        self.advance(Step::Greeted);
        self.is_extended = hello.verb == HelloVerb::Ehlo;
        match hello.verb {
            HelloVerb::Helo => reply::helo(&self.settings.hostname),
            HelloVerb::Ehlo => reply::ehlo(&self.settings.hostname, self.keywords()),
        }
    }

    /// What EHLO announces.
    fn keywords(&self) -> Vec<std::borrow::Cow<'static, str>> {
        let mut keywords = vec![
            "PIPELINING".into(),                                         // RFC 2920
            format!("SIZE {}", self.settings.message_octets_max).into(), // RFC 1870
            "8BITMIME".into(),                                           // RFC 6152
            "SMTPUTF8".into(),                                           // RFC 6531
            "CHUNKING".into(),                                           // RFC 3030
            "DSN".into(),                                                // RFC 3461
            "ENHANCEDSTATUSCODES".into(),                                // RFC 2034
        ];
        if self.settings.starttls == StartTls::Offered && !self.is_secure {
            keywords.push("STARTTLS".into()); // RFC 3207 §4.2: not once TLS is running
        }
        let mechanisms = self.backend.mechanisms();
        // RFC 4954 §4: passwords are asked for only where nobody can listen.
        if self.settings.role == Role::Submission && self.is_secure && !mechanisms.is_empty() {
            let names: Vec<_> = mechanisms.iter().map(|mechanism| mechanism.name()).collect();
            keywords.push(format!("AUTH {}", names.join(" ")).into());
        }
        keywords
    }

    /// Ends the open transaction, if any, without a message.
    pub(super) fn reset(&mut self) {
        self.chunks = None;
        self.held.release();
        self.backend.reset();
        self.advance(Step::Reset);
    }

    /// Moves on; whether the step may come was asked before.
    pub(super) fn advance(&mut self, step: Step) {
        let state = mem::replace(&mut self.state, State::Closed);
        self.state = state.apply(step).expect("the verb was allowed before it was carried out");
    }

    /// Answers a command: counts errors, slows down who makes many, ends where the reply says so.
    async fn answer(&mut self, reply: Reply) -> Result<(), Ended<()>> {
        // RFC 5321 §3.8: after 421 the connection is closed.
        if reply.code == 421 {
            return Err(Ended::Refused(reply));
        }
        if reply.is_permanent() {
            self.errors += 1;
            if self.errors > self.settings.errors_max {
                return Err(Ended::TooManyErrors);
            }
            let pause = self.settings.pause_before_error(self.errors);
            if !pause.is_zero() {
                self.flush().await?;
                tokio::time::sleep(pause).await;
            }
        }
        self.say(&reply).await
    }

    /// Puts a reply into the output; it is written when no whole command is left in the input.
    pub(super) async fn say(&mut self, reply: &Reply) -> Result<(), Ended<()>> {
        let is_utf8 = self.state.envelope().is_some_and(|envelope| envelope.mail.smtputf8);
        let form = if is_utf8 { TextForm::Utf8 } else { TextForm::Ascii };
        reply.render(form, &mut self.wire.output);
        if self.wire.output.len() > OUTPUT_OCTETS_MAX {
            self.flush().await?;
        }
        Ok(())
    }

    pub(super) async fn flush(&mut self) -> Result<(), Ended<()>> {
        if self.wire.output.is_empty() {
            return Ok(());
        }
        match timeout(self.settings.timeouts.command, self.wire.flush()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Ended::Failed(error)),
            Err(_) => Err(Ended::TimedOut),
        }
    }

    /// Waits for a line of at most `octets_max`; AUTH lines may be as long as RFC 4954 says.
    pub(super) async fn line(&mut self, octets_max: usize) -> Result<Line, Ended<()>> {
        if *self.shutdown.borrow() {
            return Err(Ended::ShutDown);
        }
        let mut scanned = 0;
        let mut deadline = None;
        loop {
            let limit = match self.wire.input.get(..5) {
                Some(verb) if verb.eq_ignore_ascii_case(b"AUTH ") => AUTH_LINE_OCTETS_MAX,
                _ => octets_max,
            };
            match self.wire.look(scanned, limit) {
                Look::Line(octets) => return Ok(Line::Octets(octets)),
                Look::TooLong => break,
                Look::More => scanned = self.wire.input.len(),
            }
            let until =
                *deadline.get_or_insert_with(|| Instant::now() + self.settings.timeouts.command);
            self.read_more(until).await?;
        }
        let until = Instant::now() + self.settings.timeouts.command;
        while !self.wire.discard_line() {
            self.read_more(until).await?;
        }
        Ok(Line::TooLong)
    }

    /// Reads once while a command is awaited: writes replies first, minds shutdown.
    async fn read_more(&mut self, until: Instant) -> Result<(), Ended<()>> {
        self.flush().await?;
        let read = timeout_at(until, async {
            tokio::select! {
                biased;
                Ok(_) = self.shutdown.wait_for(|is_down| *is_down) => Err(Ended::ShutDown),
                read = self.wire.fill() => was_read(read),
            }
        });
        read.await.unwrap_or(Err(Ended::TimedOut))
    }

    /// Reads once while content is awaited, of which `so_far` octets have come.
    pub(super) async fn read_content(
        &mut self,
        so_far: u64,
        until: Instant,
    ) -> Result<(), Ended<()>> {
        let until = until.min(Instant::now() + self.settings.timeouts.data_block);
        match timeout_at(until, self.wire.fill_content(so_far)).await {
            Ok(read) => was_read(read),
            Err(_) => Err(Ended::TimedOut),
        }
    }
}

fn was_read(read: io::Result<usize>) -> Result<(), Ended<()>> {
    match read {
        Ok(0) => Err(Ended::PeerGone),
        Ok(_) => Ok(()),
        Err(error) => Err(Ended::Failed(error)),
    }
}
