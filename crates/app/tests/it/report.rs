//! The report on rights to send: its rows, its forms, its mail.

use app::command::{Command, GrantOrder, Order, OrganizationChanges};
use app::envelope::{Envelope, EnvelopeRecipient};
use app::report::{Format, Part, Period, ReportOrder};
use app::submit::Submission;
use domain::{Language, ReportSchedule, Right, Timestamp};
use mail::{Address, ReversePath};

use crate::office::{LOCAL, NOW, Office, grant};

const DAY_SECS: i64 = 86_400;

fn order(format: Format, language: Language) -> ReportOrder {
    ReportOrder { format, language, unused_days: 90, recipients: None }
}

fn submission(office: &Office, login: &str, from: &str) -> Submission {
    let address = Address::parse(from).unwrap();
    let envelope = Envelope {
        reverse_path: ReversePath::Address(address),
        recipients: vec![EnvelopeRecipient::new(
            Address::parse("marie.durand@contoso.com").unwrap(),
        )],
        envelope_id: None,
    };
    Submission {
        actor: office.find(login).id,
        envelope,
        message: format!("From: {from}\r\nSubject: x\r\n\r\ntext\r\n").into(),
        with: mail::Protocol::Esmtpsa,
        client: "test".into(),
    }
}

async fn send(office: &Office, login: &str, from: &str, now: Timestamp) {
    office.app.submit(submission(office, login, from), now).await.unwrap();
}

async fn rows(office: &Office, now: Timestamp) -> Vec<serde_json::Value> {
    let whole = office.app.report(&order(Format::Json, Language::English), now).await.unwrap();
    serde_json::from_str(&whole.text).unwrap()
}

/// Support: Claire directly, Jean through the group Support itself, one right that ends.
async fn with_rights() -> Office {
    let office = Office::contoso().await;
    let why = Order::new(grant("support", "claire.martin", Right::SendAs))
        .because(Some("=HYPERLINK(\"x\"), \"cover\"".into()));
    office.app.command(&LOCAL, &why, NOW).await.unwrap();
    office.run(grant("facturation", "support", Right::SendOnBehalf)).await.unwrap();
    let ends = Command::Grant(GrantOrder {
        recipient: "support".into(),
        trustee: "marie.durand".into(),
        right: Right::SendOnBehalf,
        until_at: Some(NOW.plus_secs(DAY_SECS)),
    });
    office.run(ends).await.unwrap();
    office.run(grant("support", "jean.dupont", Right::FullAccess)).await.unwrap();
    office
}

#[tokio::test]
async fn rights_are_reported_with_their_last_use() {
    let office = with_rights().await;
    let used_at = NOW.plus_secs(61);
    send(&office, "claire.martin", "support@contoso.com", used_at).await;
    send(&office, "jean.dupont", "facturation@contoso.com", used_at).await;
    let later = NOW.plus_secs(90 * DAY_SECS);
    for is_written in [false, true] {
        if is_written {
            office.app.write_last_uses().await.unwrap();
        }
        let rows = rows(&office, later).await;
        let find = |recipient: &str, holder: &str| {
            let found = rows.iter().find(|row| {
                row["Recipient"] == format!("{recipient}@contoso.com")
                    && row["Holder"] == format!("{holder}@contoso.com")
            });
            found.unwrap_or_else(|| panic!("{recipient} {holder} in {rows:#?}"))
        };
        let minute = "2026-09-21T14:14:00Z";
        assert_eq!(find("support", "claire.martin")["LastUsedUTC"], minute);
        assert_eq!(find("support", "claire.martin")["IsUnused"], false);
        assert_eq!(find("support", "marie.durand")["State"], "Ended");
        let group = find("facturation", "support");
        assert_eq!(group["LastUsedUTC"], minute, "somebody in it used it");
        let jean = find("facturation", "jean.dupont");
        assert_eq!(jean["LastUsedUTC"], minute);
        assert_eq!(jean["Via"], serde_json::json!(["support@contoso.com"]));
        let claire = find("facturation", "claire.martin");
        assert_eq!(
            (&claire["LastUsedUTC"], &claire["IsUnused"]),
            (&serde_json::Value::Null, &true.into())
        );
        assert_eq!(rows.len(), 6, "Full Access is no right to send");
    }
}

#[tokio::test]
async fn a_right_is_unused_from_the_ninetieth_day_on() {
    let office = Office::contoso().await;
    office.run(grant("support", "claire.martin", Right::SendAs)).await.unwrap();
    let at = |secs| NOW.plus_secs(secs);
    assert_eq!(rows(&office, at(90 * DAY_SECS - 1)).await[0]["IsUnused"], false);
    assert_eq!(rows(&office, at(90 * DAY_SECS)).await[0]["IsUnused"], true);
}

