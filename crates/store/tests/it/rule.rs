//! Rules: what is put is what is loaded, in order, whole or by changes.

use domain::rules::{
    Action, Journal, JournalRule, JournalScope, Mode, Party, Pattern, Predicate, Rule, Transport,
    TransportRule,
};
use domain::{RecipientId, RuleId};
use store::{directory, rule};

use crate::engine::{NOW, address, change, on_each_engine};

fn named<T>(id: i64, name: &str, body: T) -> Rule<T> {
    Rule {
        id: RuleId(id),
        guid: format!("00000000-0000-4000-8000-{id:012}"),
        name: name.to_owned(),
        is_enabled: id % 2 == 0,
        body,
        created_by: "admin@contoso.com".to_owned(),
        created_at: NOW,
        changed_by: "local administrator".to_owned(),
        changed_at: NOW.plus_secs(id),
    }
}

fn transport(id: i64, name: &str) -> TransportRule {
    let body = Transport {
        comments: "été\u{0}".to_owned(),
        mode: Mode::Audit,
        expiry_at: Some(NOW),
        conditions: vec![
            Predicate::From(vec![
                Party::Recipient(RecipientId(1)),
                Party::Address(address("x@fabrikam.com")),
            ]),
            Predicate::SubjectMatchesPatterns(vec![Pattern::new(r"^\[x\]").unwrap()]),
        ],
        actions: vec![Action::SetHeader { name: "X-A".to_owned(), value: "\"b\"".to_owned() }],
        stops_processing: true,
        ..Transport::default()
    };
    named(id, name, body)
}

fn journal(id: i64, name: &str) -> JournalRule {
    let address = Party::Address(address("archive@fabrikam.com"));
    let (recipient, scope) = (Some(RecipientId(1)), JournalScope::External);
    named(id, name, Journal { address, recipient, scope })
}

#[tokio::test]
async fn rules_come_back_in_order_whole_or_by_changes() {
    on_each_engine(async |database| {
        let store = database.open().await;
        let mut snapshot = directory::load(&store).await.unwrap();
        assert!(snapshot.rules().is_none());
        change(&store, |set| {
            rule::put(set, &transport(5, "First"), 0).unwrap();
            rule::put(set, &transport(6, "Second"), 1).unwrap();
            rule::put(set, &journal(7, "first"), 0).unwrap();
        })
        .await;
        directory::changes_since(&store, 0).await.unwrap().apply(&mut snapshot);
        let rules = snapshot.rules().unwrap();
        let expected = ["First", "Second"];
        assert_eq!(rules.transport.iter().map(|it| &it.name).collect::<Vec<_>>(), expected);
        // NUL is what no text column takes; the JSON has it escaped.
        assert_eq!(rules.transport[0], transport(5, "First"));
        assert_eq!(rules.journal, [journal(7, "first")]);

        change(&store, |set| {
            rule::place(set, RuleId(5), 1);
            rule::put(set, &transport(6, "Renamed"), 0).unwrap();
            rule::remove(set, RuleId(7));
        })
        .await;
        let version = snapshot.version();
        directory::changes_since(&store, version).await.unwrap().apply(&mut snapshot);
        let loaded = directory::load(&store).await.unwrap();
        assert_eq!(snapshot.rules(), loaded.rules());
        let rules = loaded.rules().unwrap();
        let names: Vec<&str> = rules.transport.iter().map(|it| it.name.as_str()).collect();
        assert_eq!((names, rules.journal.len()), (vec!["Renamed", "First"], 0));

        change(&store, |set| [5, 6].into_iter().for_each(|id| rule::remove(set, RuleId(id)))).await;
        let version = snapshot.version();
        directory::changes_since(&store, version).await.unwrap().apply(&mut snapshot);
        assert!(snapshot.rules().is_none());
    })
    .await;
}

#[tokio::test]
async fn two_rules_of_a_kind_have_different_names() {
    on_each_engine(async |database| {
        let store = database.open().await;
        change(&store, |set| rule::put(set, &transport(5, "Été"), 0).unwrap()).await;
        let mut set = store::WriteSet::new();
        directory::change(&mut set, 1);
        rule::put(&mut set, &transport(6, "été"), 1).unwrap();
        let refused = store.commit(set).await.unwrap_err();
        assert_eq!(refused.conflict(), Some("mail_rule"));
    })
    .await;
}
