//! CAPABILITY, ENABLE, ID, LOGOUT: what the server can do and which of it the client wants
//! (RFC 9051 §6.1 and §6.3.1, RFC 2971).

use tokio::io::{AsyncRead, AsyncWrite};

use super::backend::{Backend, Mechanism};
use super::limits::StartTls;
use super::session::{Ended, Outcome, Session};
use crate::codec::{NameEncoding, Tag};
use crate::flow::{State, Step};
use crate::reply::Reply;

/// What the client enabled; stays so until the session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Enabled {
    /// MODSEQ is told with every change (RFC 7162 §3.1).
    pub(super) condstore: bool,
    /// VANISHED takes the place of EXPUNGE (RFC 7162 §3.2).
    pub(super) qresync: bool,
    /// UTF8=ACCEPT (RFC 6855).
    pub(super) utf8: bool,
    /// IMAP4rev2 (RFC 9051).
    pub(super) rev2: bool,
}

impl Enabled {
    /// Whether the client reads UTF-8 in names and texts.
    pub(super) fn is_utf8(self) -> bool {
        self.utf8 || self.rev2
    }

    /// How mailbox names are written.
    pub(super) fn name_encoding(self) -> NameEncoding {
        if self.is_utf8() { NameEncoding::Utf8 } else { NameEncoding::ModifiedUtf7 }
    }
}

/// What is there before the login.
const BEFORE_LOGIN: &[&str] = &[
    "IMAP4rev1", // RFC 3501
    "IMAP4rev2", // RFC 9051
    "LITERAL+",  // RFC 7888
    "SASL-IR",   // RFC 4959
    "ID",        // RFC 2971
    "ENABLE",    // RFC 5161
];
/// What is there after it.
const AFTER_LOGIN: &[&str] = &[
    "IMAP4rev1",             // RFC 3501
    "IMAP4rev2",             // RFC 9051
    "LITERAL+",              // RFC 7888
    "ID",                    // RFC 2971
    "ENABLE",                // RFC 5161
    "IDLE",                  // RFC 2177
    "NAMESPACE",             // RFC 2342
    "CHILDREN",              // RFC 3348
    "LIST-EXTENDED",         // RFC 5258
    "LIST-STATUS",           // RFC 5819
    "LIST-MYRIGHTS",         // RFC 8440
    "SPECIAL-USE",           // RFC 6154
    "CREATE-SPECIAL-USE",    // RFC 6154
    "STATUS=SIZE",           // RFC 8438
    "UIDPLUS",               // RFC 4315
    "MOVE",                  // RFC 6851
    "UNSELECT",              // RFC 3691
    "CONDSTORE",             // RFC 7162
    "QRESYNC",               // RFC 7162
    "ESEARCH",               // RFC 4731
    "SEARCHRES",             // RFC 5182
    "WITHIN",                // RFC 5032
    "SORT",                  // RFC 5256
    "SORT=DISPLAY",          // RFC 5957
    "ESORT",                 // RFC 5267
    "THREAD=ORDEREDSUBJECT", // RFC 5256
    "THREAD=REFERENCES",     // RFC 5256
    "BINARY",                // RFC 3516
    "MULTIAPPEND",           // RFC 3502
    "UTF8=ACCEPT",           // RFC 6855
    "OBJECTID",              // RFC 8474
    "SAVEDATE",              // RFC 8514
    "PREVIEW",               // RFC 8970
    "ACL",                   // RFC 4314
    "RIGHTS=kxte",           // RFC 4314
    "QUOTA",                 // RFC 9208
    "QUOTA=RES-STORAGE",     // RFC 9208
    "QUOTA=RES-MESSAGE",     // RFC 9208
    "METADATA",              // RFC 5464
];

