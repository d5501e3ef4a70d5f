//! Commands about rules: writing, changing, switching, ordering and removing them.
//!
//! All are decided and recorded like other commands about the directory, so a rule is in force for
//! the next message in every process. What is recorded are the settings that differ.

use domain::rules::{Action, Journal, Party, RULES_MAX, Rule, RuleSet, Transport};
use domain::{Directory, RecipientId, RuleId};
use serde_json::{Value, json};
use store::rule::Body;

use super::draft::{Draft, Operation};
use super::{CommandError, Warning, new_guid};
use crate::access::Need;
use crate::rules::settings::{
    JOURNAL, Settings, merged, of_journal, of_transport, read_journal, read_transport,
    transport_parameters,
};

/// Characters of a rule's name at most. Exchange's limit for both kinds.
pub const RULE_NAME_CHARACTERS_MAX: usize = 64;

/// The kinds of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleKind {
    /// Mail flow rules.
    Transport,
    /// Journal rules.
    Journal,
}

/// What is said about a rule. What is `None`, and settings that are not named, stay as they are; a
/// setting without values is taken away.
#[derive(Debug, Clone, Default)]
pub struct RuleChanges {
    /// The name.
    pub name: Option<String>,
    /// The place among mail flow rules, 0 first.
    pub priority: Option<usize>,
    /// Whether it acts.
    pub is_enabled: Option<bool>,
    /// Everything else.
    pub settings: Settings,
}

/// What is to be done with which rule.
#[derive(Debug, Clone)]
pub enum RuleOrder {
    /// Writes one.
    Create(RuleChanges),
    /// Changes one.
    Set {
        /// Which: its name or GUID.
        identity: String,
        /// How.
        changes: RuleChanges,
    },
    /// Removes one.
    Remove(String),
}

impl RuleOrder {
    /// The rule that is changed.
    pub(crate) fn object(&self) -> Option<&str> {
        match self {
            RuleOrder::Create(_) => None,
            RuleOrder::Set { identity, .. } | RuleOrder::Remove(identity) => Some(identity),
        }
    }
}

/// What a rule can say, as commands write it.
pub(crate) trait Written: Body + Clone + PartialEq + std::fmt::Debug {
    /// The noun of its cmdlets.
    const NOUN: &'static str;
    /// Whether a new one acts where nobody says so. As in Exchange.
    const IS_ENABLED: bool;
    fn rules(set: &RuleSet) -> &[Rule<Self>];
    fn parameters() -> Vec<String>;
    fn settings(&self, directory: &Directory) -> Settings;
    fn read(directory: &Directory, settings: &Settings) -> Result<Self, CommandError>;
}

impl Written for Transport {
    const NOUN: &'static str = "TransportRule";
    const IS_ENABLED: bool = true;

    fn rules(set: &RuleSet) -> &[Rule<Transport>] {
        &set.transport
    }

    fn parameters() -> Vec<String> {
        transport_parameters().collect()
    }

    fn settings(&self, directory: &Directory) -> Settings {
        of_transport(directory, self)
    }

    fn read(directory: &Directory, settings: &Settings) -> Result<Transport, CommandError> {
        read_transport(directory, settings)
    }
}

impl Written for Journal {
    const NOUN: &'static str = "JournalRule";
    const IS_ENABLED: bool = false;

    fn rules(set: &RuleSet) -> &[Rule<Journal>] {
        &set.journal
    }

    fn parameters() -> Vec<String> {
        JOURNAL.iter().map(|name| (*name).to_owned()).collect()
    }

    fn settings(&self, directory: &Directory) -> Settings {
        of_journal(directory, self)
    }

    fn read(directory: &Directory, settings: &Settings) -> Result<Journal, CommandError> {
        read_journal(directory, settings)
    }
}

/// The rule that an administrator names: by name, whatever its case, or by GUID.
pub fn find_rule<'a, T>(rules: &'a [Rule<T>], identity: &str) -> Option<&'a Rule<T>> {
    let wanted = identity.trim().to_lowercase();
    rules.iter().find(|rule| rule.name.to_lowercase() == wanted || rule.guid == wanted)
}

