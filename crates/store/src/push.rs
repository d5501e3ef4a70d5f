//! Browsers that are told of new mail while no page is open (RFC 8030): where to tell each, for
//! whom it is encrypted (RFC 8291), which folders it follows, and how far it was told.
//!
//! A subscription belongs to the session that asked for it: with the session it is gone. Telling is
//! advanced from one UID to the next, so that of two processes one tells.

use bytes::Bytes;
use domain::{FolderId, RecipientId, Timestamp};

use crate::failure::{CommitError, Failure};
use crate::store::Store;
use crate::value::Row;
use crate::write_set::{Rank, WriteSet};

const PUT: &str = "insert into push_subscription
            (id, recipient_id, session_id, endpoint, public_key, auth, language, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (endpoint) do nothing";

const OF_SESSION: &str = "select id, recipient_id, session_id, endpoint, public_key, auth,
            language, created_at
       from push_subscription where session_id = $1 order by id";

const REMOVE_FOLLOWS: &str = "delete from push_follow where subscription_id = $1";

const REMOVE: &str = "delete from push_subscription where id = $1";

const REMOVE_ENDPOINT_FOLLOWS: &str = "delete from push_follow where subscription_id in
            (select id from push_subscription where endpoint = $1)";

const REMOVE_ENDPOINT: &str = "delete from push_subscription where endpoint = $1";

const FOLLOW: &str = "insert into push_follow (subscription_id, folder_id, told_uid)
     select $1, id, uid_next - 1 from folder where id = $2
     on conflict (subscription_id, folder_id) do nothing";

const UNFOLLOW: &str = "delete from push_follow where subscription_id = $1 and folder_id = $2";

const FOLLOWED: &str =
    "select folder_id from push_follow where subscription_id = $1 order by folder_id";

const FOLLOWED_BY_ANYBODY: &str = "select distinct folder_id from push_follow order by folder_id";

const DUE: &str = "select s.id, s.recipient_id, s.session_id, s.endpoint, s.public_key, s.auth,
            s.language, s.created_at, f.told_uid, d.uid_next
       from push_follow f
       join push_subscription s on s.id = f.subscription_id
       join folder d on d.id = f.folder_id
      where f.folder_id = $1 and f.told_uid < d.uid_next - 1
      order by s.id";

const ADVANCE: &str = "update push_follow set told_uid = $4
      where subscription_id = $1 and folder_id = $2 and told_uid = $3
     returning told_uid";

// Sessions that ended take their subscriptions with them.
const REMOVE_LEFT_FOLLOWS: &str = "delete from push_follow where not exists
            (select 1 from push_subscription s join web_session w on w.id = s.session_id
              where s.id = push_follow.subscription_id)";

const REMOVE_LEFT: &str = "delete from push_subscription where not exists
            (select 1 from web_session w where w.id = push_subscription.session_id)";

pub(crate) const STATEMENTS: &[&str] = &[
    PUT,
    OF_SESSION,
    REMOVE_FOLLOWS,
    REMOVE,
    REMOVE_ENDPOINT_FOLLOWS,
    REMOVE_ENDPOINT,
    FOLLOW,
    UNFOLLOW,
    FOLLOWED,
    FOLLOWED_BY_ANYBODY,
    DUE,
    ADVANCE,
    REMOVE_LEFT_FOLLOWS,
    REMOVE_LEFT,
];

/// A browser that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushSubscription {
    /// Its identifier.
    pub id: i64,
    /// Whose.
    pub recipient: RecipientId,
    /// The session that asked for it.
    pub session: i64,
    /// Where the push service takes messages for it: an address under https.
    pub endpoint: String,
    /// The browser's point on P-256, uncompressed.
    pub public_key: Bytes,
    /// The secret that the browser shares with us (RFC 8291 §3.2).
    pub auth: Bytes,
    /// The language that it is told in, as a tag.
    pub language: String,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// A browser that has not been told of the newest messages of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushDue {
    /// The browser.
    pub subscription: PushSubscription,
    /// It was told of messages up to this UID.
    pub told_uid: i64,
    /// The UID that the folder gives next.
    pub uid_next: i64,
}

