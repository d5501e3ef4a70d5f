//! Access: who may read and change what in the administration. One gate for all commands and reads.
//!
//! Roles are read from the directory at the moment of the decision, and a command commits under
//! that directory's version: an administrator who was demoted a moment ago changes nothing more.
//! Whoever may open the local socket is an administrator; so is the server itself.

use std::collections::HashSet;

use domain::{AccountRole, Directory, MemberRole, RecipientId};

/// What a token may be used for. A sign-in by password may be used for everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Reading and changing in the administration, as far as the account may.
    Admin,
    /// Reading in the administration, as far as the account may.
    Read,
    /// Sending mail.
    Send,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Scope; 3] = [Scope::Admin, Scope::Read, Scope::Send];

    /// The name on the command line and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Admin => "admin",
            Scope::Read => "read",
            Scope::Send => "send",
        }
    }

    /// Reads a name, whatever its case.
    pub fn parse(text: &str) -> Option<Scope> {
        Scope::ALL.into_iter().find(|scope| scope.as_str().eq_ignore_ascii_case(text))
    }

    fn bit(self) -> u8 {
        match self {
            Scope::Admin => 1,
            Scope::Read => 2,
            Scope::Send => 4,
        }
    }
}

/// A set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// Everything that the account may.
    pub const ALL: Scopes = Scopes(7);

    /// The set of these; all where none is named.
    pub fn of(scopes: &[Scope]) -> Scopes {
        if scopes.is_empty() {
            return Scopes::ALL;
        }
        Scopes(scopes.iter().fold(0, |bits, scope| bits | scope.bit()))
    }

    /// Whether the scope is covered. Admin covers reading.
    pub fn cover(self, scope: Scope) -> bool {
        let needed = match scope {
            Scope::Read => Scope::Read.bit() | Scope::Admin.bit(),
            Scope::Admin | Scope::Send => scope.bit(),
        };
        self.0 & needed != 0
    }

    /// Whether every scope of this set is covered by the other.
    pub fn are_within(self, other: Scopes) -> bool {
        Scope::ALL.into_iter().all(|scope| !self.cover(scope) || other.cover(scope))
    }

    /// The names, separated by spaces, as the store keeps them.
    pub fn to_stored(self) -> String {
        let names: Vec<&str> = self.list().map(Scope::as_str).collect();
        names.join(" ")
    }

    /// Reads what [`to_stored`](Scopes::to_stored) wrote. Names of a later version allow nothing.
    pub fn from_stored(text: &str) -> Scopes {
        let known = text.split_whitespace().filter_map(Scope::parse);
        Scopes(known.fold(0, |bits, scope| bits | scope.bit()))
    }

    /// The scopes in the set.
    pub fn list(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.0 & scope.bit() != 0)
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// Whoever may open the administration socket of this machine.
    LocalAdministrator,
    /// An account of ours, signed in by password or by a token.
    User {
        /// The account.
        id: RecipientId,
        /// What the sign-in may be used for.
        scopes: Scopes,
    },
    /// The server itself: set-up and jobs.
    System,
}

impl Actor {
    /// The name under which the audit knows the actor: the login, for an account.
    pub fn name(&self, directory: &Directory) -> String {
        match self {
            Actor::LocalAdministrator => "local administrator".to_owned(),
            Actor::System => "system".to_owned(),
            Actor::User { id, .. } => directory
                .recipient(*id)
                .map_or_else(|| format!("account {id}"), |found| found.primary().to_string()),
        }
    }

    /// The account, where the actor is one.
    pub fn account(&self) -> Option<RecipientId> {
        match self {
            Actor::User { id, .. } => Some(*id),
            Actor::LocalAdministrator | Actor::System => None,
        }
    }

    /// What the sign-in may be used for.
    pub fn scopes(&self) -> Scopes {
        match self {
            Actor::User { scopes, .. } => *scopes,
            Actor::LocalAdministrator | Actor::System => Scopes::ALL,
        }
    }

    /// What the actor is in the administration at this moment; `None` for an account that is gone
    /// or disabled.
    pub fn role(&self, directory: &Directory) -> Option<AccountRole> {
        match self {
            Actor::LocalAdministrator | Actor::System => Some(AccountRole::Administrator),
            Actor::User { id, .. } => {
                let account = directory.recipient(*id)?.account.as_ref()?;
                (!account.is_disabled).then_some(account.role)
            }
        }
    }
}

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To look.
    Read,
    /// To change.
    Change,
}

/// What somebody must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// An administrator.
    Administrator,
    /// An auditor or administrator; for reading.
    Auditor,
    /// An owner of this group, or an administrator; for reading also an auditor.
    OwnerOf(RecipientId),
    /// This account, or an administrator; for reading also an auditor.
    Oneself(RecipientId),
    /// Any account.
    Anyone,
}

/// The gate's no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The account is gone or disabled.
    #[error("the account is disabled or gone")]
    AccountInactive,
    /// The token does not cover it.
    #[error("the token does not allow it: make one with the scope {}", .0.as_str())]
    OutOfScope(Scope),
    /// Only a sign-in by password may do it: it makes or changes what opens everything.
    #[error("a token may not do it: sign in with the password")]
    NeedsPassword,
    /// The actor is not what it takes.
    #[error("it takes {}", who_may(*.0))]
    NotEntitled(Need),
}

fn who_may(need: Need) -> &'static str {
    match need {
        Need::Administrator => "an administrator",
        Need::Auditor => "an auditor or administrator",
        Need::OwnerOf(_) => "an owner of the group or an administrator",
        Need::Oneself(_) => "the account itself or an administrator",
        Need::Anyone => "an account",
    }
}

/// Says whether the actor may.
pub fn allow(
    directory: &Directory,
    actor: &Actor,
    need: Need,
    purpose: Purpose,
) -> Result<(), Denied> {
    let role = actor.role(directory).ok_or(Denied::AccountInactive)?;
    let scope = match purpose {
        Purpose::Read => Scope::Read,
        Purpose::Change => Scope::Admin,
    };
    if !actor.scopes().cover(scope) {
        return Err(Denied::OutOfScope(scope));
    }
    let reads_all = role == AccountRole::Auditor && purpose == Purpose::Read;
    let is_entitled = match need {
        _ if role == AccountRole::Administrator => true,
        Need::Administrator => false,
        Need::Auditor => reads_all,
        Need::OwnerOf(group) => reads_all || owns(directory, actor, group),
        Need::Oneself(account) => reads_all || actor.account() == Some(account),
        Need::Anyone => true,
    };
    if is_entitled { Ok(()) } else { Err(Denied::NotEntitled(need)) }
}

/// Whether the actor is an owner of the group.
pub fn owns(directory: &Directory, actor: &Actor, group: RecipientId) -> bool {
    let is_owner = |id| {
        let mut members = directory.members_of(group).iter();
        members.any(|of| of.member == id && of.role == MemberRole::Owner)
    };
    actor.account().is_some_and(is_owner)
}

/// The groups that the actor owns.
pub fn owned_groups(directory: &Directory, actor: &Actor) -> HashSet<RecipientId> {
    let groups = actor.account().map(|account| directory.groups_of(account)).unwrap_or_default();
    groups.iter().copied().filter(|group| owns(directory, actor, *group)).collect()
}
