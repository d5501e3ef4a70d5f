//! What commands do, refuse and record.

use app::SignInRefusal;
use app::access::{Actor, Scope, Scopes};
use app::command::{
    AddressChange, ChannelFate, Command, CommandError, ConvertOrder, GrantOrder, Link, LinkOrder,
    ListChange, NewAppPassword, NewChannel, NewContact, NewToken, NewUser, Order,
    OrganizationChanges, Password, RecipientChanges, Warning,
};
use domain::{MemberRole, RecipientKind, Right, SendRequest, Timestamp, gate};
use mail::Address;

use crate::office::{LOCAL, NOW, Office, PASSWORD, PEER, grant, revoke, seed};

fn set(identity: &str, changes: RecipientChanges) -> Command {
    Command::Set { identity: identity.into(), changes: Box::new(changes) }
}

fn links(link: Link, who: &[&str]) -> LinkOrder {
    let who = who.iter().map(|name| (*name).to_owned()).collect();
    LinkOrder { group: "support".into(), link, who }
}

fn may_send(office: &Office, login: &str, from: &str) -> bool {
    let directory = office.app.directory();
    let actor = app::read::find(&directory, login).unwrap().id;
    let author = Address::parse(from).unwrap();
    gate::decide(&directory, &SendRequest { actor, author: &author, now: NOW }).is_ok()
}

#[tokio::test]
async fn seeding_makes_an_organisation_that_can_be_signed_in_to() {
    let office = Office::empty().await;
    let admin = office.app.seed(seed(), NOW).await.unwrap();
    let signed_in = office.app.sign_in("admin@contoso.com", PASSWORD, PEER, NOW).await.unwrap();
    assert_eq!(signed_in.account, admin);
    assert_eq!(office.app.directory().organization().name, "Contoso");
    let again = office.app.seed(seed(), NOW).await;
    assert!(matches!(again, Err(CommandError::InTheWay(_))), "{again:?}");
    let operations: Vec<String> =
        office.audit().await.into_iter().map(|record| record.operation).collect();
    assert_eq!(operations, ["New-Organization", "New-AcceptedDomain", "New-Mailbox"]);
}

#[tokio::test]
async fn every_kind_gets_its_standard_folders() {
    let office = Office::contoso().await;
    let names = async |identity: &str| -> Vec<String> {
        let id = office.find(identity).id;
        let folders = store::folder::list(&office.store, id).await.unwrap();
        folders.into_iter().map(|folder| folder.name).collect()
    };
    let mailbox = ["Inbox", "Sent", "Drafts", "Archive", "Junk", "Trash"];
    assert_eq!(names("jean.dupont").await, mailbox);
    assert_eq!(names("facturation").await, mailbox);
    assert_eq!(names("support").await, ["Inbox", "Sent", "Archive", "Trash"]);
    assert_eq!(names("incidents.support").await, ["Inbox"]);
    assert!(names("customer@fabrikam.com").await.is_empty());
}

#[tokio::test]
async fn a_team_has_its_channels_with_addresses() {
    let office = Office::contoso().await;
    let team = office.find("support");
    let channel = office.find("general.support@contoso.com");
    assert_eq!((channel.kind, channel.team), (RecipientKind::Channel, Some(team.id)));
    let new = NewChannel { team: "support".into(), name: "Nuit & Jour".into() };
    office.run(Command::CreateChannel(new)).await.unwrap();
    assert!(office.is_there("nuit-jour.support@contoso.com"));
    let again = NewChannel { team: "support".into(), name: "incidents".into() };
    let unchanged = office.run(Command::CreateChannel(again)).await.unwrap();
    assert_eq!(unchanged.warnings, [Warning::NothingChanged("support@contoso.com".into())]);
    let general = office.run(Command::Remove("general.support".into())).await;
    assert!(matches!(general, Err(CommandError::Invalid { what: "channels", .. })), "{general:?}");
    office.run(Command::Remove("support".into())).await.unwrap();
    assert!(!office.is_there("incidents.support@contoso.com"));
}

