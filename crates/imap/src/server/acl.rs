//! GETACL, SETACL, DELETEACL, LISTRIGHTS, MYRIGHTS (RFC 4314).

use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::{AclChange, Backend};
use super::rights::Rights;
use super::session::{Outcome, Session};
use crate::codec::{self, AclChangeKind, MailboxName, write};
use crate::reply::Reply;

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    pub(super) async fn set_acl(&mut self, asked: codec::AclChange) -> Outcome {
        let Some(rights) = Rights::parse(&asked.rights) else {
            // RFC 4314 §3.1: an unknown right is a syntax error.
            return Err(Reply::bad("There are the rights lrswipkxtea").into());
        };
        if asked.identifier.starts_with('-') {
            return Err(Reply::no("CANNOT", "Rights are only given here, never denied").into());
        }
        let change = match asked.kind {
            AclChangeKind::Replace => AclChange::Replace(rights),
            AclChangeKind::Add => AclChange::Add(rights),
            AclChangeKind::Remove => AclChange::Remove(rights),
        };
        self.backend.change_acl(asked.mailbox.as_str(), &asked.identifier, change).await?;
        Ok(Reply::ok("Granted"))
    }

    pub(super) async fn delete_acl(&mut self, mailbox: &MailboxName, identifier: &str) -> Outcome {
        self.backend.change_acl(mailbox.as_str(), identifier, AclChange::Delete).await?;
        Ok(Reply::ok("Taken away"))
    }

    pub(super) async fn get_acl(&mut self, mailbox: &MailboxName) -> Outcome {
        let entries = self.backend.acl(mailbox.as_str()).await?;
        let encoding = self.enabled.name_encoding();
        let mut out = b"* ACL ".to_vec();
        write::mailbox(&mut out, mailbox.as_str(), encoding);
        for entry in entries {
            out.push(b' ');
            write::astring(&mut out, entry.identifier.as_bytes(), encoding);
            out.push(b' ');
            write::astring(&mut out, entry.rights.to_string().as_bytes(), encoding);
        }
        out.extend_from_slice(b"\r\n");
        self.say_octets(&out).await?;
        Ok(Reply::ok("Told"))
    }

    pub(super) async fn list_rights(&mut self, mailbox: &MailboxName, identifier: &str) -> Outcome {
        let rights = self.backend.grantable_rights(mailbox.as_str(), identifier).await?;
        let encoding = self.enabled.name_encoding();
        let mut out = b"* LISTRIGHTS ".to_vec();
        write::mailbox(&mut out, mailbox.as_str(), encoding);
        out.push(b' ');
        write::astring(&mut out, identifier.as_bytes(), encoding);
        out.push(b' ');
        write::astring(&mut out, rights.required.to_string().as_bytes(), encoding);
        for optional in rights.optional {
            out.push(b' ');
            write::astring(&mut out, optional.to_string().as_bytes(), encoding);
        }
        out.extend_from_slice(b"\r\n");
        self.say_octets(&out).await?;
        Ok(Reply::ok("Told"))
    }

    pub(super) async fn my_rights(&mut self, mailbox: &MailboxName) -> Outcome {
        let rights = self.backend.my_rights(mailbox.as_str()).await?;
        let encoding = self.enabled.name_encoding();
        let mut out = b"* MYRIGHTS ".to_vec();
        write::mailbox(&mut out, mailbox.as_str(), encoding);
        out.push(b' ');
        write::astring(&mut out, rights.to_string().as_bytes(), encoding);
        out.extend_from_slice(b"\r\n");
        self.say_octets(&out).await?;
        Ok(Reply::ok("Told"))
    }
}
