//! Browsers that are signed in.
//!
//! The browser holds 32 random octets; the store holds their hash. A session ends when the person
//! signs out, when nothing was heard of the browser for [`IDLE_MAX_SECS`], after
//! [`AGE_MAX_SECS`] whatever happens, and with any change of the account's credentials.

use domain::{RecipientId, Timestamp};
use store::web_session;
use store::{CommitError, WriteSet};

use crate::App;
use crate::command::token_hash;
use crate::credentials::random_text;
use crate::sign_in::SignedIn;

pub use store::web_session::WebSession;

/// Seconds without a request after which a session has ended.
pub const IDLE_MAX_SECS: i64 = 14 * 24 * 3600;
/// Seconds after which a session has ended whatever happened.
pub const AGE_MAX_SECS: i64 = 90 * 24 * 3600;
/// A session's last use is known to so many seconds: a write for each page would cost more than it
/// tells.
const SEEN_GRAIN_SECS: i64 = 300;
/// Characters of a browser's name that are kept.
const USER_AGENT_CHARACTERS_MAX: usize = 200;

/// A browser that has just been signed in.
#[derive(Debug, Clone)]
pub struct OpenedSession {
    /// What the browser shows from now on.
    pub token: String,
    /// The session.
    pub session: WebSession,
}

/// Where a browser is and what it calls itself.
#[derive(Debug, Clone, Copy)]
pub struct Browser<'a> {
    /// Its address.
    pub client: &'a str,
    /// `User-Agent`.
    pub user_agent: &'a str,
}

impl App {
    /// Opens a session for whoever has just signed in. Ended sessions of the account go with it.
    pub async fn open_web_session(
        &self,
        signed_in: SignedIn,
        browser: Browser<'_>,
        now: Timestamp,
    ) -> Result<OpenedSession, store::Failure> {
        let token = random_text(self.fill_random);
        let session = WebSession {
            id: self.store.next_id().await?,
            recipient: signed_in.account,
            credential_epoch: signed_in.credential_epoch,
            created_at: now,
            last_seen_at: now,
            client: browser.client.to_owned(),
            user_agent: browser.user_agent.chars().take(USER_AGENT_CHARACTERS_MAX).collect(),
        };
        let mut set = WriteSet::new();
        let unseen_since = Timestamp(now.0 - IDLE_MAX_SECS * 1000);
        web_session::remove_unseen(&mut set, signed_in.account, unseen_since);
        web_session::put(&mut set, &session, &token_hash(&token));
        self.write_session(set).await?;
        Ok(OpenedSession { token, session })
    }

    /// Opens a session for an account whose credentials the person has just changed, which ended
    /// all others. `None` where the account is gone or disabled.
    pub async fn reopen_web_session(
        &self,
        account: RecipientId,
        browser: Browser<'_>,
        now: Timestamp,
    ) -> Result<Option<OpenedSession>, store::Failure> {
        match self.signed_in_as(account, None) {
            Some(signed_in) => self.open_web_session(signed_in, browser, now).await.map(Some),
            None => Ok(None),
        }
    }

    /// The session that a browser shows, if it is in force.
    pub async fn web_session(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<WebSession>, store::Failure> {
        let found = web_session::by_hash(&self.store, &token_hash(token)).await?;
        let Some(session) = found.filter(|session| self.is_session_in_force(session, now)) else {
            return Ok(None);
        };
        if now.0 - session.last_seen_at.0 >= SEEN_GRAIN_SECS * 1000 {
            let mut set = WriteSet::new();
            web_session::seen(&mut set, session.id, now);
            self.write_session(set).await?;
        }
        Ok(Some(session))
    }

    /// The sessions of a person that are in force, the one seen last first.
    pub async fn web_sessions(
        &self,
        person: RecipientId,
        now: Timestamp,
    ) -> Result<Vec<WebSession>, store::Failure> {
        let mut sessions = web_session::list(&self.store, person).await?;
        sessions.retain(|session| self.is_session_in_force(session, now));
        Ok(sessions)
    }

    /// Ends a session of this person.
    pub async fn end_web_session(
        &self,
        person: RecipientId,
        id: i64,
    ) -> Result<(), store::Failure> {
        let mut set = WriteSet::new();
        web_session::remove(&mut set, person, id);
        self.write_session(set).await
    }

    /// Ends all sessions of this person.
    pub async fn end_web_sessions(&self, person: RecipientId) -> Result<(), store::Failure> {
        let mut set = WriteSet::new();
        web_session::remove_all(&mut set, person);
        self.write_session(set).await
    }

    fn is_session_in_force(&self, session: &WebSession, now: Timestamp) -> bool {
        let signed_in =
            SignedIn { account: session.recipient, credential_epoch: session.credential_epoch };
        now.0 - session.last_seen_at.0 < IDLE_MAX_SECS * 1000
            && now.0 - session.created_at.0 < AGE_MAX_SECS * 1000
            && self.is_still_signed_in(signed_in)
    }

    async fn write_session(&self, set: WriteSet) -> Result<(), store::Failure> {
        match self.store.commit(set).await {
            Ok(()) => Ok(()),
            Err(CommitError::Failure(failure)) => Err(failure),
            // The sets have no guards; the token is random.
            Err(error @ CommitError::Conflict(_)) => {
                tracing::error!(%error, "a session met an unexpected conflict");
                Ok(())
            }
        }
    }
}
