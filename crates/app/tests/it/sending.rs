//! The one door for sending, on a real store.

use app::envelope::{Envelope, EnvelopeRecipient};
use app::refusals::DenialCause;
use app::submit::{Accepted, Submission, SubmitError};
use bytes::Bytes;
use domain::{Refusal, Right, SendMode};
use mail::{Address, Message, Protocol, ReversePath};
use store::trace::{TraceFilter, TraceKind};

use crate::office::{NOW, Office, grant, revoke};

pub(crate) fn address(text: &str) -> Address {
    Address::parse(text).expect("a valid address in a test")
}

pub(crate) fn envelope(from: &str, to: &[&str]) -> Envelope {
    Envelope {
        reverse_path: ReversePath::from_stored(from).expect("a valid path in a test"),
        recipients: to.iter().map(|to| EnvelopeRecipient::new(address(to))).collect(),
        envelope_id: None,
    }
}

pub(crate) fn message(from: &str) -> Bytes {
    Bytes::from(format!(
        "From: {from}\r\nTo: someone@example.org\r\nSubject: Hello\r\n\r\nBody\r\n"
    ))
}

/// Submits as `login`, with its own address as reverse-path.
pub(crate) async fn submit(
    office: &Office,
    login: &str,
    from: &str,
    to: &[&str],
) -> Result<Accepted, SubmitError> {
    let actor = office.find(login);
    let submission = Submission {
        actor: actor.id,
        envelope: envelope(&actor.primary().to_string(), to),
        message: message(from),
        with: Protocol::Esmtpsa,
        client: "laptop [192.0.2.9]".to_owned(),
    };
    office.app.submit(submission, NOW).await
}

/// What the newest message in a recipient's folder says, Inbox or Sent.
pub(crate) async fn newest(office: &Office, who: &str, sent: bool) -> Option<Bytes> {
    let folders = office.find(who).folders.expect("a mailbox");
    let folder = if sent { folders.sent } else { folders.inbox };
    let latest = store::message::latest(&office.store, folder, i64::MAX, 1).await.unwrap();
    let id = latest.first()?.message.id;
    store::message::content(&office.store, id).await.unwrap()
}

fn refusal(result: Result<Accepted, SubmitError>) -> Option<Refusal> {
    match result {
        Err(SubmitError::Denied(denial)) => match denial.cause {
            DenialCause::Gate(refusal) => Some(refusal),
            DenialCause::Unreadable(_) | DenialCause::Malformed(_) => None,
        },
        _ => None,
    }
}

#[tokio::test]
async fn a_member_is_refused_and_the_refusal_is_traced_under_its_reference() {
    let office = Office::contoso().await;
    let refused = submit(&office, "jean.dupont", "support@contoso.com", &["a@b.example"]).await;
    let Err(SubmitError::Denied(denial)) = refused else { panic!("refused") };
    assert_eq!(denial.login, "jean.dupont@contoso.com");
    assert_eq!(denial.owners, ["marie.durand@contoso.com"]);
    office.app.finish().await;
    let events = store::trace::by_reference(&office.store, &denial.reference).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].kind, TraceKind::Refuse);
    assert_eq!(store::queue::count(&office.store).await.unwrap(), []);
}

#[tokio::test]
async fn a_grant_counts_for_the_next_message_and_a_revoke_stops_the_one_after() {
    let office = Office::contoso().await;
    let send = || submit(&office, "jean.dupont", "aide@contoso.com", &["marie.durand@contoso.com"]);
    assert!(refusal(send().await).is_some());
    office.run(grant("support", "jean.dupont", Right::SendAs)).await.unwrap();
    assert_eq!(send().await.unwrap().mode, SendMode::SendAs);
    office.run(revoke("support", "jean.dupont", Right::SendAs)).await.unwrap();
    assert!(refusal(send().await).is_some());
}

