//! `guichet init`: the files of a new data directory. The database part (organisation, domain,
//! DKIM key, first administrator) follows from what [`prepare`] returns.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use mail::{Address, Domain};

use crate::config::{self, ConfigError};
use crate::data_dir::{DataDir, DataDirError};
use crate::tls;

/// What `guichet init` is told, beside `--dir`.
#[derive(Debug, clap::Args)]
pub(crate) struct InitArgs {
    /// The first accepted domain: what stands behind the @ of your addresses
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) domain: String,
    /// The mail address of the first administrator, in that domain
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) admin: String,
    /// The database, where it is not a file in the directory: postgres://user@host/name
    #[arg(long, value_name = "URL", env = "GUICHET_DATABASE_URL")]
    pub(crate) database: Option<String>,
    /// The name of this server; mail.DOMAIN if it is not said
    #[arg(long, value_name = "HOST")]
    pub(crate) hostname: Option<String>,
}

/// Why nothing was made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InitError {
    /// Not a domain.
    #[error("--domain {0} is not a domain name: write it as example.org")]
    Domain(String),
    /// Not a host name.
    #[error("--hostname {0} is not the full name of a host: write it as mail.example.org")]
    Hostname(String),
    /// Not an address.
    #[error("--admin {text}: {reason}")]
    Admin {
        /// As given.
        text: String,
        /// What is wrong with it.
        reason: mail::AddressError,
    },
    /// An address elsewhere.
    #[error("--admin {admin} is not in the domain {domain}: write it as name@{domain}")]
    AdminElsewhere {
        /// The address.
        admin: Address,
        /// The domain.
        domain: Domain,
    },
    /// The directory will not do.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// No certificate could be made.
    #[error("cannot make a certificate for {hostname}: {source}")]
    Certificate {
        /// Its subject.
        hostname: Domain,
        /// Why.
        #[source]
        source: rcgen::Error,
    },
    /// An environment variable contradicts the new file.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

impl InitError {
    /// Whether the command line is wrong, rather than the machine.
    pub(crate) fn is_usage(&self) -> bool {
        match self {
            InitError::Domain(_)
            | InitError::Hostname(_)
            | InitError::Admin { .. }
            | InitError::AdminElsewhere { .. } => true,
            InitError::DataDir(_) | InitError::Certificate { .. } | InitError::Config(_) => false,
        }
    }
}

/// The files are there; this is for the database.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// The new directory.
    pub(crate) dir: DataDir,
    /// The new configuration, as `guichet serve` will load it.
    pub(crate) config: config::Config,
    /// The first accepted domain.
    pub(crate) domain: Domain,
    /// The first administrator.
    pub(crate) admin: Address,
    /// What was written, in order.
    pub(crate) files: Vec<PathBuf>,
}

/// Makes the directory with configuration and certificate. Nothing is written unless all of `args`
/// is right and the directory is new or empty.
pub(crate) fn prepare(dir: &Path, args: &InitArgs, now: SystemTime) -> Result<Prepared, InitError> {
    let domain = Domain::parse(&args.domain)
        .ok()
        .filter(is_public_name)
        .ok_or_else(|| InitError::Domain(args.domain.clone()))?;
    let admin = Address::parse(&args.admin)
        .map_err(|reason| InitError::Admin { text: args.admin.clone(), reason })?;
    if *admin.domain() != domain {
        return Err(InitError::AdminElsewhere { admin, domain });
    }
    let hostname = match &args.hostname {
        Some(written) => Domain::parse(written).ok().filter(is_public_name),
        None => Domain::parse(&format!("mail.{domain}")).ok(),
    }
    .ok_or_else(|| InitError::Hostname(args.hostname.clone().unwrap_or_default()))?;
    let certificate = tls::self_signed(&[hostname.as_str()], now)
        .map_err(|source| InitError::Certificate { hostname: hostname.clone(), source })?;

    let dir = DataDir::create(dir)?;
    let (certificate_file, key_file) = dir.tls_files();
    dir.write_new(&key_file, &certificate.key_pem)?;
    dir.write_new(&certificate_file, &certificate.certificate_pem)?;
    // The configuration comes last: a directory without one is not taken for a data directory.
    let text = config::template::file_text(hostname.as_str());
    let text = match &args.database {
        Some(url) => config::template::with_value(&text, "url", url),
        None => text,
    };
    dir.write_new(&dir.config_file(), &text)?;
    let config = config::Config::load(dir.path())?;
    let files = vec![key_file, certificate_file, dir.config_file()];
    Ok(Prepared { dir, config, domain, admin, files })
}

/// A name with a dot that is no IP address.
fn is_public_name(domain: &Domain) -> bool {
    let name = domain.as_str();
    name.contains('.') && !name.starts_with('[') && name.parse::<std::net::IpAddr>().is_err()
}

#[cfg(test)]
mod tests;
