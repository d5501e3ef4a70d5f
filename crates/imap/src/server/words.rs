//! Values of the border as words of the protocol, and back.

use super::backend::{Flags, SpecialUse};
use super::rights::Rights;
use crate::codec::{self, Flag, write};

/// The system flags, each with the right to change it (RFC 4314 §4).
pub(super) const SYSTEM_FLAGS: [(&str, Rights); 5] = [
    ("\\Answered", Rights::WRITE),
    ("\\Flagged", Rights::WRITE),
    ("\\Deleted", Rights::DELETE_MESSAGES),
    ("\\Seen", Rights::SEEN),
    ("\\Draft", Rights::WRITE),
];

/// Writes flags in parentheses.
pub(super) fn flags(out: &mut Vec<u8>, flags: &Flags) {
    let system = [
        (Flags::ANSWERED, "\\Answered"),
        (Flags::FLAGGED, "\\Flagged"),
        (Flags::DELETED, "\\Deleted"),
        (Flags::SEEN, "\\Seen"),
        (Flags::DRAFT, "\\Draft"),
    ];
    let system = system.into_iter().filter(|(bit, _)| flags.system & bit != 0);
    let keywords = flags.keywords.iter().map(|keyword| &**keyword);
    write::atoms(out, system.map(|(_, name)| name).chain(keywords));
}

/// The flags of a command, each once.
pub(super) fn flags_of(written: &[Flag]) -> Flags {
    let mut flags = Flags::default();
    for flag in written {
        match flag {
            Flag::Seen => flags.system |= Flags::SEEN,
            Flag::Answered => flags.system |= Flags::ANSWERED,
            Flag::Flagged => flags.system |= Flags::FLAGGED,
            Flag::Deleted => flags.system |= Flags::DELETED,
            Flag::Draft => flags.system |= Flags::DRAFT,
            Flag::Keyword(keyword) if !flags.has_keyword(keyword.as_str()) => {
                flags.keywords.push(keyword.as_str().into());
            }
            Flag::Keyword(_) => {}
        }
    }
    flags
}

/// The attribute of a use.
pub(super) fn special_use(special: SpecialUse) -> &'static str {
    match special {
        SpecialUse::Archive => "\\Archive",
        SpecialUse::Drafts => "\\Drafts",
        SpecialUse::Junk => "\\Junk",
        SpecialUse::Sent => "\\Sent",
        SpecialUse::Trash => "\\Trash",
    }
}

/// The use a client asks for, where it is one that mailboxes can have here.
pub(super) fn special_use_of(asked: codec::SpecialUse) -> Option<SpecialUse> {
    match asked {
        codec::SpecialUse::Archive => Some(SpecialUse::Archive),
        codec::SpecialUse::Drafts => Some(SpecialUse::Drafts),
        codec::SpecialUse::Junk => Some(SpecialUse::Junk),
        codec::SpecialUse::Sent => Some(SpecialUse::Sent),
        codec::SpecialUse::Trash => Some(SpecialUse::Trash),
        codec::SpecialUse::All | codec::SpecialUse::Flagged | codec::SpecialUse::Important => None,
    }
}
