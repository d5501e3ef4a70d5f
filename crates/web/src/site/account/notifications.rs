//! Being told of new mail while no page is open: off until it is turned on in a browser, with the
//! mailboxes of which that browser is told.

use app::mailbox::rights;
use app::push::{SubscribeError, Subscribing};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use axum::{Extension, Form};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::RecipientId;
use serde::Deserialize;

use super::super::error::Problem;
use super::super::frame::{Frame, Section};
use super::super::texts::Texts;
use super::super::visit::Signed;
use crate::{PushKey, Web};

/// The page that the forms lead back to.
const HERE: &str = "/account/notifications";

/// A mailbox of which the browser can be told.
struct Mailbox {
    id: i64,
    name: String,
    is_followed: bool,
}

#[derive(Template)]
#[template(path = "account/notifications.html")]
struct NotificationsPage {
    frame: Frame,
    tab: &'static str,
    /// The key that the browser asks its push service with; `None` where nobody is told.
    key: Option<String>,
    /// `None` where this browser is told nothing.
    mailboxes: Option<Vec<Mailbox>>,
}

/// `GET /account/notifications`
pub(super) async fn show(
    signed: Signed,
    State(web): State<Web>,
    key: Option<Extension<PushKey>>,
) -> Response {
    let key = key.map(|Extension(PushKey(key))| URL_SAFE_NO_PAD.encode(&key));
    signed.page(page(&signed, &web, key).await)
}

async fn page(
    signed: &Signed,
    web: &Web,
    key: Option<String>,
) -> Result<NotificationsPage, Problem> {
    let frame = signed.frame(Section::Account);
    let followed = web.app.followed_by_push(&signed.session).await?;
    let mailboxes = followed.map(|followed| mailboxes(signed, web, &followed));
    Ok(NotificationsPage { frame, tab: "notifications", key, mailboxes })
}

fn mailboxes(signed: &Signed, web: &Web, followed: &[RecipientId]) -> Vec<Mailbox> {
    let directory = web.app.directory();
    let reached = rights::reached_by(&directory, signed.person.id, signed.visit.now);
    let mailbox = |reached: rights::Reached<'_>| Mailbox {
        id: reached.mailbox.id.0,
        name: reached.mailbox.display_name.clone(),
        is_followed: followed.contains(&reached.mailbox.id),
    };
    reached.into_iter().map(mailbox).collect()
}

/// What the script of the page puts into its form.
#[derive(Debug, Deserialize)]
pub(super) struct Turning {
    endpoint: String,
    key: String,
    auth: String,
}

/// `POST /account/notifications/on`
pub(super) async fn turn_on(
    signed: Signed,
    State(web): State<Web>,
    Form(form): Form<Turning>,
) -> Response {
    let texts = signed.visit.texts;
    let done = async {
        let octets = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('='));
        let keys = octets(&form.key).and_then(|key| Ok((key, octets(&form.auth)?)));
        let (public_key, auth) =
            keys.map_err(|_| Problem::Invalid(texts.t("notifications-unusable")))?;
        let language = texts.language.tag().to_owned();
        let asked = Subscribing { endpoint: form.endpoint, public_key, auth, language };
        let done = web.app.subscribe_to_push(&signed.session, asked, signed.visit.now).await;
        done.map_err(|error| problem(&texts, error))?;
        Ok(HERE.to_owned())
    };
    signed.onward(done.await)
}

/// `POST /account/notifications/off`
pub(super) async fn turn_off(signed: Signed, State(web): State<Web>) -> Response {
    let done = web.app.end_push(&signed.session).await;
    signed.onward(done.map(|()| HERE.to_owned()).map_err(Problem::from))
}

/// `POST /account/notifications`: the mailboxes of which this browser is told.
pub(super) async fn choose(
    signed: Signed,
    State(web): State<Web>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Response {
    let chosen = pairs.iter().filter(|(name, _)| name == "mailbox");
    let chosen: Vec<RecipientId> =
        chosen.filter_map(|(_, id)| id.parse().ok().map(RecipientId)).collect();
    let done = web.app.follow_by_push(&signed.session, &chosen, signed.visit.now).await;
    let texts = &signed.visit.texts;
    signed.onward(done.map(|()| HERE.to_owned()).map_err(|error| problem(texts, error)))
}

fn problem(texts: &Texts, error: SubscribeError) -> Problem {
    match error {
        SubscribeError::Endpoint | SubscribeError::Keys => {
            Problem::Invalid(texts.t("notifications-unusable"))
        }
        SubscribeError::Mailbox(error) => error.into(),
        SubscribeError::Unavailable(failure) => failure.into(),
    }
}
