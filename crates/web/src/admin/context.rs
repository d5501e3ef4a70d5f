//! What a request says beside its path and body, and what an answer says beside its body.

use admin_protocol::failure::Failure;
use admin_protocol::invoke::{CONTENT_TYPE, ODATA_VERSION};
use admin_protocol::text::timestamp;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::caller::{self, Caller};
use crate::limits::Budget;
use crate::{Peer, Resolver, Scheme, Web};

/// Names of "no encoding" that clients write. One module really sends `utf-8`.
const IDENTITIES: [&str; 4] = ["", "identity", "utf-8", "utf8"];
/// Octets of a `client-request-id` that is taken over; a longer one is not a GUID.
const REQUEST_ID_OCTETS_MAX: usize = 128;

/// What a request says beside its path and body.
pub(crate) struct Context {
    pub(super) peer: Option<Peer>,
    pub(super) scheme: Option<Scheme>,
    pub(super) resolver: Option<Resolver>,
    pub(super) headers: HeaderMap,
}

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Context {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        _: &S,
    ) -> Result<Context, Self::Rejection> {
        let extensions: &Extensions = &parts.extensions;
        Ok(Context {
            peer: extensions.get().copied(),
            scheme: extensions.get().copied(),
            resolver: extensions.get().cloned(),
            headers: parts.headers.clone(),
        })
    }
}

impl Context {
    /// Who posts a call, or the answer that ends it.
    pub(super) async fn identify(&self, web: &Web) -> Result<Caller, Response> {
        if !self.has_plain_body() {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
        }
        caller::identify(web, self.peer, &self.headers, (web.options.clock)()).await
    }

    /// Who fetches something, or the answer that ends it.
    pub(super) async fn identify_reader(&self, web: &Web) -> Result<Caller, Response> {
        caller::identify_reader(web, self.peer, &self.headers, (web.options.clock)()).await
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether the body is not compressed: what we cannot unpack is refused, and what only says
    /// which letters it is written in is taken.
    fn has_plain_body(&self) -> bool {
        let encoding = self.header("content-encoding").unwrap_or_default().trim();
        IDENTITIES.iter().any(|identity| identity.eq_ignore_ascii_case(encoding))
    }

    /// The answer's objects as CLIXML instead of JSON.
    pub(super) fn wants_clixml(&self) -> bool {
        self.header("x-responseformat")
            .is_some_and(|form| form.trim().eq_ignore_ascii_case("clixml"))
    }

    /// The version in `If-Match` (RFC 9110 §13.1.1): one entity tag, strong or weak. `*` asks for
    /// nothing that a cmdlet does not check anyway.
    pub(super) fn expected_object_version(&self) -> Option<String> {
        let tag = self.header("if-match")?.trim();
        let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
        (!tag.is_empty() && tag != "*").then(|| tag.to_owned())
    }

    /// The URL of a path of ours as this client reaches it.
    pub(super) fn url(&self, path: &str) -> String {
        let host = self.header("host").unwrap_or("localhost");
        let scheme = match (self.scheme, self.peer) {
            (Some(Scheme(scheme)), _) => scheme,
            (None, Some(Peer::Socket)) => "http",
            (None, _) => "https",
        };
        format!("{scheme}://{host}{path}")
    }

    /// The same context for one call of a batch, which brings headers of its own.
    pub(super) fn of_batch_call(
        &self,
        own: &serde_json::Map<String, serde_json::Value>,
    ) -> Context {
        let mut headers = HeaderMap::new();
        if let Some(host) = self.headers.get(header::HOST) {
            headers.insert(header::HOST, host.clone());
        }
        for (name, value) in own {
            let name = HeaderName::from_bytes(name.to_lowercase().as_bytes());
            let value = value.as_str().map(HeaderValue::from_str);
            if let (Ok(name), Some(Ok(value))) = (name, value)
                && name != header::HOST
            {
                headers.insert(name, value);
            }
        }
        Context { peer: self.peer, scheme: self.scheme, resolver: self.resolver.clone(), headers }
    }

    /// The identifier by which an answer is spoken of: the client's, else a new one.
    pub(super) fn request_id(&self, web: &Web) -> HeaderValue {
        let given = self.headers.get("client-request-id");
        match given.filter(|id| !id.is_empty() && id.len() <= REQUEST_ID_OCTETS_MAX) {
            Some(id) => id.clone(),
            None => HeaderValue::from_str(&web.app.new_guid())
                .unwrap_or_else(|_| HeaderValue::from_static("none")),
        }
    }

    /// Makes HTTP of a reply.
    pub(super) fn finish(&self, web: &Web, reply: Reply) -> Response {
        let status =
            StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, reply.body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert("odata-version", HeaderValue::from_static(ODATA_VERSION));
        let applied = HeaderValue::from_static("odata.include-annotations=\"*\"");
        headers.insert("preference-applied", applied);
        headers.insert("request-id", self.request_id(web));
        if let Some(id) = self.headers.get("client-request-id") {
            headers.insert("client-request-id", id.clone());
        }
        if let Ok(target) = HeaderValue::from_str(&web.app.settings().hostname) {
            headers.insert("x-calculatedbetarget", target);
        }
        if let Some(exception) = reply.exception {
            headers.insert("x-exceptiontype", HeaderValue::from_static(exception));
        }
        if let Some(wait_secs) = reply.wait_secs {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait_secs));
        }
        if let Some(budget) = reply.budget {
            headers.insert("rate-limit-limit", HeaderValue::from(budget.limit));
            headers.insert("rate-limit-remaining", HeaderValue::from(budget.remaining));
            if let Ok(at) = HeaderValue::from_str(&timestamp(budget.resets_at)) {
                headers.insert("rate-limit-reset", at);
            }
        }
        response
    }
}

/// What is answered, before it becomes HTTP.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    /// The exception's name, for a failure that is told.
    pub(super) exception: Option<&'static str>,
    /// Seconds after which to try again.
    pub(super) wait_secs: Option<i64>,
    /// What the caller may still call.
    pub(super) budget: Option<Budget>,
}

/// Seconds after which a call that the server could not answer may be tried again.
const UNAVAILABLE_WAIT_SECS: i64 = 5;

impl Reply {
    /// A 200 with a JSON body.
    pub(super) fn ok(body: &impl serde::Serialize) -> Reply {
        let body = serde_json::to_vec(body).unwrap_or_default();
        Reply { status: 200, body, exception: None, wait_secs: None, budget: None }
    }

    /// A failure. Clients of Exchange know an empty 403 for what does not exist or is not theirs.
    pub(super) fn of(failure: &Failure) -> Reply {
        let status = failure.kind.status();
        if status == StatusCode::FORBIDDEN {
            let body = Vec::new();
            return Reply { status, body, exception: None, wait_secs: None, budget: None };
        }
        let wait_secs =
            (status == StatusCode::SERVICE_UNAVAILABLE).then_some(UNAVAILABLE_WAIT_SECS);
        let body = serde_json::to_vec(&failure.to_response()).unwrap_or_default();
        Reply { status, body, exception: Some(failure.exception), wait_secs, budget: None }
    }
}
