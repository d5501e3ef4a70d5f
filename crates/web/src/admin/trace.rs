//! `Get-MessageTrace` and `Get-MessageTraceDetail`, each in Exchange's two versions. The first
//! version reaches ten days back and is read by page; the second has no bounds of that kind.

use admin_protocol::clixml;
use admin_protocol::failure::Failure;
use admin_protocol::text::timestamp;
use app::read::trace::{TraceEvent, TraceKind, TraceQuery, TraceRow, Viewer, detail};
use serde_json::{Value, json};

use super::call::{Answer, Call, object};
use super::object::insert;

/// Rows of one search without `ResultSize`, and at most.
const RESULT_SIZE_DEFAULT: u64 = 1_000;
const RESULT_SIZE_MAX: u64 = 5_000;
/// Pages of the first version at most.
const V1_PAGES_MAX: u64 = 1_000;
/// How far the first version reaches back.
const V1_DEPTH_SECS: i64 = 10 * 24 * 3600;
/// What it says beyond.
const TOO_OLD: &str =
    "Invalid StartDate value. The StartDate can't be older than 10 days from today.";
/// Without dates the last two days are searched, as in Exchange.
const WINDOW_SECS: i64 = 48 * 3600;

pub(crate) async fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    match call.cmdlet.name {
        "Get-MessageTrace" => list_by_page(call).await,
        "Get-MessageTraceV2" => list(call).await,
        _ => events(call).await,
    }
}

/// `Get-MessageTrace`: a page by number of what was accepted in at most ten days.
async fn list_by_page(call: &Call<'_>) -> Result<Answer, Failure> {
    let parameters = &call.parameters;
    let within = |name: &str, default: u64, most: u64| -> Result<u64, Failure> {
        let given = parameters.integer(name)?.unwrap_or(default);
        if (1..=most).contains(&given) {
            return Ok(given);
        }
        Err(Failure::bad_parameter(name, &format!("a number from 1 to {most} is expected.")))
    };
    let page = within("Page", 1, V1_PAGES_MAX)?;
    let size = within("PageSize", RESULT_SIZE_DEFAULT, RESULT_SIZE_MAX)?;
    let start = parameters.timestamp("StartDate")?;
    if start.is_some_and(|start| start < call.now.plus_secs(-V1_DEPTH_SECS)) {
        return Err(Failure::invalid_operation(TOO_OLD));
    }
    let end = parameters.timestamp("EndDate")?.unwrap_or(call.now);
    let start = start.unwrap_or_else(|| call.now.plus_secs(-WINDOW_SECS));
    let rows = search(call, (Some(start), Some(end)), page.saturating_mul(size)).await?;
    let organization = call.app.directory().accepted_domains().first().map(ToString::to_string);
    let organization = organization.unwrap_or_default();
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let skip = usize::try_from(page - 1).unwrap_or(usize::MAX).saturating_mul(size);
    let objects = rows.into_iter().skip(skip).zip(0_u64..).map(|(row, index)| {
        let mut shown = object(show(row));
        insert(&mut shown, "Organization", organization.as_str());
        insert(&mut shown, "StartDate", timestamp(start));
        insert(&mut shown, "EndDate", timestamp(end));
        insert(&mut shown, "Index", index);
        shown
    });
    Ok(Answer::of(objects.collect()))
}

/// What of the rows the caller may see: nothing in the way, or only own mail.
fn viewer(call: &Call<'_>) -> Result<Option<Viewer>, Failure> {
    let directory = call.app.directory();
    if call.sees_all(&directory) {
        return Ok(None);
    }
    let account = call.caller.actor.account();
    let account = account.ok_or_else(|| Failure::access_denied(call.cmdlet.name, "an account"))?;
    Ok(Some(Viewer::of(&directory, account, call.now)))
}

async fn list(call: &Call<'_>) -> Result<Answer, Failure> {
    let parameters = &call.parameters;
    let limit = parameters.integer("ResultSize")?.unwrap_or(RESULT_SIZE_DEFAULT);
    if !(1..=RESULT_SIZE_MAX).contains(&limit) {
        let why = format!("a number from 1 to {RESULT_SIZE_MAX} is expected.");
        return Err(Failure::bad_parameter("ResultSize", &why));
    }
    let (from, to) = (parameters.timestamp("StartDate")?, parameters.timestamp("EndDate")?);
    let is_identified = parameters.has_value("MessageTraceId") || parameters.has_value("MessageId");
    let window = (from.is_none() && to.is_none() && !is_identified)
        .then(|| call.now.plus_secs(-WINDOW_SECS));
    let rows = search(call, (from.or(window), to), limit).await?;
    Ok(Answer::of(rows.into_iter().map(|row| object(show(row))).collect()))
}

