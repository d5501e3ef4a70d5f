//! `Get-SendAsReport` and `Get-SendAsReportDocument`: who may send as whom, and who still does; and
//! the reports that count: volume, refusals, room.
//!
//! Auditors see everything; an owner sees the groups that he owns.

use std::collections::HashSet;

use admin_protocol::failure::Failure;
use admin_protocol::parameters::ResultSize;
use admin_protocol::text::{parse_timestamp, timestamp};
use app::access;
use app::report::{
    Cursor, Format, PERIOD_DAYS_DEFAULT, PERIOD_DAYS_MAX, Period, ReportError, ReportOrder,
    ReportRow, RowMaker, UNUSED_DAYS_DEFAULT, Uses,
};
use domain::{Directory, Language, RecipientId};
use serde_json::json;

use super::call::{ALL_KINDS, Answer, Call, object};
use super::object::optional_timestamp;

/// Rows of the listing where nothing else is wanted.
const ROWS_DEFAULT: usize = 1_000;
/// Days that can be asked for: a century.
const UNUSED_DAYS_MAX: u64 = 36_525;

pub(crate) async fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    match call.cmdlet.name {
        "Get-SendAsReport" => list(call).await,
        "Get-VolumeReport" | "Get-SendAsDeniedReport" | "Get-StorageReport" => counted(call).await,
        _ => document(call).await,
    }
}

/// Lists the rows of so many rights as are wanted, and looks at no more.
async fn list(call: &Call<'_>) -> Result<Answer, Failure> {
    let only_unused = call.parameters.switch("OnlyUnused")?;
    let days = unused_days(call)?;
    let most = match call.parameters.integer_or_unlimited("ResultSize")? {
        Some(ResultSize::Unlimited) => usize::MAX,
        Some(ResultSize::AtMost(most)) => usize::try_from(most).unwrap_or(usize::MAX),
        None => ROWS_DEFAULT,
    };
    let recipients = recipients(call, &call.app.directory())?;
    let (mut objects, mut begin) = (Vec::new(), None);
    // One more than is wanted tells that there are more.
    while objects.len() <= most {
        let part = call.app.report_recipients(recipients.as_ref(), begin);
        let Some(part) = part.filter(|part| !part.is_empty()) else { break };
        let uses = call.app.report_uses(&part).await;
        let uses: Uses = uses.map_err(|failure| call.store_failed(&failure))?;
        let directory = call.app.directory();
        let mut maker = RowMaker::new(&directory, &uses, (days, call.now));
        let rows = part.iter().flat_map(|id| maker.rows_of(*id));
        let wanted = rows.filter(|row| row.is_unused || !only_unused);
        objects.extend(wanted.map(|row| show(&row)).take(most.saturating_add(1)));
        begin = part.last().copied();
    }
    Ok(Answer::of(objects))
}

fn show(row: &ReportRow<'_>) -> admin_protocol::cmdlet::Object {
    let mut shown = object(app::report::json_row(row));
    let times = [
        ("WhenGrantedUTC", timestamp(row.grant.granted_at).into()),
        ("UntilUTC", optional_timestamp(row.grant.until_at)),
        ("LastUsedUTC", optional_timestamp(row.last_used_at)),
    ];
    for (name, value) in times {
        shown.insert(name.to_owned(), value);
    }
    shown
}

/// The reports that are one table.
async fn counted(call: &Call<'_>) -> Result<Answer, Failure> {
    let only = recipients(call, &call.app.directory())?;
    let days = match call.parameters.integer("Days")? {
        None => PERIOD_DAYS_DEFAULT,
        Some(days) => {
            let days = u32::try_from(days).ok();
            days.filter(|days| (1..=PERIOD_DAYS_MAX).contains(days)).ok_or_else(|| {
                let why = format!("Give a number of days from 1 to {PERIOD_DAYS_MAX}.");
                Failure::bad_parameter("Days", &why)
            })?
        }
    };
    let period = Period::ending(call.now, days);
    let (app, only) = (call.app, only.as_ref());
    let table = match call.cmdlet.name {
        "Get-VolumeReport" => app.volume_report(period, only).await.map(|it| it.table()),
        "Get-SendAsDeniedReport" => app.refusal_report(period, only).await.map(|it| it.table()),
        _ => app.storage_report(only).await.map(|it| it.table()),
    };
    let table = table.map_err(|failure| call.store_failed(&failure))?;
    let objects = table.objects().map(|mut object| {
        let refused_at = object.get("LastRefusedUTC").and_then(|at| at.as_str());
        if let Some(at) = refused_at.and_then(parse_timestamp) {
            object.insert("LastRefusedUTC".to_owned(), timestamp(at).into());
        }
        object
    });
    Ok(Answer::of(objects.collect()))
}

async fn document(call: &Call<'_>) -> Result<Answer, Failure> {
    let order = ReportOrder {
        format: format(call)?,
        language: language(call)?,
        unused_days: unused_days(call)?,
        recipients: recipients(call, &call.app.directory())?,
    };
    let cursor = match call.parameters.text("Cursor")?.filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => Some(Cursor::from_text(&text).ok_or_else(|| {
            Failure::bad_parameter("Cursor", "Give the NextCursor of the piece before.")
        })?),
    };
    let part = call.app.report_part(&order, cursor, call.now).await;
    let part = part.map_err(|error| match error {
        ReportError::Moved => Failure::in_the_way("The directory changed. Begin again."),
        ReportError::Store(failure) => call.store_failed(&failure),
    })?;
    Ok(Answer::of(vec![object(json!({
        "Content": part.text,
        "NextCursor": part.next.map(Cursor::to_text),
        "Rights": part.summary.rights,
        "Unused": part.summary.unused,
        "NeverUsed": part.summary.never_used,
        "Ended": part.summary.ended,
    }))]))
}

/// What the caller wants and may see: the one named, everything, or what he owns.
fn recipients(
    call: &Call<'_>,
    directory: &Directory,
) -> Result<Option<HashSet<RecipientId>>, Failure> {
    if let Some(identity) = call.parameters.text("Identity")?.filter(|text| !text.is_empty()) {
        return Ok(Some(HashSet::from([call.find(directory, &identity, &ALL_KINDS)?.id])));
    }
    if call.sees_all(directory) {
        return Ok(None);
    }
    Ok(Some(access::owned_groups(directory, &call.caller.actor)))
}

fn format(call: &Call<'_>) -> Result<Format, Failure> {
    let text = call.parameters.required_text("Format")?;
    Ok(match text.to_ascii_lowercase().as_str() {
        "csv" => Format::Csv,
        "html" => Format::Html,
        _ => Format::Json,
    })
}

fn language(call: &Call<'_>) -> Result<Language, Failure> {
    match call.parameters.text("Language")?.filter(|text| !text.is_empty()) {
        None => Ok(call.app.directory().organization().language),
        Some(text) => Language::of_tag(&text)
            .ok_or_else(|| Failure::bad_parameter("Language", "Give `en` or `fr`.")),
    }
}

fn unused_days(call: &Call<'_>) -> Result<u32, Failure> {
    let Some(days) = call.parameters.integer("UnusedDays")? else {
        return Ok(UNUSED_DAYS_DEFAULT);
    };
    let days = Some(days).filter(|days| *days <= UNUSED_DAYS_MAX);
    days.and_then(|days| u32::try_from(days).ok()).ok_or_else(|| {
        let why = format!("Give a number of days up to {UNUSED_DAYS_MAX}.");
        Failure::bad_parameter("UnusedDays", &why)
    })
}
