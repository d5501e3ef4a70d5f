//! Making one kind of mailbox of another: of a group or a user a shared mailbox, of a shared
//! mailbox a user. Mail, folders, addresses and the rights on it stay what they are; what the new
//! kind cannot have is in the way, or goes where the order says so.

use domain::{
    Account, AccountRole, DirectoryEntry, MemberRole, Membership, Recipient, RecipientKind, Right,
};
use serde_json::json;

use super::CommandError;
use super::draft::{Draft, Operation};
use crate::access::Need;
use crate::read::channels as channels_of;

/// What becomes of a team's channels when it stops being a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelFate {
    /// They are in the way: a person looks at them first.
    InTheWay,
    /// They go, with the mail in them.
    Removed,
}

/// What to make a shared mailbox of.
#[derive(Debug, Clone)]
pub struct ConvertOrder {
    /// The group or user.
    pub identity: String,
    /// What becomes of channels, for a team.
    pub channels: ChannelFate,
}

impl Draft<'_> {
    /// Turns a group or a user into a shared mailbox. Who was a member of the group receives Full
    /// Access; rights to send on it stay what they were. A user loses the login.
    pub(crate) fn convert_to_shared_mailbox(
        &mut self,
        order: &ConvertOrder,
    ) -> Result<(), CommandError> {
        self.allow(Need::Administrator)?;
        let recipient = self.find(&order.identity)?;
        let entry = match recipient.kind {
            RecipientKind::Group => self.group_as_shared_mailbox(recipient, order.channels)?,
            RecipientKind::User => self.user_as_shared_mailbox(recipient)?,
            RecipientKind::SharedMailbox => self.entry(recipient.id)?,
            RecipientKind::Contact | RecipientKind::Channel => {
                return Err(CommandError::not_found(&order.identity));
            }
        };
        let parameters = json!({ "Identity": recipient.primary().to_string(), "Type": "Shared" });
        self.replace(&entry, Operation::new("Set-Mailbox", parameters))
    }

    fn group_as_shared_mailbox(
        &mut self,
        group: &Recipient,
        channels: ChannelFate,
    ) -> Result<DirectoryEntry, CommandError> {
        let mut entry = self.entry(group.id)?;
        self.holds_nothing(group)?;
        self.clear_channels(group, channels)?;
        let members: Vec<Membership> = std::mem::take(&mut entry.members);
        for of in members {
            let kind = self.directory.recipient(of.member).map(|found| found.kind);
            let can_hold = matches!(kind, Some(RecipientKind::User | RecipientKind::Group));
            let holds = |grant: &domain::Grant| {
                grant.trustee == of.member
                    && grant.right == Right::FullAccess
                    && grant.is_in_force(self.now)
            };
            if can_hold && !entry.grants.iter().any(holds) {
                let is_this = |grant: &domain::Grant| {
                    grant.trustee == of.member && grant.right == Right::FullAccess
                };
                entry.grants.retain(|grant| !is_this(grant));
                let grant = self.new_grant(group.id, of.member, Right::FullAccess);
                entry.grants.push(grant);
            }
        }
        entry.recipient.kind = RecipientKind::SharedMailbox;
        entry.recipient.settings.is_team = false;
        Ok(entry)
    }

    /// Takes a team's channels away, where that is wanted.
    fn clear_channels(&mut self, group: &Recipient, fate: ChannelFate) -> Result<(), CommandError> {
        let channels = channels_of(self.directory, group.id);
        if channels.is_empty() {
            return Ok(());
        }
        if fate == ChannelFate::InTheWay {
            let names: Vec<&str> =
                channels.iter().map(|channel| channel.display_name.as_str()).collect();
            return Err(CommandError::in_the_way(format!(
                "{} is a team with the channels {}, which a shared mailbox cannot have. Convert it \
                 with -RemoveChannels, which removes them with the mail in them.",
                group.display_name,
                names.join(", ")
            )));
        }
        let revocation = self.revocation();
        let mut names = Vec::new();
        for channel in channels {
            store::directory::remove_recipient(self.directory_set(), channel.id, &revocation);
            names.push(channel.display_name.clone());
        }
        self.record_channels(group, (names, Vec::new()));
        Ok(())
    }

    fn user_as_shared_mailbox(&mut self, user: &Recipient) -> Result<DirectoryEntry, CommandError> {
        self.keep_an_administrator(user.id)?;
        self.holds_nothing(user)?;
        let owned: Vec<&str> = self
            .directory
            .groups_of(user.id)
            .iter()
            .filter(|group| {
                let mut members = self.directory.members_of(**group).iter();
                members.any(|of| of.member == user.id && of.role == MemberRole::Owner)
            })
            .filter_map(|group| self.directory.recipient(*group))
            .map(|group| group.display_name.as_str())
            .collect();
        if !owned.is_empty() {
            return Err(CommandError::in_the_way(format!(
                "{} owns {}, which a shared mailbox cannot. Name other owners first.",
                user.display_name,
                owned.join(", ")
            )));
        }
        let mut entry = self.entry(user.id)?;
        entry.recipient.kind = RecipientKind::SharedMailbox;
        entry.recipient.account = None;
        let now = self.now;
        store::credential::remove_all(self.directory_set(), user.id, now);
        Ok(entry)
    }

    /// A shared mailbox holds no rights: nobody signs in as it.
    fn holds_nothing(&self, recipient: &Recipient) -> Result<(), CommandError> {
        let held = self.directory.granted_to(recipient.id);
        let names: Vec<&str> = held
            .iter()
            .filter_map(|on| self.directory.recipient(*on))
            .map(|on| on.display_name.as_str())
            .collect();
        if names.is_empty() {
            return Ok(());
        }
        Err(CommandError::in_the_way(format!(
            "{} holds rights on {}, which a shared mailbox cannot. Revoke them first.",
            recipient.display_name,
            names.join(", ")
        )))
    }

    /// Turns a shared mailbox into a user. Who held Full Access keeps it. The user cannot log in
    /// until a password is set.
    pub(crate) fn convert_to_user(&mut self, identity: &str) -> Result<(), CommandError> {
        self.allow(Need::Administrator)?;
        let recipient = self.find(identity)?;
        let mut entry = self.entry(recipient.id)?;
        match recipient.kind {
            RecipientKind::SharedMailbox => {
                entry.recipient.kind = RecipientKind::User;
                entry.recipient.account = Some(Account {
                    is_disabled: false,
                    role: AccountRole::Member,
                    // No login that is remembered from an earlier life has this epoch.
                    credential_epoch: self.now.0.max(1),
                });
            }
            RecipientKind::User => {}
            RecipientKind::Group | RecipientKind::Contact | RecipientKind::Channel => {
                return Err(CommandError::not_found(identity));
            }
        }
        let parameters = json!({ "Identity": recipient.primary().to_string(), "Type": "Regular" });
        self.replace(&entry, Operation::new("Set-Mailbox", parameters))
    }
}
