//! STARTTLS and COMPRESS: the stream changes (RFC 9051 §6.2.1, RFC 4978).
//!
//! With STARTTLS the session ends here: its state goes with it, and so does whatever the client
//! sent behind the command. Only the bare stream survives, so that nothing said in the clear can be
//! carried out as if it had been said under TLS.

use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::Backend;
use super::limits::StartTls;
use super::session::{Ended, Outcome, Session};
use crate::codec::Tag;
use crate::reply::Reply;

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn starttls(&mut self, tag: &Tag) -> Outcome {
        if self.is_secure {
            return Err(Reply::bad("TLS is running already").into());
        }
        if self.settings.starttls == StartTls::Unavailable {
            return Err(Reply::bad("There is no certificate, STARTTLS is not offered").into());
        }
        self.say_tagged(tag, &Reply::ok("Begin the handshake"));
        Err(Ended::StartTls(()).into())
    }

    pub(super) async fn compress(&mut self, tag: &Tag) -> Outcome {
        if self.wire.is_compressed() {
            // RFC 4978 §3
            return Err(Reply::no("COMPRESSIONACTIVE", "Compression is on already").into());
        }
        self.say_tagged(tag, &Reply::ok("Compression begins"));
        self.flush().await?;
        self.wire.compress();
        Err(super::session::Stop::Answered)
    }
}