impl Draft<'_> {
    pub(crate) fn change_rule(
        &mut self,
        kind: RuleKind,
        order: &RuleOrder,
    ) -> Result<(), CommandError> {
        self.allow(Need::Administrator)?;
        match kind {
            RuleKind::Transport => self.change_rule_of::<Transport>(order),
            RuleKind::Journal => self.change_rule_of::<Journal>(order),
        }
    }

    fn change_rule_of<T: Written>(&mut self, order: &RuleOrder) -> Result<(), CommandError> {
        match order {
            RuleOrder::Create(changes) => self.create_rule::<T>(changes),
            RuleOrder::Set { identity, changes } => self.set_rule::<T>(identity, changes),
            RuleOrder::Remove(identity) => self.remove_rule::<T>(identity),
        }
    }

    /// The rules of a kind as the snapshot has them.
    fn rules<T: Written>(&self) -> Vec<Rule<T>> {
        self.directory.rules().map(|set| T::rules(set).to_vec()).unwrap_or_default()
    }

    fn create_rule<T: Written>(&mut self, changes: &RuleChanges) -> Result<(), CommandError> {
        let mut rules = self.rules::<T>();
        if rules.len() >= RULES_MAX {
            let why = format!("at most {RULES_MAX} rules of a kind; remove one first");
            return Err(CommandError::in_the_way(why));
        }
        let (by, at) = (self.actor_name().to_owned(), self.now);
        let settings = given::<T>(Settings::new(), &changes.settings)?;
        let rule = Rule {
            id: RuleId(self.next_id()),
            guid: new_guid(self.supplies.fill_random),
            name: rule_name(changes.name.as_deref().unwrap_or_default(), &rules, None)?,
            is_enabled: changes.is_enabled.unwrap_or(T::IS_ENABLED),
            body: T::read(self.directory, &settings)?,
            created_by: by.clone(),
            created_at: at,
            changed_by: by,
            changed_at: at,
        };
        let place = place(changes.priority, rules.len())?;
        rules.insert(place, rule.clone());
        store::rule::put(self.directory_set(), &rule, place)?;
        self.place_behind(&rules, Some(rule.id));
        let after = self.shown(&rules, rule.id);
        let operation = Operation::new(cmdlet::<T>(Verb::New), after.clone());
        self.record(operation, &rule.name, None, Some(after));
        Ok(())
    }

    fn set_rule<T: Written>(
        &mut self,
        identity: &str,
        changes: &RuleChanges,
    ) -> Result<(), CommandError> {
        let before = self.rules::<T>();
        let found = find_rule(&before, identity);
        let found = found.ok_or_else(|| CommandError::not_found(identity))?;
        let settings = given::<T>(found.body.settings(self.directory), &changes.settings)?;
        let mut rule = Rule {
            is_enabled: changes.is_enabled.unwrap_or(found.is_enabled),
            body: T::read(self.directory, &settings)?,
            ..found.clone()
        };
        if let Some(name) = &changes.name {
            rule.name = rule_name(name, &before, Some(found.id))?;
        }
        let old_place = before.iter().position(|of| of.id == found.id).unwrap_or_default();
        let new_place = match changes.priority {
            Some(priority) => place(Some(priority), before.len() - 1)?,
            None => old_place,
        };
        if rule == *found && new_place == old_place {
            self.warn(Warning::NothingChanged(found.name.clone()));
            return Ok(());
        }
        rule.changed_by = self.actor_name().to_owned();
        rule.changed_at = self.now;
        let mut after = before.clone();
        after.remove(old_place);
        after.insert(new_place, rule.clone());
        store::rule::put(self.directory_set(), &rule, new_place)?;
        if new_place != old_place {
            self.place_behind(&after, Some(rule.id));
        }
        let (old, new) = difference(&self.shown(&before, rule.id), &self.shown(&after, rule.id));
        let operation = Operation::new(cmdlet::<T>(verb_of(changes)), new.clone());
        self.record(operation, &found.name, Some(old), Some(new));
        Ok(())
    }

    fn remove_rule<T: Written>(&mut self, identity: &str) -> Result<(), CommandError> {
        let mut rules = self.rules::<T>();
        let found = find_rule(&rules, identity);
        let found = found.ok_or_else(|| CommandError::not_found(identity))?.clone();
        let before = self.shown(&rules, found.id);
        rules.retain(|rule| rule.id != found.id);
        store::rule::remove(self.directory_set(), found.id);
        self.place_behind(&rules, None);
        let parameters = json!({ "Identity": found.name });
        let operation = Operation::new(cmdlet::<T>(Verb::Remove), parameters);
        self.record(operation, &found.name, Some(before), None);
        Ok(())
    }

    /// Gives every rule the place that it has in the list; `placed` has it already.
    fn place_behind<T>(&mut self, rules: &[Rule<T>], placed: Option<RuleId>) {
        for (place, rule) in rules.iter().enumerate() {
            if Some(rule.id) != placed {
                store::rule::place(self.directory_set(), rule.id, place);
            }
        }
    }

    /// What the audit keeps of a rule.
    fn shown<T: Written>(&self, rules: &[Rule<T>], id: RuleId) -> Value {
        let found = rules.iter().enumerate().find(|(_, rule)| rule.id == id);
        let Some((place, rule)) = found else { return json!({}) };
        let mut shown = json!(rule.body.settings(self.directory));
        shown["Name"] = rule.name.as_str().into();
        shown["Priority"] = place.into();
        shown["Enabled"] = rule.is_enabled.into();
        shown
    }

    /// Refuses to remove somebody to whom a rule sends mail.
    pub(crate) fn no_rule_sends_to(&self, recipient: RecipientId) -> Result<(), CommandError> {
        let Some(rules) = self.directory.rules() else { return Ok(()) };
        let wanted = Party::Recipient(recipient);
        let sends = |action: &Action| match action {
            Action::BlindCopyTo(parties)
            | Action::AddToRecipients(parties)
            | Action::RedirectMessageTo(parties) => parties.contains(&wanted),
            Action::Reject { .. }
            | Action::SetHeader { .. }
            | Action::RemoveHeader(_)
            | Action::PrependSubject(_) => false,
        };
        let transport = rules.transport.iter().find(|rule| rule.body.actions.iter().any(sends));
        let journal = rules.journal.iter().find(|rule| rule.body.address == wanted);
        let named = transport.map(|rule| &rule.name).or(journal.map(|rule| &rule.name));
        match named {
            Some(name) => Err(CommandError::in_the_way(format!(
                "The rule \"{name}\" sends mail there. Change or remove the rule first."
            ))),
            None => Ok(()),
        }
    }
}

