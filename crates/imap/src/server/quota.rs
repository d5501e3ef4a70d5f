//! GETQUOTA, GETQUOTAROOT, SETQUOTA (RFC 9208). Quotas are set by the administration only.

use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::{Answer, Backend, QuotaUse, Resource};
use super::session::{Outcome, Session};
use crate::codec::{MailboxName, write};
use crate::reply::Reply;

/// What one unit of STORAGE is, in octets (RFC 9208 §5.1).
const STORAGE_UNIT_OCTETS: u64 = 1024;

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn get_quota(&mut self, root: &str) -> Outcome {
        let line = self.quota_line(root).await?;
        self.say_octets(&line).await?;
        Ok(Reply::ok("Told"))
    }

    pub(super) async fn get_quota_root(&mut self, mailbox: &MailboxName) -> Outcome {
        let roots = self.backend.quota_roots(mailbox.as_str()).await?;
        let encoding = self.enabled.name_encoding();
        let mut out = b"* QUOTAROOT ".to_vec();
        write::mailbox(&mut out, mailbox.as_str(), encoding);
        for root in &roots {
            out.push(b' ');
            write::string(&mut out, root.as_bytes(), encoding);
        }
        out.extend_from_slice(b"\r\n");
        for root in &roots {
            out.extend(self.quota_line(root).await?);
        }
        self.say_octets(&out).await?;
        Ok(Reply::ok("Told"))
    }

    pub(super) fn set_quota(&mut self) -> Outcome {
        Err(Reply::no("NOPERM", "Quotas are set by the administration").into())
    }

    async fn quota_line(&mut self, root: &str) -> Answer<Vec<u8>> {
        let used = self.backend.quota(root).await?;
        let mut out = b"* QUOTA ".to_vec();
        write::string(&mut out, root.as_bytes(), self.enabled.name_encoding());
        let words: Vec<String> = used.iter().map(worded).collect();
        out.push(b' ');
        write::atoms(&mut out, words.iter().map(String::as_str));
        out.extend_from_slice(b"\r\n");
        Ok(out)
    }
}

fn worded(quota: &QuotaUse) -> String {
    match quota.resource {
        Resource::Messages => format!("MESSAGE {} {}", quota.used, quota.limit),
        Resource::StorageOctets => {
            // What is used is never told as less, what is allowed never as more.
            let used = quota.used.div_ceil(STORAGE_UNIT_OCTETS);
            format!("STORAGE {used} {}", quota.limit / STORAGE_UNIT_OCTETS)
        }
    }
}
