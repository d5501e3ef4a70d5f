//! What a plan file wants: the organisation's settings, objects with their members and rights, and
//! rights by themselves.
//!
//! A list that is written (`members`, `aliases`, `grants`, …) is the whole list; a list that is
//! not written is left alone, and so is every object that is not named. An object or a right goes
//! only where the file says `state = "absent"`, or where a list that is written leaves it out.

use domain::Timestamp;

use crate::config::nearest;

use super::super::when::When;
use super::tree::{Node, Pair, Place, Problem, Value};

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    User,
    Contact,
    Shared,
    Group,
    Team,
}

impl Kind {
    pub(super) const ALL: [Kind; 5] =
        [Kind::User, Kind::Contact, Kind::Shared, Kind::Group, Kind::Team];

    /// The section in a file: `[[team]]`.
    pub(super) fn section(self) -> &'static str {
        match self {
            Kind::User => "user",
            Kind::Contact => "contact",
            Kind::Shared => "shared",
            Kind::Group => "group",
            Kind::Team => "team",
        }
    }

    /// In sentences.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Kind::Shared => "shared mailbox",
            other => other.section(),
        }
    }

    /// The keys that such an object can have.
    fn keys(self) -> Vec<&'static str> {
        let mut keys = vec!["address", "name", "alias", "hidden", "notes", "state"];
        if self != Kind::Contact {
            keys.extend(["aliases", "grants", "require-sender-authentication", "copy-to-person"]);
        }
        if self == Kind::User {
            keys.extend(["role", "disabled"]);
        }
        if matches!(self, Kind::Group | Kind::Team) {
            keys.extend(["owners", "members", "subscribers"]);
        }
        if self == Kind::Team {
            keys.push("channels");
        }
        keys
    }
}

/// A name with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) text: String,
    pub(super) place: Place,
}

/// An object that is wanted, or wanted away.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    pub(super) kind: Kind,
    pub(super) place: Place,
    pub(super) is_absent: bool,
    pub(super) address: Named,
    pub(super) name: Option<String>,
    pub(super) alias: Option<String>,
    pub(super) aliases: Option<Vec<Named>>,
    pub(super) owners: Option<Vec<Named>>,
    pub(super) members: Option<Vec<Named>>,
    pub(super) subscribers: Option<Vec<Named>>,
    pub(super) channels: Option<Vec<Named>>,
    pub(super) hidden: Option<bool>,
    pub(super) require_sender_authentication: Option<bool>,
    pub(super) copy_to_person: Option<bool>,
    pub(super) notes: Option<String>,
    pub(super) role: Option<String>,
    pub(super) disabled: Option<bool>,
    pub(super) grants: Option<Vec<WantedGrant>>,
}

/// A right that is wanted, or wanted away.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WantedGrant {
    pub(super) place: Place,
    pub(super) right: domain::Right,
    /// On what; for a right inside an object the object's address.
    pub(super) on: Named,
    pub(super) to: Named,
    pub(super) until: Option<Timestamp>,
    pub(super) reason: Option<String>,
    pub(super) is_absent: bool,
}

/// The organisation's settings that are wanted.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct WantedOrganization {
    pub(super) name: Option<String>,
    pub(super) send_from_alias: Option<bool>,
    pub(super) report: Option<String>,
    pub(super) language: Option<String>,
    /// Domains that must be ours; others stay.
    pub(super) domains: Vec<Named>,
}

/// What all files together want.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Document {
    pub(super) organization: WantedOrganization,
    pub(super) objects: Vec<Wanted>,
    pub(super) grants: Vec<WantedGrant>,
}

/// Reads trees of files into one document.
pub(super) fn read(trees: &[Node]) -> Result<Document, Vec<Problem>> {
    let mut reader = Reader { problems: Vec::new(), document: Document::default() };
    for tree in trees {
        reader.file(tree);
    }
    reader.find_doubles();
    if reader.problems.is_empty() { Ok(reader.document) } else { Err(reader.problems) }
}

struct Reader {
    problems: Vec<Problem>,
    document: Document,
}

impl Reader {
    fn problem(&mut self, place: &Place, text: impl Into<String>) {
        self.problems.push(Problem::new(place, text));
    }

    fn file(&mut self, tree: &Node) {
        let Value::Table(pairs) = &tree.value else {
            let kind = tree.value.kind();
            self.problem(&tree.place, format!("a plan is made of sections, not of {kind}"));
            return;
        };
        for pair in pairs {
            let kind = Kind::ALL.into_iter().find(|kind| kind.section() == pair.key);
            match (kind, pair.key.as_str()) {
                (Some(kind), _) => {
                    for node in self.list(&pair.node, &pair.key) {
                        self.object(kind, node);
                    }
                }
                (None, "grant") => {
                    for node in self.list(&pair.node, "grant") {
                        if let Some(grant) = self.grant(node, None) {
                            self.document.grants.push(grant);
                        }
                    }
                }
                (None, "organization") => self.organization(&pair.node),
                (None, _) => {
                    let known = Kind::ALL.iter().map(|kind| kind.section());
                    let known: Vec<&str> = known.chain(["grant", "organization"]).collect();
                    let text = unknown("section", &pair.key, &known);
                    self.problem(&pair.place, text);
                }
            }
        }
    }

