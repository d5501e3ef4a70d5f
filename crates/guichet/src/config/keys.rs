//! Every key of `guichet.toml`, in the order it is written: name, default, explanation, example.
//!
//! The one place that knows which keys there are. The commented file of `guichet init`, the
//! search for unknown keys, the examples in error texts and `guichet config show` are made from
//! this table. What a value must look like is said where it is resolved (`resolved.rs`).

/// What holds for a key that is written nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fallback {
    /// This value, as TOML.
    Value(&'static str),
    /// Nothing: the key has to be written.
    Required,
    /// The feature is not used.
    Unset,
    /// Worked out from other keys; the text says how.
    Derived(&'static str),
}

/// One key.
#[derive(Debug)]
pub(crate) struct Key {
    /// Section and name, `smtp.recipients_max`; keys before the first section have no section.
    pub(crate) name: &'static str,
    /// What holds where it is not written.
    pub(crate) fallback: Fallback,
    /// A value as TOML, for error texts and for the commented file where there is no default.
    pub(crate) example: &'static str,
    /// What it is for, one line of the commented file each.
    pub(crate) doc: &'static [&'static str],
}

impl Key {
    /// The section, or nothing for a key before the first section.
    pub(crate) fn section(&self) -> Option<&'static str> {
        self.name.split_once('.').map(|(section, _)| section)
    }

    /// The name inside the section.
    pub(crate) fn short_name(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(_, short)| short)
    }

    /// The environment variable that overrides the file: `GUICHET_SMTP_RECIPIENTS_MAX`.
    pub(crate) fn variable(&self) -> String {
        format!("GUICHET_{}", self.name.replace('.', "_").to_ascii_uppercase())
    }
}

/// The key of that full name.
///
/// # Panics
/// Where there is none: names are literals of this crate, and the tests resolve all of them.
pub(crate) fn named(name: &str) -> &'static Key {
    KEYS.iter().find(|key| key.name == name).expect("the name is one of the table")
}

/// The sections, in the order of the table, with the line that explains each.
pub(crate) const SECTIONS: &[(&str, &str)] = &[
    ("database", "Where everything is kept."),
    ("listen", "Which addresses and ports are served. A port is port_base + the usual port."),
    ("tls", "The certificate for SMTP, submission, IMAP and HTTPS. SIGHUP loads it again."),
    ("outbound", "How mail leaves for other servers."),
    ("dns", "Who answers questions about names."),
    ("smtp", "What one SMTP session may ask for."),
    ("imap", "How many may read mail at the same time."),
    ("limits", "What one account may do, and how password guessing is slowed down."),
    ("queue", "How often and for how long a transmission is tried."),
    ("oidc", "Signing in to the pages at a provider of OpenID Connect."),
    ("log", "What is written to standard error."),
];

const fn value(name: &'static str, default: &'static str, doc: &'static [&'static str]) -> Key {
    Key { name, fallback: Fallback::Value(default), example: default, doc }
}

const fn unset(name: &'static str, example: &'static str, doc: &'static [&'static str]) -> Key {
    Key { name, fallback: Fallback::Unset, example, doc }
}

const fn derived(
    name: &'static str,
    from: &'static str,
    example: &'static str,
    doc: &'static [&'static str],
) -> Key {
    Key { name, fallback: Fallback::Derived(from), example, doc }
}

