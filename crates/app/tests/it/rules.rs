//! Rules at work, on a real store: what they do to messages, who may change them, and that they
//! never allow what the gate refuses.

use app::access::Denied;
use app::command::{Command, CommandError, Order, RuleChanges, RuleKind, RuleOrder};
use app::receive::{ReceiveError, Received, Reception};
use app::rules::RehearsedMail;
use app::rules::settings::Settings;
use app::submit::SubmitError;
use app::transmit::{Outcome, RemoteWord};
use bytes::Bytes;
use domain::rules::{RULES_MAX, RuleResult};
use domain::{Right, Timestamp};
use mail::Message;
use proptest::prelude::*;
use store::queue::QueueState;
use store::trace::TraceKind;

use crate::office::{NOW, Office, grant};
use crate::receiving::{CUSTOMER, receive, reception};
use crate::sending::{newest, submit};

pub(crate) fn settings(list: &[(&str, &str)]) -> Settings {
    let own = |values: &str| values.split('|').map(str::to_owned).collect();
    list.iter().map(|(name, values)| ((*name).to_owned(), own(values))).collect()
}

fn order(kind: RuleKind, order: RuleOrder) -> Command {
    Command::Rule { kind, order: Box::new(order) }
}

/// Writes a rule; values are separated by bars.
fn new(kind: RuleKind, name: &str, list: &[(&str, &str)]) -> Command {
    let changes = RuleChanges {
        name: Some(name.to_owned()),
        is_enabled: Some(true),
        settings: settings(list),
        priority: None,
    };
    order(kind, RuleOrder::Create(changes))
}

async fn rule(office: &Office, name: &str, list: &[(&str, &str)]) {
    office.run(new(RuleKind::Transport, name, list)).await.unwrap();
}

async fn journal(office: &Office, list: &[(&str, &str)]) {
    office.run(new(RuleKind::Journal, "Journal", list)).await.unwrap();
}

fn set(name: &str, changes: RuleChanges) -> Command {
    order(RuleKind::Transport, RuleOrder::Set { identity: name.to_owned(), changes })
}

fn parsed(content: &Bytes) -> Message {
    Message::parse(content.clone()).unwrap()
}

fn subject(content: &Bytes) -> String {
    parsed(content).first_field("Subject").unwrap().decoded()
}

fn from_outside(header: &str) -> Reception {
    let mut mail = reception(CUSTOMER, CUSTOMER, &["support@contoso.com"]);
    mail.message = Bytes::from(format!(
        "From: {CUSTOMER}\r\nTo: support@contoso.com\r\nSubject: Devis\r\n{header}\r\nBody\r\n"
    ));
    mail
}

async fn events(office: &Office, message: domain::MessageId) -> Vec<(TraceKind, String)> {
    let found = store::trace::of_message(&office.store, message).await.unwrap();
    found.into_iter().map(|event| (event.kind, event.detail)).collect()
}

#[tokio::test]
async fn a_rule_refuses_from_the_next_message_on_until_it_is_switched_off() {
    let office = Office::contoso().await;
    let send = || submit(&office, "jean.dupont", "jean.dupont@contoso.com", &["x@b.example"]);
    send().await.unwrap();
    rule(
        &office,
        "No mail out",
        &[
            ("SentToScope", "NotInOrganization"),
            ("RejectMessageReasonText", "Ask first."),
            ("RejectMessageEnhancedStatusCode", "5.7.950"),
        ],
    )
    .await;
    let sent_before = newest(&office, "jean.dupont", true).await;
    let Err(SubmitError::Rejected(rejection)) = send().await else { panic!("refused") };
    assert_eq!((rejection.detail, rejection.text.as_str()), (Some(950), "Ask first."));
    assert_eq!(newest(&office, "jean.dupont", true).await, sent_before);
    let rows = office.app.rows_of_trace(&rejection.reference).await.unwrap();
    assert_eq!((rows[0].status.as_str(), rows[0].subject.as_str()), ("Refused", "Hello"));
    let why = office.app.diagnose_reference(&rejection.reference, NOW).await.unwrap().unwrap();
    assert_eq!(why.cause, Some("RejectedByRule"));
    assert!(why.verdict.contains("Ask first."), "{}", why.verdict);

    let off = RuleChanges { is_enabled: Some(false), ..RuleChanges::default() };
    office.run(set("no mail OUT", off)).await.unwrap();
    send().await.unwrap();
}

