//! The report on storage: how much each mailbox holds of what it may, and which would take a
//! licence in Exchange Online.

use std::collections::HashSet;

use domain::{Directory, Licence, Recipient, RecipientId, RecipientKind};
use serde_json::json;
use store::folder::QuotaUsed;

use super::table::Table;
use crate::App;
use crate::mailbox::quota::QuotaUse;

/// Mailboxes that the report lists at most, the fullest first.
pub const MAILBOXES_MAX: u32 = 10_000;

/// The names of the columns.
const COLUMNS: [&str; 7] =
    ["Mailbox", "DisplayName", "RecipientType", "Bytes", "Messages", "QuotaBytes", "Licence"];

/// A mailbox and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The mailbox as it is now.
    pub mailbox: Recipient,
    /// What is in it, and how much may be.
    pub quota: QuotaUse,
    /// What it takes in Exchange Online.
    pub licence: Licence,
}

/// How many mailboxes take what in Exchange Online.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Licences {
    /// Persons: one each.
    pub of_persons: u64,
    /// Shared mailboxes and groups that take none.
    pub free: u64,
    /// Those that take none yet and may grow beyond what is free.
    pub may_grow: u64,
    /// Those that hold more than is free.
    pub owed: u64,
}

/// The report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageReport {
    /// Mailboxes with mail in them, the one with most first.
    pub mailboxes: Vec<Stored>,
    /// All mailboxes, with and without mail.
    pub licences: Licences,
    /// Whether there are more than are listed.
    pub is_cut: bool,
}

impl StorageReport {
    /// A row for each mailbox.
    pub fn table(&self) -> Table {
        let rows = self.mailboxes.iter().map(|stored| {
            vec![
                json!(stored.mailbox.primary().to_string()),
                json!(stored.mailbox.display_name),
                json!(stored.mailbox.kind.to_string()),
                json!(stored.quota.used.size_bytes),
                json!(stored.quota.used.messages),
                json!(limit(stored.quota.limit_bytes)),
                json!(licence_name(stored.licence)),
            ]
        });
        Table::new(&COLUMNS, rows.collect())
    }
}

fn limit(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "Unlimited".to_owned(), |bytes| bytes.to_string())
}

/// The name of a licence in the table.
fn licence_name(licence: Licence) -> &'static str {
    match licence {
        Licence::OfPerson => "Person",
        Licence::Free => "NotNeeded",
        Licence::FreeUntilItGrows => "NotNeededYet",
        Licence::Owed => "Needed",
        Licence::NoMailbox => "",
    }
}

impl App {
    /// The report on these mailboxes, or on all.
    pub async fn storage_report(
        &self,
        only: Option<&HashSet<RecipientId>>,
    ) -> Result<StorageReport, store::Failure> {
        let used = store::folder::fullest(&self.store, MAILBOXES_MAX + 1).await?;
        let is_cut = used.len() > MAILBOXES_MAX as usize;
        let directory = self.directory();
        let is_wanted = |id: &RecipientId| only.is_none_or(|only| only.contains(id));
        let mailboxes: Vec<Stored> = used
            .into_iter()
            .take(MAILBOXES_MAX as usize)
            .filter(|(id, used)| is_wanted(id) && used.messages > 0)
            .filter_map(|(id, used)| stored(&directory, id, used))
            .collect();
        let owed = mailboxes.iter().filter(|stored| stored.licence == Licence::Owed);
        let owed: HashSet<RecipientId> = owed.map(|stored| stored.mailbox.id).collect();
        let mut licences = Licences { owed: owed.len() as u64, ..Licences::default() };
        let others = directory.recipients().filter(|found| is_wanted(&found.id));
        for found in others.filter(|found| !owed.contains(&found.id)) {
            match Licence::of(found.kind, &found.settings, 0) {
                Licence::OfPerson => licences.of_persons += 1,
                Licence::Free => licences.free += 1,
                Licence::FreeUntilItGrows => licences.may_grow += 1,
                Licence::Owed | Licence::NoMailbox => {}
            }
        }
        Ok(StorageReport { mailboxes, licences, is_cut })
    }
}

fn stored(directory: &Directory, id: RecipientId, used: QuotaUsed) -> Option<Stored> {
    let mailbox = directory.recipient(id)?;
    // A channel's mail counts for its team in no licence of anybody.
    if matches!(mailbox.kind, RecipientKind::Channel | RecipientKind::Contact) {
        return None;
    }
    let bytes = u64::try_from(used.size_bytes).unwrap_or_default();
    Some(Stored {
        quota: QuotaUse { used, limit_bytes: mailbox.settings.quota_bytes },
        licence: Licence::of(mailbox.kind, &mailbox.settings, bytes),
        mailbox: mailbox.clone(),
    })
}
