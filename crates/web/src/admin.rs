//! The Exchange admin protocol over HTTP: one call, a batch of calls, and the endpoints of the
//! documented variant. What a call does is in the files of `admin/`, one per family of cmdlets.

mod audit;
mod call;
mod connection;
mod contact;
mod credential;
pub(crate) mod domains;
mod failure;
mod group;
mod identity;
mod mailbox;
mod object;
mod page;
mod permission;
mod queue;
mod recipient;
mod size;
mod trace;

use admin_protocol::cmdlet::{self, Caller as Who, Cmdlet, Pause};
use admin_protocol::failure::Failure;
use admin_protocol::invoke::{ANY_TENANT, CONTENT_TYPE, ODATA_VERSION, Request, Response as Body};
use app::access::{self, Need, Purpose};
use app::command::Intent;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::caller::{self, Caller};
use crate::{Peer, Resolver, Scheme, Web};
use call::{Answer, Call};
use page::PageRequest;

/// Calls in one batch at most, as in Exchange.
const BATCH_CALLS_MAX: usize = 10;

/// `POST /adminapi/beta/{tenant}/InvokeCommand`.
pub(crate) async fn invoke(
    State(web): State<Web>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    context: Context,
    body: Bytes,
) -> Response {
    let caller = match context.identify(&web).await {
        Ok(caller) => caller,
        Err(refused) => return refused,
    };
    let path = admin_protocol::invoke::invoke_path(&tenant);
    let at = Location { tenant: &tenant, path: &path, query: query.as_deref(), endpoint: None };
    context.finish(web.answer(&context, &caller, at, &body).await)
}

/// `POST /adminapi/v2.0/{tenant}/{endpoint}`: the same call, whose noun is the endpoint.
pub(crate) async fn invoke_endpoint(
    State(web): State<Web>,
    Path((tenant, endpoint)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    context: Context,
    body: Bytes,
) -> Response {
    let caller = match context.identify(&web).await {
        Ok(caller) => caller,
        Err(refused) => return refused,
    };
    let path = format!("/adminapi/v2.0/{tenant}/{endpoint}");
    let endpoint = Some(endpoint.as_str());
    let at = Location { tenant: &tenant, path: &path, query: query.as_deref(), endpoint };
    context.finish(web.answer(&context, &caller, at, &body).await)
}

/// One element of a batch.
#[derive(Debug, Deserialize)]
struct BatchCall {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    url: String,
    #[serde(default)]
    headers: serde_json::Map<String, Value>,
    #[serde(default)]
    body: Value,
}

#[derive(Debug, Deserialize)]
struct Batch {
    requests: Vec<BatchCall>,
}

#[derive(Debug, Serialize)]
struct BatchAnswer {
    id: Value,
    status: u16,
    headers: Value,
    body: Value,
}

/// `POST /adminapi/beta/{tenant}/$batch`: the calls one after the other, each with its own fate.
pub(crate) async fn batch(
    State(web): State<Web>,
    Path(tenant): Path<String>,
    context: Context,
    body: Bytes,
) -> Response {
    let caller = match context.identify(&web).await {
        Ok(caller) => caller,
        Err(refused) => return refused,
    };
    let batch: Batch = match serde_json::from_slice(&body) {
        Ok(batch) => batch,
        Err(error) => {
            return context.finish(Reply::of(&Failure::malformed_request(&error.to_string())));
        }
    };
    if batch.requests.len() > BATCH_CALLS_MAX {
        let why = format!("a batch has at most {BATCH_CALLS_MAX} calls.");
        return context.finish(Reply::of(&Failure::malformed_request(&why)));
    }
    let mut responses = Vec::with_capacity(batch.requests.len());
    for call in batch.requests {
        let reply = web.answer_in_batch(&context, &caller, &tenant, &call).await;
        let body = serde_json::from_slice(&reply.body).unwrap_or_default();
        let headers = json!({ "Content-Type": CONTENT_TYPE });
        responses.push(BatchAnswer { id: call.id, status: reply.status, headers, body });
    }
    let body = serde_json::to_vec(&json!({ "responses": responses })).unwrap_or_default();
    context.finish(Reply { status: 200, body })
}

/// Where a call was posted to.
#[derive(Debug, Clone, Copy)]
struct Location<'a> {
    tenant: &'a str,
    path: &'a str,
    query: Option<&'a str>,
    /// The endpoint, in the documented variant.
    endpoint: Option<&'a str>,
}

