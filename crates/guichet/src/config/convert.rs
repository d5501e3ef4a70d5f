//! From a TOML value to what it means, one function per kind of value.
//!
//! Each gives the reason why not as the second half of a sentence that begins with the key and
//! the value: "it must be …".

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;

use mail::{Address, Domain};

use super::raw::Value;
use super::resolved::HostPort;

/// The port of DNS, for resolvers written without one (RFC 1035 §4.2).
const DNS_PORT: u16 = 53;

fn unlike(value: &Value, wanted: &str) -> String {
    format!("it must be {wanted}, and this is {}", value.kind())
}

pub(super) fn boolean(value: &Value) -> Result<bool, String> {
    match value {
        Value::Boolean(truth) => Ok(*truth),
        _ => Err(unlike(value, "true or false")),
    }
}

/// A whole number in a range.
pub(super) fn number(range: RangeInclusive<u64>) -> impl Fn(&Value) -> Result<u64, String> {
    move |value| match value {
        Value::Integer(number) => {
            u64::try_from(*number).ok().filter(|number| range.contains(number)).ok_or_else(|| {
                format!("it must be a whole number from {} to {}", range.start(), range.end())
            })
        }
        _ => Err(unlike(value, "a whole number without quotes")),
    }
}

/// A port that something can be connected to.
pub(super) fn port(value: &Value) -> Result<u16, String> {
    number(1..=65535)(value).and_then(|port| {
        u16::try_from(port).map_err(|_| "it must be a port from 1 to 65535".to_owned())
    })
}

pub(super) fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::Text(text) if text.is_empty() => Err("it must not be empty".to_owned()),
        Value::Text(text) if text.chars().any(char::is_control) => {
            Err("it must not contain control characters".to_owned())
        }
        Value::Text(text) => Ok(text.clone()),
        _ => Err(unlike(value, "text in quotes")),
    }
}

/// One word of a closed list.
pub(super) fn choice<T: Copy>(
    words: &'static [(&'static str, T)],
) -> impl Fn(&Value) -> Result<T, String> {
    move |value| {
        let word = text(value)?;
        words.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning).ok_or_else(
            || {
                let known: Vec<String> =
                    words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
                format!("it must be one of {}", known.join(", "))
            },
        )
    }
}

/// A fully qualified name (RFC 5321 §2.3.5), or `localhost` for trying out.
pub(super) fn host_name(value: &Value) -> Result<Domain, String> {
    let name = text(value)?;
    let domain = Domain::parse(&name)
        .map_err(|_| "it must be a host name of letters, digits, hyphens and dots".to_owned())?;
    if name.starts_with('[') || name.parse::<IpAddr>().is_ok() {
        return Err("it must be a name, not an IP address".to_owned());
    }
    if !domain.as_str().contains('.') && domain.as_str() != "localhost" {
        return Err("it must be the full name, with its domain".to_owned());
    }
    Ok(domain)
}

/// A host and a port; an IPv6 address stands in brackets.
pub(super) fn host_port(value: &Value) -> Result<HostPort, String> {
    const SHAPE: &str = "it must be HOST:PORT (an IPv6 address in brackets)";
    let written = text(value)?;
    let (host, port) = written.rsplit_once(':').ok_or(SHAPE)?;
    let port: u16 = port.parse().ok().filter(|port| *port != 0).ok_or(SHAPE)?;
    let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host = match inside {
        Some(inside) => {
            inside.parse::<std::net::Ipv6Addr>().map_err(|_| SHAPE)?;
            inside.to_owned()
        }
        None if host.parse::<std::net::Ipv4Addr>().is_ok() => host.to_owned(),
        None => Domain::parse(host)
            .ok()
            .filter(|_| !host.starts_with('['))
            .ok_or(SHAPE)?
            .as_str()
            .to_owned(),
    };
    Ok(HostPort { host, port })
}

