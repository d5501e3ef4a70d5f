//! A mail program for the story: signs in to the submission port and sends over one connection.

use std::net::SocketAddr;

use anyhow::Context as _;
use bytes::Bytes;
use mail::{Address, ReversePath};
use rustls::pki_types::ServerName;
use smtp::client::{ClientSettings, Opening, RecipientOutcome, RemoteReply, Session, Transmission};
use smtp::{Envelope, MailParameters, RecipientParameters, Secret};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::tls;

/// A signed-in connection.
pub(crate) struct Mailer {
    session: Session<TlsStream<TcpStream>>,
}

/// A message to write.
pub(crate) struct Letter<'a> {
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) body: &'a str,
    pub(crate) date_ms: i64,
}

impl Letter<'_> {
    fn bytes(&self) -> Bytes {
        Bytes::from(format!(
            "From: {}\r\nTo: {}\r\nSubject: {}\r\nDate: {}\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n",
            self.from,
            self.to,
            self.subject,
            mail::rfc5322_date(self.date_ms),
            self.body
        ))
    }
}

impl Mailer {
    /// Connects to the submission port, secures the connection and signs in.
    pub(crate) async fn sign_in(
        server: SocketAddr,
        login: &str,
        password: &str,
    ) -> anyhow::Result<Mailer> {
        let settings = ClientSettings::new("laptop.example");
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        let session = Session::open(stream, Opening::Clear, &settings).await?;
        let stream = session.starttls().await?;
        // The demo's certificate is its own; the connection does not leave this machine.
        let connector = TlsConnector::from(tls::opportunistic_client()?);
        let name = ServerName::IpAddress(server.ip().into());
        let stream = connector.connect(name, stream).await?;
        let mut session = Session::open(stream, Opening::AfterStartTls, &settings).await?;
        session.authenticate(login, &Secret::new(password)).await?;
        Ok(Mailer { session })
    }

    /// Sends with the author's own address as reverse-path, as mail programs do. Gives the server's
    /// last word, positive or not.
    pub(crate) async fn send(
        &mut self,
        reverse_path: &str,
        letter: &Letter<'_>,
    ) -> anyhow::Result<RemoteReply> {
        let path = ReversePath::Address(Address::parse(reverse_path)?);
        let to = RecipientParameters::new(Address::parse(letter.to)?);
        let envelope = Envelope::new(MailParameters::new(path)).with(to);
        let done = self.session.transmit(&envelope, &letter.bytes()).await?;
        last_word(done)
    }

    /// Closes the connection.
    pub(crate) async fn close(self) {
        self.session.quit().await;
    }
}

/// Hands a message in from outside, as another server does.
pub(crate) async fn hand_in(
    server: SocketAddr,
    reverse_path: &str,
    letter: &Letter<'_>,
) -> anyhow::Result<RemoteReply> {
    let settings = ClientSettings::new("mail.fabrikam.com");
    let stream = TcpStream::connect(server).await?;
    let mut session = Session::open(stream, Opening::Clear, &settings).await?;
    let path = ReversePath::Address(Address::parse(reverse_path)?);
    let to = RecipientParameters::new(Address::parse(letter.to)?);
    let envelope = Envelope::new(MailParameters::new(path)).with(to);
    let done = session.transmit(&envelope, &letter.bytes()).await?;
    session.quit().await;
    last_word(done)
}

/// What the server said of the only recipient.
fn last_word(done: Transmission) -> anyhow::Result<RemoteReply> {
    match done.recipients.into_iter().next().context("the server said nothing")? {
        RecipientOutcome::Accepted(reply)
        | RecipientOutcome::Deferred(reply)
        | RecipientOutcome::Refused(reply) => Ok(reply),
        RecipientOutcome::Unsendable(why) => Err(why.into()),
    }
}
