//! A Microsoft 365 tenant in the place of a server: the same verbs, by the same protocol, with
//! tokens of the tenant's login host.
//!
//! `guichet login` says once how to sign in; what it writes is kept in a file of the tenant's name,
//! which only its owner can read, with the tokens that are in force. Secrets and keys stay in their
//! own files.

mod assertion;
pub(crate) mod login;
mod parameters;
mod sign_in;
pub(crate) mod translate;

use std::cell::RefCell;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use domain::Timestamp;
use hyper::header::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::clock::now;

use super::connection::{NamedTenant, configuration_dir};
use super::error::Error;
use super::transport::Target;

/// Where the cmdlets of every tenant are, in the common cloud.
const SERVER: &str = "https://outlook.office365.com";
/// The mailbox that Exchange's own modules name for calls that are about no mailbox.
const ANCHOR: &str = "APP:SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}";
/// A token that ends so soon is not used any more.
const ENDS_SOON_SECS: i64 = 60;

/// How the command line proves who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Credential {
    /// A person allowed it by a device code; the refresh token is kept.
    Device,
    /// An app, by a secret.
    Secret {
        /// Where the secret is.
        file: PathBuf,
    },
    /// An app, by a certificate.
    Certificate {
        /// PEM with the certificate and its private key.
        file: PathBuf,
    },
}

/// What is kept of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Saved {
    login_url: String,
    server: String,
    client_id: String,
    ca_file: Option<PathBuf>,
    credential: Credential,
    tokens: Option<Tokens>,
}

/// Tokens that are in force.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Tokens {
    access: String,
    /// Milliseconds since 1970.
    expires_at: i64,
    refresh: Option<String>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// A tenant that `guichet login` has seen.
pub(crate) struct Tenant {
    name: String,
    path: PathBuf,
    server: String,
    saved: RefCell<Saved>,
}

impl Tenant {
    /// Reads what is kept of a tenant.
    pub(crate) fn open(named: &NamedTenant) -> Result<Tenant, Error> {
        let path = path_of(&named.tenant)?;
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let why = format!("nobody has signed in to the tenant {}", named.tenant);
                return Err(Error::SignedOut(why));
            }
            Err(source) => return Err(Error::File { path, source }),
        };
        let mut saved: Saved = serde_json::from_str(&text)
            .map_err(|error| Error::Usage(format!("{}: {error}", path.display())))?;
        if named.ca_file.is_some() {
            saved.ca_file.clone_from(&named.ca_file);
        }
        let server = named.server.clone().unwrap_or_else(|| saved.server.clone());
        // A token of one server is for no other.
        if server != saved.server {
            let why = format!(
                "the tenant was signed in to for {}: sign in again with --server {server}",
                saved.server
            );
            return Err(Error::Usage(why));
        }
        let name = named.tenant.clone();
        Ok(Tenant { name, path, server, saved: RefCell::new(saved) })
    }

    /// The tenant's name, as it was given.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How its server is reached.
    pub(crate) fn target(&self) -> Result<Target, Error> {
        Target::from_url("--server", &self.server, self.saved.borrow().ca_file.as_deref())
    }

    /// The hint by which Exchange finds where a call belongs.
    pub(crate) fn anchor(&self) -> String {
        format!("{ANCHOR}@{}", self.name)
    }

    /// A token that is in force; a fresh one where the last was not taken.
    pub(crate) async fn bearer(&self, was_refused: bool) -> Result<HeaderValue, Error> {
        let mut saved = self.saved.borrow().clone();
        let soon = now().plus_secs(ENDS_SOON_SECS);
        let in_force = saved.tokens.as_ref().filter(|tokens| soon < Timestamp(tokens.expires_at));
        let access = match in_force.filter(|_| !was_refused) {
            Some(tokens) => tokens.access.clone(),
            None => {
                let tokens = sign_in::renew(&self.name, &saved).await?;
                let access = tokens.access.clone();
                saved.tokens = Some(tokens);
                save(&self.path, &saved)?;
                self.saved.replace(saved);
                access
            }
        };
        let mut value = HeaderValue::from_str(&format!("Bearer {access}"))
            .map_err(|_| Error::SignedOut("the login host gave no usable token".to_owned()))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// The file of a tenant, whose name is a domain or a GUID.
fn path_of(tenant: &str) -> Result<PathBuf, Error> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '.';
    if tenant.is_empty() || tenant.starts_with('.') || !tenant.chars().all(is_name) {
        let why = format!("--tenant {tenant}: give a domain of the tenant, or its GUID");
        return Err(Error::Usage(why));
    }
    let Some(dir) = configuration_dir() else {
        return Err(Error::Usage("--tenant needs a home directory: set HOME".to_owned()));
    };
    Ok(dir.join("tenants").join(format!("{}.json", tenant.to_ascii_lowercase())))
}

/// Writes the file, mode 0600, whole or not at all.
fn save(path: &Path, saved: &Saved) -> Result<(), Error> {
    let failed = |source| Error::File { path: path.to_owned(), source };
    if let Some(dir) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(failed)?;
    }
    let text = serde_json::to_vec_pretty(saved).expect("texts and numbers always serialise");
    let fresh = path.with_extension(format!("{}.new", std::process::id()));
    let mut options = fs::OpenOptions::new();
    let opened = options.write(true).create(true).truncate(true).mode(0o600).open(&fresh);
    let written = opened.and_then(|mut file| file.write_all(&text));
    written.and_then(|()| fs::rename(&fresh, path)).map_err(failed)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn what_is_kept_is_for_the_owner_alone() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("tenants/contoso.json");
        let saved = Saved {
            login_url: "https://login.microsoftonline.com".to_owned(),
            server: SERVER.to_owned(),
            client_id: "x".to_owned(),
            ca_file: None,
            credential: Credential::Device,
            tokens: Some(Tokens { access: "a".into(), expires_at: 1, refresh: None }),
        };
        for _ in 0..2 {
            save(&path, &saved).expect("written");
        }
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().expect("a folder"))), (0o600, 0o700));
        let read = fs::read_to_string(&path).expect("read");
        assert_eq!(serde_json::from_str::<Saved>(&read).expect("understood"), saved);
        assert!(!format!("{saved:?}").contains("\"a\""));
    }

    #[test]
    fn names_of_tenants_lead_nowhere_else() {
        for bad in ["", "..", "../x", "a/b", "a b", ".hidden"] {
            assert!(path_of(bad).is_err(), "{bad}");
        }
    }
}
