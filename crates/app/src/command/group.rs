//! Creating groups, teams and channels. A team is a group with channels; each channel has an
//! address of its own that only receives.

use domain::{DirectoryEntry, MemberRole, Membership, Recipient, RecipientKind};
use mail::Address;
use serde_json::json;
use store::folder::FolderRole;

use super::address::notes;
use super::draft::{Draft, Operation};
use super::{CommandError, ListChange};
use crate::access::Need;
use crate::read::channels as channels_of;

/// The channel that every team has.
pub const GENERAL_CHANNEL: &str = "General";
/// Channels of one team at most, as in Teams.
pub(crate) const CHANNELS_MAX: usize = 1_000;

const GROUP_FOLDERS: [FolderRole; 4] =
    [FolderRole::Inbox, FolderRole::Sent, FolderRole::Archive, FolderRole::Trash];
const CHANNEL_FOLDERS: [FolderRole; 1] = [FolderRole::Inbox];

/// A group or team to create.
#[derive(Debug, Clone, Default)]
pub struct NewGroup {
    /// The name that people see.
    pub display_name: String,
    /// The alias; made from the address, or from the name, where there is none.
    pub alias: Option<String>,
    /// The addresses, the primary one first; the alias in the default domain where there is none.
    pub addresses: Vec<String>,
    /// Who manages it; owners are members too.
    pub owners: Vec<String>,
    /// Who reads its mail.
    pub members: Vec<String>,
    /// Refuse mail that no account of ours submitted.
    pub requires_sender_authentication: bool,
    /// Whether lists of recipients leave it out.
    pub is_hidden: bool,
    /// Free text for the administrator.
    pub notes: String,
    /// Whether it has channels.
    pub is_team: bool,
    /// Names of channels; a team without any gets [`GENERAL_CHANNEL`].
    pub channels: Vec<String>,
}

/// A channel to add to a team.
#[derive(Debug, Clone)]
pub struct NewChannel {
    /// The team.
    pub team: String,
    /// The channel's name.
    pub name: String,
}

