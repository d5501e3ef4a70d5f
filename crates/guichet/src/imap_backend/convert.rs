//! Between the words of the use cases and those of IMAP: refusals, rights, flags, ranges, searches.

use std::sync::Arc;

use app::mailbox::search::{self, Criterion};
use app::mailbox::{MailboxError, Rights as AppRights};
use app::sign_in::SignInRefusal;
use bytes::Bytes;
use domain::{MessageId, Timestamp};
use imap::server::{self, Failure, Reason, Rights, Uid, UidRange};
use store::Flags;
use store::folder::FolderRole;
use store::keyword::Keyword;
use store::scan::RowView;

/// What a refusal of the use cases is in IMAP. Failures of the database are logged here.
#[expect(clippy::needless_pass_by_value, reason = "it stands behind map_err")]
pub(super) fn failure(error: MailboxError) -> Failure {
    let reason = match &error {
        MailboxError::NotFound => Reason::NonExistent,
        MailboxError::NotAllowed => Reason::NoPerm,
        MailboxError::AlreadyExists => Reason::AlreadyExists,
        MailboxError::HasChildren => Reason::HasChildren,
        MailboxError::Impossible(_) => Reason::Cannot,
        MailboxError::OverQuota => Reason::OverQuota,
        MailboxError::Limit(_) => Reason::Limit,
        MailboxError::Conflicts(_) => Reason::Unavailable,
        MailboxError::Unavailable(failure) => {
            let cause = std::error::Error::source(failure);
            tracing::error!(error = %failure, ?cause, "a mailbox could not be used");
            return Reason::Unavailable.into();
        }
    };
    Failure::new(reason, sentence(&error.to_string()))
}

/// The same for a read of the store.
pub(super) fn unavailable(error: store::Failure) -> Failure {
    failure(MailboxError::from(error))
}

/// A sign-in that failed.
pub(super) fn sign_in(refusal: &SignInRefusal) -> Failure {
    match refusal {
        SignInRefusal::Wrong => Reason::AuthenticationFailed.into(),
        SignInRefusal::Throttled(_) => {
            Failure::new(Reason::AuthorizationFailed, sentence(&refusal.to_string()))
        }
        SignInRefusal::Unavailable(error) => {
            tracing::error!(%error, "sign-in failed");
            Reason::Unavailable.into()
        }
    }
}

/// A clause as a sentence.
fn sentence(clause: &str) -> String {
    let mut signs = clause.chars();
    signs.next().map(|first| first.to_uppercase().chain(signs).collect()).unwrap_or_default()
}

/// The letters for what the person may do (RFC 4314 §2.1).
pub(super) fn rights(rights: AppRights) -> Rights {
    let pairs = [
        (AppRights::READ, Rights::LOOKUP.with(Rights::READ)),
        (AppRights::SEEN, Rights::SEEN),
        (AppRights::WRITE, Rights::WRITE),
        (AppRights::INSERT, Rights::INSERT),
        (AppRights::POST, Rights::POST),
        (AppRights::CREATE, Rights::CREATE),
        (AppRights::DELETE_FOLDER, Rights::DELETE_MAILBOX),
        (AppRights::DELETE, Rights::DELETE_MESSAGES.with(Rights::EXPUNGE)),
        (AppRights::ADMINISTER, Rights::ADMINISTER),
    ];
    let held = pairs.into_iter().filter(|(right, _)| rights.allow(*right));
    held.fold(Rights::NONE, |all, (_, letters)| all.with(letters))
}

/// The attribute for a role (RFC 6154 §2).
pub(super) fn special_use(role: Option<FolderRole>) -> Option<server::SpecialUse> {
    Some(match role? {
        FolderRole::Inbox => return None,
        FolderRole::Sent => server::SpecialUse::Sent,
        FolderRole::Drafts => server::SpecialUse::Drafts,
        FolderRole::Archive => server::SpecialUse::Archive,
        FolderRole::Junk => server::SpecialUse::Junk,
        FolderRole::Trash => server::SpecialUse::Trash,
    })
}

