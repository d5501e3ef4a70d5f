//! `*-UnifiedGroup` and `*-UnifiedGroupLinks`: groups, teams, their channels and members.

use admin_protocol::cmdlet::Object;
use admin_protocol::failure::Failure;
use app::access;
use app::command::{Command, Link, LinkOrder, NewGroup, RecipientChanges};
use domain::{Directory, MemberRole, Membership, Recipient, RecipientKind, Timestamp};
use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::object::{self, insert, primary};
use super::size;

const KINDS: [RecipientKind; 1] = [RecipientKind::Group];

pub(crate) async fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let show = |directory: &Directory, recipient: &Recipient| show(directory, recipient, call.now);
    match call.cmdlet.name {
        "Get-UnifiedGroup" => list(call),
        "New-UnifiedGroup" => call.order_and_show(create(call)?, show).await,
        "Set-UnifiedGroup" => {
            let identity = call.identity_of(&KINDS)?;
            let changes = Box::new(changes(call)?);
            call.order_and_show(Command::Set { identity, changes }, show).await
        }
        "Remove-UnifiedGroup" => {
            call.order_silently(Command::Remove(call.identity_of(&KINDS)?)).await
        }
        "Get-UnifiedGroupLinks" => list_links(call),
        "Add-UnifiedGroupLinks" => call.order_silently(Command::AddLinks(links(call)?)).await,
        _ => call.order_silently(Command::RemoveLinks(links(call)?)).await,
    }
}

fn list(call: &Call<'_>) -> Result<Answer, Failure> {
    let teams = call.parameters.boolean("Team")?;
    let directory = call.app.directory();
    let sees_all = call.sees_all(&directory);
    let listed = call.listed(&directory, &KINDS)?.into_iter();
    let objects = listed
        .filter(|group| teams.is_none_or(|wanted| wanted == group.settings.is_team))
        .filter(|group| sees_all || access::owns(&directory, &call.caller.actor, group.id))
        .map(|group| show(&directory, group, call.now));
    Ok(Answer::of(objects.collect()))
}

fn show(directory: &Directory, group: &Recipient, now: Timestamp) -> Object {
    let mut object = object::mailbox(directory, group, now);
    let members = directory.members_of(group.id);
    let owners = members.iter().filter(|of| of.role == MemberRole::Owner);
    let owners: Vec<String> = owners.map(|of| primary(directory, of.member)).collect();
    let options: &[&str] = if group.settings.is_team { &["Team"] } else { &[] };
    let channels: Vec<Value> = app::read::channels(directory, group.id)
        .into_iter()
        .map(|channel| {
            json!({
                "DisplayName": channel.display_name,
                "EmailAddress": channel.primary().to_string(),
            })
        })
        .collect();
    insert(&mut object, "ResourceProvisioningOptions", options);
    insert(&mut object, "GroupMemberCount", members.len());
    insert(&mut object, "ManagedBy", owners);
    insert(&mut object, "Channels", channels);
    object
}

fn create(call: &Call<'_>) -> Result<Command, Failure> {
    let parameters = &call.parameters;
    let primary = parameters.text("PrimarySmtpAddress")?.filter(|text| !text.is_empty());
    let listed = object::primary_first(&parameters.text_list("EmailAddresses")?);
    let addresses = match (primary, listed.is_empty()) {
        (Some(_), false) => {
            return Err(Failure::invalid_operation(
                "EmailAddresses and PrimarySmtpAddress can't be used in the same command.",
            ));
        }
        (Some(primary), true) => vec![primary],
        (None, _) => listed,
    };
    let requires = parameters.boolean("RequireSenderAuthenticationEnabled")?;
    Ok(Command::CreateGroup(NewGroup {
        display_name: parameters.required_text("DisplayName")?,
        alias: parameters.text("Alias")?.filter(|text| !text.is_empty()),
        addresses,
        owners: parameters.text_list("Owner")?,
        members: parameters.text_list("Members")?,
        requires_sender_authentication: requires.unwrap_or(false),
        is_hidden: parameters.boolean("HiddenFromAddressListsEnabled")?.unwrap_or(false),
        notes: parameters.text("Notes")?.unwrap_or_default(),
        is_team: parameters.switch("Team")?,
        channels: parameters.text_list("Channels")?,
    }))
}

fn changes(call: &Call<'_>) -> Result<RecipientChanges, Failure> {
    let parameters = &call.parameters;
    Ok(RecipientChanges {
        display_name: parameters.text("DisplayName")?,
        alias: parameters.text("Alias")?,
        addresses: object::address_change(
            parameters.list_edit("EmailAddresses")?,
            parameters.text("PrimarySmtpAddress")?,
        )?,
        is_hidden: parameters.boolean("HiddenFromAddressListsEnabled")?,
        requires_sender_authentication: parameters.boolean("RequireSenderAuthenticationEnabled")?,
        copies_sent_mail_to_person: parameters.boolean("CopySentMailToPersonEnabled")?,
        notes: parameters.text("Notes")?,
        send_on_behalf: call.list_change("GrantSendOnBehalfTo")?,
        channels: call.list_change("Channels")?,
        ..size::mailbox_changes(parameters)?
    })
}

fn links(call: &Call<'_>) -> Result<LinkOrder, Failure> {
    Ok(LinkOrder {
        group: call.identity_of(&KINDS)?,
        link: link(call)?,
        who: call.parameters.text_list("Links")?,
    })
}

fn link(call: &Call<'_>) -> Result<Link, Failure> {
    let text = call.parameters.required_text("LinkType")?;
    let known = [Link::Member, Link::Owner, Link::Subscriber];
    let found = known.into_iter().find(|link| link.as_str().eq_ignore_ascii_case(&text));
    found.ok_or_else(|| Failure::bad_parameter("LinkType", "Members, Owners or Subscribers."))
}

fn list_links(call: &Call<'_>) -> Result<Answer, Failure> {
    let link = link(call)?;
    let identity = call.parameters.required_text("Identity")?;
    let directory = call.app.directory();
    let group = call.find(&directory, &identity, &KINDS)?;
    let is_wanted = |of: &&Membership| match link {
        Link::Member => true,
        Link::Owner => of.role == MemberRole::Owner,
        Link::Subscriber => of.is_subscribed,
    };
    let mut linked: Vec<(&Recipient, &Membership)> = directory
        .members_of(group.id)
        .iter()
        .filter(is_wanted)
        .filter_map(|of| Some((directory.recipient(of.member)?, of)))
        .collect();
    linked.sort_by(|(a, _), (b, _)| (&a.display_name, a.id).cmp(&(&b.display_name, b.id)));
    let objects = linked.into_iter().map(|(recipient, of)| {
        let mut object = object::names(recipient);
        let role = if of.role == MemberRole::Owner { "Owner" } else { "Member" };
        insert(&mut object, "Role", role);
        insert(&mut object, "IsSubscribed", of.is_subscribed);
        object
    });
    Ok(Answer::of(objects.collect()))
}
