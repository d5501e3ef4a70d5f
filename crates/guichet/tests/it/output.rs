//! What is printed where.

use std::io::Read;
use std::process::Stdio;

use admin_protocol::cmdlet;
use serde_json::{Value, json};

use crate::fake::{Answer, Endpoint, guichet, sample, status, stderr, stdout};

#[test]
fn json_is_one_document_without_annotations() {
    let shown = stdout(&Endpoint::start().run(&["user", "list", "--json"]));
    let document: Value = serde_json::from_str(&shown).expect("one JSON document");
    let objects = document.as_array().expect("an array");
    let known = cmdlet::find("Get-Mailbox").expect("in the table");
    let object = objects[0].as_object().expect("an object");
    assert_eq!(known.output_faults(object), Vec::<String>::new());
    assert!(object.keys().all(|name| !name.contains('@')), "{shown}");
}

#[test]
fn show_in_json_is_an_object_with_what_belongs_to_it() {
    let shown = stdout(&Endpoint::start().run(&["team", "show", "support", "--json"]));
    let group: Value = serde_json::from_str(&shown).expect("one JSON document");
    assert_eq!(group["Members"][0]["Role"], "Role text");
    assert_eq!(group["Rights"][0]["Right"], "Right text");
    assert_eq!(group["Channels"][0]["EmailAddress"], "EmailAddress text");
}

#[test]
fn pages_are_followed_by_posting_the_same_again() {
    let page = |identity: &str, next: Option<&str>| {
        let mut body = json!({"value": [{"Identity": identity}]});
        if let Some(next) = next {
            body["@odata.nextLink"] = json!(next);
        }
        Answer::json(200, &body)
    };
    let endpoint = Endpoint::answering(vec![
        page("1", Some("https://elsewhere.example/adminapi/beta/t/InvokeCommand?$skiptoken=a")),
        page("2", Some("https://elsewhere.example/adminapi/beta/t/InvokeCommand?$skiptoken=b")),
        page("3", None),
    ]);
    let output = endpoint.run(&["queue", "list", "--ndjson"]);
    assert_eq!(
        stdout(&output),
        "{\"Identity\":\"1\"}\n{\"Identity\":\"2\"}\n{\"Identity\":\"3\"}\n"
    );
    let calls = endpoint.calls();
    let paths: Vec<&str> = calls.iter().map(|call| call.path.as_str()).collect();
    assert_eq!(
        paths[1..],
        [
            "/adminapi/beta/t/InvokeCommand?$skiptoken=a",
            "/adminapi/beta/t/InvokeCommand?$skiptoken=b"
        ]
    );
    assert_eq!(calls[0].parameters, calls[2].parameters);
}

#[test]
fn tables_into_a_pipe_are_aligned_and_bare() {
    let domain = |name: &str, is_default: bool| {
        json!({"Identity": name, "Name": name, "DomainName": name,
            "DomainType": "Authoritative", "Default": is_default})
    };
    let body = json!({"value": [domain("contoso.com", true), domain("contoso.fr", false)]});
    let endpoint = Endpoint::answering(vec![Answer::json(200, &body)]);
    assert_eq!(
        stdout(&endpoint.run(&["domain", "list"])),
        "Domain       Default  Type\n\
         contoso.com  yes      Authoritative\n\
         contoso.fr   no       Authoritative\n"
    );
}

#[test]
fn mail_cannot_write_to_the_terminal() {
    let known = cmdlet::find("Get-MessageTraceV2").expect("in the table");
    let mut message = sample(known);
    message.insert("Subject".to_owned(), json!("a\u{1b}]0;b\r\nc"));
    let body = json!({"value": [message]});
    let endpoint = Endpoint::answering(vec![Answer::json(200, &body)]);
    let shown = stdout(&endpoint.run(&["trace"]));
    assert!(shown.contains("a ]0;b  c"), "{shown}");
    assert!(!shown.contains('\u{1b}'));
    assert_eq!(shown.lines().count(), 2);
}

#[test]
fn a_made_password_is_alone_on_stdout() {
    let endpoint = Endpoint::start();
    let output = endpoint.run(&["user", "create", "j@contoso.com", "--name", "J"]);
    let password = endpoint.calls()[0].parameters["Password"].as_str().expect("made").to_owned();
    assert_eq!(stdout(&output), format!("{password}\n"));
    assert!(stderr(&output).contains("created user"), "{}", stderr(&output));

    let output = endpoint.run(&["user", "create", "j@contoso.com", "--name", "J", "--json"]);
    let created: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(created["Password"], endpoint.calls()[1].parameters["Password"]);
}

#[test]
fn a_given_password_is_printed_nowhere() {
    let endpoint = Endpoint::start();
    for format in [&[][..], &["--json"]] {
        let words = [
            &["user", "create", "j@contoso.com", "--name", "J", "--password-file", "-"][..],
            format,
        ]
        .concat();
        let output = endpoint.run_with_input(&words, "geheim\n");
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        assert!(!stdout(&output).contains("geheim") && !stderr(&output).contains("geheim"));
    }
}

#[test]
fn a_token_is_alone_on_stdout() {
    let output = Endpoint::start().run(&["token", "create", "admin@contoso.com"]);
    assert_eq!(stdout(&output), "Token text\n");
    let output = Endpoint::start().run(&["app-password", "create", "jean@contoso.com"]);
    assert_eq!(stdout(&output), "Password text\n");
}

#[test]
fn warnings_go_to_stderr() {
    let body = json!({"@adminapi.warnings": ["because the ACE isn't present"], "value": []});
    let endpoint = Endpoint::answering(vec![Answer::json(200, &body)]);
    let output = endpoint.run(&["revoke", "send-as", "support", "jean"]);
    assert_eq!(status(&output), 0);
    assert!(stderr(&output).contains("warning: because the ACE isn't present"));
    assert_eq!(stdout(&output), "");
}

#[test]
fn records_for_dns_are_a_zone_file() {
    let body = json!({"value": [{"DomainName": "contoso.com", "Name": "contoso.com", "Type": "MX",
        "Value": "10 mail.contoso.com.", "Purpose": "receiving", "Status": null, "Actual": []}]});
    let endpoint = Endpoint::answering(vec![Answer::json(200, &body)]);
    assert_eq!(
        stdout(&endpoint.run(&["dns"])),
        "contoso.com. IN MX 10 mail.contoso.com. ; receiving\n"
    );
}

#[test]
fn a_reader_that_goes_early_is_no_error() {
    let objects: Vec<Value> =
        (0..50_000).map(|number| json!({"Identity": number.to_string()})).collect();
    let endpoint = Endpoint::answering(vec![Answer::json(200, &json!({"value": objects}))]);
    let mut child = guichet(endpoint.dir())
        .env("GUICHET_DIR", endpoint.dir())
        .args(["queue", "list", "--ndjson"])
        .stdin(Stdio::null())
        .spawn()
        .expect("starts");
    let mut first = [0; 8];
    let mut reader = child.stdout.take().expect("piped");
    reader.read_exact(&mut first).expect("some output");
    drop(reader);
    let output = child.wait_with_output().expect("ends");
    assert_eq!((status(&output), stderr(&output)), (0, String::new()));
}
