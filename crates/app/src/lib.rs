//! The use cases: what Guichet does, whatever protocol asks for it.
//!
//! [`App::submit`] is the one door for sending; the `command` module is the one door for changing
//! the configuration; [`App::receive`] takes mail from other servers. Each reads facts, asks
//! `domain`, and commits one write set. Time is a parameter; randomness is handed in.

mod acceptance;
pub mod access;
pub mod ask;
pub mod command;
pub mod credentials;
pub mod desk;
pub mod envelope;
pub mod first_run;
pub mod oauth;
pub mod oidc;
pub mod outbox;
pub mod passkey;
pub mod push;
pub mod read;
pub mod reading;
pub mod receive;
pub mod refusals;
pub mod report;
pub mod rules;
pub mod scram;
pub mod second_factor;
pub mod settings;
pub mod sign_in;
pub mod signing;
pub mod snapshot;
pub mod stamp;
pub mod submit;
pub mod throttle;
pub mod totp;
pub mod transmit;
pub mod web_session;

mod bounce;
mod changes;
mod dates;
mod last_use;
mod later;
pub mod link;
pub mod mailbox;
mod system_mail;

use std::sync::atomic::AtomicU32;
use std::sync::{Mutex, PoisonError, RwLockReadGuard};

use domain::Directory;
use store::Store;

pub use changes::Changes;
pub use credentials::FillRandom;
pub use last_use::WRITE_INTERVAL_SECS;
pub use settings::Settings;
pub use sign_in::{SignInRefusal, SignedIn};
pub use store::Failure;

use credentials::{HashError, Verifier};
use signing::SigningKeys;
use snapshot::Snapshot;
use throttle::{SendMeter, SignInThrottle};

/// Why the application does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Failure),
    /// Argon2 does not work.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// A stored DKIM key cannot be read.
    #[error(transparent)]
    Key(#[from] signing::KeyError),
}

/// The application: one per process, shared by all surfaces.
#[derive(Debug)]
pub struct App {
    store: Store,
    snapshot: Snapshot,
    settings: Settings,
    fill_random: FillRandom,
    verifier: Verifier,
    scram_decoy: scram::Decoy,
    sign_ins: Mutex<SignInThrottle>,
    meter: Mutex<SendMeter>,
    signing: SigningKeys,
    later: later::Later,
    usage: mailbox::quota::Usage,
    outbox: outbox::Outbox,
    /// The last validity that was given to a new folder.
    uid_validity: AtomicU32,
    last_uses: last_use::LastUses,
    identity_provider: Option<oidc::IdentityProvider>,
    counted_days: report::volume::CountedDays,
}

impl App {
    /// Loads the directory and the signing keys.
    pub async fn start(
        store: Store,
        settings: Settings,
        fill_random: FillRandom,
    ) -> Result<App, StartError> {
        let snapshot = Snapshot::load(&store).await?;
        let signing = SigningKeys::load(&store).await?;
        Ok(App {
            snapshot,
            fill_random,
            verifier: Verifier::new(fill_random)?,
            scram_decoy: scram::Decoy::load(&store, fill_random).await?,
            sign_ins: Mutex::new(SignInThrottle::new(settings.sign_in)),
            meter: Mutex::new(SendMeter::new(settings.sending)),
            signing,
            later: later::Later::new(store.clone()),
            usage: mailbox::quota::Usage::default(),
            outbox: outbox::Outbox::default(),
            uid_validity: AtomicU32::new(0),
            last_uses: last_use::LastUses::default(),
            identity_provider: None,
            counted_days: report::volume::CountedDays::default(),
            settings,
            store,
        })
    }

    /// The directory as known now. Hold it briefly, never over an await.
    pub fn directory(&self) -> RwLockReadGuard<'_, Directory> {
        self.snapshot.read()
    }

    /// Brings the directory into step with the store.
    pub async fn refresh_directory(&self) -> Result<(), store::Failure> {
        self.snapshot.refresh(&self.store).await
    }

    /// Waits for what is written without anybody waiting. Call it before the process ends.
    pub async fn finish(&self) {
        self.later.finish().await;
        if let Err(error) = self.write_last_uses().await {
            tracing::error!(%error, "the last uses of rights are not written down");
        }
    }

    /// A new UUID, for whatever a surface has to name.
    pub fn new_guid(&self) -> String {
        command::new_guid(self.fill_random)
    }

    /// The store, for reads of the surfaces.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The settings that the application was started with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    fn meter(&self) -> std::sync::MutexGuard<'_, SendMeter> {
        self.meter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
