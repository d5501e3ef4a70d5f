//! Use cases on a real store in a temporary directory.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod access;
mod ask;
mod commands;
mod desk;
mod diagnose;
mod mailboxes;
mod office;
mod oidc;
mod passkey;
mod push;
mod reads;
mod receiving;
mod report;
mod rules;
mod scram;
mod second_factor;
mod sending;
mod transmitting;
