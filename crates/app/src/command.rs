//! The one door for changing: every surface that changes the configuration gives an [`Order`] to
//! [`App::command`].
//!
//! A command is decided on the snapshot of the directory by a pure function (who may, is it valid,
//! what becomes of the entries), and committed as one write set: the guard that the directory is
//! still the one it was decided on, the rows, and the audit record. If the directory moved on, it
//! is decided anew; two administrators at one object lose nothing. When the answer is given the
//! change is in force here, and other processes hear of it by the directory's version.

mod address;
mod application;
mod contact;
mod convert;
mod credential;
mod domains;
mod draft;
mod failure;
mod grant;
mod group;
mod line;
mod link;
mod mailbox;
mod queue;
mod recipient;
mod record;
mod rule;
mod second_factor;
mod seed;
mod supplies;

use std::fmt;

use domain::{RecipientId, Timestamp};
use store::{CommitError, WriteSet};

use crate::App;
use crate::acceptance::{ConflictsExceeded, DECISIONS_MAX};
use crate::access::Actor;

pub use address::AddressChange;
pub use application::{ClientKind, NewApplication, REDIRECT_URIS_MAX};
pub use contact::NewContact;
pub use convert::{ChannelFate, ConvertOrder};
pub use credential::{NewAppPassword, NewToken};
pub use domains::{OrganizationChanges, generate_domain_keys};
pub use failure::CommandError;
pub use grant::{GrantOrder, RevokeOrder};
pub use group::{GENERAL_CHANNEL, NewChannel, NewGroup};
pub use line::shell_word;
pub use link::{Link, LinkOrder};
pub use mailbox::{NewSharedMailbox, NewUser};
pub use recipient::{RETENTION_DAYS_MAX, RecipientChanges};
pub use record::CLIENT as CLIENT_PARAMETER;
pub use rule::{RULE_NAME_CHARACTERS_MAX, RuleChanges, RuleKind, RuleOrder, find_rule};
pub use second_factor::RECOVERY_CODES;
pub(crate) use second_factor::recovery_code_hash;
pub use seed::Seed;

pub(crate) use credential::{token, token_hash};
pub(crate) use draft::new_guid;
pub(crate) use grant::{REASON_CHARACTERS_MAX, need};

use draft::Draft;
use supplies::Supplies;

/// A password in clear text on its way to be hashed. Never shown by debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// A list that is replaced as a whole or edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListChange {
    /// The list is this now.
    Replace(Vec<String>),
    /// These go out, then those come in.
    Edit {
        /// What comes in.
        add: Vec<String>,
        /// What goes out.
        remove: Vec<String>,
    },
}

