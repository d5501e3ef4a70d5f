//! A name server of a few records, for SPF, DKIM, DMARC and MX of a world that does not exist.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The largest answer by UDP; nothing here needs TCP.
const ANSWER_OCTETS_MAX: usize = 4096;
/// `IN`.
const CLASS_INTERNET: u16 = 1;

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// An address of a host.
    A(Ipv4Addr),
    /// An IPv6 address of a host.
    Aaaa(Ipv6Addr),
    /// A mail exchanger: preference and host.
    Mx(u16, String),
    /// A text of any length; cut into strings of 255 octets.
    Txt(String),
    /// Another name.
    Cname(String),
}

impl Record {
    fn number(&self) -> u16 {
        match self {
            Record::A(_) => 1,
            Record::Cname(_) => 5,
            Record::Mx(..) => 15,
            Record::Txt(_) => 16,
            Record::Aaaa(_) => 28,
        }
    }

    fn data(&self) -> Vec<u8> {
        match self {
            Record::A(address) => address.octets().to_vec(),
            Record::Aaaa(address) => address.octets().to_vec(),
            Record::Cname(name) => name_octets(name),
            Record::Mx(preference, host) => {
                [preference.to_be_bytes().to_vec(), name_octets(host)].concat()
            }
            Record::Txt(text) => {
                let strings = text.as_bytes().chunks(255);
                strings.flat_map(|part| [&[octet(part.len())], part].concat()).collect()
            }
        }
    }
}

/// What is known of a name.
#[derive(Debug, Clone, Default)]
struct Zone {
    records: HashMap<String, Vec<Record>>,
    failing: Vec<String>,
}

/// A name server on a loopback port. Its thread ends with the program.
pub struct StubDns {
    address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
    questions: Arc<AtomicUsize>,
}

impl StubDns {
    /// Starts one that knows nothing: every name does not exist.
    ///
    /// # Panics
    /// Where no port is free.
    pub fn start() -> StubDns {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let address = socket.local_addr().expect("a socket has an address");
        let zone = Arc::new(Mutex::new(Zone::default()));
        let questions = Arc::new(AtomicUsize::new(0));
        let (asked, counted) = (Arc::clone(&zone), Arc::clone(&questions));
        std::thread::spawn(move || {
            let mut buffer = [0; 1500];
            while let Ok((count, peer)) = socket.recv_from(&mut buffer) {
                counted.fetch_add(1, Ordering::Relaxed);
                let zone = asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
                if let Some(answer) = answer(&buffer[..count], &zone) {
                    // A client that has gone needs no answer.
                    let _ = socket.send_to(&answer, peer);
                }
            }
        });
        StubDns { address, zone, questions }
    }

    /// Adds a record.
    pub fn add(&self, name: &str, record: Record) -> &StubDns {
        let mut zone = self.zone.lock().unwrap_or_else(PoisonError::into_inner);
        zone.records.entry(name.to_lowercase()).or_default().push(record);
        self
    }

    /// Makes every question for a name fail (SERVFAIL).
    pub fn fail(&self, name: &str) -> &StubDns {
        let mut zone = self.zone.lock().unwrap_or_else(PoisonError::into_inner);
        zone.failing.push(name.to_lowercase());
        self
    }

    /// `127.0.0.1:PORT`, as `[dns] servers` takes it in a list.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many questions came so far.
    pub fn questions(&self) -> usize {
        self.questions.load(Ordering::Relaxed)
    }

    /// The key `dns.servers` for this server.
    pub fn as_setting(&self) -> String {
        match self.address.ip() {
            IpAddr::V4(ip) => format!("[\"{ip}:{}\"]", self.address.port()),
            IpAddr::V6(ip) => format!("[\"[{ip}]:{}\"]", self.address.port()),
        }
    }
}

fn octet(length: usize) -> u8 {
    u8::try_from(length).expect("labels and strings are shorter than 256 octets")
}

fn name_octets(name: &str) -> Vec<u8> {
    let labels = name.trim_end_matches('.').split('.').filter(|label| !label.is_empty());
    let mut octets: Vec<u8> =
        labels.flat_map(|label| [&[octet(label.len())], label.as_bytes()].concat()).collect();
    octets.push(0);
    octets
}

