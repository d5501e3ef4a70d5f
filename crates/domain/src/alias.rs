//! The Exchange alias: the short unique name of a recipient, from which its address is made.
//!
//! An alias is typed by an administrator ([`check`]) or made from a name ([`derive()`]). Either way
//! it can stand in a local part without quotes (RFC 5322 §3.2.3), so `alias@domain` is an address.

/// Characters of an alias at most, as in Exchange; also the octets of a local part
/// (RFC 5321 §4.5.3.1.1), since an alias is ASCII.
pub const ALIAS_CHARACTERS_MAX: usize = 64;

/// What stands for a name in which no character can be used.
const NAMELESS: &str = "mailbox";

/// Why a text is no alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AliasError {
    /// There is nothing.
    #[error("an alias must not be empty")]
    Empty,
    /// More than [`ALIAS_CHARACTERS_MAX`].
    #[error("an alias has at most {ALIAS_CHARACTERS_MAX} characters")]
    TooLong,
    /// A character that an alias cannot have.
    #[error("an alias has letters a to z, digits and !#%*+-/=?^_~ only, not '{0}'")]
    Character(char),
    /// A period at an end, or two together.
    #[error("periods of an alias stand between other characters")]
    Period,
}

/// Checks a typed alias.
pub fn check(alias: &str) -> Result<(), AliasError> {
    if alias.is_empty() {
        return Err(AliasError::Empty);
    }
    if alias.chars().count() > ALIAS_CHARACTERS_MAX {
        return Err(AliasError::TooLong);
    }
    if let Some(wrong) = alias.chars().find(|c| *c != '.' && !is_plain(*c)) {
        return Err(AliasError::Character(wrong));
    }
    if alias.split('.').any(str::is_empty) {
        return Err(AliasError::Period);
    }
    Ok(())
}

/// Makes an alias from a name: spaces go, accents go, what is left over becomes `-`.
pub fn derive(name: &str) -> String {
    let mut alias = String::new();
    for character in name.chars().filter(|c| !c.is_whitespace()) {
        match ascii(character) {
            Some(text) => alias.push_str(text),
            None if character == '.' || is_plain(character) => {
                alias.push(character.to_ascii_lowercase());
            }
            None => alias.push('-'),
        }
    }
    let parts: Vec<&str> = alias.split('.').filter(|part| !part.is_empty()).collect();
    let mut alias = parts.join(".");
    alias.truncate(ALIAS_CHARACTERS_MAX);
    let alias = alias.trim_matches(['.', '-']);
    if alias.is_empty() { NAMELESS.to_owned() } else { alias.to_owned() }
}

/// The alias with a number behind it, for the case that it is taken; still of legal length.
pub fn numbered(alias: &str, number: u32) -> String {
    let digits = number.to_string();
    let kept: String = alias.chars().take(ALIAS_CHARACTERS_MAX - digits.len()).collect();
    format!("{}{digits}", kept.trim_end_matches('.'))
}

fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#%*+-/=?^_~".contains(character)
}

/// The plain letters for a letter with a mark, of the languages of Western and Central Europe.
fn ascii(character: char) -> Option<&'static str> {
    Some(match character {
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ā' | 'ą' | 'ă' | 'À' | 'Á' | 'Â' | 'Ã' | 'Å' => {
            "a"
        }
        'ä' | 'æ' | 'Ä' | 'Æ' => "ae",
        'ç' | 'ć' | 'č' | 'Ç' | 'Č' => "c",
        'ď' | 'đ' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' | 'È' | 'É' | 'Ê' | 'Ë' => "e",
        'ğ' => "g",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' | 'Ì' | 'Í' | 'Î' | 'Ï' | 'İ' => "i",
        'ł' | 'Ł' => "l",
        'ñ' | 'ń' | 'ň' | 'Ñ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ø' | 'ő' | 'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ø' => "o",
        'ö' | 'œ' | 'Ö' | 'Œ' => "oe",
        'ř' => "r",
        'ś' | 'š' | 'ş' | 'Š' | 'Ş' => "s",
        'ß' => "ss",
        'ť' => "t",
        'ù' | 'ú' | 'û' | 'ů' | 'ű' | 'ū' | 'Ù' | 'Ú' | 'Û' => "u",
        'ü' | 'Ü' => "ue",
        'ý' | 'ÿ' | 'Ý' => "y",
        'ź' | 'ż' | 'ž' | 'Ž' => "z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn typed_aliases_are_checked() {
        assert_eq!(check("jean.dupont"), Ok(()));
        assert_eq!(check(""), Err(AliasError::Empty));
        assert_eq!(check(&"a".repeat(64)), Ok(()));
        assert_eq!(check(&"a".repeat(65)), Err(AliasError::TooLong));
        assert_eq!(check("été"), Err(AliasError::Character('é')));
        assert_eq!(check("a b"), Err(AliasError::Character(' ')));
        assert_eq!(check("a..b"), Err(AliasError::Period));
        assert_eq!(check(".a"), Err(AliasError::Period));
    }

    #[test]
    fn names_become_aliases() {
        assert_eq!(derive("Équipe Support"), "equipesupport");
        assert_eq!(derive("Jörg Groß"), "joerggross");
        assert_eq!(derive("Sales & Marketing"), "sales-marketing");
        assert_eq!(derive("日本"), "mailbox");
        assert_eq!(derive(".General."), "general");
        assert_eq!(numbered("support", 2), "support2");
        assert_eq!(numbered(&"a".repeat(64), 12).len(), 64);
    }

    proptest! {
        #[test]
        fn whatever_is_made_passes_the_check(name in ".{0,90}", number in 0u32..100_000) {
            prop_assert_eq!(check(&derive(&name)), Ok(()));
            prop_assert_eq!(check(&numbered(&derive(&name), number)), Ok(()));
        }
    }
}
