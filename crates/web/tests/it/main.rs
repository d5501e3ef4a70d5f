//! The router, asked in memory, with a real store behind it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod admin_centre;
mod callers;
mod clients;
mod cmdlets;
mod conflicts;
mod device;
mod first_run;
mod formats;
mod mail;
mod mailboxes;
mod oauth;
mod office;
mod outputs;
mod pages;
mod protocol;
mod provider;
mod requests;
mod routes;
mod rules;
mod second_factor;
mod shell;
mod state;
mod team_mail;
