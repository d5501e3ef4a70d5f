//! The client of the admin protocol: HTTP/1.1 over the admin socket, over TLS, or in clear text to
//! this machine.
//!
//! Each page is one connection: an administration command makes few calls, and none may find a
//! connection that went stale. Warnings of the server go to stderr as they come.

use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::time::Duration;

use admin_protocol::cmdlet::{Object, strip_annotations};
use admin_protocol::invoke::{
    ANY_TENANT, DIRECTORY_VERSION_HEADER, Request, Response, invoke_path, read_error,
};
use admin_protocol::parameters::Parameters;
use bytes::Bytes;
use http_body_util::Full;
use hyper::Uri;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use tokio::runtime::Runtime;

use super::connection::Endpoint;
use super::error::Error;
use super::tenant::{Tenant, translate};
use super::transport::Target;

/// Seconds to wait after a tenant's 429 or 503 that names none; doubled with each try.
const RETRY_SECS: u64 = 2;
/// Longest wait that a tenant may ask for; a longer one is an error for the person.
const RETRY_SECS_MAX: u64 = 120;
/// Tries of one call to a tenant, as many as Exchange's own module makes.
const TRIES_MAX: u32 = 5;

/// The client.
pub(crate) struct Client {
    runtime: Runtime,
    target: Target,
    authorization: Option<HeaderValue>,
    /// The Microsoft 365 tenant, where it is one.
    tenant: Option<Tenant>,
    /// The version of the directory that the next change is decided on, where that matters.
    directory_version: Cell<Option<i64>>,
}

/// Some objects of an answer, and how to get more.
pub(crate) struct Page {
    /// The objects, without annotations.
    pub(crate) objects: Vec<Object>,
    /// Sentences of the server: it succeeded, but.
    pub(crate) warnings: Vec<String>,
    /// The question of a call with `Confirm:true`, or what one with `WhatIf` would do.
    pub(crate) question: Option<String>,
    cmdlet: &'static str,
    body: Bytes,
    next_path: Option<String>,
}

impl Page {
    /// A page that was put together from the answers of several calls.
    pub(crate) fn gathered(cmdlet: &'static str, objects: Vec<Object>) -> Page {
        let (warnings, question) = (Vec::new(), None);
        Page { objects, warnings, question, cmdlet, body: Bytes::new(), next_path: None }
    }
}

