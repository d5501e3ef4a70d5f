//! What IMAP sessions mean: each call of the session as calls of the use cases, for the person who
//! signed in, with the rights of that moment.

mod convert;
mod folders;
mod messages;
mod sharing;

use std::net::IpAddr;
use std::sync::Arc;

use app::mailbox::change::Brought;
use app::mailbox::{MailboxError, Place};
use app::{App, SignedIn};
use domain::{RecipientId, Timestamp};
use imap::server::{
    Access, AclChange, AclEntry, Answer, Appended, Backend, Changes, Copied, Credentials, Failure,
    FlagChange, Found, GrantableRights, MailboxEntry, MailboxStatus, Mechanism, MetadataDepth,
    MetadataEntry, NewMessage, Opened, QuotaUse, Reason, Rights, RowPage, RowQuery, SearchQuery,
    Secret, SpecialUse, StatusQuery, Stored, TlsFacts, UidRange,
};
use store::folder::Folder;

use crate::clock;
use convert::failure;
use messages::Open;

/// Seconds after which a token that somebody signed in with is looked at again.
const TOKEN_BELIEVED_SECS: i64 = 30;

/// A token and the login it was given with, and when it was last looked at.
struct Token {
    secret: Secret,
    login: Option<String>,
    seen_at: Timestamp,
}

/// The meaning of one IMAP connection.
pub(crate) struct ImapBackend {
    app: Arc<App>,
    peer: IpAddr,
    signed_in: Option<SignedIn>,
    token: Option<Token>,
    open: Option<Open>,
}

impl ImapBackend {
    /// A connection from `peer`.
    pub(crate) fn new(app: Arc<App>, peer: IpAddr) -> ImapBackend {
        ImapBackend { app, peer, signed_in: None, token: None, open: None }
    }

    /// The account, as long as what it signed in with still stands.
    async fn person(&mut self) -> Answer<RecipientId> {
        let gone = || Failure::new(Reason::AuthorizationFailed, "Sign in again");
        let signed_in = self.signed_in.ok_or_else(gone)?;
        if !self.app.is_still_signed_in(signed_in) {
            return Err(gone());
        }
        let now = clock::now();
        if let Some(token) = &mut self.token
            && now.secs_since(token.seen_at) >= TOKEN_BELIEVED_SECS
        {
            let again = self.app.sign_in_with_token(
                token.secret.expose(),
                token.login.as_deref(),
                self.peer,
                now,
            );
            again.await.map_err(|_| gone())?;
            token.seen_at = now;
        }
        Ok(signed_in.account)
    }

    /// A folder by its name, as the person may use it now.
    async fn named(&mut self, mailbox: &str) -> Answer<(Folder, Place)> {
        let person = self.person().await?;
        self.app.folder_named(person, mailbox, clock::now()).await.map_err(failure)
    }

    /// The same for the target of a copy: it may be created where it is not there.
    async fn target(&mut self, mailbox: &str) -> Answer<(Folder, Place)> {
        let mut found = self.named(mailbox).await;
        if let Err(error) = &mut found
            && error.reason == Reason::NonExistent
        {
            error.reason = Reason::TryCreate;
        }
        found
    }
}

impl Backend for ImapBackend {
    fn secured(&mut self, _: &TlsFacts) {
        self.signed_in = None;
        self.token = None;
        self.open = None;
    }

    fn mechanisms(&self) -> &[Mechanism] {
        &[Mechanism::Plain, Mechanism::Login, Mechanism::OauthBearer, Mechanism::Xoauth2]
    }

    async fn sign_in(&mut self, credentials: Credentials) -> Answer<()> {
        let now = clock::now();
        match credentials {
            Credentials::Password { login, secret } => {
                let signed_in = self.app.sign_in(&login, secret.expose(), self.peer, now).await;
                self.signed_in = Some(signed_in.map_err(|error| convert::sign_in(&error))?);
            }
            Credentials::Token { login, token } => {
                let login = login.filter(|login| !login.is_empty());
                let signed_in =
                    self.app.sign_in_with_token(token.expose(), login.as_deref(), self.peer, now);
                self.signed_in = Some(signed_in.await.map_err(|error| convert::sign_in(&error))?);
                self.token = Some(Token { secret: token, login, seen_at: now });
            }
        }
        Ok(())
    }

