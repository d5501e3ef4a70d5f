//! Runs the dialogs of `tests/scripts/smtp/*.txt` against a session with the fake backend.
//!
//! ```text
//! # Title. RFC section           comment
//! given  role submission         settings: role, tls implicit, starttls unavailable,
//! given  recipients_max 2        errors_max, recipients_max, message_octets_max, mechanisms none
//! given  room 65536              memory for content, in octets
//! S: 220 mx.example.org *        one reply line; * matches any text to the end of the line
//! S: 250 …                       a whole reply of any number of lines with that code
//! C: NOOP                        a line, CR LF added; lines without an S: between go in one packet
//! C| a\r\n.\r\n                  octets as they are: \r \n \0 \\ \xHH, nothing added
//! C: {A*500}                     A, five hundred times
//! EOF                            the client closes its side
//! closed                         the server has closed
//! then   messages 1              what the backend has: messages, message, sender, recipients
//! ```
//! When the server answers STARTTLS, the runner goes on as after a handshake. At the end of a
//! dialog the server must have said nothing more.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use smtp::server::{ContentRoom, Ended, Opening, Role, ServerSettings, StartTls, TlsFacts, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::watch;

use crate::fake::Fake;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scripts/smtp")
}

#[tokio::test(start_paused = true)]
async fn dialogs() {
    let mut files: Vec<_> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    assert!(files.len() >= 40, "the dialogs are in {}", folder().display());
    let mut failures = String::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        if let Err(why) = Dialog::start(&text).play(&text).await {
            writeln!(failures, "{}: {why}", file.file_name().unwrap().display()).unwrap();
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

struct Dialog {
    client: DuplexStream,
    received: Vec<u8>,
    to_send: Vec<u8>,
    backend: Fake,
    session: tokio::task::JoinHandle<()>,
    _shutdown: watch::Sender<bool>,
}

impl Dialog {
    fn start(text: &str) -> Dialog {
        let mut settings = ServerSettings::new("mx.example.org", Role::Reception);
        let mut opening = Opening::Clear;
        let mut backend = Fake::new();
        for given in text.lines().filter_map(|line| line.strip_prefix("given")) {
            let words: Vec<&str> = given.split_whitespace().collect();
            match words[..] {
                ["role", "submission"] => settings.role = Role::Submission,
                ["tls", "implicit"] => opening = Opening::ImplicitTls(TlsFacts::default()),
                ["starttls", "unavailable"] => settings.starttls = StartTls::Unavailable,
                ["recipients_max", n] => settings.recipients_max = n.parse().unwrap(),
                ["errors_max", n] => settings.errors_max = n.parse().unwrap(),
                ["message_octets_max", n] => settings.message_octets_max = n.parse().unwrap(),
                ["room", n] => settings.room = ContentRoom::new(n.parse().unwrap()),
                ["mechanisms", "none"] => backend.mechanisms.clear(),
                ["connection", "refused"] => backend.refuses_connection = true,
                _ => panic!("not known: given {given}"),
            }
        }
        let (client, stream) = tokio::io::duplex(1 << 20);
        let (shutdown, is_down) = watch::channel(false);
        let session =
            tokio::spawn(run_session(stream, opening, backend.clone(), settings, is_down));
        let (received, to_send) = (Vec::new(), Vec::new());
        Dialog { client, received, to_send, backend, session, _shutdown: shutdown }
    }

    async fn play(mut self, text: &str) -> Result<(), String> {
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
        } else if let Some(expected) = line.strip_prefix("S: ") {
            self.send().await;
            self.expect(expected).await
        } else if line == "EOF" {
            self.send().await;
            self.client.shutdown().await.map_err(|error| error.to_string())
        } else if line == "closed" {
            self.send().await;
            match self.line().await {
                None => Ok(()),
                Some(line) => Err(format!("not closed, the server said: {line}")),
            }
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
        if let Some(code) = expected.strip_suffix(" …") {
            loop {
                let line = self.line().await.ok_or("the server closed")?;
                if !line.starts_with(code) {
                    return Err(format!("found: {line}"));
                }
                if line.as_bytes().get(3) == Some(&b' ') {
                    return Ok(());
                }
            }
        }
        let line = self.line().await.ok_or("the server closed")?;
        let fits = match expected.strip_suffix('*') {
            Some(start) => line.starts_with(start),
            None => line == expected,
        };
        if fits { Ok(()) } else { Err(format!("found: {line}")) }
    }

    /// The next line of the server without its line end; `None` once it has closed.
    async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(at) = self.received.windows(2).position(|pair| pair == b"\r\n") {
                let line: Vec<u8> = self.received.drain(..at + 2).collect();
                return Some(String::from_utf8(line[..at].to_vec()).unwrap());
            }
            if self.client.read_buf(&mut self.received).await.unwrap() == 0 {
                return None;
            }
        }
    }

    fn check(&self, expected: &str) -> Result<(), String> {
        let messages = self.backend.messages();
        let last = messages.last();
        let (what, value) = expected.split_once(' ').unwrap_or((expected, ""));
        let value = value.trim();
        let found = match what {
            "messages" => messages.len().to_string(),
            "message" => {
                let message = last.map(|(_, message)| message.to_vec()).ok_or("no message")?;
                let expected = unescaped(value);
                let shown = String::from_utf8_lossy(&message).escape_debug().to_string();
                return if message == expected { Ok(()) } else { Err(format!("found: {shown}")) };
            }
            "sender" => last.map(|(e, _)| format!("<{}>", e.mail.reverse_path)).unwrap_or_default(),
            "recipients" => {
                let envelope = last.map(|(envelope, _)| envelope).ok_or("no message")?;
                let all: Vec<_> = envelope.recipients.iter().map(|r| r.to.to_string()).collect();
                all.join(" ")
            }
            "secured" => self.backend.seen.lock().unwrap().secured.to_string(),
            "hello" => self.backend.seen.lock().unwrap().hello.join(" "),
            _ => return Err("no such thing to look at".to_owned()),
        };
        if found == value { Ok(()) } else { Err(format!("found: {found}")) }
    }
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

/// Expands `{x*n}`.
fn repeated(text: &str) -> String {
    let Some((before, rest)) = text.split_once('{') else { return text.to_owned() };
    let (inside, after) = rest.split_once('}').expect("a brace is closed");
    let (what, times) = inside.rsplit_once('*').expect("a star in braces");
    format!("{before}{}{}", what.repeat(times.parse().unwrap()), repeated(after))
}

fn unescaped(text: &str) -> Vec<u8> {
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
            _ => panic!("no such escape in {text}"),
        };
        octets.push(octet);
        rest = &rest[used..];
    }
    octets
}
