//! What an iPhone, an iPad or a Mac installs to read mail: a configuration profile, as an XML
//! property list (Apple, *Configuration Profile Reference*, mail payload). It holds servers, ports
//! and the person's address, and no password.
//!
//! Identifiers and UUIDs are made from the server's name and the address, so that a profile which
//! is installed again takes the place of the one before.

use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

use ring::digest;

use crate::MailPorts;
use crate::escape::escaped;

/// The media type of profiles.
pub(crate) const MEDIA_TYPE: &str = "application/x-apple-aspen-config";

/// A function that signs a profile: the octets of CMS SignedData (RFC 5652) with the profile in it.
/// The error says why there is no signature.
pub type SignProfile = dyn Fn(&[u8]) -> Result<Vec<u8>, String> + Send + Sync;

/// Signs profiles with the server's certificate. Layered onto the router as an extension; without
/// it no profile is given out.
#[derive(Clone)]
pub struct ProfileSigner(pub Arc<SignProfile>);

impl fmt::Debug for ProfileSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProfileSigner(..)")
    }
}

/// How a service is reached by mail programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reached {
    pub(crate) port: u16,
    /// TLS from the first octet; else STARTTLS.
    pub(crate) is_implicit: bool,
}

/// TLS from the first octet where it is on (RFC 8314 §3), else STARTTLS.
pub(crate) fn reading(ports: MailPorts) -> Option<Reached> {
    reached(ports.imaps, ports.imap)
}

/// The same for submission.
pub(crate) fn sending(ports: MailPorts) -> Option<Reached> {
    reached(ports.submissions, ports.submission)
}

fn reached(implicit: Option<u16>, upgraded: Option<u16>) -> Option<Reached> {
    let of = |port: Option<u16>, is_implicit| port.map(|port| Reached { port, is_implicit });
    of(implicit, true).or(of(upgraded, false))
}

/// A person's account, for a profile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account<'a> {
    pub(crate) host: &'a str,
    pub(crate) organization: &'a str,
    pub(crate) address: &'a str,
    pub(crate) name: &'a str,
    /// What the device calls the profile.
    pub(crate) title: &'a str,
    pub(crate) reading: Reached,
    pub(crate) sending: Reached,
}

enum Value<'a> {
    Text(&'a str),
    Number(u16),
    Truth(bool),
}

impl Account<'_> {
    /// The profile, unsigned.
    pub(crate) fn to_xml(self) -> String {
        let reverse: Vec<&str> = self.host.rsplit('.').collect();
        let identifier = format!("{}.{}", reverse.join("."), self.uuid("account"));
        let mail_identifier = format!("{identifier}.mail");
        let (profile, mail) = (self.uuid("profile"), self.uuid("mail"));
        let outer = dict(&[
            ("PayloadType", Value::Text("Configuration")),
            ("PayloadVersion", Value::Number(1)),
            ("PayloadIdentifier", Value::Text(&identifier)),
            ("PayloadUUID", Value::Text(&profile)),
            ("PayloadDisplayName", Value::Text(self.title)),
            ("PayloadOrganization", Value::Text(self.organization)),
            ("PayloadRemovalDisallowed", Value::Truth(false)),
        ]);
        let inner = dict(&self.mail_payload(&mail_identifier, &mail));
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
             \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
             <plist version=\"1.0\">\n<dict>\n{outer}<key>PayloadContent</key>\n\
             <array>\n<dict>\n{inner}</dict>\n</array>\n</dict>\n</plist>\n"
        )
    }

    fn mail_payload<'a>(&'a self, identifier: &'a str, uuid: &'a str) -> Vec<(&'a str, Value<'a>)> {
        let mut fields = vec![
            ("PayloadType", Value::Text("com.apple.mail.managed")),
            ("PayloadVersion", Value::Number(1)),
            ("PayloadIdentifier", Value::Text(identifier)),
            ("PayloadUUID", Value::Text(uuid)),
            ("PayloadDisplayName", Value::Text(self.address)),
            ("EmailAccountType", Value::Text("EmailTypeIMAP")),
            ("EmailAccountDescription", Value::Text(self.organization)),
            ("EmailAccountName", Value::Text(self.name)),
            ("EmailAddress", Value::Text(self.address)),
        ];
        let incoming = [
            "IncomingMailServerAuthentication",
            "IncomingMailServerHostName",
            "IncomingMailServerPortNumber",
            "IncomingMailServerUseSSL",
            "IncomingMailServerUsername",
        ];
        let outgoing = [
            "OutgoingMailServerAuthentication",
            "OutgoingMailServerHostName",
            "OutgoingMailServerPortNumber",
            "OutgoingMailServerUseSSL",
            "OutgoingMailServerUsername",
        ];
        for (names, reached) in [(incoming, self.reading), (outgoing, self.sending)] {
            let [authentication, host, port, tls, login] = names;
            fields.extend([
                (authentication, Value::Text("EmailAuthPassword")),
                (host, Value::Text(self.host)),
                (port, Value::Number(reached.port)),
                // Devices choose STARTTLS by themselves where the port does not begin with TLS.
                (tls, Value::Truth(true)),
                (login, Value::Text(self.address)),
            ]);
        }
        fields.push(("OutgoingPasswordSameAsIncomingPassword", Value::Truth(true)));
        fields
    }

    /// The same for the same purpose, server and address: RFC 9562 §5.8.
    fn uuid(&self, purpose: &str) -> String {
        let text = format!("{purpose} {} {}", self.host, self.address.to_lowercase());
        let hash = digest::digest(&digest::SHA256, text.as_bytes());
        let mut octets = [0u8; 16];
        octets.copy_from_slice(&hash.as_ref()[..16]);
        octets[6] = (octets[6] & 0x0f) | 0x80;
        octets[8] = (octets[8] & 0x3f) | 0x80;
        let hex: String = octets.iter().map(|octet| format!("{octet:02X}")).collect();
        let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
        parts.join("-")
    }
}

