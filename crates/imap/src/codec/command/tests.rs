//! Commands as the RFCs write them, right and wrong. By subject in the files below.

mod access;
mod fetch;
mod mailbox;
mod search;
mod session;
mod whole;

use bytes::BytesMut;

use super::*;
use crate::codec::{Fault, ReadLimits, Reader, Step};

/// Collects one command; literals are announced so that nobody waits.
fn frame(octets: &[u8]) -> Frame {
    let mut reader = Reader::new(ReadLimits::AFTER_LOGIN);
    let mut input = BytesMut::from(octets);
    input.extend_from_slice(b"\r\n");
    loop {
        match reader.feed(&mut input) {
            Step::Literal(_) => reader.take(),
            Step::Complete(frame) => return frame,
            other => panic!("{}: {other:?}", String::from_utf8_lossy(octets)),
        }
    }
}

fn read(octets: &[u8], encoding: NameEncoding) -> Result<CommandBody, Fault> {
    let line = [b"t1 ".as_slice(), octets].concat();
    match Command::parse(&frame(&line), encoding) {
        Ok(command) => {
            assert_eq!(command.tag.as_str(), "t1");
            Ok(command.body)
        }
        Err(error) => {
            assert_eq!(error.tag.as_ref().map(Tag::as_str), Some("t1"), "the tag is kept");
            // RFC 9051 `text`: what goes into a response is ASCII and one line.
            let text = error.to_string();
            assert!(text.bytes().all(|b| (b' '..=b'~').contains(&b)), "{text}");
            Err(error.fault)
        }
    }
}

fn parsed(line: &str) -> CommandBody {
    read(line.as_bytes(), NameEncoding::ModifiedUtf7).unwrap_or_else(|f| panic!("{line}: {f}"))
}

fn refused(line: &str) -> Fault {
    read(line.as_bytes(), NameEncoding::ModifiedUtf7).expect_err(line)
}

/// All of them expect something else at some octet.
fn unexpected(lines: &[&str]) {
    for line in lines {
        assert!(matches!(refused(line), Fault::Expected { .. }), "{line}: {:?}", refused(line));
    }
}

fn name(text: &str) -> MailboxName {
    MailboxName::new(text).expect("a name")
}

fn set(text: &str) -> SequenceSet {
    SequenceSet::read(text.as_bytes()).expect("a set")
}

fn numbers(text: &str) -> MessageSet {
    MessageSet::Numbers(set(text))
}
