//! `guichet demo`: the embedded default with a sample organisation, on loopback, and the story of
//! the product performed for real: refused, explained, granted, sent, received.

mod mailer;
mod sample;
mod sink;
mod story;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use app::command::generate_domain_keys;
use tokio::sync::watch;

use crate::clock;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::http;
use crate::serve::{self, ClearWeb, Server};
use crate::tls;
use sink::Sink;

/// The name of the demo's server.
const HOSTNAME: &str = "mail.contoso.com";
/// Behind the port base: where the demo's outside listens.
const SINK_PORT: u16 = 26;
/// The standard port of submission (RFC 6409 §3.1).
const SUBMISSION_PORT: u16 = 587;
/// The standard port of HTTP, on which the demo serves the pages too (RFC 9110 §4.2.1).
const WEB_PORT: u16 = 80;
/// Highest port base: all ports of the demo must be below 65,536.
const PORT_BASE_MAX: u16 = 60_000;

/// What `guichet demo` is told, beside `--dir`.
#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {
    /// All ports are this plus the standard one: 20587 for submission
    #[arg(long, value_name = "PORT", default_value_t = 20_000,
          value_parser = clap::value_parser!(u16).range(1..=i64::from(PORT_BASE_MAX)))]
    port_base: u16,
    /// The password of all sample accounts
    #[arg(long, value_name = "PASSWORD", default_value = sample::PASSWORD)]
    password: String,
    /// Only start: do not perform the story
    #[arg(long)]
    no_story: bool,
    /// Stop after the story; the exit status says whether every step did what it says
    #[arg(long, conflicts_with = "no_story")]
    exit: bool,
}

/// Where the demo is, for everything that prints it.
struct Stage {
    dir: PathBuf,
    port_base: u16,
    password: String,
    is_temporary: bool,
}

impl Stage {
    fn address(&self, port: u16) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port_base + port))
    }
}

/// Runs the demo.
pub(crate) async fn run(args: &DemoArgs, dir: Option<&Path>) -> anyhow::Result<ExitCode> {
    let mut stage = Stage {
        dir: dir.map_or_else(temporary_dir, Path::to_owned),
        port_base: args.port_base,
        password: args.password.clone(),
        is_temporary: dir.is_none(),
    };
    let result = perform(args, &mut stage).await;
    if stage.is_temporary && stage.dir.exists() {
        std::fs::remove_dir_all(&stage.dir)
            .with_context(|| format!("cannot remove {}", stage.dir.display()))?;
    }
    result
}

async fn perform(args: &DemoArgs, stage: &mut Stage) -> anyhow::Result<ExitCode> {
    if !stage.dir.join(crate::config::FILE_NAME).exists() {
        lay_out(stage)?;
    }
    let config = Config::load(&stage.dir)?;
    // A directory from before keeps its ports, whatever the command line says.
    if let Some(submission) = config.listen.submission.first() {
        stage.port_base = submission.port().saturating_sub(SUBMISSION_PORT);
    }
    let opened = serve::open(&config).await?;
    if opened.app.directory().is_empty() {
        let keys = generate_domain_keys().await?;
        sample::seed(&opened.app, &stage.password, keys).await?;
    }
    let (stop_sink, sink_stopped) = watch::channel(false);
    let sink = Sink::new(&stage.dir.join("outside"))?;
    let listener = http::bind(stage.address(SINK_PORT)).await?;
    let running = tokio::spawn(sink.clone().run(listener, sink_stopped));
    let server = Server::start(&config, opened, ClearWeb::Serves).await?;
    let told = if args.no_story { Ok(()) } else { story::tell(stage, server.app(), &sink).await };
    if let Err(error) = &told {
        eprintln!("guichet: the story did not go as told: {error:#}");
    }
    if !args.exit {
        story::print_directions(stage);
        wait_for_end(&server).await?;
    }
    server.stop().await;
    let _ = stop_sink.send(true);
    running.await?;
    Ok(if told.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn wait_for_end(server: &Server) -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    loop {
        tokio::select! {
            _ = interrupt.recv() => return Ok(()),
            _ = terminate.recv() => return Ok(()),
            _ = hang_up.recv() => server.reload(),
        }
    }
}

fn temporary_dir() -> PathBuf {
    let mut random = [0u8; 6];
    clock::fill_random(&mut random);
    let name: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    std::env::temp_dir().join(format!("guichet-demo-{name}"))
}

/// Writes the files of a new data directory: like `guichet init`, with everything on loopback and
/// the outside replaced by the sink.
fn lay_out(stage: &Stage) -> anyhow::Result<()> {
    let dir = DataDir::create(&stage.dir)?;
    let names = [HOSTNAME, "localhost", "127.0.0.1"];
    let certificate = tls::self_signed(&names, clock::system_now())?;
    let (certificate_file, key_file) = dir.tls_files();
    dir.write_new(&key_file, &certificate.key_pem)?;
    dir.write_new(&certificate_file, &certificate.certificate_pem)?;
    dir.write_new(&dir.config_file(), &config_text(stage))?;
    Ok(())
}

fn config_text(stage: &Stage) -> String {
    format!(
        "# The demo's configuration: everything on loopback, nothing leaves this machine.\n\
         hostname = \"{HOSTNAME}\"\npublic_url = \"http://127.0.0.1:{web}\"\n\n\
         [listen]\naddress = \"127.0.0.1\"\nport_base = {base}\n\n\
         # All mail for the outside goes to a sink inside the demo, which keeps it under
         # outside/.\n\
         [outbound]\nsmarthost = \"127.0.0.1:{sink}\"\nsmarthost_tls = \"off\"\n\n\
         [dns]\nenabled = false\n\n\
         # Raised so that the demo can be load-tested and probed.\n\
         [limits]\nmessages_per_hour = 10000\nrecipients_per_day = 240000\n\
         failed_sign_ins_free = 1000\nfailed_sign_ins_free_per_address = 1000\n\
         loopback_exempt = true\nadmin_calls_per_window = 1000000\n\n\
         [log]\nlevel = \"warn\"\n",
        base = stage.port_base,
        web = stage.port_base + WEB_PORT,
        sink = stage.port_base + SINK_PORT,
    )
}
