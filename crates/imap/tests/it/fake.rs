//! A backend in memory. Several sessions can share one [`World`].
//!
//! It knows the login `anna` with `secret` or the token `token`. Pages are two rows long, so that
//! every answer of some length crosses a page.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use imap::server::{
    Access, AclChange, AclEntry, Answer, Appended, Backend, Changes, Content, Copied, Credentials,
    Details, Failure, FlagAction, FlagChange, Flags, Found, GrantableRights, MailboxEntry,
    MailboxStatus, Mechanism, MetadataDepth, MetadataEntry, NewMessage, Opened, QuotaUse, Reason,
    Resource, Rights, Row, RowPage, RowQuery, SearchQuery, SpecialUse, StatusQuery, Stored,
    TlsFacts, Uid, UidRange, UidSet,
};
use mail::envelope;
use mail::raw_field::split_header;
use tokio::sync::watch;

use crate::matching::matches;

/// Octets that a mailbox named `…/Full` holds.
const FULL_OCTETS: u64 = 64;

#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) uid: Uid,
    pub(crate) modseq: u64,
    pub(crate) system: u8,
    pub(crate) keywords: BTreeSet<String>,
    pub(crate) internal_at_ms: i64,
    pub(crate) content: Bytes,
    pub(crate) id: u32,
}

impl Message {
    pub(crate) fn flags(&self) -> Flags {
        let keywords = self.keywords.iter().map(|keyword| keyword.as_str().into()).collect();
        Flags { system: self.system, keywords }
    }

