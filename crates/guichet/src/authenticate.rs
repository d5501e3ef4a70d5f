//! SPF, DKIM, DMARC and ARC (RFC 7208, 6376, 7489, 8617) as facts about a message from outside.
//! The library asks DNS and computes; what follows from the facts is decided elsewhere.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use app::receive::AuthenticationFacts;
use bytes::Bytes;
use mail::{Domain, ReversePath};
use mail_auth::dmarc::Policy;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{
    AuthenticatedMessage, AuthenticationResults, DkimResult, DmarcResult, MessageAuthenticator,
    SpfResult,
};

use crate::dns::Dns;

/// All of authentication takes no longer; what is not known by then counts as no result.
const AUTHENTICATION_TIMEOUT: Duration = Duration::from_secs(20);
/// DKIM signatures of one message that are verified at most; one with more is not verified.
const SIGNATURES_MAX: usize = 10;

/// What is asked about.
pub(crate) struct Question<'a> {
    pub(crate) peer: IpAddr,
    pub(crate) helo: &'a str,
    pub(crate) reverse_path: &'a ReversePath,
    pub(crate) message: &'a Bytes,
}

/// Finds facts.
pub(crate) struct Authenticator {
    dns: Arc<Dns>,
    hostname: String,
}

impl Authenticator {
    /// An authenticator that calls itself `hostname` in its results.
    pub(crate) fn new(dns: Arc<Dns>, hostname: impl Into<String>) -> Authenticator {
        Authenticator { dns, hostname: hostname.into() }
    }

    /// The facts; none where look-ups are switched off or take too long.
    pub(crate) async fn facts(&self, question: &Question<'_>) -> AuthenticationFacts {
        let Some(authenticator) = self.dns.authenticator() else {
            return AuthenticationFacts::default();
        };
        let found = tokio::time::timeout(AUTHENTICATION_TIMEOUT, self.ask(authenticator, question));
        match found.await {
            Ok(Some(facts)) => facts,
            Ok(None) => AuthenticationFacts::default(),
            Err(_) => {
                tracing::warn!(peer = %question.peer, "authentication took too long");
                AuthenticationFacts::default()
            }
        }
    }

    async fn ask(
        &self,
        authenticator: &MessageAuthenticator,
        question: &Question<'_>,
    ) -> Option<AuthenticationFacts> {
        let message = AuthenticatedMessage::parse(question.message)?;
        if message.dkim_headers.len() > SIGNATURES_MAX {
            tracing::info!(peer = %question.peer, "too many DKIM signatures, none is verified");
            return None;
        }
        let path = question.reverse_path.to_string();
        let spf = authenticator
            .verify_spf(SpfParameters::verify(question.peer, question.helo, &self.hostname, &path))
            .await;
        let dkim = authenticator.verify_dkim(&message).await;
        let arc = authenticator.verify_arc(&message).await;
        let path_domain = path.rsplit_once('@').map_or(question.helo, |(_, domain)| domain);
        let dmarc = authenticator
            .verify_dmarc(DmarcParameters::new(&message, &dkim, path_domain, &spf))
            .await;
        let author = message.from.first().map(String::as_str).unwrap_or_default();
        let results = AuthenticationResults::new(&self.hostname)
            .with_dkim_results(&dkim, author)
            .with_spf_mailfrom_result(&spf, question.peer, &path, question.helo)
            .with_arc_result(&arc, question.peer)
            .with_dmarc_result(&dmarc);
        let fails =
            |result: &DmarcResult| !matches!(result, DmarcResult::Pass | DmarcResult::TempError(_));
        let has_policy = dmarc.dmarc_record().is_some();
        Some(AuthenticationFacts {
            dkim_passed: dkim
                .iter()
                .filter(|output| *output.result() == DkimResult::Pass)
                .filter_map(|output| Domain::parse(&output.signature()?.d).ok())
                .collect(),
            spf_passed: (spf.result() == SpfResult::Pass)
                .then(|| Domain::parse(path_domain).ok())
                .flatten(),
            dmarc_rejects: has_policy
                && dmarc.policy() == Policy::Reject
                && fails(dmarc.spf_result())
                && fails(dmarc.dkim_result()),
            results: field_value(&results.to_string()),
        })
    }
}

/// The value behind the name, where the library writes both.
fn field_value(text: &str) -> Option<String> {
    let value = text.strip_prefix("Authentication-Results:").unwrap_or(text);
    let value = value.trim().trim_end_matches(';');
    (!value.is_empty()).then(|| value.replace("\r\n\t", "\r\n "))
}
