//! Files, differences and snapshots, without a server.

use std::path::Path;

use domain::{Right, Timestamp};
use proptest::prelude::*;

use super::change::{Action, Change, Link};
use super::difference::{self, Plan};
use super::document::{self, Document, Kind};
use super::live::{Live, LiveGrant, LiveMember, LiveObject, LiveOrganization};
use super::snapshot::{FileFormat, write};
use super::tree;

/// 2027-01-01T12:00:00Z.
const NOW: Timestamp = Timestamp(1_798_804_800_000);

fn read(name: &str, text: &str) -> Result<Document, String> {
    let tree = tree::read(Path::new(name), text);
    let document = tree.and_then(|tree| document::read(&[tree]));
    document
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

fn plan(text: &str, live: &Live) -> Result<Plan, String> {
    let document = read("t.toml", text)?;
    difference::plan(&document, live, NOW).map_err(|problems| problems[0].to_string())
}

fn words(plan: &Plan) -> Vec<String> {
    let line = |change: &Change| format!("{} {}", change.effect().mark(), change.words());
    plan.changes.iter().map(line).collect()
}

fn object(kind: Kind, address: &str) -> LiveObject {
    let local = address.split('@').next().unwrap();
    LiveObject {
        name: local.to_owned(),
        alias: local.to_owned(),
        ..LiveObject::born(kind, address)
    }
}

fn member(address: &str, is_owner: bool) -> LiveMember {
    LiveMember { address: address.into(), is_owner, is_subscribed: false }
}

fn held(right: Right, to: &str) -> LiveGrant {
    LiveGrant { right, to: to.into(), until: None, reason: None, is_in_force: true }
}

fn office() -> Live {
    let mut support = object(Kind::Team, "support@contoso.com");
    support.addresses.push("aide@contoso.com".into());
    support.members = vec![
        member("marie@contoso.com", true),
        member("jean@contoso.com", false),
        member("claire@contoso.com", false),
    ];
    support.channels = vec!["General".into(), "Incidents".into()];
    support.grants = vec![held(Right::SendAs, "claire@contoso.com")];
    let objects = vec![
        object(Kind::User, "marie@contoso.com"),
        object(Kind::User, "jean@contoso.com"),
        object(Kind::User, "claire@contoso.com"),
        object(Kind::Shared, "billing@contoso.com"),
        object(Kind::Contact, "customer@fabrikam.com"),
        support,
    ];
    let organization = LiveOrganization {
        name: "Contoso".into(),
        report: "never".into(),
        language: "en".into(),
        domains: vec!["contoso.com".into()],
        send_from_alias: false,
    };
    Live::new(7, organization, objects)
}

#[test]
fn what_is_not_written_is_left_alone() {
    let text = "[[team]]\naddress = 'support@contoso.com'\n";
    assert_eq!(plan(text, &office()).unwrap().changes, []);
    assert_eq!(plan("", &office()).unwrap().changes, []);
}

#[test]
fn a_written_list_is_the_whole_list() {
    let text = "
        [[team]]
        address = 'Support@contoso.com'
        members = ['claire@contoso.com', 'billing@contoso.com']
        owners = ['jean@contoso.com']
        aliases = ['help@contoso.com']
        channels = ['general', 'News']
        notes = 'first line'
        [[team.grants]]
        right = 'send-as'
        to = 'jean@contoso.com'
        until = 2027-01-31
        reason = 'cover'
    ";
    let planned = plan(text, &office()).unwrap();
    assert_eq!(
        words(&planned),
        [
            "- Send As for claire@contoso.com",
            "- alias aide@contoso.com",
            "+ alias help@contoso.com",
            "~ notes: \"\" → \"first line\"",
            "+ channel News",
            "+ owner jean@contoso.com",
            "+ member billing@contoso.com",
            "+ Send As for jean@contoso.com, until 2027-02-01 00:00:00Z (cover)",
            "- member marie@contoso.com",
            "- channel Incidents, with its mail",
        ]
    );
    assert_eq!((planned.removals(), planned.deletions(), planned.version), (2, 1, 7));
    let (cmdlet, parameters) = planned.changes[7].call();
    assert_eq!(cmdlet, "Add-GuichetPermission");
    assert_eq!(parameters.text("Until"), Ok(Some("2027-02-01T00:00:00.0000000Z".into())));
}

#[test]
fn every_change_is_a_call_that_the_table_knows() {
    let text = "
        [organization]
        name = 'Neu'
        report = 'monthly'
        domains = ['contoso.fr']
        [[user]]
        address = 'new@contoso.com'
        name = 'New'
        role = 'auditor'
        disabled = true
        grants = [{ right = 'full-access', to = 'jean@contoso.com' }]
        [[contact]]
        address = 'customer@fabrikam.com'
        hidden = true
        [[shared]]
        address = 'billing@contoso.com'
        state = 'absent'
        [[group]]
        address = 'night@contoso.com'
        name = 'Night'
        owners = ['new@contoso.com']
        members = ['jean@contoso.com']
        subscribers = ['jean@contoso.com']
        [[team]]
        address = 'aide@contoso.com'
        aliases = []
        owners = ['jean@contoso.com']
        subscribers = ['jean@contoso.com']
        channels = ['General', 'News']
        copy-to-person = false
        require-sender-authentication = true
    ";
    let planned = plan(text, &office()).unwrap();
    for change in &planned.changes {
        let (name, parameters) = change.call();
        let cmdlet = admin_protocol::cmdlet::find(name).expect(name);
        assert_eq!(cmdlet.check(&parameters).map_err(|f| f.to_string()), Ok(()), "{change:?}");
        assert!(!cmdlet.only_reads(), "{change:?} would do nothing");
    }
    let created: Vec<&Change> =
        planned.changes.iter().filter(|c| matches!(c.action, Action::Create(_))).collect();
    assert_eq!(created.len(), 2);
    assert!(created[0].words().contains("New"), "the person is there before the group");
}

#[test]
fn rights_by_themselves_say_nothing_of_others() {
    let text = "
        [[grant]]
        right = 'send-on-behalf'
        on = 'support'
        to = 'jean'
        [[grant]]
        right = 'send-as'
        on = 'support@contoso.com'
        to = 'claire@contoso.com'
        state = 'absent'
    ";
    let planned = plan(text, &office()).unwrap();
    let expected = ["- Send As for claire@contoso.com", "+ Send on behalf for jean@contoso.com"];
    assert_eq!(words(&planned), expected);
}

#[test]
fn ended_rights_are_neither_wanted_nor_there() {
    let mut live = office();
    live.objects[5].grants[0].is_in_force = false;
    live.objects[5].grants[0].until = Some(Timestamp(NOW.0 - 1));
    let live = Live::new(7, live.organization, live.objects);
    let none = "[[team]]\naddress = 'support@contoso.com'\ngrants = []\n";
    assert_eq!(plan(none, &live).unwrap().changes, []);
    let ended = "[[team]]\naddress = 'support@contoso.com'\n[[team.grants]]\nright = 'send-as'\n\
                 to = 'claire'\nuntil = '2026-12-31'\n";
    assert_eq!(plan(ended, &live).unwrap().changes, []);
    let again = ended.replace("2026-12-31", "2027-12-31");
    assert_eq!(plan(&again, &live).unwrap().changes.len(), 1);
}

#[test]
fn owners_go_down_to_members_where_they_stay_members() {
    let text = "[[team]]\naddress = 'support@contoso.com'\nowners = ['jean@contoso.com']\n\
                members = ['marie@contoso.com', 'claire@contoso.com']\n";
    let planned = plan(text, &office()).unwrap();
    assert_eq!(words(&planned), ["+ owner jean@contoso.com", "- owner marie@contoso.com"]);
    let links = |change: &Change| matches!(change.action, Action::RemoveLinks(Link::Owner, _));
    assert!(links(&planned.changes[1]));
}

#[test]
fn mistakes_are_told_with_their_place() {
    let check = |name: &str, text: &str, expected: &[&str]| {
        let told = read(name, text)
            .and_then(|document| {
                let planned = difference::plan(&document, &office(), NOW);
                planned
                    .map_err(|p| p.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
            })
            .expect_err(text);
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), expected.len(), "{told}");
        for (line, begin) in lines.iter().zip(expected) {
            assert!(line.starts_with(begin), "{line}\nshould begin with\n{begin}");
        }
    };
    check(
        "p.toml",
        "[[taem]]\nname = 'x'\n",
        &["p.toml:1:3: taem is not a known section. Did you mean team?"],
    );
    check(
        "p.toml",
        "[[team]]\naddress = 'support@contoso.com'\nmembrs = []\nhidden = 'yes'\nowners = 'x'\n",
        &[
            "p.toml:3:1: membrs is not a known key. Did you mean members?",
            "p.toml:5:10: owners takes a list of texts, not text",
            "p.toml:4:10: hidden takes true or false, not text",
        ],
    );
    check("p.toml", "[[team]\n", &["p.toml:1:"]);
    check("p.toml", "[[team]]\nname = 'é'\n", &["p.toml:2:1: this team needs an address"]);
    check(
        "p.yaml",
        "team:\n  - address: support@contoso.com\n    members: [jaen@contoso.com]\n",
        &["p.yaml:3:15: nobody has the name jaen@contoso.com. Did you mean jean@contoso.com?"],
    );
    check("p.yaml", "team: [*x]\n", &["p.yaml:1:8: "]);
    check("p.yml", "a: &x [1]\nb: *x\n", &["p.yml:2:4: aliases (*name) are not taken"]);
    check("p.yaml", "team:\n\t- x\n", &["p.yaml:"]);
    check("p.yaml", "{}\n---\n{}\n", &["p.yaml:2:1: one file holds one document"]);
    check(
        "p.toml",
        "[[group]]\naddress = 'billing@contoso.com'\n",
        &["p.toml:2:11: billing@contoso.com is a shared mailbox, not a group; write it under"],
    );
    check(
        "p.toml",
        "[[grant]]\nright = 'send-at'\non = 'support'\nto = 'jean'\nuntil = '30d'\n",
        &["p.toml:2:9: right is one of send-as, send-on-behalf, full-access, not send-at"],
    );
    check(
        "p.toml",
        "[[grant]]\nright = 'send-as'\non = 'support'\nto = 'jean'\nuntil = '30d'\n",
        &["p.toml:5:9: until takes a date"],
    );
    check(
        "p.toml",
        "[[user]]\naddress = 'jean@contoso.com'\n[[user]]\naddress = 'Jean@contoso.com'\n",
        &["p.toml:4:11: Jean@contoso.com is declared at p.toml:2:11 already"],
    );
    check(
        "p.toml",
        "[[user]]\naddress = 'jean@contoso.com'\naliases = ['aide@contoso.com']\n",
        &["p.toml:3:12: aide@contoso.com belongs to the team support@contoso.com"],
    );
    check("p.toml", "[[team]]\naddress = 'x y'\nname = 'X'\n", &["p.toml:2:11: x y is no address"]);
}

