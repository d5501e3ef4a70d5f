//! Real clients and a real server: each folder of `tests/e2e` is run here through its `run`.
//!
//! A script gets the binary (`GUICHET`), a folder of its own (`WORK`), a port base that nobody else
//! uses (`PORT_BASE`) and, where it is for the demo, the demo's data directory (`DIR`). It says
//! `skip: why` and ends with 0 where a program is missing; any other end than 0 is a failure.

use std::path::{Path, PathBuf};
use std::process::Command;

use testkit::{DEMO_PASSWORD, Options, PortRange, TestServer, skip};

/// What a script runs against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Against {
    /// A demo that runs already.
    Demo,
    /// Whatever it starts itself.
    ItsOwn,
}

const SCRIPTS: &[(&str, Against)] = &[
    ("01-swaks", Against::Demo),
    ("02-msmtp", Against::Demo),
    ("03-curl", Against::Demo),
    ("04-smtplib", Against::Demo),
    ("05-postfix", Against::ItsOwn),
    ("06-imaplib", Against::Demo),
    ("07-mbsync", Against::Demo),
    ("08-imapclient", Against::Demo),
    ("09-imapflow", Against::Demo),
    ("10-neomutt", Against::Demo),
    ("11-curl-imap", Against::Demo),
    ("12-browser", Against::Demo),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/e2e")
}

fn run(name: &str) {
    let (_, against) = SCRIPTS.iter().find(|(script, _)| *script == name).expect("it is listed");
    let binary = env!("CARGO_BIN_EXE_guichet");
    let work = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new(folder().join(name).join("run"));
    command.env("GUICHET", binary).env("WORK", work.path()).env("PASSWORD", DEMO_PASSWORD);
    let (server, ports) = match against {
        Against::Demo => (Some(TestServer::start(Options::demo(binary))), None),
        Against::ItsOwn => (None, Some(PortRange::reserve())),
    };
    if let Some(server) = &server {
        command.env("DIR", server.dir()).env("PORT_BASE", server.base().to_string());
    }
    if let Some(ports) = &ports {
        command.env("PORT_BASE", ports.base().to_string());
    }
    let output = command.output().expect("the script can be run");
    let said = String::from_utf8_lossy(&output.stdout);
    let log = server.map(|server| server.log()).unwrap_or_default();
    assert!(
        output.status.success(),
        "{name} ended with {}:\n{said}{}\n--- the server said:\n{log}",
        output.status,
        String::from_utf8_lossy(&output.stderr),
    );
    if let Some(why) = said.lines().find_map(|line| line.strip_prefix("skip: ")) {
        skip(&format!("e2e {name}"), why);
    }
}

#[test]
fn every_script_is_listed() {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap());
    let mut found: Vec<String> =
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    found.sort();
    let listed: Vec<&str> = SCRIPTS.iter().map(|(name, _)| *name).collect();
    assert_eq!(found, listed);
}

#[test]
fn swaks() {
    run("01-swaks");
}

#[test]
fn msmtp() {
    run("02-msmtp");
}

#[test]
fn curl() {
    run("03-curl");
}

#[test]
fn smtplib() {
    run("04-smtplib");
}

#[test]
fn postfix() {
    run("05-postfix");
}

#[test]
fn imaplib() {
    run("06-imaplib");
}

#[test]
fn mbsync() {
    run("07-mbsync");
}

#[test]
fn imapclient() {
    run("08-imapclient");
}

#[test]
fn imapflow() {
    run("09-imapflow");
}

#[test]
fn neomutt() {
    run("10-neomutt");
}

#[test]
fn curl_imap() {
    run("11-curl-imap");
}

#[test]
fn browser() {
    run("12-browser");
}
