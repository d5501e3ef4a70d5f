//! Giving rights and taking them back.

use domain::{DirectoryEntry, Recipient, RecipientId, RecipientKind, Right, Timestamp};
use serde_json::{Value, json};

use super::draft::{Draft, Operation};
use super::{CommandError, ListChange, Warning};
use crate::access::Need;

/// Characters of a reason at most.
pub(crate) const REASON_CHARACTERS_MAX: usize = 1024;

/// A right to give. The order's reason is kept with it.
#[derive(Debug, Clone)]
pub struct GrantOrder {
    /// On which recipient.
    pub recipient: String,
    /// To whom.
    pub trustee: String,
    /// Which right.
    pub right: Right,
    /// When it ends by itself.
    pub until_at: Option<Timestamp>,
}

/// A right to take back.
#[derive(Debug, Clone)]
pub struct RevokeOrder {
    /// On which recipient.
    pub recipient: String,
    /// From whom.
    pub trustee: String,
    /// Which right.
    pub right: Right,
}

impl Draft<'_> {
    pub(crate) fn grant(&mut self, order: &GrantOrder) -> Result<(), CommandError> {
        let recipient = self.find(&order.recipient)?;
        self.allow(need(recipient, order.right))?;
        check_recipient(recipient, order.right)?;
        let trustee = self.trustee(&order.trustee)?;
        if trustee == recipient.id {
            let why = format!("{} needs no right on itself", order.trustee);
            return Err(CommandError::invalid("trustee", why));
        }
        if order.until_at.is_some_and(|until| until <= self.now) {
            return Err(CommandError::invalid("until", "it must be in the future"));
        }
        check_reason(self.reason())?;
        let mut entry = self.entry(recipient.id)?;
        self.outcome().recipient = Some(recipient.id);
        let is_this =
            |grant: &domain::Grant| grant.trustee == trustee && grant.right == order.right;
        if let Some(there) = entry.grants.iter().find(|grant| is_this(grant)) {
            let has_new_reason =
                self.reason().is_some() && self.reason() != there.reason.as_deref();
            if there.until_at == order.until_at && !has_new_reason {
                let warning = Warning::GrantAlreadyThere {
                    recipient: recipient.primary().to_string(),
                    trustee: self.primary_of(trustee),
                };
                self.warn(warning);
                return Ok(());
            }
        }
        entry.grants.retain(|grant| !is_this(grant));
        let mut grant = self.new_grant(recipient.id, trustee, order.right);
        grant.until_at = order.until_at;
        entry.grants.push(grant);
        let until = order.until_at.map(crate::dates::instant);
        let operation = operation(recipient, order.right, IsGiven::Yes, &order.trustee, until);
        self.replace(&entry, operation)
    }

    pub(crate) fn revoke(&mut self, order: &RevokeOrder) -> Result<(), CommandError> {
        let recipient = self.find(&order.recipient)?;
        self.allow(need(recipient, order.right))?;
        check_reason(self.reason())?;
        let trustee = self.find(&order.trustee)?.id;
        let mut entry = self.entry(recipient.id)?;
        self.outcome().recipient = Some(recipient.id);
        let before = entry.grants.len();
        entry.grants.retain(|grant| grant.trustee != trustee || grant.right != order.right);
        if entry.grants.len() == before {
            let warning = Warning::NoSuchGrant {
                recipient: recipient.primary().to_string(),
                trustee: self.primary_of(trustee),
                right: order.right,
            };
            self.warn(warning);
            return Ok(());
        }
        let operation = operation(recipient, order.right, IsGiven::No, &order.trustee, None);
        self.replace(&entry, operation)
    }

    /// Edits who holds Send on behalf on an entry.
    pub(crate) fn edit_send_on_behalf(
        &mut self,
        entry: &mut DirectoryEntry,
        change: &ListChange,
    ) -> Result<(), CommandError> {
        check_recipient(&entry.recipient, Right::SendOnBehalf)?;
        let (add, keeps): (Vec<RecipientId>, Box<dyn Fn(RecipientId) -> bool>) = match change {
            ListChange::Replace(list) => {
                let wanted = list.iter().map(|n| self.trustee(n)).collect::<Result<Vec<_>, _>>()?;
                (wanted.clone(), Box::new(move |trustee| wanted.contains(&trustee)))
            }
            ListChange::Edit { add, remove } => {
                let add = add.iter().map(|n| self.trustee(n)).collect::<Result<Vec<_>, _>>()?;
                let gone = remove
                    .iter()
                    .map(|name| self.find(name).map(|found| found.id))
                    .collect::<Result<Vec<_>, _>>()?;
                (add, Box::new(move |trustee| !gone.contains(&trustee)))
            }
        };
        entry.grants.retain(|g| g.right != Right::SendOnBehalf || keeps(g.trustee));
        for trustee in add {
            let holds = |g: &domain::Grant| g.right == Right::SendOnBehalf && g.trustee == trustee;
            let is_ended = |g: &domain::Grant| holds(g) && !g.is_in_force(self.now);
            entry.grants.retain(|grant| !is_ended(grant));
            if trustee != entry.recipient.id && !entry.grants.iter().any(holds) {
                let grant = self.new_grant(entry.recipient.id, trustee, Right::SendOnBehalf);
                entry.grants.push(grant);
            }
        }
        Ok(())
    }

    /// Somebody who can hold a right: a user, or a group whose members then hold it.
    pub(crate) fn trustee(&self, name: &str) -> Result<RecipientId, CommandError> {
        let found = self.find(name)?;
        match found.kind {
            RecipientKind::User | RecipientKind::Group => Ok(found.id),
            RecipientKind::SharedMailbox | RecipientKind::Contact | RecipientKind::Channel => {
                let why = format!("{name} is a {}; only users and groups hold rights", found.kind);
                Err(CommandError::invalid("trustee", why))
            }
        }
    }

    fn primary_of(&self, id: RecipientId) -> String {
        let found = self.directory.recipient(id);
        found.map_or_else(|| id.to_string(), |recipient| recipient.primary().to_string())
    }
}

