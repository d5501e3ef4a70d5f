//! What a dialog must have left behind: outside, in folders, in the trace and in the audit.

use std::collections::HashMap;

use crate::dialog::{fits, unescaped};
use crate::mailbox::{Mailbox, Placed, TraceRow};
use crate::outside::{Departure, Outside};
use crate::poll;
use crate::received::ReceivedMessage;
use crate::server::{TestServer, address};

/// Where everything stood when the dialog began, and the message that is looked at.
pub(super) struct Checks<'a> {
    server: &'a TestServer,
    mailbox: Mailbox,
    outside: Outside,
    left_before: u64,
    kept_before: i64,
    trace_before: i64,
    audit_before: i64,
    /// The UIDs are read when a folder is asked for: those placed before the dialog began.
    folders: HashMap<String, i64>,
    departure: Option<Departure>,
    placed: Option<Placed>,
    message: Option<ReceivedMessage>,
}

impl<'a> Checks<'a> {
    pub(super) fn begin(server: &'a TestServer) -> Checks<'a> {
        let (mailbox, outside) = (server.mailbox(), server.outside());
        let folders = mailbox.next_uids().into_iter().collect();
        Checks {
            server,
            left_before: outside.last(),
            kept_before: mailbox.count_messages(),
            trace_before: mailbox.trace_mark(),
            audit_before: mailbox.audit_mark(),
            folders,
            departure: None,
            placed: None,
            message: None,
            mailbox,
            outside,
        }
    }

    pub(super) fn check(&mut self, expected: &str) -> Result<(), String> {
        let (what, value) = expected.split_once(' ').unwrap_or((expected, ""));
        let value = value.trim();
        match what {
            "left" => self.left(number(value)?),
            "folder" => self.folder(value),
            "mail-from" => same(&format!("MAIL FROM:<{value}>"), &self.departure()?.mail),
            "rcpt-to" => self.recipients(value),
            "field" => self.field(value),
            "no" => self.no_field(value),
            "hides" => match self.message()?.mentions(value) {
                true => Err(format!("it says so:\n{:?}", self.message()?)),
                false => Ok(()),
            },
            "body" => {
                let body = self.message()?.body();
                let is_same = body == unescaped(value);
                let shown = String::from_utf8_lossy(body).escape_debug().to_string();
                if is_same { Ok(()) } else { Err(format!("found: {shown}")) }
            }
            "copy" => self.copy(value),
            "written" => self.written_by(value),
            "trace" => self.trace(value),
            "audit" => self.audit(value),
            "queue" if value == "is empty" => self.queue_is_empty(),
            _ => Err("no such thing to look at".to_owned()),
        }
    }

    /// Nothing more was kept than was taken, and every refusal left a trace.
    pub(super) fn end(self, taken: usize, denied: usize) -> Result<(), String> {
        let kept = self.mailbox.count_messages() - self.kept_before;
        if usize::try_from(kept).ok() != Some(taken) {
            return Err(format!("the server took {taken} messages and kept {kept}"));
        }
        // The trace of a refusal is written behind the answer.
        let is_traced = || (self.refusals() >= denied).then_some(());
        poll::within(poll::PATIENCE, is_traced).ok_or_else(|| {
            format!("{denied} senders were denied, {} refusals are traced", self.refusals())
        })
    }

    fn refusals(&self) -> usize {
        let trace = self.mailbox.trace_since(self.trace_before);
        trace.iter().filter(|event| event.event == "refuse").count()
    }

    fn left(&mut self, count: usize) -> Result<(), String> {
        self.queue_is_empty()?;
        let left = self.outside.wait(self.left_before, count);
        if left.len() != count {
            return Err(format!("{} left", left.len()));
        }
        self.departure = left.into_iter().last();
        self.message = self.departure.as_ref().map(|departure| departure.message.clone());
        Ok(())
    }

    fn queue_is_empty(&self) -> Result<(), String> {
        let is_empty = || self.mailbox.queue().is_empty().then_some(());
        poll::within(poll::PATIENCE, is_empty)
            .ok_or_else(|| format!("{:?}\n{}", self.mailbox.queue(), self.server.log()))
    }

    fn new_in(&self, folder: &str) -> Result<Vec<Placed>, String> {
        let (alias, name) = folder.split_once('/').ok_or("write ALIAS/Folder")?;
        let before = self.folders.get(&folder.to_lowercase()).copied();
        let before = before.ok_or_else(|| format!("there is no folder {folder}"))?;
        let all = self.mailbox.folder(alias, name);
        Ok(all.into_iter().filter(|placed| placed.uid >= before).collect())
    }

    fn folder(&mut self, value: &str) -> Result<(), String> {
        let (folder, count) = value.rsplit_once(' ').ok_or("write ALIAS/Folder N")?;
        let found = self.new_in(folder.trim())?;
        same(count, &found.len().to_string())?;
        self.placed = found.into_iter().last();
        self.message = self.placed.as_ref().map(|placed| placed.message.clone());
        Ok(())
    }

    fn recipients(&self, value: &str) -> Result<(), String> {
        let expected: Vec<String> =
            value.split_whitespace().map(|to| format!("RCPT TO:<{to}>")).collect();
        same(&expected.join("\n"), &self.departure()?.recipients.join("\n"))
    }

    fn field(&self, value: &str) -> Result<(), String> {
        let (name, expected) = value.split_once(':').ok_or("write Name: value")?;
        let found = self.message()?.fields(name);
        match found.as_slice() {
            [only] if fits(expected.trim(), only) => Ok(()),
            _ => Err(format!("found: {found:?}")),
        }
    }

    fn no_field(&self, value: &str) -> Result<(), String> {
        let name = value.strip_prefix("field ").ok_or("write: no field Name")?;
        let found = self.message()?.fields(name);
        if found.is_empty() { Ok(()) } else { Err(format!("found: {found:?}")) }
    }

    fn copy(&mut self, folder: &str) -> Result<(), String> {
        let found = self.new_in(folder)?;
        let last = found.last().ok_or("nothing is there")?;
        if last.message != *self.message()? {
            return Err(format!("it differs:\n{:?}---\n{:?}", last.message, self.message()?));
        }
        self.placed = Some(last.clone());
        Ok(())
    }

    fn written_by(&self, value: &str) -> Result<(), String> {
        let expected = value.strip_prefix("by ").ok_or("write: written by NAME")?;
        let placed = self.placed.as_ref().ok_or("say before in which folder")?;
        same(expected, placed.placed_by.as_deref().unwrap_or("nobody"))
    }

    fn trace(&self, value: &str) -> Result<(), String> {
        let [event, login, author] = words(value)?;
        let found = || self.mailbox.trace_since(self.trace_before);
        let is_there = || {
            let is_it = |row: &TraceRow| {
                row.event == event
                    && row.actor.as_deref() == Some(&address(login))
                    && row.sender.as_deref().is_some_and(|sender| fits(author, sender))
            };
            found().iter().any(is_it).then_some(())
        };
        poll::within(poll::PATIENCE, is_there).ok_or_else(|| format!("found: {:#?}", found()))
    }

    fn audit(&self, value: &str) -> Result<(), String> {
        let [operation, login, object] = words(value)?;
        let audit = self.mailbox.audit_since(self.audit_before);
        let expected = (address(login), operation.to_owned(), object.to_owned());
        if audit.contains(&expected) { Ok(()) } else { Err(format!("found: {audit:#?}")) }
    }

    fn departure(&self) -> Result<&Departure, String> {
        self.departure.as_ref().ok_or_else(|| "say before how many left".to_owned())
    }

    fn message(&self) -> Result<&ReceivedMessage, String> {
        self.message.as_ref().ok_or_else(|| "say before which message".to_owned())
    }
}

fn words(value: &str) -> Result<[&str; 3], String> {
    let words: Vec<&str> = value.splitn(3, ' ').collect();
    words.try_into().map_err(|_| "write three words".to_owned())
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("{text} is no number"))
}

fn same(expected: &str, found: &str) -> Result<(), String> {
    if expected == found { Ok(()) } else { Err(format!("found: {found}")) }
}
