use domain::{Directory, ReportSchedule, Right, Timestamp};

use super::super::{
    AddressChange, ChannelFate, Command, ConvertOrder, GrantOrder, Link, LinkOrder, ListChange,
    NewContact, NewGroup, NewUser, OrganizationChanges, Password, RecipientChanges, RevokeOrder,
};
use super::shell_word;

fn line(command: &Command, reason: Option<&str>) -> String {
    command.line(&Directory::default(), reason).unwrap()
}

#[test]
fn a_word_stays_one_word_in_a_shell() {
    assert_eq!(shell_word("support@contoso.com"), "support@contoso.com");
    assert_eq!(shell_word("2027-01-31T00:00:00Z"), "2027-01-31T00:00:00Z");
    assert_eq!(shell_word("Contoso SA"), "'Contoso SA'");
    assert_eq!(shell_word("L'Atelier; rm -rf $HOME"), "'L'\\''Atelier; rm -rf $HOME'");
    assert_eq!(shell_word("Équipe"), "'Équipe'");
    assert_eq!(shell_word(""), "''");
}

#[test]
fn rights_carry_their_end_and_reason() {
    let mut order = GrantOrder {
        recipient: "support@contoso.com".into(),
        trustee: "jean".into(),
        right: Right::SendAs,
        until_at: None,
    };
    assert_eq!(
        line(&Command::Grant(order.clone()), None),
        "guichet grant send-as support@contoso.com jean"
    );
    order.until_at = Some(Timestamp(1_796_083_200_000));
    assert_eq!(
        line(&Command::Grant(order), Some("While Marie's away")),
        "guichet grant send-as support@contoso.com jean --until 2026-12-01T00:00:00Z \
         --reason 'While Marie'\\''s away'"
    );
    let order = RevokeOrder {
        recipient: "support".into(),
        trustee: "jean".into(),
        right: Right::SendOnBehalf,
    };
    let revoke = Command::Revoke(order);
    assert_eq!(
        line(&revoke, Some("-x")),
        "guichet revoke send-on-behalf support jean --reason=-x",
        "a reason is no option"
    );
}

#[test]
fn a_password_is_in_no_line() {
    let secret = Password("geheim geheim".into());
    let new = NewUser {
        display_name: "Paul Bernard".into(),
        address: Some("paul@contoso.com".into()),
        password: Some(secret.clone()),
        ..NewUser::default()
    };
    let created = line(&Command::CreateUser(new), None);
    assert_eq!(created, "guichet user create paul@contoso.com --name 'Paul Bernard'");
    let set = Command::SetPassword { user: "paul@contoso.com".into(), password: secret.clone() };
    assert_eq!(line(&set, None), "guichet user password paul@contoso.com");
    let changes = RecipientChanges { password: Some(secret), ..RecipientChanges::default() };
    let set = Command::Set { identity: "paul".into(), changes: Box::new(changes) };
    assert_eq!(set.line(&Directory::default(), None), None);
}

#[test]
fn groups_and_what_belongs_to_them() {
    let new = NewGroup {
        display_name: "Ventes".into(),
        addresses: vec!["ventes@contoso.com".into()],
        owners: vec!["marie".into()],
        members: vec!["jean".into(), "claire".into()],
        is_team: true,
        ..NewGroup::default()
    };
    assert_eq!(
        line(&Command::CreateGroup(new), None),
        "guichet team create Ventes --address ventes@contoso.com --owner marie --member jean \
         --member claire --require-sender-authentication false"
    );
    let links = LinkOrder { group: "ventes".into(), link: Link::Member, who: vec!["paul".into()] };
    assert_eq!(
        line(&Command::AddLinks(links.clone()), None),
        "guichet group add-member ventes paul"
    );
    assert_eq!(line(&Command::RemoveLinks(links), None), "guichet group remove-member ventes paul");
    let order = ConvertOrder { identity: "ventes".into(), channels: ChannelFate::Removed };
    assert_eq!(
        line(&Command::ConvertToSharedMailbox(order), None),
        "guichet shared convert ventes --remove-channels --yes"
    );
}

#[test]
fn settings_of_recipients_and_of_the_organisation() {
    let set = |changes| Command::Set { identity: "ventes".into(), changes: Box::new(changes) };
    let edit =
        AddressChange::Edit { add: vec!["v@contoso.com".into()], remove: vec![], primary: None };
    let changes = RecipientChanges {
        addresses: Some(edit),
        is_hidden: Some(true),
        quota_bytes: Some(None),
        is_disabled: Some(false),
        ..RecipientChanges::default()
    };
    assert_eq!(
        line(&set(changes), None),
        "guichet group set ventes --enable --add-address v@contoso.com --hidden true \
         --quota unlimited"
    );
    let channels = ListChange::Edit { add: vec![], remove: vec!["Salle 2".into()] };
    let changes = RecipientChanges { channels: Some(channels), ..RecipientChanges::default() };
    assert_eq!(line(&set(changes), None), "guichet team remove-channel ventes 'Salle 2'");
    let changes = OrganizationChanges {
        name: Some("Contoso".into()),
        keeps_alias_as_author: Some(true),
        report_schedule: Some(ReportSchedule::Monthly),
        language: Some(domain::Language::French),
    };
    assert_eq!(
        line(&Command::SetOrganization(changes), None),
        "guichet organization set --name Contoso --send-from-alias true --report monthly \
         --language fr"
    );
    let contact = NewContact {
        display_name: "-x".into(),
        external_address: "info@fabrikam.com".into(),
        ..NewContact::default()
    };
    assert_eq!(
        line(&Command::CreateContact(contact), None),
        "guichet contact create info@fabrikam.com --name=-x"
    );
    assert_eq!(line(&Command::HoldQueueEntry(12), None), "guichet queue hold 12");
    let drop = Command::DropQueueEntry { id: 12, notifies_sender: false };
    assert_eq!(line(&drop, None), "guichet queue drop 12 --silent --yes");
}
