//! Accepted domains with their signing keys, and the organisation's settings.

use domain::{Language, Organization, ReportSchedule};
use mail::Domain;
use serde_json::json;
use store::dkim_key::DkimKey;

use super::address::display_name;
use super::draft::{Draft, Operation};
use super::{CommandError, Warning};
use crate::App;
use crate::access::Need;
use crate::signing::{KeyAlgorithm, KeyError, NewKey, generate_key};

/// Accepted domains at most.
pub(crate) const DOMAINS_MAX: usize = 1_000;
/// Addresses that are named when they keep a domain from being removed.
const ADDRESSES_NAMED_MAX: usize = 3;

/// What changes of the organisation's settings. What is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct OrganizationChanges {
    /// The name that people see.
    pub name: Option<String>,
    /// Whether an alias stays in the author field.
    pub keeps_alias_as_author: Option<bool>,
    /// When the report on rights to send is mailed.
    pub report_schedule: Option<ReportSchedule>,
    /// The language of mail that the server writes.
    pub language: Option<Language>,
}

/// Makes the keys of a new domain, one of each algorithm, on blocking threads: RSA takes a second.
pub async fn generate_domain_keys() -> Result<Vec<NewKey>, KeyError> {
    let both = [KeyAlgorithm::Rsa, KeyAlgorithm::Ed25519];
    let made = tokio::task::spawn_blocking(move || both.into_iter().map(generate_key).collect());
    made.await.expect("making a key does not panic")
}

impl std::fmt::Debug for NewKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl App {
    /// Reads the signing keys again, after domains came or went.
    pub(super) async fn reload_keys(&self) -> Result<(), CommandError> {
        self.signing.reload(&self.store).await.map_err(|error| match error {
            crate::StartError::Store(failure) => CommandError::Unavailable(failure),
            crate::StartError::Hash(error) => CommandError::Hash(error),
            crate::StartError::Key(error) => CommandError::Key(error),
        })
    }
}

