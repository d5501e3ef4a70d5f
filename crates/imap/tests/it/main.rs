//! Tests of whole sessions: dialogs as text, limits in time, and what a client knows against what
//! is there.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod fake;
mod matching;
mod model;
mod scripts;
mod session;
