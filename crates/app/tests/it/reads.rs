//! Reads: rights, identities, trace, queue.

use app::command::{Command, CommandError, RecipientChanges};
use app::envelope::{Envelope, EnvelopeRecipient};
use app::read::identities::identities;
use app::read::rights::{RightsFilter, rights};
use app::read::trace::{TraceQuery, TraceStatus, Viewer};
use app::submit::{Submission, SubmitError};
use domain::{Right, SendMode};
use mail::{Address, ReversePath};

use crate::office::{NOW, Office, grant};

fn submission(office: &Office, login: &str, from: &str, to: &[&str]) -> Submission {
    let actor = office.find(login);
    let message = format!("From: {from}\r\nTo: {}\r\nSubject: Bonjour\r\n\r\nTexte\r\n", to[0]);
    let recipients =
        to.iter().map(|to| EnvelopeRecipient::new(Address::parse(to).unwrap())).collect();
    Submission {
        actor: actor.id,
        envelope: Envelope {
            reverse_path: ReversePath::Address(actor.primary().clone()),
            recipients,
            envelope_id: None,
        },
        message: message.into(),
        with: mail::Protocol::Esmtpsa,
        client: "laptop [192.0.2.7]".into(),
    }
}

fn query() -> TraceQuery {
    TraceQuery { limit: 100, ..TraceQuery::default() }
}

#[tokio::test]
async fn rights_are_listed_and_expanded() {
    let office = Office::contoso().await;
    office.run(grant("facturation", "support", Right::SendAs)).await.unwrap();
    office.run(grant("support", "claire.martin", Right::SendOnBehalf)).await.unwrap();
    let directory = office.app.directory();
    let all = rights(&directory, &RightsFilter::default(), NOW);
    let names: Vec<(&str, &str)> = all
        .iter()
        .map(|row| (row.recipient.display_name.as_str(), row.trustee.display_name.as_str()))
        .collect();
    assert_eq!(names, [("Facturation", "Support"), ("Support", "Claire Martin")]);
    let jean = directory.find("jean.dupont").unwrap().id;
    let of_jean = RightsFilter { trustee: Some(jean), ..RightsFilter::default() };
    assert!(rights(&directory, &of_jean, NOW).is_empty());
    let expanded = RightsFilter { expands_groups: true, ..of_jean };
    let rows = rights(&directory, &expanded, NOW);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].via[0].display_name, "Support");
}

#[tokio::test]
async fn identities_say_what_leaves() {
    let office = Office::contoso().await;
    office.run(grant("support", "jean.dupont", Right::SendAs)).await.unwrap();
    let directory = office.app.directory();
    let rows = identities(&directory, directory.find("jean.dupont").unwrap(), NOW);
    let shown: Vec<(String, SendMode, bool)> =
        rows.iter().map(|row| (row.address.to_string(), row.mode, row.is_primary)).collect();
    assert_eq!(
        shown,
        [
            ("jean.dupont@contoso.com".into(), SendMode::Own, true),
            ("support@contoso.com".into(), SendMode::SendAs, true),
            ("aide@contoso.com".into(), SendMode::SendAs, false),
        ]
    );
    assert_eq!(rows[2].writes.from, "Support <support@contoso.com>");
}

#[tokio::test]
async fn a_message_is_traced_for_each_recipient() {
    let office = Office::contoso().await;
    office.run(grant("support", "jean.dupont", Right::SendAs)).await.unwrap();
    let to = ["support@contoso.com", "someone@elsewhere.org"];
    let sent = submission(&office, "jean.dupont", "support@contoso.com", &to);
    office.app.submit(sent, NOW).await.unwrap();
    let rows = office.app.trace(&query(), |_| true).await.unwrap();
    let fates: Vec<(&str, TraceStatus)> =
        rows.iter().map(|row| (row.recipient.as_str(), row.status)).collect();
    assert_eq!(
        fates,
        [
            ("someone@elsewhere.org", TraceStatus::Pending),
            ("support@contoso.com", TraceStatus::Delivered),
        ]
    );
    assert_eq!(rows[0].from_ip.as_deref(), Some("192.0.2.7"));
    assert_eq!(rows[0].submitted_by.as_deref(), Some("jean.dupont@contoso.com"));
    let sees = |login: &str| {
        let viewer = Viewer::of(&office.app.directory(), office.find(login).id, NOW);
        rows.iter().any(|row| viewer.may_see(row))
    };
    assert!(sees("jean.dupont"));
    assert!(sees("claire.martin"), "a member sees the group's mail");
    assert!(!sees("admin"));
}

