//! The router, asked in memory, with a real store behind it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod callers;
mod cmdlets;
mod mail;
mod office;
mod pages;
mod protocol;
