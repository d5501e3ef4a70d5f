//! `cargo xtask tidy`: the rules of the house that neither the compiler nor clippy can check.
//!
//! Each rule is one file under `tidy/` with a pure function from a [`Tree`] of files (or from
//! cargo's metadata) to [`Finding`]s, and with tests that show it failing. A finding names file,
//! line, rule and reason. Where a rule is wrong for one line, that line, or the line above it, says
//! `// tidy: allow(rule): reason`; an exception that excuses nothing is itself a finding.

mod allow;
mod dependencies;
mod finding;
mod licences;
mod links;
mod metadata;
mod modules;
mod scripts;
mod sizes;
mod source;
mod tree;
mod words;

use anyhow::{Result, bail, ensure};

use self::finding::Finding;
use self::metadata::Metadata;
use self::modules::Modules;
use self::tree::Tree;

/// Checks the repository and fails if anything was found.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    ensure!(arguments.is_empty(), "tidy takes no arguments");
    let tree = Tree::load()?;
    let findings = check(&tree, &Metadata::load()?);
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => println!("tidy: {} files, nothing found", tree.files().len()),
        count => bail!("tidy: {count} found"),
    }
    Ok(())
}

fn check(tree: &Tree, metadata: &Metadata) -> Vec<Finding> {
    let modules = Modules::walk(tree);
    let mut findings = Vec::new();
    findings.extend(dependencies::check(tree, metadata));
    findings.extend(licences::check(tree, metadata));
    findings.extend(modules.findings(tree));
    findings.extend(sizes::check(tree, &modules));
    findings.extend(words::check(tree, &modules));
    findings.extend(links::check(tree));
    findings.extend(scripts::check(tree));
    let mut findings = allow::apply(tree, findings);
    findings.sort();
    findings
}