/// The role for an attribute.
pub(super) fn role(special_use: server::SpecialUse) -> FolderRole {
    match special_use {
        server::SpecialUse::Sent => FolderRole::Sent,
        server::SpecialUse::Drafts => FolderRole::Drafts,
        server::SpecialUse::Archive => FolderRole::Archive,
        server::SpecialUse::Junk => FolderRole::Junk,
        server::SpecialUse::Trash => FolderRole::Trash,
    }
}

/// A stored UID. IMAP has 32 bits for it; a folder that used them up takes nothing more.
pub(super) fn uid(stored: i64) -> Uid {
    Uid::try_from(stored).unwrap_or(Uid::MAX)
}

/// A stored modseq; never 0 in IMAP (RFC 7162 §3.1).
pub(super) fn modseq(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or_default().max(1)
}

/// A modseq of IMAP as it is stored.
pub(super) fn stored_modseq(modseq: u64) -> i64 {
    i64::try_from(modseq).unwrap_or(i64::MAX)
}

/// Ranges of the store.
pub(super) fn stored_ranges(ranges: &[UidRange]) -> Vec<store::UidRange> {
    ranges
        .iter()
        .map(|range| store::UidRange { first: range.first.into(), last: range.last.into() })
        .collect()
}

/// Ranges of IMAP. What begins beyond 32 bits is not there.
pub(super) fn ranges(stored: &[store::UidRange]) -> Vec<UidRange> {
    let inside = stored.iter().filter(|range| range.first <= i64::from(Uid::MAX));
    inside.map(|range| UidRange { first: uid(range.first), last: uid(range.last) }).collect()
}

/// The names of keywords.
pub(super) fn names(keywords: &[Keyword]) -> Vec<Arc<str>> {
    keywords.iter().map(|keyword| Arc::from(keyword.name.as_str())).collect()
}

/// Stored flags with the names of keywords.
pub(super) fn flags(stored: Flags, keywords: &[(Flags, Arc<str>)]) -> server::Flags {
    let system = u8::try_from(stored.0 & Flags::SYSTEM.0).unwrap_or_default();
    let named = keywords.iter().filter(|(flag, _)| stored.contains(*flag));
    server::Flags { system, keywords: named.map(|(_, name)| Arc::clone(name)).collect() }
}

/// Flags as they are stored; keywords that the folder does not have are left out.
pub(super) fn stored_flags(flags: &server::Flags, keywords: &[Keyword]) -> Flags {
    let named = keywords.iter().filter(|keyword| flags.has_keyword(&keyword.name));
    named.fold(Flags(i64::from(flags.system)), |all, keyword| all.with(keyword.flag))
}

/// A message as the store walks by it; what is in its octets is left empty.
pub(super) fn row(view: &RowView<'_>, keywords: &[(Flags, Arc<str>)]) -> server::Row {
    let details = view.row.as_ref().map(|row| server::Details {
        internal_at_ms: row.internal_at.0,
        saved_at_ms: row.saved_at.0,
        size_octets: u64::try_from(row.size_bytes).unwrap_or_default(),
        email_id: email_id(row.message),
        thread_id: None,
    });
    server::Row {
        uid: uid(view.mark.uid),
        modseq: modseq(view.mark.modseq),
        flags: flags(view.mark.flags, keywords),
        details: details.unwrap_or_default(),
        envelope_fields: view.envelope_fields.map(Bytes::copy_from_slice),
        preview: None,
        content: None,
    }
}

/// The identity of a message (RFC 8474 §5.1).
pub(super) fn email_id(message: MessageId) -> String {
    format!("M{message}")
}

