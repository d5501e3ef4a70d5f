//! The cookies of the pages (RFC 6265).
//!
//! Under HTTPS the session's cookie carries the prefix `__Host-`, which browsers take only with
//! `Secure`, for the whole site and no other host. The plain listener of the demonstration, which
//! is on loopback, has a cookie of another name.

use axum::http::{HeaderMap, HeaderValue, header};

/// The session, under HTTPS.
const SESSION_SECURE: &str = "__Host-guichet";
/// The session, where the listener has no TLS.
const SESSION_PLAIN: &str = "guichet-session";
/// A sign-in that still owes the second factor, under HTTPS.
const PENDING_SECURE: &str = "__Host-guichet-pending";
/// The same where the listener has no TLS.
const PENDING_PLAIN: &str = "guichet-pending";
/// A sign-in that is under way at the provider, under HTTPS.
const PROVIDER_SECURE: &str = "__Host-guichet-provider";
/// The same where the listener has no TLS.
const PROVIDER_PLAIN: &str = "guichet-provider";
/// What a change did, for the next page, under HTTPS.
const TOLD_SECURE: &str = "__Host-guichet-told";
/// The same where the listener has no TLS.
const TOLD_PLAIN: &str = "guichet-told";
/// The language that was chosen by the switch.
pub(crate) const LANGUAGE: &str = "guichet-language";
/// Seconds for which a browser keeps a choice that is no secret.
const CHOICE_MAX_AGE_SECS: i64 = 365 * 24 * 3600;

/// The value of a cookie.
pub(crate) fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find(|(found, _)| found.trim() == name).map(|(_, value)| value.trim())
}

/// What the browser shows of its session.
pub(crate) fn session(headers: &HeaderMap, is_secure: bool) -> Option<&str> {
    value(headers, session_name(is_secure))
}

/// The line that gives the browser its session, for so many seconds; none takes it away.
pub(crate) fn set_session(token: Option<(&str, i64)>, is_secure: bool) -> Option<HeaderValue> {
    set_secret(session_name(is_secure), token, is_secure)
}

/// What the browser shows of a sign-in that still owes the second factor.
pub(crate) fn pending(headers: &HeaderMap, is_secure: bool) -> Option<&str> {
    value(headers, pending_name(is_secure))
}

/// The line that gives the browser a pending sign-in, for so many seconds; none takes it away.
pub(crate) fn set_pending(token: Option<(&str, i64)>, is_secure: bool) -> Option<HeaderValue> {
    set_secret(pending_name(is_secure), token, is_secure)
}

/// What the browser shows of a sign-in that is under way at the provider.
pub(crate) fn provider(headers: &HeaderMap, is_secure: bool) -> Option<&str> {
    value(headers, provider_name(is_secure))
}

/// The line that gives the browser a sign-in at the provider, for so many seconds; none takes it
/// away. The way back from there is a navigation, with which `SameSite=Lax` cookies come along.
pub(crate) fn set_provider(token: Option<(&str, i64)>, is_secure: bool) -> Option<HeaderValue> {
    set_secret(provider_name(is_secure), token, is_secure)
}

/// What the browser brings of the change before.
pub(crate) fn told(headers: &HeaderMap, is_secure: bool) -> Option<&str> {
    value(headers, told_name(is_secure))
}

/// The line that gives the browser what a change did, for so many seconds; none takes it away.
pub(crate) fn set_told(told: Option<(&str, i64)>, is_secure: bool) -> Option<HeaderValue> {
    set_secret(told_name(is_secure), told, is_secure)
}

fn set_secret(name: &str, token: Option<(&str, i64)>, is_secure: bool) -> Option<HeaderValue> {
    let (value, max_age_secs) = token.unwrap_or(("", 0));
    let secure = if is_secure { "; Secure" } else { "" };
    let line =
        format!("{name}={value}; Path=/; Max-Age={max_age_secs}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(line).ok()
}

/// The line that remembers a choice which is no secret.
pub(crate) fn set_choice(name: &str, value: &str) -> Option<HeaderValue> {
    let line = format!("{name}={value}; Path=/; Max-Age={CHOICE_MAX_AGE_SECS}; SameSite=Lax");
    HeaderValue::try_from(line).ok()
}

fn session_name(is_secure: bool) -> &'static str {
    if is_secure { SESSION_SECURE } else { SESSION_PLAIN }
}

fn pending_name(is_secure: bool) -> &'static str {
    if is_secure { PENDING_SECURE } else { PENDING_PLAIN }
}

fn provider_name(is_secure: bool) -> &'static str {
    if is_secure { PROVIDER_SECURE } else { PROVIDER_PLAIN }
}

fn told_name(is_secure: bool) -> &'static str {
    if is_secure { TOLD_SECURE } else { TOLD_PLAIN }
}
