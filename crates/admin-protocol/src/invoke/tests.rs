//! Tests of `invoke`: the JSON is that of the protocol.

use serde_json::{Value, json};

use super::*;

fn object(value: &Value) -> Object {
    value.as_object().expect("the test gives an object").clone()
}

#[test]
fn request_has_the_wire_names() {
    let request = Request::new("Get-Mailbox", Parameters::new().with("Identity", "jean"));
    assert_eq!(
        serde_json::to_value(&request).expect("serialises"),
        json!({"CmdletInput": {"CmdletName": "Get-Mailbox", "Parameters": {"Identity": "jean"}}})
    );
}

#[test]
fn request_without_parameters_is_read() {
    for body in [
        r#"{"CmdletInput":{"CmdletName":"Get-Mailbox"}}"#,
        r#"{"CmdletInput":{"CmdletName":"Get-Mailbox","Parameters":null}}"#,
        r#"{"CmdletInput":{"CmdletName":"Get-Mailbox","Parameters":{}}}"#,
    ] {
        let request: Request = serde_json::from_str(body).expect("reads");
        assert_eq!(request.cmdlet_input.parameters, Parameters::new(), "{body}");
    }
}

#[test]
fn response_has_the_wire_names() {
    let mut response =
        Response::new(vec![object(&json!({"Identity": "Support"}))]).with_warning("careful");
    response.next_link = Some("https://mail/next".to_owned());
    assert_eq!(
        serde_json::to_value(&response).expect("serialises"),
        json!({
            "adminapi.warnings@odata.type": "#Collection(String)",
            "@adminapi.warnings": ["careful"],
            "@odata.nextLink": "https://mail/next",
            "value": [{"Identity": "Support"}],
        })
    );
    let asking = serde_json::to_value(Response::asking("Sure?")).expect("serialises");
    assert_eq!(asking["@adminapi.confirmationmessage"], "Sure?");
    assert_eq!(asking["value"], json!([]));
}

#[test]
fn response_without_value_is_read() {
    let response: Response =
        serde_json::from_str(r#"{"@adminapi.warnings":["done"]}"#).expect("reads");
    assert_eq!(response.value, Vec::<Object>::new());
    assert_eq!(response.warnings, ["done"]);
}

#[test]
fn select_keeps_annotations_of_what_it_keeps() {
    let mut response = Response::new(vec![object(&json!({
        "Identity": "a", "EmailAddresses": [], "EmailAddresses@odata.type": "#Collection(String)",
    }))]);
    response.select(&["emailaddresses"]);
    let names: Vec<&String> = response.value[0].keys().collect();
    assert_eq!(names, ["EmailAddresses", "EmailAddresses@odata.type"]);
}

#[test]
fn error_text_is_found_where_it_is() {
    let check = |body: Value, expected: &str| {
        let read = read_error(body.to_string().as_bytes()).expect("reads");
        assert_eq!(read.text(), expected);
    };
    check(
        json!({"error": {"code": "NotFound", "message": "general",
            "details": [{"message": "Ex6F9304|Some.Exception|It is not there."}]}}),
        "It is not there.",
    );
    check(
        json!({"error": {"code": "X", "message": "general", "details": [{"message": "plain"}]}}),
        "plain",
    );
    check(
        json!({"error": {"code": "X", "message": "general",
            "innerError": {"internalException": {"message": "inner"}}}}),
        "inner",
    );
    check(json!({"error": {"code": "X", "message": "general"}}), "general");
    assert_eq!(read_error(b""), None);
    assert_eq!(read_error(b"\0\0\0"), None);
}

#[test]
fn warnings_hold_the_words_that_clients_look_for() {
    assert!(
        warning::nothing_changed("support")
            .contains("completed successfully but no settings of 'support'")
    );
    assert!(warning::no_such_permission("a", "b").contains("because the ACE isn't present"));
    assert!(
        warning::no_such_mailbox_permission("a", "b")
            .contains("because the ACE doesn't exist on the object.")
    );
}
