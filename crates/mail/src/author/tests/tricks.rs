//! One row for each From line: the value as on the wire and what must come of it.

use super::*;

/// A line that must be read: value, display name, address.
type Legitimate = (&'static str, Option<&'static str>, &'static str);

const LEGITIMATE: &[Legitimate] = &[
    // Outlook, Thunderbird, Apple Mail, Gmail, mutt
    ("Jean Dupont <jean.dupont@contoso.com>", Some("Jean Dupont"), "jean.dupont@contoso.com"),
    ("\"Dupont, Jean\" <jean@contoso.com>", Some("Dupont, Jean"), "jean@contoso.com"),
    ("\"Jean Dupont\"\r\n\t<jean@contoso.com>", Some("Jean Dupont"), "jean@contoso.com"),
    ("=?iso-8859-1?Q?J=E9r=F4me_Dupont?= <j@contoso.com>", Some("Jérôme Dupont"), "j@contoso.com"),
    ("=?UTF-8?B?SsOpcsO0bWU=?= <j@contoso.com>", Some("Jérôme"), "j@contoso.com"),
    ("=?Windows-1252?Q?L=92=E9quipe?= <j@contoso.com>", Some("L’équipe"), "j@contoso.com"),
    ("=?iso-8859-15?q?10_=A4?= <j@contoso.com>", Some("10 €"), "j@contoso.com"),
    ("=?utf-8*fr?q?=C3=89?= <j@contoso.com>", Some("É"), "j@contoso.com"),
    ("jean@contoso.com", None, "jean@contoso.com"),
    ("<jean@contoso.com>", None, "jean@contoso.com"),
    ("  jean@contoso.com\t", None, "jean@contoso.com"),
    ("\r\n jean@contoso.com", None, "jean@contoso.com"),
    ("\"\" <jean@contoso.com>", None, "jean@contoso.com"),
    ("\" \" <jean@contoso.com>", None, "jean@contoso.com"),
    ("Jean<jean@contoso.com>", Some("Jean"), "jean@contoso.com"),
    ("\"jean@contoso.com\" <jean@contoso.com>", Some("jean@contoso.com"), "jean@contoso.com"),
    // folded names, several words, dots, quotes in quotes
    (
        "Jean\r\n Emmanuel\r\n\tDupont\r\n <j@contoso.com>",
        Some("Jean Emmanuel Dupont"),
        "j@contoso.com",
    ),
    ("\"Jean\r\n Dupont\" <j@contoso.com>", Some("Jean Dupont"), "j@contoso.com"),
    ("Jean D. Dupont jr. <j@contoso.com>", Some("Jean D. Dupont jr."), "j@contoso.com"),
    ("\"Jean \\\"JD\\\" Dupont\" <j@contoso.com>", Some("Jean \"JD\" Dupont"), "j@contoso.com"),
    ("O'Neill-Smith & Co <j@contoso.com>", Some("O'Neill-Smith & Co"), "j@contoso.com"),
    (
        "\"Support [Contoso]: 24/7; (FR)\" <s@contoso.com>",
        Some("Support [Contoso]: 24/7; (FR)"),
        "s@contoso.com",
    ),
    ("=?utf-8?q?a?=\r\n =?utf-8?q?b?= c <j@contoso.com>", Some("ab c"), "j@contoso.com"),
    // A character split between two words, as some senders do.
    ("=?utf-8?b?w6nD?= =?utf-8?b?qQ==?= <j@contoso.com>", Some("éé"), "j@contoso.com"),
    ("=?gb2312?B?zvS8fQ==?= <j@contoso.com>", Some("=?gb2312?B?zvS8fQ==?="), "j@contoso.com"),
    ("日本語 <j@contoso.com>", Some("日本語"), "j@contoso.com"),
    // cron and other Unix programs
    ("root@host.contoso.com (Cron Daemon)", Some("Cron Daemon"), "root@host.contoso.com"),
    ("jean@contoso.com (Jean Dupont)", Some("Jean Dupont"), "jean@contoso.com"),
    ("jean@contoso.com (=?utf-8?q?J=C3=A9r=C3=B4me?=)", Some("Jérôme"), "jean@contoso.com"),
    ("jean@contoso.com ()", None, "jean@contoso.com"),
    // addresses
    ("j+tag@contoso.com", None, "j+tag@contoso.com"),
    ("JEAN@CONTOSO.COM", None, "JEAN@contoso.com"),
    ("jean@[192.0.2.1]", None, "jean@[192.0.2.1]"),
    ("Jean <jean@[IPv6:2001:db8::1]>", Some("Jean"), "jean@[IPv6:2001:db8::1]"),
    ("<\"jean dupont\"@contoso.com>", None, "\"jean dupont\"@contoso.com"),
    ("<\"jean\"@contoso.com>", None, "jean@contoso.com"),
    ("é@bücher.example", None, "é@xn--bcher-kva.example"),
    // valid atext, never rewritten: these are not the group
    ("contoso.com!support@contoso.com", None, "contoso.com!support@contoso.com"),
    ("support%contoso.com@fabrikam.com", None, "support%contoso.com@fabrikam.com"),
    // another domain that only looks the same
    ("support@cоntoso.com", None, "support@xn--cntoso-wqf.com"),
];

#[test]
fn what_people_send_is_read() {
    for (value, name, expected) in LEGITIMATE {
        let author = read_author(&message(&format!("From: {value}")))
            .unwrap_or_else(|e| panic!("{value:?}: {e}"));
        assert_eq!(author.display_name.as_deref(), *name, "{value:?}");
        assert_eq!(author.address.to_string(), *expected, "{value:?}");
    }
}

const AT: AddressError = AddressError::NoAt;
const LOCAL: AddressError = AddressError::LocalPart;
const DOMAIN: AddressError = AddressError::Domain;

use AuthorError as E;

const TRICKS: &[(&str, AuthorError)] = &[
    // nothing, or nearly nothing
    ("", E::Empty),
    ("   ", E::Empty),
    ("<>", E::EmptyBrackets),
    ("Jean <>", E::EmptyBrackets),
    ("Jean", E::NoAddress),
    ("support", E::NoAddress),
    ("<support>", E::Address(AT)),
    ("Jean <support>", E::Address(AT)),
    ("@contoso.com", E::Address(LOCAL)),
    ("<@contoso.com>", E::SourceRoute),
    ("jean@", E::Address(DOMAIN)),
    // several authors
    ("jean@contoso.com, support@contoso.com", E::SeveralMailboxes),
    ("jean@contoso.com,support@contoso.com", E::SeveralMailboxes),
    ("<jean@contoso.com>, <support@contoso.com>", E::SeveralMailboxes),
    ("jean@contoso.com,", E::SeveralMailboxes),
    (", jean@contoso.com", E::SeveralMailboxes),
    ("Dupont, Jean <jean@contoso.com>", E::SeveralMailboxes),
    ("support@contoso.com, Jean <jean@contoso.com>", E::SeveralMailboxes),
    ("<support@contoso.com,jean@contoso.com>", E::SeveralMailboxes),
    ("support@contoso.com\\, <jean@contoso.com>", E::TrailingText),
    ("\\,support@contoso.com <jean@contoso.com>", E::UnexpectedCharacter('\\')),
    ("jean\\@contoso.com <support@contoso.com>", E::UnexpectedCharacter('\\')),
    ("jean@contoso.com; support@contoso.com", E::TrailingText),
    ("jean; support@contoso.com", E::UnexpectedCharacter(';')),
    // groups
    ("Team: jean@contoso.com;", E::Group),
    ("undisclosed-recipients:;", E::Group),
    (":jean@contoso.com", E::Group),
    ("Team:jean@contoso.com, support@contoso.com;", E::Group),
    ("Re: Jean <jean@contoso.com>", E::Group),
    // routes
    ("<@contoso.com,@fabrikam.com:jean@contoso.com>", E::SourceRoute),
    ("<@support@contoso.com:jean@contoso.com>", E::SourceRoute),
    ("Jean <@fabrikam.com:jean@contoso.com>", E::SourceRoute),
    ("@fabrikam.com:jean@contoso.com", E::Address(LOCAL)),
    // two addresses around brackets
    ("<jean@contoso.com>support@contoso.com", E::TrailingText),
    ("<jean@contoso.com> support@contoso.com", E::TrailingText),
    ("<jean@contoso.com><support@contoso.com>", E::TrailingText),
    ("<jean@contoso.com> <support@contoso.com>", E::TrailingText),
    ("support@contoso.com <jean@contoso.com>", E::TrailingText),
    ("support@contoso.com<jean@contoso.com>", E::TrailingText),
    ("'jean@contoso.com' via X <list@contoso.com>", E::Address(DOMAIN)),
    ("Support support@contoso.com <jean@contoso.com>", E::UnbracketedAddress),
    ("Jean support@contoso.com", E::UnbracketedAddress),
    ("\"Jean\" support@contoso.com", E::UnbracketedAddress),
    ("<<support@contoso.com>jean@contoso.com>", E::UnexpectedCharacter('<')),
    ("<jean@contoso.com", E::UnclosedBracket),
    ("<jean", E::UnclosedBracket),
    ("<", E::UnclosedBracket),
    ("jean@contoso.com>", E::TrailingText),
    ("Jean > <jean@contoso.com>", E::UnexpectedCharacter('>')),
    ("<jean@contoso.com>>", E::TrailingText),
    ("<jean@contoso.com<support@contoso.com>", E::UnexpectedCharacter('<')),
    ("jean@contoso.com@support.com", E::UnexpectedCharacter('@')),
    ("<jean@contoso.com@fabrikam.com>", E::UnexpectedCharacter('@')),
    ("<jean@contoso.com:25>", E::UnexpectedCharacter(':')),
    ("<mailto:jean@contoso.com>", E::UnexpectedCharacter(':')),
    ("<jean@contoso.com;x>", E::UnexpectedCharacter(';')),
    ("jean@contoso.com/support@contoso.com", E::UnexpectedCharacter('@')),
    // comments
    ("(support@contoso.com) jean@contoso.com", E::Comment),
    ("(Jean) jean@contoso.com", E::Comment),
    ("jean@contoso.com(Jean)", E::Comment),
    ("jean(x)@contoso.com", E::Comment),
    ("jean@(x)contoso.com", E::Comment),
    ("jean@contoso.com (a (b))", E::Comment),
    ("jean@contoso.com (support@contoso.com)", E::Comment),
    ("jean@contoso.com (<support>)", E::Comment),
    ("jean@contoso.com (a\\)b)", E::Comment),
    ("jean@contoso.com (a", E::Comment),
    ("jean@contoso.com (a) (b)", E::TrailingText),
    ("jean@contoso.com (a), b@contoso.com", E::SeveralMailboxes),
    ("jean@contoso.com (=?utf-8?q?support=40contoso.com?=)", E::Comment),
    ("Jean (Support) <jean@contoso.com>", E::Comment),
    ("Jean <jean@contoso.com> (Support)", E::TrailingText),
    ("Jean <(x)jean@contoso.com>", E::Comment),
    ("Jean <jean@contoso.com(x)>", E::Comment),
    ("Jean <jean(x)@contoso.com>", E::Comment),
    // encoded words
    ("=?utf-8?b?c3VwcG9ydEBjb250b3NvLmNvbQ==?=", E::EncodedWordInAddress),
    ("=?utf-8?q?support?=@contoso.com", E::EncodedWordInAddress),
    ("<=?utf-8?q?support?=@contoso.com>", E::EncodedWordInAddress),
    ("Jean <jean@=?utf-8?q?contoso.com?=>", E::EncodedWordInAddress),
    ("\"=?utf-8?q?support=40contoso.com?=\" <jean@contoso.com>", E::HiddenAddress),
    ("\"=?utf-8?b?PHN1cHBvcnRAY29udG9zby5jb20+?=\" <jean@contoso.com>", E::HiddenAddress),
    ("x=?utf-8?q?support=40contoso.com=2C?= <jean@contoso.com>", E::HiddenAddress),
    ("=?utf-8?q?=3D=3Futf-8=3Fq=3Fa=3D40b=3F=3D?= <jean@contoso.com>", E::HiddenAddress),
    ("\"=?utf-8?q?a=0D=0AX:y?=\" <jean@contoso.com>", E::HiddenAddress),
    ("=?utf-8?q?a=0D=0ABcc=3A_x?= <jean@contoso.com>", E::ControlCharacter),
    ("=?utf-8?q?a=00b?= <jean@contoso.com>", E::ControlCharacter),
    ("=?utf-8?b?AA==?= <jean@contoso.com>", E::ControlCharacter),
    ("=?utf-8?q?a=C2=85b?= <jean@contoso.com>", E::ControlCharacter),
    ("jean@contoso.com (=?utf-8?q?a=0Ab?=)", E::ControlCharacter),
    ("=?utf-7?q?support+AEA-contoso.com?= <jean@contoso.com>", E::NameCharset),
    ("=?utf-8?q?support@contoso.com,?= <jean@contoso.com>", E::EncodedWordInAddress),
    // white space inside addresses
    ("jean @contoso.com", E::SpaceInAddress),
    ("jean@ contoso.com", E::SpaceInAddress),
    ("jean@\r\n contoso.com", E::SpaceInAddress),
    ("jean@contoso .com", E::TrailingText),
    ("jean . dupont@contoso.com", E::UnbracketedAddress),
    ("< jean@contoso.com>", E::SpaceInAddress),
    ("<jean@contoso.com >", E::SpaceInAddress),
    ("<jean\r\n @contoso.com>", E::SpaceInAddress),
    ("<jean@contoso.com\r\n >", E::SpaceInAddress),
    ("<\r\n jean@contoso.com>", E::SpaceInAddress),
    // quotes and brackets
    ("\"Jean <jean@contoso.com>", E::UnclosedQuote),
    ("\"Jean\\\" <jean@contoso.com>", E::UnclosedQuote),
    ("Jean\" <jean@contoso.com>", E::UnclosedQuote),
    ("\"jean@contoso.com", E::UnclosedQuote),
    ("Jean [Support] <jean@contoso.com>", E::UnexpectedCharacter('[')),
    ("jean@[192.0.2.1", E::UnclosedBracket),
    ("jean@[contoso.com]", E::Address(DOMAIN)),
    ("jean@[192.0.2.1]contoso.com", E::TrailingText),
    ("\"jean\"@contoso.com", E::UnbracketedAddress),
    ("\"support@contoso.com\"@fabrikam.com", E::UnbracketedAddress),
    ("<\"support@contoso.com\"@fabrikam.com>", E::SpecialInLocalPart),
    ("<\"support@contoso.com>,\"@fabrikam.com>", E::SpecialInLocalPart),
    ("<\"a\\\\b\"@contoso.com>", E::SpecialInLocalPart),
    ("jean\"x\"@contoso.com", E::Address(LOCAL)),
    ("\"jean\".dupont@contoso.com", E::Address(LOCAL)),
    // addresses that are none
    ("jean..dupont@contoso.com", E::Address(LOCAL)),
    (".jean@contoso.com", E::Address(LOCAL)),
    ("jean.@contoso.com", E::Address(LOCAL)),
    ("jean@contoso..com", E::Address(DOMAIN)),
    ("jean@contoso.com.", E::Address(DOMAIN)),
    ("jean@.contoso.com", E::Address(DOMAIN)),
    ("jean@-contoso.com", E::Address(DOMAIN)),
    ("jean@contoso_com", E::Address(DOMAIN)),
    ("jean＠contoso.com", E::NoAddress),
    ("je\u{a0}an@contoso.com", E::Address(LOCAL)),
];

#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    for (value, expected) in TRICKS {
        let outcome = read_author(&message(&format!("From: {value}")));
        assert_eq!(outcome, Err(*expected), "{value:?}");
    }
}

/// Lines that a [`Message`] cannot carry, given to the reader directly.
#[test]
fn line_ends_and_control_characters_are_refused() {
    for (value, expected) in [
        ("jean@contoso.com\r\nBcc: x@y.z", E::Folding),
        ("jean@contoso.com\r\n", E::Folding),
        ("jean@contoso.com\r\n \r\n", E::Folding),
        ("Jean\r\n \r\n <jean@contoso.com>", E::Folding),
        ("Jean\n <jean@contoso.com>", E::Folding),
        ("Jean\r <jean@contoso.com>", E::Folding),
        ("jean\0@contoso.com", E::ControlCharacter),
        ("Jean\u{7f} <jean@contoso.com>", E::ControlCharacter),
        ("Jean\u{85} <jean@contoso.com>", E::ControlCharacter),
        ("\"Jean\u{8}\" <jean@contoso.com>", E::ControlCharacter),
    ] {
        assert_eq!(read_mailbox(value), Err(expected), "{value:?}");
    }
}
