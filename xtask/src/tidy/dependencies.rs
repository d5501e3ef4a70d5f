//! Which crate may use which: the complete list of edges inside the workspace, and the crates from
//! outside that belong to certain rooms. A new edge needs a decision record and a change here.

use super::finding::{Finding, Rule};
use super::metadata::{Dependency, Kind, Metadata, Package};
use super::tree::Tree;

/// A crate of the workspace, without the prefix `guichet-`, and what it may use.
struct Room {
    name: &'static str,
    uses: &'static [&'static str],
}

/// Every crate of ours that is linked into the server or stands beside it.
const ALL: &[&str] =
    &["mail", "domain", "smtp", "imap", "dav", "store", "app", "admin-protocol", "web", "guichet"];

/// The rooms of the house; arrows point down only.
const ROOMS: &[Room] = &[
    Room { name: "mail", uses: &[] },
    Room { name: "domain", uses: &["mail"] },
    Room { name: "smtp", uses: &["mail"] },
    Room { name: "imap", uses: &["mail", "smtp"] },
    Room { name: "dav", uses: &["mail"] },
    Room { name: "store", uses: &["domain", "mail"] },
    Room { name: "app", uses: &["store", "domain", "mail"] },
    Room { name: "admin-protocol", uses: &["domain"] },
    Room { name: "web", uses: &["app", "admin-protocol", "domain", "mail"] },
    Room { name: "guichet", uses: ALL },
    Room { name: "testkit", uses: ALL },
    Room { name: "bench", uses: &["mail", "smtp"] },
    Room { name: "xtask", uses: &[] },
];

/// The one crate that tests of every room may use besides.
const FOR_TESTS: &str = "testkit";

/// A crate from outside that only certain rooms may link.
struct Fence {
    outside: &'static [&'static str],
    rooms: &'static [&'static str],
    reason: &'static str,
}

/// What is fenced in.
const FENCES: &[Fence] = &[
    Fence {
        outside: &["rusqlite", "tokio-postgres"],
        rooms: &["store"],
        reason: "only store speaks to a database",
    },
    Fence {
        outside: &["axum", "hyper", "hyper-util", "http-body-util"],
        rooms: &["web", "guichet", "testkit", "bench"],
        reason: "only web knows HTTP, and the binary as its client",
    },
    Fence {
        outside: &["anyhow"],
        rooms: &["guichet", "testkit", "bench", "xtask"],
        reason: "below the binary, failures are enums",
    },
    Fence {
        outside: &["clap", "comfy-table", "tracing-subscriber", "hickory-resolver"],
        rooms: &["guichet", "testkit", "bench"],
        reason: "the command line, the log's form and DNS are the binary's",
    },
    Fence {
        outside: &["rand", "getrandom"],
        rooms: &["guichet", "testkit", "bench"],
        reason: "randomness is a parameter; only the binary draws it",
    },
    Fence {
        outside: &["tracing"],
        rooms: &["store", "app", "web", "guichet", "testkit", "bench"],
        reason: "formats, rules and protocols do not log: what happened is a value",
    },
    Fence {
        outside: &["tokio", "futures-util"],
        rooms: &["smtp", "imap", "dav", "store", "app", "web", "guichet", "testkit", "bench"],
        reason: "formats and rules are pure: no async",
    },
];

/// Checks every manifest of the workspace.
pub(super) fn check(tree: &Tree, metadata: &Metadata) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in &metadata.packages {
        let Some(manifest) = &package.manifest else { continue };
        let text = tree.file(manifest).map_or("", |file| file.text.as_str());
        let mut report = |name: &str, reason: String| {
            let is_named = |line: &str| line.trim_start().starts_with(name);
            let line = text.lines().position(is_named).map_or(1, |index| index + 1);
            findings.push(Finding::new(manifest, line, Rule::Dependency, reason));
        };
        if !text.replace(' ', "").contains("[lints]\nworkspace=true") {
            report("[lints]", "the manifest does not take the lints of the workspace".to_owned());
        }
        match ROOMS.iter().find(|room| room.name == short(&package.name)) {
            None => report("name", format!("{} is in no room of the architecture", package.name)),
            Some(room) => {
                for dependency in &package.dependencies {
                    if let Some(reason) = forbidden(room, dependency, &metadata.packages) {
                        report(&dependency.name, reason);
                    }
                }
            }
        }
    }
    findings
}

/// Returns the name of a crate of ours without the project's prefix.
fn short(name: &str) -> &str {
    name.strip_prefix("guichet-").unwrap_or(name)
}