    /// The items of a list; one section alone stands for a list of one.
    fn list<'a>(&mut self, node: &'a Node, key: &str) -> Vec<&'a Node> {
        match &node.value {
            Value::List(items) => items.iter().collect(),
            Value::Table(_) => vec![node],
            Value::Null => Vec::new(),
            other => {
                let text = format!("{key} takes a list of sections, not {}", other.kind());
                self.problem(&node.place, text);
                Vec::new()
            }
        }
    }

    /// The pairs of a section, after telling every unknown key.
    fn section<'a>(&mut self, node: &'a Node, known: &[&'static str]) -> Option<Fields<'a>> {
        let Value::Table(pairs) = &node.value else {
            let kind = node.value.kind();
            self.problem(&node.place, format!("this must be a section, not {kind}"));
            return None;
        };
        for pair in pairs.iter().filter(|pair| !known.contains(&pair.key.as_str())) {
            self.problem(&pair.place, unknown("key", &pair.key, known));
        }
        // A section's own place is its heading's; its first key is nearer.
        let place = pairs.first().map_or(&node.place, |pair| &pair.place);
        Some(Fields { pairs, place: place.clone() })
    }

    fn text(&mut self, fields: &Fields<'_>, key: &str) -> Option<Named> {
        let node = fields.get(key)?;
        match &node.value {
            Value::Text(text) => Some(Named { text: text.clone(), place: node.place.clone() }),
            other => {
                let text = format!("{key} takes text, not {}", other.kind());
                self.problem(&node.place, text);
                None
            }
        }
    }

    fn plain(&mut self, fields: &Fields<'_>, key: &str) -> Option<String> {
        self.text(fields, key).map(|named| named.text)
    }

    fn boolean(&mut self, fields: &Fields<'_>, key: &str) -> Option<bool> {
        let node = fields.get(key)?;
        match &node.value {
            Value::Boolean(truth) => Some(*truth),
            other => {
                let text = format!("{key} takes true or false, not {}", other.kind());
                self.problem(&node.place, text);
                None
            }
        }
    }

    fn texts(&mut self, fields: &Fields<'_>, key: &str) -> Option<Vec<Named>> {
        let node = fields.get(key)?;
        let items = match &node.value {
            Value::List(items) => items.as_slice(),
            Value::Null => &[],
            other => {
                let text = format!("{key} takes a list of texts, not {}", other.kind());
                self.problem(&node.place, text);
                return None;
            }
        };
        let mut texts: Vec<Named> = Vec::new();
        for item in items {
            match &item.value {
                Value::Text(text) if texts.iter().any(|seen| same(&seen.text, text)) => {
                    self.problem(&item.place, format!("{text} stands in {key} twice"));
                }
                Value::Text(text) => {
                    texts.push(Named { text: text.clone(), place: item.place.clone() });
                }
                other => {
                    let text = format!("{key} takes texts, not {}", other.kind());
                    self.problem(&item.place, text);
                }
            }
        }
        Some(texts)
    }

    /// One of a few words.
    fn word(&mut self, fields: &Fields<'_>, key: &str, words: &[&'static str]) -> Option<String> {
        let named = self.text(fields, key)?;
        if words.contains(&named.text.as_str()) {
            return Some(named.text);
        }
        let text = format!("{key} is one of {}, not {}", words.join(", "), named.text);
        self.problem(&named.place, text);
        None
    }

    fn is_absent(&mut self, fields: &Fields<'_>) -> bool {
        self.word(fields, "state", &["present", "absent"]).as_deref() == Some("absent")
    }

    fn object(&mut self, kind: Kind, node: &Node) {
        let Some(fields) = self.section(node, &kind.keys()) else { return };
        let Some(address) = self.text(&fields, "address") else {
            if fields.get("address").is_none() {
                let text = format!("this {} needs an address", kind.noun());
                self.problem(&fields.place, text);
            }
            return;
        };
        if mail::Address::parse(&address.text).is_err() {
            self.problem(&address.place, format!("{} is no address", address.text));
        }
        let grants = fields.get("grants").map(|node| {
            let nodes = self.list(node, "grants");
            nodes.into_iter().filter_map(|node| self.grant(node, Some(&address))).collect()
        });
        let wanted = Wanted {
            kind,
            place: fields.place.clone(),
            is_absent: self.is_absent(&fields),
            name: self.plain(&fields, "name"),
            alias: self.plain(&fields, "alias"),
            aliases: self.texts(&fields, "aliases"),
            owners: self.texts(&fields, "owners"),
            members: self.texts(&fields, "members"),
            subscribers: self.texts(&fields, "subscribers"),
            channels: self.texts(&fields, "channels"),
            hidden: self.boolean(&fields, "hidden"),
            require_sender_authentication: self.boolean(&fields, "require-sender-authentication"),
            copy_to_person: self.boolean(&fields, "copy-to-person"),
            notes: self.plain(&fields, "notes"),
            role: self.word(&fields, "role", &["member", "auditor", "administrator"]),
            disabled: self.boolean(&fields, "disabled"),
            grants,
            address,
        };
        self.document.objects.push(wanted);
    }

    /// A right; inside an object it is a right on that.
    fn grant(&mut self, node: &Node, object: Option<&Named>) -> Option<WantedGrant> {
        let mut known = vec!["right", "to", "until", "reason", "state"];
        if object.is_none() {
            known.push("on");
        }
        let fields = self.section(node, &known)?;
        let needed: Vec<&str> = known.iter().copied().filter(|key| *key == "on").collect();
        for key in ["right", "to"].into_iter().chain(needed) {
            if fields.get(key).is_none() {
                self.problem(&fields.place, format!("this grant needs the key {key}"));
            }
        }
        let right = self.word(&fields, "right", &["send-as", "send-on-behalf", "full-access"])?;
        let right = domain::Right::from_stored(&right)?;
        let on = object.cloned().or_else(|| self.text(&fields, "on"))?;
        let to = self.text(&fields, "to")?;
        let until = match self.text(&fields, "until") {
            None => None,
            Some(named) => match named.text.parse::<When>() {
                Ok(When::Distance(_)) => {
                    let text = "until takes a date or a date and time here: a distance would mean \
                                another end each time the file is read";
                    self.problem(&named.place, text);
                    None
                }
                Ok(when) => Some(when.as_end(Timestamp(0))),
                Err(error) => {
                    self.problem(&named.place, format!("until: {error}"));
                    None
                }
            },
        };
        let reason = self.plain(&fields, "reason").filter(|reason| !reason.is_empty());
        let is_absent = self.is_absent(&fields);
        let place = fields.place;
        Some(WantedGrant { place, right, on, to, until, reason, is_absent })
    }

    fn organization(&mut self, node: &Node) {
        let known = ["name", "send-from-alias", "report", "language", "domains"];
        let Some(fields) = self.section(node, &known) else { return };
        let name = self.plain(&fields, "name");
        let send_from_alias = self.boolean(&fields, "send-from-alias");
        let report = self.word(&fields, "report", &["never", "monthly"]);
        let language = self.word(&fields, "language", &["en", "fr"]);
        let domains = self.texts(&fields, "domains").unwrap_or_default();
        let wanted = &mut self.document.organization;
        wanted.name = name.or(wanted.name.take());
        wanted.send_from_alias = send_from_alias.or(wanted.send_from_alias);
        wanted.report = report.or(wanted.report.take());
        wanted.language = language.or(wanted.language.take());
        wanted.domains.extend(domains);
    }

    /// The same object or right in two places would let the last one win in silence.
    fn find_doubles(&mut self) {
        let mut problems = Vec::new();
        let mut objects = std::collections::HashMap::new();
        for wanted in &self.document.objects {
            let key = wanted.address.text.to_lowercase();
            if let Some(first) = objects.insert(key, &wanted.address.place) {
                let text = format!("{} is declared at {first} already", wanted.address.text);
                problems.push(Problem::new(&wanted.address.place, text));
            }
        }
        let nested = self.document.objects.iter().filter_map(|wanted| wanted.grants.as_ref());
        let mut grants = std::collections::HashMap::new();
        for grant in nested.flatten().chain(&self.document.grants) {
            let (on, to) = (grant.on.text.to_lowercase(), grant.to.text.to_lowercase());
            if let Some(first) = grants.insert((on, to, grant.right), &grant.place) {
                let text = format!("this right is declared at {first} already");
                problems.push(Problem::new(&grant.place, text));
            }
        }
        self.problems.append(&mut problems);
    }
}

/// The keys of one section.
struct Fields<'a> {
    pairs: &'a [Pair],
    place: Place,
}

impl Fields<'_> {
    fn get(&self, key: &str) -> Option<&Node> {
        self.pairs.iter().find(|pair| pair.key == key).map(|pair| &pair.node)
    }
}

/// Whether two names mean the same object.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("{name} is not a known {what}. Did you mean {near}?"),
        None => format!("{name} is not a known {what}. Known are {}.", known.join(", ")),
    }
}
