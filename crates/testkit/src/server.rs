//! The real server as a child process, on a data directory and on ports of its own.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::client::SmtpClient;
use crate::database::PostgresDatabase;
use crate::imap::ImapClient;
use crate::mailbox::Mailbox;
use crate::outside::Outside;
use crate::poll;
use crate::ports::PortRange;

/// The password of every account of the demo.
pub const DEMO_PASSWORD: &str = "guichet-demo";
/// A server that has not ended so long after SIGTERM hangs.
const STOP_MAX: Duration = Duration::from_secs(30);

/// What runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Program {
    /// `guichet demo`: the sample organisation and an outside.
    Demo,
    /// `guichet serve` on a directory made by `guichet init`.
    Serve,
}

/// How a server is started.
#[derive(Debug, Clone)]
pub struct Options {
    binary: PathBuf,
    program: Program,
    folder: Option<PathBuf>,
    database: Option<Arc<PostgresDatabase>>,
    environment: Vec<(String, String)>,
}

impl Options {
    /// The sample organisation without its story. `binary` is `env!("CARGO_BIN_EXE_guichet")`.
    pub fn demo(binary: &str) -> Options {
        Options {
            binary: PathBuf::from(binary),
            program: Program::Demo,
            folder: None,
            database: None,
            environment: Vec::new(),
        }
    }

    /// An empty organisation `contoso.com` with the administrator `admin@contoso.com`.
    pub fn serve(binary: &str) -> Options {
        Options { program: Program::Serve, ..Options::demo(binary) }
    }

    /// The same for each engine at hand: SQLite, and an empty database of PostgreSQL where
    /// `TEST_POSTGRES_URL` names a server.
    pub fn on_each_engine(self) -> Vec<Options> {
        let on_postgres = PostgresDatabase::create().map(|database| {
            let options = self.clone().set("database.url", &database.url());
            Options { database: Some(Arc::new(database)), ..options }
        });
        std::iter::once(self).chain(on_postgres).collect()
    }

    /// Puts the data directory into this folder instead of a new one.
    #[must_use]
    pub fn in_folder(mut self, folder: &Path) -> Options {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Sets a key of the configuration, through its environment variable.
    #[must_use]
    pub fn set(mut self, key: &str, value: &str) -> Options {
        let variable = format!("GUICHET_{}", key.replace('.', "_").to_uppercase());
        self.environment.push((variable, value.to_owned()));
        self
    }

    /// Trusts the certificates in this file instead of the system's.
    #[must_use]
    pub fn trusting(mut self, certificates: &Path) -> Options {
        self.environment.push(("SSL_CERT_FILE".to_owned(), certificates.display().to_string()));
        self
    }
}

/// What a command of the administration did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Its exit status; -1 where a signal ended it.
    pub status: i32,
    /// What it printed.
    pub stdout: String,
    /// What it said besides.
    pub stderr: String,
}

/// A running server. Its process ends when this is dropped.
#[derive(Debug)]
pub struct TestServer {
    options: Options,
    ports: PortRange,
    dir: PathBuf,
    log: PathBuf,
    child: Child,
    /// Keeps the folder as long as the server.
    _folder: Option<TempDir>,
}

impl TestServer {
    /// Starts a server and waits until it answers.
    ///
    /// # Panics
    /// Where it does not; the panic shows what the server said.
    pub fn start(options: Options) -> TestServer {
        TestServer::start_on(PortRange::reserve(), options)
    }

    /// The same on ports that were reserved before, for keys that name one.
    pub fn start_on(ports: PortRange, options: Options) -> TestServer {
        let own_folder = options.folder.is_none().then(|| {
            tempfile::Builder::new().prefix("guichet-test-").tempdir().expect("a temporary folder")
        });
        let folder = match (&options.folder, &own_folder) {
            (Some(folder), _) => folder.clone(),
            (None, own) => own.as_ref().expect("made above").path().to_owned(),
        };
        let (dir, log) = (folder.join("data"), folder.join("log"));
        if options.program == Program::Serve && !dir.exists() {
            initialise(&options, &dir);
        }
        let child = spawn(&options, &dir, &log, ports.base());
        let mut server = TestServer { options, ports, dir, log, child, _folder: own_folder };
        server.wait_until_ready();
        server
    }

    /// The port of a service: its usual number.
    pub fn port(&self, usual: u16) -> u16 {
        self.ports.base() + usual
    }

    /// The port base.
    pub fn base(&self) -> u16 {
        self.ports.base()
    }

    /// The data directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The process.
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// What the server wrote to its standard output and error so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Whether its database is the file in its directory.
    pub fn is_embedded(&self) -> bool {
        self.options.database.is_none()
    }

    /// Its database, where that is the file in its directory.
    pub fn mailbox(&self) -> Mailbox {
        Mailbox::of(&self.dir)
    }

    /// What left the demo.
    pub fn outside(&self) -> Outside {
        Outside::of(&self.dir)
    }

    /// A session at the submission port with implicit TLS, logged in with the demo's password.
    ///
    /// # Panics
    /// Where the server does not let it in.
    pub fn session(&self, login: &str) -> SmtpClient {
        self.try_session(login).expect("the submission port answers and the password is right")
    }

    /// The same where the server may be going away.
    pub fn try_session(&self, login: &str) -> std::io::Result<SmtpClient> {
        let mut client = SmtpClient::connect_tls(self.port(465))?;
        client.log_in(&address(login), DEMO_PASSWORD)?;
        Ok(client)
    }

