//! Tests of `opath`.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::cmdlet::PropertyKind;

const PROPERTIES: &[Property] = &[
    Property::new("Alias", PropertyKind::Text),
    Property::new("EmailAddresses", PropertyKind::TextList),
    Property::new("Hidden", PropertyKind::Boolean),
    Property::new("Count", PropertyKind::Integer),
    Property::new("WhenCreatedUTC", PropertyKind::Timestamp),
    Property::new("Role", PropertyKind::OptionalText),
];

fn support() -> Object {
    json!({
        "Alias": "support", "EmailAddresses": ["SMTP:support@contoso.com", "smtp:aide@contoso.com"],
        "Hidden": false, "Count": 10, "WhenCreatedUTC": "2026-09-21T14:13:20.0000000Z",
        "Role": null,
    })
    .as_object()
    .expect("an object")
    .clone()
}

fn holds(text: &str) -> bool {
    Filter::parse(text, PROPERTIES).expect(text).holds(&support())
}

#[test]
fn comparisons_hold() {
    for text in [
        "Alias -eq 'SUPPORT'",
        "alias -EQ \"support\"",
        "Alias -like 'sup*'",
        "Alias -like '*por*'",
        "Alias -like '*'",
        "Alias -notlike 'x*'",
        "EmailAddresses -eq 'smtp:aide@contoso.com'",
        "EmailAddresses -like '*@contoso.com'",
        "Hidden -eq $false",
        "Hidden -eq 'False'",
        "Count -gt 9",
        "Count -le '10'",
        "WhenCreatedUTC -lt '2027-01-01'",
        "WhenCreatedUTC -ge 2026-09-21T14:13:20Z",
        "Role -eq $null",
        "Alias -ne $null",
        "-not (Alias -eq 'x')",
        "!(Alias -eq 'x')",
        "{$_.Alias -eq 'support'}",
        "Alias -eq 'x' -or Alias -eq 'support' -and Count -eq 10",
        "(Alias -eq 'support' -or Alias -eq 'x') -and (Hidden -eq $false)",
    ] {
        assert!(holds(text), "{text}");
    }
}

#[test]
fn comparisons_fail() {
    for text in [
        "Alias -eq 'x'",
        "Alias -like 'port*'",
        "EmailAddresses -notlike '*aide*'",
        "Count -gt 10",
        "Alias -eq 'support' -and Hidden -eq $true",
        "Role -ne $null",
        "Role -gt 'a'",
    ] {
        assert!(!holds(text), "{text}");
    }
}

#[test]
fn a_doubled_quote_stands_for_itself() {
    let filter = Filter::parse("Alias -eq 'l''aide'", PROPERTIES).expect("read");
    let mut object = support();
    object.insert("Alias".to_owned(), json!("l'aide"));
    assert!(filter.holds(&object));
}

#[test]
fn what_is_wrong_is_named() {
    for (text, part) in [
        ("", "the end"),
        ("Alias", OPERATORS),
        ("Alias -is 'x'", "'-is'"),
        ("Alias -eq", "a value"),
        ("Allias -eq 'x'", "did you mean Alias?"),
        ("(Alias -eq 'x'", "'the end'"),
        ("Alias -eq 'x' Count -eq 1", "-and, -or"),
        ("Alias -eq 'x", "the end"),
    ] {
        let failure = Filter::parse(text, PROPERTIES).expect_err(text);
        assert!(failure.text.contains(part), "{text}: {}", failure.text);
        assert_eq!(failure.target, "Filter");
    }
}

#[test]
fn depth_and_length_have_limits() {
    let nested = |depth: usize| {
        let (open, close) = ("(".repeat(depth), ")".repeat(depth));
        Filter::parse(&format!("{open}Alias -eq 'x'{close}"), PROPERTIES)
    };
    assert!(nested(DEPTH_MAX).is_ok());
    assert!(nested(DEPTH_MAX + 1).is_err());
    let long = |length: usize| {
        let value = "x".repeat(length - "Alias -eq ''".len());
        Filter::parse(&format!("Alias -eq '{value}'"), PROPERTIES)
    };
    assert!(long(CHARACTERS_MAX).is_ok());
    assert!(long(CHARACTERS_MAX + 1).is_err());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
        let _ = Filter::parse(&text, PROPERTIES);
    }

    #[test]
    fn equal_texts_are_found(value in "[a-zA-Z0-9 é'\"*.@-]{1,20}") {
        let quoted = value.replace('\'', "''");
        let filter = Filter::parse(&format!("Alias -eq '{quoted}'"), PROPERTIES).expect("read");
        let mut object = support();
        object.insert("Alias".to_owned(), json!(value));
        prop_assert!(filter.holds(&object));
    }

    #[test]
    fn a_star_stands_for_anything(head in "[a-z]{0,5}", body in "[a-z]{0,9}", tail in "[a-z]{0,5}") {
        let pattern = format!("{head}*{tail}");
        let text = format!("{head}{body}{tail}");
        prop_assert!(matches(&pattern, &text));
    }
}
