//! Measures a large directory: 100,000 recipients and 1,000,000 grants, on a store in a temporary
//! directory. Prints times and memory of the gate's decision, identities, rights, diagnosis and
//! report.
//!
//! `cargo xtask bench directory [RECIPIENTS [GRANTS_EACH [MEMBERS]]]`
//!
//! Half of the recipients are users, a quarter are groups of 20 users each, the rest are shared
//! mailboxes; every fifth grant is to a group. So a million grants are five million rows of the
//! report, which names every person behind a group. The store is SQLite with its usual durability.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on ends")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use app::read::diagnose::Question;
use app::read::identities::identities;
use app::read::rights::{RightsFilter, rights};
use app::report::{Format, ReportOrder};
use app::{App, Settings};
use domain::gate::{self, SendRequest};
use domain::{
    Account, AccountRole, Grant, GrantId, Language, MemberRole, Membership, Organization,
    Recipient, RecipientId, RecipientKind, RecipientSettings, Right, Timestamp,
};
use mail::{Address, Domain};
use store::right_use::{self, RightUse};
use store::{Location, Options, Store, WriteSet};

const NOW: Timestamp = Timestamp(1_790_000_000_000);
/// Recipients written in one transaction.
const WRITTEN_AT_ONCE: usize = 1_000;
/// Decisions measured one by one.
const DECISIONS: usize = 200_000;
/// A sequence without patterns that matter here (Numerical Recipes' LCG), the same on each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Sizes of the organisation.
#[derive(Clone, Copy)]
struct Size {
    recipients: u64,
    grants_each: u64,
    /// Members of each group.
    members: u64,
}

impl Size {
    /// Users have the identifiers 1 to this.
    fn users(self) -> u64 {
        self.recipients / 2
    }

    /// Groups follow the users.
    fn groups(self) -> u64 {
        self.recipients / 4
    }

    fn kind(self, id: u64) -> RecipientKind {
        if id <= self.users() {
            RecipientKind::User
        } else if id <= self.users() + self.groups() {
            RecipientKind::Group
        } else {
            RecipientKind::SharedMailbox
        }
    }
}

fn address(id: u64) -> Address {
    Address::parse(&format!("r{id}@contoso.com")).unwrap()
}

fn recipient(size: Size, id: u64) -> Recipient {
    let kind = size.kind(id);
    Recipient {
        id: RecipientId(id.cast_signed()),
        guid: format!("00000000-0000-4000-8000-{id:012}"),
        kind,
        alias: format!("r{id}"),
        display_name: format!("Recipient {:06}", (id * 7_919) % 1_000_003),
        addresses: vec![address(id)],
        account: (kind == RecipientKind::User).then_some(Account {
            is_disabled: false,
            role: AccountRole::Member,
            credential_epoch: 1,
        }),
        folders: None,
        team: None,
        settings: RecipientSettings::default(),
        created_at: NOW,
    }
}

fn grant(size: Size, (recipient, number): (u64, u64), numbers: &mut Numbers) -> Grant {
    let trustee = if number.is_multiple_of(5) {
        size.users() + 1 + numbers.below(size.groups())
    } else {
        1 + numbers.below(size.users())
    };
    let rights = [Right::SendAs, Right::SendOnBehalf];
    Grant {
        id: GrantId((recipient * size.grants_each + number).cast_signed()),
        recipient: RecipientId(recipient.cast_signed()),
        trustee: RecipientId(trustee.cast_signed()),
        right: rights[usize::try_from(number % 2).unwrap()],
        until_at: None,
        reason: number.is_multiple_of(3).then(|| "first-line support".to_owned()),
        granted_by: "admin@contoso.com".to_owned(),
        granted_at: NOW.plus_secs(-i64::try_from(numbers.below(200 * 86_400)).unwrap()),
    }
}

