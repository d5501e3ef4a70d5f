//! Teams and rights as a file, against the running server.

use testkit::{Options, TestServer};

const GROUP: &str = "support@contoso.com";

fn demo() -> TestServer {
    TestServer::start(Options::demo(env!("CARGO_BIN_EXE_guichet")))
}

/// A file in the server's directory, by name.
fn file(server: &TestServer, name: &str, text: &str) -> String {
    let path = server.dir().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_snapshot_changes_nothing_and_makes_the_same_elsewhere() {
    let server = demo();
    server.done(&[
        "grant",
        "send-as",
        GROUP,
        "jean.dupont",
        "--until",
        "2099-01-31",
        "--reason",
        "x \"y\"",
    ]);
    let snapshot = server.done(&["snapshot"]);
    let path = file(&server, "contoso.toml", &snapshot);
    let planned = server.done(&["plan", "-f", &path]);
    assert!(planned.contains("nothing to change"), "{planned}");
    let yaml = file(&server, "contoso.yaml", &server.done(&["snapshot", "--format", "yaml"]));
    server.done(&["plan", "-f", &yaml]);
    let other = demo();
    for address in [GROUP, "facturation@contoso.com"] {
        let noun = if address == GROUP { "team" } else { "shared" };
        other.done(&[noun, "delete", address, "--yes"]);
    }
    let drift = other.run(&["plan", "-f", &path]);
    assert_eq!(drift.status, 1, "{}{}", drift.stdout, drift.stderr);
    assert!(drift.stdout.contains("+ team support@contoso.com"), "{}", drift.stdout);
    other.done(&["apply", "-f", &path]);
    other.done(&["plan", "-f", &path]);
    let same = |text: &str| text.lines().skip(1).collect::<Vec<_>>().join("\n");
    assert_eq!(same(&other.done(&["snapshot"])), same(&snapshot));
    other.done(&["diagnose", "jean.dupont", "--from", GROUP]);
    other.done(&["audit", "verify"]);
}

#[test]
fn removals_need_a_word_and_drift_is_found() {
    let server = demo();
    let text = "[[team]]\naddress = 'support@contoso.com'\nstate = 'absent'\n";
    let path = file(&server, "gone.toml", text);
    let withheld = server.run(&["apply", "-f", &path]);
    assert_eq!(withheld.status, 1, "{}", withheld.stderr);
    assert!(withheld.stderr.contains("--allow-removals"), "{}", withheld.stderr);
    let json = server.run(&["plan", "-f", &path, "--json"]);
    assert_eq!(json.status, 1);
    let plan: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&plan["deletions"], &plan["changes"][0]["effect"]), (&1.into(), &"remove".into()));
    server.done(&["apply", "-f", &path, "--allow-removals"]);
    assert_eq!(server.run(&["team", "show", GROUP]).status, 5);
    let wrong = file(&server, "wrong.yaml", "team:\n  - adress: x\n");
    let told = server.run(&["plan", "-f", &wrong]);
    assert_eq!(told.status, 2);
    assert!(told.stderr.contains("wrong.yaml:2:5: adress is not a known key"), "{}", told.stderr);
}

#[test]
fn rights_come_from_other_products() {
    let server = demo();
    let table = "support@contoso.com jean.dupont@contoso.com, gone@contoso.com\n";
    let path = file(&server, "logins", table);
    let told = server.run(&["import", "postfix-login-maps", &path]);
    assert_eq!(told.status, 0, "{}", told.stderr);
    assert!(told.stderr.contains("nobody here is gone@contoso.com"), "{}", told.stderr);
    assert!(told.stdout.contains("[[grant]]"), "{}", told.stdout);
    assert_eq!(server.run(&["diagnose", "jean.dupont", "--from", GROUP]).status, 1, "dry run");
    server.done(&["import", "postfix-login-maps", &path, "--apply", "--reason", "moved"]);
    server.done(&["diagnose", "jean.dupont", "--from", GROUP]);
}

#[test]
fn the_report_names_every_holder() {
    let server = demo();
    let mut session = server.session("claire.martin");
    let message = format!("From: {GROUP}\r\nSubject: x\r\n\r\ntext\r\n");
    let reply = session.submit(GROUP, &["customer@fabrikam.com"], &message).unwrap();
    assert_eq!(reply.code, 250, "{}", reply.text());
    let rows: serde_json::Value =
        serde_json::from_str(&server.done(&["report", "send-as", "--json"])).unwrap();
    let find = |holder: &str| {
        let found = rows.as_array().unwrap().iter().find(|row| row["Holder"] == holder);
        found.unwrap_or_else(|| panic!("{holder} in {rows}")).clone()
    };
    assert!(find("claire.martin@contoso.com")["LastUsedUTC"].is_string());
    assert!(find("marie.durand@contoso.com")["LastUsedUTC"].is_null());
    let csv = server.done(&["report", "send-as", "--format", "csv"]);
    assert!(csv.starts_with("Recipient,RecipientDisplayName,"), "{csv}");
    let page = server.done(&["report", "send-as", "--format", "html", "--lang", "fr"]);
    assert!(page.contains("<html lang=\"fr\">"), "{page}");
    let table = server.done(&["report", "send-as", "--lang", "fr"]);
    assert!(table.contains("jamais") && table.contains("Titulaire"), "{table}");
}
