//! What must change so that the directory is what a document wants. Pure: documents and the
//! directory come in as values, changes go out in the order in which they are to be made.

use std::collections::{HashMap, HashSet};

use domain::Timestamp;
use serde_json::{Value, json};

use crate::config::nearest;

use super::change::{Action, Change, Creation, Grant, Link, Setting, Target};
use super::document::{Document, Named, Wanted, WantedGrant, same};
use super::live::{Live, LiveGrant, LiveMember, LiveObject};
use super::tree::Problem;

/// What is to be done.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Plan {
    /// The version of the directory that it was made on.
    pub(super) version: i64,
    /// In the order of making.
    pub(super) changes: Vec<Change>,
}

impl Plan {
    /// Rights and memberships that it takes away.
    pub(super) fn removals(&self) -> usize {
        self.changes.iter().map(Change::removals).sum()
    }

    /// Changes with which mail is lost.
    pub(super) fn deletions(&self) -> usize {
        self.changes.iter().filter(|change| change.deletes()).count()
    }
}

/// Compares. Names that nobody has are problems of the document.
pub(super) fn plan(document: &Document, live: &Live, now: Timestamp) -> Result<Plan, Vec<Problem>> {
    let mut planner = Planner {
        live,
        now,
        wanted: document.objects.iter().map(|w| (w.address.text.to_lowercase(), w)).collect(),
        problems: Vec::new(),
        changes: Vec::new(),
    };
    planner.organization(document);
    for wanted in &document.objects {
        planner.object(wanted);
    }
    for grant in &document.grants {
        planner.single_grant(grant);
    }
    if !planner.problems.is_empty() {
        return Err(planner.problems);
    }
    let mut changes = planner.changes;
    // Persons before the groups that they own; otherwise the order of the document.
    changes.sort_by_key(|change| {
        let kind = match &change.target {
            Target::Object { kind, .. } if matches!(change.action, Action::Create(_)) => {
                Some(*kind)
            }
            Target::Object { .. } | Target::Organization => None,
        };
        (change.phase(), kind)
    });
    Ok(Plan { version: live.version, changes })
}

struct Planner<'a> {
    live: &'a Live,
    now: Timestamp,
    /// By address, in lower case.
    wanted: HashMap<String, &'a Wanted>,
    problems: Vec<Problem>,
    changes: Vec<Change>,
}

impl<'a> Planner<'a> {
    fn change(&mut self, target: &Target, action: Action) {
        self.changes.push(Change { target: target.clone(), action });
    }

    /// The address of whom a name in the document means: one that is there, or will be.
    fn resolve(&mut self, named: &Named) -> Option<String> {
        let key = named.text.to_lowercase();
        if let Some(wanted) = self.wanted.get(&key) {
            if wanted.is_absent {
                let text = format!("{} is to be absent, by this document", named.text);
                self.problems.push(Problem::new(&named.place, text));
                return None;
            }
            return Some(wanted.address.text.clone());
        }
        if let Some(found) = self.live.find(&named.text) {
            return Some(found.primary().to_owned());
        }
        let known = self.live.objects.iter().flat_map(|object| &object.addresses);
        let wanted = self.wanted.values().map(|wanted| &wanted.address.text);
        let near = nearest(&named.text, known.chain(wanted).map(String::as_str));
        let text = match near {
            Some(near) => format!("nobody has the name {}. Did you mean {near}?", named.text),
            None => format!("nobody has the name {}", named.text),
        };
        self.problems.push(Problem::new(&named.place, text));
        None
    }

    fn resolve_all(&mut self, names: &[Named]) -> Vec<String> {
        names.iter().filter_map(|named| self.resolve(named)).collect()
    }

