//! Every package that is built has a licence the project accepts. The list of accepted licences is
//! the one in `deny.toml`, so that `cargo deny` and this check cannot disagree.

use super::finding::{Finding, Rule};
use super::metadata::{Metadata, Package};
use super::tree::Tree;

/// Where the list stands.
const POLICY: &str = "deny.toml";

/// Checks every package that cargo knows.
pub(super) fn check(tree: &Tree, metadata: &Metadata) -> Vec<Finding> {
    let text = tree.file(POLICY).map_or("", |file| file.text.as_str());
    let accepted = accepted(text);
    if accepted.is_empty() {
        return vec![Finding::new(POLICY, 1, Rule::Licence, "no list `allow` under [licenses]")];
    }
    metadata.packages.iter().filter_map(|package| refused(package, &accepted)).collect()
}

fn refused(package: &Package, accepted: &[&str]) -> Option<Finding> {
    let Package { name, version, licence, .. } = package;
    let place = package.manifest.as_deref().unwrap_or("Cargo.lock");
    let reason = match licence {
        None => format!("{name} {version} names no licence"),
        Some(expression) => match Expression::new(expression).evaluate(accepted) {
            Some(true) => return None,
            Some(false) => format!("{name} {version} is under {expression}, not accepted"),
            None => format!("{name} {version}: cannot read the licence `{expression}`"),
        },
    };
    Some(Finding::new(place, 1, Rule::Licence, reason))
}

/// Reads the quoted names of `allow = [ … ]` in the section `[licenses]`.
fn accepted(policy: &str) -> Vec<&str> {
    let section = policy.split_once("\n[licenses]\n").map_or("", |(_, rest)| rest);
    let section = section.split("\n[").next().unwrap_or_default();
    let list = section.split_once("\nallow = [").map_or("", |(_, rest)| rest);
    let list = list.split(']').next().unwrap_or_default();
    let lines = list.lines().map(|line| line.split('#').next().unwrap_or_default());
    lines.flat_map(|line| line.split('"').skip(1).step_by(2)).collect()
}

/// An SPDX expression on its way through the reader. `/` is the old way to write OR.
struct Expression<'t> {
    words: Vec<&'t str>,
    at: usize,
}

impl<'t> Expression<'t> {
    fn new(text: &'t str) -> Expression<'t> {
        let mut words = Vec::new();
        for word in text.split_whitespace() {
            let mut rest = word;
            while let Some(at) = rest.find(['(', ')', '/']) {
                words.extend([&rest[..at], &rest[at..=at]].iter().filter(|part| !part.is_empty()));
                rest = &rest[at + 1..];
            }
            if !rest.is_empty() {
                words.push(rest);
            }
        }
        Expression { words, at: 0 }
    }

    /// Says whether the accepted licences satisfy it; `None` if it cannot be read.
    fn evaluate(mut self, accepted: &[&str]) -> Option<bool> {
        let value = self.any(accepted)?;
        (self.at == self.words.len()).then_some(value)
    }

    fn take(&mut self, expected: &[&str]) -> bool {
        let is_next = self.words.get(self.at).is_some_and(|word| expected.contains(word));
        self.at += usize::from(is_next);
        is_next
    }

    fn any(&mut self, accepted: &[&str]) -> Option<bool> {
        let mut value = self.all(accepted)?;
        while self.take(&["OR", "/"]) {
            value |= self.all(accepted)?;
        }
        Some(value)
    }

    fn all(&mut self, accepted: &[&str]) -> Option<bool> {
        let mut value = self.one(accepted)?;
        while self.take(&["AND"]) {
            value &= self.one(accepted)?;
        }
        Some(value)
    }

    fn one(&mut self, accepted: &[&str]) -> Option<bool> {
        if self.take(&["("]) {
            let value = self.any(accepted)?;
            return self.take(&[")"]).then_some(value);
        }
        let licence = *self.words.get(self.at)?;
        self.at += 1;
        if self.take(&["WITH"]) {
            let exception = *self.words.get(self.at)?;
            self.at += 1;
            return Some(accepted.contains(&format!("{licence} WITH {exception}").as_str()));
        }
        Some(accepted.contains(&licence))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "[graph]\n\n[licenses]\nversion = 2\nallow = [\n    \"MIT\", # \"GPL-3.0\"\n    \
                        \"Apache-2.0 WITH LLVM-exception\", \"ISC\",\n]\n\n[bans]\nallow = [\"X\"]\n";

    #[test]
    fn the_list_is_read_from_its_section() {
        assert_eq!(accepted(LIST), ["MIT", "Apache-2.0 WITH LLVM-exception", "ISC"]);
        assert!(accepted("[bans]\nallow = [\"MIT\"]\n").is_empty());
    }

    #[test]
    fn expressions_are_evaluated() {
        let verdict = |text: &str| Expression::new(text).evaluate(&accepted(LIST));
        for good in [
            "MIT",
            "MIT OR GPL-3.0",
            "GPL-3.0/MIT",
            "MIT AND ISC",
            "(GPL-3.0 OR MIT) AND ISC",
            "Apache-2.0 WITH LLVM-exception",
            "GPL-3.0 OR MIT AND ISC",
        ] {
            assert_eq!(verdict(good), Some(true), "{good}");
        }
        for bad in ["GPL-3.0", "MIT AND GPL-3.0", "Apache-2.0", "(MIT OR ISC) AND X", "MIT-0"] {
            assert_eq!(verdict(bad), Some(false), "{bad}");
        }
        for unreadable in ["", "MIT OR", "(MIT", "MIT)", "MIT ISC", "MIT WITH"] {
            assert_eq!(verdict(unreadable), None, "{unreadable}");
        }
    }

    #[test]
    fn packages_are_judged() {
        let package = |licence: Option<&str>| Package {
            name: "a".into(),
            version: "1.0.0".into(),
            licence: licence.map(str::to_owned),
            manifest: None,
            dependencies: Vec::new(),
        };
        let found = |licence, policy: &str| {
            let tree = Tree::of(&[(POLICY, policy)]);
            let findings = check(&tree, &Metadata { packages: vec![package(licence)] });
            findings.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert!(found(Some("MIT"), LIST).is_empty());
        assert!(found(Some("GPL-3.0"), LIST)[0].contains("a 1.0.0 is under GPL-3.0"));
        assert!(found(None, LIST)[0].contains("names no licence"));
        assert!(found(Some("MIT"), "")[0].starts_with("deny.toml:1"));
    }
}
