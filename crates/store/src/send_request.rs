//! Requests for a right to send, with the message that waits for it.
//!
//! A request is changed as a whole by [`change`], which takes the next number of the request: of
//! two that change what they have read at once, one is committed and the other meets the conflict
//! `send_request`. What a state allows is for the layer above to judge.

use bytes::Bytes;
use domain::{FolderId, MessageId, RecipientId, Timestamp};

use crate::failure::Failure;
use crate::statements::GuardText;
use crate::store::Store;
use crate::value::Row;
use crate::write_set::WriteSet;

const PUT: &str = "insert into send_request
            (id, asker_id, represented_id, author, recipients, subject, words, reference,
             draft_folder, draft_uid, content, state, revision, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'waiting', 0, $12)";

const STEP: &str = "insert into send_request_step (request_id, revision) values ($1, $2)";

const CHANGE: &str = "update send_request
        set state = $2, revision = $3, decided_by = $4, decided_at = $5, decided_words = $6,
            right_name = $7, span = $8, message_id = $9, sent_at = $10, failure = $11
      where id = $1";

const FORGET_CONTENT: &str = "update send_request set content = null where id = $1";

const SHOW: &str = "select id, asker_id, represented_id, author, recipients, subject, words,
            reference, draft_folder, draft_uid,
            cast(case when content is null then 0 else 1 end as {int}), state, revision, created_at,
            decided_by, decided_at, decided_words, right_name, span, message_id, sent_at, failure
       from send_request where id = $1";

const OF_ASKER: &str = "select id, asker_id, represented_id, author, recipients, subject, words,
            reference, draft_folder, draft_uid,
            cast(case when content is null then 0 else 1 end as {int}), state, revision, created_at,
            decided_by, decided_at, decided_words, right_name, span, message_id, sent_at, failure
       from send_request where asker_id = $1 order by id desc limit $2";

const OPEN: &str = "select id, asker_id, represented_id, author, recipients, subject, words,
            reference, draft_folder, draft_uid,
            cast(case when content is null then 0 else 1 end as {int}), state, revision, created_at,
            decided_by, decided_at, decided_words, right_name, span, message_id, sent_at, failure
       from send_request where state in ('waiting', 'failed') order by id desc limit $1";

const OPEN_OF: &str = "select id, asker_id, represented_id, author, recipients, subject, words,
            reference, draft_folder, draft_uid,
            cast(case when content is null then 0 else 1 end as {int}), state, revision, created_at,
            decided_by, decided_at, decided_words, right_name, span, message_id, sent_at, failure
       from send_request
      where represented_id = $1 and state in ('waiting', 'failed') order by id desc limit $2";

const CONTENT: &str = "select content from send_request where id = $1 and content is not null";

/// Conflict `send_request_limit`: the person waits for as many already.
const BELOW_LIMIT: GuardText = GuardText {
    name: "send_request_limit",
    sql: "(select count(*) from send_request
            where asker_id = $1 and state in ('waiting', 'failed')) < $2",
};

pub(crate) const STATEMENTS: &[&str] =
    &[PUT, STEP, CHANGE, FORGET_CONTENT, SHOW, OF_ASKER, OPEN, OPEN_OF, CONTENT];
pub(crate) const GUARDS: &[GuardText] = &[BELOW_LIMIT];

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestState {
    /// Nobody has decided.
    Waiting,
    /// The right was granted; where a message waits it is about to go, or gone.
    Granted,
    /// The right was granted and the message did not go.
    Failed,
    /// Somebody said no.
    Declined,
    /// The asker wants it no more.
    Withdrawn,
}

impl RequestState {
    /// All states.
    pub const ALL: [RequestState; 5] = [
        RequestState::Waiting,
        RequestState::Granted,
        RequestState::Failed,
        RequestState::Declined,
        RequestState::Withdrawn,
    ];

    /// The name as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            RequestState::Waiting => "waiting",
            RequestState::Granted => "granted",
            RequestState::Failed => "failed",
            RequestState::Declined => "declined",
            RequestState::Withdrawn => "withdrawn",
        }
    }

    /// Whether somebody can still decide.
    pub fn is_open(self) -> bool {
        matches!(self, RequestState::Waiting | RequestState::Failed)
    }

    fn from_stored(text: &str) -> Result<RequestState, Failure> {
        let found = RequestState::ALL.into_iter().find(|state| state.as_str() == text);
        found.ok_or_else(|| Failure::Corrupt { what: format!("state of a request: {text:?}") })
    }
}

/// A request to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSendRequest {
    /// Its identifier.
    pub id: i64,
    /// Who asks.
    pub asker: RecipientId,
    /// In whose name the asker wants to send.
    pub represented: RecipientId,
    /// The author address of the message, or the one that was refused.
    pub author: String,
    /// The envelope's recipients; none where only the right is asked for.
    pub recipients: Vec<String>,
    /// The message's subject.
    pub subject: String,
    /// What the asker says.
    pub words: String,
    /// The refusal that it came of.
    pub reference: Option<String>,
    /// The draft that it was taken from.
    pub draft: Option<(FolderId, i64)>,
    /// The message that waits.
    pub content: Option<Bytes>,
    /// When it was asked.
    pub created_at: Timestamp,
}

/// A decision about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Who: as the audit names it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub words: String,
    /// The right that was granted; none where it was declined.
    pub right: Option<String>,
    /// For how long it was granted, in the words of the layer above.
    pub span: Option<String>,
}

