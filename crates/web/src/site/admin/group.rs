//! One group or shared mailbox beside its delegation: members, addresses, settings, channels, the
//! guided conversion of a group into a shared mailbox, and its end.

use app::access::{self, Need, Purpose};
use app::command::{
    AddressChange, ChannelFate, Command, ConvertOrder, Link, LinkOrder, ListChange, Order,
    RecipientChanges, shell_word,
};
use app::read::channels;
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::{AccountRole, Directory, MemberRole, Recipient, RecipientKind};
use serde::Deserialize;

use super::room::{self, Room};
use super::{Rail, list_of, may_change, ordered, surroundings, visible};
use crate::Web;
use crate::site::error::Problem;
use crate::site::frame::Frame;
use crate::site::told::Told;
use crate::site::visit::Signed;

struct Member {
    address: String,
    name: String,
    is_owner: bool,
    is_subscribed: bool,
}

struct Channel {
    name: String,
    address: String,
}

#[derive(Template)]
#[template(path = "admin/group.html")]
struct GroupPage {
    frame: Frame,
    rail: Rail,
    list: &'static str,
    list_name: String,
    guid: String,
    name: String,
    address: String,
    aliases: Vec<String>,
    notes: String,
    is_shared: bool,
    is_team: bool,
    inside_only: bool,
    is_hidden: bool,
    copies_to_person: bool,
    members: Vec<Member>,
    channels: Vec<Channel>,
    may_change: bool,
    is_administrator: bool,
    room: Room,
    /// As the form for it has it.
    quota: String,
}

impl GroupPage {
    /// Where the page's forms go.
    fn action(&self) -> String {
        format!("/admin/recipients/{}", self.guid)
    }

    /// What shows the same.
    fn line(&self) -> String {
        let noun = match (self.is_shared, self.is_team) {
            (true, _) => "shared",
            (false, true) => "team",
            (false, false) => "group",
        };
        format!("guichet {noun} show {}", shell_word(&self.address))
    }
}

/// `GET /admin/recipients/{guid}`
pub(crate) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Path(guid): Path<String>,
) -> Response {
    signed.page(page(&signed, &web, &guid).await)
}

async fn page(signed: &Signed, web: &Web, guid: &str) -> Result<GroupPage, Problem> {
    let recipient = visible_group(web, signed, guid)?;
    let quota = web.app.quota(recipient.id).await?;
    let list = list_of(recipient.kind);
    let (frame, rail) = surroundings(signed, list);
    let is_shared = recipient.kind == RecipientKind::SharedMailbox;
    let list_name = if is_shared { frame.t("admin-shared") } else { frame.t("admin-groups") };
    let may_change = may_change(web, signed, &recipient);
    let directory = web.app.directory();
    let settings = &recipient.settings;
    Ok(GroupPage {
        room: Room::of(&frame.texts, &recipient, &quota),
        quota: settings.quota_bytes.map(room::field).unwrap_or_default(),
        frame,
        rail,
        list,
        list_name,
        guid: recipient.guid.clone(),
        name: recipient.display_name.clone(),
        address: recipient.primary().to_string(),
        aliases: recipient.addresses.iter().skip(1).map(ToString::to_string).collect(),
        notes: settings.notes.clone(),
        is_shared,
        is_team: settings.is_team,
        inside_only: settings.requires_sender_authentication,
        is_hidden: settings.is_hidden_from_address_lists,
        copies_to_person: settings.copies_sent_mail_to_person,
        members: members(&directory, &recipient),
        channels: shown_channels(&directory, &recipient),
        may_change,
        is_administrator: signed.person.role == AccountRole::Administrator,
    })
}

fn shown_channels(directory: &Directory, team: &Recipient) -> Vec<Channel> {
    let channels = channels(directory, team.id).into_iter();
    channels
        .map(|channel| Channel {
            name: channel.display_name.clone(),
            address: channel.primary().to_string(),
        })
        .collect()
}

fn members(directory: &Directory, group: &Recipient) -> Vec<Member> {
    let members = directory.members_of(group.id).iter();
    let mut members: Vec<Member> = members
        .filter_map(|of| {
            let member = directory.recipient(of.member)?;
            Some(Member {
                address: member.primary().to_string(),
                name: member.display_name.clone(),
                is_owner: of.role == MemberRole::Owner,
                is_subscribed: of.is_subscribed,
            })
        })
        .collect();
    members.sort_by_cached_key(|member| (!member.is_owner, member.name.to_lowercase()));
    members
}

fn visible_group(web: &Web, signed: &Signed, guid: &str) -> Result<Recipient, Problem> {
    let found = visible(web, signed, guid)?;
    match found.kind {
        RecipientKind::Group | RecipientKind::SharedMailbox => Ok(found),
        RecipientKind::User | RecipientKind::Contact | RecipientKind::Channel => {
            Err(Problem::NotFound)
        }
    }
}

/// What the page's forms send. Absent fields are left as they are; a check box that is off is
/// absent too, so its form sends `what`.
#[derive(Debug, Deserialize)]
pub(crate) struct Change {
    what: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    notes: String,
    inside_only: Option<String>,
    hidden: Option<String>,
    copies: Option<String>,
    /// Of a conversion: the channels go, with the mail in them.
    remove_channels: Option<String>,
}

/// `POST /admin/recipients/{guid}`
pub(crate) async fn change(
    signed: Signed,
    State(web): State<Web>,
    Path(guid): Path<String>,
    Form(change): Form<Change>,
) -> Response {
    signed.tells(changed(&signed, &web, &guid, &change).await)
}