    fn organization(&mut self, document: &Document) {
        let (wanted, live) = (&document.organization, &self.live.organization);
        let target = Target::Organization;
        let mut actions: Vec<Action> = wanted
            .domains
            .iter()
            .filter(|domain| !live.domains.iter().any(|held| same(held, &domain.text)))
            .map(|domain| Action::AddDomain(domain.text.clone()))
            .collect();
        let capital = |word: &String| {
            let mut letters = word.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        };
        let (name, alias) = (wanted.name.as_ref(), wanted.send_from_alias);
        let (report, language) = (wanted.report.as_ref(), wanted.language.as_ref());
        let settings = [
            ("name", "DisplayName", name.map(|to| (json!(live.name), json!(to)))),
            (
                "send-from-alias",
                "SendFromAliasEnabled",
                alias.map(|to| (json!(live.send_from_alias), json!(to))),
            ),
            (
                "report",
                "SendAsReportSchedule",
                report.map(|to| (json!(capital(&live.report)), json!(capital(to)))),
            ),
            ("language", "Language", language.map(|to| (json!(live.language), json!(to)))),
        ];
        actions.extend(settings.into_iter().filter_map(setting));
        actions.into_iter().for_each(|action| self.change(&target, action));
    }

    fn object(&mut self, wanted: &Wanted) {
        let address = wanted.address.text.as_str();
        let target = Target::Object { kind: wanted.kind, address: address.to_owned() };
        let found = self.live.find(address).filter(|found| {
            // An alias of Exchange may look like an address; only addresses count here.
            found.addresses.iter().any(|held| same(held, address))
        });
        if let Some(found) = found
            && found.kind != wanted.kind
        {
            let text = format!(
                "{address} is a {}, not a {}; write it under [[{}]]",
                found.kind.noun(),
                wanted.kind.noun(),
                found.kind.section()
            );
            self.problems.push(Problem::new(&wanted.address.place, text));
            return;
        }
        match (found, wanted.is_absent) {
            (None, true) => {}
            (Some(found), true) => {
                let address = found.primary().to_owned();
                self.change(&Target::Object { kind: wanted.kind, address }, Action::Delete);
            }
            (None, false) => self.create(wanted, &target),
            (Some(found), false) => self.compare(wanted, found, &target),
        }
    }

    fn create(&mut self, wanted: &Wanted, target: &Target) {
        let Some(name) = &wanted.name else {
            let text = format!("{} does not exist yet and needs a name", wanted.address.text);
            self.problems.push(Problem::new(&wanted.place, text));
            return;
        };
        let owners = self.resolve_all(wanted.owners.as_deref().unwrap_or_default());
        let channels: Vec<String> =
            wanted.channels.iter().flatten().map(|named| named.text.clone()).collect();
        let mut born = LiveObject::born(wanted.kind, &wanted.address.text);
        born.name.clone_from(name);
        born.alias = wanted.alias.clone().unwrap_or_default();
        born.channels.clone_from(&channels);
        born.members = owners
            .iter()
            .map(|owner| LiveMember {
                address: owner.clone(),
                is_owner: true,
                is_subscribed: false,
            })
            .collect();
        let alias = wanted.alias.clone();
        let creation = Creation { name: name.clone(), alias, owners, channels };
        self.change(target, Action::Create(Box::new(creation)));
        self.compare(wanted, &born, target);
    }

    /// Everything in which an object that is there differs.
    fn compare(&mut self, wanted: &Wanted, found: &LiveObject, target: &Target) {
        self.addresses(wanted, found, target);
        self.settings(wanted, found, target);
        self.channels(wanted, found, target);
        self.links(wanted, found, target);
        if let Some(grants) = &wanted.grants {
            self.all_grants(grants, found, target);
        }
    }

    fn addresses(&mut self, wanted: &Wanted, found: &LiveObject, target: &Target) {
        let address = &wanted.address.text;
        let is_primary = same(found.primary(), address);
        if !is_primary {
            let (from, to) = (found.primary().to_owned(), address.clone());
            self.change(target, Action::SetPrimary { from, to });
        }
        let Some(aliases) = &wanted.aliases else { return };
        for alias in aliases.iter().filter(|alias| !same(&alias.text, address)) {
            if !found.addresses.iter().any(|held| same(held, &alias.text)) {
                self.check_free(alias, found);
                self.change(target, Action::AddAddress(alias.text.clone()));
            }
        }
        for (place, held) in found.addresses.iter().enumerate() {
            let stays = same(held, address) || aliases.iter().any(|alias| same(&alias.text, held));
            if !stays {
                let action =
                    Action::RemoveAddress { address: held.clone(), was_primary: place == 0 };
                self.change(target, action);
            }
        }
    }

