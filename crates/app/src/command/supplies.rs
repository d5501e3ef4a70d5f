//! What a decision needs and cannot make itself, being pure: identifiers, random values, hashes,
//! and rows that the snapshot does not hold. Gathered once, before the first decision.

use store::credential::{ApiToken, AppPassword};
use store::dkim_key::DkimKey;
use store::linked_identity::LinkedIdentity;
use store::passkey::Passkey;
use store::scram::ScramCredential;
use store::second_factor::SecondFactor;

use super::{Command, CommandError, ListChange, NewGroup, Order, Password};
use crate::App;
use crate::credentials::{FillRandom, PASSWORD_CHARACTERS_MIN, PASSWORD_OCTETS_MAX};
use crate::scram::hash_with_keys;

/// Identifiers that any command may take, beside those for the items of its lists.
const IDS_BASE: usize = 8;
/// Identifiers that one item of a list may take: a channel and its folder, or a right.
const IDS_PER_ITEM: usize = 2;
/// Items in the lists of one command at most.
pub(crate) const ITEMS_MAX: usize = 5_000;

/// What was gathered.
pub(crate) struct Supplies {
    pub(crate) ids: Vec<i64>,
    pub(crate) fill_random: FillRandom,
    /// What is kept of the password in the command.
    pub(crate) password: Option<ScramCredential>,
    /// A fresh secret for a token or an app password, and what is kept of the latter.
    pub(crate) secret: String,
    pub(crate) secret_kept: Option<ScramCredential>,
    /// All DKIM keys, for commands about domains.
    pub(crate) dkim_keys: Vec<DkimKey>,
    /// The app passwords and tokens of the user in question.
    pub(crate) app_passwords: Vec<AppPassword>,
    pub(crate) tokens: Vec<ApiToken>,
    /// All clients of OAuth 2, for commands about them.
    pub(crate) oauth_clients: Vec<store::oauth::Client>,
    /// The second factor and the passkeys of the user in question, and fresh recovery codes.
    pub(crate) second_factor: Option<SecondFactor>,
    pub(crate) passkeys: Vec<Passkey>,
    /// The identities of the user in question at providers.
    pub(crate) linked_identities: Vec<LinkedIdentity>,
    pub(crate) recovery_codes: Vec<String>,
}

impl Supplies {
    pub(crate) async fn gather(app: &App, order: &Order) -> Result<Supplies, CommandError> {
        let items = items(&order.command);
        if items > ITEMS_MAX {
            let why = format!("at most {ITEMS_MAX} items at once; give them in several commands");
            return Err(CommandError::invalid("list", why));
        }
        let mut supplies = Supplies {
            ids: Vec::new(),
            fill_random: app.fill_random,
            password: None,
            secret: String::new(),
            secret_kept: None,
            dkim_keys: Vec::new(),
            app_passwords: Vec::new(),
            tokens: Vec::new(),
            oauth_clients: Vec::new(),
            second_factor: None,
            passkeys: Vec::new(),
            linked_identities: Vec::new(),
            recovery_codes: Vec::new(),
        };
        for _ in 0..IDS_BASE + items * IDS_PER_ITEM {
            supplies.ids.push(app.store.next_id().await?);
        }
        if let Some((password, user)) = password(&order.command) {
            supplies.password = Some(hash(app, password.clone(), user).await?);
        }
        supplies.gather_rows(app, &order.command).await?;
        Ok(supplies)
    }

    async fn gather_rows(&mut self, app: &App, command: &Command) -> Result<(), CommandError> {
        match command {
            Command::AddDomain { .. } | Command::RemoveDomain(_) => {
                self.dkim_keys = store::dkim_key::list(&app.store).await?;
            }
            Command::CreateToken(_) => self.secret = super::credential::token(app.fill_random),
            Command::CreateAppPassword(new) => {
                self.secret = super::credential::app_password(app.fill_random);
                let secret = Password(self.secret.clone());
                self.secret_kept = Some(hash(app, secret, Some(&new.user)).await?);
            }
            Command::RemoveAppPassword { user, .. } => {
                self.app_passwords = store::credential::app_passwords(&app.store, *user).await?;
            }
            Command::CreateApplication(_) => {
                self.secret = crate::oauth::client_secret(app.fill_random);
                self.oauth_clients = store::oauth::clients(&app.store).await?;
            }
            Command::RemoveApplication(_) => {
                self.oauth_clients = store::oauth::clients(&app.store).await?;
            }
            Command::RevokeToken { user, .. } => {
                self.tokens = store::credential::tokens(&app.store, *user).await?;
            }
            Command::ConfirmSecondFactor { user, .. }
            | Command::RenewRecoveryCodes(user)
            | Command::RemoveSecondFactor(user)
            | Command::RemovePasskey { user, .. } => {
                self.second_factor = store::second_factor::find(&app.store, *user).await?;
                self.passkeys = store::passkey::list(&app.store, *user).await?;
                self.recovery_codes = super::second_factor::recovery_codes(app.fill_random);
            }
            Command::RemoveLinkedIdentity { user, .. } => {
                self.linked_identities = store::linked_identity::list(&app.store, *user).await?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// Checks a password's length and hashes it off the async threads; `user` is its account, if that
/// exists already.
async fn hash(
    app: &App,
    password: Password,
    user: Option<&str>,
) -> Result<ScramCredential, CommandError> {
    if password.0.chars().count() < PASSWORD_CHARACTERS_MIN {
        let why = format!("it needs at least {PASSWORD_CHARACTERS_MIN} characters");
        return Err(CommandError::invalid("password", why));
    }
    if password.0.len() > PASSWORD_OCTETS_MAX {
        let why = format!("it has at most {PASSWORD_OCTETS_MAX} octets");
        return Err(CommandError::invalid("password", why));
    }
    let account = user.and_then(|user| Some(app.directory().find(user)?.id));
    let salt = app.scram_salt(account).await?;
    let fill_random = app.fill_random;
    let hashed =
        tokio::task::spawn_blocking(move || hash_with_keys(&password.0, salt, fill_random));
    Ok(hashed.await.expect("hashing a password does not panic")?)
}

/// The password that a command sets, and the user that has it, if it exists already.
fn password(command: &Command) -> Option<(&Password, Option<&str>)> {
    match command {
        Command::CreateUser(user) => Some((user.password.as_ref()?, None)),
        Command::SetPassword { password, user } => Some((password, Some(user))),
        Command::Set { changes, identity } => Some((changes.password.as_ref()?, Some(identity))),
        _ => None,
    }
}

/// How many items the lists of a command have.
fn items(command: &Command) -> usize {
    match command {
        Command::CreateSharedMailbox(shared) => shared.members.len(),
        Command::CreateGroup(NewGroup { owners, members, channels, .. }) => {
            owners.len() + members.len() + channels.len()
        }
        Command::Set { changes, .. } => {
            [&changes.send_on_behalf, &changes.channels].into_iter().flatten().map(length).sum()
        }
        Command::AddLinks(links) | Command::RemoveLinks(links) => links.who.len(),
        // Each member receives a right.
        Command::ConvertToSharedMailbox(_) => ITEMS_MAX,
        _ => 0,
    }
}

fn length(change: &ListChange) -> usize {
    match change {
        ListChange::Replace(list) => list.len(),
        ListChange::Edit { add, remove } => add.len() + remove.len(),
    }
}
