//! The part of CBOR (RFC 8949) that authenticators write: definite lengths, small depth.
//!
//! Anything else is no message of an authenticator and reads as nothing.

/// Nesting that is followed; an attestation object needs three levels.
const DEPTH_MAX: usize = 8;
/// Items of one array or map at most.
const ITEMS_MAX: u64 = 64;

/// A value, borrowed from what was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Int(i64),
    Bytes(&'a [u8]),
    Text(&'a str),
    Array(Vec<Value<'a>>),
    Map(Vec<(Value<'a>, Value<'a>)>),
    /// `false`, `true`, `null` and other one-octet values.
    Simple(u8),
}

impl<'a> Value<'a> {
    /// The value under a text key of a map.
    pub(super) fn field(&self, name: &str) -> Option<&Value<'a>> {
        self.entry(&Value::Text(name))
    }

    /// The value under a number of a map.
    pub(super) fn number(&self, key: i64) -> Option<&Value<'a>> {
        self.entry(&Value::Int(key))
    }

    pub(super) fn bytes(&self) -> Option<&'a [u8]> {
        if let Value::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    pub(super) fn int(&self) -> Option<i64> {
        if let Value::Int(number) = self { Some(*number) } else { None }
    }

    fn entry(&self, key: &Value<'_>) -> Option<&Value<'a>> {
        let Value::Map(entries) = self else { return None };
        entries.iter().find(|(found, _)| found == key).map(|(_, value)| value)
    }
}

/// Reads one value; gives it and what follows.
pub(super) fn read(octets: &[u8]) -> Option<(Value<'_>, &[u8])> {
    read_at(octets, 0)
}

fn read_at(octets: &[u8], depth: usize) -> Option<(Value<'_>, &[u8])> {
    if depth > DEPTH_MAX {
        return None;
    }
    let (first, rest) = octets.split_first()?;
    let (major, info) = (first >> 5, first & 0x1f);
    if major == 7 {
        return (info < 24).then_some((Value::Simple(info), rest));
    }
    let (argument, rest) = argument(info, rest)?;
    match major {
        0 => Some((Value::Int(i64::try_from(argument).ok()?), rest)),
        // RFC 8949 §3.1: a negative number is -1 minus the argument.
        1 => Some((Value::Int(-1 - i64::try_from(argument).ok()?), rest)),
        2 => {
            let (bytes, rest) = split(rest, argument)?;
            Some((Value::Bytes(bytes), rest))
        }
        3 => {
            let (bytes, rest) = split(rest, argument)?;
            Some((Value::Text(std::str::from_utf8(bytes).ok()?), rest))
        }
        4 => read_array(argument, rest, depth),
        5 => read_map(argument, rest, depth),
        // Tags: no authenticator writes any.
        _ => None,
    }
}

fn read_array(length: u64, mut rest: &[u8], depth: usize) -> Option<(Value<'_>, &[u8])> {
    let mut items = Vec::new();
    for _ in 0..(length <= ITEMS_MAX).then_some(length)? {
        let (item, after) = read_at(rest, depth + 1)?;
        items.push(item);
        rest = after;
    }
    Some((Value::Array(items), rest))
}

fn read_map(length: u64, mut rest: &[u8], depth: usize) -> Option<(Value<'_>, &[u8])> {
    let mut entries = Vec::new();
    for _ in 0..(length <= ITEMS_MAX).then_some(length)? {
        let (key, after) = read_at(rest, depth + 1)?;
        let (value, after) = read_at(after, depth + 1)?;
        entries.push((key, value));
        rest = after;
    }
    Some((Value::Map(entries), rest))
}

/// RFC 8949 §3: the argument is in the first octet, or in the 1, 2, 4 or 8 that follow.
fn argument(info: u8, rest: &[u8]) -> Option<(u64, &[u8])> {
    let octets = match info {
        0..24 => return Some((u64::from(info), rest)),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return None,
    };
    let (taken, rest) = split(rest, octets)?;
    Some((taken.iter().fold(0, |number, octet| (number << 8) | u64::from(*octet)), rest))
}

fn split(octets: &[u8], at: u64) -> Option<(&[u8], &[u8])> {
    octets.split_at_checked(usize::try_from(at).ok()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rfc_8949_appendix_a_is_read() {
        let cases: [(&[u8], Value<'_>); 8] = [
            (&[0x00], Value::Int(0)),
            (&[0x19, 0x03, 0xe8], Value::Int(1000)),
            (&[0x38, 0x63], Value::Int(-100)),
            (&[0x44, 1, 2, 3, 4], Value::Bytes(&[1, 2, 3, 4])),
            (&[0x64, b'I', b'E', b'T', b'F'], Value::Text("IETF")),
            (&[0x83, 1, 2, 3], Value::Array(vec![Value::Int(1), Value::Int(2), Value::Int(3)])),
            (&[0xa1, 0x61, b'a', 0xf5], Value::Map(vec![(Value::Text("a"), Value::Simple(21))])),
            (&[0xf6], Value::Simple(22)),
        ];
        for (octets, expected) in cases {
            assert_eq!(read(octets), Some((expected, &[][..])), "{octets:?}");
        }
    }

    #[test]
    fn what_no_authenticator_writes_reads_as_nothing() {
        let cases: [&[u8]; 8] = [
            &[],
            &[0x44, 1, 2],
            &[0x5f, 0x41, 1, 0xff],
            &[0x9f, 0xff],
            &[0xc0, 0x00],
            &[0x61, 0xff],
            &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        ];
        for octets in cases {
            assert_eq!(read(octets), None, "{octets:?}");
        }
        let deep = |levels: usize| [vec![0x81; levels], vec![0x00]].concat();
        assert!(read(&deep(DEPTH_MAX)).is_some());
        assert!(read(&deep(DEPTH_MAX + 1)).is_none());
    }

    proptest! {
        #[test]
        fn no_octets_make_it_panic(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Some((_, rest)) = read(&octets) {
                prop_assert!(rest.len() < octets.len());
            }
        }
    }
}
