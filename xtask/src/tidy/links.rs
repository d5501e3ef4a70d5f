//! Relative links of the documents lead to files that are there.

use super::finding::{Finding, Rule};
use super::tree::{File, Tree};

/// Checks every Markdown file.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let documents = tree.files().filter(|file| file.ending() == "md");
    documents.flat_map(|file| broken(tree, file)).collect()
}

fn broken(tree: &Tree, file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut is_fenced = false;
    for (index, line) in file.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_fenced = !is_fenced;
            continue;
        }
        if is_fenced {
            continue;
        }
        for link in links(&without_code(line)) {
            if !leads_somewhere(tree, &file.path, &link) {
                let reason = format!("`{link}` leads nowhere");
                findings.push(Finding::new(&file.path, index + 1, Rule::Link, reason));
            }
        }
    }
    findings
}

/// Drops what stands between single backticks.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

/// Returns the targets of `[text](target)` and `[name]: target`.
fn links(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some((_, after)) = rest.split_once("](") {
        let Some((target, behind)) = after.split_once(')') else { break };
        found.push(target.to_owned());
        rest = behind;
    }
    if let Some((name, target)) = line.split_once("]: ")
        && name.starts_with('[')
    {
        found.push(target.to_owned());
    }
    // A title may follow the target: `path "title"`.
    found.iter().map(|link| link.split(' ').next().unwrap_or_default().to_owned()).collect()
}

fn leads_somewhere(tree: &Tree, from: &str, link: &str) -> bool {
    let has_scheme = link.contains("://") || link.starts_with("mailto:");
    let path = link.split('#').next().unwrap_or_default();
    if has_scheme || (path.is_empty() && link.starts_with('#')) {
        return true;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_none() => return false,
            ".." => {}
            name => parts.push(name),
        }
    }
    tree.holds(&parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let tree = Tree::of(&[
            ("docs/a.md", text),
            ("docs/b.md", ""),
            ("README.md", ""),
            ("x/y/z.rs", ""),
        ]);
        check(&tree).iter().map(|finding| format!("{} {}", finding.line, finding.reason)).collect()
    }

    #[test]
    fn good_links_pass() {
        let good = "[b](b.md) [top](../README.md#start \"t\") [dir](../x/y/) [up](../)\n\
                    [web](https://example.org/a) [here](#a) [m](mailto:a@example.org)\n\
                    [ref]: b.md\n`[code](nowhere.md)`\n```\n[fenced](nowhere.md)\n```\n";
        assert!(found(good).is_empty(), "{:?}", found(good));
    }

    #[test]
    fn broken_links_are_reported_with_their_line() {
        let bad =
            "\n[a](c.md) [b](b.md)\n[c](../../README.md)\n[ref]: c.md\n[d](../x/y/zz)\n[]()\n";
        let expected = [
            "2 `c.md` leads nowhere",
            "3 `../../README.md` leads nowhere",
            "4 `c.md` leads nowhere",
            "5 `../x/y/zz` leads nowhere",
        ];
        assert_eq!(found(bad), expected);
    }
}
