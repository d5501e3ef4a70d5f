//! The list of a folder: a page of messages, the newest first, and what is done to several at once.

mod desk;

use app::mailbox::{Place, Rights};
use app::outbox::SendState;
use app::reading::{Flags, Folder, FolderRole, Listed, Marking, Page, UidRange};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::FolderId;
use mail::envelope::Envelope;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use self::desk::{Filters, RowDesk};
use super::super::desk::{desk_change, problem};
use super::super::error::Problem;
use super::super::frame::{Frame, Section, local_path, see_other};
use super::super::time;
use super::super::visit::Signed;
use super::conversation::grouped;
use super::rail::{MailRail, folder_name};
use super::{Correspondent, folder_of, plain};
use crate::Web;

/// Messages of one page.
pub(super) const PAGE_MESSAGES: u32 = 50;
/// Characters of a search that are looked at.
const SEARCH_CHARACTERS_MAX: usize = 200;
/// Characters of a subject in a list.
const SUBJECT_CHARACTERS_MAX: usize = 160;
/// Messages that one form changes at most.
const CHANGED_MAX: usize = 1_000;
/// Messages whose state at the desk one form changes at most: each is a change of its own.
const DESK_CHANGED_MAX: usize = 100;

struct MessageRow {
    uid: i64,
    path: String,
    who: String,
    who_title: String,
    subject: String,
    date: String,
    date_machine: String,
    by: Option<String>,
    is_unread: bool,
    is_answered: bool,
    is_flagged: bool,
    /// Whether it belongs to the conversation of the row above.
    is_further: bool,
    /// What the team's desk knows of it.
    desk: RowDesk,
}

/// A message of the person that waits, or did not go out.
struct Waiting {
    uid: i64,
    refused: bool,
}

#[derive(Template)]
#[template(path = "mail/list.html")]
struct ListPage {
    frame: Frame,
    rail: MailRail,
    folder: i64,
    title: String,
    q: String,
    rows: Vec<MessageRow>,
    older: Option<String>,
    is_first: bool,
    waiting: Vec<Waiting>,
    may_delete: bool,
    shows_recipients: bool,
    /// The lists of the team's desk; `None` in mailboxes without one.
    filters: Option<Filters>,
    is_filtered: bool,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct ListQuery {
    before: Option<i64>,
    #[serde(default)]
    q: String,
    /// `unassigned`, `mine`, `snoozed` or `done`: a list of the desk.
    #[serde(default)]
    desk: String,
    /// A tag of the folder.
    #[serde(default)]
    tag: String,
}

/// `GET /`: the person's own inbox.
pub(crate) async fn start(
    signed: Signed,
    State(web): State<Web>,
    Query(query): Query<ListQuery>,
) -> Response {
    let inbox = {
        let directory = web.app.directory();
        let me = directory.recipient(signed.person.id);
        me.and_then(|me| me.folders).map(|folders| folders.inbox.0)
    };
    match inbox {
        Some(inbox) => answer(&web, &signed, inbox, query).await,
        None => signed.visit.problem(Problem::NotFound),
    }
}

/// `GET /mail/{folder}`
pub(crate) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Path(folder): Path<i64>,
    Query(query): Query<ListQuery>,
) -> Response {
    answer(&web, &signed, folder, query).await
}

async fn answer(web: &Web, signed: &Signed, folder: i64, query: ListQuery) -> Response {
    signed.page(page(web, signed, folder, query).await)
}

