//! A client that believes what it is told, against what is there.
//!
//! Others change the mailbox between commands and while a command is carried out. Whatever comes,
//! the client's numbers stay right, no message goes while numbers count, and once nothing more
//! happens the client knows exactly what is there.

use std::collections::BTreeMap;

use imap::server::{FlagAction, Flags, Opening, TlsFacts, serve};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::watch;

use crate::fake::{Ambush, Fake};
use crate::scripts::settings;

/// What the client does next, while others do something, too.
#[derive(Debug, Clone)]
enum Step {
    Noop,
    Fetch,
    UidFetch,
    Read(u32),
    Search,
    Store { number: u32, sign: char, is_silent: bool, flag: &'static str },
    UidStore { number: u32, is_silent: bool },
    Expunge,
    Move(u32),
    Append,
    Idle,
    Others(Ambush),
}

/// One message as the client knows it.
#[derive(Debug, Clone, Default)]
struct Slot {
    uid: Option<u32>,
    flags: Option<Vec<String>>,
}

struct Client {
    stream: DuplexStream,
    received: Vec<u8>,
    slots: Vec<Slot>,
    /// The message that FETCH spoke of last: its line can go on behind a literal.
    last: usize,
}

impl Client {
    /// Says a command and believes what is said to it.
    async fn command(&mut self, command: &str, may_lose: bool) -> Vec<String> {
        self.stream.write_all(format!("t {command}\r\n").as_bytes()).await.unwrap();
        let mut said = Vec::new();
        loop {
            let line = self.line().await;
            if let Some(done) = line.strip_prefix("t ") {
                assert!(!done.starts_with("BAD"), "{command}: {done}");
                return said;
            }
            self.believe(&line, may_lose);
            said.push(line);
        }
    }

    async fn line(&mut self) -> String {
        loop {
            if let Some(at) = self.received.windows(2).position(|pair| pair == b"\r\n") {
                let line: Vec<u8> = self.received.drain(..at + 2).collect();
                return String::from_utf8(line[..at].to_vec()).unwrap();
            }
            assert_ne!(self.stream.read_buf(&mut self.received).await.unwrap(), 0, "closed");
        }
    }

    fn believe(&mut self, line: &str, may_lose: bool) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["*", count, "EXISTS"] => {
                let count: usize = count.parse().unwrap();
                assert!(count >= self.slots.len(), "messages went without a word: {line}");
                self.slots.resize(count, Slot::default());
            }
            ["*", number, "EXPUNGE"] => {
                assert!(may_lose, "numbers count: {line}");
                self.slots.remove(number.parse::<usize>().unwrap() - 1);
            }
            ["*", "VANISHED", set] => {
                assert!(may_lose, "numbers count: {line}");
                for range in set.split(',') {
                    let (first, last) = range.split_once(':').unwrap_or((range, range));
                    for uid in first.parse().unwrap()..=last.parse().unwrap() {
                        self.vanish(uid);
                    }
                }
            }
            ["*", number, "FETCH", ..] => {
                self.last = number.parse().unwrap();
                self.fetched(self.last, line);
            }
            ["*", ..] | ["+", ..] => {}
            _ => self.fetched(self.last, line),
        }
    }

    /// Forgets a message; one whose UID was never asked for is among the last.
    fn vanish(&mut self, uid: u32) {
        let known = self.slots.iter().position(|slot| slot.uid == Some(uid));
        let unknown = || self.slots.iter().position(|slot| slot.uid.is_none());
        let at = known.or_else(unknown).expect("only what is told to be there vanishes");
        self.slots.remove(at);
    }

    fn fetched(&mut self, number: usize, line: &str) {
        let slot = &mut self.slots[number - 1];
        if let Some((_, rest)) = line.split_once("UID ") {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            let uid = digits.parse().unwrap();
            assert!(slot.uid.is_none_or(|known| known == uid), "{slot:?}: {line}");
            slot.uid = Some(uid);
        }
        if let Some((_, rest)) = line.split_once("FLAGS (") {
            let (flags, _) = rest.split_once(')').unwrap();
            slot.flags = Some(sorted(flags.split_whitespace().map(str::to_owned).collect()));
        }
    }

    /// A silent change is one that the client makes in its own books.
    fn store(&mut self, number: usize, sign: char, flag: &str) {
        let Some(flags) = &mut self.slots[number - 1].flags else { return };
        flags.retain(|known| known != flag);
        if sign == '+' {
            flags.push(flag.to_owned());
        }
        flags.sort();
    }

    /// Asks for the messages that came and for no others: what is known must stay right by itself.
    async fn ask_unknown(&mut self) {
        if let Some(at) = self.slots.iter().position(|slot| slot.uid.is_none()) {
            self.command(&format!("FETCH {}:* (UID FLAGS)", at + 1), false).await;
        }
    }

    fn number(&self, wanted: u32) -> Option<usize> {
        let count = self.slots.len();
        (count > 0).then(|| wanted as usize % count + 1)
    }
}

