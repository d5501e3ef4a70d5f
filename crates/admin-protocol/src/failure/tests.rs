//! Tests of `failure`: the texts and shapes that clients compare.

use super::*;

#[test]
fn unknown_identity_is_exchange_s_error() {
    let failure = Failure::not_found("nobody@contoso.com", "mail.contoso.com");
    assert_eq!(failure.kind.status(), 404);
    let body = failure.to_response();
    assert_eq!(body.error.code, "NotFound");
    assert_eq!(
        body.error.details[0].message,
        "Ex6F9304|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|The \
         operation couldn't be performed because object 'nobody@contoso.com' couldn't be found on \
         'mail.contoso.com'."
    );
    assert_eq!(body.text(), failure.text);
}

#[test]
fn address_in_use_is_exchange_s_error() {
    let failure = Failure::proxy_address_in_use("support@contoso.com", "Support");
    assert_eq!(failure.kind.status(), 409);
    assert_eq!(
        failure.text,
        "The proxy address \"smtp:support@contoso.com\" is already being used by the proxy \
         addresses or LegacyExchangeDN of \"Support\". Please choose another proxy address."
    );
}

#[test]
fn message_always_has_three_parts() {
    for failure in [
        Failure::not_found("a|b", "c|d"),
        Failure::already_exists("alias", "|"),
        Failure::unknown_cmdlet("Get-Mailbux"),
        Failure::too_many_requests(),
        Failure::malformed_request("a | b | c"),
    ] {
        let body = failure.to_response();
        assert_eq!(body.error.details[0].message.split('|').count(), 3, "{failure}");
    }
}

#[test]
fn error_ids_stay_the_same_and_differ_by_kind() {
    let id = |failure: Failure| {
        let message = failure.to_response().error.details[0].message.clone();
        message.split('|').next().map(str::to_owned).expect("the first part")
    };
    let unknown = id(Failure::unknown_parameter("Get-Mailbox", "Foo", &[]));
    assert_eq!(unknown, id(Failure::unknown_parameter("Get-Mailbox", "Bar", &["Anr"])));
    assert_ne!(unknown, id(Failure::unavailable("busy")));
    assert_eq!(unknown.len(), 8);
}

#[test]
fn unknown_cmdlet_is_refused_with_a_hint() {
    let failure = Failure::unknown_cmdlet("Get-Mailbux");
    assert_eq!(failure.kind.status(), 403);
    assert!(failure.text.contains("Get-Mailbox"), "{failure}");
}

#[test]
fn side_at_fault_is_told() {
    let code = |failure: Failure| failure.to_response().error.details[0].code.clone();
    assert_eq!(code(Failure::changed_meanwhile("support")), "Client");
    assert_eq!(code(Failure::unavailable("the disk is full")), "Server");
}