/// All keys.
pub(crate) const KEYS: &[Key] = &[
    Key {
        name: "hostname",
        fallback: Fallback::Required,
        example: "\"mail.example.org\"",
        doc: &[
            "The name of this server: what it says in EHLO and its greeting, and what its",
            "certificate and its MX record should carry. A public A or AAAA record leads to it.",
        ],
    },
    derived(
        "data_dir",
        "the directory of this file",
        "\"/var/lib/guichet\"",
        &["The directory of database, keys and admin socket. The default is the file's own."],
    ),
    derived(
        "public_url",
        "https://, hostname, and the port of listen.https",
        "\"https://mail.example.org\"",
        &[
            "Where browsers reach the pages, for links in mail and in refusals: https://, a name,",
            "and a port if need be. Behind a proxy, what the proxy is called. Plain http only on",
            "loopback.",
        ],
    ),
    value(
        "database.url",
        "\"sqlite:guichet.db\"",
        &[
            "sqlite:FILE (relative to the data directory) or postgres://USER@HOST/DATABASE.",
            "With a password in it, nobody else may read this file (chmod 600).",
        ],
    ),
    value(
        "listen.address",
        "\"0.0.0.0\"",
        &["The address to listen at, or a list of addresses. \"[::]\" takes IPv6 and IPv4."],
    ),
    value(
        "listen.port_base",
        "0",
        &["Added to every port below: 20000 serves SMTP at 20025. From 0 to 64542."],
    ),
    derived(
        "listen.smtp",
        "listen.address, port_base + 25",
        "\"0.0.0.0:25\"",
        &["Mail from other servers. ADDRESS:PORT, a list of them, or \"off\"."],
    ),
    derived(
        "listen.submission",
        "listen.address, port_base + 587",
        "\"0.0.0.0:587\"",
        &["Mail from our people, STARTTLS first (RFC 6409)."],
    ),
    derived(
        "listen.submissions",
        "listen.address, port_base + 465",
        "\"0.0.0.0:465\"",
        &["Mail from our people, TLS from the first octet (RFC 8314)."],
    ),
    derived(
        "listen.imap",
        "listen.address, port_base + 143",
        "\"0.0.0.0:143\"",
        &["Reading mail, STARTTLS first (RFC 9051)."],
    ),
    derived(
        "listen.imaps",
        "listen.address, port_base + 993",
        "\"0.0.0.0:993\"",
        &["Reading mail, TLS from the first octet (RFC 8314)."],
    ),
    derived(
        "listen.https",
        "listen.address, port_base + 443",
        "\"0.0.0.0:443\"",
        &["Web pages and interfaces."],
    ),
    derived(
        "listen.http",
        "listen.address, port_base + 80",
        "\"0.0.0.0:80\"",
        &["Leads to HTTPS."],
    ),
    value(
        "tls.certificate",
        "\"tls/certificate.pem\"",
        &["The chain in PEM, the server's own certificate first. Relative to the data directory."],
    ),
    value(
        "tls.key",
        "\"tls/key.pem\"",
        &["The private key in PEM. Nobody else may read the file (chmod 600)."],
    ),
    unset(
        "outbound.smarthost",
        "\"relay.example.net:587\"",
        &["HOST:PORT that takes all mail for the outside. Without it the MX records decide."],
    ),
    value(
        "outbound.smarthost_tls",
        "\"opportunistic\"",
        &[
            "TLS towards the smarthost: \"opportunistic\" (STARTTLS if offered, any certificate),",
            "\"required\" (STARTTLS, valid certificate), \"implicit\" (TLS at once, valid",
            "certificate), \"off\".",
        ],
    ),
    unset(
        "outbound.smarthost_login",
        "\"guichet@example.org\"",
        &["The account at the smarthost. Needs smarthost_tls \"required\" or \"implicit\"."],
    ),
    unset(
        "outbound.smarthost_password_file",
        "\"smarthost-password\"",
        &["A file whose first line is the password of that account (chmod 600)."],
    ),
    value("outbound.mx_port", "25", &["The port of other mail servers. Only tests change it."]),
    value(
        "outbound.connections_per_host",
        "4",
        &["Connections to one other server at the same time. From 1 to 100."],
    ),
    unset(
        "outbound.bind_address",
        "\"192.0.2.25\"",
        &["The local address to send from, where the machine has several."],
    ),
    value(
        "dns.enabled",
        "true",
        &[
            "Whether names are looked up. With false, SPF, DKIM and DMARC of mail from outside",
            "stay unknown, and only a smarthost can take mail for the outside.",
        ],
    ),
    Key {
        name: "dns.servers",
        fallback: Fallback::Value("[]"),
        example: "[\"127.0.0.1:53\", \"9.9.9.9\"]",
        doc: &["Resolvers as IP or IP:PORT. Empty: those of the system."],
    },
    value(
        "smtp.message_octets_max",
        "36700160",
        &["The largest message, in octets (35 MiB). From 65536 to 1073741824."],
    ),
    value("smtp.recipients_max", "1000", &["Recipients of one message. From 100 to 1000."]),
    value(
        "smtp.connections_max",
        "1000",
        &["Connections at the same time, all of them together. From 1 to 100000."],
    ),
    value(
        "smtp.connections_per_address_max",
        "50",
        &["Connections at the same time from one IP address. At most connections_max."],
    ),
    value(
        "smtp.denial_style",
        "\"guichet\"",
        &[
            "The code for a sender without the right: \"guichet\" 550 5.7.131, \"exchange\"",
            "554 5.2.252, \"legacy\" 550 5.7.60.",
        ],
    ),
    value(
        "imap.connections_max",
        "4000",
        &[
            "IMAP connections at the same time, all of them together. A mail program keeps one to",
            "five open. From 1 to 100000.",
        ],
    ),
    value(
        "imap.connections_per_address_max",
        "200",
        &["IMAP connections at the same time from one IP address. At most connections_max."],
    ),
    value(
        "limits.messages_per_hour",
        "1800",
        &["Messages one account may submit in an hour. From 1 to 10000000."],
    ),
    value(
        "limits.recipients_per_day",
        "10000",
        &["Recipients one account may write to in a day. From 1 to 100000000."],
    ),
    value(
        "limits.failed_sign_ins_free",
        "5",
        &["Failed sign-ins of one account before it has to wait. From 1 to 1000000."],
    ),
    value(
        "limits.failed_sign_ins_free_per_address",
        "50",
        &["Failed sign-ins from one IP address before it has to wait. From 1 to 1000000."],
    ),
    value(
        "limits.first_wait_secs",
        "2",
        &["The first wait; each further failure doubles it. From 1 to 86400."],
    ),
    value(
        "limits.longest_wait_secs",
        "900",
        &["The wait grows no longer than this. From 1 to 86400."],
    ),
    value(
        "limits.loopback_exempt",
        "false",
        &["Whether sign-ins from this machine itself never wait."],
    ),
    value(
        "limits.admin_calls_per_window",
        "30000",
        &["Administration calls of one account in five minutes. From 1 to 10000000."],
    ),
    value(
        "queue.first_wait_secs",
        "300",
        &["The wait after the first failed transmission; it doubles. From 1 to 86400."],
    ),
    value(
        "queue.longest_wait_secs",
        "14400",
        &["The wait grows no longer than this (4 hours). From 1 to 604800."],
    ),
    value(
        "queue.lifetime_secs",
        "432000",
        &["After this the sender is told that it failed (5 days). From 60 to 2592000."],
    ),
    value(
        "queue.delay_notice_secs",
        "14400",
        &["After this the sender is told that it takes longer (4 hours). Less than the lifetime."],
    ),
    value("queue.workers", "8", &["Transmissions at the same time. From 1 to 1000."]),
    unset(
        "oidc.issuer",
        "\"https://login.example.org/realms/staff\"",
        &[
            "The provider's issuer, exactly as its openid-configuration writes it. Setting it puts",
            "a button on the sign-in page. The provider sends people back to",
            "https://HOSTNAME/sign-in/provider/back.",
        ],
    ),
    unset("oidc.client_id", "\"guichet\"", &["The name of this server at the provider."]),
    unset(
        "oidc.client_secret_file",
        "\"oidc-secret\"",
        &[
            "A file whose first line is the secret of that client (chmod 600). A public client has",
            "none.",
        ],
    ),
    Key {
        name: "oidc.scopes",
        fallback: Fallback::Value("[\"openid\", \"email\"]"),
        example: "[\"openid\", \"email\"]",
        doc: &["What is asked for. \"openid\" has to be among it."],
    },
    value(
        "oidc.address_claim",
        "\"email\"",
        &[
            "The claim of the ID token that is the person's address here. It links a person the",
            "first time, and only with email_verified = true beside it.",
        ],
    ),
    Key {
        name: "oidc.domains",
        fallback: Fallback::Value("[]"),
        example: "[\"example.org\"]",
        doc: &["Only addresses in these domains are linked. Empty: all domains of this server."],
    },
    unset(
        "oidc.label",
        "\"Example\"",
        &["What the button calls the provider. Without it, the host of the issuer."],
    ),
    value(
        "oidc.second_factor",
        "\"local\"",
        &[
            "\"local\": whoever has one-time codes here is asked for one after the provider too.",
            "\"provider\": the provider has asked for whatever has to be asked for.",
        ],
    ),
    value("log.level", "\"info\"", &["\"error\", \"warn\", \"info\", \"debug\" or \"trace\"."]),
    value(
        "log.format",
        "\"text\"",
        &["\"text\" for people, \"json\" for machines: one object a line."],
    ),
];
