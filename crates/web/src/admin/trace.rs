//! `Get-MessageTraceV2` and `Get-MessageTraceDetailV2`.

use admin_protocol::failure::Failure;
use admin_protocol::text::timestamp;
use app::read::trace::{TraceEvent, TraceKind, TraceQuery, TraceRow, Viewer, detail};
use serde_json::{Value, json};

use super::call::{Answer, Call, object};

/// Rows of one search without `ResultSize`, and at most.
const RESULT_SIZE_DEFAULT: u64 = 1_000;
const RESULT_SIZE_MAX: u64 = 5_000;
/// Without dates the last two days are searched, as in Exchange.
const WINDOW_SECS: i64 = 48 * 3600;

pub(crate) async fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    match call.cmdlet.name {
        "Get-MessageTraceV2" => list(call).await,
        _ => events(call).await,
    }
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
    let message_ids: Vec<String> =
        parameters.text_list("MessageId")?.iter().map(|id| in_brackets(id)).collect();
    let trace_id = parameters.text("MessageTraceId")?.filter(|text| !text.is_empty());
    let (from, to) = (parameters.timestamp("StartDate")?, parameters.timestamp("EndDate")?);
    let is_identified = trace_id.is_some() || !message_ids.is_empty();
    let window = (from.is_none() && to.is_none() && !is_identified)
        .then(|| call.now.plus_secs(-WINDOW_SECS));
    let query = TraceQuery {
        from: from.or(window),
        to,
        trace_id,
        internet_message_id: (message_ids.len() == 1).then(|| message_ids[0].clone()),
        limit: usize::try_from(limit).unwrap_or(usize::MAX),
    };
    let wanted = Wanted::read(call, message_ids)?;
    let viewer = viewer(call)?;
    let may_see = |row: &TraceRow| viewer.as_ref().is_none_or(|viewer| viewer.may_see(row));
    let rows = call.app.trace(&query, |row| may_see(row) && wanted.takes(row)).await;
    let rows = rows.map_err(|failure| call.store_failed(&failure))?;
    Ok(Answer::of(rows.into_iter().map(|row| object(show(row))).collect()))
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
    subject: Option<String>,
    subject_filter: String,
    /// A page of the caller's own making goes on behind this recipient.
    behind: Option<(String, Option<domain::Timestamp>)>,
}

impl Wanted {
    fn read(call: &Call<'_>, message_ids: Vec<String>) -> Result<Wanted, Failure> {
        let parameters = &call.parameters;
        let text = |name: &str| -> Result<Option<String>, Failure> {
            Ok(parameters.text(name)?.filter(|text| !text.is_empty()))
        };
        let lower = |list: Vec<String>| list.into_iter().map(|item| item.to_lowercase()).collect();
        let end = parameters.timestamp("EndDate")?;
        Ok(Wanted {
            senders: lower(parameters.text_list("SenderAddress")?),
            recipients: lower(parameters.text_list("RecipientAddress")?),
            message_ids,
            status: text("Status")?,
            from_ip: text("FromIP")?,
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
    let is_wanted = |event: &&TraceEvent| match (&recipient, &event.recipient) {
        (Some(wanted), Some(of)) => wanted.eq_ignore_ascii_case(of),
        _ => true,
    };
    let shown = events.iter().filter(is_wanted).map(|event| object(show_event(&trace_id, event)));
    Ok(Answer::of(shown.collect()))
}

fn show_event(trace_id: &str, event: &TraceEvent) -> Value {
    let name = match event.kind {
        TraceKind::Drop => "DISCARD".to_owned(),
        other => other.as_str().to_uppercase(),
    };
    json!({
        "MessageTraceId": trace_id,
        "MessageId": event.internet_message_id.clone().unwrap_or_default(),
        "Date": timestamp(event.at),
        "Event": name,
        "RecipientAddress": event.recipient.clone().unwrap_or_default(),
        "Action": "",
        "Detail": sentence(event),
    })
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
        TraceKind::Hold => "Held on an administrator's word.".to_owned(),
        TraceKind::Release => "Released on an administrator's word.".to_owned(),
        TraceKind::Drop => "Given up on an administrator's word.".to_owned(),
        TraceKind::Journal => "Copied to the journal.".to_owned(),
    }
}
