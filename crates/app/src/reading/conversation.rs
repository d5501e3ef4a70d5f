//! Conversations: which messages belong together by the Message-IDs that they name (RFC 5322
//! §3.6.4).
//!
//! There is no table of conversations. The messages beside one are looked for in the neighbourhood
//! of its folder and among the newest of the same mailbox's inbox, archive and Sent, which is where
//! answers are; a bounded look that costs the same in every folder.

use std::collections::HashSet;

use domain::FolderId;
use mail::raw_field::raw_field;
use store::UidRange;
use store::folder::{Folder, FolderRole};

use super::Listed;
use crate::App;
use crate::mailbox::{MailboxError, Place, Rights};

/// Messages of a conversation that are given at most.
pub const CONVERSATION_MAX: usize = 50;
/// Messages of each folder that are looked at, on either side of the one that is shown.
const NEIGHBOURS: i64 = 200;
/// Message-IDs of one message that count.
const IDS_MAX: usize = 50;

/// A message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InConversation {
    /// Where it is.
    pub folder: FolderId,
    /// What the folder is for.
    pub role: Option<FolderRole>,
    /// The message.
    pub listed: Listed,
}

impl App {
    /// The messages that belong together with the one that has this header section, that one among
    /// them, the oldest first. `place` is its folder.
    pub async fn conversation(
        &self,
        place: &Place,
        (uid, header): (i64, &[u8]),
    ) -> Result<Vec<InConversation>, MailboxError> {
        place.require(Rights::READ)?;
        let ids: HashSet<String> = conversation_ids(header).into_iter().collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let folders = store::folder::list(&self.store, place.mailbox).await?;
        let mut found = Vec::new();
        for folder in folders.iter().filter(|folder| is_looked_at(folder, place.folder)) {
            let around = if folder.id == place.folder { uid } else { folder.uid_next };
            let range = UidRange {
                first: (around - NEIGHBOURS).max(1),
                last: around.saturating_add(NEIGHBOURS),
            };
            let limit = u32::try_from(2 * NEIGHBOURS + 1).unwrap_or(u32::MAX);
            let of = (folder.id, place.reader);
            let rows = store::mailbox::headers(&self.store, of.0, of.1, range, limit).await?;
            let listed = self.listed(rows).await?.into_iter().filter(|listed| {
                conversation_ids(&listed.fields).iter().any(|id| ids.contains(id))
            });
            let in_folder =
                |listed| InConversation { folder: folder.id, role: folder.role, listed };
            found.extend(listed.map(in_folder));
        }
        found.sort_by_key(|one| (one.listed.row.internal_at, one.folder, one.listed.row.uid));
        let surplus = found.len().saturating_sub(CONVERSATION_MAX);
        found.drain(..surplus);
        Ok(found)
    }
}

fn is_looked_at(folder: &Folder, here: FolderId) -> bool {
    let holds_answers =
        matches!(folder.role, Some(FolderRole::Inbox | FolderRole::Sent | FolderRole::Archive));
    folder.id == here || holds_answers
}

/// The Message-IDs that say where a message belongs: its own, and those that it names.
pub fn conversation_ids(header: &[u8]) -> Vec<String> {
    let mut ids = Vec::new();
    for name in ["References", "In-Reply-To", "Message-ID"] {
        let text = raw_field(header, name).map(|field| field.unfolded()).unwrap_or_default();
        let mut rest = text.as_str();
        while let Some((_, behind)) = rest.split_once('<') {
            let Some((id, behind)) = behind.split_once('>') else { break };
            if ids.len() < IDS_MAX && !id.is_empty() {
                ids.push(id.to_owned());
            }
            rest = behind;
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::{IDS_MAX, conversation_ids};

    #[test]
    fn a_message_names_those_that_it_belongs_to() {
        let reply = b"Message-ID: <c>\r\nIn-Reply-To: <b>\r\nReferences: <a>\r\n <b>\r\n\r\n";
        assert_eq!(conversation_ids(reply), ["a", "b", "b", "c"]);
        assert!(conversation_ids(b"Message-ID: none\r\n\r\n").is_empty());
        let many: String = (0..80).map(|n| format!(" <{n}>\r\n")).collect();
        let many = format!("References:{many}\r\n");
        assert_eq!(conversation_ids(many.as_bytes()).len(), IDS_MAX);
    }
}
