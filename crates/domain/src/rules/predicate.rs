//! Conditions and exceptions: what a rule asks of a message. Names are those of the parameters of
//! Exchange's `New-TransportRule`; those that Exchange does not have say so.

use mail::Address;
use serde::{Deserialize, Serialize};

use super::SenderAddressLocation;
use super::judge::Standing;
use super::party::Party;
use super::pattern::Pattern;
use crate::directory::Directory;
use crate::gate::groups_around;
use crate::id::RecipientId;
use crate::routing::Origin;

/// Inside the organisation or outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// For a sender: an account of ours handed the message in. For a recipient: its domain is ours.
    InOrganization,
    /// The opposite.
    NotInOrganization,
}

impl Scope {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::InOrganization => "InOrganization",
            Scope::NotInOrganization => "NotInOrganization",
        }
    }

    /// Reads the word, whatever its case.
    pub fn parse(text: &str) -> Option<Scope> {
        [Scope::InOrganization, Scope::NotInOrganization]
            .into_iter()
            .find(|scope| scope.as_str().eq_ignore_ascii_case(text))
    }
}

/// One question. Of several values one is enough, and of several recipients one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Predicate {
    /// The sender's address is one of these.
    From(Vec<Party>),
    /// The sender's address is that of a member of one of these groups, directly or through groups.
    FromMemberOf(Vec<RecipientId>),
    /// The sender is inside or outside.
    FromScope(Scope),
    /// The sender's address has one of these words.
    FromAddressContainsWords(Vec<String>),
    /// The sender's address is as one of these patterns says.
    FromAddressMatchesPatterns(Vec<Pattern>),
    /// The sender's domain is one of these or below one.
    SenderDomainIs(Vec<String>),
    /// Not in Exchange: one of ours sends in the name of one of these.
    SentAs(Vec<RecipientId>),
    /// Not in Exchange: the account that hands the message in is one of these or a member of one,
    /// whoever's name the message bears.
    SentBy(Vec<RecipientId>),
    /// A recipient is one of these.
    SentTo(Vec<Party>),
    /// A recipient is a member of one of these groups, directly or through groups.
    SentToMemberOf(Vec<RecipientId>),
    /// A recipient is inside or outside.
    SentToScope(Scope),
    /// A recipient's domain is one of these or below one.
    RecipientDomainIs(Vec<String>),
    /// The subject has one of these words.
    SubjectContainsWords(Vec<String>),
    /// The subject is as one of these patterns says.
    SubjectMatchesPatterns(Vec<Pattern>),
    /// A field of this name has one of these words.
    HeaderContains {
        /// The field.
        name: String,
        /// The words.
        words: Vec<String>,
    },
    /// A field of this name is as one of these patterns says.
    HeaderMatches {
        /// The field.
        name: String,
        /// The patterns.
        patterns: Vec<Pattern>,
    },
    /// Not in Exchange: something is attached.
    HasAttachment,
    /// An attachment's name ends with one of these, without the dot.
    AttachmentExtensionMatchesWords(Vec<String>),
    /// The message has more octets than this.
    MessageSizeOver(u64),
}

