//! The configuration file `guichet.toml`: read, resolved, checked, shown.
//!
//! Two stages: `raw` is exactly what is written, with the place of every value; `resolved` is what
//! the program uses, made from it by `resolve`. The table of keys (`keys`) is the only list of
//! what can be written; defaults, explanations and examples come from there. The file holds only
//! what is needed to start: everything an administrator changes while the server runs lives in the
//! database. Nothing ever rewrites the file.
//!
//! A value in the environment (`GUICHET_` and the key's name in capitals,
//! `GUICHET_LISTEN_PORT_BASE`) wins over the file.

mod check;
mod convert;
pub(crate) mod keys;
mod problem;
mod raw;
mod resolve;
mod resolved;
mod show;
pub(crate) mod template;
pub(crate) mod verb;

use std::io;
use std::path::{Path, PathBuf};

pub(crate) use check::{check, file_problems};
pub(crate) use problem::{Problem, nearest};
pub(crate) use raw::Environment;
pub(crate) use resolved::{Config, DatabaseUrl, DenialStyle, LogFormat, SmarthostTls};
pub(crate) use show::show;

/// The name of the file in the data directory.
pub(crate) const FILE_NAME: &str = "guichet.toml";

/// Why there is no configuration to run with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The directory, or the file that was named, is not there.
    #[error(
        "{} does not exist: make a data directory with guichet init --dir DIR, or correct the \
         path", .0.display()
    )]
    Missing(PathBuf),
    /// There is a directory, and it is not one of ours.
    #[error(
        "{} has no {FILE_NAME}, so it is not a data directory of Guichet: correct the path, or \
         make a new directory with guichet init --dir DIR", .0.display()
    )]
    NotADataDirectory(PathBuf),
    /// The operating system does not let us read it.
    #[error("cannot read {}: {source}; run guichet as the user that owns it", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is there and wrong.
    #[error("the configuration has {}:\n{}", mistakes(.0), lines(.0))]
    Invalid(Vec<Problem>),
}

fn mistakes(problems: &[Problem]) -> String {
    match problems.len() {
        1 => "a mistake".to_owned(),
        count => format!("{count} mistakes"),
    }
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

impl Config {
    /// Reads a file, or `guichet.toml` in a directory, with the process's environment over it.
    ///
    /// Values are checked by themselves and against each other; the files that they name are not
    /// opened ([`file_problems`] does that).
    pub(crate) fn load(path: &Path) -> Result<Config, ConfigError> {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| name.starts_with("GUICHET_"))
            .collect();
        let is_dir = path.is_dir();
        let file = if is_dir { path.join(FILE_NAME) } else { path.to_owned() };
        let source = std::fs::read_to_string(&file).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound if is_dir => ConfigError::NotADataDirectory(path.to_owned()),
            io::ErrorKind::NotFound => ConfigError::Missing(path.to_owned()),
            _ => ConfigError::Unreadable { path: file.clone(), source },
        })?;
        Config::from_text(&file, &source, &environment)
    }

    /// Resolves the text of a file that would be at `file`, and an environment.
    pub(crate) fn from_text(
        file: &Path,
        source: &str,
        environment: &Environment,
    ) -> Result<Config, ConfigError> {
        resolve::resolve(raw::Raw::read(file, source, environment)).map_err(ConfigError::Invalid)
    }
}
