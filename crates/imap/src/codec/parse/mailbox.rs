//! Arguments of SELECT, CREATE, RENAME and APPEND.

use super::cursor::{Cursor, repeated};
use crate::codec::{
    Append, AppendMessage, CommandBody, Create, Fault, QresyncParameters, Select, SpecialUse,
};

pub(super) fn select(cursor: &mut Cursor<'_>) -> Result<Select, Fault> {
    cursor.space()?;
    let mut select = Select { mailbox: cursor.mailbox()?, is_condstore: false, qresync: None };
    if cursor.peek() == Some(b' ') && cursor.rest().get(1) == Some(&b'(') {
        cursor.space()?;
        cursor.full_list("parameters", |cursor| {
            match cursor.name("CONDSTORE or QRESYNC")?.as_str() {
                "CONDSTORE" => select.is_condstore = true,
                "QRESYNC" if select.qresync.is_some() => return Err(Fault::Repeated("QRESYNC")),
                "QRESYNC" => select.qresync = Some(qresync(cursor)?),
                other => return Err(Fault::UnknownOption(repeated(other))),
            }
            Ok(())
        })?;
    }
    Ok(select)
}

/// RFC 7162 §7 `select-param`.
fn qresync(cursor: &mut Cursor<'_>) -> Result<QresyncParameters, Fault> {
    cursor.space()?;
    cursor.octet(b'(', "the parameters of QRESYNC")?;
    let uid_validity = cursor.nz_number()?;
    cursor.space()?;
    let modseq = cursor.modseq()?;
    let (mut known_uids, mut matches) = (None, None);
    if cursor.peek() == Some(b' ') && cursor.rest().get(1) != Some(&b'(') {
        cursor.space()?;
        known_uids = Some(cursor.number_set()?);
    }
    if cursor.accept(b' ') {
        cursor.octet(b'(', "sequence numbers and UIDs that match")?;
        let numbers = cursor.number_set()?;
        cursor.space()?;
        matches = Some((numbers, cursor.number_set()?));
        cursor.octet(b')', ")")?;
    }
    cursor.octet(b')', ")")?;
    Ok(QresyncParameters { uid_validity, modseq, known_uids, matches })
}

pub(super) fn create(cursor: &mut Cursor<'_>) -> Result<CommandBody, Fault> {
    let mailbox = super::one_mailbox(cursor)?;
    let mut special_uses = Vec::new();
    if cursor.is_next("(USE") {
        cursor.space()?;
        cursor.octet(b'(', "parameters")?;
        cursor.this_name("USE")?;
        cursor.space()?;
        special_uses = cursor.list("special uses", special_use)?;
        cursor.octet(b')', ")")?;
    }
    Ok(CommandBody::Create(Create { mailbox, special_uses }))
}

fn special_use(cursor: &mut Cursor<'_>) -> Result<SpecialUse, Fault> {
    cursor.octet(b'\\', "a special use like \\Archive")?;
    let name = cursor.atom("a special use")?;
    let is_named = |wire: &str| wire[1..].eq_ignore_ascii_case(&name);
    let found = SpecialUse::ALL_USES.into_iter().find(|(wire, _)| is_named(wire));
    found.map(|(_, special)| special).ok_or_else(|| Fault::UnknownOption(repeated(&name)))
}

pub(super) fn rename(cursor: &mut Cursor<'_>) -> Result<CommandBody, Fault> {
    let from = super::one_mailbox(cursor)?;
    let to = super::one_mailbox(cursor)?;
    Ok(CommandBody::Rename { from, to })
}

pub(super) fn append(cursor: &mut Cursor<'_>) -> Result<CommandBody, Fault> {
    let mailbox = super::one_mailbox(cursor)?;
    cursor.space()?;
    let mut messages = vec![append_message(cursor)?];
    // RFC 3502: more follow, each one a literal, so that their number is limited already.
    while cursor.accept(b' ') {
        messages.push(append_message(cursor)?);
    }
    Ok(CommandBody::Append(Append { mailbox, messages }))
}

fn append_message(cursor: &mut Cursor<'_>) -> Result<AppendMessage, Fault> {
    let mut flags = Vec::new();
    if cursor.peek() == Some(b'(') {
        flags = cursor.list("flags", Cursor::flag)?;
        cursor.space()?;
    }
    let mut internal_at_ms = None;
    if cursor.peek() == Some(b'"') {
        internal_at_ms = Some(cursor.date_time()?);
        cursor.space()?;
    }
    // RFC 6855 §4 `append-data`: UTF8 SP "(" literal8 ")".
    let is_utf8 = cursor.peek().is_some();
    if is_utf8 {
        cursor.this_name("UTF8")?;
        cursor.space()?;
        cursor.octet(b'(', "( and a literal")?;
    }
    let wrong = cursor.expected("the message as a literal");
    let (content, is_literal8) = cursor.literal().ok_or(wrong)?;
    if is_utf8 {
        cursor.octet(b')', ")")?;
    }
    Ok(AppendMessage { flags, internal_at_ms, content: content.clone(), is_literal8 })
}