    fn change(&mut self, action: FlagAction, flags: &Flags) {
        let words = flags.keywords.iter().map(|keyword| keyword.to_string());
        match action {
            FlagAction::Add => {
                self.system |= flags.system;
                self.keywords.extend(words);
            }
            FlagAction::Remove => {
                self.system &= !flags.system;
                words.for_each(|word| {
                    self.keywords.remove(&word);
                });
            }
            FlagAction::Replace => {
                self.system = flags.system;
                self.keywords = words.collect();
            }
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Mailbox {
    pub(crate) id: u32,
    pub(crate) uid_next: Uid,
    pub(crate) modseq: u64,
    pub(crate) messages: BTreeMap<Uid, Message>,
    pub(crate) expunged: Vec<(u64, Uid)>,
    pub(crate) is_subscribed: bool,
    pub(crate) is_selectable: bool,
    pub(crate) special_use: Option<SpecialUse>,
    pub(crate) rights: Rights,
    pub(crate) acl: BTreeMap<String, Rights>,
    pub(crate) metadata: BTreeMap<String, Bytes>,
}

impl Mailbox {
    fn size_octets(&self) -> u64 {
        self.messages.values().map(|message| message.content.len() as u64).sum()
    }

    fn keywords(&self) -> Vec<Arc<str>> {
        let all: BTreeSet<_> =
            self.messages.values().flat_map(|message| message.keywords.iter().cloned()).collect();
        all.into_iter().map(|keyword| keyword.as_str().into()).collect()
    }

    fn gaps(&self) -> Vec<UidRange> {
        let live: UidSet = self.messages.keys().copied().collect();
        UidSet::live(self.uid_next, &[]).without(&live).runs().to_vec()
    }

    pub(crate) fn put(&mut self, message: Message) -> Uid {
        let uid = self.uid_next;
        self.uid_next += 1;
        self.modseq += 1;
        self.messages.insert(uid, Message { uid, modseq: self.modseq, ..message });
        uid
    }

    pub(crate) fn expunge(&mut self, uids: &[Uid]) {
        if uids.iter().any(|uid| self.messages.contains_key(uid)) {
            self.modseq += 1;
        }
        for uid in uids {
            if self.messages.remove(uid).is_some() {
                self.expunged.push((self.modseq, *uid));
            }
        }
    }

    pub(crate) fn store(&mut self, uids: &[Uid], action: FlagAction, flags: &Flags) {
        self.modseq += 1;
        for uid in uids {
            if let Some(message) = self.messages.get_mut(uid) {
                message.change(action, flags);
                message.modseq = self.modseq;
            }
        }
    }

    fn meant(&self, uids: &[UidRange]) -> Vec<Uid> {
        let inside = |range: &UidRange| self.messages.range(range.inclusive()).map(|(uid, _)| *uid);
        uids.iter().flat_map(inside).collect()
    }
}

#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) mailboxes: BTreeMap<String, Mailbox>,
    next_id: u32,
    metadata: BTreeMap<String, Bytes>,
    pub(crate) is_down: bool,
    pub(crate) secured: usize,
    pub(crate) identified: Vec<String>,
    /// What others do to INBOX while a command is carried out: one of it at each call.
    pub(crate) ambush: Vec<Ambush>,
}

/// What somebody else does to a mailbox.
#[derive(Debug, Clone)]
pub(crate) enum Ambush {
    Append,
    Expunge(usize),
    Flags(usize, FlagAction, Flags),
}

impl World {
    pub(crate) fn add(&mut self, name: &str, rights: &str) -> &mut Mailbox {
        self.next_id += 1;
        let mailbox = Mailbox {
            id: self.next_id,
            uid_next: 1,
            modseq: 1,
            messages: BTreeMap::new(),
            expunged: Vec::new(),
            is_subscribed: true,
            is_selectable: true,
            special_use: None,
            rights: Rights::parse(rights).unwrap(),
            acl: BTreeMap::from([("anna".to_owned(), Rights::parse(rights).unwrap())]),
            metadata: BTreeMap::new(),
        };
        self.mailboxes.entry(name.to_owned()).or_insert(mailbox)
    }

    pub(crate) fn new_message(&mut self, content: &[u8]) -> Message {
        self.next_id += 1;
        Message {
            uid: 0,
            modseq: 0,
            system: 0,
            keywords: BTreeSet::new(),
            internal_at_ms: 1_772_719_629_000,
            content: Bytes::copy_from_slice(content),
            id: self.next_id,
        }
    }

    /// Does it; messages are counted from the first, around the end.
    pub(crate) fn carry_out(&mut self, ambush: &Ambush) {
        let message = self.new_message(b"Subject: new\r\n\r\n");
        let mailbox = self.mailboxes.get_mut("INBOX").unwrap();
        let uids: Vec<Uid> = mailbox.messages.keys().copied().collect();
        let nth = |n: &usize| uids.get(n % uids.len().max(1)).copied().unwrap_or(0);
        match ambush {
            Ambush::Append => {
                mailbox.put(message);
            }
            Ambush::Expunge(n) => mailbox.expunge(&[nth(n)]),
            Ambush::Flags(n, action, flags) => mailbox.store(&[nth(n)], *action, flags),
        }
    }

    fn mailbox(&mut self, name: &str, right: Rights) -> Answer<&mut Mailbox> {
        if self.is_down {
            return Err(Reason::Unavailable.into());
        }
        let mailbox = self.mailboxes.get_mut(name).filter(|found| found.is_selectable);
        let mailbox = mailbox.ok_or(Failure::from(Reason::NonExistent))?;
        if !mailbox.rights.allow(right) {
            return Err(Reason::NoPerm.into());
        }
        Ok(mailbox)
    }

    fn target(&mut self, name: &str, octets: u64) -> Answer<&mut Mailbox> {
        let is_full = name.ends_with("Full");
        let mailbox = match self.mailbox(name, Rights::INSERT) {
            Err(failure) if failure.reason == Reason::NonExistent => {
                return Err(Reason::TryCreate.into());
            }
            other => other?,
        };
        if is_full && mailbox.size_octets() + octets > FULL_OCTETS {
            return Err(Reason::OverQuota.into());
        }
        Ok(mailbox)
    }
}

/// A session's view of the world.
#[derive(Debug, Clone)]
pub(crate) struct Fake {
    world: Arc<Mutex<World>>,
    changes: Arc<watch::Sender<()>>,
    heard: watch::Receiver<()>,
    pub(crate) mechanisms: Vec<Mechanism>,
    pub(crate) refuses_connection: bool,
    /// Rows of one page.
    pub(crate) page: usize,
    open: Option<String>,
}

impl Fake {
    pub(crate) fn new() -> Fake {
        let mut world = World::default();
        world.add("INBOX", "lrswipkxtea");
        for (name, special) in [
            ("Archive", SpecialUse::Archive),
            ("Drafts", SpecialUse::Drafts),
            ("Sent", SpecialUse::Sent),
            ("Trash", SpecialUse::Trash),
        ] {
            world.add(name, "lrswipkxtea").special_use = Some(special);
        }
        world.add("Groups", "l").is_selectable = false;
        world.add("Groups/Support", "lrswipt");
        world.add("Groups/Support/Sent", "lrs").is_subscribed = false;
        world.add("Shared", "l").is_selectable = false;
        world.add("Shared/Full", "lrswit");
        world.add("Shared/Seen", "lr");
        world.add("Shared/Closed", "l");
        let (changes, heard) = watch::channel(());
        Fake {
            world: Arc::new(Mutex::new(world)),
            changes: Arc::new(changes),
            heard,
            mechanisms: vec![
                Mechanism::Plain,
                Mechanism::Login,
                Mechanism::OauthBearer,
                Mechanism::Xoauth2,
            ],
            refuses_connection: false,
            page: 2,
            open: None,
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// Changes the world as somebody else would.
    pub(crate) fn elsewhere<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let done = change(&mut self.world());
        self.changes.send_replace(());
        done
    }

    fn open_name(&self) -> String {
        self.open.clone().expect("a mailbox is open")
    }

    /// Does something with the open mailbox.
    fn with<T>(&self, right: Rights, work: impl FnOnce(&mut Mailbox) -> Answer<T>) -> Answer<T> {
        let name = self.open_name();
        let mut world = self.world();
        if let Some(ambush) = world.ambush.pop() {
            world.carry_out(&ambush);
        }
        work(world.mailbox(&name, right)?)
    }

    fn place(&self, source: &[UidRange], target: &str) -> Answer<Copied> {
        let name = self.open_name();
        let mut world = self.world();
        let from = world.mailbox(&name, Rights::READ)?;
        let uids = from.meant(source);
        let copies: Vec<Message> = uids.iter().map(|uid| from.messages[uid].clone()).collect();
        let octets = copies.iter().map(|message| message.content.len() as u64).sum();
        let to = world.target(target, octets)?;
        let placed: UidSet = copies.into_iter().map(|message| to.put(message)).collect();
        let source: UidSet = uids.into_iter().collect();
        let (source, target) = (source.runs().to_vec(), placed.runs().to_vec());
        Ok(Copied { uid_validity: to.id, source, target })
    }
}

fn row(message: &Message, query: &RowQuery) -> Row {
    let (_, body_at) = split_header(&message.content);
    let content = match query.content {
        Content::Nothing => None,
        Content::Header => Some(message.content.slice(..body_at)),
        Content::Whole => Some(message.content.clone()),
        Content::Octets { offset, octets } => {
            let length = message.content.len();
            let start = usize::try_from(offset).unwrap_or(usize::MAX).min(length);
            let end = start.saturating_add(usize::try_from(octets).unwrap_or(usize::MAX));
            Some(message.content.slice(start..end.min(length)))
        }
    };
    // A message with that field is one of those whose fields are not kept.
    let is_kept = !message.content.starts_with(b"X-Long:");
    let fields = (query.envelope && is_kept)
        .then(|| envelope::fields(&message.content[..body_at]))
        .flatten();
    let text = String::from_utf8_lossy(&message.content[body_at..]);
    Row {
        uid: message.uid,
        modseq: message.modseq,
        flags: message.flags(),
        details: if query.details { details(message) } else { Details::default() },
        envelope_fields: fields,
        preview: query.preview.then(|| text.trim_end().chars().take(20).collect()),
        content,
    }
}

fn details(message: &Message) -> Details {
    Details {
        internal_at_ms: message.internal_at_ms,
        saved_at_ms: 1_772_719_700_000,
        size_octets: message.content.len() as u64,
        email_id: format!("m{}", message.id),
        thread_id: message.id.is_multiple_of(2).then(|| format!("t{}", message.id)),
    }
}

impl Backend for Fake {
    async fn connected(&mut self) -> Answer<()> {
        if self.refuses_connection {
            return Err(Failure::new(Reason::Unavailable, "Too many connections"));
        }
        Ok(())
    }

    fn secured(&mut self, _tls: &TlsFacts) {
        self.world().secured += 1;
    }

    fn mechanisms(&self) -> &[Mechanism] {
        &self.mechanisms
    }

    async fn sign_in(&mut self, credentials: Credentials) -> Answer<()> {
        let is_right = match &credentials {
            Credentials::Password { login, secret } => {
                login == "anna" && secret.expose() == "secret"
            }
            Credentials::Token { token, .. } => token.expose() == "token",
        };
        if is_right { Ok(()) } else { Err(Reason::AuthenticationFailed.into()) }
    }

    fn identified(&mut self, client: &[(String, Option<String>)]) {
        let named =
            client.iter().filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?)));
        let named: Vec<_> = named.collect();
        self.world().identified.extend(named);
    }

