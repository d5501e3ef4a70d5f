//! MAIL: opens a transaction (RFC 5321 §4.1.1.2).

use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::Backend;
use super::limits::Role;
use super::session::Session;
use crate::envelope::MailParameters;
use crate::flow::{Step, Verb};
use crate::reply::{self, Reply};

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn mail(&mut self, mail: MailParameters) -> Reply {
        if let Err(why) = self.state.allows(Verb::Mail) {
            return reply::bad_sequence(why);
        }
        if self.settings.role == Role::Submission && !self.is_authenticated {
            return if self.is_secure {
                reply::authentication_required()
            } else {
                reply::must_start_tls()
            };
        }
        // RFC 1870 §6.1: an announced size is refused here, before the content travels.
        let octets_max = self.settings.message_octets_max;
        if mail.size_octets.is_some_and(|octets| octets > octets_max) {
            return reply::message_too_large(octets_max);
        }
        if let Err(refusal) = self.backend.begin(&mail).await {
            return refusal;
        }
        self.advance(Step::Began(mail));
        reply::sender_accepted()
    }
}
