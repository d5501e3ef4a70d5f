//! Bad circumstances: a full disk, a locked database, another server, a port in use, a wrong mode,
//! a directory that is not there, and the end of the process under load.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use testkit::{Options, PortRange, Reply, TestServer, Verdict, poll, skip};

const BINARY: &str = env!("CARGO_BIN_EXE_guichet");
const OWN: &str = "jean.dupont@contoso.com";

fn demo() -> TestServer {
    TestServer::start(Options::demo(BINARY))
}

fn message(subject: &str, octets: usize) -> String {
    let line = "y".repeat(76) + "\r\n";
    format!("From: {OWN}\r\nSubject: {subject}\r\n\r\n{}", line.repeat(octets / line.len() + 1))
}

fn submit(server: &TestServer, subject: &str, octets: usize) -> Reply {
    let mut session = server.session("jean.dupont");
    session.submit(OWN, &["marie.durand@contoso.com"], &message(subject, octets)).unwrap()
}

fn subjects(server: &TestServer) -> Vec<String> {
    let found = server.mailbox().subjects("marie.durand", "Inbox");
    found.into_iter().map(|(_, subject)| subject).collect()
}

/// A small file system of its own, unmounted when dropped.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    fn mount(size: &str) -> Option<SmallDisk> {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={size},mode=0700");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "guichet-test"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        mounted.is_ok_and(|status| status.success()).then_some(SmallDisk { folder })
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // A mount that stays is seen by the folder, which then cannot be removed.
        let _ = Command::new("umount").arg("-l").arg(self.folder.path()).status();
    }
}

#[test]
fn a_full_disk_is_told_as_temporary_and_passes() {
    let Some(disk) = SmallDisk::mount("48m") else {
        assert_eq!(skip("full disk", "no right to mount a small file system"), Verdict::Skipped);
        return;
    };
    let server = TestServer::start(Options::demo(BINARY).in_folder(disk.folder.path()));
    assert_eq!(submit(&server, "before", 1000).code, 250);
    let filler = disk.folder.path().join("filler");
    fill(&filler);
    let refused = poll::until("the disk to be full", || {
        Some(submit(&server, "full", 1_000_000)).filter(|reply| reply.code != 250)
    });
    assert_eq!(refused.code, 452, "{}", refused.text());
    assert!(refused.lines[0].starts_with("4.3.1 "), "{}", refused.text());
    let taken = subjects(&server);
    assert_eq!(server.run(&["rights"]).status, 0, "what is there can still be read");
    std::fs::remove_file(&filler).unwrap();
    poll::until("room to be used again", || {
        (submit(&server, "after", 1_000_000).code == 250).then_some(())
    });
    let found = subjects(&server);
    assert_eq!(found[..taken.len()], taken);
    assert_eq!(found.iter().filter(|subject| *subject == "after").count(), 1);
    assert_eq!(server.mailbox().inconsistent_folders(), [""; 0]);
    assert_eq!(server.mailbox().integrity(), "ok");
}

/// Fills the file system but for what the database has already.
fn fill(path: &Path) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(path).unwrap();
    for size in [1 << 20, 1 << 12] {
        let block = vec![0x5a; size];
        while file.write_all(&block).is_ok() {}
    }
}

#[test]
fn a_locked_database_is_told_as_temporary_and_passes() {
    let server = demo();
    let lock = server.mailbox().lock();
    let refused = submit(&server, "locked", 1000);
    assert_eq!(refused.code, 451, "{}", refused.text());
    assert!(refused.lines[0].starts_with("4.3."), "{}", refused.text());
    drop(lock);
    assert_eq!(submit(&server, "free", 1000).code, 250);
    assert_eq!(subjects(&server), ["free"]);
}