#[tokio::test]
async fn an_address_belongs_to_one_recipient() {
    let office = Office::contoso().await;
    let taken = NewUser {
        display_name: "Other".into(),
        address: Some("Aide@Contoso.com".into()),
        ..NewUser::default()
    };
    match office.run(Command::CreateUser(taken)).await {
        Err(CommandError::AddressInUse { address, holder }) => {
            assert_eq!(address.to_lowercase(), "aide@contoso.com");
            assert_eq!(holder, "Support");
        }
        other => panic!("{other:?}"),
    }
    let contact = NewContact {
        display_name: "Support".into(),
        external_address: "support@contoso.com".into(),
        ..NewContact::default()
    };
    let conflict = office.run(Command::CreateContact(contact)).await;
    assert!(matches!(conflict, Err(CommandError::AddressInUse { .. })), "{conflict:?}");
    let elsewhere = NewUser {
        display_name: "Other".into(),
        address: Some("other@fabrikam.com".into()),
        ..NewUser::default()
    };
    let refused = office.run(Command::CreateUser(elsewhere)).await;
    assert!(matches!(refused, Err(CommandError::Invalid { what: "address", .. })), "{refused:?}");
}

#[tokio::test]
async fn aliases_are_made_and_kept_apart() {
    let office = Office::contoso().await;
    let named = |name: &str| NewUser { display_name: name.into(), ..NewUser::default() };
    office.run(Command::CreateUser(named("Zoé Noël"))).await.unwrap();
    office.run(Command::CreateUser(named("Zoé Noël"))).await.unwrap();
    assert!(office.is_there("zoenoel@contoso.com"));
    assert!(office.is_there("zoenoel1@contoso.com"));
    let typed = NewUser { alias: Some("Support".into()), ..named("X") };
    let taken = office.run(Command::CreateUser(typed)).await;
    assert!(matches!(taken, Err(CommandError::AlreadyExists { what: "alias", .. })), "{taken:?}");
}

#[tokio::test]
async fn addresses_come_and_go_and_one_is_primary() {
    let office = Office::contoso().await;
    let edit = |add: &[&str], remove: &[&str], primary: Option<&str>| {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let change = AddressChange::Edit {
            add: list(add),
            remove: list(remove),
            primary: primary.map(str::to_owned),
        };
        set("support", RecipientChanges { addresses: Some(change), ..Default::default() })
    };
    office.run(edit(&["help@contoso.com"], &["aide@contoso.com"], None)).await.unwrap();
    let addresses = |office: &Office| -> Vec<String> {
        office.find("support").addresses.iter().map(ToString::to_string).collect()
    };
    assert_eq!(addresses(&office), ["support@contoso.com", "help@contoso.com"]);
    office.run(edit(&[], &[], Some("team@contoso.com"))).await.unwrap();
    assert_eq!(addresses(&office), ["team@contoso.com", "support@contoso.com", "help@contoso.com"]);
    let without_primary = office.run(edit(&[], &["team@contoso.com"], None)).await;
    assert!(matches!(without_primary, Err(CommandError::Invalid { what: "address", .. })));
    // What was given up is free for others at once.
    let user = NewUser {
        display_name: "Aide".into(),
        address: Some("aide@contoso.com".into()),
        ..NewUser::default()
    };
    office.run(Command::CreateUser(user)).await.unwrap();
}

#[tokio::test]
async fn a_grant_is_in_force_from_the_answer_on_and_a_revoke_too() {
    let office = Office::contoso().await;
    assert!(!may_send(&office, "jean.dupont", "support@contoso.com"));
    office.run(grant("support", "jean.dupont", Right::SendAs)).await.unwrap();
    assert!(may_send(&office, "jean.dupont", "support@contoso.com"));
    office.run(revoke("support", "jean.dupont", Right::SendAs)).await.unwrap();
    assert!(!may_send(&office, "jean.dupont", "support@contoso.com"));
    let again = office.run(revoke("support", "jean.dupont", Right::SendAs)).await.unwrap();
    assert!(matches!(again.warnings[..], [Warning::NoSuchGrant { right: Right::SendAs, .. }]));
    let history = store::directory::grant_history(&office.store, None, None).await.unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].revoked.as_ref().unwrap().by, "local administrator");
}

