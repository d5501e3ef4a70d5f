//! The checkpointer: copies the log back into the file beside the writer, on a thread of its own.
//!
//! A checkpoint takes as long as dozens of commits. While it runs, the writer goes on at the log's
//! end, and what it adds is left over: the log begins anew only where a commit finds nothing left.
//! So, when the checkpointer is done, the writer copies the small rest itself ([`Progress`]). Where
//! the checkpointer cannot keep up, the writer does all of it, which bounds the log.

use std::cell::Cell;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use rusqlite::Connection;

/// Pages in the log from which it is copied back: 16 MiB.
pub(super) const LOG_PAGES: i32 = 4096;
/// Pages in the log from which the writer copies it back whatever the checkpointer does.
pub(super) const LOG_PAGES_MAX: i32 = 4 * LOG_PAGES;

const PASSIVE: &str = "pragma wal_checkpoint(passive)";

const IDLE: u8 = 0;
const COPYING: u8 = 1;
const COPIED: u8 = 2;

thread_local! {
    /// Pages in the log behind the last commit of this thread's connection.
    static PAGES: Cell<i32> = const { Cell::new(0) };
}

/// What the writer should do behind a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Nothing,
    /// Have the checkpointer copy.
    Ask,
    /// Copy what is left over, or everything.
    CopyNow,
}

/// How far the checkpointer is.
#[derive(Debug, Default)]
struct Progress {
    state: AtomicU8,
    /// Held while copying: SQLite lets two copy at once only by turning one of them away.
    turn: Mutex<()>,
}

impl Progress {
    fn set(&self, state: u8) {
        self.state.store(state, Ordering::Release);
    }

    fn next_step(&self, pages: i32) -> Step {
        match self.state.load(Ordering::Acquire) {
            _ if pages >= LOG_PAGES_MAX => Step::CopyNow,
            COPIED => Step::CopyNow,
            IDLE if pages >= LOG_PAGES => Step::Ask,
            _ => Step::Nothing,
        }
    }

    /// Copies what can be copied without waiting for readers.
    fn copy(&self, connection: &Connection) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = connection.query_row(PASSIVE, [], |_| Ok(())) {
            tracing::warn!(%error, "the database's log could not be copied back and grows");
        }
    }
}

/// The writer's side.
#[derive(Debug)]
pub(super) struct Checkpoints {
    progress: Arc<Progress>,
    asks: mpsc::SyncSender<()>,
}

/// Both sides: what the writer keeps, and what the thread runs until the writer is gone.
pub(super) fn pair(connection: Connection) -> (Checkpoints, impl FnOnce() + Send + 'static) {
    let (asks, asked) = mpsc::sync_channel::<()>(1);
    let progress = Arc::new(Progress::default());
    let checkpoints = Checkpoints { progress: Arc::clone(&progress), asks };
    let run = move || {
        while asked.recv().is_ok() {
            progress.copy(&connection);
            progress.set(COPIED);
        }
    };
    (checkpoints, run)
}

/// Has the connection count the log's pages. Call it on the thread that uses the connection.
pub(super) fn watch(connection: &Connection) {
    connection.wal_hook(Some(|_, pages| {
        PAGES.set(pages);
        Ok(())
    }));
}

impl Checkpoints {
    /// Call it behind each commit.
    pub(super) fn step(&self, connection: &Connection) {
        match self.progress.next_step(PAGES.get()) {
            Step::Nothing => {}
            Step::Ask => {
                self.progress.set(COPYING);
                // The thread takes one ask at a time and is gone only with the writer.
                let _ = self.asks.try_send(());
            }
            Step::CopyNow => {
                self.progress.copy(connection);
                PAGES.set(0);
                // Where the checkpointer has not said yet that it is done, this comes again.
                if self.progress.state.load(Ordering::Acquire) == COPIED {
                    self.progress.set(IDLE);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn the_writer_asks_once_and_copies_the_rest() {
        let progress = Progress::default();
        assert_eq!(progress.next_step(LOG_PAGES - 1), Step::Nothing);
        assert_eq!(progress.next_step(LOG_PAGES), Step::Ask);
        progress.set(COPYING);
        assert_eq!(progress.next_step(LOG_PAGES_MAX - 1), Step::Nothing);
        assert_eq!(progress.next_step(LOG_PAGES_MAX), Step::CopyNow);
        progress.set(COPIED);
        assert_eq!(progress.next_step(0), Step::CopyNow);
    }

    #[test]
    fn the_log_stays_small_under_writes_without_a_pause() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("test.db");
        let writer = Connection::open(&path).expect("opens");
        writer.pragma_update(None, "journal_mode", "wal").expect("sets");
        writer.pragma_update(None, "synchronous", "off").expect("sets");
        writer.execute_batch("create table t (content blob)").expect("creates");
        watch(&writer);
        let (checkpoints, run) = pair(Connection::open(&path).expect("opens"));
        let thread = std::thread::spawn(run);
        let (started_at, mut written) = (Instant::now(), 0);
        // Four times what the log may ever have, so that it has to begin anew.
        while written < 4 * LOG_PAGES_MAX {
            writer.execute("insert into t values (zeroblob(400000))", []).expect("inserts");
            written += 98;
            assert!(PAGES.get() <= LOG_PAGES_MAX + 200, "{} pages", PAGES.get());
            checkpoints.step(&writer);
            assert!(started_at.elapsed() < Duration::from_secs(60), "too slow");
        }
        drop(checkpoints);
        thread.join().expect("ends with the writer");
    }
}
