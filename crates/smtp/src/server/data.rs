//! DATA: takes the content up to the dot (RFC 5321 §4.1.1.4), and what both ways of sending content
//! end in.

use std::mem;

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::backend::Backend;
use super::session::{Ended, Session};
use crate::codec::{ContentFault, Decoder, Framing};
use crate::flow::{State, Verb};
use crate::reply::{self, Reply};

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn data(&mut self) -> Result<Reply, Ended<()>> {
        if let Err(why) = self.state.allows(Verb::Data) {
            return Ok(reply::bad_sequence(why));
        }
        self.say(&reply::start_mail_input()).await?;
        self.flush().await?;
        let mut decoder = Decoder::new(Framing::Dots, self.settings.message_octets_max);
        let until = Instant::now() + self.settings.timeouts.data_total;
        loop {
            let fed = decoder.feed(&self.wire.input);
            self.wire.input.advance(fed.octets);
            self.cover(&mut decoder);
            if fed.is_ended {
                return Ok(self.hand_over(decoder.finish()).await);
            }
            self.read_content(decoder.octets(), until).await?;
        }
    }

    /// Refuses content that there is no room for, before more of it is read.
    pub(super) fn cover(&mut self, decoder: &mut Decoder) {
        if !self.settings.room.cover(&mut self.held, decoder.kept_octets()) {
            decoder.refuse(ContentFault::NoRoom);
            self.held.release();
        }
    }

    /// Ends the transaction with its content: to the backend, or refused for what is in it.
    pub(super) async fn hand_over(&mut self, content: Result<Bytes, ContentFault>) -> Reply {
        let (state, envelope) = mem::replace(&mut self.state, State::Closed).hand_over();
        self.state = state;
        let envelope = envelope.expect("content is read only inside a transaction");
        let reply = match content {
            Err(fault) => {
                self.backend.reset();
                reply::content_refused(fault, self.settings.message_octets_max)
            }
            Ok(message) => match self.backend.accept(envelope, message).await {
                Ok(accepted) => {
                    self.errors = 0;
                    reply::message_accepted(&accepted.queue_id)
                }
                Err(refusal) => refusal,
            },
        };
        self.held.release();
        reply
    }
}
