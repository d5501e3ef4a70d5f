//! Another mail server, as far as a test wants it: it takes mail and remembers every octet, and
//! what it answers can be programmed.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A connection that is silent so long is given up.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// Where a conversation is, when an answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage<'a> {
    /// The connection is there; the greeting is due.
    Connected,
    /// MAIL FROM with this path.
    Mail(&'a str),
    /// RCPT TO with this path.
    Recipient(&'a str),
    /// The content has come, dots and all.
    Content(&'a [u8]),
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// As usual.
    Take,
    /// This line.
    Say(String),
    /// Nothing; the connection is closed.
    Close,
}

/// One transaction whose content came, whatever was answered to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkTransaction {
    /// The reverse-path.
    pub from: String,
    /// The recipients that were taken.
    pub to: Vec<String>,
    /// The content as on the wire: dots stuffed, the final dot left out.
    pub content: Vec<u8>,
    /// Whether it was answered with 250.
    pub is_taken: bool,
}

type Program = dyn Fn(Stage<'_>) -> Answer + Send + Sync;

/// A recording mail server on a loopback port. Its threads end with the program.
pub struct Sink {
    port: u16,
    transactions: Arc<Mutex<Vec<SinkTransaction>>>,
}

impl Sink {
    /// Starts one that takes everything.
    pub fn start() -> Sink {
        Sink::answering(|_| Answer::Take)
    }

    /// Starts one that answers as `program` says.
    ///
    /// # Panics
    /// Where no port is free.
    pub fn answering(program: impl Fn(Stage<'_>) -> Answer + Send + Sync + 'static) -> Sink {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let port = listener.local_addr().expect("a listener has an address").port();
        let transactions = Arc::new(Mutex::new(Vec::new()));
        let program: Arc<Program> = Arc::new(program);
        let kept = Arc::clone(&transactions);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (program, kept) = (Arc::clone(&program), Arc::clone(&kept));
                std::thread::spawn(move || {
                    // A peer that goes away in the middle is what some tests are about.
                    let _ = Conversation::new(stream, &*program, &kept).and_then(|mut c| c.run());
                });
            }
        });
        Sink { port, transactions }
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What came so far.
    pub fn transactions(&self) -> Vec<SinkTransaction> {
        self.transactions.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

struct Conversation<'a> {
    stream: TcpStream,
    received: Vec<u8>,
    program: &'a Program,
    kept: &'a Mutex<Vec<SinkTransaction>>,
    from: String,
    to: Vec<String>,
}

/// Whether the conversation goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    GoesOn,
    Ends,
}

impl<'a> Conversation<'a> {
    fn new(
        stream: TcpStream,
        program: &'a Program,
        kept: &'a Mutex<Vec<SinkTransaction>>,
    ) -> std::io::Result<Conversation<'a>> {
        stream.set_read_timeout(Some(SILENCE_MAX))?;
        let (received, from, to) = (Vec::new(), String::new(), Vec::new());
        Ok(Conversation { stream, received, program, kept, from, to })
    }

    fn run(&mut self) -> std::io::Result<()> {
        if self.answer(Stage::Connected, "220 sink.test ESMTP")? == Then::Ends {
            return Ok(());
        }
        while let Some(line) = self.until(b"\r\n")? {
            let line = String::from_utf8_lossy(&line).into_owned();
            if self.command(&line)? == Then::Ends {
                return Ok(());
            }
        }
        Ok(())
    }

    fn command(&mut self, line: &str) -> std::io::Result<Then> {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        match verb.as_str() {
            "EHLO" => self.say("250-sink.test\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 PIPELINING"),
            "HELO" | "RSET" | "NOOP" => self.say("250 OK"),
            "MAIL" => {
                self.from = path_in(line);
                self.to.clear();
                let path = self.from.clone();
                self.answer(Stage::Mail(&path), "250 OK")
            }
            "RCPT" => {
                let path = path_in(line);
                let (said, then) = self.ask(Stage::Recipient(&path), "250 OK")?;
                if said.starts_with("250") {
                    self.to.push(path);
                }
                Ok(then)
            }
            "DATA" if self.to.is_empty() => self.say("554 no recipients"),
            "DATA" => self.content(),
            "QUIT" => {
                self.say("221 Bye")?;
                Ok(Then::Ends)
            }
            _ => self.say("500 unknown"),
        }
    }

    fn content(&mut self) -> std::io::Result<Then> {
        self.say("354 go on")?;
        let Some(content) = self.until(b"\r\n.\r\n")? else { return Ok(Then::Ends) };
        let content = [content, b"\r\n".to_vec()].concat();
        let answer = (self.program)(Stage::Content(&content));
        let is_taken = match &answer {
            Answer::Take => true,
            Answer::Say(line) => line.starts_with('2'),
            Answer::Close => false,
        };
        // Kept before it is told: whoever sees the answer finds the message.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(SinkTransaction {
            from: std::mem::take(&mut self.from),
            to: std::mem::take(&mut self.to),
            content,
            is_taken,
        });
        match answer {
            Answer::Take => self.say("250 taken"),
            Answer::Say(line) => self.say(&line),
            Answer::Close => Ok(Then::Ends),
        }
    }

    fn answer(&mut self, stage: Stage<'_>, usual: &str) -> std::io::Result<Then> {
        self.ask(stage, usual).map(|(_, then)| then)
    }

    fn ask(&mut self, stage: Stage<'_>, usual: &str) -> std::io::Result<(String, Then)> {
        let line = match (self.program)(stage) {
            Answer::Take => usual.to_owned(),
            Answer::Say(line) => line,
            Answer::Close => return Ok((String::new(), Then::Ends)),
        };
        let then = self.say(&line)?;
        Ok((line, then))
    }

    fn say(&mut self, line: &str) -> std::io::Result<Then> {
        self.stream.write_all(format!("{line}\r\n").as_bytes())?;
        Ok(Then::GoesOn)
    }

    /// What comes before `end`, which is taken away too; `None` where the peer closes.
    fn until(&mut self, end: &[u8]) -> std::io::Result<Option<Vec<u8>>> {
        let mut searched = 0;
        loop {
            let found = self.received[searched..].windows(end.len()).position(|part| part == end);
            if let Some(at) = found {
                let mut taken: Vec<u8> = self.received.drain(..searched + at + end.len()).collect();
                taken.truncate(searched + at);
                return Ok(Some(taken));
            }
            searched = (self.received.len() + 1).saturating_sub(end.len());
            let mut buffer = [0; 16_384];
            match self.stream.read(&mut buffer)? {
                0 => return Ok(None),
                count => self.received.extend_from_slice(&buffer[..count]),
            }
        }
    }
}

