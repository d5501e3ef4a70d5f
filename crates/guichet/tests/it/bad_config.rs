//! Each mistake in a configuration gives a good sentence: what is wrong, where, and what to write
//! instead. One directory per mistake under `tests/bad-config`: `guichet.toml` and what
//! `guichet config check` must print (`expected`, with DIR for the data directory).

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A configuration without mistakes, but for what a test puts behind it.
const GOOD: &str = "hostname = \"mail.example.org\"\n";

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/bad-config")
}

/// A data directory with this configuration and a certificate.
fn data_dir(config: &str) -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    fs::write(dir.path().join("guichet.toml"), config).expect("written");
    fs::create_dir(dir.path().join("tls")).expect("made");
    write_certificate(&dir.path().join("tls/certificate.pem"), &dir.path().join("tls/key.pem"));
    dir
}

fn write_certificate(certificate: &Path, key: &Path) {
    let made = rcgen::generate_simple_self_signed(vec!["mail.example.org".to_owned()])
        .expect("a certificate");
    fs::write(certificate, made.cert.pem()).expect("written");
    fs::write(key, made.signing_key.serialize_pem()).expect("written");
    // Whatever the umask of whoever runs the tests.
    set_mode(certificate, 0o644);
    set_mode(key, 0o600);
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("mode set");
}

/// Runs `guichet config …` without the environment of whoever runs the tests.
fn guichet_config(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_guichet"))
        .env_clear()
        .arg("config")
        .args(arguments)
        .output()
        .expect("the binary runs")
}

/// Exit status and what was printed, with DIR for the directory.
fn check(dir: &Path) -> (i32, String) {
    let path = dir.to_str().expect("UTF-8");
    let output = guichet_config(&["check", "--dir", path]);
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    (output.status.code().expect("an exit status"), printed.replace(path, "DIR"))
}

#[test]
fn each_mistake_has_its_sentence() {
    let mut names: Vec<PathBuf> = fs::read_dir(cases())
        .expect("the cases are there")
        .map(|entry| entry.expect("readable").path())
        .collect();
    names.sort();
    assert!(names.len() >= 20, "cases have got lost: {}", names.len());
    let mut wrong = Vec::new();
    for case in names {
        let config = fs::read_to_string(case.join("guichet.toml")).expect("guichet.toml");
        let expected = fs::read_to_string(case.join("expected")).expect("expected");
        let dir = data_dir(&config);
        let (status, printed) = check(dir.path());
        if status != 1 || printed != expected {
            wrong.push(format!("{}: status {status}, printed:\n{printed}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_good_configuration_is_ok() {
    assert_eq!(check(data_dir(GOOD).path()), (0, "ok\n".to_owned()));
}

#[test]
fn a_key_that_others_may_read_is_refused_with_the_command() {
    let dir = data_dir(GOOD);
    let key = dir.path().join("tls/key.pem");
    for mode in [0o644, 0o604, 0o660, 0o601] {
        set_mode(&key, mode);
        let expected = format!(
            "DIR/guichet.toml: tls.key: DIR/tls/key.pem has mode {mode:04o}, so others could read \
             or change the secret in it; run: chmod 600 DIR/tls/key.pem\n"
        );
        assert_eq!(check(dir.path()), (1, expected));
    }
    for mode in [0o600, 0o400, 0o640] {
        set_mode(&key, mode);
        assert_eq!(check(dir.path()), (0, "ok\n".to_owned()), "{mode:o}");
    }
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let dir = data_dir(GOOD);
    let unused = dir.path().join("unused.pem");
    write_certificate(&unused, &dir.path().join("tls/key.pem"));
    let (status, printed) = check(dir.path());
    assert_eq!(status, 1);
    assert!(printed.contains("cannot be used together"), "{printed}");
}

#[test]
fn the_secret_of_a_provider_must_be_there_and_closed() {
    let dir = data_dir(&format!(
        "{GOOD}[oidc]\nissuer = \"https://login.example.org\"\nclient_id = \"guichet\"\n\
         client_secret_file = \"secret\"\n"
    ));
    let file = dir.path().join("secret");
    let (status, printed) = check(dir.path());
    assert_eq!(status, 1);
    assert!(printed.contains("cannot read DIR/secret"), "{printed}");
    fs::write(&file, "secret\n").expect("written");
    set_mode(&file, 0o644);
    assert!(check(dir.path()).1.contains("chmod 600"));
    set_mode(&file, 0o600);
    assert_eq!(check(dir.path()), (0, "ok\n".to_owned()));
}

#[test]
fn a_password_file_must_be_there_filled_and_closed() {
    let dir = data_dir(&format!(
        "{GOOD}[outbound]\nsmarthost = \"relay.example.net:465\"\nsmarthost_tls = \"implicit\"\n\
         smarthost_login = \"guichet\"\nsmarthost_password_file = \"password\"\n"
    ));
    let file = dir.path().join("password");
    let (status, printed) = check(dir.path());
    assert_eq!(status, 1);
    assert!(printed.starts_with("DIR/guichet.toml:6:27: outbound."), "{printed}");
    assert!(printed.contains("cannot read DIR/password"), "{printed}");
    fs::write(&file, "\nsecret\n").expect("written");
    set_mode(&file, 0o600);
    assert!(check(dir.path()).1.contains("first line of DIR/password is empty"));
    fs::write(&file, "secret\n").expect("written");
    assert_eq!(check(dir.path()).0, 0);
    set_mode(&file, 0o644);
    assert!(check(dir.path()).1.contains("chmod 600 DIR/password"));
}

#[test]
fn a_database_password_in_an_open_file_is_refused() {
    let url = "postgres://guichet:secret@localhost/guichet";
    let dir = data_dir(&format!("{GOOD}[database]\nurl = \"{url}\"\n"));
    let file = dir.path().join("guichet.toml");
    set_mode(&file, 0o644);
    let (status, printed) = check(dir.path());
    assert_eq!(status, 1);
    assert!(printed.contains("chmod 600 DIR/guichet.toml"), "{printed}");
    assert!(!printed.contains("secret@"), "{printed}");
    set_mode(&file, 0o600);
    assert_eq!(check(dir.path()).0, 0);
}

#[test]
fn what_is_no_data_directory_is_told_apart() {
    let empty = tempfile::tempdir().expect("a temporary directory");
    let path = empty.path().to_str().expect("UTF-8");
    let output = guichet_config(&["check", "--dir", path]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("has no guichet.toml"), "{told}");

    let output = guichet_config(&["check", "--dir", &format!("{path}/missing")]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("missing does not exist: make"), "{told}");

    assert_eq!(guichet_config(&["check"]).status.code(), Some(2));
}

#[test]
fn show_prints_values_with_their_origins() {
    let dir = data_dir(&format!("{GOOD}[listen]\nport_base = 20000\n"));
    let file = dir.path().join("guichet.toml");
    let file = file.to_str().expect("UTF-8");
    let output = guichet_config(&["show", "--config", file]);
    assert_eq!(output.status.code(), Some(0));
    let shown = String::from_utf8(output.stdout).expect("UTF-8");
    let has = |setting: &str, origin: &str| {
        shown.lines().any(|line| line.starts_with(setting) && line.ends_with(origin))
    };
    assert!(has("port_base = 20000 ", &format!("# {file}:3:13")), "{shown}");
    assert!(has("smtp = \"0.0.0.0:20025\" ", "# from listen.address, port_base + 25"), "{shown}");
    assert!(has("workers = 8 ", "# default"), "{shown}");
    assert!(has("# smarthost ", "# not set"), "{shown}");
}
