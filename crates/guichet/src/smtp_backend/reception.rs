//! Reception: mail that other servers hand in.

use std::net::SocketAddr;
use std::sync::Arc;

use app::App;
use app::receive::Reception;
use bytes::Bytes;
use domain::routing::{self, Origin};
use mail::{Address, Protocol};
use smtp::codec::{Hello, HelloVerb};
use smtp::reply::{self, Reply};
use smtp::server::{Accepted, Backend, TlsFacts};
use smtp::{Credentials, Envelope, MailParameters, Mechanism, RecipientParameters};

use super::{envelope_of, postmaster, protocol, refusal, tls_text};
use crate::authenticate::{Authenticator, Question};
use crate::clock;

/// The meaning of one connection from another server.
pub(crate) struct ReceptionBackend {
    app: Arc<App>,
    authenticator: Arc<Authenticator>,
    peer: SocketAddr,
    hello: Option<Hello>,
    tls: Option<String>,
}

impl ReceptionBackend {
    /// A connection from `peer`.
    pub(crate) fn new(
        app: Arc<App>,
        authenticator: Arc<Authenticator>,
        peer: SocketAddr,
    ) -> ReceptionBackend {
        ReceptionBackend { app, authenticator, peer, hello: None, tls: None }
    }

    fn with(&self) -> Protocol {
        let is_extended = self.hello.as_ref().is_some_and(|hello| hello.verb == HelloVerb::Ehlo);
        match (is_extended, &self.tls) {
            (true, Some(_)) => Protocol::Esmtps,
            (true, None) => Protocol::Esmtp,
            (false, _) => Protocol::Smtp,
        }
    }
}

impl Backend for ReceptionBackend {
    fn secured(&mut self, tls: &TlsFacts) {
        self.hello = None;
        self.tls = Some(tls_text(tls));
    }

    async fn hello(&mut self, hello: &Hello) -> Result<(), Reply> {
        self.hello = Some(hello.clone());
        Ok(())
    }

    fn postmaster(&self) -> Option<Address> {
        postmaster(&self.app)
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

    async fn recipient(&mut self, to: &RecipientParameters) -> Result<(), Reply> {
        let admitted = routing::admit(&self.app.directory(), &to.to, Origin::Outside);
        admitted.map_err(|error| {
            tracing::info!(to = %to.to, peer = %self.peer, refusal = ?error, "recipient refused");
            refusal::recipient(&to.to, error)
        })?;
        let has_room = self.app.has_room_for(&to.to, clock::now()).await;
        if has_room { Ok(()) } else { Err(refusal::mailbox_full(&to.to)) }
    }

    async fn accept(&mut self, envelope: Envelope, message: Bytes) -> Result<Accepted, Reply> {
        let helo = self.hello.as_ref().map_or("unknown", |hello| hello.name.as_str()).to_owned();
        let question = Question {
            peer: self.peer.ip(),
            helo: &helo,
            reverse_path: &envelope.mail.reverse_path,
            message: &message,
        };
        let facts = self.authenticator.facts(&question).await;
        let reception = Reception {
            with: protocol(self.with(), envelope.mail.smtputf8),
            envelope: envelope_of(envelope),
            message,
            peer: self.peer.ip(),
            helo,
            tls: self.tls.clone(),
            facts,
        };
        match self.app.receive(&reception, clock::now()).await {
            Ok(received) => Ok(Accepted { queue_id: received.message.to_string() }),
            Err(error) => {
                let (peer, helo) = (self.peer, &reception.helo);
                tracing::info!(%peer, %helo, %error, "message refused");
                Err(refusal::reception(&error))
            }
        }
    }

    fn reset(&mut self) {}
}
