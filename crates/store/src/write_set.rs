//! A write set: everything that one decision changes, with the facts that it was taken on.
//!
//! It is put together before anything is written, by the functions of the noun modules, and
//! committed whole or not at all. Guards are checked inside the transaction, before the first
//! statement; the caller whose guard fails reads afresh and decides again.
//!
//! Lock order. On PostgreSQL sets run beside each other, so all of them lock in one order: the
//! directory, then folders by ascending identifier, then the audit chain. Callers need not think of
//! it: the statements of a set are sorted by [`Rank`] before they run, on both engines alike.

use bytes::Bytes;
use domain::FolderId;

use crate::event::Event;
use crate::statements::GuardText;
use crate::value::Value;

/// A boolean expression that must be true inside the transaction.
#[derive(Debug)]
pub(crate) struct Guard {
    pub(crate) text: GuardText,
    pub(crate) params: Vec<Value>,
}

/// A change.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) rank: Rank,
    pub(crate) sql: &'static str,
    pub(crate) params: Vec<Value>,
    /// Whether its rows are part of the answer.
    pub(crate) is_asked: bool,
}

/// When a statement runs among the others of its set. Equal ranks keep the order of pushing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// First, as pushed.
    Plain,
    /// Takes the row of a folder.
    Folder(FolderId),
    /// Takes the end of the audit chain.
    Audit,
}

/// Guards, statements and events that are committed together.
#[derive(Debug, Default)]
pub struct WriteSet {
    /// Statements that take locks, run before the guards. Empty texts on SQLite.
    pub(crate) locks: Vec<&'static str>,
    pub(crate) guards: Vec<Guard>,
    pub(crate) statements: Vec<Statement>,
    pub(crate) events: Vec<Event>,
    pub(crate) changes_directory: bool,
}

impl WriteSet {
    /// An empty set.
    pub fn new() -> WriteSet {
        WriteSet::default()
    }

    /// Whether there is nothing to write or to check.
    pub fn is_empty(&self) -> bool {
        self.guards.is_empty() && self.statements.is_empty()
    }

    /// The events that are published once the set is committed.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Takes in another set, which must not ask for rows: both are committed, or neither is.
    pub fn append(&mut self, other: WriteSet) {
        let is_silent = other.statements.iter().all(|statement| !statement.is_asked);
        debug_assert!(is_silent, "the rows would go to the wrong caller");
        self.locks.extend(other.locks);
        self.guards.extend(other.guards);
        self.statements.extend(other.statements);
        for event in other.events {
            self.publish(event);
        }
        self.changes_directory |= other.changes_directory;
    }

    pub(crate) fn guard(&mut self, text: GuardText, params: Vec<Value>) {
        self.guards.push(Guard { text, params });
    }

    pub(crate) fn push(&mut self, sql: &'static str, params: Vec<Value>) {
        self.push_ranked(Rank::Plain, sql, params);
    }

    pub(crate) fn push_ranked(&mut self, rank: Rank, sql: &'static str, params: Vec<Value>) {
        self.statements.push(Statement { rank, sql, params, is_asked: false });
    }

    /// Pushes a statement whose rows are part of the answer. The answers of several follow each
    /// other in the order in which the statements run.
    pub(crate) fn ask(&mut self, rank: Rank, sql: &'static str, params: Vec<Value>) {
        self.statements.push(Statement { rank, sql, params, is_asked: true });
    }

    pub(crate) fn publish(&mut self, event: Event) {
        if !self.events.contains(&event) {
            self.events.push(event);
        }
    }

    /// Puts the statements into lock order.
    pub(crate) fn sort(&mut self) {
        self.statements.sort_by_key(|statement| statement.rank);
    }

    /// Bytes of content that the set carries.
    pub(crate) fn content_bytes(&self) -> usize {
        let contents = self.statements.iter().flat_map(|statement| &statement.params);
        contents
            .map(|value| match value {
                Value::Blob(content) => Bytes::len(content),
                Value::Text(text) => text.len(),
                Value::Null | Value::Int(_) => 0,
            })
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use domain::FolderId;

    use super::{Rank, WriteSet};

    #[test]
    fn locks_are_taken_in_one_order_whatever_the_order_of_pushing() {
        let mut set = WriteSet::new();
        set.push_ranked(Rank::Audit, "audit", Vec::new());
        set.push_ranked(Rank::Folder(FolderId(2)), "count 2", Vec::new());
        set.push_ranked(Rank::Folder(FolderId(2)), "place 2", Vec::new());
        set.push("first", Vec::new());
        set.push_ranked(Rank::Folder(FolderId(1)), "count 1", Vec::new());
        set.push_ranked(Rank::Folder(FolderId(1)), "place 1", Vec::new());
        set.push("second", Vec::new());
        set.sort();
        let order: Vec<&str> = set.statements.iter().map(|statement| statement.sql).collect();
        let expected = ["first", "second", "count 1", "place 1", "count 2", "place 2", "audit"];
        assert_eq!(order, expected);
    }
}
