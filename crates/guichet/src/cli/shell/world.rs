//! The world that the shell asks for: the server, files, the clock, the terminal, Ctrl-C.

use std::fs::{self, OpenOptions};
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use admin_protocol::cmdlet::Cmdlet;
use admin_protocol::parameters::Parameters;
use admin_protocol::shell::host::{Answer, Consent, Host, Refusal, Style, WriteMode};
use domain::Timestamp;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::error::Error;
use crate::cli::session::Session;
use crate::clock;

/// The world of one shell.
pub(super) struct World<'s> {
    session: &'s mut Session,
    /// Ctrl-C was pressed since the text began.
    is_interrupted: Arc<AtomicBool>,
    has_person: bool,
    style: Style,
}

impl<'s> World<'s> {
    /// The world around this process. Ctrl-C no longer ends the process, but what runs in it.
    pub(super) fn new(session: &'s mut Session) -> World<'s> {
        let is_terminal = io::stdout().is_terminal();
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_interrupted = Arc::new(AtomicBool::new(false));
        watch(Arc::clone(&is_interrupted));
        World {
            session,
            is_interrupted,
            has_person: io::stdin().is_terminal() && io::stderr().is_terminal(),
            style: Style {
                width: is_terminal.then(terminal_width).flatten(),
                has_colour: is_terminal && !no_colour,
            },
        }
    }

    /// Forgets a Ctrl-C that ended the text before, and looks how wide the terminal is now.
    pub(super) fn begin(&mut self) {
        self.is_interrupted.store(false, Ordering::Relaxed);
        if self.style.width.is_some() {
            self.style.width = terminal_width();
        }
    }
}

/// Notes each Ctrl-C, on a thread of its own: the shell computes on the main one. The handler is
/// in place when this returns, so that the line editor finds it and puts it back after each line.
fn watch(is_interrupted: Arc<AtomicBool>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    // Without it Ctrl-C ends the process, as usual.
    let Ok(runtime) = runtime else { return };
    let registered = {
        let _inside = runtime.enter();
        signal(SignalKind::interrupt())
    };
    let Ok(mut interrupts) = registered else { return };
    thread::spawn(move || {
        runtime.block_on(async {
            while interrupts.recv().await.is_some() {
                is_interrupted.store(true, Ordering::Relaxed);
            }
        });
    });
}

/// Narrower terminals do not say how wide they are, or are not worth cutting cells for.
const MIN_WIDTH: usize = 20;

/// Characters in a line of the terminal.
fn terminal_width() -> Option<usize> {
    let width = comfy_table::Table::new().width().map(usize::from);
    width.filter(|width| *width >= MIN_WIDTH)
}

/// A path, with `~/` as the shell of the system would read it.
fn path_of(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        let ends_all = matches!(
            error,
            Error::Unreachable { .. }
                | Error::Interrupted
                | Error::BrokenPipe
                | Error::Output(_)
                | Error::Refused { http_status: 401, .. }
        );
        Refusal {
            text: error.to_string(),
            hint: error.hint(),
            exit_status: error.status(),
            ends_all,
        }
    }
}

impl Host for World<'_> {
    fn invoke(
        &mut self,
        cmdlet: &'static Cmdlet,
        parameters: Parameters,
    ) -> Result<Answer, Refusal> {
        Ok(self.session.answer(cmdlet.name, parameters)?)
    }

    fn asks(&self) -> bool {
        self.has_person
    }

    fn ask(&mut self, question: &str) -> Consent {
        loop {
            eprint!("{question}\n[Y] Yes  [A] Yes to all  [N] No  [L] No to all (N): ");
            let mut answer = String::new();
            let read = io::stdin().lock().read_line(&mut answer);
            if matches!(read, Err(_) | Ok(0)) || self.is_interrupted.load(Ordering::Relaxed) {
                return Consent::NoToAll;
            }
            match answer.trim().to_lowercase().as_str() {
                "y" | "yes" => return Consent::Yes,
                "a" | "yes to all" => return Consent::YesToAll,
                "" | "n" | "no" => return Consent::No,
                "l" | "no to all" => return Consent::NoToAll,
                _ => {}
            }
        }
    }

    fn read_file(&mut self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(path_of(path)).map_err(|error| error.to_string())
    }

    fn write_file(&mut self, path: &str, octets: &[u8], mode: WriteMode) -> Result<(), String> {
        let mut options = OpenOptions::new();
        match mode {
            WriteMode::Replace => options.write(true).create(true).truncate(true),
            WriteMode::Create => options.write(true).create_new(true),
            WriteMode::Append => options.append(true).create(true),
        };
        let mut file = options.open(path_of(path)).map_err(|error| error.to_string())?;
        file.write_all(octets).map_err(|error| error.to_string())
    }

    fn now(&self) -> Timestamp {
        clock::now()
    }

    fn print(&mut self, text: &str) -> Result<(), Refusal> {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        Ok(written.map_err(Error::from)?)
    }

    fn warn(&mut self, text: &str) {
        eprintln!("warning: {text}");
    }

    fn complain(&mut self, report: &str) {
        eprintln!("guichet: {report}");
    }

    fn interruption(&mut self) -> Option<Refusal> {
        self.is_interrupted.load(Ordering::Relaxed).then(|| Error::Interrupted.into())
    }

    fn style(&self) -> Style {
        self.style
    }

    fn server(&self) -> String {
        self.session.server()
    }
}
