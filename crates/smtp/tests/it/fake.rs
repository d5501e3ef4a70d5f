//! A backend with a table for a directory. It remembers what it took, for tests to look at.
//!
//! It knows `anna@example.org` and `bob@example.org`, the login `anna` with `secret` or the token
//! `token`, and by SCRAM the account of RFC 7677's example; the domain `example.org` is its own.
//! Some addresses make trouble by their name.

use std::future::{Future, ready};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use mail::Address;
use smtp::reply::{self, EnhancedCode, Reply};
use smtp::sasl::scram;
use smtp::server::{Accepted, Backend, TlsFacts};
use smtp::{Credentials, Envelope, MailParameters, Mechanism, RecipientParameters};

/// What the backend was told.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) messages: Vec<(Envelope, Bytes)>,
    pub(crate) resets: usize,
    pub(crate) secured: usize,
    pub(crate) hello: Vec<String>,
}

#[derive(Debug, Default, Clone)]
pub(crate) struct Fake {
    pub(crate) seen: Arc<Mutex<Seen>>,
    pub(crate) mechanisms: Vec<Mechanism>,
    pub(crate) refuses_connection: bool,
}

impl Fake {
    pub(crate) fn new() -> Fake {
        Fake { mechanisms: Mechanism::ALL.to_vec(), ..Fake::default() }
    }

    pub(crate) fn messages(&self) -> Vec<(Envelope, Bytes)> {
        self.seen.lock().unwrap().messages.clone()
    }
}

fn decoded(base64: &str) -> Vec<u8> {
    STANDARD.decode(base64).unwrap()
}

type Answer = Result<(), Reply>;

impl Backend for Fake {
    fn connected(&mut self) -> impl Future<Output = Answer> + Send {
        ready(if self.refuses_connection { Err(reply::no_service()) } else { Ok(()) })
    }

    fn secured(&mut self, _tls: &TlsFacts) {
        self.seen.lock().unwrap().secured += 1;
    }

    fn hello(&mut self, hello: &smtp::codec::Hello) -> impl Future<Output = Answer> + Send {
        self.seen.lock().unwrap().hello.push(hello.name.clone());
        ready(match hello.name.as_str() {
            "refused.test" => Err(reply::no_service()),
            _ => Ok(()),
        })
    }

    fn postmaster(&self) -> Option<Address> {
        Some(Address::parse("postmaster@example.org").unwrap())
    }

    fn mechanisms(&self) -> &[Mechanism] {
        &self.mechanisms
    }

    fn authenticate(&mut self, credentials: Credentials) -> impl Future<Output = Answer> + Send {
        let is_right = match &credentials {
            Credentials::Password { login, secret } => {
                login == "anna" && secret.expose() == "secret"
            }
            Credentials::Token { token, .. } => token.expose() == "token",
        };
        ready(if is_right { Ok(()) } else { Err(reply::authentication_failed()) })
    }

    fn salt(&mut self, _login: &str) -> impl Future<Output = Result<scram::Salt, Reply>> + Send {
        ready(Ok(scram::Salt {
            nonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0".to_owned(),
            salt: decoded("W22ZaJ0SNY7soEsUEjb6gQ=="),
            iterations: 4096,
        }))
    }

    fn prove(
        &mut self,
        proof: &scram::Proof,
    ) -> impl Future<Output = Result<[u8; scram::HASH_OCTETS], Reply>> + Send {
        let is_right = proof.signed.starts_with("n=user,")
            && proof.proof[..] == decoded("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        let signature = decoded("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        ready(if is_right {
            Ok(signature.try_into().unwrap())
        } else {
            Err(reply::authentication_failed())
        })
    }

    fn begin(&mut self, mail: &MailParameters) -> impl Future<Output = Answer> + Send {
        let local = mail.reverse_path.address().map(Address::local).unwrap_or_default();
        ready(match local {
            "forbidden" => Err(reply::refusal(
                550,
                EnhancedCode::new(5, 7, 131),
                "SendAsDenied; anna not allowed to send as forbidden@example.org",
            )
            .line("Ask the owner zoé")),
            "closing" => Err(reply::failed_closing()),
            _ => Ok(()),
        })
    }

    fn recipient(&mut self, to: &RecipientParameters) -> impl Future<Output = Answer> + Send {
        let is_ours = to.to.domain().as_str() == "example.org";
        ready(match to.to.local() {
            _ if !is_ours => Err(reply::relay_denied()),
            "anna" | "bob" | "postmaster" | "zoé" => Ok(()),
            "full" => Err(reply::mailbox_full()),
            "closing" => Err(reply::failed_closing()),
            _ => Err(reply::no_such_recipient()),
        })
    }

    fn accept(
        &mut self,
        envelope: Envelope,
        message: Bytes,
    ) -> impl Future<Output = Result<Accepted, Reply>> + Send {
        if message.starts_with(b"Subject: refuse") {
            return ready(Err(reply::message_refused("No such subjects")));
        }
        let mut seen = self.seen.lock().unwrap();
        seen.messages.push((envelope, message));
        ready(Ok(Accepted { queue_id: format!("q{}", seen.messages.len()) }))
    }

    fn reset(&mut self) {
        self.seen.lock().unwrap().resets += 1;
    }
}
