//! Tests of `cmdlet`: the table is sane, and checking a call or an output works.

use std::collections::HashSet;

use serde_json::json;

use super::*;

fn object(value: &Value) -> Object {
    value.as_object().expect("the test gives an object").clone()
}

#[test]
fn names_are_unique_and_in_powershell_form() {
    let mut seen = HashSet::new();
    for cmdlet in all() {
        assert!(seen.insert(cmdlet.name.to_lowercase()), "{} is there twice", cmdlet.name);
        let (verb, noun) = cmdlet.name.split_once('-').expect("a verb, a hyphen, a noun");
        assert!(
            [
                "Get", "New", "Set", "Add", "Remove", "Test", "Search", "Retry", "Resume",
                "Suspend", "Clear", "Enable", "Disable"
            ]
            .contains(&verb),
            "{verb} is no verb of ours"
        );
        assert!(noun.chars().all(char::is_alphanumeric), "{noun} is no noun");
    }
}

#[test]
fn every_cmdlet_explains_itself() {
    for cmdlet in all() {
        assert!(cmdlet.synopsis.ends_with('.'), "{} needs a sentence", cmdlet.name);
        assert!(cmdlet.synopsis.len() > 15, "{} needs a sentence", cmdlet.name);
        assert!(
            !cmdlet.only_reads() || !cmdlet.output.is_empty(),
            "{} reads and shows nothing",
            cmdlet.name
        );
    }
}

#[test]
fn parameters_are_unique_and_positions_dense() {
    for cmdlet in all() {
        let mut seen = HashSet::new();
        for parameter in cmdlet.parameters {
            let fresh = seen.insert(parameter.name.to_lowercase());
            assert!(fresh, "{} has -{} twice", cmdlet.name, parameter.name);
            assert!(!text::is_common_parameter(parameter.name), "{}", parameter.name);
        }
        let mut positions: Vec<u8> =
            cmdlet.parameters.iter().filter_map(|parameter| parameter.position).collect();
        positions.sort_unstable();
        let dense: Vec<u8> = (1..).take(positions.len()).collect();
        assert_eq!(positions, dense, "positions of {}", cmdlet.name);
    }
}

#[test]
fn output_properties_are_unique() {
    for cmdlet in all() {
        let mut seen = HashSet::new();
        for property in cmdlet.output {
            assert!(seen.insert(property.name), "{} has {} twice", cmdlet.name, property.name);
        }
    }
}

#[test]
fn what_changes_is_closed_to_auditors() {
    for cmdlet in all().filter(|cmdlet| !cmdlet.only_reads()) {
        assert_ne!(cmdlet.caller, Caller::Auditor, "{} changes something", cmdlet.name);
        assert_ne!(cmdlet.caller, Caller::Anyone, "{} changes something", cmdlet.name);
    }
}

#[test]
fn built_in_pauses_are_those_of_exchange() {
    for (name, pause) in [
        ("Add-RecipientPermission", Pause::AsksFirst),
        ("Remove-RecipientPermission", Pause::AsksFirst),
        ("Remove-MailboxPermission", Pause::AsksFirst),
        ("Remove-UnifiedGroup", Pause::AsksFirst),
        ("Remove-UnifiedGroupLinks", Pause::AsksFirst),
        ("Remove-TransportRule", Pause::AsksFirst),
        ("Remove-JournalRule", Pause::AsksFirst),
        ("Add-MailboxPermission", Pause::None),
        ("Add-UnifiedGroupLinks", Pause::None),
        ("New-Mailbox", Pause::None),
    ] {
        assert_eq!(find(name).expect("in the table").pause, pause, "{name}");
    }
}

#[test]
fn finds_whatever_the_case() {
    assert_eq!(find("ADD-recipientpermission").expect("found").name, "Add-RecipientPermission");
    assert!(find("Add-Nonsense").is_none());
}

#[test]
fn check_takes_any_case_and_common_parameters() {
    let cmdlet = find("Add-RecipientPermission").expect("in the table");
    let parameters = Parameters::new()
        .with("identity", "support@contoso.com")
        .with("TRUSTEE", "jean.dupont")
        .with("accessRights", json!(["sendas"]))
        .with("Confirm", false)
        .with("Verbose", true);
    assert_eq!(cmdlet.check(&parameters), Ok(()));
}

