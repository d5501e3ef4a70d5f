//! Arguments of FETCH and STORE.

use super::cursor::{Cursor, repeated};
use crate::codec::{
    Fault, Fetch, FetchItem, Numbering, Partial, Section, SectionText, Store, StoreOperation,
};

/// Most numbers of a section's part: as deep as anyone nests.
pub const PART_NUMBERS_MAX: usize = 64;

pub(super) fn fetch(cursor: &mut Cursor<'_>, numbering: Numbering) -> Result<Fetch, Fault> {
    cursor.space()?;
    let messages = cursor.message_set()?;
    cursor.space()?;
    let items = items(cursor)?;
    let mut fetch = Fetch { numbering, messages, items, changed_since: None, is_vanished: false };
    if cursor.peek() == Some(b' ') && cursor.rest().get(1) == Some(&b'(') {
        cursor.space()?;
        modifiers(cursor, &mut fetch)?;
    }
    Ok(fetch)
}

fn modifiers(cursor: &mut Cursor<'_>, fetch: &mut Fetch) -> Result<(), Fault> {
    cursor.full_list("modifiers", |cursor| {
        match cursor.name("a modifier")?.as_str() {
            "CHANGEDSINCE" => {
                cursor.space()?;
                fetch.changed_since = Some(cursor.modseq()?);
            }
            "VANISHED" => fetch.is_vanished = true,
            other => return Err(Fault::UnknownOption(repeated(other))),
        }
        Ok(())
    })?;
    // RFC 7162 §3.2.6.
    if fetch.is_vanished && fetch.changed_since.is_none() {
        return Err(Fault::Needs("VANISHED", "CHANGEDSINCE"));
    }
    if fetch.is_vanished && fetch.numbering == Numbering::Sequence {
        return Err(Fault::Needs("VANISHED", "UID FETCH"));
    }
    Ok(())
}

fn items(cursor: &mut Cursor<'_>) -> Result<Vec<FetchItem>, Fault> {
    use FetchItem::{Body, Envelope, Flags, InternalDate, Rfc822Size};
    if cursor.peek() == Some(b'(') {
        return cursor.full_list("data items", item);
    }
    let wrong = cursor.expected("data items");
    let starts_with = cursor.rest().split(|octet| *octet == b' ').next().ok_or(wrong)?;
    // RFC 9051 §6.4.5: macros stand alone.
    let is_macro = |name: &[u8]| starts_with.eq_ignore_ascii_case(name);
    let resolved = if is_macro(b"ALL") {
        vec![Flags, InternalDate, Rfc822Size, Envelope]
    } else if is_macro(b"FAST") {
        vec![Flags, InternalDate, Rfc822Size]
    } else if is_macro(b"FULL") {
        vec![Flags, InternalDate, Rfc822Size, Envelope, Body]
    } else {
        return Ok(vec![item(cursor)?]);
    };
    cursor.skip(starts_with.len());
    Ok(resolved)
}

fn item(cursor: &mut Cursor<'_>) -> Result<FetchItem, Fault> {
    let name = cursor.name("a data item")?;
    let has_section = cursor.peek() == Some(b'[');
    Ok(match name.as_str() {
        "BODY" if has_section => section_item(cursor, false)?,
        "BODY.PEEK" if has_section => section_item(cursor, true)?,
        "BINARY" if has_section => binary_item(cursor, false)?,
        "BINARY.PEEK" if has_section => binary_item(cursor, true)?,
        "BINARY.SIZE" if has_section => FetchItem::BinarySize { part: bracketed_part(cursor)? },
        "BODY.PEEK" | "BINARY" | "BINARY.PEEK" | "BINARY.SIZE" => {
            return Err(cursor.expected("a section in brackets"));
        }
        "FLAGS" => FetchItem::Flags,
        "INTERNALDATE" => FetchItem::InternalDate,
        "ENVELOPE" => FetchItem::Envelope,
        "BODY" => FetchItem::Body,
        "BODYSTRUCTURE" => FetchItem::BodyStructure,
        "UID" => FetchItem::Uid,
        "MODSEQ" => FetchItem::ModSeq,
        "EMAILID" => FetchItem::EmailId,
        "THREADID" => FetchItem::ThreadId,
        "SAVEDATE" => FetchItem::SaveDate,
        "PREVIEW" => preview(cursor)?,
        "RFC822" => FetchItem::Rfc822,
        "RFC822.HEADER" => FetchItem::Rfc822Header,
        "RFC822.TEXT" => FetchItem::Rfc822Text,
        "RFC822.SIZE" => FetchItem::Rfc822Size,
        other => return Err(Fault::UnknownFetchItem(repeated(other))),
    })
}

/// RFC 8970 §6. Behind an item that stands alone there may also be modifiers in parentheses.
fn preview(cursor: &mut Cursor<'_>) -> Result<FetchItem, Fault> {
    let is_lazy = cursor.is_next("(LAZY");
    if is_lazy {
        cursor.skip(" (LAZY".len());
        cursor.octet(b')', ")")?;
    }
    Ok(FetchItem::Preview { is_lazy })
}

fn section_item(cursor: &mut Cursor<'_>, is_peek: bool) -> Result<FetchItem, Fault> {
    cursor.octet(b'[', "[")?;
    let section = section(cursor)?;
    cursor.octet(b']', "]")?;
    Ok(FetchItem::Section { section, partial: partial(cursor)?, is_peek })
}

