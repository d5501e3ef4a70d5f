//! Asking the provider of OpenID Connect: HTTPS to where it says it is, with limits of time and
//! size. Redirections are not followed, so nobody can lead us elsewhere.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use app::command::Password;
use app::oidc::{
    ANSWER_OCTETS_MAX, Fetch, FetchError, FetchRequest, Fetched, IdentityProvider, ProviderSettings,
};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::config::Config;
use crate::tls;

/// How long one question may take, from the look-up of the name to the last octet: a person waits.
const FETCH_TIMEOUT: Duration = Duration::from_secs(10);

/// The provider that the configuration names, if it names one.
pub(crate) fn configured(config: &Config) -> anyhow::Result<Option<IdentityProvider>> {
    let Some(oidc) = &config.oidc else { return Ok(None) };
    let client_secret = oidc.client_secret().map_err(anyhow::Error::msg)?;
    let settings = ProviderSettings {
        issuer: oidc.issuer.clone(),
        client_id: oidc.client_id.clone(),
        client_secret: client_secret.map(Password),
        scopes: oidc.scopes.clone(),
        address_claim: oidc.address_claim.clone(),
        domains: oidc.domains.clone(),
        label: oidc.label.clone(),
        second_factor: oidc.second_factor,
    };
    let tls = tls::verified_client().context("the identity provider cannot be verified")?;
    let connector = TlsConnector::from(tls);
    let fetch: Arc<Fetch> = Arc::new(move |request| {
        let connector = connector.clone();
        Box::pin(async move { fetch(&connector, request).await })
    });
    Ok(Some(IdentityProvider::new(settings, fetch)))
}

async fn fetch(connector: &TlsConnector, request: FetchRequest) -> Result<Fetched, FetchError> {
    let url = request.url.clone();
    match tokio::time::timeout(FETCH_TIMEOUT, ask(connector, request)).await {
        Ok(asked) => asked.map_err(|why| FetchError::new(url, why)),
        Err(_) => Err(FetchError::new(url, "it does not answer in time")),
    }
}

/// One request on a connection of its own. The error is the second half of a sentence.
async fn ask(connector: &TlsConnector, request: FetchRequest) -> Result<Fetched, String> {
    let uri: Uri = request.url.parse().map_err(|_| "it is no address")?;
    if uri.scheme_str() != Some("https") {
        return Err("it must begin with https://".to_owned());
    }
    let authority = uri.authority().ok_or("the host is missing")?.clone();
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(host.clone()).map_err(|_| "its host is no name")?;
    let port = authority.port_u16().unwrap_or(443);
    let tcp = TcpStream::connect((host, port)).await.map_err(text)?;
    let stream = connector.connect(name, tcp).await.map_err(text)?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(text)?;
    let driver = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let answered = exchange(&mut sender, http_request(path, authority.as_str(), request)?).await;
    driver.abort();
    answered
}

fn http_request(
    path: &str,
    authority: &str,
    request: FetchRequest,
) -> Result<Request<Full<Bytes>>, String> {
    let mut builder = Request::get(path);
    if request.form.is_some() {
        builder = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    if let Some(authorization) = request.authorization {
        builder = builder.header(AUTHORIZATION, authorization);
    }
    builder
        .header(HOST, authority)
        .header(ACCEPT, "application/json")
        .header(USER_AGENT, concat!("guichet/", env!("CARGO_PKG_VERSION")))
        .body(Full::new(Bytes::from(request.form.unwrap_or_default())))
        .map_err(text)
}

type Sender = hyper::client::conn::http1::SendRequest<Full<Bytes>>;

async fn exchange(sender: &mut Sender, request: Request<Full<Bytes>>) -> Result<Fetched, String> {
    let response = sender.send_request(request).await.map_err(text)?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), ANSWER_OCTETS_MAX).collect().await;
    let body = body.map_err(|error| format!("its answer cannot be read: {error}"))?;
    Ok(Fetched { status, body: body.to_bytes() })
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