#[tokio::test]
async fn send_as_writes_the_group_and_keeps_both_copies() {
    let office = Office::contoso().await;
    office.run(grant("support", "jean.dupont", Right::SendAs)).await.unwrap();
    let to = ["marie.durand@contoso.com"];
    submit(&office, "jean.dupont", "aide@contoso.com", &to).await.unwrap();
    let left = newest(&office, "marie.durand", false).await.expect("delivered");
    let text = String::from_utf8_lossy(&left).to_lowercase();
    assert!(text.contains("from: support <support@contoso.com>"), "{text}");
    assert!(!text.contains("jean") && !text.contains("laptop"), "{text}");
    assert_eq!(newest(&office, "support", true).await.as_ref(), Some(&left));
    assert_eq!(newest(&office, "jean.dupont", true).await.as_ref(), Some(&left));
    let sent = office.audit().await.into_iter().filter(|r| r.operation == "SendAs").count();
    assert_eq!(sent, 1);
}

#[tokio::test]
async fn send_on_behalf_names_the_person() {
    let office = Office::contoso().await;
    office.run(grant("support", "marie.durand", Right::SendOnBehalf)).await.unwrap();
    let to = ["jean.dupont@contoso.com"];
    submit(&office, "marie.durand", "support@contoso.com", &to).await.unwrap();
    let left = newest(&office, "jean.dupont", false).await.expect("delivered");
    let left = Message::parse(left).unwrap();
    let sender = mail::read_sender(&left).unwrap().expect("a Sender");
    assert_eq!(sender.address, address("marie.durand@contoso.com"));
    assert_eq!(mail::read_author(&left).unwrap().address, address("support@contoso.com"));
}

#[tokio::test]
async fn own_mail_to_the_outside_waits_in_the_queue_with_one_copy() {
    let office = Office::contoso().await;
    let to = ["a@b.example", "A@b.example", "c@d.example"];
    let accepted = submit(&office, "jean.dupont", "jean.dupont@contoso.com", &to).await.unwrap();
    let entries = store::queue::of_message(&office.store, accepted.message).await.unwrap();
    let recipients: Vec<_> = entries.iter().map(|entry| entry.recipient.to_string()).collect();
    assert_eq!(recipients, ["a@b.example", "c@d.example"]);
    assert!(newest(&office, "jean.dupont", true).await.is_some());
    assert!(!office.audit().await.iter().any(|record| record.operation.starts_with("Send")));
}

#[tokio::test]
async fn an_unknown_recipient_refuses_the_whole_message() {
    let office = Office::contoso().await;
    let to = ["marie.durand@contoso.com", "nobody@contoso.com"];
    let refused = submit(&office, "jean.dupont", "jean.dupont@contoso.com", &to).await;
    assert!(matches!(refused, Err(SubmitError::Recipient(..))), "{refused:?}");
    assert_eq!(newest(&office, "marie.durand", false).await, None);
}

/// Each answer must match the rights as they were at some instant between question and answer: so
/// between a grant and a revoke that have both been answered, nothing else may happen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rights_that_flicker_are_obeyed_at_every_commit() {
    let office = std::sync::Arc::new(Office::contoso().await);
    let sender = {
        let office = std::sync::Arc::clone(&office);
        tokio::spawn(async move {
            let mut taken = 0;
            for _ in 0..200 {
                let to = ["marie.durand@contoso.com"];
                let sent = submit(&office, "jean.dupont", "support@contoso.com", &to).await;
                match sent {
                    Ok(_) => taken += 1,
                    Err(SubmitError::Denied(_) | SubmitError::Conflicts(_)) => {}
                    Err(other) => panic!("unexpected: {other}"),
                }
            }
            taken
        })
    };
    for _ in 0..60 {
        office.run(grant("support", "jean.dupont", Right::SendAs)).await.unwrap();
        office.run(revoke("support", "jean.dupont", Right::SendAs)).await.unwrap();
    }
    let taken = sender.await.unwrap();
    // In the order of commits, a send may stand only between a grant and the revoke behind it.
    let (mut is_granted, mut sends) = (false, 0);
    for record in office.audit().await {
        match record.operation.as_str() {
            "Add-RecipientPermission" => is_granted = true,
            "Remove-RecipientPermission" => is_granted = false,
            "SendAs" => {
                assert!(is_granted, "a message was accepted without the right");
                sends += 1;
            }
            _ => {}
        }
    }
    assert_eq!(sends, taken);
}

