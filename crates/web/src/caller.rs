//! Who calls: from the connection and the header `Authorization` to an actor.

use std::net::{IpAddr, Ipv4Addr};

use app::SignInRefusal;
use app::access::{Actor, Scopes};
use app::second_factor::SecondFactorState;
use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{RecipientId, Timestamp};

use crate::{Peer, Web};
use admin_protocol::failure::Failure;

/// Seconds after which a client that was slowed down may try again, where nothing else is known.
const RETRY_AFTER_SECS: i64 = 30;

/// Who calls.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) actor: Actor,
    /// When the token ends, where it is one that does.
    pub(crate) token_expires_at: Option<Timestamp>,
    /// Where from, for the audit.
    pub(crate) client: Option<String>,
}

/// Finds out who posts a call, or gives the answer that ends it.
pub(crate) async fn identify(
    web: &Web,
    peer: Option<Peer>,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Caller, Response> {
    if peer != Some(Peer::Socket) && !has_json_body(headers) {
        // A page elsewhere can make a browser post, with the password that it remembers, only under
        // the content types of forms.
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
    }
    identify_reader(web, peer, headers, now).await
}

/// Finds out who fetches something that changes nothing, or gives the answer that ends it.
pub(crate) async fn identify_reader(
    web: &Web,
    peer: Option<Peer>,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Caller, Response> {
    let address = match peer {
        Some(Peer::Socket) => {
            return Ok(Caller {
                actor: Actor::LocalAdministrator,
                token_expires_at: None,
                client: None,
            });
        }
        Some(Peer::Network(address)) => address,
        // A listener that says nothing is treated as the network.
        None => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    };
    let client = Some(address.to_string());
    match credentials(headers) {
        Some(Credentials::Bearer(token)) => by_token(web, &token, client, now).await,
        Some(Credentials::Basic(login, password)) => {
            by_password(web, (&login, &password), address, now).await
        }
        None => Err(unauthorized()),
    }
}

async fn by_token(
    web: &Web,
    token: &str,
    client: Option<String>,
    now: Timestamp,
) -> Result<Caller, Response> {
    match web.app.actor_of_token(token, now).await {
        Ok(Some((actor, token))) => {
            Ok(Caller { actor, token_expires_at: token.expires_at, client })
        }
        Ok(None) => Err(unauthorized()),
        Err(failure) => Err(unavailable(&failure)),
    }
}

async fn by_password(
    web: &Web,
    (login, password): (&str, &str),
    address: IpAddr,
    now: Timestamp,
) -> Result<Caller, Response> {
    match web.app.sign_in(login, password, address, now).await {
        // What opened it is an app password, which is for mail: it would make the second factor
        // worthless if it could take it away. Tokens have scopes.
        Ok(signed_in) if has_second_factor(web, signed_in.account).await? => Err(unauthorized()),
        Ok(signed_in) => Ok(Caller {
            actor: Actor::User { id: signed_in.account, scopes: Scopes::ALL },
            token_expires_at: None,
            client: Some(address.to_string()),
        }),
        Err(SignInRefusal::Wrong) => Err(unauthorized()),
        Err(SignInRefusal::Throttled(wait_secs)) => Err(throttled(wait_secs)),
        Err(SignInRefusal::Unavailable(failure)) => Err(unavailable(&failure)),
    }
}

async fn has_second_factor(web: &Web, account: RecipientId) -> Result<bool, Response> {
    match web.app.second_factor(account).await {
        Ok(state) => Ok(matches!(state, SecondFactorState::On { .. })),
        Err(failure) => Err(unavailable(&failure)),
    }
}

enum Credentials {
    Bearer(String),
    Basic(String, String),
}

/// Reads `Authorization` (RFC 9110 §11.6.2): Bearer (RFC 6750) or Basic (RFC 7617).
fn credentials(headers: &HeaderMap) -> Option<Credentials> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.trim().split_once(' ')?;
    if scheme.eq_ignore_ascii_case("Bearer") {
        return Some(Credentials::Bearer(rest.trim().to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (login, password) = pair.split_once(':')?;
    Some(Credentials::Basic(login.to_owned(), password.to_owned()))
}

fn has_json_body(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| {
        value.trim_start().to_ascii_lowercase().starts_with("application/json")
    })
}

fn unauthorized() -> Response {
    let mut response = StatusCode::UNAUTHORIZED.into_response();
    let challenges = "Bearer, Basic realm=\"Guichet\", charset=\"UTF-8\"";
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenges));
    response
}

fn throttled(wait_secs: i64) -> Response {
    let failure = Failure::too_many_requests();
    let body = Json(failure.to_response());
    let mut response = (StatusCode::TOO_MANY_REQUESTS, body).into_response();
    let wait_secs = if wait_secs > 0 { wait_secs } else { RETRY_AFTER_SECS };
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_secs));
    response
}

fn unavailable(failure: &dyn std::error::Error) -> Response {
    tracing::error!(%failure, "a sign-in could not be looked at");
    let body = Json(Failure::unavailable("the database does not answer").to_response());
    (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
}
