//! Submission (RFC 6409): people of ours, logged in, through the one door.

use std::net::IpAddr;
use std::sync::Arc;

use app::scram::ScramSignIn;
use app::submit::Submission;
use app::{App, SignedIn};
use bytes::Bytes;
use domain::routing::{self, Origin};
use mail::{Address, Protocol};
use smtp::codec::Hello;
use smtp::reply::{self, Reply};
use smtp::sasl::scram;
use smtp::server::{Accepted, Backend, TlsFacts};
use smtp::{Credentials, Envelope, MailParameters, Mechanism, RecipientParameters, Secret};

use super::{envelope_of, postmaster, protocol, refusal};
use crate::clock;
use crate::config::DenialStyle;

/// The meaning of one submission connection.
pub(crate) struct SubmissionBackend {
    app: Arc<App>,
    peer: IpAddr,
    style: DenialStyle,
    helo: String,
    signed_in: Option<SignedIn>,
    /// The token and the login it was given with, where the client signed in by one: it is looked
    /// at again for each message, so that a revoked token sends no more.
    token: Option<(Secret, Option<String>)>,
    /// A sign-in by SCRAM whose proof has not come yet.
    scram: Option<ScramSignIn>,
}

impl SubmissionBackend {
    /// A connection from `peer`.
    pub(crate) fn new(app: Arc<App>, peer: IpAddr, style: DenialStyle) -> SubmissionBackend {
        SubmissionBackend {
            app,
            peer,
            style,
            helo: String::new(),
            signed_in: None,
            token: None,
            scram: None,
        }
    }

    /// The account, as long as what it signed in with still stands.
    async fn account(&self) -> Result<SignedIn, Reply> {
        let signed_in = self.signed_in.ok_or_else(reply::authentication_required)?;
        if let Some((token, login)) = &self.token {
            let again = self.by_token(token, login.as_deref()).await;
            return again.map_err(|_| reply::authentication_required());
        }
        if self.app.is_still_signed_in(signed_in) {
            Ok(signed_in)
        } else {
            Err(reply::authentication_required())
        }
    }

    async fn by_token(&self, token: &Secret, login: Option<&str>) -> Result<SignedIn, Reply> {
        let now = clock::now();
        let signed_in = self.app.sign_in_with_token(token.expose(), login, self.peer, now).await;
        signed_in.map_err(|error| refusal::sign_in(&error))
    }
}

impl Backend for SubmissionBackend {
    fn secured(&mut self, _: &TlsFacts) {
        self.signed_in = None;
        self.token = None;
        self.scram = None;
        self.helo.clear();
    }

    async fn hello(&mut self, hello: &Hello) -> Result<(), Reply> {
        self.helo.clone_from(&hello.name);
        Ok(())
    }

    fn postmaster(&self) -> Option<Address> {
        postmaster(&self.app)
    }

    fn mechanisms(&self) -> &[Mechanism] {
        &Mechanism::ALL
    }

    async fn authenticate(&mut self, credentials: Credentials) -> Result<(), Reply> {
        match credentials {
            Credentials::Password { login, secret } => {
                let now = clock::now();
                let signed_in = self.app.sign_in(&login, secret.expose(), self.peer, now).await;
                self.signed_in = Some(signed_in.map_err(|error| refusal::sign_in(&error))?);
            }
            Credentials::Token { login, token } => {
                let login = login.filter(|login| !login.is_empty());
                self.signed_in = Some(self.by_token(&token, login.as_deref()).await?);
                self.token = Some((token, login));
            }
        }
        Ok(())
    }

    async fn salt(&mut self, login: &str) -> Result<scram::Salt, Reply> {
        let begun = self.app.begin_scram(login, self.peer, clock::now()).await;
        let begun = begun.map_err(|error| refusal::sign_in(&error))?;
        let salt = scram::Salt {
            nonce: begun.nonce.clone(),
            salt: begun.salt.clone(),
            iterations: begun.iterations,
        };
        self.scram = Some(begun);
        Ok(salt)
    }

    async fn prove(&mut self, proof: &scram::Proof) -> Result<[u8; scram::HASH_OCTETS], Reply> {
        let begun = self.scram.take().ok_or_else(reply::authentication_failed)?;
        let finished = self.app.finish_scram(&begun, &proof.signed, &proof.proof, clock::now());
        let (signed_in, signature) = finished.map_err(|error| refusal::sign_in(&error))?;
        self.signed_in = Some(signed_in);
        self.token = None;
        Ok(signature)
    }

    async fn begin(&mut self, mail: &MailParameters) -> Result<(), Reply> {
        let actor = self.account().await?.account;
        let allowed = self.app.may_use_reverse_path(actor, &mail.reverse_path, clock::now()).await;
        allowed.map_err(|error| refusal::submission(&error, self.style))
    }

    async fn recipient(&mut self, to: &RecipientParameters) -> Result<(), Reply> {
        let admitted = routing::admit(&self.app.directory(), &to.to, Origin::Authenticated);
        admitted.map_err(|error| refusal::recipient(&to.to, error))?;
        let has_room = self.app.has_room_for(&to.to, clock::now()).await;
        if has_room { Ok(()) } else { Err(refusal::mailbox_full(&to.to)) }
    }

    async fn accept(&mut self, envelope: Envelope, message: Bytes) -> Result<Accepted, Reply> {
        let actor = self.account().await?.account;
        let submission = Submission {
            actor,
            with: protocol(Protocol::Esmtpsa, envelope.mail.smtputf8),
            envelope: envelope_of(envelope),
            message,
            client: format!("{} [{}]", self.helo, self.peer),
        };
        match self.app.submit(submission, clock::now()).await {
            Ok(accepted) => Ok(Accepted { queue_id: accepted.message.to_string() }),
            Err(error) => Err(refusal::submission(&error, self.style)),
        }
    }

    fn reset(&mut self) {}
}
