//! Asking before something is lost. Only a person at a terminal is asked; scripts mean what they
//! say.

use std::io::{self, BufRead, IsTerminal};

use super::error::Error;

/// `--yes` of verbs that ask.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(crate) struct YesOption {
    /// Do not ask
    #[arg(long, short = 'y')]
    yes: bool,
}

impl YesOption {
    /// Asks the question on a terminal; anything but yes declines.
    pub(crate) fn ask(self, question: &str) -> Result<(), Error> {
        if self.yes || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Ok(());
        }
        eprint!("{question} [y/N] ");
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer).map_err(|_| Error::Declined)?;
        match answer.trim().to_lowercase().as_str() {
            "y" | "yes" => Ok(()),
            _ => Err(Error::Declined),
        }
    }
}
