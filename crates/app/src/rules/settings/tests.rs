use domain::rules::Rule;
use mail::Domain;

use super::read::{
    PREFIX_CHARACTERS_MAX, RULE_CHARACTERS_MAX, TEXT_CHARACTERS_MAX, VALUES_MAX,
    WORD_CHARACTERS_MAX,
};
use super::*;

fn directory() -> Directory {
    let mut directory = Directory::default();
    let domains = vec![Domain::parse("contoso.com").unwrap()];
    directory.set_organization(domain::Organization::default(), domains);
    directory
}

fn settings(list: &[(&str, &[&str])]) -> Settings {
    let own = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    list.iter().map(|(name, values)| ((*name).to_owned(), own(values))).collect()
}

fn read(list: &[(&str, &[&str])]) -> Result<Transport, String> {
    read_transport(&directory(), &settings(list)).map_err(|error| error.to_string())
}

#[test]
fn what_is_shown_is_what_is_read() {
    let all = settings(&[
        ("From", &["x@fabrikam.com", "(removed recipient 7)"]),
        ("FromScope", &["NotInOrganization"]),
        ("SenderDomainIs", &["fabrikam.com"]),
        ("SentBy", &["(removed recipient 8)"]),
        ("SubjectMatchesPatterns", &["^a+$", "b"]),
        ("HeaderContainsMessageHeader", &["X-Class"]),
        ("HeaderContainsWords", &["green tea"]),
        ("HasAttachment", &["true"]),
        ("AttachmentExtensionMatchesWords", &["exe"]),
        ("MessageSizeOver", &["1048576"]),
        ("ExceptIfSubjectContainsWords", &["[ok]"]),
        ("ExceptIfHeaderMatchesMessageHeader", &["X-B"]),
        ("ExceptIfHeaderMatchesPatterns", &["c"]),
        ("BlindCopyTo", &["archive@fabrikam.com"]),
        ("AddToRecipients", &["a@fabrikam.com"]),
        ("RedirectMessageTo", &["b@fabrikam.com"]),
        ("PrependSubject", &["[EXT]"]),
        ("RemoveHeader", &["X-A"]),
        ("SetHeaderName", &["X-A"]),
        ("SetHeaderValue", &["1"]),
        ("StopRuleProcessing", &["true"]),
        ("Mode", &["Audit"]),
        ("ActivationDate", &["2027-01-31T18:00:00Z"]),
        ("ExpiryDate", &["2027-02-01T00:00:00Z"]),
        ("SenderAddressLocation", &["HeaderOrEnvelope"]),
        ("Comments", &["why"]),
    ]);
    let body = read_transport(&directory(), &all).unwrap();
    assert_eq!(of_transport(&directory(), &body), all);
    assert!(all.keys().all(|name| transport_parameters().any(|known| known == *name)));
    let reject = settings(&[
        ("RejectMessageReasonText", &["no"]),
        ("RejectMessageEnhancedStatusCode", &["5.7.901"]),
    ]);
    let body = read_transport(&directory(), &reject).unwrap();
    assert_eq!(of_transport(&directory(), &body), reject);
    let journal = settings(&[
        ("JournalEmailAddress", &["archive@fabrikam.com"]),
        ("Recipient", &["(removed recipient 7)"]),
        ("Scope", &["External"]),
    ]);
    let body = read_journal(&directory(), &journal).unwrap();
    assert_eq!(of_journal(&directory(), &body), journal);
}