/// A criterion in the words of the use case.
pub(super) fn criterion(
    asked: &server::Criterion,
    keywords: &[Keyword],
    now: Timestamp,
) -> Criterion {
    let all =
        |list: &[server::Criterion]| list.iter().map(|of| criterion(of, keywords, now)).collect();
    match asked {
        server::Criterion::All => Criterion::All,
        server::Criterion::And(list) => Criterion::And(all(list)),
        server::Criterion::Or(list) => Criterion::Or(all(list)),
        server::Criterion::Not(inner) => Criterion::Not(Box::new(criterion(inner, keywords, now))),
        server::Criterion::Uids(uids) => Criterion::Uids(stored_ranges(uids)),
        server::Criterion::System(flags) => Criterion::Flags(Flags(i64::from(*flags))),
        server::Criterion::Keyword(name) => {
            let known = keywords.iter().find(|keyword| keyword.name.eq_ignore_ascii_case(name));
            known.map_or_else(nothing, |keyword| Criterion::Flags(keyword.flag))
        }
        server::Criterion::Header { name, text } => {
            Criterion::Header { name: name.clone(), text: text.clone() }
        }
        server::Criterion::Body(text) => Criterion::Body(text.clone()),
        server::Criterion::Text(text) => Criterion::Text(text.clone()),
        server::Criterion::OnOrAfter { date, day } => Criterion::OnOrAfter(date_of(*date), *day),
        server::Criterion::Before { date, day } => {
            Criterion::Not(Box::new(Criterion::OnOrAfter(date_of(*date), *day)))
        }
        server::Criterion::Younger(secs) => {
            Criterion::Since(search::DateOf::Arrival, now.0.div_euclid(1000) - i64::from(*secs))
        }
        server::Criterion::Larger(octets) => Criterion::Larger(stored_modseq(*octets)),
        server::Criterion::Smaller(octets) => Criterion::Smaller(stored_modseq(*octets)),
        server::Criterion::ModseqFrom(modseq) => Criterion::ModseqFrom(stored_modseq(*modseq)),
        server::Criterion::EmailId(id) => {
            let number = id.strip_prefix('M').and_then(|number| number.parse().ok());
            number.map_or_else(nothing, |number| Criterion::Message(MessageId(number)))
        }
        // Messages have no thread here.
        server::Criterion::ThreadId(_) => nothing(),
    }
}

fn nothing() -> Criterion {
    Criterion::Or(Vec::new())
}

fn date_of(date: server::DateOf) -> search::DateOf {
    match date {
        server::DateOf::Arrival => search::DateOf::Arrival,
        server::DateOf::Sent => search::DateOf::Sent,
        server::DateOf::Saved => search::DateOf::Saved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_come_back_as_they_went() {
        let keyword = Keyword { name: "$Forwarded".into(), flag: Flags(1 << 8) };
        let named = [(keyword.flag, Arc::from("$Forwarded"))];
        let given = server::Flags {
            system: server::Flags::SEEN | server::Flags::DRAFT,
            keywords: vec![Arc::from("$forwarded"), Arc::from("unknown")],
        };
        let stored = stored_flags(&given, std::slice::from_ref(&keyword));
        assert_eq!(stored, Flags(1 | 16 | 1 << 8));
        let back = flags(stored, &named);
        assert_eq!(back.system, given.system);
        assert!(back.has_keyword("$FORWARDED") && back.keywords.len() == 1);
    }

    #[test]
    fn rights_are_letters() {
        let all = AppRights::READ.with(AppRights::DELETE).with(AppRights::POST);
        assert_eq!(rights(all).to_string(), "lrpte");
        assert_eq!(rights(AppRights::NONE).to_string(), "");
    }

    #[test]
    fn numbers_stay_in_range() {
        assert_eq!(uid(i64::MAX), Uid::MAX);
        assert_eq!(modseq(0), 1);
        let far = [store::UidRange { first: 5, last: i64::MAX }];
        assert_eq!(ranges(&far), [UidRange { first: 5, last: Uid::MAX }]);
        assert_eq!(ranges(&[store::UidRange { first: 1 << 40, last: 1 << 41 }]), []);
    }
}
