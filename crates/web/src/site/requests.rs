//! Requests for a right to send: asking, looking, deciding.
//!
//! A link shows, a form decides: nothing happens by opening what a mail points to. What one may
//! not see is not there.

use app::ask::{
    About, Ask, AskError, DecideError, DecideOrder, Decision, Request, RequestOutcome, RequestView,
    Span, State as RequestState,
};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::{FolderId, RecipientId, Right};
use serde::Deserialize;

use super::error::Problem;
use super::frame::{Frame, Section, see_other};
use super::texts::Texts;
use super::time;
use super::visit::Signed;
use crate::Web;

/// What a change that leads to the page of a request did.
const DONE: [&str; 6] = ["asked", "sent", "granted", "declined", "withdrawn", "failed"];

struct Row {
    id: i64,
    asker: String,
    author: String,
    subject: String,
    at: String,
    at_machine: String,
    state: String,
    tone: &'static str,
}

#[derive(Template)]
#[template(path = "requests.html")]
struct ListPage {
    frame: Frame,
    to_decide: Vec<Row>,
    mine: Vec<Row>,
}

/// `GET /requests`: what waits for one's decision, and what one asked for.
pub(crate) async fn list(signed: Signed, State(web): State<Web>) -> Response {
    signed.page(list_page(&signed, &web).await)
}

async fn list_page(signed: &Signed, web: &Web) -> Result<ListPage, Problem> {
    let to_decide = web.app.requests_to_decide(&signed.actor()).await?;
    let mine = web.app.requests_of(signed.person.id).await?;
    let texts = signed.visit.texts;
    let rows = |requests: Vec<Request>| -> Vec<Row> {
        requests.iter().map(|request| row(web, &texts, request)).collect()
    };
    let to_decide = rows(to_decide);
    Ok(ListPage { frame: signed.frame(Section::Requests), to_decide, mine: rows(mine) })
}

fn row(web: &Web, texts: &Texts, request: &Request) -> Row {
    let (state, tone) = state_text(texts, request);
    Row {
        id: request.id,
        asker: name_of(web, request.asker).0,
        author: request.author.clone(),
        subject: request.subject.clone(),
        at: time::minute(request.created_at),
        at_machine: time::machine(request.created_at),
        state,
        tone,
    }
}

fn state_text(texts: &Texts, request: &Request) -> (String, &'static str) {
    match request.state {
        RequestState::Waiting => (texts.t("request-waiting"), "warn"),
        RequestState::Granted if request.sent.is_some() => (texts.t("request-sent"), "good"),
        RequestState::Granted => (texts.t("request-granted"), "good"),
        RequestState::Failed => (texts.t("request-failed"), "bad"),
        RequestState::Declined => (texts.t("request-declined"), "bad"),
        RequestState::Withdrawn => (texts.t("request-withdrawn"), ""),
    }
}

/// Display name and primary address.
fn name_of(web: &Web, id: RecipientId) -> (String, String) {
    let directory = web.app.directory();
    let found = directory.recipient(id);
    found.map(|found| (found.display_name.clone(), found.primary().to_string())).unwrap_or_default()
}

/// A decision as the page shows it.
struct DecisionLine {
    by: String,
    at: String,
    at_machine: String,
    words: String,
    what: Option<String>,
}

#[derive(Template)]
#[template(path = "request.html")]
struct RequestPage {
    frame: Frame,
    view: RequestView,
    row: Row,
    asker_address: String,
    represented: String,
    represented_address: String,
    text: Option<String>,
    decision: Option<DecisionLine>,
    is_right_there: bool,
    done: Option<String>,
}

