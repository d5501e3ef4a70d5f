//! Reading settings: every value is checked, and what is wrong is told with what would be right.

use chrono::DateTime;
use domain::rules::{
    Action, Journal, JournalScope, Mode, Party, Pattern, Predicate, REJECT_DETAIL, REJECT_DETAILS,
    Scope, SenderAddressLocation, Transport, check_header_name,
};
use domain::{Directory, RecipientId, RecipientKind, Timestamp};
use mail::edit::FieldName;
use mail::{Address, Domain, EnhancedStatus};

use super::{CONDITIONS, EXCEPT_IF, Settings};
use crate::command::CommandError;

/// Values of one parameter at most.
pub(super) const VALUES_MAX: usize = 100;
/// Characters of a word or phrase at most. Exchange's limit.
pub(super) const WORD_CHARACTERS_MAX: usize = 128;
/// Characters of all values of a rule together at most. Exchange's limit for a rule.
pub(super) const RULE_CHARACTERS_MAX: usize = 8_192;
/// Characters of a comment, of the text of a refusal, and of a field's value at most.
pub(super) const TEXT_CHARACTERS_MAX: usize = 1_024;
/// Characters that are put before a subject at most.
pub(super) const PREFIX_CHARACTERS_MAX: usize = 64;
/// The text of a refusal that has none of its own. Exchange's.
const REJECT_TEXT: &str = "Delivery not authorized, message refused";

/// Reads a mail flow rule.
pub(crate) fn read_transport(
    directory: &Directory,
    settings: &Settings,
) -> Result<Transport, CommandError> {
    let reader = Reader { directory, settings };
    reader.check_sizes()?;
    let body = Transport {
        comments: reader.text("Comments", TEXT_CHARACTERS_MAX)?.unwrap_or_default(),
        mode: reader.mode()?,
        activation_at: reader.instant("ActivationDate")?,
        expiry_at: reader.instant("ExpiryDate")?,
        sender_address_location: reader.location()?,
        conditions: reader.predicates("")?,
        exceptions: reader.predicates(EXCEPT_IF)?,
        actions: reader.actions()?,
        stops_processing: reader.flag("StopRuleProcessing")?,
    };
    if body.actions.is_empty() && !body.stops_processing {
        let why = "say what the rule does, for example -PrependSubject '[External]'";
        return Err(invalid("actions", why));
    }
    let rejects = body.actions.iter().any(|action| matches!(action, Action::Reject { .. }));
    if rejects && body.actions.len() > 1 {
        let why = "a rule that refuses a message does nothing else; write two rules";
        return Err(invalid("actions", why));
    }
    if let (Some(from), Some(until)) = (body.activation_at, body.expiry_at)
        && from >= until
    {
        return Err(invalid("ExpiryDate", "it must be behind the activation"));
    }
    Ok(body)
}

/// Reads a journal rule.
pub(crate) fn read_journal(
    directory: &Directory,
    settings: &Settings,
) -> Result<Journal, CommandError> {
    let reader = Reader { directory, settings };
    reader.check_sizes()?;
    let address = reader.one("JournalEmailAddress")?;
    let address = address.ok_or_else(|| invalid("JournalEmailAddress", "it is needed"))?;
    let recipient = reader.one("Recipient")?.map(|name| reader.recipient("Recipient", name));
    let scope = reader.one("Scope")?;
    Ok(Journal {
        address: reader.party("JournalEmailAddress", address)?,
        recipient: recipient.transpose()?,
        scope: match scope {
            Some(word) => JournalScope::parse(word)
                .ok_or_else(|| invalid("Scope", "it is Global, Internal or External"))?,
            None => JournalScope::Global,
        },
    })
}

struct Reader<'a> {
    directory: &'a Directory,
    settings: &'a Settings,
}

fn invalid(what: &str, why: impl Into<String>) -> CommandError {
    CommandError::Setting { what: what.to_owned(), why: why.into() }
}

impl<'a> Reader<'a> {
    fn check_sizes(&self) -> Result<(), CommandError> {
        let mut characters = 0;
        for (name, values) in self.settings {
            if values.len() > VALUES_MAX {
                return Err(invalid(name, format!("at most {VALUES_MAX} values")));
            }
            characters += values.iter().map(|value| value.chars().count()).sum::<usize>();
        }
        if characters > RULE_CHARACTERS_MAX {
            let why = format!("a rule has at most {RULE_CHARACTERS_MAX} characters; write two");
            return Err(invalid("rule", why));
        }
        Ok(())
    }