/// Every change there is. Objects are named as an administrator names them: by address, alias,
/// GUID, or a display name that only one object has.
#[derive(Debug, Clone)]
pub enum Command {
    /// Creates a user.
    CreateUser(NewUser),
    /// Creates a shared mailbox.
    CreateSharedMailbox(NewSharedMailbox),
    /// Creates a group or a team.
    CreateGroup(NewGroup),
    /// Adds a channel to a team.
    CreateChannel(NewChannel),
    /// Creates a contact.
    CreateContact(NewContact),
    /// Changes a recipient of any kind.
    Set {
        /// Which.
        identity: String,
        /// What changes.
        changes: Box<RecipientChanges>,
    },
    /// Makes a shared mailbox of a group or of a user.
    ConvertToSharedMailbox(ConvertOrder),
    /// Gives a shared mailbox a login, without a password yet.
    ConvertToUser(String),
    /// Removes a recipient of any kind, with its mail, its channels and all rights.
    Remove(String),
    /// Adds members, owners or subscribers to a group.
    AddLinks(LinkOrder),
    /// Removes members, owners or subscribers from a group.
    RemoveLinks(LinkOrder),
    /// Gives a right.
    Grant(GrantOrder),
    /// Takes a right back.
    Revoke(RevokeOrder),
    /// Makes a domain ours. The keys, of [`generate_domain_keys`], sign its mail.
    AddDomain {
        /// The domain.
        domain: String,
        /// Its DKIM keys.
        keys: Vec<crate::signing::NewKey>,
    },
    /// Makes a domain the default one.
    SetDefaultDomain(String),
    /// Makes a domain somebody else's again.
    RemoveDomain(String),
    /// Changes the organisation's settings.
    SetOrganization(OrganizationChanges),
    /// Sets a user's password.
    SetPassword {
        /// Whose.
        user: String,
        /// The new one.
        password: Password,
    },
    /// Makes an app password; the answer shows it once.
    CreateAppPassword(NewAppPassword),
    /// Takes an app password away.
    RemoveAppPassword {
        /// Whose.
        user: RecipientId,
        /// Which.
        id: i64,
    },
    /// Makes an API token; the answer shows it once.
    CreateToken(NewToken),
    /// Revokes an API token.
    RevokeToken {
        /// Whose.
        user: RecipientId,
        /// Which.
        id: i64,
    },
    /// Registers a client of OAuth 2; the answer shows its secret once.
    CreateApplication(NewApplication),
    /// Takes a client away with all that it was given, by identifier or name.
    RemoveApplication(String),
    /// Turns the second factor on, by a code of the secret that was offered; the answer shows the
    /// recovery codes once, one a line. Only for oneself.
    ConfirmSecondFactor {
        /// Whose.
        user: RecipientId,
        /// The code.
        code: String,
    },
    /// Replaces the recovery codes; the answer shows them once, one a line. Only for oneself.
    RenewRecoveryCodes(RecipientId),
    /// Takes second factor, recovery codes and passkeys away: the password alone signs in.
    RemoveSecondFactor(RecipientId),
    /// Takes a passkey away.
    RemovePasskey {
        /// Whose.
        user: RecipientId,
        /// Which.
        id: i64,
    },
    /// Takes an identity at a provider away.
    RemoveLinkedIdentity {
        /// Whose.
        user: RecipientId,
        /// Which.
        id: i64,
    },
    /// Writes, changes or removes a mail flow rule or a journal rule.
    Rule {
        /// Of which kind.
        kind: RuleKind,
        /// What.
        order: Box<RuleOrder>,
    },
    /// Ends everything that a user is signed in with, browsers and mail programs, whose remembered
    /// sign-ins are not believed any more. The password stays what it was.
    EndSignIns(RecipientId),
    /// Forgets failed sign-ins of a login or of a client address.
    ClearThrottle(String),
    /// Makes queue entries due now.
    RetryQueueEntry(i64),
    /// Stops a queue entry.
    HoldQueueEntry(i64),
    /// Lets a stopped queue entry go on.
    ReleaseQueueEntry(i64),
    /// Gives a queue entry up.
    DropQueueEntry {
        /// Which.
        id: i64,
        /// Whether the sender is told by a DSN.
        notifies_sender: bool,
    },
}

/// Whether an order is to be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Do it.
    CarryOut,
    /// Only say whether it could be done.
    Check,
}

/// A command with what belongs to every command.
#[derive(Debug, Clone)]
pub struct Order {
    /// What to change.
    pub command: Command,
    /// Why, for the audit.
    pub reason: Option<String>,
    /// Where the caller is, for the audit.
    pub client: Option<String>,
    /// Whether to do it.
    pub intent: Intent,
    /// The version of the directory that the caller decided on. Where the directory is another one
    /// by now, nothing is done ([`CommandError::ChangedMeanwhile`]).
    pub expected_version: Option<i64>,
    /// The version of the object in question that the caller saw
    /// ([`crate::read::object_version`]). Where the object is another one by now, nothing is done
    /// ([`CommandError::ObjectChangedMeanwhile`]).
    pub expected_object_version: Option<String>,
}

impl Order {
    /// An order to carry out a command.
    pub fn new(command: Command) -> Order {
        Order {
            command,
            reason: None,
            client: None,
            intent: Intent::CarryOut,
            expected_version: None,
            expected_object_version: None,
        }
    }

