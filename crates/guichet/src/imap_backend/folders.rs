//! Folders as LIST and STATUS tell them.

use std::collections::HashSet;

use app::App;
use app::mailbox::names::DELIMITER;
use app::mailbox::{FolderEntry, Rights as AppRights};
use domain::{FolderId, RecipientId};
use imap::server::{Answer, MailboxEntry, MailboxStatus, Rights};
use store::folder::Folder;

use super::convert;
use crate::clock;

/// All folders of a person, with the levels above them that are none.
pub(super) async fn list(app: &App, person: RecipientId) -> Answer<Vec<MailboxEntry>> {
    let entries = app.folder_list(person, clock::now()).await.map_err(convert::failure)?;
    let hidden = app.unsubscribed(person).await.map_err(convert::failure)?;
    let hidden: HashSet<FolderId> = hidden.into_iter().collect();
    let mut known: HashSet<String> = entries.iter().map(|entry| entry.name.clone()).collect();
    let mut out = Vec::with_capacity(entries.len() + 4);
    for entry in &entries {
        for (end, _) in entry.name.match_indices(DELIMITER) {
            let above = &entry.name[..end];
            if known.insert(above.to_owned()) {
                out.push(level(above));
            }
        }
        out.push(mailbox(entry, !hidden.contains(&entry.folder.id)));
    }
    Ok(out)
}

fn mailbox(entry: &FolderEntry, is_subscribed: bool) -> MailboxEntry {
    let special_use = convert::special_use(entry.folder.role).filter(|_| entry.is_own);
    MailboxEntry {
        name: entry.name.clone(),
        special_use,
        is_subscribed,
        is_selectable: true,
        may_have_children: entry.rights.allow(AppRights::CREATE) || !entry.is_own,
        rights: convert::rights(entry.rights),
    }
}

/// A level that is no mailbox.
fn level(name: &str) -> MailboxEntry {
    MailboxEntry {
        name: name.to_owned(),
        special_use: None,
        is_subscribed: false,
        is_selectable: false,
        may_have_children: true,
        rights: Rights::LOOKUP,
    }
}

/// The counters of a folder.
pub(super) fn status(folder: &Folder) -> MailboxStatus {
    let count = |stored: i64| u32::try_from(stored.max(0)).unwrap_or(u32::MAX);
    MailboxStatus {
        messages: count(folder.messages),
        unseen: count(folder.unseen),
        deleted: count(folder.deleted),
        size_octets: u64::try_from(folder.size_bytes).unwrap_or_default(),
        uid_next: convert::uid(folder.uid_next),
        uid_validity: folder.uid_validity,
        modseq: convert::modseq(folder.modseq),
        mailbox_id: mailbox_id(folder.id),
    }
}

/// What a folder keeps when it is renamed (RFC 8474 §4).
pub(super) fn mailbox_id(folder: FolderId) -> String {
    format!("F{folder}")
}
