//! One suite for both engines: SQLite always, PostgreSQL where `TEST_POSTGRES_URL` names one. Each
//! test gets an empty database of its own on each engine, so all of them run beside each other.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends by panicking")]

mod audit;
mod concurrency;
mod credential;
mod directory;
mod engine;
mod events;
mod listing;
mod locks;
mod mailbox;
mod mailbox_model;
mod mailbox_piece;
mod mailbox_race;
mod mailbox_scan;
mod message;
mod oauth;
mod opening;
mod push;
mod queue;
mod right_use;
mod rule;
mod scram;
mod second_factor;
mod send_request;
mod trace;
mod upgrade;
