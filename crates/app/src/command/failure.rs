//! Why a command is not carried out. Nothing of it was written.

use crate::acceptance::ConflictsExceeded;
use crate::access::Denied;

/// Why a command is not carried out.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The actor may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Nothing, or nothing of the wanted kind, has this name.
    #[error("'{0}' couldn't be found")]
    NotFound(String),
    /// The address belongs to another recipient.
    #[error("the address {address} belongs to \"{holder}\": choose another one")]
    AddressInUse {
        /// The address.
        address: String,
        /// The display name of the recipient that has it.
        holder: String,
    },
    /// Another object has this name.
    #[error("the {what} \"{name}\" already exists: choose another one")]
    AlreadyExists {
        /// What kind of name it is.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// The state of things forbids it; the sentence says what to do first.
    #[error("{0}")]
    InTheWay(String),
    /// A value cannot be taken.
    #[error("{what}: {why}")]
    Invalid {
        /// Which value, in a word that every surface can show.
        what: &'static str,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// The same for a setting of a rule, which goes by the name that every surface shows.
    #[error("{what}: {why}")]
    Setting {
        /// Which setting.
        what: String,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// The directory changed again and again while the command was decided.
    #[error(transparent)]
    Conflicts(#[from] ConflictsExceeded),
    /// The directory is not the one that the caller decided on.
    #[error(
        "somebody changed the directory meanwhile (version {expected} was read, it is {found} \
         now): read it again and decide anew"
    )]
    ChangedMeanwhile {
        /// The version that the caller decided on.
        expected: i64,
        /// The version that there is.
        found: i64,
    },
    /// The object is not the one that the caller decided on.
    #[error("'{0}' was changed by somebody else meanwhile: look at it again and decide anew")]
    ObjectChangedMeanwhile(String),
    /// Argon2 does not work.
    #[error(transparent)]
    Hash(#[from] crate::credentials::HashError),
    /// A DKIM key cannot be used.
    #[error(transparent)]
    Key(#[from] crate::signing::KeyError),
    /// The database failed.
    #[error(transparent)]
    Unavailable(#[from] store::Failure),
}

impl CommandError {
    pub(crate) fn not_found(identity: &str) -> CommandError {
        CommandError::NotFound(identity.to_owned())
    }

    pub(crate) fn invalid(what: &'static str, why: impl Into<String>) -> CommandError {
        CommandError::Invalid { what, why: why.into() }
    }

    pub(crate) fn in_the_way(why: impl Into<String>) -> CommandError {
        CommandError::InTheWay(why.into())
    }

    /// Whether fresher facts could make it go away. Refused on a snapshot that lags behind another
    /// process, a command is decided again on a fresh one.
    pub(crate) fn depends_on_directory(&self) -> bool {
        matches!(
            self,
            CommandError::Denied(_)
                | CommandError::NotFound(_)
                | CommandError::AddressInUse { .. }
                | CommandError::AlreadyExists { .. }
                | CommandError::InTheWay(_)
                | CommandError::Invalid { .. }
                | CommandError::Setting { .. }
        )
    }
}
