//! RCPT: adds a recipient (RFC 5321 §4.1.1.3).

use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::Backend;
use super::session::Session;
use crate::codec::ParseError;
use crate::codec::command::{Rcpt, RecipientPath};
use crate::envelope::RecipientParameters;
use crate::flow::{Step, Verb};
use crate::reply::{self, Reply};

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn rcpt(&mut self, rcpt: Rcpt) -> Reply {
        if let Err(why) = self.state.allows(Verb::Rcpt) {
            return reply::bad_sequence(why);
        }
        if let Some(envelope) = self.state.envelope() {
            if !rcpt.is_ascii && !envelope.mail.smtputf8 {
                return reply::syntax(&ParseError::NeedsSmtputf8);
            }
            if envelope.recipients.len() >= self.settings.recipients_max {
                return reply::too_many_recipients();
            }
        }
        let to = match rcpt.to {
            RecipientPath::Address(address) => Some(address),
            RecipientPath::Postmaster => self.backend.postmaster(),
        };
        let Some(to) = to else { return reply::no_such_recipient() };
        let recipient = RecipientParameters { to, notify: rcpt.notify, original: rcpt.original };
        if let Err(refusal) = self.backend.recipient(&recipient).await {
            return refusal;
        }
        self.advance(Step::Added(recipient));
        reply::recipient_accepted()
    }
}