#[test]
fn what_cannot_be_is_told_by_its_name() {
    let stop: (&str, &[&str]) = ("StopRuleProcessing", &["true"]);
    for (list, told) in [
        (&[][..], "actions"),
        (&[("From", &["nobody@contoso.com"][..]), stop], "From: nobody"),
        (&[("From", &["nobody"][..]), stop], "From: 'nobody'"),
        (&[("FromMemberOf", &["x@fabrikam.com"][..]), stop], "FromMemberOf"),
        (&[("FromScope", &["Here"][..]), stop], "FromScope"),
        (&[("FromScope", &["InOrganization", "InOrganization"][..]), stop], "FromScope"),
        (&[("SubjectMatchesPatterns", &["("][..]), stop], "SubjectMatchesPatterns"),
        (&[("HeaderContainsWords", &["x"][..]), stop], "HeaderContainsWords"),
        (&[("HeaderContainsMessageHeader", &["X"][..]), stop], "HeaderContainsMessageHeader"),
        (&[("ExceptIfHeaderMatchesMessageHeader", &["X"][..]), stop], "ExceptIfHeaderMatches"),
        (&[("MessageSizeOver", &["much"][..]), stop], "MessageSizeOver"),
        (&[("SenderDomainIs", &["-"][..]), stop], "SenderDomainIs"),
        (&[("HasAttachment", &["maybe"][..]), stop], "HasAttachment"),
        (&[("ActivationDate", &["soon"][..]), stop], "ActivationDate"),
        (&[("Mode", &["Loud"][..]), stop], "Mode"),
        (&[("SetHeaderName", &["X-A"][..])], "SetHeaderName"),
        (&[("SetHeaderValue", &["X-A"][..])], "SetHeaderValue"),
        (&[("SetHeaderName", &["From"][..]), ("SetHeaderValue", &["x"][..])], "SetHeaderName"),
        (&[("RemoveHeader", &["Received"][..])], "RemoveHeader"),
        (&[("PrependSubject", &["a\nb"][..])], "PrependSubject"),
        (&[("RejectMessageReasonText", &["a\u{7}b"][..])], "RejectMessageReasonText"),
        (&[("RejectMessageReasonText", &["no"][..]), ("PrependSubject", &["x"][..])], "actions"),
    ] {
        let refused = read(list).expect_err(told);
        assert!(refused.starts_with(told), "{refused}");
    }
    for code in ["5.7.2", "5.7.899", "4.7.1", "5.1.1", "x"] {
        let refused = read(&[("RejectMessageEnhancedStatusCode", &[code])]).expect_err(code);
        assert!(refused.starts_with("RejectMessageEnhancedStatusCode"), "{refused}");
    }
    let dates: &[(&str, &[&str])] =
        &[stop, ("ActivationDate", &["2027-02-01"]), ("ExpiryDate", &["2027-02-01T00:00"])];
    assert!(read(dates).expect_err("no time at all").starts_with("ExpiryDate"));
}

#[test]
fn every_limit_holds_at_its_edge() {
    let filled = |character: &str, count: usize| character.repeat(count);
    let takes = |name: &str, value: &str| {
        let stop: (&str, &[&str]) = ("StopRuleProcessing", &["true"]);
        read(&[(name, &[value]), stop]).is_ok()
    };
    for (name, most) in [
        ("SubjectContainsWords", WORD_CHARACTERS_MAX),
        ("PrependSubject", PREFIX_CHARACTERS_MAX),
        ("Comments", TEXT_CHARACTERS_MAX),
    ] {
        assert!(takes(name, &filled("é", most)), "{name}");
        assert!(!takes(name, &filled("é", most + 1)), "{name}");
    }
    let words = |count: usize, length: usize| {
        let word = filled("a", length);
        let list: Vec<&str> = std::iter::repeat_n(word.as_str(), count).collect();
        let stop: (&str, &[&str]) = ("StopRuleProcessing", &["true"]);
        read(&[("SubjectContainsWords", &list), stop]).is_ok()
    };
    assert!(words(VALUES_MAX, 1) && !words(VALUES_MAX + 1, 1));
    let (long, most) = (WORD_CHARACTERS_MAX, RULE_CHARACTERS_MAX / WORD_CHARACTERS_MAX);
    // The word "true" of the other setting counts too.
    assert!(words(most - 1, long) && !words(most, long));
}

#[test]
fn settings_are_merged_by_name_whatever_its_case() {
    let known: Vec<String> = transport_parameters().collect();
    let before = settings(&[("From", &["a@fabrikam.com"]), ("PrependSubject", &["x"])]);
    let changes = settings(&[("from", &[" ", ""]), ("PREPENDSUBJECT", &[" [y] "])]);
    let after = merged(before, &changes, &known).unwrap();
    assert_eq!(after, settings(&[("PrependSubject", &["[y]"])]));
    let unknown = merged(Settings::new(), &settings(&[("Form", &["x"])]), &known);
    assert_eq!(unknown, Err("Form".to_owned()));
}

#[test]
fn names_of_rules_are_found_whatever_their_case() {
    let rule = Rule {
        id: domain::RuleId(1),
        guid: "11111111-2222-4333-8444-555555555555".to_owned(),
        name: "Été".to_owned(),
        is_enabled: true,
        body: (),
        created_by: String::new(),
        created_at: Timestamp(0),
        changed_by: String::new(),
        changed_at: Timestamp(0),
    };
    let rules = [rule];
    let found = |name: &str| crate::command::find_rule(&rules, name).is_some();
    assert!(found("éTÉ") && found("11111111-2222-4333-8444-555555555555") && !found("x"));
}
