//! Lists of the team desk: what is to do in a folder, who could do it, which tags there are; and
//! what comes back when its snooze is over.

use std::collections::HashSet;

use domain::{Directory, MessageId, RecipientId, RecipientKind, Right, Timestamp};
use store::desk::{self, DeskFilter, DeskItem};
use store::flag::{FlagChange, FlagOperation};
use store::mailbox::Reader;
use store::{CommitError, Flags, UidRange, WriteSet};

use super::{DeskError, SNOOZED};
use crate::App;
use crate::mailbox::{MailboxError, Place, Rights, rights};
use crate::reading::Page;

/// Colleagues that a list names at most; others are found by their address.
const COLLEAGUES_MAX: usize = 200;
/// Members that are looked at, groups inside groups included.
const MEMBERS_WALKED_MAX: usize = 5_000;
/// Messages that come back in one step.
const RETURNED_AT_ONCE: u32 = 100;

impl App {
    /// Up to `limit` messages of a folder before a UID that are in this state at the desk.
    pub async fn newest_at_desk(
        &self,
        place: &Place,
        filter: DeskFilter,
        (before, limit): (i64, u32),
        now: Timestamp,
    ) -> Result<Page, DeskError> {
        self.require_desk(place, Rights::READ)?;
        let of = (place.mailbox, place.folder);
        let uids = desk::filtered(&self.store, of, filter, (before, limit), now).await?;
        let is_full = u32::try_from(uids.len()).is_ok_and(|count| count == limit);
        let older_before = uids.last().copied().filter(|uid| is_full && *uid > 1);
        Ok(Page { messages: self.listed_of(place, &uids).await?, older_before })
    }

    /// What the desk knows of several messages, in their order; snoozes that are over count as
    /// none. None for a mailbox without a desk.
    pub async fn desk_items(
        &self,
        place: &Place,
        messages: &[MessageId],
        now: Timestamp,
    ) -> Result<Vec<DeskItem>, DeskError> {
        self.require_desk(place, Rights::READ)?;
        let mut items = desk::show_all(&self.store, place.mailbox, messages).await?;
        for item in &mut items {
            item.snoozed_until = item.snoozed_until.filter(|until| now < *until);
        }
        Ok(items)
    }

    /// The tags that are used in a folder, with their bits.
    pub async fn desk_tags(&self, place: &Place) -> Result<Vec<(String, Flags)>, DeskError> {
        self.require_desk(place, Rights::READ)?;
        let keywords = self.keywords(place, &[]).await?;
        let tags = keywords.into_iter().filter(|keyword| super::is_tag(&keyword.name));
        Ok(tags.map(|keyword| (keyword.name, keyword.flag)).collect())
    }

    /// Who could look after messages of a mailbox, by name, at most `COLLEAGUES_MAX`.
    pub fn colleagues(&self, place: &Place, now: Timestamp) -> Vec<(RecipientId, String)> {
        let directory = self.directory();
        let Some(mailbox) = directory.recipient(place.mailbox) else { return Vec::new() };
        let readable = mailbox.team.unwrap_or(mailbox.id);
        let mut found: Vec<(RecipientId, String)> = people_around(&directory, readable, now)
            .into_iter()
            .filter(|id| rights::reach(&directory, *id, place.mailbox, now).is_some())
            .filter_map(|id| Some((id, directory.recipient(id)?.display_name.clone())))
            .collect();
        found.sort_by_key(|(id, name)| (name.to_lowercase(), *id));
        found.truncate(COLLEAGUES_MAX);
        found
    }

    /// The place of a mailbox's inbox for a person; where texts that are used again are asked for.
    pub async fn desk_of(
        &self,
        person: RecipientId,
        mailbox: RecipientId,
        now: Timestamp,
    ) -> Result<Place, MailboxError> {
        let inbox = {
            let directory = self.directory();
            let found = directory.recipient(mailbox);
            found.and_then(|found| found.folders).map(|folders| folders.inbox)
        };
        self.place_of(person, inbox.ok_or(MailboxError::NotFound)?, now).await
    }

