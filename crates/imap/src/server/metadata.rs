//! GETMETADATA and SETMETADATA: annotations of mailboxes and of the server (RFC 5464).

use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::{Backend, MetadataDepth, MetadataEntry};
use super::limits::METADATA_VALUE_OCTETS_MAX;
use super::session::{Outcome, Session};
use crate::codec::{EntryDepth, GetMetadata, SetMetadata, write};
use crate::reply::Reply;

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn get_metadata(&mut self, asked: GetMetadata) -> Outcome {
        let mailbox = asked.mailbox.as_ref().map_or("", |name| name.as_str());
        let names: Vec<String> =
            asked.entries.iter().map(|name| name.as_str().to_owned()).collect();
        let depth = match asked.depth {
            EntryDepth::Zero => MetadataDepth::Zero,
            EntryDepth::One => MetadataDepth::One,
            EntryDepth::Infinity => MetadataDepth::Infinity,
        };
        let found = self.backend.metadata(mailbox, &names, depth).await?;
        let octets_max = asked.max_size.map_or(usize::MAX, |octets| octets as usize);
        let length = |entry: &MetadataEntry| entry.value.as_ref().map_or(0, |value| value.len());
        let longest_left_out = found.iter().map(length).filter(|octets| *octets > octets_max).max();
        let encoding = self.enabled.name_encoding();
        let mut out = b"* METADATA ".to_vec();
        write::mailbox(&mut out, mailbox, encoding);
        out.extend_from_slice(b" (");
        let mut told = 0;
        for entry in found.iter().filter(|entry| length(entry) <= octets_max) {
            if told > 0 {
                out.push(b' ');
            }
            told += 1;
            write::astring(&mut out, entry.name.as_bytes(), encoding);
            out.push(b' ');
            write::nstring(&mut out, entry.value.as_deref(), encoding);
        }
        out.extend_from_slice(b")\r\n");
        if told > 0 {
            self.say_octets(&out).await?;
        }
        Ok(match longest_left_out {
            // RFC 5464 §4.2.1
            Some(octets) => Reply::ok("Some are longer than you want")
                .with_code(format!("METADATA LONGENTRIES {octets}")),
            None => Reply::ok("Told"),
        })
    }

    pub(super) async fn set_metadata(&mut self, asked: SetMetadata) -> Outcome {
        let mailbox = asked.mailbox.as_ref().map_or("", |name| name.as_str());
        let mut entries = Vec::with_capacity(asked.entries.len());
        for entry in asked.entries {
            if entry.value.as_ref().is_some_and(|value| value.len() > METADATA_VALUE_OCTETS_MAX) {
                let code = format!("METADATA MAXSIZE {METADATA_VALUE_OCTETS_MAX}");
                return Err(Reply::no(code, "The annotation is too long").into());
            }
            let name = entry.name.as_str().to_owned();
            entries.push(MetadataEntry { name, value: entry.value });
        }
        self.backend.set_metadata(mailbox, entries).await?;
        Ok(Reply::ok("Kept"))
    }
}