async fn changed(
    signed: &Signed,
    web: &Web,
    guid: &str,
    change: &Change,
) -> Result<(String, Told), Problem> {
    let group = visible_group(web, signed, guid)?;
    let command = match change.what.as_str() {
        "quota" => room::command(&signed.visit.texts, &group, &change.value)?,
        _ => command(&group, change).ok_or(Problem::NotFound)?,
    };
    let (_, told) = ordered(web, signed, (command, None)).await?;
    let path = match change.what.as_str() {
        "delete" => list_of(group.kind).to_owned(),
        "convert" => format!("/admin/recipients/{guid}/delegation"),
        _ => format!("/admin/recipients/{guid}"),
    };
    Ok((path, told))
}

fn command(group: &Recipient, change: &Change) -> Option<Command> {
    let value = change.value.trim().to_owned();
    let set = |changes| Command::Set { identity: group.guid.clone(), changes: Box::new(changes) };
    let link = |link| LinkOrder { group: group.guid.clone(), link, who: vec![value.clone()] };
    let add = |primary: Option<String>, add: Vec<String>, remove: Vec<String>| {
        let addresses = Some(AddressChange::Edit { add, remove, primary });
        set(RecipientChanges { addresses, ..RecipientChanges::default() })
    };
    let channels = |add: Vec<String>, remove: Vec<String>| {
        let channels = Some(ListChange::Edit { add, remove });
        set(RecipientChanges { channels, ..RecipientChanges::default() })
    };
    Some(match change.what.as_str() {
        "add-member" => Command::AddLinks(link(Link::Member)),
        "remove-member" => Command::RemoveLinks(link(Link::Member)),
        "add-owner" => Command::AddLinks(link(Link::Owner)),
        "remove-owner" => Command::RemoveLinks(link(Link::Owner)),
        "subscribe" => Command::AddLinks(link(Link::Subscriber)),
        "unsubscribe" => Command::RemoveLinks(link(Link::Subscriber)),
        "add-address" => add(None, vec![value], Vec::new()),
        "remove-address" => add(None, Vec::new(), vec![value]),
        "make-primary" => add(Some(value), Vec::new(), Vec::new()),
        "add-channel" => channels(vec![value], Vec::new()),
        "remove-channel" => channels(Vec::new(), vec![value]),
        "name" => set(RecipientChanges {
            display_name: Some(value),
            notes: Some(change.notes.clone()),
            ..RecipientChanges::default()
        }),
        "settings" => set(RecipientChanges {
            requires_sender_authentication: Some(change.inside_only.is_some()),
            is_hidden: Some(change.hidden.is_some()),
            copies_sent_mail_to_person: Some(change.copies.is_some()),
            ..RecipientChanges::default()
        }),
        "convert" => {
            let is_wanted = change.remove_channels.is_some();
            let fate = if is_wanted { ChannelFate::Removed } else { ChannelFate::InTheWay };
            Command::ConvertToSharedMailbox(conversion(group, fate))
        }
        "delete" => Command::Remove(group.guid.clone()),
        _ => return None,
    })
}

fn conversion(group: &Recipient, channels: ChannelFate) -> ConvertOrder {
    ConvertOrder { identity: group.guid.clone(), channels }
}

#[derive(Template)]
#[template(path = "admin/convert.html")]
struct ConvertPage {
    frame: Frame,
    rail: Rail,
    guid: String,
    name: String,
    address: String,
    aliases: Vec<String>,
    members: Vec<Member>,
    /// What would go, with the mail in it.
    channels: Vec<Channel>,
    /// What stands in the way beside channels, if anything.
    obstacle: Option<String>,
    /// What does the same on the command line.
    line: String,
}

/// `GET /admin/recipients/{guid}/convert`: what the conversion will change, before it does.
pub(crate) async fn preview(
    signed: Signed,
    State(web): State<Web>,
    Path(guid): Path<String>,
) -> Response {
    signed.page(preview_page(&signed, &web, &guid).await)
}

async fn preview_page(signed: &Signed, web: &Web, guid: &str) -> Result<ConvertPage, Problem> {
    let group = visible_group(web, signed, guid)?;
    if group.kind != RecipientKind::Group {
        return Err(Problem::NotFound);
    }
    access::allow(&web.app.directory(), &signed.actor(), Need::Administrator, Purpose::Change)?;
    let command = Command::ConvertToSharedMailbox(conversion(&group, ChannelFate::Removed));
    let order = Order::new(command).to_check();
    let checked = web.app.command(&signed.actor(), &order, signed.visit.now).await;
    let (frame, rail) = surroundings(signed, "/admin/groups");
    let directory = web.app.directory();
    let (members, channels) = (members(&directory, &group), shown_channels(&directory, &group));
    // The line takes the channels along only where there are any to be told of.
    let fate = if channels.is_empty() { ChannelFate::InTheWay } else { ChannelFate::Removed };
    let command = Command::ConvertToSharedMailbox(conversion(&group, fate));
    Ok(ConvertPage {
        frame,
        rail,
        guid: group.guid.clone(),
        name: group.display_name.clone(),
        address: group.primary().to_string(),
        aliases: group.addresses.iter().skip(1).map(ToString::to_string).collect(),
        members,
        channels,
        line: command.line(&directory, None).unwrap_or_default(),
        obstacle: checked.err().map(|error| error.to_string()),
    })
}
