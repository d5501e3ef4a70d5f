//! What SMTP sessions mean: submissions and receptions as calls of the use cases.

mod reception;
mod refusal;
mod submission;

pub(crate) use reception::ReceptionBackend;
pub(crate) use submission::SubmissionBackend;

use app::App;
use app::envelope::{Envelope, EnvelopeRecipient, NoticeEvents, Notices};
use domain::routing::POSTMASTER;
use mail::{Address, Protocol};
use smtp::server::TlsFacts;
use smtp::{Notify, NotifyEvents};

/// The postmaster of the default domain, for `RCPT TO:<Postmaster>`.
fn postmaster(app: &App) -> Option<Address> {
    let domain = app.directory().accepted_domains().first().cloned()?;
    Address::new(POSTMASTER, domain).ok()
}

/// The envelope in the words of the use cases.
fn envelope_of(envelope: smtp::Envelope) -> Envelope {
    let recipients = envelope.recipients.into_iter().map(|to| EnvelopeRecipient {
        notices: notices_of(to.notify),
        original: to.original.map(|o| format!("{};{}", o.address_type, o.address)),
        address: to.to,
    });
    Envelope {
        recipients: recipients.collect(),
        reverse_path: envelope.mail.reverse_path,
        envelope_id: envelope.mail.envelope_id,
    }
}

fn notices_of(notify: Notify) -> Notices {
    match notify {
        Notify::Unstated => Notices::Usual,
        Notify::Never => Notices::Never,
        Notify::On(events) => Notices::Exactly(NoticeEvents {
            success: events.contains(NotifyEvents::SUCCESS),
            failure: events.contains(NotifyEvents::FAILURE),
            delay: events.contains(NotifyEvents::DELAY),
        }),
    }
}

/// The `with` clause for a transaction.
fn protocol(base: Protocol, smtputf8: bool) -> Protocol {
    if smtputf8 { base.with_smtputf8() } else { base }
}

/// TLS facts as `Received` tells them.
fn tls_text(tls: &TlsFacts) -> String {
    format!("{} cipher {}", tls.protocol, tls.cipher)
}