    /// An IMAP session under TLS, logged in with the demo's password.
    ///
    /// # Panics
    /// Where the server does not let it in.
    pub fn imap(&self, login: &str) -> ImapClient {
        let mut client = ImapClient::connect_tls(self.port(993)).expect("the IMAP port answers");
        client.done(&format!("LOGIN {} {DEMO_PASSWORD}", address(login)));
        client
    }

    /// Creates users with the demo's password, in an organisation that was only initialised.
    ///
    /// # Panics
    /// Where the server does not.
    pub fn create_users(&self, logins: &[&str]) {
        for login in logins {
            let (address, name) = (address(login), name_of(login));
            let arguments = ["user", "create", &address, "--name", &name, "--password-file", "-"];
            let ran = self.run_with(&arguments, DEMO_PASSWORD);
            assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
        }
    }

    /// Runs a command of the administration on this server.
    ///
    /// # Panics
    /// Where the binary cannot be run at all.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Ran {
        self.run_with(arguments, "")
    }

    /// The same with a line for its standard input.
    pub fn run_with<S: AsRef<OsStr>>(&self, arguments: &[S], input: &str) -> Ran {
        let mut command = Command::new(&self.options.binary);
        command.args(arguments).arg("--dir").arg(&self.dir);
        ran(&mut command, input)
    }

    /// Runs a command that must succeed, and gives what it printed.
    ///
    /// # Panics
    /// Where its status is not 0.
    pub fn done<S: AsRef<OsStr> + std::fmt::Debug>(&self, arguments: &[S]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.status, 0, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    /// Ends the process with SIGKILL.
    pub fn kill9(&mut self) {
        // The process may have ended by itself, which the next wait tells.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks the process to end (SIGTERM) and waits for it: its status and how long it took.
    ///
    /// # Panics
    /// Where it does not end.
    pub fn stop(&mut self) -> (ExitStatus, Duration) {
        let started = Instant::now();
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().expect("kill is there");
        assert!(sent.success(), "the server had ended before: {}", self.log());
        let status = poll::within(STOP_MAX, || self.child.try_wait().expect("it is our child"));
        let status = status.unwrap_or_else(|| panic!("still running: {}", self.log()));
        (status, started.elapsed())
    }

    /// Starts the process again on the same directory and ports, after it has ended, and waits
    /// until it answers.
    ///
    /// # Panics
    /// Where it does not.
    pub fn start_again(&mut self) {
        self.child = spawn(&self.options, &self.dir, &self.log, self.ports.base());
        self.wait_until_ready();
    }

    fn wait_until_ready(&mut self) {
        let started = Instant::now();
        let (smtp, submission, submissions) = (self.port(25), self.port(587), self.port(465));
        let socket = self.dir.join("admin.sock");
        let is_ready = poll::within(poll::PATIENCE, || {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                panic!("the server ended with {status}:\n{}", self.log());
            }
            let all = socket.exists()
                && greets(SmtpClient::connect(smtp))
                && greets(SmtpClient::connect(submission))
                && greets(SmtpClient::connect_tls(submissions));
            all.then_some(())
        });
        let took = started.elapsed();
        assert!(is_ready.is_some(), "not ready after {took:?}:\n{}", self.log());
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.kill9();
        if std::thread::panicking() {
            eprintln!("--- the server said:\n{}---", self.log());
        }
    }
}

/// The full address of a login of the sample organisation.
pub(crate) fn address(login: &str) -> String {
    if login.contains('@') { login.to_owned() } else { format!("{login}@contoso.com") }
}

/// `jean.dupont` is Jean Dupont.
fn name_of(login: &str) -> String {
    let parts = login.split('.').map(|part| {
        let (first, rest) = part.split_at(1);
        first.to_uppercase() + rest
    });
    parts.collect::<Vec<_>>().join(" ")
}

fn greets(client: std::io::Result<SmtpClient>) -> bool {
    client.and_then(|mut client| client.reply()).is_ok_and(|reply| reply.code == 220)
}

fn initialise(options: &Options, dir: &Path) {
    let mut command = Command::new(&options.binary);
    command.arg("init").arg("--dir").arg(dir);
    command.args(["--domain", "contoso.com", "--admin", "admin@contoso.com"]);
    command.args(["--hostname", "mail.contoso.com"]);
    let ran = ran(&mut command, "");
    assert_eq!(ran.status, 0, "init: {}{}", ran.stdout, ran.stderr);
}

fn spawn(options: &Options, dir: &Path, log: &Path, base: u16) -> Child {
    let log = File::options().create(true).append(true).open(log).expect("a log can be written");
    let mut command = Command::new(&options.binary);
    match options.program {
        Program::Demo => {
            command.args(["demo", "--no-story", "--port-base", &base.to_string()]);
        }
        Program::Serve => {
            command.arg("serve");
            command.env("GUICHET_LISTEN_PORT_BASE", base.to_string());
            command.env("GUICHET_LISTEN_ADDRESS", "127.0.0.1");
        }
    }
    command.arg("--dir").arg(dir);
    command.envs(options.environment.iter().cloned());
    command.stdin(Stdio::null());
    command.stdout(log.try_clone().expect("a file can be opened twice"));
    command.stderr(log);
    command.spawn().expect("the binary can be run")
}

fn ran(command: &mut Command, input: &str) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary can be run");
    let mut stdin = child.stdin.take().expect("asked for above");
    // A command that does not read its input may have ended.
    let _ = writeln!(stdin, "{input}");
    drop(stdin);
    let output = child.wait_with_output().expect("the binary can be waited for");
    Ran {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
