//! `*-QueuedMessage`: mail for other servers.

use admin_protocol::cmdlet::Object;
use admin_protocol::failure::Failure;
use admin_protocol::text::timestamp;
use app::command::{Command, Intent};
use app::read::queue::{QueueEntry, QueueRow, QueueState};
use domain::Timestamp;
use serde_json::json;

use super::call::{Answer, Call, object};
use super::object::optional_timestamp;

pub(crate) async fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    match call.cmdlet.name {
        "Get-QueuedMessage" => list(call).await,
        "Retry-QueuedMessage" => each(call, Command::RetryQueueEntry).await,
        "Suspend-QueuedMessage" => each(call, Command::HoldQueueEntry).await,
        "Resume-QueuedMessage" => each(call, Command::ReleaseQueueEntry).await,
        _ => {
            let notifies_sender = call.parameters.boolean("WithNDR")?.unwrap_or(true);
            each(call, |id| Command::DropQueueEntry { id, notifies_sender }).await
        }
    }
}

async fn list(call: &Call<'_>) -> Result<Answer, Failure> {
    let parameters = &call.parameters;
    let identity = parameters.text("Identity")?.filter(|text| !text.is_empty());
    if let Some(identity) = identity {
        let row = show_one(call, &identity).await?;
        return row.map(|row| Answer::of(vec![row])).ok_or_else(|| call.not_found(&identity));
    }
    let filtered = |name: &str| -> Result<Option<String>, Failure> {
        Ok(parameters.text(name)?.filter(|text| !text.is_empty()).map(|text| text.to_lowercase()))
    };
    let (status, from, to) =
        (filtered("Status")?, filtered("FromAddress")?, filtered("Recipient")?);
    let now = call.now;
    let is_wanted = |entry: &QueueEntry| {
        let recipient = entry.recipient.to_string().to_lowercase();
        let reverse_path = reverse_path(entry).to_lowercase();
        status.as_ref().is_none_or(|wanted| state(entry, now).eq_ignore_ascii_case(wanted))
            && from.as_ref().is_none_or(|wanted| *wanted == reverse_path)
            && to.as_ref().is_none_or(|wanted| match wanted.starts_with('@') {
                true => recipient.ends_with(wanted),
                false => recipient == *wanted,
            })
    };
    let rows = call.app.queue(usize::MAX, is_wanted).await;
    let rows = rows.map_err(|failure| call.store_failed(&failure))?;
    Ok(Answer::of(rows.iter().map(|row| show(row, now)).collect()))
}

/// Gives an order for each entry that is named, and answers with those that are still there.
async fn each(call: &Call<'_>, command: impl Fn(i64) -> Command) -> Result<Answer, Failure> {
    let mut answer = Answer::default();
    for identity in call.parameters.text_list("Identity")? {
        let id = identity.parse().map_err(|_| call.not_found(&identity))?;
        call.order(command(id)).await?;
        if call.intent == Intent::CarryOut && !call.cmdlet.output.is_empty() {
            answer.objects.extend(show_one(call, &identity).await?);
        }
    }
    Ok(answer)
}

async fn show_one(call: &Call<'_>, identity: &str) -> Result<Option<Object>, Failure> {
    let Ok(id) = identity.parse() else { return Ok(None) };
    let row = call.app.queue_entry(id).await.map_err(|failure| call.store_failed(&failure))?;
    Ok(row.map(|row| show(&row, call.now)))
}

fn show(row: &QueueRow, now: Timestamp) -> Object {
    let (entry, message) = (&row.entry, row.message.as_ref());
    let message_id = message.and_then(|m| m.internet_message_id.clone()).unwrap_or_default();
    let next = (entry.state == QueueState::Waiting).then_some(entry.next_attempt_at);
    object(json!({
        "Identity": entry.id.to_string(),
        "MessageTraceId": entry.message.to_string(),
        "InternetMessageId": message_id,
        "FromAddress": reverse_path(entry),
        "Recipient": entry.recipient.to_string(),
        "Subject": message.and_then(|m| m.subject.clone()).unwrap_or_default(),
        "Status": state(entry, now),
        "AttemptCount": entry.attempts,
        "DateReceived": timestamp(entry.created_at),
        "NextRetryUTC": optional_timestamp(next),
        "ExpirationUTC": timestamp(entry.expires_at),
        "LastError": entry.last_reply,
        "Size": message.map_or(0, |m| m.size_bytes),
    }))
}

/// The reverse-path; `<>` for the null one.
fn reverse_path(entry: &QueueEntry) -> String {
    match entry.reverse_path.address() {
        Some(address) => address.to_string(),
        None => "<>".to_owned(),
    }
}

fn state(entry: &QueueEntry, now: Timestamp) -> &'static str {
    match entry.state {
        QueueState::Held => "Suspended",
        QueueState::Waiting if now < entry.claimed_until => "Active",
        QueueState::Waiting if entry.next_attempt_at <= now => "Ready",
        QueueState::Waiting => "Retry",
    }
}