/// Runs `serve` where it must not start, and gives what it says. It must end by itself.
fn serve_that_fails(dir: &Path, base: u16) -> Output {
    let mut child = Command::new(BINARY)
        .args(["serve", "--dir"])
        .arg(dir)
        .env("GUICHET_LISTEN_PORT_BASE", base.to_string())
        .env("GUICHET_LISTEN_ADDRESS", "127.0.0.1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let ended = poll::within(poll::PATIENCE, || child.try_wait().unwrap());
    if ended.is_none() {
        child.kill().unwrap();
    }
    let output = child.wait_with_output().unwrap();
    assert!(ended.is_some(), "it runs: {}", said(&output));
    output
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_second_server_on_the_same_directory_is_refused() {
    let server = demo();
    let ports = PortRange::reserve();
    let output = serve_that_fails(server.dir(), ports.base());
    let text = said(&output);
    assert!(!output.status.success());
    let holder = format!("another guichet runs on {} (pid {})", server.dir().display(), {
        server.process_id()
    });
    assert!(text.contains(&holder), "{text}");
    assert_eq!(submit(&server, "undisturbed", 100).code, 250);
}

/// A directory that `init` made.
fn initialised(folder: &Path) -> PathBuf {
    let dir = folder.join("data");
    let output = Command::new(BINARY)
        .args(["init", "--domain", "contoso.com", "--admin", "admin@contoso.com", "--dir"])
        .arg(&dir)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    dir
}

#[test]
fn what_keeps_a_server_from_starting_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let ports = PortRange::reserve();
    let gone = folder.path().join("nowhere");
    let output = serve_that_fails(&gone, ports.base());
    assert!(said(&output).contains(&format!("{} does not exist", gone.display())));
    assert!(!output.status.success());

    let dir = initialised(folder.path());
    let set_mode = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set_mode(&dir, 0o755);
    let output = serve_that_fails(&dir, ports.base());
    assert!(said(&output).contains(&format!("chmod 700 {}", dir.display())), "{}", said(&output));
    set_mode(&dir, 0o700);

    let key = dir.join("tls/key.pem");
    set_mode(&key, 0o644);
    let output = serve_that_fails(&dir, ports.base());
    assert!(said(&output).contains("chmod 600"), "{}", said(&output));
    set_mode(&key, 0o600);

    let taken = TcpListener::bind(("127.0.0.1", ports.base() + 587)).unwrap();
    let output = serve_that_fails(&dir, ports.base());
    let address = taken.local_addr().unwrap().to_string();
    assert!(said(&output).contains(&address), "{}", said(&output));
    assert!(said(&output).lines().count() <= 3, "one sentence: {}", said(&output));
    assert!(!output.status.success());

    // Without the log beside it, from which SQLite would mend the file.
    for log in ["guichet.db-wal", "guichet.db-shm"] {
        let _ = std::fs::remove_file(dir.join(log));
    }
    let database = dir.join("guichet.db");
    std::fs::write(&database, b"this is no database, whatever its name says").unwrap();
    drop(taken);
    let output = serve_that_fails(&dir, ports.base());
    assert!(said(&output).contains("guichet.db"), "{}", said(&output));
    assert!(!output.status.success());
}

#[test]
fn sigterm_under_load_ends_in_time_and_loses_nothing() {
    let mut server = demo();
    let taken = Mutex::new(Vec::new());
    let port = server.port(465);
    let took = std::thread::scope(|scope| {
        for connection in 0..6 {
            let taken = &taken;
            scope.spawn(move || {
                for subject in accepted(port, connection) {
                    taken.lock().unwrap().push(subject);
                }
            });
        }
        poll::within(Duration::from_millis(700), || None::<()>);
        let (status, took) = server.stop();
        assert!(status.success(), "{status}");
        took
    });
    assert!(took < Duration::from_secs(10), "{took:?}");
    server.start_again();
    let mut found = subjects(&server);
    let mut taken = taken.into_inner().unwrap();
    assert!(!taken.is_empty());
    found.sort();
    taken.sort();
    // What was under way was finished and answered: no client is left in doubt.
    assert_eq!(found, taken);
    assert_eq!(server.mailbox().inconsistent_folders(), [""; 0]);
}

/// Sends until the server goes away: with 421, or without a word.
fn accepted(port: u16, connection: usize) -> Vec<String> {
    let mut accepted = Vec::new();
    let Ok(mut session) = testkit::SmtpClient::connect_tls(port) else { return accepted };
    if session.log_in(OWN, testkit::DEMO_PASSWORD).is_err() {
        return accepted;
    }
    for number in 0.. {
        let subject = format!("term-{connection}-{number}");
        let text = message(&subject, 2000);
        match session.submit(OWN, &["marie.durand@contoso.com"], &text) {
            Ok(reply) if reply.code == 250 => accepted.push(subject),
            Ok(reply) => {
                assert_eq!(reply.code, 421, "{}", reply.text());
                break;
            }
            Err(_) => break,
        }
    }
    accepted
}
