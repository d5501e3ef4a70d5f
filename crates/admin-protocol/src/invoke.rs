//! A call of a cmdlet over HTTP: the request body, the answer and the error body, exactly as
//! Exchange's `InvokeCommand` has them.
//!
//! `POST {base}/adminapi/beta/{tenant}/InvokeCommand` with a [`Request`] is answered by 200 and a
//! [`Response`], or by the status of a [`crate::failure::Failure`] and its [`ErrorResponse`]. While
//! an answer has a `next_link`, the client posts the same body again to that address.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cmdlet::Object;
use crate::failure::Failure;
use crate::parameters::Parameters;

/// The tenant segment for a client that does not know the organisation's name: a server of one
/// organisation takes it for its own. The word is the one of the OAuth endpoints.
pub const ANY_TENANT: &str = "organizations";

/// Content type of answers.
pub const CONTENT_TYPE: &str = "application/json;odata.metadata=minimal;odata.streaming=true;\
                                IEEE754Compatible=false;charset=utf-8";

/// Value of the header `OData-Version`.
pub const ODATA_VERSION: &str = "4.0";

/// Most objects in one page, whatever the client prefers.
pub const MAX_PAGE_SIZE: usize = 1000;

/// The path of `InvokeCommand` for a tenant.
pub fn invoke_path(tenant: &str) -> String {
    format!("/adminapi/beta/{tenant}/InvokeCommand")
}

/// Body of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The cmdlet and what is passed to it.
    #[serde(rename = "CmdletInput", alias = "cmdletInput")]
    pub cmdlet_input: CmdletInput,
}

/// The cmdlet and what is passed to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CmdletInput {
    /// Name, in any case.
    #[serde(rename = "CmdletName", alias = "cmdletName")]
    pub cmdlet_name: String,
    /// Parameters; may be absent or null.
    #[serde(
        rename = "Parameters",
        alias = "parameters",
        default,
        deserialize_with = "parameters_or_null"
    )]
    pub parameters: Parameters,
}

fn parameters_or_null<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Parameters, D::Error> {
    Ok(Option::<Parameters>::deserialize(from)?.unwrap_or_default())
}

impl Request {
    /// A call of `cmdlet_name`.
    pub fn new(cmdlet_name: impl Into<String>, parameters: Parameters) -> Request {
        Request { cmdlet_input: CmdletInput { cmdlet_name: cmdlet_name.into(), parameters } }
    }
}

/// Reads the body of a call as leniently as Exchange does: a byte order mark before it, and names
/// of members in any case.
pub fn read_request(body: &[u8]) -> Result<Request, Failure> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| Failure::malformed_request(&error.to_string()))?;
    let input = member(&value, "CmdletInput")
        .ok_or_else(|| Failure::malformed_request("the member CmdletInput is missing"))?;
    let name = member(input, "CmdletName")
        .and_then(Value::as_str)
        .ok_or_else(|| Failure::malformed_request("the member CmdletName is missing"))?;
    let parameters = match member(input, "Parameters") {
        None | Some(Value::Null) => Parameters::new(),
        Some(given) => Parameters::deserialize(given)
            .map_err(|_| Failure::malformed_request("Parameters is no object"))?,
    };
    Ok(Request::new(name.trim(), parameters))
}

/// The member of an object with this name, whatever its case.
fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let mut members = value.as_object()?.iter();
    members.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The header of a request that names the version of the directory that the caller decided on.
/// Where the directory is another one by then, nothing is done and the answer is a conflict.
pub const DIRECTORY_VERSION_HEADER: &str = "X-Directory-Version";

/// Body of a 200.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// Where the metadata of `value` would be; only decoration.
    #[serde(rename = "@odata.context", default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// Annotation of the next field, always `#Collection(String)`.
    #[serde(rename = "adminapi.warnings@odata.type", default = "string_collection")]
    warnings_type: String,
    /// Sentences for the person: the command succeeded, but.
    #[serde(rename = "@adminapi.warnings", default)]
    pub warnings: Vec<String>,
    /// The question of a cmdlet with a built-in pause that was called with `Confirm:true`, or what
    /// a call with `WhatIf` would do. Nothing was done.
    #[serde(
        rename = "@adminapi.confirmationmessage",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub confirmation_message: Option<String>,
    /// Where the next page is. Stateless: may be posted to again and later.
    #[serde(rename = "@odata.nextLink", default, skip_serializing_if = "Option::is_none")]
    pub next_link: Option<String>,
    /// The version of the directory that a change left, where the request said in
    /// [`DIRECTORY_VERSION_HEADER`] which one it was decided on.
    #[serde(
        rename = "@guichet.directoryVersion",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub directory_version: Option<i64>,
    /// The output objects of this page.
    #[serde(default)]
    pub value: Vec<Object>,
}

