//! Runs the dialogs of `tests/scripts/imap/*.txt` against a session with the fake backend.
//!
//! ```text
//! # Title. RFC section           comment
//! given  tls implicit            settings: tls implicit, starttls unavailable, mechanisms none,
//! given  errors_max 3            append_octets_max, room, errors_max, connection refused
//! given  login                   under TLS and logged in; what is said to it is passed over
//! given  messages INBOX 3        messages in a mailbox: Subject: message N, and body N
//! given  message INBOX a\r\n     one message with these octets
//! given  flags INBOX 1 \Seen $A  its flags
//! given  enabled QRESYNC         ENABLE was said
//! given  selected INBOX          SELECT was said
//! S: * OK *                      one line; a * at its end matches any text
//! S: … a1 OK *                   any lines, and then one like this
//! C: a1 NOOP                     a line, CR LF added; lines without an S: between go in one packet
//! C| a\r\n.\r\n                  octets as they are: \r \n \0 \\ \xHH, nothing added
//! C: {A*500}                     A, five hundred times
//! other  append INBOX a\r\n      somebody else does it: append, flags, expunge, delete, rights;
//! other  down                    the store fails from here on
//! EOF                            the client closes its side
//! closed                         the server has closed
//! then   messages INBOX 1        what the backend has: messages, flags, content, secured, id
//! ```
//! When the server answers STARTTLS, the runner goes on as after a handshake. At the end of a
//! dialog the server must have said nothing more.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use imap::server::{
    AppendRoom, Ended, FlagAction, Flags, Namespaces, Opening, Rights, ServerSettings, StartTls,
    TlsFacts, serve,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::watch;

use crate::fake::Fake;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scripts/imap")
}

