//! The directory written as a file that `plan` and `apply` read. Applied to the server it came
//! from it changes nothing; applied to an empty one it makes the same teams and rights. Passwords
//! are not in it: users that it creates cannot sign in until they get one.

use admin_protocol::text::timestamp;
use clap::{Args, ValueEnum};
use domain::Timestamp;

use super::super::output::short_time;
use super::document::Kind;
use super::live::{Live, LiveGrant, LiveObject};

/// `snapshot`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  guichet snapshot > contoso.toml
  guichet snapshot --format yaml > contoso.yaml

Passwords, mail and rights that have ended are not in it.")]
pub(crate) struct SnapshotArgs {
    /// How it is written
    #[arg(long, value_enum, default_value = "toml")]
    format: FileFormat,
}

/// How a plan file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FileFormat {
    /// TOML
    Toml,
    /// YAML
    Yaml,
}

impl SnapshotArgs {
    pub(super) fn write(&self, live: &Live, now: Timestamp) -> String {
        write(live, self.format, now)
    }
}

/// A value of a key.
enum Written<'a> {
    Text(&'a str),
    Boolean(bool),
    List(Vec<&'a str>),
}

/// Writes the whole directory.
pub(super) fn write(live: &Live, format: FileFormat, now: Timestamp) -> String {
    let mut writer = Writer { format, text: String::new() };
    let at = timestamp(now);
    let at = short_time(&at).unwrap_or(at);
    writer.line(&format!("# Guichet, directory version {}, {at}", live.version));
    writer.line("# A list that is written is the whole list. `guichet plan -f FILE` compares.");
    writer.organization(live);
    for kind in Kind::ALL {
        let mut objects: Vec<&LiveObject> =
            live.objects.iter().filter(|object| object.kind == kind).collect();
        objects.sort_by_key(|object| object.primary().to_lowercase());
        if format == FileFormat::Yaml && !objects.is_empty() {
            writer.line(&format!("{}:", kind.section()));
        }
        for object in objects {
            writer.object(object);
        }
    }
    writer.text
}

struct Writer {
    format: FileFormat,
    text: String,
}

impl Writer {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn organization(&mut self, live: &Live) {
        let organization = &live.organization;
        let domains = organization.domains.iter().map(String::as_str).collect();
        let pairs = [
            ("name", Written::Text(&organization.name)),
            ("send-from-alias", Written::Boolean(organization.send_from_alias)),
            ("report", Written::Text(&organization.report)),
            ("language", Written::Text(&organization.language)),
            ("domains", Written::List(domains)),
        ];
        let heading = match self.format {
            FileFormat::Toml => "\n[organization]",
            FileFormat::Yaml => "organization:",
        };
        self.line(heading);
        for (key, value) in &pairs {
            self.pair("  ", key, value);
        }
    }

    /// A key with its value; YAML stands under the indentation.
    fn pair(&mut self, indentation: &str, key: &str, value: &Written<'_>) {
        let quoted = |text: &str| self.quoted(text);
        let value = match value {
            Written::Text(text) => quoted(text),
            Written::Boolean(truth) => truth.to_string(),
            Written::List(items) => {
                let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
                format!("[{}]", items.join(", "))
            }
        };
        let line = match self.format {
            FileFormat::Toml => format!("{key} = {value}"),
            FileFormat::Yaml => format!("{indentation}{key}: {value}"),
        };
        self.line(&line);
    }

    fn quoted(&self, text: &str) -> String {
        match self.format {
            FileFormat::Toml => toml::Value::String(text.to_owned()).to_string(),
            // YAML's double quotes take everything that JSON's do (YAML 1.2.2 §1.3).
            FileFormat::Yaml => serde_json::Value::from(text).to_string(),
        }
    }

    fn object(&mut self, object: &LiveObject) {
        let section = object.kind.section();
        let pairs = pairs(object);
        if self.format == FileFormat::Toml {
            self.line(&format!("\n[[{section}]]"));
        }
        for (place, (key, value)) in pairs.iter().enumerate() {
            self.pair(if place == 0 { "  - " } else { "    " }, key, value);
        }
        if object.kind == Kind::Contact {
            return;
        }
        let mut grants: Vec<&LiveGrant> =
            object.grants.iter().filter(|grant| grant.is_in_force).collect();
        grants.sort_by_key(|grant| (grant.right, grant.to.to_lowercase()));
        if grants.is_empty() {
            self.pair("    ", "grants", &Written::List(Vec::new()));
            return;
        }
        if self.format == FileFormat::Yaml {
            self.line("    grants:");
        }
        for grant in grants {
            self.grant(section, grant);
        }
    }

    fn grant(&mut self, section: &str, grant: &LiveGrant) {
        if self.format == FileFormat::Toml {
            self.line(&format!("[[{section}.grants]]"));
        }
        let until = grant.until.map(timestamp);
        let mut pairs =
            vec![("right", Written::Text(grant.right.as_str())), ("to", Written::Text(&grant.to))];
        pairs.extend(until.as_deref().map(|until| ("until", Written::Text(until))));
        pairs.extend(grant.reason.as_deref().map(|reason| ("reason", Written::Text(reason))));
        for (place, (key, value)) in pairs.iter().enumerate() {
            self.pair(if place == 0 { "      - " } else { "        " }, key, value);
        }
    }
}

/// The keys of an object, without its rights.
fn pairs(object: &LiveObject) -> Vec<(&'static str, Written<'_>)> {
    let mut pairs = vec![
        ("address", Written::Text(object.primary())),
        ("name", Written::Text(&object.name)),
        ("alias", Written::Text(&object.alias)),
        ("hidden", Written::Boolean(object.hidden)),
    ];
    if !object.notes.is_empty() {
        pairs.push(("notes", Written::Text(&object.notes)));
    }
    if object.kind == Kind::Contact {
        return pairs;
    }
    let aliases = object.addresses.iter().skip(1).map(String::as_str).collect();
    pairs.push(("aliases", Written::List(aliases)));
    pairs.push((
        "require-sender-authentication",
        Written::Boolean(object.require_sender_authentication),
    ));
    pairs.push(("copy-to-person", Written::Boolean(object.copy_to_person)));
    if object.kind == Kind::User {
        pairs.push(("role", Written::Text(&object.role)));
        pairs.push(("disabled", Written::Boolean(object.disabled)));
    }
    if matches!(object.kind, Kind::Group | Kind::Team) {
        let of = |wanted: &dyn Fn(&super::live::LiveMember) -> bool| {
            let found = object.members.iter().filter(|of| wanted(of));
            Written::List(found.map(|of| of.address.as_str()).collect())
        };
        pairs.push(("owners", of(&|of| of.is_owner)));
        pairs.push(("members", of(&|of| !of.is_owner)));
        pairs.push(("subscribers", of(&|of| of.is_subscribed)));
    }
    if object.kind == Kind::Team {
        let channels = object.channels.iter().map(String::as_str).collect();
        pairs.push(("channels", Written::List(channels)));
    }
    pairs
}
