//! An IMAP client for tests: small, blocking, and no wiser than the test that uses it.

use std::io::{self, ErrorKind};

use crate::client::SmtpClient;

/// What a server answered to one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImapAnswer {
    /// `OK`, `NO` or `BAD`.
    pub status: String,
    /// What stands behind the status.
    pub text: String,
    /// The untagged responses, each whole with its literals in place.
    pub untagged: Vec<String>,
}

impl ImapAnswer {
    /// Whether the command was done.
    pub fn is_ok(&self) -> bool {
        self.status == "OK"
    }

    /// All untagged responses, a line each.
    pub fn all(&self) -> String {
        self.untagged.join("\n")
    }

    /// The untagged responses that have a text in them.
    pub fn with(&self, text: &str) -> Vec<&str> {
        self.untagged.iter().map(String::as_str).filter(|line| line.contains(text)).collect()
    }
}

/// One connection to an IMAP server on loopback.
pub struct ImapClient {
    stream: SmtpClient,
    tags: u32,
}

impl ImapClient {
    /// Connects under TLS from the first octet and reads the greeting.
    pub fn connect_tls(port: u16) -> io::Result<ImapClient> {
        ImapClient::greeted(SmtpClient::connect_tls(port)?)
    }

    /// Connects in the clear and reads the greeting.
    pub fn connect(port: u16) -> io::Result<ImapClient> {
        ImapClient::greeted(SmtpClient::connect(port)?)
    }

    fn greeted(stream: SmtpClient) -> io::Result<ImapClient> {
        let mut client = ImapClient { stream, tags: 0 };
        let greeting = client.response()?;
        if greeting.starts_with("* OK") {
            Ok(client)
        } else {
            Err(io::Error::other(format!("no greeting: {greeting}")))
        }
    }

    /// Goes on under TLS, after the server has answered STARTTLS.
    #[must_use]
    pub fn secured(self) -> ImapClient {
        ImapClient { stream: self.stream.secured(), tags: self.tags }
    }

    /// One whole response, its literals in place of their announcement.
    pub fn response(&mut self) -> io::Result<String> {
        let mut whole = String::new();
        loop {
            let line = self.stream.line()?.ok_or(ErrorKind::UnexpectedEof)?;
            let announced = line.strip_suffix('}').and_then(|line| line.rsplit_once('{'));
            let announced = announced.and_then(|(front, count)| Some((front, count.parse().ok()?)));
            let Some((front, count)) = announced else {
                whole.push_str(&line);
                return Ok(whole);
            };
            whole.push_str(front);
            whole.push_str(&String::from_utf8_lossy(&self.stream.octets(count)?));
        }
    }

    /// Sends a command and gives its tag. The answer is not read.
    pub fn begin(&mut self, command: &str) -> io::Result<String> {
        self.tags += 1;
        let tag = format!("t{}", self.tags);
        self.stream.send(format!("{tag} {command}\r\n").as_bytes())?;
        Ok(tag)
    }

    /// Sends a line that is no command.
    pub fn line(&mut self, line: &str) -> io::Result<()> {
        self.stream.send(format!("{line}\r\n").as_bytes())
    }

    /// Reads up to the answer of a tag.
    pub fn end(&mut self, tag: &str) -> io::Result<ImapAnswer> {
        let mut untagged = Vec::new();
        loop {
            let response = self.response()?;
            let Some(answer) = response.strip_prefix(&format!("{tag} ")) else {
                untagged.push(response);
                continue;
            };
            let (status, text) = answer.split_once(' ').unwrap_or((answer, ""));
            return Ok(ImapAnswer { status: status.to_owned(), text: text.to_owned(), untagged });
        }
    }

    /// Sends a command and reads its answer.
    ///
    /// # Panics
    /// Where the connection breaks.
    pub fn command(&mut self, command: &str) -> ImapAnswer {
        let answer = self.begin(command).and_then(|tag| self.end(&tag));
        answer.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// Sends a command that must succeed, and gives its untagged responses, a line each.
    ///
    /// # Panics
    /// Where it does not.
    pub fn done(&mut self, command: &str) -> String {
        let answer = self.command(command);
        assert!(answer.is_ok(), "{command}: {answer:?}");
        answer.all()
    }

    /// Appends a message.
    ///
    /// # Panics
    /// Where the connection breaks.
    pub fn append(&mut self, mailbox: &str, flags: &str, message: &str) -> ImapAnswer {
        let length = message.len();
        self.command(&format!("APPEND \"{mailbox}\" ({flags}) {{{length}+}}\r\n{message}"))
    }
}
