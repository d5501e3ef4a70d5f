//! Asking the login host for tokens: by a refresh token, a secret, a certificate, or a device code.

use std::fs;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Uri;
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST, USER_AGENT};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{Credential, Saved, Tokens, assertion};
use crate::cli::error::Error;
use crate::cli::transport::Target;
use crate::clock::now;

/// All that the app was given in Exchange.
const SCOPE: &str = "https://outlook.office365.com/.default";
/// The same, and refresh tokens.
const DEVICE_SCOPE: &str = "https://outlook.office365.com/.default offline_access";
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// RFC 7523 §2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Names requests to the login host in errors.
const WHAT: &str = "the sign-in";
/// Seconds between two polls where the login host names none (RFC 8628 §3.2).
const INTERVAL_SECS: u64 = 5;

/// What the login host answers, whether good or bad.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    access_token: Option<String>,
    expires_in: Option<Seconds>,
    refresh_token: Option<String>,
    device_code: Option<String>,
    user_code: Option<String>,
    verification_uri: Option<String>,
    message: Option<String>,
    interval: Option<Seconds>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Seconds, which old login hosts write as text.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(u64),
    Text(String),
}

impl Seconds {
    fn number(&self) -> Option<u64> {
        match self {
            Seconds::Number(number) => Some(*number),
            Seconds::Text(text) => text.trim().parse().ok(),
        }
    }
}

/// Gets the next tokens without anybody at hand.
pub(super) async fn renew(tenant: &str, saved: &Saved) -> Result<Tokens, Error> {
    match &saved.credential {
        Credential::Secret { file } => {
            let secret = fs::read_to_string(file)
                .map_err(|source| Error::File { path: file.clone(), source })?;
            let fields = [
                ("grant_type", "client_credentials"),
                ("scope", SCOPE),
                ("client_secret", secret.trim()),
            ];
            tokens(ask(tenant, saved, "token", &fields).await?)
        }
        Credential::Certificate { file } => {
            let url = url(tenant, saved, "token");
            let assertion = assertion::sign(file, &saved.client_id, &url)?;
            let fields = [
                ("grant_type", "client_credentials"),
                ("scope", SCOPE),
                ("client_assertion_type", ASSERTION_TYPE),
                ("client_assertion", &assertion),
            ];
            tokens(ask(tenant, saved, "token", &fields).await?)
        }
        Credential::Device => {
            let refresh = saved.tokens.as_ref().and_then(|tokens| tokens.refresh.as_deref());
            let Some(refresh) = refresh else {
                return Err(Error::SignedOut("the sign-in has ended".to_owned()));
            };
            let fields = [
                ("grant_type", "refresh_token"),
                ("refresh_token", refresh),
                ("scope", DEVICE_SCOPE),
            ];
            let mut fresh = tokens(ask(tenant, saved, "token", &fields).await?)?;
            // A login host that does not rotate refresh tokens names none (RFC 6749 §6).
            fresh.refresh = fresh.refresh.or_else(|| Some(refresh.to_owned()));
            Ok(fresh)
        }
    }
}

/// Shows a code and waits until a person has allowed it (RFC 8628 §3).
pub(super) async fn by_device(tenant: &str, saved: &Saved) -> Result<Tokens, Error> {
    let started = ask(tenant, saved, "devicecode", &[("scope", DEVICE_SCOPE)]).await?;
    if started.error.is_some() {
        return Err(refused(&started));
    }
    let Some(device_code) = started.device_code.as_deref() else {
        return Err(unreadable("it has no device_code"));
    };
    match (&started.message, &started.verification_uri, &started.user_code) {
        (Some(message), _, _) => eprintln!("{}", printable(message)),
        (None, Some(uri), Some(code)) => {
            eprintln!("Open {} and type the code {}.", printable(uri), printable(code));
        }
        _ => return Err(unreadable("it has no user_code")),
    }
    let mut interval = started.interval.as_ref().and_then(Seconds::number);
    let fields = [("grant_type", DEVICE_GRANT), ("device_code", device_code)];
    loop {
        let secs = interval.unwrap_or(INTERVAL_SECS);
        tokio::time::sleep(Duration::from_secs(secs)).await;
        let polled = ask(tenant, saved, "token", &fields).await?;
        match polled.error.as_deref() {
            Some("authorization_pending") => {}
            // RFC 8628 §3.5: five seconds longer from now on.
            Some("slow_down") => interval = Some(secs + INTERVAL_SECS),
            _ => return tokens(polled),
        }
    }
}

/// Posts a form to an endpoint of the login host.
async fn ask(
    tenant: &str,
    saved: &Saved,
    endpoint: &str,
    fields: &[(&str, &str)],
) -> Result<Answer, Error> {
    let target = Target::from_url("--login-url", &saved.login_url, saved.ca_file.as_deref())?;
    let url = url(tenant, saved, endpoint);
    let uri: Uri = url.parse().map_err(|_| Error::Usage(format!("--login-url: {url}")))?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut body = form(&[("client_id", &saved.client_id)]);
    body.push('&');
    body.push_str(&form(fields));
    let authority = uri.authority().map_or(target.host(), |authority| authority.as_str());
    let request = hyper::Request::post(path)
        .header(HOST, authority)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(ACCEPT, "application/json")
        .header(USER_AGENT, concat!("guichet/", env!("CARGO_PKG_VERSION")))
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| Error::Usage(format!("--login-url: {error}")))?;
    let answered = target.send(WHAT, request).await?;
    if answered.http_status >= 500 || answered.http_status == 429 {
        let secs = answered.retry_after_secs.unwrap_or(INTERVAL_SECS);
        return Err(Error::Busy { secs });
    }
    serde_json::from_slice(&answered.body).map_err(|error| unreadable(&error.to_string()))
}

fn url(tenant: &str, saved: &Saved, endpoint: &str) -> String {
    format!("{}/{tenant}/oauth2/v2.0/{endpoint}", saved.login_url)
}

fn form(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let parts: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    parts.join("&")
}

fn tokens(answer: Answer) -> Result<Tokens, Error> {
    if answer.error.is_some() {
        return Err(refused(&answer));
    }
    let expires_in = answer.expires_in.as_ref().and_then(Seconds::number);
    let Some(access) = answer.access_token else {
        return Err(unreadable("it has no access_token"));
    };
    // RFC 6749 §5.1 leaves the end out; then the token is used once.
    let secs = i64::try_from(expires_in.unwrap_or(0)).unwrap_or(i64::MAX);
    Ok(Tokens { access, expires_at: now().plus_secs(secs).0, refresh: answer.refresh_token })
}

fn refused(answer: &Answer) -> Error {
    let code = answer.error.as_deref().unwrap_or_default();
    let why = answer.error_description.as_deref().unwrap_or("it gives no reason");
    // Descriptions of Microsoft's go on with trace numbers on further lines.
    let why = why.lines().next().unwrap_or_default();
    Error::SignedOut(printable(&format!("the login host refuses: {why} ({code})")))
}

/// Text of a server without what would move the cursor.
fn printable(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}

fn unreadable(why: &str) -> Error {
    Error::BadAnswer { cmdlet: WHAT, why: why.to_owned() }
}
