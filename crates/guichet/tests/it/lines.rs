//! The lines that pages show beside what they did are lines that the program takes.

use app::command::{
    AddressChange, ChannelFate, Command, ConvertOrder, GrantOrder, Link, LinkOrder, ListChange,
    NewContact, NewGroup, NewSharedMailbox, NewUser, OrganizationChanges, RecipientChanges,
    RevokeOrder,
};
use domain::{AccountRole, Directory, Language, RecipientId, ReportSchedule, Right, Timestamp};

use crate::fake::{Endpoint, status, stderr};

/// A name that a shell and the program could both misread.
const NAME: &str = "L'Atelier & -x";

/// The words of a line, as a shell takes it apart.
fn words_of(line: &str) -> Vec<String> {
    let script = format!("set -- {line}; printf '%s\\0' \"$@\"");
    let output = std::process::Command::new("sh").args(["-c", &script]).output().expect("sh");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.split_terminator('\0').map(str::to_owned).collect()
}

fn set(changes: RecipientChanges) -> Command {
    Command::Set { identity: "support".into(), changes: Box::new(changes) }
}

fn creating() -> Vec<Command> {
    let group = |is_team| {
        Command::CreateGroup(NewGroup {
            display_name: NAME.into(),
            addresses: vec!["g@contoso.com".into()],
            owners: vec!["marie".into()],
            members: vec!["jean".into()],
            is_team,
            ..NewGroup::default()
        })
    };
    vec![
        group(true),
        group(false),
        Command::CreateUser(NewUser {
            display_name: NAME.into(),
            address: Some("p@contoso.com".into()),
            role: Some(AccountRole::Auditor),
            ..NewUser::default()
        }),
        Command::CreateSharedMailbox(NewSharedMailbox {
            display_name: NAME.into(),
            address: Some("s@contoso.com".into()),
            members: vec!["jean".into()],
            ..NewSharedMailbox::default()
        }),
        Command::CreateContact(NewContact {
            display_name: NAME.into(),
            external_address: "x@fabrikam.com".into(),
            ..NewContact::default()
        }),
    ]
}

fn setting() -> Vec<Command> {
    let addresses = AddressChange::Edit {
        add: vec!["a@contoso.com".into()],
        remove: vec!["b@contoso.com".into()],
        primary: Some("c@contoso.com".into()),
    };
    let channels = |add, remove| RecipientChanges {
        channels: Some(ListChange::Edit { add, remove }),
        ..RecipientChanges::default()
    };
    vec![
        set(RecipientChanges {
            display_name: Some("-x".into()),
            addresses: Some(addresses),
            is_hidden: Some(true),
            requires_sender_authentication: Some(false),
            copies_sent_mail_to_person: Some(true),
            seen_is_personal: Some(true),
            trash_retention_days: Some(7),
            quota_bytes: Some(Some(50 << 30)),
            notes: Some("--x".into()),
            ..RecipientChanges::default()
        }),
        set(RecipientChanges { quota_bytes: Some(None), ..RecipientChanges::default() }),
        set(channels(vec!["Salle 2".into()], vec![])),
        set(channels(vec![], vec!["Salle 2".into()])),
        Command::SetOrganization(OrganizationChanges {
            name: Some(NAME.into()),
            keeps_alias_as_author: Some(true),
            report_schedule: Some(ReportSchedule::Monthly),
            language: Some(Language::French),
        }),
        Command::SetDefaultDomain("contoso.com".into()),
    ]
}

fn taking_away() -> Vec<Command> {
    vec![
        Command::ConvertToSharedMailbox(ConvertOrder {
            identity: "support".into(),
            channels: ChannelFate::Removed,
        }),
        Command::Remove("support".into()),
        Command::RemoveDomain("contoso.com".into()),
        Command::RemoveAppPassword { user: RecipientId(1), id: 3 },
        Command::RetryQueueEntry(3),
        Command::HoldQueueEntry(3),
        Command::ReleaseQueueEntry(3),
        Command::DropQueueEntry { id: 3, notifies_sender: false },
    ]
}

fn linking() -> Vec<Command> {
    let links = |link| LinkOrder { group: "support".into(), link, who: vec!["jean".into()] };
    let mut commands = Vec::new();
    for link in [Link::Member, Link::Owner, Link::Subscriber] {
        commands.push(Command::AddLinks(links(link)));
        commands.push(Command::RemoveLinks(links(link)));
    }
    let until_at = Some(Timestamp(4_102_444_800_000));
    for right in [Right::SendAs, Right::SendOnBehalf, Right::FullAccess] {
        let (recipient, trustee) = ("support".to_owned(), "jean".to_owned());
        let grant = GrantOrder { recipient, trustee, right, until_at };
        let (recipient, trustee) = (grant.recipient.clone(), grant.trustee.clone());
        commands.push(Command::Grant(grant));
        commands.push(Command::Revoke(RevokeOrder { recipient, trustee, right }));
    }
    commands
}

#[test]
fn the_program_takes_every_line_and_calls_the_server() {
    let directory = Directory::default();
    for command in [creating(), setting(), taking_away(), linking()].concat() {
        let line = command.line(&directory, Some("-L'appel")).expect("it has a line");
        let words = words_of(&line);
        let words: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
        let endpoint = Endpoint::start();
        let output = endpoint.run(&words);
        assert_ne!(status(&output), 2, "{line}: {}", stderr(&output));
        assert!(!endpoint.calls().is_empty(), "{line}: {}", stderr(&output));
    }
}
