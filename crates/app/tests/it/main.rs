//! Use cases on a real store in a temporary directory.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod access;
mod commands;
mod diagnose;
mod mailboxes;
mod office;
mod reads;
mod receiving;
mod scram;
mod sending;
mod transmitting;
