//! SCRAM's messages on the server's side (RFC 5802 §5 and §7), without channel binding.
//!
//! Pure: no hashing and no randomness. [`ClientFirst`] is read, [`ClientFirst::challenge`] makes
//! the server's first message of a salt and a nonce, and [`Exchange::read_client_final`] gives the
//! proof with the text that it signs. Whether the proof is right, and the server's own signature,
//! are for whoever knows the stored keys. The same for every protocol that speaks SASL.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::SaslError;

/// Octets of a proof, a key and a signature: SHA-256's.
pub const HASH_OCTETS: usize = 32;

/// The client's first message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFirst {
    /// The login as typed.
    pub login: String,
    /// The GS2 header with its last comma, which the final message repeats.
    header: String,
    /// The message without the header.
    bare: String,
    nonce: String,
}

/// What the server tells a client before it proves anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salt {
    /// Printable octets without a comma that the server has never said before.
    pub nonce: String,
    /// The salt of the login's password.
    pub salt: Vec<u8>,
    /// Rounds of PBKDF2.
    pub iterations: u32,
}

/// An exchange in which the server has answered the first message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    header: String,
    nonce: String,
    client_first_bare: String,
    server_first: String,
}

/// What the client proves its knowledge with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// `AuthMessage` of RFC 5802 §3: what both sides sign.
    pub signed: String,
    /// `ClientProof`.
    pub proof: [u8; HASH_OCTETS],
}

/// Reads the client's first message: a GS2 header, then `n=login,r=nonce` and extensions.
pub fn read_client_first(message: &str) -> Result<ClientFirst, SaslError> {
    let mut parts = message.splitn(3, ',');
    let (Some(binding), Some(act_as), Some(bare)) = (parts.next(), parts.next(), parts.next())
    else {
        return Err(SaslError::Layout);
    };
    // RFC 5802 §6: `y` is a client that could bind to the channel and was not offered to, which is
    // so; `p=` would bind, and belongs to the mechanism that is not offered.
    if !matches!(binding, "n" | "y") {
        return Err(SaslError::Layout);
    }
    let mut attributes = bare.split(',');
    // RFC 5802 §5.1: `m=` announces an extension that must be understood; none is.
    let login = attribute(attributes.next(), "n=").and_then(unescaped)?;
    let nonce = attribute(attributes.next(), "r=")?;
    if login.is_empty() || !is_nonce(nonce) {
        return Err(SaslError::Layout);
    }
    if !act_as.is_empty() && attribute(Some(act_as), "a=").and_then(unescaped)? != login {
        return Err(SaslError::OtherIdentity);
    }
    Ok(ClientFirst {
        header: format!("{binding},{act_as},"),
        bare: bare.to_owned(),
        nonce: nonce.to_owned(),
        login,
    })
}

impl ClientFirst {
    /// The server's first message, and the exchange that goes on from there.
    pub fn challenge(self, salt: &Salt) -> (String, Exchange) {
        let nonce = format!("{}{}", self.nonce, salt.nonce);
        let encoded = STANDARD.encode(&salt.salt);
        let server_first = format!("r={nonce},s={encoded},i={}", salt.iterations);
        let exchange = Exchange {
            header: self.header,
            nonce,
            client_first_bare: self.bare,
            server_first: server_first.clone(),
        };
        (server_first, exchange)
    }
}

impl Exchange {
    /// Reads the client's final message: `c=header,r=nonce`, extensions, `p=proof`.
    pub fn read_client_final(&self, message: &str) -> Result<Proof, SaslError> {
        let (unproven, proof) = message.rsplit_once(",p=").ok_or(SaslError::Layout)?;
        let mut attributes = unproven.split(',');
        let header = attribute(attributes.next(), "c=")?;
        let nonce = attribute(attributes.next(), "r=")?;
        // RFC 5802 §5.1: the header again, so that nobody can have changed it on the way.
        if STANDARD.decode(header).ok().as_deref() != Some(self.header.as_bytes())
            || nonce != self.nonce
        {
            return Err(SaslError::Layout);
        }
        let proof = STANDARD.decode(proof).map_err(|_| SaslError::Layout)?;
        Ok(Proof {
            signed: format!("{},{},{unproven}", self.client_first_bare, self.server_first),
            proof: proof.try_into().map_err(|_| SaslError::Layout)?,
        })
    }
}

/// The server's final message, which proves that it knows the keys too.
pub fn server_final(signature: &[u8; HASH_OCTETS]) -> String {
    format!("v={}", STANDARD.encode(signature))
}

fn attribute<'a>(part: Option<&'a str>, name: &str) -> Result<&'a str, SaslError> {
    part.and_then(|part| part.strip_prefix(name)).ok_or(SaslError::Layout)
}

/// RFC 5802 §5.1: a comma in a name is `=2C`, an equals sign `=3D`, and no other `=` may be in it.
fn unescaped(name: &str) -> Result<String, SaslError> {
    let mut plain = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('=') {
        plain.push_str(before);
        let (sign, after) = match (after.strip_prefix("2C"), after.strip_prefix("3D")) {
            (Some(after), _) => (',', after),
            (_, Some(after)) => ('=', after),
            (None, None) => return Err(SaslError::Layout),
        };
        plain.push(sign);
        rest = after;
    }
    plain.push_str(rest);
    Ok(plain)
}

/// RFC 5802 §7: `printable`, which has no comma.
fn is_nonce(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_graphic() && octet != b',')
}

#[cfg(test)]
mod tests;
