//! The only place with SQL: SQLite and PostgreSQL, blobs, events.
//!
//! One text for both engines; where they differ, `dialect` has both texts side by side. Changes are
//! write sets ([`WriteSet`]): put together by the functions of the noun modules, committed whole by
//! [`Store::commit`], or sent back with the name of the guard that did not hold. Reads are
//! functions of the same modules on a [`Store`]. Nothing above this crate sees a row or a
//! connection.

pub mod annotation;
pub mod append;
pub mod audit;
mod columns;
pub mod credential;
pub mod desk;
mod dialect;
pub mod directory;
pub mod dkim_key;
mod event;
pub mod expunge;
mod failure;
pub mod flag;
mod flags;
pub mod folder;
pub mod keyword;
pub mod linked_identity;
pub mod mailbox;
pub mod message;
mod migrate;
pub mod oauth;
pub mod one_time_link;
pub mod passkey;
mod piece;
mod postgres;
pub mod push;
pub mod queue;
pub mod right_use;
pub mod rule;
pub mod scan;
pub mod scram;
pub mod search;
pub mod second_factor;
pub mod send_request;
mod sqlite;
mod statements;
mod store;
pub mod subscription;
pub mod trace;
pub mod transfer;
pub mod uid;
pub mod unseen;
mod value;
pub mod web_session;
mod write_set;

pub use event::{Event, FolderWatch};
pub use failure::{Cause, CommitError, Failure};
pub use flags::{Flags, KEYWORDS_MAX};
pub use migrate::SCHEMA_VERSION;
pub use store::{Location, Options, Store};
pub use uid::UidRange;
pub use write_set::WriteSet;
