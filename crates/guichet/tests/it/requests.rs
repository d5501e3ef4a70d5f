//! What is typed becomes which call.

use serde_json::{Value, json};

use crate::fake::{Answer, Endpoint, file, status, stderr};

/// Runs the words and expects exactly these calls.
fn check(typed: &str, expected: &[(&str, Value)]) {
    let endpoint = Endpoint::start();
    let words: Vec<&str> = typed.split(' ').collect();
    let output = endpoint.run(&words);
    assert_eq!(status(&output), 0, "{typed}: {}", stderr(&output));
    let calls: Vec<(String, Value)> =
        endpoint.calls().into_iter().map(|call| (call.cmdlet, call.parameters)).collect();
    let expected: Vec<(String, Value)> = expected
        .iter()
        .map(|(cmdlet, parameters)| ((*cmdlet).to_owned(), parameters.clone()))
        .collect();
    assert_eq!(calls, expected, "{typed}");
}

#[test]
fn users() {
    check(
        "user list --search jean",
        &[(
            "Get-Mailbox",
            json!({"RecipientTypeDetails": "UserMailbox", "Anr": "jean",
                "ResultSize": "Unlimited"}),
        )],
    );
    check(
        "user show jean",
        &[("Get-Mailbox", json!({"Identity": "jean", "RecipientTypeDetails": "UserMailbox"}))],
    );
    check(
        "user set jean --disable --display-name J --add-address j@contoso.com --hidden true",
        &[(
            "Set-Mailbox",
            json!({"Identity": "jean", "AccountDisabled": true, "DisplayName": "J",
                "EmailAddresses": {"@odata.type": "#Exchange.GenericHashTable",
                    "add": ["j@contoso.com"], "remove": []},
                "HiddenFromAddressListsEnabled": true}),
        )],
    );
    check(
        "user set jean --enable --primary jd@contoso.com --role auditor",
        &[(
            "Set-Mailbox",
            json!({"Identity": "jean", "AccountDisabled": false, "Role": "Auditor",
                "WindowsEmailAddress": "jd@contoso.com"}),
        )],
    );
    check(
        "user set jean --reset-second-factor",
        &[("Remove-SecondFactor", json!({"Identity": "jean"}))],
    );
    check(
        "user set jean --reset-second-factor --role member",
        &[
            ("Remove-SecondFactor", json!({"Identity": "jean"})),
            ("Set-Mailbox", json!({"Identity": "jean", "Role": "Member"})),
        ],
    );
    check("user delete jean --yes", &[("Remove-Mailbox", json!({"Identity": "jean"}))]);
}

