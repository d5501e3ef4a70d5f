//! The configuration that the program uses: every value converted, every default filled in, paths
//! absolute or relative to the working directory, ports worked out.
//!
//! Plain data. `resolve` makes it out of what is written; every key is explained in `keys`.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use app::oidc::SecondFactorBy;
use mail::Domain;

use super::problem::Place;

/// A host and a port to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HostPort {
    /// A host name in lower case, or an IP address without brackets.
    pub(crate) host: String,
    /// From 1.
    pub(crate) port: u16,
}

/// Where everything is kept.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum DatabaseUrl {
    /// A file of this machine.
    Sqlite(PathBuf),
    /// A connection URL, with its password if it has one.
    Postgres(String),
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DatabaseUrl::Sqlite(path) => write!(f, "Sqlite({})", path.display()),
            DatabaseUrl::Postgres(url) => write!(f, "Postgres({})", without_password(url)),
        }
    }
}

/// Where each service listens; an empty list is a service that is off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listeners {
    pub(crate) smtp: Vec<SocketAddr>,
    pub(crate) submission: Vec<SocketAddr>,
    pub(crate) submissions: Vec<SocketAddr>,
    pub(crate) imap: Vec<SocketAddr>,
    pub(crate) imaps: Vec<SocketAddr>,
    pub(crate) https: Vec<SocketAddr>,
    pub(crate) http: Vec<SocketAddr>,
}

impl Listeners {
    /// Each service under the name of its key.
    pub(crate) fn named(&self) -> [(&'static str, &[SocketAddr]); 7] {
        [
            ("listen.smtp", &self.smtp),
            ("listen.submission", &self.submission),
            ("listen.submissions", &self.submissions),
            ("listen.imap", &self.imap),
            ("listen.imaps", &self.imaps),
            ("listen.https", &self.https),
            ("listen.http", &self.http),
        ]
    }
}

/// Where the certificate is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    /// The chain in PEM.
    pub(crate) certificate: PathBuf,
    /// The private key in PEM.
    pub(crate) key: PathBuf,
}

/// How TLS is used towards the smarthost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SmarthostTls {
    /// STARTTLS where it is offered, whatever the certificate (RFC 7435).
    Opportunistic,
    /// STARTTLS with a valid certificate, or no transmission.
    Required,
    /// TLS from the first octet, with a valid certificate (RFC 8314).
    Implicit,
    /// Clear text.
    Off,
}

/// The account at the smarthost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SmarthostAccount {
    pub(crate) login: String,
    /// Its first line is the password.
    pub(crate) password_file: PathBuf,
}

impl SmarthostAccount {
    /// Reads the password: the first line of the file, without its line end. The error is a
    /// sentence. It is read for each connection, so that a changed one needs no restart.
    pub(crate) fn password(&self) -> Result<String, String> {
        first_line("outbound.smarthost_password_file", "the password", &self.password_file)
    }
}

/// The first line of the file that a key names, without its line end. The error is a sentence.
fn first_line(key: &str, what: &str, path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let path = path.display();
        format!(
            "{key}: cannot read {path}: {error}; write {what} into it and run: chmod 600 {path}"
        )
    })?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => {
            let path = path.display();
            Err(format!("{key}: the first line of {path} is empty; write {what} there"))
        }
    }
}

/// The server that takes all mail for the outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Smarthost {
    pub(crate) server: HostPort,
    pub(crate) tls: SmarthostTls,
    pub(crate) account: Option<SmarthostAccount>,
}

/// How mail leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outbound {
    /// `None`: the MX records decide.
    pub(crate) smarthost: Option<Smarthost>,
    pub(crate) mx_port: u16,
    pub(crate) connections_per_host: usize,
    pub(crate) bind_address: Option<IpAddr>,
}

/// Who answers questions about names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dns {
    /// Whether anybody is asked at all.
    pub(crate) is_enabled: bool,
    /// Empty: the resolvers of the system.
    pub(crate) servers: Vec<SocketAddr>,
}

/// The code for a sender without the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DenialStyle {
    /// `550 5.7.131`.
    Guichet,
    /// `554 5.2.252`.
    Exchange,
    /// `550 5.7.60`.
    Legacy,
}

/// What one SMTP session may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Smtp {
    pub(crate) message_octets_max: usize,
    pub(crate) recipients_max: usize,
    pub(crate) connections_max: usize,
    pub(crate) connections_per_address_max: usize,
    pub(crate) denial_style: DenialStyle,
}

