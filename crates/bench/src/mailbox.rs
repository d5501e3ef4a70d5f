//! `guichet-bench fill` and `guichet-bench imap`: a mailbox of known messages, and how long what
//! clients do in it takes.
//!
//! The same numbers make the same messages everywhere, so that two servers hold the same mailbox.
//! Every hundredth message has the word `zebrafish` in its body and every fiftieth `Quarterly` in
//! its subject; what a search finds is reported, so that a wrong answer is seen.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::ensure;
use serde_json::{Map, Value, json};

use crate::imap::{Brought, ImapLogin, ImapSession};
use crate::message::body;

/// Messages that go with one APPEND when a mailbox is filled (MULTIAPPEND, RFC 3502).
const FILL_AT_ONCE: u64 = 100;
/// One message in so many has the word that is searched in the text.
const TEXT_EVERY: u64 = 100;
/// One message in so many has the word that is searched in the subject.
const SUBJECT_EVERY: u64 = 50;
/// Messages that get a flag, and single messages appended, in one measurement.
const STORED: u64 = 1000;
const APPENDED: u64 = 100;

/// What is filled.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct FillArgs {
    #[command(flatten)]
    login: ImapLogin,
    /// How many messages
    #[arg(long)]
    messages: u64,
    /// Octets of a message
    #[arg(long, default_value_t = 4096)]
    octets: usize,
}

/// What is timed.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct TimeArgs {
    #[command(flatten)]
    login: ImapLogin,
    /// A mailbox, emptied now and then, that messages are appended to
    #[arg(long)]
    appended_to: String,
    /// How often each operation is run
    #[arg(long, default_value_t = 3)]
    repeats: u32,
    /// Only operations whose name begins so
    #[arg(long, default_value = "")]
    only: String,
    /// Octets of an appended message
    #[arg(long, default_value_t = 4096)]
    octets: usize,
    /// Stands in appended messages; must differ from run to run
    #[arg(long, default_value_t = 0)]
    first: u64,
}

/// A message of the filling.
fn content(number: u64, octets: usize) -> String {
    let mut text = String::with_capacity(octets + 512);
    let subject = if number.is_multiple_of(SUBJECT_EVERY) { "Quarterly figures" } else { "Note" };
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "From: Sender {person} <sender{person}@fabrikam.com>\r\nTo: Team <team@contoso.com>\r\n\
         Cc: Copy <copy@contoso.com>\r\nSubject: {subject} {number}\r\n\
         Date: Thu, 1 Jan 2026 {hour:02}:{minute:02}:00 +0000\r\n\
         Message-ID: <{number}@bench.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n",
        person = number % 97,
        hour = number / 60 % 24,
        minute = number % 60,
    );
    if number.is_multiple_of(TEXT_EVERY) {
        text.push_str("A zebrafish swims here.\r\n");
    }
    let rest = octets.saturating_sub(text.len());
    text.push_str(&body(number, rest));
    text
}

/// Fills a mailbox, which is created where it is not there.
pub(crate) fn fill(args: &FillArgs) -> anyhow::Result<()> {
    runtime()?.block_on(async {
        let mut session = ImapSession::open(&args.login).await?;
        let mailbox = &args.login.mailbox;
        // It may be there.
        let _ = session.ask(&format!("CREATE \"{mailbox}\"")).await;
        let begun_at = Instant::now();
        let mut next = 0;
        while next < args.messages {
            let mut command = format!("APPEND \"{mailbox}\"").into_bytes();
            for number in next..args.messages.min(next + FILL_AT_ONCE) {
                let content = content(number, args.octets);
                command.extend_from_slice(format!(" {{{}+}}\r\n", content.len()).as_bytes());
                command.extend_from_slice(content.as_bytes());
            }
            session.ask_octets(&command).await?;
            next += FILL_AT_ONCE;
        }
        let seconds = begun_at.elapsed().as_secs_f64();
        println!("{}", json!({ "messages": args.messages, "seconds": seconds }));
        session.close().await
    })
}

