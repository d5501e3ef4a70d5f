//! Texts for searching and for previews.

use proptest::prelude::*;

use super::*;

const MESSAGE: &str = "Subject: =?iso-2022-jp?b?GyRCMnE1RBsoQg==?= =?utf-8?q?Caf?= =?utf-8?q?=C3?=\
    =?UTF-8?q?=A9?=\r\n\
    Received: from nowhere\r\n\
    From: Andr\u{e9} <andre@contoso.com>\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\r\n\
    --b\r\n\
    Content-Type: multipart/alternative; boundary=a\r\n\r\n\
    --a\r\nContent-Type: text/html\r\n\r\n<p>from&nbsp;html</p>\r\n\
    --a\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\
    Content-Transfer-Encoding: quoted-printable\r\n\r\nL'=E9t=\r\n=E9\r\n\r\n  is here\r\n\
    --a--\r\n\
    --b\r\n\
    Content-Type: application/pdf\r\n\
    Content-Disposition: attachment; filename*=utf-8''Facture%20%C3%A9t%C3%A9.pdf\r\n\
    Content-Transfer-Encoding: base64\r\n\r\nc2VjcmV0\r\n\
    --b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner subject\r\n\r\ninner text\r\n\
    --b--\r\n";

#[test]
fn all_that_people_read_is_found() {
    let part = Part::read(MESSAGE.as_bytes());
    let header = header_text(&MESSAGE.as_bytes()[part.header.clone()]);
    assert!(header.starts_with("会議Café\nAndré <andre@contoso.com>\n"), "{header}");
    assert!(!header.contains("nowhere"));
    let body = folded_words(&body_text(MESSAGE.as_bytes(), &part));
    for found in
        [" ete is here ", " from html ", " facture ete pdf ", " inner subject ", " inner te"]
    {
        assert!(body.contains(found), "{found:?} in {body:?}");
    }
    assert!(!body.contains("secret"), "{body:?}");
}

#[test]
fn a_preview_is_the_beginning_of_the_plain_text() {
    let part = Part::read(MESSAGE.as_bytes());
    assert_eq!(preview(MESSAGE.as_bytes(), &part), "L'été is here");
    let long = format!("\r\n{}", "é ".repeat(300));
    let shown = preview(long.as_bytes(), &Part::read(long.as_bytes()));
    assert_eq!(shown.chars().count(), PREVIEW_CHARS_MAX - 1);
    let word = format!("\r\n{}", "é".repeat(300));
    let shown = preview(word.as_bytes(), &Part::read(word.as_bytes()));
    assert_eq!(shown.chars().count(), PREVIEW_CHARS_MAX);
    let none = b"Content-Type: image/png\r\n\r\nx";
    assert_eq!(preview(none, &Part::read(none)), "");
}

#[test]
fn case_and_accents_do_not_count() {
    assert_eq!(folded("ÉTÉ Straße"), "ete straße");
    assert_eq!(folded_words("L'Été, jean.dupont@x"), " l ete jean dupont x ");
    assert_eq!(folded_words("会議 a会b"), " 会 議 a 会 b ");
    assert_eq!(folded_words("..."), " ");
    let long = "a".repeat(WORD_CHARS_MAX + 1);
    assert_eq!(folded_words(&long).len(), WORD_CHARS_MAX + 2);
}

#[test]
fn text_ends_at_its_limit() {
    let body = format!("\r\n{} behind", "a ".repeat(TEXT_OCTETS_MAX / 2));
    let text = body_text(body.as_bytes(), &Part::read(body.as_bytes()));
    assert_eq!(text.len(), TEXT_OCTETS_MAX + 1);
    assert!(!text.contains("behind"));
}

proptest! {
    #[test]
    fn runs_of_ascii_fold_as_the_whole_text(text in "([a-zA-Z ]|\\PC|[\u{300}-\u{36f}]|ﬁ|각){0,20}") {
        prop_assert_eq!(folded(&text), fold_chars(&text).collect::<String>());
    }

    #[test]
    fn a_phrase_is_found_in_its_text(
        before in "\\PC{0,20}",
        phrase in "\\PC{1,20}",
        after in "\\PC{0,20}",
    ) {
        let text = folded_words(&format!("{before} {phrase} {after}"));
        let wanted = folded_words(&phrase);
        prop_assert!(text.contains(wanted.trim_end()));
    }

    #[test]
    fn any_field_is_searched_as_its_text_is(
        value in "(=\\?|utf-8|\\?[bq]\\?|\\?=|é|A|a|b| |\t|\x0c|\r\n |[ -~]){0,20}",
        wanted in "[aAbBé ?=]{0,3}",
    ) {
        let field = RawField { name: b"X", value: value.as_bytes(), whole: b"" };
        let wanted = folded(&wanted);
        prop_assert_eq!(field_has(&field, &wanted), folded(&field_text(&field)).contains(&wanted));
    }
}
