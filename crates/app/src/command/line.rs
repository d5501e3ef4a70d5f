//! The line of `guichet` that does what a command does, for pages that show it beside a change.
//!
//! A line names people and groups by their addresses, and quotes what a shell would not leave
//! alone. It holds no password: where one is needed the program makes one, or asks. Ask for the
//! line before the command is carried out, as afterwards what it names may be gone.

use domain::{Directory, RecipientKind, ReportSchedule, Right};

use super::{
    AddressChange, ChannelFate, Command, GrantOrder, Link, LinkOrder, ListChange, NewGroup,
    OrganizationChanges, RecipientChanges,
};
use crate::read;

impl Command {
    /// The line that does the same; none for what only a person does for herself in a browser.
    pub fn line(&self, directory: &Directory, reason: Option<&str>) -> Option<String> {
        let named = |identity: &str| named(directory, identity);
        let of_user = |user: domain::RecipientId| {
            directory.recipient(user).map(|found| found.primary().to_string())
        };
        let noun = |identity: &str| noun(directory, identity);
        let line = match self {
            Command::CreateUser(_)
            | Command::CreateSharedMailbox(_)
            | Command::CreateGroup(_)
            | Command::CreateChannel(_)
            | Command::CreateContact(_) => creating(self, &named)?,
            Command::Set { identity, changes } => set(noun(identity), &named(identity), changes)?,
            Command::ConvertToSharedMailbox(order) => {
                let line = Line::new("shared convert").word(&named(&order.identity));
                line.when("--remove-channels", order.channels == ChannelFate::Removed).asking()
            }
            Command::Remove(identity) => {
                Line::new(noun(identity)).word("delete").word(&named(identity)).asking()
            }
            Command::AddLinks(order) => link(noun(&order.group), &named(&order.group), order, true),
            Command::RemoveLinks(order) => {
                link(noun(&order.group), &named(&order.group), order, false)
            }
            Command::Grant(order) => grant(order, &named).some("--reason", reason),
            Command::Revoke(order) => right("revoke", order.right)
                .word(&named(&order.recipient))
                .word(&named(&order.trustee))
                .some("--reason", reason),
            Command::AddDomain { domain, .. } => Line::new("domain create").word(domain),
            Command::SetDefaultDomain(domain) => {
                Line::new("domain set").word(domain).bare("--default")
            }
            Command::RemoveDomain(domain) => Line::new("domain delete").word(domain).asking(),
            Command::SetOrganization(changes) => set_organization(changes),
            Command::SetPassword { user, .. } => Line::new("user password").word(&named(user)),
            Command::RemoveAppPassword { id, .. } => {
                Line::new("app-password revoke").word(&id.to_string())
            }
            Command::RemoveSecondFactor(user) => {
                Line::new("user set").word(&of_user(*user)?).bare("--reset-second-factor")
            }
            Command::EndSignIns(user) => Line::new("user sign-out").word(&of_user(*user)?),
            Command::RetryQueueEntry(_)
            | Command::HoldQueueEntry(_)
            | Command::ReleaseQueueEntry(_)
            | Command::DropQueueEntry { .. } => of_queue(self)?,
            Command::ConvertToUser(_)
            | Command::CreateAppPassword(_)
            | Command::CreateToken(_)
            | Command::RevokeToken { .. }
            | Command::CreateApplication(_)
            | Command::RemoveApplication(_)
            | Command::ConfirmSecondFactor { .. }
            | Command::RenewRecoveryCodes(_)
            | Command::RemovePasskey { .. }
            | Command::RemoveLinkedIdentity { .. }
            // The pages of rules show a line of the shell.
            | Command::Rule { .. }
            | Command::ClearThrottle(_) => return None,
        };
        Some(line.0)
    }
}

/// A line in the making.
struct Line(String);

impl Line {
    fn new(verb: &str) -> Line {
        Line(format!("guichet {verb}"))
    }

    fn bare(mut self, word: &str) -> Line {
        self.0.push(' ');
        self.0.push_str(word);
        self
    }

    fn word(self, word: &str) -> Line {
        self.bare(&shell_word(word))
    }

    fn option(self, name: &str, value: &str) -> Line {
        // A value that begins with a hyphen would be taken for the next option.
        if value.starts_with('-') {
            return self.bare(&format!("{name}={}", shell_word(value)));
        }
        self.bare(name).bare(&shell_word(value))
    }

    fn some(self, name: &str, value: Option<&str>) -> Line {
        match value {
            Some(value) => self.option(name, value),
            None => self,
        }
    }

    fn truth(self, name: &str, value: Option<bool>) -> Line {
        self.some(name, value.map(|value| if value { "true" } else { "false" }))
    }

    fn each(self, name: &str, values: &[String]) -> Line {
        values.iter().fold(self, |line, value| line.option(name, value))
    }

    fn when(self, name: &str, is_wanted: bool) -> Line {
        if is_wanted { self.bare(name) } else { self }
    }

    /// Of a command that asks before it does something: it has been asked.
    fn asking(self) -> Line {
        self.bare("--yes")
    }
}

/// A text as one word of a POSIX shell's line; in quotes only where it needs them.
pub fn shell_word(text: &str) -> String {
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || b"@%+=:,./_-".contains(&octet);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn named(directory: &Directory, identity: &str) -> String {
    let found = read::find(directory, identity);
    found.map_or_else(|| identity.to_owned(), |found| found.primary().to_string())
}

/// The noun by which the command line has a recipient.
fn noun(directory: &Directory, identity: &str) -> &'static str {
    let Some(found) = read::find(directory, identity) else { return "group" };
    match found.kind {
        RecipientKind::User => "user",
        RecipientKind::SharedMailbox => "shared",
        RecipientKind::Contact => "contact",
        RecipientKind::Group if found.settings.is_team => "team",
        RecipientKind::Group | RecipientKind::Channel => "group",
    }
}

