//! Parameters as forms and queries carry them (`application/x-www-form-urlencoded`).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

/// Parameters of one request at most.
const PARAMETERS_MAX: usize = 64;
/// What stays as it is in a value.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The parameters of a request. An empty one is as good as none (RFC 6749 §3.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Form(Vec<(String, String)>);

/// The parameters cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum FormFault {
    /// A parameter is there twice (RFC 6749 §3.1, §3.2).
    #[error("a parameter is given more than once")]
    Repeated,
    /// There are too many.
    #[error("there are too many parameters")]
    TooMany,
    /// Something is no UTF-8.
    #[error("a parameter is no UTF-8")]
    NotText,
}

impl Form {
    /// Reads a body or a query.
    pub(super) fn parse(text: &[u8]) -> Result<Form, FormFault> {
        let mut fields: Vec<(String, String)> = Vec::new();
        for part in text.split(|octet| *octet == b'&').filter(|part| !part.is_empty()) {
            let middle = part.iter().position(|octet| *octet == b'=').unwrap_or(part.len());
            let name = decode(&part[..middle])?;
            let value = decode(part.get(middle + 1..).unwrap_or_default())?;
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(FormFault::Repeated);
            }
            if fields.len() == PARAMETERS_MAX {
                return Err(FormFault::TooMany);
            }
            fields.push((name, value));
        }
        Ok(Form(fields))
    }

    /// A parameter, if it is there and not empty.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// All parameters.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Decodes a name or a value.
pub(super) fn decode(part: &[u8]) -> Result<String, FormFault> {
    let spaced: Vec<u8> =
        part.iter().map(|octet| if *octet == b'+' { b' ' } else { *octet }).collect();
    let decoded = percent_decode(&spaced).decode_utf8().map_err(|_| FormFault::NotText)?;
    Ok(decoded.into_owned())
}

/// Adds parameters to a URI that may have some.
pub(super) fn with_query(uri: &str, parameters: &[(&str, &str)]) -> String {
    let mut whole = uri.to_owned();
    for (name, value) in parameters {
        whole.push(if whole.contains('?') { '&' } else { '?' });
        whole.push_str(name);
        whole.push('=');
        whole.push_str(&utf8_percent_encode(value, ESCAPED).to_string());
    }
    whole
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parameters_are_read_once() {
        let form = Form::parse(b"a=1+2&b=%C3%A9&c=&d").unwrap_or_default();
        assert_eq!(form.value("a"), Some("1 2"));
        assert_eq!(form.value("b"), Some("é"));
        assert_eq!(form.value("c"), None);
        assert_eq!(form.value("d"), None);
        assert_eq!(Form::parse(b"a=1&a=2"), Err(FormFault::Repeated));
        assert_eq!(Form::parse(b"a=1&%61=2"), Err(FormFault::Repeated));
        assert_eq!(Form::parse(b"a=%ff"), Err(FormFault::NotText));
        let many = |count: usize| {
            let all: Vec<String> = (0..count).map(|number| format!("p{number}=1")).collect();
            all.join("&")
        };
        assert!(Form::parse(many(PARAMETERS_MAX).as_bytes()).is_ok());
        assert_eq!(Form::parse(many(PARAMETERS_MAX + 1).as_bytes()), Err(FormFault::TooMany));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value in ".{1,40}") {
            let uri = with_query("https://a.b/?x=1", &[("state", &value)]);
            let query = uri.split_once('?').map_or("", |(_, query)| query);
            let form = Form::parse(query.as_bytes()).unwrap_or_default();
            prop_assert_eq!(form.value("state"), Some(value.as_str()));
            prop_assert_eq!(form.value("x"), Some("1"));
        }

        #[test]
        fn nothing_makes_it_fall_over(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Form::parse(&octets);
        }
    }
}
