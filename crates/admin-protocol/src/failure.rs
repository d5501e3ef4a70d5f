//! What a server answers instead of a result: status, code and the text that Exchange would give.
//!
//! One constructor per situation, so that the texts that clients compare stand in one place. A
//! failure knows its HTTP status and becomes an [`ErrorResponse`] body.

use thiserror::Error;

use crate::invoke::{ErrorBody, ErrorDetail, ErrorResponse, InnerError};
use crate::text;

/// Message of the protocol layer, the same for all.
const GENERAL: &str = "Error executing cmdlet";
/// Exception of the protocol layer.
const ODATA_EXCEPTION: &str = "Microsoft.Exchange.Admin.OData.Core.ODataServiceException";

/// Why a call failed, in terms of what the caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The call itself is wrong; 400.
    BadRequest,
    /// The caller may not, or there is no such cmdlet; 403, and to strangers both look alike.
    AccessDenied,
    /// The named object does not exist; 404.
    NotFound,
    /// Something is in the way: an address in use, or a change made meanwhile; 409.
    Conflict,
    /// Too many calls; 429.
    TooManyRequests,
    /// The server cannot at this moment; 503.
    Unavailable,
}

impl FailureKind {
    /// The HTTP status.
    pub fn status(self) -> u16 {
        match self {
            FailureKind::BadRequest => 400,
            FailureKind::AccessDenied => 403,
            FailureKind::NotFound => 404,
            FailureKind::Conflict => 409,
            FailureKind::TooManyRequests => 429,
            FailureKind::Unavailable => 503,
        }
    }

    /// The `code` of the error body.
    pub fn code(self) -> &'static str {
        match self {
            FailureKind::BadRequest => "BadRequest",
            FailureKind::AccessDenied => "Forbidden",
            FailureKind::NotFound => "NotFound",
            FailureKind::Conflict => "Conflict",
            FailureKind::TooManyRequests => "TooManyRequests",
            FailureKind::Unavailable => "ServiceUnavailable",
        }
    }
}

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{text}")]
pub struct Failure {
    /// What the caller can do about it.
    pub kind: FailureKind,
    /// The full name of Exchange's exception.
    pub exception: &'static str,
    /// The parameter at fault; empty when none is.
    pub target: String,
    /// The sentence for the person.
    pub text: String,
}

/// Namespace and name of the exceptions that clients know.
mod exception {
    pub(super) const NOT_FOUND: &str =
        "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException";
    pub(super) const PROXY_ADDRESS: &str =
        "Microsoft.Exchange.Data.Directory.ADOperation.ProxyAddressExistsException";
    pub(super) const BINDING: &str = "System.Management.Automation.ParameterBindingException";
    pub(super) const NO_CMDLET: &str = "System.Management.Automation.CommandNotFoundException";
    pub(super) const DENIED: &str = "System.UnauthorizedAccessException";
    pub(super) const CHANGED: &str = "Microsoft.Exchange.Data.Directory.ADObjectModifiedException";
    pub(super) const EXISTS: &str =
        "Microsoft.Exchange.Data.Directory.ADObjectAlreadyExistsException";
    pub(super) const INVALID: &str =
        "Microsoft.Exchange.Configuration.Tasks.TaskInvalidOperationException";
    pub(super) const THROTTLED: &str = "Microsoft.Exchange.Data.Directory.OverBudgetException";
    pub(super) const TRANSIENT: &str = "Microsoft.Exchange.Data.StorageTransientException";
}

impl Failure {
    fn new(kind: FailureKind, exception: &'static str, text: impl Into<String>) -> Failure {
        Failure { kind, exception, target: String::new(), text: text.into() }
    }

    fn about(mut self, target: &str) -> Failure {
        target.clone_into(&mut self.target);
        self
    }

    /// No object has this identity. `server` is the name of ours that clients see.
    pub fn not_found(identity: &str, server: &str) -> Failure {
        Failure::new(
            FailureKind::NotFound,
            exception::NOT_FOUND,
            format!(
                "The operation couldn't be performed because object '{identity}' couldn't be found \
                 on '{server}'."
            ),
        )
        .about("Identity")
    }

    /// The address belongs to another recipient.
    pub fn proxy_address_in_use(address: &str, holder: &str) -> Failure {
        Failure::new(
            FailureKind::Conflict,
            exception::PROXY_ADDRESS,
            format!(
                "The proxy address \"smtp:{address}\" is already being used by the proxy addresses \
                 or LegacyExchangeDN of \"{holder}\". Please choose another proxy address."
            ),
        )
        .about("EmailAddresses")
    }

    /// Another object has this name, alias or domain.
    pub fn already_exists(what: &str, name: &str) -> Failure {
        Failure::new(
            FailureKind::Conflict,
            exception::EXISTS,
            format!("The {what} \"{name}\" already exists. Please choose another one."),
        )
    }

    /// The directory changed between decision and commit, more often than the server tried again.
    pub fn changed_meanwhile(identity: &str) -> Failure {
        Failure::new(
            FailureKind::Conflict,
            exception::CHANGED,
            format!(
                "The object '{identity}' was changed by somebody else meanwhile. Look at it and \
                 try again."
            ),
        )
    }