#[test]
fn an_address_may_move_between_objects_in_one_plan() {
    let text = "
        [[user]]
        address = 'jean@contoso.com'
        aliases = ['aide@contoso.com']
        [[team]]
        address = 'support@contoso.com'
        aliases = []
    ";
    let planned = plan(text, &office()).unwrap();
    assert_eq!(words(&planned), ["- alias aide@contoso.com", "+ alias aide@contoso.com"]);
}

#[test]
fn toml_and_yaml_say_the_same() {
    let toml = "[[team]]\naddress = 'support@contoso.com'\nhidden = true\nnotes = 'a'\n\
                [[team.grants]]\nright = 'send-as'\nto = 'jean'\nuntil = 2027-05-01T00:00:00Z\n";
    let yaml = "team:\n- address: support@contoso.com\n  hidden: true\n  notes: a\n  grants:\n  \
                - {right: send-as, to: jean, until: 2027-05-01T00:00:00Z}\n";
    let changes = |name: &str, text: &str| {
        let document = read(name, text).unwrap();
        difference::plan(&document, &office(), NOW).unwrap()
    };
    assert_eq!(changes("a.toml", toml), changes("a.yaml", yaml));
    assert_eq!(changes("a.toml", toml).changes.len(), 4);
}

/// Texts that quoting can get wrong.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}",
        "[\\PC]{0,8}",
        prop::sample::select(vec!["true", "null", "- x", "a: b", "#c", "'", "\"", "\\n", "é\n1"])
            .prop_map(str::to_owned),
    ]
}

