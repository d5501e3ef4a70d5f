//! Slowing down whoever guesses passwords, and limiting how much one account sends.
//!
//! Both are kept in memory per process: a restart forgives, a crash loses nothing that matters.
//! Time is a parameter. What is blocked can be listed and released by the administrator.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;

use domain::{RecipientId, Timestamp};

/// Entries kept at most; beyond it those that forgot their failures go first, then the oldest.
pub const THROTTLE_ENTRIES_MAX: usize = 50_000;

/// How failed sign-ins are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInLimits {
    /// Failures of one login from one address that cost nothing.
    pub free_failures: u32,
    /// Failures from one address, over all logins, that cost nothing.
    pub free_failures_per_address: u32,
    /// Seconds of the first wait; each further failure doubles it.
    pub first_wait_secs: i64,
    /// No wait is longer.
    pub longest_wait_secs: i64,
    /// Seconds without a failure after which everything is forgotten.
    pub memory_secs: i64,
    /// Whether loopback addresses are exempt from the count per address.
    pub exempts_loopback: bool,
}

impl Default for SignInLimits {
    fn default() -> SignInLimits {
        SignInLimits {
            free_failures: 5,
            free_failures_per_address: 50,
            first_wait_secs: 2,
            longest_wait_secs: 15 * 60,
            memory_secs: 3600,
            exempts_loopback: false,
        }
    }
}

/// What failures are counted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ThrottleKey {
    /// One login tried from one address. An owner elsewhere is not locked out by it.
    LoginFrom(String, IpAddr),
    /// Everything tried from one address.
    Address(IpAddr),
    /// Second factors of one login, from wherever: whoever tries them knows the password.
    SecondFactor(String),
}

/// Failures of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// How many in a row.
    pub count: u32,
    /// When the last one was.
    pub last_at: Timestamp,
    /// No attempt is looked at before.
    pub blocked_until: Timestamp,
}

/// Counts failed sign-ins.
#[derive(Debug)]
pub struct SignInThrottle {
    limits: SignInLimits,
    failures: HashMap<ThrottleKey, Failures>,
}

impl SignInThrottle {
    /// Starts with nothing counted.
    pub fn new(limits: SignInLimits) -> SignInThrottle {
        SignInThrottle { limits, failures: HashMap::new() }
    }

    /// Seconds to wait before an attempt is looked at; `None` where it may be made now.
    pub fn wait_secs(&self, login: &str, peer: IpAddr, now: Timestamp) -> Option<i64> {
        self.longest_wait_secs(self.keys(login, peer), now)
    }

    /// The same for the second factor of a login.
    pub fn second_factor_wait_secs(
        &self,
        login: &str,
        peer: IpAddr,
        now: Timestamp,
    ) -> Option<i64> {
        self.longest_wait_secs(self.second_factor_keys(login, peer), now)
    }

    fn longest_wait_secs(
        &self,
        keys: impl Iterator<Item = ThrottleKey>,
        now: Timestamp,
    ) -> Option<i64> {
        let until = keys
            .filter_map(|key| self.failures.get(&key))
            .map(|found| found.blocked_until)
            .max()?;
        (now < until).then(|| until.secs_since(now).max(1))
    }

    /// Counts a failed attempt.
    pub fn record_failure(&mut self, login: &str, peer: IpAddr, now: Timestamp) {
        self.count_failure(self.keys(login, peer).collect(), now);
    }

    /// Counts a wrong second factor.
    pub fn record_second_factor_failure(&mut self, login: &str, peer: IpAddr, now: Timestamp) {
        self.count_failure(self.second_factor_keys(login, peer).collect(), now);
    }

    fn count_failure(&mut self, keys: Vec<ThrottleKey>, now: Timestamp) {
        self.forget_old(now);
        let limits = self.limits;
        for key in keys {
            let free = match key {
                ThrottleKey::LoginFrom(..) | ThrottleKey::SecondFactor(_) => limits.free_failures,
                ThrottleKey::Address(_) => limits.free_failures_per_address,
            };
            let fresh = Failures { count: 0, last_at: now, blocked_until: now };
            let entry = self.failures.entry(key).or_insert(fresh);
            if now.secs_since(entry.last_at) > limits.memory_secs {
                *entry = fresh;
            }
            entry.count = entry.count.saturating_add(1);
            entry.last_at = now;
            if entry.count > free {
                let doublings = (entry.count - free - 1).min(30);
                let wait = limits.first_wait_secs.saturating_mul(1 << doublings);
                entry.blocked_until = now.plus_secs(wait.min(limits.longest_wait_secs));
            }
        }
    }

    /// Forgets the failures of a login from an address where it just succeeded.
    pub fn record_success(&mut self, login: &str, peer: IpAddr) {
        if !self.failures.is_empty() {
            self.failures.remove(&ThrottleKey::LoginFrom(login.to_owned(), peer));
        }
    }

