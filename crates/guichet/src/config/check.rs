//! Whether the configuration can work: values that must agree with each other, and files that must
//! be there, readable for us, and for nobody else where they hold secrets.
//!
//! `guichet config check` runs all of it before a restart; `guichet serve` runs the same.

use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::ConfigError;
use super::keys::{Fallback, named};
use super::problem::{Place, Problem};
use super::resolved::{Config, DatabaseUrl, Effective, Origin, SmarthostTls};
use crate::tls;

/// What others may never do with a file that holds a secret, and the group may not write.
/// The group may read: that is how keys are shared with one service user.
const FORBIDDEN_MODE: u32 = 0o027;

/// Everything that is wrong with the configuration in a directory or file; nothing if it will do.
///
/// # Errors
/// Where there is no file to check, or it cannot be read.
pub(crate) fn check(path: &Path) -> Result<Vec<Problem>, ConfigError> {
    match Config::load(path) {
        Ok(config) => Ok(file_problems(&config)),
        Err(ConfigError::Invalid(problems)) => Ok(problems),
        Err(error) => Err(error),
    }
}

/// What is wrong with the files that the configuration names.
pub(crate) fn file_problems(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut add = |key: &str, text: Option<String>| {
        problems.extend(text.map(|text| Problem { place: config.place_of(key), text }));
    };
    add("database.url", open_database_password(config));
    add("tls.key", secret_is_open("tls.key", &config.tls.key));
    match tls::read_certified_key(&config.tls.certificate, &config.tls.key) {
        Ok(_) => {}
        Err(error) => add(error.key(), Some(error.to_string())),
    }
    let account = config.outbound.smarthost.as_ref().and_then(|host| host.account.as_ref());
    if let Some(account) = account {
        let key = "outbound.smarthost_password_file";
        add(key, secret_is_open(key, &account.password_file));
        if let Err(text) = account.password() {
            add(key, Some(text));
        }
    }
    if let Some(oidc) = &config.oidc {
        let key = "oidc.client_secret_file";
        let file = oidc.client_secret_file.as_deref();
        add(key, file.and_then(|file| secret_is_open(key, file)));
        add(key, oidc.client_secret().err());
    }
    problems
}

/// A sentence if more people than the owner and its group may touch a secret file. A file that
/// cannot be looked at has its sentence where it is read.
fn secret_is_open(key: &str, path: &Path) -> Option<String> {
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & FORBIDDEN_MODE != 0).then(|| {
        format!(
            "{key}: {path} has mode {mode:04o}, so others could read or change the secret in it; \
             run: chmod 600 {path}",
            path = path.display()
        )
    })
}

fn open_database_password(config: &Config) -> Option<String> {
    let DatabaseUrl::Postgres(url) = &config.database else { return None };
    let is_in_file = matches!(
        written(config, "database.url"),
        Some(Effective { origin: Origin::Written(Place::At { .. }), .. })
    );
    let has_password = super::resolved::without_password(url) != *url;
    if is_in_file && has_password { secret_is_open("database.url", &config.file) } else { None }
}

fn written<'a>(config: &'a Config, key: &str) -> Option<&'a Effective> {
    config
        .effective
        .iter()
        .find(|effective| effective.key == key)
        .filter(|effective| matches!(effective.origin, Origin::Written(_)))
}

/// What is wrong between values that are right by themselves.
pub(super) fn agreement(config: &Config) -> Vec<Problem> {
    let mut found: Vec<(&str, String)> = clashes(config);
    found.extend(orders(config));
    found.extend(smarthost(config));
    found.extend(oidc(config));
    found.into_iter().map(|(key, text)| Problem { place: config.place_of(key), text }).collect()
}

/// Values of which one must not be larger than the other.
fn orders(config: &Config) -> Vec<(&'static str, String)> {
    let Config { smtp, imap, limits, queue, .. } = config;
    let rules = [
        (
            "smtp.connections_per_address_max",
            smtp.connections_per_address_max as u64,
            "smtp.connections_max",
            smtp.connections_max as u64,
        ),
        (
            "imap.connections_per_address_max",
            imap.connections_per_address_max as u64,
            "imap.connections_max",
            imap.connections_max as u64,
        ),
        (
            "limits.first_wait_secs",
            limits.first_wait.as_secs(),
            "limits.longest_wait_secs",
            limits.longest_wait.as_secs(),
        ),
        (
            "queue.first_wait_secs",
            queue.first_wait.as_secs(),
            "queue.longest_wait_secs",
            queue.longest_wait.as_secs(),
        ),
        (
            "queue.longest_wait_secs",
            queue.longest_wait.as_secs(),
            "queue.lifetime_secs",
            queue.lifetime.as_secs(),
        ),
        (
            "queue.delay_notice_secs",
            queue.delay_notice.as_secs(),
            "queue.lifetime_secs",
            queue.lifetime.as_secs(),
        ),
    ];
    rules
        .into_iter()
        .filter(|(_, smaller, _, larger)| smaller > larger)
        .map(|(key, smaller, limit, larger)| {
            // The key that somebody wrote is the one to mend.
            let at = if written(config, key).is_some() { key } else { limit };
            (at, format!("{key} = {smaller}: it must not be more than {limit}, which is {larger}"))
        })
        .collect()
}

