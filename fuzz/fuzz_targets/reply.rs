//! Any octets as what a server answers: single lines, and a whole conversation of our client with
//! a peer that says anything.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use smtp::client::{ClientSettings, Opening, Session};
use smtp::codec::reply_line;
use tokio::io::AsyncWriteExt;

fuzz_target!(|octets: &[u8]| {
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        if let Some(reply) = reply_line::parse(line) {
            assert!((200..600).contains(&reply.code));
            if let Ok(text) = str::from_utf8(reply.text) {
                reply_line::split_enhanced(reply.code, text);
            }
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(async {
        let (near, mut far) = tokio::io::duplex(octets.len() + 4096);
        far.write_all(octets).await.expect("the pipe has room");
        far.shutdown().await.expect("the pipe is open");
        let settings = ClientSettings::new("client.example.org");
        let conversation = async {
            if let Ok(session) = Session::open(near, Opening::Clear, &settings).await {
                session.quit().await;
            }
        };
        let ended = tokio::time::timeout(Duration::from_secs(5), conversation).await;
        ended.expect("a peer that has closed does not keep us waiting");
    });
});
