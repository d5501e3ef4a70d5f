//! `--lang`, and the language of the locale where it is not given.

use clap::Args;
use domain::Language;

/// `--lang`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct LanguageOption {
    /// Language: en or fr; by default the locale's (LC_ALL, LC_MESSAGES, LANG)
    #[arg(long, value_name = "LANG", value_parser = ["en", "fr"])]
    lang: Option<String>,
}

impl LanguageOption {
    /// The language that is wanted.
    pub(crate) fn language(&self) -> Language {
        self.lang
            .as_deref()
            .and_then(Language::of_tag)
            .unwrap_or_else(|| of_locale(|variable| std::env::var(variable).ok()))
    }
}

/// The first variable that is set decides (POSIX.1-2017 §8.2), even for a language that is not
/// spoken here, which becomes English.
fn of_locale(variable: impl Fn(&str) -> Option<String>) -> Language {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()));
    set.and_then(|value| Language::of_tag(&value)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let check = |variables: &[(&str, &str)], expected| {
            let find = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(of_locale(find), expected, "{variables:?}");
        };
        check(&[], Language::English);
        check(&[("LANG", "fr_FR.UTF-8")], Language::French);
        check(&[("LC_ALL", "C"), ("LANG", "fr_FR.UTF-8")], Language::English);
        check(&[("LC_ALL", ""), ("LC_MESSAGES", "fr"), ("LANG", "en")], Language::French);
        check(&[("LC_ALL", "de_DE"), ("LANG", "fr")], Language::English);
    }
}