impl Draft<'_> {
    pub(crate) fn add_domain(&mut self, text: &str, keys: &[NewKey]) -> Result<(), CommandError> {
        self.allow(Need::Administrator)?;
        let domain = parse(text)?;
        if self.directory.is_accepted(&domain) {
            let name = domain.to_string();
            return Err(CommandError::AlreadyExists { what: "accepted domain", name });
        }
        if self.directory.accepted_domains().len() >= DOMAINS_MAX {
            let why = format!("at most {DOMAINS_MAX} domains are accepted");
            return Err(CommandError::invalid("domain", why));
        }
        self.contacts_in_the_way(&domain)?;
        self.write_domain(&domain, keys);
        let parameters = json!({ "DomainName": domain.as_str() });
        let after = Some(parameters.clone());
        let operation = Operation::new("New-AcceptedDomain", parameters);
        self.record(operation, domain.as_str(), None, after);
        Ok(())
    }

    /// Puts a domain and its keys in.
    pub(crate) fn write_domain(&mut self, domain: &Domain, keys: &[NewKey]) {
        let now = self.now;
        store::directory::add_domain(self.directory_set(), domain, now);
        let mut taken: Vec<String> = self
            .supplies
            .dkim_keys
            .iter()
            .filter(|key| key.domain == *domain)
            .map(|key| key.selector.clone())
            .collect();
        for key in keys {
            let selector = selector(key.algorithm, &crate::dates::day(now), &taken);
            taken.push(selector.clone());
            let kept = DkimKey {
                domain: domain.clone(),
                selector,
                algorithm: key.algorithm.as_str().to_owned(),
                private_key_pem: key.private_key_pem.clone(),
                created_at: now,
                retired_at: None,
            };
            store::dkim_key::put(self.directory_set(), &kept);
        }
    }

    /// A contact's address would suddenly be ours.
    fn contacts_in_the_way(&self, domain: &Domain) -> Result<(), CommandError> {
        let used = self.addresses_in(domain);
        match used.first() {
            None => Ok(()),
            Some(first) => Err(CommandError::in_the_way(format!(
                "Contacts have addresses in {domain}, such as {first}. Remove or change them first."
            ))),
        }
    }

    /// Up to [`ADDRESSES_NAMED_MAX`] addresses of recipients in a domain.
    fn addresses_in(&self, domain: &Domain) -> Vec<String> {
        let addresses = self.directory.recipients().flat_map(|found| &found.addresses);
        let mut used: Vec<String> = addresses
            .filter(|address| address.domain() == domain)
            .take(ADDRESSES_NAMED_MAX)
            .map(ToString::to_string)
            .collect();
        used.sort();
        used
    }

    pub(crate) fn set_default_domain(&mut self, text: &str) -> Result<(), CommandError> {
        self.allow(Need::Administrator)?;
        let domain = self.accepted(text)?;
        let before = self.directory.accepted_domains();
        let Some(former) = before.first().filter(|first| **first != domain) else {
            self.warn(Warning::NothingChanged(domain.to_string()));
            return Ok(());
        };
        // The order of adding is the order of the domains.
        let rest = before.iter().filter(|other| **other != domain);
        let order: Vec<Domain> = std::iter::once(&domain).chain(rest).cloned().collect();
        let now = self.now;
        for domain in &order {
            store::directory::remove_domain(self.directory_set(), domain);
        }
        for domain in &order {
            store::directory::add_domain(self.directory_set(), domain, now);
        }
        let parameters = json!({ "Identity": domain.as_str(), "MakeDefault": true });
        let (old, new) =
            (json!({ "Default": former.as_str() }), json!({ "Default": domain.as_str() }));
        let operation = Operation::new("Set-AcceptedDomain", parameters);
        self.record(operation, domain.as_str(), Some(old), Some(new));
        Ok(())
    }

    pub(crate) fn remove_domain(&mut self, text: &str) -> Result<(), CommandError> {
        self.allow(Need::Administrator)?;
        let domain = self.accepted(text)?;
        let used = self.addresses_in(&domain);
        if !used.is_empty() {
            return Err(CommandError::in_the_way(format!(
                "Addresses in {domain} are in use, such as {}. Move or remove them first.",
                used.join(", ")
            )));
        }
        if self.directory.accepted_domains().len() == 1 {
            return Err(CommandError::in_the_way(format!(
                "{domain} is the last accepted domain. Add another one first."
            )));
        }
        let now = self.now;
        store::directory::remove_domain(self.directory_set(), &domain);
        let supplies = self.supplies;
        let active = supplies.dkim_keys.iter().filter(|key| key.retired_at.is_none());
        for key in active.filter(|key| key.domain == domain) {
            store::dkim_key::retire(self.directory_set(), &domain, &key.selector, now);
        }
        let parameters = json!({ "Identity": domain.as_str() });
        let before = json!({ "DomainName": domain.as_str() });
        let operation = Operation::new("Remove-AcceptedDomain", parameters);
        self.record(operation, domain.as_str(), Some(before), None);
        Ok(())
    }

    fn accepted(&self, text: &str) -> Result<Domain, CommandError> {
        let domain = parse(text)?;
        if self.directory.is_accepted(&domain) {
            Ok(domain)
        } else {
            Err(CommandError::not_found(text))
        }
    }

    pub(crate) fn change_organization(
        &mut self,
        changes: &OrganizationChanges,
    ) -> Result<(), CommandError> {
        self.allow(Need::Administrator)?;
        let before = self.directory.organization().clone();
        let mut after = before.clone();
        if let Some(name) = &changes.name {
            after.name = display_name(name)?;
        }
        if let Some(keeps) = changes.keeps_alias_as_author {
            after.keeps_alias_as_author = keeps;
        }
        after.report_schedule = changes.report_schedule.unwrap_or(after.report_schedule);
        after.language = changes.language.unwrap_or(after.language);
        if before == after {
            self.warn(Warning::NothingChanged(before.name));
            return Ok(());
        }
        store::directory::set_organization(self.directory_set(), &after)?;
        let describe = |organization: &Organization| {
            json!({
                "DisplayName": organization.name,
                "SendFromAliasEnabled": organization.keeps_alias_as_author,
                "SendAsReportSchedule": format!("{:?}", organization.report_schedule),
                "Language": organization.language.tag(),
            })
        };
        let operation = Operation::new("Set-OrganizationConfig", describe(&after));
        let object = before.name.clone();
        self.record(operation, &object, Some(describe(&before)), Some(describe(&after)));
        Ok(())
    }
}

pub(crate) fn parse(text: &str) -> Result<Domain, CommandError> {
    Domain::parse(text.trim())
        .map_err(|error| CommandError::invalid("domain", format!("'{text}': {error}")))
}

/// A selector that the domain has not had: by algorithm and day, with a letter where there is one.
fn selector(algorithm: KeyAlgorithm, day: &str, taken: &[String]) -> String {
    let stem = match algorithm {
        KeyAlgorithm::Rsa => "gu1",
        KeyAlgorithm::Ed25519 => "gu2",
    };
    let plain = format!("{stem}-{day}");
    let further = (2..).map(|number| format!("{stem}-{day}-{number}"));
    let mut candidates = std::iter::once(plain.clone()).chain(further);
    candidates.find(|candidate| !taken.contains(candidate)).unwrap_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_never_used_twice() {
        let first = selector(KeyAlgorithm::Rsa, "20270131", &[]);
        assert_eq!(first, "gu1-20270131");
        let taken = vec![first];
        assert_eq!(selector(KeyAlgorithm::Rsa, "20270131", &taken), "gu1-20270131-2");
        assert_eq!(selector(KeyAlgorithm::Ed25519, "20270131", &taken), "gu2-20270131");
    }
}
