//! `guichet config check | show`. Reads the file alone: no server has to run.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{Config, check, show};

/// Something is wrong with the configuration.
const STATUS_PROBLEMS: u8 = 1;
/// Nothing says which configuration.
const STATUS_USAGE: u8 = 2;

/// The configuration file.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum ConfigVerb {
    /// Say everything that is wrong with the configuration, or ok
    Check(ConfigFile),
    /// Print the effective configuration with the origin of each value
    Show(ConfigFile),
}

/// Which file.
#[derive(Debug, clap::Args)]
pub(crate) struct ConfigFile {
    /// The file, where it is not guichet.toml in the directory of --dir
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs the verb for the file it names, or for the data directory `dir`.
pub(crate) fn run(verb: &ConfigVerb, dir: Option<&Path>) -> ExitCode {
    let (ConfigVerb::Check(file) | ConfigVerb::Show(file)) = verb;
    let Some(path) = file.config.as_deref().or(dir) else {
        eprintln!("guichet: which configuration? Use --dir DIR or --config FILE");
        return ExitCode::from(STATUS_USAGE);
    };
    match verb {
        ConfigVerb::Check(_) => run_check(path),
        ConfigVerb::Show(_) => run_show(path),
    }
}

/// The mistakes are the result, so they go to stdout.
fn run_check(path: &Path) -> ExitCode {
    match check(path) {
        Ok(problems) if problems.is_empty() => {
            println!("ok");
            ExitCode::SUCCESS
        }
        Ok(problems) => {
            for problem in problems {
                println!("{problem}");
            }
            ExitCode::from(STATUS_PROBLEMS)
        }
        Err(error) => {
            eprintln!("guichet: {error}");
            ExitCode::from(STATUS_PROBLEMS)
        }
    }
}

fn run_show(path: &Path) -> ExitCode {
    match Config::load(path) {
        Ok(config) => {
            print!("{}", show(&config));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("guichet: {error}");
            ExitCode::from(STATUS_PROBLEMS)
        }
    }
}
