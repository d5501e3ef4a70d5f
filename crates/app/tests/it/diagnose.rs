//! What diagnosis says for the causes that administrators meet.

use app::command::{Command, GrantOrder, Order, RecipientChanges, RevokeOrder};
use app::read::diagnose::{Diagnosis, Question};
use domain::{Right, SendMode, Timestamp};
use mail::Address;

use crate::office::{LOCAL, NOW, Office, PEER, grant};

async fn diagnose(office: &Office, login: &str, from: &str) -> Diagnosis {
    diagnose_at(office, (login, from, None), NOW).await
}

async fn diagnose_at(
    office: &Office,
    (login, from, to): (&str, &str, Option<&str>),
    now: Timestamp,
) -> Diagnosis {
    let question = Question {
        user: office.find(login).id,
        from: Address::parse(from).unwrap(),
        to: to.map(|to| Address::parse(to).unwrap()),
    };
    office.app.diagnose(&question, now).await.unwrap()
}

fn text<'a>(diagnosis: &'a Diagnosis, name: &str) -> &'a str {
    let found = diagnosis.findings.iter().find(|finding| finding.name == name);
    &found.unwrap_or_else(|| panic!("no {name} in {diagnosis:?}")).text
}

#[tokio::test]
async fn no_right() {
    let office = Office::contoso().await;
    let diagnosis = diagnose(&office, "jean.dupont", "support@contoso.com").await;
    assert!(!diagnosis.is_allowed);
    assert_eq!(diagnosis.cause, Some("NoRight"));
    assert_eq!(
        diagnosis.verdict,
        "No: jean.dupont@contoso.com holds neither Send As nor Send on behalf on Support."
    );
    assert_eq!(
        diagnosis.fixes[0],
        "guichet grant send-as support@contoso.com jean.dupont@contoso.com"
    );
    assert_eq!(diagnosis.granters, ["marie.durand@contoso.com", "admin@contoso.com"]);
    assert!(text(&diagnosis, "Membership").contains("gives no right to send"));
    // What it says would mend it does.
    office.run(grant("support", "jean.dupont", Right::SendAs)).await.unwrap();
    let mended = diagnose(&office, "jean.dupont", "support@contoso.com").await;
    assert_eq!((mended.is_allowed, mended.mode), (true, Some(SendMode::SendAs)));
    assert_eq!(mended.writes.unwrap().from, "Support <support@contoso.com>");
}

#[tokio::test]
async fn an_ended_and_a_revoked_right() {
    let office = Office::contoso().await;
    let until_at = Some(NOW.plus_secs(60));
    let give = Command::Grant(GrantOrder {
        recipient: "support".into(),
        trustee: "jean.dupont".into(),
        right: Right::SendAs,
        until_at,
    });
    office.run(give).await.unwrap();
    let asked = ("jean.dupont", "support@contoso.com", None);
    let ended = diagnose_at(&office, asked, NOW.plus_secs(60)).await;
    assert_eq!(ended.cause, Some("Expired"));
    assert!(text(&ended, "RightEnded").contains("ended at 2026-"), "{ended:?}");
    let take = Command::Revoke(RevokeOrder {
        recipient: "support".into(),
        trustee: "jean.dupont".into(),
        right: Right::SendAs,
    });
    let order = Order::new(take).because(Some("left the team".into()));
    office.app.command(&office.actor("marie.durand"), &order, NOW).await.unwrap();
    let revoked = diagnose(&office, "jean.dupont", "support@contoso.com").await;
    assert_eq!(revoked.cause, Some("Revoked"));
    let sentence = text(&revoked, "RightRevoked");
    assert!(sentence.contains("by marie.durand@contoso.com"), "{sentence}");
    assert!(sentence.contains("left the team"), "{sentence}");
}

#[tokio::test]
async fn an_unknown_author_and_one_elsewhere() {
    let office = Office::contoso().await;
    let unknown = diagnose(&office, "jean.dupont", "suport@contoso.com").await;
    assert_eq!(unknown.cause, Some("AuthorUnknown"));
    assert!(text(&unknown, "NearestAddress").contains("support@contoso.com"));
    assert!(unknown.fixes[0].ends_with("--from support@contoso.com"), "{:?}", unknown.fixes);
    let elsewhere = diagnose(&office, "jean.dupont", "boss@elsewhere.org").await;
    assert_eq!(elsewhere.cause, Some("AuthorElsewhere"));
    assert_eq!(elsewhere.fixes, ["guichet identities jean.dupont@contoso.com", PASSWORD_FIX]);
}

