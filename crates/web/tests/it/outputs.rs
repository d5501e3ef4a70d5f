//! Whatever a reading cmdlet is asked, on an office with something of each kind, its answer is what
//! the table declares: the same names, of the declared kinds, page after page. And whatever changes
//! something never acts when it is asked to ask.

use std::sync::OnceLock;

use admin_protocol::cmdlet::{self, Cmdlet, Parameter, ParameterKind, strip_annotations};
use axum::http::StatusCode;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};
use web::Peer;

use crate::office::{Office, body_of, post_to};

/// An office with users, a shared mailbox, a team, a group, a contact, rights of each kind, mail,
/// waiting entries, tokens and failed logins.
struct Populated {
    runtime: tokio::runtime::Runtime,
    office: Office,
}

fn populated() -> &'static Populated {
    static POPULATED: OnceLock<Populated> = OnceLock::new();
    POPULATED.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let office = runtime.block_on(populate());
        Populated { runtime, office }
    })
}

async fn populate() -> Office {
    let office = Office::contoso().await;
    let shared = json!({ "Name": "Facturation", "Shared": true, "Members": "jean.dupont" });
    let changes: [(&str, Value); 12] = [
        ("New-Mailbox", shared),
        ("New-UnifiedGroup", json!({ "DisplayName": "Ventes", "Members": "support" })),
        ("New-MailContact", json!({ "Name": "Client", "ExternalEmailAddress": "c@fabrikam.com" })),
        ("New-ApiToken", json!({ "User": "jean.dupont", "Until": "2027-12-31" })),
        ("New-AppPassword", json!({ "User": "jean.dupont", "Name": "phone" })),
        ("New-Application", json!({ "Name": "Console", "Scopes": "admin", "Public": true })),
        (
            "Add-GuichetPermission",
            json!({ "Identity": "support", "Trustee": "jean.dupont", "Right": "SendAs" }),
        ),
        (
            "Add-GuichetPermission",
            json!({
                "Identity": "ventes", "Trustee": "support", "Right": "SendOnBehalf",
                "Until": "2027-01-31", "Reason": "holiday cover",
            }),
        ),
        (
            "Add-UnifiedGroupLinks",
            json!({ "Identity": "support", "LinkType": "Subscribers", "Links": "jean.dupont" }),
        ),
        ("Set-UnifiedGroup", json!({ "Identity": "support", "Channels": { "add": "Incidents" } })),
        ("New-TransportRule", json!({ "Name": "Mark", "From": "1@x.y", "PrependSubject": "x" })),
        (
            "New-JournalRule",
            json!({ "Name": "Journal", "JournalEmailAddress": "support", "Enabled": true }),
        ),
    ];
    for (name, parameters) in changes {
        office.call(name, parameters).await.objects();
    }
    office.submit("jean.dupont", "support@contoso.com", "x@fabrikam.com").await.unwrap();
    office.submit("jean.dupont", "ventes@contoso.com", "marie.durand@contoso.com").await.unwrap();
    let denied = office.submit("auditor", "support@contoso.com", "x@fabrikam.com").await;
    denied.expect_err("nobody gave the right");
    let peer = std::net::IpAddr::from([192, 0, 2, 77]);
    let _ = office.app.sign_in("x@contoso.com", "wrong", peer, crate::office::NOW).await;
    office
}

/// A value that the parameter can take; sometimes one that names nothing.
fn value(parameter: &Parameter) -> BoxedStrategy<Value> {
    match (parameter.name, parameter.kind) {
        ("Filter", _) => select(vec![
            "Identity -ne 'x'",
            "Identity -like '*s*' -and -not (Identity -eq 'y')",
            "RecipientTypeDetails -eq 'GroupMailbox'",
        ])
        .prop_map(Value::from)
        .boxed(),
        ("SortBy", _) => select(vec!["Identity", "DisplayName", "alias", "WhenCreatedUTC"])
            .prop_map(Value::from)
            .boxed(),
        (_, ParameterKind::Boolean | ParameterKind::Switch) => {
            any::<bool>().prop_map(Value::from).boxed()
        }
        (_, ParameterKind::Integer | ParameterKind::IntegerOrUnlimited) => {
            (0_u64..12).prop_map(Value::from).boxed()
        }
        (_, ParameterKind::OneOf(words)) => select(words.to_vec()).prop_map(Value::from).boxed(),
        (_, ParameterKind::Timestamp) => {
            select(vec!["2026-09-21", "2026-09-20T10:00:00Z"]).prop_map(Value::from).boxed()
        }
        (_, ParameterKind::Text | ParameterKind::TextList | ParameterKind::Secret) => select(vec![
            "support",
            "jean.dupont",
            "support@contoso.com",
            "contoso.com",
            "marie.durand@contoso.com",
            "ventes",
            "facturation",
            "client",
            "1",
            "GroupMailbox",
            "SharedMailbox",
            "en",
            "nobody",
        ])
        .prop_map(Value::from)
        .boxed(),
    }
}

/// A call of one of these cmdlets with its mandatory parameters and some others.
fn call_of(cmdlets: Vec<&'static Cmdlet>) -> impl Strategy<Value = (&'static Cmdlet, Value)> {
    select(cmdlets).prop_flat_map(|cmdlet| {
        let each: Vec<_> = cmdlet
            .parameters
            .iter()
            .map(|parameter| {
                let value = value(parameter);
                if parameter.is_mandatory {
                    value.prop_map(Some).boxed()
                } else {
                    proptest::option::weighted(0.25, value).boxed()
                }
            })
            .collect();
        each.prop_map(move |values| {
            let named = cmdlet.parameters.iter().zip(values);
            let given: Map<String, Value> = named
                .filter_map(|(parameter, value)| Some((parameter.name.to_owned(), value?)))
                .collect();
            (cmdlet, given.into())
        })
    })
}