#[tokio::test]
async fn granting_again_replaces_end_and_reason() {
    let office = Office::contoso().await;
    let with = |until_at, reason: Option<&str>| {
        let command = Command::Grant(GrantOrder {
            recipient: "support".into(),
            trustee: "jean.dupont".into(),
            right: Right::SendAs,
            until_at,
        });
        Order::new(command).because(reason.map(str::to_owned))
    };
    let give = async |order: Order| office.app.command(&LOCAL, &order, NOW).await;
    let tomorrow = NOW.plus_secs(86_400);
    give(with(Some(tomorrow), Some("holiday cover"))).await.unwrap();
    let same = give(with(Some(tomorrow), None)).await.unwrap();
    assert!(matches!(same.warnings[..], [Warning::GrantAlreadyThere { .. }]), "{same:?}");
    assert!(give(with(None, None)).await.unwrap().warnings.is_empty());
    let grants = office.app.directory().grants_on(office.find("support").id).to_vec();
    assert_eq!((grants.len(), grants[0].until_at), (1, None));
    let past = give(with(Some(NOW), None)).await;
    assert!(matches!(past, Err(CommandError::Invalid { what: "until", .. })), "{past:?}");
}

#[tokio::test]
async fn only_users_and_groups_hold_rights_and_not_on_contacts_or_channels() {
    let office = Office::contoso().await;
    for trustee in ["customer@fabrikam.com", "incidents.support", "facturation"] {
        let refused = office.run(grant("support", trustee, Right::SendAs)).await;
        assert!(matches!(refused, Err(CommandError::Invalid { what: "trustee", .. })), "{trustee}");
    }
    for recipient in ["customer@fabrikam.com", "incidents.support"] {
        let refused = office.run(grant(recipient, "jean.dupont", Right::SendAs)).await;
        assert!(matches!(refused, Err(CommandError::Invalid { what: "recipient", .. })));
    }
    office.run(grant("facturation", "support", Right::SendAs)).await.unwrap();
    assert!(may_send(&office, "jean.dupont", "facturation@contoso.com"), "through the group");
}

#[tokio::test]
async fn an_owner_is_a_member_and_the_last_one_stays() {
    let office = Office::contoso().await;
    let role = |office: &Office, login: &str| {
        let (team, id) = (office.find("support").id, office.find(login).id);
        let directory = office.app.directory();
        directory.members_of(team).iter().find(|of| of.member == id).map(|of| of.role)
    };
    let last = office.run(Command::RemoveLinks(links(Link::Owner, &["marie.durand"]))).await;
    assert!(matches!(last, Err(CommandError::InTheWay(_))), "{last:?}");
    let last = office.run(Command::RemoveLinks(links(Link::Member, &["marie.durand"]))).await;
    assert!(matches!(last, Err(CommandError::InTheWay(_))), "{last:?}");
    office.run(Command::AddLinks(links(Link::Owner, &["auditor"]))).await.unwrap();
    assert_eq!(role(&office, "auditor"), Some(MemberRole::Owner));
    office.run(Command::RemoveLinks(links(Link::Owner, &["marie.durand"]))).await.unwrap();
    assert_eq!(role(&office, "marie.durand"), Some(MemberRole::Member));
    office.run(Command::RemoveLinks(links(Link::Member, &["marie.durand"]))).await.unwrap();
    assert_eq!(role(&office, "marie.durand"), None);
    let stranger = office.run(Command::AddLinks(links(Link::Subscriber, &["admin"]))).await;
    assert!(matches!(stranger, Err(CommandError::Invalid { what: "subscribers", .. })));
    let contact = office.run(Command::AddLinks(links(Link::Owner, &["Customer"]))).await;
    assert!(matches!(contact, Err(CommandError::Invalid { what: "owners", .. })));
}

