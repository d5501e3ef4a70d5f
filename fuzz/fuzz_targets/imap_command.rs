//! Any octets as what an IMAP client says: commands are read in both ways of writing names, faults
//! are one short printable line, sets and mailbox names are what they are written as.
#![no_main]

use bytes::BytesMut;
use imap::codec::{
    Command, CommandBody, Fetch, Frame, MailboxName, MessageSet, NameEncoding, ReadLimits, Reader,
    SequenceSet, Step, mailbox_name,
};
use libfuzzer_sys::fuzz_target;

fn read(frame: &Frame, encoding: NameEncoding) {
    let body = match Command::parse(frame, encoding) {
        Ok(command) => command.body,
        Err(error) => {
            let text = error.to_string();
            assert!(text.len() < 200 && text.bytes().all(|b| (b' '..=b'~').contains(&b)));
            return;
        }
    };
    let _ = body.verb();
    match body {
        CommandBody::Fetch(Fetch { messages: MessageSet::Numbers(set), .. }) => {
            assert_eq!(SequenceSet::read(set.to_string().as_bytes()).as_ref(), Ok(&set));
            let resolved = set.resolve(7);
            assert!(resolved.windows(2).all(|pair| pair[0].end() + 1 < *pair[1].start()));
        }
        CommandBody::Delete(name) | CommandBody::Subscribe(name) => {
            let wire = mailbox_name::encode(name.as_str(), encoding);
            assert_eq!(MailboxName::read(wire.as_bytes(), encoding), Ok(name));
        }
        _ => {}
    }
}

fuzz_target!(|octets: &[u8]| {
    let mut reader = Reader::new(ReadLimits::AFTER_LOGIN);
    let mut input = BytesMut::from(octets);
    loop {
        match reader.feed(&mut input) {
            Step::NeedMore => return,
            Step::Literal(_) => reader.take(),
            Step::Refused(refused) if !refused.is_in_step => return,
            Step::Refused(_) => {}
            Step::Complete(frame) => {
                read(&frame, NameEncoding::ModifiedUtf7);
                read(&frame, NameEncoding::Utf8);
            }
        }
    }
});