impl Draft<'_> {
    pub(crate) fn create_group(&mut self, new: &NewGroup) -> Result<(), CommandError> {
        self.allow(Need::Administrator)?;
        if !new.is_team && !new.channels.is_empty() {
            return Err(CommandError::invalid("channels", "only a team has channels"));
        }
        let mut recipient = self.new_recipient(RecipientKind::Group, &new.display_name)?;
        let first = new.addresses.first().map(String::as_str);
        self.name(&mut recipient, new.alias.as_deref(), first)?;
        for further in new.addresses.iter().skip(1) {
            let address = self.own_address(further, None)?;
            recipient.addresses.push(address);
        }
        recipient.settings.is_team = new.is_team;
        recipient.settings.requires_sender_authentication = new.requires_sender_authentication;
        recipient.settings.is_hidden_from_address_lists = new.is_hidden;
        recipient.settings.notes = notes(&new.notes)?;
        let (standard, folders) = self.new_folders(recipient.id, &GROUP_FOLDERS);
        recipient.folders = Some(standard);
        let members = self.first_members(new)?;
        let channels = match (new.is_team, new.channels.is_empty()) {
            (true, true) => vec![GENERAL_CHANNEL.to_owned()],
            _ => new.channels.clone(),
        };
        let parameters = json!({
            "DisplayName": recipient.display_name,
            "Alias": recipient.alias,
            "Team": new.is_team,
            "Owner": new.owners,
            "Members": new.members,
            "Channels": channels,
        });
        let entry = DirectoryEntry { recipient, grants: Vec::new(), members };
        self.create(&entry, &folders, Operation::new("New-UnifiedGroup", parameters))?;
        let mut names = Vec::new();
        for name in &channels {
            self.write_channel(&entry.recipient, name, &mut names)?;
        }
        Ok(())
    }

    fn first_members(&self, new: &NewGroup) -> Result<Vec<Membership>, CommandError> {
        let mut members: Vec<Membership> = Vec::new();
        for owner in &new.owners {
            let member = self.owner_to_be(owner)?;
            if !members.iter().any(|of| of.member == member) {
                members.push(Membership { member, role: MemberRole::Owner, is_subscribed: false });
            }
        }
        for name in &new.members {
            let member = self.member_to_be(name, None)?;
            if !members.iter().any(|of| of.member == member) {
                members.push(Membership { member, role: MemberRole::Member, is_subscribed: false });
            }
        }
        Ok(members)
    }

    pub(crate) fn create_channel(&mut self, new: &NewChannel) -> Result<(), CommandError> {
        let team = self.find(&new.team)?;
        self.allow(Need::OwnerOf(team.id))?;
        let add = ListChange::Edit { add: vec![new.name.clone()], remove: Vec::new() };
        let difference = self.change_channels(team, &add)?;
        self.record_channels(team, difference);
        self.outcome().recipient = Some(team.id);
        Ok(())
    }

    /// Adds and removes channels of a team; gives the names that went and those that came.
    pub(crate) fn change_channels(
        &mut self,
        team: &Recipient,
        change: &ListChange,
    ) -> Result<(Vec<String>, Vec<String>), CommandError> {
        if team.kind != RecipientKind::Group || !team.settings.is_team {
            let why = format!("{} is no team; only a team has channels", team.primary());
            return Err(CommandError::invalid("channels", why));
        }
        let current = channels_of(self.directory, team.id);
        let is_in = |list: &[String], name: &str| list.iter().any(|item| same_name(item, name));
        let (gone, wanted): (Vec<&Recipient>, &[String]) = match change {
            ListChange::Replace(list) => {
                (current.iter().filter(|c| !is_in(list, &c.display_name)).copied().collect(), list)
            }
            ListChange::Edit { add, remove } => {
                (current.iter().filter(|c| is_in(remove, &c.display_name)).copied().collect(), add)
            }
        };
        if gone.iter().any(|channel| same_name(&channel.display_name, GENERAL_CHANNEL)) {
            let why = format!("the channel {GENERAL_CHANNEL} of a team cannot be removed");
            return Err(CommandError::invalid("channels", why));
        }
        let mut names: Vec<String> =
            current.iter().map(|channel| channel.display_name.clone()).collect();
        let revocation = self.revocation();
        let mut removed = Vec::new();
        for channel in gone {
            store::directory::remove_recipient(self.directory_set(), channel.id, &revocation);
            names.retain(|name| !same_name(name, &channel.display_name));
            removed.push(channel.display_name.clone());
        }
        let mut added = Vec::new();
        for name in wanted {
            if !is_in(&names, name) {
                self.write_channel(team, name, &mut names)?;
                added.push(name.clone());
            }
        }
        Ok((removed, added))
    }

    pub(crate) fn record_channels(
        &mut self,
        team: &Recipient,
        (removed, added): (Vec<String>, Vec<String>),
    ) {
        if removed.is_empty() && added.is_empty() {
            self.warn(super::Warning::NothingChanged(team.primary().to_string()));
            return;
        }
        let parameters = json!({ "Channels": { "add": added, "remove": removed } });
        let operation = Operation::new("Set-UnifiedGroup", parameters);
        let (before, after) = (json!({ "Channels": removed }), json!({ "Channels": added }));
        self.record(operation, &team.primary().to_string(), Some(before), Some(after));
    }

    /// Puts one channel of a team in. Its address is made of its own and the team's alias.
    fn write_channel(
        &mut self,
        team: &Recipient,
        name: &str,
        names: &mut Vec<String>,
    ) -> Result<(), CommandError> {
        if names.iter().any(|taken| same_name(taken, name)) {
            let name = name.to_owned();
            return Err(CommandError::AlreadyExists { what: "channel", name });
        }
        if names.len() >= CHANNELS_MAX {
            let why = format!("a team has at most {CHANNELS_MAX} channels");
            return Err(CommandError::invalid("channels", why));
        }
        let mut channel = self.new_recipient(RecipientKind::Channel, name)?;
        names.push(channel.display_name.clone());
        let wanted = format!("{}.{}", domain::alias::derive(&channel.display_name), team.alias);
        channel.alias = self.made_alias(&wanted)?;
        let address = Address::new(&channel.alias, team.primary().domain().clone())
            .map_err(|error| CommandError::invalid("channels", error.to_string()))?;
        channel.addresses = vec![self.claim(address, None)?];
        channel.team = Some(team.id);
        channel.settings.requires_sender_authentication =
            team.settings.requires_sender_authentication;
        let (standard, folders) = self.new_folders(channel.id, &CHANNEL_FOLDERS);
        channel.folders = Some(standard);
        let entry = DirectoryEntry { recipient: channel, grants: Vec::new(), members: Vec::new() };
        self.write_new(&entry, &folders)
    }
}

fn same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}