/// Where browsers reach the pages: a scheme, a host, a port if need be, and nothing behind it.
/// Plain HTTP would show every password to the network, so it is for loopback only.
pub(super) fn public_url(value: &Value) -> Result<String, String> {
    const SHAPE: &str =
        "it must be https://NAME or https://NAME:PORT, with nothing behind it but a slash";
    let written = text(value)?.to_ascii_lowercase();
    let (scheme, rest) = written.split_once("://").ok_or(SHAPE)?;
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(':') && !port.ends_with(']') => {
            let is_digits = port.bytes().all(|octet| octet.is_ascii_digit());
            port.parse::<u16>().ok().filter(|port| is_digits && *port != 0).ok_or(SHAPE)?;
            host
        }
        _ => authority,
    };
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let address: Option<IpAddr> = match bare {
        Some(bare) => Some(bare.parse::<std::net::Ipv6Addr>().map_err(|_| SHAPE)?.into()),
        None => host.parse::<std::net::Ipv4Addr>().ok().map(IpAddr::from),
    };
    if address.is_none() {
        Domain::parse(host).map_err(|_| SHAPE)?;
    }
    let is_loopback = host == "localhost" || address.is_some_and(|address| address.is_loopback());
    match scheme {
        "https" => Ok(format!("https://{authority}")),
        "http" if is_loopback => Ok(format!("http://{authority}")),
        "http" => Err("it must begin with https://; plain http is for loopback only".to_owned()),
        _ => Err(SHAPE.to_owned()),
    }
}

/// An IP address of this machine.
pub(super) fn ip_address(value: &Value) -> Result<IpAddr, String> {
    let written = text(value)?;
    let bare = written.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(&written);
    bare.parse().map_err(|_| "it must be an IP address".to_owned())
}

/// One or several, each converted alike. An empty list is taken.
fn list<T>(value: &Value, convert: impl Fn(&Value) -> Result<T, String>) -> Result<Vec<T>, String> {
    match value {
        Value::List(items) => items.iter().map(convert).collect(),
        single => Ok(vec![convert(single)?]),
    }
}

/// One or several IP addresses, at least one.
pub(super) fn ip_addresses(value: &Value) -> Result<Vec<IpAddr>, String> {
    let addresses = list(value, ip_address)?;
    if addresses.is_empty() {
        return Err("the list must name at least one address".to_owned());
    }
    Ok(addresses)
}

/// Where a listener listens: `"off"`, one socket address or several. Off is the empty list.
pub(super) fn listener(value: &Value) -> Result<Vec<SocketAddr>, String> {
    if matches!(value, Value::Text(word) if word == "off") {
        return Ok(Vec::new());
    }
    list(value, |value| {
        let socket = text(value)?.parse::<SocketAddr>().ok().filter(|socket| socket.port() != 0);
        socket
            .ok_or_else(|| "it must be IP:PORT with a port from 1 to 65535, or \"off\"".to_owned())
    })
}

/// Resolvers: IP addresses with or without a port.
pub(super) fn resolvers(value: &Value) -> Result<Vec<SocketAddr>, String> {
    list(value, |value| {
        let written = text(value)?;
        let socket = written.parse::<SocketAddr>().ok().filter(|socket| socket.port() != 0);
        let plain = || written.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, DNS_PORT));
        socket.or_else(plain).ok_or_else(|| "each must be IP or IP:PORT".to_owned())
    })
}

/// The issuer of a provider (OpenID Connect Discovery §3): an `https` address without query or
/// fragment.
pub(super) fn issuer(value: &Value) -> Result<String, String> {
    const SHAPE: &str = "it must be an https:// address without ? or #";
    let written = text(value)?;
    let uri: hyper::Uri = written.parse().map_err(|_| SHAPE)?;
    let authority = uri.authority().filter(|_| uri.scheme_str() == Some("https")).ok_or(SHAPE)?;
    if uri.query().is_some() || written.contains('#') || authority.as_str().contains('@') {
        return Err(SHAPE.to_owned());
    }
    Ok(written)
}

/// What a provider is asked for (RFC 6749 §3.3).
pub(super) fn scopes(value: &Value) -> Result<Vec<String>, String> {
    let scopes = list(value, text)?;
    if scopes.iter().any(|scope| scope.contains(char::is_whitespace)) {
        return Err("each scope must be one word".to_owned());
    }
    if !scopes.iter().any(|scope| scope == "openid") {
        return Err("\"openid\" must be among the scopes".to_owned());
    }
    Ok(scopes)
}

