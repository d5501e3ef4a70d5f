//! A stream with the two buffers a session needs, plain or compressed (RFC 4978).
//!
//! Compression sits between the buffers and the stream: what is read is inflated into the input,
//! what is said is deflated when it is flushed. How much one read can inflate to is bounded, so
//! that a small packet cannot fill the memory.

use std::io;

use bytes::{Buf as _, BytesMut};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Room made for one read.
const READ_OCTETS: usize = 16 * 1024;
/// Room that an idle connection may keep for its input.
const KEPT_OCTETS_MAX: usize = 64 * 1024;
/// What one read inflates to at most; the rest waits.
const INFLATED_OCTETS_MAX: usize = 64 * 1024;
/// Output is written out beyond this, so that a client that never reads cannot make it grow.
pub(crate) const OUTPUT_OCTETS_MAX: usize = 32 * 1024;

/// The two directions of compression, and what was read and not yet inflated.
struct Deflate {
    inflate: Decompress,
    deflate: Compress,
    raw: BytesMut,
}

/// A stream, what was read and not yet used, what was said and not yet written.
pub(crate) struct Wire<S> {
    stream: S,
    pub(crate) input: BytesMut,
    pub(crate) output: BytesMut,
    compression: Option<Box<Deflate>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(crate) fn new(stream: S) -> Wire<S> {
        let (input, output) = (BytesMut::new(), BytesMut::new());
        Wire { stream, input, output, compression: None }
    }

    /// Whether compression is on.
    pub(crate) fn is_compressed(&self) -> bool {
        self.compression.is_some()
    }

    /// Everything from here on is compressed, in both directions. What was said must have been
    /// flushed; what was read ahead is compressed already (RFC 4978 §3).
    pub(crate) fn compress(&mut self) {
        debug_assert!(self.output.is_empty(), "the answer to COMPRESS goes out in the clear");
        let raw = std::mem::take(&mut self.input);
        self.compression = Some(Box::new(Deflate {
            inflate: Decompress::new(false),
            deflate: Compress::new(Compression::fast(), false),
            raw,
        }));
    }

    /// Reads once. Zero octets read mean that the peer is gone. May be dropped without loss.
    pub(crate) async fn fill(&mut self) -> io::Result<usize> {
        if self.input.is_empty() && self.input.capacity() > KEPT_OCTETS_MAX {
            // What a large message needed is given back.
            self.input = BytesMut::new();
        }
        let Some(compression) = &mut self.compression else {
            self.input.reserve(READ_OCTETS);
            return self.stream.read_buf(&mut self.input).await;
        };
        loop {
            let inflated = compression.inflate_into(&mut self.input)?;
            if inflated > 0 {
                return Ok(inflated);
            }
            compression.raw.reserve(READ_OCTETS);
            if self.stream.read_buf(&mut compression.raw).await? == 0 {
                return Ok(0);
            }
        }
    }

    /// Writes out everything said so far.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        if self.output.is_empty() {
            return Ok(());
        }
        if let Some(compression) = &mut self.compression {
            let packed = compression.deflate(&self.output)?;
            self.output.clear();
            self.stream.write_all(&packed).await?;
        } else {
            self.stream.write_all(&self.output).await?;
            self.output.clear();
        }
        self.stream.flush().await
    }

    /// Says some octets; writes through where they are many.
    pub(crate) async fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        if self.compression.is_none() && octets.len() > OUTPUT_OCTETS_MAX {
            self.stream.write_all(&self.output).await?;
            self.output.clear();
            return self.stream.write_all(octets).await;
        }
        for piece in octets.chunks(OUTPUT_OCTETS_MAX) {
            self.output.extend_from_slice(piece);
            if self.output.len() > OUTPUT_OCTETS_MAX {
                self.flush().await?;
            }
        }
        Ok(())
    }

    /// Says goodbye on the stream's own level (TLS close_notify, TCP FIN).
    pub(crate) async fn shutdown(&mut self) -> io::Result<()> {
        self.stream.shutdown().await
    }

    /// The stream alone. Whatever was read ahead is thrown away.
    pub(crate) fn into_stream(self) -> S {
        self.stream
    }
}

impl Deflate {
    /// Inflates what is there, to at most [`INFLATED_OCTETS_MAX`].
    fn inflate_into(&mut self, input: &mut BytesMut) -> io::Result<usize> {
        let mut inflated = Vec::with_capacity(INFLATED_OCTETS_MAX);
        let read_before = self.inflate.total_in();
        let status = self
            .inflate
            .decompress_vec(&self.raw, &mut inflated, FlushDecompress::Sync)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        let used = usize::try_from(self.inflate.total_in() - read_before).unwrap_or(usize::MAX);
        self.raw.advance(used);
        input.extend_from_slice(&inflated);
        if status == Status::StreamEnd {
            // RFC 4978 §4: the stream never ends before the connection does.
            let why = "the client ended its compression";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        Ok(inflated.len())
    }

    /// Deflates octets up to a point where the other side can inflate them all.
    fn deflate(&mut self, octets: &[u8]) -> io::Result<Vec<u8>> {
        let mut packed = Vec::with_capacity(octets.len() / 2 + 64);
        let mut rest = octets;
        loop {
            let read_before = self.deflate.total_in();
            self.deflate
                .compress_vec(rest, &mut packed, FlushCompress::Sync)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
            let used = usize::try_from(self.deflate.total_in() - read_before).unwrap_or(usize::MAX);
            rest = &rest[used..];
            if rest.is_empty() && packed.len() < packed.capacity() {
                return Ok(packed);
            }
            packed.reserve(READ_OCTETS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_said_compressed_is_read_compressed() {
        let (one, other) = tokio::io::duplex(1 << 20);
        let (mut here, mut there) = (Wire::new(one), Wire::new(other));
        here.compress();
        there.compress();
        let said: Vec<u8> =
            (0..200_000_u32).flat_map(|n| n.wrapping_mul(n).to_le_bytes()).collect();
        here.write(&said[..5]).await.unwrap();
        here.flush().await.unwrap();
        here.write(&said[5..]).await.unwrap();
        here.flush().await.unwrap();
        while there.input.len() < said.len() {
            let before = there.input.len();
            assert!(there.fill().await.unwrap() <= INFLATED_OCTETS_MAX);
            assert!(there.input.len() > before);
        }
        assert_eq!(there.input, said);
    }

    #[tokio::test]
    async fn what_is_no_compression_is_an_error() {
        let (mut one, other) = tokio::io::duplex(4096);
        let mut there = Wire::new(other);
        there.compress();
        one.write_all(&[0xff; 100]).await.unwrap();
        assert_eq!(there.fill().await.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
