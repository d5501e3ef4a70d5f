//! The text of HTML, good enough for finding words and for a preview. Nothing of it is ever shown
//! as HTML.

use mail_parser::decoders::html::add_html_token;

/// Elements whose content nobody reads.
const UNREAD: [&str; 5] = ["head", "style", "script", "template", "title"];
/// Elements inside of a word: their tags part nothing.
const INLINE: [&str; 12] =
    ["a", "b", "i", "u", "em", "strong", "span", "font", "small", "mark", "sup", "sub"];
/// Longest character reference that is looked up, in octets (`&CounterClockwiseContourIntegral;`).
const REFERENCE_OCTETS_MAX: usize = 40;

/// The text without tags, comments, styles and scripts; character references decoded.
pub(super) fn to_text(html: &str) -> String {
    let mut out = String::with_capacity(html.len() / 2);
    // The element that is being passed over.
    let mut unread: Option<&str> = None;
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        if unread.is_none() {
            add_text(text, &mut out);
        }
        if unread.is_some() && !tag.starts_with("</") {
            // In a script a `<` is a comparison more often than a tag.
            rest = &tag[1..];
            continue;
        }
        if let Some(comment) = tag.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let is_tag = tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
        if !is_tag {
            out.push('<');
            rest = &tag[1..];
            continue;
        }
        let Some(end) = tag.find('>') else {
            // No tag ends any more. Looking for an end from each further sign would be quadratic.
            rest = tag;
            break;
        };
        let inner = &tag[1..end];
        rest = &tag[end + 1..];
        let (is_end, name) = match inner.strip_prefix('/') {
            Some(name) => (true, name),
            None => (false, inner),
        };
        let name = name.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        let is_named = |known: &&&str| known.eq_ignore_ascii_case(name);
        match unread {
            Some(element) if is_end && element.eq_ignore_ascii_case(name) => unread = None,
            None if !is_end => unread = UNREAD.iter().find(is_named).copied(),
            _ => {}
        }
        if !INLINE.iter().any(|known| is_named(&known)) {
            out.push('\n');
        }
    }
    if unread.is_none() {
        add_text(rest, &mut out);
    }
    out
}

fn add_text(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, reference) = rest.split_at(at);
        out.push_str(before);
        let window = &reference.as_bytes()[..reference.len().min(REFERENCE_OCTETS_MAX)];
        let end = memchr::memchr(b';', window).filter(|end| {
            window[1..*end].iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'#')
        });
        match end {
            Some(end) if end > 1 => {
                add_html_token(out, &window[..=end], false);
                rest = &reference[end + 1..];
            }
            _ => {
                out.push('&');
                rest = &reference[1..];
            }
        }
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::to_text;

    fn check(html: &str, expected: &str) {
        let words: Vec<String> = to_text(html).split_whitespace().map(str::to_owned).collect();
        assert_eq!(words.join(" "), expected, "{html}");
    }

    #[test]
    fn only_what_is_read_stays() {
        check("<p>one<b>two</b></p><td>three</td><td>four</td>", "onetwo three four");
        check("<HEAD><title>x</title><style>p{}</style></HEAD>seen", "seen");
        check("a<script>if (a<b) x</script>b<!-- <p>no --> c", "a b c");
        check("caf&eacute; &amp; &#233;&#x41; &nothing; & &;", "café & éA &nothing; & &;");
        check("1 < 2 and <unfinished", "1 < 2 and <unfinished");
        check("<!DOCTYPE html><a href=\"x\">link</a>", "link");
    }

    proptest! {
        #[test]
        fn any_text_is_read(html in "(<|>|/|&|;|#|!|--|script|head|a|é| |[0-9]{1,9}|\\PC){0,40}") {
            prop_assert!(to_text(&html).len() <= html.len() * 4 + 1);
        }
    }
}
