//! `*-AcceptedDomain`, `*-OrganizationConfig` and `Get-DnsRecord`.

use std::time::Duration;

use admin_protocol::cmdlet::Object;
use admin_protocol::failure::Failure;
use app::command::{Command, Intent, OrganizationChanges};
use app::read::accepted_domain;
use app::read::diagnose::{DnsFact, DnsStatus};
use app::read::dns::DnsRecord;
use domain::{Directory, Language};
use serde_json::json;

use super::call::{Answer, Call, object};
use super::state;
use crate::Resolved;

/// What others judge mail by.
const JUDGED: [&str; 3] = ["SPF", "DKIM", "DMARC"];
/// How long a diagnosis waits for DNS.
const DNS_TIMEOUT: Duration = Duration::from_secs(4);

pub(crate) async fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    match call.cmdlet.name {
        "Get-AcceptedDomain" => list(call),
        "New-AcceptedDomain" => create(call).await,
        "Set-AcceptedDomain" => make_default(call).await,
        "Remove-AcceptedDomain" => {
            let domain = call.parameters.required_text("Identity")?;
            call.order_silently(Command::RemoveDomain(domain)).await
        }
        "Get-OrganizationConfig" => Ok(organization(&call.app.directory())),
        "Set-OrganizationConfig" => {
            let changes = OrganizationChanges {
                name: call.parameters.text("DisplayName")?,
                keeps_alias_as_author: call.parameters.boolean("SendFromAliasEnabled")?,
                report_schedule: call
                    .parameters
                    .text("SendAsReportSchedule")?
                    .and_then(|text| state::read_schedule(&text)),
                language: call
                    .parameters
                    .text("Language")?
                    .and_then(|text| Language::of_tag(&text)),
            };
            let done = call.order_silently(Command::SetOrganization(changes)).await?;
            Ok(Answer { warnings: done.warnings, ..organization(&call.app.directory()) })
        }
        _ => dns_records(call).await,
    }
}

fn list(call: &Call<'_>) -> Result<Answer, Failure> {
    let wanted = call.parameters.text("Identity")?.filter(|text| !text.is_empty());
    let directory = call.app.directory();
    let domains = directory.accepted_domains();
    let objects = match &wanted {
        None => domains.iter().map(|domain| show(&directory, domain.as_str())).collect(),
        Some(text) => {
            let found = accepted_domain(&directory, text).ok_or_else(|| call.not_found(text))?;
            vec![show(&directory, found.as_str())]
        }
    };
    Ok(Answer::of(objects))
}

fn show(directory: &Directory, domain: &str) -> Object {
    let default = directory.accepted_domains().first();
    object(json!({
        "Identity": domain,
        "Name": domain,
        "DomainName": domain,
        "DomainType": "Authoritative",
        "Default": default.is_some_and(|default| default.as_str() == domain),
    }))
}

async fn create(call: &Call<'_>) -> Result<Answer, Failure> {
    let text = call.parameters.required_text("DomainName")?;
    let domain = text.clone();
    // Keys cost a second of a core, so first is asked whether they will be used.
    let keys = match call.intent {
        Intent::Check => Vec::new(),
        Intent::CarryOut => {
            let made = app::command::generate_domain_keys().await;
            made.map_err(|error| call.failed(error.into()))?
        }
    };
    let done = call.order_silently(Command::AddDomain { domain, keys }).await?;
    Ok(Answer { warnings: done.warnings, ..shown(call, &text) })
}

async fn make_default(call: &Call<'_>) -> Result<Answer, Failure> {
    let text = call.parameters.required_text("Identity")?;
    if call.parameters.boolean("MakeDefault")? != Some(true) {
        return Err(Failure::invalid_operation(
            "A domain stops being the default one when another one is made so.",
        ));
    }
    let done = call.order_silently(Command::SetDefaultDomain(text.clone())).await?;
    Ok(Answer { warnings: done.warnings, ..shown(call, &text) })
}

/// The domain as it is now, if it is there.
fn shown(call: &Call<'_>, text: &str) -> Answer {
    let directory = call.app.directory();
    let domain = accepted_domain(&directory, text);
    Answer::of(domain.iter().map(|domain| show(&directory, domain.as_str())).collect())
}

fn organization(directory: &Directory) -> Answer {
    let organization = directory.organization();
    Answer::of(vec![object(json!({
        "Identity": organization.name,
        "Name": organization.name,
        "DisplayName": organization.name,
        "Guid": organization.guid,
        "SendFromAliasEnabled": organization.keeps_alias_as_author,
        "SendAsReportSchedule": state::schedule(organization.report_schedule),
        "Language": organization.language.tag(),
    }))])
}