    /// The state of things forbids it, such as removing the last accepted domain.
    pub fn in_the_way(text: impl Into<String>) -> Failure {
        Failure::new(FailureKind::Conflict, exception::INVALID, text)
    }

    /// The call cannot be meant so, though each parameter is well-formed.
    pub fn invalid_operation(text: impl Into<String>) -> Failure {
        Failure::new(FailureKind::BadRequest, exception::INVALID, text)
    }

    /// The body is no call at all.
    pub fn malformed_request(why: &str) -> Failure {
        Failure::new(
            FailureKind::BadRequest,
            exception::BINDING,
            format!("The request body can't be read as a cmdlet call: {why}"),
        )
    }

    /// No such cmdlet. Names those that look like it.
    pub fn unknown_cmdlet(name: &str) -> Failure {
        let near = text::nearest(name, crate::cmdlet::all().map(|cmdlet| cmdlet.name));
        Failure::new(
            FailureKind::AccessDenied,
            exception::NO_CMDLET,
            format!("The term '{name}' is not recognized as the name of a cmdlet.{}", hint(&near)),
        )
    }

    /// The caller may not call this cmdlet, or not on this object.
    pub fn access_denied(cmdlet: &str, who_may: &str) -> Failure {
        Failure::new(
            FailureKind::AccessDenied,
            exception::DENIED,
            format!("You may not run {cmdlet} here. It takes {who_may}."),
        )
    }

    /// A parameter that the cmdlet does not have; the text before the hint is PowerShell's.
    pub fn unknown_parameter(cmdlet: &str, parameter: &str, near: &[&str]) -> Failure {
        Failure::new(
            FailureKind::BadRequest,
            exception::BINDING,
            format!(
                "A parameter cannot be found that matches parameter name '{parameter}'. \
                 ({cmdlet}){}",
                hint(near)
            ),
        )
        .about(parameter)
    }

    /// A mandatory parameter is not there.
    pub fn missing_parameter(cmdlet: &str, parameter: &str) -> Failure {
        Failure::new(
            FailureKind::BadRequest,
            exception::BINDING,
            format!("{cmdlet} needs the parameter -{parameter}."),
        )
        .about(parameter)
    }

    /// A parameter's value cannot be taken; `why` says what would be.
    pub fn bad_parameter(parameter: &str, why: &str) -> Failure {
        Failure::new(
            FailureKind::BadRequest,
            exception::BINDING,
            format!("Cannot process the value of -{parameter}: {why}"),
        )
        .about(parameter)
    }

    /// Too many calls at once.
    pub fn too_many_requests() -> Failure {
        Failure::new(
            FailureKind::TooManyRequests,
            exception::THROTTLED,
            "You have reached the maximum number of concurrent requests per tenant. Please wait \
             and try again",
        )
    }

    /// The server cannot at this moment.
    pub fn unavailable(why: &str) -> Failure {
        Failure::new(
            FailureKind::Unavailable,
            exception::TRANSIENT,
            format!("The server can't do this at the moment: {why}. Try again."),
        )
    }

    /// The error body.
    pub fn to_response(&self) -> ErrorResponse {
        let side = match self.kind {
            FailureKind::TooManyRequests | FailureKind::Unavailable => "Server",
            FailureKind::BadRequest
            | FailureKind::AccessDenied
            | FailureKind::NotFound
            | FailureKind::Conflict => "Client",
        };
        ErrorResponse {
            error: ErrorBody {
                code: self.kind.code().to_owned(),
                message: GENERAL.to_owned(),
                details: vec![ErrorDetail {
                    code: side.to_owned(),
                    target: self.target.clone(),
                    message: self.three_parts(),
                }],
                innererror: Some(InnerError {
                    message: GENERAL.to_owned(),
                    exception: ODATA_EXCEPTION.to_owned(),
                    stacktrace: String::new(),
                    internalexception: Some(Box::new(InnerError {
                        message: self.three_parts(),
                        exception: self.exception.to_owned(),
                        stacktrace: String::new(),
                        internalexception: None,
                    })),
                }),
            },
            warnings_type: "#Collection(String)".to_owned(),
            warnings: Vec::new(),
        }
    }

    /// `ErrorId|ExceptionType|Text`. Clients expect exactly three parts, so a bar in the text
    /// becomes a slash.
    fn three_parts(&self) -> String {
        let text = self.text.replace('|', "/");
        format!("{}|{}|{text}", error_id(self.exception), self.exception)
    }
}

/// Exchange's identifiers are `Ex` and six hex digits that stay the same for one kind of error. The
/// one for unknown objects is Exchange's own, the others are made from the exception's name.
fn error_id(exception: &str) -> String {
    if exception == exception::NOT_FOUND {
        return "Ex6F9304".to_owned();
    }
    let hash = exception
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("Ex{:06X}", hash & 0x00ff_ffff)
}

fn hint(near: &[&str]) -> String {
    if near.is_empty() { String::new() } else { format!(" Did you mean {}?", near.join(" or ")) }
}

#[cfg(test)]
mod tests;