fn path_in(line: &str) -> String {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.rsplit_once('>'));
    inside.map_or_else(String::new, |(path, _)| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::SmtpClient;

    #[test]
    fn it_keeps_what_comes_and_says_what_it_is_told() {
        let sink = Sink::answering(|stage| match stage {
            Stage::Recipient("no@sink.test") => Answer::Say("550 5.1.1 nobody".to_owned()),
            Stage::Content(content) if content.starts_with(b"Subject: gone") => Answer::Close,
            _ => Answer::Take,
        });
        let mut client = SmtpClient::connect(sink.port()).unwrap();
        assert_eq!(client.reply().unwrap().code, 220);
        assert_eq!(client.submit("a@b", &["no@sink.test"], "x").unwrap().code, 550);
        assert_eq!(
            client.submit("a@b", &["c@sink.test"], "Subject: x\r\n\r\n.y").unwrap().code,
            250
        );
        assert!(client.submit("a@b", &["c@sink.test"], "Subject: gone").is_err());
        let kept = sink.transactions();
        assert_eq!(kept.len(), 2);
        assert_eq!((kept[0].from.as_str(), kept[0].is_taken), ("a@b", true));
        assert_eq!(kept[0].content, b"Subject: x\r\n\r\n..y\r\n");
        assert!(!kept[1].is_taken);
    }
}