#[tokio::test]
async fn removing_somebody_frees_the_address_and_ends_the_rights() {
    let office = Office::contoso().await;
    office.run(grant("support", "jean.dupont", Right::SendAs)).await.unwrap();
    office.run(Command::Remove("jean.dupont".into())).await.unwrap();
    office.user("jean.dupont", "Another Jean", domain::AccountRole::Member).await;
    assert!(!may_send(&office, "jean.dupont", "support@contoso.com"));
    let gone = office.run(Command::Remove("marie.durand".into())).await.unwrap();
    assert_eq!(gone.warnings, [Warning::GroupWithoutOwner("Support".into())]);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let office = Office::contoso().await;
    let changes = [
        RecipientChanges { is_disabled: Some(true), ..Default::default() },
        RecipientChanges { role: Some(domain::AccountRole::Auditor), ..Default::default() },
    ];
    for changes in changes {
        let refused = office.run(set("admin", changes)).await;
        assert!(matches!(refused, Err(CommandError::InTheWay(_))), "{refused:?}");
    }
    assert!(matches!(
        office.run(Command::Remove("admin".into())).await,
        Err(CommandError::InTheWay(_))
    ));
    office.user("second", "Second", domain::AccountRole::Administrator).await;
    office.run(Command::Remove("admin".into())).await.unwrap();
}

#[tokio::test]
async fn passwords_are_checked_and_end_earlier_sign_ins() {
    let office = Office::contoso().await;
    let change = async |text: &str| {
        let password = Password(text.into());
        office.run(Command::SetPassword { user: "admin".into(), password }).await
    };
    let before = office.app.sign_in("admin@contoso.com", PASSWORD, PEER, NOW).await.unwrap();
    let short = change("1234567").await;
    assert!(matches!(short, Err(CommandError::Invalid { what: "password", .. })), "{short:?}");
    assert!(matches!(
        change(&"x".repeat(1025)).await,
        Err(CommandError::Invalid { what: "password", .. })
    ));
    change("12345678").await.unwrap();
    assert!(!office.app.is_still_signed_in(before));
    let old = office.app.sign_in("admin@contoso.com", PASSWORD, PEER, NOW).await;
    assert!(matches!(old, Err(SignInRefusal::Wrong)), "{old:?}");
    office.app.sign_in("admin@contoso.com", "12345678", PEER, NOW).await.unwrap();
    let records = office.audit().await;
    assert!(records.iter().all(|record| !format!("{record:?}").contains("12345678")));
}

#[tokio::test]
async fn an_app_password_signs_in_until_it_is_removed() {
    let office = Office::contoso().await;
    let jean = office.actor("jean.dupont");
    let new = NewAppPassword { user: "jean.dupont".into(), name: "phone".into() };
    let made = office.run_as(&jean, Command::CreateAppPassword(new)).await.unwrap();
    let made = made.secret.unwrap();
    let login = "jean.dupont@contoso.com";
    office.app.sign_in(login, &made.secret, PEER, NOW).await.unwrap();
    let user = office.find("jean.dupont").id;
    let of_another = Command::RemoveAppPassword { user, id: made.id };
    let claire = office.actor("claire.martin");
    let refused = office.run_as(&claire, of_another.clone()).await;
    assert!(matches!(refused, Err(CommandError::Denied(_))), "{refused:?}");
    office.run_as(&jean, of_another).await.unwrap();
    let gone = office.app.sign_in(login, &made.secret, PEER, NOW).await;
    assert!(matches!(gone, Err(SignInRefusal::Wrong)), "not even from memory: {gone:?}");
}

