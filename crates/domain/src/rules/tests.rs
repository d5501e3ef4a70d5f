use std::cell::OnceCell;

use bytes::Bytes;
use mail::{Address, Message};
use proptest::prelude::*;

use super::*;
use crate::directory::Directory;
use crate::fixture::*;
use crate::id::RecipientId;
use crate::routing::{self, Origin};

const PLAIN: &str = "From: x@fabrikam.com\r\nSubject: Your contract\r\nX-Class: green\r\n\r\nhello";

fn message(text: &str) -> Message {
    Message::parse(Bytes::copy_from_slice(text.as_bytes())).unwrap()
}

fn rule(id: i64, conditions: Vec<Predicate>, actions: Vec<Action>) -> TransportRule {
    Rule {
        id: RuleId(id),
        guid: format!("00000000-0000-0000-0000-{id:012}"),
        name: format!("rule {id}"),
        is_enabled: true,
        body: Transport { conditions, actions, ..Transport::default() },
        created_by: "admin".into(),
        created_at: NOW,
        changed_by: "admin".into(),
        changed_at: NOW,
    }
}

/// A message from outside to support, as facts.
struct Case {
    origin: Origin,
    actor: Option<RecipientId>,
    represented: Option<RecipientId>,
    author: Address,
    path: Option<Address>,
    to: Vec<Address>,
    message: Message,
    passes: usize,
}

fn from_outside() -> Case {
    Case {
        origin: Origin::Outside,
        actor: None,
        represented: None,
        author: address("x@mail.fabrikam.com"),
        path: Some(address("bounce@fabrikam.com")),
        to: vec![address("support@contoso.com")],
        message: message(PLAIN),
        passes: 0,
    }
}

/// Claire sends on behalf of support.
fn on_behalf() -> Case {
    Case {
        origin: Origin::Authenticated,
        actor: Some(CLAIRE),
        represented: Some(SUPPORT),
        author: address("support@contoso.com"),
        path: Some(address("claire.martin@contoso.com")),
        to: vec![address("x@fabrikam.com"), address("jean+a@contoso.com")],
        ..from_outside()
    }
}

fn judged(case: &Case, rules: &[TransportRule]) -> Verdict {
    judged_in(&contoso(), case, rules)
}

fn judged_in(directory: &Directory, case: &Case, rules: &[TransportRule]) -> Verdict {
    let facts = Facts {
        origin: case.origin,
        actor: case.actor,
        represented: case.represented,
        author: Some(&case.author),
        reverse_path: case.path.as_ref(),
        recipients: &case.to,
        message: &case.message,
        passes: case.passes,
        now: NOW,
        attachments: OnceCell::new(),
    };
    judge(rules, directory, &facts)
}

