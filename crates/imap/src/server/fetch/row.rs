//! One message's line of FETCH.

use bytes::Bytes;
use mail::envelope::Envelope;
use mail::mime::Part;
use tokio::io::{AsyncRead, AsyncWrite};

use super::section::{Source, cut};
use super::structure::Form;
use super::{Asked, envelope};
use crate::codec::{FetchItem, NameEncoding, Partial, write};
use crate::server::backend::{Backend, Content, Row, RowQuery};
use crate::server::limits::{APPEND_OCTETS_MAX, LITERAL_COPIED_OCTETS_MAX};
use crate::server::session::{Session, Stop};
use crate::server::uids::{Uid, UidRange};
use crate::server::words;
use crate::wire::OUTPUT_OCTETS_MAX;

/// The octets of an item as they go out.
enum Told<'a> {
    /// A literal, or a literal8 where it has NUL and may.
    Octets(std::borrow::Cow<'a, [u8]>),
    /// There is no such part.
    Nil,
    /// Its encoding cannot be undone.
    Undecodable,
}

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    /// Tells messages of which nothing is asked but what their rows say.
    pub(super) async fn tell_bare_rows(&mut self, asked: &Asked, rows: &[Row]) -> Result<(), Stop> {
        let encoding = self.enabled.name_encoding();
        let mut out = Vec::with_capacity(OUTPUT_OCTETS_MAX);
        for row in rows {
            let uids = self.selected.as_ref().map(|open| &open.uids);
            let Some(number) = uids.and_then(|uids| uids.rank(row.uid)) else { continue };
            write_head(&mut out, number);
            for (index, item) in asked.items.iter().enumerate() {
                if index > 0 {
                    out.push(b' ');
                }
                simple(&mut out, item, row, encoding);
            }
            self.add_unasked(&mut out, asked, row);
            out.extend_from_slice(b")\r\n");
            if out.len() > OUTPUT_OCTETS_MAX / 2 {
                self.say_octets(&out).await?;
                out.clear();
            }
        }
        Ok(self.say_octets(&out).await?)
    }

    /// Tells what was asked of one message; false where a part could not be decoded.
    pub(super) async fn tell_row(&mut self, asked: &Asked, row: &Row) -> Result<bool, Stop> {
        let Some(number) = self.selected.as_ref().and_then(|open| open.uids.rank(row.uid)) else {
            return Ok(true);
        };
        let header = self.header_of(asked, row).await?;
        let content = row.content.clone().unwrap_or_default();
        let structure = asked.plan.structure.then(|| Part::read(&content));
        let source = match asked.plan.content {
            Content::Whole => Source::whole(&content, structure.as_ref()),
            read => Source {
                header: &header,
                content: &content,
                structure: None,
                is_piece: matches!(read, Content::Octets { .. }),
            },
        };
        let encoding = self.enabled.name_encoding();
        let mut out = Vec::new();
        write_head(&mut out, number);
        let mut is_all_decoded = true;
        for (index, item) in asked.items.iter().enumerate() {
            if index > 0 {
                out.push(b' ');
            }
            if simple(&mut out, item, row, encoding) {
                continue;
            }
            if structured(&mut out, item, &source, encoding) {
                continue;
            }
            let told = octets(&mut out, item, &source);
            is_all_decoded &= !matches!(told, Told::Undecodable);
            self.say_told(&mut out, told, matches!(item, FetchItem::Binary { .. })).await?;
        }
        self.add_unasked(&mut out, asked, row);
        out.extend_from_slice(b")\r\n");
        self.say_octets(&out).await?;
        Ok(is_all_decoded)
    }

    /// UID, FLAGS and MODSEQ where they belong there unasked.
    fn add_unasked(&self, out: &mut Vec<u8>, asked: &Asked, row: &Row) {
        if asked.adds_uid {
            out.extend_from_slice(b" UID ");
            write::number(out, u64::from(row.uid));
        }
        let is_just_seen = asked.seen_modseq != 0 && row.modseq == asked.seen_modseq;
        if is_just_seen && !asked.items.contains(&FetchItem::Flags) {
            out.extend_from_slice(b" FLAGS ");
            words::flags(out, &row.flags);
        }
        let tells_change =
            is_just_seen && self.enabled.condstore && !asked.items.contains(&FetchItem::ModSeq);
        if asked.adds_modseq || tells_change {
            out.push(b' ');
            write_modseq(out, row.modseq);
        }
    }

    /// The header section, or what is kept of it; read now where it is not kept.
    async fn header_of(&mut self, asked: &Asked, row: &Row) -> Result<Bytes, Stop> {
        match (asked.plan.content, &row.content, &row.envelope_fields) {
            (Content::Header, Some(header), _) => Ok(header.clone()),
            (_, _, Some(fields)) => Ok(fields.clone()),
            _ if asked.plan.envelope => self.read_header(row.uid).await,
            _ => Ok(Bytes::new()),
        }
    }

    /// The header section of a message whose fields are not kept beside it.
    pub(in crate::server) async fn read_header(&mut self, uid: Uid) -> Result<Bytes, Stop> {
        let query =
            RowQuery { content: Content::Header, ..RowQuery::new(vec![UidRange::one(uid)]) };
        let page = self.backend.rows(&query).await?;
        Ok(page.rows.into_iter().next().and_then(|row| row.content).unwrap_or_default())
    }

    /// Says octets behind what was written before; many are not copied.
    async fn say_told(
        &mut self,
        out: &mut Vec<u8>,
        told: Told<'_>,
        may_be_literal8: bool,
    ) -> Result<(), Stop> {
        let Told::Octets(octets) = told else {
            write::nil(out);
            return Ok(());
        };
        let length = octets.len() as u64;
        if may_be_literal8 && memchr::memchr(0, &octets).is_some() {
            write::literal8_head(out, length);
        } else {
            write::literal_head(out, length);
        }
        if octets.len() <= LITERAL_COPIED_OCTETS_MAX {
            out.extend_from_slice(&octets);
            return Ok(());
        }
        self.say_octets(out).await?;
        out.clear();
        Ok(self.say_octets(&octets).await?)
    }
}

