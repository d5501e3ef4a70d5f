//! What a decision needs and cannot make itself, being pure: identifiers, random values, hashes,
//! and rows that the snapshot does not hold. Gathered once, before the first decision.

use store::credential::{ApiToken, AppPassword};
use store::dkim_key::DkimKey;

use super::{Command, CommandError, ListChange, NewGroup, Order, Password};
use crate::App;
use crate::credentials::{FillRandom, PASSWORD_CHARACTERS_MIN, PASSWORD_OCTETS_MAX, hash_password};

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
    /// The hash of the password in the command.
    pub(crate) password_hash: Option<String>,
    /// A fresh secret for a token or an app password, and its hash in PHC form for the latter.
    pub(crate) secret: String,
    pub(crate) secret_hash: Option<String>,
    /// All DKIM keys, for commands about domains.
    pub(crate) dkim_keys: Vec<DkimKey>,
    /// The app passwords and tokens of the user in question.
    pub(crate) app_passwords: Vec<AppPassword>,
    pub(crate) tokens: Vec<ApiToken>,
    /// All clients of OAuth 2, for commands about them.
    pub(crate) oauth_clients: Vec<store::oauth::Client>,
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
            password_hash: None,
            secret: String::new(),
            secret_hash: None,
            dkim_keys: Vec::new(),
            app_passwords: Vec::new(),
            tokens: Vec::new(),
            oauth_clients: Vec::new(),
        };
        for _ in 0..IDS_BASE + items * IDS_PER_ITEM {
            supplies.ids.push(app.store.next_id().await?);
        }
        if let Some(password) = password(&order.command) {
            supplies.password_hash = Some(hash(app, password.clone()).await?);
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
            Command::CreateAppPassword(_) => {
                self.secret = super::credential::app_password(app.fill_random);
                self.secret_hash = Some(hash(app, Password(self.secret.clone())).await?);
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
            _ => {}
        }
        Ok(())
    }
}

/// Checks a password's length and hashes it off the async threads.
async fn hash(app: &App, password: Password) -> Result<String, CommandError> {
    if password.0.chars().count() < PASSWORD_CHARACTERS_MIN {
        let why = format!("it needs at least {PASSWORD_CHARACTERS_MIN} characters");
        return Err(CommandError::invalid("password", why));
    }
    if password.0.len() > PASSWORD_OCTETS_MAX {
        let why = format!("it has at most {PASSWORD_OCTETS_MAX} octets");
        return Err(CommandError::invalid("password", why));
    }
    let fill_random = app.fill_random;
    let hashed = tokio::task::spawn_blocking(move || hash_password(&password.0, fill_random));
    Ok(hashed.await.expect("hashing a password does not panic")?)
}

fn password(command: &Command) -> Option<&Password> {
    match command {
        Command::CreateUser(user) => user.password.as_ref(),
        Command::SetPassword { password, .. } => Some(password),
        Command::Set { changes, .. } => changes.password.as_ref(),
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
