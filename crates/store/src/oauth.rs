//! OAuth 2: registered clients, what persons allowed them, and what is exchanged for tokens.
//!
//! Secrets are here only as hashes in text form; the layer above makes both. Access tokens are
//! rows of [`crate::credential`]; this module remembers which client and grant they came of, so
//! that they end together. What may be exchanged once is marked by a row whose key can exist once:
//! two processes that are shown the same code cannot both exchange it (conflict `oauth_spent`).

use domain::{RecipientId, Timestamp};

use crate::failure::Failure;
use crate::statements::GuardText;
use crate::store::Store;
use crate::value::Row;
use crate::write_set::WriteSet;

const PUT_CLIENT: &str = "insert into oauth_client
            (id, client_id, secret_hash, name, account_id, scopes, redirect_uris, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)";

const CLIENTS: &str = "select id, client_id, secret_hash, name, account_id, scopes, redirect_uris,
            created_at
       from oauth_client order by id";

const CLIENT: &str = "select id, client_id, secret_hash, name, account_id, scopes, redirect_uris,
            created_at
       from oauth_client where client_id = $1";

const REMOVE_CLIENT: &str = "delete from oauth_client where id = $1";

const REVOKE_CLIENT_GRANTS: &str =
    "update oauth_grant set revoked_at = $2 where client_id = $1 and revoked_at is null";

const REVOKE_CLIENT_TOKENS: &str = "update api_token set revoked_at = $2
      where revoked_at is null
        and id in (select token_id from oauth_access where client_id = $1)";

const PUT_GRANT: &str = "insert into oauth_grant
            (id, client_id, recipient_id, credential_epoch, scopes, created_at, revoked_at)
     values ($1, $2, $3, $4, $5, $6, null)";

const GRANT: &str = "select id, client_id, recipient_id, credential_epoch, scopes, created_at,
            revoked_at
       from oauth_grant where id = $1";

const REVOKE_GRANT: &str =
    "update oauth_grant set revoked_at = $2 where id = $1 and revoked_at is null";

const REVOKE_GRANT_TOKENS: &str = "update api_token set revoked_at = $2
      where revoked_at is null
        and id in (select token_id from oauth_access where grant_id = $1)";

const GRANT_OF_TOKEN: &str = "select client_id, grant_id from oauth_access where token_id = $1";

const REVOKE_GRANT_OF_TOKEN: &str = "update oauth_grant set revoked_at = $2
      where revoked_at is null
        and id in (select grant_id from oauth_access where token_id = $1)";

const PUT_VOUCHER: &str = "insert into oauth_voucher
            (voucher_hash, kind, grant_id, redirect_uri, code_challenge, expires_at)
     values ($1, $2, $3, $4, $5, $6)";

const VOUCHER: &str =
    "select voucher_hash, kind, grant_id, redirect_uri, code_challenge, expires_at
       from oauth_voucher where voucher_hash = $1";

const SPEND: &str = "insert into oauth_spent (voucher_hash, spent_at) values ($1, $2)";

const PUT_DEVICE: &str = "insert into oauth_device
            (device_hash, user_code, client_id, scopes, expires_at, interval_secs, polled_at,
             denied_at, grant_id)
     values ($1, $2, $3, $4, $5, $6, null, null, null)";

const DEVICE: &str = "select device_hash, user_code, client_id, scopes, expires_at, interval_secs,
            polled_at, denied_at, grant_id
       from oauth_device where device_hash = $1";

const DEVICE_BY_USER_CODE: &str = "select device_hash, user_code, client_id, scopes, expires_at,
            interval_secs, polled_at, denied_at, grant_id
       from oauth_device where user_code = $1";

const DEVICES_WAITING: &str = "select count(*) from oauth_device where expires_at > $1";

const POLL_DEVICE: &str =
    "update oauth_device set polled_at = $2, interval_secs = $3 where device_hash = $1";

const ALLOW_DEVICE: &str = "update oauth_device set grant_id = $2 where device_hash = $1";

const DENY_DEVICE: &str = "update oauth_device set denied_at = $2 where device_hash = $1";

const PUT_ACCESS: &str =
    "insert into oauth_access (token_id, client_id, grant_id) values ($1, $2, $3)";

const REMOVE_ENDED_OF_GRANT: &str = "delete from api_token
      where expires_at < $2 and id in (select token_id from oauth_access where grant_id = $1)";

const REMOVE_ENDED_OF_CLIENT: &str = "delete from api_token
      where expires_at < $2
        and id in (select token_id from oauth_access
                    where client_id = $1 and grant_id is null)";

