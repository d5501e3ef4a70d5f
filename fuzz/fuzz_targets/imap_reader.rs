//! Any octets in any pieces: what is collected does not depend on the pieces, and a literal is
//! never larger than it was announced.
#![no_main]

use bytes::BytesMut;
use imap::codec::{ReadLimits, Reader, Step};
use libfuzzer_sys::fuzz_target;

const LIMITS: ReadLimits =
    ReadLimits { line_octets_max: 64, literals_max: 3, skipped_octets_max: 256 };
const LITERAL_OCTETS_MAX: u64 = 32;

/// All steps but those that ask for more; they end where the session must.
fn steps(pieces: impl Iterator<Item = impl AsRef<[u8]>>) -> Vec<Step> {
    let mut reader = Reader::new(LIMITS);
    let mut steps = Vec::new();
    for piece in pieces {
        let mut input = BytesMut::from(piece.as_ref());
        loop {
            let step = reader.feed(&mut input);
            match &step {
                Step::NeedMore => break,
                Step::Literal(literal) if literal.octets <= LITERAL_OCTETS_MAX => reader.take(),
                Step::Literal(_) => reader.refuse(),
                Step::Refused(refused) if !refused.is_in_step => {
                    steps.push(step);
                    return steps;
                }
                Step::Complete(frame) => assert!(frame.text().len() <= LIMITS.line_octets_max),
                Step::Refused(_) => {}
            }
            steps.push(step);
        }
        assert!(input.is_empty(), "a reader that asks for more has used all");
    }
    steps
}

fuzz_target!(|octets: &[u8]| {
    let Some((size, octets)) = octets.split_first() else { return };
    let size = usize::from(*size % 16) + 1;
    let whole = steps(std::iter::once(octets));
    assert_eq!(steps(octets.chunks(size)), whole);
});