async fn page(
    web: &Web,
    signed: &Signed,
    folder: i64,
    query: ListQuery,
) -> Result<ListPage, Problem> {
    let (folder, place) = folder_of(web, signed, folder).await?;
    let before = query.before.unwrap_or(i64::MAX);
    let words: String = plain(&query.q).chars().take(SEARCH_CHARACTERS_MAX).collect();
    let filters = Filters::read(web, signed, &place, &query).await?;
    let filter = filters.as_ref().and_then(|filters| filters.chosen);
    let page = match filter {
        _ if !words.is_empty() => {
            let limit = PAGE_MESSAGES as usize;
            web.app.newest_with((&folder, &place), &words, before, limit).await?
        }
        Some(filter) => {
            let page = (before, PAGE_MESSAGES);
            let found = web.app.newest_at_desk(&place, filter, page, signed.visit.now).await;
            found.map_err(|error| problem(web, &signed.visit.texts, error))?
        }
        None => web.app.newest(&place, before, PAGE_MESSAGES).await?,
    };
    let frame = signed.frame(Section::Mail);
    let rail = MailRail::read(web, signed, &frame, Some(folder.id)).await?;
    let states = web.app.send_states(signed.person.id, signed.visit.now).await?;
    let waiting = states
        .into_iter()
        .map(|(uid, state)| Waiting { uid, refused: matches!(state, SendState::Refused(_)) });
    let older = page.older_before.map(|before| {
        let q = utf8_percent_encode(&words, NON_ALPHANUMERIC);
        let further = filters.as_ref().map(Filters::query).unwrap_or_default();
        format!("/mail/{}?before={before}&q={q}{further}", folder.id.0)
    });
    let mut rows = rows(web, (&folder, &place), page, &frame);
    if let Some(filters) = &filters {
        desk::describe(web, signed, (&place, filters), &mut rows).await?;
    }
    Ok(ListPage {
        title: title(web, &frame, &folder),
        folder: folder.id.0,
        q: words,
        rows,
        older,
        is_first: query.before.is_none(),
        waiting: waiting.collect(),
        may_delete: place.rights.allow(Rights::DELETE),
        shows_recipients: shows_recipients(place.role),
        is_filtered: filter.is_some(),
        filters,
        frame,
        rail,
    })
}

/// What a folder is called above its list: with its mailbox, unless that is the reader's own.
pub(super) fn title(web: &Web, frame: &Frame, folder: &Folder) -> String {
    let name = folder_name(frame, folder.role, &folder.name);
    let is_own = frame.person.as_ref().is_some_and(|person| person.id == folder.recipient);
    let directory = web.app.directory();
    match directory.recipient(folder.recipient).filter(|_| !is_own) {
        Some(mailbox) => format!("{} › {name}", mailbox.display_name),
        None => name,
    }
}

fn shows_recipients(role: Option<FolderRole>) -> bool {
    matches!(role, Some(FolderRole::Sent | FolderRole::Drafts))
}

fn rows(
    web: &Web,
    (folder, place): (&Folder, &Place),
    page: Page,
    frame: &Frame,
) -> Vec<MessageRow> {
    let is_own_draft = place.role == Some(FolderRole::Drafts) && place.mailbox == place.person;
    let directory = web.app.directory();
    let threads = grouped(page.messages);
    let mut out = Vec::new();
    for thread in threads {
        for (at, listed) in thread.into_iter().enumerate() {
            let by = listed.row.placed_by.filter(|by| *by != place.mailbox);
            let by = by.and_then(|by| directory.recipient(by));
            let mut row = message_row(folder.id, &listed, shows_recipients(place.role), frame);
            row.is_further = at > 0;
            row.by = by.map(|by| by.display_name.clone());
            if is_own_draft {
                row.path = format!("/compose?draft={}", row.uid);
            }
            out.push(row);
        }
    }
    out
}

fn message_row(
    folder: FolderId,
    listed: &Listed,
    shows_recipients: bool,
    frame: &Frame,
) -> MessageRow {
    let envelope = Envelope::read(&listed.fields);
    let people = Correspondent::all(if shows_recipients { &envelope.to } else { &envelope.from });
    let short: Vec<&str> = people.iter().take(3).map(Correspondent::short).collect();
    let long: Vec<&str> = people.iter().take(10).map(|one| one.address.as_str()).collect();
    let flags = listed.row.flags;
    MessageRow {
        uid: listed.row.uid,
        path: format!("/mail/{}/{}", folder.0, listed.row.uid),
        who: short.join(", "),
        who_title: long.join(", "),
        subject: subject(&envelope, frame),
        date: time::minute(listed.row.internal_at),
        date_machine: time::machine(listed.row.internal_at),
        by: None,
        is_unread: !flags.contains(Flags::SEEN),
        is_answered: flags.contains(Flags::ANSWERED),
        is_flagged: flags.contains(Flags::FLAGGED),
        is_further: false,
        desk: RowDesk::of(&listed.row),
    }
}

