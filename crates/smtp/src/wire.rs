//! A stream with the two buffers a session needs. Used by server and client alike.

use std::io;

use bytes::{Buf as _, BytesMut};
use memchr::memchr;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Room made for one read while lines come; what an idle connection costs.
const LINE_READ_OCTETS: usize = 4 * 1024;
/// Room made for one read when content begins: a TLS record, and most messages.
const CONTENT_READ_OCTETS: usize = 16 * 1024;
/// Most room made for one read while content comes.
const CONTENT_READ_OCTETS_MAX: usize = 64 * 1024;
/// Output is written out beyond this, so that a peer that never reads cannot make it grow.
pub(crate) const OUTPUT_OCTETS_MAX: usize = 16 * 1024;

/// A stream, what was read and not yet used, what was said and not yet written.
pub(crate) struct Wire<S> {
    stream: S,
    pub(crate) input: BytesMut,
    pub(crate) output: BytesMut,
}

/// What looking for a line found.
pub(crate) enum Look {
    /// A whole line of that many octets, its LF counted, is at the front of the input.
    Line(usize),
    /// More octets without a line end than allowed.
    TooLong,
    /// No line end yet.
    More,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(crate) fn new(stream: S) -> Wire<S> {
        Wire { stream, input: BytesMut::new(), output: BytesMut::new() }
    }

    /// Looks for a line of at most `octets_max`; `scanned` octets are known to have no LF.
    pub(crate) fn look(&self, scanned: usize, octets_max: usize) -> Look {
        match memchr(b'\n', &self.input[scanned..]) {
            Some(at) if scanned + at < octets_max => Look::Line(scanned + at + 1),
            Some(_) => Look::TooLong,
            None if self.input.len() >= octets_max => Look::TooLong,
            None => Look::More,
        }
    }

    /// Takes what is there of a too long line away. True once its end was among it.
    pub(crate) fn discard_line(&mut self) -> bool {
        match memchr(b'\n', &self.input) {
            Some(at) => {
                self.input.advance(at + 1);
                true
            }
            None => {
                self.input.clear();
                false
            }
        }
    }

    /// Reads once while lines come. Zero octets read mean that the peer is gone.
    pub(crate) async fn fill(&mut self) -> io::Result<usize> {
        if self.input.is_empty() && self.input.capacity() > CONTENT_READ_OCTETS {
            // What a large message needed is given back.
            self.input = BytesMut::new();
        }
        self.input.reserve(LINE_READ_OCTETS);
        self.stream.read_buf(&mut self.input).await
    }

    /// Reads once while content comes, with room that grows with the octets `so_far`.
    pub(crate) async fn fill_content(&mut self, so_far: u64) -> io::Result<usize> {
        let wanted = usize::try_from(so_far).unwrap_or(usize::MAX);
        self.input.reserve(wanted.clamp(CONTENT_READ_OCTETS, CONTENT_READ_OCTETS_MAX));
        self.stream.read_buf(&mut self.input).await
    }

    /// Writes out everything said so far.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        if self.output.is_empty() {
            return Ok(());
        }
        self.stream.write_all(&self.output).await?;
        self.output.clear();
        self.stream.flush().await
    }

    /// Says some octets; writes through where they are many.
    pub(crate) async fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        if self.output.len() + octets.len() <= OUTPUT_OCTETS_MAX {
            self.output.extend_from_slice(octets);
            return Ok(());
        }
        self.stream.write_all(&self.output).await?;
        self.output.clear();
        self.stream.write_all(octets).await
    }

    /// Says goodbye on the stream's own level (TLS close_notify, TCP FIN).
    pub(crate) async fn shutdown(&mut self) -> io::Result<()> {
        self.stream.shutdown().await
    }

    /// The stream alone. Whatever was read ahead is thrown away (RFC 3207 §4.2).
    pub(crate) fn into_stream(self) -> S {
        self.stream
    }
}
