//! What diagnosis says for the causes that administrators meet.

use app::command::{Command, GrantOrder, Order, RecipientChanges, RevokeOrder};
use app::read::diagnose::{Circumstances, Diagnosis, DnsFact, DnsStatus, Question};
use domain::{Language, Right, SendMode, Timestamp};
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
    let sign_in = diagnosis.findings.iter().find(|finding| finding.name == "SignIn").unwrap();
    assert_eq!(sign_in.passed, Some(true));
}

/// In the other language, with all that DNS can say.
async fn diagnose_in(
    office: &Office,
    language: Language,
    (login, from): (&str, &str),
) -> Diagnosis {
    let question = Question {
        user: office.find(login).id,
        from: Address::parse(from).unwrap(),
        to: Some(Address::parse("nobody@contoso.com").unwrap()),
    };
    let dns =
        [("SPF", DnsStatus::Found), ("DKIM", DnsStatus::Differs), ("DMARC", DnsStatus::Missing)]
            .map(|(purpose, status)| DnsFact { purpose, status });
    let given = Circumstances { language, dns: dns.to_vec() };
    office.app.diagnose_in(&question, &given, NOW).await.unwrap()
}

#[tokio::test]
async fn both_languages_say_everything() {
    let office = Office::contoso().await;
    office.run(grant("support", "claire.martin", Right::SendAs)).await.unwrap();
    for asked in [
        ("jean.dupont", "support@contoso.com"),
        ("claire.martin", "aide@contoso.com"),
        ("jean.dupont", "jean.dupont@contoso.com"),
        ("jean.dupont", "suport@contoso.com"),
        ("jean.dupont", "boss@elsewhere.org"),
        ("jean.dupont", "incidents.support@contoso.com"),
        ("jean.dupont", "customer@fabrikam.com"),
        ("support", "support@contoso.com"),
    ] {
        let english = diagnose_in(&office, Language::English, asked).await;
        let french = diagnose_in(&office, Language::French, asked).await;
        assert_ne!(english.verdict, french.verdict, "{asked:?}");
        assert_eq!(english.fixes, french.fixes, "{asked:?}");
        assert_eq!(english.findings.len(), french.findings.len(), "{asked:?}");
        for (one, other) in english.findings.iter().zip(&french.findings) {
            let codes = |f: &app::read::diagnose::Finding| (f.name, f.passed, f.fix.clone());
            assert_eq!(codes(one), codes(other));
            assert_ne!(one.text, other.text, "{}", one.name);
            let is_mended = one.passed != Some(false) || one.fix.is_some();
            assert!(is_mended, "{} of {asked:?} has no command: {}", one.name, one.text);
        }
    }
}

#[tokio::test]
async fn the_surroundings_are_looked_at() {
    let office = Office::contoso().await;
    let contact = app::command::NewContact {
        display_name: "Support".into(),
        external_address: "support@old.example".into(),
        ..Default::default()
    };
    office.run(Command::CreateContact(contact)).await.unwrap();
    let refused = office
        .app
        .may_use_reverse_path(
            office.find("jean.dupont").id,
            &mail::ReversePath::Address(Address::parse("support@contoso.com").unwrap()),
            NOW,
        )
        .await;
    assert!(refused.is_err());
    let asked = ("jean.dupont", "support@contoso.com");
    let diagnosis = diagnose_in(&office, Language::English, asked).await;
    let find = |name: &str| diagnosis.findings.iter().find(|f| f.name == name).expect(name);
    assert_eq!(find("SpfRecord").passed, Some(true));
    assert_eq!(find("DkimRecord").passed, Some(false));
    assert_eq!(
        find("DmarcRecord").fix.as_deref(),
        Some("guichet dns --domain contoso.com --check")
    );
    let shadowing = find("ContactShadowing");
    assert_eq!(shadowing.fix.as_deref(), Some("guichet contact delete support@old.example"));
    assert!(find("LastRefusal").text.contains("guichet diagnose --ref G"), "{diagnosis:?}");
    assert_eq!(find("Queue").passed, Some(true));
    for name in ["ClientOutlook", "ClientThunderbird", "ClientAppleMail"] {
        assert!(find(name).text.contains("support@contoso.com"));
    }
}

#[tokio::test]
async fn a_held_right_is_told_with_its_story() {
    let office = Office::contoso().await;
    let give = Command::Grant(GrantOrder {
        recipient: "facturation".into(),
        trustee: "support".into(),
        right: Right::SendAs,
        until_at: Some(NOW.plus_secs(86_400)),
    });
    let order = Order::new(give).because(Some("invoices".into()));
    office.app.command(&LOCAL, &order, NOW).await.unwrap();
    let diagnosis = diagnose(&office, "jean.dupont", "facturation@contoso.com").await;
    let told = text(&diagnosis, "SendAs");
    for part in ["through the group Support", "local administrator", "until 2026-", "invoices"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}
