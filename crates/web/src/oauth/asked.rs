//! Where a request comes from and what it says beside its body.

use std::net::{IpAddr, Ipv4Addr};

use app::SignedIn;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::response::Response;

use crate::site::visit::Visit;
use crate::{Peer, Scheme, Web};

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The address of whoever asks.
    pub(super) client: IpAddr,
    pub(super) headers: HeaderMap,
    /// Path and query.
    pub(super) here: String,
    /// Scheme and authority under which we are reached, for links to ourselves.
    pub(super) base: String,
    pub(super) query: String,
    pub(super) method: Method,
    /// Who the session of the browser stands for.
    pub(super) signed: Option<SignedIn>,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether the body is a form.
    pub(super) fn is_form(&self) -> bool {
        let wanted = "application/x-www-form-urlencoded";
        let given = self.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        let given = given.split(';').next().unwrap_or_default().trim();
        given.eq_ignore_ascii_case(wanted)
    }

    /// Whether a page of ours asks. Browsers say so in `Sec-Fetch-Site`, older ones name the page
    /// in `Origin`; who says neither is none.
    pub(super) fn comes_from_us(&self) -> bool {
        if let Some(site) = self.header("sec-fetch-site") {
            return site == "same-origin";
        }
        let origin = self.header("origin").and_then(|origin| origin.split_once("://"));
        let host = self.header("host");
        host.is_some() && host == origin.map(|(_, host)| host)
    }
}

impl FromRequestParts<Web> for Asked {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Asked, Response> {
        let visit = Visit::from_request_parts(parts, web).await?;
        let signed = visit.signed.map(|(_, session)| SignedIn {
            account: session.recipient,
            credential_epoch: session.credential_epoch,
        });
        let client = match parts.extensions.get::<Peer>() {
            Some(Peer::Network(address)) => *address,
            Some(Peer::Socket) | None => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        };
        let scheme = parts.extensions.get::<Scheme>().map_or("https", |scheme| scheme.0);
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        Ok(Asked {
            client,
            base: format!("{scheme}://{}", host.unwrap_or("localhost")),
            here: parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers.clone(),
            method: parts.method.clone(),
            signed,
        })
    }
}
