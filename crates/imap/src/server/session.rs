//! The driver: has commands read and carried out, writes answers, counts errors, keeps time.
//!
//! Every way a session can end is a variant of [`Ended`]; each has its farewell. Each group of
//! commands has a file of its own and answers with a [`Reply`]; only this file writes tags.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, timeout};

use super::backend::{Backend, Failure, TlsFacts};
use super::capability::Enabled;
use super::limits::ServerSettings;
use super::selected::{Expunges, Selected};
use crate::codec::{Command, CommandBody, Fault, Numbering, ParseError, ReadLimits, Reader, Tag};
use crate::flow::{State, Step};
use crate::reply::{Reply, Status};
use crate::wire::{OUTPUT_OCTETS_MAX, Wire};

/// How long a farewell may take to be written before the connection is dropped anyway.
const FAREWELL_TIMEOUT: Duration = Duration::from_secs(5);

/// What a client has to take within the time for a block.
const PIECE_OCTETS: usize = 256 * 1024;

/// How a connection starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// In the clear: greeting first.
    Clear,
    /// TLS from the first octet (RFC 8314 §3): greeting first.
    ImplicitTls(TlsFacts),
    /// Secured by STARTTLS: no second greeting.
    AfterStartTls(TlsFacts),
}

/// How a session ended.
#[derive(Debug)]
pub enum Ended<S> {
    /// STARTTLS was answered with OK: do the handshake on the stream and call [`serve`] again.
    StartTls(S),
    /// The client said LOGOUT.
    LoggedOut,
    /// The client went away without LOGOUT.
    PeerGone,
    /// The client was silent, or did not read, for too long.
    TimedOut,
    /// The server is going down.
    ShutDown,
    /// The client made more errors than allowed.
    TooManyErrors,
    /// The client sends what nobody wants and cannot be stopped otherwise: a literal that does not
    /// wait for an answer and is too large (RFC 7888 §4), or another protocol.
    Unreadable(&'static str),
    /// The backend does not serve this client.
    Refused(Failure),
    /// The open mailbox was deleted, or the person may not read it any more.
    MailboxGone(Failure),
    /// The stream failed.
    Failed(io::Error),
}

impl Ended<()> {
    /// What is said last, as BYE.
    fn farewell(&self) -> Option<Reply> {
        match self {
            Ended::TimedOut => Some(Reply::ok("Nothing came for too long, closing")),
            Ended::ShutDown => Some(
                Reply::ok("The server is shutting down, connect again later")
                    .with_code("UNAVAILABLE"),
            ),
            Ended::TooManyErrors => Some(Reply::ok("Too many errors, closing")),
            Ended::Unreadable(why) => Some(Reply::ok(*why).with_code("CLIENTBUG")),
            Ended::Refused(failure) => Some(Reply::from(failure.clone())),
            Ended::MailboxGone(_) => Some(Reply::ok(
                "The open mailbox is gone or not yours to read any more, connect again",
            )),
            Ended::StartTls(()) | Ended::LoggedOut | Ended::PeerGone | Ended::Failed(_) => None,
        }
    }

    fn with_stream<S>(self, stream: S) -> Ended<S> {
        match self {
            Ended::StartTls(()) => Ended::StartTls(stream),
            Ended::LoggedOut => Ended::LoggedOut,
            Ended::PeerGone => Ended::PeerGone,
            Ended::TimedOut => Ended::TimedOut,
            Ended::ShutDown => Ended::ShutDown,
            Ended::TooManyErrors => Ended::TooManyErrors,
            Ended::Unreadable(why) => Ended::Unreadable(why),
            Ended::Refused(failure) => Ended::Refused(failure),
            Ended::MailboxGone(failure) => Ended::MailboxGone(failure),
            Ended::Failed(error) => Ended::Failed(error),
        }
    }
}

/// Why a command was not carried out to its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// The answer is another one than OK.
    Reply(Reply),
    /// The answer was said already.
    Answered,
    /// There is nobody to answer.
    Ended(Ended<()>),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Reply(failure.into())
    }
}

impl From<Reply> for Stop {
    fn from(reply: Reply) -> Stop {
        Stop::Reply(reply)
    }
}

