//! The conversation of a message: the messages that belong together with it, as links.

use std::collections::HashMap;

use app::mailbox::Place;
use app::reading::{Flags, FolderRole, InConversation, Listed, conversation_ids};
use mail::envelope::Envelope;

use super::super::error::Problem;
use super::super::frame::Frame;
use super::super::time;
use super::Correspondent;
use crate::Web;

/// A message of a conversation.
pub(super) struct Line {
    pub(super) path: String,
    pub(super) who: String,
    pub(super) date: String,
    pub(super) date_machine: String,
    /// The person who wrote it here, where the author is a team.
    pub(super) by: Option<String>,
    pub(super) is_here: bool,
    pub(super) is_unread: bool,
    pub(super) is_sent: bool,
}

/// The conversation of a message, the oldest first; empty where it stands alone.
pub(super) async fn lines(
    web: &Web,
    frame: &Frame,
    place: &Place,
    (uid, header): (i64, &[u8]),
) -> Result<Vec<Line>, Problem> {
    let found = web.app.conversation(place, (uid, header)).await?;
    if found.len() < 2 {
        return Ok(Vec::new());
    }
    let here = |one: &InConversation| one.folder == place.folder && one.listed.row.uid == uid;
    Ok(found.iter().map(|one| line(web, frame, place, (one, here(one)))).collect())
}

fn line(web: &Web, frame: &Frame, place: &Place, (one, is_here): (&InConversation, bool)) -> Line {
    let row = &one.listed.row;
    let envelope = Envelope::read(&one.listed.fields);
    let author = Correspondent::all(&envelope.from).into_iter().next();
    let who = author.map_or_else(|| frame.t("mail-no-one"), |author| author.short().to_owned());
    let by = row.placed_by.filter(|by| *by != place.mailbox);
    let directory = web.app.directory();
    Line {
        path: format!("/mail/{}/{}", one.folder.0, row.uid),
        who,
        date: time::minute(row.internal_at),
        date_machine: time::machine(row.internal_at),
        by: by.and_then(|by| directory.recipient(by)).map(|by| by.display_name.clone()),
        is_here,
        is_unread: !is_here && !row.flags.contains(Flags::SEEN),
        is_sent: one.role == Some(FolderRole::Sent),
    }
}

/// The messages of a page by conversation: the conversation with the newest message first, in it
/// the newest first. Messages belong together where they name the same message.
pub(super) fn grouped(messages: Vec<Listed>) -> Vec<Vec<Listed>> {
    let mut out: Vec<Vec<Listed>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for listed in messages {
        let ids = conversation_ids(&listed.fields);
        let at = ids.iter().find_map(|id| known.get(id)).copied().unwrap_or(out.len());
        if at == out.len() {
            out.push(Vec::new());
        }
        out[at].push(listed);
        known.extend(ids.into_iter().map(|id| (id, at)));
    }
    out
}