const PURGE_VOUCHERS: &str = "delete from oauth_voucher where expires_at < $1";

const PURGE_DEVICES: &str = "delete from oauth_device where expires_at < $1";

const PURGE_SPENT: &str = "delete from oauth_spent
      where voucher_hash not in (select voucher_hash from oauth_voucher)
        and voucher_hash not in (select device_hash from oauth_device)";

const PURGE_TOKENS: &str = "delete from api_token
      where expires_at < $1
        and id in (select token_id from oauth_access
                    where grant_id is null
                       or grant_id not in (select grant_id from oauth_voucher))";

const PURGE_ACCESS: &str =
    "delete from oauth_access where token_id not in (select id from api_token)";

const PURGE_GRANTS: &str = "delete from oauth_grant
      where id not in (select grant_id from oauth_voucher)
        and id not in (select grant_id from oauth_access where grant_id is not null)
        and id not in (select grant_id from oauth_device where grant_id is not null)";

/// Conflict `oauth_grant`: it was taken back meanwhile.
const GRANT_STANDS: GuardText = GuardText {
    name: "oauth_grant",
    sql: "exists (select 1 from oauth_grant where id = $1 and revoked_at is null)",
};

pub(crate) const GUARDS: &[GuardText] = &[GRANT_STANDS];

pub(crate) const STATEMENTS: &[&str] = &[
    PUT_CLIENT,
    CLIENTS,
    CLIENT,
    REMOVE_CLIENT,
    REVOKE_CLIENT_GRANTS,
    REVOKE_CLIENT_TOKENS,
    PUT_GRANT,
    GRANT,
    REVOKE_GRANT,
    REVOKE_GRANT_TOKENS,
    GRANT_OF_TOKEN,
    REVOKE_GRANT_OF_TOKEN,
    PUT_VOUCHER,
    VOUCHER,
    SPEND,
    PUT_DEVICE,
    DEVICE,
    DEVICE_BY_USER_CODE,
    DEVICES_WAITING,
    POLL_DEVICE,
    ALLOW_DEVICE,
    DENY_DEVICE,
    PUT_ACCESS,
    REMOVE_ENDED_OF_GRANT,
    REMOVE_ENDED_OF_CLIENT,
    PURGE_VOUCHERS,
    PURGE_DEVICES,
    PURGE_SPENT,
    PURGE_TOKENS,
    PURGE_ACCESS,
    PURGE_GRANTS,
];

/// A registered client (RFC 6749 §2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its identifier in the database.
    pub id: i64,
    /// Its public identifier, a GUID.
    pub client_id: String,
    /// The hash of its secret; a public client has none.
    pub secret_hash: Option<String>,
    /// What people call it.
    pub name: String,
    /// The account that it acts for by itself, if it may.
    pub account: Option<RecipientId>,
    /// What it may ask for at most, as the layer above writes it.
    pub scopes: String,
    /// Where answers may be sent to, one a line.
    pub redirect_uris: Vec<String>,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// What a person allowed a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its identifier.
    pub id: i64,
    /// The client's identifier in the database.
    pub client: i64,
    /// The person.
    pub recipient: RecipientId,
    /// The state of the person's account at that moment; a later one ends the grant.
    pub credential_epoch: i64,
    /// What was allowed, as the layer above writes it.
    pub scopes: String,
    /// When.
    pub created_at: Timestamp,
    /// When it was taken back, if it was.
    pub revoked_at: Option<Timestamp>,
}

/// What kind of voucher it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoucherKind {
    /// An authorization code (RFC 6749 §4.1).
    Code,
    /// A refresh token (RFC 6749 §6).
    Refresh,
}

impl VoucherKind {
    fn as_str(self) -> &'static str {
        match self {
            VoucherKind::Code => "code",
            VoucherKind::Refresh => "refresh",
        }
    }
}

/// What is exchanged once for tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voucher {
    /// The hash of what the client shows.
    pub hash: String,
    /// What it is.
    pub kind: VoucherKind,
    /// The grant that it came of.
    pub grant: i64,
    /// Where a code was sent to.
    pub redirect_uri: Option<String>,
    /// What the client proves to know with a code (RFC 7636).
    pub code_challenge: Option<String>,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A device that waits for a person's decision (RFC 8628).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The hash of what the device shows when it polls.
    pub hash: String,
    /// What the person types, in capitals without a hyphen.
    pub user_code: String,
    /// The client's identifier in the database.
    pub client: i64,
    /// What it asks for, as the layer above writes it.
    pub scopes: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Seconds that the device must wait between two polls.
    pub interval_secs: i64,
    /// When it polled last.
    pub polled_at: Option<Timestamp>,
    /// When a person said no.
    pub denied_at: Option<Timestamp>,
    /// What a person allowed.
    pub grant: Option<i64>,
}

