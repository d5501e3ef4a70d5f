//! Exit statuses and the words beside them.

use std::io::Read;
use std::os::unix::net::UnixListener;
use std::process::Command;

use admin_protocol::failure::Failure;
use serde_json::{Value, json};

use crate::fake::{Answer, Endpoint, guichet, status, stderr, stdout};

fn refusing(failure: &Failure) -> Endpoint {
    let body = serde_json::to_value(failure.to_response()).expect("serialises");
    Endpoint::answering(vec![Answer::json(failure.kind.status(), &body)])
}

#[test]
fn refusals_of_the_server() {
    for (failure, expected) in [
        (Failure::bad_parameter("Identity", "no."), 2),
        (Failure::access_denied("Get-Mailbox", "an administrator"), 4),
        (Failure::not_found("jean", "mail.contoso.com"), 5),
        (Failure::proxy_address_in_use("jean@contoso.com", "Jean"), 6),
        (Failure::changed_meanwhile("jean"), 6),
        (Failure::too_many_requests(), 75),
        (Failure::unavailable("the disk is full"), 75),
    ] {
        let output = refusing(&failure).run(&["user", "show", "jean"]);
        assert_eq!(status(&output), expected, "{failure}");
        assert!(stderr(&output).contains(&failure.text), "{} lacks the text", stderr(&output));
        assert_eq!(stdout(&output), "");
    }
}

#[test]
fn refusals_without_a_body() {
    for (http_status, body, expected) in [
        (403, b"".as_slice(), 4),
        (403, b"\0\0\0\0", 4),
        (401, b"", 4),
        (404, b"<html>", 5),
        (502, b"gateway", 75),
    ] {
        let endpoint = Endpoint::answering(vec![Answer::bytes(http_status, body)]);
        let output = endpoint.run(&["user", "list"]);
        assert_eq!(status(&output), expected, "{http_status}");
        assert!(!stderr(&output).is_empty());
    }
}

#[test]
fn an_answer_that_is_no_answer() {
    let endpoint = Endpoint::answering(vec![Answer::bytes(200, b"hello")]);
    let output = endpoint.run(&["user", "list"]);
    assert_eq!(status(&output), 75);
    assert!(stderr(&output).contains("Get-Mailbox"), "{}", stderr(&output));
}

#[test]
fn nothing_found() {
    let empty = || Endpoint::answering(vec![Answer::json(200, &json!({"value": []}))]);
    assert_eq!(status(&empty().run(&["user", "show", "jean"])), 5);
    let output = empty().run(&["user", "list"]);
    assert_eq!((status(&output), stdout(&output)), (0, String::new()));
    assert_eq!(stdout(&empty().run(&["user", "list", "--json"])), "[]\n");
}

#[test]
fn nobody_listens() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut command = guichet(dir.path());
    let path = dir.path().to_str().expect("UTF-8");
    let output = command.args(["--dir", path, "user", "list"]).output().expect("runs");
    assert_eq!(status(&output), 3);
    let expected = format!("guichet serve --dir {path}");
    assert!(stderr(&output).contains(&expected), "{}", stderr(&output));
}

#[test]
fn ctrl_c_ends_a_call() {
    let dir = tempfile::tempdir().expect("a directory");
    let listener = UnixListener::bind(dir.path().join("admin.sock")).expect("a socket");
    let child = guichet(dir.path())
        .env("GUICHET_DIR", dir.path())
        .args(["user", "list"])
        .spawn()
        .expect("starts");
    let (mut stream, _) = listener.accept().expect("it calls");
    let mut head = [0; 64];
    stream.read_exact(&mut head).expect("it asks");
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("kill runs").success());
    let output = child.wait_with_output().expect("ends");
    assert_eq!(status(&output), 130, "{}", stderr(&output));
}

#[test]
fn no_server_is_named() {
    let home = tempfile::tempdir().expect("a directory");
    let output = guichet(home.path()).args(["user", "list"]).output().expect("runs");
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("--dir DIR"), "{}", stderr(&output));
}

