//! What becomes of queue entries, on a real store.

use app::command::{Command, Link, LinkOrder};
use app::transmit::{Outcome, RemoteWord, Transmission};
use bytes::Bytes;
use domain::{Right, Timestamp};
use mail::Message;
use store::trace::TraceKind;

use crate::office::{NOW, Office, grant};
use crate::sending::{newest, submit};

fn word(text: &str, status: &str) -> RemoteWord {
    RemoteWord {
        host: Some("mx.b.example".to_owned()),
        text: text.to_owned(),
        status: status.to_owned(),
    }
}

async fn claim(office: &Office, now: Timestamp) -> Vec<Transmission> {
    office.app.claim_transmissions("worker", now, 10).await.unwrap()
}

async fn report(office: &Office, to: &Transmission, outcome: Outcome, now: Timestamp) {
    office.app.report_transmission(&to.entry, &outcome, now).await.unwrap();
}

async fn is_queue_empty(office: &Office) -> bool {
    store::queue::count(&office.store).await.unwrap().is_empty()
}

async fn kinds(office: &Office, to: &Transmission) -> Vec<TraceKind> {
    let events = store::trace::of_message(&office.store, to.entry.message).await.unwrap();
    events.into_iter().map(|event| event.kind).collect()
}

#[tokio::test]
async fn what_is_claimed_is_what_was_kept_and_delivery_ends_it() {
    let office = Office::contoso().await;
    submit(&office, "jean.dupont", "jean.dupont@contoso.com", &["a@b.example"]).await.unwrap();
    let claimed = claim(&office, NOW).await;
    assert_eq!(claimed.len(), 1);
    assert_eq!(newest(&office, "jean.dupont", true).await.as_ref(), Some(&claimed[0].content));
    assert_eq!(claim(&office, NOW).await.len(), 0, "the lease holds");
    report(&office, &claimed[0], Outcome::Delivered(word("250 ok", "2.0.0")), NOW).await;
    assert!(is_queue_empty(&office).await);
    assert_eq!(kinds(&office, &claimed[0]).await, [TraceKind::Submit, TraceKind::Send]);
}

