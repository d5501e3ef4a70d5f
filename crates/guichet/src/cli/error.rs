//! What can go wrong on the command line, the exit status of each, and a line that helps.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// No, denied, differs.
pub(crate) const STATUS_NO: u8 = 1;
/// The command line or a value in it is wrong.
pub(crate) const STATUS_USAGE: u8 = 2;
/// No server answers.
pub(crate) const STATUS_UNREACHABLE: u8 = 3;
/// The caller may not.
pub(crate) const STATUS_NOT_ALLOWED: u8 = 4;
/// The named thing does not exist.
pub(crate) const STATUS_NOT_FOUND: u8 = 5;
/// Something is in the way.
pub(crate) const STATUS_CONFLICT: u8 = 6;
/// Later perhaps; EX_TEMPFAIL of sysexits.
pub(crate) const STATUS_TEMPORARY: u8 = 75;
/// Ctrl-C: 128 and the number of SIGINT.
pub(crate) const STATUS_INTERRUPTED: u8 = 130;

/// Why a verb could not do what it should.
#[derive(Debug, Error)]
pub(crate) enum Error {
    /// A value cannot be meant so.
    #[error("{0}")]
    Usage(String),
    /// A file that was named on the command line cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Nothing says where the server is.
    #[error("which server? Nothing names one")]
    NoServer,
    /// Nobody answers there.
    #[error("cannot reach the server at {endpoint}: {why}")]
    Unreachable {
        /// Where.
        endpoint: String,
        /// Why.
        why: String,
        /// The data directory, when it is one of this machine.
        dir: Option<PathBuf>,
    },
    /// The server said no.
    #[error("{text}")]
    Refused {
        /// The HTTP status.
        http_status: u16,
        /// The server's sentence.
        text: String,
    },
    /// Something changed meanwhile.
    #[error("{0}")]
    Conflict(String),
    /// It could be done, but not without being said so.
    #[error("{0}")]
    Withheld(String),
    /// The server gave no object where there must be one.
    #[error("{0} was not found")]
    NotFound(String),
    /// The server's answer is not of the protocol.
    #[error("the server's answer to {cmdlet} cannot be read: {why}")]
    BadAnswer {
        /// The cmdlet.
        cmdlet: &'static str,
        /// Why.
        why: String,
    },
    /// A tenant has not what a verb needs.
    #[error("{what}")]
    Lacking {
        /// What it has not.
        what: String,
        /// What there is instead.
        instead: String,
    },
    /// Nobody is signed in to the tenant, or not any more.
    #[error("{0}")]
    SignedOut(String),
    /// A server asks to wait longer than a command can.
    #[error("the server asks to wait {secs} seconds")]
    Busy {
        /// How long.
        secs: u64,
    },
    /// The person said no to the question.
    #[error("nothing was done")]
    Declined,
    /// Ctrl-C.
    #[error("interrupted; the server may have finished the last step")]
    Interrupted,
    /// Whoever read our output has gone. Not worth a word.
    #[error("the reader of the output has gone")]
    BrokenPipe,
    /// The output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(#[source] io::Error),
}

impl From<io::Error> for Error {
    /// Of writing to stdout, the only input or output that has no context of its own.
    fn from(error: io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Error::BrokenPipe,
            _ => Error::Output(error),
        }
    }
}

impl Error {
    /// The exit status.
    pub(crate) fn status(&self) -> u8 {
        match self {
            Error::Usage(_) | Error::File { .. } | Error::NoServer | Error::Lacking { .. } => {
                STATUS_USAGE
            }
            Error::SignedOut(_) => STATUS_NOT_ALLOWED,
            Error::Unreachable { .. } => STATUS_UNREACHABLE,
            Error::Refused { http_status, .. } => refusal_status(*http_status),
            Error::NotFound(_) => STATUS_NOT_FOUND,
            Error::Conflict(_) => STATUS_CONFLICT,
            Error::Declined | Error::Withheld(_) => STATUS_NO,
            Error::BadAnswer { .. } | Error::Output(_) | Error::Busy { .. } => STATUS_TEMPORARY,
            Error::Interrupted => STATUS_INTERRUPTED,
            Error::BrokenPipe => 0,
        }
    }

    /// What the person could do next, in one line.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Error::NoServer => Some(
                "use --dir DIR (or set GUICHET_DIR) for a server on this machine, or --server URL \
                 --token-file FILE"
                    .to_owned(),
            ),
            Error::Unreachable { dir: Some(dir), .. } => Some(format!(
                "is the server running? Start it with: guichet serve --dir {}",
                dir.display()
            )),
            Error::Unreachable { dir: None, .. } => {
                Some("check --server and --ca-file, and that the server is running".to_owned())
            }
            Error::Refused { http_status, .. } => refusal_hint(*http_status).map(str::to_owned),
            Error::BadAnswer { .. } => {
                Some("is it a Guichet server, and of this version?".to_owned())
            }
            Error::Lacking { instead, .. } => Some(instead.clone()),
            Error::SignedOut(_) => {
                Some("sign in with: guichet --tenant TENANT login (see its --help)".to_owned())
            }
            Error::Busy { .. } => Some("try again after that".to_owned()),
            Error::Usage(_)
            | Error::File { .. }
            | Error::NotFound(_)
            | Error::Conflict(_)
            | Error::Withheld(_)
            | Error::Declined
            | Error::Interrupted
            | Error::BrokenPipe
            | Error::Output(_) => None,
        }
    }
}

fn refusal_status(http_status: u16) -> u8 {
    match http_status {
        401 | 403 => STATUS_NOT_ALLOWED,
        404 => STATUS_NOT_FOUND,
        409 | 412 => STATUS_CONFLICT,
        408 | 429 | 500..=599 => STATUS_TEMPORARY,
        _ => STATUS_USAGE,
    }
}

fn refusal_hint(http_status: u16) -> Option<&'static str> {
    match http_status {
        401 => Some("the token is not accepted; make another with: guichet token create USER"),
        403 => {
            Some("whoever opens the server's admin.sock, or holds an administrator's token, may")
        }
        404 => Some("`guichet user list`, `team list`, `shared list` show what there is"),
        429 | 503 => Some("try again in a moment"),
        500 | 502 | 504 => Some("the server's log says more"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    //! Exit statuses are a promise to scripts.

    use super::*;

    #[test]
    fn http_statuses_become_exit_statuses() {
        for (http_status, expected) in [
            (400, 2),
            (401, 4),
            (403, 4),
            (404, 5),
            (409, 6),
            (412, 6),
            (422, 2),
            (429, 75),
            (500, 75),
            (503, 75),
        ] {
            let refused = Error::Refused { http_status, text: String::new() };
            assert_eq!(refused.status(), expected, "{http_status}");
        }
    }

    #[test]
    fn unreachable_says_how_to_start_the_server() {
        let error = Error::Unreachable {
            endpoint: "/srv/mail/admin.sock".to_owned(),
            why: "no such file".to_owned(),
            dir: Some(PathBuf::from("/srv/mail")),
        };
        assert_eq!(error.status(), 3);
        assert!(error.hint().expect("a hint").contains("guichet serve --dir /srv/mail"));
    }

    #[test]
    fn a_reader_that_has_gone_is_no_error() {
        let error = Error::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(error.status(), 0);
    }
}
