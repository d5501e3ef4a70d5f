//! CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE, NAMESPACE (RFC 9051 §6.3.4 to §6.3.8, §6.3.10).

use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::Backend;
use super::session::{Outcome, Session};
use super::words;
use crate::codec::{Create, MailboxName, write};
use crate::reply::Reply;

/// What stands between the levels of a name.
pub(super) const DELIMITER: char = '/';

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn create(&mut self, create: Create) -> Outcome {
        let uses: Vec<_> =
            create.special_uses.iter().map(|asked| words::special_use_of(*asked)).collect();
        let special_use = match uses[..] {
            [] => None,
            [Some(one)] => Some(one),
            // RFC 6154 §3
            _ => return Err(Reply::no("USEATTR", "A mailbox can not have this use here").into()),
        };
        // RFC 9051 §6.3.4: the delimiter at the end only announces children.
        let name = create.mailbox.as_str().trim_end_matches(DELIMITER);
        if let Some(refusal) = refused_name(name) {
            return Err(refusal.into());
        }
        let mailbox_id = self.backend.create(name, special_use).await?;
        // RFC 8474 §4.1
        Ok(Reply::ok("Created").with_code(format!("MAILBOXID ({mailbox_id})")))
    }

    pub(super) async fn delete(&mut self, mailbox: &MailboxName) -> Outcome {
        if mailbox.is_inbox() {
            return Err(Reply::no("CANNOT", "INBOX is there to stay").into());
        }
        self.backend.delete(mailbox.as_str()).await?;
        Ok(Reply::ok("Deleted"))
    }

    pub(super) async fn rename(&mut self, from: &MailboxName, to: &MailboxName) -> Outcome {
        let name = to.as_str().trim_end_matches(DELIMITER);
        if let Some(refusal) = refused_name(name) {
            return Err(refusal.into());
        }
        self.backend.rename(from.as_str(), name).await?;
        Ok(Reply::ok("Renamed"))
    }

    pub(super) async fn subscribe(&mut self, mailbox: &MailboxName) -> Outcome {
        self.backend.subscribe(mailbox.as_str()).await?;
        Ok(Reply::ok("Subscribed"))
    }

    pub(super) async fn unsubscribe(&mut self, mailbox: &MailboxName) -> Outcome {
        self.backend.unsubscribe(mailbox.as_str()).await?;
        Ok(Reply::ok("Unsubscribed"))
    }

    pub(super) async fn namespace(&mut self) -> Outcome {
        let mut out = b"* NAMESPACE".to_vec();
        let spaces = &self.settings.namespaces;
        for prefixes in [&spaces.personal, &spaces.others, &spaces.shared] {
            out.push(b' ');
            if prefixes.is_empty() {
                write::nil(&mut out);
                continue;
            }
            out.push(b'(');
            for prefix in prefixes {
                out.push(b'(');
                write::mailbox(&mut out, prefix, self.enabled.name_encoding());
                out.extend_from_slice(b" \"/\")");
            }
            out.push(b')');
        }
        out.extend_from_slice(b"\r\n");
        self.say_octets(&out).await?;
        Ok(Reply::ok("That is where they are"))
    }
}

/// Names that no new mailbox can have: an empty level, or a wildcard that LIST could not name.
fn refused_name(name: &str) -> Option<Reply> {
    if name == "INBOX" {
        return Some(Reply::no("ALREADYEXISTS", "INBOX is always there"));
    }
    let has_empty_level = name.split(DELIMITER).any(|level| level.trim().is_empty());
    let is_wild = name.contains(['*', '%']);
    (has_empty_level || is_wild)
        .then(|| Reply::no("CANNOT", "A name has no empty level and neither * nor %"))
}
