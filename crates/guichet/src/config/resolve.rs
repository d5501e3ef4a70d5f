//! From the configuration as written to the one that is used.
//!
//! Looks at the values and at whether they agree with each other; touches no file. Whether
//! certificate, key and password file are what they should be is asked by `check`. A wrong value
//! is noted and stood in for, so that all wrong values are told at once.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use app::oidc::SecondFactorBy;
use mail::Domain;

use super::check;
use super::convert;
use super::keys::{self, Fallback};
use super::problem::{Place, Problem};
use super::raw::{Raw, Value, toml_text};
use super::resolved::{
    Config, DatabaseUrl, DenialStyle, Dns, Effective, Imap, Limits, Listeners, Log, LogFormat,
    LogLevel, Oidc, Origin, Outbound, Queue, Smarthost, SmarthostAccount, SmarthostTls, Smtp,
    TlsFiles, without_password,
};

/// The highest port_base: 993, the highest port of all listeners, still fits on top.
const PORT_BASE_MAX: u64 = 65535 - 993;
/// The port that a URL with https need not name (RFC 9110 §4.2.2).
const HTTPS_PORT: u16 = 443;
/// RFC 5321 §4.5.3.1.7 asks for at least 64 KiB; a GiB is kept in memory nowhere sensible.
const MESSAGE_OCTETS: RangeInclusive<u64> = 65_536..=1_073_741_824;
/// RFC 5321 §4.5.3.1.8 asks for at least 100.
const RECIPIENTS: RangeInclusive<u64> = 100..=app::settings::RECIPIENTS_MAX as u64;
/// More than 100,000 connections need more file descriptors than systems give.
const CONNECTIONS: RangeInclusive<u64> = 1..=100_000;
const CONNECTIONS_PER_HOST: RangeInclusive<u64> = 1..=100;
const ADMIN_CALLS: RangeInclusive<u64> = 1..=10_000_000;
const MESSAGES_PER_HOUR: RangeInclusive<u64> = 1..=10_000_000;
const RECIPIENTS_PER_DAY: RangeInclusive<u64> = 1..=100_000_000;
const FAILED_SIGN_INS: RangeInclusive<u64> = 1..=1_000_000;
/// A wait longer than a day would lock people out for good.
const SIGN_IN_WAIT_SECS: RangeInclusive<u64> = 1..=86_400;
const QUEUE_FIRST_WAIT_SECS: RangeInclusive<u64> = 1..=86_400;
const QUEUE_LONGEST_WAIT_SECS: RangeInclusive<u64> = 1..=604_800;
/// Thirty days at most: nobody remembers an older message.
const QUEUE_LIFETIME_SECS: RangeInclusive<u64> = 60..=2_592_000;
const WORKERS: RangeInclusive<u64> = 1..=1000;

/// Resolves everything, or says everything that is wrong.
pub(super) fn resolve(raw: Raw) -> Result<Config, Vec<Problem>> {
    let mut reader = Reader { raw: &raw, problems: Vec::new(), derived: BTreeMap::new() };
    let file_dir = match raw.file.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let data_dir = match reader.optional("data_dir", convert::text) {
        Some(written) => file_dir.join(written),
        None => file_dir,
    };
    let mut config = Config {
        file: raw.file.clone(),
        hostname: reader.hostname(),
        public_url: reader.optional("public_url", convert::public_url),
        database: reader.database(&data_dir),
        listen: reader.listeners(),
        tls: TlsFiles {
            certificate: data_dir.join(reader.value("tls.certificate", convert::text)),
            key: data_dir.join(reader.value("tls.key", convert::text)),
        },
        outbound: reader.outbound(&data_dir),
        dns: Dns {
            is_enabled: reader.value("dns.enabled", convert::boolean),
            servers: reader.value("dns.servers", convert::resolvers),
        },
        smtp: reader.smtp(),
        imap: reader.imap(),
        limits: reader.limits(),
        queue: reader.queue(),
        oidc: reader.oidc(&data_dir),
        log: Log {
            level: reader.value("log.level", convert::choice(LOG_LEVELS)),
            format: reader.value("log.format", convert::choice(LOG_FORMATS)),
        },
        effective: Vec::new(),
        data_dir,
    };
    if config.public_url.is_none() && !raw.entries.contains_key("public_url") {
        config.public_url = own_url(&config);
        let shown = config.public_url.as_deref().map_or_else(String::new, toml_text);
        reader.derived.insert("public_url", shown);
    }
    reader.derived.insert("data_dir", toml_text(&config.data_dir.display().to_string()));
    let derived = std::mem::take(&mut reader.derived);
    let found = std::mem::take(&mut reader.problems);
    config.effective = effective(&raw, &derived);
    let mut problems = raw.problems;
    problems.extend(found);
    // Values that were not understood would disagree with others for no reason.
    if problems.is_empty() {
        problems = check::agreement(&config);
    }
    problems.sort_by(|one, other| one.place.cmp(&other.place));
    if problems.is_empty() { Ok(config) } else { Err(problems) }
}

