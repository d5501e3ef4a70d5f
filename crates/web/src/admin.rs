//! The Exchange admin protocol over HTTP: one call, a batch of calls, and the endpoints of the
//! documented variant. What a call does is in the files of `admin/`, one per family of cmdlets.

mod application;
mod audit;
mod batch;
mod call;
mod connection;
mod contact;
mod context;
mod credential;
mod distribution;
pub(crate) mod domains;
mod failure;
mod fixed;
mod folder;
mod group;
mod identity;
mod mailbox;
mod modules;
mod object;
mod page;
mod permission;
mod queue;
mod recipient;
mod report;
pub(crate) mod rule;
mod session;
mod settings;
pub(crate) mod size;
mod state;
mod trace;
mod user;

use std::sync::OnceLock;

use admin_protocol::clixml;
use admin_protocol::cmdlet::{self, Caller as Who, Cmdlet, Object};
use admin_protocol::failure::Failure;
use admin_protocol::invoke::{
    ANY_TENANT, DIRECTORY_VERSION_HEADER, Request, Response as Body, read_request,
};
use admin_protocol::opath::{self, Filter};
use app::access::{self, Need, Purpose};
use app::command::Intent;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::Web;
use crate::caller::Caller;
use crate::limits::{Budget, Exhausted};
use call::{Answer, Call};
use context::{Context, Reply};
use page::PageRequest;

pub(crate) use modules::{entity, module_file, powershell};
pub(crate) use session::Sessions;

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
    let reply = web.answer(&context, &caller, at, &body).await;
    context.finish(&web, reply)
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
    let reply = web.answer(&context, &caller, at, &body).await;
    context.finish(&web, reply)
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
    let reply = web.answer_batch(&context, &caller, &tenant, &body).await;
    context.finish(&web, reply)
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

impl Web {
    /// Answers one call.
    async fn answer(
        &self,
        context: &Context,
        caller: &Caller,
        at: Location<'_>,
        body: &[u8],
    ) -> Reply {
        let budget = match self.count(caller) {
            Ok(budget) => budget,
            Err(Exhausted { budget, wait_secs }) => {
                let reply = Reply::of(&Failure::too_many_requests());
                let wait_secs = Some(wait_secs);
                return Reply { wait_secs, budget: Some(budget), ..reply };
            }
        };
        let reply = match self.run(context, caller, at, body).await {
            Ok(body) => Reply::ok(&body),
            Err(failure) => {
                tracing::debug!(failure = %failure, "a cmdlet call failed");
                Reply::of(&failure)
            }
        };
        Reply { budget, ..reply }
    }

    /// Counts a call of an account. Whoever is at the administration socket is never told to wait.
    fn count(&self, caller: &Caller) -> Result<Option<Budget>, Exhausted> {
        let account = caller.actor.account();
        account.map(|id| self.meter.count(id, (self.options.clock)())).transpose()
    }

