//! LIST and LSUB (RFC 9051 §6.3.9, RFC 3501 §6.3.9): which mailboxes there are.

use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::{Backend, MailboxEntry};
use super::folders::DELIMITER;
use super::rights::Rights;
use super::session::{Ended, Outcome, Session};
use super::words;
use crate::codec::{List, ListSelection, list_pattern, write};
use crate::reply::Reply;

/// What stands about a mailbox in relation to the others.
struct Place {
    has_children: bool,
    has_subscribed_below: bool,
}

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn list(&mut self, list: List) -> Outcome {
        if list.patterns.iter().all(String::is_empty) && !list.is_extended {
            // RFC 9051 §6.3.9: the client asks for the delimiter.
            self.say("* LIST (\\Noselect) \"/\" \"\"\r\n").await?;
            return Ok(Reply::ok("Listed"));
        }
        let patterns: Vec<String> =
            list.patterns.iter().map(|pattern| format!("{}{pattern}", list.reference)).collect();
        let entries = self.backend.mailboxes().await?;
        let is_asked = |entry: &MailboxEntry| {
            patterns.iter().any(|pattern| list_pattern::matches(pattern, &entry.name, DELIMITER))
        };
        let names = Names::new(&entries);
        for entry in entries.iter().filter(|entry| is_asked(entry)) {
            let place = names.place_of(entry);
            let Some(is_parent_only) = selected_by(list.selection, entry, &place) else { continue };
            self.tell_entry(&list, entry, &place, is_parent_only).await?;
        }
        Ok(Reply::ok("Listed"))
    }

    async fn tell_entry(
        &mut self,
        list: &List,
        entry: &MailboxEntry,
        place: &Place,
        is_parent_only: bool,
    ) -> Result<(), Ended<()>> {
        let mut attributes = attributes_of(entry, place);
        let wants_subscribed =
            list.returns.is_subscribed || list.selection.contains(ListSelection::SUBSCRIBED);
        if wants_subscribed && entry.is_subscribed {
            attributes.push("\\Subscribed");
        }
        let mut out = b"* LIST ".to_vec();
        write::atoms(&mut out, attributes);
        out.extend_from_slice(b" \"/\" ");
        write::mailbox(&mut out, &entry.name, self.enabled.name_encoding());
        let asks_parents = list.selection.contains(ListSelection::RECURSIVE_MATCH);
        if is_parent_only || asks_parents && place.has_subscribed_below {
            // RFC 5258 §3.5
            out.extend_from_slice(b" (\"CHILDINFO\" (\"SUBSCRIBED\"))");
        }
        out.extend_from_slice(b"\r\n");
        self.say_octets(&out).await?;
        let may_read = entry.is_selectable && entry.rights.allow(Rights::READ);
        if may_read && !list.returns.status.is_empty() {
            // RFC 5819 §2: what cannot be told is left out.
            if let Ok(line) = self.status_line(&entry.name, &list.returns.status).await {
                self.say_octets(&line).await?;
            }
        }
        if list.returns.has_my_rights && entry.is_selectable {
            // RFC 8440
            let mut out = b"* MYRIGHTS ".to_vec();
            write::mailbox(&mut out, &entry.name, self.enabled.name_encoding());
            out.extend_from_slice(format!(" {}\r\n", entry.rights).as_bytes());
            self.say_octets(&out).await?;
        }
        Ok(())
    }

    pub(super) async fn lsub(&mut self, reference: &str, pattern: &str) -> Outcome {
        let pattern = format!("{reference}{pattern}");
        let entries = self.backend.mailboxes().await?;
        let names = Names::new(&entries);
        for entry in &entries {
            if !list_pattern::matches(&pattern, &entry.name, DELIMITER) {
                continue;
            }
            let place = names.place_of(entry);
            let attributes = if entry.is_subscribed {
                attributes_of(entry, &place)
            } else if place.has_subscribed_below && pattern.ends_with('%') {
                // RFC 3501 §6.3.9: the level above one that is subscribed.
                vec!["\\Noselect"]
            } else {
                continue;
            };
            let mut out = b"* LSUB ".to_vec();
            write::atoms(&mut out, attributes);
            out.extend_from_slice(b" \"/\" ");
            write::mailbox(&mut out, &entry.name, self.enabled.name_encoding());
            out.extend_from_slice(b"\r\n");
            self.say_octets(&out).await?;
        }
        Ok(Reply::ok("Listed"))
    }
}

fn attributes_of(entry: &MailboxEntry, place: &Place) -> Vec<&'static str> {
    let mut attributes = Vec::new();
    if !entry.is_selectable {
        attributes.push("\\Noselect");
    }
    if !entry.may_have_children {
        attributes.push("\\Noinferiors");
    }
    attributes.push(if place.has_children { "\\HasChildren" } else { "\\HasNoChildren" });
    attributes.extend(entry.special_use.map(words::special_use));
    attributes
}

/// Whether a mailbox is chosen: `None` if not, `Some(true)` if only for what is below it.
fn selected_by(selection: ListSelection, entry: &MailboxEntry, place: &Place) -> Option<bool> {
    if selection.contains(ListSelection::SPECIAL_USE) && entry.special_use.is_none() {
        return None;
    }
    if !selection.contains(ListSelection::SUBSCRIBED) || entry.is_subscribed {
        return Some(false);
    }
    let asks_parents = selection.contains(ListSelection::RECURSIVE_MATCH);
    (asks_parents && place.has_subscribed_below).then_some(true)
}

/// All names in order, so that what is below a mailbox is found without looking at every other.
struct Names<'a> {
    names: Vec<&'a str>,
    /// How many of the names before each, and of all, are subscribed.
    subscribed_before: Vec<usize>,
}

impl<'a> Names<'a> {
    fn new(entries: &'a [MailboxEntry]) -> Names<'a> {
        let mut sorted: Vec<_> =
            entries.iter().map(|entry| (entry.name.as_str(), entry.is_subscribed)).collect();
        sorted.sort_unstable();
        let mut subscribed_before = vec![0];
        for (_, is_subscribed) in &sorted {
            let before = subscribed_before.last().copied().unwrap_or(0);
            subscribed_before.push(before + usize::from(*is_subscribed));
        }
        let names = sorted.into_iter().map(|(name, _)| name).collect();
        Names { names, subscribed_before }
    }

    fn place_of(&self, entry: &MailboxEntry) -> Place {
        let above = format!("{}{DELIMITER}", entry.name);
        let first = self.names.partition_point(|name| *name < above.as_str());
        let count = self.names[first..].partition_point(|name| name.starts_with(&above));
        let subscribed = self.subscribed_before[first + count] - self.subscribed_before[first];
        Place { has_children: count > 0, has_subscribed_below: subscribed > 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_is_told_from_what_only_begins_alike() {
        let entry = |name: &str, is_subscribed| MailboxEntry {
            name: name.to_owned(),
            special_use: None,
            is_subscribed,
            is_selectable: true,
            may_have_children: true,
            rights: Rights::ALL,
        };
        let entries = [
            entry("a", false),
            entry("a/b/c", true),
            entry("a/b", false),
            entry("a-b", true),
            entry("ab", true),
            entry("a/bc", false),
        ];
        let names = Names::new(&entries);
        let told: Vec<(bool, bool)> = entries
            .iter()
            .map(|entry| names.place_of(entry))
            .map(|place| (place.has_children, place.has_subscribed_below))
            .collect();
        let nothing = (false, false);
        assert_eq!(told, [(true, true), nothing, (true, true), nothing, nothing, nothing]);
    }
}