    /// The same with a reason.
    #[must_use]
    pub fn because(self, reason: Option<String>) -> Order {
        Order { reason: reason.filter(|reason| !reason.is_empty()), ..self }
    }

    /// The same, only to be checked.
    #[must_use]
    pub fn to_check(self) -> Order {
        Order { intent: Intent::Check, ..self }
    }
}

/// The command was carried out, but.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// Everything was already so.
    NothingChanged(String),
    /// The trustee holds this right already, with the same end.
    GrantAlreadyThere {
        /// The recipient's primary address.
        recipient: String,
        /// The trustee's primary address.
        trustee: String,
    },
    /// The trustee does not hold the right that was to be taken back.
    NoSuchGrant {
        /// The recipient's primary address.
        recipient: String,
        /// The trustee's primary address.
        trustee: String,
        /// Which right.
        right: domain::Right,
    },
    /// The group has no owner any more; its display name.
    GroupWithoutOwner(String),
}

/// A secret that is shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownOnce {
    /// The identifier by which it is listed and removed.
    pub id: i64,
    /// The secret.
    pub secret: String,
}

impl fmt::Debug for ShownOnce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShownOnce").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What a command did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The recipient that was created or changed.
    pub recipient: Option<RecipientId>,
    /// What the person should know.
    pub warnings: Vec<Warning>,
    /// The secret that was made.
    pub secret: Option<ShownOnce>,
    /// The version of the directory that the command left, or would leave.
    pub version: i64,
}

impl App {
    /// Carries out a command. When it returns `Ok` the change and its audit record are durable, and
    /// the change is in force in this process. With [`Intent::Check`] nothing is written.
    pub async fn command(
        &self,
        actor: &Actor,
        order: &Order,
        now: Timestamp,
    ) -> Result<Outcome, CommandError> {
        let result = match queue::QueueOrder::of(&order.command) {
            Some(queue_order) => self.command_queue(actor, order, queue_order, now).await,
            None => self.decide_and_commit(actor, order, &|_| {}, now).await,
        };
        self.note_denial(actor, order, &result);
        result
    }

    /// The same for a command of the directory, with what `more` puts into the set that it is
    /// committed in. Where that meets a conflict again and again the error is
    /// [`CommandError::Conflicts`].
    pub(crate) async fn command_with(
        &self,
        actor: &Actor,
        order: &Order,
        more: &(dyn Fn(&mut WriteSet) + Sync),
        now: Timestamp,
    ) -> Result<Outcome, CommandError> {
        let result = self.decide_and_commit(actor, order, more, now).await;
        self.note_denial(actor, order, &result);
        result
    }

    fn note_denial(&self, actor: &Actor, order: &Order, result: &Result<Outcome, CommandError>) {
        if let Err(CommandError::Denied(denied)) = &result {
            let name = actor.name(&self.directory());
            let command = order.command.name();
            tracing::warn!(actor = name, command, reason = %denied, "command denied");
        }
    }

    async fn decide_and_commit(
        &self,
        actor: &Actor,
        order: &Order,
        more: &(dyn Fn(&mut WriteSet) + Sync),
        now: Timestamp,
    ) -> Result<Outcome, CommandError> {
        let supplies = Supplies::gather(self, order).await?;
        if order.expected_version.is_some() || order.expected_object_version.is_some() {
            // Another process may have made the version that the caller saw.
            self.refresh_directory().await?;
        }
        for _ in 0..DECISIONS_MAX {
            let (version, decided) = {
                let directory = self.directory();
                let version = directory.version();
                if let Some(expected) = order.expected_version.filter(|seen| *seen != version) {
                    return Err(CommandError::ChangedMeanwhile { expected, found: version });
                }
                (version, Draft::new(&directory, actor, order, &supplies, now).decide())
            };
            let decided = match decided {
                Ok(decided) => decided,
                Err(error) if error.depends_on_directory() => {
                    self.refresh_directory().await?;
                    if self.directory().version() == version {
                        return Err(error);
                    }
                    continue;
                }
                Err(error) => return Err(error),
            };
            if order.intent == Intent::Check {
                return Ok(decided.outcome);
            }
            let mut set = decided.set.unwrap_or_default();
            more(&mut set);
            if set.is_empty() {
                return Ok(decided.outcome);
            }
            match self.store.commit(set).await {
                Ok(()) => {
                    self.put_in_force(order).await?;
                    return Ok(decided.outcome);
                }
                Err(CommitError::Conflict(_)) => self.refresh_directory().await?,
                Err(CommitError::Failure(failure)) => return Err(failure.into()),
            }
        }
        Err(ConflictsExceeded.into())
    }