#[tokio::test(start_paused = true)]
async fn dialogs() {
    let mut files: Vec<_> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    assert!(files.len() >= 120, "the dialogs are in {}", folder().display());
    let mut failures = String::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        if let Err(why) = Dialog::start(&text).play(&text).await {
            writeln!(failures, "{}: {why}", file.file_name().unwrap().display()).unwrap();
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

/// What a session allows in these tests.
pub(crate) fn settings() -> ServerSettings {
    let mut settings = ServerSettings::new("imap.example.org");
    settings.namespaces = Namespaces {
        personal: vec![String::new()],
        others: Vec::new(),
        shared: vec!["Groups/".to_owned(), "Shared/".to_owned()],
    };
    settings
}

struct Dialog {
    client: DuplexStream,
    received: Vec<u8>,
    to_send: Vec<u8>,
    backend: Fake,
    /// Commands to be said before the dialog.
    before: Vec<String>,
    session: tokio::task::JoinHandle<()>,
    _shutdown: watch::Sender<bool>,
}

impl Dialog {
    fn start(text: &str) -> Dialog {
        let (mut settings, mut opening, mut backend) = (settings(), Opening::Clear, Fake::new());
        let mut before = Vec::new();
        for given in text.lines().filter_map(|line| line.strip_prefix("given")) {
            let words: Vec<&str> = given.split_whitespace().collect();
            match words[..] {
                ["tls", "implicit"] => opening = Opening::ImplicitTls(TlsFacts::default()),
                ["login"] => {
                    opening = Opening::ImplicitTls(TlsFacts::default());
                    before.push("x LOGIN anna secret\r\n".to_owned());
                }
                ["enabled", what] => before.push(format!("x ENABLE {what}\r\n")),
                ["selected", name] => before.push(format!("x SELECT {name}\r\n")),
                ["starttls", "unavailable"] => settings.starttls = StartTls::Unavailable,
                ["errors_max", n] => settings.errors_max = n.parse().unwrap(),
                ["append_octets_max", n] => settings.append_octets_max = n.parse().unwrap(),
                ["room", n] => settings.room = AppendRoom::new(n.parse().unwrap()),
                ["mechanisms", "none"] => backend.mechanisms.clear(),
                ["connection", "refused"] => backend.refuses_connection = true,
                ["messages", name, count] => {
                    for number in 1..=count.parse().unwrap() {
                        put(&backend, name, letter(number).as_bytes());
                    }
                }
                ["message", name, ..] => {
                    let (_, octets) = given.split_once(name).unwrap();
                    put(&backend, name, &unescaped(octets.trim_start()));
                }
                ["flags", name, uid, ref flags @ ..] => mark(&backend, name, uid, flags),
                _ => panic!("not known: given {given}"),
            }
        }
        let (client, stream) = tokio::io::duplex(1 << 20);
        let (shutdown, is_down) = watch::channel(false);
        let session =
            tokio::spawn(run_session(stream, opening, backend.clone(), settings, is_down));
        let (received, to_send) = (Vec::new(), Vec::new());
        Dialog { client, received, to_send, backend, before, session, _shutdown: shutdown }
    }

    async fn play(mut self, text: &str) -> Result<(), String> {
        if !self.before.is_empty() {
            self.line().await;
        }
        for command in std::mem::take(&mut self.before) {
            self.to_send.extend(command.into_bytes());
            self.send().await;
            while !self.line().await.ok_or("closed before it began")?.starts_with("x OK") {}
        }
        for (number, line) in text.lines().enumerate() {
            let done = self.step(line).await;
            done.map_err(|why| format!("line {}: {line}\n    {why}", number + 1))?;
        }
        self.send().await;
        self.client.shutdown().await.unwrap();
        self.client.read_to_end(&mut self.received).await.unwrap();
        self.session.await.map_err(|panic| format!("the session panicked: {panic}"))?;
        match String::from_utf8_lossy(&self.received) {
            rest if rest.is_empty() => Ok(()),
            rest => Err(format!("the server said more: {rest}")),
        }
    }

    async fn step(&mut self, line: &str) -> Result<(), String> {
        if let Some(text) = line.strip_prefix("C:") {
            let text = text.strip_prefix(' ').unwrap_or(text);
            self.to_send.extend(repeated(text).into_bytes());
            self.to_send.extend_from_slice(b"\r\n");
            Ok(())
        } else if let Some(text) = line.strip_prefix("C| ") {
            self.to_send.extend(unescaped(&repeated(text)));
            Ok(())
        } else if let Some(expected) = line.strip_prefix("S:") {
            self.send().await;
            self.expect(expected.strip_prefix(' ').unwrap_or(expected)).await
        } else if line == "EOF" {
            self.send().await;
            self.client.shutdown().await.map_err(|error| error.to_string())
        } else if line == "closed" {
            self.send().await;
            match self.line().await {
                None => Ok(()),
                Some(line) => Err(format!("not closed, the server said: {line}")),
            }
        } else if let Some(what) = line.strip_prefix("other") {
            self.send().await;
            change(&self.backend, what.trim())
        } else if let Some(expected) = line.strip_prefix("then") {
            self.check(expected.trim())
        } else if line.is_empty() || line.starts_with('#') || line.starts_with("given") {
            Ok(())
        } else {
            Err("this line is no part of a dialog".to_owned())
        }
    }

    async fn send(&mut self) {
        let octets = std::mem::take(&mut self.to_send);
        // A server that has closed does not read any more; what it said is checked all the same.
        let _ = self.client.write_all(&octets).await;
    }

    async fn expect(&mut self, expected: &str) -> Result<(), String> {
        if let Some(expected) = expected.strip_prefix("… ") {
            let mut passed = String::new();
            loop {
                let line = self.line().await.ok_or(format!("never said, but:{passed}"))?;
                if fits(expected, &line) {
                    return Ok(());
                }
                write!(passed, "\n        {line}").unwrap();
            }
        }
        let line = self.line().await.ok_or("the server closed")?;
        if fits(expected, &line) { Ok(()) } else { Err(format!("found: {line}")) }
    }

    /// The next line of the server without its line end; `None` once it has closed.
    async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(at) = self.received.windows(2).position(|pair| pair == b"\r\n") {
                let line: Vec<u8> = self.received.drain(..at + 2).collect();
                return Some(String::from_utf8_lossy(&line[..at]).into_owned());
            }
            if self.client.read_buf(&mut self.received).await.unwrap() == 0 {
                return None;
            }
        }
    }

    fn check(&self, expected: &str) -> Result<(), String> {
        let world = self.backend.world();
        let mut words = expected.splitn(4, ' ');
        let mut word = || words.next().unwrap_or_default();
        let (what, name) = (word(), word());
        let found = match what {
            "secured" => return same(name, &world.secured.to_string()),
            "id" => return same(name, &world.identified.join(" ")),
            "mailbox" => {
                return same(
                    name,
                    world.mailboxes.get_key_value(name).map_or("none", |(name, _)| name),
                );
            }
            "no-mailbox" if world.mailboxes.contains_key(name) => return Err("it is there".into()),
            "no-mailbox" => return Ok(()),
            _ => world.mailboxes.get(name).ok_or("there is no such mailbox")?,
        };
        let value = word();
        let message = || found.messages.get(&value.parse().unwrap_or(0)).ok_or("no such message");
        match what {
            "messages" => same(value, &found.messages.len().to_string()),
            "flags" => same(words.next().unwrap_or_default(), &shown(&message()?.flags())),
            "content" => {
                let content = String::from_utf8_lossy(&message()?.content).into_owned();
                let expected = unescaped(words.next().unwrap_or_default());
                same(&String::from_utf8_lossy(&expected), &content)
            }
            _ => Err("no such thing to look at".to_owned()),
        }
    }
}

fn same(expected: &str, found: &str) -> Result<(), String> {
    if expected == found { Ok(()) } else { Err(format!("found: {}", found.escape_debug())) }
}

