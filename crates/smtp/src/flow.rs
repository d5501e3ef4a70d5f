//! Which verb may come when: RFC 5321 §4.1.4, RFC 3030 §2, RFC 3207 §4 and RFC 4954 §4.
//!
//! Pure. [`State::allows`] is asked before a command is carried out, [`State::apply`] after it
//! succeeded; a test holds the two tables together. TLS and the login are facts beside the state,
//! not states: they outlive transactions.

use crate::envelope::{Envelope, MailParameters, RecipientParameters};

/// Where a session stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Connected (or just secured by STARTTLS): HELO or EHLO must come.
    Connected,
    /// Greeted, no transaction open.
    Ready,
    /// MAIL was accepted; recipients and content may come.
    Transaction(Envelope),
    /// The first BDAT chunk has come: only further chunks, or the end of the transaction.
    Chunking(Envelope),
    /// QUIT was said.
    Closed,
}

/// What has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// HELO or EHLO was accepted; it ends an open transaction (RFC 5321 §4.1.4).
    Greeted,
    /// MAIL was accepted.
    Began(MailParameters),
    /// RCPT was accepted.
    Added(RecipientParameters),
    /// A BDAT chunk that is not the last was accepted.
    Chunked,
    /// RSET was said, or the transaction failed.
    Reset,
    /// QUIT was said.
    Quit,
}

/// The verbs that order matters for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the verb of its name")]
pub enum Verb {
    Hello,
    Mail,
    Rcpt,
    Data,
    Bdat,
    Reset,
    StartTls,
    Auth,
    Quit,
}

/// Why a verb may not come now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSequence {
    /// Neither HELO nor EHLO was said.
    #[error("say EHLO first")]
    HelloFirst,
    /// There is no transaction.
    #[error("say MAIL first")]
    MailFirst,
    /// No recipient has been accepted.
    #[error("no recipient has been accepted")]
    RecipientFirst,
    /// A transaction is open.
    #[error("a transaction is open, end it with RSET")]
    TransactionOpen,
    /// Content has begun to come in chunks.
    #[error("the message has begun to come by BDAT, go on with BDAT or say RSET")]
    ChunksBegun,
    /// The session is over.
    #[error("the session is closed")]
    Closed,
}

impl State {
    /// Whether `verb` may come now.
    pub fn allows(&self, verb: Verb) -> Result<(), BadSequence> {
        use State::{Chunking, Closed, Connected, Ready, Transaction};
        match (self, verb) {
            (Closed, _) => Err(BadSequence::Closed),
            (_, Verb::Hello | Verb::Reset | Verb::Quit) => Ok(()),
            (Connected, _) => Err(BadSequence::HelloFirst),
            (Ready, Verb::Mail | Verb::StartTls | Verb::Auth) => Ok(()),
            (Ready, Verb::Rcpt | Verb::Data | Verb::Bdat) => Err(BadSequence::MailFirst),
            // RFC 4954 §4: no AUTH inside a transaction; we ask the same of STARTTLS.
            (Transaction(_), Verb::Mail | Verb::StartTls | Verb::Auth) => {
                Err(BadSequence::TransactionOpen)
            }
            (Transaction(_), Verb::Rcpt) => Ok(()),
            (Transaction(envelope), Verb::Data | Verb::Bdat) => {
                if envelope.recipients.is_empty() {
                    Err(BadSequence::RecipientFirst)
                } else {
                    Ok(())
                }
            }
            // RFC 3030 §2: DATA and BDAT are not mixed in one transaction.
            (Chunking(_), Verb::Bdat) => Ok(()),
            (Chunking(_), _) => Err(BadSequence::ChunksBegun),
        }
    }

    /// The state after `step`. An error means that `allows` was not asked before.
    pub fn apply(self, step: Step) -> Result<State, BadSequence> {
        use State::{Chunking, Closed, Connected, Ready, Transaction};
        Ok(match (self, step) {
            (Closed, _) => return Err(BadSequence::Closed),
            (_, Step::Quit) => Closed,
            (_, Step::Greeted) => Ready,
            (Connected, Step::Reset) => Connected,
            (Ready | Transaction(_) | Chunking(_), Step::Reset) => Ready,
            (Connected, _) => return Err(BadSequence::HelloFirst),
            (Ready, Step::Began(mail)) => Transaction(Envelope::new(mail)),
            (Ready, _) => return Err(BadSequence::MailFirst),
            (Transaction(_), Step::Began(_)) => return Err(BadSequence::TransactionOpen),
            (Transaction(envelope), Step::Added(to)) => Transaction(envelope.with(to)),
            (Transaction(envelope), Step::Chunked) if envelope.recipients.is_empty() => {
                return Err(BadSequence::RecipientFirst);
            }
            (Transaction(envelope) | Chunking(envelope), Step::Chunked) => Chunking(envelope),
            (Chunking(_), _) => return Err(BadSequence::ChunksBegun),
        })
    }

    /// Ends the transaction with its content complete: the next state and the envelope.
    ///
    /// Without an open transaction there is no envelope and the state stays.
    pub fn hand_over(self) -> (State, Option<Envelope>) {
        match self {
            State::Transaction(envelope) | State::Chunking(envelope) => {
                (State::Ready, Some(envelope))
            }
            State::Connected | State::Ready | State::Closed => (self, None),
        }
    }

    /// The envelope of the open transaction.
    pub fn envelope(&self) -> Option<&Envelope> {
        match self {
            State::Transaction(envelope) | State::Chunking(envelope) => Some(envelope),
            State::Connected | State::Ready | State::Closed => None,
        }
    }
}

#[cfg(test)]
mod tests;
