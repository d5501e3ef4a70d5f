//! The languages in which Guichet speaks to people: diagnoses and reports. What programs read
//! (codes, property names, protocol lines) is the same in all of them.

use serde::{Deserialize, Serialize};

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    English,
    /// French.
    French,
}

impl Language {
    /// All languages.
    pub const ALL: [Language; 2] = [Language::English, Language::French];

    /// The tag of RFC 5646: `en`, `fr`.
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::French => "fr",
        }
    }

    /// The language of a tag or of a POSIX locale: `fr`, `fr-CA`, `fr_FR.UTF-8`. `None` for a
    /// language that Guichet does not speak; `C` and `POSIX` are English.
    pub fn of_tag(text: &str) -> Option<Language> {
        let primary = text.split(['-', '_', '.', '@']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "en" | "c" | "posix" => Some(Language::English),
            "fr" => Some(Language::French),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn tags_and_locales_are_read() {
        for (text, expected) in [
            ("fr", Some(Language::French)),
            ("FR_fr.UTF-8", Some(Language::French)),
            ("fr-CA", Some(Language::French)),
            ("en_GB", Some(Language::English)),
            ("C.UTF-8", Some(Language::English)),
            ("POSIX", Some(Language::English)),
            ("de_DE", None),
            ("", None),
            ("french", None),
        ] {
            assert_eq!(Language::of_tag(text), expected, "{text:?}");
        }
        for language in Language::ALL {
            assert_eq!(Language::of_tag(language.tag()), Some(language));
        }
    }
}
