//! The rights to send as a page: what is granted, what of it is used, and what nobody uses.

use std::collections::HashSet;

use app::report::{ReportRow, RightState, RowMaker, Summary, UNUSED_DAYS_DEFAULT};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::{Directory, RecipientId, Timestamp};
use serde::Deserialize;

use super::super::chart::{self, Words};
use super::super::delegation::right_name;
use super::super::list::matches;
use super::super::{Rail, surroundings};
use super::scope;
use crate::Web;
use crate::site::error::Problem;
use crate::site::frame::Frame;
use crate::site::texts::Texts;
use crate::site::time;
use crate::site::visit::Signed;

/// Rows that a page shows; the file has all of them.
const ROWS_MAX: usize = 200;
/// Days that can be asked for: a century.
const UNUSED_DAYS_MAX: u32 = 36_525;
/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

struct Row {
    guid: String,
    recipient: String,
    right: String,
    holder: String,
    holder_address: String,
    via: String,
    granted: String,
    granted_machine: String,
    granted_by: String,
    reason: Option<String>,
    until: Option<String>,
    is_ended: bool,
    last_used: Option<String>,
    last_used_machine: String,
    is_unused: bool,
}

#[derive(Template)]
#[template(path = "admin/reports/rights.html")]
struct RightsPage {
    frame: Frame,
    rail: Rail,
    tab: &'static str,
    search: Search,
    days: u32,
    summary: Summary,
    chart: String,
    /// The chart's bars as a table.
    levels: Vec<(String, u64)>,
    rows: Vec<Row>,
    is_cut: bool,
    files: Vec<(String, String)>,
    line: String,
}

/// What is wanted.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Search {
    /// A word of the team's or person's name or address.
    #[serde(default)]
    q: String,
    /// Present where only unused rights are wanted.
    unused: Option<String>,
    days: Option<u32>,
}

/// `GET /admin/reports`
pub(super) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Query(search): Query<Search>,
) -> Response {
    signed.page(page(&signed, &web, search).await)
}

async fn page(signed: &Signed, web: &Web, search: Search) -> Result<RightsPage, Problem> {
    let scope = scope(signed, web)?;
    let only = narrowed(&web.app.directory(), scope, &search.q);
    let days = search.days.unwrap_or(UNUSED_DAYS_DEFAULT).clamp(1, UNUSED_DAYS_MAX);
    let part = web.app.report_recipients(only.as_ref(), None).unwrap_or_default();
    let uses = web.app.report_uses(&part).await?;
    let (frame, rail) = surroundings(signed, "/admin/reports");
    let now = signed.visit.now;
    let mut counted = Counted::default();
    {
        let directory = web.app.directory();
        let mut maker = RowMaker::new(&directory, &uses, (days, now));
        for recipient in &part {
            for row in maker.rows_of(*recipient) {
                counted.add(&frame.texts, &row, (search.unused.is_some(), now));
            }
        }
    }
    let all = web.app.report_recipients(only.as_ref(), part.last().copied()).unwrap_or_default();
    let levels = counted.levels(&frame.texts);
    let title = frame.t("report-last-use");
    let summary = frame.texts.count("report-rights-summary", count(counted.summary.unused));
    let words = Words { id: "last-use", title: &title, summary: &summary };
    Ok(RightsPage {
        chart: chart::levels(words, &levels),
        levels,
        files: files(&frame.texts, days),
        line: format!("guichet report send-as --unused-days {days}"),
        rail,
        frame,
        tab: "rights",
        search,
        days,
        summary: counted.summary,
        is_cut: counted.is_cut || !all.is_empty(),
        rows: counted.rows,
    })
}

/// Downloads: address and text.
fn files(texts: &Texts, days: u32) -> Vec<(String, String)> {
    let forms = [
        ("csv", "CSV".to_owned()),
        ("json", "JSON".to_owned()),
        ("html", texts.t("report-printable")),
    ];
    forms
        .into_iter()
        .map(|(form, text)| (format!("/admin/reports/file/rights/{form}?days={days}"), text))
        .collect()
}

/// Those of the scope whose name has the word.
fn narrowed(
    directory: &Directory,
    scope: Option<HashSet<RecipientId>>,
    q: &str,
) -> Option<HashSet<RecipientId>> {
    let wanted = q.trim().to_lowercase();
    if wanted.is_empty() {
        return scope;
    }
    let in_scope = |id| scope.as_ref().is_none_or(|scope| scope.contains(&id));
    let found = directory.recipients().filter(|it| in_scope(it.id) && matches(it, &wanted));
    Some(found.map(|found| found.id).collect())
}

/// What the rows say together.
#[derive(Default)]
struct Counted {
    summary: Summary,
    /// Rights used within a week, a month, three months, longer ago, never.
    by_age: [u64; 5],
    rows: Vec<Row>,
    is_cut: bool,
}

impl Counted {
    fn add(&mut self, texts: &Texts, row: &ReportRow<'_>, (only_unused, now): (bool, Timestamp)) {
        self.summary.count(row);
        if row.via.is_empty() && row.state == RightState::InForce {
            let age_days = row.last_used_at.map(|at| (now.0 - at.0) / DAY_MS);
            let place = match age_days {
                Some(..7) => 0,
                Some(7..30) => 1,
                Some(30..90) => 2,
                Some(_) => 3,
                None => 4,
            };
            self.by_age[place] += 1;
        }
        if only_unused && !row.is_unused {
            return;
        }
        if self.rows.len() == ROWS_MAX {
            self.is_cut = true;
        } else {
            self.rows.push(shown(texts, row));
        }
    }

    fn levels(&self, texts: &Texts) -> Vec<(String, u64)> {
        let names = [
            texts.t("report-used-week"),
            texts.t("report-used-month"),
            texts.t("report-used-quarter"),
            texts.t("report-used-longer"),
            texts.t("right-never-used"),
        ];
        names.into_iter().zip(self.by_age).collect()
    }
}

fn shown(texts: &Texts, row: &ReportRow<'_>) -> Row {
    let via: Vec<&str> = row.via.iter().map(|group| group.display_name.as_str()).collect();
    Row {
        guid: row.recipient.guid.clone(),
        recipient: row.recipient.display_name.clone(),
        right: right_name(texts, row.grant.right),
        holder: row.holder.display_name.clone(),
        holder_address: row.holder.primary().to_string(),
        via: via.join(" › "),
        granted: time::minute(row.grant.granted_at),
        granted_machine: time::machine(row.grant.granted_at),
        granted_by: row.grant.granted_by.clone(),
        reason: row.grant.reason.clone(),
        until: row.grant.until_at.map(time::minute),
        is_ended: row.state == RightState::Ended,
        last_used: row.last_used_at.map(time::minute),
        last_used_machine: row.last_used_at.map(time::machine).unwrap_or_default(),
        is_unused: row.is_unused,
    }
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