    async fn mailboxes(&mut self) -> Answer<Vec<MailboxEntry>> {
        let world = self.world();
        let entry = |(name, mailbox): (&String, &Mailbox)| MailboxEntry {
            name: name.clone(),
            special_use: mailbox.special_use,
            is_subscribed: mailbox.is_subscribed && mailbox.is_selectable,
            is_selectable: mailbox.is_selectable,
            may_have_children: name != "Shared/Seen",
            rights: mailbox.rights,
        };
        Ok(world.mailboxes.iter().map(entry).collect())
    }

    async fn status(&mut self, mailbox: &str, query: StatusQuery) -> Answer<MailboxStatus> {
        let mut world = self.world();
        let mailbox = world.mailbox(mailbox, Rights::READ)?;
        let count = |flag: u8, is_set: bool| {
            let has = |message: &&Message| (message.system & flag != 0) == is_set;
            u32::try_from(mailbox.messages.values().filter(has).count()).unwrap()
        };
        Ok(MailboxStatus {
            messages: u32::try_from(mailbox.messages.len()).unwrap(),
            unseen: count(Flags::SEEN, false),
            deleted: if query.deleted { count(Flags::DELETED, true) } else { 999 },
            size_octets: mailbox.size_octets(),
            uid_next: mailbox.uid_next,
            uid_validity: mailbox.id,
            modseq: mailbox.modseq,
            mailbox_id: format!("F{}", mailbox.id),
        })
    }

