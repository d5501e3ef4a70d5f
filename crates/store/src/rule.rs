//! Mail flow rules and journal rules. They belong to the directory: each change makes a new version
//! of it, and a message that was judged by the rules of an older one does not commit.

use domain::rules::{Journal, Rule, RuleSet, Transport};
use domain::{RecipientId, RuleId};

use crate::directory::{to_json, touch};
use crate::failure::Failure;
use crate::value::Row;
use crate::write_set::WriteSet;

/// Stands in the list of changes of the directory for all rules: they are few, and read together.
pub(crate) const RULES: RecipientId = RecipientId(-1);

pub(crate) const READ: &str =
    "select kind, id, guid, name, is_enabled, body, created_by, created_at,
            changed_by, changed_at
       from mail_rule order by kind, position, id";

// Nothing where no rule changed, which is what nearly every change of the directory is.
pub(crate) const READ_SINCE: &str = "select kind, id, guid, name, is_enabled, body, created_by,
            created_at, changed_by, changed_at
       from mail_rule
      where exists (select 1 from directory_change where version > $1 and recipient_id = -1)
      order by kind, position, id";

const PUT: &str = "insert into mail_rule
            (id, kind, guid, name, name_key, position, is_enabled, body, created_by, created_at,
             changed_by, changed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict (id) do update
        set name = excluded.name, name_key = excluded.name_key, position = excluded.position,
            is_enabled = excluded.is_enabled, body = excluded.body,
            changed_by = excluded.changed_by, changed_at = excluded.changed_at";

const PLACE: &str = "update mail_rule set position = $2 where id = $1";

const REMOVE: &str = "delete from mail_rule where id = $1";

pub(crate) const STATEMENTS: &[&str] = &[READ, READ_SINCE, PUT, PLACE, REMOVE];

/// What a rule can say, and how it is kept.
pub trait Body: serde::Serialize {
    /// The kind of rule, as it is stored.
    const KIND: &'static str;
}

impl Body for Transport {
    const KIND: &'static str = "transport";
}

impl Body for Journal {
    const KIND: &'static str = "journal";
}

/// Creates a rule, or replaces the one with the same identifier, at a place among those of its
/// kind. Call [`directory::change`](crate::directory::change) before. Conflict `mail_rule`: another
/// rule of the kind has the name.
pub fn put<T: Body>(set: &mut WriteSet, rule: &Rule<T>, position: usize) -> Result<(), Failure> {
    touch(set, RULES);
    set.push(
        PUT,
        vec![
            rule.id.into(),
            T::KIND.into(),
            rule.guid.as_str().into(),
            rule.name.as_str().into(),
            rule.name.to_lowercase().into(),
            i64::try_from(position).unwrap_or(i64::MAX).into(),
            rule.is_enabled.into(),
            to_json(&rule.body)?.into(),
            rule.created_by.as_str().into(),
            rule.created_at.into(),
            rule.changed_by.as_str().into(),
            rule.changed_at.into(),
        ],
    );
    Ok(())
}

/// Moves a rule among those of its kind.
pub fn place(set: &mut WriteSet, rule: RuleId, position: usize) {
    touch(set, RULES);
    set.push(PLACE, vec![rule.into(), i64::try_from(position).unwrap_or(i64::MAX).into()]);
}

/// Removes a rule.
pub fn remove(set: &mut WriteSet, rule: RuleId) {
    touch(set, RULES);
    set.push(REMOVE, vec![rule.into()]);
}

/// Puts all rules together from their rows, in order.
pub(crate) fn rules(rows: Vec<Row>) -> Result<RuleSet, Failure> {
    let mut set = RuleSet::default();
    for mut row in rows {
        match row.text()?.as_str() {
            Transport::KIND => set.transport.push(rule(row)?),
            Journal::KIND => set.journal.push(rule(row)?),
            other => return Err(Failure::corrupt(format!("rule kind {other:?}"))),
        }
    }
    Ok(set)
}

fn rule<T: serde::de::DeserializeOwned>(mut row: Row) -> Result<Rule<T>, Failure> {
    Ok(Rule {
        id: RuleId(row.int()?),
        guid: row.text()?,
        name: row.text()?,
        is_enabled: row.bool()?,
        body: serde_json::from_str(&row.text()?)
            .map_err(|error| Failure::corrupt(format!("mail rule: {error}")))?,
        created_by: row.text()?,
        created_at: row.at()?,
        changed_by: row.text()?,
        changed_at: row.at()?,
    })
}
