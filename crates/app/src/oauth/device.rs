//! The device grant (RFC 8628): a program without a browser shows a code, a person types it into a
//! page on another device and allows it, and meanwhile the program asks again and again.
//!
//! The short code is what can be guessed, so wrong ones are counted like failed sign-ins.

use std::net::IpAddr;

use domain::Timestamp;
use store::oauth::{Device, Grant};
use store::{CommitError, WriteSet};

use super::{Allowed, Basis, Client, Issued, OAuthRefusal, Wanted, hash, within};
use crate::access::Scopes;
use crate::credentials::FillRandom;
use crate::{App, SignedIn};

/// Seconds in which the code must be typed.
pub const DEVICE_LIFE_SECS: i64 = 15 * 60;
/// Seconds that a device waits between two polls, and by which it waits longer each time that it
/// did not (RFC 8628 §3.5).
pub const DEVICE_INTERVAL_SECS: i64 = 5;
/// Devices that wait at the same time: more are a flood, which must not fill the database.
const DEVICES_WAITING_MAX: i64 = 10_000;
/// Letters of a user code: consonants, so that no word comes out (RFC 8628 §6.1).
const USER_CODE_LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// How many: 34 bits, of which the throttle lets nobody try many.
const USER_CODE_LENGTH: usize = 8;
/// User codes tried before giving up, each of which another device may have.
const USER_CODES_TRIED: usize = 4;

/// What a device is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceStart {
    /// What it polls with.
    pub device_code: String,
    /// What the person types, with a hyphen in the middle.
    pub user_code: String,
}

/// What a person is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRequest {
    /// Who asks.
    pub client_name: String,
    /// For what.
    pub allowed: Allowed,
    /// The code, with a hyphen in the middle, to be compared with what the device shows.
    pub user_code: String,
}

/// What the person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Yes.
    Allow,
    /// No.
    Deny,
}

/// Why a person cannot decide.
#[derive(Debug, thiserror::Error)]
pub enum DeviceRefusal {
    /// Nothing waits under this code.
    #[error("no device waits under this code: compare it with what the device shows")]
    Unknown,
    /// Too many wrong codes; seconds to wait.
    #[error("too many wrong codes: wait {0} seconds")]
    Throttled(i64),
    /// The database failed.
    #[error(transparent)]
    Unavailable(#[from] store::Failure),
}

impl From<CommitError> for DeviceRefusal {
    fn from(error: CommitError) -> DeviceRefusal {
        match error {
            CommitError::Failure(failure) => DeviceRefusal::Unavailable(failure),
            // Another page decided at the same moment.
            CommitError::Conflict(_) => DeviceRefusal::Unknown,
        }
    }
}

impl App {
    /// Starts: makes the two codes (RFC 8628 §3.2).
    pub async fn start_device(
        &self,
        client: &Client,
        wanted: Wanted,
        now: Timestamp,
    ) -> Result<DeviceStart, OAuthRefusal> {
        let allowed = within(client, wanted)?;
        if store::oauth::devices_waiting(&self.store, now).await? >= DEVICES_WAITING_MAX {
            return Err(OAuthRefusal::Throttled(DEVICE_LIFE_SECS));
        }
        let device_code = self.fresh_secret("gud_");
        let mut device = Device {
            hash: hash(&device_code),
            user_code: String::new(),
            client: client.id,
            scopes: allowed.to_stored(),
            expires_at: now.plus_secs(DEVICE_LIFE_SECS),
            interval_secs: DEVICE_INTERVAL_SECS,
            polled_at: None,
            denied_at: None,
            grant: None,
        };
        for _ in 0..USER_CODES_TRIED {
            device.user_code = user_code(self.fill_random);
            let mut set = WriteSet::new();
            store::oauth::put_device(&mut set, &device);
            match self.store.commit(set).await {
                Ok(()) => {
                    let user_code = shown(&device.user_code);
                    return Ok(DeviceStart { device_code, user_code });
                }
                Err(CommitError::Conflict(_)) => {}
                Err(CommitError::Failure(failure)) => return Err(failure.into()),
            }
        }
        Err(OAuthRefusal::Throttled(DEVICE_INTERVAL_SECS))
    }

