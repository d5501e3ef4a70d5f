//! What is measured, for how long and how often, and what we aim at.

use super::case::{Case, Kind, Sessions};

/// One, some, many.
const CONNECTIONS: [u32; 3] = [1, 8, 32];
/// Kept connections: times faster at accepting.
const KEPT_AIM: f64 = 5.0;
/// Kept connections, many of them: times faster until the messages can be read.
const READABLE_AIM: f64 = 10.0;
/// A connection for each message: times faster.
const EACH_AIM: f64 = 4.0;
/// Times faster at refusing.
const REFUSAL_AIM: f64 = 5.0;

/// A benchmark.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) cases: Vec<Case>,
    pub(super) repeats: usize,
    /// How long one run begins messages.
    pub(super) millis: u32,
}

impl Plan {
    /// Everything, in at most five minutes.
    pub(super) fn full() -> Plan {
        let mut cases: Vec<Case> = CONNECTIONS.iter().map(|count| kept(*count)).collect();
        cases.extend(CONNECTIONS.iter().map(|count| one_each(*count, Sessions::Resumed)));
        cases.extend(CONNECTIONS.iter().map(|count| one_each(*count, Sessions::Fresh)));
        cases.extend([refusal(1), refusal(8)]);
        for per_connection in [None, Some(1)] {
            cases.extend(CONNECTIONS.iter().map(|count| reception(*count, per_connection)));
        }
        Plan { cases, repeats: 3, millis: 1000 }
    }

    /// What says most, in at most one minute.
    pub(super) fn quick() -> Plan {
        let cases = vec![
            kept(8),
            kept(32),
            one_each(8, Sessions::Resumed),
            refusal(1),
            refusal(8),
            reception(8, None),
        ];
        Plan { cases, repeats: 1, millis: 1000 }
    }
}

/// Submission on connections that are kept.
pub(super) fn kept(connections: u32) -> Case {
    Case {
        kind: Kind::Submission,
        connections,
        per_connection: None,
        sessions: Sessions::Resumed,
        aim: Some(KEPT_AIM),
        readable_aim: (connections == 32).then_some(READABLE_AIM),
    }
}

fn one_each(connections: u32, sessions: Sessions) -> Case {
    let aim = (sessions == Sessions::Resumed).then_some(EACH_AIM);
    Case { per_connection: Some(1), sessions, aim, readable_aim: None, ..kept(connections) }
}

fn refusal(per_connection: u32) -> Case {
    Case {
        kind: Kind::Refusal,
        per_connection: Some(per_connection),
        aim: Some(REFUSAL_AIM),
        ..kept(8)
    }
}

fn reception(connections: u32, per_connection: Option<u32>) -> Case {
    Case {
        kind: Kind::Reception,
        per_connection,
        aim: None,
        readable_aim: None,
        ..kept(connections)
    }
}
