//! What goes into a statement and what comes out: four kinds of values that both engines have.

use std::borrow::Cow;

use bytes::Bytes;
use domain::{FolderId, GrantId, MessageId, QueueEntryId, RecipientId, RuleId, Timestamp};

use crate::failure::Failure;
use crate::flags::Flags;

/// A parameter or a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(Cow<'static, str>),
    Blob(Bytes),
}

/// Replaces U+0000, which PostgreSQL's `text` cannot hold, on both engines alike.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { text.into() }
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Value::Int(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Value {
        Value::Int(i64::from(value))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Int(i64::from(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Value {
        Value::Text(Cow::Owned(without_nul(value).into_owned()))
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Value {
        Value::from(value.as_str())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Value {
        if value.contains('\0') {
            Value::from(value.as_str())
        } else {
            Value::Text(Cow::Owned(value))
        }
    }
}

impl From<Bytes> for Value {
    fn from(value: Bytes) -> Value {
        Value::Blob(value)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Value {
        Value::Blob(Bytes::copy_from_slice(value))
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

impl From<RecipientId> for Value {
    fn from(id: RecipientId) -> Value {
        Value::Int(id.0)
    }
}

impl From<GrantId> for Value {
    fn from(id: GrantId) -> Value {
        Value::Int(id.0)
    }
}

impl From<MessageId> for Value {
    fn from(id: MessageId) -> Value {
        Value::Int(id.0)
    }
}

impl From<FolderId> for Value {
    fn from(id: FolderId) -> Value {
        Value::Int(id.0)
    }
}

impl From<RuleId> for Value {
    fn from(id: RuleId) -> Value {
        Value::Int(id.0)
    }
}

impl From<QueueEntryId> for Value {
    fn from(id: QueueEntryId) -> Value {
        Value::Int(id.0)
    }
}

impl From<Flags> for Value {
    fn from(flags: Flags) -> Value {
        Value::Int(flags.0)
    }
}

impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Value {
        Value::Int(at.0)
    }
}

/// A row that a query gave. Columns are taken one after the other, in the order of the select list.
#[derive(Debug)]
pub(crate) struct Row {
    columns: std::vec::IntoIter<Value>,
}

impl Row {
    pub(crate) fn new(columns: Vec<Value>) -> Row {
        Row { columns: columns.into_iter() }
    }

    fn next(&mut self) -> Value {
        self.columns.next().unwrap_or(Value::Null)
    }

    pub(crate) fn int(&mut self) -> Result<i64, Failure> {
        match self.next() {
            Value::Int(value) => Ok(value),
            other => Err(unexpected("an integer", &other)),
        }
    }

    pub(crate) fn opt_int(&mut self) -> Result<Option<i64>, Failure> {
        match self.next() {
            Value::Null => Ok(None),
            Value::Int(value) => Ok(Some(value)),
            other => Err(unexpected("an integer or nothing", &other)),
        }
    }

    pub(crate) fn bool(&mut self) -> Result<bool, Failure> {
        Ok(self.int()? != 0)
    }

    pub(crate) fn at(&mut self) -> Result<Timestamp, Failure> {
        self.int().map(Timestamp)
    }

    pub(crate) fn opt_at(&mut self) -> Result<Option<Timestamp>, Failure> {
        Ok(self.opt_int()?.map(Timestamp))
    }

    pub(crate) fn text(&mut self) -> Result<String, Failure> {
        match self.next() {
            Value::Text(value) => Ok(value.into_owned()),
            other => Err(unexpected("a text", &other)),
        }
    }

    pub(crate) fn opt_text(&mut self) -> Result<Option<String>, Failure> {
        match self.next() {
            Value::Null => Ok(None),
            Value::Text(value) => Ok(Some(value.into_owned())),
            other => Err(unexpected("a text or nothing", &other)),
        }
    }

    pub(crate) fn opt_blob(&mut self) -> Result<Option<Bytes>, Failure> {
        match self.next() {
            Value::Null => Ok(None),
            Value::Blob(value) => Ok(Some(value)),
            other => Err(unexpected("bytes or nothing", &other)),
        }
    }

    pub(crate) fn blob(&mut self) -> Result<Bytes, Failure> {
        match self.next() {
            Value::Blob(value) => Ok(value),
            other => Err(unexpected("bytes", &other)),
        }
    }
}

fn unexpected(wanted: &str, found: &Value) -> Failure {
    let found = match found {
        Value::Null => "nothing",
        Value::Int(_) => "an integer",
        Value::Text(_) => "a text",
        Value::Blob(_) => "bytes",
    };
    Failure::Corrupt { what: format!("a column holds {found} where {wanted} belongs") }
}
