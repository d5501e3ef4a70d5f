//! The reports as files.

use std::collections::HashSet;

use app::report::{Cursor, Format, ReportError, ReportOrder, Table, UNUSED_DAYS_DEFAULT};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::RecipientId;
use serde::Deserialize;

use super::super::download::{self, Form};
use super::{period, scope};
use crate::Web;
use crate::site::error::Problem;
use crate::site::texts::Language;
use crate::site::visit::Signed;

/// What is wanted.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Search {
    days: Option<u32>,
}

/// `GET /admin/reports/file/{report}/{form}`
pub(super) async fn save(
    signed: Signed,
    State(web): State<Web>,
    Path((report, form)): Path<(String, String)>,
    Query(search): Query<Search>,
) -> Response {
    let form = match form.as_str() {
        "csv" => Form::Csv,
        "json" => Form::Json,
        "html" if report == "rights" => Form::Html,
        _ => return signed.visit.problem(Problem::NotFound),
    };
    let scope = match scope(&signed, &web) {
        Ok(scope) => scope,
        Err(problem) => return signed.visit.problem(problem),
    };
    if report == "rights" {
        return rights(&signed, web, (form, search.days), scope);
    }
    match table(&signed, &web, (&report, search.days), scope).await {
        Ok(table) => {
            let text = if form == Form::Csv { table.to_csv() } else { table.to_json() };
            download::whole(&report, form, text)
        }
        Err(problem) => signed.visit.problem(problem),
    }
}

async fn table(
    signed: &Signed,
    web: &Web,
    (report, days): (&str, Option<u32>),
    scope: Option<HashSet<RecipientId>>,
) -> Result<Table, Problem> {
    let (period, _) = period(signed, days);
    Ok(match report {
        "volume" => web.app.volume_report(period, scope.as_ref()).await?.table(),
        "refusals" => web.app.refusal_report(period, scope.as_ref()).await?.table(),
        "storage" => web.app.storage_report(scope.as_ref()).await?.table(),
        _ => return Err(Problem::NotFound),
    })
}

/// Where the next part of the file of rights begins.
enum Begin {
    First,
    At(Cursor),
}

fn rights(
    signed: &Signed,
    web: Web,
    (form, days): (Form, Option<u32>),
    scope: Option<HashSet<RecipientId>>,
) -> Response {
    let order = ReportOrder {
        format: match form {
            Form::Html => Format::Html,
            Form::Json | Form::JsonLines => Format::Json,
            Form::Csv => Format::Csv,
        },
        language: match signed.visit.texts.language {
            Language::English => domain::Language::English,
            Language::French => domain::Language::French,
        },
        unused_days: days.unwrap_or(UNUSED_DAYS_DEFAULT),
        recipients: scope,
    };
    let now = signed.visit.now;
    download::in_parts(("send-as", form), Begin::First, move |begin| {
        let (web, order) = (web.clone(), order.clone());
        async move {
            let cursor = match begin {
                Begin::First => None,
                Begin::At(cursor) => Some(cursor),
            };
            let part = web.app.report_part(&order, cursor, now).await?;
            Ok::<_, ReportError>((part.text, part.next.map(Begin::At)))
        }
    })
}