/// Answers a query (RFC 1035 §4.1) with the records of the name and, along CNAMEs, of where it
/// leads.
fn answer(query: &[u8], zone: &Zone) -> Option<Vec<u8>> {
    let (name, end) = question_name(query)?;
    let kind = u16::from_be_bytes([*query.get(end)?, *query.get(end + 1)?]);
    let mut found = Vec::new();
    let mut at = name.clone();
    // A loop of CNAMEs is answered with as much of it as a real server would.
    for _ in 0..8 {
        let records = zone.records.get(&at).cloned().unwrap_or_default();
        let fitting = records.iter().filter(|record| record.number() == kind);
        found.extend(fitting.map(|record| (at.clone(), record.clone())));
        let alias = records.iter().find_map(|record| match record {
            Record::Cname(to) if kind != 5 => Some(to.to_lowercase()),
            _ => None,
        });
        let Some(to) = alias else { break };
        found.push((at, Record::Cname(to.clone())));
        at = to;
    }
    let is_known = zone.records.contains_key(&name);
    let code: u8 = match (zone.failing.contains(&name), is_known) {
        (true, _) => 2,
        (false, true) => 0,
        (false, false) => 3,
    };
    let mut reply = query[..2].to_vec();
    // Response, authoritative, recursion available; the code.
    reply.extend([0x84 | (query[2] & 1), 0x80 | code]);
    let count = if code == 0 { u16::try_from(found.len()).ok()? } else { 0 };
    reply.extend([0, 1]);
    reply.extend(count.to_be_bytes());
    reply.extend([0, 0, 0, 0]);
    reply.extend(&query[12..end + 4]);
    for (owner, record) in found.iter().take(usize::from(count)) {
        let data = record.data();
        reply.extend(name_octets(owner));
        reply.extend(record.number().to_be_bytes());
        reply.extend(CLASS_INTERNET.to_be_bytes());
        // Nothing is worth keeping: tests change the records.
        reply.extend(0_u32.to_be_bytes());
        reply.extend(u16::try_from(data.len()).ok()?.to_be_bytes());
        reply.extend(data);
    }
    (reply.len() <= ANSWER_OCTETS_MAX).then_some(reply)
}

/// The name of the only question, in lower case, and where it ends.
fn question_name(query: &[u8]) -> Option<(String, usize)> {
    let mut labels = Vec::new();
    let mut at = 12;
    loop {
        let length = usize::from(*query.get(at)?);
        at += 1;
        if length == 0 {
            return Some((labels.join("."), at));
        }
        labels.push(String::from_utf8_lossy(query.get(at..at + length)?).to_lowercase());
        at += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(dns: &StubDns, name: &str, kind: u16) -> Vec<u8> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let head = [7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        let tail = [kind.to_be_bytes(), 1_u16.to_be_bytes()].concat();
        let query = [head.to_vec(), name_octets(name), tail].concat();
        socket.send_to(&query, dns.address()).unwrap();
        let mut buffer = [0; 1500];
        let count = socket.recv(&mut buffer).unwrap();
        buffer[..count].to_vec()
    }

    #[test]
    fn records_are_found_and_other_names_do_not_exist() {
        let dns = StubDns::start();
        dns.add("Fabrikam.com", Record::Mx(10, "mx.fabrikam.com".to_owned()));
        dns.add("www.fabrikam.com", Record::Cname("fabrikam.com".to_owned()));
        dns.fail("broken.test");
        let found = ask(&dns, "fabrikam.COM", 15);
        assert_eq!((found[3] & 15, found[7]), (0, 1));
        assert!(found.windows(3).any(|part| part == b"\x02mx"));
        let alias = ask(&dns, "www.fabrikam.com", 15);
        assert_eq!((alias[3] & 15, alias[7]), (0, 2));
        assert_eq!(ask(&dns, "nowhere.test", 1)[3] & 15, 3);
        assert_eq!(ask(&dns, "broken.test", 1)[3] & 15, 2);
        assert_eq!(ask(&dns, "fabrikam.com", 16)[7], 0);
        assert_eq!(dns.questions(), 5);
    }
}
