//! What a change did, told on the page that follows it: a sentence, the line of `guichet` that does
//! the same, and the way back where there is one.
//!
//! It travels in a cookie of ours from the answer to the form to the next page, and never in an
//! address: a link from elsewhere must not be able to make a page of ours claim that something was
//! done, or offer a command to copy or a change to undo.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::{cookie, security};

/// Seconds in which the next page must come.
pub(crate) const TOLD_MAX_SECS: i64 = 60;
/// Octets of the cookie at most: browsers take 4,096 with its name (RFC 6265 §6.1). What is longer
/// is not told; it is in the audit.
const COOKIE_OCTETS_MAX: usize = 3_500;

/// What a change did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    /// In the language of whoever did it.
    pub(crate) sentence: String,
    /// Whether everything was so already.
    pub(crate) is_unchanged: bool,
    /// The line that does the same.
    pub(crate) line: Option<String>,
    pub(crate) undo: Option<Undo>,
}

/// A form that takes it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Undo {
    pub(crate) path: String,
    /// Names and values.
    pub(crate) fields: Vec<(String, String)>,
}

impl Told {
    /// The value of the cookie; none where it would be too long.
    pub(crate) fn to_cookie(&self) -> Option<String> {
        let json = serde_json::to_vec(self).ok()?;
        Some(URL_SAFE_NO_PAD.encode(json)).filter(|value| value.len() <= COOKIE_OCTETS_MAX)
    }

    /// Reads what the browser brings.
    pub(crate) fn read(headers: &HeaderMap, is_secure: bool) -> Option<Told> {
        let value = cookie::told(headers, is_secure).filter(|value| !value.is_empty())?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).ok()?).ok()
    }
}

/// Takes the cookie away with the page that shows what it says.
pub(crate) async fn once(request: Request, next: Next) -> Response {
    let is_secure = security::is_secure(&request);
    // What the script asks for while somebody types is no page.
    let is_page = request.method() == Method::GET && !request.headers().contains_key("hx-request");
    let is_there = is_page && cookie::told(request.headers(), is_secure).is_some();
    let mut response = next.run(request).await;
    if is_there
        && response.status() == StatusCode::OK
        && let Some(line) = cookie::set_told(None, is_secure)
    {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::{COOKIE_OCTETS_MAX, Told, Undo};

    fn told(sentence: String) -> Told {
        let fields = vec![("right".to_owned(), "send-as".to_owned())];
        let undo = Some(Undo { path: "/admin/x".to_owned(), fields });
        Told { sentence, is_unchanged: false, line: Some("guichet x".to_owned()), undo }
    }

    #[test]
    fn what_was_told_is_read_back_under_the_name_of_the_scheme_only() {
        let told = told("Jean l’a; reçu".to_owned());
        let mut headers = HeaderMap::new();
        let line = format!("__Host-guichet-told={}", told.to_cookie().unwrap());
        headers.insert(header::COOKIE, HeaderValue::try_from(line).unwrap());
        assert_eq!(Told::read(&headers, true), Some(told));
        assert_eq!(Told::read(&headers, false), None);
        headers.insert(header::COOKIE, HeaderValue::from_static("__Host-guichet-told=e30"));
        assert_eq!(Told::read(&headers, true), None, "an object without fields says nothing");
    }

    #[test]
    fn what_no_browser_would_keep_is_not_told() {
        assert!(told("x".repeat(COOKIE_OCTETS_MAX / 2)).to_cookie().is_some());
        assert!(told("x".repeat(COOKIE_OCTETS_MAX)).to_cookie().is_none());
    }
}
