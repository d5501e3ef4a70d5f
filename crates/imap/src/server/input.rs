//! Reads commands: lines, and literals after it was decided whether they are wanted.
//!
//! The size of a literal is judged before one octet of it is kept. Shutting down waits for a
//! command that has begun, never for one that has not.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout_at};

use super::backend::Backend;
use super::limits::{
    APPEND_MESSAGES_MAX, LINE_OCTETS_BEFORE_LOGIN_MAX, LITERAL_OCTETS_BEFORE_LOGIN_MAX,
    LITERAL_OCTETS_MAX, METADATA_VALUE_OCTETS_MAX,
};
use super::session::{Ended, Session, syntax};
use crate::codec::{Announced, Frame, Framing, ReadLimits, Refused, Step, Tag, Verb};
use crate::flow::State;
use crate::reply::Reply;

/// An answer to what was no command: tag, or `*`, and reply.
pub(super) type Unread = (String, Reply);

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    /// The next command.
    pub(super) async fn collect(&mut self) -> Result<Result<Frame, Unread>, Ended<()>> {
        if *self.shutdown.borrow() {
            return Err(Ended::ShutDown);
        }
        self.held.clear();
        self.reader.set_limits(match self.state {
            State::NotAuthenticated => ReadLimits {
                line_octets_max: LINE_OCTETS_BEFORE_LOGIN_MAX,
                ..ReadLimits::BEFORE_LOGIN
            },
            _ => ReadLimits::AFTER_LOGIN,
        });
        self.read(Framing::Command).await
    }

    /// The next line, which is no command.
    pub(super) async fn line(&mut self) -> Result<Result<Frame, Unread>, Ended<()>> {
        self.reader.set_framing(Framing::Line);
        let line = self.read(Framing::Line).await;
        self.reader.set_framing(Framing::Command);
        line
    }

    async fn read(&mut self, framing: Framing) -> Result<Result<Frame, Unread>, Ended<()>> {
        let mut refused_message = None;
        let began_at = Instant::now();
        loop {
            match self.reader.feed(&mut self.wire.input) {
                Step::Complete(frame) => return Ok(Ok(frame)),
                Step::Refused(refused) => return self.unread(&refused, refused_message).map(Err),
                Step::Literal(announced) => match self.judge(&announced) {
                    None => {
                        self.reader.take();
                        if announced.is_synchronizing {
                            self.say("+ Go ahead\r\n").await?;
                        }
                    }
                    Some(reply) => {
                        refused_message = Some(reply);
                        self.reader.refuse();
                    }
                },
                Step::NeedMore => {
                    let is_waiting =
                        framing == Framing::Command && self.reader.is_between_commands();
                    self.read_more(is_waiting, began_at).await?;
                }
            }
        }
    }

    /// The answer to a command that was not kept.
    fn unread(&mut self, refused: &Refused, why: Option<Reply>) -> Result<Unread, Ended<()>> {
        let tag = refused.tag.as_ref().map_or("*", Tag::as_str).to_owned();
        let reply = why.unwrap_or_else(|| syntax(&refused.fault));
        if refused.is_in_step {
            return Ok((tag, reply));
        }
        // RFC 7888 §4: what does not wait for an answer can only be stopped by closing.
        reply.render(&tag, self.enabled.is_utf8(), &mut self.wire.output);
        Err(Ended::Unreadable("Where the next command begins is not to be found, closing"))
    }

    /// `None` where a literal is wanted.
    fn judge(&mut self, announced: &Announced) -> Option<Reply> {
        if self.state == State::NotAuthenticated {
            let octets = announced.taken_octets.saturating_add(announced.octets);
            let is_fine = octets <= LITERAL_OCTETS_BEFORE_LOGIN_MAX;
            return (!is_fine).then(|| Reply::bad("The literal is too large before a login"));
        }
        let octets_max = match announced.verb {
            Some(Verb::Append) => {
                // The name of the mailbox can be the first literal.
                if announced.index > APPEND_MESSAGES_MAX {
                    return Some(Reply::no("LIMIT", "Too many messages at once, append fewer"));
                }
                self.settings.append_octets_max
            }
            Some(Verb::SetMetadata) => METADATA_VALUE_OCTETS_MAX as u64,
            _ => LITERAL_OCTETS_MAX,
        };
        if announced.taken_octets.saturating_add(announced.octets) <= octets_max {
            let room = self.settings.room.take(announced.octets);
            let is_refused = room.is_none();
            self.held.extend(room);
            let busy = "Too much is being appended by others, try again in a minute";
            return is_refused.then(|| Reply::no("INUSE", busy));
        }
        Some(match announced.verb {
            // RFC 7889 §4; RFC 9051 §7.1 for the code.
            Some(Verb::Append) => {
                Reply::no("TOOBIG", format!("Append at most {octets_max} octets at once"))
            }
            // RFC 5464 §5.
            Some(Verb::SetMetadata) => Reply::no(
                format!("METADATA MAXSIZE {octets_max}"),
                format!("An annotation has at most {octets_max} octets"),
            ),
            _ => Reply::no("TOOBIG", format!("Literals have at most {octets_max} octets here")),
        })
    }

    /// Reads once: writes answers first, minds shutdown while nothing of a command has come.
    async fn read_more(&mut self, is_waiting: bool, began_at: Instant) -> Result<(), Ended<()>> {
        self.flush().await?;
        let timeouts = &self.settings.timeouts;
        let until = match (self.state, is_waiting) {
            (State::NotAuthenticated, _) => {
                (began_at + timeouts.before_login).min(self.connected_at + timeouts.login)
            }
            (_, true) => began_at + timeouts.idle,
            (_, false) => {
                (began_at + timeouts.idle + timeouts.command).min(Instant::now() + timeouts.block)
            }
        };
        let read = timeout_at(until, async {
            if !is_waiting {
                return was_read(self.wire.fill().await);
            }
            tokio::select! {
                biased;
                Ok(_) = self.shutdown.wait_for(|is_down| *is_down) => Err(Ended::ShutDown),
                read = self.wire.fill() => was_read(read),
            }
        });
        read.await.unwrap_or(Err(Ended::TimedOut))
    }
}

pub(super) fn was_read(read: io::Result<usize>) -> Result<(), Ended<()>> {
    match read {
        Ok(0) => Err(Ended::PeerGone),
        Ok(_) => Ok(()),
        Err(error) => Err(Ended::Failed(error)),
    }
}