    async fn create(&mut self, mailbox: &str, special_use: Option<SpecialUse>) -> Answer<String> {
        let mut world = self.world();
        if world.mailboxes.contains_key(mailbox) {
            return Err(Reason::AlreadyExists.into());
        }
        if mailbox.starts_with("Shared/") || mailbox.starts_with("Groups/") {
            return Err(Reason::NoPerm.into());
        }
        let made = world.add(mailbox, "lrswipkxtea");
        made.special_use = special_use;
        Ok(format!("F{}", made.id))
    }

    async fn delete(&mut self, mailbox: &str) -> Answer<()> {
        let mut world = self.world();
        world.mailbox(mailbox, Rights::DELETE_MAILBOX)?;
        let below = format!("{mailbox}/");
        if world.mailboxes.keys().any(|name| name.starts_with(&below)) {
            return Err(Reason::HasChildren.into());
        }
        world.mailboxes.remove(mailbox);
        drop(world);
        self.changes.send_replace(());
        Ok(())
    }

    async fn rename(&mut self, from: &str, to: &str) -> Answer<()> {
        let mut world = self.world();
        world.mailbox(from, Rights::DELETE_MAILBOX)?;
        if world.mailboxes.contains_key(to) {
            return Err(Reason::AlreadyExists.into());
        }
        let moved = world.mailboxes.remove(from).unwrap();
        world.mailboxes.insert(to.to_owned(), moved);
        if from == "INBOX" {
            world.add("INBOX", "lrswipkxtea");
        }
        Ok(())
    }

