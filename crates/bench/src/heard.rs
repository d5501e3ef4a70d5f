//! `guichet-bench heard`: how long it takes from a submission until a member who idles hears of it.
//!
//! One message at a time goes to the mailbox that is watched, so that each EXISTS belongs to it.
//! The clock starts before the first command of the message and not when it is accepted. Other
//! connections may submit to other recipients meanwhile, at a steady rate.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::json;

use crate::connection::TlsClient;
use crate::imap::{ImapLogin, ImapSession};
use crate::load::LoadArgs;
use crate::message::Messages;
use crate::samples::Samples;
use crate::session::{Broken, Session, Verdict};

/// Between two messages.
const PAUSE: Duration = Duration::from_millis(10);
/// Connections that make the load beside.
const BESIDE_CONNECTIONS: u64 = 8;

/// What is watched and sent.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct HeardArgs {
    #[command(flatten)]
    load: LoadArgs,
    #[command(flatten)]
    reader: ImapLogin,
    /// Messages whose way is timed
    #[arg(long, default_value_t = 200)]
    samples: u64,
    /// Submissions per second beside, to --beside-to
    #[arg(long, default_value_t = 0)]
    beside_rate: u64,
    /// Who receives the submissions beside, in turn
    #[arg(long)]
    beside_to: Vec<String>,
}

/// Measures and prints the report.
pub(crate) fn run(args: HeardArgs) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure(Arc::new(args)))
}

async fn measure(args: Arc<HeardArgs>) -> anyhow::Result<()> {
    let tls = TlsClient::new(args.load.sessions)?;
    let submitted = Arc::new(AtomicU64::new(0));
    let mut beside = tokio::task::JoinSet::new();
    if args.beside_rate > 0 {
        ensure!(!args.beside_to.is_empty(), "--beside-rate needs --beside-to");
        for lane in 0..BESIDE_CONNECTIONS {
            beside.spawn(submit_beside(
                Arc::clone(&args),
                tls.clone(),
                lane,
                Arc::clone(&submitted),
            ));
        }
    }
    let mut reader = ImapSession::open(&args.reader).await?;
    reader.ask(&format!("SELECT \"{}\"", args.reader.mailbox)).await?;
    reader.idle().await?;
    let recipient = args.load.recipients.first().context("a recipient is needed")?;
    let mut session = opened(&args.load, &tls).await?;
    let messages = Messages::new(args.load.octets, &args.load.tag, &args.load.date);
    let (mut heard, mut both) = (Samples::default(), Samples::default());
    let (begun_at, submitted_before) = (Instant::now(), submitted.load(Ordering::Relaxed));
    for number in 0..args.samples {
        let content = messages.content(number, &args.load.author, recipient);
        let sent_at = Instant::now();
        let (sent, exists) =
            tokio::join!(transmit(&mut session, &args.load, recipient, &content), async {
                reader.next_exists().await.map(|_| sent_at.elapsed())
            });
        sent?;
        heard.push(exists?);
        both.push(sent_at.elapsed());
        tokio::time::sleep(PAUSE).await;
    }
    let seconds = begun_at.elapsed().as_secs_f64();
    let submitted = submitted.load(Ordering::Relaxed) - submitted_before;
    if let Some(ended) = beside.try_join_next() {
        // None of them ends by itself unless something failed.
        ended??;
    }
    let report = json!({
        "heard": heard.summary(), "both": both.summary(), "samples": args.samples,
        "beside_per_second": submitted as f64 / seconds,
    });
    println!("{report}");
    Ok(())
}

/// One of the connections beside: it submits at its share of the rate until it is aborted.
async fn submit_beside(
    args: Arc<HeardArgs>,
    tls: TlsClient,
    lane: u64,
    submitted: Arc<AtomicU64>,
) -> anyhow::Result<()> {
    let tag = format!("{}-beside{lane}", args.load.tag);
    let messages = Messages::new(args.load.octets, &tag, &args.load.date);
    let mut session = opened(&args.load, &tls).await?;
    let gap = Duration::from_secs_f64(BESIDE_CONNECTIONS as f64 / args.beside_rate as f64);
    let mut clock = tokio::time::interval(gap);
    for number in 0.. {
        clock.tick().await;
        let recipient = &args.beside_to[(number + lane) as usize % args.beside_to.len()];
        let content = messages.content(number, &args.load.author, recipient);
        transmit(&mut session, &args.load, recipient, &content).await?;
        submitted.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

async fn opened(load: &LoadArgs, tls: &TlsClient) -> anyhow::Result<Session> {
    Session::open(load, tls).await.map_err(|Broken(step)| anyhow::anyhow!(step))
}

async fn transmit(
    session: &mut Session,
    load: &LoadArgs,
    recipient: &str,
    content: &str,
) -> anyhow::Result<()> {
    match session.transmit(&load.author, recipient, content.as_bytes()).await {
        Ok(Verdict::Accepted) => Ok(()),
        Ok(Verdict::Refused(why)) => bail!("refused: {why}"),
        Err(Broken(step)) => bail!(step),
    }
}