impl Client {
    /// A client of this server. Reads the token and the certificates to trust; sends nothing.
    pub(crate) fn new(endpoint: Endpoint) -> Result<Client, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::Usage(format!("cannot start: {error}")))?;
        let (target, authorization, tenant) = match endpoint {
            Endpoint::Socket { dir } => (Target::Socket { dir }, None, None),
            Endpoint::Url { url, token_file, ca_file } => {
                let target = Target::from_url("--server", &url, ca_file.as_deref())?;
                (target, Some(bearer(&token_file)?), None)
            }
            Endpoint::Tenant(named) => {
                let tenant = Tenant::open(&named)?;
                (tenant.target()?, None, Some(tenant))
            }
        };
        let directory_version = Cell::new(None);
        Ok(Client { runtime, target, authorization, tenant, directory_version })
    }

    /// The server, as people name it.
    pub(crate) fn server(&self) -> String {
        match &self.tenant {
            Some(tenant) => tenant.name().to_owned(),
            None => self.target.name(),
        }
    }

    /// Whether it is a Microsoft 365 tenant.
    pub(crate) fn is_of_tenant(&self) -> bool {
        self.tenant.is_some()
    }

    /// From now on each change is made only while the directory is at this version, or at the one
    /// that the change before left.
    pub(crate) fn expect_directory_version(&self, version: Option<i64>) {
        self.directory_version.set(version);
    }

    /// Calls a cmdlet and gives the first page. Its warnings go to stderr.
    pub(crate) fn call(&self, cmdlet: &'static str, parameters: Parameters) -> Result<Page, Error> {
        self.call_quietly(cmdlet, parameters).inspect(warn)
    }

    /// The same; the warnings are the caller's to show.
    pub(crate) fn call_quietly(
        &self,
        cmdlet: &'static str,
        parameters: Parameters,
    ) -> Result<Page, Error> {
        match &self.tenant {
            Some(tenant) => translate::call(self, tenant, cmdlet, parameters),
            None => self.post(cmdlet, parameters),
        }
    }

    /// Calls a cmdlet as it is.
    pub(crate) fn post(&self, cmdlet: &'static str, parameters: Parameters) -> Result<Page, Error> {
        let body = serde_json::to_vec(&Request::new(cmdlet, parameters))
            .expect("names and JSON values always serialise");
        let tenant = self.tenant.as_ref().map_or(ANY_TENANT, Tenant::name);
        self.page(cmdlet, Bytes::from(body), invoke_path(tenant))
    }

    /// The page after this one, if there is one. Its warnings go to stderr.
    pub(crate) fn next_page(&self, page: Page) -> Result<Option<Page>, Error> {
        let next = self.next_page_quietly(page)?;
        next.iter().for_each(warn);
        Ok(next)
    }

    /// The same; the warnings are the caller's to show. The same body is posted to the link.
    pub(crate) fn next_page_quietly(&self, page: Page) -> Result<Option<Page>, Error> {
        match page.next_path {
            Some(path) => self.page(page.cmdlet, page.body, path).map(Some),
            None => Ok(None),
        }
    }

    fn page(&self, cmdlet: &'static str, body: Bytes, path: String) -> Result<Page, Error> {
        let exchange = self.exchange(cmdlet, body.clone(), path);
        let (http_status, answer) = self.runtime.block_on(async {
            tokio::select! {
                done = exchange => done,
                _ = tokio::signal::ctrl_c() => Err(Error::Interrupted),
            }
        })?;
        if http_status != 200 {
            return Err(match &self.tenant {
                Some(_) => refused_by_tenant(cmdlet, http_status, &answer),
                None => refused(cmdlet, http_status, &answer),
            });
        }
        let unreadable = |why: String| Error::BadAnswer { cmdlet, why };
        let response: Response =
            serde_json::from_slice(&answer).map_err(|error| unreadable(error.to_string()))?;
        if response.directory_version.is_some() {
            self.directory_version.set(response.directory_version);
        }
        let mut objects = response.value;
        objects.iter_mut().for_each(strip_annotations);
        let next_path = response.next_link.map(|link| path_of(&link)).transpose();
        Ok(Page {
            objects,
            warnings: response.warnings,
            question: response.confirmation_message,
            cmdlet,
            body,
            next_path: next_path.map_err(unreadable)?,
        })
    }

    /// Posts and reads the whole answer. A tenant may say that the token has ended or that we are
    /// too fast, and is asked again.
    async fn exchange(
        &self,
        cmdlet: &'static str,
        body: Bytes,
        path: String,
    ) -> Result<(u16, Bytes), Error> {
        let Some(tenant) = &self.tenant else {
            let authorization = self.authorization.as_ref();
            let request = self.request(cmdlet, body, &path, authorization)?;
            let answered = self.target.send(cmdlet, request).await?;
            return Ok((answered.http_status, answered.body));
        };
        let mut is_renewed = false;
        let mut tries = 1;
        loop {
            let bearer = tenant.bearer(is_renewed).await?;
            let request = self.request(cmdlet, body.clone(), &path, Some(&bearer))?;
            let answered = self.target.send(cmdlet, request).await?;
            match answered.http_status {
                401 if !is_renewed => is_renewed = true,
                429 | 503 if tries < TRIES_MAX => {
                    let secs = answered.retry_after_secs.unwrap_or(RETRY_SECS << (tries - 1));
                    if secs > RETRY_SECS_MAX {
                        return Err(Error::Busy { secs });
                    }
                    eprintln!("the tenant asks to wait {secs} s");
                    tokio::time::sleep(Duration::from_secs(secs)).await;
                    tries += 1;
                }
                http_status => return Ok((http_status, answered.body)),
            }
        }
    }

    fn request(
        &self,
        cmdlet: &'static str,
        body: Bytes,
        path: &str,
        authorization: Option<&HeaderValue>,
    ) -> Result<hyper::Request<Full<Bytes>>, Error> {
        let mut builder = hyper::Request::post(path)
            .header(HOST, self.target.host())
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, concat!("guichet/", env!("CARGO_PKG_VERSION")))
            .header("X-CmdletName", cmdlet)
            .header("X-ResponseFormat", "json")
            .header("Prefer", "odata.maxpagesize=1000");
        if let Some(version) = self.directory_version.get() {
            builder = builder.header(DIRECTORY_VERSION_HEADER, version);
        }
        if let Some(tenant) = &self.tenant {
            builder = builder.header("X-AnchorMailbox", tenant.anchor());
        }
        if let Some(authorization) = authorization {
            builder = builder.header(AUTHORIZATION, authorization);
        }
        builder
            .body(Full::new(body))
            .map_err(|error| Error::BadAnswer { cmdlet, why: error.to_string() })
    }
}

fn warn(page: &Page) {
    for warning in &page.warnings {
        eprintln!("warning: {warning}");
    }
}

fn bearer(token_file: &Path) -> Result<HeaderValue, Error> {
    let token = fs::read_to_string(token_file)
        .map_err(|source| Error::File { path: token_file.to_owned(), source })?;
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.trim()))
        .map_err(|_| Error::Usage(format!("{} holds no token", token_file.display())))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Path and query of a link. Its host is not followed: the token is for our server alone.
fn path_of(link: &str) -> Result<String, String> {
    let uri: Uri = link.parse().map_err(|_| format!("the next link {link} is no URL"))?;
    match uri.path_and_query() {
        Some(path) => Ok(path.as_str().to_owned()),
        None => Err(format!("the next link {link} has no path")),
    }
}

fn refused(cmdlet: &str, http_status: u16, answer: &[u8]) -> Error {
    let text = match read_error(answer) {
        Some(error) => error.text().to_owned(),
        None => match http_status {
            401 => "the server wants a valid token".to_owned(),
            403 => format!("you may not run {cmdlet} here"),
            _ => format!("the server answered {http_status} to {cmdlet}"),
        },
    };
    Error::Refused { http_status, text }
}

/// What a tenant's refusal means. An empty 403 stands both for a cmdlet that the caller may not run
/// and for one that does not exist there.
fn refused_by_tenant(cmdlet: &str, http_status: u16, answer: &[u8]) -> Error {
    let text = match read_error(answer) {
        Some(error) => error.text().to_owned(),
        None => match http_status {
            401 => return Error::SignedOut("the tenant does not take the token".to_owned()),
            403 => format!(
                "the tenant does not let you run {cmdlet}: the account or the app lacks an \
                 Exchange role for it, or the tenant has no such cmdlet"
            ),
            _ => format!("the tenant answered {http_status} to {cmdlet}"),
        },
    };
    Error::Refused { http_status, text }
}
