//! The report on volume: how many messages each team and shared mailbox sent and received on each
//! day.
//!
//! It counts the trace: what was submitted under an address of the team, and what came into its
//! mailbox. A day's numbers are true for the directory of today: an address that has moved to
//! another team takes its past with it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use domain::{Directory, Recipient, RecipientId, RecipientKind, Timestamp};
use mail::Address;
use serde_json::json;
use store::trace::{TraceKind, Volume};

use super::period::{DAY_MS, PERIOD_DAYS_MAX, Period};
use super::table::Table;
use crate::App;

/// The names of the columns.
const COLUMNS: [&str; 5] = ["Date", "Recipient", "RecipientDisplayName", "Sent", "Received"];

/// Addresses of a day that are kept in memory at most; a day with more is counted each time.
const KEPT_ADDRESSES_MAX: usize = 20_000;

/// What was counted of days that are over and change no more: counting a day reads all its events.
#[derive(Debug, Default)]
pub(crate) struct CountedDays(Mutex<HashMap<Timestamp, Arc<Vec<Volume>>>>);

impl CountedDays {
    fn of(&self, day: Timestamp) -> Option<Arc<Vec<Volume>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&day).cloned()
    }

    /// Keeps a day, and forgets those that no report reaches any more.
    fn keep(&self, day: Timestamp, counted: &Arc<Vec<Volume>>) {
        if counted.len() > KEPT_ADDRESSES_MAX {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let reach_ms = i64::from(PERIOD_DAYS_MAX) * DAY_MS;
        kept.retain(|other, _| other.0 >= day.0 - reach_ms);
        kept.insert(day, Arc::clone(counted));
    }
}

/// What a team sent and received on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayVolume {
    /// Messages sent as the team or on its behalf.
    pub sent: u64,
    /// Messages that came into its mailbox.
    pub received: u64,
}

impl DayVolume {
    fn add(&mut self, other: DayVolume) {
        self.sent += other.sent;
        self.received += other.received;
    }

    /// Both together.
    pub fn total(self) -> u64 {
        self.sent + self.received
    }
}

/// What a team sent and received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamVolume {
    /// The team's or shared mailbox's primary address.
    pub address: String,
    /// Its name.
    pub display_name: String,
    /// One after the other, as in the period.
    pub days: Vec<DayVolume>,
}

impl TeamVolume {
    /// All days together.
    pub fn sum(&self) -> DayVolume {
        let mut sum = DayVolume::default();
        self.days.iter().for_each(|day| sum.add(*day));
        sum
    }
}

/// The report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeReport {
    /// Of which days.
    pub period: Period,
    /// Every team and shared mailbox that is reported on, the one with most messages first.
    pub teams: Vec<TeamVolume>,
}

impl VolumeReport {
    /// All teams together, day by day.
    pub fn sums(&self) -> Vec<DayVolume> {
        let mut sums = vec![DayVolume::default(); self.period.days() as usize];
        for team in &self.teams {
            sums.iter_mut().zip(&team.days).for_each(|(sum, day)| sum.add(*day));
        }
        sums
    }

    /// A row for each team and day on which there was something.
    pub fn table(&self) -> Table {
        let names = self.period.names();
        let mut rows = Vec::new();
        for team in &self.teams {
            for (day, name) in team.days.iter().zip(&names) {
                if day.total() > 0 {
                    rows.push(vec![
                        json!(name),
                        json!(team.address),
                        json!(team.display_name),
                        json!(day.sent),
                        json!(day.received),
                    ]);
                }
            }
        }
        Table::new(&COLUMNS, rows)
    }
}

impl App {
    /// The report on these teams and shared mailboxes, or on all.
    pub async fn volume_report(
        &self,
        period: Period,
        only: Option<&HashSet<RecipientId>>,
    ) -> Result<VolumeReport, store::Failure> {
        self.later.finish().await;
        let mut counted: HashMap<RecipientId, Vec<DayVolume>> = HashMap::new();
        for number in 0..period.days() {
            let found = self.counted_day(period, number).await?;
            let directory = self.directory();
            for of in found.iter() {
                let team = team_of(&directory, &of.address);
                let Some(team) = team.filter(|team| is_wanted(only, team)) else { continue };
                let none = || vec![DayVolume::default(); period.days() as usize];
                let day = &mut counted.entry(team.id).or_insert_with(none)[number as usize];
                let count = u64::try_from(of.count).unwrap_or_default();
                match of.kind {
                    TraceKind::Submit => day.sent += count,
                    _ => day.received += count,
                }
            }
        }
        let directory = self.directory();
        let mut teams: Vec<TeamVolume> = directory
            .recipients()
            .filter(|found| is_team(found) && is_wanted(only, found))
            .map(|found| TeamVolume {
                address: found.primary().to_string(),
                display_name: found.display_name.clone(),
                days: counted
                    .remove(&found.id)
                    .unwrap_or_else(|| vec![DayVolume::default(); period.days() as usize]),
            })
            .collect();
        teams.sort_by_cached_key(|team| {
            (std::cmp::Reverse(team.sum().total()), team.display_name.clone())
        });
        Ok(VolumeReport { period, teams })
    }

    /// What was counted of a day of the period. Today and yesterday may still change: a message
    /// that came before midnight may be committed behind it.
    async fn counted_day(
        &self,
        period: Period,
        number: u32,
    ) -> Result<Arc<Vec<Volume>>, store::Failure> {
        let (from, before) = (period.day(number), period.day(number + 1));
        let is_over = number + 2 < period.days();
        if let Some(kept) = self.counted_days.of(from).filter(|_| is_over) {
            return Ok(kept);
        }
        let counted = Arc::new(store::trace::volume(&self.store, from, before).await?);
        if is_over {
            self.counted_days.keep(from, &counted);
        }
        Ok(counted)
    }
}

fn is_wanted(only: Option<&HashSet<RecipientId>>, found: &Recipient) -> bool {
    only.is_none_or(|only| only.contains(&found.id))
}

fn is_team(found: &Recipient) -> bool {
    matches!(found.kind, RecipientKind::Group | RecipientKind::SharedMailbox)
}

/// The team or shared mailbox that an address in the trace belongs to.
pub(super) fn team_of<'a>(directory: &'a Directory, address: &str) -> Option<&'a Recipient> {
    let address = Address::parse(address).ok()?;
    directory.resolve(&address).filter(|found| is_team(found))
}
