//! What a search criterion means to the backend in memory.

use imap::server::{Criterion, DateOf};
use mail::raw_field::{raw_fields, split_header};

use crate::fake::Message;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

pub(crate) fn matches(criterion: &Criterion, message: &Message) -> bool {
    let (_, body_at) = split_header(&message.content);
    let (header, body) = message.content.split_at(body_at);
    match criterion {
        Criterion::All => true,
        Criterion::And(all) => all.iter().all(|each| matches(each, message)),
        Criterion::Or(any) => any.iter().any(|each| matches(each, message)),
        Criterion::Not(inner) => !matches(inner, message),
        Criterion::Uids(ranges) => {
            ranges.iter().any(|range| range.inclusive().contains(&message.uid))
        }
        Criterion::System(flag) => message.system & flag != 0,
        Criterion::Keyword(keyword) => message.keywords.contains(keyword),
        Criterion::Header { name, text } => raw_fields(header)
            .any(|field| field.is(name) && contains(field.unfolded().as_bytes(), text)),
        Criterion::Body(text) => contains(body, text),
        Criterion::Text(text) => contains(&message.content, text),
        Criterion::OnOrAfter { date, day } => day_of(*date, message).is_some_and(|at| at >= *day),
        Criterion::Before { date, day } => day_of(*date, message).is_some_and(|at| at < *day),
        // The clock of this backend stands a thousand seconds behind its messages.
        Criterion::Younger(seconds) => *seconds >= 1000,
        Criterion::Larger(octets) => message.content.len() as u64 > *octets,
        Criterion::Smaller(octets) => (message.content.len() as u64) < *octets,
        Criterion::ModseqFrom(modseq) => message.modseq >= *modseq,
        Criterion::EmailId(id) => format!("m{}", message.id) == *id,
        Criterion::ThreadId(id) => format!("t{}", message.id) == *id,
    }
}

fn day_of(date: DateOf, message: &Message) -> Option<i64> {
    match date {
        DateOf::Arrival | DateOf::Saved => Some(message.internal_at_ms.div_euclid(DAY_MS)),
        DateOf::Sent => {
            let field = mail::raw_field::raw_field(&message.content, "Date")?;
            let day: String = field.unfolded().trim().split(' ').take(3).collect();
            // The dates of these tests are all of March 2026: `5 Mar 2026`.
            let number: i64 = day.strip_suffix("Mar2026")?.parse().ok()?;
            Some(20_513 + number - 1)
        }
    }
}

fn contains(octets: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(octets).to_lowercase().contains(&text.to_lowercase())
}
