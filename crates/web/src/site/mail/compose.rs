//! Writing: the form, its draft on the server, sending with a moment to take it back, and what
//! stands there when the gate says no.

mod desk;

use app::outbox::{HOLD_SECS, SendRefusal, SendState};
use app::submit::SubmitError;
use askama::Template;
use axum::Form;
use axum::extract::{Multipart, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use mail::Address;
use serde::Deserialize;

use self::desk::{Answering, Canned, with_words};
use super::super::error::Problem;
use super::super::frame::{Frame, Section, render_as, see_other};
use super::super::requests;
use super::super::visit::Signed;
use super::draft::{ATTACHMENTS_OCTETS_MAX, Fault, Typed, Wish, owners_of};
use super::folder_of;
use super::parts::Attached;
use super::picker::{Picker, default_from};
use super::rail::MailRail;
use super::reply::{self, Answer};
use crate::Web;

/// Octets of the form at most: the attachments and what is typed.
pub(super) const FORM_OCTETS_MAX: usize = ATTACHMENTS_OCTETS_MAX + 2 * 1024 * 1024;

/// A refusal as the page tells it.
struct Refusal {
    text: String,
    /// Who can grant what is missing.
    owners: Vec<String>,
    reference: Option<String>,
    can_ask: bool,
}

#[derive(Template)]
#[template(path = "mail/compose.html")]
struct ComposePage {
    frame: Frame,
    rail: MailRail,
    typed: Typed,
    picker: Picker,
    attached: Vec<Attached>,
    error: Option<String>,
    refusal: Option<Refusal>,
    is_saved: bool,
    answering: Answering,
    canned: Canned,
}

impl ComposePage {
    fn attachments_megabytes(&self) -> usize {
        ATTACHMENTS_OCTETS_MAX / (1024 * 1024)
    }

    fn keeps(&self, section: &str) -> bool {
        self.typed.keep.is_empty() || self.typed.keep.iter().any(|kept| kept == section)
    }
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct ComposeQuery {
    draft: Option<i64>,
    folder: Option<i64>,
    reply: Option<i64>,
    replyall: Option<i64>,
    forward: Option<i64>,
    #[serde(default)]
    to: String,
    #[serde(default)]
    saved: String,
}

/// What stands above the form.
#[derive(Default)]
struct Notes {
    error: Option<String>,
    refusal: Option<SendRefusal>,
    is_saved: bool,
}

/// `GET /compose`
pub(crate) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Query(query): Query<ComposeQuery>,
) -> Response {
    let found = match begin(&web, &signed, &query).await {
        Ok(found) => found,
        Err(problem) => return signed.visit.problem(problem),
    };
    let Some((typed, notes)) = found else { return see_other("/") };
    page(&web, &signed, typed, notes).await
}

/// The form to begin with; `None` where the draft is on its way.
async fn begin(
    web: &Web,
    signed: &Signed,
    query: &ComposeQuery,
) -> Result<Option<(Typed, Notes)>, Problem> {
    let mut notes = Notes { is_saved: query.saved == "1", ..Notes::default() };
    let (person, now) = (signed.person.id, signed.visit.now);
    if let Some(uid) = query.draft {
        let (_, content) = web.app.draft(person, uid, now).await?;
        let states = web.app.send_states(person, now).await?;
        match states.into_iter().find(|(of, _)| *of == uid) {
            Some((_, SendState::Held { .. })) => return Ok(None),
            Some((_, SendState::Refused(refusal))) => notes.refusal = Some(refusal),
            None => {}
        }
        return Ok(Some((Typed::read_draft(uid, &content).0, notes)));
    }
    let frame = signed.frame(Section::Mail);
    let answers = [
        (query.reply, Answer::Author),
        (query.replyall, Answer::Everybody),
        (query.forward, Answer::Forward),
    ];
    let asked = answers.into_iter().find_map(|(uid, answer)| Some((uid?, answer)));
    let typed = match (query.folder, asked) {
        (Some(folder), Some((uid, answer))) => {
            reply::prepare(web, signed, &frame, (folder, uid), answer).await?
        }
        (Some(folder), None) => {
            let (folder, _) = folder_of(web, signed, folder).await?;
            let directory = web.app.directory();
            let mailboxes = owners_of(&directory, &folder);
            let from = default_from(&directory, signed, &[], &mailboxes);
            Typed { from, to: query.to.clone(), ..Typed::default() }
        }
        (None, _) => {
            let from = signed.person.address.clone();
            Typed { from, to: query.to.clone(), ..Typed::default() }
        }
    };
    Ok(Some((typed, notes)))
}

async fn page(web: &Web, signed: &Signed, typed: Typed, notes: Notes) -> Response {
    let frame = signed.frame(Section::Mail);
    let status = match notes.error {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let read = async {
        let attached = typed.attached(web, signed).await?;
        let rail = MailRail::read(web, signed, &frame, None).await?;
        let answering = Answering::read(web, signed, &typed).await?;
        let canned = Canned::read(web, signed, &typed).await?;
        Ok::<_, Problem>((attached, rail, answering, canned))
    };
    let (attached, rail, answering, canned) = match read.await {
        Ok(found) => found,
        Err(problem) => return signed.visit.problem(problem),
    };
    let picker = Picker::read(web, signed, &frame, &typed.from);
    let refusal = notes.refusal.map(|refusal| tell(&frame, refusal));
    let (error, is_saved) = (notes.error, notes.is_saved);
    let page = ComposePage {
        frame,
        rail,
        typed,
        picker,
        attached,
        error,
        // The notice of the colleague's answer says more.
        refusal: refusal.filter(|_| answering.answered.is_none()),
        is_saved,
        answering,
        canned,
    };
    render_as(status, &page)
}

fn tell(frame: &Frame, refusal: SendRefusal) -> Refusal {
    let text = match refusal.reason.as_str() {
        "no_right" => frame.t("refusal-no-right"),
        "right_ended" => frame.t("refusal-right-ended"),
        "receive_only" => frame.t("refusal-receive-only"),
        "author_elsewhere" => frame.t("refusal-author-elsewhere"),
        "answered" => frame.t("refusal-answered"),
        "author_unknown" => frame.t("refusal-author-unknown"),
        "recipient" => {
            let address = refusal.represented.unwrap_or_default();
            frame.texts.t1("refusal-recipient", "address", address)
        }
        "rule" => frame.texts.t1("refusal-rule", "text", &refusal.text),
        // What has no sentence of its own says in its words what is wrong.
        _ => refusal.text,
    };
    Refusal {
        text,
        can_ask: matches!(refusal.reason.as_str(), "no_right" | "right_ended"),
        owners: refusal.owners,
        reference: refusal.reference,
    }
}

/// `POST /compose`: keeps the draft, and does what else is asked.
pub(crate) async fn submit(signed: Signed, State(web): State<Web>, form: Multipart) -> Response {
    let typed = match Typed::read_form(form, signed.visit.texts).await {
        Ok(typed) => typed,
        Err(problem) => return signed.visit.problem(problem),
    };
    let typed = match prepared(&web, &signed, typed).await {
        Ok(typed) => typed,
        Err(problem) => return signed.visit.problem(problem),
    };
    let uid = match typed.save(&web, &signed).await {
        Ok(uid) => uid,
        Err(Fault::Typed(error)) => return again(&web, &signed, typed, error).await,
        Err(Fault::Problem(problem)) => return signed.visit.problem(problem),
    };
    let saved = format!("/compose?draft={uid}");
    match &typed.wish {
        Wish::Keep => see_other(&format!("{saved}&saved=1")),
        Wish::Insert => see_other(&saved),
        Wish::Ask(_) => match requests::ask_for_draft(&signed, &web, uid).await {
            Ok(path) => see_other(&path),
            Err(Problem::Invalid(error)) => {
                again(&web, &signed, Typed { draft: Some(uid), ..typed }, error).await
            }
            Err(problem) => signed.visit.problem(problem),
        },
        Wish::Send | Wish::SendAnyway(_) => match send(&web, &signed, uid).await {
            Ok(Sending::Held) => {
                let (folder, _) = typed.answers.or(typed.forwards).unwrap_or_default();
                see_other(&if folder == 0 { "/".to_owned() } else { format!("/mail/{folder}") })
            }
            Ok(Sending::Refused) => see_other(&saved),
            Ok(Sending::NoRecipient) => {
                let error = signed.visit.texts.t("compose-no-recipient");
                again(&web, &signed, Typed { draft: Some(uid), ..typed }, error).await
            }
            Err(problem) => signed.visit.problem(problem),
        },
    }
}

/// The form once more, with what is wrong.
async fn again(web: &Web, signed: &Signed, typed: Typed, error: String) -> Response {
    page(web, signed, typed, Notes { error: Some(error), ..Notes::default() }).await
}

/// What was typed, changed by what the form asks for.
async fn prepared(web: &Web, signed: &Signed, typed: Typed) -> Result<Typed, Problem> {
    match &typed.wish {
        Wish::Keep | Wish::Send => Ok(typed),
        // The person was told of the answer at that moment; a later one stops the message again.
        Wish::SendAnyway(at) => Ok(Typed { began_at: Some(at.saturating_add(1)), ..typed }),
        Wish::Ask(address) => Ok(Typed { from: address.clone(), ..typed }),
        Wish::Insert => {
            let canned = Canned::read(web, signed, &typed).await?;
            let chosen = canned.replies.into_iter().find(|one| Some(one.id) == typed.canned);
            let body = chosen.map(|one| with_words(&typed.body, &one.words));
            Ok(Typed { body: body.unwrap_or_else(|| typed.body.clone()), ..typed })
        }
    }
}

/// What became of a draft that was to be sent.
enum Sending {
    Held,
    Refused,
    NoRecipient,
}

async fn send(web: &Web, signed: &Signed, uid: i64) -> Result<Sending, Problem> {
    let (person, now) = (signed.person.id, signed.visit.now);
    let (_, content) = web.app.draft(person, uid, now).await?;
    let recipients = app::outbox::recipients(&content);
    if recipients.is_empty() {
        return Ok(Sending::NoRecipient);
    }
    if web.app.answered_meanwhile(person, &content, now).await?.is_some() {
        return Ok(Sending::Refused);
    }
    let (typed, _) = Typed::read_draft(uid, &content);
    let author = Address::parse(&typed.from).map_err(|_| Problem::NotFound)?;
    match web.app.may_send(person, &author, &recipients, now).await {
        Ok(()) => {}
        Err(SubmitError::Unavailable(failure)) => return Err(failure.into()),
        Err(error) => {
            web.app.keep_refusal(person, uid, &error, now).await?;
            return Ok(Sending::Refused);
        }
    }
    let client = format!("web [{}]", signed.visit.client);
    web.app.hold(person, uid, (now.plus_secs(HOLD_SECS), &client), now).await?;
    Ok(Sending::Held)
}

#[derive(Debug, Deserialize)]
pub(crate) struct DraftForm {
    draft: i64,
}

/// `POST /compose/undo`
pub(crate) async fn undo(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<DraftForm>,
) -> Response {
    match web.app.take_back(signed.person.id, form.draft, signed.visit.now).await {
        Ok(true) => see_other(&format!("/compose?draft={}", form.draft)),
        Ok(false) => {
            let late = signed.visit.texts.t("undo-too-late");
            signed.visit.problem(Problem::Conflict(late))
        }
        Err(error) => signed.visit.problem(error.into()),
    }
}

/// `POST /compose/discard`
pub(crate) async fn discard(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<DraftForm>,
) -> Response {
    match web.app.discard_draft(signed.person.id, form.draft, signed.visit.now).await {
        Ok(()) => see_other("/"),
        Err(error) => signed.visit.problem(error.into()),
    }
}
