//! One call of a cmdlet on its way through a family.

use std::sync::OnceLock;

use admin_protocol::cmdlet::{Cmdlet, Object, ParameterKind};
use admin_protocol::failure::Failure;
use admin_protocol::invoke::warning;
use admin_protocol::parameters::{ListEdit, Parameters};
use app::App;
use app::access::{self, Need, Purpose};
use app::command::{Command, Intent, ListChange, Order, Outcome, Warning};
use domain::{Directory, Recipient, RecipientId, RecipientKind, Right, Timestamp};
use serde_json::Value;

use super::object::type_details;
use super::page::PageRequest;
use super::session::Sessions;
use crate::Resolver;
use crate::caller::Caller;

/// The call.
pub(crate) struct Call<'a> {
    pub(crate) app: &'a App,
    pub(crate) sessions: &'a Sessions,
    pub(crate) resolver: Option<&'a Resolver>,
    pub(crate) caller: &'a Caller,
    pub(crate) cmdlet: &'static Cmdlet,
    /// Whether to do it, or only to say whether it could be done.
    pub(crate) intent: Intent,
    /// Which part of the answer is sent.
    pub(crate) page: PageRequest,
    /// Where the call was posted to, without a query.
    pub(crate) url: String,
    /// What the client calls the connection.
    pub(crate) connection_id: String,
    /// The version of the object that the header `If-Match` names.
    pub(crate) expected_object_version: Option<String>,
    /// The version of the directory that the caller decided on, and the one that was left.
    pub(crate) expected_version: Option<i64>,
    pub(crate) left_version: OnceLock<i64>,
    pub(crate) parameters: Parameters,
    pub(crate) now: Timestamp,
}

/// What a family answers: all objects, of which one page is sent; or already only those of the
/// page.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) objects: Vec<Object>,
    pub(crate) warnings: Vec<String>,
    /// How many objects there are in all, where `objects` holds only those of the page.
    pub(crate) total: Option<usize>,
}

impl Answer {
    pub(crate) fn of(objects: Vec<Object>) -> Answer {
        Answer { objects, ..Answer::default() }
    }

    /// The same with a warning.
    pub(crate) fn with_warning(mut self, warning: impl Into<String>) -> Answer {
        self.warnings.push(warning.into());
        self
    }
}

/// A JSON object as an output object.
pub(crate) fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}

