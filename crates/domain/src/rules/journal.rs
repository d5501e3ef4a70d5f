//! Journal rules: whose mail is copied, whole and as it is, to an address that keeps it.

use serde::{Deserialize, Serialize};

use super::JournalRule;
use super::facts::JournalFacts;
use super::party::Party;
use super::predicate::is_or_is_in;
use crate::directory::Directory;
use crate::id::RecipientId;
use crate::routing::Origin;

/// What a journal rule says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// Where the reports go.
    pub address: Party,
    /// Whose mail is reported, sent or received: a recipient, or a group with each of its members.
    /// `None`: everybody's.
    #[serde(default)]
    pub recipient: Option<RecipientId>,
    /// Which mail.
    #[serde(default)]
    pub scope: JournalScope,
}

/// Which mail a journal rule is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum JournalScope {
    /// All.
    #[default]
    Global,
    /// What one of ours sends to somebody of ours.
    Internal,
    /// What comes from outside, or goes there.
    External,
}

impl JournalScope {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            JournalScope::Global => "Global",
            JournalScope::Internal => "Internal",
            JournalScope::External => "External",
        }
    }

    /// Reads the word, whatever its case.
    pub fn parse(text: &str) -> Option<JournalScope> {
        [JournalScope::Global, JournalScope::Internal, JournalScope::External]
            .into_iter()
            .find(|scope| scope.as_str().eq_ignore_ascii_case(text))
    }
}

/// One report to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalCopy {
    /// Where it goes.
    pub address: Party,
    /// The rules that want it, by name; at least one.
    pub rules: Vec<String>,
}

/// The reports that journal rules want of a message: one for each address, however many rules name
/// it.
pub fn journal_copies(
    rules: &[JournalRule],
    directory: &Directory,
    facts: &JournalFacts<'_>,
) -> Vec<JournalCopy> {
    let mut copies: Vec<JournalCopy> = Vec::new();
    for rule in rules.iter().filter(|rule| wants(rule, directory, facts)) {
        let address = &rule.body.address;
        match copies.iter_mut().find(|copy| copy.address == *address) {
            Some(copy) => copy.rules.push(rule.name.clone()),
            None => copies
                .push(JournalCopy { address: address.clone(), rules: vec![rule.name.clone()] }),
        }
    }
    copies
}

fn wants(rule: &JournalRule, directory: &Directory, facts: &JournalFacts<'_>) -> bool {
    rule.is_enabled
        && is_in_scope(rule.body.scope, facts)
        && rule.body.recipient.is_none_or(|wanted| concerns(directory, facts, wanted))
}

fn is_in_scope(scope: JournalScope, facts: &JournalFacts<'_>) -> bool {
    let is_from_inside = facts.origin == Origin::Authenticated;
    match scope {
        JournalScope::Global => true,
        JournalScope::Internal => is_from_inside && !facts.expansion.placements.is_empty(),
        JournalScope::External => !is_from_inside || !facts.expansion.outside.is_empty(),
    }
}

/// Whether the message is from or to a recipient, or from or to a member where that is a group. The
/// person counts even where the message bears a team's name alone.
fn concerns(directory: &Directory, facts: &JournalFacts<'_>, wanted: RecipientId) -> bool {
    let resolve = |address| directory.resolve(address).map(|found| found.id);
    let mut senders =
        [facts.actor, facts.represented, facts.author.and_then(resolve)].into_iter().flatten();
    let is_wanted = |id: RecipientId| is_or_is_in(directory, id, &[wanted]);
    let expansion = facts.expansion;
    senders.any(is_wanted)
        || expansion.placements.iter().any(|placed| is_wanted(placed.mailbox))
        || expansion.expanded.iter().any(|(group, _)| is_wanted(*group))
        || expansion.outside.iter().filter_map(|to| resolve(&to.address)).any(is_wanted)
}
