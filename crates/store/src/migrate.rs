//! Migrations: the schema's history, one file a step, the same text for both engines.
//!
//! All missing steps run in one transaction when a store is opened, so a crash leaves the old
//! schema or the new one. A released step is never edited. A database whose schema is newer than
//! this program is refused: an older program cannot know what the newer columns mean.

use rusqlite::Connection;
use tokio_postgres::Client;

use crate::dialect::Dialect;
use crate::failure::Failure;

struct Migration {
    version: i64,
    text: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, text: include_str!("../migrations/0001_directory.sql") },
    Migration { version: 2, text: include_str!("../migrations/0002_mail.sql") },
    Migration { version: 3, text: include_str!("../migrations/0003_queue.sql") },
    Migration { version: 4, text: include_str!("../migrations/0004_records.sql") },
    Migration { version: 5, text: include_str!("../migrations/0005_mailboxes.sql") },
    Migration { version: 6, text: include_str!("../migrations/0006_right_use.sql") },
    Migration { version: 7, text: include_str!("../migrations/0007_scram.sql") },
    Migration { version: 8, text: include_str!("../migrations/0008_web_session.sql") },
    Migration { version: 9, text: include_str!("../migrations/0009_send_request.sql") },
    Migration { version: 10, text: include_str!("../migrations/0010_desk.sql") },
    Migration { version: 11, text: include_str!("../migrations/0011_second_factor.sql") },
    Migration { version: 12, text: include_str!("../migrations/0012_oauth.sql") },
    Migration { version: 13, text: include_str!("../migrations/0013_desk_lists.sql") },
    Migration { version: 14, text: include_str!("../migrations/0014_push.sql") },
    Migration { version: 15, text: include_str!("../migrations/0015_linked_identity.sql") },
    Migration { version: 16, text: include_str!("../migrations/0016_one_time_link_purpose.sql") },
    Migration { version: 17, text: include_str!("../migrations/0017_rules.sql") },
    Migration { version: 18, text: include_str!("../migrations/0018_refusals.sql") },
];

/// The schema that this program writes.
pub const SCHEMA_VERSION: i64 = MIGRATIONS[MIGRATIONS.len() - 1].version;

const CREATE_TABLE: &str =
    "create table if not exists schema_version (version bigint not null primary key)";
const FOUND: &str = "select coalesce(max(version), 0) from schema_version";

/// Brings an SQLite database to [`SCHEMA_VERSION`].
pub(crate) fn migrate_sqlite(connection: &mut Connection) -> Result<(), Failure> {
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    transaction.execute_batch(CREATE_TABLE)?;
    let found: i64 = transaction.query_row(FOUND, [], |row| row.get(0))?;
    for migration in pending(found)? {
        transaction.execute_batch(&script(Dialect::Sqlite, migration))?;
    }
    transaction.commit()?;
    Ok(())
}

/// Brings a PostgreSQL database to [`SCHEMA_VERSION`]. Processes that start together do it one by
/// one.
pub(crate) async fn migrate_postgres(client: &mut Client) -> Result<(), Failure> {
    let transaction = client.transaction().await?;
    // Lock key beside those of the dialect's slots.
    transaction.batch_execute("select pg_advisory_xact_lock(7410003)").await?;
    transaction.batch_execute(CREATE_TABLE).await?;
    let found: i64 = transaction.query_one(FOUND, &[]).await?.get(0);
    for migration in pending(found)? {
        transaction.batch_execute(&script(Dialect::Postgres, migration)).await?;
    }
    transaction.commit().await?;
    Ok(())
}

fn pending(found: i64) -> Result<impl Iterator<Item = &'static Migration>, Failure> {
    if found > SCHEMA_VERSION {
        return Err(Failure::Newer { found, known: SCHEMA_VERSION });
    }
    Ok(MIGRATIONS.iter().filter(move |migration| migration.version > found))
}

fn script(dialect: Dialect, migration: &Migration) -> String {
    let version = migration.version;
    let text = dialect.resolve(migration.text);
    format!("{text}\ninsert into schema_version (version) values ({version});")
}

#[cfg(test)]
mod tests {
    use super::{MIGRATIONS, SCHEMA_VERSION};
    use crate::dialect::Dialect;

    #[test]
    fn steps_are_numbered_without_gaps_up_to_the_known_version() {
        let versions: Vec<i64> = MIGRATIONS.iter().map(|migration| migration.version).collect();
        assert_eq!(versions, (1..=SCHEMA_VERSION).collect::<Vec<_>>());
    }

    #[test]
    fn no_slot_is_left_unfilled() {
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            for migration in MIGRATIONS {
                assert!(!dialect.resolve(migration.text).contains('{'), "{}", migration.version);
            }
        }
    }
}
