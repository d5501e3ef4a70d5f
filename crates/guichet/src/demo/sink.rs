//! The outside of the demo: a server on a loopback port that takes all mail and keeps it in a
//! folder, so that everybody can look at what left. Nothing goes further.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use mail::Address;
use smtp::reply::{self, Reply};
use smtp::server::{Accepted, Backend, Opening, Role, ServerSettings, StartTls, TlsFacts, serve};
use smtp::{Credentials, Envelope, MailParameters, Mechanism, RecipientParameters};
use tokio::net::TcpListener;
use tokio::sync::{broadcast, watch};

/// Messages kept at most; a load test must not fill the disk. Later ones are taken and dropped.
const MESSAGES_KEPT_MAX: u64 = 10_000;

/// A message that arrived outside.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    /// Who it was from, on the envelope.
    pub(crate) reverse_path: String,
    /// Whom it was for, on the envelope.
    pub(crate) recipients: Vec<String>,
    /// What arrived.
    pub(crate) message: Bytes,
}

/// The sink: all connections write to one folder and tell one channel.
#[derive(Clone)]
pub(crate) struct Sink {
    folder: PathBuf,
    next: Arc<AtomicU64>,
    arrivals: broadcast::Sender<Arrival>,
}

impl Sink {
    /// A sink that keeps messages in `folder`, which is created. Numbers go on where they ended.
    pub(crate) fn new(folder: &Path) -> std::io::Result<Sink> {
        std::fs::create_dir_all(folder)?;
        let kept = std::fs::read_dir(folder)?
            .flatten()
            .filter_map(|entry| entry.path().file_stem()?.to_str()?.parse::<u64>().ok())
            .max();
        Ok(Sink {
            folder: folder.to_owned(),
            next: Arc::new(AtomicU64::new(kept.unwrap_or(0) + 1)),
            arrivals: broadcast::channel(64).0,
        })
    }

    /// Tells of messages that arrive from now on.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Arrival> {
        self.arrivals.subscribe()
    }

    /// Takes connections until shutdown.
    pub(crate) async fn run(self, listener: TcpListener, mut shutdown: watch::Receiver<bool>) {
        let mut settings = ServerSettings::new("outside.example", Role::Reception);
        settings.starttls = StartTls::Unavailable;
        let settings = Arc::new(settings);
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = shutdown.changed() => return,
            };
            let Ok((stream, _)) = accepted else { continue };
            let (settings, shutdown) = (Arc::clone(&settings), shutdown.clone());
            let mut backend = SinkBackend(self.clone());
            tokio::spawn(async move {
                serve(stream, Opening::Clear, &mut backend, &settings, shutdown).await;
            });
        }
    }

    /// Writes the message and its envelope. The message's file appears last and whole: whoever
    /// sees it finds the envelope beside it.
    fn keep(&self, arrival: &Arrival) -> std::io::Result<u64> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number > MESSAGES_KEPT_MAX {
            return Ok(number);
        }
        let mut envelope = format!("MAIL FROM:<{}>\n", arrival.reverse_path);
        for to in &arrival.recipients {
            envelope.push_str(&format!("RCPT TO:<{to}>\n"));
        }
        std::fs::write(self.folder.join(format!("{number}.envelope")), envelope)?;
        let unfinished = self.folder.join(format!(".{number}.part"));
        std::fs::write(&unfinished, &arrival.message)?;
        std::fs::rename(unfinished, self.folder.join(format!("{number}.eml")))?;
        Ok(number)
    }
}

struct SinkBackend(Sink);

impl Backend for SinkBackend {
    fn secured(&mut self, _: &TlsFacts) {}

    fn postmaster(&self) -> Option<Address> {
        None
    }

    fn mechanisms(&self) -> &[Mechanism] {
        &[]
    }

    async fn authenticate(&mut self, _: Credentials) -> Result<(), Reply> {
        Err(reply::not_offered())
    }

    async fn begin(&mut self, _: &MailParameters) -> Result<(), Reply> {
        Ok(())
    }

    async fn recipient(&mut self, _: &RecipientParameters) -> Result<(), Reply> {
        Ok(())
    }

    async fn accept(&mut self, envelope: Envelope, message: Bytes) -> Result<Accepted, Reply> {
        let arrival = Arrival {
            reverse_path: envelope.mail.reverse_path.to_string(),
            recipients: envelope.recipients.iter().map(|to| to.to.to_string()).collect(),
            message,
        };
        let number = self.0.keep(&arrival).map_err(|error| {
            tracing::error!(%error, "the outside cannot keep a message");
            reply::temporarily_unavailable()
        })?;
        // Nobody may be listening, which is fine.
        let _ = self.0.arrivals.send(arrival);
        Ok(Accepted { queue_id: number.to_string() })
    }

    fn reset(&mut self) {}
}