fn write_head(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(b"* ");
    write::number(out, u64::from(number));
    out.extend_from_slice(b" FETCH (");
}

fn write_modseq(out: &mut Vec<u8>, modseq: u64) {
    out.extend_from_slice(b"MODSEQ (");
    write::number(out, modseq);
    out.push(b')');
}

/// Writes an item that the row alone tells; false where it is another one.
fn simple(out: &mut Vec<u8>, item: &FetchItem, row: &Row, encoding: NameEncoding) -> bool {
    match item {
        FetchItem::Flags => {
            out.extend_from_slice(b"FLAGS ");
            words::flags(out, &row.flags);
        }
        FetchItem::InternalDate => {
            out.extend_from_slice(b"INTERNALDATE ");
            write::date_time(out, row.details.internal_at_ms);
        }
        FetchItem::SaveDate => {
            out.extend_from_slice(b"SAVEDATE ");
            write::date_time(out, row.details.saved_at_ms);
        }
        FetchItem::Uid => {
            out.extend_from_slice(b"UID ");
            write::number(out, u64::from(row.uid));
        }
        FetchItem::ModSeq => write_modseq(out, row.modseq),
        FetchItem::Rfc822Size => {
            out.extend_from_slice(b"RFC822.SIZE ");
            write::number(out, row.details.size_octets);
        }
        FetchItem::EmailId => {
            out.extend_from_slice(format!("EMAILID ({})", row.details.email_id).as_bytes());
        }
        FetchItem::ThreadId => match &row.details.thread_id {
            Some(id) => out.extend_from_slice(format!("THREADID ({id})").as_bytes()),
            None => out.extend_from_slice(b"THREADID NIL"),
        },
        FetchItem::Preview { .. } => {
            out.extend_from_slice(b"PREVIEW ");
            write::nstring(out, row.preview.as_ref().map(String::as_bytes), encoding);
        }
        _ => return false,
    }
    true
}