/// Adds a subscription. One with this endpoint that belonged to somebody else, or to an earlier
/// session, gives way.
pub fn put(set: &mut WriteSet, subscription: &PushSubscription) {
    let endpoint = subscription.endpoint.as_str();
    set.push(REMOVE_ENDPOINT_FOLLOWS, vec![endpoint.into()]);
    set.push(REMOVE_ENDPOINT, vec![endpoint.into()]);
    set.push(
        PUT,
        vec![
            subscription.id.into(),
            subscription.recipient.into(),
            subscription.session.into(),
            endpoint.into(),
            subscription.public_key.clone().into(),
            subscription.auth.clone().into(),
            subscription.language.as_str().into(),
            subscription.created_at.into(),
        ],
    );
}

/// The subscriptions of a session.
pub async fn of_session(store: &Store, session: i64) -> Result<Vec<PushSubscription>, Failure> {
    let rows = store.rows(OF_SESSION, vec![session.into()]).await?;
    rows.into_iter().map(|mut row| subscription(&mut row)).collect()
}

/// Removes a subscription; nothing happens where there is none.
pub fn remove(set: &mut WriteSet, id: i64) {
    set.push(REMOVE_FOLLOWS, vec![id.into()]);
    set.push(REMOVE, vec![id.into()]);
}

/// A subscription follows a folder from now on.
pub fn follow(set: &mut WriteSet, id: i64, folder: FolderId) {
    set.push(FOLLOW, vec![id.into(), folder.into()]);
}

/// A subscription follows a folder no more.
pub fn unfollow(set: &mut WriteSet, id: i64, folder: FolderId) {
    set.push(UNFOLLOW, vec![id.into(), folder.into()]);
}

/// The folders that a subscription follows.
pub async fn followed(store: &Store, id: i64) -> Result<Vec<FolderId>, Failure> {
    folders(store.rows(FOLLOWED, vec![id.into()]).await?)
}

/// The folders that somebody follows.
pub async fn followed_by_anybody(store: &Store) -> Result<Vec<FolderId>, Failure> {
    folders(store.rows(FOLLOWED_BY_ANYBODY, Vec::new()).await?)
}

/// Who has not been told of the newest messages of a folder.
pub async fn due(store: &Store, folder: FolderId) -> Result<Vec<PushDue>, Failure> {
    let rows = store.rows(DUE, vec![folder.into()]).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(PushDue {
                subscription: subscription(&mut row)?,
                told_uid: row.int()?,
                uid_next: row.int()?,
            })
        })
        .collect()
}

/// Notes that a subscription is told up to the newest message. False: another process was quicker.
pub async fn advance(store: &Store, folder: FolderId, due: &PushDue) -> Result<bool, CommitError> {
    let mut set = WriteSet::new();
    let params = vec![
        due.subscription.id.into(),
        folder.into(),
        due.told_uid.into(),
        (due.uid_next - 1).into(),
    ];
    set.ask(Rank::Plain, ADVANCE, params);
    Ok(!store.commit_returning(set).await?.is_empty())
}

/// Removes the subscriptions of sessions that are gone.
pub fn remove_left(set: &mut WriteSet) {
    set.push(REMOVE_LEFT_FOLLOWS, Vec::new());
    set.push(REMOVE_LEFT, Vec::new());
}

fn folders(rows: Vec<Row>) -> Result<Vec<FolderId>, Failure> {
    rows.into_iter().map(|mut row| Ok(FolderId(row.int()?))).collect()
}

fn subscription(row: &mut Row) -> Result<PushSubscription, Failure> {
    Ok(PushSubscription {
        id: row.int()?,
        recipient: RecipientId(row.int()?),
        session: row.int()?,
        endpoint: row.text()?,
        public_key: row.blob()?,
        auth: row.blob()?,
        language: row.text()?,
        created_at: row.at()?,
    })
}
