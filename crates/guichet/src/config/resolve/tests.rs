use super::super::keys::KEYS;
use super::super::raw::Environment;
use super::super::resolved::HostPort;
use super::super::{ConfigError, show, template};
use super::*;

fn config(source: &str) -> Config {
    read(source, &Environment::new()).unwrap()
}

fn read(source: &str, environment: &Environment) -> Result<Config, ConfigError> {
    Config::from_text(Path::new("/srv/mail/guichet.toml"), source, environment)
}

fn problems(source: &str) -> Vec<String> {
    match read(source, &Environment::new()) {
        Err(ConfigError::Invalid(problems)) => problems.iter().map(Problem::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

const MINIMAL: &str = "hostname = \"mail.example.org\"\n";

#[test]
fn the_defaults_are_those_promised() {
    let config = config(MINIMAL);
    assert_eq!(config.data_dir, Path::new("/srv/mail"));
    assert_eq!(config.database, DatabaseUrl::Sqlite("/srv/mail/guichet.db".into()));
    assert_eq!(config.tls.key, Path::new("/srv/mail/tls/key.pem"));
    assert_eq!(config.listen.smtp, vec!["0.0.0.0:25".parse().unwrap()]);
    assert_eq!(config.listen.submissions, vec!["0.0.0.0:465".parse().unwrap()]);
    assert_eq!(config.outbound.smarthost, None);
    assert_eq!(config.outbound.mx_port, 25);
    assert!(config.dns.is_enabled && config.dns.servers.is_empty());
    assert_eq!(config.smtp.message_octets_max, 35 * 1024 * 1024);
    assert_eq!(config.smtp.denial_style, DenialStyle::Guichet);
    assert_eq!(config.limits.messages_per_hour, 1800);
    assert_eq!(config.queue.lifetime, Duration::from_secs(5 * 24 * 3600));
    assert_eq!(config.log.level, LogLevel::Info);
}

#[test]
fn every_example_of_the_table_is_valid() {
    // Together they are: each key written with its example, as a person would.
    let mut source = String::new();
    let mut section = None;
    for key in KEYS.iter().filter(|key| !key.name.starts_with("outbound.smarthost_")) {
        if key.section() != section {
            section = key.section();
            source.push_str(&format!("[{}]\n", section.unwrap_or_default()));
        }
        source.push_str(&format!("{} = {}\n", key.short_name(), key.example));
    }
    config(&source);
    let account = "[outbound]\nsmarthost = \"relay.example.net:587\"\nsmarthost_tls = \"required\"\n\
                   smarthost_login = \"guichet@example.org\"\n\
                   smarthost_password_file = \"smarthost-password\"\n";
    let smarthost = config(&format!("{MINIMAL}{account}")).outbound.smarthost.unwrap();
    assert_eq!(smarthost.server, HostPort { host: "relay.example.net".into(), port: 587 });
    let file = smarthost.account.unwrap().password_file;
    assert_eq!(file, Path::new("/srv/mail/smarthost-password"));
}

#[test]
fn a_provider_is_called_by_its_host_and_its_secret_lies_in_the_data_directory() {
    let issuer = "[oidc]\nissuer = \"https://login.example.org:8443/realms/staff\"\n";
    let oidc = config(&format!("{MINIMAL}{issuer}client_id = \"guichet\"\n")).oidc.unwrap();
    assert_eq!((oidc.label.as_str(), oidc.client_secret()), ("login.example.org", Ok(None)));
    assert_eq!((oidc.address_claim.as_str(), oidc.scopes.len()), ("email", 2));
    let more = "client_id = \"g\"\nclient_secret_file = \"s\"\nlabel = \"Staff\"\n\
                domains = [\"Example.ORG\"]\nsecond_factor = \"provider\"\n";
    let oidc = config(&format!("{MINIMAL}{issuer}{more}")).oidc.unwrap();
    assert_eq!(oidc.client_secret_file.as_deref(), Some(Path::new("/srv/mail/s")));
    assert_eq!((oidc.label.as_str(), &oidc.domains[..]), ("Staff", &["example.org".into()][..]));
    assert_eq!(config(MINIMAL).oidc, None);
}

#[test]
fn every_key_has_a_section_that_is_explained() {
    for key in KEYS {
        let known =
            super::super::keys::SECTIONS.iter().any(|(name, _)| Some(*name) == key.section());
        assert!(known || key.section().is_none(), "{}", key.name);
        assert!(!key.doc.is_empty(), "{}", key.name);
    }
}

#[test]
fn the_template_is_the_default_and_stays_so_without_its_comment_signs() {
    let text = template::file_text("mail.example.org");
    let Config { effective, .. } = config(&text);
    let written = |row: &&Effective| matches!(row.origin, Origin::Written(_));
    assert_eq!(effective.iter().filter(written).count(), 1, "hostname alone is written");
    let active: String = text
        .lines()
        .map(|line| match line.strip_prefix('#') {
            // What is not set by default would change the meaning.
            Some(setting) if !setting.starts_with(' ') && !setting.starts_with("smarthost_") => {
                setting
            }
            _ => line,
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let uncommented = config(&active);
    assert_eq!(uncommented.limits, config(MINIMAL).limits);
    assert_eq!(uncommented.listen, config(MINIMAL).listen);
    assert_eq!(uncommented.queue, config(MINIMAL).queue);
    assert!(text.lines().all(|line| line.chars().count() <= 100));
}

#[test]
fn the_port_base_moves_all_ports_up_to_its_edge() {
    let at = |base: u16| config(&format!("{MINIMAL}[listen]\nport_base = {base}\n")).listen;
    assert_eq!(at(20000).https, vec!["0.0.0.0:20443".parse().unwrap()]);
    assert_eq!(at(64542).imaps, vec!["0.0.0.0:65535".parse().unwrap()]);
    assert!(problems(&format!("{MINIMAL}[listen]\nport_base = 64543\n"))[0].contains("64542"));
}

#[test]
fn the_environment_wins_over_the_file() {
    let environment: Environment = [
        ("GUICHET_LISTEN_PORT_BASE", "20000"),
        ("GUICHET_HOSTNAME", "mx.example.org"),
        ("GUICHET_LISTEN_HTTP", "off"),
        ("GUICHET_DNS_SERVERS", "[\"127.0.0.1\"]"),
        ("GUICHET_DIR", "/elsewhere"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let config = read(&format!("{MINIMAL}[listen]\nport_base = 1\n"), &environment).unwrap();
    assert_eq!(config.hostname.as_str(), "mx.example.org");
    assert_eq!(config.listen.smtp, vec!["0.0.0.0:20025".parse().unwrap()]);
    assert_eq!(config.listen.http, vec![]);
    assert_eq!(config.dns.servers, vec!["127.0.0.1:53".parse().unwrap()]);
    let shown = show(&config);
    assert!(shown.contains("# environment GUICHET_HOSTNAME"), "{shown}");
    let wrong = [("GUICHET_QUEUE_WORKERS".to_owned(), "many".to_owned())].into();
    let error = read(MINIMAL, &wrong).unwrap_err().to_string();
    assert!(error.contains("environment GUICHET_QUEUE_WORKERS: queue.workers"), "{error}");
}

#[test]
fn what_is_shown_reads_back_as_the_same() {
    let first =
        config(&format!("{MINIMAL}[listen]\naddress = [\"127.0.0.1\", \"::1\"]\nhttp = \"off\"\n"));
    let shown = show(&first);
    assert!(shown.contains("guichet.toml:4:8"), "{shown}");
    let second = config(&shown);
    assert_eq!((first.listen, first.queue), (second.listen, second.queue));
}

#[test]
fn no_password_is_ever_shown() {
    for url in [
        "postgres://guichet:s3cret@db.example.org/guichet",
        "postgres://guichet:s3cret@x@db.example.org/guichet",
        "postgres:///guichet?user=guichet&password=s3cret&sslmode=require",
    ] {
        let config = config(&format!("{MINIMAL}[database]\nurl = \"{url}\"\n"));
        assert_eq!(config.database, DatabaseUrl::Postgres(url.to_owned()));
        let (shown, debug) = (show(&config), format!("{config:?}"));
        assert!(shown.contains("***") && !shown.contains("s3cret"), "{shown}");
        assert!(!debug.contains("s3cret"), "{debug}");
    }
    let wrong = problems(&format!("{MINIMAL}[database]\nurl = \"mysql://me:s3cret@db/x\"\n"));
    assert!(wrong[0].contains("***") && !wrong[0].contains("s3cret"), "{wrong:?}");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let found = problems("hostnam = 1\n[smtp]\nrecipients_max = 0\n[queue]\nworker = 8\n");
    assert_eq!(found.len(), 3, "{found:#?}");
}