/// Says whether `name` is linked into the tests of `room` anyway, through the rooms it uses.
fn is_below(room: &Room, name: &str) -> bool {
    let used = ROOMS.iter().filter(|other| room.uses.contains(&other.name));
    used.into_iter().any(|other| other.name == name || is_below(other, name))
}

fn forbidden(room: &Room, dependency: &Dependency, packages: &[Package]) -> Option<String> {
    let is_ours = packages
        .iter()
        .any(|package| package.name == dependency.name && package.manifest.is_some());
    let name = short(&dependency.name);
    if is_ours {
        let is_dev = dependency.kind == Kind::Dev;
        let may =
            room.uses.contains(&name) || is_dev && (name == FOR_TESTS || is_below(room, name));
        let uses = if room.uses.is_empty() { "nothing".to_owned() } else { room.uses.join(", ") };
        return (!may).then(|| format!("{} uses {name}, but may use {uses} only", room.name));
    }
    let fence = FENCES.iter().find(|fence| fence.outside.contains(&name))?;
    let may = dependency.kind == Kind::Dev || fence.rooms.contains(&room.name);
    (!may).then(|| format!("{} uses {name}: {}", room.name, fence.reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINTS: &str = "\n[lints]\nworkspace = true\n";

    fn package(name: &str, dependencies: &[(&str, Kind)]) -> Package {
        let dependencies = dependencies.iter();
        Package {
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            licence: None,
            manifest: Some(format!("crates/{}/Cargo.toml", short(name))),
            dependencies: dependencies
                .map(|(name, kind)| Dependency { name: (*name).to_owned(), kind: *kind })
                .collect(),
        }
    }

    /// Checks one crate with its dependencies beside all the others.
    fn found(name: &str, dependencies: &[(&str, Kind)], manifest: &str) -> Vec<String> {
        let path = format!("crates/{}/Cargo.toml", short(name));
        let mut packages = vec![package(name, dependencies)];
        let mut files = vec![(path, manifest.to_owned())];
        for other in ["guichet-mail", "guichet-domain", "guichet-store", "guichet-testkit"] {
            if other != name {
                packages.push(package(other, &[]));
                files.push((format!("crates/{}/Cargo.toml", short(other)), LINTS.to_owned()));
            }
        }
        let mut tree = Tree::default();
        for (path, text) in &files {
            tree.insert(path, text);
        }
        check(&tree, &Metadata { packages }).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn listed_edges_pass() {
        let manifest = format!("guichet-mail.workspace = true{LINTS}");
        let edges = [("guichet-mail", Kind::Normal), ("guichet-testkit", Kind::Dev)];
        assert!(found("guichet-domain", &edges, &manifest).is_empty());
    }

    #[test]
    fn unlisted_edges_are_reported_at_their_line() {
        let manifest = format!("[dependencies]\nguichet-store.workspace = true{LINTS}");
        assert_eq!(
            found("guichet-domain", &[("guichet-store", Kind::Normal)], &manifest),
            ["crates/domain/Cargo.toml:2: dependency: domain uses store, but may use mail only"]
        );
        assert_eq!(found("guichet-mail", &[("guichet-store", Kind::Dev)], LINTS).len(), 1);
    }

    #[test]
    fn what_is_for_tests_is_linked_by_tests_only() {
        assert_eq!(found("guichet-domain", &[("guichet-testkit", Kind::Normal)], LINTS).len(), 1);
        assert!(found("guichet-domain", &[("guichet-testkit", Kind::Dev)], LINTS).is_empty());
    }

    #[test]
    fn tests_may_name_what_lies_below_their_room() {
        assert!(found("guichet-web", &[("guichet-store", Kind::Dev)], LINTS).is_empty());
        assert_eq!(found("guichet-web", &[("guichet-store", Kind::Normal)], LINTS).len(), 1);
        assert_eq!(found("guichet-mail", &[("guichet-domain", Kind::Dev)], LINTS).len(), 1);
    }

    #[test]
    fn crates_from_outside_stay_inside_their_fence() {
        assert!(found("guichet-store", &[("rusqlite", Kind::Normal)], LINTS).is_empty());
        assert_eq!(found("guichet-domain", &[("rusqlite", Kind::Normal)], LINTS).len(), 1);
        assert!(found("guichet-domain", &[("rusqlite", Kind::Dev)], LINTS).is_empty());
        assert_eq!(found("guichet-mail", &[("tokio", Kind::Normal)], LINTS).len(), 1);
    }

    #[test]
    fn a_crate_needs_a_room_and_the_lints() {
        assert!(found("guichet-attic", &[], LINTS)[0].contains("no room"));
        assert!(found("guichet-domain", &[], "[dependencies]\n")[0].contains("lints"));
    }
}