#[tokio::test]
async fn a_token_stands_for_its_user_until_it_ends() {
    let office = Office::contoso().await;
    let make = async |expires_at: Option<Timestamp>, scopes: &[Scope]| {
        let new = NewToken {
            user: "jean.dupont".into(),
            name: "script".into(),
            scopes: scopes.to_vec(),
            expires_at,
        };
        office.run(Command::CreateToken(new)).await.unwrap().secret.unwrap()
    };
    let id = office.find("jean.dupont").id;
    let tomorrow = NOW.plus_secs(86_400);
    let token = make(Some(tomorrow), &[Scope::Read]).await;
    let actor = async |token: &str, now| {
        office.app.actor_of_token(token, now).await.unwrap().map(|(actor, _)| actor)
    };
    let expected = Actor::User { id, scopes: Scopes::of(&[Scope::Read]) };
    assert_eq!(actor(&token.secret, NOW).await, Some(expected));
    assert_eq!(actor(&token.secret, tomorrow).await, None, "at its end it is over");
    assert_eq!(actor("gui_wrong", NOW).await, None);
    let other = make(None, &[]).await;
    office.run(Command::RevokeToken { user: id, id: other.id }).await.unwrap();
    assert_eq!(actor(&other.secret, NOW).await, None);
    let again = office.run(Command::RevokeToken { user: id, id: other.id }).await;
    assert!(matches!(again, Err(CommandError::NotFound(_))), "{again:?}");
    let off = RecipientChanges { is_disabled: Some(true), ..Default::default() };
    office.run(set("jean.dupont", off)).await.unwrap();
    assert_eq!(actor(&token.secret, NOW).await, None);
}

#[tokio::test]
async fn domains_come_with_keys_and_go_when_unused() {
    let office = Office::contoso().await;
    let key = app::signing::generate_key(app::signing::KeyAlgorithm::Ed25519).unwrap();
    let add = |domain: &str| Command::AddDomain { domain: domain.into(), keys: vec![key.clone()] };
    office.run(add("contoso.fr")).await.unwrap();
    let records = office.app.dns_records(Some("contoso.fr")).await.unwrap();
    assert!(records.iter().any(|r| r.name.starts_with("gu2-") && r.value.contains("k=ed25519")));
    let twice = office.run(add("Contoso.FR")).await;
    assert!(matches!(twice, Err(CommandError::AlreadyExists { .. })), "{twice:?}");
    let in_use = office.run(Command::RemoveDomain("contoso.com".into())).await;
    assert!(matches!(in_use, Err(CommandError::InTheWay(_))), "{in_use:?}");
    office.run(Command::SetDefaultDomain("contoso.fr".into())).await.unwrap();
    assert_eq!(office.app.directory().accepted_domains()[0].as_str(), "contoso.fr");
    assert_eq!(office.app.directory().accepted_domains().len(), 2);
    office.run(Command::RemoveDomain("contoso.fr".into())).await.unwrap();
    let keys = store::dkim_key::list(&office.store).await.unwrap();
    assert!(keys.iter().all(|key| key.retired_at == Some(NOW)));
    office.run(add("contoso.fr")).await.unwrap();
    let contact = office.run(add("fabrikam.com")).await;
    assert!(matches!(contact, Err(CommandError::InTheWay(_))), "its contact would become ours");
}

#[tokio::test]
async fn setting_what_is_so_already_changes_nothing() {
    let office = Office::contoso().await;
    let before = office.audit().await.len();
    let version = office.app.directory().version();
    let name = RecipientChanges { display_name: Some("Support".into()), ..Default::default() };
    let outcome = office.run(set("support", name)).await.unwrap();
    assert_eq!(outcome.warnings, [Warning::NothingChanged("support@contoso.com".into())]);
    let same = OrganizationChanges { name: Some("Contoso".into()), ..Default::default() };
    assert_eq!(office.run(Command::SetOrganization(same)).await.unwrap().warnings.len(), 1);
    assert_eq!(office.audit().await.len(), before);
    assert_eq!(office.app.directory().version(), version);
}

#[tokio::test]
async fn checking_an_order_changes_nothing() {
    let office = Office::contoso().await;
    let before = office.audit().await.len();
    let order = Order::new(grant("support", "jean.dupont", Right::SendAs)).to_check();
    office.app.command(&LOCAL, &order, NOW).await.unwrap();
    assert!(!may_send(&office, "jean.dupont", "support@contoso.com"));
    assert_eq!(office.audit().await.len(), before);
}