    /// Brings what this process keeps in memory into step with what was committed.
    async fn put_in_force(&self, order: &Order) -> Result<(), CommandError> {
        self.refresh_directory().await?;
        match &order.command {
            Command::AddDomain { .. } | Command::RemoveDomain(_) => self.reload_keys().await?,
            Command::ClearThrottle(login_or_address) => {
                self.clear_sign_in_throttle(login_or_address);
            }
            _ => {}
        }
        Ok(())
    }
}

impl Command {
    /// The recipient that the command changes, as the administrator names it; `None` for commands
    /// that create one, and for those about something else.
    pub(crate) fn object(&self) -> Option<&str> {
        match self {
            Command::Set { identity, .. }
            | Command::ConvertToUser(identity)
            | Command::Remove(identity)
            | Command::SetPassword { user: identity, .. } => Some(identity),
            Command::ConvertToSharedMailbox(order) => Some(&order.identity),
            Command::CreateChannel(channel) => Some(&channel.team),
            Command::AddLinks(links) | Command::RemoveLinks(links) => Some(&links.group),
            Command::Grant(grant) => Some(&grant.recipient),
            Command::Revoke(revoke) => Some(&revoke.recipient),
            _ => None,
        }
    }

    /// A name for logs.
    pub fn name(&self) -> &'static str {
        match self {
            Command::CreateUser(_) => "create user",
            Command::CreateSharedMailbox(_) => "create shared mailbox",
            Command::CreateGroup(_) => "create group",
            Command::CreateChannel(_) => "create channel",
            Command::CreateContact(_) => "create contact",
            Command::Set { .. } => "set recipient",
            Command::ConvertToSharedMailbox(_) => "convert to shared mailbox",
            Command::ConvertToUser(_) => "convert to user",
            Command::Remove(_) => "remove recipient",
            Command::AddLinks(_) => "add links",
            Command::RemoveLinks(_) => "remove links",
            Command::Grant(_) => "grant",
            Command::Revoke(_) => "revoke",
            Command::AddDomain { .. } => "add domain",
            Command::SetDefaultDomain(_) => "set default domain",
            Command::RemoveDomain(_) => "remove domain",
            Command::SetOrganization(_) => "set organization",
            Command::SetPassword { .. } => "set password",
            Command::CreateAppPassword(_) => "create app password",
            Command::RemoveAppPassword { .. } => "remove app password",
            Command::CreateToken(_) => "create token",
            Command::RevokeToken { .. } => "revoke token",
            Command::CreateApplication(_) => "create application",
            Command::RemoveApplication(_) => "remove application",
            Command::ConfirmSecondFactor { .. } => "confirm second factor",
            Command::RenewRecoveryCodes(_) => "renew recovery codes",
            Command::RemoveSecondFactor(_) => "remove second factor",
            Command::RemovePasskey { .. } => "remove passkey",
            Command::RemoveLinkedIdentity { .. } => "remove linked identity",
            Command::Rule { .. } => "change rule",
            Command::EndSignIns(_) => "end sign-ins",
            Command::ClearThrottle(_) => "clear throttle",
            Command::RetryQueueEntry(_) => "retry queue entry",
            Command::HoldQueueEntry(_) => "hold queue entry",
            Command::ReleaseQueueEntry(_) => "release queue entry",
            Command::DropQueueEntry { .. } => "drop queue entry",
        }
    }
}
