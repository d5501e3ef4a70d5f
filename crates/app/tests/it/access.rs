//! Who may command what: one table.

use app::access::{Actor, Denied, Scope, Scopes};
use app::command::{
    Command, CommandError, Intent, Link, LinkOrder, NewAppPassword, NewChannel, NewToken, NewUser,
    Order, OrganizationChanges, Password, RecipientChanges,
};
use domain::Right;

use crate::office::{LOCAL, NOW, Office, grant};

fn set(identity: &str, changes: RecipientChanges) -> Command {
    Command::Set { identity: identity.into(), changes: Box::new(changes) }
}

fn own_token() -> Command {
    Command::CreateToken(NewToken {
        user: "jean.dupont".into(),
        name: String::new(),
        scopes: Vec::new(),
        expires_at: None,
    })
}

fn add_member() -> Command {
    Command::AddLinks(LinkOrder {
        group: "support".into(),
        link: Link::Member,
        who: vec!["auditor".into()],
    })
}

/// Each command with who may give it, of: administrator, auditor, marie (owner of Support), jean
/// (member).
fn table() -> Vec<(Command, [bool; 4])> {
    let name = RecipientChanges { display_name: Some("X".into()), ..Default::default() };
    let notes = RecipientChanges { notes: Some("X".into()), ..Default::default() };
    let hidden = RecipientChanges { is_hidden: Some(true), ..Default::default() };
    let user = NewUser { display_name: "X".into(), ..NewUser::default() };
    let channel = NewChannel { team: "support".into(), name: "Night".into() };
    let password =
        Command::SetPassword { user: "jean.dupont".into(), password: Password("12345678".into()) };
    let app_password =
        Command::CreateAppPassword(NewAppPassword { user: "jean.dupont".into(), name: "x".into() });
    let organization = OrganizationChanges { name: Some("X".into()), ..Default::default() };
    let only_administrator = [true, false, false, false];
    let owner_too = [true, false, true, false];
    let oneself_too = [true, false, false, true];
    vec![
        (Command::CreateUser(user), only_administrator),
        (Command::SetOrganization(organization), only_administrator),
        (Command::AddDomain { domain: "x.org".into(), keys: Vec::new() }, only_administrator),
        (Command::ClearThrottle("jean".into()), only_administrator),
        (Command::Remove("support".into()), only_administrator),
        (set("jean.dupont", name.clone()), only_administrator),
        (set("support", hidden), only_administrator),
        (set("support", name), owner_too),
        (set("support", notes), owner_too),
        (Command::CreateChannel(channel), owner_too),
        (Command::Remove("incidents.support".into()), owner_too),
        (add_member(), owner_too),
        (grant("support", "jean.dupont", Right::SendAs), owner_too),
        (grant("support", "jean.dupont", Right::SendOnBehalf), owner_too),
        (grant("support", "jean.dupont", Right::FullAccess), only_administrator),
        (grant("facturation", "jean.dupont", Right::SendAs), only_administrator),
        (grant("marie.durand", "jean.dupont", Right::SendAs), only_administrator),
        (password, oneself_too),
        (app_password, oneself_too),
        (own_token(), oneself_too),
    ]
}

#[tokio::test]
async fn everybody_may_what_the_table_says() {
    let office = Office::contoso().await;
    let actors = ["admin", "auditor", "marie.durand", "jean.dupont"].map(|who| office.actor(who));
    for (command, expected) in table() {
        for (actor, may) in actors.iter().zip(expected) {
            let order = Order::new(command.clone()).to_check();
            let result = office.app.command(actor, &order, NOW).await;
            let is_denied = matches!(result, Err(CommandError::Denied(_)));
            assert_eq!(!is_denied, may, "{command:?} by {actor:?}: {result:?}");
            assert!(is_denied || result.is_ok(), "{command:?} by {actor:?}: {result:?}");
        }
        let order = Order::new(command).to_check();
        assert_eq!(order.intent, Intent::Check);
        assert!(office.app.command(&LOCAL, &order, NOW).await.is_ok());
    }
}

#[tokio::test]
async fn a_demoted_administrator_changes_nothing_more() {
    let office = Office::contoso().await;
    let jean = office.actor("jean.dupont");
    let role = |role| RecipientChanges { role: Some(role), ..Default::default() };
    office.run(set("jean.dupont", role(domain::AccountRole::Administrator))).await.unwrap();
    office.run_as(&jean, grant("support", "claire.martin", Right::SendAs)).await.unwrap();
    office.run(set("jean.dupont", role(domain::AccountRole::Member))).await.unwrap();
    let refused = office.run_as(&jean, grant("support", "jean.dupont", Right::SendAs)).await;
    assert!(matches!(refused, Err(CommandError::Denied(Denied::NotEntitled(_)))), "{refused:?}");
}

#[tokio::test]
async fn a_disabled_account_changes_nothing() {
    let office = Office::contoso().await;
    let marie = office.actor("marie.durand");
    let changes = RecipientChanges { is_disabled: Some(true), ..Default::default() };
    office.run(set("marie.durand", changes)).await.unwrap();
    let refused = office.run_as(&marie, grant("support", "jean.dupont", Right::SendAs)).await;
    assert!(matches!(refused, Err(CommandError::Denied(Denied::AccountInactive))), "{refused:?}");
}

#[tokio::test]
async fn a_token_allows_what_its_scopes_cover() {
    let office = Office::contoso().await;
    let id = office.find("admin").id;
    let with = |scopes: &[Scope]| Actor::User { id, scopes: Scopes::of(scopes) };
    let command = || grant("support", "jean.dupont", Right::SendAs);
    for scopes in [&[Scope::Read][..], &[Scope::Send]] {
        let refused = office.run_as(&with(scopes), command()).await;
        assert!(
            matches!(refused, Err(CommandError::Denied(Denied::OutOfScope(Scope::Admin)))),
            "{refused:?}"
        );
    }
    office.run_as(&with(&[Scope::Admin]), command()).await.unwrap();
    // A token makes neither passwords nor mightier tokens.
    let password =
        Command::SetPassword { user: "admin".into(), password: Password("12345678".into()) };
    let mighty = office.run_as(&with(&[Scope::Admin]), own_token()).await;
    assert!(
        matches!(mighty, Err(CommandError::Denied(Denied::OutOfScope(Scope::Send)))),
        "{mighty:?}"
    );
    let password = office.run_as(&with(&[Scope::Admin]), password).await;
    assert!(matches!(password, Err(CommandError::Denied(Denied::NeedsPassword))), "{password:?}");
}