/// Times the operations and prints the milliseconds of each run.
pub(crate) fn time(args: &TimeArgs) -> anyhow::Result<()> {
    runtime()?.block_on(async {
        let mut operations = Map::new();
        for (name, operation) in OPERATIONS.iter().filter(|(name, _)| name.starts_with(&args.only))
        {
            let (mut millis, mut what) = (Vec::new(), Brought::default());
            for repeat in 0..args.repeats {
                let (elapsed, brought) = run(args, *operation, repeat).await?;
                millis.push(elapsed.as_secs_f64() * 1000.0);
                what = brought;
            }
            let told = json!({
                "millis": millis, "responses": what.responses, "found": what.found,
                "literal_octets": what.literal_octets,
            });
            operations.insert((*name).to_owned(), told);
        }
        println!("{}", Value::Object(operations));
        Ok(())
    })
}

#[derive(Debug, Clone, Copy)]
enum Operation {
    /// A new session opens the mailbox.
    Select,
    /// One command in the open mailbox.
    Command(&'static str),
    /// The whole of a hundred messages.
    Bodies,
    /// A flag for a thousand messages, on and off.
    Store,
    /// A hundred messages, one at a time.
    Append,
}

const OPERATIONS: &[(&str, Operation)] = &[
    ("SELECT", Operation::Select),
    ("STATUS", Operation::Command("STATUS \"{mailbox}\" (MESSAGES UNSEEN UIDNEXT)")),
    ("FETCH flags", Operation::Command("FETCH 1:* (UID FLAGS)")),
    (
        "FETCH envelopes",
        Operation::Command("FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)"),
    ),
    (
        "FETCH 50 envelopes",
        Operation::Command("FETCH 1:50 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)"),
    ),
    ("FETCH 100 bodies", Operation::Bodies),
    ("SEARCH TEXT", Operation::Command("UID SEARCH TEXT zebrafish")),
    ("SEARCH BODY, nothing", Operation::Command("UID SEARCH BODY quagga")),
    ("SEARCH SUBJECT", Operation::Command("UID SEARCH SUBJECT Quarterly")),
    ("SEARCH UNSEEN", Operation::Command("UID SEARCH UNSEEN")),
    ("STORE 1,000 flags", Operation::Store),
    ("APPEND 100, one by one", Operation::Append),
];

async fn run(
    args: &TimeArgs,
    operation: Operation,
    repeat: u32,
) -> anyhow::Result<(Duration, Brought)> {
    let mailbox = &args.login.mailbox;
    let mut session = ImapSession::open(&args.login).await?;
    let select = format!("SELECT \"{mailbox}\"");
    if !matches!(operation, Operation::Select | Operation::Append) {
        ensure!(session.ask(&select).await?.exists > 0, "{mailbox} is empty");
    }
    let repeat = u64::from(repeat);
    let begun_at = Instant::now();
    let brought = match operation {
        Operation::Select => session.ask(&select).await?,
        Operation::Command(text) => session.ask(&text.replace("{mailbox}", mailbox)).await?,
        Operation::Bodies => {
            // Other messages each time.
            let first = 1 + (args.first + repeat) * 100 % 9000;
            session.ask(&format!("FETCH {first}:{} (BODY.PEEK[])", first + 99)).await?
        }
        Operation::Store => {
            let sign = if (args.first + repeat).is_multiple_of(2) { '+' } else { '-' };
            session.ask(&format!("STORE 1:{STORED} {sign}FLAGS.SILENT (\\Flagged)")).await?
        }
        Operation::Append => {
            let first = (1 << 32) + args.first * 10_000 + repeat * APPENDED;
            append(&mut session, &args.appended_to, first, args.octets).await?
        }
    };
    let elapsed = begun_at.elapsed();
    session.close().await?;
    Ok((elapsed, brought))
}

async fn append(
    session: &mut ImapSession,
    mailbox: &str,
    first: u64,
    octets: usize,
) -> anyhow::Result<Brought> {
    for number in first..first + APPENDED {
        let content = content(number, octets);
        let command = format!("APPEND \"{mailbox}\" {{{}+}}\r\n{content}", content.len());
        session.ask_octets(command.as_bytes()).await?;
    }
    Ok(Brought::default())
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_their_size_and_their_words() {
        let plain = content(1, 4096);
        assert!(plain.len().abs_diff(4096) < 20, "{}", plain.len());
        assert!(!plain.contains("zebrafish") && !plain.contains("Quarterly"));
        assert!(content(100, 4096).contains("zebrafish"));
        assert!(content(50, 4096).contains("Subject: Quarterly"));
        assert_ne!(content(1, 600), content(2, 600));
    }
}
