//! Passwords: read from a file or stdin, never from the command line; or made.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use crate::clock::fill_random;

use super::error::Error;

/// Letters and digits that are not mistaken for each other when read aloud or copied by hand.
const ALPHABET: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// Length of a made password: 20 of 56 letters are 116 bits.
const MADE_LENGTH: usize = 20;

/// The password in a file, without the end of its line; `-` is stdin.
pub(crate) fn read(path: &Path) -> Result<String, Error> {
    let unreadable = |source: io::Error| Error::File { path: path.to_owned(), source };
    let mut text = String::new();
    if path == Path::new("-") {
        io::stdin().read_to_string(&mut text).map_err(unreadable)?;
    } else {
        text = fs::read_to_string(path).map_err(unreadable)?;
    }
    let password = text.strip_suffix('\n').unwrap_or(&text);
    let password = password.strip_suffix('\r').unwrap_or(password);
    if password.is_empty() {
        return Err(Error::Usage("the password is empty".to_owned()));
    }
    Ok(password.to_owned())
}

/// A new password.
pub(crate) fn make() -> String {
    let mut password = String::with_capacity(MADE_LENGTH);
    while password.len() < MADE_LENGTH {
        let mut octets = [0; MADE_LENGTH];
        fill_random(&mut octets);
        let letters = octets.iter().filter_map(|octet| letter(*octet));
        password.extend(letters.take(MADE_LENGTH - password.len()));
    }
    password
}

/// The letter for an octet; none for the last few, which would favour some letters.
fn letter(octet: u8) -> Option<char> {
    let index = usize::from(octet);
    let fair = 256 - 256 % ALPHABET.len();
    (index < fair).then(|| char::from(ALPHABET[index % ALPHABET.len()]))
}

#[cfg(test)]
mod tests {
    //! Reading and making.

    use super::*;

    #[test]
    fn made_passwords_are_long_and_differ() {
        let (first, second) = (make(), make());
        assert_eq!(first.len(), MADE_LENGTH);
        assert!(first.bytes().all(|byte| ALPHABET.contains(&byte)));
        assert_ne!(first, second);
    }

    #[test]
    fn every_letter_is_as_likely() {
        for wanted in ALPHABET {
            let octets = (0..=255).filter(|octet| letter(*octet) == Some(char::from(*wanted)));
            assert_eq!(octets.count(), 256 / ALPHABET.len());
        }
    }

    #[test]
    fn only_the_end_of_the_line_is_cut() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("password");
        for (content, expected) in [("a b \n", "a b "), ("pw\r\n", "pw"), ("pw", "pw")] {
            fs::write(&path, content).expect("written");
            assert_eq!(read(&path).expect("read"), expected);
        }
        fs::write(&path, "\n").expect("written");
        assert_eq!(read(&path).expect_err("empty").status(), 2);
        assert_eq!(read(&dir.path().join("none")).expect_err("missing").status(), 2);
    }
}