/// The rows that the parameters ask for and that the caller may see.
async fn search(
    call: &Call<'_>,
    (from, to): (Option<domain::Timestamp>, Option<domain::Timestamp>),
    limit: u64,
) -> Result<Vec<TraceRow>, Failure> {
    let parameters = &call.parameters;
    let message_ids: Vec<String> =
        parameters.text_list("MessageId")?.iter().map(|id| in_brackets(id)).collect();
    let trace_id = parameters.text("MessageTraceId")?.filter(|text| !text.is_empty());
    let query = TraceQuery {
        from,
        to,
        before: None,
        trace_id,
        internet_message_id: (message_ids.len() == 1).then(|| message_ids[0].clone()),
        limit: usize::try_from(limit).unwrap_or(usize::MAX),
    };
    let wanted = Wanted::read(call, message_ids)?;
    let viewer = viewer(call)?;
    let may_see = |row: &TraceRow| viewer.as_ref().is_none_or(|viewer| viewer.may_see(row));
    let rows = call.app.trace(&query, |row| may_see(row) && wanted.takes(row)).await;
    rows.map_err(|failure| call.store_failed(&failure))
}

fn show(row: TraceRow) -> Value {
    json!({
        "MessageTraceId": row.trace_id,
        "MessageId": row.internet_message_id,
        "Received": timestamp(row.received_at),
        "SenderAddress": row.sender,
        "RecipientAddress": row.recipient,
        "Subject": row.subject,
        "Status": row.status.as_str(),
        "FromIP": row.from_ip,
        "ToIP": row.to_host,
        "Size": row.size_bytes,
        "SubmittedBy": row.submitted_by,
        "Right": row.mode.map(|mode| if mode == "Send" { "Self".to_owned() } else { mode }),
    })
}

fn in_brackets(id: &str) -> String {
    format!("<{}>", id.trim_start_matches('<').trim_end_matches('>'))
}

/// What the parameters ask of a row.
struct Wanted {
    senders: Vec<String>,
    recipients: Vec<String>,
    message_ids: Vec<String>,
    status: Option<String>,
    from_ip: Option<String>,
    to_ip: Option<String>,
    subject: Option<String>,
    subject_filter: String,
    /// A page of the caller's own making goes on behind this recipient.
    behind: Option<(String, Option<domain::Timestamp>)>,
}

impl Wanted {
    fn read(call: &Call<'_>, message_ids: Vec<String>) -> Result<Wanted, Failure> {
        let parameters = &call.parameters;
        let known = |name: &str| call.cmdlet.parameter(name).is_some();
        let text = |name: &str| -> Result<Option<String>, Failure> {
            let given = if known(name) { parameters.text(name)? } else { None };
            Ok(given.filter(|text| !text.is_empty()))
        };
        let lower = |list: Vec<String>| list.into_iter().map(|item| item.to_lowercase()).collect();
        let end = parameters.timestamp("EndDate")?;
        Ok(Wanted {
            senders: lower(parameters.text_list("SenderAddress")?),
            recipients: lower(parameters.text_list("RecipientAddress")?),
            message_ids,
            status: text("Status")?,
            from_ip: text("FromIP")?,
            to_ip: text("ToIP")?,
            subject: text("Subject")?.map(|subject| subject.to_lowercase()),
            subject_filter: text("SubjectFilterType")?.unwrap_or_default().to_lowercase(),
            behind: text("StartingRecipientAddress")?.map(|address| (address.to_lowercase(), end)),
        })
    }

    fn takes(&self, row: &TraceRow) -> bool {
        let is_any = |wanted: &[String], value: &str| {
            wanted.is_empty()
                || wanted.iter().any(|one| matches_address(one, &value.to_lowercase()))
        };
        let subject = row.subject.to_lowercase();
        let is_behind = self.behind.as_ref().is_none_or(|(address, end)| {
            Some(row.received_at) != *end || row.recipient.to_lowercase() > *address
        });
        is_behind
            && is_any(&self.senders, &row.sender)
            && is_any(&self.recipients, &row.recipient)
            && (self.message_ids.is_empty() || self.message_ids.contains(&row.internet_message_id))
            && self.status.as_ref().is_none_or(|s| s.eq_ignore_ascii_case(row.status.as_str()))
            && self.from_ip.as_ref().is_none_or(|ip| row.from_ip.as_ref() == Some(ip))
            && self.to_ip.as_ref().is_none_or(|ip| row.to_host.as_ref() == Some(ip))
            && self.subject.as_ref().is_none_or(|wanted| match self.subject_filter.as_str() {
                "startswith" => subject.starts_with(wanted),
                "endswith" => subject.ends_with(wanted),
                _ => subject.contains(wanted),
            })
    }
}

