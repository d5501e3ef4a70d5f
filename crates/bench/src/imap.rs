//! An IMAP client's session: one command at a time, with what came back counted and not kept.
//!
//! A response is a line with the literals in it (RFC 9051 §4.3); the octets of literals are passed
//! over, so that the client costs as little as it can.

use std::net::SocketAddr;

use anyhow::{Context as _, bail, ensure};

use crate::connection::{Connection, Sessions, TlsClient};

/// Where and as whom.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ImapLogin {
    /// The server's IMAP port with implicit TLS, on loopback: 127.0.0.1:993
    #[arg(long)]
    pub(crate) imap_server: SocketAddr,
    /// Sign in as this account
    #[arg(long)]
    pub(crate) imap_login: String,
    /// Its password
    #[arg(long)]
    pub(crate) imap_password: String,
    /// The mailbox
    #[arg(long)]
    pub(crate) mailbox: String,
}

/// What a command brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Brought {
    /// Untagged responses.
    pub(crate) responses: u64,
    /// Numbers in an untagged SEARCH.
    pub(crate) found: u64,
    /// Octets of literals.
    pub(crate) literal_octets: u64,
    /// The number of the last EXISTS; 0 for none.
    pub(crate) exists: u64,
}

/// A session that is signed in.
pub(crate) struct ImapSession {
    connection: Connection,
    tag: u32,
}

impl ImapSession {
    /// Connects with TLS and signs in.
    pub(crate) async fn open(login: &ImapLogin) -> anyhow::Result<ImapSession> {
        let tls = TlsClient::new(Sessions::Resumed)?;
        let (mut connection, _) = Connection::open(login.imap_server).await?.secure(&tls).await?;
        let greeting = connection.line().await?;
        ensure!(greeting.starts_with(b"* OK"), "{}", String::from_utf8_lossy(greeting));
        let mut session = ImapSession { connection, tag: 0 };
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let (name, password) = (quoted(&login.imap_login), quoted(&login.imap_password));
        session.ask(&format!("LOGIN \"{name}\" \"{password}\"")).await.context("LOGIN")?;
        Ok(session)
    }

    /// Sends a command and waits for its OK.
    pub(crate) async fn ask(&mut self, command: &str) -> anyhow::Result<Brought> {
        self.ask_octets(command.as_bytes()).await
    }

    /// The same for commands with octets in literals without waiting (LITERAL+).
    pub(crate) async fn ask_octets(&mut self, command: &[u8]) -> anyhow::Result<Brought> {
        self.send(command).await?;
        self.answer(command).await
    }

    async fn send(&mut self, command: &[u8]) -> anyhow::Result<()> {
        self.tag += 1;
        let mut line = format!("a{} ", self.tag).into_bytes();
        line.extend_from_slice(command);
        line.extend_from_slice(b"\r\n");
        Ok(self.connection.send(&line).await?)
    }

    async fn answer(&mut self, command: &[u8]) -> anyhow::Result<Brought> {
        let tag = format!("a{} ", self.tag).into_bytes();
        let mut brought = Brought::default();
        loop {
            let line = self.connection.line().await?;
            if let Some(status) = line.strip_prefix(tag.as_slice()) {
                if status.starts_with(b"OK") {
                    return Ok(brought);
                }
                let command = String::from_utf8_lossy(&command[..command.len().min(80)]);
                bail!("{command}: {}", String::from_utf8_lossy(status));
            }
            brought.note(line);
            let mut literal = literal_octets(line);
            while let Some(octets) = literal {
                brought.literal_octets += octets as u64;
                self.connection.skip(octets).await?;
                literal = literal_octets(self.connection.line().await?);
            }
        }
    }

    /// Begins to idle (RFC 2177).
    pub(crate) async fn idle(&mut self) -> anyhow::Result<()> {
        self.send(b"IDLE").await?;
        while !self.connection.line().await?.starts_with(b"+") {}
        Ok(())
    }

    /// Waits for the next EXISTS while it idles.
    pub(crate) async fn next_exists(&mut self) -> anyhow::Result<u64> {
        loop {
            if let Some(count) = exists(self.connection.line().await?) {
                return Ok(count);
            }
        }
    }

    /// Ends the session.
    pub(crate) async fn close(mut self) -> anyhow::Result<()> {
        self.ask("LOGOUT").await?;
        self.connection.close().await;
        Ok(())
    }
}

impl Brought {
    fn note(&mut self, line: &[u8]) {
        self.responses += 1;
        if let Some(numbers) = line.strip_prefix(b"* SEARCH") {
            self.found = numbers.iter().filter(|octet| **octet == b' ').count() as u64;
        }
        self.exists = exists(line).unwrap_or(self.exists);
    }
}

fn exists(line: &[u8]) -> Option<u64> {
    let number = line.strip_prefix(b"* ")?.strip_suffix(b" EXISTS")?;
    std::str::from_utf8(number).ok()?.parse().ok()
}

/// The octets of the literal that a line ends with the announcement of.
fn literal_octets(line: &[u8]) -> Option<usize> {
    let inside = line.strip_suffix(b"}")?;
    let at = inside.iter().rposition(|octet| *octet == b'{')?;
    std::str::from_utf8(&inside[at + 1..]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn responses_are_counted() {
        let mut brought = Brought::default();
        for line in ["* 12 EXISTS", "* SEARCH 1 2 30", "* OK [UIDNEXT 4] x"] {
            brought.note(line.as_bytes());
        }
        let expected = Brought { responses: 3, found: 3, exists: 12, ..Brought::default() };
        assert_eq!(brought, expected);
    }

    #[test]
    fn literals_are_seen_at_the_end_of_a_line() {
        assert_eq!(literal_octets(b"* 1 FETCH (BODY[] {4096}"), Some(4096));
        assert_eq!(literal_octets(b"* 1 FETCH (UID 1)"), None);
        assert_eq!(literal_octets(b"* LIST () \"/\" a}"), None);
    }
}
