//! Trees from message identities and subjects.

use super::*;

fn letter(uid: Uid, subject: &str, id: &str, references: &[&str]) -> Letter {
    let (subject, is_answer) = base_subject(subject);
    Letter {
        uid,
        sent_at_ms: i64::from(uid),
        subject,
        is_answer,
        message_id: (!id.is_empty()).then(|| id.to_owned()),
        references: references.iter().map(|id| (*id).to_owned()).collect(),
    }
}

fn written(forest: &Forest, letters: &[Letter]) -> String {
    let mut out = Vec::new();
    forest.write(&mut out, |index| letters[index].uid);
    String::from_utf8(out).unwrap()
}

fn by_references(letters: &[Letter]) -> String {
    written(&references::forest(letters), letters)
}

#[test]
fn one_subject_is_one_thread_with_all_others_below_its_first() {
    let letters = [
        letter(1, "a", "", &[]),
        letter(2, "b", "", &[]),
        letter(3, "Re: a", "", &[]),
        letter(4, "Re: a", "", &[]),
        letter(5, "Re: b", "", &[]),
    ];
    assert_eq!(written(&by_subject(&letters), &letters), "(1 (3)(4))(2 5)");
}

#[test]
fn answers_stand_below_what_they_answer() {
    let letters = [
        letter(1, "a", "1", &[]),
        letter(2, "Re: a", "2", &["1"]),
        letter(3, "Re: a", "3", &["1", "2"]),
        letter(4, "Re: a", "4", &["1"]),
        letter(5, "b", "5", &[]),
    ];
    assert_eq!(by_references(&letters), "(1 (2 3)(4))(5)");
}

#[test]
fn an_absent_message_holds_its_answers_together() {
    let letters = [
        letter(1, "x", "1", &["gone"]),
        letter(2, "y", "2", &["gone"]),
        letter(3, "z", "3", &["far"]),
    ];
    assert_eq!(by_references(&letters), "((1)(2))(3)");
}

#[test]
fn trees_of_one_subject_are_gathered() {
    let letters =
        [letter(1, "a", "1", &[]), letter(2, "Re: a", "2", &[]), letter(3, "b", "3", &[])];
    assert_eq!(by_references(&letters), "(1 2)(3)");
    let equals = [letter(1, "a", "1", &[]), letter(2, "a", "2", &[]), letter(3, "a", "3", &[])];
    assert_eq!(by_references(&equals), "((1)(2)(3))");
}

#[test]
fn an_answer_that_came_first_goes_below_the_question() {
    let letters =
        [letter(1, "Re: a", "1", &[]), letter(2, "a", "2", &[]), letter(3, "a", "3", &[])];
    assert_eq!(by_references(&letters), "((2 1)(3))");
}

#[test]
fn many_conversations_take_no_longer_than_their_number() {
    let ids: Vec<String> = (0..40_000).map(|n| n.to_string()).collect();
    let two_of_each = |n: u32| letter(n + 1, &(n / 2).to_string(), &ids[n as usize], &[]);
    let letters: Vec<Letter> = (0..40_000).map(two_of_each).collect();
    assert!(by_references(&letters).starts_with("((1)(2))((3)(4))"));
}

#[test]
fn a_loop_is_cut() {
    let letters = [letter(1, "a", "1", &["2"]), letter(2, "b", "2", &["1"])];
    assert_eq!(by_references(&letters), "(2 1)");
    assert_eq!(by_references(&[letter(1, "a", "1", &["1"])]), "(1)");
}

#[test]
fn a_very_long_conversation_is_written() {
    let ids: Vec<String> = (0..50_000).map(|n| n.to_string()).collect();
    let letters: Vec<Letter> = (0..50_000_u32)
        .map(|n| {
            let above = n.checked_sub(1).map(|above| ids[above as usize].as_str());
            letter(n + 1, "", &ids[n as usize], &above.into_iter().collect::<Vec<_>>())
        })
        .collect();
    let told = by_references(&letters);
    assert_eq!(told.split([' ', '(', ')']).filter(|word| !word.is_empty()).count(), 50_000);
}