#[tokio::test]
async fn the_limit_of_messages_is_told_and_refused_messages_do_not_count() {
    let office = Office::contoso().await;
    let limit = office.app.settings().sending.messages_per_hour;
    let to = ["marie.durand@contoso.com"];
    for _ in 0..limit {
        submit(&office, "jean.dupont", "jean.dupont@contoso.com", &to).await.unwrap();
    }
    let refused = submit(&office, "jean.dupont", "support@contoso.com", &to).await;
    assert!(matches!(refused, Err(SubmitError::Denied(_))));
    let over = submit(&office, "jean.dupont", "jean.dupont@contoso.com", &to).await;
    assert!(matches!(over, Err(SubmitError::LimitReached(_))), "{over:?}");
    submit(&office, "marie.durand", "marie.durand@contoso.com", &to).await.unwrap();
}

#[tokio::test]
async fn success_is_told_to_those_who_ask() {
    use app::envelope::{NoticeEvents, Notices};
    let office = Office::contoso().await;
    let actor = office.find("jean.dupont");
    let mut envelope = envelope("jean.dupont@contoso.com", &["marie.durand@contoso.com"]);
    envelope.envelope_id = Some("QQ314159".to_owned());
    let submission = Submission {
        actor: actor.id,
        envelope,
        message: message("jean.dupont@contoso.com"),
        with: Protocol::Esmtpsa,
        client: String::new(),
    };
    office.app.submit(submission.clone(), NOW).await.unwrap();
    assert_eq!(newest(&office, "jean.dupont", false).await, None);
    let mut asking = submission;
    let events = NoticeEvents { success: true, ..NoticeEvents::default() };
    asking.envelope.recipients[0].notices = Notices::Exactly(events);
    office.app.submit(asking, NOW).await.unwrap();
    let told = newest(&office, "jean.dupont", false).await.expect("a confirmation");
    let text = String::from_utf8_lossy(&told);
    assert!(text.contains("Action: delivered"), "{text}");
    assert!(text.contains("Original-Envelope-Id: QQ314159"), "{text}");
}

#[tokio::test]
async fn every_fate_is_in_the_trace() {
    let office = Office::contoso().await;
    let to = ["support@contoso.com", "a@b.example"];
    let accepted = submit(&office, "jean.dupont", "jean.dupont@contoso.com", &to).await.unwrap();
    let filter = TraceFilter { limit: 100, ..TraceFilter::default() };
    let events = store::trace::search(&office.store, &filter).await.unwrap();
    let kinds = |kind| {
        events.iter().filter(|e| e.message == Some(accepted.message) && e.kind == kind).count()
    };
    assert_eq!((kinds(TraceKind::Submit), kinds(TraceKind::Deliver)), (1, 1));
}

#[tokio::test]
async fn a_reference_is_found_at_once_although_nobody_waited_for_the_disk() {
    let office = Office::contoso().await;
    let refused = submit(&office, "jean.dupont", "support@contoso.com", &["a@b.example"]).await;
    let Err(SubmitError::Denied(denial)) = refused else { panic!("refused") };
    let events = office.app.trace_events(&denial.reference).await.unwrap();
    assert_eq!(events.len(), 1);
    let refused = submit(&office, "jean.dupont", "support@contoso.com", &["a@b.example"]).await;
    let Err(SubmitError::Denied(denial)) = refused else { panic!("refused") };
    assert!(office.app.diagnose_reference(&denial.reference, NOW).await.unwrap().is_some());
}
