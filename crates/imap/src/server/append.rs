//! APPEND: new messages, all or none (RFC 9051 §6.3.12, RFC 3502).

use memchr::memchr;
use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::{Backend, NewMessage};
use super::limits::APPEND_MESSAGES_MAX;
use super::session::{Outcome, Session};
use super::words;
use crate::codec::{Append, AppendMessage, write};
use crate::reply::Reply;

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn append(&mut self, append: Append) -> Outcome {
        if append.messages.len() > APPEND_MESSAGES_MAX {
            let text = format!("Append at most {APPEND_MESSAGES_MAX} messages at once");
            return Err(Reply::no("LIMIT", text).into());
        }
        let mut messages = Vec::with_capacity(append.messages.len());
        for message in append.messages {
            messages.push(checked(message)?);
        }
        let count = messages.len();
        let appended = self.backend.append(append.mailbox.as_str(), messages).await?;
        let mut code = format!("APPENDUID {} ", appended.uid_validity).into_bytes();
        write::number_set(&mut code, appended.uids.iter().map(|run| run.inclusive()));
        let code = String::from_utf8_lossy(&code).into_owned();
        let text = if count == 1 { "The message is kept" } else { "The messages are kept" };
        Ok(Reply::ok(text).with_code(code))
    }
}

fn checked(message: AppendMessage) -> Result<NewMessage, Reply> {
    if message.content.is_empty() {
        // RFC 3502 §6.3.11: the client gives up.
        return Err(Reply::no("", "An empty message is not kept, so nothing was"));
    }
    if !message.is_literal8 && memchr(0, &message.content).is_some() {
        // RFC 9051 §4.3.1
        return Err(Reply::bad("A literal without ~ can not hold NUL"));
    }
    Ok(NewMessage {
        content: message.content,
        flags: words::flags_of(&message.flags),
        internal_at_ms: message.internal_at_ms,
    })
}
