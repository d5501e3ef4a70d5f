//! IDLE: tells what happens as it happens (RFC 2177, RFC 9051 §6.3.13).

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout_at};

use super::backend::Backend;
use super::input::was_read;
use super::selected::Expunges;
use super::session::{Ended, Outcome, Session};
use crate::codec::command::parse_done;
use crate::codec::{Framing, Step};
use crate::flow::State;
use crate::reply::Reply;

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn idle(&mut self) -> Outcome {
        self.say("+ idling\r\n").await?;
        self.reader.set_framing(Framing::Line);
        let done = self.idle_until_done().await;
        self.reader.set_framing(Framing::Command);
        done
    }

    async fn idle_until_done(&mut self) -> Outcome {
        // RFC 9051 §6.3.13: a client says DONE at least every 29 minutes.
        let until = Instant::now() + self.settings.timeouts.idle;
        self.sync(Expunges::Told, None).await?;
        loop {
            match self.reader.feed(&mut self.wire.input) {
                Step::Complete(line) if parse_done(line.text()) => return Ok(Reply::ok("Done")),
                Step::Complete(_) | Step::Refused(_) | Step::Literal(_) => {
                    return Err(Reply::bad("Only DONE ends IDLE").into());
                }
                Step::NeedMore => {}
            }
            self.flush().await?;
            let is_selected = self.state == State::Selected;
            let event = timeout_at(until, async {
                tokio::select! {
                    biased;
                    Ok(_) = self.shutdown.wait_for(|is_down| *is_down) => Err(Ended::ShutDown),
                    read = self.wire.fill() => was_read(read).map(|()| Event::Octets),
                    () = self.backend.changed(), if is_selected => Ok(Event::Change),
                }
            });
            match event.await.unwrap_or(Err(Ended::TimedOut))? {
                Event::Octets => {}
                Event::Change => self.sync(Expunges::Told, None).await?,
            }
        }
    }
}

/// What ended the waiting.
enum Event {
    Octets,
    Change,
}
