//! STATUS: the numbers of a mailbox (RFC 9051 §6.3.11).

use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::{Answer, Backend, MailboxStatus, StatusQuery};
use super::session::{Outcome, Session};
use crate::codec::{MailboxName, StatusItem, write};
use crate::reply::Reply;

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn status(&mut self, mailbox: &MailboxName, items: &[StatusItem]) -> Outcome {
        if items.contains(&StatusItem::HighestModSeq) {
            // RFC 7162 §3.1.8
            self.enable_condstore().await?;
        }
        let line = self.status_line(mailbox.as_str(), items).await?;
        self.say_octets(&line).await?;
        Ok(Reply::ok("Told"))
    }

    /// The line of STATUS, and of LIST with RETURN (STATUS …).
    pub(super) async fn status_line(
        &mut self,
        name: &str,
        items: &[StatusItem],
    ) -> Answer<Vec<u8>> {
        let query = StatusQuery { deleted: items.contains(&StatusItem::Deleted) };
        let status = self.backend.status(name, query).await?;
        let mut out = b"* STATUS ".to_vec();
        write::mailbox(&mut out, name, self.enabled.name_encoding());
        let values = items.iter().filter_map(|item| Some((item, self.value(*item, &status)?)));
        let words: Vec<String> =
            values.map(|(item, value)| format!("{} {value}", item.name())).collect();
        out.push(b' ');
        write::atoms(&mut out, words.iter().map(String::as_str));
        out.extend_from_slice(b"\r\n");
        Ok(out)
    }

    /// `None` for what no capability announces.
    fn value(&self, item: StatusItem, status: &MailboxStatus) -> Option<String> {
        Some(match item {
            StatusItem::Messages => status.messages.to_string(),
            // RFC 9051 §B: nothing is \Recent.
            StatusItem::Recent => "0".to_owned(),
            StatusItem::UidNext => status.uid_next.to_string(),
            StatusItem::UidValidity => status.uid_validity.to_string(),
            StatusItem::Unseen => status.unseen.to_string(),
            StatusItem::Deleted => status.deleted.to_string(),
            StatusItem::DeletedStorage => return None,
            StatusItem::Size => status.size_octets.to_string(),
            StatusItem::HighestModSeq => status.modseq.to_string(),
            StatusItem::MailboxId => format!("({})", status.mailbox_id),
            StatusItem::AppendLimit => self.settings.append_octets_max.to_string(),
        })
    }
}
