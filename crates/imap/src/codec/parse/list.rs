//! Arguments of LIST, LSUB and STATUS.

use super::cursor::{Cursor, repeated};
use crate::codec::{CommandBody, Fault, List, ListReturns, ListSelection, StatusItem};

pub(super) fn list(cursor: &mut Cursor<'_>) -> Result<CommandBody, Fault> {
    cursor.space()?;
    let mut is_extended = false;
    let mut selection = ListSelection::default();
    if cursor.peek() == Some(b'(') {
        is_extended = true;
        selection = selection_options(cursor)?;
        cursor.space()?;
    }
    let reference = cursor.reference()?;
    cursor.space()?;
    let patterns = if cursor.peek() == Some(b'(') {
        is_extended = true;
        cursor.full_list("patterns", Cursor::pattern)?
    } else {
        vec![cursor.pattern()?]
    };
    let mut returns = ListReturns::default();
    if cursor.is_next("RETURN") {
        is_extended = true;
        cursor.space()?;
        cursor.this_name("RETURN")?;
        cursor.space()?;
        cursor.list("return options", |cursor| return_option(cursor, &mut returns))?;
    }
    Ok(CommandBody::List(List { selection, reference, patterns, returns, is_extended }))
}

fn selection_options(cursor: &mut Cursor<'_>) -> Result<ListSelection, Fault> {
    let options = cursor.list("selection options", |cursor| {
        match cursor.name("a selection option")?.as_str() {
            "SUBSCRIBED" => Ok(ListSelection::SUBSCRIBED),
            "REMOTE" => Ok(ListSelection::REMOTE),
            "RECURSIVEMATCH" => Ok(ListSelection::RECURSIVE_MATCH),
            "SPECIAL-USE" => Ok(ListSelection::SPECIAL_USE),
            other => Err(Fault::UnknownOption(repeated(other))),
        }
    })?;
    let selection = options.into_iter().fold(ListSelection::default(), ListSelection::with);
    // RFC 5258 §3.1: it says something about another option only, and REMOTE is not one.
    let has_base = selection.contains(ListSelection::SUBSCRIBED)
        || selection.contains(ListSelection::SPECIAL_USE);
    if selection.contains(ListSelection::RECURSIVE_MATCH) && !has_base {
        return Err(Fault::Needs("RECURSIVEMATCH", "SUBSCRIBED"));
    }
    Ok(selection)
}

fn return_option(cursor: &mut Cursor<'_>, returns: &mut ListReturns) -> Result<(), Fault> {
    match cursor.name("a return option")?.as_str() {
        "SUBSCRIBED" => returns.is_subscribed = true,
        "CHILDREN" => returns.has_children = true,
        "SPECIAL-USE" => returns.is_special_use = true,
        "MYRIGHTS" => returns.has_my_rights = true,
        "STATUS" => {
            cursor.space()?;
            returns.status = cursor.full_list("status items", status_item)?;
        }
        other => return Err(Fault::UnknownOption(repeated(other))),
    }
    Ok(())
}

pub(super) fn lsub(cursor: &mut Cursor<'_>) -> Result<CommandBody, Fault> {
    cursor.space()?;
    let reference = cursor.reference()?;
    cursor.space()?;
    Ok(CommandBody::Lsub { reference, pattern: cursor.pattern()? })
}

pub(super) fn status(cursor: &mut Cursor<'_>) -> Result<CommandBody, Fault> {
    let mailbox = super::one_mailbox(cursor)?;
    cursor.space()?;
    let items = cursor.full_list("status items", status_item)?;
    Ok(CommandBody::Status { mailbox, items })
}

fn status_item(cursor: &mut Cursor<'_>) -> Result<StatusItem, Fault> {
    let name = cursor.name("a status item")?;
    let found = StatusItem::ALL.into_iter().find(|(wire, _)| *wire == name);
    found.map(|(_, item)| item).ok_or_else(|| Fault::UnknownOption(repeated(&name)))
}