fn holds(case: &Case, predicate: Predicate) -> bool {
    let verdict = judged(case, &[rule(1, vec![predicate], vec![])]);
    matches!(verdict.outcomes[0].result, RuleResult::Acted(_))
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn elsewhere(text: &str) -> Party {
    Party::Address(address(text))
}

#[test]
fn every_predicate_holds_where_it_should_and_nowhere_else() {
    use Predicate::*;
    let (outside, inside) = (from_outside(), on_behalf());
    let pattern = |text| vec![Pattern::new(text).unwrap()];
    // Each with whether it holds of mail from outside, and of mail on behalf of support.
    for (predicate, is_outside, is_inside) in [
        (From(vec![Party::Recipient(SUPPORT)]), false, true),
        (From(vec![elsewhere("X@mail.fabrikam.com")]), true, false),
        (FromScope(Scope::InOrganization), false, true),
        (FromScope(Scope::NotInOrganization), true, false),
        (FromAddressContainsWords(words(&["fabrikam"])), true, false),
        (FromAddressMatchesPatterns(pattern("^support@")), false, true),
        (SenderDomainIs(words(&["fabrikam.com"])), true, false),
        (SenderDomainIs(words(&["abrikam.com"])), false, false),
        (SentAs(vec![SUPPORT]), false, true),
        (SentAs(vec![CLAIRE]), false, false),
        (SentBy(vec![CLAIRE]), false, true),
        (SentBy(vec![NIGHT]), false, false),
        (SentTo(vec![Party::Recipient(SUPPORT)]), true, false),
        (SentTo(vec![Party::Recipient(JEAN)]), false, true),
        (SentTo(vec![elsewhere("x@fabrikam.com")]), false, true),
        (SentToMemberOf(vec![SUPPORT]), false, true),
        (SentToScope(Scope::InOrganization), true, true),
        (SentToScope(Scope::NotInOrganization), false, true),
        (RecipientDomainIs(words(&["contoso.com"])), true, true),
        (RecipientDomainIs(words(&["fabrikam.com"])), false, true),
        (SubjectContainsWords(words(&["nothing", "contract"])), true, true),
        (SubjectContainsWords(words(&["contra"])), false, false),
        (SubjectMatchesPatterns(pattern("^your con")), true, true),
        (HeaderContains { name: "x-class".into(), words: words(&["green"]) }, true, true),
        (HeaderContains { name: "x-other".into(), words: words(&["green"]) }, false, false),
        (HeaderMatches { name: "X-Class".into(), patterns: pattern("^gr..n$") }, true, true),
        (HasAttachment, false, false),
        (AttachmentExtensionMatchesWords(words(&["exe"])), false, false),
        (MessageSizeOver(PLAIN.len() as u64), false, false),
        (MessageSizeOver(PLAIN.len() as u64 - 1), true, true),
    ] {
        assert_eq!(holds(&outside, predicate.clone()), is_outside, "outside: {predicate:?}");
        assert_eq!(holds(&inside, predicate.clone()), is_inside, "inside: {predicate:?}");
    }
}

#[test]
fn members_are_found_through_groups_in_groups() {
    let mut directory = contoso();
    add_member(&mut directory, NIGHT, member(SUPPORT));
    let case = Case { author: address("jean@contoso.com"), actor: Some(JEAN), ..on_behalf() };
    for predicate in [
        Predicate::FromMemberOf(vec![NIGHT]),
        Predicate::SentBy(vec![NIGHT]),
        Predicate::SentToMemberOf(vec![NIGHT]),
    ] {
        let asked = [rule(1, vec![predicate.clone()], vec![])];
        let acted = |directory| judged_in(directory, &case, &asked).outcomes[0].result.clone();
        assert!(matches!(acted(&directory), RuleResult::Acted(_)), "{predicate:?}");
        assert_eq!(acted(&contoso()), RuleResult::Unmet(0), "{predicate:?}");
    }
}

#[test]
fn the_location_says_which_address_of_the_sender_counts() {
    let from_claire = vec![Predicate::From(vec![Party::Recipient(CLAIRE)])];
    for (location, acts) in [
        (SenderAddressLocation::Header, false),
        (SenderAddressLocation::Envelope, true),
        (SenderAddressLocation::HeaderOrEnvelope, true),
    ] {
        let mut asked = rule(1, from_claire.clone(), vec![]);
        asked.body.sender_address_location = location;
        let result = judged(&on_behalf(), &[asked]).outcomes.remove(0).result;
        assert_eq!(result == RuleResult::Acted(vec![]), acts, "{location:?}");
    }
}

#[test]
fn attachments_are_found_by_disposition_name_and_kind() {
    let with = |part: &str| Case {
        message: message(&format!(
            "From: x@fabrikam.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
             --b\r\n\r\ntext\r\n--b\r\n{part}\r\n\r\nx\r\n--b--\r\n"
        )),
        ..from_outside()
    };
    let extension = |text| Predicate::AttachmentExtensionMatchesWords(words(&[text]));
    let named = with("Content-Type: application/pdf; name=\"Bill.final.PDF\"");
    assert!(holds(&named, Predicate::HasAttachment));
    assert!(holds(&named, extension("Pdf")) && !holds(&named, extension("final")));
    assert!(holds(&with("Content-Disposition: attachment"), Predicate::HasAttachment));
    assert!(holds(&with("Content-Type: message/rfc822"), extension("eml")));
    assert!(!holds(&with("Content-Type: text/html"), Predicate::HasAttachment));
}

#[test]
fn all_conditions_must_hold_and_one_exception_is_enough() {
    let yes = Predicate::SubjectContainsWords(words(&["contract"]));
    let no = Predicate::SubjectContainsWords(words(&["invoice"]));
    let result = |conditions: &[&Predicate], exceptions: &[&Predicate]| {
        let mut asked = rule(1, conditions.iter().map(|it| (*it).clone()).collect(), vec![]);
        asked.body.exceptions = exceptions.iter().map(|it| (*it).clone()).collect();
        judged(&from_outside(), &[asked]).outcomes.remove(0).result
    };
    assert_eq!(result(&[], &[]), RuleResult::Acted(vec![]));
    assert_eq!(result(&[&yes, &no], &[]), RuleResult::Unmet(1));
    assert_eq!(result(&[&yes], &[&no]), RuleResult::Acted(vec![]));
    assert_eq!(result(&[&yes], &[&no, &yes]), RuleResult::Excepted(1));
}

#[test]
fn a_rule_acts_only_while_it_is_enabled_and_in_time() {
    let at = |activation: i64, expiry: i64| {
        let mut asked = rule(1, vec![], vec![]);
        asked.body.activation_at = Some(NOW.plus_secs(activation));
        asked.body.expiry_at = Some(NOW.plus_secs(expiry));
        judged(&from_outside(), &[asked]).outcomes.remove(0).result
    };
    assert_eq!(at(0, 1), RuleResult::Acted(vec![]));
    assert_eq!(at(1, 2), RuleResult::OutOfTime);
    assert_eq!(at(-1, 0), RuleResult::OutOfTime);
    let off = TransportRule { is_enabled: false, ..rule(1, vec![], vec![]) };
    assert_eq!(judged(&from_outside(), &[off]).outcomes[0].result, RuleResult::Disabled);
}

#[test]
fn a_refusal_ends_the_matter() {
    let reject = Action::Reject { detail: REJECT_DETAIL, text: "no".into() };
    let verdict =
        judged(&from_outside(), &[rule(1, vec![], vec![reject]), rule(2, vec![], vec![])]);
    let refusal = verdict.refusal.expect("refused");
    assert_eq!((refusal.rule, refusal.detail), (RuleId(1), Some(1)));
    assert_eq!(verdict.outcomes[1].result, RuleResult::NotReached);
}

#[test]
fn a_rule_that_stops_hides_those_behind_it() {
    let mut first = rule(1, vec![], vec![]);
    first.body.stops_processing = true;
    let verdict = judged(&from_outside(), &[first, rule(2, vec![], vec![])]);
    assert_eq!(verdict.outcomes[0].result, RuleResult::Acted(vec![Effect::Stopped]));
    assert_eq!(verdict.outcomes[1].result, RuleResult::NotReached);
}

#[test]
fn a_watching_rule_says_what_it_would_do_and_does_nothing() {
    let mut watching = rule(
        1,
        vec![],
        vec![
            Action::PrependSubject("[EXT]".into()),
            Action::RedirectMessageTo(vec![Party::Recipient(JEAN)]),
        ],
    );
    watching.body.mode = Mode::Audit;
    watching.body.stops_processing = true;
    let verdict = judged(&from_outside(), &[watching, rule(2, vec![], vec![])]);
    let RuleResult::WouldAct(effects) = &verdict.outcomes[0].result else { panic!() };
    assert_eq!(effects.len(), 3);
    assert_eq!((verdict.recipients, verdict.header), (None, vec![]));
    assert_eq!(verdict.outcomes[1].result, RuleResult::Acted(vec![]));
}

#[test]
fn later_rules_see_what_earlier_ones_did() {
    let set = Action::SetHeader { name: "X-Seen".into(), value: "by one".into() };
    let rules = [
        rule(1, vec![], vec![set, Action::PrependSubject("[EXT]".into())]),
        rule(
            2,
            vec![
                Predicate::HeaderContains { name: "x-seen".into(), words: words(&["by one"]) },
                Predicate::SubjectContainsWords(words(&["[EXT]"])),
            ],
            vec![Action::RemoveHeader("X-Seen".into()), Action::PrependSubject("[EXT]".into())],
        ),
        rule(
            3,
            vec![Predicate::HeaderContains { name: "X-Seen".into(), words: words(&["one"]) }],
            vec![],
        ),
    ];
    let verdict = judged(&from_outside(), &rules);
    let RuleResult::Acted(effects) = &verdict.outcomes[1].result else { panic!("{verdict:?}") };
    assert_eq!(effects[1], Effect::SubjectLeft("[EXT]".into()));
    assert_eq!(verdict.outcomes[2].result, RuleResult::Unmet(0));
}

#[test]
fn recipients_are_added_once_and_redirected_all_together() {
    let copy = |parties: Vec<Party>| Action::BlindCopyTo(parties);
    let (jean, marie) = (Party::Recipient(JEAN), Party::Recipient(MARIE));
    let rules = [
        rule(1, vec![], vec![copy(vec![marie.clone(), Party::Recipient(SUPPORT)])]),
        rule(2, vec![], vec![Action::RedirectMessageTo(vec![jean.clone(), jean])]),
        rule(3, vec![], vec![copy(vec![marie, elsewhere("archive@fabrikam.com")])]),
    ];
    let verdict = judged(&from_outside(), &rules);
    let expected = ["jean.dupont@contoso.com", "marie.durand@contoso.com", "archive@fabrikam.com"];
    let found: Vec<String> = verdict.recipients.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(found, expected);
    let blind: Vec<String> = verdict.blind.iter().map(ToString::to_string).collect();
    assert_eq!(blind, expected[1..]);
}

#[test]
fn mail_is_not_lost_where_a_target_is_gone() {
    let mut directory = contoso();
    directory.remove(JEAN);
    let gone = [Party::Recipient(JEAN), elsewhere("nobody@contoso.com")];
    let rules = [rule(1, vec![], vec![Action::RedirectMessageTo(gone.to_vec())])];
    let verdict = judged_in(&directory, &from_outside(), &rules);
    assert_eq!(verdict.recipients, None);
    let RuleResult::Acted(effects) = &verdict.outcomes[0].result else { panic!() };
    assert!(effects.iter().all(|it| matches!(it, Effect::RecipientGone(_))), "{effects:?}");
    assert_eq!(effects.len(), 2);
}

#[test]
fn a_message_that_comes_round_again_and_again_is_refused() {
    let rules = [rule(1, vec![], vec![Action::BlindCopyTo(vec![Party::Recipient(JEAN)])])];
    let after = |passes| judged(&Case { passes, ..from_outside() }, &rules).refusal;
    assert_eq!(after(RULE_PASSES_MAX), None);
    assert_eq!(after(RULE_PASSES_MAX + 1).map(|refusal| refusal.detail), Some(None));
    let harmless = [rule(1, vec![], vec![Action::PrependSubject("[EXT]".into())])];
    let case = Case { passes: RULE_PASSES_MAX + 1, ..from_outside() };
    assert_eq!(judged(&case, &harmless).refusal, None);
}

fn journal(recipient: Option<RecipientId>, scope: JournalScope) -> JournalRule {
    let address = elsewhere("archive@fabrikam.com");
    let TransportRule { id, guid, name, is_enabled, created_by, created_at, .. } =
        rule(1, vec![], vec![]);
    let (changed_by, changed_at) = (created_by.clone(), created_at);
    let body = Journal { address, recipient, scope };
    Rule { id, guid, name, is_enabled, body, created_by, created_at, changed_by, changed_at }
}

fn copies(case: &Case, rules: &[JournalRule]) -> Vec<JournalCopy> {
    let directory = contoso();
    let facts = JournalFacts {
        origin: case.origin,
        actor: case.actor,
        represented: case.represented,
        author: Some(&case.author),
        expansion: &routing::expand(&directory, &case.to),
    };
    journal_copies(rules, &directory, &facts)
}

#[test]
fn a_journal_takes_what_is_in_its_scope() {
    let (outside, both) = (from_outside(), on_behalf());
    let inside = Case { to: vec![address("jean@contoso.com")], ..on_behalf() };
    for (scope, expected) in [
        (JournalScope::Global, [true, true, true]),
        (JournalScope::Internal, [false, true, true]),
        (JournalScope::External, [true, true, false]),
    ] {
        let rules = [journal(None, scope)];
        let found = [&outside, &both, &inside].map(|case| !copies(case, &rules).is_empty());
        assert_eq!(found, expected, "{scope:?}");
    }
}

#[test]
fn a_journal_of_somebody_takes_what_is_from_or_to_them_or_their_members() {
    let case = on_behalf();
    for (who, is_taken) in [
        (CLAIRE, true),
        (SUPPORT, true),
        (JEAN, true),
        (MARIE, false),
        (BILLING, false),
        (FABRIKAM, false),
    ] {
        let rules = [journal(Some(who), JournalScope::Global)];
        assert_eq!(!copies(&case, &rules).is_empty(), is_taken, "{who}");
    }
    let to_contact = Case { to: vec![address("customer@fabrikam.com")], ..on_behalf() };
    assert_eq!(copies(&to_contact, &[journal(Some(FABRIKAM), JournalScope::Global)]).len(), 1);
    // Jean is a member of Support.
    let from_jean = Case {
        actor: Some(JEAN),
        represented: Some(JEAN),
        author: address("jean@contoso.com"),
        to: vec![address("x@fabrikam.com")],
        ..on_behalf()
    };
    assert_eq!(copies(&from_jean, &[journal(Some(SUPPORT), JournalScope::Global)]).len(), 1);
}

#[test]
fn one_report_for_each_address_and_none_for_a_disabled_rule() {
    let all = journal(None, JournalScope::Global);
    let off = JournalRule { is_enabled: false, ..all.clone() };
    let found = copies(&from_outside(), &[all.clone(), off, all]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].rules.len(), 2);
}

