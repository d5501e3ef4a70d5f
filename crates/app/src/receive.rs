//! Reception: mail that another server hands in.
//!
//! What SPF, DKIM, DMARC and ARC say comes in as facts. A message that claims an author in one of
//! our own domains and authenticates as nobody is refused; so is one whose author field cannot be
//! read in exactly one way and names one of our domains.

use std::net::IpAddr;

use bytes::Bytes;
use domain::routing::{self, Expansion, Origin, RecipientRefusal};
use domain::rules::{JournalCopy, Verdict};
use domain::{Directory, MessageId, Timestamp};
use mail::edit::{FieldName, FieldValue, HeaderEdit};
use mail::{Address, Author, AuthorError, Domain, Message, MessageError, ReversePath};
use store::WriteSet;

use crate::App;
use crate::acceptance::{
    Acceptance, ConflictsExceeded, DECISIONS_MAX, Ids, Writer, commit_decided,
};
use crate::bounce::Deliveries;
use crate::envelope::Envelope;
use crate::rules::{self, Candidate, Hand, Refused, Rejection, trace_details, with_changed_header};
use crate::settings::RECIPIENTS_MAX;

/// What authentication found out about a message. All of it is fact, none is judgement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthenticationFacts {
    /// Domains with a valid DKIM signature that passed.
    pub dkim_passed: Vec<Domain>,
    /// The domain for which SPF passed: the reverse-path's, or the HELO name's.
    pub spf_passed: Option<Domain>,
    /// Whether DMARC failed under a published policy to reject.
    pub dmarc_rejects: bool,
    /// The value of our `Authentication-Results` field, folded.
    pub results: Option<String>,
}

/// A message that another server hands in.
#[derive(Debug, Clone)]
pub struct Reception {
    /// The envelope.
    pub envelope: Envelope,
    /// The message.
    pub message: Bytes,
    /// The other server's address.
    pub peer: IpAddr,
    /// What it called itself.
    pub helo: String,
    /// How it came, for `Received`.
    pub with: mail::Protocol,
    /// TLS version and cipher, if any.
    pub tls: Option<String>,
    /// What authentication found out.
    pub facts: AuthenticationFacts,
}

/// What was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// The message's identifier; what the trace is searched by.
    pub message: MessageId,
}