#[tokio::test]
async fn a_change_is_recorded_with_what_was_and_what_is() {
    let office = Office::contoso().await;
    let change = RecipientChanges {
        is_hidden: Some(true),
        send_on_behalf: Some(ListChange::Edit {
            add: vec!["jean.dupont".into()],
            remove: Vec::new(),
        }),
        ..Default::default()
    };
    let order = Order::new(set("support", change)).because(Some("reorganisation".into()));
    office.app.command(&office.actor("admin"), &order, NOW).await.unwrap();
    let record = office.audit().await.pop().unwrap();
    assert_eq!(record.actor, "admin@contoso.com");
    assert_eq!(record.operation, "Set-UnifiedGroup");
    assert_eq!(record.object, "support@contoso.com");
    assert_eq!(record.reason.as_deref(), Some("reorganisation"));
    let json = |text: &Option<String>| -> serde_json::Value {
        serde_json::from_str(text.as_ref().unwrap()).unwrap()
    };
    let expected = serde_json::json!({
        "HiddenFromAddressListsEnabled": true,
        "GrantSendOnBehalfTo": ["jean.dupont@contoso.com"],
    });
    assert_eq!(json(&record.after), expected);
    assert_eq!(json(&record.before)["HiddenFromAddressListsEnabled"], false);
}

fn convert(identity: &str, channels: ChannelFate) -> Command {
    Command::ConvertToSharedMailbox(ConvertOrder { identity: identity.into(), channels })
}

#[tokio::test]
async fn converting_a_group_keeps_who_could_read_it() {
    let office = Office::contoso().await;
    let group = app::command::NewGroup {
        display_name: "Ventes".into(),
        owners: vec!["marie.durand".into()],
        members: vec!["jean.dupont".into()],
        ..Default::default()
    };
    office.run(Command::CreateGroup(group)).await.unwrap();
    office.run(convert("ventes", ChannelFate::InTheWay)).await.unwrap();
    let shared = office.find("ventes");
    assert_eq!(shared.kind, RecipientKind::SharedMailbox);
    {
        let directory = office.app.directory();
        assert!(directory.members_of(shared.id).is_empty());
        assert_eq!(directory.grants_on(shared.id).len(), 2);
    }
    let team = office.run(convert("support", ChannelFate::InTheWay)).await;
    assert!(matches!(team, Err(CommandError::InTheWay(_))), "{team:?}");
    let before = office.audit().await.len();
    office.run(convert("support", ChannelFate::Removed)).await.unwrap();
    assert_eq!(office.find("support").kind, RecipientKind::SharedMailbox);
    let records = office.audit().await.split_off(before);
    let operations: Vec<&str> = records.iter().map(|record| record.operation.as_str()).collect();
    assert_eq!(operations, ["Set-UnifiedGroup", "Set-Mailbox"], "channels, then the kind");
}

#[tokio::test]
async fn a_converted_user_has_no_login_left() {
    let office = Office::contoso().await;
    let user = office.find("jean.dupont");
    office.run(convert("jean.dupont", ChannelFate::InTheWay)).await.unwrap();
    assert!(office.find("jean.dupont").account.is_none());
    office.run(Command::ConvertToUser("jean.dupont".into())).await.unwrap();
    let again = office.find("jean.dupont");
    assert_eq!((again.id, again.kind), (user.id, RecipientKind::User));
    let (old, new) = (user.account.unwrap(), again.account.unwrap());
    assert_ne!(old.credential_epoch, new.credential_epoch);
    let channel = office.run(Command::ConvertToUser("support".into())).await;
    assert!(matches!(channel, Err(CommandError::NotFound(_))), "{channel:?}");
}

