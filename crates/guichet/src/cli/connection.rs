//! Where the server is: options, environment, and a saved profile, in this order.
//!
//! The profile is `guichet/profile.toml` in the user's configuration directory, with any of the
//! keys `dir`, `server`, `token-file`, `ca-file`, `tenant`, meaning what the options mean.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::Error;

/// Where `guichet init` puts the server's certificate, under the data directory.
const CERTIFICATE: &str = "tls/certificate.pem";
/// The socket's name under the data directory.
const SOCKET: &str = "admin.sock";

/// Options that say where the server is.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Connection {
    /// Data directory of a server on this machine
    #[arg(long, global = true, env = "GUICHET_DIR", value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// A server elsewhere, by its address: `https://mail.contoso.com`
    #[arg(
        long,
        global = true,
        env = "GUICHET_SERVER",
        value_name = "URL",
        help_heading = "Server elsewhere"
    )]
    pub(crate) server: Option<String>,
    /// File with the bearer token for --server
    #[arg(
        long,
        global = true,
        env = "GUICHET_TOKEN_FILE",
        value_name = "FILE",
        help_heading = "Server elsewhere"
    )]
    pub(crate) token_file: Option<PathBuf>,
    /// A Microsoft 365 tenant, by a domain or its GUID; sign in first with `guichet login`
    #[arg(
        long,
        global = true,
        env = "GUICHET_TENANT",
        value_name = "TENANT",
        help_heading = "Server elsewhere"
    )]
    pub(crate) tenant: Option<String>,
    /// Certificates (PEM) to trust for --server, instead of the system's; with --dir, the
    /// directory's own certificate is taken
    #[arg(long, global = true, value_name = "FILE", help_heading = "Server elsewhere")]
    pub(crate) ca_file: Option<PathBuf>,
}

/// A tenant, named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedTenant {
    /// A domain of it, or its GUID.
    pub(crate) tenant: String,
    /// The server of its cmdlets, where it is not the usual one; without a final slash.
    pub(crate) server: Option<String>,
    /// What to trust; what the sign-in said when absent.
    pub(crate) ca_file: Option<PathBuf>,
}

/// The server, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// The admin socket of this data directory.
    Socket {
        /// The data directory.
        dir: PathBuf,
    },
    /// A server that is spoken to over HTTP.
    Url {
        /// Without a final slash.
        url: String,
        /// The bearer token.
        token_file: PathBuf,
        /// What to trust; the system's certificates when absent.
        ca_file: Option<PathBuf>,
    },
    /// A Microsoft 365 tenant.
    Tenant(NamedTenant),
}

impl Endpoint {
    /// The path of the socket in a data directory.
    pub(crate) fn socket_path(dir: &Path) -> PathBuf {
        dir.join(SOCKET)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Profile {
    dir: Option<PathBuf>,
    server: Option<String>,
    token_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    tenant: Option<String>,
}

impl Connection {
    /// The server that these options, or else the saved profile, name.
    pub(crate) fn endpoint(&self) -> Result<Endpoint, Error> {
        if self.dir.is_some() || self.server.is_some() || self.tenant.is_some() {
            return self.named();
        }
        let profile = saved_profile()?;
        Connection {
            dir: profile.dir,
            server: profile.server,
            token_file: self.token_file.clone().or(profile.token_file),
            ca_file: self.ca_file.clone().or(profile.ca_file),
            tenant: profile.tenant,
        }
        .named()
    }

    fn named(&self) -> Result<Endpoint, Error> {
        if let Some(tenant) = &self.tenant {
            if let Some(dir) = &self.dir {
                // One of them may come from the environment; the wrong one must not be changed.
                let dir = dir.display();
                let why = format!("--dir {dir} and --tenant {tenant} are both set: leave one out");
                return Err(Error::Usage(why));
            }
            return Ok(Endpoint::Tenant(NamedTenant {
                tenant: tenant.clone(),
                server: self.server.as_ref().map(|url| url.trim_end_matches('/').to_owned()),
                ca_file: self.ca_file.clone(),
            }));
        }
        let Some(server) = &self.server else {
            return match &self.dir {
                Some(dir) => Ok(Endpoint::Socket { dir: dir.clone() }),
                None => Err(Error::NoServer),
            };
        };
        let Some(token_file) = self.token_file.clone() else {
            return Err(Error::Usage("--server needs --token-file FILE".to_owned()));
        };
        let own = self.dir.as_ref().map(|dir| dir.join(CERTIFICATE)).filter(|path| path.exists());
        Ok(Endpoint::Url {
            url: server.trim_end_matches('/').to_owned(),
            token_file,
            ca_file: self.ca_file.clone().or(own),
        })
    }
}

fn saved_profile() -> Result<Profile, Error> {
    let Some(path) = profile_path() else { return Ok(Profile::default()) };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Profile::default()),
        Err(source) => return Err(Error::File { path, source }),
    };
    toml::from_str(&text)
        .map_err(|error| Error::Usage(format!("{}: {}", path.display(), error.message())))
}

fn profile_path() -> Option<PathBuf> {
    configuration_dir().map(|dir| dir.join("profile.toml"))
}

/// Where this user's settings of the command line are.
pub(crate) fn configuration_dir() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_CONFIG_HOME")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")))?;
    Some(base.join("guichet"))
}

#[cfg(test)]
mod tests {
    //! Which server is meant.

    use super::*;

    #[test]
    fn a_directory_means_its_socket() {
        let connection = Connection { dir: Some("/srv/mail".into()), ..Connection::default() };
        assert_eq!(
            connection.endpoint().expect("named"),
            Endpoint::Socket { dir: "/srv/mail".into() }
        );
        assert_eq!(
            Endpoint::socket_path(Path::new("/srv/mail")),
            Path::new("/srv/mail/admin.sock")
        );
    }

    #[test]
    fn a_server_wins_and_needs_a_token() {
        let mut connection = Connection {
            dir: Some("/nowhere".into()),
            server: Some("https://mail.contoso.com/".to_owned()),
            ..Connection::default()
        };
        assert_eq!(connection.endpoint().expect_err("no token").status(), 2);
        connection.token_file = Some("token".into());
        assert_eq!(
            connection.endpoint().expect("named"),
            Endpoint::Url {
                url: "https://mail.contoso.com".to_owned(),
                token_file: "token".into(),
                ca_file: None,
            }
        );
    }
}