#[tokio::test]
async fn a_refusal_is_found_by_its_reference() {
    let office = Office::contoso().await;
    let to = ["support@contoso.com"];
    let refused = submission(&office, "jean.dupont", "facturation@contoso.com", &to);
    let Err(SubmitError::Denied(denial)) = office.app.submit(refused, NOW).await else {
        panic!("it must be refused")
    };
    let found = office.app.diagnose_reference(&denial.reference, NOW).await.unwrap().unwrap();
    assert_eq!(found.cause, Some("NoRight"));
    assert!(found.verdict.starts_with("Refused at 2026-"), "{}", found.verdict);
    assert_eq!(found.refused.unwrap().0, denial.reference);
    assert_eq!(office.app.diagnose_reference("G0-XXXXXX", NOW).await.unwrap(), None);
    let rows = office.app.trace(&query(), |_| true).await.unwrap();
    assert_eq!((rows[0].status, &rows[0].trace_id), (TraceStatus::Refused, &denial.reference));
}

#[tokio::test]
async fn queue_entries_are_held_released_and_given_up() {
    let office = Office::contoso().await;
    let to = ["someone@elsewhere.org"];
    let sent = submission(&office, "jean.dupont", "jean.dupont@contoso.com", &to);
    office.app.submit(sent, NOW).await.unwrap();
    let id = office.app.queue(10, |_| true).await.unwrap()[0].entry.id.0;
    office.run(Command::HoldQueueEntry(id)).await.unwrap();
    let rows = office.app.trace(&query(), |_| true).await.unwrap();
    assert_eq!(rows[0].status, TraceStatus::Held);
    office.run(Command::ReleaseQueueEntry(id)).await.unwrap();
    office.run(Command::RetryQueueEntry(id)).await.unwrap();
    office.run(Command::DropQueueEntry { id, notifies_sender: true }).await.unwrap();
    assert!(office.app.queue(10, |_| true).await.unwrap().is_empty());
    let rows = office.app.trace(&query(), |row| row.recipient == to[0]).await.unwrap();
    assert_eq!(rows[0].status, TraceStatus::Failed);
    let inbox = office.find("jean.dupont").folders.unwrap().inbox;
    assert_eq!(store::message::count(&office.store, inbox).await.unwrap(), 1, "the DSN");
    let gone = office.run(Command::HoldQueueEntry(id)).await;
    assert!(matches!(gone, Err(CommandError::NotFound(_))), "{gone:?}");
    let operations: Vec<String> =
        office.audit().await.into_iter().map(|record| record.operation).collect();
    assert_eq!(
        operations[operations.len() - 4..],
        [
            "Suspend-QueuedMessage",
            "Resume-QueuedMessage",
            "Retry-QueuedMessage",
            "Remove-QueuedMessage"
        ]
    );
}

#[tokio::test]
async fn a_disabled_user_has_no_identities() {
    let office = Office::contoso().await;
    let changes = RecipientChanges { is_disabled: Some(true), ..Default::default() };
    let off = Command::Set { identity: "jean.dupont".into(), changes: Box::new(changes) };
    office.run(off).await.unwrap();
    let directory = office.app.directory();
    let jean = directory.find("jean.dupont").unwrap();
    assert!(identities(&directory, jean, NOW).is_empty());
}
