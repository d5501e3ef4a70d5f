//! DNS: the resolver, and where mail for a domain goes (RFC 5321 §5.1).

use std::net::{IpAddr, SocketAddr};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use mail::Domain;
use mail_auth::MessageAuthenticator;

/// Mail exchangers of one domain that are tried at most.
const EXCHANGERS_MAX: usize = 10;
/// Addresses of one exchanger that are tried at most.
const ADDRESSES_MAX: usize = 4;

/// Why there is no way to a domain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoRoute {
    /// The domain does not exist, or has neither exchanger nor address.
    #[error("the domain {0} does not exist or takes no mail")]
    NoSuchDomain(String),
    /// The domain says that it takes no mail (RFC 7505).
    #[error("the domain {0} says that it takes no mail (null MX)")]
    NullExchanger(String),
    /// The exchangers lead back to this server.
    #[error("the exchangers of {0} lead back to this server")]
    LeadsBack(String),
    /// DNS did not answer.
    #[error("DNS gave no answer for {0}: {1}")]
    Temporary(String, String),
    /// Look-ups are switched off and there is no smarthost.
    #[error("DNS is switched off here ([dns] enabled = false) and no smarthost is set")]
    SwitchedOff,
}

/// The resolver, or none where look-ups are switched off.
pub(crate) struct Dns {
    authenticator: Option<MessageAuthenticator>,
}

impl Dns {
    /// No look-ups at all.
    pub(crate) fn off() -> Dns {
        Dns { authenticator: None }
    }

    /// Asks these servers, or those of the system where the list is empty.
    pub(crate) fn new(servers: &[SocketAddr]) -> Result<Dns, String> {
        let built = if servers.is_empty() {
            MessageAuthenticator::new_system_conf()
        } else {
            let servers = servers.iter().map(|server| {
                let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
                let connections = connections.map(|mut connection| {
                    connection.port = server.port();
                    connection
                });
                NameServerConfig::new(server.ip(), true, connections.to_vec())
            });
            let config = ResolverConfig::from_name_servers(servers.collect());
            MessageAuthenticator::new(config, ResolverOpts::default())
        };
        let authenticator = built.map_err(|error| error.to_string())?;
        Ok(Dns { authenticator: Some(authenticator) })
    }

    /// What authentication asks.
    pub(crate) fn authenticator(&self) -> Option<&MessageAuthenticator> {
        self.authenticator.as_ref()
    }

    /// The hosts that take mail for a domain, best first.
    pub(crate) async fn exchangers(
        &self,
        domain: &Domain,
        own_name: &str,
    ) -> Result<Vec<String>, NoRoute> {
        let resolver = self.resolver()?;
        let name = domain.as_str();
        if let Some(literal) = name.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            // RFC 5321 §4.1.3: an address literal is its own exchanger.
            return Ok(vec![literal.trim_start_matches("IPv6:").to_owned()]);
        }
        let records = match resolver.mx_lookup(absolute(name)).await {
            Ok(lookup) => {
                let records = lookup.answers().iter().filter_map(|record| match &record.data {
                    RData::MX(mx) => Some((mx.preference, host_text(&mx.exchange))),
                    _ => None,
                });
                records.collect::<Vec<_>>()
            }
            Err(error) if error.is_no_records_found() || error.is_nx_domain() => Vec::new(),
            Err(error) => return Err(NoRoute::Temporary(name.to_owned(), error.to_string())),
        };
        order(records, name, own_name)
    }

    /// The addresses of a host.
    pub(crate) async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, NoRoute> {
        if let Ok(address) = host.parse() {
            return Ok(vec![address]);
        }
        let resolver = self.resolver()?;
        match resolver.lookup_ip(absolute(host)).await {
            Ok(lookup) => Ok(lookup.iter().take(ADDRESSES_MAX).collect()),
            Err(error) if error.is_no_records_found() || error.is_nx_domain() => {
                Err(NoRoute::NoSuchDomain(host.to_owned()))
            }
            Err(error) => Err(NoRoute::Temporary(host.to_owned(), error.to_string())),
        }
    }

    /// The data of all records of a name and a type such as `MX`, in zone file form; `None` where
    /// there is no answer.
    pub(crate) async fn records(&self, name: &str, kind: &str) -> Option<Vec<String>> {
        let kind: RecordType = kind.parse().ok()?;
        match self.resolver().ok()?.lookup(absolute(name), kind).await {
            Ok(lookup) => {
                let records = lookup.answers().iter().filter(|record| record.record_type() == kind);
                Some(records.map(|record| record.data.to_string()).collect())
            }
            Err(error) if error.is_no_records_found() || error.is_nx_domain() => Some(Vec::new()),
            Err(_) => None,
        }
    }

    fn resolver(&self) -> Result<&TokioResolver, NoRoute> {
        self.authenticator.as_ref().map(MessageAuthenticator::resolver).ok_or(NoRoute::SwitchedOff)
    }
}

/// Puts exchangers into the order of RFC 5321 §5.1: by preference; the domain itself where there
/// are none; none at or behind our own place in the list.
fn order(
    mut records: Vec<(u16, String)>,
    domain: &str,
    own_name: &str,
) -> Result<Vec<String>, NoRoute> {
    if records.is_empty() {
        return Ok(vec![domain.to_owned()]);
    }
    if let [(_, only)] = records.as_slice()
        && only.is_empty()
    {
        return Err(NoRoute::NullExchanger(domain.to_owned()));
    }
    records.sort();
    let own = records.iter().find(|(_, host)| host.eq_ignore_ascii_case(own_name));
    let ours = own.map(|(preference, _)| *preference);
    let before_us = |preference: u16| ours.is_none_or(|ours| preference < ours);
    let hosts = records.into_iter().filter(|(preference, _)| before_us(*preference));
    let hosts: Vec<String> = hosts.map(|(_, host)| host).take(EXCHANGERS_MAX).collect();
    if hosts.is_empty() { Err(NoRoute::LeadsBack(domain.to_owned())) } else { Ok(hosts) }
}

/// The name with a final dot, so that no search list is tried.
fn absolute(name: &str) -> String {
    if name.ends_with('.') { name.to_owned() } else { format!("{name}.") }
}

fn host_text(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(records: &[(u16, &str)]) -> Result<Vec<String>, NoRoute> {
        let records = records.iter().map(|(preference, host)| (*preference, (*host).to_owned()));
        order(records.collect(), "fabrikam.com", "mail.contoso.com")
    }

    #[test]
    fn exchangers_come_by_preference_and_the_domain_itself_without_any() {
        let found = hosts(&[(20, "b.fabrikam.com"), (10, "a.fabrikam.com")]);
        assert_eq!(found, Ok(vec!["a.fabrikam.com".to_owned(), "b.fabrikam.com".to_owned()]));
        assert_eq!(hosts(&[]), Ok(vec!["fabrikam.com".to_owned()]));
    }

    #[test]
    fn a_null_exchanger_takes_nothing() {
        assert_eq!(hosts(&[(0, "")]), Err(NoRoute::NullExchanger("fabrikam.com".to_owned())));
    }

    #[test]
    fn nothing_is_sent_to_ourselves_or_behind_us() {
        let found = hosts(&[(10, "a.x"), (20, "MAIL.contoso.com"), (20, "c.x"), (30, "d.x")]);
        assert_eq!(found, Ok(vec!["a.x".to_owned()]));
        let back = hosts(&[(20, "mail.contoso.com"), (30, "d.x")]);
        assert_eq!(back, Err(NoRoute::LeadsBack("fabrikam.com".to_owned())));
    }
}
