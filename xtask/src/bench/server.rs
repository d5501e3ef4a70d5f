//! The servers that are measured: each is a script in `tests/peers` with the same verbs, and the
//! names of the accounts that the script makes.

use std::fs::{self, File};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::program::Programs;
use crate::repository;

/// Mailboxes that the load goes to.
const MAILBOXES: usize = 20;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Product {
    /// Ours, on SQLite.
    Guichet,
    /// Debian's Postfix and Dovecot.
    PostfixDovecot,
}

impl Product {
    /// All, ours first.
    pub(super) const ALL: [Product; 2] = [Product::Guichet, Product::PostfixDovecot];

    /// The name in tables.
    pub(super) fn name(self) -> &'static str {
        match self {
            Product::Guichet => "Guichet",
            Product::PostfixDovecot => "Postfix + Dovecot",
        }
    }

    fn script(self) -> &'static str {
        match self {
            Product::Guichet => "tests/peers/guichet.sh",
            Product::PostfixDovecot => "tests/peers/postfix-dovecot.sh",
        }
    }

    fn stage(self) -> Stage {
        match self {
            Product::Guichet => Stage {
                submission: "127.0.0.1:31587",
                reception: "127.0.0.1:31025",
                login: "claire.martin@contoso.com",
                password: "guichet-demo",
                allowed: "support@contoso.com",
                forbidden: "facturation@contoso.com",
                recipients: (1..=MAILBOXES).map(|at| format!("user{at}@contoso.com")).collect(),
                imap: "127.0.0.1:31993",
                watched: Watched {
                    recipient: "support@contoso.com",
                    login: "jean.dupont@contoso.com",
                    password: "guichet-demo",
                    mailbox: "Groups/Support",
                },
            },
            Product::PostfixDovecot => Stage {
                submission: "127.0.0.1:2587",
                reception: "127.0.0.1:2525",
                login: "user1@example.test",
                password: "secret1",
                allowed: "group1@example.test",
                forbidden: "group5@example.test",
                recipients: (1..=MAILBOXES).map(|at| format!("user{at}@example.test")).collect(),
                imap: "127.0.0.1:1993",
                // A group there goes on to its first member.
                watched: Watched {
                    recipient: "group20@example.test",
                    login: "user20@example.test",
                    password: "secret20",
                    mailbox: "INBOX",
                },
            },
        }
    }
}

/// Ports and accounts, as the script makes them.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) submission: &'static str,
    pub(super) reception: &'static str,
    pub(super) login: &'static str,
    pub(super) password: &'static str,
    /// An address, not the account's own, that it may send as.
    pub(super) allowed: &'static str,
    /// One that it may not.
    pub(super) forbidden: &'static str,
    pub(super) recipients: Vec<String>,
    /// IMAP with implicit TLS.
    pub(super) imap: &'static str,
    pub(super) watched: Watched,
}

/// A group, and a member who idles in its mailbox.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) recipient: &'static str,
    pub(super) login: &'static str,
    pub(super) password: &'static str,
    pub(super) mailbox: &'static str,
}

/// A running server; stopped and its data deleted when dropped.
#[derive(Debug)]
pub(super) struct Server {
    /// Which one.
    pub(super) product: Product,
    /// Its ports and accounts.
    pub(super) stage: Stage,
    program: String,
}

impl Server {
    /// Starts one with the accounts for the load.
    pub(super) fn start(product: Product, programs: &Programs) -> Result<Server> {
        Server::start_as(product, programs, "setup")
    }

    /// Starts one that was set up by `verb` of its script.
    pub(super) fn start_as(product: Product, programs: &Programs, verb: &str) -> Result<Server> {
        if product == Product::PostfixDovecot {
            let user = repository::output_of("id", &["-u"])?;
            ensure!(user.trim() == "0", "Postfix and Dovecot need root; or use --peers none");
        }
        let program = programs.guichet.display().to_string();
        let server = Server { product, stage: product.stage(), program };
        for verb in ["install", verb, "start"] {
            server.script(verb)?;
        }
        Ok(server)
    }

    /// Its root processes.
    pub(super) fn processes(&self) -> Result<Vec<String>> {
        Ok(self.script("pids")?.split_whitespace().map(str::to_owned).collect())
    }

    /// How many messages lie where people read them.
    pub(super) fn placed(&self) -> Result<u64> {
        self.script("placed")?.trim().parse().context("the script counts no messages")
    }

    /// Whether all work is done that was left for later.
    pub(super) fn is_settled(&self) -> Result<bool> {
        Ok(self.script("settled")?.trim() == "yes")
    }

    /// How large the stored data is, in bytes.
    pub(super) fn stored_bytes(&self) -> Result<u64> {
        self.script("bytes")?.trim().parse().context("the script gives no size")
    }

    /// Runs a verb of the script. What it prints goes through a file: a server that the script
    /// leaves running would keep a pipe open for ever.
    fn script(&self, verb: &str) -> Result<String> {
        let script = self.product.script();
        let path = std::env::temp_dir().join(format!("guichet-xtask-{}", std::process::id()));
        let status = Command::new(repository::root()?.join(script))
            .arg(verb)
            .env("GUICHET", &self.program)
            .stdin(Stdio::null())
            .stdout(File::create(&path)?)
            .status()
            .with_context(|| format!("cannot run {script}"))?;
        let printed = fs::read_to_string(&path)?;
        fs::remove_file(&path)?;
        ensure!(status.success(), "`{script} {verb}` failed");
        Ok(printed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.script("remove") {
            eprintln!("{} is perhaps still running: {error:#}", self.product.name());
        }
    }
}