/// What is answered, before it becomes HTTP.
struct Reply {
    status: u16,
    body: Vec<u8>,
}

impl Reply {
    /// A failure. Clients of Exchange know an empty 403 for what does not exist or is not theirs.
    fn of(failure: &Failure) -> Reply {
        let status = failure.kind.status();
        if status == StatusCode::FORBIDDEN {
            return Reply { status, body: Vec::new() };
        }
        Reply { status, body: serde_json::to_vec(&failure.to_response()).unwrap_or_default() }
    }
}

/// What a request says beside its path and body.
pub(crate) struct Context {
    peer: Option<Peer>,
    scheme: Option<Scheme>,
    resolver: Option<Resolver>,
    headers: HeaderMap,
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
    async fn identify(&self, web: &Web) -> Result<Caller, Response> {
        caller::identify(web, self.peer, &self.headers, (web.options.clock)()).await
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The URL of a path of ours as this client reaches it.
    fn url(&self, path: &str) -> String {
        let host = self.header("host").unwrap_or("localhost");
        let scheme = match (self.scheme, self.peer) {
            (Some(Scheme(scheme)), _) => scheme,
            (None, Some(Peer::Socket)) => "http",
            (None, _) => "https",
        };
        format!("{scheme}://{host}{path}")
    }

    fn finish(&self, reply: Reply) -> Response {
        let status =
            StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, reply.body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        headers.insert("odata-version", HeaderValue::from_static(ODATA_VERSION));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let echoed =
            [("client-request-id", "client-request-id"), ("client-request-id", "request-id")];
        for (from, to) in echoed {
            if let Some(value) = self.headers.get(from) {
                headers.insert(HeaderName::from_static(to), value.clone());
            }
        }
        response
    }
}

impl Web {
    async fn answer_in_batch(
        &self,
        context: &Context,
        caller: &Caller,
        tenant: &str,
        call: &BatchCall,
    ) -> Reply {
        let body = serde_json::to_vec(&call.body).unwrap_or_default();
        let query = call.url.split_once('?').map(|(_, query)| query);
        let path = admin_protocol::invoke::invoke_path(tenant);
        let at = Location { tenant, path: &path, query, endpoint: None };
        let preferred = call.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("Prefer"));
        let mut inner =
            Context { headers: HeaderMap::new(), resolver: context.resolver.clone(), ..*context };
        if let Some(host) = context.headers.get(header::HOST) {
            inner.headers.insert(header::HOST, host.clone());
        }
        let prefer = preferred.and_then(|(_, value)| value.as_str());
        if let Some(Ok(value)) = prefer.map(HeaderValue::from_str) {
            inner.headers.insert("prefer", value);
        }
        self.answer(&inner, caller, at, &body).await
    }

    /// Answers one call.
    async fn answer(
        &self,
        context: &Context,
        caller: &Caller,
        at: Location<'_>,
        body: &[u8],
    ) -> Reply {
        match self.run(context, caller, at, body).await {
            Ok(body) => Reply { status: 200, body: serde_json::to_vec(&body).unwrap_or_default() },
            Err(failure) => {
                tracing::debug!(failure = %failure, "a cmdlet call failed");
                Reply::of(&failure)
            }
        }
    }

    async fn run(
        &self,
        context: &Context,
        caller: &Caller,
        at: Location<'_>,
        body: &[u8],
    ) -> Result<Body, Failure> {
        self.check_tenant(at.tenant)?;
        let request: Request = serde_json::from_slice(body)
            .map_err(|error| Failure::malformed_request(&error.to_string()))?;
        let name = &request.cmdlet_input.cmdlet_name;
        let cmdlet = cmdlet::find(name).ok_or_else(|| Failure::unknown_cmdlet(name))?;
        if at.endpoint.is_some_and(|endpoint| !is_noun(cmdlet, endpoint)) {
            return Err(Failure::unknown_cmdlet(name));
        }
        let parameters = request.cmdlet_input.parameters;
        let asks = parameters.asks_confirmation() && cmdlet.pause == Pause::AsksFirst;
        let only_checks = !cmdlet.only_reads() && (asks || parameters.is_what_if());
        let call = Call {
            app: &self.app,
            resolver: context.resolver.as_ref(),
            caller,
            cmdlet,
            intent: if only_checks { Intent::Check } else { Intent::CarryOut },
            parameters,
            now: (self.options.clock)(),
        };
        check_caller(&call)?;
        cmdlet.check(&call.parameters)?;
        let answer = dispatch(&call).await?;
        if only_checks {
            return Ok(Body::asking(call.question()));
        }
        let page = PageRequest::read(at.query, context.header("prefer"));
        page.cut(&call, answer, |query| context.url(&format!("{}?{query}", at.path)))
    }