    fn all(&self, name: &str) -> &'a [String] {
        self.settings.get(name).map_or(&[], Vec::as_slice)
    }

    fn one(&self, name: &str) -> Result<Option<&'a str>, CommandError> {
        match self.all(name) {
            [] => Ok(None),
            [only] => Ok(Some(only)),
            _ => Err(invalid(name, "it takes one value")),
        }
    }

    fn text(&self, name: &str, characters_max: usize) -> Result<Option<String>, CommandError> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        if text.chars().count() > characters_max {
            return Err(invalid(name, format!("it has at most {characters_max} characters")));
        }
        let is_bad = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r');
        if text.contains(is_bad) {
            return Err(invalid(name, "it has a control character"));
        }
        Ok(Some(text.to_owned()))
    }

    /// A text for one line.
    fn line(&self, name: &str, characters_max: usize) -> Result<Option<String>, CommandError> {
        let text = self.text(name, characters_max)?;
        match text {
            Some(text) if text.contains(char::is_control) => {
                Err(invalid(name, "it is one line without control characters"))
            }
            text => Ok(text),
        }
    }

    fn flag(&self, name: &str) -> Result<bool, CommandError> {
        match self.one(name)? {
            None => Ok(false),
            Some(word) if word.eq_ignore_ascii_case("true") => Ok(true),
            Some(word) if word.eq_ignore_ascii_case("false") => Ok(false),
            Some(_) => Err(invalid(name, "it is true or false")),
        }
    }

    fn mode(&self) -> Result<Mode, CommandError> {
        match self.one("Mode")? {
            None => Ok(Mode::Enforce),
            Some(word) if word.eq_ignore_ascii_case("Enforce") => Ok(Mode::Enforce),
            Some(word) if word.eq_ignore_ascii_case("Audit") => Ok(Mode::Audit),
            Some(_) => Err(invalid("Mode", "it is Enforce or Audit")),
        }
    }

    fn location(&self) -> Result<SenderAddressLocation, CommandError> {
        let Some(word) = self.one("SenderAddressLocation")? else {
            return Ok(SenderAddressLocation::Header);
        };
        let known = [
            ("Header", SenderAddressLocation::Header),
            ("Envelope", SenderAddressLocation::Envelope),
            ("HeaderOrEnvelope", SenderAddressLocation::HeaderOrEnvelope),
        ];
        let found = known.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
        found.map(|(_, location)| location).ok_or_else(|| {
            invalid("SenderAddressLocation", "it is Header, Envelope or HeaderOrEnvelope")
        })
    }

    fn instant(&self, name: &str) -> Result<Option<Timestamp>, CommandError> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        // What browsers write has neither seconds nor a zone.
        let padded = match text.len() {
            10 => format!("{text}T00:00:00Z"),
            16 => format!("{text}:00Z"),
            _ => text.to_owned(),
        };
        let read = DateTime::parse_from_rfc3339(&padded);
        let read = read.map_err(|_| invalid(name, "write it as 2027-01-31T18:00:00Z, in UTC"))?;
        Ok(Some(Timestamp(read.timestamp_millis())))
    }

    fn predicates(&self, prefix: &str) -> Result<Vec<Predicate>, CommandError> {
        let mut found = Vec::new();
        for condition in CONDITIONS {
            let name = format!("{prefix}{condition}");
            if !self.all(&name).is_empty() {
                found.extend(self.predicate(prefix, condition, &name)?);
            }
        }
        Ok(found)
    }

    fn predicate(
        &self,
        prefix: &str,
        condition: &str,
        name: &str,
    ) -> Result<Option<Predicate>, CommandError> {
        let predicate = match condition {
            "From" => Predicate::From(self.parties(name)?),
            "FromMemberOf" => Predicate::FromMemberOf(self.groups(name)?),
            "FromScope" => Predicate::FromScope(self.scope(name)?),
            "FromAddressContainsWords" => Predicate::FromAddressContainsWords(self.words(name)?),
            "FromAddressMatchesPatterns" => {
                Predicate::FromAddressMatchesPatterns(self.patterns(name)?)
            }
            "SenderDomainIs" => Predicate::SenderDomainIs(self.domains(name)?),
            "SentAs" => Predicate::SentAs(self.recipients(name)?),
            "SentBy" => Predicate::SentBy(self.recipients(name)?),
            "SentTo" => Predicate::SentTo(self.parties(name)?),
            "SentToMemberOf" => Predicate::SentToMemberOf(self.groups(name)?),
            "SentToScope" => Predicate::SentToScope(self.scope(name)?),
            "RecipientDomainIs" => Predicate::RecipientDomainIs(self.domains(name)?),
            "SubjectContainsWords" => Predicate::SubjectContainsWords(self.words(name)?),
            "SubjectMatchesPatterns" => Predicate::SubjectMatchesPatterns(self.patterns(name)?),
            "HeaderContainsWords" => Predicate::HeaderContains {
                name: self.field(&format!("{prefix}HeaderContainsMessageHeader"), name)?,
                words: self.words(name)?,
            },
            "HeaderMatchesPatterns" => Predicate::HeaderMatches {
                name: self.field(&format!("{prefix}HeaderMatchesMessageHeader"), name)?,
                patterns: self.patterns(name)?,
            },
            "HasAttachment" => return Ok(self.flag(name)?.then_some(Predicate::HasAttachment)),
            "AttachmentExtensionMatchesWords" => {
                let words = self.words(name)?;
                let words = words.iter().map(|word| word.trim_start_matches('.').to_owned());
                Predicate::AttachmentExtensionMatchesWords(words.collect())
            }
            "MessageSizeOver" => {
                let bytes = self.one(name)?.and_then(|text| text.parse().ok());
                Predicate::MessageSizeOver(
                    bytes.ok_or_else(|| invalid(name, "write a number of bytes"))?,
                )
            }
            // The name of a field, which belongs to the words or patterns.
            _ => {
                let needs = name.replace(
                    "MessageHeader",
                    match condition {
                        "HeaderContainsMessageHeader" => "Words",
                        _ => "Patterns",
                    },
                );
                if self.all(&needs).is_empty() {
                    return Err(invalid(name, format!("{needs} belongs to it")));
                }
                return Ok(None);
            }
        };
        Ok(Some(predicate))
    }

    fn actions(&self) -> Result<Vec<Action>, CommandError> {
        let mut actions = Vec::new();
        let text = self.line("RejectMessageReasonText", TEXT_CHARACTERS_MAX)?;
        let code = self.one("RejectMessageEnhancedStatusCode")?;
        if text.is_some() || code.is_some() {
            let text = text.unwrap_or_else(|| REJECT_TEXT.to_owned());
            actions.push(Action::Reject { detail: reject_detail(code)?, text });
        }
        type Make = fn(Vec<Party>) -> Action;
        let makes: [(&str, Make); 3] = [
            ("RedirectMessageTo", Action::RedirectMessageTo),
            ("BlindCopyTo", Action::BlindCopyTo),
            ("AddToRecipients", Action::AddToRecipients),
        ];
        for (name, make) in makes {
            if !self.all(name).is_empty() {
                actions.push(make(self.parties(name)?));
            }
        }
        if let Some(text) = self.line("PrependSubject", PREFIX_CHARACTERS_MAX)? {
            actions.push(Action::PrependSubject(text));
        }
        if let Some(name) = self.one("RemoveHeader")? {
            actions.push(Action::RemoveHeader(touchable("RemoveHeader", name)?));
        }
        let value = self.line("SetHeaderValue", TEXT_CHARACTERS_MAX)?;
        match (self.one("SetHeaderName")?, value) {
            (Some(name), Some(value)) => {
                let name = touchable("SetHeaderName", name)?;
                actions.push(Action::SetHeader { name, value });
            }
            (Some(_), None) => {
                return Err(invalid("SetHeaderName", "SetHeaderValue belongs to it"));
            }
            (None, Some(_)) => {
                return Err(invalid("SetHeaderValue", "SetHeaderName belongs to it"));
            }
            (None, None) => {}
        }
        Ok(actions)
    }

    fn parties(&self, name: &str) -> Result<Vec<Party>, CommandError> {
        self.all(name).iter().map(|text| self.party(name, text)).collect()
    }

    /// A recipient of ours, or an address elsewhere.
    fn party(&self, name: &str, text: &str) -> Result<Party, CommandError> {
        if let Some(gone) = removed(text) {
            return Ok(gone);
        }
        if let Some(found) = crate::read::find(self.directory, text) {
            return Ok(Party::Recipient(found.id));
        }
        let address = Address::parse(text)
            .map_err(|_| invalid(name, format!("'{text}' is no recipient and no address")))?;
        if self.directory.is_accepted(address.domain()) {
            return Err(invalid(name, format!("nobody here has the address {address}")));
        }
        Ok(Party::Address(address))
    }

    fn recipients(&self, name: &str) -> Result<Vec<RecipientId>, CommandError> {
        self.all(name).iter().map(|text| self.recipient(name, text)).collect()
    }

    fn recipient(&self, name: &str, text: &str) -> Result<RecipientId, CommandError> {
        if let Some(Party::Recipient(id)) = removed(text) {
            return Ok(id);
        }
        let found = crate::read::find(self.directory, text);
        let found = found.ok_or_else(|| invalid(name, format!("'{text}' couldn't be found")))?;
        Ok(found.id)
    }

    fn groups(&self, name: &str) -> Result<Vec<RecipientId>, CommandError> {
        let ids = self.recipients(name)?;
        let is_other = |id: &&RecipientId| {
            let found = self.directory.recipient(**id);
            found.is_some_and(|found| found.kind != RecipientKind::Group)
        };
        match ids.iter().find(is_other) {
            Some(other) => {
                let shown = Party::Recipient(*other).shown(self.directory);
                Err(invalid(name, format!("{shown} is no group")))
            }
            None => Ok(ids),
        }
    }

    fn scope(&self, name: &str) -> Result<Scope, CommandError> {
        let found = self.one(name)?.and_then(Scope::parse);
        found.ok_or_else(|| invalid(name, "it is InOrganization or NotInOrganization"))
    }

    fn words(&self, name: &str) -> Result<Vec<String>, CommandError> {
        let words = self.all(name);
        let is_long = |word: &&String| word.chars().count() > WORD_CHARACTERS_MAX;
        match words.iter().find(is_long) {
            Some(_) => {
                let why = format!("a word or phrase has at most {WORD_CHARACTERS_MAX} characters");
                Err(invalid(name, why))
            }
            None => Ok(words.to_vec()),
        }
    }

    fn patterns(&self, name: &str) -> Result<Vec<Pattern>, CommandError> {
        let read = |text: &String| {
            Pattern::new(text).map_err(|error| invalid(name, format!("{text}: {error}")))
        };
        self.all(name).iter().map(read).collect()
    }

    fn domains(&self, name: &str) -> Result<Vec<String>, CommandError> {
        let read = |text: &String| match Domain::parse(text.trim_start_matches('@')) {
            Ok(domain) => Ok(domain.as_str().to_owned()),
            Err(error) => Err(invalid(name, format!("{text}: {error}"))),
        };
        self.all(name).iter().map(read).collect()
    }

    /// The name of the field that a condition looks at: any but none.
    fn field(&self, parameter: &str, belongs_to: &str) -> Result<String, CommandError> {
        let name = self.one(parameter)?;
        let name = name.ok_or_else(|| invalid(belongs_to, format!("{parameter} belongs to it")))?;
        match FieldName::new(name) {
            Ok(name) => Ok(name.as_str().to_owned()),
            Err(error) => Err(invalid(parameter, error.to_string())),
        }
    }
}

/// A recipient that is gone, as it is shown: so the rule that names it can still be changed.
fn removed(text: &str) -> Option<Party> {
    let inside = text.strip_prefix("(removed recipient ")?.strip_suffix(')')?;
    inside.parse().ok().map(|id| Party::Recipient(RecipientId(id)))
}

fn touchable(parameter: &str, name: &str) -> Result<String, CommandError> {
    match check_header_name(name) {
        Ok(()) => Ok(name.to_owned()),
        Err(refusal) => Err(invalid(parameter, refusal.to_string())),
    }
}

fn reject_detail(code: Option<&str>) -> Result<u16, CommandError> {
    let Some(code) = code else { return Ok(REJECT_DETAIL) };
    let read = EnhancedStatus::parse(code).filter(|it| (it.class(), it.subject()) == (5, 7));
    let detail = read.map(|status| status.detail());
    detail.filter(|detail| *detail == REJECT_DETAIL || REJECT_DETAILS.contains(detail)).ok_or_else(
        || {
            let why = "it is 5.7.1, or between 5.7.900 and 5.7.999";
            invalid("RejectMessageEnhancedStatusCode", why)
        },
    )
}