/// Registers a client. Conflict `oauth_client`: its identifier is taken.
pub fn put_client(set: &mut WriteSet, client: &Client) {
    set.push(
        PUT_CLIENT,
        vec![
            client.id.into(),
            client.client_id.as_str().into(),
            client.secret_hash.clone().into(),
            client.name.as_str().into(),
            client.account.into(),
            client.scopes.as_str().into(),
            client.redirect_uris.join("\n").into(),
            client.created_at.into(),
        ],
    );
}

/// All clients.
pub async fn clients(store: &Store) -> Result<Vec<Client>, Failure> {
    let rows = store.rows(CLIENTS, Vec::new()).await?;
    rows.into_iter().map(read_client).collect()
}

/// The client with this public identifier.
pub async fn client(store: &Store, client_id: &str) -> Result<Option<Client>, Failure> {
    let row = store.row(CLIENT, vec![client_id.into()]).await?;
    row.map(read_client).transpose()
}

/// Removes a client and ends all that it was given.
pub fn remove_client(set: &mut WriteSet, client: i64, at: Timestamp) {
    set.push(REVOKE_CLIENT_GRANTS, vec![client.into(), at.into()]);
    set.push(REVOKE_CLIENT_TOKENS, vec![client.into(), at.into()]);
    set.push(REMOVE_CLIENT, vec![client.into()]);
}

/// Adds a grant.
pub fn put_grant(set: &mut WriteSet, grant: &Grant) {
    set.push(
        PUT_GRANT,
        vec![
            grant.id.into(),
            grant.client.into(),
            grant.recipient.into(),
            grant.credential_epoch.into(),
            grant.scopes.as_str().into(),
            grant.created_at.into(),
        ],
    );
}

/// The grant with this identifier.
pub async fn grant(store: &Store, id: i64) -> Result<Option<Grant>, Failure> {
    let row = store.row(GRANT, vec![id.into()]).await?;
    row.map(read_grant).transpose()
}

/// Takes a grant back, with all access tokens that came of it.
pub fn revoke_grant(set: &mut WriteSet, id: i64, at: Timestamp) {
    set.push(REVOKE_GRANT, vec![id.into(), at.into()]);
    set.push(REVOKE_GRANT_TOKENS, vec![id.into(), at.into()]);
}

/// Takes back the grant that an access token came of, so that no other is made from it.
pub fn revoke_grant_of_token(set: &mut WriteSet, token: i64, at: Timestamp) {
    set.push(REVOKE_GRANT_OF_TOKEN, vec![token.into(), at.into()]);
}

/// The client that an access token was given to, by its identifier in the database, and the grant
/// that it came of, if any. `None` for tokens that did not come of OAuth.
pub async fn origin_of_token(
    store: &Store,
    token: i64,
) -> Result<Option<(i64, Option<i64>)>, Failure> {
    let row = store.row(GRANT_OF_TOKEN, vec![token.into()]).await?;
    row.map(|mut row| Ok((row.int()?, row.opt_int()?))).transpose()
}

/// Adds a voucher.
pub fn put_voucher(set: &mut WriteSet, voucher: &Voucher) {
    set.push(
        PUT_VOUCHER,
        vec![
            voucher.hash.as_str().into(),
            voucher.kind.as_str().into(),
            voucher.grant.into(),
            voucher.redirect_uri.clone().into(),
            voucher.code_challenge.clone().into(),
            voucher.expires_at.into(),
        ],
    );
}

/// The voucher with this hash. Whether it is expired or spent is for the caller to judge.
pub async fn voucher(store: &Store, hash: &str) -> Result<Option<Voucher>, Failure> {
    let row = store.row(VOUCHER, vec![hash.into()]).await?;
    row.map(read_voucher).transpose()
}

/// Marks a voucher or a device code as exchanged. Conflict `oauth_spent`: it was already.
pub fn spend(set: &mut WriteSet, hash: &str, at: Timestamp) {
    set.push(SPEND, vec![hash.into(), at.into()]);
}

/// Adds a device. Conflict `oauth_user_code`: another one waits under its user code.
pub fn put_device(set: &mut WriteSet, device: &Device) {
    set.push(
        PUT_DEVICE,
        vec![
            device.hash.as_str().into(),
            device.user_code.as_str().into(),
            device.client.into(),
            device.scopes.as_str().into(),
            device.expires_at.into(),
            device.interval_secs.into(),
        ],
    );
}

