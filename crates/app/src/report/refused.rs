//! The report on refusals: why senders were refused, on which days, and who wanted to send as whom.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{RecipientId, Timestamp};
use serde_json::{Value, json};

use super::period::Period;
use super::table::Table;
use super::volume::team_of;
use crate::App;
use crate::dates::instant;

/// Kinds of refusals of one day that a report counts at most; those that happened last come first.
/// One account that tries ten thousand invented authors has so many.
pub const REFUSAL_KINDS_MAX: u32 = 50_000;

/// The names of the columns.
const COLUMNS: [&str; 6] = ["Date", "Reason", "Account", "Author", "Count", "LastRefusedUTC"];

/// Refusals of one day, for one reason, of one account under one author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedOnDay {
    /// The day, counted from 0 in the period.
    pub day: u32,
    /// A name of the closed list of reasons ([`crate::refusals::Denial::reason`]).
    pub reason: String,
    /// The account.
    pub account: String,
    /// As whom it wanted to send.
    pub author: String,
    /// How often.
    pub count: u64,
    /// When last.
    pub last_at: Timestamp,
}

/// Who wanted to send as whom and was refused, over all days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedCase {
    /// The reason.
    pub reason: String,
    /// The account.
    pub account: String,
    /// As whom it wanted to send.
    pub author: String,
    /// How often.
    pub count: u64,
    /// When last.
    pub last_at: Timestamp,
}

/// The report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalReport {
    /// Of which days.
    pub period: Period,
    /// What was counted, those that happened last first.
    pub refusals: Vec<RefusedOnDay>,
    /// Whether there were more kinds than [`REFUSAL_KINDS_MAX`], which are left out.
    pub is_cut: bool,
}

impl RefusalReport {
    /// How often for each reason on each day, the most frequent reason first.
    pub fn reasons(&self) -> Vec<(String, Vec<u64>)> {
        let mut reasons: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        for of in &self.refusals {
            let none = || vec![0; self.period.days() as usize];
            reasons.entry(&of.reason).or_insert_with(none)[of.day as usize] += of.count;
        }
        let mut reasons: Vec<(String, Vec<u64>)> =
            reasons.into_iter().map(|(reason, days)| (reason.to_owned(), days)).collect();
        reasons.sort_by_key(|(_, days)| std::cmp::Reverse(days.iter().sum::<u64>()));
        reasons
    }

    /// Who wanted to send as whom, the most frequent first.
    pub fn cases(&self) -> Vec<RefusedCase> {
        let mut cases: HashMap<(&str, &str, &str), RefusedCase> = HashMap::new();
        for of in &self.refusals {
            let key = (of.reason.as_str(), of.account.as_str(), of.author.as_str());
            let case = cases.entry(key).or_insert_with(|| RefusedCase {
                reason: of.reason.clone(),
                account: of.account.clone(),
                author: of.author.clone(),
                count: 0,
                last_at: of.last_at,
            });
            case.count += of.count;
            case.last_at = case.last_at.max(of.last_at);
        }
        let mut cases: Vec<RefusedCase> = cases.into_values().collect();
        cases.sort_by(|a, b| {
            let order = b.count.cmp(&a.count).then(b.last_at.cmp(&a.last_at));
            order.then_with(|| (&a.account, &a.author).cmp(&(&b.account, &b.author)))
        });
        cases
    }

    /// A row for each day, reason, account and author.
    pub fn table(&self) -> Table {
        let names = self.period.names();
        let rows = self.refusals.iter().map(|of| {
            vec![
                json!(names[of.day as usize]),
                json!(of.reason),
                json!(of.account),
                json!(of.author),
                json!(of.count),
                json!(instant(of.last_at)),
            ]
        });
        Table::new(&COLUMNS, rows.collect())
    }
}

impl App {
    /// The report on refusals under the addresses of these teams and shared mailboxes, or on all
    /// refusals.
    pub async fn refusal_report(
        &self,
        period: Period,
        only: Option<&HashSet<RecipientId>>,
    ) -> Result<RefusalReport, store::Failure> {
        // Refusals are written down behind their answer.
        self.later.finish().await;
        let found = store::trace::refusals(&self.store, period.bounds(), REFUSAL_KINDS_MAX).await?;
        let is_cut = found.len() >= REFUSAL_KINDS_MAX as usize;
        let directory = self.directory();
        let is_wanted = |author: &str| {
            only.is_none_or(|only| {
                team_of(&directory, author).is_some_and(|team| only.contains(&team.id))
            })
        };
        // The same kind has several details where other owners were named in between.
        let mut kinds: Vec<RefusedOnDay> = Vec::new();
        let mut places: HashMap<(u32, String, String, String), usize> = HashMap::new();
        for of in found.into_iter().filter(|of| is_wanted(&of.sender)) {
            let detail: Value = serde_json::from_str(&of.detail).unwrap_or_default();
            let reason = detail["reason"].as_str().unwrap_or_default().to_owned();
            let day = u32::try_from(of.day).unwrap_or_default().min(period.days() - 1);
            let key = (day, reason.clone(), of.actor.clone(), of.sender.clone());
            let count = u64::try_from(of.count).unwrap_or_default();
            let place = *places.entry(key).or_insert(kinds.len());
            if let Some(known) = kinds.get_mut(place) {
                known.count += count;
                continue;
            }
            let (account, author, last_at) = (of.actor, of.sender, of.last_at);
            kinds.push(RefusedOnDay { day, reason, account, author, count, last_at });
        }
        Ok(RefusalReport { period, refusals: kinds, is_cut })
    }
}
