//! What has to be read for a FETCH: as little as its items allow.
//!
//! Flags, dates and sizes need the row alone. The fields of ENVELOPE are kept beside the message.
//! Other header fields need the header section, and only text and structure need the message.

use mail::envelope::FIELD_NAMES;

use crate::codec::{FetchItem, SectionText};
use crate::server::backend::Content;

/// What is read of each message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) details: bool,
    pub(super) envelope: bool,
    pub(super) preview: bool,
    pub(super) content: Content,
    /// The message is taken apart.
    pub(super) structure: bool,
    /// An item marks the message as read.
    pub(super) marks_seen: bool,
}

/// What one item needs, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Mark,
    Details,
    EnvelopeFields,
    Preview,
    Header,
    Octets(Content),
    Whole,
    Structure,
}

impl Plan {
    pub(super) fn of(items: &[FetchItem]) -> Plan {
        let mut plan = Plan {
            details: false,
            envelope: false,
            preview: false,
            content: Content::Nothing,
            structure: false,
            marks_seen: items.iter().any(marks_seen),
        };
        for item in items {
            match need(item) {
                Need::Mark => {}
                Need::Details => plan.details = true,
                Need::EnvelopeFields => plan.envelope = true,
                Need::Preview => plan.preview = true,
                Need::Header => plan.read(Content::Header),
                Need::Octets(content) => plan.read(content),
                Need::Whole => plan.read(Content::Whole),
                Need::Structure => {
                    plan.read(Content::Whole);
                    plan.structure = true;
                }
            }
        }
        // What is read anyway has these fields, too.
        plan.envelope &= !matches!(plan.content, Content::Header | Content::Whole);
        plan
    }

    /// Whether the items are told by the row alone.
    pub(super) fn is_bare(&self) -> bool {
        !self.envelope && !self.preview && self.content == Content::Nothing
    }

    /// Two different readings of the content become one of all of it.
    fn read(&mut self, content: Content) {
        self.content = match self.content {
            Content::Nothing => content,
            before if before == content => content,
            _ => Content::Whole,
        };
    }
}

fn need(item: &FetchItem) -> Need {
    match item {
        FetchItem::Flags | FetchItem::Uid | FetchItem::ModSeq => Need::Mark,
        FetchItem::InternalDate
        | FetchItem::EmailId
        | FetchItem::ThreadId
        | FetchItem::SaveDate
        | FetchItem::Rfc822Size => Need::Details,
        FetchItem::Envelope => Need::EnvelopeFields,
        FetchItem::Preview { .. } => Need::Preview,
        FetchItem::Rfc822Header => Need::Header,
        FetchItem::Rfc822 | FetchItem::Rfc822Text => Need::Whole,
        FetchItem::Body | FetchItem::BodyStructure => Need::Structure,
        FetchItem::Binary { part, .. } | FetchItem::BinarySize { part } => {
            if part.is_empty() {
                Need::Whole
            } else {
                Need::Structure
            }
        }
        FetchItem::Section { section, .. } if !section.part.is_empty() => Need::Structure,
        FetchItem::Section { section, partial, .. } => match (&section.text, partial) {
            (SectionText::HeaderFields(names), _) if names.iter().all(|name| is_kept(name)) => {
                Need::EnvelopeFields
            }
            (
                SectionText::Header
                | SectionText::HeaderFields(_)
                | SectionText::HeaderFieldsNot(_)
                | SectionText::Mime,
                _,
            ) => Need::Header,
            (SectionText::Whole, Some(partial)) => {
                Need::Octets(Content::Octets { offset: partial.offset, octets: partial.octets })
            }
            (SectionText::Whole | SectionText::Text, _) => Need::Whole,
        },
    }
}

/// Whether a field is kept beside the message.
fn is_kept(name: &str) -> bool {
    FIELD_NAMES.iter().any(|kept| kept.eq_ignore_ascii_case(name))
}

fn marks_seen(item: &FetchItem) -> bool {
    match item {
        FetchItem::Rfc822 | FetchItem::Rfc822Text => true,
        FetchItem::Section { is_peek, .. } | FetchItem::Binary { is_peek, .. } => !is_peek,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Partial, Section};

    fn peek(text: SectionText, partial: Option<Partial>) -> FetchItem {
        let section = Section { part: Vec::new(), text };
        FetchItem::Section { section, partial, is_peek: true }
    }

    fn fields(names: &[&str]) -> FetchItem {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        peek(SectionText::HeaderFields(names), None)
    }

    #[test]
    fn lists_read_no_messages() {
        let plan = Plan::of(&[FetchItem::Flags, FetchItem::Envelope, fields(&["date", "SUBJECT"])]);
        assert_eq!((plan.content, plan.envelope), (Content::Nothing, true));
        assert!(!plan.marks_seen && !plan.structure && !plan.preview && !plan.details);
        assert!(!plan.is_bare());
    }

    #[test]
    fn what_rows_tell_reads_nothing_else() {
        let plan = Plan::of(&[FetchItem::Uid, FetchItem::Flags, FetchItem::ModSeq]);
        assert!(plan.is_bare() && !plan.details);
        for item in [FetchItem::InternalDate, FetchItem::Rfc822Size, FetchItem::EmailId] {
            let plan = Plan::of(&[FetchItem::Flags, item]);
            assert!(plan.is_bare() && plan.details);
        }
    }

    #[test]
    fn other_fields_read_the_header_and_no_fields_twice() {
        let plan = Plan::of(&[FetchItem::Envelope, fields(&["Date", "X-Priority"])]);
        assert_eq!((plan.content, plan.envelope), (Content::Header, false));
    }

    #[test]
    fn one_piece_is_read_as_a_piece_and_two_as_the_whole() {
        let piece = Some(Partial { offset: 10, octets: 5 });
        let one = peek(SectionText::Whole, piece);
        let octets = Content::Octets { offset: 10, octets: 5 };
        assert_eq!(Plan::of(std::slice::from_ref(&one)).content, octets);
        let other = peek(SectionText::Header, None);
        assert_eq!(Plan::of(&[one, other]).content, Content::Whole);
    }

    #[test]
    fn only_text_that_is_not_peeked_at_marks_as_read() {
        assert!(Plan::of(&[FetchItem::Rfc822]).marks_seen);
        assert!(Plan::of(&[FetchItem::Rfc822Text]).marks_seen);
        assert!(!Plan::of(&[FetchItem::Rfc822Header, FetchItem::BodyStructure]).marks_seen);
    }
}
