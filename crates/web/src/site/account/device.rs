//! Setting up a device: a signed profile for Apple's, also by a link that opens once and is shown
//! as a picture for the camera; the settings for any other mail program; and the addresses that one
//! may write from.

use app::link::DEVICE_LINK_MAX_SECS;
use app::read::identities::identities;
use app::second_factor::SecondFactorState;
use askama::Template;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use domain::RecipientId;

use super::{IdentityLine, identity_line};
use crate::Web;
use crate::mobileconfig::{self, Account, MEDIA_TYPE, ProfileSigner, Reached};
use crate::site::error::Problem;
use crate::site::frame::{Frame, Section, render};
use crate::site::qr::{self, Picture};
use crate::site::texts::Texts;
use crate::site::time;
use crate::site::visit::{Signed, Visit};

/// The name under which a browser keeps the profile.
const FILE: HeaderValue = HeaderValue::from_static("attachment; filename=\"mail.mobileconfig\"");

type Signer = Option<Extension<ProfileSigner>>;

struct ServiceRow {
    service: String,
    port: u16,
    security: String,
}

/// The link for the camera.
struct Link {
    url: String,
    until: String,
    picture: Option<Picture>,
}

#[derive(Template)]
#[template(path = "account/device.html")]
struct DevicePage {
    frame: Frame,
    tab: &'static str,
    has_profile: bool,
    has_second_factor: bool,
    link: Option<Link>,
    login: String,
    host: String,
    services: Vec<ServiceRow>,
    identities: Vec<IdentityLine>,
}

/// `GET /account/device`
pub(super) async fn show(signed: Signed, State(web): State<Web>, signer: Signer) -> Response {
    match page(&web, &signed, signer.as_deref()).await {
        Ok(page) => render(&page),
        Err(failure) => signed.visit.problem(failure.into()),
    }
}

async fn page(
    web: &Web,
    signed: &Signed,
    signer: Option<&ProfileSigner>,
) -> Result<DevicePage, app::Failure> {
    let me = signed.person.id;
    let state = web.app.second_factor(me).await?;
    let frame = signed.frame(Section::Account);
    let rows = {
        let directory = web.app.directory();
        let found = directory.recipient(me);
        found.map(|found| identities(&directory, found, signed.visit.now)).unwrap_or_default()
    };
    let texts = &signed.visit.texts;
    let has_profile = profile(web, texts, me, signer).is_ok_and(|found| found.is_some());
    Ok(DevicePage {
        tab: "device",
        has_profile,
        has_second_factor: matches!(state, SecondFactorState::On { .. }),
        link: None,
        login: signed.person.address.clone(),
        host: web.app.settings().hostname.clone(),
        services: services(web, texts),
        identities: rows.into_iter().map(|row| identity_line(&frame, row)).collect(),
        frame,
    })
}

fn services(web: &Web, texts: &Texts) -> Vec<ServiceRow> {
    let ports = web.options.mail_ports;
    let row = |name: &str, reached: Option<Reached>| {
        reached.map(|Reached { port, is_implicit }| ServiceRow {
            service: texts.t(name),
            port,
            // The protocol's own word is the same in every language.
            security: if is_implicit { texts.t("device-tls") } else { "STARTTLS".to_owned() },
        })
    };
    let incoming = row("device-incoming", mobileconfig::reading(ports));
    let outgoing = row("device-outgoing", mobileconfig::sending(ports));
    incoming.into_iter().chain(outgoing).collect()
}

/// The signed profile of a person. There is none where the account is gone, a service is off, or
/// there is nothing to sign with; where signing fails, the error says why.
fn profile(
    web: &Web,
    texts: &Texts,
    person: RecipientId,
    signer: Option<&ProfileSigner>,
) -> Result<Option<Vec<u8>>, String> {
    let ports = web.options.mail_ports;
    let services = (mobileconfig::reading(ports), mobileconfig::sending(ports));
    let ((Some(reading), Some(sending)), Some(signer)) = (services, signer) else {
        return Ok(None);
    };
    let xml = {
        let directory = web.app.directory();
        let Some(found) = directory.recipient(person) else { return Ok(None) };
        let address = found.primary().to_string();
        let account = Account {
            host: &web.app.settings().hostname,
            organization: &directory.organization().name,
            address: &address,
            name: &found.display_name,
            title: &texts.t1("device-profile", "address", &address),
            reading,
            sending,
        };
        account.to_xml()
    };
    match (signer.0)(xml.as_bytes()) {
        Ok(signed) => Ok(Some(signed)),
        Err(why) => {
            tracing::error!(why, "a configuration profile cannot be signed");
            Err(why)
        }
    }
}

fn answer(visit: &Visit, profile: Result<Option<Vec<u8>>, String>) -> Response {
    match profile {
        Ok(Some(octets)) => {
            let kind = HeaderValue::from_static(MEDIA_TYPE);
            let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, FILE)];
            (headers, octets).into_response()
        }
        // Never unsigned: the pages say why there is none.
        Ok(None) => visit.problem(Problem::NotFound),
        Err(_) => visit.problem(Problem::Unavailable),
    }
}

/// `GET /account/device/profile`
pub(super) async fn download(signed: Signed, State(web): State<Web>, signer: Signer) -> Response {
    let visit = &signed.visit;
    answer(visit, profile(&web, &visit.texts, signed.person.id, signer.as_deref()))
}

/// `POST /account/device/link`. The link is in the answer: it is shown once, and an address that
/// leads to it would show it again.
pub(super) async fn link(signed: Signed, State(web): State<Web>, signer: Signer) -> Response {
    let now = signed.visit.now;
    let mut page = match page(&web, &signed, signer.as_deref()).await {
        Ok(page) if page.has_profile => page,
        Ok(page) => return render(&page),
        Err(failure) => return signed.visit.problem(failure.into()),
    };
    match web.app.offer_device_link(signed.person.id, now).await {
        Ok(Some(token)) => {
            let url = web.app.settings().page(&format!("/device/{token}"));
            let picture = qr::picture(&url);
            let until = time::minute(now.plus_secs(DEVICE_LINK_MAX_SECS));
            page.link = Some(Link { url, until, picture });
            render(&page)
        }
        Ok(None) => signed.visit.problem(Problem::NotFound),
        Err(failure) => signed.visit.problem(failure.into()),
    }
}

/// `GET /device/{token}`: the profile, once. Whoever only asks for the head looks, and uses nothing
/// up.
pub(crate) async fn fetch(
    visit: Visit,
    method: Method,
    State(web): State<Web>,
    signer: Signer,
    Path(token): Path<String>,
) -> Response {
    let person = match web.app.device_link(&token, visit.now).await {
        Ok(Some(person)) => person,
        Ok(None) => return visit.problem(Problem::NotFound),
        Err(failure) => return visit.problem(failure.into()),
    };
    let profile = profile(&web, &visit.texts, person, signer.as_deref());
    if method != Method::HEAD && matches!(profile, Ok(Some(_))) {
        match web.app.use_device_link(&token).await {
            Ok(true) => {}
            Ok(false) => return visit.problem(Problem::NotFound),
            Err(failure) => return visit.problem(failure.into()),
        }
    }
    answer(&visit, profile)
}
