//! Saying who tells (RFC 8292): a token for each push service, signed with the installation's key.

use app::App;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};

/// Seconds for which a token holds; RFC 8292 §2 allows a day.
const TOKEN_SECS: i64 = 12 * 3600;

/// Why nothing can be signed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignerError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] app::Failure),
    /// A key could not be made, or the stored one not be read.
    #[error("the key that signs for push services cannot be used")]
    Key,
}

/// Signs for push services.
pub(crate) struct Signer {
    pair: EcdsaKeyPair,
    /// Whom a push service may turn to: the address of this server.
    subject: String,
}

impl Signer {
    /// With the installation's key, which is made the first time.
    pub(crate) async fn load(app: &App, hostname: &str) -> Result<Signer, SignerError> {
        let random = SystemRandom::new();
        let fresh = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
        let fresh = fresh.map_err(|_| SignerError::Key)?;
        let stored = app.push_key(fresh.as_ref()).await?;
        Signer::from_pkcs8(&stored, hostname)
    }

    fn from_pkcs8(pkcs8: &[u8], hostname: &str) -> Result<Signer, SignerError> {
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8, &random);
        let pair = pair.map_err(|_| SignerError::Key)?;
        Ok(Signer { pair, subject: format!("https://{hostname}") })
    }

    /// The point that browsers are told when they subscribe.
    pub(crate) fn public_key(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// The value of Authorization for a push service, named by scheme, host and port.
    pub(crate) fn authorization(
        &self,
        audience: &str,
        now: Timestamp,
    ) -> Result<String, SignerError> {
        let expires_at = now.plus_secs(TOKEN_SECS).0 / 1000;
        let header = URL_SAFE_NO_PAD.encode(br#"{"typ":"JWT","alg":"ES256"}"#);
        let claims = serde_json::json!({ "aud": audience, "exp": expires_at, "sub": self.subject });
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(signature.map_err(|_| SignerError::Key)?);
        let key = URL_SAFE_NO_PAD.encode(self.public_key());
        Ok(format!("vapid t={signed}.{signature}, k={key}"))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    pub(in super::super) fn signer() -> Signer {
        let random = SystemRandom::new();
        let fresh = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
        Signer::from_pkcs8(fresh.unwrap().as_ref(), "mail.contoso.com").unwrap()
    }

    #[test]
    fn a_token_names_the_service_and_is_signed() {
        let signer = signer();
        let value =
            signer.authorization("https://push.example", Timestamp(1_790_000_000_000)).unwrap();
        let (token, key) = value.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(URL_SAFE_NO_PAD.decode(key).unwrap(), signer.public_key());
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, signer.public_key());
        public.verify(signed.as_bytes(), &signature).unwrap();
        let claims = URL_SAFE_NO_PAD.decode(signed.split('.').nth(1).unwrap()).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["aud"], "https://push.example");
        assert_eq!(claims["exp"], 1_790_000_000 + 12 * 3600);
        assert_eq!(claims["sub"], "https://mail.contoso.com");
    }
}
