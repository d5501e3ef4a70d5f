//! `$batch`: several calls in one request, each with its own fate.

use admin_protocol::failure::Failure;
use admin_protocol::invoke::CONTENT_TYPE;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Location;
use super::context::{Context, Reply};
use crate::Web;
use crate::caller::Caller;

/// Calls in one batch at most, as in Exchange.
const BATCH_CALLS_MAX: usize = 10;

/// One element of a batch.
#[derive(Debug, Deserialize)]
struct BatchCall {
    #[serde(default)]
    id: Value,
    #[serde(default = "post")]
    method: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    headers: Map<String, Value>,
    #[serde(default)]
    body: Value,
}

fn post() -> String {
    "POST".to_owned()
}

#[derive(Debug, Deserialize)]
struct Batch {
    requests: Vec<BatchCall>,
}

#[derive(Debug, Serialize)]
struct BatchAnswer {
    id: Value,
    status: u16,
    headers: Map<String, Value>,
    body: Value,
}

impl Web {
    /// Answers a batch: its calls one after the other, whatever becomes of the others.
    pub(super) async fn answer_batch(
        &self,
        context: &Context,
        caller: &Caller,
        tenant: &str,
        body: &[u8],
    ) -> Reply {
        let batch: Batch = match serde_json::from_slice(body) {
            Ok(batch) => batch,
            Err(error) => return Reply::of(&Failure::malformed_request(&error.to_string())),
        };
        if batch.requests.len() > BATCH_CALLS_MAX {
            let why = format!("a batch has at most {BATCH_CALLS_MAX} calls.");
            return Reply::of(&Failure::malformed_request(&why));
        }
        let mut responses = Vec::with_capacity(batch.requests.len());
        let mut budget = None;
        for call in batch.requests {
            let inner = context.of_batch_call(&call.headers);
            let reply = self.answer_in_batch(&inner, caller, tenant, &call).await;
            budget = reply.budget.or(budget);
            responses.push(self.show(&inner, call, &reply));
        }
        Reply { budget, ..Reply::ok(&json!({ "responses": responses })) }
    }

    async fn answer_in_batch(
        &self,
        context: &Context,
        caller: &Caller,
        tenant: &str,
        call: &BatchCall,
    ) -> Reply {
        let (path, query) = match call.url.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (call.url.as_str(), None),
        };
        if !call.method.eq_ignore_ascii_case("POST") {
            let why = format!("'{}' is not POST, which every call is.", call.method);
            return Reply { status: 405, ..Reply::of(&Failure::malformed_request(&why)) };
        }
        // Without a URL, and for whatever name of the endpoint it has, the call itself says it all.
        let endpoint = path.rsplit('/').next().unwrap_or_default();
        let is_invoke = endpoint.is_empty() || endpoint.eq_ignore_ascii_case("InvokeCommand");
        let own_path = match is_invoke {
            true => admin_protocol::invoke::invoke_path(tenant),
            false => format!("/adminapi/v2.0/{tenant}/{endpoint}"),
        };
        let endpoint = (!is_invoke).then_some(endpoint);
        let at = Location { tenant, path: &own_path, query, endpoint };
        let body = serde_json::to_vec(&call.body).unwrap_or_default();
        self.answer(context, caller, at, &body).await
    }

    fn show(&self, context: &Context, call: BatchCall, reply: &Reply) -> BatchAnswer {
        let mut headers = Map::new();
        headers.insert("Content-Type".to_owned(), CONTENT_TYPE.into());
        let id = context.request_id(self);
        headers.insert("request-id".to_owned(), id.to_str().unwrap_or_default().into());
        if reply.status != 200 {
            let name = call.body["CmdletInput"]["CmdletName"].clone();
            headers.insert("Cmdlet-Name".to_owned(), name);
        }
        if let Some(exception) = reply.exception {
            headers.insert("x-ExceptionType".to_owned(), exception.into());
        }
        if let Some(wait_secs) = reply.wait_secs {
            headers.insert("Retry-After".to_owned(), wait_secs.to_string().into());
        }
        let body = serde_json::from_slice(&reply.body).unwrap_or_default();
        BatchAnswer { id: call.id, status: reply.status, headers, body }
    }
}