fn given<T: Written>(settings: Settings, changes: &Settings) -> Result<Settings, CommandError> {
    merged(settings, changes, &T::parameters()).map_err(|name| CommandError::Setting {
        why: format!("a {} has no such setting", T::NOUN),
        what: name,
    })
}

fn rule_name<T>(
    text: &str,
    rules: &[Rule<T>],
    own: Option<RuleId>,
) -> Result<String, CommandError> {
    let name = text.trim();
    let length = name.chars().count();
    if length == 0 || length > RULE_NAME_CHARACTERS_MAX || name.contains(char::is_control) {
        let why = format!("a rule has a name of 1 to {RULE_NAME_CHARACTERS_MAX} characters");
        return Err(CommandError::invalid("Name", why));
    }
    match find_rule(rules, name) {
        Some(found) if Some(found.id) != own => {
            Err(CommandError::AlreadyExists { what: "rule", name: name.to_owned() })
        }
        _ => Ok(name.to_owned()),
    }
}

fn place(priority: Option<usize>, last: usize) -> Result<usize, CommandError> {
    match priority {
        None => Ok(last),
        Some(place) if place <= last => Ok(place),
        Some(_) => {
            let why = format!("it is between 0, which is asked first, and {last}");
            Err(CommandError::invalid("Priority", why))
        }
    }
}

/// What a command does, by the verb of its cmdlet.
#[derive(Debug, Clone, Copy)]
enum Verb {
    New,
    Set,
    Enable,
    Disable,
    Remove,
}

/// A change that only switches a rule goes by the verb for that.
fn verb_of(changes: &RuleChanges) -> Verb {
    let only_switches =
        changes.settings.is_empty() && changes.name.is_none() && changes.priority.is_none();
    match changes.is_enabled {
        Some(true) if only_switches => Verb::Enable,
        Some(false) if only_switches => Verb::Disable,
        _ => Verb::Set,
    }
}

fn cmdlet<T: Written>(verb: Verb) -> &'static str {
    let is_transport = T::NOUN == Transport::NOUN;
    match (verb, is_transport) {
        (Verb::New, true) => "New-TransportRule",
        (Verb::Set, true) => "Set-TransportRule",
        (Verb::Enable, true) => "Enable-TransportRule",
        (Verb::Disable, true) => "Disable-TransportRule",
        (Verb::Remove, true) => "Remove-TransportRule",
        (Verb::New, false) => "New-JournalRule",
        (Verb::Set, false) => "Set-JournalRule",
        (Verb::Enable, false) => "Enable-JournalRule",
        (Verb::Disable, false) => "Disable-JournalRule",
        (Verb::Remove, false) => "Remove-JournalRule",
    }
}

/// The properties that differ, as they were and as they are; null where there was none.
fn difference(before: &Value, after: &Value) -> (Value, Value) {
    let (mut old, mut new) = (json!({}), json!({}));
    let names = |value: &Value| -> Vec<String> {
        value.as_object().map(|table| table.keys().cloned().collect()).unwrap_or_default()
    };
    for name in names(before).into_iter().chain(names(after)) {
        if before.get(&name) != after.get(&name) {
            old[&name] = before.get(&name).cloned().unwrap_or_default();
            new[&name] = after.get(&name).cloned().unwrap_or_default();
        }
    }
    (old, new)
}
