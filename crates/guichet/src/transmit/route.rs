//! Where mail for a domain is sent: to its exchangers, or to the smarthost.

use std::net::IpAddr;

use mail::Domain;
use smtp::Secret;

use crate::config::SmarthostTls;

/// A server that takes all mail for the outside.
#[derive(Debug, Clone)]
pub(crate) struct Smarthost {
    /// Its name or address.
    pub(crate) host: String,
    /// Its port.
    pub(crate) port: u16,
    /// How the connection is secured.
    pub(crate) tls: SmarthostTls,
    /// Login and password, if it wants one.
    pub(crate) login: Option<(String, Secret)>,
}

impl Smarthost {
    /// Whether its certificate must be valid.
    pub(crate) fn is_verified(&self) -> bool {
        matches!(self.tls, SmarthostTls::Required | SmarthostTls::Implicit)
    }
}

/// Settings of transmission.
#[derive(Debug, Clone)]
pub(crate) struct Outbound {
    /// The name said in EHLO.
    pub(crate) hostname: String,
    /// All mail for the outside goes there, if set.
    pub(crate) smarthost: Option<Smarthost>,
    /// The port of exchangers; 25 outside of tests.
    pub(crate) mx_port: u16,
    /// Connections to one route at the same time.
    pub(crate) connections_per_host: usize,
    /// Connections at the same time over all routes.
    pub(crate) workers: usize,
    /// The local address to connect from.
    pub(crate) bind_address: Option<IpAddr>,
}

/// What connections are kept and counted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Route {
    /// The smarthost.
    Smarthost,
    /// The exchangers of a domain.
    Exchangers(Domain),
}

impl Outbound {
    /// The route for a domain.
    pub(crate) fn route(&self, domain: &Domain) -> Route {
        match self.smarthost {
            Some(_) => Route::Smarthost,
            None => Route::Exchangers(domain.clone()),
        }
    }
}

/// Whether the header section has octets beyond ASCII (RFC 6532).
pub(super) fn has_utf8_header(content: &[u8]) -> bool {
    let end = content.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(content.len());
    !content[..end].is_ascii()
}