impl RequestPage {
    fn is_done(&self, what: &str) -> bool {
        self.done.as_deref() == Some(what)
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /requests/{id}`
pub(crate) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Path(id): Path<String>,
    Query(done): Query<Done>,
) -> Response {
    signed.page(request_page(&signed, &web, &id, done).await)
}

async fn request_page(
    signed: &Signed,
    web: &Web,
    id: &str,
    done: Done,
) -> Result<RequestPage, Problem> {
    let id = parse_id(id)?;
    let view = web.app.request(&signed.actor(), id).await?.ok_or(Problem::NotFound)?;
    let text = web.app.request_text(&signed.actor(), id).await?;
    let frame = signed.frame(Section::Requests);
    let request = &view.request;
    let (represented, represented_address) = name_of(web, request.represented);
    Ok(RequestPage {
        row: row(web, &frame.texts, request),
        asker_address: name_of(web, request.asker).1,
        represented,
        represented_address,
        text,
        decision: decision_line(&frame.texts, request),
        is_right_there: web.app.is_right_there(request, signed.visit.now),
        done: DONE.contains(&done.done.as_str()).then_some(done.done),
        view,
        frame,
    })
}

fn decision_line(texts: &Texts, request: &Request) -> Option<DecisionLine> {
    let decided = request.decided.as_ref()?;
    let right = match decided.right.as_deref().and_then(Right::from_stored) {
        Some(Right::SendOnBehalf) => Some(texts.t("mode-on-behalf")),
        Some(Right::SendAs) => Some(texts.t("mode-send-as")),
        Some(Right::FullAccess) | None => None,
    };
    let span = decided.span.as_deref().and_then(Span::parse).map(|span| match span {
        Span::Message => texts.t("request-span-message"),
        Span::Days => texts.t("request-span-days"),
        Span::UntilRevoked => texts.t("request-span-until-revoked"),
    });
    Some(DecisionLine {
        by: decided.by.clone(),
        at: time::minute(decided.at),
        at_machine: time::machine(decided.at),
        words: decided.words.clone(),
        what: right.zip(span).map(|(right, span)| format!("{right} – {span}")),
    })
}

fn parse_id(id: &str) -> Result<i64, Problem> {
    id.parse().map_err(|_| Problem::NotFound)
}

#[derive(Debug, Deserialize)]
pub(crate) struct Deciding {
    /// `grant`, `decline`, `withdraw` or `again`.
    what: String,
    #[serde(default)]
    right: String,
    #[serde(default)]
    span: String,
    #[serde(default)]
    words: String,
}

/// `POST /requests/{id}`
pub(crate) async fn decide(
    signed: Signed,
    State(web): State<Web>,
    Path(id): Path<String>,
    Form(form): Form<Deciding>,
) -> Response {
    match carry_out(&signed, &web, &id, form).await {
        Ok(done) => see_other(&format!("/requests/{id}?done={done}")),
        Err(problem) => signed.visit.problem(problem),
    }
}

async fn carry_out(
    signed: &Signed,
    web: &Web,
    id: &str,
    form: Deciding,
) -> Result<&'static str, Problem> {
    let (id, me, now) = (parse_id(id)?, signed.person.id, signed.visit.now);
    let texts = &signed.visit.texts;
    let decision = match form.what.as_str() {
        "withdraw" => {
            let withdrawn = web.app.withdraw_request(me, id, now).await;
            return withdrawn.map(|()| "withdrawn").map_err(|error| undecided(texts, error));
        }
        "again" => {
            let again = web.app.send_request_again(me, id, now).await;
            return again.map(|outcome| done_of(&outcome)).map_err(|error| undecided(texts, error));
        }
        "decline" => Decision::Decline,
        "grant" => {
            let right = Right::from_stored(&form.right);
            let chosen = right.zip(Span::parse(&form.span));
            let (right, span) =
                chosen.ok_or_else(|| Problem::Invalid(texts.t("request-error-choice")))?;
            Decision::Grant(right, span)
        }
        _ => return Err(Problem::Invalid(texts.t("request-error-choice"))),
    };
    let order = DecideOrder { id, decision, words: form.words, client: signed.client() };
    let decided = web.app.decide_request(&signed.actor(), &order, now).await;
    decided.map(|outcome| done_of(&outcome)).map_err(|error| undecided(texts, error))
}

fn done_of(outcome: &RequestOutcome) -> &'static str {
    match outcome {
        RequestOutcome::Declined => "declined",
        RequestOutcome::Granted => "granted",
        RequestOutcome::Sent(_) => "sent",
        RequestOutcome::NotSent(_) => "failed",
    }
}

fn undecided(texts: &Texts, error: DecideError) -> Problem {
    match error {
        DecideError::NotFound => Problem::NotFound,
        DecideError::NotAllowed => Problem::Forbidden,
        DecideError::AlreadyDecided(Some(by)) => {
            Problem::Conflict(texts.t1("request-error-decided-by", "by", by))
        }
        DecideError::AlreadyDecided(None) => Problem::Conflict(texts.t("request-error-decided")),
        DecideError::NoMessage => Problem::Invalid(texts.t("request-error-no-message")),
        DecideError::NoRightToSend => Problem::Invalid(texts.t("request-error-choice")),
        DecideError::Words => Problem::Invalid(texts.t("request-error-words")),
        DecideError::Command(error) => error.into(),
        DecideError::Conflicts(conflicts) => Problem::Conflict(conflicts.to_string()),
        DecideError::Unavailable(failure) => failure.into(),
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Asking {
    /// The reference of a refusal; else `folder` and `uid` name a draft.
    #[serde(default)]
    reference: String,
    #[serde(default)]
    folder: String,
    #[serde(default)]
    uid: String,
    /// The number of a draft in the person's own Drafts folder, in place of `folder` and `uid`.
    #[serde(default)]
    draft: String,
    #[serde(default)]
    words: String,
}

/// `POST /ask`: asks those who can grant, about a draft or a refusal.
pub(crate) async fn ask(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<Asking>,
) -> Response {
    let about = match about(&signed, &web, &form).await {
        Ok(about) => about,
        Err(problem) => return signed.visit.problem(problem),
    };
    let ask = Ask { asker: signed.person.id, about, words: form.words };
    match web.app.ask(&ask, signed.visit.now).await {
        Ok(id) => see_other(&format!("/requests/{id}?done=asked")),
        Err(error) => signed.visit.problem(not_asked(&signed.visit.texts, error)),
    }
}

/// Asks those who can grant about a draft of the person's; gives the page of the request. What
/// cannot be asked is [`Problem::Invalid`] with the reason.
pub(super) async fn ask_for_draft(signed: &Signed, web: &Web, uid: i64) -> Result<String, Problem> {
    let (person, now) = (signed.person.id, signed.visit.now);
    let (folder, _) = web.app.drafts(person, now).await?;
    let about = About::Draft { folder: folder.id, uid };
    let ask = Ask { asker: person, about, words: String::new() };
    let id = web.app.ask(&ask, now).await;
    let id = id.map_err(|error| not_asked(&signed.visit.texts, error))?;
    Ok(format!("/requests/{id}?done=asked"))
}

async fn about(signed: &Signed, web: &Web, form: &Asking) -> Result<About, Problem> {
    if !form.reference.trim().is_empty() {
        return Ok(About::Refusal(form.reference.clone()));
    }
    if let Ok(uid) = form.draft.trim().parse() {
        let (folder, _) = web.app.drafts(signed.person.id, signed.visit.now).await?;
        return Ok(About::Draft { folder: folder.id, uid });
    }
    let draft = form.folder.trim().parse().ok().zip(form.uid.trim().parse().ok());
    let (folder, uid) = draft.ok_or(Problem::NotFound)?;
    Ok(About::Draft { folder: FolderId(folder), uid })
}

fn not_asked(texts: &Texts, error: AskError) -> Problem {
    let text = match error {
        AskError::NotFound => return Problem::NotFound,
        AskError::Unavailable(failure) => return failure.into(),
        AskError::Conflicts(conflicts) => return Problem::Conflict(conflicts.to_string()),
        AskError::NotRefused => texts.t("ask-error-not-refused"),
        AskError::NotGrantable(_) => texts.t("ask-error-not-grantable"),
        AskError::NobodyCanGrant => texts.t("ask-error-nobody"),
        AskError::TooManyOpen => texts.t("ask-error-too-many"),
        AskError::WordsTooLong => texts.t("ask-error-words"),
        AskError::TooLarge => texts.t("ask-error-too-large"),
        AskError::Unreadable => texts.t("ask-error-unreadable"),
        AskError::Recipients => texts.t("ask-error-recipients"),
    };
    Problem::Invalid(text)
}