fn creating(command: &Command, named: &impl Fn(&str) -> String) -> Option<Line> {
    Some(match command {
        Command::CreateUser(new) => Line::new("user create")
            .word(new.address.as_deref().or(new.alias.as_deref())?)
            .option("--name", &new.display_name)
            .some("--role", new.role.map(|role| role.as_str())),
        Command::CreateSharedMailbox(new) => Line::new("shared create")
            .word(new.address.as_deref().or(new.alias.as_deref())?)
            .option("--name", &new.display_name)
            .each("--member", &new.members),
        Command::CreateGroup(new) => create_group(new),
        Command::CreateChannel(new) => {
            Line::new("team add-channel").word(&named(&new.team)).word(&new.name)
        }
        Command::CreateContact(new) => Line::new("contact create")
            .word(&new.external_address)
            .option("--name", &new.display_name),
        _ => return None,
    })
}

fn create_group(new: &NewGroup) -> Line {
    let verb = if new.is_team { "team create" } else { "group create" };
    let is_closed = new.requires_sender_authentication;
    Line::new(verb)
        .word(&new.display_name)
        .some("--alias", new.alias.as_deref())
        .some("--address", new.addresses.first().map(String::as_str))
        .each("--owner", &new.owners)
        .each("--member", &new.members)
        .truth("--require-sender-authentication", Some(is_closed))
}

fn of_queue(command: &Command) -> Option<Line> {
    let entry = |verb: &str, id: &i64| Line::new("queue").bare(verb).word(&id.to_string());
    Some(match command {
        Command::RetryQueueEntry(id) => entry("retry", id),
        Command::HoldQueueEntry(id) => entry("hold", id),
        Command::ReleaseQueueEntry(id) => entry("release", id),
        Command::DropQueueEntry { id, notifies_sender } => {
            entry("drop", id).when("--silent", !notifies_sender).asking()
        }
        _ => return None,
    })
}

fn set(noun: &str, identity: &str, changes: &RecipientChanges) -> Option<Line> {
    if let Some(ListChange::Edit { add, remove }) = &changes.channels {
        let (verb, names) =
            if remove.is_empty() { ("add-channel", add) } else { ("remove-channel", remove) };
        let line = Line::new("team").bare(verb).word(identity);
        return Some(names.iter().fold(line, |line, name| line.word(name)));
    }
    if changes.password.is_some() || changes.send_on_behalf.is_some() || changes.alias.is_some() {
        return None;
    }
    let mut line = Line::new(noun).bare("set").word(identity);
    if let Some(is_disabled) = changes.is_disabled {
        line = line.bare(if is_disabled { "--disable" } else { "--enable" });
    }
    if let Some(AddressChange::Edit { add, remove, primary }) = &changes.addresses {
        line = line
            .each("--add-address", add)
            .each("--remove-address", remove)
            .some("--primary", primary.as_deref());
    }
    let days = changes.trash_retention_days.map(|days| days.to_string());
    let quota = changes
        .quota_bytes
        .map(|quota| quota.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string()));
    Some(
        line.some("--name", changes.display_name.as_deref())
            .some("--role", changes.role.map(|role| role.as_str()))
            .some("--notes", changes.notes.as_deref())
            .truth("--hidden", changes.is_hidden)
            .truth("--require-sender-authentication", changes.requires_sender_authentication)
            .truth("--copy-sent-mail-to-person", changes.copies_sent_mail_to_person)
            .truth("--personal-read-state", changes.seen_is_personal)
            .some("--trash-retention-days", days.as_deref())
            .some("--quota", quota.as_deref()),
    )
}

fn link(noun: &str, group: &str, order: &LinkOrder, comes: bool) -> Line {
    let verb = match (order.link, comes) {
        (Link::Member, true) => "add-member",
        (Link::Member, false) => "remove-member",
        (Link::Owner, true) => "add-owner",
        (Link::Owner, false) => "remove-owner",
        (Link::Subscriber, true) => "subscribe",
        (Link::Subscriber, false) => "unsubscribe",
    };
    let line = Line::new(noun).bare(verb).word(group);
    order.who.iter().fold(line, |line, who| line.word(who))
}

fn grant(order: &GrantOrder, named: &impl Fn(&str) -> String) -> Line {
    let until = order.until_at.map(crate::dates::instant);
    right("grant", order.right)
        .word(&named(&order.recipient))
        .word(&named(&order.trustee))
        .some("--until", until.as_deref())
}

fn right(verb: &str, right: Right) -> Line {
    Line::new(verb).bare(match right {
        Right::SendAs => "send-as",
        Right::SendOnBehalf => "send-on-behalf",
        Right::FullAccess => "full-access",
    })
}

fn set_organization(changes: &OrganizationChanges) -> Line {
    Line::new("organization set")
        .some("--name", changes.name.as_deref())
        .truth("--send-from-alias", changes.keeps_alias_as_author)
        .some("--report", changes.report_schedule.map(schedule))
        .some("--language", changes.language.map(|language| language.tag()))
}

fn schedule(schedule: ReportSchedule) -> &'static str {
    match schedule {
        ReportSchedule::Never => "never",
        ReportSchedule::Monthly => "monthly",
    }
}

#[cfg(test)]
mod tests;
