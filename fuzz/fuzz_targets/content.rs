//! Any octets as the content of DATA, in pieces of any size: where they are cut does not matter,
//! what comes out is clean, and what goes out comes back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smtp::codec::content::{check, stuffed};
use smtp::codec::{Decoder, Framing};

/// Small enough for the fuzzer to reach.
const OCTETS_MAX: u64 = 4096;

fn decode(octets: &[u8], piece: usize) -> Option<(usize, Result<Vec<u8>, String>)> {
    let mut decoder = Decoder::new(Framing::Dots, OCTETS_MAX);
    let mut at = 0;
    for piece in octets.chunks(piece) {
        let fed = decoder.feed(piece);
        at += fed.octets;
        if fed.is_ended {
            let content = decoder.finish().map(|content| content.to_vec());
            return Some((at, content.map_err(|fault| fault.to_string())));
        }
        assert_eq!(fed.octets, piece.len());
    }
    None
}

fuzz_target!(|input: (u8, &[u8])| {
    let (piece, octets) = input;
    let whole = decode(octets, octets.len().max(1));
    assert_eq!(whole, decode(octets, usize::from(piece).max(1)));
    if let Some((_, Ok(content))) = &whole {
        check(content).expect("what is taken is clean");
        assert!(content.len() as u64 <= OCTETS_MAX);
    }
    if check(octets).is_ok() && (octets.is_empty() || octets.ends_with(b"\r\n")) {
        let sent: Vec<u8> = stuffed(octets).flatten().copied().collect();
        let (end, content) = decode(&sent, usize::from(piece).max(1)).expect("it has an end");
        assert_eq!(end, sent.len());
        if octets.len() as u64 <= OCTETS_MAX {
            assert_eq!(content.expect("it is clean"), octets);
        }
    }
});