#[test]
fn user_passwords_come_from_a_file_or_stdin() {
    let endpoint = Endpoint::start();
    let path = file(endpoint.dir(), "password", "geheim \n");
    let path = path.to_str().expect("UTF-8");
    let output = endpoint.run(&[
        "user",
        "create",
        "j@contoso.com",
        "--name",
        "J D",
        "--password-file",
        path,
    ]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let output = endpoint
        .run_with_input(&["user", "set", "j@contoso.com", "--password-file", "-"], "von stdin\n");
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let calls = endpoint.calls();
    assert_eq!(
        calls[0].parameters,
        json!({"Name": "J D", "PrimarySmtpAddress": "j@contoso.com", "Password": "geheim "})
    );
    assert_eq!(calls[1].parameters, json!({"Identity": "j@contoso.com", "Password": "von stdin"}));
}

#[test]
fn teams_and_groups() {
    check(
        "team create Support --alias support --owner m@contoso.com --member j@contoso.com \
         --member c@contoso.com --channel General --channel Incidents",
        &[(
            "New-UnifiedGroup",
            json!({"DisplayName": "Support", "Alias": "support", "Owner": ["m@contoso.com"],
                "Members": ["j@contoso.com", "c@contoso.com"], "Team": true,
                "Channels": ["General", "Incidents"]}),
        )],
    );
    check(
        "group create Compta --alias compta --require-sender-authentication true",
        &[(
            "New-UnifiedGroup",
            json!({"DisplayName": "Compta", "Alias": "compta",
                "RequireSenderAuthenticationEnabled": true}),
        )],
    );
    check("team list", &[("Get-UnifiedGroup", json!({"Team": true, "ResultSize": "Unlimited"}))]);
    check("group list", &[("Get-UnifiedGroup", json!({"ResultSize": "Unlimited"}))]);
    check(
        "group set support --require-sender-authentication false --remove-address a@contoso.com",
        &[(
            "Set-UnifiedGroup",
            json!({"Identity": "support", "RequireSenderAuthenticationEnabled": false,
                "EmailAddresses": {"@odata.type": "#Exchange.GenericHashTable",
                    "add": [], "remove": ["a@contoso.com"]}}),
        )],
    );
    check(
        "team show support",
        &[
            ("Get-UnifiedGroup", json!({"Identity": "support"})),
            (
                "Get-UnifiedGroupLinks",
                json!({"Identity": "support", "LinkType": "Members", "ResultSize": "Unlimited"}),
            ),
            ("Get-GuichetPermission", json!({"Identity": "support", "ResultSize": "Unlimited"})),
        ],
    );
    check("team delete support", &[("Remove-UnifiedGroup", json!({"Identity": "support"}))]);
}

#[test]
fn memberships() {
    for (verb, cmdlet, link_type) in [
        ("add-member", "Add-UnifiedGroupLinks", "Members"),
        ("remove-member", "Remove-UnifiedGroupLinks", "Members"),
        ("add-owner", "Add-UnifiedGroupLinks", "Owners"),
        ("remove-owner", "Remove-UnifiedGroupLinks", "Owners"),
        ("subscribe", "Add-UnifiedGroupLinks", "Subscribers"),
        ("unsubscribe", "Remove-UnifiedGroupLinks", "Subscribers"),
    ] {
        check(
            &format!("team {verb} support j@contoso.com c@contoso.com"),
            &[(
                cmdlet,
                json!({"Identity": "support", "LinkType": link_type,
                    "Links": ["j@contoso.com", "c@contoso.com"]}),
            )],
        );
    }
    check(
        "team add-channel support Incidents",
        &[(
            "Set-UnifiedGroup",
            json!({"Identity": "support",
                "Channels": {"@odata.type": "#Exchange.GenericHashTable",
                    "add": ["Incidents"], "remove": []}}),
        )],
    );
}

#[test]
fn shared_mailboxes_and_contacts() {
    check(
        "shared create facturation --name Facturation --member j@contoso.com",
        &[(
            "New-Mailbox",
            json!({"Shared": true, "Name": "Facturation", "Alias": "facturation",
                "Members": ["j@contoso.com"]}),
        )],
    );
    check(
        "shared create f@contoso.fr --name F",
        &[(
            "New-Mailbox",
            json!({"Shared": true, "Name": "F", "PrimarySmtpAddress": "f@contoso.fr"}),
        )],
    );
    check(
        "contact create c@fabrikam.com --name Fabrikam",
        &[(
            "New-MailContact",
            json!({"Name": "Fabrikam", "ExternalEmailAddress": "c@fabrikam.com"}),
        )],
    );
    check(
        "contact set c@fabrikam.com --address d@fabrikam.com",
        &[(
            "Set-MailContact",
            json!({"Identity": "c@fabrikam.com", "ExternalEmailAddress": "d@fabrikam.com"}),
        )],
    );
}

#[test]
fn domains_and_the_organisation() {
    check(
        "domain create contoso.fr",
        &[("New-AcceptedDomain", json!({"Name": "contoso.fr", "DomainName": "contoso.fr"}))],
    );
    check(
        "domain set contoso.fr --default",
        &[("Set-AcceptedDomain", json!({"Identity": "contoso.fr", "MakeDefault": true}))],
    );
    check("domain list", &[("Get-AcceptedDomain", json!({}))]);
    check(
        "organization set --send-from-alias true",
        &[("Set-OrganizationConfig", json!({"SendFromAliasEnabled": true}))],
    );
    check("organization show", &[("Get-OrganizationConfig", json!({}))]);
    check("dns --domain contoso.fr", &[("Get-DnsRecord", json!({"DomainName": "contoso.fr"}))]);
    check("whoami", &[("Get-ConnectionInformation", json!({}))]);
}

#[test]
fn rights() {
    check(
        "grant send-as support jean --until 2099-01-31T18:00 --reason holiday",
        &[(
            "Add-GuichetPermission",
            json!({"Identity": "support", "Trustee": "jean", "Right": "SendAs",
                "Until": "2099-01-31T18:00:00.0000000Z", "Reason": "holiday"}),
        )],
    );
    check(
        "grant full-access facturation jean",
        &[(
            "Add-GuichetPermission",
            json!({"Identity": "facturation", "Trustee": "jean", "Right": "FullAccess"}),
        )],
    );
    check(
        "revoke send-on-behalf support jean --reason left",
        &[(
            "Remove-GuichetPermission",
            json!({"Identity": "support", "Trustee": "jean", "Right": "SendOnBehalf",
                "Reason": "left"}),
        )],
    );
    check(
        "rights --recipient support --trustee jean --right send-as --expand",
        &[(
            "Get-GuichetPermission",
            json!({"Identity": "support", "Trustee": "jean", "Right": "SendAs", "Expand": true,
                "ResultSize": "Unlimited"}),
        )],
    );
    check("identities jean", &[("Get-SendIdentity", json!({"User": "jean"}))]);
}

#[test]
fn a_relative_end_counts_from_now() {
    let endpoint = Endpoint::start();
    endpoint.run(&["grant", "send-as", "support", "jean", "--until", "30d"]);
    let calls = endpoint.calls();
    let until = calls[0].parameters["Until"].as_str().expect("a text");
    let at = admin_protocol::text::parse_timestamp(until).expect("a point in time");
    let now = now_millis();
    let distance = at.0 - now - 30 * 86_400_000;
    assert!(distance.abs() < 60_000, "{until} is {distance} ms off");
}

#[test]
fn reports() {
    check("report volume --days 7", &[("Get-VolumeReport", json!({"Days": 7}))]);
    check(
        "report refusals --recipient support",
        &[("Get-SendAsDeniedReport", json!({"Identity": "support", "Days": 30}))],
    );
    check("report storage", &[("Get-StorageReport", json!({}))]);
    check("user sign-out jean", &[("Remove-UserSession", json!({"Identity": "jean"}))]);
}

#[test]
fn diagnoses() {
    check(
        "diagnose jean --from support --to c@fabrikam.com",
        &[("Test-SendAs", json!({"User": "jean", "From": "support", "To": "c@fabrikam.com"}))],
    );
    check("diagnose --ref K7Q2", &[("Test-SendAs", json!({"Reference": "K7Q2"}))]);
}

#[test]
fn traces() {
    check(
        "trace --from a@contoso.com --to b@x.org --since 2027-01-01 --until 2027-01-31 --limit 5",
        &[(
            "Get-MessageTraceV2",
            json!({"SenderAddress": ["a@contoso.com"], "RecipientAddress": ["b@x.org"],
                "StartDate": "2027-01-01T00:00:00.0000000Z",
                "EndDate": "2027-02-01T00:00:00.0000000Z", "ResultSize": 5}),
        )],
    );
    check(
        "trace --sender a@contoso.com --recipient b@x.org --id <1@contoso.com> --events",
        &[
            (
                "Get-MessageTraceV2",
                json!({"SenderAddress": ["a@contoso.com"], "RecipientAddress": ["b@x.org"],
                    "MessageId": "<1@contoso.com>"}),
            ),
            ("Get-MessageTraceDetailV2", json!({"MessageTraceId": "MessageTraceId text"})),
        ],
    );
    check("trace --id 42", &[("Get-MessageTraceV2", json!({"MessageTraceId": "42"}))]);
}

#[test]
fn audits() {
    check(
        "audit --user jean@contoso.com --operation SendAs --object support --since 2027-01-01 \
         --text holiday",
        &[(
            "Search-UnifiedAuditLog",
            json!({"UserIds": ["jean@contoso.com"], "Operations": ["SendAs"],
                "ObjectIds": ["support"], "StartDate": "2027-01-01T00:00:00.0000000Z",
                "FreeText": "holiday", "ResultSize": 1000}),
        )],
    );
    check("audit verify", &[("Test-UnifiedAuditLog", json!({}))]);
}

#[test]
fn the_queue() {
    check(
        "queue list --status retry --to @fabrikam.com",
        &[(
            "Get-QueuedMessage",
            json!({"Status": "Retry", "Recipient": "@fabrikam.com", "ResultSize": "Unlimited"}),
        )],
    );
    check("queue show 17", &[("Get-QueuedMessage", json!({"Identity": "17"}))]);
    check("queue retry 17 18", &[("Retry-QueuedMessage", json!({"Identity": ["17", "18"]}))]);
    check("queue hold 17", &[("Suspend-QueuedMessage", json!({"Identity": ["17"]}))]);
    check("queue release 17", &[("Resume-QueuedMessage", json!({"Identity": ["17"]}))]);
    check(
        "queue drop 17 --silent",
        &[("Remove-QueuedMessage", json!({"Identity": ["17"], "WithNDR": false}))],
    );
}

#[test]
fn credentials_and_throttles() {
    check(
        "token create admin@contoso.com --scope mail.send --scope mail.read --name backup",
        &[(
            "New-ApiToken",
            json!({"User": "admin@contoso.com", "Scopes": ["mail.send", "mail.read"],
                "Name": "backup"}),
        )],
    );
    check("token list", &[("Get-ApiToken", json!({}))]);
    check("token revoke 3", &[("Remove-ApiToken", json!({"Identity": "3"}))]);
    check("app-password create jean", &[("New-AppPassword", json!({"User": "jean"}))]);
    check("app-password list jean", &[("Get-AppPassword", json!({"User": "jean"}))]);
    check("app-password revoke 4", &[("Remove-AppPassword", json!({"Identity": "4"}))]);
    check("throttle list", &[("Get-SignInThrottle", json!({}))]);
    check(
        "throttle clear 192.0.2.7",
        &[("Clear-SignInThrottle", json!({"Identity": "192.0.2.7"}))],
    );
}

#[test]
fn calls_carry_the_protocol_s_headers() {
    let endpoint = Endpoint::start();
    endpoint.run(&["domain", "list"]);
    let call = &endpoint.calls()[0];
    assert_eq!(call.path, "/adminapi/beta/organizations/InvokeCommand");
    let headers = call.headers.join("\n").to_lowercase();
    for expected in [
        "content-type: application/json",
        "x-cmdletname: get-accepteddomain",
        "x-responseformat: json",
        "prefer: odata.maxpagesize=1000",
    ] {
        assert!(headers.contains(expected), "{expected} is not in {headers}");
    }
    assert!(!headers.contains("authorization"), "the socket itself says who calls");
}

#[test]
fn the_directory_may_be_named_by_option_environment_or_profile() {
    let endpoint = Endpoint::start();
    let dir = endpoint.dir().to_str().expect("UTF-8");
    let home = tempfile::tempdir().expect("a directory");
    let mut command = crate::fake::guichet(home.path());
    let output = command.args(["domain", "list", "--dir", dir]).output().expect("runs");
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    std::fs::create_dir_all(home.path().join(".config/guichet")).expect("created");
    file(&home.path().join(".config/guichet"), "profile.toml", &format!("dir = \"{dir}\"\n"));
    let mut command = crate::fake::guichet(home.path());
    let output = command.args(["domain", "list"]).output().expect("runs");
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    assert_eq!(endpoint.calls().len(), 2);
}

#[expect(clippy::disallowed_methods, reason = "the test compares with the clock of the binary")]
fn now_millis() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.expect("after 1970").as_millis()).expect("before the end of time")
}

