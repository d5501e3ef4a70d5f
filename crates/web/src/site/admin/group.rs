//! One group or shared mailbox beside its delegation: members, addresses, settings, channels, the
//! guided conversion of a group into a shared mailbox, and its end.

use app::access::{self, Need, Purpose};
use app::command::{
    AddressChange, ChannelFate, Command, ConvertOrder, Link, LinkOrder, ListChange, Order,
    RecipientChanges,
};
use app::read::channels;
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::{AccountRole, Directory, MemberRole, Recipient, RecipientKind};
use serde::Deserialize;

use super::{Rail, carry_out, list_of, may_change, surroundings, visible};
use crate::Web;
use crate::site::error::Problem;
use crate::site::frame::{Frame, render};
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
    done: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /admin/recipients/{guid}`
pub(crate) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Path(guid): Path<String>,
    Query(done): Query<Done>,
) -> Response {
    let recipient = match visible_group(&web, &signed, &guid) {
        Ok(recipient) => recipient,
        Err(problem) => return signed.visit.problem(problem),
    };
    let list = list_of(recipient.kind);
    let (frame, rail) = surroundings(&signed, list);
    let is_shared = recipient.kind == RecipientKind::SharedMailbox;
    let list_name = if is_shared { frame.t("admin-shared") } else { frame.t("admin-groups") };
    let may_change = may_change(&web, &signed, &recipient);
    let directory = web.app.directory();
    let settings = &recipient.settings;
    render(&GroupPage {
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
        channels: channels(&directory, recipient.id)
            .into_iter()
            .map(|channel| Channel {
                name: channel.display_name.clone(),
                address: channel.primary().to_string(),
            })
            .collect(),
        may_change,
        is_administrator: signed.person.role == AccountRole::Administrator,
        done: done.done,
    })
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
}

/// `POST /admin/recipients/{guid}`
pub(crate) async fn change(
    signed: Signed,
    State(web): State<Web>,
    Path(guid): Path<String>,
    Form(change): Form<Change>,
) -> Response {
    signed.onward(changed(&signed, &web, &guid, &change).await)
}

async fn changed(
    signed: &Signed,
    web: &Web,
    guid: &str,
    change: &Change,
) -> Result<String, Problem> {
    let group = visible_group(web, signed, guid)?;
    let command = command(&group, change).ok_or(Problem::NotFound)?;
    carry_out(web, signed, command, None).await?;
    Ok(match change.what.as_str() {
        "delete" => list_of(group.kind).to_owned(),
        "convert" => format!("/admin/recipients/{guid}/delegation"),
        what => format!("/admin/recipients/{guid}?done={what}"),
    })
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
        "convert" => Command::ConvertToSharedMailbox(conversion(group)),
        "delete" => Command::Remove(group.guid.clone()),
        _ => return None,
    })
}

/// Channels are in the way: a person looks at them first.
fn conversion(group: &Recipient) -> ConvertOrder {
    ConvertOrder { identity: group.guid.clone(), channels: ChannelFate::InTheWay }
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
    /// What stands in the way, if anything.
    obstacle: Option<String>,
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
    let order = Order::new(Command::ConvertToSharedMailbox(conversion(&group))).to_check();
    let checked = web.app.command(&signed.actor(), &order, signed.visit.now).await;
    let (frame, rail) = surroundings(signed, "/admin/groups");
    let members = members(&web.app.directory(), &group);
    Ok(ConvertPage {
        frame,
        rail,
        guid: group.guid.clone(),
        name: group.display_name.clone(),
        address: group.primary().to_string(),
        aliases: group.addresses.iter().skip(1).map(ToString::to_string).collect(),
        members,
        obstacle: checked.err().map(|error| error.to_string()),
    })
}
