//! The sentences of a notification: what happened to whom, why, and what to do about it.

use super::{
    DIAGNOSTIC_OCTETS_MAX, Dsn, DsnAction, DsnRecipient, EnhancedStatus, FOREIGN_OCTETS_MAX,
};
use super::{printable, subject_of, wrap};
use crate::date::readable_date;

/// The first part of the notification, with CRLF line ends.
pub(super) fn sentences(dsn: &Dsn<'_>) -> String {
    let mut out = wrap(
        "",
        &format!(
            "This is the mail server {}. It reports on a message sent from <{}>.",
            printable(dsn.reporting_mta, FOREIGN_OCTETS_MAX),
            dsn.to
        ),
    );
    out.push_str("\r\n");
    out.push_str(&wrap("    ", &format!("Subject: {}", subject_of(dsn.original))));
    out.push_str(&wrap("    ", &format!("Received: {}", readable_date(dsn.arrival_at_ms))));
    for recipient in dsn.recipients {
        out.push_str("\r\n");
        push_recipient(&mut out, recipient);
    }
    out.push_str("\r\n");
    out.push_str(&wrap(
        "",
        "Below are the report for mail programs and the headers of the message. Nobody is \
         waiting for an answer to this notification.",
    ));
    out
}

fn push_recipient(out: &mut String, recipient: &DsnRecipient) {
    out.push_str(&format!("<{}>\r\n", recipient.final_recipient));
    let (what, advice) = match recipient.action {
        DsnAction::Failed => {
            let (why, advice) = reason(recipient.status);
            (format!("Not delivered: {why} ({}).", recipient.status), Some(advice))
        }
        DsnAction::Delayed => {
            let (why, _) = reason(recipient.status);
            let until = match recipient.will_retry_until_ms {
                Some(at_ms) => format!("It is tried again until {}.", readable_date(at_ms)),
                None => "It is tried again.".to_owned(),
            };
            (
                format!("Not delivered yet: {why} ({}). {until}", recipient.status),
                Some("nothing now. If it cannot be delivered, you will be told."),
            )
        }
        DsnAction::Delivered => ("Delivered.".to_owned(), None),
        DsnAction::Relayed => {
            ("Handed over to a server that does not report whether it delivers.".to_owned(), None)
        }
        DsnAction::Expanded => ("Handed over to the members of the group.".to_owned(), None),
    };
    out.push_str(&wrap("    ", &what));
    if let Some(advice) = advice {
        out.push_str(&wrap("    ", &format!("What to do: {advice}")));
    }
    if let Some(said) = &recipient.diagnostic {
        let who = match recipient.remote_mta.as_deref() {
            Some(host) => format!("The server {} said:", printable(host, FOREIGN_OCTETS_MAX)),
            None => "What happened:".to_owned(),
        };
        out.push_str(&wrap("    ", &who));
        out.push_str(&wrap("        ", &printable(said, DIAGNOSTIC_OCTETS_MAX)));
    }
}

/// Why, and what to do: by subject and detail, which mean the same in classes 4 and 5
/// (RFC 3463 §3; 7.x codes beyond it: RFC 7372, RFC 8616 and the IANA registry).
fn reason(status: EnhancedStatus) -> (&'static str, &'static str) {
    match (status.subject(), status.detail()) {
        (1, 1) => (
            "the address does not exist at the other server",
            "check the part before the @ for mistakes, or ask for the right address.",
        ),
        (1, 2) => (
            "the domain of the address does not exist or takes no mail",
            "check the part behind the @ for mistakes.",
        ),
        (1, 6) => ("the mailbox has moved", "ask the recipient for the new address."),
        (1, 10) => (
            "the domain of the address takes no mail at all",
            "check the part behind the @ for mistakes.",
        ),
        (1, 7 | 8) => (
            "the other server does not accept your address as a sender",
            "show this notification to your administrator.",
        ),
        (1, _) => ("the address is not usable", "check the address for mistakes."),
        (2, 1) => ("the mailbox is switched off", "reach the recipient in another way."),
        (2, 2) => ("the mailbox is full", "send it again when the recipient has made room."),
        (2, 3) | (3, 4) => (
            "the message is too big for the recipient",
            "send it again with smaller attachments, or share them as links.",
        ),
        (2, _) => ("the mailbox does not take the message", "reach the recipient in another way."),
        (4, 6) => (
            "the message went in circles between servers",
            "show this notification to your administrator.",
        ),
        (4, 7) => (
            "the other server did not take the message in time",
            "send it again later, or reach the recipient in another way.",
        ),
        (3 | 4, _) => (
            "the other server could not be reached or had a problem",
            "send it again later. If it fails again, tell your administrator.",
        ),
        (5, _) => (
            "the other server did not understand ours",
            "show this notification to your administrator.",
        ),
        (6, _) => (
            "the other server cannot take content or characters of this kind",
            "send it again as plain text, to an address in ASCII characters.",
        ),
        (7, 1 | 2) => (
            "the recipient or the recipient's group does not accept mail from your address",
            "ask the recipient or the owner of the group to allow it.",
        ),
        (7, 10..=30) => (
            "the other server demands proof or protection that the message did not have",
            "show this notification to your administrator.",
        ),
        (7, _) => (
            "the other server refuses the message by its policy",
            "read what that server said, and show it to your administrator.",
        ),
        _ => (
            "the other server gave no reason that can be named",
            "read what that server said, or tell your administrator.",
        ),
    }
}
