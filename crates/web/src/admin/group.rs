//! `*-UnifiedGroup`, `*-UnifiedGroupLinks` and `*-Group`: groups, teams, their channels and
//! members.

use admin_protocol::cmdlet::Object;
use admin_protocol::failure::Failure;
use admin_protocol::text::timestamp;
use app::access;
use app::command::{Command, Link, LinkOrder, NewGroup};
use domain::{Directory, MemberRole, Membership, Recipient, RecipientKind};
use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::object::{self, insert, primary};
use super::settings;

const KINDS: [RecipientKind; 1] = [RecipientKind::Group];

/// Said by `Set-Group`, which Exchange does not let do this.
const NOT_OF_SET_GROUP: &str = "RequireSenderAuthenticationEnabled is a parameter of \
    Set-UnifiedGroup, not of Set-Group; it was set all the same. It says who may write to the \
    group, and has no effect on the right to send as the group: give that with \
    Add-RecipientPermission.";

pub(crate) async fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let show = |directory: &Directory, recipient: &Recipient| show(directory, recipient, call);
    match call.cmdlet.name {
        "Get-UnifiedGroup" => list(call, show),
        "New-UnifiedGroup" => call.order_and_show(create(call)?, show).await,
        "Set-UnifiedGroup" => {
            let identity = call.identity_of(&KINDS)?;
            let changes = Box::new(settings::changes(call)?);
            call.order_and_show(Command::Set { identity, changes }, show).await
        }
        "Remove-UnifiedGroup" => {
            call.order_silently(Command::Remove(call.identity_of(&KINDS)?)).await
        }
        "Get-UnifiedGroupLinks" => list_links(call),
        "Add-UnifiedGroupLinks" => call.order_silently(Command::AddLinks(links(call)?)).await,
        "Remove-UnifiedGroupLinks" => call.order_silently(Command::RemoveLinks(links(call)?)).await,
        "Get-Group" => list(call, show_without_mail),
        _ => set_group(call).await,
    }
}

async fn set_group(call: &Call<'_>) -> Result<Answer, Failure> {
    let identity = call.identity_of(&KINDS)?;
    let changes = Box::new(settings::changes(call)?);
    let warns = changes.requires_sender_authentication.is_some();
    let answer = call.order_and_show(Command::Set { identity, changes }, show_without_mail).await?;
    Ok(if warns { answer.with_warning(NOT_OF_SET_GROUP) } else { answer })
}

fn list(
    call: &Call<'_>,
    show: impl Fn(&Directory, &Recipient) -> Object,
) -> Result<Answer, Failure> {
    let teams = match call.cmdlet.parameter("Team") {
        Some(_) => call.parameters.boolean("Team")?,
        None => None,
    };
    let directory = call.app.directory();
    let sees_all = call.sees_all(&directory);
    let listed = call.listed(&directory, &KINDS)?.into_iter();
    let listed = listed
        .filter(|group| teams.is_none_or(|wanted| wanted == group.settings.is_team))
        .filter(|group| sees_all || access::owns(&directory, &call.caller.actor, group.id));
    Ok(call.show_listed(listed.collect(), |group| show(&directory, group)))
}

fn owners<'d>(directory: &'d Directory, group: &Recipient) -> Vec<&'d Recipient> {
    let members = directory.members_of(group.id).iter();
    let owners = members.filter(|of| of.role == MemberRole::Owner);
    owners.filter_map(|of| directory.recipient(of.member)).collect()
}

fn show(directory: &Directory, group: &Recipient, call: &Call<'_>) -> Object {
    let mut object = object::mailbox(directory, group, call);
    let members = directory.members_of(group.id);
    let owners = owners(directory, group);
    let addresses: Vec<String> = owners.iter().map(|who| who.primary().to_string()).collect();
    let names: Vec<&str> = owners.iter().map(|who| who.display_name.as_str()).collect();
    let kinds = members.iter().filter_map(|of| directory.recipient(of.member)).map(|who| who.kind);
    let options: &[&str] = if group.settings.is_team { &["Team"] } else { &[] };
    let channels: Vec<Value> = match group.settings.is_team {
        true => channels(directory, group),
        false => Vec::new(),
    };
    insert(&mut object, "ResourceProvisioningOptions", options);
    insert(&mut object, "GroupMemberCount", members.len());
    let external = kinds.filter(|kind| *kind == RecipientKind::Contact).count();
    insert(&mut object, "GroupExternalMemberCount", external);
    insert(&mut object, "ManagedBy", addresses);
    insert(&mut object, "ManagedByDetails", names);
    insert(&mut object, "Channels", channels);
    insert(&mut object, "AccessType", "Private");
    for (name, value) in [
        ("IsMailboxConfigured", true),
        ("IsMembershipDynamic", false),
        ("AutoSubscribeNewMembers", false),
        ("SubscriptionEnabled", true),
        ("WelcomeMessageEnabled", false),
        ("ModerationEnabled", false),
    ] {
        insert(&mut object, name, value);
    }
    object
}

fn channels(directory: &Directory, team: &Recipient) -> Vec<Value> {
    let channels = app::read::channels(directory, team.id).into_iter();
    channels
        .map(|channel| {
            json!({
                "DisplayName": channel.display_name,
                "EmailAddress": channel.primary().to_string(),
            })
        })
        .collect()
}

/// A group as `Get-Group` knows it.
fn show_without_mail(directory: &Directory, group: &Recipient) -> Object {
    let mut object = object::identity(group);
    let owners = owners(directory, group).into_iter();
    let owners: Vec<String> = owners.map(|who| who.primary().to_string()).collect();
    let members = directory.members_of(group.id).iter();
    let members: Vec<String> = members.map(|of| primary(directory, of.member)).collect();
    insert(&mut object, "ExternalDirectoryObjectId", group.guid.as_str());
    insert(&mut object, "ManagedBy", owners);
    insert(&mut object, "Members", members);
    insert(&mut object, "Notes", group.settings.notes.as_str());
    insert(&mut object, "WhenCreatedUTC", timestamp(group.created_at));
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
    Ok(call.show_listed(linked, |(recipient, of)| {
        let mut object = object::names(recipient);
        let role = if of.role == MemberRole::Owner { "Owner" } else { "Member" };
        insert(&mut object, "Role", role);
        insert(&mut object, "IsSubscribed", of.is_subscribed);
        object
    }))
}