fn binary_item(cursor: &mut Cursor<'_>, is_peek: bool) -> Result<FetchItem, Fault> {
    let part = bracketed_part(cursor)?;
    Ok(FetchItem::Binary { part, partial: partial(cursor)?, is_peek })
}

/// `section-binary`.
fn bracketed_part(cursor: &mut Cursor<'_>) -> Result<Vec<u32>, Fault> {
    cursor.octet(b'[', "[")?;
    let (part, is_open) = part(cursor)?;
    if is_open {
        return Err(cursor.expected("the number of a part"));
    }
    cursor.octet(b']', "]")?;
    Ok(part)
}

/// The numbers of a part, and whether a dot behind them says that more comes.
fn part(cursor: &mut Cursor<'_>) -> Result<(Vec<u32>, bool), Fault> {
    let mut numbers = Vec::new();
    while cursor.peek().is_some_and(|octet| octet.is_ascii_digit()) {
        if numbers.len() == PART_NUMBERS_MAX {
            return Err(Fault::TooMany("numbers of a part"));
        }
        numbers.push(cursor.nz_number()?.get());
        if !cursor.accept(b'.') {
            return Ok((numbers, false));
        }
    }
    let is_open = !numbers.is_empty();
    Ok((numbers, is_open))
}

/// RFC 9051 `section-spec`, which may be empty.
fn section(cursor: &mut Cursor<'_>) -> Result<Section, Fault> {
    let (part, is_open) = part(cursor)?;
    if !is_open && (!part.is_empty() || cursor.peek() == Some(b']')) {
        return Ok(Section { part, text: SectionText::Whole });
    }
    let wrong = cursor.expected("HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, TEXT, MIME or ]");
    let text = match cursor.name("a section")?.as_str() {
        "HEADER" => SectionText::Header,
        "TEXT" => SectionText::Text,
        // RFC 9051 §6.4.5.1: only a part has one.
        "MIME" if !part.is_empty() => SectionText::Mime,
        "HEADER.FIELDS" => SectionText::HeaderFields(field_names(cursor)?),
        "HEADER.FIELDS.NOT" => SectionText::HeaderFieldsNot(field_names(cursor)?),
        _ => return Err(wrong),
    };
    Ok(Section { part, text })
}

fn field_names(cursor: &mut Cursor<'_>) -> Result<Vec<String>, Fault> {
    cursor.space()?;
    cursor.full_list("names of fields", |cursor| {
        let wrong = cursor.expected("the name of a field");
        let name = cursor.text("the name of a field")?;
        // RFC 5322 §2.2: what a field can be called; nothing else is there to be found.
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && b != b':');
        if is_name { Ok(name) } else { Err(wrong) }
    })
}

/// `<offset.octets>`, if it is there.
fn partial(cursor: &mut Cursor<'_>) -> Result<Option<Partial>, Fault> {
    if !cursor.accept(b'<') {
        return Ok(None);
    }
    let offset = cursor.number64()?;
    cursor.octet(b'.', "a dot")?;
    let wrong = cursor.expected("a number from 1");
    let octets = Some(cursor.number64()?).filter(|octets| *octets > 0).ok_or(wrong)?;
    cursor.octet(b'>', ">")?;
    Ok(Some(Partial { offset, octets }))
}

pub(super) fn store(cursor: &mut Cursor<'_>, numbering: Numbering) -> Result<Store, Fault> {
    cursor.space()?;
    let messages = cursor.message_set()?;
    cursor.space()?;
    let mut unchanged_since = None;
    if cursor.peek() == Some(b'(') {
        cursor.full_list("modifiers", |cursor| {
            cursor.this_name("UNCHANGEDSINCE")?;
            cursor.space()?;
            // RFC 7162 §3.1.3: zero is allowed here, and nothing passes it.
            unchanged_since = Some(cursor.number64()?);
            Ok(())
        })?;
        cursor.space()?;
    }
    let operation = match cursor.peek() {
        Some(b'+') => StoreOperation::Add,
        Some(b'-') => StoreOperation::Remove,
        _ => StoreOperation::Replace,
    };
    cursor.skip(usize::from(operation != StoreOperation::Replace));
    let wrong = cursor.expected("FLAGS or FLAGS.SILENT");
    let is_silent = match cursor.name("FLAGS")?.as_str() {
        "FLAGS" => false,
        "FLAGS.SILENT" => true,
        _ => return Err(wrong),
    };
    cursor.space()?;
    let flags = store_flags(cursor)?;
    Ok(Store { numbering, messages, unchanged_since, operation, is_silent, flags })
}

/// A list in parentheses, or flags without them.
fn store_flags(cursor: &mut Cursor<'_>) -> Result<Vec<crate::codec::Flag>, Fault> {
    if cursor.peek() == Some(b'(') {
        return cursor.list("flags", Cursor::flag);
    }
    let mut flags = vec![cursor.flag()?];
    while cursor.accept(b' ') {
        if flags.len() == super::LIST_ELEMENTS_MAX {
            return Err(Fault::TooMany("flags"));
        }
        flags.push(cursor.flag()?);
    }
    Ok(flags)
}