#[tokio::test]
async fn a_failure_tells_the_represented_mailbox() {
    let office = Office::contoso().await;
    office.run(grant("support", "jean.dupont", Right::SendAs)).await.unwrap();
    submit(&office, "jean.dupont", "support@contoso.com", &["gone@b.example"]).await.unwrap();
    let claimed = claim(&office, NOW).await;
    let failed = Outcome::Failed(word("550 5.1.1 No such user", "5.1.1"));
    report(&office, &claimed[0], failed, NOW).await;
    assert!(is_queue_empty(&office).await);
    let dsn = newest(&office, "support", false).await.expect("told");
    let text = String::from_utf8_lossy(&dsn);
    for part in [
        "report-type=delivery-status",
        "Final-Recipient: rfc822; gone@b.example",
        "Status: 5.1.1",
        "No such user",
        "Auto-Submitted: auto-replied",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(newest(&office, "jean.dupont", false).await, None, "not the person");
}

#[tokio::test]
async fn a_success_that_was_asked_for_is_told_as_handed_on() {
    use app::envelope::{NoticeEvents, Notices};
    let office = Office::contoso().await;
    let mut envelope = crate::sending::envelope("jean.dupont@contoso.com", &["a@b.example"]);
    let events = NoticeEvents { success: true, ..NoticeEvents::default() };
    envelope.recipients[0].notices = Notices::Exactly(events);
    let submission = app::submit::Submission {
        actor: office.find("jean.dupont").id,
        envelope,
        message: crate::sending::message("jean.dupont@contoso.com"),
        with: mail::Protocol::Esmtpsa,
        client: String::new(),
    };
    office.app.submit(submission, NOW).await.unwrap();
    let claimed = claim(&office, NOW).await;
    report(&office, &claimed[0], Outcome::Delivered(word("250 2.0.0 ok", "2.0.0")), NOW).await;
    let told = newest(&office, "jean.dupont", false).await.expect("told");
    let text = String::from_utf8_lossy(&told);
    assert!(text.contains("Action: relayed"), "{text}");
}

#[tokio::test]
async fn a_failed_notification_is_never_told() {
    let office = Office::contoso().await;
    let actor = office.find("jean.dupont").id;
    let submission = app::submit::Submission {
        actor,
        envelope: crate::sending::envelope("", &["a@b.example"]),
        message: crate::sending::message("jean.dupont@contoso.com"),
        with: mail::Protocol::Esmtpsa,
        client: String::new(),
    };
    office.app.submit(submission, NOW).await.unwrap();
    let claimed = claim(&office, NOW).await;
    report(&office, &claimed[0], Outcome::Failed(word("550 no", "5.1.1")), NOW).await;
    assert!(is_queue_empty(&office).await);
    assert_eq!(newest(&office, "jean.dupont", false).await, None);
}

#[tokio::test]
async fn a_deferred_entry_is_tried_again_told_once_and_given_up_in_the_end() {
    let office = Office::contoso().await;
    submit(&office, "jean.dupont", "jean.dupont@contoso.com", &["a@b.example"]).await.unwrap();
    let (mut now, mut attempts, mut notices) = (NOW, 0, Vec::new());
    let mut last: Option<Bytes> = None;
    while !is_queue_empty(&office).await {
        let claimed = claim(&office, now).await;
        for to in &claimed {
            attempts += 1;
            report(&office, to, Outcome::Deferred(word("451 later", "4.3.0")), now).await;
        }
        let newest = newest(&office, "jean.dupont", false).await;
        if newest != last {
            notices.push(String::from_utf8_lossy(newest.as_ref().expect("kept")).into_owned());
            last = newest;
        }
        now = store::queue::next_due_at(&office.store).await.unwrap().unwrap_or(now);
    }
    assert!(attempts > 30, "{attempts} attempts in five days");
    assert_eq!(now.secs_since(NOW), 5 * 24 * 3600);
    assert_eq!(notices.len(), 2);
    assert!(notices[0].contains("Action: delayed"), "{}", notices[0]);
    assert!(notices[1].contains("Action: failed"), "{}", notices[1]);
    assert!(notices[1].contains("Status: 5.4.7"), "{}", notices[1]);
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_changes_nothing() {
    let office = Office::contoso().await;
    submit(&office, "jean.dupont", "jean.dupont@contoso.com", &["a@b.example"]).await.unwrap();
    let slow = claim(&office, NOW).await;
    let later = NOW.plus_secs(app::transmit::LEASE_SECS);
    let next = office.app.claim_transmissions("other", later, 10).await.unwrap();
    assert_eq!(next.len(), 1);
    report(&office, &slow[0], Outcome::Failed(word("550 no", "5.0.0")), later).await;
    assert!(!is_queue_empty(&office).await);
    assert_eq!(newest(&office, "jean.dupont", false).await, None);
}

#[tokio::test]
async fn return_path_stays_at_home() {
    let office = Office::contoso().await;
    let mail = app::receive::Reception {
        envelope: crate::sending::envelope("x@y.example", &["support@contoso.com"]),
        message: crate::sending::message("x@y.example"),
        peer: crate::office::PEER,
        helo: "y.example".to_owned(),
        with: mail::Protocol::Esmtp,
        tls: None,
        facts: app::receive::AuthenticationFacts::default(),
    };
    // The contact is a subscriber, so that mail from outside goes on to the outside.
    for link in [Link::Member, Link::Subscriber] {
        let who = vec!["customer@fabrikam.com".into()];
        let order = LinkOrder { group: "support".into(), link, who };
        office.run(Command::AddLinks(order)).await.unwrap();
    }
    office.app.receive(&mail, NOW).await.unwrap();
    let claimed = claim(&office, NOW).await;
    let message = Message::parse(claimed[0].content.clone()).unwrap();
    assert!(message.first_field("Return-Path").is_none());
    let kept = Message::parse(newest(&office, "support", false).await.unwrap()).unwrap();
    assert!(kept.first_field("Return-Path").is_some());
    assert_eq!(message.body(), kept.body());
}
