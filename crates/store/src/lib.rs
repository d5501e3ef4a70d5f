//! The only place with SQL: SQLite and PostgreSQL, blobs, events.
//!
//! One text for both engines; where they differ, `dialect` has both texts side by side. Changes are
//! write sets ([`WriteSet`]): put together by the functions of the noun modules, committed whole by
//! [`Store::commit`], or sent back with the name of the guard that did not hold. Reads are
//! functions of the same modules on a [`Store`]. Nothing above this crate sees a row or a
//! connection.

pub mod audit;
pub mod credential;
mod dialect;
pub mod directory;
pub mod dkim_key;
mod event;
mod failure;
pub mod folder;
pub mod message;
mod migrate;
pub mod one_time_link;
pub mod passkey;
mod postgres;
pub mod queue;
pub mod scram;
pub mod second_factor;
mod sqlite;
mod statements;
mod store;
pub mod trace;
mod value;
pub mod web_session;
mod write_set;

pub use event::Event;
pub use failure::{Cause, CommitError, Failure};
pub use migrate::SCHEMA_VERSION;
pub use store::{Location, Options, Store};
pub use write_set::WriteSet;
