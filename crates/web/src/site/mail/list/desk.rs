//! What the desk of a team adds to a list: which messages are shown, and what stands beside each.

use app::desk::DeskFilter;
use app::mailbox::Place;
use app::reading::{Flags, Row};
use domain::MessageId;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::super::super::desk::{name_of, problem};
use super::super::super::error::Problem;
use super::super::super::time;
use super::super::super::visit::Signed;
use super::{ListQuery, MessageRow};
use crate::Web;

/// Tags that a list offers; further ones are found by their address.
const TAGS_OFFERED_MAX: usize = 12;
/// The lists that a desk has, by the words in their addresses and the keys of their names.
const LISTS: [(&str, &str); 5] = [
    ("", "desk-list-all"),
    ("unassigned", "desk-list-unassigned"),
    ("mine", "desk-list-mine"),
    ("snoozed", "desk-list-snoozed"),
    ("done", "desk-list-done"),
];

/// A list to choose.
pub(super) struct Choice {
    pub(super) path: String,
    pub(super) text: String,
    pub(super) is_here: bool,
}

/// The lists of a folder.
pub(super) struct Filters {
    pub(super) lists: Vec<Choice>,
    pub(super) tags: Vec<Choice>,
    pub(super) chosen: Option<DeskFilter>,
    desk: String,
    tag: String,
    /// The tags of the folder with their bits.
    known: Vec<(String, Flags)>,
}

impl Filters {
    /// The lists of a folder; `None` where its mailbox has no desk.
    pub(super) async fn read(
        web: &Web,
        signed: &Signed,
        place: &Place,
        query: &ListQuery,
    ) -> Result<Option<Filters>, Problem> {
        if !web.app.has_desk(place) {
            return Ok(None);
        }
        let texts = &signed.visit.texts;
        let known = web.app.desk_tags(place).await;
        let known = known.map_err(|error| problem(web, texts, error))?;
        let tagged = known.iter().find(|(name, _)| name.eq_ignore_ascii_case(&query.tag));
        let chosen = match (query.desk.as_str(), tagged) {
            (_, Some((_, flag))) => Some(DeskFilter::Tagged(*flag)),
            ("unassigned", None) => Some(DeskFilter::Unassigned),
            ("mine", None) => Some(DeskFilter::Of(signed.person.id)),
            ("snoozed", None) => Some(DeskFilter::Snoozed),
            ("done", None) => Some(DeskFilter::Done),
            _ => None,
        };
        let folder = place.folder.0;
        let tag = tagged.map(|(name, _)| name.clone()).unwrap_or_default();
        let is_list = |word: &str| {
            tag.is_empty() && (word == query.desk || chosen.is_none() && word.is_empty())
        };
        let lists = LISTS.iter().map(|(word, key)| Choice {
            path: match *word {
                "" => format!("/mail/{folder}"),
                word => format!("/mail/{folder}?desk={word}"),
            },
            text: texts.t(key),
            is_here: is_list(word),
        });
        let tags = known.iter().take(TAGS_OFFERED_MAX).map(|(name, _)| Choice {
            path: format!("/mail/{folder}?tag={}", utf8_percent_encode(name, NON_ALPHANUMERIC)),
            text: name.clone(),
            is_here: *name == tag,
        });
        let (lists, tags) = (lists.collect(), tags.collect());
        Ok(Some(Filters { lists, tags, chosen, desk: query.desk.clone(), tag, known }))
    }

    /// What the addresses of further pages say.
    pub(super) fn query(&self) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        match self.chosen {
            None => String::new(),
            Some(DeskFilter::Tagged(_)) => format!("&tag={}", encoded(&self.tag)),
            Some(_) => format!("&desk={}", encoded(&self.desk)),
        }
    }
}

/// What stands beside a message of a team.
pub(super) struct RowDesk {
    message: MessageId,
    flags: Flags,
    pub(super) assignee: Option<String>,
    pub(super) is_mine: bool,
    pub(super) is_done: bool,
    /// For people, and for the attribute `datetime`.
    pub(super) snoozed_until: Option<(String, String)>,
    pub(super) tags: Vec<String>,
}

impl RowDesk {
    /// Nothing yet.
    pub(super) fn of(row: &Row) -> RowDesk {
        RowDesk {
            message: row.message,
            flags: row.flags,
            assignee: None,
            is_mine: false,
            is_done: false,
            snoozed_until: None,
            tags: Vec::new(),
        }
    }
}

/// Puts what the desk knows beside the messages of a page.
pub(super) async fn describe(
    web: &Web,
    signed: &Signed,
    (place, filters): (&Place, &Filters),
    rows: &mut [MessageRow],
) -> Result<(), Problem> {
    let messages: Vec<MessageId> = rows.iter().map(|row| row.desk.message).collect();
    let items = web.app.desk_items(place, &messages, signed.visit.now).await;
    let items = items.map_err(|error| problem(web, &signed.visit.texts, error))?;
    for (row, item) in rows.iter_mut().zip(items) {
        let desk = &mut row.desk;
        desk.assignee = item.assignee.map(|id| name_of(web, id));
        desk.is_mine = item.assignee == Some(signed.person.id);
        desk.is_done = item.done_at.is_some();
        desk.snoozed_until = item.snoozed_until.map(|at| (time::minute(at), time::machine(at)));
        let set = filters.known.iter().filter(|(_, flag)| desk.flags.contains(*flag));
        desk.tags = set.map(|(name, _)| name.clone()).collect();
    }
    Ok(())
}
