//! Rules that an administrator writes: mail flow rules (Exchange's transport rules) and journal
//! rules.
//!
//! A mail flow rule has conditions, exceptions and actions. It acts when it is in force, all its
//! conditions hold and no exception does; rules act in the order of their priority. [`judge`] says
//! what they do to one message and why, and is the whole of it: acceptance carries out what it
//! says, and the dry run shows it. Rules are asked after the gate. They may refuse what the gate
//! allowed, never the other way round, and no action reaches the author field.

mod action;
mod facts;
mod journal;
mod judge;
mod party;
mod pattern;
mod predicate;

use serde::{Deserialize, Serialize};

use crate::id::{RuleId, Timestamp};

pub use action::{Action, HeaderRefusal, REJECT_DETAIL, REJECT_DETAILS, check_header_name};
pub use facts::{Facts, JournalFacts};
pub use journal::{Journal, JournalCopy, JournalScope, journal_copies};
pub use judge::{
    Effect, HeaderChange, RULE_PASSES_MAX, Result as RuleResult, RuleOutcome, RuleRefusal, Verdict,
    judge,
};
pub use party::Party;
pub use pattern::{PATTERN_CHARACTERS_MAX, Pattern, PatternError};
pub use predicate::{Predicate, Scope};

/// Mail flow rules, and journal rules, at most of each. Exchange's limit.
pub const RULES_MAX: usize = 300;

/// A rule with what all rules have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule<T> {
    /// Its identifier.
    pub id: RuleId,
    /// Its identifier towards the outside: a UUID in lower-case text form.
    pub guid: String,
    /// The name that people see, unique among rules of its kind whatever its case.
    pub name: String,
    /// Whether it acts.
    pub is_enabled: bool,
    /// What it says.
    pub body: T,
    /// Who wrote it: an address, or the name of a local administrator.
    pub created_by: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// Who changed it last.
    pub changed_by: String,
    /// When it was changed last.
    pub changed_at: Timestamp,
}

/// A mail flow rule.
pub type TransportRule = Rule<Transport>;
/// A journal rule.
pub type JournalRule = Rule<Journal>;

/// What a mail flow rule says. Absent keys read as the default, so that adding one needs no
/// migration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Transport {
    /// Free text for administrators.
    pub comments: String,
    /// Whether it acts or only says in the trace what it would do.
    pub mode: Mode,
    /// From when it is in force, if not at once.
    pub activation_at: Option<Timestamp>,
    /// Until when it is in force, if it ends. At this instant it no longer is.
    pub expiry_at: Option<Timestamp>,
    /// Which address of the sender its conditions look at.
    pub sender_address_location: SenderAddressLocation,
    /// All must hold; without any the rule is about every message.
    pub conditions: Vec<Predicate>,
    /// One that holds is enough for the rule not to act.
    pub exceptions: Vec<Predicate>,
    /// What it does, in this order.
    pub actions: Vec<Action>,
    /// Whether the rules behind it are not asked where it acted.
    pub stops_processing: bool,
}

/// Whether a rule acts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// It does.
    #[default]
    Enforce,
    /// It only says in the trace what it would do.
    Audit,
}

/// Which address of the sender a rule looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SenderAddressLocation {
    /// That of the author field: the team's under Send As and under Send on behalf.
    #[default]
    Header,
    /// The reverse-path: the team's under Send As, the person's under Send on behalf.
    Envelope,
    /// Either.
    HeaderOrEnvelope,
}

/// All rules, each kind in its order. For mail flow rules that is their priority, 0 first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleSet {
    /// The mail flow rules.
    pub transport: Vec<TransportRule>,
    /// The journal rules.
    pub journal: Vec<JournalRule>,
}

impl RuleSet {
    /// Whether there is no rule of either kind.
    pub fn is_empty(&self) -> bool {
        self.transport.is_empty() && self.journal.is_empty()
    }
}

impl Transport {
    /// Whether the time is one at which the rule is in force.
    pub fn is_in_time(&self, now: Timestamp) -> bool {
        self.activation_at.is_none_or(|from| from <= now)
            && self.expiry_at.is_none_or(|until| now < until)
    }
}

#[cfg(test)]
mod tests;