#[tokio::test]
async fn forms_are_safe_and_whole() {
    let office = with_rights().await;
    let csv = office.app.report(&order(Format::Csv, Language::French), NOW).await.unwrap();
    let lines: Vec<&str> = csv.text.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 7, "{}", csv.text);
    assert!(csv.text.contains("\"'=HYPERLINK(\"\"x\"\"), \"\"cover\"\"\""), "{}", csv.text);
    assert_eq!(csv.summary.rights, 3);
    let html = office.app.report(&order(Format::Html, Language::French), NOW).await.unwrap();
    assert!(html.text.starts_with("<!DOCTYPE html>\n<html lang=\"fr\">"), "{}", html.text);
    assert!(html.text.contains("Envoyer en tant que"), "{}", html.text);
    assert!(html.text.contains("=HYPERLINK(&quot;x&quot;)"), "{}", html.text);
    assert!(html.text.contains("@page{size:A4 landscape"), "it prints on A4");
    assert!(!html.text.contains("http"), "nothing is loaded from anywhere");
    assert!(html.text.ends_with("</body></html>\n"));
    let english = office.app.report(&order(Format::Html, Language::English), NOW).await.unwrap();
    assert!(english.text.contains(">Last used</th>"), "{}", english.text);
}

/// The inbox of a person, as texts.
async fn inbox(office: &Office, login: &str) -> Vec<String> {
    let folder = office.find(login).folders.unwrap().inbox;
    let placed = store::message::list(&office.store, folder, 0, 100).await.unwrap();
    let mut texts = Vec::new();
    for placement in placed {
        let content = store::message::content(&office.store, placement.message.id).await.unwrap();
        texts.push(String::from_utf8(content.unwrap().to_vec()).unwrap());
    }
    texts
}

#[tokio::test]
async fn each_month_brings_one_mail_to_owners_and_auditors() {
    let office = with_rights().await;
    assert_eq!(office.app.send_due_reports(NOW).await.unwrap(), 0, "it is off by default");
    let changes = OrganizationChanges {
        report_schedule: Some(ReportSchedule::Monthly),
        language: Some(Language::French),
        ..OrganizationChanges::default()
    };
    office.run(Command::SetOrganization(changes)).await.unwrap();
    assert_eq!(office.app.send_due_reports(NOW).await.unwrap(), 2, "the owner and the auditor");
    assert_eq!(office.app.send_due_reports(NOW.plus_secs(DAY_SECS)).await.unwrap(), 0);
    let next_month = NOW.plus_secs(31 * DAY_SECS);
    assert_eq!(office.app.send_due_reports(next_month).await.unwrap(), 2);
    let of_owner = inbox(&office, "marie.durand").await;
    assert_eq!(of_owner.len(), 2);
    let mail = mail::Message::parse(of_owner[0].clone().into()).unwrap();
    let field = |name: &str| mail.first_field(name).unwrap().decoded();
    assert_eq!(field("Subject"), "Droits d’envoi au nom des équipes et des personnes – 2026-09");
    assert_eq!(field("From"), "postmaster@contoso.com");
    assert_eq!(field("Auto-Submitted"), "auto-generated");
    assert_eq!(inbox(&office, "auditor").await.len(), 2);
    assert_eq!(inbox(&office, "jean.dupont").await.len(), 0);
}

#[tokio::test]
async fn an_owner_hears_of_nothing_but_the_own_groups() {
    let office = with_rights().await;
    let mut order = order(Format::Csv, Language::English);
    order.recipients = Some([office.find("support").id].into());
    let Part { text, next, .. } = office.app.report_part(&order, None, NOW).await.unwrap();
    assert_eq!(next, None);
    assert!(text.contains("support@contoso.com") && !text.contains("facturation"), "{text}");
}

#[tokio::test]
async fn days_that_are_over_are_counted_once_and_today_each_time() {
    let office = with_rights().await;
    let claire = "claire.martin";
    send(&office, claire, "support@contoso.com", NOW).await;
    let sent = async |now: Timestamp| {
        let report = office.app.volume_report(Period::ending(now, 4), None).await.unwrap();
        let support = report.teams.iter().find(|team| team.address == "support@contoso.com");
        support.unwrap().days.iter().map(|day| day.sent).collect::<Vec<_>>()
    };
    assert_eq!(sent(NOW).await, [0, 0, 0, 1]);
    send(&office, claire, "support@contoso.com", NOW).await;
    assert_eq!(sent(NOW).await, [0, 0, 0, 2], "today is counted anew");
    for days in [1, 2, 3] {
        let mut expected = [0; 4];
        expected[3 - days] = 2;
        let later = NOW.plus_secs(i64::try_from(days).unwrap() * DAY_SECS);
        assert_eq!(sent(later).await, expected);
        assert_eq!(sent(later).await, expected, "the same again");
    }
}

#[tokio::test]
async fn refusals_are_counted_by_reason_and_for_the_teams_asked_for() {
    let office = with_rights().await;
    let refused = async |login: &str, from: &str| {
        office.app.submit(submission(&office, login, from), NOW).await.unwrap_err();
    };
    refused("jean.dupont", "support@contoso.com").await;
    refused("jean.dupont", "aide@contoso.com").await;
    refused("jean.dupont", "support@contoso.com").await;
    refused("claire.martin", "nobody@contoso.com").await;
    let report = office.app.refusal_report(Period::ending(NOW, 2), None).await.unwrap();
    let expected = [("no_right".to_owned(), vec![0, 3]), ("author_unknown".to_owned(), vec![0, 1])];
    assert_eq!(report.reasons(), expected);
    let cases = report.cases();
    assert_eq!((cases[0].author.as_str(), cases[0].count), ("support@contoso.com", 2));
    let only = std::collections::HashSet::from([office.find("support").id]);
    let report = office.app.refusal_report(Period::ending(NOW, 1), Some(&only)).await.unwrap();
    assert_eq!(report.reasons(), [("no_right".to_owned(), vec![3])]);
}
