//! What PowerShell fetches before it calls: the names of the cmdlets that a caller may run, the
//! greeting, and our own module. All by GET.

use std::sync::OnceLock;

use admin_protocol::cmdlet::{self, Caller as Who, Cmdlet};
use admin_protocol::module;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::AccountRole;
use serde_json::json;

use super::context::{Context, Reply};
use crate::Web;
use crate::caller::Caller;

/// `GET /AdminApi/v1.0/{tenant}/EXOModuleFile`: the names of the cmdlets that the caller may
/// run. Of Exchange's answer no more than this is known to the public; the module itself is
/// [`module::MODULE_PATH`].
pub(crate) async fn module_file(
    State(web): State<Web>,
    Path(tenant): Path<String>,
    context: Context,
) -> Response {
    let caller = match context.identify_reader(&web).await {
        Ok(caller) => caller,
        Err(refused) => return refused,
    };
    if let Err(failure) = web.check_tenant(&tenant) {
        return context.finish(&web, Reply::of(&failure));
    }
    let wanted = context.header("commandname").unwrap_or("*");
    let names: Vec<&str> = cmdlet::all()
        .filter(|known| is_wanted(known, wanted) && may_run(&web, &caller, known))
        .map(|known| known.name)
        .collect();
    let body = json!({
        "@odata.context": context.url(&format!("/AdminApi/v1.0/{tenant}/$metadata#EXOModuleFile")),
        "value": [{ "exportedCmdlets": names.join(",") }],
    });
    context.finish(&web, Reply::ok(&body))
}

/// `GET /adminapi/beta/{tenant}/EXOBanner('AutogenSession')`: who answers.
pub(crate) async fn entity(
    State(web): State<Web>,
    Path((tenant, entity)): Path<(String, String)>,
    context: Context,
) -> Response {
    if let Err(refused) = context.identify_reader(&web).await {
        return refused;
    }
    if let Err(failure) = web.check_tenant(&tenant) {
        return context.finish(&web, Reply::of(&failure));
    }
    let set = entity.split('(').next().unwrap_or_default();
    if !set.eq_ignore_ascii_case("EXOBanner") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let organization = web.app.directory().organization().name.clone();
    let text = format!(
        "{organization}, served by Guichet {} on {}.",
        env!("CARGO_PKG_VERSION"),
        web.app.settings().hostname
    );
    context.finish(&web, Reply::ok(&json!({ "value": [text] })))
}

/// `GET /Guichet.psm1`: the PowerShell module. It holds nothing secret, so anybody may have it.
pub(crate) async fn powershell() -> Response {
    static MODULE: OnceLock<String> = OnceLock::new();
    let text = MODULE.get_or_init(module::powershell).as_str();
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// Whether a list of names as the header CommandName has it names the cmdlet; `*` names all.
fn is_wanted(cmdlet: &Cmdlet, wanted: &str) -> bool {
    let mut names = wanted.split(',').map(str::trim);
    names.any(|name| name == "*" || name.eq_ignore_ascii_case(cmdlet.name))
}

/// Whether the caller may run the cmdlet on something. On what is decided call by call.
fn may_run(web: &Web, caller: &Caller, cmdlet: &Cmdlet) -> bool {
    let directory = web.app.directory();
    match (caller.actor.role(&directory), cmdlet.caller) {
        (None, _) => false,
        (Some(AccountRole::Administrator), _)
        | (Some(_), Who::Anyone | Who::Oneself | Who::Owner) => true,
        (Some(AccountRole::Auditor), Who::Auditor) => cmdlet.only_reads(),
        (Some(_), Who::Auditor | Who::Administrator) => false,
    }
}