    /// What waits under a code that a person typed. Wrong codes are counted for the person and for
    /// the address.
    pub async fn device_request(
        &self,
        typed: &str,
        person: SignedIn,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<DeviceRequest, DeviceRefusal> {
        let (device, client) = self.waiting_device(typed, person, peer, now).await?;
        Ok(DeviceRequest {
            client_name: client.name,
            allowed: Allowed::from_stored(&device.scopes),
            user_code: shown(&device.user_code),
        })
    }

    /// Decides about what waits under a code, in the name of a person.
    pub async fn decide_device(
        &self,
        (typed, decision): (&str, Decision),
        person: SignedIn,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<DeviceRequest, DeviceRefusal> {
        let (device, client) = self.waiting_device(typed, person, peer, now).await?;
        let request = DeviceRequest {
            client_name: client.name.clone(),
            allowed: Allowed::from_stored(&device.scopes),
            user_code: shown(&device.user_code),
        };
        let mut set = WriteSet::new();
        // Spending the person's code lets one decision alone happen.
        store::oauth::spend(&mut set, &hash(&device.user_code), now);
        match decision {
            Decision::Deny => store::oauth::deny_device(&mut set, &device.hash, now),
            Decision::Allow => {
                let grant = self.new_grant(&client, person, request.allowed, now).await?;
                self.record_consent(&mut set, (&client, &grant), peer);
                store::oauth::put_grant(&mut set, &grant);
                store::oauth::allow_device(&mut set, &device.hash, grant.id);
            }
        }
        self.store.commit(set).await?;
        Ok(request)
    }

    /// Answers a device that asks whether somebody decided (RFC 8628 §3.4, §3.5).
    pub async fn poll_device(
        &self,
        client: &Client,
        device_code: &str,
        now: Timestamp,
    ) -> Result<Issued, OAuthRefusal> {
        let wrong = OAuthRefusal::InvalidGrant("the device code is unknown");
        let device = store::oauth::device(&self.store, &hash(device_code)).await?;
        let device = device.filter(|device| device.client == client.id).ok_or(wrong)?;
        if now >= device.expires_at {
            return Err(OAuthRefusal::ExpiredToken);
        }
        if device.denied_at.is_some() {
            return Err(OAuthRefusal::AccessDenied);
        }
        let Some(grant) = device.grant else {
            return Err(self.note_poll(&device, now).await);
        };
        let grant = store::oauth::grant(&self.store, grant).await?;
        let grant = grant.filter(|grant| grant.revoked_at.is_none());
        let grant = grant.ok_or(OAuthRefusal::AccessDenied)?;
        let person =
            SignedIn { account: grant.recipient, credential_epoch: grant.credential_epoch };
        if !self.is_still_signed_in(person) {
            return Err(OAuthRefusal::AccessDenied);
        }
        let mut set = WriteSet::new();
        store::oauth::spend(&mut set, &device.hash, now);
        let allowed = Allowed::from_stored(&grant.scopes);
        let basis = Basis { client, account: grant.recipient, allowed, grant: Some(grant.id) };
        self.issue(set, basis, now).await
    }

    /// Notes a poll that came before anybody decided; says whether it came too early.
    async fn note_poll(&self, device: &Device, now: Timestamp) -> OAuthRefusal {
        let is_early = device.polled_at.is_some_and(|at| now.secs_since(at) < device.interval_secs);
        let longer = if is_early { DEVICE_INTERVAL_SECS } else { 0 };
        let mut set = WriteSet::new();
        store::oauth::poll_device(&mut set, &device.hash, device.interval_secs + longer, now);
        match self.store.commit(set).await {
            Ok(()) | Err(CommitError::Conflict(_)) if is_early => OAuthRefusal::SlowDown,
            Ok(()) | Err(CommitError::Conflict(_)) => OAuthRefusal::AuthorizationPending,
            Err(CommitError::Failure(failure)) => failure.into(),
        }
    }

    async fn waiting_device(
        &self,
        typed: &str,
        person: SignedIn,
        peer: IpAddr,
        now: Timestamp,
    ) -> Result<(Device, Client), DeviceRefusal> {
        let key = format!("device codes of account {}", person.account);
        if let Some(wait) = self.throttle().wait_secs(&key, peer, now) {
            return Err(DeviceRefusal::Throttled(wait));
        }
        let found = store::oauth::device_by_user_code(&self.store, &normal(typed)).await?;
        let is_waiting = |device: &Device| {
            now < device.expires_at && device.denied_at.is_none() && device.grant.is_none()
        };
        let device = found.filter(is_waiting);
        let mut clients = store::oauth::clients(&self.store).await?.into_iter();
        let client = device.as_ref().and_then(|device| clients.find(|of| of.id == device.client));
        match (device, client) {
            // A right code forgives no wrong ones: anybody can have a right one made.
            (Some(device), Some(client)) => Ok((device, client)),
            _ => {
                self.throttle().record_failure(&key, peer, now);
                Err(DeviceRefusal::Unknown)
            }
        }
    }

    pub(super) async fn new_grant(
        &self,
        client: &Client,
        person: SignedIn,
        allowed: Allowed,
        now: Timestamp,
    ) -> Result<Grant, store::Failure> {
        Ok(Grant {
            id: self.store.next_id().await?,
            client: client.id,
            recipient: person.account,
            credential_epoch: person.credential_epoch,
            scopes: allowed.to_stored(),
            created_at: now,
            revoked_at: None,
        })
    }

    /// Writes into the audit that a person allowed a client something.
    pub(super) fn record_consent(
        &self,
        set: &mut WriteSet,
        (client, grant): (&Client, &Grant),
        peer: IpAddr,
    ) {
        let directory = self.directory();
        let person = directory.recipient(grant.recipient);
        let person = person.map_or_else(String::new, |found| found.primary().to_string());
        let parameters = serde_json::json!({
            "Identity": client.client_id,
            "Name": client.name,
            "Scopes": Scopes::from_stored(&grant.scopes).to_stored(),
            crate::command::CLIENT_PARAMETER: peer.to_string(),
        });
        let record = store::audit::AuditRecord {
            at: grant.created_at,
            actor: person,
            operation: "Consent-Application".to_owned(),
            object: client.client_id.clone(),
            parameters: parameters.to_string(),
            reason: None,
            before: None,
            after: None,
        };
        store::audit::record(set, &record);
    }
}

/// A fresh user code, without the hyphen. Octets beyond a multiple of the letters are drawn again,
/// so that each letter is as likely.
fn user_code(fill_random: FillRandom) -> String {
    let letters = USER_CODE_LETTERS.len();
    let fair = 256 / letters * letters;
    let mut code = String::with_capacity(USER_CODE_LENGTH);
    while code.len() < USER_CODE_LENGTH {
        let mut octets = [0u8; 16];
        fill_random(&mut octets);
        let fair = octets.iter().map(|octet| usize::from(*octet)).filter(|octet| *octet < fair);
        let missing = USER_CODE_LENGTH - code.len();
        code.extend(fair.take(missing).map(|octet| char::from(USER_CODE_LETTERS[octet % letters])));
    }
    code
}

fn shown(user_code: &str) -> String {
    let (start, end) = user_code.split_at(user_code.len() / 2);
    format!("{start}-{end}")
}

/// What a person typed, as codes are kept: letters in capitals, nothing else.
fn normal(typed: &str) -> String {
    let letters = typed.chars().filter(char::is_ascii_alphabetic);
    letters.map(|letter| letter.to_ascii_uppercase()).take(USER_CODE_LENGTH + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_shown_and_typed() {
        fn fill(buffer: &mut [u8]) {
            buffer.iter_mut().zip((0..=245u8).rev()).for_each(|(octet, value)| *octet = value);
        }
        let code = user_code(fill);
        assert_eq!(code.len(), USER_CODE_LENGTH);
        assert!(code.bytes().all(|letter| USER_CODE_LETTERS.contains(&letter)), "{code}");
        assert_eq!(normal(&format!(" {} ", shown(&code).to_lowercase())), code);
        assert_ne!(normal(&format!("{code}B")), code);
    }
}
