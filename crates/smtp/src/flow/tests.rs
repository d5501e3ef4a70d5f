//! Each state with each verb and each step.

use mail::{Address, ReversePath};

use super::*;

fn recipient() -> RecipientParameters {
    RecipientParameters::new(Address::parse("anna@example.org").unwrap())
}

fn empty() -> Envelope {
    Envelope::new(MailParameters::new(ReversePath::Null))
}

fn filled() -> Envelope {
    empty().with(recipient())
}

fn states() -> [State; 6] {
    [
        State::Connected,
        State::Ready,
        State::Transaction(empty()),
        State::Transaction(filled()),
        State::Chunking(filled()),
        State::Closed,
    ]
}

const VERBS: [Verb; 9] = [
    Verb::Hello,
    Verb::Mail,
    Verb::Rcpt,
    Verb::Data,
    Verb::Bdat,
    Verb::Reset,
    Verb::StartTls,
    Verb::Auth,
    Verb::Quit,
];

#[test]
fn each_verb_in_each_state() {
    // Columns as in VERBS; y: allowed, h/m/r/t/c/x: the reason.
    let table = [
        "yhhhhyhhy", // Connected
        "yymmmyyyy", // Ready
        "ytyrrytty", // Transaction without a recipient
        "ytyyyytty", // Transaction with one
        "ycccyyccy", // Chunking; BDAT goes on
        "xxxxxxxxx", // Closed
    ];
    for (state, row) in states().into_iter().zip(table) {
        for (verb, expected) in VERBS.into_iter().zip(row.chars()) {
            let found = match state.allows(verb) {
                Ok(()) => 'y',
                Err(BadSequence::HelloFirst) => 'h',
                Err(BadSequence::MailFirst) => 'm',
                Err(BadSequence::RecipientFirst) => 'r',
                Err(BadSequence::TransactionOpen) => 't',
                Err(BadSequence::ChunksBegun) => 'c',
                Err(BadSequence::Closed) => 'x',
            };
            assert_eq!(found, expected, "{verb:?} in {state:?}");
        }
    }
}

#[test]
fn each_step_in_each_state() {
    let began = || Step::Began(MailParameters::new(ReversePath::Null));
    let steps: [(Step, Verb); 6] = [
        (Step::Greeted, Verb::Hello),
        (began(), Verb::Mail),
        (Step::Added(recipient()), Verb::Rcpt),
        (Step::Chunked, Verb::Bdat),
        (Step::Reset, Verb::Reset),
        (Step::Quit, Verb::Quit),
    ];
    for state in states() {
        for (step, verb) in &steps {
            // The two tables agree, with the same reason.
            let applied = state.clone().apply(step.clone());
            assert_eq!(applied.clone().err(), state.allows(*verb).err(), "{step:?} in {state:?}");
            let Ok(after) = applied else { continue };
            let expected = match (&state, step) {
                (_, Step::Quit) => State::Closed,
                (State::Connected, Step::Reset) => State::Connected,
                (_, Step::Greeted | Step::Reset) => State::Ready,
                (_, Step::Began(_)) => State::Transaction(empty()),
                (State::Transaction(envelope), Step::Added(to)) => {
                    State::Transaction(envelope.clone().with(to.clone()))
                }
                (_, Step::Chunked) => State::Chunking(filled()),
                other => panic!("{other:?} must not be allowed"),
            };
            assert_eq!(after, expected, "{step:?} in {state:?}");
        }
    }
}

#[test]
fn handing_over_ends_the_transaction() {
    for state in states() {
        let envelope = state.envelope().cloned();
        let (after, handed_over) = state.clone().hand_over();
        assert_eq!(handed_over, envelope);
        match envelope {
            Some(_) => assert_eq!(after, State::Ready),
            None => assert_eq!(after, state),
        }
    }
}