fn fits(expected: &str, line: &str) -> bool {
    match expected.strip_suffix('*') {
        Some(start) => line.starts_with(start),
        None => line == expected,
    }
}

/// A message of `given messages`.
pub(crate) fn letter(number: u32) -> String {
    format!(
        "Date: {number} Mar 2026 10:00:00 +0000\r\nFrom: Bob <bob{number}@example.org>\r\n\
         To: anna@example.org\r\nSubject: message {number}\r\n\
         Message-ID: <{number}@example.org>\r\nX-Priority: {number}\r\n\r\nbody {number}\r\n"
    )
}

fn put(backend: &Fake, name: &str, octets: &[u8]) {
    backend.elsewhere(|world| {
        let message = world.new_message(octets);
        world.mailboxes.get_mut(name).unwrap().put(message);
    });
}

fn mark(backend: &Fake, name: &str, uid: &str, words: &[&str]) {
    let mut flags = Flags::default();
    for word in words {
        match SYSTEM.iter().find(|(_, known)| known == word) {
            Some((bit, _)) => flags.system |= bit,
            None => flags.keywords.push((*word).into()),
        }
    }
    backend.elsewhere(|world| {
        let mailbox = world.mailboxes.get_mut(name).unwrap();
        mailbox.store(&[uid.parse().unwrap()], FlagAction::Replace, &flags);
    });
}

const SYSTEM: [(u8, &str); 5] = [
    (Flags::ANSWERED, "\\Answered"),
    (Flags::FLAGGED, "\\Flagged"),
    (Flags::DELETED, "\\Deleted"),
    (Flags::SEEN, "\\Seen"),
    (Flags::DRAFT, "\\Draft"),
];

fn shown(flags: &Flags) -> String {
    let system = SYSTEM.iter().filter(|(bit, _)| flags.system & bit != 0).map(|(_, name)| *name);
    let all: Vec<&str> = system.chain(flags.keywords.iter().map(|keyword| &**keyword)).collect();
    all.join(" ")
}

/// What somebody else does.
fn change(backend: &Fake, what: &str) -> Result<(), String> {
    let words: Vec<&str> = what.split_whitespace().collect();
    match words[..] {
        ["append", name, ..] => {
            let (_, octets) = what.split_once(name).ok_or("write: append MAILBOX octets")?;
            put(backend, name, &unescaped(octets.trim_start()));
        }
        ["flags", name, uid, ref flags @ ..] => mark(backend, name, uid, flags),
        ["expunge", name, ref uids @ ..] => {
            let uids: Vec<u32> = uids.iter().map(|uid| uid.parse().unwrap()).collect();
            backend.elsewhere(|world| world.mailboxes.get_mut(name).unwrap().expunge(&uids));
        }
        ["delete", name] => {
            backend.elsewhere(|world| world.mailboxes.remove(name));
        }
        ["rights", name, rights] => {
            let rights = Rights::parse(rights).ok_or("no rights")?;
            backend.elsewhere(|world| world.mailboxes.get_mut(name).unwrap().rights = rights);
        }
        ["down"] => backend.elsewhere(|world| world.is_down = true),
        _ => return Err("nobody can do that".to_owned()),
    }
    Ok(())
}

async fn run_session(
    mut stream: DuplexStream,
    mut opening: Opening,
    mut backend: Fake,
    settings: ServerSettings,
    is_down: watch::Receiver<bool>,
) {
    loop {
        match serve(stream, opening, &mut backend, &settings, is_down.clone()).await {
            Ended::StartTls(plain) => stream = plain,
            _ => return,
        }
        opening = Opening::AfterStartTls(TlsFacts::default());
    }
}

/// Expands `{x*n}`; other braces are those of literals.
fn repeated(text: &str) -> String {
    let Some((before, rest)) = text.split_once('{') else { return text.to_owned() };
    let (inside, after) = rest.split_once('}').expect("a brace is closed");
    let made = match inside.rsplit_once('*') {
        Some((what, times)) => what.repeat(times.parse().unwrap()),
        None => format!("{{{inside}}}"),
    };
    format!("{before}{made}{}", repeated(after))
}

fn unescaped(text: &str) -> Bytes {
    let mut octets = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            octets.push(*first);
            continue;
        }
        let (octet, used) = match rest {
            [b'r', ..] => (b'\r', 1),
            [b'n', ..] => (b'\n', 1),
            [b'0', ..] => (0, 1),
            [b'\\', ..] => (b'\\', 1),
            [b'x', high, low, ..] => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).unwrap();
                (u8::from_str_radix(digits, 16).unwrap(), 3)
            }
            // The backslash of a flag stands for itself.
            _ => (b'\\', 0),
        };
        octets.push(octet);
        rest = &rest[used..];
    }
    octets.into()
}