impl Predicate {
    /// The parameter that it is given by. For questions about a field, the one with the values.
    pub fn parameter(&self) -> &'static str {
        match self {
            Predicate::From(_) => "From",
            Predicate::FromMemberOf(_) => "FromMemberOf",
            Predicate::FromScope(_) => "FromScope",
            Predicate::FromAddressContainsWords(_) => "FromAddressContainsWords",
            Predicate::FromAddressMatchesPatterns(_) => "FromAddressMatchesPatterns",
            Predicate::SenderDomainIs(_) => "SenderDomainIs",
            Predicate::SentAs(_) => "SentAs",
            Predicate::SentBy(_) => "SentBy",
            Predicate::SentTo(_) => "SentTo",
            Predicate::SentToMemberOf(_) => "SentToMemberOf",
            Predicate::SentToScope(_) => "SentToScope",
            Predicate::RecipientDomainIs(_) => "RecipientDomainIs",
            Predicate::SubjectContainsWords(_) => "SubjectContainsWords",
            Predicate::SubjectMatchesPatterns(_) => "SubjectMatchesPatterns",
            Predicate::HeaderContains { .. } => "HeaderContainsWords",
            Predicate::HeaderMatches { .. } => "HeaderMatchesPatterns",
            Predicate::HasAttachment => "HasAttachment",
            Predicate::AttachmentExtensionMatchesWords(_) => "AttachmentExtensionMatchesWords",
            Predicate::MessageSizeOver(_) => "MessageSizeOver",
        }
    }

    /// Its values as people write them.
    pub fn values(&self, directory: &Directory) -> Vec<String> {
        let one = |id: &RecipientId| Party::Recipient(*id).shown(directory);
        match self {
            Predicate::From(parties) | Predicate::SentTo(parties) => {
                parties.iter().map(|party| party.shown(directory)).collect()
            }
            Predicate::FromMemberOf(ids)
            | Predicate::SentAs(ids)
            | Predicate::SentBy(ids)
            | Predicate::SentToMemberOf(ids) => ids.iter().map(one).collect(),
            Predicate::FromScope(scope) | Predicate::SentToScope(scope) => {
                vec![scope.as_str().to_owned()]
            }
            Predicate::FromAddressContainsWords(words)
            | Predicate::SenderDomainIs(words)
            | Predicate::RecipientDomainIs(words)
            | Predicate::SubjectContainsWords(words)
            | Predicate::HeaderContains { words, .. }
            | Predicate::AttachmentExtensionMatchesWords(words) => words.clone(),
            Predicate::FromAddressMatchesPatterns(patterns)
            | Predicate::SubjectMatchesPatterns(patterns)
            | Predicate::HeaderMatches { patterns, .. } => {
                patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect()
            }
            Predicate::HasAttachment => vec!["true".to_owned()],
            Predicate::MessageSizeOver(bytes) => vec![bytes.to_string()],
        }
    }

    /// The recipients of ours that it names.
    pub fn recipients(&self) -> Vec<RecipientId> {
        match self {
            Predicate::From(parties) | Predicate::SentTo(parties) => {
                let ids = parties.iter().filter_map(|party| match party {
                    Party::Recipient(id) => Some(*id),
                    Party::Address(_) => None,
                });
                ids.collect()
            }
            Predicate::FromMemberOf(ids)
            | Predicate::SentAs(ids)
            | Predicate::SentBy(ids)
            | Predicate::SentToMemberOf(ids) => ids.clone(),
            _ => Vec::new(),
        }
    }

    /// Whether it holds of a message that the rules before have made what it is.
    pub(super) fn holds(&self, standing: &Standing<'_>, location: SenderAddressLocation) -> bool {
        let (directory, facts) = (standing.directory, standing.facts);
        let senders = || standing.senders(location);
        let recipients = || standing.recipients.iter();
        match self {
            Predicate::From(parties) => {
                senders().any(|from| parties.iter().any(|party| party.has(directory, from)))
            }
            Predicate::FromMemberOf(groups) => {
                senders().any(|from| is_member(directory, from, groups))
            }
            Predicate::FromScope(scope) => {
                (facts.origin == Origin::Authenticated) == (*scope == Scope::InOrganization)
            }
            Predicate::FromAddressContainsWords(words) => {
                senders().any(|from| has_word(&from.to_string(), words))
            }
            Predicate::FromAddressMatchesPatterns(patterns) => {
                senders().any(|from| fits(&from.to_string(), patterns))
            }
            Predicate::SenderDomainIs(domains) => senders().any(|from| is_below(from, domains)),
            Predicate::SentAs(ids) => facts.represented.is_some_and(|id| ids.contains(&id)),
            Predicate::SentBy(ids) => facts.actor.is_some_and(|id| is_or_is_in(directory, id, ids)),
            Predicate::SentTo(parties) => {
                recipients().any(|to| parties.iter().any(|party| party.has(directory, to)))
            }
            Predicate::SentToMemberOf(groups) => {
                recipients().any(|to| is_member(directory, to, groups))
            }
            Predicate::SentToScope(scope) => {
                let is_inside = |to: &Address| directory.is_accepted(to.domain());
                recipients().any(|to| is_inside(to) == (*scope == Scope::InOrganization))
            }
            Predicate::RecipientDomainIs(domains) => recipients().any(|to| is_below(to, domains)),
            Predicate::SubjectContainsWords(words) => has_word(&standing.subject(), words),
            Predicate::SubjectMatchesPatterns(patterns) => fits(&standing.subject(), patterns),
            Predicate::HeaderContains { name, words } => {
                standing.values_of(name).iter().any(|value| has_word(value, words))
            }
            Predicate::HeaderMatches { name, patterns } => {
                standing.values_of(name).iter().any(|value| fits(value, patterns))
            }
            Predicate::HasAttachment => facts.attachments().is_any,
            Predicate::AttachmentExtensionMatchesWords(extensions) => {
                let found = &facts.attachments().extensions;
                extensions.iter().any(|wanted| found.contains(&wanted.to_lowercase()))
            }
            Predicate::MessageSizeOver(bytes) => facts.message.raw().len() as u64 > *bytes,
        }
    }
}

fn is_member(directory: &Directory, address: &Address, groups: &[RecipientId]) -> bool {
    directory.resolve(address).is_some_and(|found| {
        let around = groups_around(directory, found.id);
        groups.iter().any(|group| around.contains(group))
    })
}

/// Whether a recipient is one of these, or in one of those that are groups.
pub(super) fn is_or_is_in(directory: &Directory, id: RecipientId, named: &[RecipientId]) -> bool {
    named.contains(&id) || {
        let around = groups_around(directory, id);
        named.iter().any(|group| around.contains(group))
    }
}

fn is_below(address: &Address, domains: &[String]) -> bool {
    let found = address.domain().as_str();
    domains.iter().any(|domain| {
        let above = found.strip_suffix(domain.as_str());
        above.is_some_and(|front| front.is_empty() || front.ends_with('.'))
    })
}

fn fits(text: &str, patterns: &[Pattern]) -> bool {
    patterns.iter().any(|pattern| pattern.is_in(text))
}

/// Whether one of the words or phrases stands in the text as a whole, whatever its case.
fn has_word(text: &str, words: &[String]) -> bool {
    let text = text.to_lowercase();
    words.iter().any(|word| {
        let word = word.to_lowercase();
        text.match_indices(&word).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + word.len()..].chars().next();
            let is_inside = |a: Option<char>, b: Option<char>| {
                a.is_some_and(char::is_alphanumeric) && b.is_some_and(char::is_alphanumeric)
            };
            !is_inside(before, word.chars().next()) && !is_inside(word.chars().next_back(), after)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::has_word;

    #[test]
    fn words_stand_as_a_whole() {
        let has = |text: &str, word: &str| has_word(text, &[word.to_owned()]);
        assert!(has("Your CONTRACT, signed", "contract"));
        assert!(has("[contract]", "contract"));
        assert!(has("non disclosure agreement", "disclosure agreement"));
        assert!(has("Devis n°12", "n°12"));
        assert!(has("c'est l'ÉTÉ", "été"));
        assert!(has("[EXT] hello", "[EXT]"));
        assert!(has("xcontract and contract", "contract"));
        for text in ["contracting", "subcontract", "", "contrac"] {
            assert!(!has(text, "contract"), "{text}");
        }
    }
}