impl Call<'_> {
    /// Gives an order for the caller.
    pub(crate) async fn order(&self, command: Command) -> Result<Outcome, Failure> {
        let reason = match self.cmdlet.parameter("Reason") {
            Some(_) => self.parameters.text("Reason")?,
            None => None,
        };
        let mut order = Order::new(command).because(reason);
        order.client.clone_from(&self.caller.client);
        order.intent = self.intent;
        order.expected_version = self.expected_version;
        order.expected_object_version = self.seen_object_version()?;
        let done = self.app.command(&self.caller.actor, &order, self.now).await;
        let outcome = done.map_err(|error| self.failed(error))?;
        // Of a call that gives several orders the first one is what was decided on.
        let _ = self.left_version.set(outcome.version);
        Ok(outcome)
    }

    /// Gives an order and answers with the recipient as it is afterwards.
    pub(crate) async fn order_and_show(
        &self,
        command: Command,
        show: impl Fn(&Directory, &Recipient) -> Object,
    ) -> Result<Answer, Failure> {
        let outcome = self.order(command).await?;
        let directory = self.app.directory();
        // Where it was only checked, a new recipient does not exist.
        let recipient = outcome.recipient.and_then(|id| directory.recipient(id));
        let objects = recipient.map(|recipient| show(&directory, recipient)).into_iter().collect();
        Ok(Answer { objects, warnings: warnings(&outcome), total: None })
    }

    /// The version of the object that the caller saw: of `ExpectedVersion`, else of `If-Match`.
    fn seen_object_version(&self) -> Result<Option<String>, Failure> {
        if self.cmdlet.parameter("ExpectedVersion").is_none() {
            return Ok(None);
        }
        let given = self.parameters.text("ExpectedVersion")?.filter(|text| !text.is_empty());
        Ok(given.or_else(|| self.expected_object_version.clone()))
    }

    /// Shows what is listed: all of it where a filter or an order looks at what is shown, else only
    /// what is on the page.
    pub(crate) fn show_listed<T>(&self, listed: Vec<T>, show: impl FnMut(T) -> Object) -> Answer {
        let is_arranged = ["Filter", "SortBy"]
            .into_iter()
            .any(|name| self.cmdlet.parameter(name).is_some() && self.parameters.has_value(name));
        if is_arranged {
            return Answer::of(listed.into_iter().map(show).collect());
        }
        let total = Some(listed.len());
        let on_page = listed.into_iter().skip(self.page.skip).take(self.page.size);
        Answer { objects: on_page.map(show).collect(), total, ..Answer::default() }
    }

    /// Gives an order that answers nothing.
    pub(crate) async fn order_silently(&self, command: Command) -> Result<Answer, Failure> {
        let outcome = self.order(command).await?;
        Ok(Answer { warnings: warnings(&outcome), ..Answer::default() })
    }

    /// Whether the caller may see everything: an auditor or administrator.
    pub(crate) fn sees_all(&self, directory: &Directory) -> bool {
        access::allow(directory, &self.caller.actor, Need::Auditor, Purpose::Read).is_ok()
    }

    /// Checks that the caller is one of these, for what the table leaves to the family.
    pub(crate) fn allow(&self, need: Need) -> Result<(), Failure> {
        let purpose = if self.cmdlet.only_reads() { Purpose::Read } else { Purpose::Change };
        let allowed = access::allow(&self.app.directory(), &self.caller.actor, need, purpose);
        allowed.map_err(|denied| Failure::access_denied(self.cmdlet.name, &denied.to_string()))
    }

    /// The recipient that a name stands for, if it is of one of these kinds.
    pub(crate) fn find<'d>(
        &self,
        directory: &'d Directory,
        identity: &str,
        kinds: &[RecipientKind],
    ) -> Result<&'d Recipient, Failure> {
        app::read::find(directory, identity)
            .filter(|found| kinds.contains(&found.kind))
            .ok_or_else(|| self.not_found(identity))
    }

    /// Checks that `Identity` names a recipient of one of these kinds, before a command that would
    /// take others too; gives the name.
    pub(crate) fn identity_of(&self, kinds: &[RecipientKind]) -> Result<String, Failure> {
        let identity = self.parameters.required_text("Identity")?;
        self.find(&self.app.directory(), &identity, kinds)?;
        Ok(identity)
    }

    /// The recipients that a Get- lists: the one named, or all of these kinds that match `Anr` and
    /// `RecipientTypeDetails`, by display name.
    pub(crate) fn listed<'d>(
        &self,
        directory: &'d Directory,
        kinds: &[RecipientKind],
    ) -> Result<Vec<&'d Recipient>, Failure> {
        let details = match self.cmdlet.parameter("RecipientTypeDetails") {
            Some(_) => self.parameters.text_list("RecipientTypeDetails")?,
            None => Vec::new(),
        };
        let is_wanted = |recipient: &Recipient| {
            let of = type_details(recipient.kind);
            details.is_empty() || details.iter().any(|word| word.eq_ignore_ascii_case(of))
        };
        if let Some(identity) = self.parameters.text("Identity")?.filter(|text| !text.is_empty()) {
            let found = self.find(directory, &identity, kinds)?;
            let listed = Some(found).filter(|found| is_wanted(found));
            return Ok(listed.into_iter().collect());
        }
        let anr = match self.cmdlet.parameter("Anr") {
            Some(_) => self.parameters.text("Anr")?.unwrap_or_default().to_lowercase(),
            None => String::new(),
        };
        let mut found: Vec<&Recipient> = directory
            .recipients()
            .filter(|recipient| kinds.contains(&recipient.kind) && is_wanted(recipient))
            .filter(|recipient| matches_anr(recipient, &anr))
            .collect();
        found.sort_by(|a, b| (&a.display_name, a.id).cmp(&(&b.display_name, b.id)));
        Ok(found)
    }

    /// Whether a switch that the cmdlet may have is on; it was checked before.
    pub(crate) fn is_on(&self, switch: &str) -> bool {
        self.cmdlet.parameter(switch).is_some() && self.parameters.switch(switch).unwrap_or(false)
    }

    /// The account that a call about somebody is about: the one named in `User`, else the caller.
    pub(crate) fn user(&self, directory: &Directory) -> Result<RecipientId, Failure> {
        match self.parameters.text("User")?.filter(|text| !text.is_empty()) {
            Some(name) => Ok(self.find(directory, &name, &ALL_KINDS)?.id),
            None => self
                .caller
                .actor
                .account()
                .ok_or_else(|| Failure::missing_parameter(self.cmdlet.name, "User")),
        }
    }

    /// A list parameter as a change of a list.
    pub(crate) fn list_change(&self, name: &str) -> Result<Option<ListChange>, Failure> {
        Ok(self.parameters.list_edit(name)?.map(|edit| match edit {
            ListEdit::Replace(list) => ListChange::Replace(list),
            ListEdit::Change { add, remove } => ListChange::Edit { add, remove },
        }))
    }

    /// What the call would do, in one line; secrets left out.
    pub(crate) fn question(&self) -> String {
        let parameters = self.cmdlet.parameters.iter().filter(|known| {
            known.kind != ParameterKind::Secret && self.parameters.has_value(known.name)
        });
        let described: Vec<String> = parameters
            .filter_map(|known| {
                let value = match self.parameters.value(known.name)? {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                Some(format!("-{} {value}", known.name))
            })
            .collect();
        format!("{} {}", self.cmdlet.name, described.join(" ")).trim_end().to_owned()
    }
}

/// All kinds of recipients.
pub(crate) const ALL_KINDS: [RecipientKind; 5] = [
    RecipientKind::User,
    RecipientKind::SharedMailbox,
    RecipientKind::Group,
    RecipientKind::Contact,
    RecipientKind::Channel,
];

/// Exchange's ambiguous name resolution: the start of a word of the name, the alias or an address.
fn matches_anr(recipient: &Recipient, wanted: &str) -> bool {
    let starts = |text: &str| text.to_lowercase().starts_with(wanted);
    wanted.is_empty()
        || starts(&recipient.display_name)
        || recipient.display_name.split(|c: char| !c.is_alphanumeric()).any(starts)
        || starts(&recipient.alias)
        || recipient.addresses.iter().any(|address| starts(&address.to_string()))
}

/// What the person should know, in the words that clients look for.
pub(crate) fn warnings(outcome: &Outcome) -> Vec<String> {
    outcome
        .warnings
        .iter()
        .map(|warned| match warned {
            Warning::NothingChanged(identity) => warning::nothing_changed(identity),
            Warning::GrantAlreadyThere { recipient, trustee } => {
                warning::permission_already_there(recipient, trustee)
            }
            Warning::NoSuchGrant { recipient, trustee, right: Right::FullAccess } => {
                warning::no_such_mailbox_permission(recipient, trustee)
            }
            Warning::NoSuchGrant { recipient, trustee, .. } => {
                warning::no_such_permission(recipient, trustee)
            }
            Warning::GroupWithoutOwner(group) => {
                format!("The group \"{group}\" has no owner any more. Name another one.")
            }
        })
        .collect()
}
