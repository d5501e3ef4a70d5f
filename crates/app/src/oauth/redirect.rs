//! Where answers of the authorization endpoint may be sent to: exactly where the client was
//! registered for, with one exception. A program on somebody's machine listens on whatever port is
//! free, so the port of a loopback address is not compared (RFC 8252 §7.3).

/// Octets of a redirection URI at most.
pub const REDIRECT_URI_OCTETS_MAX: usize = 2000;

/// Hosts that are always the machine of the browser.
const LOOPBACK_HOSTS: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

/// Whether a client may be registered for this redirection URI: HTTPS, HTTP to the machine itself,
/// or a private scheme named after a domain (RFC 8252 §7.1), without a fragment (RFC 6749 §3.1.2).
pub fn may_register(uri: &str) -> bool {
    let is_plain = uri.len() <= REDIRECT_URI_OCTETS_MAX
        && uri.bytes().all(|octet| octet.is_ascii_graphic())
        && !uri.contains(['#', '"', '<', '>', '\\', '^', '`', '{', '|', '}', '*']);
    if !is_plain {
        return false;
    }
    if let Some(rest) = uri.strip_prefix("https://") {
        let authority = authority(rest);
        return !authority.is_empty() && !authority.starts_with(':') && !authority.contains('@');
    }
    if let Some(rest) = uri.strip_prefix("http://") {
        return loopback(rest).is_some();
    }
    let Some((scheme, rest)) = uri.split_once(":/") else { return false };
    scheme.contains('.')
        && !rest.is_empty()
        && scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme.bytes().all(|octet| {
            octet.is_ascii_lowercase() || octet.is_ascii_digit() || b"+-.".contains(&octet)
        })
}

/// Whether a registered redirection URI names the one that a request asks for.
pub fn names(registered: &str, asked: &str) -> bool {
    if registered == asked {
        return true;
    }
    let both = (registered.strip_prefix("http://"), asked.strip_prefix("http://"));
    let (Some(registered), Some(asked)) = both else { return false };
    match (loopback(registered), loopback(asked)) {
        (Some(known), Some(given)) => known == given,
        _ => false,
    }
}

/// Host and path of what follows `http://`, without the port, where the host is a loopback one.
fn loopback(rest: &str) -> Option<(&'static str, &str)> {
    let authority = authority(rest);
    let path = &rest[authority.len()..];
    let host = LOOPBACK_HOSTS.into_iter().find(|host| authority.starts_with(host))?;
    let port = &authority[host.len()..];
    let is_port = match port.strip_prefix(':') {
        Some(digits) => digits.parse::<u16>().is_ok() && !digits.starts_with('+'),
        None => port.is_empty(),
    };
    is_port.then_some((host, path))
}

fn authority(rest: &str) -> &str {
    &rest[..rest.find(['/', '?']).unwrap_or(rest.len())]
}

#[cfg(test)]
mod tests {
    use super::{REDIRECT_URI_OCTETS_MAX, may_register, names};

    #[test]
    fn only_addresses_that_cannot_surprise_are_registered() {
        for good in [
            "https://app.fabrikam.com/signed-in",
            "https://app.fabrikam.com",
            "http://127.0.0.1/",
            "http://localhost:8400/cb?x=1",
            "http://[::1]/cb",
            "com.fabrikam.app:/signed-in",
        ] {
            assert!(may_register(good), "{good}");
        }
        for bad in [
            "",
            "http://app.fabrikam.com/",
            "http://127.0.0.1.evil.example/",
            "http://localhost:x/",
            "http://localhost@evil.example/",
            "https://user@fabrikam.com/",
            "https:///x",
            "https://:443/",
            "https://app.fabrikam.com/#x",
            "https://app.fabrikam.com/a b",
            "https://*.fabrikam.com/",
            "javascript:alert(1)",
            "data:text/html,x",
            "app:/x",
            "/relative",
        ] {
            assert!(!may_register(bad), "{bad}");
        }
        let path = "a".repeat(REDIRECT_URI_OCTETS_MAX - "https://a.b/".len());
        assert!(may_register(&format!("https://a.b/{path}")));
        assert!(!may_register(&format!("https://a.b/{path}a")));
    }

    #[test]
    fn only_the_port_of_a_loopback_address_may_differ() {
        assert!(names("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb"));
        assert!(names("http://localhost:80/cb", "http://localhost:81/cb"));
        for (registered, asked) in [
            ("http://127.0.0.1/cb", "http://127.0.0.1:49152/other"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:49152@evil.example/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1.evil.example/cb"),
            ("http://127.0.0.1/cb", "http://localhost/cb"),
            ("http://127.0.0.1/cb", "https://127.0.0.1/cb"),
            ("https://app.fabrikam.com/", "https://app.fabrikam.com:444/"),
            ("https://app.fabrikam.com/", "https://app.fabrikam.com/x"),
            ("https://app.fabrikam.com/", "https://APP.fabrikam.com/"),
        ] {
            assert!(!names(registered, asked), "{registered} {asked}");
        }
    }
}
