//! An SMTP client for tests: small, blocking, and able to send any octets at any moment.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::time::Duration;

use crate::tls::{TlsStream, secure};

/// A server that is silent so long has hung.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// What a server said: one code, one or more lines without code and separator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The code.
    pub code: u16,
    /// The texts of the lines.
    pub lines: Vec<String>,
}

impl Reply {
    /// All lines in one, for failures of tests and for searching.
    pub fn text(&self) -> String {
        self.lines.join(" | ")
    }
}

enum Stream {
    Clear(TcpStream),
    Tls(Box<TlsStream>),
}

/// One connection to an SMTP server on loopback.
pub struct SmtpClient {
    stream: Stream,
    received: Vec<u8>,
}

impl SmtpClient {
    /// Connects in the clear. The greeting is not read.
    pub fn connect(port: u16) -> io::Result<SmtpClient> {
        Ok(SmtpClient { stream: Stream::Clear(dial(port)?), received: Vec::new() })
    }

    /// Connects under TLS from the first octet. The greeting is not read.
    pub fn connect_tls(port: u16) -> io::Result<SmtpClient> {
        Ok(SmtpClient { stream: Stream::Tls(secure(dial(port)?)), received: Vec::new() })
    }

    /// Goes on under TLS, after the server has answered STARTTLS. What was received before and is
    /// not read yet is forgotten.
    #[must_use]
    pub fn secured(self) -> SmtpClient {
        match self.stream {
            Stream::Clear(stream) => {
                SmtpClient { stream: Stream::Tls(secure(stream)), received: Vec::new() }
            }
            Stream::Tls(_) => self,
        }
    }

    /// Sends octets as they are.
    pub fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        match &mut self.stream {
            Stream::Clear(stream) => stream.write_all(octets),
            Stream::Tls(stream) => stream.write_all(octets).and_then(|()| stream.flush()),
        }
    }

    /// Closes our direction; the server may still speak.
    pub fn finish(&mut self) -> io::Result<()> {
        match &mut self.stream {
            Stream::Clear(stream) => stream.shutdown(Shutdown::Write),
            Stream::Tls(stream) => {
                stream.conn.send_close_notify();
                stream.flush()
            }
        }
    }

    /// The next line without its end; `None` once the server has closed.
    pub fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(at) = self.received.windows(2).position(|pair| pair == b"\r\n") {
                let line: Vec<u8> = self.received.drain(..at + 2).collect();
                return Ok(Some(String::from_utf8_lossy(&line[..at]).into_owned()));
            }
            if !self.receive()? {
                return Ok(None);
            }
        }
    }

    /// The next octets, exactly so many.
    pub(crate) fn octets(&mut self, count: usize) -> io::Result<Vec<u8>> {
        while self.received.len() < count {
            if !self.receive()? {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.received.drain(..count).collect())
    }

    /// Receives some octets; false once the server has closed.
    fn receive(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 4096];
        let read = match &mut self.stream {
            Stream::Clear(stream) => stream.read(&mut buffer),
            Stream::Tls(stream) => stream.read(&mut buffer),
        };
        match read {
            Ok(0) => Ok(false),
            Ok(count) => {
                self.received.extend_from_slice(&buffer[..count]);
                Ok(true)
            }
            // A server that ends without a goodbye under TLS, or whose process was killed.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
                ) =>
            {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// A whole reply.
    pub fn reply(&mut self) -> io::Result<Reply> {
        let mut lines = Vec::new();
        loop {
            let line = self.line()?.ok_or(ErrorKind::UnexpectedEof)?;
            let code = line.get(..3).and_then(|code| code.parse().ok());
            let code: u16 = code.ok_or_else(|| io::Error::other(format!("no reply: {line}")))?;
            lines.push(line.get(4..).unwrap_or_default().to_owned());
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(Reply { code, lines });
            }
        }
    }

    /// Sends a line and reads the reply.
    pub fn command(&mut self, line: &str) -> io::Result<Reply> {
        self.send(format!("{line}\r\n").as_bytes())?;
        self.reply()
    }

    /// Reads the greeting, says EHLO and logs in with AUTH PLAIN.
    ///
    /// # Errors
    /// Also where the server refuses.
    pub fn log_in(&mut self, login: &str, password: &str) -> io::Result<()> {
        expect(220, &self.reply()?)?;
        expect(250, &self.command("EHLO client.test")?)?;
        let response = base64(format!("\0{login}\0{password}").as_bytes());
        expect(235, &self.command(&format!("AUTH PLAIN {response}"))?)
    }

    /// Sends a message in one transaction, in lockstep; dots are stuffed. Gives the first reply
    /// that is a refusal, or the last one.
    pub fn submit(&mut self, from: &str, to: &[&str], message: &str) -> io::Result<Reply> {
        let mut lines = vec![format!("MAIL FROM:<{from}>")];
        lines.extend(to.iter().map(|to| format!("RCPT TO:<{to}>")));
        lines.push("DATA".to_owned());
        for line in &lines {
            let reply = self.command(line)?;
            if reply.code >= 400 {
                if line != "DATA" {
                    self.command("RSET")?;
                }
                return Ok(reply);
            }
        }
        let mut content = message.replace("\r\n.", "\r\n..");
        if content.starts_with('.') {
            content.insert(0, '.');
        }
        if !content.ends_with("\r\n") {
            content.push_str("\r\n");
        }
        content.push_str(".\r\n");
        self.send(content.as_bytes())?;
        self.reply()
    }
}

fn expect(code: u16, reply: &Reply) -> io::Result<()> {
    if reply.code == code {
        Ok(())
    } else {
        Err(io::Error::other(format!("expected {code}, found {} {}", reply.code, reply.text())))
    }
}

fn dial(port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(SILENCE_MAX))?;
    stream.set_write_timeout(Some(SILENCE_MAX))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Base64 with padding (RFC 4648 §4); written here so that the client shares nothing with the
/// server under test.
pub(crate) fn base64(octets: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(octets.len().div_ceil(3) * 4);
    for chunk in octets.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, octet| group << 8 | u32::from(*octet));
        let group = group << (8 * (3 - chunk.len()));
        for place in 0..4 {
            if place > chunk.len() {
                text.push('=');
            } else {
                let digit = (group >> (18 - 6 * place)) & 63;
                text.push(char::from(ALPHABET[digit as usize]));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_of_the_rfc() {
        // RFC 4648 §10.
        let pairs =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")];
        for (plain, encoded) in pairs {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }
}