/// Jean has no password in these tests, which diagnosis does not fail to say.
const PASSWORD_FIX: &str = "guichet user set jean.dupont@contoso.com --password-file -";

#[tokio::test]
async fn a_channel_and_a_contact() {
    let office = Office::contoso().await;
    let channel = diagnose(&office, "jean.dupont", "incidents.support@contoso.com").await;
    assert_eq!(channel.cause, Some("ReceiveOnly"));
    assert!(channel.fixes[0].ends_with("--from support@contoso.com"), "{:?}", channel.fixes);
    let contact = diagnose(&office, "jean.dupont", "customer@fabrikam.com").await;
    assert_eq!(contact.cause, Some("AuthorIsContact"));
}

#[tokio::test]
async fn a_disabled_account() {
    let office = Office::contoso().await;
    let changes = RecipientChanges { is_disabled: Some(true), ..Default::default() };
    let off = Command::Set { identity: "jean.dupont".into(), changes: Box::new(changes) };
    office.run(off).await.unwrap();
    let diagnosis = diagnose(&office, "jean.dupont", "jean.dupont@contoso.com").await;
    assert_eq!(diagnosis.cause, Some("AccountDisabled"));
    assert_eq!(diagnosis.fixes[0], "guichet user set jean.dupont@contoso.com --enable");
}

#[tokio::test]
async fn settings_that_do_not_matter_are_said_not_to() {
    let office = Office::contoso().await;
    let changes = RecipientChanges {
        requires_sender_authentication: Some(true),
        is_hidden: Some(true),
        ..Default::default()
    };
    let set = Command::Set { identity: "support".into(), changes: Box::new(changes) };
    office.run(set).await.unwrap();
    office.run(grant("support", "jean.dupont", Right::SendOnBehalf)).await.unwrap();
    let diagnosis = diagnose(&office, "jean.dupont", "aide@contoso.com").await;
    assert!(diagnosis.is_allowed);
    assert!(text(&diagnosis, "RequireSenderAuthentication").contains("about receiving only"));
    assert!(text(&diagnosis, "HiddenFromAddressLists").contains("no effect"));
    assert!(text(&diagnosis, "AliasAsAuthor").contains("support@contoso.com"));
    let writes = diagnosis.writes.unwrap();
    assert_eq!(writes.from, "Support <support@contoso.com>");
    assert_eq!(writes.sender.as_deref(), Some("Jean Dupont <jean.dupont@contoso.com>"));
    assert_eq!(writes.reverse_path, "jean.dupont@contoso.com");
}

#[tokio::test]
async fn a_right_through_a_group_and_a_recipient() {
    let office = Office::contoso().await;
    office.run(grant("facturation", "support", Right::SendAs)).await.unwrap();
    let asked = ("jean.dupont", "facturation@contoso.com", Some("nobody@contoso.com"));
    let diagnosis = diagnose_at(&office, asked, NOW).await;
    assert!(diagnosis.is_allowed);
    assert!(text(&diagnosis, "SendAs").contains("through the group Support"));
    assert!(text(&diagnosis, "Recipient").contains("Nobody has the address"));
}

#[tokio::test]
async fn failed_sign_ins_are_seen() {
    let office = Office::contoso().await;
    for _ in 0..7 {
        let _ = office.app.sign_in("jean.dupont@contoso.com", "wrong", PEER, NOW).await;
    }
    let diagnosis = diagnose(&office, "jean.dupont", "jean.dupont@contoso.com").await;
    assert!(text(&diagnosis, "SignIn").contains("further ones are refused until"));
    let fix = "guichet throttle clear jean.dupont@contoso.com".to_owned();
    assert!(diagnosis.fixes.contains(&fix), "{:?}", diagnosis.fixes);
    let clear = Command::ClearThrottle("jean.dupont@contoso.com".into());
    office.app.command(&LOCAL, &Order::new(clear), NOW).await.unwrap();
    let diagnosis = diagnose(&office, "jean.dupont", "jean.dupont@contoso.com").await;
    assert!(diagnosis.findings.iter().all(|finding| finding.name != "SignIn"));
}