#[test]
fn wrong_usage_calls_nothing() {
    let endpoint = Endpoint::start();
    for words in [
        &["grant", "send-as", "support"][..],
        &["grant", "send", "support", "jean"],
        &["grant", "send-as", "support", "jean", "--until", "soon"],
        &["grant", "send-as", "support", "jean", "--until", "2001-01-01"],
        &["user", "set", "jean"],
        &["user", "set", "jean", "--enable", "--disable"],
        &["user", "create", "jean@contoso.com"],
        &["user", "list", "--json", "--ndjson"],
        &["diagnose"],
        &["diagnose", "jean"],
        &["diagnose", "jean", "--from", "support", "--ref", "K7Q2"],
        &["trace", "--limit", "5001"],
        &["audit", "--limit", "0"],
        &["team", "add-member", "support"],
        &["user", "set", "jean", "--password-file", "/does/not/exist"],
    ] {
        assert_eq!(status(&endpoint.run(words)), 2, "{words:?}");
    }
    assert_eq!(endpoint.calls().len(), 0);
}

#[test]
fn limits_at_their_edges() {
    let endpoint = Endpoint::start();
    for words in [["trace", "--limit", "5000"], ["trace", "--limit", "1"]] {
        assert_eq!(status(&endpoint.run(&words)), 0, "{words:?}");
    }
}

fn verdict(is_allowed: bool) -> Value {
    json!({"value": [{
        "Allowed": is_allowed, "User": "jean.dupont@contoso.com", "From": "support@contoso.com",
        "To": null, "Right": null, "Cause": (!is_allowed).then_some("NoRight"),
        "Explanation": "jean.dupont@contoso.com holds no right to send as support@contoso.com.",
        "Remedies": ["guichet grant send-as support@contoso.com jean.dupont@contoso.com"],
        "CanBeGrantedBy": ["marie.durand@contoso.com"],
        "WritesFrom": null, "WritesSender": null, "WritesReversePath": null,
        "Reply": "550 5.7.131 SendAsDenied; …", "Reference": "K7Q2",
        "RefusedUTC": "2027-01-31T18:00:00.0000000Z",
        "Checks": [
            {"Name": "account is enabled", "Passed": true, "Detail": ""},
            {"Name": "right is held", "Passed": is_allowed, "Detail": "none of three"},
            {"Name": "recipient is accepted", "Passed": null, "Detail": ""},
        ],
    }]})
}

#[test]
fn a_diagnosis_tells_yes_from_no() {
    for (is_allowed, expected) in [(true, 0), (false, 1)] {
        let endpoint = Endpoint::answering(vec![Answer::json(200, &verdict(is_allowed))]);
        let output = endpoint.run(&["diagnose", "jean.dupont", "--from", "support"]);
        assert_eq!(status(&output), expected);
        let shown = stdout(&output);
        for part in ["✓ account is enabled", "– recipient is accepted", "holds no right"] {
            assert!(shown.contains(part), "{part} is not in\n{shown}");
        }
        assert_eq!(shown.contains("✗ right is held"), !is_allowed, "{shown}");
        assert!(!shown.contains('\u{1b}'), "no colour into a pipe");
    }
}

#[test]
fn a_refusal_shows_the_way_out() {
    let endpoint = Endpoint::answering(vec![Answer::json(200, &verdict(false))]);
    let shown = stdout(&endpoint.run(&["diagnose", "--ref", "K7Q2"]));
    for part in [
        "guichet grant send-as support@contoso.com jean.dupont@contoso.com",
        "Who can: marie.durand@contoso.com",
        "Cause: NoRight",
        "Reply: 550 5.7.131",
        "reference K7Q2, refused 2027-01-31 18:00:00Z",
    ] {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
}

#[test]
fn a_broken_chain_is_a_no() {
    for (is_valid, expected) in [(true, 0), (false, 1)] {
        let chain = json!({"value": [{"IsValid": is_valid, "RecordCount": 9,
            "FirstInvalidIdentity": null, "LastHash": "ab12", "Detail": "9 records."}]});
        let endpoint = Endpoint::answering(vec![Answer::json(200, &chain)]);
        let output = endpoint.run(&["audit", "verify"]);
        assert_eq!(status(&output), expected);
        assert!(stdout(&output).contains("9 records."), "{}", stdout(&output));
    }
}

#[test]
fn dns_that_differs_is_a_no() {
    for (found, expected) in [("Found", 0), ("Missing", 1), ("Unknown", 1)] {
        let record = json!({"value": [{"DomainName": "contoso.com", "Name": "contoso.com",
            "Type": "MX", "Value": "10 mail.contoso.com.", "Purpose": "receiving",
            "Status": found, "Actual": []}]});
        let endpoint = Endpoint::answering(vec![Answer::json(200, &record)]);
        assert_eq!(status(&endpoint.run(&["dns", "--check"])), expected, "{found}");
    }
}