    /// Our organisation goes by its accepted domains, its GUID, and `organizations`.
    fn check_tenant(&self, tenant: &str) -> Result<(), Failure> {
        let directory = self.app.directory();
        let is_domain = app::read::accepted_domain(&directory, tenant).is_some();
        let is_guid = directory.organization().guid.eq_ignore_ascii_case(tenant);
        if is_domain || is_guid || tenant.eq_ignore_ascii_case(ANY_TENANT) {
            Ok(())
        } else {
            Err(Failure::not_found(tenant, &self.app.settings().hostname))
        }
    }
}

fn is_noun(cmdlet: &Cmdlet, endpoint: &str) -> bool {
    cmdlet.name.split_once('-').is_some_and(|(_, noun)| noun.eq_ignore_ascii_case(endpoint))
}

/// Checks that the caller may run the cmdlet, as the table says, before anything of it is read.
/// What remains for the families is to show only what concerns the caller.
fn check_caller(call: &Call<'_>) -> Result<(), Failure> {
    let directory = call.app.directory();
    let purpose = if call.cmdlet.only_reads() { Purpose::Read } else { Purpose::Change };
    let power = match purpose {
        Purpose::Read => Need::Auditor,
        Purpose::Change => Need::Administrator,
    };
    let named = |parameter: &str| -> Option<Need> {
        let text = call.parameters.text(parameter).ok()??;
        (!text.is_empty()).then(|| match app::read::find(&directory, &text) {
            Some(found) if call.cmdlet.caller == Who::Owner => Need::OwnerOf(found.id),
            Some(found) => Need::Oneself(found.id),
            // Who may not see the object is not told that it does not exist.
            None => power,
        })
    };
    let need = match call.cmdlet.caller {
        Who::Anyone => Need::Anyone,
        Who::Oneself => named("User").unwrap_or(Need::Anyone),
        Who::Owner => named("Identity").unwrap_or(Need::Anyone),
        Who::Auditor => Need::Auditor,
        Who::Administrator => Need::Administrator,
    };
    access::allow(&directory, &call.caller.actor, need, purpose).map_err(|denied| {
        let name = call.cmdlet.name;
        let actor = call.caller.actor.name(&directory);
        tracing::warn!(actor, cmdlet = name, reason = %denied, "cmdlet denied");
        Failure::access_denied(name, &denied.to_string())
    })
}

/// Runs the cmdlet in its family.
async fn dispatch(call: &Call<'_>) -> Result<Answer, Failure> {
    match call.cmdlet.name.split_once('-').map_or("", |(_, noun)| noun) {
        "Mailbox" => mailbox::run(call).await,
        "UnifiedGroup" | "UnifiedGroupLinks" => group::run(call).await,
        "MailContact" => contact::run(call).await,
        "AcceptedDomain" | "OrganizationConfig" | "DnsRecord" => domains::run(call).await,
        "Recipient" => recipient::run(call),
        "RecipientPermission" | "MailboxPermission" | "GuichetPermission" => {
            permission::run(call).await
        }
        "SendIdentity" | "SendAs" => identity::run(call).await,
        "MessageTraceV2" | "MessageTraceDetailV2" => trace::run(call).await,
        "UnifiedAuditLog" => audit::run(call).await,
        "QueuedMessage" => queue::run(call).await,
        "ApiToken" | "AppPassword" | "SignInThrottle" => credential::run(call).await,
        "ConnectionInformation" => connection::run(call),
        _ => Err(Failure::unknown_cmdlet(call.cmdlet.name)),
    }
}