fn smarthost(config: &Config) -> Vec<(&'static str, String)> {
    const TLS: &str = "outbound.smarthost_tls";
    const LOGIN: &str = "outbound.smarthost_login";
    const FILE: &str = "outbound.smarthost_password_file";
    let has = |key| written(config, key).is_some();
    let mut found = Vec::new();
    match (has(LOGIN), has(FILE)) {
        (true, false) => found.push((LOGIN, format!("{LOGIN} needs {FILE} too"))),
        (false, true) => found.push((FILE, format!("{FILE} needs {LOGIN} too"))),
        _ => {}
    }
    let Some(smarthost) = &config.outbound.smarthost else {
        // Whoever asks for verified TLS here believes that it holds for all servers.
        let asks_for_tls = written(config, TLS).is_some_and(|tls| tls.value != named(TLS).example);
        let unused = [(TLS, asks_for_tls), (LOGIN, has(LOGIN)), (FILE, has(FILE))];
        let unused = unused.into_iter().filter(|(_, is_written)| *is_written).map(|(key, _)| key);
        found.extend(unused.map(|key| {
            let example = "smarthost = \"relay.example.net:587\"";
            (key, format!("{key} has no use without outbound.smarthost. Example: {example}"))
        }));
        if !config.dns.is_enabled {
            found.push((
                "dns.enabled",
                "dns.enabled = false: without look-ups mail for the outside needs a smarthost: \
                 set outbound.smarthost, or dns.enabled = true"
                    .to_owned(),
            ));
        }
        return found;
    };
    if has(LOGIN) && matches!(smarthost.tls, SmarthostTls::Opportunistic | SmarthostTls::Off) {
        found.push((
            LOGIN,
            format!(
                "{LOGIN} would send a password to a server that nobody has verified: set \
                 smarthost_tls = \"required\" (STARTTLS) or \"implicit\" (port 465)"
            ),
        ));
    }
    found
}

fn oidc(config: &Config) -> Vec<(&'static str, String)> {
    const ISSUER: &str = "oidc.issuer";
    const CLIENT: &str = "oidc.client_id";
    if config.oidc.is_some() {
        let needs_client = || (ISSUER, format!("{ISSUER} needs {CLIENT} too"));
        return written(config, CLIENT).is_none().then(needs_client).into_iter().collect();
    }
    let is_changed = |one: &&Effective| match (&one.origin, named(one.key).fallback) {
        (Origin::Written(_), Fallback::Value(default)) => one.value != default,
        (origin, _) => matches!(origin, Origin::Written(_)),
    };
    let of_oidc = config.effective.iter().filter(|one| one.key.starts_with("oidc."));
    let unused = of_oidc.filter(is_changed).map(|effective| effective.key);
    let example = named(ISSUER).example;
    let text =
        |key| (key, format!("{key} has no use without {ISSUER}. Example: issuer = {example}"));
    unused.map(text).collect()
}

/// Pairs of listeners that the operating system would not let us open both.
fn clashes(config: &Config) -> Vec<(&'static str, String)> {
    let named = config.listen.named();
    let all: Vec<(&'static str, SocketAddr)> = named
        .iter()
        .flat_map(|(key, sockets)| sockets.iter().map(|socket| (*key, *socket)))
        .collect();
    let mut found: Vec<(&'static str, String)> = Vec::new();
    for (index, (key, socket)) in all.iter().enumerate() {
        let earlier = all[..index].iter().find(|(_, other)| is_same_port(*other, *socket));
        let Some((other_key, other)) = earlier else { continue };
        // Two addresses of listen.address that clash do so for every service: once is enough.
        if key == other_key && written(config, key).is_none() {
            let text = format!(
                "listen.address: {} and {} overlap; \"[::]\" alone takes IPv6 and IPv4",
                other.ip(),
                socket.ip()
            );
            if !found.iter().any(|(_, known)| *known == text) {
                found.push(("listen.address", text));
            }
            continue;
        }
        let at = if written(config, key).is_some() { *key } else { *other_key };
        found.push((
            at,
            format!(
                "{key} at {socket} and {other_key} at {other} clash: give one of them another \
                     port, or \"off\""
            ),
        ));
    }
    found
}

/// Whether the second socket cannot be opened beside the first: same port, and an address that
/// the other one contains. The unspecified IPv6 address contains all IPv4 addresses.
fn is_same_port(one: SocketAddr, other: SocketAddr) -> bool {
    let contains = |outer: IpAddr, inner: IpAddr| match outer {
        IpAddr::V4(v4) => v4.is_unspecified() && inner.is_ipv4(),
        IpAddr::V6(v6) => v6.is_unspecified(),
    };
    one.port() == other.port()
        && (one.ip() == other.ip()
            || contains(one.ip(), other.ip())
            || contains(other.ip(), one.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_contain_each_other_clash_on_one_port() {
        let clash = |one: &str, other: &str| {
            let (one, other) = (one.parse().unwrap(), other.parse().unwrap());
            assert_eq!(is_same_port(one, other), is_same_port(other, one));
            is_same_port(one, other)
        };
        assert!(clash("127.0.0.1:25", "127.0.0.1:25"));
        assert!(clash("0.0.0.0:25", "127.0.0.1:25"));
        assert!(clash("[::]:25", "127.0.0.1:25"));
        assert!(clash("[::]:25", "0.0.0.0:25"));
        assert!(!clash("0.0.0.0:25", "[::1]:25"));
        assert!(!clash("127.0.0.1:25", "127.0.0.2:25"));
        assert!(!clash("127.0.0.1:25", "127.0.0.1:26"));
    }
}