    async fn mailboxes(&mut self) -> Answer<Vec<MailboxEntry>> {
        let person = self.person().await?;
        folders::list(&self.app, person).await
    }

    async fn status(&mut self, mailbox: &str, _: StatusQuery) -> Answer<MailboxStatus> {
        let (folder, _) = self.named(mailbox).await?;
        Ok(folders::status(&folder))
    }

    async fn create(&mut self, mailbox: &str, special_use: Option<SpecialUse>) -> Answer<String> {
        let person = self.person().await?;
        let role = special_use.map(convert::role);
        let id = self.app.create_folder(person, mailbox, role, clock::now()).await;
        id.map(folders::mailbox_id).map_err(failure)
    }

    async fn delete(&mut self, mailbox: &str) -> Answer<()> {
        let person = self.person().await?;
        self.app.delete_folder(person, mailbox, clock::now()).await.map_err(failure)
    }

    async fn rename(&mut self, from: &str, to: &str) -> Answer<()> {
        let person = self.person().await?;
        self.app.rename_folder(person, (from, to), clock::now()).await.map_err(failure)
    }

    async fn subscribe(&mut self, mailbox: &str) -> Answer<()> {
        let person = self.person().await?;
        self.app.subscribe(person, mailbox, true, clock::now()).await.map_err(failure)
    }

    async fn unsubscribe(&mut self, mailbox: &str) -> Answer<()> {
        let person = self.person().await?;
        self.app.subscribe(person, mailbox, false, clock::now()).await.map_err(failure)
    }

    async fn append(&mut self, mailbox: &str, messages: Vec<NewMessage>) -> Answer<Appended> {
        let (folder, place) = self.target(mailbox).await?;
        let mut names: Vec<&str> =
            messages.iter().flat_map(|new| &new.flags.keywords).map(AsRef::as_ref).collect();
        names.sort_unstable();
        names.dedup();
        let keywords = self.app.keywords(&place, &names).await.map_err(failure)?;
        let brought = messages
            .iter()
            .map(|new| Brought {
                content: new.content.clone(),
                flags: convert::stored_flags(&new.flags, &keywords),
                internal_at: new.internal_at_ms.map(Timestamp),
            })
            .collect();
        let appended = self.app.append(&place, brought, clock::now()).await.map_err(failure)?;
        let uids: Vec<i64> = appended.iter().map(|message| message.uid).collect();
        Ok(Appended {
            uid_validity: folder.uid_validity,
            uids: convert::ranges(&store::uid::runs(uids)),
        })
    }

    async fn acl(&mut self, mailbox: &str) -> Answer<Vec<AclEntry>> {
        let (folder, _) = self.named(mailbox).await?;
        sharing::acl(&self.app, &folder, clock::now())
    }

    async fn my_rights(&mut self, mailbox: &str) -> Answer<Rights> {
        let (_, place) = self.named(mailbox).await?;
        Ok(convert::rights(place.rights))
    }

    async fn grantable_rights(&mut self, mailbox: &str, _: &str) -> Answer<GrantableRights> {
        self.named(mailbox).await?;
        Ok(GrantableRights { required: Rights::NONE, optional: Vec::new() })
    }

    async fn change_acl(&mut self, mailbox: &str, _: &str, _: AclChange) -> Answer<()> {
        self.named(mailbox).await?;
        Err(Failure::new(
            Reason::NoPerm,
            "Rights are given by an administrator: guichet grant, guichet team add-member",
        ))
    }

    async fn quota_roots(&mut self, mailbox: &str) -> Answer<Vec<String>> {
        let (folder, _) = self.named(mailbox).await?;
        Ok(sharing::quota_root(&self.app, folder.recipient).into_iter().collect())
    }