/// An address as given, or `*@domain` for all of a domain.
fn matches_address(wanted: &str, address: &str) -> bool {
    match wanted.strip_prefix('*') {
        Some(end) => address.ends_with(end),
        None => wanted == address,
    }
}

async fn events(call: &Call<'_>) -> Result<Answer, Failure> {
    let trace_id = call.parameters.required_text("MessageTraceId")?;
    let recipient = call.parameters.text("RecipientAddress")?.filter(|text| !text.is_empty());
    let failed = |failure| call.store_failed(&failure);
    if let Some(viewer) = viewer(call)? {
        let rows = call.app.rows_of_trace(&trace_id).await.map_err(failed)?;
        if !rows.iter().any(|row| viewer.may_see(row)) {
            return Err(call.not_found(&trace_id));
        }
    }
    let events = call.app.trace_events(&trace_id).await.map_err(failed)?;
    if events.is_empty() {
        return Err(call.not_found(&trace_id));
    }
    let names = call.parameters.text_list("Event")?;
    let (start, end) =
        (call.parameters.timestamp("StartDate")?, call.parameters.timestamp("EndDate")?);
    let is_wanted = |event: &&TraceEvent| {
        let is_for = match (&recipient, &event.recipient) {
            (Some(wanted), Some(of)) => wanted.eq_ignore_ascii_case(of),
            _ => true,
        };
        let name = event_name(event.kind);
        is_for
            && (names.is_empty() || names.iter().any(|wanted| wanted.eq_ignore_ascii_case(&name)))
            && start.is_none_or(|start| start <= event.at)
            && end.is_none_or(|end| event.at <= end)
    };
    let shown = events.iter().filter(is_wanted).map(|event| object(show_event(&trace_id, event)));
    Ok(Answer::of(shown.collect()))
}

fn show_event(trace_id: &str, event: &TraceEvent) -> Value {
    json!({
        "MessageTraceId": trace_id,
        "MessageId": event.internet_message_id.clone().unwrap_or_default(),
        "Date": timestamp(event.at),
        "Event": event_name(event.kind),
        "RecipientAddress": event.recipient.clone().unwrap_or_default(),
        "Action": "",
        "Detail": sentence(event),
        "Data": data(event),
    })
}

/// The name of an event in Exchange's manner.
fn event_name(kind: TraceKind) -> String {
    match kind {
        TraceKind::Drop => "DISCARD".to_owned(),
        other => other.as_str().to_uppercase(),
    }
}

/// What is kept of an event, as the XML that Exchange's tools read.
fn data(event: &TraceEvent) -> String {
    let mut xml = String::from("<root>");
    if let Value::Object(kept) = detail(event) {
        for (name, value) in kept {
            let value = match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            let (name, value) = (clixml::escape(&name), clixml::escape(&value));
            xml.push_str(&format!("<MEP Name=\"{name}\" String=\"{value}\"/>"));
        }
    }
    xml.push_str("</root>");
    xml
}

/// What happened, in a sentence.
fn sentence(event: &TraceEvent) -> String {
    let detail = detail(event);
    let text = |name: &str| detail[name].as_str().unwrap_or_default().to_owned();
    let at_host = match text("host") {
        host if host.is_empty() => String::new(),
        host => format!(" by {host}"),
    };
    match event.kind {
        TraceKind::Submit => {
            let actor = event.actor.clone().unwrap_or_default();
            format!("Submitted by {actor} ({}) from {}.", text("mode"), text("client"))
        }
        TraceKind::Receive => format!("Received from {}.", text("client")),
        TraceKind::Deliver => "Placed in a folder.".to_owned(),
        TraceKind::Expand => "Passed on to the members of the group.".to_owned(),
        TraceKind::Send => format!("Taken{at_host}: {}", text("reply")),
        TraceKind::Defer => format!("Put off{at_host}: {}", text("reply")),
        TraceKind::Fail => format!("Failed{at_host}: {}", text("reply")),
        TraceKind::Refuse => format!("Refused ({}): {}", text("reason"), text("advice")),
        TraceKind::Hold => format!("Held: {}", text("reply")),
        TraceKind::Release => "Released on an administrator's word.".to_owned(),
        TraceKind::Drop => "Given up on an administrator's word.".to_owned(),
        TraceKind::Journal => "Copied to the journal.".to_owned(),
        TraceKind::Rule => super::rule::told(&detail),
    }
}