    /// An address that somebody else keeps cannot be given.
    fn check_free(&mut self, alias: &Named, to: &LiveObject) {
        let Some(holder) = self.live.find(&alias.text) else { return };
        let holds = holder.addresses.iter().any(|held| same(held, &alias.text));
        let wanted = self.wanted.get(&holder.primary().to_lowercase());
        let gives_it_up = wanted.is_some_and(|wanted| {
            let keeps = |aliases: &Vec<Named>| aliases.iter().any(|a| same(&a.text, &alias.text));
            wanted.is_absent || wanted.aliases.as_ref().is_some_and(|aliases| !keeps(aliases))
        });
        if holds && holder.primary() != to.primary() && !gives_it_up {
            let text = format!(
                "{} belongs to the {} {}; remove it there in the same plan",
                alias.text,
                holder.kind.noun(),
                holder.primary()
            );
            self.problems.push(Problem::new(&alias.place, text));
        }
    }

    fn settings(&mut self, wanted: &Wanted, found: &LiveObject, target: &Target) {
        let text = |to: &Option<String>, from: &str| to.as_ref().map(|to| (json!(from), json!(to)));
        let truth = |to: Option<bool>, from: bool| to.map(|to| (json!(from), json!(to)));
        let role = wanted.role.as_ref().map(|to| (json!(found.role), json!(to)));
        let settings = [
            ("name", "DisplayName", text(&wanted.name, &found.name)),
            ("alias", "Alias", text(&wanted.alias, &found.alias)),
            ("notes", "Notes", text(&wanted.notes, &found.notes)),
            ("role", "Role", role),
            ("disabled", "AccountDisabled", truth(wanted.disabled, found.disabled)),
            ("hidden", "HiddenFromAddressListsEnabled", truth(wanted.hidden, found.hidden)),
            (
                "require-sender-authentication",
                "RequireSenderAuthenticationEnabled",
                truth(wanted.require_sender_authentication, found.require_sender_authentication),
            ),
            (
                "copy-to-person",
                "CopySentMailToPersonEnabled",
                truth(wanted.copy_to_person, found.copy_to_person),
            ),
        ];
        for action in settings.into_iter().filter_map(setting) {
            self.change(target, action);
        }
    }

    fn channels(&mut self, wanted: &Wanted, found: &LiveObject, target: &Target) {
        let Some(channels) = &wanted.channels else { return };
        for named in channels {
            if !found.channels.iter().any(|held| same(held, &named.text)) {
                self.change(target, Action::AddChannel(named.text.clone()));
            }
        }
        for held in &found.channels {
            if !channels.iter().any(|named| same(&named.text, held)) {
                self.change(target, Action::RemoveChannel(held.clone()));
            }
        }
    }

    fn links(&mut self, wanted: &Wanted, found: &LiveObject, target: &Target) {
        let owners = wanted.owners.as_deref().map(|names| self.resolve_all(names));
        let members = wanted.members.as_deref().map(|names| self.resolve_all(names));
        let subscribers = wanted.subscribers.as_deref().map(|names| self.resolve_all(names));
        let is_in = |list: &Option<Vec<String>>, address: &str| {
            list.as_ref().is_some_and(|list| list.iter().any(|item| same(item, address)))
        };
        let is_live = |address: &str, test: &dyn Fn(&LiveMember) -> bool| {
            found.members.iter().any(|of| same(&of.address, address) && test(of))
        };
        let missing = |list: &Option<Vec<String>>, test: &dyn Fn(&LiveMember) -> bool| {
            let list = list.iter().flatten();
            list.filter(|address| !is_live(address, test)).cloned().collect::<Vec<_>>()
        };
        let surplus = |test: &dyn Fn(&LiveMember) -> bool| {
            let gone = found.members.iter().filter(|of| test(of));
            gone.map(|of| of.address.clone()).collect::<Vec<_>>()
        };
        // Who is to be an owner becomes a member by that.
        let mut new_members = missing(&members, &|_| true);
        new_members.retain(|address| !is_in(&owners, address));
        let goes = |of: &LiveMember| {
            let was_owner = of.is_owner && owners.is_none();
            members.is_some()
                && !was_owner
                && !is_in(&members, &of.address)
                && !is_in(&owners, &of.address)
        };
        let is_demoted = |of: &LiveMember| {
            of.is_owner && owners.is_some() && !is_in(&owners, &of.address) && !goes(of)
        };
        let unsubscribes = |of: &LiveMember| {
            of.is_subscribed
                && subscribers.is_some()
                && !is_in(&subscribers, &of.address)
                && !goes(of)
        };
        let actions = [
            Action::AddLinks(Link::Owner, missing(&owners, &|of| of.is_owner)),
            Action::AddLinks(Link::Member, new_members),
            Action::AddLinks(Link::Subscriber, missing(&subscribers, &|of| of.is_subscribed)),
            Action::RemoveLinks(Link::Subscriber, surplus(&unsubscribes)),
            Action::RemoveLinks(Link::Owner, surplus(&is_demoted)),
            Action::RemoveLinks(Link::Member, surplus(&goes)),
        ];
        for action in actions {
            let is_empty = match &action {
                Action::AddLinks(_, who) | Action::RemoveLinks(_, who) => who.is_empty(),
                _ => true,
            };
            if !is_empty {
                self.change(target, action);
            }
        }
    }