fn readers() -> Vec<&'static Cmdlet> {
    cmdlet::all().filter(|cmdlet| cmdlet.only_reads()).collect()
}

fn writers() -> Vec<&'static Cmdlet> {
    cmdlet::all().filter(|cmdlet| !cmdlet.only_reads()).collect()
}

/// Calls and follows all pages; gives the objects of a 200.
async fn read_all(
    office: &Office,
    name: &str,
    parameters: &Value,
    size: usize,
) -> Option<Vec<Value>> {
    let body = body_of(name, parameters.clone());
    let mut path = "/adminapi/beta/contoso.com/InvokeCommand".to_owned();
    let mut found = Vec::new();
    loop {
        let mut request = post_to(&path, &body, Peer::Socket);
        let prefer = format!("odata.maxpagesize={size}").parse().unwrap();
        request.headers_mut().insert("prefer", prefer);
        let answer = office.send(request).await;
        assert!(!answer.status.is_server_error(), "{name} {parameters}: {:?}", answer.status);
        if answer.status != StatusCode::OK {
            return None;
        }
        let objects = answer.objects();
        assert!(objects.len() <= size, "{name} {parameters}: a page of {}", objects.len());
        found.extend(objects);
        match answer.json()["@odata.nextLink"].as_str() {
            Some(link) => path = link.strip_prefix("http://mail.contoso.com").unwrap().to_owned(),
            None => return Some(found),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_is_what_is_declared((cmdlet, parameters) in call_of(readers()), size in 1_usize..6) {
        let Populated { runtime, office } = populated();
        let pages = runtime.block_on(read_all(office, cmdlet.name, &parameters, size));
        let whole = runtime.block_on(read_all(office, cmdlet.name, &parameters, 1000));
        prop_assert_eq!(pages.is_some(), whole.is_some());
        let (pages, whole) = (pages.unwrap_or_default(), whole.unwrap_or_default());
        for shown in &whole {
            let mut object = shown.as_object().unwrap().clone();
            let faults = cmdlet.output_faults(&object);
            prop_assert!(faults.is_empty(), "{} {}: {:?}", cmdlet.name, parameters, faults);
            strip_annotations(&mut object);
            prop_assert_eq!(object.len(), cmdlet.output.len());
        }
        // A session of the audit goes on; everything else is the same however it is cut.
        if parameters["SessionId"].is_null() {
            prop_assert_eq!(pages, whole, "{} {}", cmdlet.name, parameters);
        }
    }

    #[test]
    fn who_asks_to_be_asked_changes_nothing(
        (cmdlet, mut parameters) in call_of(writers()),
        how in select(vec!["Confirm", "confirm", "WhatIf", "WHATIF"]),
    ) {
        let Populated { runtime, office } = populated();
        parameters[how] = true.into();
        let records = || async {
            let all = office.call("Test-UnifiedAuditLog", json!({})).await.objects();
            let waiting = office.call("Get-QueuedMessage", json!({})).await.objects();
            let throttled = office.call("Get-SignInThrottle", json!({})).await.objects();
            (all[0]["RecordCount"].clone(), office.app.directory().version(), waiting, throttled)
        };
        let before = runtime.block_on(records());
        let answer = runtime.block_on(office.call(cmdlet.name, parameters.clone()));
        prop_assert!(!answer.status.is_server_error(), "{} {}", cmdlet.name, parameters);
        if answer.status == StatusCode::OK {
            prop_assert!(answer.objects().is_empty());
            let json = answer.json();
            let question = json["@adminapi.confirmationmessage"].as_str().unwrap_or_default();
            prop_assert!(question.starts_with(cmdlet.name), "{} {}", cmdlet.name, parameters);
        }
        prop_assert_eq!(runtime.block_on(records()), before, "{} {}", cmdlet.name, parameters);
    }
}

#[test]
fn most_reading_cmdlets_have_something_to_show() {
    let Populated { runtime, office } = populated();
    let mandatory = |cmdlet: &Cmdlet| -> Value {
        let needed = cmdlet.parameters.iter().filter(|parameter| parameter.is_mandatory);
        let given = needed.map(|parameter| {
            let value = match parameter.kind {
                ParameterKind::OneOf(words) => json!(words[0]),
                _ if parameter.name == "MessageTraceId" => json!(trace_id(runtime, office)),
                _ => json!("support"),
            };
            (parameter.name.to_owned(), value)
        });
        given.collect::<Map<String, Value>>().into()
    };
    for cmdlet in readers() {
        let mut parameters = mandatory(cmdlet);
        match cmdlet.name {
            "Get-MailboxPermission" => parameters["Identity"] = "facturation".into(),
            "Get-SendIdentity" => parameters["User"] = "jean.dupont".into(),
            "Test-SendAs" => {
                parameters = json!({ "User": "jean.dupont", "From": "support@contoso.com" });
            }
            _ => {}
        }
        let found = runtime.block_on(read_all(office, cmdlet.name, &parameters, 1000));
        let Some(found) = found else { panic!("{} {parameters}", cmdlet.name) };
        // Every group of ours has a mailbox.
        let shows_nothing = cmdlet.name == "Get-DistributionGroup";
        assert_eq!(found.is_empty(), shows_nothing, "{} {parameters}", cmdlet.name);
    }
}

fn trace_id(runtime: &tokio::runtime::Runtime, office: &Office) -> String {
    let rows = runtime.block_on(office.call("Get-MessageTraceV2", json!({}))).objects();
    rows[0]["MessageTraceId"].as_str().unwrap().to_owned()
}