/// Where the listener of HTTPS is reached; nothing where there is none.
fn own_url(config: &Config) -> Option<String> {
    let port = config.listen.https.first()?.port();
    let port = if port == HTTPS_PORT { String::new() } else { format!(":{port}") };
    Some(format!("https://{}{port}", config.hostname))
}

const SMARTHOST_TLS: &[(&str, SmarthostTls)] = &[
    ("opportunistic", SmarthostTls::Opportunistic),
    ("required", SmarthostTls::Required),
    ("implicit", SmarthostTls::Implicit),
    ("off", SmarthostTls::Off),
];
const DENIAL_STYLES: &[(&str, DenialStyle)] = &[
    ("guichet", DenialStyle::Guichet),
    ("exchange", DenialStyle::Exchange),
    ("legacy", DenialStyle::Legacy),
];
const LOG_LEVELS: &[(&str, LogLevel)] = &[
    ("error", LogLevel::Error),
    ("warn", LogLevel::Warn),
    ("info", LogLevel::Info),
    ("debug", LogLevel::Debug),
    ("trace", LogLevel::Trace),
];
const SECOND_FACTORS: &[(&str, SecondFactorBy)] =
    &[("local", SecondFactorBy::Ourselves), ("provider", SecondFactorBy::Provider)];
const LOG_FORMATS: &[(&str, LogFormat)] = &[("text", LogFormat::Text), ("json", LogFormat::Json)];

/// Takes values out of the raw configuration, and notes what is wrong with them on the way.
struct Reader<'a> {
    raw: &'a Raw,
    problems: Vec<Problem>,
    /// The values of keys that are worked out from others, as TOML.
    derived: BTreeMap<&'static str, String>,
}

