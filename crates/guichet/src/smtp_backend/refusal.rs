//! The only place where a refusal of the use cases becomes an SMTP reply.

use std::borrow::Cow;

use app::receive::ReceiveError;
use app::refusals::Denial;
use app::rules::Rejection;
use app::sign_in::SignInRefusal;
use app::submit::SubmitError;
use app::throttle::SendLimitReached;
use domain::routing::RecipientRefusal;
use mail::Address;
use smtp::reply::{self, EnhancedCode, Reply};

use crate::config::DenialStyle;

/// The sentence that clients of Exchange look for.
const NO_PERMISSION: &str = "You do not have permission to send a message from the specified user.";

/// A refused sender. The first line is complete in itself; the others say what is missing, who can
/// grant it, and where to look it up.
pub(super) fn denial(denial: &Denial, style: DenialStyle) -> Reply {
    let who = format!("SendAsDenied; {} not allowed to send as {}", denial.login, denial.author);
    let (code, enhanced, first) = match style {
        DenialStyle::Guichet => (550, (7, 131), format!("{who}; {NO_PERMISSION}")),
        DenialStyle::Exchange => (
            554,
            (2, 252),
            format!("{who}; STOREDRV.Submission.Exception:SendAsDeniedException; {NO_PERMISSION}"),
        ),
        DenialStyle::Legacy => (
            550,
            (7, 60),
            format!("SMTP; Client does not have permissions to send as this sender; {who}"),
        ),
    };
    let reply = coded(code, enhanced, first).line(denial.advice());
    let reply = match &denial.page {
        Some(page) => reply.line(format!("Explained at {page}")),
        None => reply,
    };
    reply.line(format!("Reference: {} (guichet diagnose --ref {0})", denial.reference))
}

/// A submission that is not accepted.
pub(super) fn submission(error: &SubmitError, style: DenialStyle) -> Reply {
    match error {
        SubmitError::Denied(denied) => denial(denied, style),
        SubmitError::Malformed(error) => {
            coded(550, (6, 0), format!("The message cannot be sent: {error}"))
        }
        SubmitError::Recipient(address, refusal) => recipient(address, *refusal),
        SubmitError::TooManyRecipients => reply::too_many_recipients(),
        SubmitError::Rejected(rejection) => rejected(rejection),
        SubmitError::Loop(_) => reply::mail_loop(),
        SubmitError::LimitReached(limit) => sending_limit(*limit),
        SubmitError::Conflicts(_) => reply::temporarily_unavailable(),
        SubmitError::Unavailable(failure) => unavailable(failure),
    }
}

/// A message from outside that is not accepted.
pub(super) fn reception(error: &ReceiveError) -> Reply {
    match error {
        ReceiveError::Malformed(error) => {
            coded(550, (6, 0), format!("The message cannot be taken: {error}"))
        }
        ReceiveError::Author(error) => {
            coded(550, (7, 1), format!("The author field cannot be used: {error}"))
        }
        ReceiveError::OwnDomain(domain) => coded(
            550,
            (7, 1),
            format!(
                "Mail from {domain} is taken here only with a login, or with a valid SPF or DKIM \
                 result for that domain"
            ),
        ),
        // RFC 7372 has no code for DMARC; 5.7.1 with a sentence is usual (RFC 7489 §10.3).
        ReceiveError::DmarcRejects(domain) => {
            coded(550, (7, 1), format!("{domain} asks to refuse mail that fails DMARC"))
        }
        ReceiveError::Recipient(address, refusal) => recipient(address, *refusal),
        ReceiveError::TooManyRecipients => reply::too_many_recipients(),
        ReceiveError::Rejected(rejection) => rejected(rejection),
        ReceiveError::Loop => reply::mail_loop(),
        ReceiveError::Conflicts(_) => reply::temporarily_unavailable(),
        ReceiveError::Unavailable(failure) => unavailable(failure),
    }
}

/// A message that a rule refuses, in the words of whoever wrote the rule.
fn rejected(rejection: &Rejection) -> Reply {
    let Some(detail) = rejection.detail else { return reply::mail_loop() };
    let said = coded(550, (7, detail), rejection.text.clone());
    said.line(match &rejection.page {
        Some(page) => format!("Reference: {} ({page})", rejection.reference),
        None => format!("Reference: {}", rejection.reference),
    })
}

/// A recipient that is not taken.
pub(super) fn recipient(address: &Address, refusal: RecipientRefusal) -> Reply {
    match refusal {
        RecipientRefusal::Unknown => {
            coded(550, (1, 1), format!("No recipient here has the address {address}"))
        }
        RecipientRefusal::RelayDenied => reply::relay_denied(),
        RecipientRefusal::GroupNeedsAuthentication(_) => coded(
            550,
            (7, 193),
            "UnifiedGroupAgent; Delivery failed because the sender isn't a group member or \
             external senders aren't permitted to send to this group.",
        ),
        RecipientRefusal::NeedsAuthentication(_) => reply::authenticated_senders_only(),
    }
}

/// A recipient whose mailbox holds as much as it may (RFC 3463 §3.3).
pub(super) fn mailbox_full(address: &Address) -> Reply {
    coded(552, (2, 2), format!("The mailbox of {address} is full"))
}

/// A sign-in that failed.
pub(super) fn sign_in(refusal: &SignInRefusal) -> Reply {
    match refusal {
        SignInRefusal::Wrong => reply::authentication_failed(),
        SignInRefusal::Throttled(_) => reply::authentication_throttled(),
        SignInRefusal::Unavailable(failure) => {
            tracing::error!(error = %failure, "sign-in failed");
            reply::authentication_unavailable()
        }
    }
}

fn sending_limit(limit: SendLimitReached) -> Reply {
    let (what, wait) = match limit {
        SendLimitReached::Messages(wait) => ("messages an hour", wait),
        SendLimitReached::Recipients(wait) => ("recipients a day", wait),
    };
    coded(
        450,
        (7, 0),
        format!("The account has reached its limit of {what}; try again in {wait} seconds"),
    )
}

/// The database failed: told to the log in full, to the peer as temporary.
pub(super) fn unavailable(failure: &store::Failure) -> Reply {
    let cause = std::error::Error::source(failure);
    tracing::error!(error = %failure, ?cause, "storing failed");
    if failure.is_full() { reply::storage_full() } else { reply::temporarily_unavailable() }
}

fn coded(code: u16, (subject, detail): (u16, u16), text: impl Into<Cow<'static, str>>) -> Reply {
    let class = if code >= 500 { 5 } else { 4 };
    reply::refusal(code, EnhancedCode::new(class, subject, detail), text)
}