/// How many may read mail at the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Imap {
    pub(crate) connections_max: usize,
    pub(crate) connections_per_address_max: usize,
}

/// What one account may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) messages_per_hour: u32,
    pub(crate) recipients_per_day: u32,
    pub(crate) failed_sign_ins_free: u32,
    pub(crate) failed_sign_ins_free_per_address: u32,
    pub(crate) first_wait: Duration,
    pub(crate) longest_wait: Duration,
    pub(crate) is_loopback_exempt: bool,
    pub(crate) admin_calls_per_window: u32,
}

/// How often and for how long a transmission is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Queue {
    pub(crate) first_wait: Duration,
    pub(crate) longest_wait: Duration,
    pub(crate) lifetime: Duration,
    pub(crate) delay_notice: Duration,
    pub(crate) workers: usize,
}

/// The provider of OpenID Connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Oidc {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    /// Its first line is the secret.
    pub(crate) client_secret_file: Option<PathBuf>,
    pub(crate) scopes: Vec<String>,
    pub(crate) address_claim: String,
    pub(crate) domains: Vec<String>,
    pub(crate) label: String,
    pub(crate) second_factor: SecondFactorBy,
}

impl Oidc {
    /// Reads the secret, where there is a file for it. The error is a sentence.
    pub(crate) fn client_secret(&self) -> Result<Option<String>, String> {
        let Some(path) = &self.client_secret_file else { return Ok(None) };
        first_line("oidc.client_secret_file", "the secret", path).map(Some)
    }
}

/// The least important line that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl LogLevel {
    /// The name, as the log filter knows it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            LogLevel::Error => "error",
            LogLevel::Warn => "warn",
            LogLevel::Info => "info",
            LogLevel::Debug => "debug",
            LogLevel::Trace => "trace",
        }
    }
}

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// What is written to standard error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Log {
    pub(crate) level: LogLevel,
    pub(crate) format: LogFormat,
}

/// Where an effective value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The table of keys.
    Default,
    /// Other keys; the text says which.
    Derived(&'static str),
    /// Somebody wrote it there.
    Written(Place),
    /// It is not used.
    Unset,
}

/// An effective value as TOML, secrets taken out, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Effective {
    pub(crate) key: &'static str,
    pub(crate) value: String,
    pub(crate) origin: Origin,
}

/// The whole configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Config {
    /// The file it was read from.
    pub(crate) file: PathBuf,
    /// Where browsers reach the pages, without a slash at the end; none where no listener of ours
    /// serves them and nobody said what does.
    pub(crate) public_url: Option<String>,
    /// The directory of database, keys and admin socket.
    pub(crate) data_dir: PathBuf,
    /// The name of this server.
    pub(crate) hostname: Domain,
    pub(crate) database: DatabaseUrl,
    pub(crate) listen: Listeners,
    pub(crate) tls: TlsFiles,
    pub(crate) outbound: Outbound,
    pub(crate) dns: Dns,
    pub(crate) smtp: Smtp,
    pub(crate) imap: Imap,
    pub(crate) limits: Limits,
    pub(crate) queue: Queue,
    pub(crate) oidc: Option<Oidc>,
    pub(crate) log: Log,
    /// Every key with its value and origin, in the order of the table of keys.
    pub(crate) effective: Vec<Effective>,
}

impl Config {
    /// Where a key was written, or else the file: the place to mend it.
    pub(crate) fn place_of(&self, key: &str) -> Place {
        let written = self.effective.iter().find(|effective| effective.key == key);
        match written.map(|effective| &effective.origin) {
            Some(Origin::Written(place)) => place.clone(),
            _ => Place::File(self.file.clone()),
        }
    }
}

/// Takes the password out of a URL.
pub(crate) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    // Whatever follows the last @ of the part before the path is the host.
    let Some((user, host)) = rest.rsplit_once('@') else { return hide_parameter(url) };
    let user = user.split(':').next().unwrap_or_default();
    let password = if rest.starts_with(&format!("{user}@")) { "" } else { ":***" };
    hide_parameter(&format!("{scheme}://{user}{password}@{host}"))
}

/// `?password=…` is the other way to write one.
fn hide_parameter(url: &str) -> String {
    let Some((before, after)) = url.split_once("password=") else { return url.to_owned() };
    let rest = after.find('&').map_or("", |at| &after[at..]);
    format!("{before}password=***{rest}")
}
