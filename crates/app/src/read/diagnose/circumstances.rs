//! The checks around the gate that need more than the directory: the queue, the last refusal,
//! DNS, and what mail programs keep.

use domain::{RecipientKind, Timestamp};
use mail::{Address, ReversePath};
use store::trace::{TraceFilter, TraceKind};

use super::texts::{self, Client};
use super::{Case, Circumstances, DnsStatus, Finding, Question};
use crate::App;

/// Queue entries that are looked through at most.
const QUEUE_ENTRIES_MAX: u32 = 1_000;
/// How far back a refusal is looked for, in seconds: a week.
const REFUSAL_SECS: i64 = 7 * 86_400;
/// Refusals of the address that are looked through at most.
const REFUSALS_MAX: u32 = 100;
/// Contacts that are named at most.
const CONTACTS_NAMED_MAX: usize = 3;

/// What the store knows around a question.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    /// How many messages with the address as reverse-path wait.
    waiting: usize,
    last_error: Option<String>,
    /// When the user was last refused under the author, and the reference of it.
    last_refusal: Option<(Timestamp, String)>,
    /// The recipient, where its mailbox is one of ours and full.
    full: Option<String>,
}

impl App {
    pub(super) async fn surroundings(
        &self,
        question: &Question,
        now: Timestamp,
    ) -> Result<Surroundings, store::Failure> {
        let (login, own) = {
            let directory = self.directory();
            let user = directory.recipient(question.user);
            (user.map(|found| found.primary().to_string()), user.map(|found| found.primary().key()))
        };
        let mut found = Surroundings::default();
        if let Some(to) = &question.to
            && !self.has_room_for(to, now).await
        {
            found.full = Some(to.to_string());
        }
        let entries = store::queue::list(&self.store, None, None, QUEUE_ENTRIES_MAX).await?;
        let is_ours = |path: &ReversePath| {
            let key = path.address().map(Address::key);
            key.is_some_and(|key| key == question.from.key() || Some(&key) == own.as_ref())
        };
        for entry in entries.into_iter().filter(|entry| is_ours(&entry.reverse_path)) {
            found.waiting += 1;
            found.last_error = entry.last_reply.or(found.last_error);
        }
        self.later.finish().await;
        let filter = TraceFilter {
            from: Some(now.plus_secs(-REFUSAL_SECS)),
            sender: Some(question.from.to_string()),
            kind: Some(TraceKind::Refuse),
            limit: REFUSALS_MAX,
            ..TraceFilter::default()
        };
        let refusals = store::trace::search(&self.store, &filter).await?;
        let mut of_user = refusals.into_iter().filter(|event| event.actor == login);
        found.last_refusal = of_user.next().and_then(|event| Some((event.at, event.reference?)));
        Ok(found)
    }
}

impl Case<'_> {
    /// Contacts that a mail program could pick instead of the author.
    pub(super) fn look_at_contacts(&mut self) {
        let from = &self.question.from;
        let Some(author) = self.author().filter(|found| found.kind != RecipientKind::Contact)
        else {
            return;
        };
        let (name, local) = (author.display_name.to_lowercase(), from.key());
        let local = local.as_str().split('@').next().unwrap_or_default().to_owned();
        let looks_alike = |found: &&domain::Recipient| {
            found.kind == RecipientKind::Contact
                && (found.display_name.to_lowercase() == name
                    || found.primary().local().to_lowercase() == local)
        };
        let mut contacts: Vec<String> = self
            .directory
            .recipients()
            .filter(looks_alike)
            .map(|found| found.primary().to_string())
            .collect();
        contacts.sort();
        contacts.truncate(CONTACTS_NAMED_MAX);
        let said = self.said();
        let unique = Finding::new("AddressUnique", Some(true), said.address_unique(from));
        let shadowing = said.contact_shadowing(&contacts);
        let shadowing = Finding::new("ContactShadowing", Some(contacts.is_empty()), shadowing);
        self.findings.push(unique);
        self.findings.push(match contacts.first() {
            Some(first) => shadowing.mended_by(texts::fix_remove_contact(first)),
            None => shadowing,
        });
    }

    /// The noun of the command that sets the mailbox at an address.
    fn kind_of(&self, address: &str) -> &'static str {
        let found = Address::parse(address).ok();
        match found.and_then(|address| self.directory.resolve(&address)).map(|found| found.kind) {
            Some(RecipientKind::Group) => "group",
            Some(RecipientKind::SharedMailbox) => "shared",
            _ => "user",
        }
    }

    /// The queue, the last refusal, DNS and mail programs.
    pub(super) fn look_around(&mut self, around: &Surroundings, given: &Circumstances) {
        let said = self.said();
        let quota = said.quota_and_licence(around.full.as_deref());
        let quota = Finding::new("QuotaAndLicence", Some(around.full.is_none()), quota);
        self.findings.push(match &around.full {
            Some(full) => quota.mended_by(texts::fix_quota(self.kind_of(full), full)),
            None => quota,
        });
        let domain = self.question.from.domain().to_string();
        for fact in &given.dns {
            let passed = match fact.status {
                DnsStatus::Found => Some(true),
                DnsStatus::Missing => Some(false),
                // A key is right or wrong; policies can be written in many ways.
                DnsStatus::Differs if fact.purpose == "DKIM" => Some(false),
                DnsStatus::Differs | DnsStatus::Unknown => None,
            };
            let finding = Finding::new(fact.check_name(), passed, said.dns(&domain, fact));
            self.findings.push(match passed {
                Some(false) => finding.mended_by(texts::fix_dns(&domain)),
                Some(true) | None => finding,
            });
        }
        let text = said.queue(around.waiting, around.last_error.as_deref());
        let has_failed = around.waiting > 0 && around.last_error.is_some();
        let queue = Finding::new("Queue", Some(!has_failed), text);
        self.findings.push(if has_failed { queue.mended_by(texts::fix_queue()) } else { queue });
        if let Some((at, reference)) = &around.last_refusal {
            let text = said.last_refusal(*at, reference);
            self.findings.push(Finding::new("LastRefusal", None, text));
        }
        let shown = self
            .author()
            .map_or_else(|| self.question.from.to_string(), |author| author.primary().to_string());
        for client in Client::ALL {
            let name = match client {
                Client::Outlook => "ClientOutlook",
                Client::Thunderbird => "ClientThunderbird",
                Client::AppleMail => "ClientAppleMail",
            };
            self.findings.push(Finding::new(name, None, said.client(client, &shown)));
        }
    }
}
