//! Addresses of pages with what was searched for, so that a page can be kept, sent to a colleague
//! and turned.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The path with these values as its query; empty ones are left out.
pub(super) fn query_of(path: &str, values: &[(&str, &str)]) -> String {
    let mut text = path.to_owned();
    let mut mark = '?';
    for (name, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
        text.push(mark);
        text.push_str(&format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
        mark = '&';
    }
    text
}

#[cfg(test)]
mod tests {
    use super::query_of;

    #[test]
    fn a_query_says_what_was_searched_for() {
        assert_eq!(query_of("/admin/queue", &[("q", ""), ("state", "")]), "/admin/queue");
        assert_eq!(
            query_of("/admin/audit", &[("q", "a&b =é"), ("from", ""), ("before", "7")]),
            "/admin/audit?q=a%26b%20%3D%C3%A9&before=7"
        );
    }
}