#[tokio::test]
async fn an_order_on_an_older_version_of_the_object_does_nothing() {
    let office = Office::contoso().await;
    let version = |office: &Office| {
        let directory = office.app.directory();
        app::read::object_version(&directory, directory.find("support").unwrap().id)
    };
    let order = |seen: String, notes: &str| {
        let changes = RecipientChanges { notes: Some(notes.into()), ..Default::default() };
        let set = Command::Set { identity: "support".into(), changes: Box::new(changes) };
        Order { expected_object_version: Some(seen), ..Order::new(set) }
    };
    let admin = Actor::LocalAdministrator;
    let seen = version(&office);
    office.app.command(&admin, &order(seen.clone(), "one"), NOW).await.unwrap();
    assert_ne!(version(&office), seen);
    let late = office.app.command(&admin, &order(seen, "two"), NOW).await;
    assert!(matches!(late, Err(CommandError::ObjectChangedMeanwhile(_))), "{late:?}");
    assert_eq!(office.find("support").settings.notes, "one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_administrators_at_one_object_lose_nothing() {
    let office = Office::contoso().await;
    let before = office.audit().await.len();
    let mut tasks = Vec::new();
    for number in 0..6 {
        let app = office.app.clone();
        let changes = match number % 2 {
            0 => RecipientChanges {
                addresses: Some(AddressChange::Edit {
                    add: vec![format!("support{number}@contoso.com")],
                    remove: Vec::new(),
                    primary: None,
                }),
                ..Default::default()
            },
            _ => RecipientChanges {
                send_on_behalf: Some(ListChange::Edit {
                    add: vec![["jean.dupont", "claire.martin", "auditor"][number / 2].into()],
                    remove: Vec::new(),
                }),
                ..Default::default()
            },
        };
        let order = Order::new(set("support", changes));
        tasks.push(tokio::spawn(async move { app.command(&LOCAL, &order, NOW).await }));
    }
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let support = office.find("support");
    assert_eq!(support.addresses.len(), 2 + 3);
    assert_eq!(office.app.directory().grants_on(support.id).len(), 3);
    assert_eq!(office.audit().await.len(), before + 6);
}

#[tokio::test]
async fn another_process_is_caught_up_with_before_a_refusal() {
    let office = Office::contoso().await;
    let settings = app::Settings::new("other.contoso.com");
    let other = app::App::start(office.store.clone(), settings, |buffer| buffer.fill(9));
    let other = other.await.unwrap();
    office.user("nouveau", "Nouveau", domain::AccountRole::Member).await;
    let order = Order::new(grant("support", "nouveau", Right::SendAs));
    other.command(&LOCAL, &order, NOW).await.unwrap();
}

#[tokio::test]
async fn too_long_lists_are_refused() {
    let office = Office::contoso().await;
    let order = links(Link::Member, &vec!["jean.dupont"; 5_001]);
    let refused = office.run(Command::AddLinks(order)).await;
    assert!(matches!(refused, Err(CommandError::Invalid { what: "list", .. })), "{refused:?}");
    let order = links(Link::Member, &vec!["jean.dupont"; 5_000]);
    office.run(Command::AddLinks(order)).await.unwrap();
    let long = "n".repeat(257);
    let name =
        |text: &str| RecipientChanges { display_name: Some(text.into()), ..Default::default() };
    let refused = office.run(set("support", name(&long))).await;
    assert!(matches!(refused, Err(CommandError::Invalid { what: "display name", .. })));
    office.run(set("support", name(&long[..256]))).await.unwrap();
}

#[tokio::test]
async fn a_change_that_was_decided_on_an_old_directory_is_not_made() {
    let office = Office::contoso().await;
    let version = office.app.directory().version();
    let at = |expected, command| {
        let mut order = Order::new(command);
        order.expected_version = Some(expected);
        order
    };
    let first = at(version, grant("support", "jean.dupont", Right::SendAs));
    let left = office.app.command(&LOCAL, &first, NOW).await.unwrap().version;
    assert_eq!(left, version + 1);
    let same = at(left, grant("support", "jean.dupont", Right::SendAs));
    assert_eq!(office.app.command(&LOCAL, &same, NOW).await.unwrap().version, left, "a no-op");
    // Somebody else comes between.
    office.run(grant("support", "claire.martin", Right::SendAs)).await.unwrap();
    let late = at(left, grant("facturation", "jean.dupont", Right::SendAs));
    let refused = office.app.command(&LOCAL, &late, NOW).await;
    assert!(
        matches!(refused, Err(CommandError::ChangedMeanwhile { expected, found }) if expected == left && found == left + 1),
        "{refused:?}"
    );
}