/// Domains of mail addresses.
pub(super) fn domains(value: &Value) -> Result<Vec<Domain>, String> {
    list(value, |value| {
        Domain::parse(&text(value)?).map_err(|_| "each must be a domain".to_owned())
    })
}

/// An account name at another server: a mail address, or any text without spaces.
pub(super) fn login(value: &Value) -> Result<String, String> {
    let login = text(value)?;
    if login.contains('@') && Address::parse(&login).is_err() {
        return Err("it must be a mail address or a plain name".to_owned());
    }
    if login.contains(char::is_whitespace) {
        return Err("it must not contain spaces".to_owned());
    }
    Ok(login)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn numbers_are_taken_at_both_edges_and_not_beyond() {
        let convert = number(100..=1000);
        assert_eq!(convert(&Value::Integer(100)), Ok(100));
        assert_eq!(convert(&Value::Integer(1000)), Ok(1000));
        for outside in [99, 1001, -100, i64::MIN, i64::MAX] {
            assert!(convert(&Value::Integer(outside)).is_err(), "{outside}");
        }
        assert!(convert(&written("100")).is_err());
    }

    #[test]
    fn host_and_port_need_each_other() {
        let both = |host: &str, port| Ok(HostPort { host: host.to_owned(), port });
        assert_eq!(host_port(&written("Relay.Example.NET:587")), both("relay.example.net", 587));
        assert_eq!(host_port(&written("192.0.2.1:25")), both("192.0.2.1", 25));
        assert_eq!(host_port(&written("[2001:db8::1]:25")), both("2001:db8::1", 25));
        for wrong in
            ["relay", "relay:", ":25", "relay:0", "relay:65536", "2001:db8::1:25", "[192.0.2.1]:25"]
        {
            assert!(host_port(&written(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_host_name_is_full_and_no_address() {
        assert_eq!(host_name(&written("Mail.Example.org")).unwrap().as_str(), "mail.example.org");
        assert!(host_name(&written("localhost")).is_ok());
        for wrong in ["mail", "192.0.2.1", "[192.0.2.1]", "a_b.example.org", "", "-a.example.org"] {
            assert!(host_name(&written(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_public_url_is_https_and_has_no_path() {
        for (text, url) in [
            ("https://mail.example.org", "https://mail.example.org"),
            ("https://Mail.Example.org/", "https://mail.example.org"),
            ("https://mail.example.org:8443", "https://mail.example.org:8443"),
            ("https://192.0.2.1", "https://192.0.2.1"),
            ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
            ("https://[2001:db8::1]", "https://[2001:db8::1]"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://127.0.0.1:20080", "http://127.0.0.1:20080"),
            ("http://[::1]:20080", "http://[::1]:20080"),
        ] {
            assert_eq!(public_url(&written(text)).as_deref(), Ok(url), "{text}");
        }
        for wrong in [
            "mail.example.org",
            "http://mail.example.org",
            "http://localhost.example.org",
            "https://",
            "https://mail.example.org/mail",
            "https://mail.example.org?x",
            "https://mail.example.org#x",
            "https://me@mail.example.org",
            "https://mail.example.org:0",
            "https://mail.example.org:+443",
            "https://mail.example.org:65536",
            "https://mail.example.org:",
            "https://2001:db8::1",
            "ftp://mail.example.org",
            "https://mail example.org",
        ] {
            assert!(public_url(&written(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_listener_is_off_one_or_several() {
        assert_eq!(listener(&written("off")), Ok(vec![]));
        assert_eq!(listener(&written("[::1]:25")).unwrap().len(), 1);
        let two = Value::List(vec![written("127.0.0.1:25"), written("[::1]:25")]);
        assert_eq!(listener(&two).unwrap().len(), 2);
        assert!(listener(&written("127.0.0.1")).is_err());
        assert!(listener(&written("127.0.0.1:0")).is_err());
    }

    #[test]
    fn resolvers_get_the_usual_port() {
        let servers = Value::List(vec![written("9.9.9.9"), written("[::1]:5353")]);
        let expected = vec!["9.9.9.9:53".parse().unwrap(), "[::1]:5353".parse().unwrap()];
        assert_eq!(resolvers(&servers), Ok(expected));
    }
}
