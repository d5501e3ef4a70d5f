//! Refusals: why, on which days, and who wanted to send as whom.

use app::report::RefusedCase;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::AccountRole;
use serde::Deserialize;

use super::super::chart::{self, SERIES_MAX, Series, Words};
use super::super::paging::query_of;
use super::super::{Rail, surroundings};
use super::{Choice, period, scope};
use crate::Web;
use crate::site::error::Problem;
use crate::site::frame::Frame;
use crate::site::texts::Texts;
use crate::site::time;
use crate::site::visit::Signed;

/// Cases that a page shows; the file has all.
const CASES_MAX: usize = 100;

struct ReasonRow {
    name: String,
    text: String,
    count: u64,
}

struct CaseRow {
    account: String,
    author: String,
    reason: String,
    count: u64,
    last: String,
    last_machine: String,
    /// Where the single refusals are, for whoever may see the trace.
    trace: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/reports/refusals.html")]
struct RefusalsPage {
    frame: Frame,
    rail: Rail,
    tab: &'static str,
    periods: Vec<Choice>,
    summary: String,
    chart: String,
    reasons: Vec<ReasonRow>,
    cases: Vec<CaseRow>,
    is_cut: bool,
    /// The chart's bars as a table: day and refusals, the latest first.
    days: Vec<(String, u64)>,
    files: Vec<(String, String)>,
    line: String,
}

/// What is wanted.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Search {
    days: Option<u32>,
}

/// `GET /admin/reports/refusals`
pub(super) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Query(search): Query<Search>,
) -> Response {
    signed.page(page(&signed, &web, search.days).await)
}

async fn page(signed: &Signed, web: &Web, days: Option<u32>) -> Result<RefusalsPage, Problem> {
    let scope = scope(signed, web)?;
    let (period, periods) = period(signed, days);
    let report = web.app.refusal_report(period, scope.as_ref()).await?;
    let (frame, rail) = surroundings(signed, "/admin/reports");
    let texts = frame.texts;
    let by_reason = report.reasons();
    let total: u64 = report.refusals.iter().map(|of| of.count).sum();
    let summary = texts.count("report-refusals-summary", i64::try_from(total).unwrap_or(i64::MAX));
    let title = frame.t("report-refusals");
    let names = period.names();
    let words = Words { id: "refusals", title: &title, summary: &summary };
    let mut per_day = vec![0; names.len()];
    for (_, days) in &by_reason {
        per_day.iter_mut().zip(days).for_each(|(sum, day)| *sum += day);
    }
    let sees_trace = signed.person.role != AccountRole::Member;
    let cases = report.cases();
    let number = period.days();
    Ok(RefusalsPage {
        tab: "refusals",
        periods,
        summary: summary.clone(),
        chart: chart::bars(words, &names, &series(&texts, &by_reason)),
        reasons: by_reason
            .into_iter()
            .map(|(name, days)| ReasonRow {
                text: reason_text(&texts, &name),
                count: days.iter().sum(),
                name,
            })
            .collect(),
        is_cut: report.is_cut || cases.len() > CASES_MAX,
        cases: cases.into_iter().take(CASES_MAX).map(|of| case(&texts, of, sees_trace)).collect(),
        days: names.into_iter().zip(per_day).rev().collect(),
        files: ["csv", "json"]
            .map(|form| {
                let address = format!("/admin/reports/file/refusals/{form}?days={number}");
                (address, form.to_uppercase())
            })
            .into(),
        line: format!("guichet report refusals --days {number}"),
        frame,
        rail,
    })
}

/// The most frequent reasons; all further ones together.
fn series(texts: &Texts, by_reason: &[(String, Vec<u64>)]) -> Vec<Series> {
    let named = by_reason.len().min(SERIES_MAX - usize::from(by_reason.len() > SERIES_MAX));
    let mut series: Vec<Series> = by_reason[..named]
        .iter()
        .map(|(name, days)| Series { name: reason_text(texts, name), values: days.clone() })
        .collect();
    let mut rest = by_reason[named..].iter().map(|(_, days)| days.clone());
    if let Some(first) = rest.next() {
        let values = rest.fold(first, |mut sums, days| {
            sums.iter_mut().zip(days).for_each(|(sum, day)| *sum += day);
            sums
        });
        series.push(Series { name: texts.t("reason-other"), values });
    }
    series
}

fn case(texts: &Texts, of: RefusedCase, sees_trace: bool) -> CaseRow {
    let words = format!("{} {}", of.account, of.author);
    let trace = || query_of("/admin/trace", &[("q", &words), ("status", "Refused")]);
    CaseRow {
        reason: reason_text(texts, &of.reason),
        count: of.count,
        last: time::minute(of.last_at),
        last_machine: time::machine(of.last_at),
        trace: sees_trace.then(trace),
        account: of.account,
        author: of.author,
    }
}

/// A reason in words; one of a later release as it is.
fn reason_text(texts: &Texts, reason: &str) -> String {
    match reason {
        "no_right" => texts.t("reason-no-right"),
        "right_ended" => texts.t("reason-right-ended"),
        "receive_only" => texts.t("reason-receive-only"),
        "author_is_contact" => texts.t("reason-author-is-contact"),
        "author_elsewhere" => texts.t("reason-author-elsewhere"),
        "author_unknown" => texts.t("reason-author-unknown"),
        "author_unreadable" => texts.t("reason-author-unreadable"),
        "header_unreadable" => texts.t("reason-header-unreadable"),
        "unknown_actor" => texts.t("reason-unknown-actor"),
        "account_disabled" => texts.t("reason-account-disabled"),
        "" => texts.t("reason-other"),
        other => other.to_owned(),
    }
}