    async fn run(
        &self,
        context: &Context,
        caller: &Caller,
        at: Location<'_>,
        body: &[u8],
    ) -> Result<Body, Failure> {
        self.check_tenant(at.tenant)?;
        let Request { cmdlet_input } = read_request(body)?;
        let name = &cmdlet_input.cmdlet_name;
        let cmdlet = cmdlet::find(name).ok_or_else(|| Failure::unknown_cmdlet(name))?;
        if at.endpoint.is_some_and(|endpoint| !cmdlet.noun().eq_ignore_ascii_case(endpoint)) {
            return Err(Failure::unknown_cmdlet(name));
        }
        let parameters = cmdlet_input.parameters;
        // A call that asks for a question never acts, whether the cmdlet asks by itself or not.
        let only_checks =
            !cmdlet.only_reads() && (parameters.asks_confirmation() || parameters.is_what_if());
        let call = Call {
            app: &self.app,
            sessions: &self.sessions,
            resolver: context.resolver.as_ref(),
            caller,
            cmdlet,
            intent: if only_checks { Intent::Check } else { Intent::CarryOut },
            page: PageRequest::read(at.query, context.header("prefer")),
            url: context.url(at.path),
            connection_id: context.header("connection-id").unwrap_or_default().to_owned(),
            expected_version: context
                .header(DIRECTORY_VERSION_HEADER)
                .and_then(|text| text.trim().parse().ok()),
            expected_object_version: context.expected_object_version(),
            left_version: OnceLock::new(),
            parameters,
            now: (self.options.clock)(),
        };
        check_caller(&call)?;
        cmdlet.check(&call.parameters)?;
        fixed::check(&call)?;
        let filter = read_filter(&call)?;
        let mut answer = dispatch(&call).await?;
        if only_checks {
            let mut question = Body::asking(call.question());
            question.warnings = answer.warnings;
            return Ok(question);
        }
        arrange(&call, filter.as_ref(), &mut answer)?;
        let mut body = call.page.cut(&call, answer)?;
        if context.wants_clixml() {
            body.value.iter_mut().for_each(|object| *object = as_clixml(cmdlet, object));
        }
        body.directory_version =
            call.expected_version.and_then(|_| call.left_version.get().copied());
        Ok(body)
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

/// The `-Filter` of a call.
fn read_filter(call: &Call<'_>) -> Result<Option<Filter>, Failure> {
    if call.cmdlet.parameter("Filter").is_none() {
        return Ok(None);
    }
    let text = call.parameters.text("Filter")?.filter(|text| !text.is_empty());
    text.map(|text| Filter::parse(&text, call.cmdlet.output)).transpose()
}

/// Filters and sorts what a family shows, as the call asks.
fn arrange(call: &Call<'_>, filter: Option<&Filter>, answer: &mut Answer) -> Result<(), Failure> {
    if let Some(filter) = filter {
        answer.objects.retain(|object| filter.holds(object));
    }
    if call.cmdlet.parameter("SortBy").is_none() {
        return Ok(());
    }
    let Some(wanted) = call.parameters.text("SortBy")?.filter(|text| !text.is_empty()) else {
        return Ok(());
    };
    let known = |name: &str| call.cmdlet.output.iter().find(|p| p.name.eq_ignore_ascii_case(name));
    let Some(property) = known(&wanted) else {
        let why = format!("'{wanted}' is not a property of the output.");
        return Err(Failure::bad_parameter("SortBy", &why));
    };
    let key = |object: &Object| object.get(property.name).cloned().unwrap_or_default();
    answer.objects.sort_by(|left, right| {
        let order = opath::order(&key(left), &key(right));
        order.unwrap_or(std::cmp::Ordering::Equal)
    });
    Ok(())
}

/// An object as a client that wants CLIXML gets it.
fn as_clixml(cmdlet: &Cmdlet, object: &Object) -> Object {
    let mut wrapped = Object::new();
    wrapped.insert("_clixml".to_owned(), clixml::serialize(cmdlet, object).into());
    wrapped
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
    match call.cmdlet.noun() {
        "Mailbox" => mailbox::run(call).await,
        "User" | "UserPassword" => user::run(call).await,
        "UnifiedGroup" | "UnifiedGroupLinks" | "Group" => group::run(call).await,
        "DistributionGroup" | "DistributionGroupMember" => distribution::run(call),
        "MailboxFolderPermission" => folder::run(call).await,
        "MailContact" => contact::run(call).await,
        "AcceptedDomain" | "OrganizationConfig" | "DnsRecord" => domains::run(call).await,
        "Recipient" => recipient::run(call),
        "SendAsReport"
        | "SendAsReportDocument"
        | "VolumeReport"
        | "SendAsDeniedReport"
        | "StorageReport" => report::run(call).await,
        "DirectoryState" => state::run(call),
        "RecipientPermission" | "MailboxPermission" | "GuichetPermission" => {
            permission::run(call).await
        }
        "SendIdentity" | "SendAs" => identity::run(call).await,
        "MessageTrace" | "MessageTraceV2" | "MessageTraceDetail" | "MessageTraceDetailV2" => {
            trace::run(call).await
        }
        "UnifiedAuditLog" | "AdminAuditLog" => audit::run(call).await,
        "QueuedMessage" => queue::run(call).await,
        "ApiToken" | "AppPassword" | "SecondFactor" | "UserSession" | "SignInThrottle" => {
            credential::run(call).await
        }
        "TransportRule" | "JournalRule" => rule::run(call).await,
        "Application" => application::run(call).await,
        "ConnectionInformation" => connection::run(call),
        _ => Err(Failure::unknown_cmdlet(call.cmdlet.name)),
    }
}