#[tokio::test]
async fn mail_from_outside_is_refused_marked_and_redirected_by_rules() {
    let office = Office::contoso().await;
    rule(
        &office,
        "No programs",
        &[("AttachmentExtensionMatchesWords", "exe"), ("RejectMessageReasonText", "No programs.")],
    )
    .await;
    let attached = "Content-Type: application/x; name=a.EXE\r\n";
    let refused = receive(&office, &from_outside(attached)).await;
    let Err(ReceiveError::Rejected(rejection)) = refused else { panic!("{refused:?}") };
    assert_eq!((rejection.detail, rejection.rule.as_str()), (Some(1), "No programs"));

    rule(
        &office,
        "Mark",
        &[
            ("FromScope", "NotInOrganization"),
            ("PrependSubject", "[External]"),
            ("SetHeaderName", "X-Contoso-Class"),
            ("SetHeaderValue", "été"),
        ],
    )
    .await;
    rule(
        &office,
        "Send on",
        &[("SubjectContainsWords", "[External] Devis"), ("RedirectMessageTo", "facturation")],
    )
    .await;
    let Received { message } = receive(&office, &from_outside("")).await.unwrap();
    assert_eq!(newest(&office, "support", false).await, None);
    let kept = newest(&office, "facturation", false).await.expect("redirected");
    assert_eq!(subject(&kept), "[External] Devis");
    let field = parsed(&kept).first_field("X-Contoso-Class").unwrap().decoded();
    assert_eq!(field, "été");
    let told = events(&office, message).await;
    let rules = told.iter().filter(|(kind, _)| *kind == TraceKind::Rule).count();
    assert_eq!(rules, 3, "two rules and the recipient that was left out: {told:?}");
    let rows = office.app.rows_of_trace(&message.to_string()).await.unwrap();
    let fates: Vec<(&str, &str)> =
        rows.iter().map(|row| (row.recipient.as_str(), row.status.as_str())).collect();
    let expected =
        [("facturation@contoso.com", "Delivered"), ("support@contoso.com", "Redirected")];
    assert_eq!(fates, expected);
}

#[tokio::test]
async fn nobody_is_told_of_a_blind_copy() {
    let office = Office::contoso().await;
    rule(&office, "Copy", &[("SentBy", "support"), ("BlindCopyTo", "archive@fabrikam.com")]).await;
    let sent = submit(&office, "jean.dupont", "jean.dupont@contoso.com", &["x@b.example"]).await;
    let message = sent.unwrap().message;
    let entries = store::queue::of_message(&office.store, message).await.unwrap();
    let told: Vec<(String, &str)> = entries
        .iter()
        .map(|entry| (entry.recipient.to_string(), entry.wishes.notify.as_str()))
        .collect();
    let expected = [("x@b.example".to_owned(), ""), ("archive@fabrikam.com".to_owned(), "never")];
    assert_eq!(told, expected);
    let kept = newest(&office, "jean.dupont", true).await.unwrap();
    assert!(!String::from_utf8_lossy(&kept).contains("archive"));
    // Claire is a member too, Marie owns the team; the administrator is neither.
    submit(&office, "admin", "admin@contoso.com", &["x@b.example"]).await.unwrap();
    let all = store::queue::list(&office.store, None, None, 10).await.unwrap();
    assert_eq!(all.len(), 3);
}

#[tokio::test]
async fn a_watching_rule_only_leaves_a_trace() {
    let office = Office::contoso().await;
    rule(&office, "Watch", &[("RejectMessageReasonText", "no"), ("Mode", "Audit")]).await;
    let Received { message } = receive(&office, &from_outside("")).await.unwrap();
    let told = events(&office, message).await;
    let detail = &told.iter().find(|(kind, _)| *kind == TraceKind::Rule).unwrap().1;
    assert!(detail.contains("\"Audit\"") && detail.contains("rejected"), "{detail}");
}