    /// Forgets the failures of a login whose both factors were right.
    pub fn record_second_factor_success(&mut self, login: &str, peer: IpAddr) {
        self.record_success(login, peer);
        self.failures.remove(&ThrottleKey::SecondFactor(login.to_owned()));
    }

    /// Everything that is counted, most failures first.
    pub fn list(&self) -> Vec<(ThrottleKey, Failures)> {
        let mut all: Vec<_> =
            self.failures.iter().map(|(key, found)| (key.clone(), *found)).collect();
        all.sort_by(|a, b| (b.1.count, &a.0).cmp(&(a.1.count, &b.0)));
        all
    }

    /// Forgets all failures of a login, or of an address given as text. Says how many entries went.
    pub fn clear(&mut self, login_or_address: &str) -> usize {
        let before = self.failures.len();
        self.failures.retain(|key, _| match key {
            ThrottleKey::LoginFrom(login, peer) => {
                login != login_or_address && peer.to_string() != login_or_address
            }
            ThrottleKey::Address(peer) => peer.to_string() != login_or_address,
            ThrottleKey::SecondFactor(login) => login != login_or_address,
        });
        before - self.failures.len()
    }

    fn keys(&self, login: &str, peer: IpAddr) -> impl Iterator<Item = ThrottleKey> + use<> {
        let login = ThrottleKey::LoginFrom(login.to_owned(), peer);
        [login].into_iter().chain(self.address_key(peer))
    }

    fn second_factor_keys(
        &self,
        login: &str,
        peer: IpAddr,
    ) -> impl Iterator<Item = ThrottleKey> + use<> {
        let login = ThrottleKey::SecondFactor(login.to_owned());
        [login].into_iter().chain(self.address_key(peer))
    }

    fn address_key(&self, peer: IpAddr) -> Option<ThrottleKey> {
        let is_exempt = self.limits.exempts_loopback && peer.is_loopback();
        (!is_exempt).then_some(ThrottleKey::Address(peer))
    }

    fn forget_old(&mut self, now: Timestamp) {
        if self.failures.len() < THROTTLE_ENTRIES_MAX {
            return;
        }
        let memory_secs = self.limits.memory_secs;
        self.failures.retain(|_, found| now.secs_since(found.last_at) <= memory_secs);
        if self.failures.len() >= THROTTLE_ENTRIES_MAX {
            let mut ages: Vec<Timestamp> =
                self.failures.values().map(|found| found.last_at).collect();
            let (_, middle, _) = ages.select_nth_unstable(THROTTLE_ENTRIES_MAX / 2);
            let middle = *middle;
            self.failures.retain(|_, found| found.last_at > middle);
        }
    }
}

/// How much one account may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendLimits {
    /// Messages in an hour.
    pub messages_per_hour: u32,
    /// Envelope recipients in a day.
    pub recipients_per_day: u32,
}

impl Default for SendLimits {
    fn default() -> SendLimits {
        SendLimits { messages_per_hour: 1_800, recipients_per_day: 10_000 }
    }
}

/// Why an account may not send more for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendLimitReached {
    /// [`SendLimits::messages_per_hour`]; a try may succeed after so many seconds.
    Messages(i64),
    /// [`SendLimits::recipients_per_day`]; a try may succeed after so many seconds.
    Recipients(i64),
}

/// Counts what accounts send in fixed windows.
#[derive(Debug)]
pub struct SendMeter {
    limits: SendLimits,
    messages: Windows<RecipientId>,
    recipients: Windows<RecipientId>,
}

impl SendMeter {
    /// Starts with nothing counted.
    pub fn new(limits: SendLimits) -> SendMeter {
        SendMeter { limits, messages: Windows::new(3600), recipients: Windows::new(24 * 3600) }
    }

    /// Whether a message with so many recipients may be sent now, or which limit it would pass.
    pub fn check(
        &self,
        account: RecipientId,
        recipients: u32,
        now: Timestamp,
    ) -> Result<(), SendLimitReached> {
        if let Some(wait) = self.messages.wait(&account, 1, self.limits.messages_per_hour, now) {
            return Err(SendLimitReached::Messages(wait));
        }
        match self.recipients.wait(&account, recipients, self.limits.recipients_per_day, now) {
            Some(wait) => Err(SendLimitReached::Recipients(wait)),
            None => Ok(()),
        }
    }

    /// Counts a message that was accepted.
    pub fn count(&mut self, account: RecipientId, recipients: u32, now: Timestamp) {
        self.messages.add(account, 1, now);
        self.recipients.add(account, recipients, now);
    }
}

/// Counters that start again with every window of a fixed length.
#[derive(Debug)]
struct Windows<K> {
    length_secs: i64,
    counts: HashMap<K, (Timestamp, u32)>,
}

impl<K: Hash + Eq> Windows<K> {
    fn new(length_secs: i64) -> Windows<K> {
        Windows { length_secs, counts: HashMap::new() }
    }