prop_compose! {
    fn any_live()(
        names in prop::collection::vec((text(), text(), any::<[bool; 6]>()), 1..12),
        links in prop::collection::vec((0..12_usize, 0..12_usize, any::<[bool; 2]>()), 0..20),
        grants in prop::collection::vec(
            (0..12_usize, 0..12_usize, 0..3_usize, prop::option::of(1..9_i64), text(), any::<bool>()),
            0..20,
        ),
    ) -> Live {
        let mut objects: Vec<LiveObject> = names
            .into_iter()
            .enumerate()
            .map(|(number, (name, notes, flags))| {
                let kind = Kind::ALL[number % Kind::ALL.len()];
                let mut made = object(kind, &format!("o{number}@contoso.com"));
                (made.name, made.notes) = (name, notes);
                made.hidden = flags[0];
                if kind != Kind::Contact {
                    made.require_sender_authentication = flags[1];
                    made.copy_to_person = flags[2];
                    made.addresses.extend(flags[3].then(|| format!("a{number}@contoso.com")));
                }
                if kind == Kind::User {
                    made.disabled = flags[4];
                }
                if kind == Kind::Team {
                    made.channels = vec!["General".into(), format!("C{number}")];
                }
                made
            })
            .collect();
        let count = objects.len();
        for (group, member, flags) in links {
            let (group, address) = (group % count, format!("o{}@contoso.com", member % count));
            let group = &mut objects[group];
            let is_group = matches!(group.kind, Kind::Group | Kind::Team);
            if is_group && !group.members.iter().any(|of| of.address == address) {
                let [is_owner, is_subscribed] = flags;
                group.members.push(LiveMember { address, is_owner, is_subscribed });
            }
        }
        for (on, to, right, until, reason, is_in_force) in grants {
            let to = format!("o{}@contoso.com", to % count);
            let on = &mut objects[on % count];
            let right = Right::ALL[right];
            let is_new = !on.grants.iter().any(|held| held.right == right && held.to == to);
            if on.kind != Kind::Contact && is_new {
                let until = until.map(|days| NOW.plus_secs(days * 86_400));
                let reason = Some(reason).filter(|reason| !reason.is_empty());
                on.grants.push(LiveGrant { right, to, until, reason, is_in_force });
            }
        }
        Live::new(1, office().organization, objects)
    }
}

proptest! {
    #[test]
    fn a_snapshot_changes_nothing_where_it_came_from(live in any_live()) {
        for (format, name) in [(FileFormat::Toml, "s.toml"), (FileFormat::Yaml, "s.yaml")] {
            let text = write(&live, format, NOW);
            let document = read(name, &text).map_err(|why| TestCaseError::fail(format!("{why}\n{text}")))?;
            let planned = difference::plan(&document, &live, NOW);
            prop_assert_eq!(planned, Ok(Plan { version: 1, changes: Vec::new() }), "{}", text);
        }
    }

    #[test]
    fn no_text_makes_the_readers_panic(text in "[\\PC\n\t:\\-\\[\\]{}'\"*&#=]{0,80}") {
        let _ = read("x.yaml", &text);
        let _ = read("x.toml", &text);
    }
}
