//! Texts that answers of a team often begin with. Everybody who reads the mailbox uses them; those
//! who administer it, its owners, write them.

use domain::Timestamp;
use store::WriteSet;
use store::desk::{self, CannedReply};

use super::{DeskError, ROWS_MAX, checked};
use crate::App;
use crate::mailbox::{Place, Rights};

/// Characters of a title at most.
pub const TITLE_CHARACTERS_MAX: usize = 40;

impl App {
    /// The mailbox's texts that are used again, by title.
    pub async fn canned_replies(&self, place: &Place) -> Result<Vec<CannedReply>, DeskError> {
        self.require_desk(place, Rights::READ)?;
        Ok(desk::canned(&self.store, place.mailbox, ROWS_MAX).await?)
    }

    /// Adds a text that is used again; gives its identifier. Owners do.
    pub async fn add_canned_reply(
        &self,
        place: &Place,
        (title, words): (&str, &str),
        now: Timestamp,
    ) -> Result<i64, DeskError> {
        self.require_desk(place, Rights::ADMINISTER)?;
        if title.trim().is_empty() || title.chars().count() > TITLE_CHARACTERS_MAX {
            return Err(DeskError::Text("give it a title of at most 40 characters"));
        }
        if desk::canned(&self.store, place.mailbox, ROWS_MAX).await?.len() >= ROWS_MAX as usize {
            return Err(DeskError::Text("there are 200 texts already: remove one first"));
        }
        let id = self.store.next_id().await?;
        let words = checked(words)?.to_owned();
        let reply = CannedReply { id, title: title.trim().to_owned(), words };
        let mut set = WriteSet::new();
        desk::add_canned(&mut set, place.mailbox, &reply, (place.person, now));
        self.commit_desk(set).await?;
        Ok(id)
    }

    /// Removes a text of the mailbox. Owners do.
    pub async fn remove_canned_reply(&self, place: &Place, id: i64) -> Result<(), DeskError> {
        self.require_desk(place, Rights::ADMINISTER)?;
        let mut set = WriteSet::new();
        desk::remove_canned(&mut set, place.mailbox, id);
        self.commit_desk(set).await
    }
}