    /// The rights on an object whose list of rights is written: what is not in the list goes.
    fn all_grants(&mut self, wanted: &[WantedGrant], found: &LiveObject, target: &Target) {
        let mut kept = HashSet::new();
        for grant in wanted {
            let Some(to) = self.resolve(&grant.to) else { continue };
            let live = live_grant(found, grant, &to);
            if self.is_wanted(grant) {
                kept.insert((grant.right, to.to_lowercase()));
                self.give(grant, to, live, target);
            }
        }
        for live in found.grants.iter().filter(|live| live.is_in_force) {
            if !kept.contains(&(live.right, live.to.to_lowercase())) {
                let (right, to) = (live.right, live.to.clone());
                self.change(target, Action::Revoke { right, to });
            }
        }
    }

    /// A right by itself: it says nothing about the others on the same object.
    fn single_grant(&mut self, grant: &WantedGrant) {
        let (Some(on), Some(to)) = (self.resolve(&grant.on), self.resolve(&grant.to)) else {
            return;
        };
        let found = self.live.find(&on);
        let kind = found.map(|found| found.kind);
        let wanted = self.wanted.get(&on.to_lowercase()).map(|wanted| wanted.kind);
        let Some(kind) = kind.or(wanted) else { return };
        let target = Target::Object { kind, address: on };
        let live = found.and_then(|found| live_grant(found, grant, &to));
        if self.is_wanted(grant) {
            self.give(grant, to, live, &target);
        } else if live.is_some_and(|live| live.is_in_force) {
            self.change(&target, Action::Revoke { right: grant.right, to });
        }
    }

    /// A right whose end has passed is wanted no more.
    fn is_wanted(&self, grant: &WantedGrant) -> bool {
        !grant.is_absent && grant.until.is_none_or(|until| self.now < until)
    }

    fn give(&mut self, grant: &WantedGrant, to: String, live: Option<&LiveGrant>, target: &Target) {
        let is_there = live.is_some_and(|live| {
            let has_reason = grant.reason.is_none() || grant.reason == live.reason;
            live.is_in_force && live.until == grant.until && has_reason
        });
        if is_there {
            return;
        }
        let before = live.filter(|live| live.is_in_force);
        let action = Action::Grant(Grant {
            right: grant.right,
            to,
            until: grant.until,
            reason: grant.reason.clone(),
            before: before.map(|live| (live.until, live.reason.clone())),
        });
        self.change(target, action);
    }
}

fn live_grant<'l>(found: &'l LiveObject, grant: &WantedGrant, to: &str) -> Option<&'l LiveGrant> {
    found.grants.iter().find(|live| live.right == grant.right && same(&live.to, to))
}

/// A setting as a change, where it is one.
fn setting(
    (key, parameter, values): (&'static str, &'static str, Option<(Value, Value)>),
) -> Option<Action> {
    let (from, to) = values.filter(|(from, to)| from != to)?;
    Some(Action::Set(Setting { key, parameter, from, to }))
}