fn string_collection() -> String {
    "#Collection(String)".to_owned()
}

impl Response {
    /// An answer with these objects, without warnings or a next page.
    pub fn new(value: Vec<Object>) -> Response {
        Response { warnings_type: string_collection(), value, ..Response::default() }
    }

    /// An answer that asks the person first.
    pub fn asking(question: impl Into<String>) -> Response {
        Response { confirmation_message: Some(question.into()), ..Response::new(Vec::new()) }
    }

    /// The same with a warning.
    #[must_use]
    pub fn with_warning(mut self, warning: impl Into<String>) -> Response {
        self.warnings.push(warning.into());
        self
    }

    /// Keeps only the named properties (and their annotations) of each object: the query option
    /// `$select`. Names are compared without regard to case.
    pub fn select(&mut self, names: &[&str]) {
        for object in &mut self.value {
            object.retain(|name, _| {
                let bare = name.split('@').next().unwrap_or(name);
                names.iter().any(|wanted| wanted.eq_ignore_ascii_case(bare))
            });
        }
    }
}

/// Texts of warnings that clients look for.
pub mod warning {
    /// A list was cut at `ResultSize`.
    pub const MORE_RESULTS: &str = "There are more results available than are currently displayed. \
                                    To view them, increase the value for the ResultSize parameter.";

    /// A Set- cmdlet changed nothing.
    pub fn nothing_changed(identity: &str) -> String {
        format!(
            "The command completed successfully but no settings of '{identity}' have been modified."
        )
    }

    /// A right that should be taken back was not there: Send As, and ours of every kind.
    pub fn no_such_permission(identity: &str, trustee: &str) -> String {
        format!(
            "Can't remove the access control entry on the object \"{identity}\" for \"{trustee}\" \
             because the ACE isn't present."
        )
    }

    /// Full Access that should be taken back was not there.
    pub fn no_such_mailbox_permission(identity: &str, user: &str) -> String {
        format!(
            "Can't remove the access control entry on the object \"{identity}\" for the user \
             account \"{user}\" because the ACE doesn't exist on the object."
        )
    }

    /// A right that should be given was there already, just so.
    pub fn permission_already_there(identity: &str, trustee: &str) -> String {
        format!(
            "The access control entry is already present on the object \"{identity}\" for \
             \"{trustee}\"."
        )
    }
}

/// Body of an error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorResponse {
    /// The error.
    pub error: ErrorBody,
    /// Annotation of the next field, always `#Collection(String)`.
    #[serde(rename = "adminapi.warnings@odata.type", default = "string_collection")]
    pub(crate) warnings_type: String,
    /// Warnings raised before the error.
    #[serde(rename = "@adminapi.warnings", default)]
    pub warnings: Vec<String>,
}

/// What went wrong, three times over, since clients look in different places: first in `details`,
/// then in `innererror.internalexception`, then in `message`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// A short name of the kind, such as `NotFound`.
    pub code: String,
    /// A general sentence.
    #[serde(default)]
    pub message: String,
    /// One entry, whose message is `ErrorId|ExceptionType|Text`.
    #[serde(default)]
    pub details: Vec<ErrorDetail>,
    /// Guess-work for tools of the family.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "innerError")]
    pub innererror: Option<InnerError>,
}

/// One detail of an error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorDetail {
    /// `Client` when the caller can mend it, else `Server`.
    #[serde(default)]
    pub code: String,
    /// The parameter, where one is at fault.
    #[serde(default)]
    pub target: String,
    /// `ErrorId|ExceptionType|Text`, exactly three parts.
    #[serde(default)]
    pub message: String,
}

/// The error as an OData service exception.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InnerError {
    /// The general sentence.
    #[serde(default)]
    pub message: String,
    /// The exception type of the protocol layer.
    #[serde(rename = "type", default)]
    pub exception: String,
    /// Empty: we show no stack.
    #[serde(default)]
    pub stacktrace: String,
    /// The exception of the cmdlet.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "internalException")]
    pub internalexception: Option<Box<InnerError>>,
}

impl ErrorResponse {
    /// The text for the person: the third part of the first detail, or what else is there.
    pub fn text(&self) -> &str {
        if let Some(detail) = self.error.details.first().filter(|found| !found.message.is_empty()) {
            return detail.message.splitn(3, '|').last().unwrap_or(&detail.message);
        }
        self.error
            .innererror
            .as_ref()
            .and_then(|inner| inner.internalexception.as_ref())
            .map_or(self.error.message.as_str(), |internal| internal.message.as_str())
    }
}

/// Reads the body of an answer that is not 200. `None` when it is not JSON of this shape, as with
/// the empty body of a 403.
pub fn read_error(body: &[u8]) -> Option<ErrorResponse> {
    serde_json::from_slice(body).ok()
}

#[cfg(test)]
mod tests;
