//! Tests of `parameters`: lenient where Exchange is, strict in the rest.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn one(value: Value) -> Parameters {
    Parameters::new().with("Thing", value)
}

#[test]
fn names_are_found_in_any_case() {
    let parameters = Parameters::new().with("GrantSendonBehalfTo", "jean");
    assert_eq!(parameters.text("grantsendONbehalfto"), Ok(Some("jean".to_owned())));
    assert_eq!(parameters.text("GrantSendOnBehalf"), Ok(None));
}

#[test]
fn text_takes_scalars_only() {
    let check = |value: Value, expected: Option<&str>| {
        let read = one(value).text("Thing").ok().flatten();
        assert_eq!(read.as_deref(), expected);
    };
    check(json!(" a b "), Some("a b"));
    check(json!(12), Some("12"));
    check(json!(null), Some(""));
    check(json!(true), None);
    check(json!(["a"]), None);
    check(json!({}), None);
}

#[test]
fn required_text_refuses_the_empty_one() {
    assert!(one(json!("")).required_text("Thing").is_err());
    assert!(Parameters::new().required_text("Thing").is_err());
    assert_eq!(one(json!("x")).required_text("Thing"), Ok("x".to_owned()));
}

#[test]
fn secrets_stay_as_they_are() {
    assert_eq!(one(json!(" p w ")).secret("Thing"), Ok(Some(" p w ".to_owned())));
    let failure = one(json!(123_456)).secret("Thing").expect_err("no string");
    assert!(!failure.text.contains("123456"), "a refused password is not repeated");
}

#[test]
fn lists_come_single_many_edited_or_cleared() {
    let check = |value: Value, expected: ListEdit| {
        assert_eq!(one(value).list_edit("Thing"), Ok(Some(expected)));
    };
    let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    check(json!("a"), ListEdit::Replace(list(&["a"])));
    check(json!(["a", "b"]), ListEdit::Replace(list(&["a", "b"])));
    check(json!(null), ListEdit::Replace(Vec::new()));
    check(json!([]), ListEdit::Replace(Vec::new()));
    check(
        json!({"@odata.type": "#Exchange.GenericHashTable", "Add": "a", "remove": ["b", "c"]}),
        ListEdit::Change { add: list(&["a"]), remove: list(&["b", "c"]) },
    );
    assert!(one(json!({"insert": "a"})).list_edit("Thing").is_err());
    assert!(one(json!([["a"]])).list_edit("Thing").is_err());
    assert_eq!(Parameters::new().list_edit("Thing"), Ok(None));
}

#[test]
fn plain_lists_take_an_add_but_no_remove() {
    assert_eq!(one(json!({"add": ["a"]})).text_list("Thing"), Ok(vec!["a".to_owned()]));
    assert!(one(json!({"remove": ["a"]})).text_list("Thing").is_err());
    assert_eq!(Parameters::new().text_list("Thing"), Ok(Vec::new()));
}

#[test]
fn edits_apply_in_order_and_once() {
    let same = |left: &str, right: &str| left.eq_ignore_ascii_case(right);
    let current = ["a".to_owned(), "b".to_owned()];
    let edit = ListEdit::Change {
        add: vec!["c".to_owned(), "B".to_owned(), "c".to_owned()],
        remove: vec!["A".to_owned()],
    };
    assert_eq!(edit.apply(&current, same), ["b", "c"]);
    assert_eq!(ListEdit::Replace(vec!["z".to_owned()]).apply(&current, same), ["z"]);
}

#[test]
fn booleans_come_in_several_spellings() {
    for value in [json!(true), json!("$true"), json!("TRUE"), json!({"IsPresent": true}), json!(1)]
    {
        assert_eq!(one(value.clone()).boolean("Thing"), Ok(Some(true)), "{value}");
    }
    for value in [json!(false), json!("$False"), json!({"IsPresent": false}), json!(0)] {
        assert_eq!(one(value.clone()).boolean("Thing"), Ok(Some(false)), "{value}");
    }
    for value in [json!("yes"), json!(null), json!(2), json!([true])] {
        assert!(one(value.clone()).boolean("Thing").is_err(), "{value}");
    }
    assert_eq!(Parameters::new().switch("Thing"), Ok(false));
}