    async fn subscribe(&mut self, mailbox: &str) -> Answer<()> {
        self.world().mailbox(mailbox, Rights::LOOKUP)?.is_subscribed = true;
        Ok(())
    }

    async fn unsubscribe(&mut self, mailbox: &str) -> Answer<()> {
        self.world().mailbox(mailbox, Rights::LOOKUP)?.is_subscribed = false;
        Ok(())
    }

    async fn append(&mut self, mailbox: &str, messages: Vec<NewMessage>) -> Answer<Appended> {
        let mut world = self.world();
        let octets = messages.iter().map(|message| message.content.len() as u64).sum();
        let uid_validity = world.target(mailbox, octets)?.id;
        let mut uids = Vec::new();
        for message in messages {
            let mut new = world.new_message(&message.content);
            new.change(FlagAction::Replace, &message.flags);
            new.internal_at_ms = message.internal_at_ms.unwrap_or(new.internal_at_ms);
            uids.push(world.target(mailbox, 0)?.put(new));
        }
        drop(world);
        self.changes.send_replace(());
        let uids: UidSet = uids.into_iter().collect();
        Ok(Appended { uid_validity, uids: uids.runs().to_vec() })
    }

    async fn acl(&mut self, mailbox: &str) -> Answer<Vec<AclEntry>> {
        let mut world = self.world();
        let acl = world.mailbox(mailbox, Rights::ADMINISTER)?.acl.clone();
        let entry = |(identifier, rights)| AclEntry { identifier, rights };
        Ok(acl.into_iter().map(entry).collect())
    }

    async fn my_rights(&mut self, mailbox: &str) -> Answer<Rights> {
        Ok(self.world().mailbox(mailbox, Rights::LOOKUP)?.rights)
    }

    async fn grantable_rights(
        &mut self,
        mailbox: &str,
        identifier: &str,
    ) -> Answer<GrantableRights> {
        self.world().mailbox(mailbox, Rights::ADMINISTER)?;
        let required = if identifier == "anna" { "lr" } else { "" };
        let optional = ["swi", "p", "kxte", "a"].map(|rights| Rights::parse(rights).unwrap());
        Ok(GrantableRights {
            required: Rights::parse(required).unwrap(),
            optional: optional.to_vec(),
        })
    }

    async fn change_acl(
        &mut self,
        mailbox: &str,
        identifier: &str,
        change: AclChange,
    ) -> Answer<()> {
        let mut world = self.world();
        let acl = &mut world.mailbox(mailbox, Rights::ADMINISTER)?.acl;
        let before = acl.get(identifier).copied().unwrap_or_default();
        let after = match change {
            AclChange::Replace(rights) => rights,
            AclChange::Add(rights) => before.with(rights),
            AclChange::Remove(rights) => before.without(rights),
            AclChange::Delete => Rights::NONE,
        };
        if after.is_empty() {
            acl.remove(identifier);
        } else {
            acl.insert(identifier.to_owned(), after);
        }
        Ok(())
    }

