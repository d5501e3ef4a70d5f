//! `guichet login`: signs in to a tenant, and keeps how.

use std::path::PathBuf;

use clap::Args;

use super::{Credential, SERVER, Saved, path_of, save, sign_in};
use crate::cli::connection::Connection;
use crate::cli::error::Error;

/// The login host of the common cloud.
const LOGIN_URL: &str = "https://login.microsoftonline.com";
/// The public client of Exchange's own PowerShell module, which every tenant knows.
const EXCHANGE_MODULE: &str = "fb78d390-0c51-40cd-8e17-fdbfab77341b";

/// `login`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  guichet --tenant contoso.onmicrosoft.com login
  guichet --tenant contoso.onmicrosoft.com login --client-id ID --client-secret-file FILE
  guichet --tenant contoso.onmicrosoft.com login --client-id ID --certificate app.pem
  guichet --tenant contoso.onmicrosoft.com rights --recipient support@contoso.com

An app needs the role Exchange.ManageAsApp and an administrator role. Tokens are kept in the
configuration directory, readable by you alone.")]
pub(crate) struct LoginArgs {
    /// Show a code to type into a browser; so it is without a secret or certificate
    #[arg(long, conflicts_with_all = ["client_secret_file", "certificate"])]
    device: bool,
    /// The app's client identifier. For device codes that of Exchange's module when left out
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// File with the app's secret
    #[arg(long, value_name = "FILE", requires = "client_id", conflicts_with = "certificate")]
    client_secret_file: Option<PathBuf>,
    /// PEM file with the app's certificate and its RSA key
    #[arg(long, value_name = "FILE", requires = "client_id")]
    certificate: Option<PathBuf>,
    /// The login host, where it is another one
    #[arg(long, value_name = "URL", default_value = LOGIN_URL)]
    login_url: String,
}

/// Runs the verb.
pub(crate) fn run(args: LoginArgs, connection: &Connection) -> Result<(), Error> {
    let Some(tenant) = connection.tenant.clone() else {
        let why = "which tenant? Use --tenant contoso.onmicrosoft.com. A server of your own needs \
                   no login: --dir DIR, or --server URL --token-file FILE";
        return Err(Error::Usage(why.to_owned()));
    };
    let path = path_of(&tenant)?;
    let absolute = |file: PathBuf| {
        std::path::absolute(&file).map_err(|source| Error::File { path: file, source })
    };
    let credential = match (args.client_secret_file, args.certificate) {
        (Some(file), _) => Credential::Secret { file: absolute(file)? },
        (None, Some(file)) => Credential::Certificate { file: absolute(file)? },
        (None, None) => Credential::Device,
    };
    let server = connection.server.as_deref().unwrap_or(SERVER);
    let mut saved = Saved {
        login_url: args.login_url.trim_end_matches('/').to_owned(),
        server: server.trim_end_matches('/').to_owned(),
        client_id: args.client_id.unwrap_or_else(|| EXCHANGE_MODULE.to_owned()),
        ca_file: connection.ca_file.clone().map(absolute).transpose()?,
        credential,
        tokens: None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::Usage(format!("cannot start: {error}")))?;
    let signing_in = async {
        match &saved.credential {
            Credential::Device => sign_in::by_device(&tenant, &saved).await,
            Credential::Secret { .. } | Credential::Certificate { .. } => {
                sign_in::renew(&tenant, &saved).await
            }
        }
    };
    let tokens = runtime.block_on(async {
        tokio::select! {
            tokens = signing_in => tokens,
            _ = tokio::signal::ctrl_c() => Err(Error::Interrupted),
        }
    })?;
    saved.tokens = Some(tokens);
    save(&path, &saved)?;
    eprintln!("signed in to {tenant}; from now on: guichet --tenant {tenant} …");
    Ok(())
}
