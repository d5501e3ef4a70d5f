//! `guichet trace`: what became of messages.

use admin_protocol::cmdlet::Object;
use admin_protocol::parameters::Parameters;
use admin_protocol::text::timestamp;
use clap::Args;

use crate::clock::now;

use super::error::Error;
use super::output::{self, Column, ListOptions, column};
use super::session::{Outcome, Session};
use super::when::When;

const COLUMNS: &[Column] = &[
    column("Received", "Received"),
    column("From", "SenderAddress"),
    column("To", "RecipientAddress"),
    column("Status", "Status"),
    column("Submitted by", "SubmittedBy"),
    column("As", "Right"),
    column("Subject", "Subject"),
    column("Trace", "MessageTraceId"),
];

const EVENT_COLUMNS: &[Column] = &[
    column("Date", "Date"),
    column("Event", "Event"),
    column("Recipient", "RecipientAddress"),
    column("Action", "Action"),
    column("Detail", "Detail"),
];

/// `trace`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  guichet trace --from support@contoso.com --since 2h
  guichet trace --to customer@fabrikam.com --status Failed --since 7d
  guichet trace --id '<20270131.1@contoso.com>' --events

Without --since, --until and --id: the last 48 hours.")]
pub(crate) struct TraceArgs {
    /// The author's address; may be repeated
    #[arg(long, visible_alias = "sender", value_name = "ADDRESS")]
    from: Vec<String>,
    /// A recipient's address; may be repeated
    #[arg(long, visible_alias = "recipient", value_name = "ADDRESS")]
    to: Vec<String>,
    /// From when on: 2h, 7d, a date, or a date and time
    #[arg(long, value_name = "WHEN")]
    since: Option<When>,
    /// Up to when
    #[arg(long, value_name = "WHEN")]
    until: Option<When>,
    /// A Message-ID, or a trace's identifier
    #[arg(long)]
    id: Option<String>,
    /// Only what ended (or is) so: Pending, Delivered, Failed, Expanded, Held, Discarded,
    /// Redirected, Refused
    #[arg(long)]
    status: Option<String>,
    /// Words in the subject
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    /// At most so many messages; 1 to 5000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=5000))]
    limit: Option<u64>,
    /// Show every event of the messages found instead of their end
    #[arg(long)]
    events: bool,
    #[command(flatten)]
    format: ListOptions,
}

impl TraceArgs {
    fn parameters(&self) -> Parameters {
        let now = now();
        // Only a Message-ID has an @ or brackets.
        let is_message_id = self.id.as_ref().is_some_and(|id| id.contains(['@', '<']));
        let id_name = if is_message_id { "MessageId" } else { "MessageTraceId" };
        Parameters::new()
            .with_list("SenderAddress", &self.from)
            .with_list("RecipientAddress", &self.to)
            .with_some("StartDate", self.since.map(|when| timestamp(when.as_start(now))))
            .with_some("EndDate", self.until.map(|when| timestamp(end(when, now))))
            .with_some(id_name, self.id.clone())
            .with_some("Status", self.status.clone())
            .with_some("Subject", self.subject.clone())
            .with_some("ResultSize", self.limit)
    }
}

/// The end of a span in the past: a distance counts back, a day to its last instant.
pub(crate) fn end(when: When, now: domain::Timestamp) -> domain::Timestamp {
    match when {
        When::Distance(_) => when.as_start(now),
        When::Day(_) | When::Instant(_) => when.as_end(now),
    }
}

/// Runs the verb.
pub(crate) fn run(args: &TraceArgs, session: &mut Session) -> Result<Outcome, Error> {
    let call = ("Get-MessageTraceV2", args.parameters());
    if !args.events {
        output::list(session, call, COLUMNS, args.format)?;
        return Ok(Outcome::Done);
    }
    let messages = session.call(call.0, call.1)?;
    let mut events = Vec::new();
    for id in trace_ids(&messages) {
        let parameters = Parameters::new().with("MessageTraceId", id);
        events.append(&mut session.call("Get-MessageTraceDetailV2", parameters)?);
    }
    output::print_gathered(session, events, EVENT_COLUMNS, args.format)?;
    Ok(Outcome::Done)
}

/// Each message once, in the order in which they came.
fn trace_ids(messages: &[Object]) -> Vec<&str> {
    let mut ids = Vec::new();
    for message in messages {
        let id = output::text(message, "MessageTraceId");
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}
