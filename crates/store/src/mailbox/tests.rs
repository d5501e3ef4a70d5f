//! What reading a large folder costs on SQLite, told by the engine itself: no statement walks
//! through a folder, and none takes more steps than what it gives.

use rusqlite::{Connection, StatementStatus};

use super::{CHANGED, DELETED, GAPS, GAPS_SINCE, HEADERS_AS_READ, LAST_PLACED, ROWS, SEEN_CHANGED};
use crate::dialect::Dialect;
use crate::{expunge, flag, folder, keyword, mailbox, message, migrate, piece, search, transfer};

/// Messages in the folder.
const MESSAGES: i64 = 100_000;
/// Steps of SQLite's machine that a row may cost: reading its columns and comparing.
const STEPS_PER_ROW: i64 = 60;
/// Steps that a statement may cost beside.
const STEPS_BASE: i64 = 200;

fn large_folder() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate::migrate_sqlite(&mut connection).unwrap();
    let fill = format!(
        "pragma foreign_keys = off;
         insert into folder (id, recipient_id, name, uid_validity, uid_next, modseq, messages,
                             created_at)
             values (1, 1, 'Inbox', 1, {MESSAGES} + 1, {MESSAGES} + 2, {MESSAGES}, 0);
         insert into placement (folder_id, uid, message_id, modseq, placed_modseq, flags,
                                size_bytes, internal_at, placed_at)
             with recursive number (n) as (values (1) union all
                                           select n + 1 from number where n < {MESSAGES})
             select 1, n, n, n, n, 0, 100, 0, 0 from number;
         update placement set modseq = {MESSAGES} + 1, flags = 1;
         update placement set modseq = {MESSAGES} + 2, flags = 8 where uid % 1000 = 0;
         insert into personal_seen values (1, 5, 7, 1, {MESSAGES} + 2);"
    );
    connection.execute_batch(&fill).unwrap();
    connection
}

/// How many rows a statement gives, and how many steps it takes.
fn cost(connection: &Connection, sql: &str, params: &[i64]) -> (i64, i64) {
    let mut statement = connection.prepare(&Dialect::Sqlite.resolve(sql)).unwrap();
    let mut found = statement.query(rusqlite::params_from_iter(params)).unwrap();
    let mut rows = 0;
    while found.next().unwrap().is_some() {
        rows += 1;
    }
    drop(found);
    (rows, i64::from(statement.get_status(StatementStatus::VmStep)))
}

#[test]
fn reading_a_large_folder_costs_what_it_gives() {
    let connection = large_folder();
    let (last, all) = (MESSAGES + 1, i64::MAX);
    for (sql, params, expected) in [
        (folder::status_query(domain::FolderId(1), super::Reader::Everyone).sql, &[1][..], 1),
        (GAPS, &[1], 0),
        (GAPS_SINCE, &[1, 0], 0),
        (ROWS, &[1, 50_000, all, 50], 50),
        (HEADERS_AS_READ, &[1, 50_000, all, 50, 7], 50),
        // Every message has changed since it came; a hundred of them after the others.
        (CHANGED, &[1, last, all, last, 1000], 100),
        (CHANGED, &[1, last, all, last, 10], 10),
        (SEEN_CHANGED, &[1, last, all, last, 10, 7], 1),
        (LAST_PLACED, &[1, last], 1),
        (LAST_PLACED, &[1, MESSAGES - 20], 1),
        (DELETED, &[1, 1, all, 1000], 100),
    ] {
        let (rows, steps) = cost(&connection, sql, params);
        assert_eq!(rows, expected, "{sql}");
        assert!(steps <= STEPS_BASE + rows * STEPS_PER_ROW, "{steps} steps: {sql}");
    }
}

#[test]
fn no_statement_walks_through_all_placements() {
    let connection = large_folder();
    for sql in [
        mailbox::STATEMENTS,
        message::STATEMENTS,
        piece::STATEMENTS,
        flag::STATEMENTS,
        expunge::STATEMENTS,
        transfer::STATEMENTS,
        keyword::STATEMENTS,
        search::STATEMENTS,
    ]
    .concat()
    {
        let text = format!("explain query plan {}", Dialect::Sqlite.resolve(sql));
        let mut plan = connection.prepare(&text).unwrap();
        for at in 1..=plan.parameter_count() {
            plan.raw_bind_parameter(at, 1).unwrap();
        }
        let mut lines = plan.raw_query();
        while let Some(line) = lines.next().unwrap() {
            let line: String = line.get(3).unwrap();
            let walks =
                ["SCAN p", "SCAN placement", "SCAN personal_seen", "SCAN s", "SCAN expunged"];
            assert!(
                !walks.iter().any(|walk| line == *walk || line.starts_with(&format!("{walk} "))),
                "{line}: {sql}"
            );
        }
    }
}
