//! Use cases on a real store in a temporary directory.

mod access;
mod commands;
mod diagnose;
mod office;
mod reads;
mod receiving;
mod sending;
mod transmitting;