/// Writes an item that is made of fields and parts; false where it is another one.
fn structured(
    out: &mut Vec<u8>,
    item: &FetchItem,
    source: &Source<'_>,
    encoding: NameEncoding,
) -> bool {
    let is_extended = match item {
        FetchItem::Envelope => {
            out.extend_from_slice(b"ENVELOPE ");
            envelope::envelope(out, &Envelope::read(source.header), encoding);
            return true;
        }
        FetchItem::Body => {
            out.extend_from_slice(b"BODY ");
            false
        }
        FetchItem::BodyStructure => {
            out.extend_from_slice(b"BODYSTRUCTURE ");
            true
        }
        FetchItem::BinarySize { part } => {
            write::binary_size_label(out, part);
            let octets = decoded(source, part);
            let length = if let Told::Octets(octets) = octets { octets.len() } else { 0 };
            out.push(b' ');
            write::number(out, length as u64);
            return true;
        }
        _ => return false,
    };
    match source.structure {
        Some(part) => Form { octets: source.content, is_extended, encoding }.part(out, part),
        None => write::nil(out),
    }
    true
}

/// Writes the name of an item that is octets; they follow.
fn octets<'a>(out: &mut Vec<u8>, item: &FetchItem, source: &Source<'a>) -> Told<'a> {
    let (octets, partial) = match item {
        FetchItem::Rfc822 => {
            out.extend_from_slice(b"RFC822 ");
            return Told::Octets(source.content.into());
        }
        FetchItem::Rfc822Header => {
            out.extend_from_slice(b"RFC822.HEADER ");
            return Told::Octets(source.header.into());
        }
        FetchItem::Rfc822Text => {
            out.extend_from_slice(b"RFC822.TEXT ");
            let text = source.content.get(source.header.len()..).unwrap_or_default();
            return Told::Octets(text.into());
        }
        FetchItem::Section { section, partial, .. } => {
            write::section_label(out, section, *partial);
            let partial = partial.filter(|_| !source.is_piece);
            (source.section(section).map_or(Told::Nil, Told::Octets), partial)
        }
        FetchItem::Binary { part, partial, .. } => {
            write::binary_label(out, part, *partial);
            (decoded(source, part), *partial)
        }
        _ => return Told::Nil,
    };
    out.push(b' ');
    octets.cut(partial)
}

impl<'a> Told<'a> {
    fn cut(self, partial: Option<Partial>) -> Told<'a> {
        match self {
            Told::Octets(std::borrow::Cow::Borrowed(octets)) => {
                Told::Octets(cut(octets, partial).into())
            }
            Told::Octets(std::borrow::Cow::Owned(octets)) => {
                Told::Octets(cut(&octets, partial).to_vec().into())
            }
            other => other,
        }
    }
}

/// The octets of a part without its transfer encoding (RFC 3516 §4.2).
fn decoded<'a>(source: &Source<'a>, numbers: &[u32]) -> Told<'a> {
    if numbers.is_empty() {
        return Told::Octets(source.content.into());
    }
    let Some(part) = source.part(numbers) else { return Told::Nil };
    let encoding = part.encoding.to_ascii_lowercase();
    match encoding.as_str() {
        "7bit" | "8bit" | "binary" => match source.content.get(part.body.clone()) {
            Some(octets) => Told::Octets(octets.into()),
            None => Told::Nil,
        },
        "base64" | "quoted-printable" => {
            let octets_max = usize::try_from(APPEND_OCTETS_MAX).unwrap_or(usize::MAX);
            Told::Octets(part.decoded(source.content, octets_max).into())
        }
        _ => Told::Undecodable,
    }
}