/// The device with this hash.
pub async fn device(store: &Store, hash: &str) -> Result<Option<Device>, Failure> {
    let row = store.row(DEVICE, vec![hash.into()]).await?;
    row.map(read_device).transpose()
}

/// The device whose person was told this code.
pub async fn device_by_user_code(
    store: &Store,
    user_code: &str,
) -> Result<Option<Device>, Failure> {
    let row = store.row(DEVICE_BY_USER_CODE, vec![user_code.into()]).await?;
    row.map(read_device).transpose()
}

/// How many devices wait.
pub async fn devices_waiting(store: &Store, now: Timestamp) -> Result<i64, Failure> {
    let row = store.row(DEVICES_WAITING, vec![now.into()]).await?;
    row.map_or(Ok(0), |mut row| row.int())
}

/// Notes that a device polled, and how long it must wait from now on.
pub fn poll_device(set: &mut WriteSet, hash: &str, interval_secs: i64, at: Timestamp) {
    set.push(POLL_DEVICE, vec![hash.into(), at.into(), interval_secs.into()]);
}

/// Gives a device its grant.
pub fn allow_device(set: &mut WriteSet, hash: &str, grant: i64) {
    set.push(ALLOW_DEVICE, vec![hash.into(), grant.into()]);
}

/// Tells a device no.
pub fn deny_device(set: &mut WriteSet, hash: &str, at: Timestamp) {
    set.push(DENY_DEVICE, vec![hash.into(), at.into()]);
}

/// Remembers which client and grant an access token came of, and forgets those of them that ended.
/// Conflict `oauth_grant`: the grant was taken back meanwhile.
pub fn put_access(
    set: &mut WriteSet,
    (token, client): (i64, i64),
    grant: Option<i64>,
    now: Timestamp,
) {
    match grant {
        Some(grant) => {
            set.guard(GRANT_STANDS, vec![grant.into()]);
            set.push(REMOVE_ENDED_OF_GRANT, vec![grant.into(), now.into()]);
        }
        None => set.push(REMOVE_ENDED_OF_CLIENT, vec![client.into(), now.into()]),
    }
    set.push(PUT_ACCESS, vec![token.into(), client.into(), grant.into()]);
}

/// Forgets what ended before this moment.
pub fn purge(set: &mut WriteSet, before: Timestamp) {
    set.push(PURGE_VOUCHERS, vec![before.into()]);
    set.push(PURGE_DEVICES, vec![before.into()]);
    set.push(PURGE_SPENT, Vec::new());
    set.push(PURGE_TOKENS, vec![before.into()]);
    set.push(PURGE_ACCESS, Vec::new());
    set.push(PURGE_GRANTS, Vec::new());
}

fn read_client(mut row: Row) -> Result<Client, Failure> {
    Ok(Client {
        id: row.int()?,
        client_id: row.text()?,
        secret_hash: row.opt_text()?,
        name: row.text()?,
        account: row.opt_int()?.map(RecipientId),
        scopes: row.text()?,
        redirect_uris: row.text()?.lines().map(str::to_owned).collect(),
        created_at: row.at()?,
    })
}

fn read_grant(mut row: Row) -> Result<Grant, Failure> {
    Ok(Grant {
        id: row.int()?,
        client: row.int()?,
        recipient: RecipientId(row.int()?),
        credential_epoch: row.int()?,
        scopes: row.text()?,
        created_at: row.at()?,
        revoked_at: row.opt_at()?,
    })
}

fn read_voucher(mut row: Row) -> Result<Voucher, Failure> {
    let hash = row.text()?;
    let kind = match row.text()?.as_str() {
        "code" => VoucherKind::Code,
        "refresh" => VoucherKind::Refresh,
        other => return Err(Failure::corrupt(format!("a voucher of the kind {other:?}"))),
    };
    Ok(Voucher {
        hash,
        kind,
        grant: row.int()?,
        redirect_uri: row.opt_text()?,
        code_challenge: row.opt_text()?,
        expires_at: row.at()?,
    })
}

fn read_device(mut row: Row) -> Result<Device, Failure> {
    Ok(Device {
        hash: row.text()?,
        user_code: row.text()?,
        client: row.int()?,
        scopes: row.text()?,
        expires_at: row.at()?,
        interval_secs: row.int()?,
        polled_at: row.opt_at()?,
        denied_at: row.opt_at()?,
        grant: row.opt_int()?,
    })
}
