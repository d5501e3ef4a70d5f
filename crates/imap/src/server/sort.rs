//! SORT: what a search finds, in order (RFC 5256 §3, RFC 5267 for RETURN).

use std::cmp::Ordering;

use mail::envelope::Envelope;
use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::{Backend, Row};
use super::order::{base_subject, first_display, first_mailbox, sent_at_ms};
use super::session::{Outcome, Session};
use super::uids::Uid;
use crate::codec::{Numbering, SearchReturns, Sort, SortCriterion, SortKey, Tag, write};
use crate::reply::Reply;

/// What one criterion compares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Number(i64),
    Text(String),
}

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn sort(&mut self, tag: &Tag, sort: Sort) -> Outcome {
        let hits = self.find(&sort.key).await?;
        let criteria = sort.criteria;
        let keyed = |row: &Row, header: &[u8]| (values(&criteria, row, header), row.uid);
        let mut keys = self.keys_of(&hits.uids, keyed).await?;
        keys.sort_by(|one, other| compare(&criteria, &one.0, &other.0).then(one.1.cmp(&other.1)));
        let numbers: Vec<u32> =
            keys.iter().map(|(_, uid)| self.number(*uid, sort.numbering)).collect();
        let mut out = Vec::new();
        match sort.returns {
            None => {
                out.extend_from_slice(b"* SORT");
                write_all(&mut out, &numbers, b' ');
                if let Some(modseq) = hits.modseq {
                    out.extend_from_slice(format!(" (MODSEQ {modseq})").as_bytes());
                }
            }
            Some(returns) => {
                if returns.contains(SearchReturns::SAVE)
                    && let Some(selected) = &mut self.selected
                {
                    selected.saved = hits.uids.clone();
                }
                self.write_sorted(&mut out, tag, (returns, sort.numbering), &numbers);
                if let Some(modseq) = hits.modseq {
                    out.extend_from_slice(format!(" MODSEQ {modseq}").as_bytes());
                }
            }
        }
        out.extend_from_slice(b"\r\n");
        self.say_octets(&out).await?;
        Ok(Reply::ok("Sorted"))
    }

    /// RFC 5267 §3.1: MIN and MAX are the first and the last in order.
    fn write_sorted(
        &self,
        out: &mut Vec<u8>,
        tag: &Tag,
        (returns, numbering): (SearchReturns, Numbering),
        numbers: &[u32],
    ) {
        self.write_esearch_head(out, tag, numbering);
        if let (Some(first), Some(last)) = (numbers.first(), numbers.last()) {
            if returns.contains(SearchReturns::MIN) {
                out.extend_from_slice(format!(" MIN {first}").as_bytes());
            }
            if returns.contains(SearchReturns::MAX) {
                out.extend_from_slice(format!(" MAX {last}").as_bytes());
            }
            if returns.contains(SearchReturns::ALL) {
                out.extend_from_slice(b" ALL");
                let list = out.len();
                write_all(out, numbers, b',');
                out[list] = b' ';
            }
        }
        if returns.contains(SearchReturns::COUNT) {
            out.extend_from_slice(format!(" COUNT {}", numbers.len()).as_bytes());
        }
    }
}

/// Writes numbers, a sign before each.
fn write_all(out: &mut Vec<u8>, numbers: &[Uid], sign: u8) {
    for number in numbers {
        out.push(sign);
        write::number(out, u64::from(*number));
    }
}

fn values(criteria: &[SortCriterion], row: &Row, header: &[u8]) -> Vec<Value> {
    let envelope = Envelope::read(header);
    let value = |criterion: &SortCriterion| match criterion.key {
        SortKey::Arrival => Value::Number(row.details.internal_at_ms),
        SortKey::Date => Value::Number(sent_at_ms(&envelope, row)),
        SortKey::Size => Value::Number(i64::try_from(row.details.size_octets).unwrap_or(i64::MAX)),
        SortKey::Subject => {
            Value::Text(base_subject(envelope.subject.as_deref().unwrap_or_default()).0)
        }
        SortKey::From => Value::Text(first_mailbox(&envelope.from)),
        SortKey::To => Value::Text(first_mailbox(&envelope.to)),
        SortKey::Cc => Value::Text(first_mailbox(&envelope.cc)),
        SortKey::DisplayFrom => Value::Text(first_display(&envelope.from)),
        SortKey::DisplayTo => Value::Text(first_display(&envelope.to)),
    };
    criteria.iter().map(value).collect()
}

fn compare(criteria: &[SortCriterion], one: &[Value], other: &[Value]) -> Ordering {
    let pairs = criteria.iter().zip(one.iter().zip(other));
    let orders = pairs.map(|(criterion, (one, other))| {
        let order = one.cmp(other);
        if criterion.is_reverse { order.reverse() } else { order }
    });
    orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}
