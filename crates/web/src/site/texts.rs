//! The words of the pages, in English and French.
//!
//! All sentences are in `texts/*.ftl`, in the syntax of Project Fluent, one file a language. Pages
//! name them by key. Both languages have every key; tests walk the templates and say which is
//! missing.

use std::cell::OnceCell;
use std::fmt;

use axum::http::{HeaderMap, header};
use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::langid;

/// A language that the pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Language {
    English,
    French,
}

impl Language {
    /// All of them; the first is spoken to whoever prefers another.
    pub(crate) const ALL: [Language; 2] = [Language::English, Language::French];

    /// The tag of RFC 5646.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::French => "fr",
        }
    }

    /// Reads a tag; what follows the primary subtag does not matter.
    pub(crate) fn parse(tag: &str) -> Option<Language> {
        let primary = tag.split(['-', '_']).next()?.trim();
        Language::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The language that a browser prefers: the cookie of the language switch, else the first of
    /// `Accept-Language` that we speak, in the order of its weights (RFC 9110 §12.5.4).
    pub(crate) fn preferred(headers: &HeaderMap) -> Language {
        let chosen = super::cookie::value(headers, super::cookie::LANGUAGE);
        if let Some(language) = chosen.and_then(Language::parse) {
            return language;
        }
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        accepted.and_then(preferred_of).unwrap_or(Language::English)
    }

    fn source(self) -> &'static str {
        match self {
            Language::English => include_str!("../../texts/en.ftl"),
            Language::French => include_str!("../../texts/fr.ftl"),
        }
    }
}

fn preferred_of(accepted: &str) -> Option<Language> {
    let mut ranges: Vec<(Language, f32)> = Vec::new();
    for range in accepted.split(',') {
        let mut parts = range.split(';');
        let Some(language) = parts.next().and_then(Language::parse) else { continue };
        let weight = parts.find_map(|part| part.trim().strip_prefix("q="));
        let weight = weight.map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0));
        if weight > 0.0 {
            ranges.push((language, weight));
        }
    }
    // The sort is stable: equal weights keep the browser's order.
    ranges.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranges.first().map(|(language, _)| *language)
}

thread_local! {
    static ENGLISH: OnceCell<FluentBundle<FluentResource>> = const { OnceCell::new() };
    static FRENCH: OnceCell<FluentBundle<FluentResource>> = const { OnceCell::new() };
}

fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let id = match language {
        Language::English => langid!("en"),
        Language::French => langid!("fr"),
    };
    let mut bundle = FluentBundle::new(vec![id]);
    // The marks that keep the direction of inserted text apart would be copied with addresses.
    bundle.set_use_isolating(false);
    let resource = match FluentResource::try_new(language.source().to_owned()) {
        Ok(resource) => resource,
        // Tests read both files; what can be read is spoken.
        Err((resource, _)) => resource,
    };
    bundle.add_resource_overriding(resource);
    bundle
}

fn with_bundle<R>(language: Language, f: impl FnOnce(&FluentBundle<FluentResource>) -> R) -> R {
    let cell = match language {
        Language::English => &ENGLISH,
        Language::French => &FRENCH,
    };
    cell.with(|cell| f(cell.get_or_init(|| bundle(language))))
}

/// The words in one language, as templates use them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Texts {
    pub(crate) language: Language,
}

impl Texts {
    pub(crate) fn new(language: Language) -> Texts {
        Texts { language }
    }

    /// The text of a key.
    pub(crate) fn t(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// The text of a key with one value put in.
    pub(crate) fn t1(&self, key: &str, name: &str, value: impl fmt::Display) -> String {
        let mut args = FluentArgs::new();
        args.set(name, value.to_string());
        self.format(key, Some(&args))
    }

    /// The text of a key with two values put in.
    pub(crate) fn t2<A, B>(&self, key: &str, first: &(&str, A), second: &(&str, B)) -> String
    where
        A: fmt::Display,
        B: fmt::Display,
    {
        let mut args = FluentArgs::new();
        args.set(first.0, first.1.to_string());
        args.set(second.0, second.1.to_string());
        self.format(key, Some(&args))
    }

    /// The text of a key with a number put in as `count`, in the plural form that it takes.
    pub(crate) fn count(&self, key: &str, count: i64) -> String {
        let mut args = FluentArgs::new();
        args.set("count", FluentValue::from(count));
        self.format(key, Some(&args))
    }

    /// Whether the key is there.
    #[cfg(test)]
    pub(crate) fn has(&self, key: &str) -> bool {
        with_bundle(self.language, |bundle| {
            bundle.get_message(key).is_some_and(|message| message.value().is_some())
        })
    }

    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        with_bundle(self.language, |bundle| {
            let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
                // A page with a key in it is better than none; the tests find it first.
                tracing::error!(key, "a text is missing");
                return key.to_owned();
            };
            let mut errors = Vec::new();
            bundle.format_pattern(pattern, args, &mut errors).into_owned()
        })
    }
}

#[cfg(test)]
mod tests;
