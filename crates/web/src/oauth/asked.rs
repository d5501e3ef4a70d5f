//! Where a request comes from and what it says beside its body.

use std::net::IpAddr;

use app::SignedIn;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::response::Response;

use crate::site::frame::{Frame, Section};
use crate::site::security::comes_from_us;
use crate::site::visit::Visit;
use crate::{Scheme, Web};

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
    /// What stands around a page.
    pub(super) frame: Frame,
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

    /// Whether a page of ours asks.
    pub(super) fn comes_from_us(&self) -> bool {
        comes_from_us(&self.headers)
    }

    /// The text of a key, in the person's language.
    pub(super) fn t(&self, key: &str) -> String {
        self.frame.t(key)
    }
}

impl FromRequestParts<Web> for Asked {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Asked, Response> {
        let visit = Visit::from_request_parts(parts, web).await?;
        let frame = visit.frame(Section::Outside);
        let signed = visit.signed.map(|(_, session)| SignedIn {
            account: session.recipient,
            credential_epoch: session.credential_epoch,
        });
        let scheme = parts.extensions.get::<Scheme>().map_or("https", |scheme| scheme.0);
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        Ok(Asked {
            client: visit.client,
            frame,
            base: format!("{scheme}://{}", host.unwrap_or("localhost")),
            here: visit.here,
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers.clone(),
            method: parts.method.clone(),
            signed,
        })
    }
}