async fn dns_records(call: &Call<'_>) -> Result<Answer, Failure> {
    let wanted = call.parameters.text("DomainName")?.filter(|text| !text.is_empty());
    if let Some(text) = &wanted
        && accepted_domain(&call.app.directory(), text).is_none()
    {
        return Err(call.not_found(text));
    }
    let records = call.app.dns_records(wanted.as_deref()).await;
    let records = records.map_err(|error| call.failed(error))?;
    let checks = call.parameters.switch("Check")?;
    let mut objects = Vec::with_capacity(records.len());
    for record in &records {
        let found = match (checks, call.resolver) {
            (false, _) => Comparison { status: None, actual: Vec::new() },
            (true, None) => Comparison { status: Some("Unknown"), actual: Vec::new() },
            (true, Some(resolver)) => {
                compare(record, (resolver.0)(&record.name, record.kind).await)
            }
        };
        objects.push(object(json!({
            "DomainName": record.domain,
            "Name": record.name,
            "Type": record.kind,
            "Value": record.value,
            "Purpose": record.purpose,
            "Status": found.status,
            "Actual": found.actual,
        })));
    }
    Ok(Answer::of(objects))
}

/// What DNS publishes of the three records by which others judge mail from a domain of ours;
/// nothing for other domains, and where DNS does not answer in time.
pub(crate) async fn published(call: &Call<'_>, domain: &str) -> Result<Vec<DnsFact>, Failure> {
    let Some(resolver) = call.resolver else { return Ok(Vec::new()) };
    let records = call.app.dns_records(Some(domain)).await;
    let records = records.map_err(|error| call.failed(error))?;
    let judged = records.into_iter().filter(|record| JUDGED.contains(&record.purpose));
    let asked: Vec<(DnsRecord, Resolved)> = judged
        .map(|record| {
            let answer = (resolver.0)(&record.name, record.kind);
            (record, answer)
        })
        .collect();
    let mut facts: Vec<DnsFact> = Vec::new();
    let all = async {
        for (record, answer) in asked {
            let status = match compare(&record, answer.await).status {
                Some("Found") => DnsStatus::Found,
                Some("Missing") => DnsStatus::Missing,
                Some("Differs") => DnsStatus::Differs,
                _ => return,
            };
            // Of several DKIM keys one that is published is enough.
            let known = facts.iter_mut().find(|fact| fact.purpose == record.purpose);
            match known {
                Some(known) if known.status == DnsStatus::Found => {}
                Some(known) => known.status = status,
                None => facts.push(DnsFact { purpose: record.purpose, status }),
            }
        }
    };
    // What came in time is told; the rest is left out.
    let _ = tokio::time::timeout(DNS_TIMEOUT, all).await;
    Ok(facts)
}

/// What DNS says of a record: a word for it, and the data it holds instead.
pub(crate) struct Comparison {
    pub(crate) status: Option<&'static str>,
    pub(crate) actual: Vec<String>,
}

/// What DNS holds beside what it should hold.
pub(crate) fn compare(record: &DnsRecord, answer: Option<Vec<String>>) -> Comparison {
    let Some(mut actual) = answer else {
        return Comparison { status: Some("Unknown"), actual: Vec::new() };
    };
    if record.kind == "TXT" {
        // Many texts live under one name; only those of the same version tag are about the same.
        let tag: String =
            plain(&record.value).chars().take_while(|c| *c != ' ' && *c != ';').collect();
        actual.retain(|text| plain(text).starts_with(&tag));
    }
    let is_there = actual.iter().any(|text| plain(text) == plain(&record.value));
    let status = match (is_there, actual.is_empty()) {
        (true, _) => "Found",
        (false, true) => "Missing",
        (false, false) => "Differs",
    };
    Comparison { status: Some(status), actual }
}

/// Data without what does not count: quotes between strings, a final dot, case.
fn plain(data: &str) -> String {
    data.replace("\" \"", "").replace('"', "").trim_end_matches('.').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: &'static str, value: &str) -> DnsRecord {
        DnsRecord {
            domain: "contoso.com".to_owned(),
            name: "contoso.com".to_owned(),
            kind,
            value: value.to_owned(),
            purpose: "",
        }
    }

    fn status(record: &DnsRecord, answer: Option<&[&str]>) -> &'static str {
        let answer = answer.map(|texts| texts.iter().map(|text| (*text).to_owned()).collect());
        compare(record, answer).status.expect("it was compared")
    }

    #[test]
    fn records_are_compared() {
        let mx = record("MX", "10 mail.contoso.com.");
        assert_eq!(status(&mx, Some(&["10 Mail.contoso.com"])), "Found");
        assert_eq!(status(&mx, Some(&["10 old.contoso.com."])), "Differs");
        assert_eq!(status(&mx, Some(&[])), "Missing");
        assert_eq!(status(&mx, None), "Unknown");
    }

    #[test]
    fn texts_of_other_purposes_do_not_count() {
        let spf = record("TXT", "\"v=spf1 mx -all\"");
        assert_eq!(status(&spf, Some(&["\"google-site-verification=1\""])), "Missing");
        assert_eq!(status(&spf, Some(&["v=spf1 -all", "x"])), "Differs");
        assert_eq!(status(&spf, Some(&["\"v=spf1 \" \"mx -all\""])), "Found");
    }
}