#[test]
fn a_conversion_is_looked_at_checked_and_then_done_as_it_was_seen() {
    let identity = json!({"Identity": "jean"});
    let convert = json!({"Identity": "jean", "Type": "Shared", "RemoveChannels": true,
        "ExpectedVersion": "ObjectVersion text"});
    let mut check_only = convert.clone();
    check_only["WhatIf"] = true.into();
    check(
        "shared convert jean --remove-channels --yes",
        &[
            ("Get-Recipient", identity.clone()),
            ("Get-Mailbox", identity.clone()),
            ("Set-Mailbox", check_only.clone()),
            ("Set-Mailbox", convert),
        ],
    );
    check(
        "shared convert jean --remove-channels --dry-run",
        &[
            ("Get-Recipient", identity.clone()),
            ("Get-Mailbox", identity),
            ("Set-Mailbox", check_only),
        ],
    );
}

#[test]
fn a_conversion_of_a_group_names_its_members() {
    let group = |name: &str| -> Value {
        let known = admin_protocol::cmdlet::find(name).expect("in the table");
        let mut object = crate::fake::sample(known);
        object.insert("RecipientTypeDetails".to_owned(), "GroupMailbox".into());
        json!({"value": [object]})
    };
    let answers = ["Get-Recipient", "Get-UnifiedGroup"].map(|name| Answer::json(200, &group(name)));
    let endpoint = Endpoint::answering(answers.into());
    let output = endpoint.run(&["shared", "convert", "ventes"]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let cmdlets: Vec<String> = endpoint.calls().into_iter().map(|call| call.cmdlet).collect();
    let expected = [
        "Get-Recipient",
        "Get-UnifiedGroup",
        "Set-Mailbox",
        "Get-UnifiedGroupLinks",
        "Set-Mailbox",
    ];
    assert_eq!(cmdlets, expected);
    let text = stderr(&output);
    assert!(text.contains("becomes a shared mailbox"), "{text}");
    assert!(text.contains("PrimarySmtpAddress text"), "{text}");
}

#[test]
fn a_password_is_set_for_oneself_or_another() {
    let endpoint = Endpoint::start();
    let own = ["user", "password", "--password-file", "-"];
    let output = endpoint.run_with_input(&own, "a new long one\n");
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let output = endpoint.run(&["user", "password", "jean"]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let made = crate::fake::stdout(&output).trim().to_owned();
    let calls = endpoint.calls();
    assert_eq!(calls[0].cmdlet, "Set-UserPassword");
    assert_eq!(calls[0].parameters, json!({"Password": "a new long one"}));
    assert_eq!(calls[1].parameters, json!({"User": "jean", "Password": made}));
    assert_eq!(made.len(), 20);
}

#[test]
fn a_change_can_be_made_conditional() {
    check(
        "group set support --notes x --expected-version abc",
        &[(
            "Set-UnifiedGroup",
            json!({"Identity": "support", "Notes": "x", "ExpectedVersion": "abc"}),
        )],
    );
    check(
        "user set jean --notes x --expected-version abc",
        &[("Set-Mailbox", json!({"Identity": "jean", "Notes": "x", "ExpectedVersion": "abc"}))],
    );
}
