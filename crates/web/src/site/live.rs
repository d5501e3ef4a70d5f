//! Telling open pages that mail changed, as server-sent events. What is said is the folder; the
//! page asks again for what it shows. Pages work without it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::Changes;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::{FolderId, RecipientId};
use futures_util::stream;
use tokio::time::{Interval, interval, timeout};

use super::error::Problem;
use super::visit::Signed;
use crate::Web;

/// Streams of one person at the same time: a browser opens one for all of its pages.
const LISTENERS_OF_PERSON_MAX: usize = 8;
/// Streams of everybody: each keeps a connection, and pages need some.
const LISTENERS_MAX: usize = 256;
/// Between two signs of life; then it is asked again who listens and what the person reads.
const BEAT: Duration = Duration::from_secs(25);
/// After a change so long is waited for further ones.
const PAUSE: Duration = Duration::from_millis(300);

/// Who listens now.
#[derive(Debug, Default)]
pub(crate) struct Listeners(Mutex<HashMap<RecipientId, usize>>);

/// A place among the listeners, given back when the stream ends.
struct Listening {
    all: Arc<Listeners>,
    person: RecipientId,
}

impl Listeners {
    fn begin(all: &Arc<Listeners>, person: RecipientId) -> Option<Listening> {
        let mut counts = all.0.lock().unwrap_or_else(PoisonError::into_inner);
        let total: usize = counts.values().sum();
        let of_person = counts.entry(person).or_default();
        if total >= LISTENERS_MAX || *of_person >= LISTENERS_OF_PERSON_MAX {
            return None;
        }
        *of_person += 1;
        Some(Listening { all: Arc::clone(all), person })
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut counts = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.person) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.person);
            }
        }
    }
}

struct Stream {
    web: Web,
    signed: Signed,
    changes: Changes,
    /// The folders that the person reads, as known at the last beat.
    folders: BTreeSet<i64>,
    beat: Interval,
    _listening: Listening,
}

/// `GET /live`
pub(crate) async fn listen(signed: Signed, State(web): State<Web>) -> Response {
    let Some(listening) = Listeners::begin(&web.live, signed.person.id) else {
        // WHATWG HTML §9.2.2: a browser that is told so does not ask again.
        return StatusCode::NO_CONTENT.into_response();
    };
    let changes = web.app.changes();
    let stream = Stream {
        changes,
        folders: BTreeSet::new(),
        beat: interval(BEAT),
        _listening: listening,
        signed,
        web,
    };
    let body = Body::from_stream(stream::unfold(stream, |stream| async {
        stream
            .next()
            .await
            .map(|(piece, stream)| (Ok::<_, std::convert::Infallible>(piece), stream))
    }));
    let kind = HeaderValue::from_static("text/event-stream");
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}

impl Stream {
    /// The next piece; `None` when the person is signed in no more.
    async fn next(mut self) -> Option<(Bytes, Stream)> {
        let mut changed = BTreeSet::new();
        while changed.is_empty() {
            tokio::select! {
                heard = self.changes.next() => changed.extend(self.of_person(heard?)),
                _ = self.beat.tick() => {
                    self.look_again().await.ok()?;
                    return Some((Bytes::from_static(b":\n\n"), self));
                }
            }
        }
        let gather = async {
            while let Some(heard) = self.changes.next().await {
                changed.extend(self.of_person(heard));
            }
        };
        // What comes until then goes into the same piece.
        let _ = timeout(PAUSE, gather).await;
        // The session may have ended since the last beat.
        self.look_again().await.ok()?;
        let pieces = changed.iter().map(|folder| format!("event: mail\ndata: {folder}\n\n"));
        Some((pieces.collect::<String>().into(), self))
    }

    /// What of a change is the person's; of changes that were missed, everything.
    fn of_person(&self, heard: Option<FolderId>) -> Vec<i64> {
        match heard {
            Some(folder) => self.folders.get(&folder.0).copied().into_iter().collect(),
            None => self.folders.iter().copied().collect(),
        }
    }

    /// Asks again who listens and what the person reads.
    async fn look_again(&mut self) -> Result<(), Problem> {
        let (person, now) = (self.signed.person.id, (self.web.options.clock)());
        let sessions = self.web.app.web_sessions(person, now).await?;
        if sessions.iter().all(|session| session.id != self.signed.session.id) {
            return Err(Problem::SignedOut);
        }
        let folders = self.web.app.folder_list(person, now).await?;
        self.folders = folders.into_iter().map(|entry| entry.folder.id.0).collect();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::RecipientId;

    use super::{LISTENERS_MAX, LISTENERS_OF_PERSON_MAX, Listeners};

    #[test]
    fn places_are_limited_and_given_back() {
        let all = Arc::new(Listeners::default());
        let begin = |person: i64| Listeners::begin(&all, RecipientId(person));
        let mut held: Vec<_> = (0..LISTENERS_OF_PERSON_MAX).map(|_| begin(1)).collect();
        assert!(held.iter().all(Option::is_some) && begin(1).is_none());
        held.pop();
        assert!(begin(1).is_some(), "a place is given back");
        let others = LISTENERS_MAX - held.len();
        let more: Vec<_> = (0..others).map(|n| begin(2 + i64::try_from(n).unwrap())).collect();
        assert!(more.iter().all(Option::is_some) && begin(999_999).is_none());
    }
}
