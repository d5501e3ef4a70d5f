//! BDAT: takes the content in chunks of known size (RFC 3030 §2).
//!
//! The octets of a chunk are always read to their end, even where the answer is no, so that they
//! are never taken for commands. A chunk that is refused ends the transaction; chunks that were
//! pipelined behind it find none and are refused in turn.

use bytes::Buf as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::backend::Backend;
use super::session::{Ended, Session};
use crate::codec::{Chunk, ContentFault, Decoder, Framing};
use crate::flow::{Step, Verb};
use crate::reply::{self, Reply};

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn bdat(&mut self, chunk: Chunk) -> Result<Reply, Ended<()>> {
        if let Err(why) = self.state.allows(Verb::Bdat) {
            self.read_chunk(chunk.octets, None).await?;
            return Ok(reply::bad_sequence(why));
        }
        let octets_max = self.settings.message_octets_max;
        let mut decoder =
            self.chunks.take().unwrap_or_else(|| Decoder::new(Framing::Counted, octets_max));
        if decoder.octets().saturating_add(chunk.octets) > octets_max {
            self.read_chunk(chunk.octets, None).await?;
            return Ok(self.refuse_chunk(ContentFault::TooLarge));
        }
        self.read_chunk(chunk.octets, Some(&mut decoder)).await?;
        if chunk.is_last {
            return Ok(self.hand_over(decoder.finish()).await);
        }
        if let Some(fault) = decoder.fault() {
            return Ok(self.refuse_chunk(fault));
        }
        self.chunks = Some(decoder);
        self.advance(Step::Chunked);
        Ok(reply::chunk_accepted(chunk.octets))
    }

    fn refuse_chunk(&mut self, fault: ContentFault) -> Reply {
        self.reset();
        reply::content_refused(fault, self.settings.message_octets_max)
    }

    /// Reads exactly `octets`, into `decoder` or into nothing. A connection that ends inside a
    /// chunk, by TLS close_notify too, ends the session.
    async fn read_chunk(
        &mut self,
        octets: u64,
        mut decoder: Option<&mut Decoder>,
    ) -> Result<(), Ended<()>> {
        let until = Instant::now() + self.settings.timeouts.data_total;
        let mut left = octets;
        loop {
            let here = usize::try_from(left).unwrap_or(usize::MAX).min(self.wire.input.len());
            if let Some(decoder) = decoder.as_deref_mut() {
                decoder.feed(&self.wire.input[..here]);
                self.cover(decoder);
            }
            self.wire.input.advance(here);
            left -= here as u64;
            if left == 0 {
                return Ok(());
            }
            self.flush().await?;
            self.read_content(octets - left, until).await?;
        }
    }
}
