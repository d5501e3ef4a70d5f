//! How many messages each team sent and received, day by day.

use app::report::{DayVolume, TeamVolume};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::super::chart::{self, Series, Words};
use super::super::{Rail, surroundings};
use super::{Choice, period, scope};
use crate::Web;
use crate::site::error::Problem;
use crate::site::frame::Frame;
use crate::site::visit::Signed;

/// Teams that the table and the choice have; the file has all.
const TEAMS_MAX: usize = 200;

struct TeamRow {
    name: String,
    address: String,
    sum: DayVolume,
}

#[derive(Template)]
#[template(path = "admin/reports/volume.html")]
struct VolumePage {
    frame: Frame,
    rail: Rail,
    tab: &'static str,
    periods: Vec<Choice>,
    teams: Vec<Choice>,
    chart: String,
    summary: String,
    rows: Vec<TeamRow>,
    is_cut: bool,
    /// The chart's bars as a table, the latest day first.
    days: Vec<(String, DayVolume)>,
    files: Vec<(String, String)>,
    line: String,
}

/// What is wanted.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Search {
    days: Option<u32>,
    /// The address of a team; all where it is empty.
    #[serde(default)]
    team: String,
}

/// `GET /admin/reports/volume`
pub(super) async fn show(
    signed: Signed,
    State(web): State<Web>,
    Query(search): Query<Search>,
) -> Response {
    signed.page(page(&signed, &web, search).await)
}

async fn page(signed: &Signed, web: &Web, search: Search) -> Result<VolumePage, Problem> {
    let scope = scope(signed, web)?;
    let (period, periods) = period(signed, search.days);
    let report = web.app.volume_report(period, scope.as_ref()).await?;
    let (frame, rail) = surroundings(signed, "/admin/reports");
    let chosen = report.teams.iter().find(|team| team.address == search.team);
    let days = chosen.map_or_else(|| report.sums(), |team| team.days.clone());
    let sent = days.iter().map(|day| day.sent).sum::<u64>();
    let received = days.iter().map(|day| day.received).sum::<u64>();
    let summary = frame.texts.t2("report-volume-summary", &("sent", sent), &("received", received));
    let title = match chosen {
        Some(team) => frame.texts.t1("report-volume-of", "team", &team.display_name),
        None => frame.t("report-volume"),
    };
    let names = period.names();
    let series = [
        Series { name: frame.t("report-sent"), values: days.iter().map(|day| day.sent).collect() },
        Series {
            name: frame.t("report-received"),
            values: days.iter().map(|day| day.received).collect(),
        },
    ];
    let words = Words { id: "volume", title: &title, summary: &summary };
    let teams = choices(&frame, &report.teams, &search.team);
    let number = period.days();
    Ok(VolumePage {
        tab: "volume",
        periods,
        teams,
        chart: chart::bars(words, &names, &series),
        summary,
        is_cut: report.teams.len() > TEAMS_MAX,
        rows: report.teams.iter().take(TEAMS_MAX).map(row).collect(),
        days: names.into_iter().zip(days).rev().collect(),
        files: ["csv", "json"]
            .map(|form| {
                let address = format!("/admin/reports/file/volume/{form}?days={number}");
                (address, form.to_uppercase())
            })
            .into(),
        line: format!("guichet report volume --days {number}"),
        frame,
        rail,
    })
}

fn row(team: &TeamVolume) -> TeamRow {
    TeamRow { name: team.display_name.clone(), address: team.address.clone(), sum: team.sum() }
}

fn choices(frame: &Frame, teams: &[TeamVolume], chosen: &str) -> Vec<Choice> {
    let all = Choice {
        value: String::new(),
        text: frame.t("report-all-teams"),
        is_chosen: chosen.is_empty(),
    };
    let teams = teams.iter().take(TEAMS_MAX).map(|team| Choice {
        value: team.address.clone(),
        text: team.display_name.clone(),
        is_chosen: team.address == chosen,
    });
    std::iter::once(all).chain(teams).collect()
}
