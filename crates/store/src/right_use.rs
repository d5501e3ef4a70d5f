//! When rights to send were last used, and which monthly reports were sent.
//!
//! Uses are kept beside the directory, not in it: noting one must cost an accepted message nothing
//! and must not make a new version of the directory. Whoever notes them gathers them in memory and
//! writes many at once ([`put`]).

use domain::{RecipientId, Right, Timestamp};

use crate::failure::Failure;
use crate::statements::GuardText;
use crate::store::{Query, Store};
use crate::value::Row;
use crate::write_set::WriteSet;

/// Recipients whose uses are read in one go at most.
const RECIPIENTS_AT_ONCE: usize = 1_000;

const PUT: &str = "insert into right_use (recipient_id, trustee_id, right_name, actor_id, used_at)
     values ($1, $2, $3, $4, $5)
     on conflict (recipient_id, trustee_id, right_name, actor_id) do update
        set used_at = excluded.used_at where right_use.used_at < excluded.used_at";

const OF_RECIPIENT: &str = "select recipient_id, trustee_id, right_name, actor_id, used_at
       from right_use where recipient_id = $1";

const MARK_REPORT: &str =
    "insert into report_mail (recipient_id, period, sent_at) values ($1, $2, $3)";

const REPORTED: &str = "select recipient_id from report_mail where period = $1";

/// Conflict `report_mail`: this report was sent already, maybe by another process.
const NOT_REPORTED: GuardText = GuardText {
    name: "report_mail",
    sql: "not exists (select 1 from report_mail where recipient_id = $1 and period = $2)",
};

pub(crate) const STATEMENTS: &[&str] = &[PUT, OF_RECIPIENT, MARK_REPORT, REPORTED];
pub(crate) const GUARDS: &[GuardText] = &[NOT_REPORTED];

/// Which right, as whom, used by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RightUse {
    /// The recipient that was represented.
    pub recipient: RecipientId,
    /// Whom the right was given to: the actor, or a group that it is in.
    pub trustee: RecipientId,
    /// Which right.
    pub right: Right,
    /// Who sent.
    pub actor: RecipientId,
}

/// Notes that a right was used. A later use that is known already stays.
pub fn put(set: &mut WriteSet, used: &RightUse, at: Timestamp) {
    let RightUse { recipient, trustee, right, actor } = *used;
    let right = right.as_str().into();
    set.push(PUT, vec![recipient.into(), trustee.into(), right, actor.into(), at.into()]);
}

/// The last uses of all rights on these recipients.
pub async fn of_recipients(
    store: &Store,
    recipients: &[RecipientId],
) -> Result<Vec<(RightUse, Timestamp)>, Failure> {
    let mut found = Vec::new();
    for part in recipients.chunks(RECIPIENTS_AT_ONCE) {
        let query = |recipient: &RecipientId| Query::new(OF_RECIPIENT, vec![(*recipient).into()]);
        for rows in store.read(part.iter().map(query).collect()).await? {
            for row in rows {
                found.push(right_use(row)?);
            }
        }
    }
    Ok(found)
}

/// Notes, in the set that sends it, that somebody was sent the report of a month (conflict
/// `report_mail`: it was sent already).
pub fn mark_report(set: &mut WriteSet, to: RecipientId, period: &str, at: Timestamp) {
    set.guard(NOT_REPORTED, vec![to.into(), period.into()]);
    set.push(MARK_REPORT, vec![to.into(), period.into(), at.into()]);
}

/// Who was sent the report of a month.
pub async fn reported(store: &Store, period: &str) -> Result<Vec<RecipientId>, Failure> {
    let rows = store.rows(REPORTED, vec![period.into()]).await?;
    rows.into_iter().map(|mut row| Ok(RecipientId(row.int()?))).collect()
}

fn right_use(mut row: Row) -> Result<(RightUse, Timestamp), Failure> {
    let (recipient, trustee) = (RecipientId(row.int()?), RecipientId(row.int()?));
    let right = row.text()?;
    let right =
        Right::from_stored(&right).ok_or_else(|| Failure::corrupt(format!("right {right:?}")))?;
    let actor = RecipientId(row.int()?);
    Ok((RightUse { recipient, trustee, right, actor }, row.at()?))
}
