//! What stands beside a message of a team.

use app::desk::{DeskError, DeskView, Note};
use app::mailbox::{Place, Rights};

use super::super::error::Problem;
use super::super::time;
use super::super::visit::Signed;
use super::{name_of, problem};
use crate::Web;

/// Times for which buttons put a message off: hours, and the key of the text.
const PUT_OFF: [(i64, &str); 4] = [
    (4, "desk-put-off-hours"),
    (24, "desk-put-off-day"),
    (72, "desk-put-off-days"),
    (168, "desk-put-off-week"),
];

/// A time for which a message can be put off.
pub(in super::super) struct PutOff {
    pub(in super::super) hours: i64,
    pub(in super::super) text: String,
}

/// A note as the page shows it.
pub(in super::super) struct NoteLine {
    pub(in super::super) author: String,
    pub(in super::super) at: String,
    pub(in super::super) at_machine: String,
    pub(in super::super) words: String,
}

/// A colleague who could look after the message.
pub(in super::super) struct Colleague {
    pub(in super::super) name: String,
    pub(in super::super) address: String,
    pub(in super::super) is_assignee: bool,
}

/// The desk of one message.
pub(in super::super) struct Panel {
    /// Where its forms go.
    pub(in super::super) path: String,
    pub(in super::super) may_change: bool,
    pub(in super::super) assignee: Option<String>,
    pub(in super::super) is_mine: bool,
    pub(in super::super) is_done: bool,
    pub(in super::super) snoozed_until: Option<(String, String)>,
    pub(in super::super) answered_by: Option<String>,
    pub(in super::super) replying: Vec<String>,
    pub(in super::super) tags: Vec<String>,
    /// Tags of the folder that this message has not.
    pub(in super::super) other_tags: Vec<String>,
    pub(in super::super) colleagues: Vec<Colleague>,
    pub(in super::super) put_off: Vec<PutOff>,
    pub(in super::super) notes: Vec<NoteLine>,
}

impl Panel {
    /// Reads the desk of a message; `None` in mailboxes that have none.
    pub(in super::super) async fn read(
        web: &Web,
        signed: &Signed,
        place: &Place,
        uid: i64,
    ) -> Result<Option<Panel>, Problem> {
        let texts = &signed.visit.texts;
        let view = match web.app.desk(place, uid, signed.visit.now).await {
            Ok(view) => view,
            Err(DeskError::NotShared) => return Ok(None),
            Err(error) => return Err(problem(web, texts, error)),
        };
        let all = web.app.desk_tags(place).await;
        let all = all.map_err(|error| problem(web, texts, error))?;
        let mut other_tags: Vec<String> = all.into_iter().map(|(name, _)| name).collect();
        other_tags.retain(|name| !view.tags.contains(name));
        let put_off =
            PUT_OFF.iter().map(|(hours, key)| PutOff { hours: *hours, text: texts.t(key) });
        let DeskView { item, tags, notes, replying } = view;
        Ok(Some(Panel {
            path: format!("/desk/{}/{uid}", place.folder.0),
            may_change: place.rights.allow(Rights::WRITE),
            assignee: item.assignee.map(|id| name_of(web, id)),
            is_mine: item.assignee == Some(signed.person.id),
            is_done: item.done_at.is_some(),
            snoozed_until: item.snoozed_until.map(|at| (time::minute(at), time::machine(at))),
            answered_by: item.answer.map(|answer| name_of(web, answer.by)),
            replying: replying.into_iter().map(|id| name_of(web, id)).collect(),
            tags,
            other_tags,
            colleagues: colleagues(web, signed, place, item.assignee),
            put_off: put_off.collect(),
            notes: notes.into_iter().map(|note| note_line(web, note)).collect(),
        }))
    }
}

fn note_line(web: &Web, note: Note) -> NoteLine {
    NoteLine {
        author: name_of(web, note.author),
        at: time::minute(note.created_at),
        at_machine: time::machine(note.created_at),
        words: note.words,
    }
}

fn colleagues(
    web: &Web,
    signed: &Signed,
    place: &Place,
    assignee: Option<domain::RecipientId>,
) -> Vec<Colleague> {
    let found = web.app.colleagues(place, signed.visit.now);
    let directory = web.app.directory();
    let colleague = |(id, name)| {
        let address = directory.recipient(id)?.primary().to_string();
        Some(Colleague { name, address, is_assignee: assignee == Some(id) })
    };
    found.into_iter().filter_map(colleague).collect()
}
