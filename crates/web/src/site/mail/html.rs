//! HTML of messages, made harmless, and HTML out of what a person typed.
//!
//! Three walls stand one behind the other: only known elements, attributes and style properties
//! stay; the frame has no scripts, forms or origin; and its policy loads nothing from anywhere
//! unless the reader asks for pictures.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Event, Options, Parser};

/// Octets of HTML that are shown of one message.
pub(super) const HTML_OCTETS_MAX: usize = 2 * 1024 * 1024;

/// Style properties that say how text looks. None of them loads anything.
const STYLES: [&str; 40] = [
    "color",
    "background-color",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "font-variant",
    "line-height",
    "letter-spacing",
    "text-align",
    "text-decoration",
    "text-indent",
    "text-transform",
    "vertical-align",
    "white-space",
    "direction",
    "width",
    "height",
    "max-width",
    "max-height",
    "min-width",
    "padding",
    "padding-top",
    "padding-right",
    "padding-bottom",
    "padding-left",
    "margin",
    "margin-top",
    "margin-right",
    "margin-bottom",
    "margin-left",
    "border",
    "border-top",
    "border-right",
    "border-bottom",
    "border-left",
    "border-collapse",
    "border-radius",
    "display",
];
/// The functions that name colours.
const COLOURS: [&str; 4] = ["rgb", "rgba", "hsl", "hsla"];
const ATTRIBUTES: [&str; 14] = [
    "style",
    "align",
    "valign",
    "bgcolor",
    "color",
    "width",
    "height",
    "border",
    "cellpadding",
    "cellspacing",
    "dir",
    "lang",
    "title",
    "face",
];
const DATA_PICTURES: [&str; 4] = [
    "data:image/png;base64,",
    "data:image/jpeg;base64,",
    "data:image/gif;base64,",
    "data:image/webp;base64,",
];

/// Whether pictures from elsewhere are loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pictures {
    Blocked,
    Shown,
}

/// HTML that can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cleaned {
    pub(super) html: String,
    /// Whether pictures from elsewhere are left out.
    pub(super) has_blocked: bool,
}

/// Makes HTML harmless. `inside` has the pictures that the message carries, as data addresses by
/// Content-ID.
pub(super) fn clean(html: &str, inside: HashMap<String, String>, pictures: Pictures) -> Cleaned {
    let has_blocked = Arc::new(AtomicBool::new(false));
    let noticed = Arc::clone(&has_blocked);
    let mut builder = Builder::default();
    builder
        .add_tags(["font", "big"])
        .add_clean_content_tags(["title", "svg", "math", "template", "noscript", "iframe"])
        .add_generic_attributes(ATTRIBUTES)
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel", "cid", "data"]))
        .url_relative(UrlRelative::Deny)
        .set_tag_attribute_value("a", "target", "_blank")
        .attribute_filter(move |element, attribute, value| {
            judge_attribute((element, attribute), value, (&inside, pictures), &noticed)
        });
    let html = builder.clean(html).to_string();
    Cleaned { html, has_blocked: has_blocked.load(Ordering::Relaxed) }
}

fn judge_attribute<'v>(
    (element, attribute): (&str, &str),
    value: &'v str,
    (inside, pictures): (&HashMap<String, String>, Pictures),
    has_blocked: &AtomicBool,
) -> Option<Cow<'v, str>> {
    let trimmed = value.trim();
    let scheme = trimmed.split(':').next().unwrap_or_default().to_ascii_lowercase();
    match (element, attribute) {
        ("img", "src") => match scheme.as_str() {
            "cid" => {
                let id = trimmed.get(4..)?.trim_matches(['<', '>']);
                inside.get(id).map(|data| Cow::Owned(data.clone()))
            }
            "data" => {
                let is_picture = DATA_PICTURES.iter().any(|start| {
                    trimmed
                        .get(..start.len())
                        .is_some_and(|front| front.eq_ignore_ascii_case(start))
                });
                is_picture.then_some(Cow::Borrowed(value))
            }
            "https" | "http" if pictures == Pictures::Shown => Some(Cow::Borrowed(value)),
            "https" | "http" => {
                has_blocked.store(true, Ordering::Relaxed);
                None
            }
            _ => None,
        },
        (_, "href") => {
            let leads = matches!(scheme.as_str(), "http" | "https" | "mailto" | "tel");
            leads.then_some(Cow::Borrowed(value))
        }
        (_, "style") => {
            let style = harmless_style(value);
            (!style.is_empty()).then_some(Cow::Owned(style))
        }
        (_, "cite" | "src" | "srcset" | "background" | "longdesc") => None,
        _ => Some(Cow::Borrowed(value)),
    }
}

/// The declarations of a style attribute that are known and load nothing. Whatever is written with
/// escapes, comments or functions other than those of colours is left out.
fn harmless_style(style: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " #.,%'\"+-!()".contains(c);
    let mut out = String::new();
    for declaration in style.split(';') {
        let Some((name, value)) = declaration.split_once(':') else { continue };
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        let lower = value.to_ascii_lowercase();
        let functions = lower.match_indices('(').map(|(at, _)| &lower[..at]);
        let is_colour = |front: &str| COLOURS.iter().any(|colour| front.ends_with(colour));
        let is_harmless = STYLES.contains(&name.as_str())
            && value.chars().all(is_plain)
            && functions.into_iter().all(is_colour);
        if is_harmless {
            out.push_str(&format!("{name}:{value};"));
        }
    }
    out
}

/// What a person typed, as HTML: Markdown, in which HTML is text.
pub(super) fn of_markdown(text: &str) -> String {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES;
    let events = Parser::new_ext(text, options).map(|event| match event {
        Event::Html(html) | Event::InlineHtml(html) => Event::Text(html),
        // A line that a person ends is a line.
        Event::SoftBreak => Event::HardBreak,
        other => other,
    });
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events);
    clean(&html, HashMap::new(), Pictures::Blocked).html
}

/// A piece of plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    /// Whether it is an address of the web, to be followed.
    pub(super) is_link: bool,
}

/// Finds the links in a plain text.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = first_link(rest) {
        let (before, link) = rest.split_at(at);
        let end = link
            .find(|c: char| c.is_whitespace() || c.is_control() || "<>\"'`|\\^{}".contains(c))
            .unwrap_or(link.len());
        let found = link[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '*']);
        plain.push_str(before);
        if found.len() > "https://".len() {
            out.push(Piece { text: std::mem::take(&mut plain), is_link: false });
            out.push(Piece { text: found.to_owned(), is_link: true });
        } else {
            plain.push_str(found);
        }
        rest = &link[found.len().max(1)..];
        if found.is_empty() {
            plain.push_str(&link[..1]);
        }
    }
    plain.push_str(rest);
    out.push(Piece { text: plain, is_link: false });
    out.retain(|piece| !piece.text.is_empty());
    out
}

fn first_link(text: &str) -> Option<usize> {
    ["https://", "http://"].iter().filter_map(|scheme| text.find(scheme)).min()
}

#[cfg(test)]
mod tests;