impl From<Ended<()>> for Stop {
    fn from(ended: Ended<()>) -> Stop {
        Stop::Ended(ended)
    }
}

/// What carrying out a command comes to.
pub(super) type Outcome = Result<Reply, Stop>;

/// Holds one conversation.
///
/// Turning `shutdown` to `true` ends it with BYE before the next command; a command that is on its
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
        reader: Reader::new(ReadLimits::BEFORE_LOGIN),
        backend,
        settings,
        shutdown,
        state: State::NotAuthenticated,
        is_secure: opening != Opening::Clear,
        enabled: Enabled::default(),
        selected: None,
        errors: 0,
        connected_at: Instant::now(),
        held: Vec::new(),
        is_synced: false,
    };
    session.run(&opening).await
}

/// A conversation under way.
pub(super) struct Session<'a, S, B> {
    pub(super) wire: Wire<S>,
    pub(super) reader: Reader,
    pub(super) backend: &'a mut B,
    pub(super) settings: &'a ServerSettings,
    pub(super) shutdown: watch::Receiver<bool>,
    pub(super) state: State,
    /// TLS is running.
    pub(super) is_secure: bool,
    pub(super) enabled: Enabled,
    /// There in the state `Selected`.
    pub(super) selected: Option<Selected>,
    /// BAD answers and wrong logins since the last command that was carried out.
    pub(super) errors: u32,
    pub(super) connected_at: Instant,
    /// The memory that the messages of the command under way use.
    pub(super) held: Vec<OwnedSemaphorePermit>,
    /// The command under way has told already what happened in the mailbox.
    pub(super) is_synced: bool,
}

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    async fn run(mut self, opening: &Opening) -> Ended<S> {
        let mut ended = match self.open(opening).await {
            Ok(()) => self.converse().await,
            Err(ended) => ended,
        };
        if let Some(farewell) = ended.farewell() {
            farewell.render_bye(self.enabled.is_utf8(), &mut self.wire.output);
        }
        // A peer that does not take its farewell is gone; there is nothing left to save.
        let flushed = timeout(FAREWELL_TIMEOUT, self.wire.flush()).await;
        if let Ended::StartTls(()) = ended {
            match flushed {
                Ok(Ok(())) => return Ended::StartTls(self.wire.into_stream()),
                Ok(Err(error)) => ended = Ended::Failed(error),
                Err(_) => ended = Ended::TimedOut,
            }
        }
        if self.selected.take().is_some() {
            self.backend.close();
        }
        let _ = timeout(FAREWELL_TIMEOUT, self.wire.shutdown()).await;
        ended.with_stream(self.wire.into_stream())
    }

    async fn open(&mut self, opening: &Opening) -> Result<(), Ended<()>> {
        if let Opening::ImplicitTls(tls) | Opening::AfterStartTls(tls) = opening {
            self.backend.secured(tls);
        }
        if !matches!(opening, Opening::AfterStartTls(_)) {
            self.backend.connected().await.map_err(Ended::Refused)?;
            let text = format!("{} ready", self.settings.hostname);
            let greeting = Reply::ok(text).with_code(self.capability_code());
            greeting.render("*", false, &mut self.wire.output);
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
        let encoding = self.enabled.name_encoding();
        let command = match self.collect().await? {
            Ok(frame) => Command::parse(&frame, encoding),
            Err(refused) => return self.answer(&refused.0, refused.1).await,
        };
        match command {
            Ok(command) => self.carry_out(command).await,
            Err(ParseError { tag, fault }) => {
                let tag = tag.as_ref().map_or("*", Tag::as_str).to_owned();
                self.answer(&tag, syntax(&fault)).await
            }
        }
    }

    async fn carry_out(&mut self, command: Command) -> Result<(), Ended<()>> {
        let Command { tag, body } = command;
        if let Err(why) = self.state.allows(body.verb()) {
            return self.answer(tag.as_str(), Reply::bad(why.to_string())).await;
        }
        let expunges = expunges_of(&body);
        let reply = match self.perform(&tag, body).await {
            Ok(reply) | Err(Stop::Reply(reply)) => reply,
            Err(Stop::Answered) => return Ok(()),
            Err(Stop::Ended(ended)) => return Err(ended),
        };
        if reply.status != Status::Bad && !std::mem::take(&mut self.is_synced) {
            self.sync(expunges, None).await?;
        }
        self.answer(tag.as_str(), reply).await
    }

    /// Each command's own file carries it out.
    async fn perform(&mut self, tag: &Tag, body: CommandBody) -> Outcome {
        match body {
            CommandBody::Capability => self.capability().await,
            CommandBody::Noop => Ok(Reply::ok("Done")),
            CommandBody::Check => Ok(Reply::ok("Nothing was left to write")),
            CommandBody::Logout => self.logout(tag).await,
            CommandBody::Id(fields) => self.id(&fields).await,
            CommandBody::StartTls => self.starttls(tag).await,
            CommandBody::Authenticate(asked) => self.authenticate(asked).await,
            CommandBody::Login(login) => self.login(login).await,
            CommandBody::CompressDeflate => self.compress(tag).await,
            CommandBody::Enable(names) => self.enable(&names).await,
            CommandBody::Idle => self.idle().await,
            CommandBody::Select(_)
            | CommandBody::Examine(_)
            | CommandBody::Close
            | CommandBody::Unselect
            | CommandBody::Expunge
            | CommandBody::UidExpunge(_)
            | CommandBody::Search(_)
            | CommandBody::Sort(_)
            | CommandBody::Thread(_)
            | CommandBody::Fetch(_)
            | CommandBody::Store(_)
            | CommandBody::Copy(_)
            | CommandBody::Move(_) => self.perform_selected(tag, body).await,
            _ => self.perform_authenticated(body).await,
        }
    }

    /// What opens a mailbox, or needs an open one.
    async fn perform_selected(&mut self, tag: &Tag, body: CommandBody) -> Outcome {
        match body {
            CommandBody::Select(select) => self.select(select, super::Access::ReadWrite).await,
            CommandBody::Examine(select) => self.select(select, super::Access::ReadOnly).await,
            CommandBody::Close => self.close().await,
            CommandBody::Unselect => self.unselect(),
            CommandBody::Expunge => self.expunge(None).await,
            CommandBody::UidExpunge(messages) => self.expunge(Some(messages)).await,
            CommandBody::Search(search) => self.search(tag, search).await,
            CommandBody::Sort(sort) => self.sort(tag, sort).await,
            CommandBody::Thread(thread) => self.thread(thread).await,
            CommandBody::Fetch(fetch) => self.fetch(fetch).await,
            CommandBody::Store(store) => self.store(store).await,
            CommandBody::Copy(transfer) => self.copy(transfer).await,
            CommandBody::Move(transfer) => self.move_to(transfer).await,
            _ => Err(Reply::bad("This command needs no open mailbox").into()),
        }
    }

    /// What is about mailboxes by their names.
    async fn perform_authenticated(&mut self, body: CommandBody) -> Outcome {
        match body {
            CommandBody::Create(create) => self.create(create).await,
            CommandBody::Delete(mailbox) => self.delete(&mailbox).await,
            CommandBody::Rename { from, to } => self.rename(&from, &to).await,
            CommandBody::Subscribe(mailbox) => self.subscribe(&mailbox).await,
            CommandBody::Unsubscribe(mailbox) => self.unsubscribe(&mailbox).await,
            CommandBody::List(list) => self.list(list).await,
            CommandBody::Lsub { reference, pattern } => self.lsub(&reference, &pattern).await,
            CommandBody::Namespace => self.namespace().await,
            CommandBody::Status { mailbox, items } => self.status(&mailbox, &items).await,
            CommandBody::Append(append) => self.append(append).await,
            CommandBody::SetAcl(change) => self.set_acl(change).await,
            CommandBody::DeleteAcl { mailbox, identifier } => {
                self.delete_acl(&mailbox, &identifier).await
            }
            CommandBody::GetAcl(mailbox) => self.get_acl(&mailbox).await,
            CommandBody::ListRights { mailbox, identifier } => {
                self.list_rights(&mailbox, &identifier).await
            }
            CommandBody::MyRights(mailbox) => self.my_rights(&mailbox).await,
            CommandBody::GetQuota(root) => self.get_quota(&root).await,
            CommandBody::GetQuotaRoot(mailbox) => self.get_quota_root(&mailbox).await,
            CommandBody::SetQuota { .. } => self.set_quota(),
            CommandBody::GetMetadata(asked) => self.get_metadata(asked).await,
            CommandBody::SetMetadata(asked) => self.set_metadata(asked).await,
            _ => Err(Reply::bad("This command comes in another state").into()),
        }
    }

    /// Moves on; whether the step may come was asked before.
    pub(super) fn advance(&mut self, step: Step) {
        let state = self.state.apply(step);
        self.state = state.expect("the command was allowed before it was carried out");
    }

    /// Answers a command: counts errors, ends the session of who makes too many.
    async fn answer(&mut self, tag: &str, reply: Reply) -> Result<(), Ended<()>> {
        match reply.status {
            // Before the login nothing takes back a wrong one.
            Status::Ok if self.state != State::NotAuthenticated => self.errors = 0,
            Status::Ok => {}
            Status::No => {}
            Status::Bad => self.errors += 1,
        }
        reply.render(tag, self.enabled.is_utf8(), &mut self.wire.output);
        if self.errors > self.settings.errors_max {
            return Err(Ended::TooManyErrors);
        }
        self.relieve().await
    }

    /// Says the answer to a command that ends the session or changes its stream.
    pub(super) fn say_tagged(&mut self, tag: &Tag, reply: &Reply) {
        reply.render(tag.as_str(), self.enabled.is_utf8(), &mut self.wire.output);
    }

    /// Says text that has its line ends.
    pub(super) async fn say(&mut self, text: &str) -> Result<(), Ended<()>> {
        self.say_octets(text.as_bytes()).await
    }

    /// Says octets that have their line ends.
    pub(super) async fn say_octets(&mut self, octets: &[u8]) -> Result<(), Ended<()>> {
        if self.wire.output.len() + octets.len() <= OUTPUT_OCTETS_MAX {
            self.wire.output.extend_from_slice(octets);
            return Ok(());
        }
        // Each piece has its own time, so that a slow client gets a large message whole.
        for piece in octets.chunks(PIECE_OCTETS) {
            match timeout(self.settings.timeouts.block, self.wire.write(piece)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Err(Ended::Failed(error)),
                Err(_) => return Err(Ended::TimedOut),
            }
        }
        self.relieve().await
    }

    /// Writes out what was said where it is much.
    async fn relieve(&mut self) -> Result<(), Ended<()>> {
        if self.wire.output.len() > OUTPUT_OCTETS_MAX { self.flush().await } else { Ok(()) }
    }

    pub(super) async fn flush(&mut self) -> Result<(), Ended<()>> {
        match timeout(self.settings.timeouts.block, self.wire.flush()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Ended::Failed(error)),
            Err(_) => Err(Ended::TimedOut),
        }
    }
}

/// RFC 9051 §7.5.1: a client that counts messages must not lose one of them while its command is
/// carried out.
fn expunges_of(body: &CommandBody) -> Expunges {
    match body {
        CommandBody::Fetch(fetch) if fetch.numbering == Numbering::Sequence => Expunges::Held,
        CommandBody::Store(store) if store.numbering == Numbering::Sequence => Expunges::Held,
        CommandBody::Search(search) if search.numbering == Numbering::Sequence => Expunges::Held,
        // RFC 5256 §3: SORT and THREAD are like SEARCH.
        CommandBody::Sort(sort) if sort.numbering == Numbering::Sequence => Expunges::Held,
        CommandBody::Thread(thread) if thread.numbering == Numbering::Sequence => Expunges::Held,
        _ => Expunges::Told,
    }
}

/// What is said to octets that are no command.
pub(super) fn syntax(fault: &Fault) -> Reply {
    match fault {
        // RFC 9051 §6.4.4.1
        Fault::Charset => Reply::no("BADCHARSET (US-ASCII UTF-8)", fault.to_string()),
        _ => Reply::bad(fault.to_string()),
    }
}
