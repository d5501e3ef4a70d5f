use bytes::Bytes;

use super::*;
use crate::edit::FieldValue;

fn plain() -> Received<'static> {
    Received {
        from: Some(ReceivedFrom { helo: "mail.fabrikam.com", ip: [192, 0, 2, 1].into() }),
        by: "mx.contoso.com",
        with: Protocol::Esmtps,
        id: "01J-x",
        for_recipient: None,
        date_ms: 1_772_719_629_000,
        tls: Some("TLSv1.3 TLS13_AES_256_GCM_SHA384"),
    }
}

#[test]
fn a_reception_names_its_peer() {
    let recipient = Address::parse("support@contoso.com").unwrap();
    let field = Received { for_recipient: Some(&recipient), ..plain() }.to_string();
    assert_eq!(
        field,
        "from mail.fabrikam.com ([192.0.2.1]) by mx.contoso.com\r\n \
         with ESMTPS (TLSv1.3 TLS13_AES_256_GCM_SHA384) id 01J-x\r\n \
         for <support@contoso.com>; Thu, 5 Mar 2026 14:07:09 +0000"
    );
}

#[test]
fn a_submission_names_no_client() {
    let field = Received { from: None, with: Protocol::Esmtpsa, tls: None, ..plain() }.to_string();
    assert_eq!(
        field,
        "by mx.contoso.com with ESMTPSA id 01J-x;\r\n Thu, 5 Mar 2026 14:07:09 +0000"
    );
}

#[test]
fn addresses_are_literals() {
    assert_eq!(ip_literal("2001:db8::1".parse().unwrap()), "[IPv6:2001:db8::1]");
    assert_eq!(ip_literal("::ffff:192.0.2.1".parse().unwrap()), "[192.0.2.1]");
}

#[test]
fn nothing_is_injected_by_a_peer() {
    for helo in ["", "a b", "x\r\nBcc: y", "(", "a;b", "<x>", "é", &"a".repeat(256)] {
        let from = Some(ReceivedFrom { helo, ip: [192, 0, 2, 1].into() });
        let field = Received { from, ..plain() }.to_string();
        assert!(field.starts_with("from unknown ([192.0.2.1]) by "), "{field}");
    }
    let field = Received { tls: Some("a) by evil;\r\nX: y"), id: "1;2 3", ..plain() }.to_string();
    assert!(field.contains("(a by evilX: y) id 123;"), "{field}");
    assert!(FieldValue::new(&field).is_ok());
}

#[test]
fn protocols_have_their_registered_words() {
    assert_eq!(Protocol::Smtp.with_smtputf8().as_str(), "UTF8SMTP");
    assert_eq!(Protocol::Esmtpsa.with_smtputf8().as_str(), "UTF8SMTPSA");
    assert_eq!(Protocol::Utf8Smtps.with_smtputf8(), Protocol::Utf8Smtps);
    assert_eq!(Protocol::Esmtpa.as_str(), "ESMTPA");
}

#[test]
fn hops_are_counted() {
    let message = |text: &str| Message::parse(Bytes::copy_from_slice(text.as_bytes())).unwrap();
    assert_eq!(count_received(&message("A: b\r\n\r\nReceived: x\r\n")), 0);
    let hops = "Received: a\r\nRECEIVED: b\r\nX-Received: c\r\n\r\n";
    assert_eq!(count_received(&message(hops)), 2);
}

#[test]
fn the_receptions_of_one_host_are_counted() {
    let message = Message::parse(Bytes::from_static(
        b"Received: from a (by mx.contoso.com) by other.example with SMTP; x\r\n\
          Received: from mx.contoso.com (x)\r\n\tBY MX.Contoso.com with ESMTP; by mx\r\n\
          Received: by mx.contoso.com;x\r\nReceived: by mx.contoso.com.evil; x\r\n\
          Received: (by\r\nReceived: by\r\n\r\n",
    ))
    .unwrap();
    assert_eq!(count_received_by(&message, "mx.contoso.com"), 2);
    let own = format!("Received: {}\r\n\r\n", plain());
    let own = Message::parse(Bytes::from(own)).unwrap();
    assert_eq!(count_received_by(&own, "mx.contoso.com"), 1);
}
