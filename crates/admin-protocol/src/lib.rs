//! The Exchange-shaped admin protocol without I/O: what a request, an answer and an error look
//! like, and the one table of cmdlets that the server implements and the command line calls.
//!
//! A server reads an [`invoke::Request`], finds its cmdlet in [`cmdlet::find`], checks who calls
//! ([`cmdlet::Cmdlet::caller`]) and what was passed ([`cmdlet::Cmdlet::check`]), reads typed values
//! from [`parameters::Parameters`] and answers with an [`invoke::Response`] or a
//! [`failure::Failure`]. A client builds the same request and reads the same answer.
//!
//! From the same table come the reference page ([`mod@reference`]) and the PowerShell module
//! ([`module`]).

pub mod clixml;
pub mod cmdlet;
mod cmdlets;
pub mod failure;
pub mod invoke;
pub mod module;
pub mod opath;
pub mod parameters;
pub mod reference;
pub mod shell;
pub mod text;
