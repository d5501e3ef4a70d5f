//! Mail from other servers, on a real store.

use std::net::{IpAddr, Ipv4Addr};

use app::command::{Command, Link, LinkOrder, RecipientChanges};
use app::receive::{AuthenticationFacts, ReceiveError, Received, Reception};
use bytes::Bytes;
use domain::routing::RecipientRefusal;
use mail::{Domain, Protocol};

use crate::office::{NOW, Office};
use crate::sending::{envelope, message, newest};

pub(crate) fn reception(from: &str, header_from: &str, to: &[&str]) -> Reception {
    Reception {
        envelope: envelope(from, to),
        message: message(header_from),
        peer: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 25)),
        helo: "mail.fabrikam.com".to_owned(),
        with: Protocol::Esmtp,
        tls: None,
        facts: AuthenticationFacts::default(),
    }
}

pub(crate) const CUSTOMER: &str = "customer@fabrikam.com";

pub(crate) async fn receive(
    office: &Office,
    reception: &Reception,
) -> Result<Received, ReceiveError> {
    office.app.receive(reception, NOW).await
}

#[tokio::test]
async fn mail_from_outside_reaches_the_group_with_our_trace_on_top() {
    let office = Office::contoso().await;
    let mail = reception(CUSTOMER, CUSTOMER, &["aide@contoso.com"]);
    receive(&office, &mail).await.unwrap();
    let kept = newest(&office, "support", false).await.expect("delivered");
    let text = String::from_utf8_lossy(&kept);
    assert!(text.starts_with("Return-Path: <customer@fabrikam.com>\r\nReceived: from"), "{text}");
    assert!(text.contains("for <aide@contoso.com>"), "{text}");
    assert!(kept.ends_with(&message(CUSTOMER)));
}

#[tokio::test]
async fn nobody_outside_writes_in_our_name_without_proof() {
    let office = Office::contoso().await;
    for (path, from) in [
        (CUSTOMER, "support@contoso.com"),
        (CUSTOMER, "\"support@contoso.com\" <x@evil.example>"),
        ("jean.dupont@contoso.com", CUSTOMER),
        (CUSTOMER, "a@evil.example, support@contoso.com"),
        (CUSTOMER, "=?utf-8?q?support=40contoso.com?= <support@contoso.com"),
    ] {
        let refused = receive(&office, &reception(path, from, &["support@contoso.com"])).await;
        let is_refused =
            matches!(refused, Err(ReceiveError::OwnDomain(_) | ReceiveError::Author(_)));
        assert!(is_refused, "{path} {from}: {refused:?}");
    }
    assert_eq!(newest(&office, "support", false).await, None);
}

#[tokio::test]
async fn our_own_mail_that_comes_back_with_proof_is_taken() {
    let office = Office::contoso().await;
    let mut mail = reception(CUSTOMER, "jean.dupont@contoso.com", &["support@contoso.com"]);
    mail.facts.dkim_passed = vec![Domain::parse("contoso.com").unwrap()];
    receive(&office, &mail).await.unwrap();
    mail.facts.dkim_passed = vec![Domain::parse("evilcontoso.com").unwrap()];
    assert!(receive(&office, &mail).await.is_err());
}

#[tokio::test]
async fn an_unreadable_author_is_taken_only_where_it_cannot_be_ours() {
    let office = Office::contoso().await;
    let to = ["support@contoso.com"];
    receive(&office, &reception("", "undisclosed: ;", &to)).await.unwrap();
    let ours = receive(&office, &reception("", "x: support@contoso.com;", &to)).await;
    assert!(matches!(ours, Err(ReceiveError::Author(_))), "{ours:?}");
    let mut twice = reception(CUSTOMER, CUSTOMER, &to);
    twice.message = Bytes::from("From: a@b.example\r\nFrom: c@d.example\r\n\r\n\r\n");
    assert!(matches!(receive(&office, &twice).await, Err(ReceiveError::Author(_))));
}

#[tokio::test]
async fn a_published_policy_to_reject_counts() {
    let office = Office::contoso().await;
    let mut mail = reception(CUSTOMER, CUSTOMER, &["support@contoso.com"]);
    mail.facts.dmarc_rejects = true;
    assert!(matches!(receive(&office, &mail).await, Err(ReceiveError::DmarcRejects(_))));
    mail.facts.dmarc_rejects = false;
    receive(&office, &mail).await.unwrap();
}

#[tokio::test]
async fn results_that_claim_to_be_ours_are_removed() {
    let office = Office::contoso().await;
    let mut mail = reception(CUSTOMER, CUSTOMER, &["support@contoso.com"]);
    mail.message = Bytes::from(format!(
        "Authentication-Results: Mail.Contoso.com; dkim=pass\r\n\
         Authentication-Results: mx.other.example; dkim=pass\r\nFrom: {CUSTOMER}\r\n\r\nHi\r\n"
    ));
    mail.facts.results = Some("mail.contoso.com; spf=none".to_owned());
    receive(&office, &mail).await.unwrap();
    let kept = newest(&office, "support", false).await.expect("delivered");
    let text = String::from_utf8_lossy(&kept);
    assert_eq!(text.matches("Authentication-Results:").count(), 2, "{text}");
    assert!(text.contains("Authentication-Results: mail.contoso.com; spf=none"), "{text}");
    assert!(text.contains("mx.other.example"), "{text}");
}

#[tokio::test]
async fn loops_end() {
    let office = Office::contoso().await;
    let mut mail = reception(CUSTOMER, CUSTOMER, &["support@contoso.com"]);
    let hop = "Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\r\n";
    let with_hops =
        |count: usize| Bytes::from(format!("{}From: {CUSTOMER}\r\n\r\n", hop.repeat(count)));
    mail.message = with_hops(100);
    receive(&office, &mail).await.unwrap();
    mail.message = with_hops(101);
    assert!(matches!(receive(&office, &mail).await, Err(ReceiveError::Loop)));
    mail.message =
        Bytes::from(format!("Delivered-To: Support@contoso.com\r\nFrom: {CUSTOMER}\r\n\r\n"));
    assert!(matches!(receive(&office, &mail).await, Err(ReceiveError::Loop)));
}

#[tokio::test]
async fn a_group_for_insiders_refuses_outsiders() {
    let office = Office::contoso().await;
    let changes = RecipientChanges {
        requires_sender_authentication: Some(true),
        ..RecipientChanges::default()
    };
    let set = Command::Set { identity: "support".into(), changes: Box::new(changes) };
    office.run(set).await.unwrap();
    let refused = receive(&office, &reception(CUSTOMER, CUSTOMER, &["aide@contoso.com"])).await;
    let Err(ReceiveError::Recipient(_, refusal)) = refused else { panic!("{refused:?}") };
    assert!(matches!(refusal, RecipientRefusal::GroupNeedsAuthentication(_)));
}

#[tokio::test]
async fn subscribers_get_a_copy_of_the_same_bytes() {
    let office = Office::contoso().await;
    let subscribe = Command::AddLinks(LinkOrder {
        group: "support".into(),
        link: Link::Subscriber,
        who: vec!["jean.dupont".into()],
    });
    office.run(subscribe).await.unwrap();
    let mail = reception(CUSTOMER, CUSTOMER, &["support@contoso.com"]);
    receive(&office, &mail).await.unwrap();
    let group = newest(&office, "support", false).await.expect("in the group");
    assert_eq!(newest(&office, "jean.dupont", false).await, Some(group));
    assert_eq!(newest(&office, "claire.martin", false).await, None);
}
