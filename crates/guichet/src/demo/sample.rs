//! The sample organisation: Contoso, its people, the team Support, the shared mailbox Facturation.
//! Everything is created through the one door for changes, as an administrator would.

use app::App;
use app::access::Actor;
use app::command::{
    Command, GrantOrder, NewGroup, NewSharedMailbox, NewUser, Order, Password, Seed,
};
use app::signing::NewKey;
use domain::{AccountRole, Right};

use crate::clock;

/// The accepted domain.
pub(crate) const DOMAIN: &str = "contoso.com";
/// The password of all accounts, unless another is given.
pub(crate) const PASSWORD: &str = "guichet-demo";

/// The people: login, name, role.
pub(crate) const PEOPLE: [(&str, &str, AccountRole); 6] = [
    ("admin", "Administrator", AccountRole::Administrator),
    ("jean.dupont", "Jean Dupont", AccountRole::Member),
    ("marie.durand", "Marie Durand", AccountRole::Member),
    ("claire.martin", "Claire Martin", AccountRole::Member),
    ("paul.bernard", "Paul Bernard", AccountRole::Member),
    ("auditor", "Auditor", AccountRole::Auditor),
];

/// Fills an empty database.
pub(crate) async fn seed(app: &App, password: &str, keys: Vec<NewKey>) -> anyhow::Result<()> {
    let (admin, admin_name, _) = PEOPLE[0];
    let seed = Seed {
        guid: clock::new_guid(),
        organization: "Contoso".to_owned(),
        domain: DOMAIN.to_owned(),
        keys,
        administrator: address(admin),
        administrator_name: admin_name.to_owned(),
        password: Password(password.to_owned()),
    };
    app.seed(seed, clock::now()).await?;
    for (local, name, role) in PEOPLE.into_iter().skip(1) {
        carry_out(app, Command::CreateUser(user(local, name, role, password))).await?;
    }
    carry_out(app, Command::CreateGroup(support())).await?;
    carry_out(app, Command::CreateSharedMailbox(facturation())).await?;
    for (recipient, trustee, right) in [
        ("support", "claire.martin", Right::SendAs),
        ("support", "marie.durand", Right::SendOnBehalf),
        ("facturation", "jean.dupont", Right::FullAccess),
        ("facturation", "jean.dupont", Right::SendAs),
    ] {
        carry_out(app, grant(recipient, trustee, right)).await?;
    }
    Ok(())
}

async fn carry_out(app: &App, command: Command) -> anyhow::Result<()> {
    let order = Order::new(command).because(Some("sample organisation".to_owned()));
    app.command(&Actor::System, &order, clock::now()).await?;
    Ok(())
}

/// The address of somebody in the sample.
pub(crate) fn address(local: &str) -> String {
    format!("{local}@{DOMAIN}")
}

fn user(local: &str, name: &str, role: AccountRole, password: &str) -> NewUser {
    NewUser {
        display_name: name.to_owned(),
        alias: Some(local.to_owned()),
        address: Some(address(local)),
        password: Some(Password(password.to_owned())),
        role: Some(role),
        ..NewUser::default()
    }
}

fn support() -> NewGroup {
    NewGroup {
        display_name: "Support".to_owned(),
        alias: Some("support".to_owned()),
        addresses: vec![address("support"), address("aide")],
        owners: vec![address("marie.durand")],
        members: ["jean.dupont", "claire.martin", "marie.durand"].map(address).to_vec(),
        requires_sender_authentication: false,
        is_team: true,
        channels: vec!["General".to_owned(), "Incidents".to_owned()],
        ..NewGroup::default()
    }
}

fn facturation() -> NewSharedMailbox {
    NewSharedMailbox {
        display_name: "Facturation".to_owned(),
        alias: Some("facturation".to_owned()),
        address: Some(address("facturation")),
        ..NewSharedMailbox::default()
    }
}

fn grant(recipient: &str, trustee: &str, right: Right) -> Command {
    Command::Grant(GrantOrder {
        recipient: address(recipient),
        trustee: address(trustee),
        right,
        until_at: None,
    })
}
