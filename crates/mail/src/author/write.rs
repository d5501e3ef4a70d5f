//! Writing an author so that every reader reads it back: see [`write_author`].

use crate::{
    address::{Address, is_atext},
    author::{DISPLAY_NAME_CHARS_MAX, parse::hides_address},
    encoded_word,
    field_text::{FOLDED_LINE_OCTETS, join_folded},
};

/// Octets before the value on the first line, for the longest name we write it behind
/// (`Resent-Sender: `).
const COLUMN: usize = 15;
/// Longest word of a display name that is not encoded. Encoded words can be folded, these cannot.
const PLAIN_WORD_OCTETS_MAX: usize = FOLDED_LINE_OCTETS - COLUMN;

/// Writes the value of a From (Sender, …) field, folded: the bare address, or the display name
/// and the address in angle brackets.
///
/// The name is written plainly, in quotes, or as encoded words (RFC 2047), whichever is the least
/// that every reader reads back as the same name. Control characters in it are dropped and it is
/// cut to [`DISPLAY_NAME_CHARS_MAX`], so nothing can be injected through it; an encoded word in it
/// that hides an address is broken (`=?` becomes `=.`).
/// [`read_mailbox`](super::read_mailbox) gives back what was written.
pub fn write_author(display_name: Option<&str>, address: &Address) -> String {
    let name = display_name.map(clean_name).unwrap_or_default();
    let written = address.to_string();
    if name.is_empty() {
        // Readers disagree about a quoted local part that stands without brackets.
        return if written.starts_with('"') { format!("<{written}>") } else { written };
    }
    let mut words = name_words(&name);
    words.push(format!("<{written}>"));
    join_folded(COLUMN, words.iter().map(String::as_str))
}

fn clean_name(name: &str) -> String {
    let kept: String =
        name.chars().filter(|c| !c.is_control()).take(DISPLAY_NAME_CHARS_MAX).collect();
    let kept = kept.trim_matches(' ');
    // What the reader would refuse is made literal for every reader.
    if hides_address(kept) { kept.replace("=?", "=.") } else { kept.to_owned() }
}

fn name_words(name: &str) -> Vec<String> {
    // A text with the sign of an encoded word would be decoded by some readers if it stood in
    // quotes, so it is encoded itself.
    if !name.is_ascii() || name.contains("=?") {
        return encoded_word::encode(name, PLAIN_WORD_OCTETS_MAX);
    }
    let words: Vec<&str> = name.split(' ').collect();
    let are_atoms = words.iter().all(|word| !word.is_empty() && word.chars().all(is_atext));
    if are_atoms && words.iter().all(|word| word.len() <= PLAIN_WORD_OCTETS_MAX) {
        return words.into_iter().map(str::to_owned).collect();
    }
    let quoted = quote(name);
    if !are_atoms && quoted.len() <= PLAIN_WORD_OCTETS_MAX {
        return vec![quoted];
    }
    encoded_word::encode(name, PLAIN_WORD_OCTETS_MAX)
}

/// `quoted-string` of RFC 5322 §3.2.4.
fn quote(name: &str) -> String {
    let mut quoted = String::with_capacity(name.len() + 2);
    quoted.push('"');
    for c in name.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}
