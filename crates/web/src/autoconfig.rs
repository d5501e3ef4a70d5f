//! What Thunderbird and others ask before they set an account up: host names, ports and the login.
//!
//! Asked at `/.well-known/autoconfig/mail/config-v1.1.xml` of the domain, or at
//! `/mail/config-v1.1.xml` of its autoconfig host, with the address as `emailaddress`. The answer
//! is the same for every address, so that it says nothing about who has a mailbox here.

use app::read::accepted_domain;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use domain::Directory;
use serde::Deserialize;

use crate::escape::escaped;
use crate::{MailPorts, Web};

/// What is asked with.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    emailaddress: Option<String>,
}

/// The set-up, as XML.
pub(crate) async fn show(
    State(web): State<Web>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> impl IntoResponse {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let directory = web.app.directory();
    let domain = domain_of(&directory, asked.emailaddress.as_deref(), host);
    let name = directory.organization().name.clone();
    let setup = Setup {
        host: &web.app.settings().hostname,
        domain: &domain,
        organization: &name,
        ports: web.options.mail_ports,
    };
    ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], setup.to_xml())
}

/// The accepted domain that is asked about: that of the address, or of the host, or the default.
fn domain_of(directory: &Directory, address: Option<&str>, host: Option<&str>) -> String {
    let of_address = address.and_then(|text| text.rsplit_once('@')).map(|(_, domain)| domain);
    let host = host.and_then(|host| host.split(':').next()).unwrap_or_default();
    let host = host.strip_prefix("autoconfig.").unwrap_or(host);
    let asked = [of_address.unwrap_or_default(), host];
    let known = asked.into_iter().find_map(|name| accepted_domain(directory, name));
    let domain = known.or_else(|| directory.accepted_domains().first());
    domain.map(ToString::to_string).unwrap_or_default()
}

struct Setup<'a> {
    host: &'a str,
    domain: &'a str,
    organization: &'a str,
    ports: MailPorts,
}

impl Setup<'_> {
    fn to_xml(&self) -> String {
        let domain = escaped(self.domain);
        let name = escaped(self.organization);
        let servers = [
            ("incoming", "imap", self.ports.imaps, "SSL"),
            ("incoming", "imap", self.ports.imap, "STARTTLS"),
            ("outgoing", "smtp", self.ports.submissions, "SSL"),
            ("outgoing", "smtp", self.ports.submission, "STARTTLS"),
        ];
        let servers: String = servers
            .into_iter()
            .filter_map(|(way, kind, port, security)| {
                Some(self.server((way, kind), port?, security))
            })
            .collect();
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <clientConfig version=\"1.1\">\n\
             \x20 <emailProvider id=\"{domain}\">\n\
             \x20   <domain>{domain}</domain>\n\
             \x20   <displayName>{name}</displayName>\n\
             \x20   <displayShortName>{name}</displayShortName>\n\
             {servers}\
             \x20 </emailProvider>\n\
             </clientConfig>\n"
        )
    }

    fn server(&self, (way, kind): (&str, &str), port: u16, security: &str) -> String {
        let host = escaped(self.host);
        format!(
            "    <{way}Server type=\"{kind}\">\n\
             \x20     <hostname>{host}</hostname>\n\
             \x20     <port>{port}</port>\n\
             \x20     <socketType>{security}</socketType>\n\
             \x20     <authentication>password-cleartext</authentication>\n\
             \x20     <username>%EMAILADDRESS%</username>\n\
             \x20   </{way}Server>\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_services_that_run_are_named() {
        let setup = Setup {
            host: "mail.contoso.com",
            domain: "contoso.com",
            organization: "A & B <Ltd>",
            ports: MailPorts { imaps: Some(993), submission: Some(587), ..Default::default() },
        };
        let xml = setup.to_xml();
        assert!(xml.contains("<displayName>A &amp; B &lt;Ltd&gt;</displayName>"), "{xml}");
        assert_eq!(xml.matches("<incomingServer type=\"imap\">").count(), 1);
        assert!(xml.contains("<port>993</port>\n      <socketType>SSL</socketType>"), "{xml}");
        assert!(xml.contains("<port>587</port>\n      <socketType>STARTTLS</socketType>"), "{xml}");
        assert!(!xml.contains("143") && !xml.contains("465"));
    }
}
