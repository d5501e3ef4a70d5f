use std::collections::BTreeSet;
use std::path::Path;

use axum::http::{HeaderMap, HeaderValue, header};
use fluent_bundle::FluentResource;

use super::{Language, Texts};

fn keys(language: Language) -> BTreeSet<String> {
    let resource = FluentResource::try_new(language.source().to_owned());
    resource.map_err(|(_, errors)| errors).expect("the texts can be read");
    let lines = language.source().lines();
    let keys = lines.filter_map(|line| {
        let (key, _) = line.split_once('=')?;
        let key = key.trim_end();
        let is_key = !line.starts_with([' ', '#', '-', '*', '[', '.', '}']);
        (is_key && !key.is_empty()).then(|| key.to_owned())
    });
    keys.collect()
}

/// Every key that a template or a page's code names in quotes after `.t(`, `.t1(`, `.t2(` or
/// `.count(`.
fn used(dir: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            used(&path, found);
            continue;
        }
        if path.ends_with("tests.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for call in [".t(", ".t1(", ".t2(", ".count("] {
            for (at, _) in text.match_indices(call) {
                let rest = text[at + call.len()..].trim_start();
                let key = rest.strip_prefix('"').and_then(|rest| rest.split('"').next());
                found.extend(key.map(str::to_owned));
            }
        }
    }
}

#[test]
fn both_languages_have_the_same_keys() {
    let (english, french) = (keys(Language::English), keys(Language::French));
    let only_english: Vec<_> = english.difference(&french).collect();
    let only_french: Vec<_> = french.difference(&english).collect();
    assert!(only_english.is_empty(), "missing in French: {only_english:?}");
    assert!(only_french.is_empty(), "missing in English: {only_french:?}");
}

#[test]
fn every_key_that_a_page_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    used(&root.join("templates"), &mut found);
    used(&root.join("src/site"), &mut found);
    used(&root.join("src/oauth"), &mut found);
    assert!(found.len() > 10, "the walk finds the pages: {found:?}");
    let texts = Texts::new(Language::English);
    let missing: Vec<_> = found.iter().filter(|key| !texts.has(key)).collect();
    assert!(missing.is_empty(), "no text for {missing:?}");
}

#[test]
fn the_browser_s_language_is_spoken() {
    let preferred = |value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_str(value).unwrap());
        Language::preferred(&headers)
    };
    assert_eq!(preferred("fr-CA,en;q=0.8"), Language::French);
    assert_eq!(preferred("de, en;q=0.4, fr;q=0.6"), Language::French);
    assert_eq!(preferred("fr;q=0, en"), Language::English);
    assert_eq!(preferred("de"), Language::English);
    assert_eq!(preferred(";;q=,x"), Language::English);
}

#[test]
fn the_cookie_of_the_switch_wins() {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("en"));
    headers.insert(header::COOKIE, HeaderValue::from_static("a=b; guichet-language=fr"));
    assert_eq!(Language::preferred(&headers), Language::French);
}

#[test]
fn values_and_numbers_are_put_in() {
    let texts = Texts::new(Language::French);
    assert!(texts.t1("sign-in-wait", "seconds", 30).contains("30"));
    assert_eq!(texts.t("no-such-key"), "no-such-key");
}