fn sorted(mut words: Vec<String>) -> Vec<String> {
    words.sort();
    words
}

fn shown(flags: &Flags) -> Vec<String> {
    let system = [
        (Flags::SEEN, "\\Seen"),
        (Flags::FLAGGED, "\\Flagged"),
        (Flags::DELETED, "\\Deleted"),
        (Flags::ANSWERED, "\\Answered"),
        (Flags::DRAFT, "\\Draft"),
    ];
    let set = system.into_iter().filter(|(bit, _)| flags.system & bit != 0);
    let words = set.map(|(_, name)| name.to_owned());
    sorted(words.chain(flags.keywords.iter().map(|keyword| keyword.to_string())).collect())
}

/// Carries out one step of the client.
async fn take(client: &mut Client, backend: &Fake, step: Step) {
    match step {
        Step::Noop => {
            client.command("NOOP", true).await;
        }
        Step::Fetch if !client.slots.is_empty() => {
            client.command("FETCH 1:* (UID FLAGS)", false).await;
        }
        Step::UidFetch => {
            client.command("UID FETCH 1:* FLAGS", true).await;
        }
        Step::Read(number) => {
            if let Some(number) = client.number(number) {
                client.command(&format!("FETCH {number} BODY[1]<0.1>"), false).await;
            }
        }
        Step::Search => {
            for line in client.command("SEARCH ALL", false).await {
                let Some(numbers) = line.strip_prefix("* SEARCH ") else { continue };
                let numbers = numbers.split(' ').map(|number| number.parse::<usize>().unwrap());
                assert!(numbers.into_iter().all(|number| number <= client.slots.len()), "{line}");
            }
        }
        Step::Store { number, sign, is_silent, flag } => {
            let Some(number) = client.number(number) else { return };
            let silent = if is_silent { ".SILENT" } else { "" };
            if is_silent {
                // Before, so that what the server says about it afterwards has the last word.
                client.store(number, sign, flag);
            }
            let command = format!("STORE {number} {sign}FLAGS{silent} ({flag})");
            client.command(&command, false).await;
        }
        Step::UidStore { number, is_silent } => {
            let Some(number) = client.number(number) else { return };
            let Some(uid) = client.slots[number - 1].uid else { return };
            let silent = if is_silent { ".SILENT" } else { "" };
            if is_silent {
                client.store(number, '+', "\\Deleted");
            }
            client.command(&format!("UID STORE {uid} +FLAGS{silent} (\\Deleted)"), true).await;
        }
        Step::Expunge => {
            client.command("EXPUNGE", true).await;
        }
        Step::Move(number) => {
            if let Some(number) = client.number(number) {
                client.command(&format!("MOVE {number} Archive"), true).await;
            }
        }
        Step::Append => {
            client.command("APPEND INBOX {6+}\r\nA: 1\r\n", true).await;
        }
        Step::Idle => idle(client, backend).await,
        Step::Others(ambush) => backend.elsewhere(|world| world.carry_out(&ambush)),
        Step::Fetch => {}
    }
}

