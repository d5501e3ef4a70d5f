//! The existing addresses that look like a mistyped one.

use domain::Directory;
use mail::Address;

/// Addresses offered at most.
const OFFERED_MAX: usize = 3;
/// The greatest number of changed letters at which an address still looks like another.
const CHANGES_MAX: usize = 3;

/// Octets of a letter in UTF-8 at most.
const MAX_LETTER_OCTETS: usize = 4;

/// Addresses of ours nearest to one that nobody holds, best first; none when all are far.
pub(super) fn nearest(directory: &Directory, wanted: &Address) -> Vec<String> {
    let wanted_key = wanted.key();
    let wanted_text = wanted_key.as_str();
    let mut found: Vec<(usize, String)> = directory
        .recipients()
        .flat_map(|recipient| &recipient.addresses)
        .filter(|address| directory.is_accepted(address.domain()))
        // Most addresses are ruled out by their length, without making their text.
        .filter(|address| {
            let octets = address.local().len() + 1 + address.domain().as_str().len();
            octets.abs_diff(wanted_text.len()) <= CHANGES_MAX * MAX_LETTER_OCTETS
        })
        .filter_map(|address| {
            let changes = distance(wanted_text, address.key().as_str());
            (changes <= CHANGES_MAX).then(|| (changes, address.to_string()))
        })
        .collect();
    found.sort();
    found.into_iter().take(OFFERED_MAX).map(|(_, address)| address).collect()
}

/// How many letters must be changed, added or taken to make one text of the other; anything above
/// [`CHANGES_MAX`] where the lengths alone say so.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    if one.chars().count().abs_diff(other.len()) > CHANGES_MAX {
        return CHANGES_MAX + 1;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, against) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *against);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn letters_are_counted() {
        assert_eq!(distance("suport@contoso.com", "support@contoso.com"), 1);
        assert_eq!(distance("", ""), 0);
        assert_eq!(distance("abc", "cba"), 2);
        assert_eq!(distance("a", "abcdef"), 4);
    }
}