impl<S, B> Session<'_, S, B>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    B: Backend,
{
    fn capabilities(&self) -> String {
        let mut words = Vec::new();
        if self.state == State::NotAuthenticated {
            words.extend(BEFORE_LOGIN.iter().map(|word| (*word).to_owned()));
            if self.is_secure {
                let mechanisms = self.backend.mechanisms();
                words.extend(mechanisms.iter().map(|known| format!("AUTH={}", known.name())));
            } else if self.settings.starttls == StartTls::Offered {
                words.push("STARTTLS".to_owned());
            }
            // RFC 9051 §6.2.3: passwords are asked for only where nobody can listen.
            if !self.may_log_in() {
                words.push("LOGINDISABLED".to_owned());
            }
            return words.join(" ");
        }
        words.extend(AFTER_LOGIN.iter().map(|word| (*word).to_owned()));
        words.push(format!("APPENDLIMIT={}", self.settings.append_octets_max)); // RFC 7889
        if !self.wire.is_compressed() {
            words.push("COMPRESS=DEFLATE".to_owned()); // RFC 4978 §3: not once it is on
        }
        words.join(" ")
    }

    /// The capabilities as a response code, which saves the client a question.
    pub(super) fn capability_code(&self) -> String {
        format!("CAPABILITY {}", self.capabilities())
    }

    pub(super) async fn capability(&mut self) -> Outcome {
        let line = format!("* CAPABILITY {}\r\n", self.capabilities());
        self.say(&line).await?;
        Ok(Reply::ok("That is all"))
    }

    /// Whether LOGIN is carried out.
    pub(super) fn may_log_in(&self) -> bool {
        let takes_passwords =
            |mechanism: &Mechanism| matches!(mechanism, Mechanism::Plain | Mechanism::Login);
        self.is_secure && self.backend.mechanisms().iter().any(takes_passwords)
    }

    /// ENABLE: what is not known is passed over (RFC 5161 §3.1).
    pub(super) async fn enable(&mut self, names: &[String]) -> Outcome {
        let before = self.enabled;
        let mut told = String::new();
        for name in names {
            match name.as_str() {
                "CONDSTORE" => self.enabled.condstore = true,
                // RFC 7162 §3.2.3: QRESYNC has CONDSTORE with it.
                "QRESYNC" => (self.enabled.qresync, self.enabled.condstore) = (true, true),
                "UTF8=ACCEPT" => self.enabled.utf8 = true,
                "IMAP4REV2" => self.enabled.rev2 = true,
                _ => {}
            }
        }
        let now = self.enabled;
        for (name, was, is) in [
            ("CONDSTORE", before.condstore, now.condstore),
            ("QRESYNC", before.qresync, now.qresync),
            ("UTF8=ACCEPT", before.utf8, now.utf8),
            ("IMAP4rev2", before.rev2, now.rev2),
        ] {
            if is && !was {
                told.push(' ');
                told.push_str(name);
            }
        }
        self.say(&format!("* ENABLED{told}\r\n")).await?;
        Ok(Reply::ok("Enabled"))
    }

    /// A command that needs CONDSTORE enables it (RFC 7162 §3.1).
    pub(super) async fn enable_condstore(&mut self) -> Result<(), Ended<()>> {
        if self.enabled.condstore {
            return Ok(());
        }
        self.enabled.condstore = true;
        match self.selected.as_ref().map(|selected| selected.modseq) {
            // RFC 7162 §3.1.2: told as soon as the client can make use of it.
            Some(modseq) => self.say(&format!("* OK [HIGHESTMODSEQ {modseq}] So far\r\n")).await,
            None => Ok(()),
        }
    }

    pub(super) async fn id(&mut self, fields: &[(String, Option<String>)]) -> Outcome {
        self.backend.identified(fields);
        self.say("* ID (\"name\" \"Guichet\")\r\n").await?;
        Ok(Reply::ok("Nice to meet you"))
    }

    pub(super) async fn logout(&mut self, tag: &Tag) -> Outcome {
        self.advance(Step::LoggedOut);
        self.say("* BYE See you\r\n").await?;
        self.say_tagged(tag, &Reply::ok("Logged out"));
        Err(Ended::LoggedOut.into())
    }
}
