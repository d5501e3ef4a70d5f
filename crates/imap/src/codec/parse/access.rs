//! Arguments of the commands about rights, quotas and metadata (RFC 4314, RFC 9208, RFC 5464).

use bytes::Bytes;

use super::cursor::{Cursor, repeated};
use crate::codec::{
    AclChange, AclChangeKind, CommandBody, EntryDepth, EntryName, Fault, GetMetadata,
    MetadataEntry, QuotaLimit, SetMetadata,
};

pub(super) fn set_acl(cursor: &mut Cursor<'_>) -> Result<CommandBody, Fault> {
    let mailbox = super::one_mailbox(cursor)?;
    cursor.space()?;
    let identifier = cursor.text("an identifier")?;
    cursor.space()?;
    let change = cursor.text("rights")?;
    let (kind, rights) = match (change.strip_prefix('+'), change.strip_prefix('-')) {
        (Some(rights), _) => (AclChangeKind::Add, rights),
        (_, Some(rights)) => (AclChangeKind::Remove, rights),
        _ => (AclChangeKind::Replace, change.as_str()),
    };
    if !rights.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        return Err(Fault::Rights);
    }
    let rights = rights.to_owned();
    Ok(CommandBody::SetAcl(AclChange { mailbox, identifier, kind, rights }))
}

pub(super) fn delete_acl(cursor: &mut Cursor<'_>) -> Result<CommandBody, Fault> {
    let mailbox = super::one_mailbox(cursor)?;
    cursor.space()?;
    Ok(CommandBody::DeleteAcl { mailbox, identifier: cursor.text("an identifier")? })
}

pub(super) fn list_rights(cursor: &mut Cursor<'_>) -> Result<CommandBody, Fault> {
    let mailbox = super::one_mailbox(cursor)?;
    cursor.space()?;
    Ok(CommandBody::ListRights { mailbox, identifier: cursor.text("an identifier")? })
}

pub(super) fn get_quota(cursor: &mut Cursor<'_>) -> Result<CommandBody, Fault> {
    cursor.space()?;
    cursor.text("a quota root").map(CommandBody::GetQuota)
}

pub(super) fn set_quota(cursor: &mut Cursor<'_>) -> Result<CommandBody, Fault> {
    cursor.space()?;
    let root = cursor.text("a quota root")?;
    cursor.space()?;
    let limits = cursor.list("limits", |cursor| {
        let resource = cursor.atom("a resource")?.to_ascii_uppercase();
        cursor.space()?;
        Ok(QuotaLimit { resource, limit: cursor.number64()? })
    })?;
    Ok(CommandBody::SetQuota { root, limits })
}

pub(super) fn get_metadata(cursor: &mut Cursor<'_>) -> Result<CommandBody, Fault> {
    cursor.space()?;
    let mut asked = GetMetadata {
        mailbox: None,
        max_size: None,
        depth: EntryDepth::default(),
        entries: Vec::new(),
    };
    if cursor.peek() == Some(b'(') {
        metadata_options(cursor, &mut asked)?;
        cursor.space()?;
    }
    asked.mailbox = cursor.mailbox_or_server()?;
    cursor.space()?;
    // RFC 5464 §4.2 has the options in front of the mailbox in its grammar and behind it in its
    // examples. Entries start with a slash.
    if cursor.peek() == Some(b'(') && cursor.rest().get(1).is_some_and(u8::is_ascii_alphabetic) {
        metadata_options(cursor, &mut asked)?;
        cursor.space()?;
    }
    asked.entries = if cursor.peek() == Some(b'(') {
        cursor.full_list("entries", entry)?
    } else {
        vec![entry(cursor)?]
    };
    Ok(CommandBody::GetMetadata(asked))
}

fn metadata_options(cursor: &mut Cursor<'_>, asked: &mut GetMetadata) -> Result<(), Fault> {
    cursor.full_list("options", |cursor| {
        match cursor.name("MAXSIZE or DEPTH")?.as_str() {
            "MAXSIZE" => {
                cursor.space()?;
                asked.max_size = Some(cursor.number()?);
            }
            "DEPTH" => {
                cursor.space()?;
                let wrong = cursor.expected("0, 1 or infinity");
                asked.depth = match cursor.name("0, 1 or infinity")?.as_str() {
                    "0" => EntryDepth::Zero,
                    "1" => EntryDepth::One,
                    "INFINITY" => EntryDepth::Infinity,
                    _ => return Err(wrong),
                };
            }
            other => return Err(Fault::UnknownOption(repeated(other))),
        }
        Ok(())
    })?;
    Ok(())
}

pub(super) fn set_metadata(cursor: &mut Cursor<'_>) -> Result<CommandBody, Fault> {
    cursor.space()?;
    let mailbox = cursor.mailbox_or_server()?;
    cursor.space()?;
    let entries = cursor.full_list("entries and values", |cursor| {
        let name = entry(cursor)?;
        cursor.space()?;
        Ok(MetadataEntry { name, value: metadata_value(cursor)? })
    })?;
    Ok(CommandBody::SetMetadata(SetMetadata { mailbox, entries }))
}

/// `nstring / literal8`.
fn metadata_value(cursor: &mut Cursor<'_>) -> Result<Option<Bytes>, Fault> {
    if cursor.nil() {
        return Ok(None);
    }
    if let Some((octets, _)) = cursor.literal() {
        return Ok(Some(octets.clone()));
    }
    let octets = cursor.string("a value or NIL")?;
    Ok(Some(Bytes::from(octets.into_owned())))
}

fn entry(cursor: &mut Cursor<'_>) -> Result<EntryName, Fault> {
    EntryName::new(&cursor.text("an entry")?).ok_or(Fault::EntryName)
}
