//! What AUTH carries (RFC 4954): mechanisms, secrets, and the messages of each mechanism.
//!
//! Pure: base64 and the layout of the messages. The order of challenges is the sessions' business;
//! whether credentials are right is the backend's.

pub mod scram;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A SASL mechanism this crate can speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// RFC 5802 with SHA-256 (RFC 7677): the password itself never travels.
    ScramSha256,
    /// RFC 4616.
    Plain,
    /// Two challenges, login then password; never standardised, asked for by many devices.
    Login,
    /// RFC 7628: an OAuth 2 token.
    OauthBearer,
    /// The older form of the same, as Microsoft and Google speak it.
    Xoauth2,
}

impl Mechanism {
    /// Every mechanism.
    pub const ALL: [Mechanism; 5] = [
        Mechanism::ScramSha256,
        Mechanism::Plain,
        Mechanism::Login,
        Mechanism::OauthBearer,
        Mechanism::Xoauth2,
    ];

    /// The registered name.
    pub fn name(self) -> &'static str {
        match self {
            Mechanism::ScramSha256 => "SCRAM-SHA-256",
            Mechanism::Plain => "PLAIN",
            Mechanism::Login => "LOGIN",
            Mechanism::OauthBearer => "OAUTHBEARER",
            Mechanism::Xoauth2 => "XOAUTH2",
        }
    }

    /// The mechanism of that name, in any case.
    pub fn from_name(name: &str) -> Option<Mechanism> {
        Mechanism::ALL.into_iter().find(|mechanism| mechanism.name().eq_ignore_ascii_case(name))
    }
}

/// A text that must not reach a log: its debug form does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text itself, for the one place that checks or sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a client proved its identity with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// PLAIN and LOGIN.
    Password {
        /// The login as typed.
        login: String,
        /// The password.
        secret: Secret,
    },
    /// OAUTHBEARER and XOAUTH2.
    Token {
        /// The login the client claims, where it names one.
        login: Option<String>,
        /// The bearer token without the word `Bearer`.
        token: Secret,
    },
}

/// Why a SASL message cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SaslError {
    /// Not base64 as RFC 4648 §4 defines it.
    #[error("the response is not base64")]
    Base64,
    /// Decoded, it is not what the mechanism says.
    #[error("the response is not what this mechanism asks for")]
    Layout,
    /// The client wants to act as somebody else than it logs in as.
    #[error("acting for another login is not possible, leave the authorization identity empty")]
    OtherIdentity,
}

/// The challenge `Username:` of LOGIN, encoded.
pub const LOGIN_USERNAME: &str = "VXNlcm5hbWU6";
/// The challenge `Password:` of LOGIN, encoded.
pub const LOGIN_PASSWORD: &str = "UGFzc3dvcmQ6";

/// Decodes one response. A lone `=` is the empty response (RFC 4954 §4).
pub fn decode(response: &str) -> Result<String, SaslError> {
    if response == "=" {
        return Ok(String::new());
    }
    let octets = STANDARD.decode(response).map_err(|_| SaslError::Base64)?;
    String::from_utf8(octets).map_err(|_| SaslError::Layout)
}

/// Encodes a message for the wire.
pub fn encode(message: &str) -> String {
    STANDARD.encode(message)
}

/// Reads the message of PLAIN (RFC 4616 §2): `[authzid] NUL authcid NUL passwd`.
pub fn read_plain(message: &str) -> Result<Credentials, SaslError> {
    let mut parts = message.split('\0');
    let (Some(act_as), Some(login), Some(password), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(SaslError::Layout);
    };
    if login.is_empty() || password.is_empty() {
        return Err(SaslError::Layout);
    }
    if !act_as.is_empty() && act_as != login {
        return Err(SaslError::OtherIdentity);
    }
    Ok(Credentials::Password { login: login.to_owned(), secret: Secret::new(password) })
}

/// Writes the message of PLAIN without an authorization identity.
pub fn write_plain(login: &str, secret: &Secret) -> String {
    format!("\0{login}\0{}", secret.expose())
}

/// Reads the message of OAUTHBEARER (RFC 7628 §3.1): a GS2 header, then `key=value` pairs.
pub fn read_oauth_bearer(message: &str) -> Result<Credentials, SaslError> {
    let (header, pairs) = message.split_once('\u{1}').ok_or(SaslError::Layout)?;
    // RFC 5801 §4: channel binding flag, optional authorization identity, each ended by a comma.
    let mut parts = header.split(',');
    let (Some("n" | "y"), Some(act_as), Some(""), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(SaslError::Layout);
    };
    let login = match act_as.strip_prefix("a=") {
        Some(name) => Some(name.replace("=2C", ",").replace("=3D", "=")),
        None if act_as.is_empty() => None,
        None => return Err(SaslError::Layout),
    };
    Ok(Credentials::Token { login, token: bearer_of(pairs)? })
}

/// Reads the message of XOAUTH2: `user=`, then `auth=Bearer`, each ended by `^A`.
pub fn read_xoauth2(message: &str) -> Result<Credentials, SaslError> {
    let (user, pairs) = message.split_once('\u{1}').ok_or(SaslError::Layout)?;
    let login = user.strip_prefix("user=").filter(|u| !u.is_empty()).ok_or(SaslError::Layout)?;
    Ok(Credentials::Token { login: Some(login.to_owned()), token: bearer_of(pairs)? })
}

fn bearer_of(pairs: &str) -> Result<Secret, SaslError> {
    let value = pairs
        .split('\u{1}')
        .find_map(|pair| pair.strip_prefix("auth="))
        .ok_or(SaslError::Layout)?;
    let (scheme, token) = value.split_once(' ').ok_or(SaslError::Layout)?;
    if !scheme.eq_ignore_ascii_case("Bearer") || token.is_empty() {
        return Err(SaslError::Layout);
    }
    Ok(Secret::new(token))
}

#[cfg(test)]
mod tests;
