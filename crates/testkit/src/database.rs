//! Databases on the PostgreSQL that `TEST_POSTGRES_URL` names, for tests that run on both engines.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::NoTls;

/// An empty database of its own; it goes with this value.
#[derive(Debug)]
pub(crate) struct PostgresDatabase {
    admin_url: String,
    name: String,
}

static DATABASES: AtomicU32 = AtomicU32::new(0);

impl PostgresDatabase {
    /// Creates one, where the environment names a server.
    ///
    /// # Panics
    /// Where it names one that does not do it.
    pub(crate) fn create() -> Option<PostgresDatabase> {
        let admin_url = std::env::var("TEST_POSTGRES_URL").ok()?;
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_server_{}_{number}", std::process::id());
        execute_on(&admin_url, &format!("drop database if exists {name}"));
        execute_on(&admin_url, &format!("create database {name}"));
        Some(PostgresDatabase { admin_url, name })
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        // The database's name is what follows the last slash of the path.
        let (address, settings) = self.admin_url.split_once('?').unwrap_or((&self.admin_url, ""));
        let server = address.rsplit_once('/').map_or(address, |(server, _)| server);
        format!("{server}/{}?{settings}", self.name)
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        execute_on(&self.admin_url, &format!("drop database {} with (force)", self.name));
    }
}

fn execute_on(url: &str, sql: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = runtime.expect("a runtime can be made").block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        let served = tokio::spawn(connection);
        let done = client.batch_execute(sql).await;
        drop(client);
        // The connection ends because the client is gone.
        let _ = served.await;
        done
    });
    done.expect("TEST_POSTGRES_URL names a server where databases can be made");
}