    async fn quota(&mut self, root: &str) -> Answer<Vec<QuotaUse>> {
        let person = self.person().await?;
        sharing::quota(&self.app, person, root, clock::now()).await
    }

    async fn metadata(
        &mut self,
        mailbox: &str,
        entries: &[String],
        depth: MetadataDepth,
    ) -> Answer<Vec<MetadataEntry>> {
        let person = self.person().await?;
        sharing::metadata(&self.app, (person, mailbox), entries, depth).await
    }

    async fn set_metadata(&mut self, mailbox: &str, entries: Vec<MetadataEntry>) -> Answer<()> {
        let person = self.person().await?;
        sharing::set_metadata(&self.app, (person, mailbox), entries).await
    }

    async fn open(&mut self, mailbox: &str, access: Access) -> Answer<Opened> {
        self.open = None;
        let (folder, place) = self.named(mailbox).await?;
        let (open, opened) = Open::read(&self.app, &folder, place, access).await?;
        self.open = Some(open);
        Ok(opened)
    }

    fn close(&mut self) {
        self.open = None;
    }

    async fn changes(&mut self, since: u64) -> Answer<Changes> {
        let (app, open, place) = self.opened().await?;
        open.changes(&app, &place, since).await
    }

    async fn vanished_since(&mut self, since: u64) -> Answer<Vec<UidRange>> {
        let (app, open, _) = self.opened().await?;
        let since = convert::stored_modseq(since);
        let gone = store::mailbox::gaps_since(app.store(), open.folder.id, since).await;
        gone.map(|gone| convert::ranges(&gone)).map_err(convert::unavailable)
    }

    async fn rows(&mut self, query: &RowQuery) -> Answer<RowPage> {
        let (app, open, place) = self.opened().await?;
        open.rows(&app, &place, query).await
    }

    async fn search(&mut self, query: &SearchQuery) -> Answer<Found> {
        let (app, open, place) = self.opened().await?;
        open.search(&app, &place, query).await
    }

    async fn store_flags(&mut self, uids: &[UidRange], change: &FlagChange) -> Answer<Stored> {
        let (app, open, place) = self.opened().await?;
        open.store_flags(&app, &place, uids, change).await
    }

    async fn copy(&mut self, uids: &[UidRange], target: &str) -> Answer<Copied> {
        let (folder, to) = self.target(target).await?;
        let (app, _, from) = self.opened().await?;
        let uids = convert::stored_ranges(uids);
        let copied = app.copy_messages(&from, &uids, (&folder, &to), clock::now()).await;
        copied.map(messages::copied).map_err(failure)
    }

    async fn move_to(&mut self, uids: &[UidRange], target: &str) -> Answer<Copied> {
        let (folder, to) = self.target(target).await?;
        let (app, _, from) = self.opened().await?;
        let uids = convert::stored_ranges(uids);
        let moved = app.move_messages(&from, &uids, (&folder, &to), clock::now()).await;
        moved.map(messages::copied).map_err(failure)
    }

    async fn expunge(&mut self, uids: &[UidRange]) -> Answer<()> {
        let (app, _, place) = self.opened().await?;
        let uids = convert::stored_ranges(uids);
        app.expunge(&place, &uids, clock::now()).await.map_err(failure)
    }

    async fn changed(&mut self) {
        match &mut self.open {
            Some(open) => open.watch.changed().await,
            None => std::future::pending().await,
        }
    }
}

impl ImapBackend {
    /// The open folder with what the person may do there at this moment.
    async fn opened(&mut self) -> Answer<(Arc<App>, &mut Open, Place)> {
        let person = self.person().await?;
        let app = Arc::clone(&self.app);
        let open = self.open.as_mut().ok_or_else(|| failure(MailboxError::NotFound))?;
        let place = app.place(person, &open.folder, clock::now()).map_err(failure)?;
        Ok((app, open, place))
    }
}
