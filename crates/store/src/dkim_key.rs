//! Keys that sign outgoing messages (RFC 6376), by domain and selector.

use domain::Timestamp;
use mail::Domain;

use crate::failure::Failure;
use crate::store::Store;
use crate::write_set::WriteSet;

const PUT: &str = "insert into dkim_key
            (domain, selector, algorithm, private_key_pem, created_at, retired_at)
     values ($1, $2, $3, $4, $5, $6)";

const RETIRE: &str = "update dkim_key set retired_at = $3
      where domain = $1 and selector = $2 and retired_at is null";

const LIST: &str = "select domain, selector, algorithm, private_key_pem, created_at, retired_at
       from dkim_key order by domain, created_at, selector";

pub(crate) const STATEMENTS: &[&str] = &[PUT, RETIRE, LIST];

/// A key.
#[derive(Clone, PartialEq, Eq)]
pub struct DkimKey {
    /// The domain that signs.
    pub domain: Domain,
    /// Names the public key in DNS.
    pub selector: String,
    /// The signature algorithm as DKIM names it.
    pub algorithm: String,
    /// The private key. Left out of debug output.
    pub private_key_pem: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it signs no more.
    pub retired_at: Option<Timestamp>,
}

impl std::fmt::Debug for DkimKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DkimKey")
            .field("domain", &self.domain)
            .field("selector", &self.selector)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// Adds a key. Conflict `dkim_key`: the domain has one of this selector.
pub fn put(set: &mut WriteSet, key: &DkimKey) {
    set.push(
        PUT,
        vec![
            key.domain.as_str().into(),
            key.selector.as_str().into(),
            key.algorithm.as_str().into(),
            key.private_key_pem.as_str().into(),
            key.created_at.into(),
            key.retired_at.into(),
        ],
    );
}

/// Lets a key sign no more. Its public half should stay in DNS while signed mail is on its way.
pub fn retire(set: &mut WriteSet, domain: &Domain, selector: &str, at: Timestamp) {
    set.push(RETIRE, vec![domain.as_str().into(), selector.into(), at.into()]);
}

/// All keys, retired ones included, by domain and age.
pub async fn list(store: &Store) -> Result<Vec<DkimKey>, Failure> {
    let rows = store.rows(LIST, Vec::new()).await?;
    rows.into_iter()
        .map(|mut row| {
            let domain = row.text()?;
            Ok(DkimKey {
                domain: Domain::parse(&domain)
                    .map_err(|_| Failure::corrupt(format!("DKIM domain {domain:?}")))?,
                selector: row.text()?,
                algorithm: row.text()?,
                private_key_pem: row.text()?,
                created_at: row.at()?,
                retired_at: row.opt_at()?,
            })
        })
        .collect()
}