    fn current(&self, key: &K, now: Timestamp) -> (Timestamp, u32) {
        match self.counts.get(key) {
            Some(found) if now.secs_since(found.0) < self.length_secs => *found,
            _ => (now, 0),
        }
    }

    /// Seconds until the window ends, where `amount` more would pass `limit` in it.
    fn wait(&self, key: &K, amount: u32, limit: u32, now: Timestamp) -> Option<i64> {
        let (start, count) = self.current(key, now);
        let is_over = count.saturating_add(amount) > limit;
        is_over.then(|| start.plus_secs(self.length_secs).secs_since(now).max(1))
    }

    fn add(&mut self, key: K, amount: u32, now: Timestamp) {
        let (start, count) = self.current(&key, now);
        self.counts.insert(key, (start, count.saturating_add(amount)));
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    const NOW: Timestamp = Timestamp(1_750_000_000_000);
    const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    fn fail(throttle: &mut SignInThrottle, times: u32) {
        for _ in 0..times {
            throttle.record_failure("jean", PEER, NOW);
        }
    }

    #[test]
    fn waits_start_behind_the_free_failures_and_double() {
        let mut throttle = SignInThrottle::new(SignInLimits::default());
        fail(&mut throttle, 5);
        assert_eq!(throttle.wait_secs("jean", PEER, NOW), None);
        fail(&mut throttle, 1);
        assert_eq!(throttle.wait_secs("jean", PEER, NOW), Some(2));
        fail(&mut throttle, 2);
        assert_eq!(throttle.wait_secs("jean", PEER, NOW), Some(8));
        fail(&mut throttle, 30);
        assert_eq!(throttle.wait_secs("jean", PEER, NOW), Some(900));
        assert_eq!(throttle.wait_secs("jean", PEER, NOW.plus_secs(900)), None);
    }

    #[test]
    fn the_owner_elsewhere_is_not_locked_out() {
        let mut throttle = SignInThrottle::new(SignInLimits::default());
        fail(&mut throttle, 40);
        assert_eq!(throttle.wait_secs("jean", OTHER, NOW), None);
        assert!(throttle.wait_secs("jean", PEER, NOW).is_some());
        fail(&mut throttle, 11);
        assert!(throttle.wait_secs("marie", PEER, NOW).is_some(), "51 failures from one address");
    }

    #[test]
    fn success_and_the_administrator_forgive() {
        let mut throttle = SignInThrottle::new(SignInLimits::default());
        fail(&mut throttle, 7);
        throttle.record_success("jean", PEER);
        assert_eq!(throttle.wait_secs("jean", PEER, NOW), None);
        fail(&mut throttle, 7);
        assert_eq!(throttle.list()[0].1.count, 14);
        assert_eq!(throttle.clear("jean"), 1);
        assert_eq!(throttle.clear("192.0.2.1"), 1);
        assert!(throttle.list().is_empty());
    }

    #[test]
    fn loopback_can_be_exempt_per_address_but_not_per_login() {
        let limits = SignInLimits { exempts_loopback: true, ..SignInLimits::default() };
        let mut throttle = SignInThrottle::new(limits);
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        for _ in 0..60 {
            throttle.record_failure("jean", loopback, NOW);
        }
        assert_eq!(throttle.wait_secs("marie", loopback, NOW), None);
        assert!(throttle.wait_secs("jean", loopback, NOW).is_some());
    }

    #[test]
    fn the_number_of_entries_is_bounded() {
        let mut throttle = SignInThrottle::new(SignInLimits::default());
        for at in 0..THROTTLE_ENTRIES_MAX as i64 + 10 {
            throttle.record_failure(&format!("login{at}"), PEER, Timestamp(NOW.0 + at));
        }
        assert!(throttle.list().len() <= THROTTLE_ENTRIES_MAX);
        assert!(throttle.list().len() > THROTTLE_ENTRIES_MAX / 4);
    }

    #[test]
    fn send_limits_hold_at_their_edges() {
        let limits = SendLimits { messages_per_hour: 2, recipients_per_day: 5 };
        let mut meter = SendMeter::new(limits);
        let who = RecipientId(1);
        let mut send = |who, recipients, now| {
            meter.check(who, recipients, now).map(|()| meter.count(who, recipients, now))
        };
        assert_eq!(send(who, 4, NOW), Ok(()));
        assert_eq!(send(who, 2, NOW), Err(SendLimitReached::Recipients(86_400)));
        assert_eq!(send(who, 1, NOW), Ok(()));
        assert_eq!(send(who, 1, NOW), Err(SendLimitReached::Messages(3600)));
        assert_eq!(send(RecipientId(2), 1, NOW), Ok(()));
        assert_eq!(send(who, 1, NOW.plus_secs(3600)), Err(SendLimitReached::Recipients(82_800)));
        assert_eq!(send(who, 1, NOW.plus_secs(86_400)), Ok(()));
    }
}