    async fn quota_roots(&mut self, mailbox: &str) -> Answer<Vec<String>> {
        self.world().mailbox(mailbox, Rights::READ)?;
        Ok(vec![if mailbox.starts_with("Shared/") { "shared" } else { "" }.to_owned()])
    }

    async fn quota(&mut self, root: &str) -> Answer<Vec<QuotaUse>> {
        match root {
            "" => Ok(vec![
                QuotaUse { resource: Resource::StorageOctets, used: 1025, limit: 10 * 1024 + 1 },
                QuotaUse { resource: Resource::Messages, used: 3, limit: 100 },
            ]),
            "shared" => Ok(Vec::new()),
            _ => Err(Reason::NonExistent.into()),
        }
    }

    async fn metadata(
        &mut self,
        mailbox: &str,
        entries: &[String],
        depth: MetadataDepth,
    ) -> Answer<Vec<MetadataEntry>> {
        let mut world = self.world();
        let all = match mailbox {
            "" => world.metadata.clone(),
            name => world.mailbox(name, Rights::READ)?.metadata.clone(),
        };
        let is_asked = |name: &String| {
            entries.iter().any(|asked| {
                let below = name.strip_prefix(asked.as_str());
                match (below, depth) {
                    (Some(""), _) => true,
                    (Some(rest), MetadataDepth::One) => {
                        rest.starts_with('/') && !rest[1..].contains('/')
                    }
                    (Some(rest), MetadataDepth::Infinity) => rest.starts_with('/'),
                    _ => false,
                }
            })
        };
        let found = all.into_iter().filter(|(name, _)| is_asked(name));
        Ok(found.map(|(name, value)| MetadataEntry { name, value: Some(value) }).collect())
    }

    async fn set_metadata(&mut self, mailbox: &str, entries: Vec<MetadataEntry>) -> Answer<()> {
        let mut world = self.world();
        let all = match mailbox {
            "" => &mut world.metadata,
            name => &mut world.mailbox(name, Rights::WRITE)?.metadata,
        };
        for entry in entries {
            match entry.value {
                Some(value) => all.insert(entry.name, value),
                None => all.remove(&entry.name),
            };
        }
        Ok(())
    }

    async fn open(&mut self, mailbox: &str, _access: Access) -> Answer<Opened> {
        self.open = None;
        let mut world = self.world();
        let found = world.mailbox(mailbox, Rights::READ)?;
        let unseen = |message: &&Message| message.system & Flags::SEEN == 0;
        let opened = Opened {
            mailbox_id: format!("F{}", found.id),
            uid_validity: found.id,
            uid_next: found.uid_next,
            modseq: found.modseq,
            gaps: found.gaps(),
            first_unseen: found.messages.values().find(unseen).map(|message| message.uid),
            keywords: found.keywords(),
            may_create_keywords: true,
            rights: found.rights,
        };
        drop(world);
        self.open = Some(mailbox.to_owned());
        Ok(opened)
    }

    fn close(&mut self) {
        self.open = None;
    }

    async fn changes(&mut self, since: u64) -> Answer<Changes> {
        self.heard.borrow_and_update();
        self.with(Rights::READ, |mailbox| {
            let gone = mailbox.expunged.iter().filter(|(modseq, _)| *modseq > since);
            Ok(Changes {
                modseq: mailbox.modseq,
                uid_next: mailbox.uid_next,
                vanished: gone.map(|(_, uid)| *uid).collect::<UidSet>().runs().to_vec(),
                keywords: None,
            })
        })
    }

    async fn vanished_since(&mut self, since: u64) -> Answer<Vec<UidRange>> {
        Ok(self.changes(since).await?.vanished)
    }