#[test]
fn rules_come_back_as_they_were_stored() {
    let mut body = rule(
        1,
        vec![
            Predicate::From(vec![Party::Recipient(JEAN), elsewhere("x@fabrikam.com")]),
            Predicate::SubjectMatchesPatterns(vec![Pattern::new("^a+$").unwrap()]),
            Predicate::HasAttachment,
        ],
        vec![Action::Reject { detail: 901, text: "no".into() }],
    )
    .body;
    body.expiry_at = Some(NOW);
    let text = serde_json::to_string(&body).unwrap();
    assert_eq!(serde_json::from_str::<Transport>(&text).unwrap(), body);
    assert_eq!(serde_json::from_str::<Transport>("{}").unwrap(), Transport::default());
}

fn any_party() -> impl Strategy<Value = Party> {
    prop_oneof![
        prop::sample::select(vec![JEAN, CLAIRE, SUPPORT, BILLING, FABRIKAM, RecipientId(99)])
            .prop_map(Party::Recipient),
        prop::sample::select(vec!["a@fabrikam.com", "nobody@contoso.com", "jean@contoso.com"])
            .prop_map(|text| Party::Address(address(text))),
    ]
}

fn any_action() -> impl Strategy<Value = Action> {
    let parties = || prop::collection::vec(any_party(), 1..4);
    prop_oneof![
        Just(Action::Reject { detail: 1, text: "no".into() }),
        parties().prop_map(Action::BlindCopyTo),
        parties().prop_map(Action::AddToRecipients),
        parties().prop_map(Action::RedirectMessageTo),
        Just(Action::SetHeader { name: "X-A".into(), value: "b".into() }),
        Just(Action::RemoveHeader("X-Class".into())),
        Just(Action::PrependSubject("[EXT]".into())),
    ]
}

