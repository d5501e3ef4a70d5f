//! Every trick of header and envelope against the running server: the dialogs of
//! `tests/scripts/gate`. `testkit::dialog` says how they are written and what it checks besides.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use testkit::{Options, TestServer, dialog};

/// Servers at the same time for the dialogs that change rights.
const AT_ONCE: usize = 2;

struct Script {
    name: String,
    text: String,
}

fn scripts() -> Vec<Script> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scripts/gate");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| is_script(path)).collect();
    files.sort();
    let only = std::env::var("GUICHET_DIALOG").unwrap_or_default();
    let read = files.iter().map(|file| Script {
        name: file.file_stem().unwrap().to_str().unwrap().to_owned(),
        text: std::fs::read_to_string(file).unwrap(),
    });
    read.filter(|script| script.name.contains(&only)).collect()
}

fn is_script(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "txt")
}

fn demo() -> TestServer {
    TestServer::start(Options::demo(env!("CARGO_BIN_EXE_guichet")))
}

fn play(server: &TestServer, script: &Script) -> Option<String> {
    let played = dialog::play(server, &script.text);
    played.err().map(|why| format!("{}.txt: {why}\n", script.name))
}

#[test]
fn dialogs_on_one_server() {
    let scripts = scripts();
    let shared: Vec<_> =
        scripts.iter().filter(|script| !dialog::needs_own_server(&script.text)).collect();
    let server = demo();
    let failures: String = shared.iter().filter_map(|script| play(&server, script)).collect();
    assert!(failures.is_empty(), "\n{failures}");
    assert_eq!(server.mailbox().inconsistent_folders(), [""; 0]);
    assert_eq!(server.mailbox().integrity(), "ok");
    server.done(&["audit", "verify"]);
}

#[test]
fn dialogs_that_change_rights() {
    let waiting: VecDeque<_> =
        scripts().into_iter().filter(|script| dialog::needs_own_server(&script.text)).collect();
    let waiting = Mutex::new(waiting);
    let failures = Mutex::new(String::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(script) = { waiting.lock().unwrap().pop_front() } {
                    let server = demo();
                    let failure = play(&server, &script).unwrap_or_default();
                    failures.lock().unwrap().push_str(&failure);
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "\n{failures}");
}