#[test]
fn numbers_may_be_unlimited_where_allowed() {
    let size = |value: Value| one(value).integer_or_unlimited("Thing");
    assert_eq!(size(json!("Unlimited")), Ok(Some(ResultSize::Unlimited)));
    assert_eq!(size(json!("50")), Ok(Some(ResultSize::AtMost(50))));
    assert_eq!(size(json!(0)), Ok(Some(ResultSize::AtMost(0))));
    assert!(size(json!(-1)).is_err());
    assert!(size(json!(1.5)).is_err());
    assert!(one(json!("unlimited")).integer("Thing").is_err());
}

#[test]
fn words_are_given_back_as_the_table_spells_them() {
    let words = ["SendAs", "FullAccess"];
    assert_eq!(one(json!("sendas")).one_of("Thing", &words), Ok(Some("SendAs")));
    assert_eq!(one(json!(["SENDAS"])).one_of("Thing", &words), Ok(Some("SendAs")));
    let failure = one(json!("Owner")).one_of("Thing", &words).expect_err("no such word");
    assert!(failure.text.contains("SendAs, FullAccess"), "{failure}");
    assert!(one(json!(["SendAs", "FullAccess"])).one_of("Thing", &words).is_err());
}

#[test]
fn timestamps_are_read_or_explained() {
    assert_eq!(one(json!("1970-01-02")).timestamp("Thing"), Ok(Some(Timestamp(86_400_000))));
    assert_eq!(one(json!(null)).timestamp("Thing"), Ok(None));
    let failure = one(json!("soon")).timestamp("Thing").expect_err("no date");
    assert!(failure.text.contains("2027-01-31"), "{failure}");
}

#[test]
fn confirmation_and_what_if_are_seen() {
    assert!(Parameters::new().with("confirm", true).asks_confirmation());
    assert!(!Parameters::new().with("Confirm", false).asks_confirmation());
    assert!(Parameters::new().with("WhatIf", "$true").is_what_if());
}

#[test]
fn a_set_that_sets_nothing_is_seen() {
    assert!(Parameters::new().with("identity", "x").with("Verbose", true).sets_nothing());
    assert!(!Parameters::new().with("Identity", "x").with("Notes", "").sets_nothing());
}

#[test]
fn building_leaves_out_what_is_not_there() {
    let parameters = Parameters::new()
        .with_some("A", None::<String>)
        .with_list("B", &[])
        .with_edit("C", &[], &[])
        .with_edit("D", &["x".to_owned()], &[]);
    assert_eq!(parameters.names().collect::<Vec<_>>(), ["D"]);
    assert_eq!(
        parameters.list_edit("D"),
        Ok(Some(ListEdit::Change { add: vec!["x".to_owned()], remove: Vec::new() }))
    );
}

proptest! {
    #[test]
    fn an_edit_holds_what_was_added_and_nothing_that_was_removed(
        current in proptest::collection::vec("[a-e]", 0..5),
        add in proptest::collection::vec("[a-e]", 0..5),
        remove in proptest::collection::vec("[a-e]", 0..5),
    ) {
        let edit = ListEdit::Change { add: add.clone(), remove: remove.clone() };
        let list = edit.apply(&current, |left, right| left == right);
        for value in &add {
            prop_assert!(list.contains(value));
        }
        for value in remove.iter().filter(|value| !add.contains(value)) {
            prop_assert!(!list.contains(value));
        }
    }

    #[test]
    fn a_built_edit_is_read_back(
        add in proptest::collection::vec("[a-z]{1,8}@[a-z]{1,8}", 1..4),
        remove in proptest::collection::vec("[a-z]{1,8}@[a-z]{1,8}", 0..4),
    ) {
        let parameters = Parameters::new().with_edit("EmailAddresses", &add, &remove);
        prop_assert_eq!(
            parameters.list_edit("emailaddresses"),
            Ok(Some(ListEdit::Change { add, remove }))
        );
    }
}
