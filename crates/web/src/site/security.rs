//! What guards every page: the headers that forbid the browser what no page needs, and the check
//! that a request which changes something comes from a page of ours.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::Scheme;

/// Nothing but our own files; forms go only to us; nobody puts us into a frame. What a message
/// contains is shown in a frame with a stricter policy of its own.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; form-action 'self'; frame-src 'self'; \
     manifest-src 'self'; worker-src 'self'; base-uri 'none'; frame-ancestors 'none'",
);

const HEADERS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// A year, as the preload lists ask for.
const STRICT_TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Lets pages of ours through, and puts the headers on every answer that lacks them.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    let is_secure = is_secure(&request);
    let mut response = if changes(request.method()) && !comes_from_us(request.headers()) {
        let why = "This request does not come from a page of this site, so nothing was done. \
                   Open the page again and repeat it.\n";
        (StatusCode::FORBIDDEN, why).into_response()
    } else {
        next.run(request).await
    };
    protect(&mut response, is_secure);
    response
}

/// Puts the headers on an answer where it lacks them.
pub(crate) fn protect(response: &mut Response, is_secure: bool) {
    let headers = response.headers_mut();
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(POLICY);
    for (name, value) in HEADERS {
        let name = HeaderName::from_static(name);
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if is_secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
    }
}

/// Whether the browser reached us under HTTPS.
pub(crate) fn is_secure(request: &Request) -> bool {
    request.extensions().get::<Scheme>().is_none_or(|scheme| scheme.0 == "https")
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Browsers say in `Sec-Fetch-Site` whether the page that asks is ours, older ones name it in
/// `Origin` with every POST. A request that says neither is none of a page of ours.
pub(crate) fn comes_from_us(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let origin_host = origin.and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    host.is_some() && host == origin_host
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    use super::comes_from_us;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        pairs.collect()
    }

    #[test]
    fn only_pages_of_ours_change_something() {
        let ours = [("host", "mail.contoso.com"), ("origin", "https://mail.contoso.com")];
        assert!(comes_from_us(&headers(&ours)));
        assert!(comes_from_us(&headers(&[("sec-fetch-site", "same-origin")])));
        for other in [
            &[][..],
            &[("host", "mail.contoso.com")],
            &[("host", "mail.contoso.com"), ("origin", "null")],
            &[("host", "mail.contoso.com"), ("origin", "https://evil.example")],
            &[("host", "mail.contoso.com"), ("origin", "https://mail.contoso.com.evil.example")],
            &[("sec-fetch-site", "cross-site"), ("host", "a"), ("origin", "https://a")],
            &[("sec-fetch-site", "same-site"), ("host", "a"), ("origin", "https://a")],
            &[("sec-fetch-site", "none"), ("host", "a")],
        ] {
            assert!(!comes_from_us(&headers(other)), "{other:?}");
        }
    }
}