impl Reader<'_> {
    /// The written value, or nothing. A wrong one is noted and counts as nothing.
    fn optional<T>(
        &mut self,
        name: &'static str,
        convert: impl Fn(&Value) -> Result<T, String>,
    ) -> Option<T> {
        let entry = self.raw.entries.get(name)?;
        match convert(&entry.value) {
            Ok(value) => Some(value),
            Err(reason) => {
                let key = keys::named(name);
                let text = format!(
                    "{name} = {}: {reason}. Example: {} = {}",
                    without_password(&entry.written),
                    key.short_name(),
                    key.example
                );
                self.problems.push(Problem { place: entry.place.clone(), text });
                None
            }
        }
    }

    /// The written value, or the default of the table.
    fn value<T>(&mut self, name: &'static str, convert: impl Fn(&Value) -> Result<T, String>) -> T {
        if let Some(value) = self.optional(name, &convert) {
            return value;
        }
        // A required key was noted by its own reader; its example stands in.
        let default = match keys::named(name).fallback {
            Fallback::Value(default) => default,
            _ => keys::named(name).example,
        };
        Value::parse(default)
            .and_then(|default| convert(&default).ok())
            .expect("the tests convert every default of the table")
    }

    fn hostname(&mut self) -> Domain {
        if !self.raw.entries.contains_key("hostname") && self.raw.problems.is_empty() {
            let text = "hostname is missing: write the name of this server above the first \
                        [section]. Example: hostname = \"mail.example.org\"";
            let place = Place::File(self.raw.file.clone());
            self.problems.push(Problem { place, text: text.to_owned() });
        }
        self.value("hostname", convert::host_name)
    }

    fn database(&mut self, data_dir: &Path) -> DatabaseUrl {
        self.value("database.url", |value| {
            let url = convert::text(value)?;
            match url.split_once(':') {
                Some(("sqlite", file)) if !file.is_empty() && !file.starts_with("//") => {
                    Ok(DatabaseUrl::Sqlite(data_dir.join(file)))
                }
                Some(("postgres" | "postgresql", rest))
                    if rest.strip_prefix("//").is_some_and(|rest| !rest.is_empty()) =>
                {
                    Ok(DatabaseUrl::Postgres(url))
                }
                _ => Err("it must be sqlite:FILE or postgres://USER@HOST/DATABASE".to_owned()),
            }
        })
    }

    fn listeners(&mut self) -> Listeners {
        let addresses = self.value("listen.address", convert::ip_addresses);
        let base = self.value("listen.port_base", convert::number(0..=PORT_BASE_MAX));
        let base = u16::try_from(base).expect("the range of port_base ends below 65536");
        let mut at = |name, port: u16| {
            if let Some(written) = self.optional(name, convert::listener) {
                return written;
            }
            let sockets: Vec<_> =
                addresses.iter().map(|ip| SocketAddr::new(*ip, base + port)).collect();
            let texts: Vec<_> =
                sockets.iter().map(|socket| toml_text(&socket.to_string())).collect();
            let value = match texts.as_slice() {
                [one] => one.clone(),
                several => format!("[{}]", several.join(", ")),
            };
            self.derived.insert(name, value);
            sockets
        };
        Listeners {
            smtp: at("listen.smtp", 25),
            submission: at("listen.submission", 587),
            submissions: at("listen.submissions", 465),
            imap: at("listen.imap", 143),
            imaps: at("listen.imaps", 993),
            https: at("listen.https", 443),
            http: at("listen.http", 80),
        }
    }

    fn outbound(&mut self, data_dir: &Path) -> Outbound {
        let server = self.optional("outbound.smarthost", convert::host_port);
        let tls = self.value("outbound.smarthost_tls", convert::choice(SMARTHOST_TLS));
        let login = self.optional("outbound.smarthost_login", convert::login);
        let file = self.optional("outbound.smarthost_password_file", convert::text);
        let account = login
            .zip(file)
            .map(|(login, file)| SmarthostAccount { login, password_file: data_dir.join(file) });
        Outbound {
            smarthost: server.map(|server| Smarthost { server, tls, account }),
            mx_port: self.value("outbound.mx_port", convert::port),
            connections_per_host: self.size("outbound.connections_per_host", CONNECTIONS_PER_HOST),
            bind_address: self.optional("outbound.bind_address", convert::ip_address),
        }
    }

    fn smtp(&mut self) -> Smtp {
        Smtp {
            message_octets_max: self.size("smtp.message_octets_max", MESSAGE_OCTETS),
            recipients_max: self.size("smtp.recipients_max", RECIPIENTS),
            connections_max: self.size("smtp.connections_max", CONNECTIONS),
            connections_per_address_max: self.size("smtp.connections_per_address_max", CONNECTIONS),
            denial_style: self.value("smtp.denial_style", convert::choice(DENIAL_STYLES)),
        }
    }

    fn imap(&mut self) -> Imap {
        Imap {
            connections_max: self.size("imap.connections_max", CONNECTIONS),
            connections_per_address_max: self.size("imap.connections_per_address_max", CONNECTIONS),
        }
    }

    fn limits(&mut self) -> Limits {
        Limits {
            messages_per_hour: self.count("limits.messages_per_hour", MESSAGES_PER_HOUR),
            recipients_per_day: self.count("limits.recipients_per_day", RECIPIENTS_PER_DAY),
            failed_sign_ins_free: self.count("limits.failed_sign_ins_free", FAILED_SIGN_INS),
            failed_sign_ins_free_per_address: self
                .count("limits.failed_sign_ins_free_per_address", FAILED_SIGN_INS),
            first_wait: self.secs("limits.first_wait_secs", SIGN_IN_WAIT_SECS),
            longest_wait: self.secs("limits.longest_wait_secs", SIGN_IN_WAIT_SECS),
            is_loopback_exempt: self.value("limits.loopback_exempt", convert::boolean),
            admin_calls_per_window: self.count("limits.admin_calls_per_window", ADMIN_CALLS),
        }
    }

    fn queue(&mut self) -> Queue {
        Queue {
            first_wait: self.secs("queue.first_wait_secs", QUEUE_FIRST_WAIT_SECS),
            longest_wait: self.secs("queue.longest_wait_secs", QUEUE_LONGEST_WAIT_SECS),
            lifetime: self.secs("queue.lifetime_secs", QUEUE_LIFETIME_SECS),
            delay_notice: self.secs("queue.delay_notice_secs", QUEUE_LIFETIME_SECS),
            workers: self.size("queue.workers", WORKERS),
        }
    }

    fn oidc(&mut self, data_dir: &Path) -> Option<Oidc> {
        let issuer = self.optional("oidc.issuer", convert::issuer);
        let client_id = self.optional("oidc.client_id", convert::text);
        let secret_file = self.optional("oidc.client_secret_file", convert::text);
        let scopes = self.value("oidc.scopes", convert::scopes);
        let address_claim = self.value("oidc.address_claim", convert::text);
        let domains = self.value("oidc.domains", convert::domains);
        let label = self.optional("oidc.label", convert::text);
        let second_factor = self.value("oidc.second_factor", convert::choice(SECOND_FACTORS));
        let issuer = issuer?;
        let host = issuer.trim_start_matches("https://").split(['/', ':']).next();
        let label = label.or(host.map(str::to_owned)).unwrap_or_default();
        Some(Oidc {
            issuer,
            client_id: client_id.unwrap_or_default(),
            client_secret_file: secret_file.map(|file| data_dir.join(file)),
            scopes,
            address_claim,
            domains: domains.iter().map(ToString::to_string).collect(),
            label,
            second_factor,
        })
    }

    fn size(&mut self, name: &'static str, range: RangeInclusive<u64>) -> usize {
        usize::try_from(self.value(name, convert::number(range)))
            .expect("no range goes beyond 32 bits")
    }

    fn count(&mut self, name: &'static str, range: RangeInclusive<u64>) -> u32 {
        u32::try_from(self.value(name, convert::number(range)))
            .expect("no range goes beyond 32 bits")
    }

    fn secs(&mut self, name: &'static str, range: RangeInclusive<u64>) -> Duration {
        Duration::from_secs(self.value(name, convert::number(range)))
    }
}

fn effective(raw: &Raw, derived: &BTreeMap<&'static str, String>) -> Vec<Effective> {
    let of = |key: &keys::Key| match (raw.entries.get(key.name), key.fallback) {
        (Some(entry), _) => {
            (without_password(&entry.written), Origin::Written(entry.place.clone()))
        }
        (None, Fallback::Value(default)) => (default.to_owned(), Origin::Default),
        (None, Fallback::Derived(from)) => {
            (derived.get(key.name).cloned().unwrap_or_default(), Origin::Derived(from))
        }
        (None, Fallback::Unset | Fallback::Required) => (String::new(), Origin::Unset),
    };
    let row = |key: &keys::Key| {
        let (value, origin) = of(key);
        Effective { key: key.name, value, origin }
    };
    keys::KEYS.iter().map(row).collect()
}

#[cfg(test)]
mod tests;
