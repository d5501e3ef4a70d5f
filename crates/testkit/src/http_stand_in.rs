//! A stand-in for somebody's HTTP server, such as a login host: it gives the answers that it was
//! told, one after the other, and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A client that says nothing for so long is given up.
const READ_MAX: Duration = Duration::from_secs(10);

/// An answer that a stand-in gives.
#[derive(Debug, Clone)]
pub struct StandInAnswer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl StandInAnswer {
    /// An answer with this status and body.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> StandInAnswer {
        StandInAnswer { status, headers: Vec::new(), body: body.into() }
    }

    /// The same with a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> StandInAnswer {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A request that a stand-in was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandInRequest {
    /// Path and query.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as text; what is no text stands for itself in [`StandInRequest::octets`] only.
    pub body: String,
    /// The body.
    pub octets: Vec<u8>,
}

impl StandInRequest {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

#[derive(Debug, Default)]
struct Script {
    answers: Vec<StandInAnswer>,
    asked: Vec<StandInRequest>,
}

/// The stand-in. It listens on loopback until the test ends.
#[derive(Debug)]
pub struct HttpStandIn {
    port: u16,
    scheme: &'static str,
    script: Arc<Mutex<Script>>,
}

impl HttpStandIn {
    /// A stand-in that gives these answers in order, and 500 when there is none left.
    ///
    /// # Panics
    /// Where loopback has no free port.
    pub fn answering(answers: Vec<StandInAnswer>) -> HttpStandIn {
        HttpStandIn::listening("http", answers, |stream, script| serve(stream, script))
    }

    /// The same under TLS, with a certificate and its key.
    ///
    /// # Panics
    /// Where loopback has no free port, or the certificate and the key do not belong together.
    pub fn answering_under_tls(
        answers: Vec<StandInAnswer>,
        certificate: CertificateDer<'static>,
        key: PrivateKeyDer<'static>,
    ) -> HttpStandIn {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has the cipher suites of TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("the key is the certificate's");
        let config = Arc::new(config);
        HttpStandIn::listening("https", answers, move |stream, script| {
            let session = ServerConnection::new(Arc::clone(&config));
            let session = session.map_err(std::io::Error::other)?;
            let mut stream = StreamOwned::new(session, stream);
            serve(&mut stream, script)?;
            stream.conn.send_close_notify();
            stream.flush()
        })
    }

    fn listening(
        scheme: &'static str,
        mut answers: Vec<StandInAnswer>,
        serve: impl Fn(&TcpStream, &Mutex<Script>) -> std::io::Result<()> + Send + 'static,
    ) -> HttpStandIn {
        answers.reverse();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port of loopback is free");
        let port = listener.local_addr().expect("it listens").port();
        let script = Arc::new(Mutex::new(Script { answers, asked: Vec::new() }));
        let shared = Arc::clone(&script);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away in the middle is no matter for the others.
                let limited = stream.set_read_timeout(Some(READ_MAX));
                let _ = limited.and_then(|()| serve(&stream, &shared));
            }
        });
        HttpStandIn { port, scheme, script }
    }

    /// Where it is, without a final slash.
    pub fn url(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.port)
    }

    /// Gives this answer after those that it was told before.
    pub fn then(&self, answer: StandInAnswer) {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script.answers.insert(0, answer);
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<StandInRequest> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).asked.clone()
    }
}

fn serve(mut stream: impl Read + Write, script: &Mutex<Script>) -> std::io::Result<()> {
    let request = read(&mut BufReader::new(&mut stream))?;
    let answer = {
        let mut script = script.lock().unwrap_or_else(PoisonError::into_inner);
        script.asked.push(request);
        script.answers.pop().unwrap_or_else(|| StandInAnswer::new(500, "no answer is left"))
    };
    let mut head = format!("HTTP/1.1 {} Stand-in\r\n", answer.status);
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\nConnection: close\r\n\r\n", answer.body.len()));
    stream.write_all(head.as_bytes())?;
    stream.write_all(&answer.body)
}

fn read(reader: &mut impl BufRead) -> std::io::Result<StandInRequest> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let mut octets = Vec::new();
    reader.take(length).read_to_end(&mut octets)?;
    let body = String::from_utf8_lossy(&octets).into_owned();
    Ok(StandInRequest { path, headers, body, octets })
}