/// A request as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRequest {
    /// Its identifier.
    pub id: i64,
    /// Who asks.
    pub asker: RecipientId,
    /// In whose name the asker wants to send.
    pub represented: RecipientId,
    /// The author address.
    pub author: String,
    /// The envelope's recipients.
    pub recipients: Vec<String>,
    /// The message's subject.
    pub subject: String,
    /// What the asker says.
    pub words: String,
    /// The refusal that it came of.
    pub reference: Option<String>,
    /// The draft that it was taken from.
    pub draft: Option<(FolderId, i64)>,
    /// Whether a message waits.
    pub has_content: bool,
    /// What became of it.
    pub state: RequestState,
    /// How often it was changed.
    pub revision: i64,
    /// When it was asked.
    pub created_at: Timestamp,
    /// The decision.
    pub decided: Option<Decided>,
    /// The message that went, and when.
    pub sent: Option<(MessageId, Timestamp)>,
    /// Why the message did not go.
    pub failure: Option<String>,
}

impl StoredRequest {
    /// The request as it is once the right is there and nothing stands in the way.
    #[must_use]
    pub fn granted(&self) -> StoredRequest {
        StoredRequest { state: RequestState::Granted, failure: None, ..self.clone() }
    }
}

/// Keeps a request while its asker has fewer than `open_max` open ones (conflict
/// `send_request_limit`).
pub fn put(set: &mut WriteSet, request: &NewSendRequest, open_max: u32) {
    set.guard(BELOW_LIMIT, vec![request.asker.into(), open_max.into()]);
    set.push(
        PUT,
        vec![
            request.id.into(),
            request.asker.into(),
            request.represented.into(),
            request.author.as_str().into(),
            request.recipients.join("\n").into(),
            request.subject.as_str().into(),
            request.words.as_str().into(),
            request.reference.as_ref().into(),
            request.draft.map(|(folder, _)| folder).into(),
            request.draft.map(|(_, uid)| uid).into(),
            request.content.clone().into(),
            request.created_at.into(),
        ],
    );
}

/// Writes a request that was read at `request.revision` as it is to be. Conflict `send_request`:
/// somebody else changed it meanwhile.
pub fn change(set: &mut WriteSet, request: &StoredRequest) {
    let revision = request.revision + 1;
    let decided = request.decided.as_ref();
    set.push(STEP, vec![request.id.into(), revision.into()]);
    set.push(
        CHANGE,
        vec![
            request.id.into(),
            request.state.as_str().into(),
            revision.into(),
            decided.map(|of| of.by.as_str()).into(),
            decided.map(|of| of.at).into(),
            decided.map(|of| of.words.as_str()).into(),
            decided.and_then(|of| of.right.as_deref()).into(),
            decided.and_then(|of| of.span.as_deref()).into(),
            request.sent.map(|(message, _)| message).into(),
            request.sent.map(|(_, at)| at).into(),
            request.failure.as_deref().into(),
        ],
    );
    if !request.has_content {
        set.push(FORGET_CONTENT, vec![request.id.into()]);
    }
}

/// The request with this identifier.
pub async fn show(store: &Store, id: i64) -> Result<Option<StoredRequest>, Failure> {
    store.row(SHOW, vec![id.into()]).await?.map(request).transpose()
}

/// What a person has asked for, the latest first.
pub async fn of_asker(
    store: &Store,
    asker: RecipientId,
    limit: u32,
) -> Result<Vec<StoredRequest>, Failure> {
    let rows = store.rows(OF_ASKER, vec![asker.into(), limit.into()]).await?;
    rows.into_iter().map(request).collect()
}

/// What somebody can still decide, the latest first.
pub async fn open(store: &Store, limit: u32) -> Result<Vec<StoredRequest>, Failure> {
    let rows = store.rows(OPEN, vec![limit.into()]).await?;
    rows.into_iter().map(request).collect()
}

/// The same about one represented recipient.
pub async fn open_of(
    store: &Store,
    represented: RecipientId,
    limit: u32,
) -> Result<Vec<StoredRequest>, Failure> {
    let rows = store.rows(OPEN_OF, vec![represented.into(), limit.into()]).await?;
    rows.into_iter().map(request).collect()
}

/// The message that waits.
pub async fn content(store: &Store, id: i64) -> Result<Option<Bytes>, Failure> {
    store.row(CONTENT, vec![id.into()]).await?.map(|mut row| row.blob()).transpose()
}

fn request(mut row: Row) -> Result<StoredRequest, Failure> {
    Ok(StoredRequest {
        id: row.int()?,
        asker: RecipientId(row.int()?),
        represented: RecipientId(row.int()?),
        author: row.text()?,
        recipients: row.text()?.lines().map(str::to_owned).collect(),
        subject: row.text()?,
        words: row.text()?,
        reference: row.opt_text()?,
        draft: row.opt_int()?.map(FolderId).zip(row.opt_int()?),
        has_content: row.bool()?,
        state: RequestState::from_stored(&row.text()?)?,
        revision: row.int()?,
        created_at: row.at()?,
        decided: decided(&mut row)?,
        sent: row.opt_int()?.map(MessageId).zip(row.opt_int()?.map(Timestamp)),
        failure: row.opt_text()?,
    })
}

fn decided(row: &mut Row) -> Result<Option<Decided>, Failure> {
    let (by, at, words) = (row.opt_text()?, row.opt_int()?, row.opt_text()?);
    let (right, span) = (row.opt_text()?, row.opt_text()?);
    let Some((by, at)) = by.zip(at) else { return Ok(None) };
    Ok(Some(Decided { by, at: Timestamp(at), words: words.unwrap_or_default(), right, span }))
}
