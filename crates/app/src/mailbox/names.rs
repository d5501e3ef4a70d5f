//! Names of mailboxes and folders as mail programs show them: the own folders under nothing,
//! `Groups/<name>` with the team's channels in `Groups/<name>/Channels`, and `Shared/<name>`.
//!
//! A level is the display name. The delimiter in it is written otherwise, and names that are equal
//! are told apart by the alias, so that a name always means one mailbox.

use std::collections::HashMap;

use domain::{Directory, RecipientId, RecipientKind, Timestamp};

use super::rights::{self, Reach, Reached};

/// Between levels of a name.
pub const DELIMITER: char = '/';
/// Above the mailboxes of groups.
pub const GROUPS: &str = "Groups";
/// Above mailboxes that were opened by Full Access.
pub const SHARED: &str = "Shared";
/// Below a team: above its channels.
pub const CHANNELS: &str = "Channels";
/// The name of everybody's own inbox (RFC 9051 §5.1).
pub const INBOX: &str = "INBOX";
/// Octets of a folder's full name in its mailbox at most.
pub const FOLDER_NAME_OCTETS_MAX: usize = 512;
/// Levels of a folder's name in its mailbox at most.
pub const FOLDER_DEPTH_MAX: usize = 16;

/// What stands for the delimiter in a display name.
const DELIMITER_STAND_IN: char = '-';

/// A mailbox with the name of its root: empty for the own one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedMailbox<'a> {
    /// The mailbox, and how it is reached.
    pub reached: Reached<'a>,
    /// The name of its inbox; empty for the own mailbox.
    pub root: String,
}

/// A folder that a name means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderName<'a> {
    /// The inbox of the mailbox.
    Inbox,
    /// The folder of this name in the mailbox.
    Named(&'a str),
}

/// All mailboxes that a person reaches, with their roots.
pub fn named(directory: &Directory, person: RecipientId, now: Timestamp) -> Vec<NamedMailbox<'_>> {
    let all = rights::reached_by(directory, person, now);
    let mut counts: HashMap<(String, String), usize> = HashMap::new();
    for reached in &all {
        *counts.entry(parent_and_name(directory, reached)).or_default() += 1;
    }
    let level = |reached: &Reached<'_>| {
        let name = level_of(&reached.mailbox.display_name, &reached.mailbox.alias);
        let is_unique = counts.get(&parent_and_name(directory, reached)) == Some(&1);
        if is_unique { name } else { format!("{name} ({})", reached.mailbox.alias) }
    };
    let roots: HashMap<RecipientId, String> =
        all.iter().map(|reached| (reached.mailbox.id, level(reached))).collect();
    all.iter()
        .map(|reached| {
            let own = &roots[&reached.mailbox.id];
            let root = match (reached.reach, reached.mailbox.team) {
                (Reach::Own, _) => String::new(),
                (_, Some(team)) => {
                    let team = roots.get(&team).cloned().unwrap_or_else(|| team.to_string());
                    format!("{GROUPS}/{team}/{CHANNELS}/{own}")
                }
                _ if reached.mailbox.kind == RecipientKind::Group => format!("{GROUPS}/{own}"),
                _ => format!("{SHARED}/{own}"),
            };
            NamedMailbox { reached: *reached, root }
        })
        .collect()
}

/// The place of a mailbox, for finding equal names: without regard to case, as some mail programs
/// keep folders in files.
fn parent_and_name(directory: &Directory, reached: &Reached<'_>) -> (String, String) {
    let mailbox = reached.mailbox;
    let parent = match (mailbox.team, mailbox.kind) {
        (Some(team), _) => {
            directory.recipient(team).map(|team| team.id.to_string()).unwrap_or_default()
        }
        (None, RecipientKind::Group) => GROUPS.to_owned(),
        (None, _) if reached.reach == Reach::Own => String::new(),
        (None, _) => SHARED.to_owned(),
    };
    (parent, level_of(&mailbox.display_name, &mailbox.alias).to_lowercase())
}

/// A display name as one level of a name.
fn level_of(display_name: &str, alias: &str) -> String {
    let level: String = display_name
        .chars()
        .map(|c| match c {
            DELIMITER => DELIMITER_STAND_IN,
            // `%` and `*` are patterns in LIST: a name with them could not be asked for.
            '%' | '*' => '_',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    let level = level.trim();
    if level.is_empty() { alias.to_owned() } else { level.to_owned() }
}

/// The mailbox and folder that a name means, whether or not the folder exists. `None` for the
/// levels that are no mailbox, and for mailboxes that are not reached.
pub fn resolve<'n, 'a>(
    mailboxes: &'n [NamedMailbox<'a>],
    name: &'n str,
) -> Option<(&'n NamedMailbox<'a>, FolderName<'n>)> {
    let own = mailboxes.iter().find(|mailbox| mailbox.root.is_empty());
    if name.eq_ignore_ascii_case(INBOX) {
        return own.map(|own| (own, FolderName::Inbox));
    }
    // The longest root that fits: a channel before its team.
    let below = |mailbox: &NamedMailbox<'_>| -> Option<usize> {
        let rest = name.strip_prefix(mailbox.root.as_str())?;
        (rest.is_empty() || rest.starts_with(DELIMITER)).then_some(mailbox.root.len())
    };
    let others = mailboxes.iter().filter(|mailbox| !mailbox.root.is_empty());
    let found = others.filter(|mailbox| below(mailbox).is_some()).max_by_key(|m| m.root.len());
    if let Some(found) = found {
        let rest = name[found.root.len()..].trim_start_matches(DELIMITER);
        return Some(match rest {
            "" => (found, FolderName::Inbox),
            _ if rest == CHANNELS && found.reached.mailbox.settings.is_team => return None,
            _ => (found, FolderName::Named(rest)),
        });
    }
    if is_reserved(name) {
        return None;
    }
    own.map(|own| (own, FolderName::Named(name)))
}

/// Whether a name lies where groups and shared mailboxes are.
fn is_reserved(name: &str) -> bool {
    let first = name.split(DELIMITER).next().unwrap_or_default();
    first.eq_ignore_ascii_case(GROUPS) || first.eq_ignore_ascii_case(SHARED)
}

/// Whether a folder of a mailbox may have this name.
pub fn is_valid(folder: &str) -> bool {
    folder.len() <= FOLDER_NAME_OCTETS_MAX
        && folder.split(DELIMITER).count() <= FOLDER_DEPTH_MAX
        && folder.split(DELIMITER).all(|level| {
            let is_clean = |c: char| !c.is_control() && !"%*".contains(c);
            !level.is_empty() && level.trim() == level && level.chars().all(is_clean)
        })
}

#[cfg(test)]
mod tests;
