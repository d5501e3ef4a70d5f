//! AUTH: who is it? (RFC 4954). Only for submission, only under TLS, once a connection, never
//! inside a transaction.

use std::borrow::Cow;

use bytes::Buf as _;
use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::Backend;
use super::limits::{AUTH_LINE_OCTETS_MAX, Role};
use super::session::{Ended, Line, Session};
use crate::codec::command::Auth;
use crate::flow::{BadSequence, Verb};
use crate::reply::{self, Reply};
use crate::sasl::{self, Credentials, Mechanism, SaslError, Secret, scram};

/// The error challenge of RFC 7628 §3.2.2, `{"status":"invalid_token"}` in base64.
const INVALID_TOKEN: &str = "eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=";

/// What came of asking the client for something: its text, or the answer to the command.
type Response = Result<String, Reply>;

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn auth(&mut self, auth: Auth) -> Result<Reply, Ended<()>> {
        let mechanism = match self.may_authenticate(&auth) {
            Ok(mechanism) => mechanism,
            Err(refusal) => return Ok(refusal),
        };
        Ok(match self.authenticate(mechanism, auth.initial).await? {
            Ok(()) => {
                self.is_authenticated = true;
                reply::authenticated()
            }
            Err(refusal) => refusal,
        })
    }

    fn may_authenticate(&self, auth: &Auth) -> Result<Mechanism, Reply> {
        let offered = self.backend.mechanisms();
        if self.settings.role == Role::Reception || offered.is_empty() {
            return Err(reply::not_offered());
        }
        self.state.allows(Verb::Auth).map_err(reply::bad_sequence)?;
        if !self.is_extended {
            return Err(reply::bad_sequence(BadSequence::HelloFirst));
        }
        if self.is_authenticated {
            return Err(reply::already_authenticated());
        }
        if !self.is_secure {
            return Err(reply::encryption_required());
        }
        let is_offered = |mechanism: &Mechanism| offered.contains(mechanism);
        auth.mechanism.filter(is_offered).ok_or_else(reply::mechanism_not_offered)
    }

    /// Holds the dialog of a mechanism and asks the backend.
    async fn authenticate(
        &mut self,
        mechanism: Mechanism,
        initial: Option<Secret>,
    ) -> Result<Result<(), Reply>, Ended<()>> {
        // RFC 4954 §4: without an initial response the first challenge is empty.
        let first = match initial {
            Some(initial) => sasl::decode(initial.expose()).map_err(reply::bad_response),
            None if mechanism == Mechanism::Login => self.ask(sasl::LOGIN_USERNAME).await?,
            None => self.ask("").await?,
        };
        let first = match first {
            Ok(first) => first,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let read = match mechanism {
            Mechanism::ScramSha256 => return self.scram(&first).await,
            Mechanism::Plain => sasl::read_plain(&first),
            Mechanism::OauthBearer => sasl::read_oauth_bearer(&first),
            Mechanism::Xoauth2 => sasl::read_xoauth2(&first),
            Mechanism::Login => match self.ask(sasl::LOGIN_PASSWORD).await? {
                Ok(password) => login_credentials(first, password),
                Err(refusal) => return Ok(Err(refusal)),
            },
        };
        let credentials = match read {
            Ok(credentials) => credentials,
            Err(why) => return Ok(Err(unusable(why))),
        };
        let answer = self.backend.authenticate(credentials).await;
        if answer.is_err() && matches!(mechanism, Mechanism::OauthBearer | Mechanism::Xoauth2) {
            // RFC 7628 §3.2.3: the client answers the error challenge with a dummy.
            let _ = self.ask(INVALID_TOKEN).await?;
        }
        Ok(answer)
    }

    /// SCRAM behind its first message (RFC 5802 §5).
    async fn scram(&mut self, first: &str) -> Result<Result<(), Reply>, Ended<()>> {
        let first = match scram::read_client_first(first) {
            Ok(first) => first,
            Err(why) => return Ok(Err(unusable(why))),
        };
        let salt = match self.backend.salt(&first.login).await {
            Ok(salt) => salt,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let (server_first, exchange) = first.challenge(&salt);
        let last = match self.ask(sasl::encode(&server_first)).await? {
            Ok(last) => last,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let proof = match exchange.read_client_final(&last) {
            Ok(proof) => proof,
            Err(why) => return Ok(Err(unusable(why))),
        };
        match self.backend.prove(&proof).await {
            Ok(signature) => {
                // RFC 4954 §4: what comes with the success is a challenge that is answered with
                // nothing; a client that does not like the signature answers `*`.
                let server_final = sasl::encode(&scram::server_final(&signature));
                Ok(self.ask(server_final).await?.map(drop))
            }
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// Sends a challenge and reads the response to it.
    async fn ask(
        &mut self,
        challenge: impl Into<Cow<'static, str>>,
    ) -> Result<Response, Ended<()>> {
        self.say(&reply::challenge(challenge)).await?;
        self.flush().await?;
        let Line::Octets(octets) = self.line(AUTH_LINE_OCTETS_MAX).await? else {
            return Ok(Err(reply::response_too_long()));
        };
        let response = match &self.wire.input[..octets] {
            [b'*', b'\r', b'\n'] => Err(reply::authentication_cancelled()),
            // RFC 4954 §4: an empty response is an empty line here, `=` only as initial response.
            [line @ .., b'\r', b'\n'] => std::str::from_utf8(line)
                .map_err(|_| SaslError::Base64)
                .and_then(sasl::decode)
                .map_err(reply::bad_response),
            _ => Err(reply::bad_response(SaslError::Base64)),
        };
        self.wire.input.advance(octets);
        Ok(response)
    }
}

fn unusable(why: SaslError) -> Reply {
    match why {
        SaslError::OtherIdentity => reply::authentication_failed(),
        SaslError::Base64 | SaslError::Layout => reply::bad_response(why),
    }
}

fn login_credentials(login: String, password: String) -> Result<Credentials, SaslError> {
    if login.is_empty() || password.is_empty() {
        return Err(SaslError::Layout);
    }
    Ok(Credentials::Password { login, secret: Secret::new(password) })
}
