//! Search keys of the wire to criteria of the border: sequence numbers become UIDs, names of fields
//! and relative dates are spelled out (RFC 9051 §6.4.4).

use super::backend::{Criterion, DateOf, Flags};
use super::selected::Selected;
use crate::codec::{Date, Numbering, SearchKey};
use crate::reply::Reply;

/// What a search key means for the open mailbox.
pub(super) fn criterion(key: &SearchKey, selected: &Selected) -> Result<Criterion, Reply> {
    Ok(match key {
        SearchKey::Not(inner) => not(criterion(inner, selected)?),
        SearchKey::Or(one, other) => {
            Criterion::Or(vec![criterion(one, selected)?, criterion(other, selected)?])
        }
        SearchKey::And(keys) => {
            let all: Result<_, Reply> = keys.iter().map(|key| criterion(key, selected)).collect();
            Criterion::And(all?)
        }
        SearchKey::Uid(messages) => {
            Criterion::Uids(selected.named(messages, Numbering::Uid)?.runs().to_vec())
        }
        SearchKey::Messages(messages) => {
            Criterion::Uids(selected.named(messages, Numbering::Sequence)?.runs().to_vec())
        }
        key => simple(key),
    })
}

/// The keys that need no mailbox to be understood.
fn simple(key: &SearchKey) -> Criterion {
    match key {
        // Nothing is \Recent here (RFC 9051 §B), so that everything is OLD.
        SearchKey::Recent | SearchKey::New => not(Criterion::All),
        SearchKey::Answered => Criterion::System(Flags::ANSWERED),
        SearchKey::Deleted => Criterion::System(Flags::DELETED),
        SearchKey::Draft => Criterion::System(Flags::DRAFT),
        SearchKey::Flagged => Criterion::System(Flags::FLAGGED),
        SearchKey::Seen => Criterion::System(Flags::SEEN),
        SearchKey::Unanswered => not(Criterion::System(Flags::ANSWERED)),
        SearchKey::Undeleted => not(Criterion::System(Flags::DELETED)),
        SearchKey::Undraft => not(Criterion::System(Flags::DRAFT)),
        SearchKey::Unflagged => not(Criterion::System(Flags::FLAGGED)),
        SearchKey::Unseen => not(Criterion::System(Flags::SEEN)),
        SearchKey::Keyword(keyword) => Criterion::Keyword(keyword.as_str().to_owned()),
        SearchKey::Unkeyword(keyword) => not(Criterion::Keyword(keyword.as_str().to_owned())),
        SearchKey::Bcc(text) => field("Bcc", text),
        SearchKey::Cc(text) => field("Cc", text),
        SearchKey::From(text) => field("From", text),
        SearchKey::Subject(text) => field("Subject", text),
        SearchKey::To(text) => field("To", text),
        SearchKey::Header { name, value } => field(name, value),
        SearchKey::Body(text) => Criterion::Body(text.clone()),
        SearchKey::Text(text) => Criterion::Text(text.clone()),
        SearchKey::Larger(octets) => Criterion::Larger(*octets),
        SearchKey::Smaller(octets) => Criterion::Smaller(*octets),
        SearchKey::ModSeq(modseq) => Criterion::ModseqFrom(*modseq),
        SearchKey::Younger(seconds) => Criterion::Younger(*seconds),
        SearchKey::Older(seconds) => not(Criterion::Younger(*seconds)),
        SearchKey::EmailId(id) => Criterion::EmailId(id.clone()),
        SearchKey::ThreadId(id) => Criterion::ThreadId(id.clone()),
        key => dated(key),
    }
}

/// The keys with a date; what is none of them holds for every message.
fn dated(key: &SearchKey) -> Criterion {
    match key {
        SearchKey::Before(date) => before(DateOf::Arrival, *date),
        SearchKey::On(date) => on(DateOf::Arrival, *date),
        SearchKey::Since(date) => since(DateOf::Arrival, *date),
        SearchKey::SentBefore(date) => before(DateOf::Sent, *date),
        SearchKey::SentOn(date) => on(DateOf::Sent, *date),
        SearchKey::SentSince(date) => since(DateOf::Sent, *date),
        SearchKey::SavedBefore(date) => before(DateOf::Saved, *date),
        SearchKey::SavedOn(date) => on(DateOf::Saved, *date),
        SearchKey::SavedSince(date) => since(DateOf::Saved, *date),
        // ALL and OLD; every mailbox has save dates (RFC 8514 §4.3).
        _ => Criterion::All,
    }
}

fn not(criterion: Criterion) -> Criterion {
    Criterion::Not(Box::new(criterion))
}

fn field(name: &str, text: &str) -> Criterion {
    Criterion::Header { name: name.to_owned(), text: text.to_owned() }
}

fn before(date: DateOf, day: Date) -> Criterion {
    Criterion::Before { date, day: i64::from(day.day_number) }
}

fn since(date: DateOf, day: Date) -> Criterion {
    Criterion::OnOrAfter { date, day: i64::from(day.day_number) }
}

fn on(date: DateOf, day: Date) -> Criterion {
    let next = i64::from(day.day_number) + 1;
    Criterion::And(vec![since(date, day), Criterion::Before { date, day: next }])
}

/// Whether MODSEQ is among the keys (RFC 7162 §3.1.5).
pub(super) fn asks_modseq(key: &SearchKey) -> bool {
    match key {
        SearchKey::ModSeq(_) => true,
        SearchKey::Not(inner) => asks_modseq(inner),
        SearchKey::Or(one, other) => asks_modseq(one) || asks_modseq(other),
        SearchKey::And(keys) => keys.iter().any(asks_modseq),
        _ => false,
    }
}