/// Writes the whole organisation; gives how many grants it has.
async fn fill(store: &Store, size: Size, numbers: &mut Numbers) -> u64 {
    let mut set = WriteSet::new();
    let mut version = store::directory::change(&mut set, 0);
    let organization = Organization { name: "Contoso".into(), ..Organization::default() };
    store::directory::set_organization(&mut set, &organization).unwrap();
    let domain = Domain::parse("contoso.com").unwrap();
    store::directory::add_domain(&mut set, &domain, NOW);
    store.commit(set).await.unwrap();
    let ids: Vec<u64> = (1..=size.recipients).collect();
    for part in ids.chunks(WRITTEN_AT_ONCE) {
        let mut set = WriteSet::new();
        version = store::directory::change(&mut set, version);
        for id in part {
            store::directory::put_recipient(&mut set, &recipient(size, *id)).unwrap();
        }
        store.commit(set).await.unwrap();
    }
    let mut count = 0;
    for part in ids.chunks(WRITTEN_AT_ONCE) {
        let mut set = WriteSet::new();
        version = store::directory::change(&mut set, version);
        for id in part {
            let recipient = RecipientId(id.cast_signed());
            if size.kind(*id) == RecipientKind::Group {
                for _ in 0..size.members {
                    let member = RecipientId((1 + numbers.below(size.users())).cast_signed());
                    let role = MemberRole::Member;
                    let membership = Membership { member, role, is_subscribed: false };
                    store::directory::put_member(&mut set, recipient, membership);
                }
            }
            let mut given = std::collections::HashSet::new();
            let mut number = 0;
            while given.len() < usize::try_from(size.grants_each).unwrap() {
                let made = grant(size, (*id, number % size.grants_each), numbers);
                let is_new = made.trustee != recipient && given.insert((made.trustee, made.right));
                if is_new {
                    count += 1;
                    let id = GrantId(i64::try_from(count).unwrap());
                    store::directory::put_grant(&mut set, &Grant { id, ..made });
                }
                number += u64::from(is_new);
            }
        }
        store.commit(set).await.unwrap();
    }
    count
}

/// Every tenth grant was used.
async fn note_uses(app: &App, size: Size) {
    let mut set = WriteSet::new();
    for id in (1..=size.recipients).step_by(10) {
        let directory = app.directory();
        for held in directory.grants_on(RecipientId(id.cast_signed())) {
            let Grant { recipient, trustee, right, .. } = *held;
            right_use::put(&mut set, &RightUse { recipient, trustee, right, actor: trustee }, NOW);
        }
    }
    app.store().commit(set).await.unwrap();
}

/// Processor time of this process: what a machine that does nothing else would need at most.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Fields 14 and 15 of proc(5), counted behind the name, in hundredths of a second.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    Duration::from_millis(
        fields.skip(11).take(2).filter_map(|t| t.parse::<u64>().ok()).sum::<u64>() * 10,
    )
}

/// A value of `/proc/self/status`, in MiB.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn tell(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    println!(
        "{what:<34} median {:>12?}  p99 {:>12?}  max {:>12?}  n {}",
        at(50),
        at(99),
        at(100),
        times.len()
    );
}

fn measure<T>(count: usize, mut each: impl FnMut(usize) -> T) -> Vec<Duration> {
    (0..count)
        .map(|number| {
            let start = Instant::now();
            black_box(each(number));
            start.elapsed()
        })
        .collect()
}