    async fn rows(&mut self, query: &RowQuery) -> Answer<RowPage> {
        let page = self.page;
        self.with(Rights::READ, |mailbox| {
            let uids = mailbox.meant(&query.uids).into_iter();
            let changed = |uid: &Uid| {
                query.changed_since.is_none_or(|since| mailbox.messages[uid].modseq > since)
            };
            let uids: Vec<Uid> = uids.filter(changed).collect();
            let rows = uids.iter().take(page).map(|uid| row(&mailbox.messages[uid], query));
            Ok(RowPage { rows: rows.collect(), resume_at: uids.get(page).copied() })
        })
    }

    async fn search(&mut self, query: &SearchQuery) -> Answer<Found> {
        let page = self.page;
        self.with(Rights::READ, |mailbox| {
            let uids = mailbox.meant(&query.uids);
            let rows = uids.iter().take(page).map(|uid| &mailbox.messages[uid]);
            let found: Vec<_> = rows.filter(|message| matches(&query.criterion, message)).collect();
            Ok(Found {
                modseq: found.iter().map(|message| message.modseq).max().unwrap_or(0),
                uids: found.iter().map(|message| message.uid).collect::<UidSet>().runs().to_vec(),
                resume_at: uids.get(page).copied(),
            })
        })
    }

    async fn store_flags(&mut self, uids: &[UidRange], change: &FlagChange) -> Answer<Stored> {
        let stored = self.with(Rights::READ, |mailbox| {
            let mut flags = change.flags.clone();
            let asked = flags.clone();
            for (bits, right) in [
                (Flags::SEEN, Rights::SEEN),
                (Flags::ANSWERED | Flags::FLAGGED | Flags::DRAFT, Rights::WRITE),
                (Flags::DELETED, Rights::DELETE_MESSAGES),
            ] {
                if !mailbox.rights.allow(right) {
                    flags.system &= !bits;
                }
            }
            if asked != flags && flags == Flags::default() {
                return Err(Reason::NoPerm.into());
            }
            let (refused, uids): (Vec<Uid>, Vec<Uid>) =
                mailbox.meant(uids).into_iter().partition(|uid| {
                    let modseq = mailbox.messages[uid].modseq;
                    change.unchanged_since.is_some_and(|since| modseq > since)
                });
            let differs = |uid: &Uid| {
                let mut after = mailbox.messages[uid].clone();
                after.change(change.action, &flags);
                after.flags() != mailbox.messages[uid].flags()
            };
            let uids: Vec<Uid> = uids.into_iter().filter(differs).collect();
            let mut modseq = 0;
            if !uids.is_empty() {
                mailbox.store(&uids, change.action, &flags);
                modseq = mailbox.modseq;
            }
            let refused = refused.into_iter().collect::<UidSet>().runs().to_vec();
            Ok(Stored { modseq, refused })
        })?;
        self.changes.send_replace(());
        Ok(stored)
    }

    async fn copy(&mut self, uids: &[UidRange], target: &str) -> Answer<Copied> {
        let copied = self.place(uids, target)?;
        self.changes.send_replace(());
        Ok(copied)
    }

    async fn move_to(&mut self, uids: &[UidRange], target: &str) -> Answer<Copied> {
        self.with(Rights::DELETE_MESSAGES, |_| Ok(()))?;
        let moved = self.place(uids, target)?;
        self.with(Rights::READ, |mailbox| {
            let uids = mailbox.meant(&moved.source);
            mailbox.expunge(&uids);
            Ok(())
        })?;
        self.changes.send_replace(());
        Ok(moved)
    }

    async fn expunge(&mut self, uids: &[UidRange]) -> Answer<()> {
        self.with(Rights::EXPUNGE, |mailbox| {
            let deleted = |uid: &Uid| mailbox.messages[uid].system & Flags::DELETED != 0;
            let uids: Vec<Uid> = mailbox.meant(uids).into_iter().filter(deleted).collect();
            mailbox.expunge(&uids);
            Ok(())
        })?;
        self.changes.send_replace(());
        Ok(())
    }

    async fn changed(&mut self) {
        let _ = self.heard.changed().await;
    }
}
