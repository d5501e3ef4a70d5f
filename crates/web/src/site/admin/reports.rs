//! Reports: who may send as what and who still does, how much each team sends and receives, who was
//! refused and why, and how full mailboxes are. All of them are `app`'s reports, which the cmdlets
//! and the monthly mail have too; here they are drawn, printed and kept.
//!
//! Administrators and auditors see everything, an owner the own teams.

mod file;
mod refusals;
mod rights;
mod storage;
mod volume;

use std::collections::HashSet;

use app::access;
use app::report::{PERIOD_DAYS_DEFAULT, Period};
use axum::Router;
use axum::routing::get;
use domain::{AccountRole, RecipientId};

use crate::Web;
use crate::site::error::Problem;
use crate::site::visit::Signed;

/// The days that can be chosen.
const PERIODS: [u32; 3] = [7, 30, 90];

/// The routes of the reports.
pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/admin/reports", get(rights::show))
        .route("/admin/reports/volume", get(volume::show))
        .route("/admin/reports/refusals", get(refusals::show))
        .route("/admin/reports/storage", get(storage::show))
        .route("/admin/reports/file/{report}/{form}", get(file::save))
}

/// On what the person may see reports; none is everything.
fn scope(signed: &Signed, web: &Web) -> Result<Option<HashSet<RecipientId>>, Problem> {
    if signed.person.role != AccountRole::Member {
        return Ok(None);
    }
    let owned = access::owned_groups(&web.app.directory(), &signed.actor());
    if owned.is_empty() { Err(Problem::Forbidden) } else { Ok(Some(owned)) }
}

/// A choice of a list.
struct Choice {
    value: String,
    text: String,
    is_chosen: bool,
}

/// The days that a text chooses; the usual ones where it chooses none.
fn period(signed: &Signed, days: Option<u32>) -> (Period, Vec<Choice>) {
    let chosen = days.unwrap_or(PERIOD_DAYS_DEFAULT);
    let texts = &signed.visit.texts;
    let choices = PERIODS.map(|days| Choice {
        value: days.to_string(),
        text: texts.count("report-days", i64::from(days)),
        is_chosen: days == chosen,
    });
    (Period::ending(signed.visit.now, chosen), choices.into())
}
