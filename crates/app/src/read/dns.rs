//! The DNS records that each accepted domain needs.

use mail::Domain;

use crate::App;
use crate::command::CommandError;
use crate::signing;

/// Preference of our MX record (RFC 5321 §5.1); with one host any number will do.
const MX_PREFERENCE: u16 = 10;

/// A record to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsRecord {
    /// The accepted domain that needs it.
    pub domain: String,
    /// The owner name, without a final dot.
    pub name: String,
    /// The type.
    pub kind: &'static str,
    /// The data in zone file form.
    pub value: String,
    /// What it is for, in a few words.
    pub purpose: &'static str,
}

impl App {
    /// The records of one accepted domain, or of all; none where it is not accepted.
    pub async fn dns_records(&self, only: Option<&str>) -> Result<Vec<DnsRecord>, CommandError> {
        let keys = store::dkim_key::list(&self.store).await?;
        let domains: Vec<Domain> = {
            let directory = self.directory();
            match only {
                None => directory.accepted_domains().to_vec(),
                Some(name) => {
                    super::accepted_domain(&directory, name).into_iter().cloned().collect()
                }
            }
        };
        let host = self.settings.hostname.as_str();
        let mut records = Vec::new();
        for domain in &domains {
            records.extend(records_of(domain.as_str(), host));
            let active = keys.iter().filter(|key| key.retired_at.is_none());
            for key in active.filter(|key| key.domain == *domain) {
                records.push(DnsRecord {
                    domain: domain.to_string(),
                    name: format!("{}._domainkey.{domain}", key.selector),
                    kind: "TXT",
                    value: quoted(&signing::dns_record(key)?),
                    purpose: "DKIM",
                });
            }
        }
        Ok(records)
    }
}

/// The records that need no key.
fn records_of(domain: &str, host: &str) -> Vec<DnsRecord> {
    let record = |name: String, kind, value: String, purpose| DnsRecord {
        domain: domain.to_owned(),
        name,
        kind,
        value,
        purpose,
    };
    let service = |service: &str, port: u16| {
        // RFC 6186 §3.1, RFC 8314 §5.1: preference and weight, then port and host.
        record(
            format!("_{service}._tcp.{domain}"),
            "SRV",
            format!("0 1 {port} {host}."),
            "client set-up",
        )
    };
    vec![
        record(domain.to_owned(), "MX", format!("{MX_PREFERENCE} {host}."), "receiving"),
        // RFC 7208 §3; the MX host is the one that sends.
        record(domain.to_owned(), "TXT", quoted("v=spf1 mx -all"), "SPF"),
        record(format!("_dmarc.{domain}"), "TXT", quoted("v=DMARC1; p=quarantine"), "DMARC"),
        service("submissions", 465),
        service("submission", 587),
        service("imaps", 993),
        service("imap", 143),
        // Thunderbird asks this host for the set-up before it guesses.
        record(format!("autoconfig.{domain}"), "CNAME", format!("{host}."), "client set-up"),
    ]
}

/// A text as character-strings of at most 255 octets each (RFC 1035 §3.3), in quotes.
fn quoted(text: &str) -> String {
    const STRING_OCTETS_MAX: usize = 255;
    let chars: Vec<char> = text.chars().collect();
    let strings: Vec<String> = chars
        .chunks(STRING_OCTETS_MAX)
        .map(|chunk| format!("\"{}\"", chunk.iter().collect::<String>()))
        .collect();
    strings.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_split() {
        assert_eq!(quoted("v=spf1 mx -all"), "\"v=spf1 mx -all\"");
        assert_eq!(quoted(&"a".repeat(255)).matches('"').count(), 2);
        assert_eq!(quoted(&"a".repeat(256)).matches('"').count(), 4);
    }

    #[test]
    fn every_domain_gets_its_records() {
        let records = records_of("contoso.com", "mail.contoso.com");
        let mx = records.iter().find(|record| record.kind == "MX").expect("there is one");
        assert_eq!(mx.value, "10 mail.contoso.com.");
        for (service, port) in
            [("submissions", 465), ("submission", 587), ("imaps", 993), ("imap", 143)]
        {
            let name = format!("_{service}._tcp.contoso.com");
            let found = records.iter().find(|record| record.name == name).expect("there is one");
            assert_eq!(found.value, format!("0 1 {port} mail.contoso.com."));
        }
    }
}
