//! What came of talking to a peer: its replies, an outcome for each recipient, or an error.
//!
//! Whether trying again can help is in the types: [`RecipientOutcome`] for a recipient,
//! [`Severity`] for an error.

use std::fmt;
use std::io;

use crate::codec::ContentFault;
use crate::reply::EnhancedCode;

/// A peer's reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteReply {
    /// The code, 200 to 599.
    pub code: u16,
    /// The enhanced code of the first line, if it has one of the same class.
    pub enhanced: Option<EnhancedCode>,
    /// The texts, enhanced codes taken away, octets outside UTF-8 replaced.
    pub lines: Vec<String>,
}

impl RemoteReply {
    /// 2xx.
    pub fn is_positive(&self) -> bool {
        (200..300).contains(&self.code)
    }

    /// 4xx: trying again may help. 5xx: it will not.
    pub fn severity(&self) -> Severity {
        if self.code >= 500 { Severity::Permanent } else { Severity::Temporary }
    }
}

impl fmt::Display for RemoteReply {
    /// One line, as the Diagnostic-Code of a notice has it (RFC 3464 §2.3.6).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(enhanced) = self.enhanced {
            write!(f, " {enhanced}")?;
        }
        for line in &self.lines {
            write!(f, " {line}")?;
        }
        Ok(())
    }
}

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It can.
    Temporary,
    /// It cannot: the message or the set-up must change.
    Permanent,
}

/// Why a message cannot be given to this peer at all. Nothing was sent; the session goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    /// The content could be read as two messages by somebody (5.6.0).
    #[error("the message has octets that must not be sent: {0}")]
    Content(ContentFault),
    /// Larger than the peer announced (5.3.4).
    #[error("the message is larger than the {octets_max} octets the other server takes")]
    TooLarge {
        /// What the peer announced.
        octets_max: u64,
    },
    /// An address or the header needs UTF-8 and the peer does not speak it (5.6.7).
    #[error("the other server does not take addresses and headers outside ASCII")]
    NeedsSmtputf8,
}

/// What became of one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecipientOutcome {
    /// The peer has the message for this recipient; the reply is that to the content.
    Accepted(RemoteReply),
    /// Not now: try again.
    Deferred(RemoteReply),
    /// Never.
    Refused(RemoteReply),
    /// Never, and the peer was not asked.
    Unsendable(Unsendable),
}

/// What became of a message: one outcome a recipient, in the order of the envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmission {
    /// As many as the envelope has recipients.
    pub recipients: Vec<RecipientOutcome>,
}

/// How far a session had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the part of the dialog of its name")]
pub enum Stage {
    Greeting,
    Hello,
    StartTls,
    Auth,
    Reset,
    Envelope,
    DataStart,
    Content,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stage::Greeting => "the greeting",
            Stage::Hello => "EHLO",
            Stage::StartTls => "STARTTLS",
            Stage::Auth => "AUTH",
            Stage::Reset => "RSET",
            Stage::Envelope => "MAIL and RCPT",
            Stage::DataStart => "DATA",
            Stage::Content => "the content",
        })
    }
}

/// How the peer was lost.
#[derive(Debug, thiserror::Error)]
pub enum Gone {
    /// It closed the connection.
    #[error("the other server closed the connection")]
    Closed,
    /// It did not answer, or did not read, in time.
    #[error("the other server did not answer in time")]
    TimedOut,
    /// The stream failed.
    #[error("the connection failed: {0}")]
    Io(#[from] io::Error),
    /// What came is not a reply, is one too long, or one that cannot be meant here.
    #[error("the other server answered with something that is no SMTP reply here")]
    NotAReply,
}

/// Why nothing was decided about any recipient.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No connection came about. Made by the caller, who dials.
    #[error("no connection: {0}")]
    Unreachable(#[source] io::Error),
    /// The TLS handshake failed. Made by the caller, who does it.
    #[error("TLS failed: {0}")]
    TlsFailed(#[source] io::Error),
    /// The peer said no to the session, not to a recipient.
    #[error("refused at {stage}: {reply}")]
    Refused {
        /// Where.
        stage: Stage,
        /// What it said.
        reply: RemoteReply,
    },
    /// STARTTLS is not offered where it is wanted.
    #[error("the other server does not offer STARTTLS")]
    StartTlsNotOffered,
    /// None of our login mechanisms is offered.
    #[error("the other server offers neither AUTH PLAIN nor AUTH LOGIN")]
    AuthNotOffered,
    /// A password was about to travel in the clear.
    #[error("the connection is not secured, the password was not sent")]
    AuthInTheClear,
    /// The peer was lost before the final dot was sent: it has nothing.
    #[error("lost at {stage}: {cause}")]
    Lost {
        /// Where.
        stage: Stage,
        /// How.
        #[source]
        cause: Gone,
    },
    /// The peer was lost after the final dot: it may have the message. Trying again may double it
    /// (RFC 1047); not trying may lose it.
    #[error("no answer to the message, it may have arrived: {cause}")]
    InDoubt {
        /// How.
        #[source]
        cause: Gone,
    },
}

impl ClientError {
    /// Whether trying again can help.
    pub fn severity(&self) -> Severity {
        match self {
            ClientError::Refused { reply, .. } => reply.severity(),
            ClientError::AuthInTheClear => Severity::Permanent,
            ClientError::Unreachable(_)
            | ClientError::TlsFailed(_)
            | ClientError::StartTlsNotOffered
            | ClientError::AuthNotOffered
            | ClientError::Lost { .. }
            | ClientError::InDoubt { .. } => Severity::Temporary,
        }
    }
}
