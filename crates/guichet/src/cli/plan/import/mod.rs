//! `guichet import`: rights to send that another product keeps, as a plan document.
//!
//! Each reader turns a file into pairs of author and holder. Pairs whose names the directory knows
//! become `[[grant]]` sections; all others are listed with the reason, and nothing is guessed. The
//! document goes to standard output, so that it can be kept and looked at; `--apply` makes it so.

mod exchange;
mod mailcow;
mod postfix;
mod table;

use std::fs;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::Right;

use crate::clock::now;

use super::super::error::Error;
use super::super::session::{Outcome, Session};
use super::live::Live;
use super::{apply, difference, document, live, print, tree};

/// Where rights come from.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  guichet import postfix-login-maps /etc/postfix/sender_login_maps > rights.toml
  guichet import mailcow-sender-acl sender_acl.csv --apply
  guichet import recipient-permission-csv permissions.csv
  guichet import send-on-behalf-csv mailboxes.csv

Nothing changes without --apply. The document on standard output is for `guichet plan` and
`apply`.")]
pub(crate) enum ImportVerb {
    /// Postfix: the table of smtpd_sender_login_maps, `address login[, login]`
    PostfixLoginMaps(ImportArgs),
    /// mailcow: the table sender_acl as CSV, TSV, JSON or an SQL dump
    MailcowSenderAcl(ImportArgs),
    /// Exchange: Get-RecipientPermission | Export-Csv
    RecipientPermissionCsv(ImportArgs),
    /// Exchange: GrantSendOnBehalfTo of Get-Mailbox or Get-UnifiedGroup | Export-Csv
    SendOnBehalfCsv(ImportArgs),
}

/// What every import is told.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The file
    file: PathBuf,
    /// Apply the document; otherwise it is only printed
    #[arg(long)]
    apply: bool,
    #[command(flatten)]
    how: apply::How,
}

/// One right that a file speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// As whom may be sent.
    pub(super) on: String,
    /// Who may.
    pub(super) to: String,
    /// The line in the file, from 1.
    pub(super) line: usize,
}

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) found: Vec<Found>,
    /// Lines that are no right of one person on one address, and why.
    pub(super) skipped: Vec<(usize, String)>,
}

impl Reading {
    pub(super) fn skip(&mut self, line: usize, why: impl Into<String>) {
        self.skipped.push((line, why.into()));
    }
}

/// Reads the text of a file of another product, or says in what it is not one.
type Reader = fn(&str) -> Result<Reading, String>;

/// Runs `import`.
pub(crate) fn run(verb: &ImportVerb, session: &mut Session) -> Result<Outcome, Error> {
    let (args, right, read): (_, _, Reader) = match verb {
        ImportVerb::PostfixLoginMaps(args) => (args, Right::SendAs, postfix::read),
        ImportVerb::MailcowSenderAcl(args) => (args, Right::SendAs, mailcow::read),
        ImportVerb::RecipientPermissionCsv(args) => {
            (args, Right::SendAs, exchange::read_recipient_permissions)
        }
        ImportVerb::SendOnBehalfCsv(args) => {
            (args, Right::SendOnBehalf, exchange::read_send_on_behalf)
        }
    };
    let path = &args.file;
    let octets = fs::read(path).map_err(|source| Error::File { path: path.clone(), source })?;
    let text = table::decode(&octets);
    let reading = read(&text)
        .map_err(|why| Error::Usage(format!("{} cannot be read: {why}", path.display())))?;
    let live = live::read(session)?;
    let written = write(&reading, right, &live);
    session.output.line(written.text.trim_end())?;
    for (line, why) in &written.skipped {
        eprintln!("{}:{line}: not imported: {why}", path.display());
    }
    let (count, skipped) = (written.count, written.skipped.len());
    eprintln!("{count} rights can be imported, {skipped} lines cannot");
    if !args.apply {
        return Ok(Outcome::Done);
    }
    let tree = tree::read(path.with_extension("toml").as_path(), &written.text);
    let document = tree.and_then(|tree| document::read(&[tree]));
    let plan = document.and_then(|document| difference::plan(&document, &live, now()));
    let plan = plan.map_err(|problems| super::mistakes(&problems))?;
    print::print(&mut session.output, &plan)?;
    apply::apply(&plan, &args.how, session)?;
    Ok(Outcome::Done)
}

/// A document, and what is not in it.
struct Imported {
    text: String,
    count: usize,
    skipped: Vec<(usize, String)>,
}

/// Writes the rights whose names are known as a document.
fn write(reading: &Reading, right: Right, live: &Live) -> Imported {
    let mut imported = Imported {
        text: String::from("# Rights of another product, for `guichet plan -f` and `apply -f`.\n"),
        count: 0,
        skipped: reading.skipped.clone(),
    };
    let mut seen = std::collections::HashSet::new();
    for found in &reading.found {
        let skip = |why: String| (found.line, why);
        let (Some(on), Some(to)) = (live.find_named(&found.on), live.find_named(&found.to)) else {
            let unknown =
                [&found.on, &found.to].into_iter().filter(|n| live.find_named(n).is_none());
            let names: Vec<&str> = unknown.map(String::as_str).collect();
            imported.skipped.push(skip(format!("nobody here is {}", names.join(" nor "))));
            continue;
        };
        // One's own address needs no right.
        if on.primary() == to.primary() || !seen.insert((on.primary(), to.primary())) {
            continue;
        }
        if !may_hold(to.kind) || on.kind == document::Kind::Contact {
            let why = format!("{} is a {}", to.primary(), to.kind.noun());
            imported.skipped.push(skip(why));
            continue;
        }
        imported.count += 1;
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        imported.text.push_str(&format!(
            "\n[[grant]]\nright = \"{}\"\non = {}\nto = {}\n",
            right.as_str(),
            quoted(on.primary()),
            quoted(to.primary())
        ));
    }
    imported.skipped.sort();
    imported
}

/// Whether rights are given to such an object.
fn may_hold(kind: document::Kind) -> bool {
    matches!(kind, document::Kind::User | document::Kind::Group | document::Kind::Team)
}

#[cfg(test)]
mod tests;
