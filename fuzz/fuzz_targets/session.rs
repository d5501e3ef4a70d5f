//! Any octets as everything a client ever says: the session ends, says only whole lines that are
//! replies, and hands over only what the backend's contract promises.
#![no_main]

use std::time::Duration;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use mail::Address;
use smtp::codec::{Hello, content, reply_line};
use smtp::server::{Accepted, Backend, Opening, Role, ServerSettings, TlsFacts, serve};
use smtp::{Credentials, Envelope, MailParameters, Mechanism, RecipientParameters, Reply};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;

/// Small enough for the fuzzer to reach.
const MESSAGE_OCTETS_MAX: u64 = 1024;
const RECIPIENTS_MAX: usize = 3;

/// Takes everything and checks what it is promised.
struct Taker {
    recipients: usize,
}

impl Backend for Taker {
    fn secured(&mut self, _: &TlsFacts) {}

    async fn hello(&mut self, _: &Hello) -> Result<(), Reply> {
        assert_eq!(self.recipients, 0, "reset comes before another greeting");
        Ok(())
    }

    fn postmaster(&self) -> Option<Address> {
        Address::parse("postmaster@example.org").ok()
    }

    fn mechanisms(&self) -> &[Mechanism] {
        &[Mechanism::Plain, Mechanism::Login, Mechanism::OauthBearer]
    }

    async fn authenticate(&mut self, _: Credentials) -> Result<(), Reply> {
        Ok(())
    }

    async fn begin(&mut self, _: &MailParameters) -> Result<(), Reply> {
        assert_eq!(self.recipients, 0, "a transaction begins without recipients");
        Ok(())
    }

    async fn recipient(&mut self, _: &RecipientParameters) -> Result<(), Reply> {
        self.recipients += 1;
        assert!(self.recipients <= RECIPIENTS_MAX);
        Ok(())
    }

    async fn accept(&mut self, envelope: Envelope, message: Bytes) -> Result<Accepted, Reply> {
        assert_eq!(envelope.recipients.len(), self.recipients);
        assert!(self.recipients > 0);
        assert!(message.len() as u64 <= MESSAGE_OCTETS_MAX);
        assert!(message.is_empty() || message.ends_with(b"\r\n"));
        content::check(&message).expect("content is clean");
        self.recipients = 0;
        Ok(Accepted { queue_id: "1".to_owned() })
    }

    fn reset(&mut self) {
        self.recipients = 0;
    }
}

async fn hold(octets: &[u8], role: Role) {
    let mut settings = ServerSettings::new("mx.example.org", role);
    settings.message_octets_max = MESSAGE_OCTETS_MAX;
    settings.recipients_max = RECIPIENTS_MAX;
    settings.error_pause = Duration::ZERO;
    // Replies are small; the largest is EHLO's. The pipe holds an answer to every octet.
    let (near, mut far) = tokio::io::duplex(4096 + octets.len() * 600);
    far.write_all(octets).await.expect("the pipe has room");
    far.shutdown().await.expect("the pipe is open");
    let (_going_down, shutdown) = watch::channel(false);
    let opening = match role {
        Role::Reception => Opening::Clear,
        _ => Opening::ImplicitTls(TlsFacts::default()),
    };
    let mut backend = Taker { recipients: 0 };
    let ended = serve(near, opening, &mut backend, &settings, shutdown);
    let ended = tokio::time::timeout(Duration::from_secs(5), ended).await;
    drop(ended.expect("a client that has gone does not keep the session"));
    let mut said = Vec::new();
    far.read_to_end(&mut said).await.expect("the pipe can be read");
    for line in said.split_inclusive(|octet| *octet == b'\n') {
        assert!(line.ends_with(b"\r\n"), "half a line was said");
        reply_line::parse(line).expect("only replies are said");
    }
}

fuzz_target!(|octets: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(hold(octets, Role::Reception));
    runtime.block_on(hold(octets, Role::Submission));
});