/// Waits while others append.
async fn idle(client: &mut Client, backend: &Fake) {
    client.stream.write_all(b"t IDLE\r\n").await.unwrap();
    while let line = client.line().await
        && line != "+ idling"
    {
        client.believe(&line, true);
    }
    backend.elsewhere(|world| world.carry_out(&Ambush::Append));
    client.stream.write_all(b"DONE\r\n").await.unwrap();
    while let line = client.line().await
        && !line.starts_with("t OK")
    {
        client.believe(&line, true);
    }
}

/// What the client knows is what is there.
fn compare(client: &Client, backend: &Fake) {
    let world = backend.world();
    let there: BTreeMap<u32, Vec<String>> = world.mailboxes["INBOX"]
        .messages
        .values()
        .map(|message| (message.uid, shown(&message.flags())))
        .collect();
    let known: BTreeMap<u32, Vec<String>> =
        client.slots.iter().map(|slot| (slot.uid.unwrap(), slot.flags.clone().unwrap())).collect();
    assert_eq!(client.slots.len(), there.len());
    assert_eq!(known, there);
}

/// Plays all steps, then compares.
async fn play(steps: Vec<(Step, Vec<Ambush>)>, enabled: &str) {
    let (stream, server) = tokio::io::duplex(1 << 20);
    let backend = Fake::new();
    backend.elsewhere(|world| (0..5).for_each(|_| world.carry_out(&Ambush::Append)));
    let mut used = backend.clone();
    let (_shutdown, is_down) = watch::channel(false);
    let session = tokio::spawn(async move {
        let opening = Opening::ImplicitTls(TlsFacts::default());
        serve(server, opening, &mut used, &settings(), is_down).await
    });
    let mut client = Client { stream, received: Vec::new(), slots: Vec::new(), last: 1 };
    client.command("LOGIN anna secret", false).await;
    client.command(&format!("ENABLE {enabled}"), false).await;
    client.command("SELECT INBOX", false).await;
    client.command("FETCH 1:* (UID FLAGS)", false).await;
    for (step, ambush) in steps {
        backend.world().ambush = ambush;
        take(&mut client, &backend, step).await;
        backend.world().ambush.clear();
        client.ask_unknown().await;
    }
    client.command("NOOP", true).await;
    client.ask_unknown().await;
    compare(&client, &backend);
    drop(client);
    session.await.unwrap();
}

fn flag() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["\\Seen", "\\Flagged", "\\Deleted", "$Work"])
}

fn ambush() -> impl Strategy<Value = Ambush> {
    let action = prop::sample::select(vec![FlagAction::Add, FlagAction::Remove]);
    let system = prop::sample::select(vec![Flags::SEEN, Flags::FLAGGED, Flags::DELETED]);
    prop_oneof![
        Just(Ambush::Append),
        (0_usize..8).prop_map(Ambush::Expunge),
        (0_usize..8, action, system).prop_map(|(n, action, system)| Ambush::Flags(
            n,
            action,
            Flags::system(system)
        )),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let sign = prop::sample::select(vec!['+', '-']);
    prop_oneof![
        Just(Step::Noop),
        Just(Step::Fetch),
        Just(Step::UidFetch),
        (0_u32..8).prop_map(Step::Read),
        Just(Step::Search),
        (0_u32..8, sign, any::<bool>(), flag()).prop_map(|(number, sign, is_silent, flag)| {
            Step::Store { number, sign, is_silent, flag }
        }),
        (0_u32..8, any::<bool>())
            .prop_map(|(number, is_silent)| Step::UidStore { number, is_silent }),
        Just(Step::Expunge),
        (0_u32..8).prop_map(Step::Move),
        Just(Step::Append),
        Just(Step::Idle),
        ambush().prop_map(Step::Others),
    ]
}

proptest! {
    #[test]
    fn a_client_that_believes_knows_what_is_there(
        steps in prop::collection::vec((step(), prop::collection::vec(ambush(), 0..3)), 1..25),
        enabled in prop::sample::select(vec!["NOTHING", "CONDSTORE", "QRESYNC"]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(play(steps, enabled));
    }
}
