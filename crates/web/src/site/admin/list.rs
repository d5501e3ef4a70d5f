//! What the lists of recipients have in common: a search by name or address, in the order of names,
//! cut where a page is full.

use domain::{Directory, Recipient};
use serde::Deserialize;

/// Rows of a page at most; the search narrows further.
const ROWS_MAX: usize = 200;

/// What is sought.
#[derive(Debug, Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    pub(super) q: String,
}

/// Whether name or an address has the wanted words, which are in lower case.
pub(super) fn matches(recipient: &Recipient, wanted: &str) -> bool {
    wanted.is_empty()
        || recipient.display_name.to_lowercase().contains(wanted)
        || recipient.addresses.iter().any(|it| it.to_string().to_lowercase().contains(wanted))
}

/// The recipients of a page, and how many more there are.
pub(super) fn sought<'a>(
    directory: &'a Directory,
    q: &str,
    takes: impl Fn(&Recipient) -> bool,
) -> (Vec<&'a Recipient>, i64) {
    let wanted = q.trim().to_lowercase();
    let all = directory.recipients();
    let mut found: Vec<&Recipient> =
        all.filter(|found| takes(found) && matches(found, &wanted)).collect();
    found.sort_by_cached_key(|found| (found.display_name.to_lowercase(), found.id));
    let more = i64::try_from(found.len().saturating_sub(ROWS_MAX)).unwrap_or(i64::MAX);
    found.truncate(ROWS_MAX);
    (found, more)
}
