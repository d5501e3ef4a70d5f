//! AUTHENTICATE and LOGIN: who is it? (RFC 9051 §6.2.2 and §6.2.3). Only under TLS.

use smtp::sasl::{self, SaslError};
use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::{Backend, Credentials, Mechanism, Secret};
use super::limits::SIGN_IN_PAUSE;
use super::session::{Outcome, Session, Stop};
use crate::codec::{Authenticate, Login};
use crate::flow::Step;
use crate::reply::Reply;

/// The error challenge of RFC 7628 §3.2.2, `{"status":"invalid_token"}` in base64.
const INVALID_TOKEN: &str = "eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=";

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn authenticate(&mut self, asked: Authenticate) -> Outcome {
        if !self.is_secure {
            return Err(not_in_the_clear().into());
        }
        let known = Mechanism::from_name(&asked.mechanism);
        let offered = known.filter(|known| self.backend.mechanisms().contains(known));
        let Some(mechanism) = offered else {
            return Err(Reply::no("CANNOT", "This mechanism is not offered, see AUTH=").into());
        };
        let credentials = self.credentials(mechanism, asked.initial.as_ref()).await?;
        let refused = match self.backend.sign_in(credentials).await {
            Ok(()) => return self.signed_in(),
            Err(failure) => Reply::from(failure),
        };
        if matches!(mechanism, Mechanism::OauthBearer | Mechanism::Xoauth2) {
            // RFC 7628 §3.2.3: the client answers the error challenge with a dummy.
            let _ = self.ask(INVALID_TOKEN).await?;
        }
        self.not_signed_in(refused).await
    }

    pub(super) async fn login(&mut self, login: Login) -> Outcome {
        if !self.is_secure {
            return Err(not_in_the_clear().into());
        }
        if !self.may_log_in() {
            return Err(Reply::no("CANNOT", "Passwords are not taken, see AUTH=").into());
        }
        let secret = Secret::new(login.password.expose());
        let credentials = Credentials::Password { login: login.login, secret };
        match self.backend.sign_in(credentials).await {
            Ok(()) => self.signed_in(),
            Err(failure) => self.not_signed_in(failure.into()).await,
        }
    }

    fn signed_in(&mut self) -> Outcome {
        self.advance(Step::SignedIn);
        Ok(Reply::ok("Logged in").with_code(self.capability_code()))
    }

    /// Says no, slowly, and no more than a few times.
    async fn not_signed_in(&mut self, refused: Reply) -> Outcome {
        self.errors += 1;
        tokio::time::sleep(SIGN_IN_PAUSE).await;
        Err(refused.into())
    }

    async fn credentials(
        &mut self,
        mechanism: Mechanism,
        initial: Option<&crate::codec::Secret>,
    ) -> Result<Credentials, Stop> {
        // RFC 9051 §6.2.2: without an initial response the first challenge is empty.
        let first = match initial {
            Some(initial) => sasl::decode(initial.expose()).map_err(unreadable)?,
            None if mechanism == Mechanism::Login => self.ask(sasl::LOGIN_USERNAME).await?,
            None => self.ask("").await?,
        };
        let read = match mechanism {
            Mechanism::Plain => sasl::read_plain(&first),
            Mechanism::OauthBearer => sasl::read_oauth_bearer(&first),
            Mechanism::Xoauth2 => sasl::read_xoauth2(&first),
            Mechanism::Login => {
                let password = self.ask(sasl::LOGIN_PASSWORD).await?;
                if first.is_empty() || password.is_empty() {
                    Err(SaslError::Layout)
                } else {
                    Ok(Credentials::Password { login: first, secret: Secret::new(password) })
                }
            }
        };
        Ok(read.map_err(|why| match why {
            SaslError::OtherIdentity => Reply::no("AUTHORIZATIONFAILED", why.to_string()),
            SaslError::Base64 | SaslError::Layout => unreadable(why),
        })?)
    }

    /// Sends a challenge and reads the response to it.
    async fn ask(&mut self, challenge: &'static str) -> Result<String, Stop> {
        self.say(&format!("+ {challenge}\r\n")).await?;
        let line = match self.line().await? {
            Ok(line) => line,
            Err((_, refused)) => return Err(refused.into()),
        };
        if line.text().as_ref() == b"*" {
            return Err(Reply::bad("Cancelled as you asked").into());
        }
        let text = std::str::from_utf8(line.text()).map_err(|_| unreadable(SaslError::Base64))?;
        Ok(sasl::decode(text).map_err(unreadable)?)
    }
}

/// RFC 9051 §11.1.
fn not_in_the_clear() -> Reply {
    Reply::no("PRIVACYREQUIRED", "Say STARTTLS first, logins are not taken in the clear")
}

fn unreadable(why: SaslError) -> Reply {
    Reply::bad(why.to_string())
}
