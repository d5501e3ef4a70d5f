//! What SORT and THREAD compare: base subjects, dates, names (RFC 5256 §2, RFC 5957).

use chrono::DateTime;
use mail::envelope::{Envelope, EnvelopeAddress};
use mail::text;
use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::{Backend, Row, RowQuery};
use super::limits::SORTED_MESSAGES_MAX;
use super::session::{Session, Stop};
use super::uids::UidSet;
use crate::reply::Reply;

/// Passes over a subject until nothing changes at most; each takes something away.
const SUBJECT_PASSES_MAX: usize = 100;

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    /// Makes something of each message and its header fields; in the order of the UIDs.
    pub(super) async fn keys_of<T>(
        &mut self,
        uids: &UidSet,
        key: impl Fn(&Row, &[u8]) -> T,
    ) -> Result<Vec<T>, Stop> {
        if uids.count() > SORTED_MESSAGES_MAX {
            let text =
                format!("At most {SORTED_MESSAGES_MAX} messages are sorted, search for less");
            return Err(Reply::no("LIMIT", text).into());
        }
        let mut keys = Vec::new();
        let mut query =
            RowQuery { details: true, envelope: true, ..RowQuery::new(uids.runs().to_vec()) };
        while !query.uids.is_empty() {
            let page = self.backend.rows(&query).await?;
            for row in &page.rows {
                match &row.envelope_fields {
                    Some(fields) => keys.push(key(row, fields)),
                    None => {
                        let header = self.read_header(row.uid).await?;
                        keys.push(key(row, &header));
                    }
                }
            }
            let Some(resume_at) = page.resume_at else { break };
            query.uids = uids.from(resume_at).runs().to_vec();
        }
        Ok(keys)
    }
}

/// When a message says it was sent, in milliseconds since 1970; where it does not, when it came.
pub(super) fn sent_at_ms(envelope: &Envelope, row: &Row) -> i64 {
    let date = envelope.date.as_deref();
    let sent = date.and_then(|date| DateTime::parse_from_rfc2822(date.trim()).ok());
    sent.map_or(row.details.internal_at_ms, |sent| sent.timestamp_millis())
}

/// The local part of the first mailbox, for comparing.
pub(super) fn first_mailbox(list: &[EnvelopeAddress]) -> String {
    let first = list.iter().find_map(|address| match address {
        EnvelopeAddress::Mailbox { local, .. } => Some(local.as_str()),
        EnvelopeAddress::GroupStart(_) | EnvelopeAddress::GroupEnd => None,
    });
    text::folded(first.unwrap_or_default())
}

/// What the first mailbox is shown as (RFC 5957 §3).
pub(super) fn first_display(list: &[EnvelopeAddress]) -> String {
    let first = list.iter().find_map(|address| match address {
        EnvelopeAddress::Mailbox { name: Some(name), .. } => Some(text::decode_words(name)),
        EnvelopeAddress::Mailbox { local, domain, .. } => Some(format!("{local}@{domain}")),
        EnvelopeAddress::GroupStart(_) | EnvelopeAddress::GroupEnd => None,
    });
    text::folded(&first.unwrap_or_default())
}

/// A subject without the marks of answers and forwards (RFC 5256 §2.1), for comparing; and whether
/// there were any.
pub(super) fn base_subject(subject: &str) -> (String, bool) {
    let decoded = text::decode_words(subject);
    let words: Vec<&str> = decoded.split_whitespace().collect();
    let whole = words.join(" ").to_lowercase();
    let mut rest = whole.as_str();
    let mut is_answer = false;
    for _ in 0..SUBJECT_PASSES_MAX {
        let before = rest;
        // RFC 5256 §2.1 (2): trailers.
        while let Some(front) = rest.trim_end().strip_suffix("(fwd)") {
            (rest, is_answer) = (front, true);
        }
        rest = rest.trim_end();
        // (3) leaders, and (4) a blob that is not all there is.
        if let Some(behind) = without_leader(rest) {
            (rest, is_answer) = (behind, true);
        } else if let Some(behind) = without_blob(rest).filter(|behind| !behind.is_empty()) {
            rest = behind;
        }
        // (6) a forward in brackets.
        let inside = rest.strip_prefix("[fwd:").and_then(|inside| inside.strip_suffix(']'));
        if let Some(inside) = inside {
            (rest, is_answer) = (inside.trim_start(), true);
        }
        if rest == before {
            break;
        }
    }
    (text::folded(rest), is_answer)
}

/// Behind `re:`, `fw:` or `fwd:`, with blobs before it and one behind the word.
fn without_leader(subject: &str) -> Option<&str> {
    let mut rest = subject;
    while let Some(behind) = without_blob(rest) {
        rest = behind;
    }
    let rest = ["fwd", "fw", "re"].iter().find_map(|word| rest.strip_prefix(word))?;
    let rest = rest.trim_start();
    let rest = without_blob(rest).unwrap_or(rest);
    Some(rest.strip_prefix(':')?.trim_start())
}

/// Behind `[text]` and spaces.
fn without_blob(subject: &str) -> Option<&str> {
    let inside = subject.strip_prefix('[')?;
    let end = inside.find(['[', ']'])?;
    Some(inside[end..].strip_prefix(']')?.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_answers_are_taken_away() {
        for (subject, base, is_answer) in [
            ("Hello  World", "hello world", false),
            ("Re: hello", "hello", true),
            ("RE: Fwd: [list] re[2]: Hello (fwd)", "hello", true),
            ("[list] hello", "hello", false),
            ("[list]", "[list]", false),
            ("[Fwd: hello]", "hello", true),
            ("[Fwd: Re: hello] (fwd)", "hello", true),
            ("reply", "reply", false),
            ("", "", false),
            ("Re:", "", true),
            ("=?utf-8?q?Re=3A_caf=C3=A9?=", &text::folded("café"), true),
        ] {
            assert_eq!(base_subject(subject), (base.to_owned(), is_answer), "{subject}");
        }
    }

    #[test]
    fn a_subject_of_marks_alone_ends() {
        let marks = "re: ".repeat(10_000);
        assert!(base_subject(&marks).1);
        assert!(!base_subject(&"[".repeat(10_000)).1);
    }
}