/// The subject for people; words that stand for it where there is none.
pub(super) fn subject(envelope: &Envelope, frame: &Frame) -> String {
    let text = envelope.subject.as_deref().map(mail::text::decode_words).unwrap_or_default();
    let text: String = plain(&text).chars().take(SUBJECT_CHARACTERS_MAX).collect();
    if text.is_empty() { frame.t("mail-no-subject") } else { text }
}

/// What a form does to messages.
struct Change {
    what: String,
    uids: Vec<UidRange>,
    to: Option<i64>,
    next: String,
}

impl Change {
    fn read(folder: i64, pairs: Vec<(String, String)>) -> Change {
        let next = format!("/mail/{folder}");
        let mut change = Change { what: String::new(), uids: Vec::new(), to: None, next };
        for (name, value) in pairs {
            match name.as_str() {
                "what" => change.what = value,
                "uid" if change.uids.len() < CHANGED_MAX => {
                    change.uids.extend(value.parse().ok().map(UidRange::of));
                }
                "to" => change.to = value.parse().ok(),
                "next" => change.next = local_path(&value).to_owned(),
                _ => {}
            }
        }
        change.uids.sort_by_key(|range| range.first);
        change.uids.dedup();
        change
    }
}

/// `POST /mail/{folder}`
pub(crate) async fn change(
    signed: Signed,
    State(web): State<Web>,
    Path(folder): Path<i64>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Response {
    let change = Change::read(folder, pairs);
    match carry_out(&web, &signed, folder, &change).await {
        Ok(()) => see_other(&change.next),
        Err(problem) => signed.visit.problem(problem),
    }
}

async fn carry_out(
    web: &Web,
    signed: &Signed,
    folder: i64,
    change: &Change,
) -> Result<(), Problem> {
    let (_, place) = folder_of(web, signed, folder).await?;
    let (uids, now) = (change.uids.as_slice(), signed.visit.now);
    if uids.is_empty() {
        return Ok(());
    }
    let app = &web.app;
    match change.what.as_str() {
        "read" => app.mark(&place, uids, Marking::Add(Flags::SEEN)).await?,
        "unread" => app.mark(&place, uids, Marking::Remove(Flags::SEEN)).await?,
        "flag" => app.mark(&place, uids, Marking::Add(Flags::FLAGGED)).await?,
        "unflag" => app.mark(&place, uids, Marking::Remove(Flags::FLAGGED)).await?,
        "delete" => app.throw_away(&place, uids, now).await?,
        "archive" => app.archive(&place, uids, now).await?,
        "take" | "done" => {
            let texts = &signed.visit.texts;
            let what = desk_change(web, &change.what, "").ok_or(Problem::NotFound)?;
            for range in uids.iter().take(DESK_CHANGED_MAX) {
                let changed = app.desk_change(&place, range.first, &what, now).await;
                changed.map_err(|error| problem(web, texts, error))?;
            }
        }
        "move" => {
            let to = change
                .to
                .ok_or_else(|| Problem::Invalid(signed.visit.texts.t("mail-move-where")))?;
            let (to, to_place) = folder_of(web, signed, to).await?;
            app.move_messages(&place, uids, (&to, &to_place), now).await?;
        }
        _ => return Err(Problem::NotFound),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Change;

    #[test]
    fn a_form_names_messages_and_a_page_of_ours() {
        let pairs = [
            ("uid", "9"),
            ("uid", "3"),
            ("uid", "9"),
            ("uid", "x"),
            ("what", "move"),
            ("to", "5"),
            ("next", "//evil.example"),
        ];
        let pairs = pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let change = Change::read(1, pairs);
        let uids: Vec<i64> = change.uids.iter().map(|range| range.first).collect();
        assert_eq!((uids, change.to, change.next.as_str()), (vec![3, 9], Some(5), "/"));
    }
}