#[test]
fn check_names_what_is_wrong() {
    let cmdlet = find("Set-UnifiedGroup").expect("in the table");
    let check = |parameters: Parameters, part: &str| {
        let failure = cmdlet.check(&parameters).expect_err(part);
        assert!(failure.text.contains(part), "{} lacks {part}", failure.text);
        assert_eq!(failure.kind.status(), 400);
    };
    check(Parameters::new(), "needs the parameter -Identity");
    check(Parameters::new().with("Identity", " "), "needs the parameter -Identity");
    let identity = Parameters::new().with("Identity", "support");
    check(
        identity.clone().with("HiddenFromAdressListsEnabled", true),
        "Did you mean HiddenFromAddressListsEnabled?",
    );
    check(identity.clone().with("MessageCopyForSentAsEnabled", true), "cannot be found");
    check(identity.with("HiddenFromAddressListsEnabled", "perhaps"), "$true or $false");
}

#[test]
fn output_faults_are_found() {
    let cmdlet = find("Get-AcceptedDomain").expect("in the table");
    let good = json!({
        "Identity": "contoso.com", "Name": "contoso.com", "DomainName": "contoso.com",
        "DomainType": "Authoritative", "Default": true,
    });
    assert_eq!(cmdlet.output_faults(&object(&good)), Vec::<String>::new());
    let mut bad = object(&good);
    bad.remove("Name");
    bad.insert("Default".to_owned(), json!("yes"));
    bad.insert("Extra".to_owned(), json!(1));
    assert_eq!(cmdlet.output_faults(&bad).len(), 3);
}

#[test]
fn output_faults_look_into_objects() {
    const PARTS: &[Property] = &[Property::new("Passed", PropertyKind::OptionalBoolean)];
    let checks = Property::new("Checks", PropertyKind::Objects(PARTS));
    assert!(value_faults(&checks, &json!([{"Passed": null}, {"Passed": true}])).is_empty());
    assert_eq!(value_faults(&checks, &json!([{"Passed": "no"}])).len(), 1);
    assert_eq!(value_faults(&checks, &json!("no array")).len(), 1);
}

#[test]
fn annotations_come_and_go() {
    let cmdlet = find("Get-UnifiedGroup").expect("in the table");
    let bare = object(&json!({"Guid": "x", "EmailAddresses": ["SMTP:a@b.c"], "Alias": "a"}));
    let mut annotated = bare.clone();
    cmdlet.annotate(&mut annotated);
    assert_eq!(annotated["EmailAddresses@odata.type"], "#Collection(String)");
    assert_eq!(annotated["Guid@data.type"], "System.Guid");
    strip_annotations(&mut annotated);
    assert_eq!(annotated, bare);
}

#[test]
fn every_parameter_has_help_and_every_cmdlet_an_example() {
    for cmdlet in all() {
        for parameter in cmdlet.parameters {
            let help = parameter.help.trim();
            assert!(help.ends_with('.'), "{} -{} needs help", cmdlet.name, parameter.name);
        }
        assert!(!cmdlet.examples.is_empty(), "{} needs an example", cmdlet.name);
        for example in cmdlet.examples {
            assert!(example.says.ends_with('.'), "{}: {}", cmdlet.name, example.line);
            // One in parentheses whose property is taken begins with them.
            let called = example.line.trim_start_matches('(').split(' ').next().unwrap_or_default();
            assert!(find(called).is_some(), "{}: {called} is no cmdlet", cmdlet.name);
        }
    }
}

#[test]
fn examples_use_parameters_that_exist() {
    for cmdlet in all() {
        for example in cmdlet.examples {
            // What is behind a bar or in braces is the shell's.
            let line = example.line.split([')', '|']).next().unwrap_or_default();
            let line = line.trim_start_matches('(').trim_end();
            let mut words = line.split(' ');
            let called = words.next().and_then(find).expect("checked above");
            for word in words.filter(|word| word.starts_with('-') && !word.contains('\'')) {
                let name = word.trim_start_matches('-').split(':').next().unwrap_or_default();
                let is_operator = ["eq", "like"].contains(&name);
                assert!(
                    is_operator
                        || called.parameter(name).is_some()
                        || text::is_common_parameter(name),
                    "{line}: -{name}"
                );
            }
        }
    }
}

#[test]
fn display_names_properties_of_the_output() {
    for cmdlet in all() {
        assert_eq!(cmdlet.display.is_empty(), cmdlet.output.is_empty(), "{}", cmdlet.name);
        for name in cmdlet.display {
            let is_there = cmdlet.output.iter().any(|property| property.name == *name);
            assert!(is_there, "{} does not put {name} out", cmdlet.name);
        }
    }
}
