//! How many write sets a second a store commits: each stores a message of 4 KiB, places it in a
//! folder, traces it, and is guarded by the directory's version.
//!
//! `cargo run --release -p guichet-store --example commit -- FILE` or `-- postgres://…` (an empty
//! database each time).

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::{FolderId, MessageId, RecipientId, Timestamp};
use store::folder::NewFolder;
use store::message::{NewMessage, NewPlacement};
use store::trace::{TraceEvent, TraceKind};
use store::{Location, Options, Store, WriteSet, directory, folder, message, trace};

const MESSAGE_OCTETS: usize = 4096;
const ROUND: Duration = Duration::from_secs(3);
const FOLDERS: i64 = 16;
const AT: Timestamp = Timestamp(1_750_000_000_000);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let place = std::env::args().nth(1).ok_or("name a file or the address of a database")?;
    let location = if place.starts_with("postgres") {
        Location::Postgres(place)
    } else {
        Location::Sqlite(place.into())
    };
    let store = Store::open(location, Options::default()).await?;
    prepare(&store).await?;
    println!("resident when idle: {} KiB", resident_kib());
    for tasks in [1, 16, 64] {
        let until = Instant::now() + ROUND;
        let running: Vec<_> =
            (0..tasks).map(|_| tokio::spawn(commit_until(store.clone(), until))).collect();
        let mut committed = 0;
        for task in running {
            committed += task.await??;
        }
        println!("{tasks:>3} tasks: {:>8.0} commits/s", committed as f64 / ROUND.as_secs_f64());
    }
    println!("resident at the end: {} KiB", resident_kib());
    Ok(())
}

async fn prepare(store: &Store) -> Result<(), Box<dyn std::error::Error>> {
    let mut set = WriteSet::new();
    directory::change(&mut set, 0);
    let settings = domain::RecipientSettings::default();
    directory::put_recipient(
        &mut set,
        &domain::Recipient {
            id: RecipientId(1),
            guid: "bench".to_owned(),
            kind: domain::RecipientKind::SharedMailbox,
            alias: "bench".to_owned(),
            display_name: "Bench".to_owned(),
            addresses: vec![mail::Address::parse("bench@contoso.com")?],
            account: None,
            folders: None,
            team: None,
            settings,
            created_at: AT,
        },
    )?;
    for id in 1..=FOLDERS {
        folder::create(
            &mut set,
            &NewFolder {
                id: FolderId(id),
                recipient: RecipientId(1),
                name: format!("Folder {id}"),
                role: None,
                uid_validity: 1,
                created_at: AT,
            },
        );
    }
    Ok(store.commit(set).await?)
}

async fn commit_until(store: Store, until: Instant) -> Result<u64, store::CommitError> {
    let mut committed = 0;
    let trailer: Arc<str> = "x".repeat(MESSAGE_OCTETS).into();
    while Instant::now() < until {
        let (id, trace_id) = (store.next_id().await?, store.next_id().await?);
        let content = format!("Message-ID: <{id}@contoso.com>\r\n\r\n{trailer}");
        store.commit(delivery(id, trace_id, content.into())).await?;
        committed += 1;
    }
    Ok(committed)
}

fn delivery(id: i64, trace_id: i64, content: Bytes) -> WriteSet {
    let mut set = WriteSet::new();
    directory::expect_version(&mut set, 1);
    let internet_message_id = Some(format!("<{id}@contoso.com>"));
    message::insert(
        &mut set,
        &NewMessage {
            id: MessageId(id),
            content,
            internet_message_id: internet_message_id.clone(),
            author: Some("bench@contoso.com".to_owned()),
            subject: Some("How fast".to_owned()),
            stored_at: AT,
            envelope_fields: None,
            header_bytes: None,
        },
    );
    message::place(
        &mut set,
        &NewPlacement {
            folder: FolderId(id % FOLDERS + 1),
            message: MessageId(id),
            size_bytes: 4096,
            flags: store::Flags::NONE,
            internal_at: AT,
            placed_at: AT,
            placed_by: None,
        },
    );
    trace::record(
        &mut set,
        &TraceEvent {
            id: trace_id,
            at: AT,
            message: Some(MessageId(id)),
            internet_message_id,
            kind: TraceKind::Deliver,
            sender: Some("bench@contoso.com".to_owned()),
            recipient: Some("bench@contoso.com".to_owned()),
            subject: Some("How fast".to_owned()),
            size_bytes: Some(4096),
            actor: None,
            detail: "{}".to_owned(),
            reference: None,
        },
    );
    set
}

/// Memory of this process that is in RAM.
fn resident_kib() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.unwrap_or("unknown").trim().trim_end_matches(" kB").to_owned()
}
