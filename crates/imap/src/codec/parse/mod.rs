//! The grammar of commands, by hand: one function for each rule that is more than a word.
//!
//! Nothing is allocated that has not come over the wire already, and whatever repeats or nests is
//! counted. Spaces are single, as the grammar wants them; only before the line's end any number is
//! taken.

mod access;
pub(crate) mod classes;
mod cursor;
mod fetch;
mod list;
mod mailbox;
mod search;
mod session;

use crate::codec::reader::Frame;
use crate::codec::{
    Command, CommandBody, Fault, MailboxName, NameEncoding, Numbering, ParseError, Tag, Transfer,
    Verb,
};
use cursor::Cursor;

pub use cursor::LIST_ELEMENTS_MAX;
pub use fetch::PART_NUMBERS_MAX;
pub use search::{SEARCH_DEPTH_MAX, SEARCH_KEYS_MAX};
pub use session::ID_FIELDS_MAX;

/// Reads a collected command.
pub(super) fn command(frame: &Frame, encoding: NameEncoding) -> Result<Command, ParseError> {
    let mut cursor = Cursor::new(frame, encoding);
    let Some(tag) = Tag::of_line(cursor.rest()) else {
        return Err(ParseError { tag: None, fault: Fault::Tag });
    };
    cursor.skip(tag.as_str().len());
    if !cursor.accept(b' ') {
        return Err(ParseError { tag: Some(tag), fault: Fault::Tag });
    }
    match whole_body(&mut cursor) {
        Ok(body) => Ok(Command { tag, body }),
        Err(fault) => Err(ParseError { tag: Some(tag), fault }),
    }
}

fn whole_body(cursor: &mut Cursor<'_>) -> Result<CommandBody, Fault> {
    let word = cursor.run(classes::is_name_octet);
    let body = if word.eq_ignore_ascii_case(b"UID") {
        cursor.space()?;
        let verb = Verb::from_name(cursor.run(classes::is_name_octet));
        let verb = verb.filter(|verb| verb.takes_uid()).ok_or(Fault::UidOf)?;
        counted(cursor, verb, Numbering::Uid)?
    } else {
        match Verb::from_name(word).ok_or(Fault::UnknownCommand)? {
            verb if verb.takes_uid() => counted(cursor, verb, Numbering::Sequence)?,
            verb => uncounted(cursor, verb)?,
        }
    };
    cursor.end()?;
    Ok(body)
}

/// The commands that may have UID before them.
fn counted(
    cursor: &mut Cursor<'_>,
    verb: Verb,
    numbering: Numbering,
) -> Result<CommandBody, Fault> {
    match verb {
        Verb::Copy => transfer(cursor, numbering).map(CommandBody::Copy),
        Verb::Move => transfer(cursor, numbering).map(CommandBody::Move),
        Verb::Fetch => fetch::fetch(cursor, numbering).map(CommandBody::Fetch),
        Verb::Store => fetch::store(cursor, numbering).map(CommandBody::Store),
        Verb::Search => search::search(cursor, numbering).map(CommandBody::Search),
        Verb::Sort => search::sort(cursor, numbering).map(CommandBody::Sort),
        Verb::Thread => search::thread(cursor, numbering).map(CommandBody::Thread),
        Verb::Expunge if numbering == Numbering::Uid => {
            cursor.space()?;
            cursor.message_set().map(CommandBody::UidExpunge)
        }
        Verb::Expunge => Ok(CommandBody::Expunge),
        _ => Err(Fault::UidOf),
    }
}

/// All others.
fn uncounted(cursor: &mut Cursor<'_>, verb: Verb) -> Result<CommandBody, Fault> {
    match verb {
        Verb::Append => mailbox::append(cursor),
        Verb::Authenticate => session::authenticate(cursor),
        Verb::Capability => Ok(CommandBody::Capability),
        Verb::Check => Ok(CommandBody::Check),
        Verb::Close => Ok(CommandBody::Close),
        Verb::Compress => session::compress(cursor),
        Verb::Create => mailbox::create(cursor),
        Verb::Delete => one_mailbox(cursor).map(CommandBody::Delete),
        Verb::DeleteAcl => access::delete_acl(cursor),
        Verb::Enable => session::enable(cursor),
        Verb::Examine => mailbox::select(cursor).map(CommandBody::Examine),
        Verb::GetAcl => one_mailbox(cursor).map(CommandBody::GetAcl),
        Verb::GetMetadata => access::get_metadata(cursor),
        Verb::GetQuota => access::get_quota(cursor),
        Verb::GetQuotaRoot => one_mailbox(cursor).map(CommandBody::GetQuotaRoot),
        Verb::Id => session::id(cursor),
        Verb::Idle => Ok(CommandBody::Idle),
        Verb::List => list::list(cursor),
        Verb::ListRights => access::list_rights(cursor),
        Verb::Login => session::login(cursor),
        Verb::Logout => Ok(CommandBody::Logout),
        Verb::Lsub => list::lsub(cursor),
        Verb::MyRights => one_mailbox(cursor).map(CommandBody::MyRights),
        Verb::Namespace => Ok(CommandBody::Namespace),
        Verb::Noop => Ok(CommandBody::Noop),
        Verb::Rename => mailbox::rename(cursor),
        Verb::Select => mailbox::select(cursor).map(CommandBody::Select),
        Verb::SetAcl => access::set_acl(cursor),
        Verb::SetMetadata => access::set_metadata(cursor),
        Verb::SetQuota => access::set_quota(cursor),
        Verb::StartTls => Ok(CommandBody::StartTls),
        Verb::Status => list::status(cursor),
        Verb::Subscribe => one_mailbox(cursor).map(CommandBody::Subscribe),
        Verb::Unselect => Ok(CommandBody::Unselect),
        Verb::Unsubscribe => one_mailbox(cursor).map(CommandBody::Unsubscribe),
        Verb::Copy
        | Verb::Expunge
        | Verb::Fetch
        | Verb::Move
        | Verb::Search
        | Verb::Sort
        | Verb::Store
        | Verb::Thread => counted(cursor, verb, Numbering::Sequence),
    }
}

fn one_mailbox(cursor: &mut Cursor<'_>) -> Result<MailboxName, Fault> {
    cursor.space()?;
    cursor.mailbox()
}

fn transfer(cursor: &mut Cursor<'_>, numbering: Numbering) -> Result<Transfer, Fault> {
    cursor.space()?;
    let messages = cursor.message_set()?;
    cursor.space()?;
    Ok(Transfer { numbering, messages, mailbox: cursor.mailbox()? })
}