fn dict(fields: &[(&str, Value<'_>)]) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        let value = match value {
            Value::Text(value) => format!("<string>{}</string>", escaped(value)),
            Value::Number(value) => format!("<integer>{value}</integer>"),
            Value::Truth(true) => "<true/>".to_owned(),
            Value::Truth(false) => "<false/>".to_owned(),
        };
        writeln!(text, "<key>{name}</key>\n{value}").expect("a string takes any text");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Account, Reached, reading, sending};
    use crate::MailPorts;

    fn account(address: &str) -> Account<'_> {
        Account {
            host: "mail.contoso.com",
            organization: "A & B <Ltd>",
            address,
            name: "Jean",
            title: "Mail",
            reading: Reached { port: 993, is_implicit: true },
            sending: Reached { port: 587, is_implicit: false },
        }
    }

    #[test]
    fn a_profile_names_servers_and_address_and_has_no_password() {
        let xml = account("jean@contoso.com").to_xml();
        assert!(xml.contains("<string>A &amp; B &lt;Ltd&gt;</string>"), "{xml}");
        assert!(xml.contains("<key>IncomingMailServerPortNumber</key>\n<integer>993</integer>"));
        assert!(xml.contains("<key>OutgoingMailServerPortNumber</key>\n<integer>587</integer>"));
        assert_eq!(xml.matches("<string>mail.contoso.com</string>").count(), 2);
        assert_eq!(xml.matches("UseSSL</key>\n<true/>").count(), 2);
        for name in ["<key>IncomingPassword<", "<key>OutgoingPassword<", "Password</key>\n<string>"]
        {
            assert!(!xml.contains(name), "{name}");
        }
        assert_eq!(xml.matches("<dict>").count(), xml.matches("</dict>").count());
    }

    #[test]
    fn the_same_account_has_the_same_identifiers_and_no_other_has() {
        let uuid = |address| account(address).uuid("profile");
        assert_eq!(uuid("jean@contoso.com"), uuid("Jean@Contoso.com"));
        assert_ne!(uuid("jean@contoso.com"), uuid("marie@contoso.com"));
        assert_ne!(uuid("jean@contoso.com"), account("jean@contoso.com").uuid("mail"));
        let found = uuid("jean@contoso.com");
        assert_eq!((found.len(), &found[14..15], &found[8..9]), (36, "8", "-"));
    }

    #[test]
    fn tls_from_the_first_octet_goes_first_and_a_service_may_be_off() {
        let ports = MailPorts { imap: Some(143), imaps: Some(993), ..Default::default() };
        assert_eq!(reading(ports), Some(Reached { port: 993, is_implicit: true }));
        assert_eq!(sending(ports), None);
        let ports = MailPorts { submission: Some(587), ..ports };
        assert_eq!(sending(ports), Some(Reached { port: 587, is_implicit: false }));
    }
}