fn any_rules() -> impl Strategy<Value = Vec<TransportRule>> {
    let one = (prop::collection::vec(any_action(), 0..4), any::<[bool; 4]>());
    prop::collection::vec(one, 0..6).prop_map(|written| {
        let rules = written.into_iter().zip(1..).map(|((actions, flags), id)| {
            let mut made = rule(id, vec![], actions);
            made.is_enabled = flags[0];
            made.body.stops_processing = flags[1];
            made.body.mode = if flags[2] { Mode::Enforce } else { Mode::Audit };
            if flags[3] {
                made.body.exceptions = vec![Predicate::SentTo(vec![Party::Recipient(JEAN)])];
            }
            made
        });
        rules.collect()
    })
}

proptest! {
    /// Whatever the rules, mail that is not refused goes somewhere, to nobody twice, and only
    /// where it was going or where a rule says.
    #[test]
    fn no_rules_lose_a_message_or_send_it_to_strangers(rules in any_rules(), is_outside: bool) {
        let case = if is_outside { from_outside() } else { on_behalf() };
        let verdict = judged(&case, &rules);
        prop_assert_eq!(verdict.outcomes.len(), rules.len());
        let directory = contoso();
        if let Some(recipients) = &verdict.recipients {
            prop_assert!(!recipients.is_empty());
            let keys: std::collections::HashSet<_> = recipients.iter().map(|to| to.key()).collect();
            prop_assert_eq!(keys.len(), recipients.len());
            let named = |to: &Address| rules.iter().flat_map(|it| &it.body.actions).any(|action| {
                match action {
                    Action::BlindCopyTo(parties)
                    | Action::AddToRecipients(parties)
                    | Action::RedirectMessageTo(parties) => {
                        parties.iter().any(|party| party.address(&directory) == Some(to))
                    }
                    _ => false,
                }
            });
            prop_assert!(recipients.iter().all(|to| case.to.contains(to) || named(to)));
        }
        let recipients = verdict.recipients.as_deref().unwrap_or(&case.to);
        prop_assert!(verdict.blind.iter().all(|copy| recipients.contains(copy)));
        let touches = |change: &HeaderChange| match change {
            HeaderChange::Set { name, .. } | HeaderChange::Remove(name) => {
                check_header_name(name).is_err()
            }
            HeaderChange::PrependSubject(_) | HeaderChange::AddTo(_) => false,
        };
        prop_assert!(!verdict.header.iter().any(touches));
    }
}