#[tokio::test]
async fn a_rule_and_a_forwarding_elsewhere_do_not_play_ball() {
    let office = Office::contoso().await;
    rule(&office, "Send on", &[("SentTo", "support"), ("RedirectMessageTo", "x@b.example")]).await;
    let passed = |times| "Received: by mail.contoso.com with SMTP; x\r\n".repeat(times);
    receive(&office, &from_outside(&passed(domain::rules::RULE_PASSES_MAX))).await.unwrap();
    let once_more = from_outside(&passed(domain::rules::RULE_PASSES_MAX + 1));
    let refused = receive(&office, &once_more).await;
    let Err(ReceiveError::Rejected(rejection)) = refused else { panic!("{refused:?}") };
    assert_eq!(rejection.detail, None);
}

#[tokio::test]
async fn a_journal_has_the_message_as_it_was_kept_and_who_got_it() {
    let office = Office::contoso().await;
    office.run(grant("support", "jean.dupont", Right::SendOnBehalf)).await.unwrap();
    rule(&office, "Mark", &[("PrependSubject", "[Team]"), ("BlindCopyTo", "claire.martin")]).await;
    journal(&office, &[("JournalEmailAddress", "facturation"), ("Recipient", "support")]).await;
    let to = ["someone@example.org", "marie.durand@contoso.com"];
    let accepted = submit(&office, "jean.dupont", "support@contoso.com", &to).await.unwrap();
    let report = newest(&office, "facturation", false).await.expect("a report");
    let kept = newest(&office, "jean.dupont", true).await.unwrap();
    let text = String::from_utf8_lossy(&report);
    for line in [
        "X-MS-Journal-Report:\r\n",
        "\r\nSender: jean.dupont@contoso.com\r\nSubject: [Team] Hello\r\n",
        "On-Behalf-Of: support@contoso.com\r\n",
        "To: someone@example.org\r\n",
        "Bcc: marie.durand@contoso.com\r\n",
        "Bcc: claire.martin@contoso.com\r\n",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(text.contains(&*String::from_utf8_lossy(&kept)), "octet for octet");
    let told = events(&office, accepted.message).await;
    assert!(told.iter().any(|(kind, _)| *kind == TraceKind::Journal), "{told:?}");

    // Mail that has nothing to do with the team has no report.
    let off = RuleChanges { is_enabled: Some(false), ..RuleChanges::default() };
    office.run(set("Mark", off)).await.unwrap();
    submit(&office, "admin", "admin@contoso.com", &["x@b.example"]).await.unwrap();
    assert_eq!(newest(&office, "facturation", false).await, Some(report));
}

#[tokio::test]
async fn under_send_as_a_report_does_not_tell_the_person() {
    let office = Office::contoso().await;
    office.run(grant("support", "jean.dupont", Right::SendAs)).await.unwrap();
    journal(&office, &[("JournalEmailAddress", "facturation"), ("Recipient", "jean.dupont")]).await;
    submit(&office, "jean.dupont", "support@contoso.com", &["x@b.example"]).await.unwrap();
    let report = newest(&office, "facturation", false).await.expect("the person counts");
    assert!(!String::from_utf8_lossy(&report).contains("jean"));
}

#[tokio::test]
async fn a_report_is_never_given_up() {
    let office = Office::contoso().await;
    journal(&office, &[("JournalEmailAddress", "archive@fabrikam.com")]).await;
    receive(&office, &from_outside("")).await.unwrap();
    let mut now = NOW;
    for reply in ["550 5.1.1 gone", "421 4.3.0 later"] {
        let claimed = office.app.claim_transmissions("worker", now, 10).await.unwrap();
        assert_eq!(claimed.len(), 1);
        let entry = &claimed[0].entry;
        assert!(entry.is_kept && entry.reverse_path.address().is_none());
        let word = RemoteWord { host: None, text: reply.into(), status: "5.0.0".into() };
        // The second time its lifetime is over.
        let outcome = match reply.starts_with('5') {
            true => Outcome::Failed(word),
            false => Outcome::Deferred(word),
        };
        office.app.report_transmission(entry, &outcome, now).await.unwrap();
        let held = store::queue::show(&office.store, entry.id).await.unwrap().expect("kept");
        assert_eq!(held.state, QueueState::Held);
        assert!(held.last_reply.is_some_and(|said| said.contains(reply)));
        now = now.plus_secs(30 * 24 * 3600);
        office.app.command(&crate::office::LOCAL, &release(entry.id.0), now).await.unwrap();
    }
}

fn release(id: i64) -> Order {
    Order::new(Command::ReleaseQueueEntry(id))
}

#[tokio::test]
async fn a_report_that_comes_back_is_refused_and_no_mark_escapes_the_journal() {
    let office = Office::contoso().await;
    journal(&office, &[("JournalEmailAddress", "archive@fabrikam.com")]).await;
    let mark = |guid: &str| format!("X-Guichet-Journal-Report: {guid}\r\n");
    let ours = from_outside(&mark(&crate::office::seed().guid));
    assert!(matches!(receive(&office, &ours).await, Err(ReceiveError::Loop)));
    let others = from_outside(&mark("99999999-2222-4333-8444-555555555555"));
    let Received { message } = receive(&office, &others).await.unwrap();
    let told = events(&office, message).await;
    assert!(told.iter().any(|(kind, _)| *kind == TraceKind::Journal), "{told:?}");
}

#[tokio::test]
async fn only_administrators_change_rules_and_every_change_is_recorded() {
    let office = Office::contoso().await;
    for login in ["auditor", "jean.dupont", "marie.durand"] {
        let command = new(RuleKind::Transport, "Mine", &[("StopRuleProcessing", "true")]);
        let refused = office.run_as(&office.actor(login), command).await;
        assert!(matches!(refused, Err(CommandError::Denied(Denied::NotEntitled(_)))), "{login}");
    }
    for name in ["a", "b", "c"] {
        rule(&office, name, &[("PrependSubject", name)]).await;
    }
    let first = RuleChanges { priority: Some(0), ..RuleChanges::default() };
    office.run(set("c", first)).await.unwrap();
    let changes = RuleChanges {
        name: Some("B".into()),
        settings: settings(&[("PrependSubject", "[b]"), ("From", "support")]),
        ..RuleChanges::default()
    };
    office.run(set("b", changes)).await.unwrap();
    let off = RuleChanges { is_enabled: Some(false), ..RuleChanges::default() };
    office.run(set("a", off)).await.unwrap();
    office.run(order(RuleKind::Transport, RuleOrder::Remove("a".into()))).await.unwrap();
    let names: Vec<String> = {
        let directory = office.app.directory();
        directory.rules().unwrap().transport.iter().map(|rule| rule.name.clone()).collect()
    };
    assert_eq!(names, ["c", "B"]);
    let records = office.audit().await;
    let told: Vec<(&str, &str)> = records[records.len() - 7..]
        .iter()
        .map(|record| (record.operation.as_str(), record.object.as_str()))
        .collect();
    let expected = [
        ("New-TransportRule", "a"),
        ("New-TransportRule", "b"),
        ("New-TransportRule", "c"),
        ("Set-TransportRule", "c"),
        ("Set-TransportRule", "b"),
        ("Disable-TransportRule", "a"),
        ("Remove-TransportRule", "a"),
    ];
    assert_eq!(told, expected);
    let renamed = &records[records.len() - 3];
    assert_eq!(
        renamed.after.as_deref(),
        Some(r#"{"From":["support@contoso.com"],"Name":"B","PrependSubject":["[b]"]}"#)
    );
}

#[tokio::test]
async fn names_are_unique_and_rules_are_limited() {
    let office = Office::contoso().await;
    rule(&office, "First", &[("PrependSubject", "x")]).await;
    let command = new(RuleKind::Transport, "FIRST", &[("PrependSubject", "x")]);
    assert!(matches!(office.run(command).await, Err(CommandError::AlreadyExists { .. })));
    for name in [String::new(), "x".repeat(65)] {
        let command = new(RuleKind::Transport, &name, &[("PrependSubject", "x")]);
        assert!(matches!(office.run(command).await, Err(CommandError::Invalid { .. })));
    }
    fill_up(&office, RULES_MAX - 1).await;
    rule(&office, &"x".repeat(64), &[("PrependSubject", "x")]).await;
    let command = new(RuleKind::Transport, "One more", &[("PrependSubject", "x")]);
    assert!(matches!(office.run(command).await, Err(CommandError::InTheWay(_))));
    // Those of the other kind are counted for themselves.
    journal(&office, &[("JournalEmailAddress", "facturation")]).await;
    receive(&office, &from_outside("")).await.unwrap();
}

/// Copies the first rule until there are as many.
async fn fill_up(office: &Office, count: usize) {
    let (version, first) = {
        let directory = office.app.directory();
        (directory.version(), directory.rules().unwrap().transport[0].clone())
    };
    let mut set = store::WriteSet::new();
    store::directory::change(&mut set, version);
    for place in 1..count {
        let mut copy = first.clone();
        copy.id = domain::RuleId(office.store.next_id().await.unwrap());
        copy.guid = office.app.new_guid();
        copy.name = format!("rule {place}");
        store::rule::put(&mut set, &copy, place).unwrap();
    }
    office.store.commit(set).await.unwrap();
    office.app.refresh_directory().await.unwrap();
}

#[tokio::test]
async fn two_administrators_at_one_rule_lose_nothing() {
    let office = Office::contoso().await;
    rule(&office, "Mark", &[("PrependSubject", "x")]).await;
    let seen = app::read::rule_version(&office.app.directory(), RuleKind::Transport, "mark");
    let change = |text: &str| RuleChanges {
        settings: settings(&[("PrependSubject", text)]),
        ..RuleChanges::default()
    };
    let order = |text: &str| Order {
        expected_object_version: seen.clone(),
        ..Order::new(set("Mark", change(text)))
    };
    let carry_out =
        async |text: &str| office.app.command(&crate::office::LOCAL, &order(text), NOW).await;
    carry_out("y").await.unwrap();
    let late = carry_out("z").await;
    assert!(matches!(late, Err(CommandError::ObjectChangedMeanwhile(_))), "{late:?}");
}

#[tokio::test]
async fn nobody_to_whom_a_rule_sends_mail_is_removed() {
    let office = Office::contoso().await;
    rule(&office, "Copy", &[("BlindCopyTo", "claire.martin")]).await;
    journal(&office, &[("JournalEmailAddress", "facturation")]).await;
    for (who, by) in [("claire.martin", "Copy"), ("facturation", "Journal")] {
        let refused = office.run(Command::Remove(who.into())).await;
        let Err(CommandError::InTheWay(why)) = refused else { panic!("{refused:?}") };
        assert!(why.contains(by), "{why}");
    }
    let gone = order(RuleKind::Journal, RuleOrder::Remove("journal".into()));
    office.run(gone).await.unwrap();
    office.run(Command::Remove("facturation".into())).await.unwrap();
}

#[tokio::test]
async fn the_dry_run_says_what_acceptance_does() {
    let office = Office::contoso().await;
    rule(&office, "Team", &[("SentAs", "support"), ("BlindCopyTo", "claire.martin")]).await;
    rule(&office, "Outside", &[("FromScope", "NotInOrganization"), ("PrependSubject", "x")]).await;
    journal(&office, &[("JournalEmailAddress", "facturation"), ("Scope", "External")]).await;
    let mail = RehearsedMail {
        by: "jean.dupont".into(),
        from: "support".into(),
        to: vec!["x@b.example".into()],
        ..RehearsedMail::default()
    };
    let refused = office.app.rehearse(&mail, NOW).unwrap();
    assert!(refused.denied.is_some() && refused.verdict.outcomes.is_empty());
    office.run(grant("support", "jean.dupont", Right::SendAs)).await.unwrap();
    let found = office.app.rehearse(&mail, NOW).unwrap();
    assert_eq!(found.recipients, ["x@b.example", "claire.martin@contoso.com"]);
    assert!(matches!(found.verdict.outcomes[0].result, RuleResult::Acted(_)));
    let decisive = found.decisive[1].clone().expect("the condition is told");
    assert_eq!(decisive, ("FromScope".into(), vec!["NotInOrganization".into()]));
    assert_eq!(found.journal, [("facturation@contoso.com".into(), vec!["Journal".into()])]);
    let nowhere = RehearsedMail { from: "jean.dupont".into(), ..RehearsedMail::default() };
    assert!(office.app.rehearse(&nowhere, NOW).is_err());
}

fn any_settings() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let condition = prop::sample::select(vec![
        ("FromScope", "InOrganization"),
        ("From", "support|jean.dupont"),
        ("SentAs", "support"),
        ("SentBy", "jean.dupont"),
        ("SentTo", "x@b.example"),
        ("ExceptIfSubjectContainsWords", "Hello"),
        ("SenderAddressLocation", "HeaderOrEnvelope"),
        ("Mode", "Audit"),
    ]);
    let action = prop::sample::select(vec![
        ("RedirectMessageTo", "jean.dupont|y@b.example"),
        ("BlindCopyTo", "support"),
        ("AddToRecipients", "marie.durand"),
        ("PrependSubject", "[x]"),
        ("SetHeaderName", "X-Sender-Checked"),
        ("RemoveHeader", "X-A"),
        ("StopRuleProcessing", "true"),
    ]);
    let lists = (prop::collection::vec(condition, 0..3), prop::collection::vec(action, 1..4));
    lists.prop_map(|(mut all, actions)| {
        all.extend(actions);
        if all.iter().any(|(name, _)| *name == "SetHeaderName") {
            all.push(("SetHeaderValue", "yes"));
        }
        all
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever the rules say: who is refused without them is refused with them, and who is
    /// accepted leaves under the author that was judged.
    #[test]
    fn no_rules_make_a_refused_sender_accepted(
        rules in prop::collection::vec(any_settings(), 0..4),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let outcome: Result<(), TestCaseError> = runtime.block_on(async {
            let office = Office::contoso().await;
            for (number, list) in rules.iter().enumerate() {
                rule(&office, &format!("rule {number}"), list).await;
            }
            let to = ["x@b.example"];
            for from in ["support@contoso.com", "x@elsewhere.example", "nobody@contoso.com"] {
                let refused = submit(&office, "jean.dupont", from, &to).await;
                prop_assert!(matches!(refused, Err(SubmitError::Denied(_))), "{:?}", refused);
            }
            let mut forged = from_outside("");
            forged.message = Bytes::from_static(b"From: support@contoso.com\r\n\r\nx\r\n");
            let refused = receive(&office, &forged).await;
            prop_assert!(matches!(refused, Err(ReceiveError::OwnDomain(_))), "{:?}", refused);
            prop_assert!(store::queue::count(&office.store).await.unwrap().is_empty());

            office.run(grant("support", "jean.dupont", Right::SendOnBehalf)).await.unwrap();
            submit(&office, "jean.dupont", "support@contoso.com", &to).await.unwrap();
            let kept = newest(&office, "support", true).await.expect("sent");
            let message = parsed(&kept);
            let value = |name: &str| message.first_field(name).unwrap().decoded();
            prop_assert_eq!(value("From"), "Support <support@contoso.com>");
            prop_assert_eq!(value("Sender"), "Jean Dupont <jean.dupont@contoso.com>");
            prop_assert_eq!(message.count_fields("From"), 1);
            Ok(())
        });
        outcome?;
    }
}

#[tokio::test]
async fn a_rule_is_in_force_only_within_its_dates() {
    let office = Office::contoso().await;
    rule(
        &office,
        "Closed",
        &[
            ("RejectMessageReasonText", "closed"),
            ("ActivationDate", "2026-09-21"),
            ("ExpiryDate", "2026-09-22T12:00:00+02:00"),
        ],
    )
    .await;
    let at = |text: &str| Timestamp(chrono_ms(text));
    for (instant, is_refused) in [
        ("2026-09-20T23:59:59Z", false),
        ("2026-09-21T00:00:00Z", true),
        ("2026-09-22T09:59:59Z", true),
        ("2026-09-22T10:00:00Z", false),
    ] {
        let taken = office.app.receive(&from_outside(""), at(instant)).await;
        assert_eq!(taken.is_err(), is_refused, "{instant}");
    }
}

/// Milliseconds of an instant of September 2026, in UTC.
fn chrono_ms(text: &str) -> i64 {
    // 2026-09-01T00:00:00Z.
    const SEPTEMBER: i64 = 1_788_220_800;
    let number = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
    let days = number(8..10) - 1;
    (SEPTEMBER + days * 86_400 + number(11..13) * 3600 + number(14..16) * 60 + number(17..19))
        * 1000
}
