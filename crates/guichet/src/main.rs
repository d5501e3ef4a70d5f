//! Guichet: every team gets one address that its members read together and, by explicit right, send
//! from.
//!
//! The binary wires the crates together: configuration, listeners, TLS, DNS, transmission, the
//! clock. Start reading at `serve`; `cli` has the administration verbs, `demo` the sample.

mod authenticate;
mod cli;
mod clock;
mod cms;
mod config;
mod data_dir;
mod demo;
mod dns;
mod http;
mod identity_provider;
mod imap_backend;
mod init;
mod jobs;
mod listen;
mod outbox;
mod push;
mod serve;
mod setup;
mod smtp_backend;
mod tls;
mod transmit;
mod upkeep;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use config::{Config, LogFormat};

/// The server could not be started, or stopped by itself.
const STATUS_FAILED: u8 = 1;
/// The command line is wrong.
const STATUS_USAGE: u8 = 2;

/// One address for every team, read together and sent from by explicit right.
#[derive(Debug, Parser)]
#[command(name = "guichet", version, after_help = EXAMPLES)]
struct Arguments {
    #[command(flatten)]
    connection: cli::Connection,
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  guichet demo
  guichet init --dir /var/lib/guichet --domain example.org --admin postmaster@example.org
  guichet serve --dir /var/lib/guichet
  guichet --dir /var/lib/guichet team create Support --alias support --owner marie@example.org
  guichet --dir /var/lib/guichet grant send-as support@example.org jean@example.org --until 30d";

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Start a sample organisation on this machine and perform the story
    Demo(demo::DemoArgs),
    /// Make a data directory: configuration, certificate, DKIM keys, first administrator
    Init(init::InitArgs),
    /// Run the server
    Serve(ServeArgs),
    /// Validate or print the configuration
    #[command(subcommand)]
    Config(config::verb::ConfigVerb),
    /// Sign in to a Microsoft 365 tenant, which the verbs then administer
    Login(cli::LoginArgs),
    #[command(flatten)]
    Administration(cli::Verb),
}

/// What `guichet serve` is told, beside `--dir`.
#[derive(Debug, clap::Args)]
struct ServeArgs {
    /// The configuration file, where it is not guichet.toml in the directory of --dir
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Allocations from this size on go back to the system when they are freed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE_ALLOCATION_OCTETS: libc::c_int = 1024 * 1024;

/// Has large allocations, such as a password check's 19 MiB or a big message, go back to the system
/// when they are freed. Left alone, glibc raises its threshold with the first one and keeps the
/// rest in the heap of each thread that ever made one.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "mallopt has no safe wrapper")]
fn return_large_allocations() {
    // tidy: allow(unsafe): one parameter of the allocator, set before any other thread runs
    // SAFETY: mallopt only stores the parameter; it is called first thing, on the only thread.
    unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE_ALLOCATION_OCTETS) };
}

fn main() -> ExitCode {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    return_large_allocations();
    let arguments = Arguments::parse();
    let dir = arguments.connection.dir.clone();
    match arguments.verb {
        Verb::Demo(args) => block_on(async {
            start_log("warn", LogFormat::Text);
            demo::run(&args, dir.as_deref()).await
        }),
        Verb::Init(args) => match dir {
            Some(dir) => block_on(setup::init(&dir, &args)),
            None => usage("where? Use --dir DIR: a new or empty directory"),
        },
        Verb::Serve(args) => match args.config.or(dir) {
            Some(path) => block_on(serve(path)),
            None => usage("which server? Use --dir DIR or --config FILE"),
        },
        Verb::Config(verb) => config::verb::run(&verb, dir.as_deref()),
        Verb::Login(args) => cli::login(args, &arguments.connection),
        Verb::Administration(verb) => cli::run(verb, &arguments.connection),
    }
}

async fn serve(path: PathBuf) -> anyhow::Result<ExitCode> {
    let config = Config::load(&path)?;
    start_log(config.log.level.as_str(), config.log.format);
    serve::run(&config).await?;
    Ok(ExitCode::SUCCESS)
}

/// Runs a future on all cores and says in one line what went wrong.
fn block_on<F: Future<Output = anyhow::Result<ExitCode>>>(future: F) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("guichet: the system gives no threads: {error}");
            return ExitCode::from(STATUS_FAILED);
        }
    };
    let status = runtime.block_on(future).unwrap_or_else(|error| {
        eprintln!("guichet: {error:#}");
        ExitCode::from(STATUS_FAILED)
    });
    // Blocking tasks that are still under way, such as a password check, are not waited for.
    runtime.shutdown_background();
    status
}

fn usage(text: &str) -> ExitCode {
    eprintln!("guichet: {text}");
    ExitCode::from(STATUS_USAGE)
}

/// Logs go to standard error. `GUICHET_LOG` overrides the level, by the rules of `EnvFilter`.
fn start_log(level: &str, format: LogFormat) {
    let filter = EnvFilter::try_from_env("GUICHET_LOG").unwrap_or_else(|_| {
        // Libraries that talk about what is usual.
        EnvFilter::new(format!("{level},tokio_postgres=warn,hickory_resolver=warn"))
    });
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => builder.json().init(),
    }
}
