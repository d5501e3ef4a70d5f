//! STARTTLS: hands the connection over to a TLS handshake (RFC 3207).
//!
//! The session ends here: its state goes with it, and so does whatever the client sent behind the
//! command (RFC 3207 §4.2). Only the bare stream survives, so that nothing said in the clear
//! can be carried out as if it had been said under TLS.

use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::Backend;
use super::limits::StartTls;
use super::session::{Ended, Session};
use crate::flow::Verb;
use crate::reply::{self, Reply};

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) fn starttls(&mut self) -> Result<Reply, Ended<()>> {
        if self.is_secure {
            return Ok(reply::already_secure());
        }
        if self.settings.starttls == StartTls::Unavailable {
            return Ok(reply::not_offered());
        }
        if let Err(why) = self.state.allows(Verb::StartTls) {
            return Ok(reply::bad_sequence(why));
        }
        self.reset();
        Err(Ended::StartTls(()))
    }
}
