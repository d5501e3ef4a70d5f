//! THREAD: conversations (RFC 5256 §3 and §4).

mod references;
mod tree;

use mail::envelope::Envelope;
use mail::raw_field::raw_field;
use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::{Backend, Row};
use super::order::{base_subject, sent_at_ms};
use super::session::{Outcome, Session};
use super::uids::Uid;
use crate::codec::{Thread, ThreadAlgorithm};
use crate::reply::Reply;
use tree::Forest;

/// References of one message that are followed; the last ones count.
const REFERENCES_MAX: usize = 100;

/// What threads are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Letter {
    uid: Uid,
    sent_at_ms: i64,
    subject: String,
    /// The subject has the mark of an answer.
    is_answer: bool,
    message_id: Option<String>,
    /// What it answers, the oldest first.
    references: Vec<String>,
}

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn thread(&mut self, thread: Thread) -> Outcome {
        let hits = self.find(&thread.key).await?;
        let mut letters = self.keys_of(&hits.uids, Letter::read).await?;
        // RFC 5256 §2.2: by the date of sending, then by the place in the mailbox.
        letters.sort_by_key(|letter| (letter.sent_at_ms, letter.uid));
        let forest = match thread.algorithm {
            ThreadAlgorithm::OrderedSubject => by_subject(&letters),
            ThreadAlgorithm::References => references::forest(&letters),
        };
        let mut out = b"* THREAD".to_vec();
        if !forest.roots().is_empty() {
            out.push(b' ');
        }
        forest.write(&mut out, |letter| self.number(letters[letter].uid, thread.numbering));
        out.extend_from_slice(b"\r\n");
        self.say_octets(&out).await?;
        Ok(Reply::ok("Threaded"))
    }
}

impl Letter {
    fn read(row: &Row, header: &[u8]) -> Letter {
        let envelope = Envelope::read(header);
        let subject = envelope.subject.as_deref().unwrap_or_default();
        let (subject, is_answer) = base_subject(subject);
        let field = |name| raw_field(header, name).map(|field| field.unfolded());
        let mut references = message_ids(&field("References").unwrap_or_default());
        if references.is_empty() {
            // RFC 5256 §4: without References the first identity of In-Reply-To.
            references = message_ids(envelope.in_reply_to.as_deref().unwrap_or_default());
            references.truncate(1);
        }
        let surplus = references.len().saturating_sub(REFERENCES_MAX);
        references.drain(..surplus);
        let message_id = envelope.message_id.as_deref().map(message_ids);
        Letter {
            uid: row.uid,
            sent_at_ms: sent_at_ms(&envelope, row),
            subject,
            is_answer,
            message_id: message_id.and_then(|ids| ids.into_iter().next()),
            references,
        }
    }
}

/// The texts in angle brackets.
fn message_ids(text: &str) -> Vec<String> {
    let inside = text.split('<').skip(1).filter_map(|rest| rest.split_once('>'));
    inside.map(|(id, _)| id.trim().to_owned()).filter(|id| !id.is_empty()).collect()
}

/// RFC 5256 §4, ORDEREDSUBJECT: the first of a subject is above all others of it.
fn by_subject(letters: &[Letter]) -> Forest {
    let mut first_of = std::collections::HashMap::new();
    let mut forest = Forest::new(letters.len());
    for (index, letter) in letters.iter().enumerate() {
        match first_of.get(letter.subject.as_str()) {
            Some(first) => forest.adopt(*first, index),
            None => {
                first_of.insert(letter.subject.as_str(), index);
                forest.plant(index);
            }
        }
    }
    forest
}

#[cfg(test)]
mod tests;