/// An owner gives the rights to send on the own group; Full Access is the administrator's.
pub(crate) fn need(recipient: &Recipient, right: Right) -> Need {
    match (recipient.kind, right) {
        (RecipientKind::Group, Right::SendAs | Right::SendOnBehalf) => Need::OwnerOf(recipient.id),
        _ => Need::Administrator,
    }
}

fn check_recipient(recipient: &Recipient, right: Right) -> Result<(), CommandError> {
    match recipient.kind {
        RecipientKind::User | RecipientKind::SharedMailbox | RecipientKind::Group => Ok(()),
        RecipientKind::Contact | RecipientKind::Channel => {
            let why = format!(
                "{} is a {}; {right} can be given on users, shared mailboxes and groups",
                recipient.primary(),
                recipient.kind
            );
            Err(CommandError::invalid("recipient", why))
        }
    }
}

fn check_reason(reason: Option<&str>) -> Result<(), CommandError> {
    if reason.is_some_and(|reason| reason.chars().count() > REASON_CHARACTERS_MAX) {
        let why = format!("it has at most {REASON_CHARACTERS_MAX} characters");
        return Err(CommandError::invalid("reason", why));
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum IsGiven {
    Yes,
    No,
}

/// The cmdlet by which Exchange does it.
fn operation(
    recipient: &Recipient,
    right: Right,
    is_given: IsGiven,
    trustee: &str,
    until: Option<String>,
) -> Operation {
    let identity = recipient.primary().to_string();
    let mut parameters = match right {
        Right::SendAs => {
            json!({ "Identity": identity, "Trustee": trustee, "AccessRights": "SendAs" })
        }
        Right::FullAccess => {
            json!({ "Identity": identity, "User": trustee, "AccessRights": "FullAccess" })
        }
        Right::SendOnBehalf => {
            let key = if is_given == IsGiven::Yes { "add" } else { "remove" };
            json!({ "Identity": identity, "GrantSendOnBehalfTo": { key: [trustee] } })
        }
    };
    if let (Some(until), Value::Object(table)) = (until, &mut parameters) {
        table.insert("Until".to_owned(), until.into());
    }
    let name = match (right, is_given) {
        (Right::SendAs, IsGiven::Yes) => "Add-RecipientPermission",
        (Right::SendAs, IsGiven::No) => "Remove-RecipientPermission",
        (Right::FullAccess, IsGiven::Yes) => "Add-MailboxPermission",
        (Right::FullAccess, IsGiven::No) => "Remove-MailboxPermission",
        (Right::SendOnBehalf, _) if recipient.kind == RecipientKind::Group => "Set-UnifiedGroup",
        (Right::SendOnBehalf, _) => "Set-Mailbox",
    };
    Operation::new(name, parameters)
}
