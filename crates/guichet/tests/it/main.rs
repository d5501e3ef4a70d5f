//! Tests of the `guichet` binary as a process: the command line against a fake admin endpoint, and
//! the real server against clients, peers, tricks, crashes and bad circumstances.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bad_config;
mod circumstances;
mod crash;
mod e2e;
mod fake;
mod gate;
mod help;
mod imap;
mod imap_team;
mod limits;
mod lines;
mod oidc;
mod outbound;
mod output;
mod plan;
mod requests;
mod rights;
mod shell;
mod statuses;
mod tenant;
mod tls;
