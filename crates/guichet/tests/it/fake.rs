//! A fake admin endpoint: it takes calls, checks each against the table of cmdlets, keeps it, and
//! gives canned answers, or else one sample object made from the table.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use admin_protocol::cmdlet::{self, Cmdlet, Object, Property, PropertyKind};
use admin_protocol::invoke::{Request, Response};
use serde_json::{Value, json};

/// An answer that the endpoint gives.
pub(crate) struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Answer {
        Answer { status, body: body.to_string().into_bytes() }
    }

    pub(crate) fn bytes(status: u16, body: &[u8]) -> Answer {
        Answer { status, body: body.to_vec() }
    }
}

/// A call that the endpoint took.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) headers: Vec<String>,
    pub(crate) cmdlet: String,
    pub(crate) parameters: Value,
}

/// What the endpoint answers next, and what it was asked.
#[derive(Default)]
pub(crate) struct Script {
    answers: Vec<Answer>,
    calls: Vec<Call>,
    faults: Vec<String>,
}

impl Script {
    /// The calls so far.
    pub(crate) fn calls(&self) -> &[Call] {
        assert_eq!(self.faults, Vec::<String>::new());
        &self.calls
    }
}

/// The endpoint, on the admin socket of a directory of its own.
pub(crate) struct Endpoint {
    dir: tempfile::TempDir,
    script: Arc<Mutex<Script>>,
}

impl Endpoint {
    /// An endpoint that answers every call with one sample object.
    pub(crate) fn start() -> Endpoint {
        Endpoint::answering(Vec::new())
    }

    /// An endpoint that gives these answers first.
    pub(crate) fn answering(mut answers: Vec<Answer>) -> Endpoint {
        answers.reverse();
        let script = Arc::new(Mutex::new(Script { answers, ..Script::default() }));
        let dir = tempfile::tempdir().expect("a directory");
        let listener = UnixListener::bind(dir.path().join("admin.sock")).expect("a socket");
        let shared = script.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &shared);
            }
        });
        Endpoint { dir, script }
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Runs `guichet` with these arguments against the endpoint.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_with_input(arguments, "")
    }

    /// The same with something on stdin.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = guichet(self.dir());
        command.env("GUICHET_DIR", self.dir()).args(arguments).stdin(Stdio::piped());
        let mut child = command.spawn().expect("guichet starts");
        let mut stdin = child.stdin.take().expect("piped");
        // A verb that reads no input may have gone already.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().expect("guichet ends")
    }

    /// The calls so far; panics when one was against the table.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.script.lock().expect("no test thread panicked").calls().to_vec()
    }
}

/// The command with nothing of the tester's own settings.
pub(crate) fn guichet(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
    command.env_clear().env("HOME", home).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Writes a file under a directory.
pub(crate) fn file(dir: &Path, name: &str, content: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, content).expect("written");
    path
}

/// The exit status.
pub(crate) fn status(output: &Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// Takes one call from a connection and answers it.
pub(crate) fn serve(stream: impl Read + Write, script: &Mutex<Script>) {
    let mut reader = BufReader::new(stream);
    let Some(call) = read_call(&mut reader) else { return };
    let mut script = script.lock().expect("no test thread panicked");
    let answer = match cmdlet::find(&call.cmdlet) {
        None => {
            script.faults.push(format!("{} is not in the table", call.cmdlet));
            Answer::json(403, &json!({}))
        }
        Some(known) => {
            let passed = serde_json::from_value(call.parameters.clone()).expect("parameters");
            if let Err(failure) = known.check(&passed) {
                script.faults.push(failure.to_string());
            }
            script.answers.pop().unwrap_or_else(|| sample_answer(known))
        }
    };
    script.calls.push(call);
    let head = format!(
        "HTTP/1.1 {} Said\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        answer.status,
        answer.body.len()
    );
    let stream = reader.get_mut();
    // A client that has gone is what some tests are about.
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&answer.body);
    let _ = stream.flush();
}

fn read_call(reader: &mut impl BufRead) -> Option<Call> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let length = lines.iter().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse().ok())?
    })?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let request: Request = serde_json::from_slice(&body).ok()?;
    Some(Call {
        path: lines[0].split(' ').nth(1)?.to_owned(),
        headers: lines[1..].to_vec(),
        parameters: serde_json::to_value(&request.cmdlet_input.parameters).ok()?,
        cmdlet: request.cmdlet_input.cmdlet_name,
    })
}

fn sample_answer(known: &Cmdlet) -> Answer {
    let value = if known.output.is_empty() { Vec::new() } else { vec![sample(known)] };
    let body = serde_json::to_value(Response::new(value)).expect("serialises");
    Answer::json(200, &body)
}

/// One object with every property of the cmdlet's output, annotated as a server would.
pub(crate) fn sample(known: &Cmdlet) -> Object {
    let mut object = sample_of(known.output);
    assert_eq!(known.output_faults(&object), Vec::<String>::new());
    known.annotate(&mut object);
    object
}

fn sample_of(properties: &[Property]) -> Object {
    let value = |property: &Property| match property.kind {
        PropertyKind::Text => json!(format!("{} text", property.name)),
        PropertyKind::OptionalText | PropertyKind::OptionalBoolean => json!(null),
        PropertyKind::Guid => json!("0a1b2c3d-0000-4000-8000-00000000000f"),
        PropertyKind::TextList => json!([format!("{} item", property.name)]),
        PropertyKind::Boolean => json!(true),
        PropertyKind::Integer => json!(7),
        PropertyKind::Timestamp | PropertyKind::OptionalTimestamp => {
            json!("2027-01-31T18:00:00.0000000Z")
        }
        PropertyKind::Objects(parts) => json!([sample_of(parts)]),
    };
    properties.iter().map(|property| (property.name.to_owned(), value(property))).collect()
}