/// Why a message from outside is refused.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The header cannot be read.
    #[error(transparent)]
    Malformed(#[from] MessageError),
    /// The author field is missing, doubled, or unreadable while it names one of our domains.
    #[error("the author field cannot be used: {0}")]
    Author(AuthorError),
    /// The author is in one of our domains, and nothing proves that our server wrote it.
    #[error("mail from {0} must be submitted with a login")]
    OwnDomain(Domain),
    /// DMARC fails and the domain asks to reject.
    #[error("the sending domain {0} asks to reject mail that fails DMARC")]
    DmarcRejects(Domain),
    /// A recipient is refused.
    #[error("the recipient {0} is refused")]
    Recipient(Address, RecipientRefusal),
    /// Too many recipients, before or after expansion.
    #[error("too many recipients")]
    TooManyRecipients,
    /// It has passed too many servers, or was here before.
    #[error("the message is in a loop")]
    Loop,
    /// A rule of the organisation refuses the message.
    #[error("a rule refuses it: {}", .0.text)]
    Rejected(Box<Rejection>),
    /// The directory changed again and again while it was decided.
    #[error(transparent)]
    Conflicts(#[from] ConflictsExceeded),
    /// The database failed.
    #[error(transparent)]
    Unavailable(#[from] store::Failure),
}

impl App {
    /// Accepts a message from another server or says why not. When it returns `Ok` everything is
    /// durable.
    pub async fn receive(
        &self,
        reception: &Reception,
        now: Timestamp,
    ) -> Result<Received, ReceiveError> {
        if reception.envelope.recipients.len() > RECIPIENTS_MAX {
            return Err(ReceiveError::TooManyRecipients);
        }
        let message = Message::parse(reception.message.clone())?;
        refuse_loops(&message, &reception.envelope)?;
        let author = mail::read_author(&message);
        for _ in 0..DECISIONS_MAX {
            match self.receive_once(reception, &message, &author, now).await {
                Err(ReceiveError::Conflicts(_)) => self.refresh_directory().await?,
                other => return other,
            }
        }
        Err(ConflictsExceeded.into())
    }

    async fn receive_once(
        &self,
        reception: &Reception,
        message: &Message,
        author: &Result<Author, AuthorError>,
        now: Timestamp,
    ) -> Result<Received, ReceiveError> {
        let handed = Handed { reception, message, author, hostname: &self.settings.hostname, now };
        let judgement = judge(&self.directory(), &handed)?;
        let Judgement { version, verdict, expansion, reports } = judgement;
        let verdict = verdict.as_ref();
        let written = author.as_ref().map(|found| found.address.to_string()).unwrap_or_default();
        if let Some(refusal) = verdict.and_then(|it| it.refusal.as_ref()) {
            let refused = Refused { refusal, login: None, message, author: &written };
            let rejection = self.record_rejection(&refused, now).await?;
            return Err(ReceiveError::Rejected(Box::new(rejection)));
        }
        let notes = verdict.map(|it| trace_details(it, &reception.envelope)).unwrap_or_default();
        let ids = Ids::reserve(&self.store, Acceptance::ids_needed(&expansion, &notes)).await?;
        let id = MessageId(ids.first());
        let kept_id = mail::read_message_id(message).map(str::to_owned);
        let unique = format!("{:x}-{:x}", now.0, id.0);
        let client = format!("{} [{}]", reception.helo, reception.peer);
        let content = self.marked(reception, message, id, now);
        let acceptance = Acceptance {
            message: id,
            content: match verdict {
                Some(verdict) => with_changed_header(content, &verdict.header),
                None => content,
            },
            internet_message_id: kept_id
                .unwrap_or_else(|| format!("<{unique}@{}>", self.settings.hostname)),
            author: written,
            subject: rules::subject(message, verdict),
            reverse_path: reception.envelope.reverse_path.clone(),
            envelope: &reception.envelope,
            expansion: &expansion,
            writer: Writer::Outside { client: &client },
            sent_folders: &[],
            rules: &notes,
            blind: verdict.map(|it| it.blind.as_slice()).unwrap_or_default(),
            is_kept: false,
            retry: &self.settings.retry,
            now,
        };
        let mut set = WriteSet::new();
        store::directory::expect_version(&mut set, version);
        let deliveries = Deliveries {
            reverse_path: &reception.envelope.reverse_path,
            envelope: &reception.envelope,
            expansion: &expansion,
            content: &acceptance.content,
            now,
        };
        // Whoever cannot prove the reverse-path gets nobody mail by asking for confirmation.
        if proves_reverse_path(reception) {
            self.confirm(&mut set, &deliveries).await?;
        }
        self.journal(&mut set, &acceptance.journaled(verdict), &reports).await?;
        let octets = acceptance.content.len();
        acceptance.write(&mut set, ids);
        commit_decided::<ReceiveError>(&self.store, set).await?;
        self.count_delivery(&expansion, octets);
        Ok(Received { message: id })
    }

    /// The message with our trace on top (RFC 5321 §4.4). `Return-Path` comes first; transmission
    /// to the outside leaves it off. Results that claim to be ours are removed (RFC 8601 §5).
    fn marked(
        &self,
        reception: &Reception,
        message: &Message,
        id: MessageId,
        now: Timestamp,
    ) -> Bytes {
        let id_text = id.to_string();
        let to = match reception.envelope.recipients.as_slice() {
            [only] => Some(&only.address),
            _ => None,
        };
        let received = mail::Received {
            from: Some(mail::ReceivedFrom { helo: &reception.helo, ip: reception.peer }),
            by: &self.settings.hostname,
            with: reception.with,
            id: &id_text,
            for_recipient: to,
            date_ms: now.0,
            tls: reception.tls.as_deref(),
        };
        let hostname = self.settings.hostname.to_lowercase();
        let mut edit =
            HeaderEdit::new(message).remove(FieldName::RETURN_PATH).remove_where(|field| {
                field.is("Authentication-Results") && may_name(field.raw_value(), &hostname)
            });
        let results =
            reception.facts.results.as_deref().and_then(|text| FieldValue::new(text).ok());
        if let Some(results) = &results {
            edit = edit.prepend(AUTHENTICATION_RESULTS, results);
        }
        let received = FieldValue::new(&received.to_string());
        if let Ok(received) = &received {
            edit = edit.prepend(FieldName::RECEIVED, received);
        }
        let path = FieldValue::new(&format!("<{}>", reception.envelope.reverse_path));
        if let Ok(path) = &path {
            edit = edit.prepend(FieldName::RETURN_PATH, path);
        }
        edit.apply()
    }
}

/// Whether results could be read as those of `hostname`: wherever the name stands, whatever
/// comments, quotes or folding stand around it. RFC 8601 §5 lets us remove more than we must.
fn may_name(results: &str, hostname: &str) -> bool {
    let squeezed: String = results
        .to_lowercase()
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\\'))
        .collect();
    squeezed.contains(hostname)
}

const AUTHENTICATION_RESULTS: FieldName<'static> = FieldName::known("Authentication-Results");

/// Whether SPF passed for the domain of the reverse-path.
fn proves_reverse_path(reception: &Reception) -> bool {
    let path = reception.envelope.reverse_path.address();
    path.is_some_and(|path| reception.facts.spf_passed.as_ref() == Some(path.domain()))
}

/// RFC 5321 §6.3: too many servers, or our own delivery of it already noted.
fn refuse_loops(message: &Message, envelope: &Envelope) -> Result<(), ReceiveError> {
    if mail::count_received(message) > routing::HOPS_MAX {
        return Err(ReceiveError::Loop);
    }
    let was_here = message.fields_named("Delivered-To").any(|field| {
        let delivered = Address::parse(field.raw_value().trim());
        delivered.is_ok_and(|to| envelope.recipients.iter().any(|r| r.address.key() == to.key()))
    });
    if was_here { Err(ReceiveError::Loop) } else { Ok(()) }
}

/// A message that another server hands in, with what was read from it.
struct Handed<'a> {
    reception: &'a Reception,
    message: &'a Message,
    author: &'a Result<Author, AuthorError>,
    hostname: &'a str,
    now: Timestamp,
}

/// What was decided about a message on one version of the directory.
struct Judgement {
    version: i64,
    /// What mail flow rules say; `None` where there is none.
    verdict: Option<Verdict>,
    expansion: Expansion,
    reports: Vec<JournalCopy>,
}

/// Decides on the directory as it is now. Pure.
fn judge(directory: &Directory, handed: &Handed<'_>) -> Result<Judgement, ReceiveError> {
    let Handed { reception, message, author, hostname, now } = *handed;
    judge_author(directory, reception, message, author)?;
    let envelope = &reception.envelope;
    for to in &envelope.recipients {
        routing::admit(directory, &to.address, Origin::Outside)
            .map_err(|refusal| ReceiveError::Recipient(to.address.clone(), refusal))?;
    }
    let author = author.as_ref().ok().map(|found| &found.address);
    let hand = Hand { actor: None, represented: None, author };
    let verdict = rules::verdict(directory, &Candidate { hand, envelope, message, hostname, now });
    let expansion = rules::expanded(directory, verdict.as_ref(), envelope);
    if expansion.is_over_limit {
        return Err(ReceiveError::TooManyRecipients);
    }
    let reports = rules::reports(directory, &hand, &expansion);
    if !reports.is_empty() && is_own_report(directory, message) {
        return Err(ReceiveError::Loop);
    }
    Ok(Judgement { version: directory.version(), verdict, expansion, reports })
}

/// Whether a message is a journal report of ours that comes back. To take it without a report of
/// its own would let whoever forges the mark escape the journal, so it is refused.
fn is_own_report(directory: &Directory, message: &Message) -> bool {
    let guid = &directory.organization().guid;
    !guid.is_empty() && mail::journal::reported_organization(message) == Some(guid)
}

fn judge_author(
    directory: &Directory,
    reception: &Reception,
    message: &Message,
    author: &Result<Author, AuthorError>,
) -> Result<(), ReceiveError> {
    let facts = &reception.facts;
    if let ReversePath::Address(path) = &reception.envelope.reverse_path
        && directory.is_accepted(path.domain())
        && !authenticates_as(facts, path.domain())
    {
        return Err(ReceiveError::OwnDomain(path.domain().clone()));
    }
    let author = match author {
        Ok(author) => author,
        Err(error) => return judge_unreadable(directory, message, *error),
    };
    let domain = author.address.domain();
    if directory.is_accepted(domain) && !authenticates_as(facts, domain) {
        return Err(ReceiveError::OwnDomain(domain.clone()));
    }
    if let Some(shown) = author.display_name_addresses().into_iter().find(|shown| {
        directory.is_accepted(shown.domain()) && !authenticates_as(facts, shown.domain())
    }) {
        // A name such as "support@contoso.com" before a foreign address deceives most readers.
        return Err(ReceiveError::OwnDomain(shown.domain().clone()));
    }
    if facts.dmarc_rejects {
        return Err(ReceiveError::DmarcRejects(domain.clone()));
    }
    Ok(())
}

/// An author that nobody can read in exactly one way is taken only where no reading of it could be
/// one of ours.
fn judge_unreadable(
    directory: &Directory,
    message: &Message,
    error: AuthorError,
) -> Result<(), ReceiveError> {
    if message.count_fields("From") != 1 {
        return Err(ReceiveError::Author(error));
    }
    let written = message.first_field("From").map(|field| {
        let raw = field.raw_value().to_lowercase();
        format!("{raw} {}", field.decoded().to_lowercase())
    });
    let written = written.unwrap_or_default();
    let squeezed: String =
        written.chars().filter(|c| !c.is_whitespace() && !"()\"\\".contains(*c)).collect();
    let names_ours = directory.accepted_domains().iter().any(|domain| {
        squeezed.contains(domain.as_str()) || squeezed.contains(&domain.to_unicode())
    });
    if names_ours { Err(ReceiveError::Author(error)) } else { Ok(()) }
}

/// Whether a passed check vouches for this domain: exactly it, or a parent or child of it that is
/// ours as well. Relaxed alignment (RFC 7489 §3.1) without a public suffix list.
fn authenticates_as(facts: &AuthenticationFacts, domain: &Domain) -> bool {
    let aligned = |passed: &Domain| {
        let (passed, domain) = (passed.as_str(), domain.as_str());
        passed == domain || passed.strip_suffix(domain).is_some_and(|front| front.ends_with('.'))
    };
    facts.dkim_passed.iter().any(aligned) || facts.spf_passed.iter().any(aligned)
}