fn measure_in_memory(app: &App, size: Size, numbers: &mut Numbers) {
    let directory = app.directory();
    let user = |numbers: &mut Numbers| RecipientId((1 + numbers.below(size.users())).cast_signed());
    let asked: Vec<(RecipientId, Address)> = (0..DECISIONS)
        .map(|_| (user(numbers), address(1 + numbers.below(size.recipients))))
        .collect();
    let decided = measure(DECISIONS, |number| {
        let (actor, author) = &asked[number];
        gate::decide(&directory, &SendRequest { actor: *actor, author, now: NOW })
    });
    tell("decision, mostly refused", decided);
    let held: Vec<(RecipientId, Address)> = (1..=size.recipients)
        .flat_map(|id| {
            directory.grants_on(RecipientId(id.cast_signed())).iter().take(2).collect::<Vec<_>>()
        })
        .filter(|held| held.trustee.0 <= size.users().cast_signed())
        .map(|held| (held.trustee, directory.recipient(held.recipient).unwrap().primary().clone()))
        .take(DECISIONS)
        .collect();
    let decided = measure(held.len(), |number| {
        let (actor, author) = &held[number];
        gate::decide(&directory, &SendRequest { actor: *actor, author, now: NOW }).unwrap()
    });
    tell("decision, allowed", decided);
    let users: Vec<RecipientId> = (0..2_000).map(|_| user(numbers)).collect();
    let listed = measure(users.len(), |number| {
        identities(&directory, directory.recipient(users[number]).unwrap(), NOW)
    });
    tell("identities of a user", listed);
    let filter =
        |trustee, recipient| RightsFilter { trustee, recipient, right: None, expands_groups: true };
    let times = measure(users.len(), |n| rights(&directory, &filter(Some(users[n]), None), NOW));
    tell("rights --trustee U --expand", times);
    let times = measure(users.len(), |n| rights(&directory, &filter(None, Some(users[n])), NOW));
    tell("rights --recipient R --expand", times);
    let times = measure(1, |_| rights(&directory, &filter(None, None), NOW).len());
    tell("rights --expand, everything", times);
}

async fn measure_diagnose(app: &App, size: Size, numbers: &mut Numbers) {
    let mut times = Vec::new();
    for number in 0..200 {
        let user = RecipientId((1 + numbers.below(size.users())).cast_signed());
        let from = if number % 4 == 0 {
            Address::parse("r12x@contoso.com").unwrap()
        } else {
            address(1 + numbers.below(size.recipients))
        };
        let question = Question { user, from, to: None };
        let start = Instant::now();
        black_box(app.diagnose(&question, NOW).await.unwrap());
        times.push(start.elapsed());
    }
    tell("diagnose", times);
}

async fn measure_report(app: &App, format: Format) {
    let language = Language::French;
    let order = ReportOrder { format, language, unused_days: 90, recipients: None };
    let (start, cpu) = (Instant::now(), processor_time());
    let (mut octets, mut parts, mut cursor) = (0, 0, None);
    loop {
        let part = app.report_part(&order, cursor, NOW).await.unwrap();
        octets += part.text.len();
        parts += 1;
        cursor = part.next;
        if cursor.is_none() {
            let (elapsed, cpu) = (start.elapsed(), processor_time().saturating_sub(cpu));
            let mib = octets / 1024 / 1024;
            println!(
                "report as {format:?}: {elapsed:?} (processor {cpu:?}), {mib} MiB in {parts} parts, {} rights, {} \
                 unused",
                part.summary.rights, part.summary.unused
            );
            return;
        }
    }
}

fn zeros(buffer: &mut [u8]) {
    buffer.fill(0);
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|text| text.parse::<u64>().ok());
    let recipients = arguments.next().unwrap_or(100_000);
    let (grants_each, members) = (arguments.next().unwrap_or(10), arguments.next().unwrap_or(20));
    let size = Size { recipients, grants_each, members };
    let mut numbers = Numbers(42);
    let dir = tempfile::tempdir().unwrap();
    let location = Location::Sqlite(dir.path().join("guichet.db"));
    let store = Store::open(location, Options::default()).await.unwrap();
    let start = Instant::now();
    let grants = fill(&store, size, &mut numbers).await;
    println!("{recipients} recipients, {grants} grants written in {:?}", start.elapsed());
    let before = memory("VmRSS");
    let start = Instant::now();
    let app = App::start(store, Settings::new("mail.contoso.com"), zeros).await.unwrap();
    let loaded = memory("VmRSS");
    println!(
        "loaded in {:?}; memory {before} MiB before, {loaded} MiB after, peak {} MiB",
        start.elapsed(),
        memory("VmHWM")
    );
    measure_in_memory(&app, size, &mut numbers);
    measure_diagnose(&app, size, &mut numbers).await;
    note_uses(&app, size).await;
    for format in [Format::Csv, Format::Json, Format::Html] {
        measure_report(&app, format).await;
    }
    println!("memory {} MiB, peak {} MiB", memory("VmRSS"), memory("VmHWM"));
}