    /// Where an answer that a colleague sent is, for somebody who reads the mailbox.
    pub async fn place_of_answer(
        &self,
        place: &Place,
        answer: MessageId,
    ) -> Result<Option<(domain::FolderId, i64)>, DeskError> {
        place.require(Rights::READ)?;
        for (folder, uid) in store::message::places(&self.store, answer).await? {
            let found = store::folder::status(&self.store, folder).await?;
            if found.is_some_and(|found| found.recipient == place.mailbox) {
                return Ok(Some((folder, uid)));
            }
        }
        Ok(None)
    }

    /// Brings back what was put off until now: it is open again, and unread for whoever looks after
    /// it. Gives how many came back.
    pub async fn end_snoozes(&self, now: Timestamp) -> Result<usize, CommitError> {
        let mut count = 0;
        for item in desk::returning(&self.store, now, RETURNED_AT_ONCE).await? {
            let back = DeskItem { snoozed_until: None, ..item };
            let mut set = WriteSet::new();
            // Nobody does it: the mailbox itself stands in the history.
            desk::put(&mut set, &back, item.mailbox, ("return", now));
            match self.store.commit(set).await {
                Ok(()) => count += 1,
                // A colleague was quicker; what is still over is found again.
                Err(CommitError::Conflict(_)) => continue,
                Err(error) => return Err(error),
            }
            self.show_again(&item).await?;
        }
        Ok(count)
    }

    async fn show_again(&self, item: &DeskItem) -> Result<(), CommitError> {
        for (folder, uid) in store::message::places(&self.store, item.message).await? {
            let found = store::folder::status(&self.store, folder).await?;
            if found.is_none_or(|found| found.recipient != item.mailbox) {
                continue;
            }
            let keywords = store::keyword::list(&self.store, folder).await?;
            let snoozed = keywords.iter().find(|of| of.name.eq_ignore_ascii_case(SNOOZED));
            let off = snoozed.map(|of| (Reader::Everyone, of.flag));
            let unread =
                item.assignee.map(|person| (self.reader(item.mailbox, person), Flags::SEEN));
            for (reader, flags) in off.into_iter().chain(unread) {
                let uids = [UidRange::of(uid)];
                let operation = FlagOperation::Remove(flags);
                let change =
                    FlagChange { folder, reader, uids: &uids, operation, unchanged_since: None };
                store::flag::store(&self.store, WriteSet::new(), &change).await?;
            }
        }
        Ok(())
    }

    fn reader(&self, mailbox: RecipientId, person: RecipientId) -> Reader {
        let directory = self.directory();
        let is_personal =
            directory.recipient(mailbox).is_some_and(domain::Recipient::seen_is_personal);
        if is_personal { Reader::Person(person) } else { Reader::Everyone }
    }
}

/// The accounts that are members of a group, directly or through groups inside it, and those that
/// hold Full Access.
fn people_around(directory: &Directory, readable: RecipientId, now: Timestamp) -> Vec<RecipientId> {
    let holders = directory
        .grants_on(readable)
        .iter()
        .filter(|grant| grant.right == Right::FullAccess && grant.is_in_force(now))
        .map(|grant| grant.trustee);
    let mut open: Vec<RecipientId> = holders.chain([readable]).collect();
    let mut seen: HashSet<RecipientId> = open.iter().copied().collect();
    let mut people = Vec::new();
    while let Some(id) = open.pop() {
        let Some(found) = directory.recipient(id) else { continue };
        match found.kind {
            RecipientKind::User => people.push(id),
            RecipientKind::Group => {
                for of in directory.members_of(id) {
                    if seen.len() < MEMBERS_WALKED_MAX && seen.insert(of.member) {
                        open.push(of.member);
                    }
                }
            }
            RecipientKind::SharedMailbox | RecipientKind::Channel | RecipientKind::Contact => {}
        }
    }
    people
}
