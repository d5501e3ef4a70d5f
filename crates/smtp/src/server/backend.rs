//! The border between syntax and meaning: what a session asks of the product.

use std::future::{Future, ready};

use bytes::Bytes;
use mail::Address;

use crate::codec::Hello;
use crate::envelope::{Envelope, MailParameters, RecipientParameters};
use crate::reply::{self, Reply};
use crate::sasl::{Credentials, Mechanism, scram};

/// What the handshake found out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TlsFacts {
    /// The protocol, such as `TLSv1.3`.
    pub protocol: String,
    /// The cipher suite, such as `TLS13_AES_256_GCM_SHA384`.
    pub cipher: String,
    /// The name the client asked for (SNI).
    pub server_name: Option<String>,
}

/// A message that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// What our logs know the message by; told to the peer.
    pub queue_id: String,
}

/// Gives a session its meaning. One value serves one connection, STARTTLS included.
///
/// The session calls in the order of the protocol and never two methods at once. It has checked
/// syntax, order, sizes and the number of recipients before it calls. A refusal is a
/// [`Reply`] made by [`crate::reply`]; one with code 421 also ends the connection.
///
/// A simple implementation keeps the client's name and login in fields, looks recipients up in a
/// table, and in `accept` writes the message to a file and syncs it before it returns.
pub trait Backend: Send {
    // --- Connected ---------------------------------------------------------------------------

    /// May the client be served at all? Called once, before the greeting. A refusal is said
    /// instead of the greeting and the connection is closed (RFC 5321 §3.1).
    fn connected(&mut self) -> impl Future<Output = Result<(), Reply>> + Send {
        ready(Ok(()))
    }

    /// TLS is running, from the start or by STARTTLS. Whatever the client said in the clear is to
    /// be forgotten (RFC 3207 §4.2); `reset` has been called.
    fn secured(&mut self, tls: &TlsFacts);

    /// The client has introduced itself; called for each HELO and EHLO, after `reset`. A refusal
    /// leaves the session where it was.
    fn hello(&mut self, hello: &Hello) -> impl Future<Output = Result<(), Reply>> + Send {
        let _ = hello;
        ready(Ok(()))
    }

    /// Where mail for `<Postmaster>` without a domain goes (RFC 5321 §4.5.1); `None` if nowhere.
    fn postmaster(&self) -> Option<Address>;

    // --- Not authenticated (submission only) ---------------------------------------------------

    /// What EHLO offers for AUTH under TLS, best first. Empty: AUTH is not offered.
    fn mechanisms(&self) -> &[Mechanism];

    /// Are these credentials right? After `Ok` the session asks no more and the backend remembers
    /// who it is. A refusal must not tell an unknown login from a wrong password, by text or time.
    fn authenticate(
        &mut self,
        credentials: Credentials,
    ) -> impl Future<Output = Result<(), Reply>> + Send;

    /// SCRAM begins: what belongs to this login. An unknown login gets an answer as well, the same
    /// each time. Only for backends that offer [`Mechanism::ScramSha256`].
    fn salt(&mut self, login: &str) -> impl Future<Output = Result<scram::Salt, Reply>> + Send {
        let _ = login;
        ready(Err(reply::mechanism_not_offered()))
    }

    /// Is this the proof of whom `salt` was asked for last? After `Ok`, which gives the server's
    /// signature, the session asks no more and the backend remembers who it is.
    fn prove(
        &mut self,
        proof: &scram::Proof,
    ) -> impl Future<Output = Result<[u8; scram::HASH_OCTETS], Reply>> + Send {
        let _ = proof;
        ready(Err(reply::mechanism_not_offered()))
    }

    // --- Transaction ---------------------------------------------------------------------------

    /// May a message come from this reverse-path? `Ok` opens the transaction. For submission the
    /// client is logged in.
    fn begin(&mut self, mail: &MailParameters) -> impl Future<Output = Result<(), Reply>> + Send;

    /// Is this recipient taken? Asked once for each RCPT; after `Ok` it is in the envelope, after a
    /// refusal it is not and the transaction goes on.
    fn recipient(
        &mut self,
        to: &RecipientParameters,
    ) -> impl Future<Output = Result<(), Reply>> + Send;

    /// Takes the message for all recipients of the envelope, or for none.
    ///
    /// `envelope` has at least one recipient, each accepted by `recipient` since `begin`.
    /// `message` has every line ended by CR LF, no bare CR or LF, no NUL, at most
    /// `message_octets_max` octets, and may be empty. `Ok` means that the message is safe on disk:
    /// the peer forgets it when it reads the reply. The transaction is over either way; `reset` is
    /// not called for it.
    fn accept(
        &mut self,
        envelope: Envelope,
        message: Bytes,
    ) -> impl Future<Output = Result<Accepted, Reply>> + Send;

    /// The transaction, if there is one, will not be completed: RSET, another greeting, content
    /// that was refused. Must not fail; calling it twice does no harm.
    fn reset(&mut self);
}
