//! The list of every SQL text in this crate.
//!
//! Each noun lists its own; whatever an engine prepares must be in the list, which debug builds
//! assert. So preparing the whole list, as [`Store::check`](crate::Store::check) does, tells
//! whether a database understands everything that this program may ever ask.

use crate::{
    annotation, append, audit, credential, desk, directory, dkim_key, expunge, flag, folder,
    keyword, linked_identity, mailbox, message, oauth, one_time_link, passkey, piece, push, queue,
    right_use, rule, scram, search, second_factor, send_request, store, subscription, trace,
    transfer, unseen, web_session,
};

/// A text is prepared as it stands, or as the expression that a guard asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Purpose {
    Statement,
    Guard,
}

/// An expression that must be true, and the name of the conflict where it is not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GuardText {
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
}

// What frames a write set or a read on SQLite.
pub(crate) const BEGIN: &str = "begin";
pub(crate) const BEGIN_IMMEDIATE: &str = "begin immediate";
pub(crate) const COMMIT: &str = "commit";
pub(crate) const ROLLBACK: &str = "rollback";
pub(crate) const SAVEPOINT: &str = "savepoint write_set";
pub(crate) const RELEASE: &str = "release write_set";
pub(crate) const ROLLBACK_TO: &str = "rollback to write_set";

const FRAMES: &[&str] =
    &[BEGIN, BEGIN_IMMEDIATE, COMMIT, ROLLBACK, SAVEPOINT, RELEASE, ROLLBACK_TO];

const STATEMENTS: &[&[&str]] = &[
    store::STATEMENTS,
    directory::STATEMENTS,
    directory::load::STATEMENTS,
    rule::STATEMENTS,
    credential::STATEMENTS,
    folder::STATEMENTS,
    mailbox::STATEMENTS,
    piece::STATEMENTS,
    flag::STATEMENTS,
    expunge::STATEMENTS,
    append::STATEMENTS,
    transfer::STATEMENTS,
    keyword::STATEMENTS,
    subscription::STATEMENTS,
    annotation::STATEMENTS,
    search::STATEMENTS,
    unseen::STATEMENTS,
    message::STATEMENTS,
    queue::STATEMENTS,
    trace::STATEMENTS,
    audit::STATEMENTS,
    dkim_key::STATEMENTS,
    scram::STATEMENTS,
    web_session::STATEMENTS,
    right_use::STATEMENTS,
    oauth::STATEMENTS,
    second_factor::STATEMENTS,
    passkey::STATEMENTS,
    one_time_link::STATEMENTS,
    linked_identity::STATEMENTS,
    send_request::STATEMENTS,
    desk::STATEMENTS,
    push::STATEMENTS,
];

const GUARDS: &[&[GuardText]] = &[
    directory::GUARDS,
    folder::GUARDS,
    queue::GUARDS,
    right_use::GUARDS,
    oauth::GUARDS,
    second_factor::GUARDS,
    passkey::GUARDS,
    one_time_link::GUARDS,
    linked_identity::GUARDS,
    send_request::GUARDS,
];

/// Every text that works on tables, with what it is prepared as.
pub(crate) fn all() -> impl Iterator<Item = (Purpose, &'static str)> {
    let statements = STATEMENTS.iter().flat_map(|texts| texts.iter());
    let guards = GUARDS.iter().flat_map(|texts| texts.iter());
    statements
        .map(|text| (Purpose::Statement, *text))
        .chain(guards.map(|guard| (Purpose::Guard, guard.sql)))
}

/// The name of a guard.
pub(crate) fn guard_name(sql: &'static str) -> &'static str {
    let mut guards = GUARDS.iter().flat_map(|guards| guards.iter());
    guards.find(|guard| guard.sql == sql).map_or("guard", |guard| guard.name)
}

/// Ends a debug build that prepares what no list names.
pub(crate) fn assert_registered(purpose: Purpose, sql: &'static str) {
    debug_assert!(
        FRAMES.contains(&sql) || all().any(|registered| registered == (purpose, sql)),
        "add this text to the STATEMENTS or GUARDS of its file: {sql}"
    );
}
