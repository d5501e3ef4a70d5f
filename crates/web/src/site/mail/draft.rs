//! What a person typed, and the draft that it becomes and comes back from.

use app::reading::Folder;
use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use bytes::{BufMut as _, Bytes, BytesMut};
use domain::Directory;
use mail::compose::{Attachment, Draft, Mailbox};
use mail::envelope::{Envelope, EnvelopeAddress};
use mail::mime::Part;
use mail::raw_field::{raw_field, split_header};
use mail::{Address, Domain};

use super::super::error::Problem;
use super::super::texts::Texts;
use super::super::visit::Signed;
use super::Correspondent;
use super::html;
use super::parts::{Attached, Shown, file_name, section};
use super::read::message_of;
use crate::Web;

/// Octets of all attachments of a message at most. In base64 and with the text they stay below the
/// 35 MiB that submission takes.
pub(super) const ATTACHMENTS_OCTETS_MAX: usize = 25 * 1024 * 1024;
/// Attachments of a message at most.
const ATTACHMENTS_MAX: usize = 100;
/// Octets of a text that is read from a draft.
const TEXT_OCTETS_MAX: usize = 1024 * 1024;
/// Message-IDs that References names; with more the first and the latest stay (RFC 5322 §3.6.4
/// sets no limit, lines do).
const REFERENCES_MAX: usize = 50;

/// What a person typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Typed {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) cc: String,
    pub(super) bcc: String,
    pub(super) subject: String,
    pub(super) body: String,
    /// The draft that this one replaces.
    pub(super) draft: Option<i64>,
    /// Folder and UID of the message that is answered.
    pub(super) answers: Option<(i64, i64)>,
    /// When the person last looked at that message, in milliseconds since 1970.
    pub(super) began_at: Option<i64>,
    /// Folder and UID of the message whose attachments go along.
    pub(super) forwards: Option<(i64, i64)>,
    /// The sections of the draft, or of the forwarded message, that stay attached.
    pub(super) keep: Vec<String>,
    /// Files that come with the form.
    pub(super) files: Vec<Attachment>,
    /// The text of the team that is to be put in.
    pub(super) canned: Option<i64>,
    /// What the form asks for.
    pub(super) wish: Wish,
}

/// What a form asks for, beside keeping the draft.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Wish {
    /// Nothing more.
    #[default]
    Keep,
    /// To send.
    Send,
    /// To send although a colleague answered at this moment, in milliseconds since 1970.
    SendAnyway(i64),
    /// To put in a text of the team.
    Insert,
    /// To ask those who can grant for the right to write from this address.
    Ask(String),
}

impl Wish {
    fn read(action: &str) -> Wish {
        match (action, action.split_once(':')) {
            (_, Some(("ask", address))) => Wish::Ask(address.to_owned()),
            (_, Some(("anyway", at))) => at.parse().map_or(Wish::Keep, Wish::SendAnyway),
            ("send", None) => Wish::Send,
            ("insert", None) => Wish::Insert,
            _ => Wish::Keep,
        }
    }
}

/// Why a form does not become a draft. The sentence is for the person.
#[derive(Debug)]
pub(super) enum Fault {
    /// Something that was typed cannot be used.
    Typed(String),
    /// Something else.
    Problem(Problem),
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Fault {
        Fault::Problem(problem)
    }
}

impl Typed {
    /// Reads the form.
    pub(super) async fn read_form(mut form: Multipart, texts: Texts) -> Result<Typed, Problem> {
        let mut typed = Typed::default();
        let unreadable = |_: MultipartError| Problem::Invalid(too_large(texts));
        while let Some(field) = form.next_field().await.map_err(unreadable)? {
            let name = field.name().unwrap_or_default().to_owned();
            if name == "file" {
                let file = read_file(field).await.map_err(unreadable)?;
                typed.files.extend(file);
                continue;
            }
            let value = field.text().await.map_err(unreadable)?;
            match name.as_str() {
                "from" => typed.from = value,
                "to" => typed.to = value,
                "cc" => typed.cc = value,
                "bcc" => typed.bcc = value,
                "subject" => typed.subject = value,
                "body" => typed.body = value,
                "draft" => typed.draft = value.parse().ok(),
                "answers" => typed.answers = read_pair(&value),
                "began" => typed.began_at = value.parse().ok(),
                "canned" => typed.canned = value.parse().ok(),
                "forwards" => typed.forwards = read_pair(&value),
                "keep" => typed.keep.push(value),
                "action" => typed.wish = Wish::read(&value),
                _ => {}
            }
        }
        Ok(typed)
    }

    /// Reads a draft back.
    pub(super) fn read_draft(uid: i64, content: &[u8]) -> (Typed, Vec<Attached>) {
        let envelope = Envelope::read(&content[..split_header(content).0]);
        let message = Part::read(content);
        let shown = Shown::of(&message);
        let body = shown.text.or(shown.html);
        let body = body.and_then(|part| mail::text::part_text(content, part, TEXT_OCTETS_MAX));
        let from = Correspondent::all(&envelope.from).into_iter().next();
        let subject = envelope.subject.as_deref().map(mail::text::decode_words);
        let answered = app::outbox::answered(content);
        let typed = Typed {
            from: from.map(|from| from.address).unwrap_or_default(),
            to: written(&envelope.to),
            cc: written(&envelope.cc),
            bcc: written(&envelope.bcc),
            subject: super::plain(&subject.unwrap_or_default()),
            body: body.unwrap_or_default().replace("\r\n", "\n").trim_end().to_owned(),
            draft: Some(uid),
            answers: answered.map(|answered| (answered.folder.0, answered.uid)),
            began_at: answered.and_then(|answered| answered.began_at).map(|at| at.0),
            ..Typed::default()
        };
        (typed, shown.attached)
    }

    /// Writes the message and keeps it as a draft. Gives its UID.
    pub(super) async fn save(&self, web: &Web, signed: &Signed) -> Result<i64, Fault> {
        let texts = signed.visit.texts;
        let mut attachments = self.kept(web, signed).await?;
        attachments.extend(self.files.iter().cloned());
        let octets: usize = attachments.iter().map(|one| one.content.len()).sum();
        if octets > ATTACHMENTS_OCTETS_MAX || attachments.len() > ATTACHMENTS_MAX {
            return Err(Fault::Typed(too_large(texts)));
        }
        let references = self.references(web, signed).await?;
        let draft = {
            let directory = web.app.directory();
            let people = |text: &str| {
                people(&directory, text)
                    .map_err(|wrong| Fault::Typed(texts.t1("compose-bad-address", "text", wrong)))
            };
            Draft {
                from: self.author(&directory, signed)?,
                to: people(&self.to)?,
                cc: people(&self.cc)?,
                bcc: people(&self.bcc)?,
                keeps_bcc: true,
                subject: self.subject.clone(),
                text: self.body.clone(),
                html: Some(html::of_markdown(&self.body)),
                attachments,
                references,
                at_ms: signed.visit.now.0,
                boundary: web.app.boundary(),
            }
        };
        let content = self.with_answered(draft.write());
        let (person, now) = (signed.person.id, signed.visit.now);
        let saved = web.app.save_draft(person, self.draft, content, now).await;
        saved.map_err(|error| Fault::Problem(error.into()))
    }

    /// The draft with the field that names the message which it answers.
    fn with_answered(&self, content: Bytes) -> Bytes {
        let Some((folder, uid)) = self.answers else { return content };
        let mut out = BytesMut::with_capacity(content.len() + 64);
        let began_at = self.began_at.map(|at| format!("/{at}")).unwrap_or_default();
        let field = format!("{}: {folder}/{uid}{began_at}\r\n", app::outbox::ANSWERS_FIELD);
        out.put_slice(field.as_bytes());
        out.put_slice(&content);
        out.freeze()
    }

    fn author(&self, directory: &Directory, signed: &Signed) -> Result<Mailbox, Fault> {
        let text = if self.from.is_empty() { &signed.person.address } else { &self.from };
        let address = Address::parse(text.trim()).map_err(|_| {
            Fault::Typed(signed.visit.texts.t1("compose-bad-address", "text", text))
        })?;
        let name = directory.resolve(&address).map(|found| found.display_name.clone());
        Ok(Mailbox { name, address })
    }

    /// The message whose parts stay attached.
    async fn source(&self, web: &Web, signed: &Signed) -> Result<Option<Bytes>, Problem> {
        if let Some(uid) = self.draft {
            let found = web.app.draft(signed.person.id, uid, signed.visit.now).await?;
            return Ok(Some(found.1));
        }
        match self.forwards {
            Some((folder, uid)) => Ok(Some(message_of(web, signed, folder, uid).await?.1)),
            None => Ok(None),
        }
    }

    async fn kept(&self, web: &Web, signed: &Signed) -> Result<Vec<Attachment>, Problem> {
        if self.keep.is_empty() {
            return Ok(Vec::new());
        }
        let Some(content) = self.source(web, signed).await? else { return Ok(Vec::new()) };
        let message = Part::read(&content);
        let keep = self.keep.iter().take(ATTACHMENTS_MAX);
        let parts = keep.filter_map(|numbers| section(&message, numbers));
        let attachments = parts.map(|part| Attachment {
            file_name: file_name(part),
            media_type: format!("{}/{}", part.content_type.kind, part.content_type.subtype),
            content: part.decoded(&content, part.body.len()).into(),
        });
        Ok(attachments.collect())
    }

    /// What can stay attached, for the form.
    pub(super) async fn attached(
        &self,
        web: &Web,
        signed: &Signed,
    ) -> Result<Vec<Attached>, Problem> {
        let Some(content) = self.source(web, signed).await? else { return Ok(Vec::new()) };
        Ok(Shown::of(&Part::read(&content)).attached)
    }

    /// The Message-IDs before this message (RFC 5322 §3.6.4): those of the message that it answers,
    /// and that one.
    async fn references(&self, web: &Web, signed: &Signed) -> Result<Vec<String>, Problem> {
        if let Some((folder, uid)) = self.answers {
            match message_of(web, signed, folder, uid).await {
                Ok((_, content)) => return Ok(references_to(&content)),
                // The message that is answered went meanwhile; the draft still knows.
                Err(Problem::NotFound) => {}
                Err(problem) => return Err(problem),
            }
        }
        let Some(uid) = self.draft else { return Ok(Vec::new()) };
        let (_, content) = web.app.draft(signed.person.id, uid, signed.visit.now).await?;
        Ok(ids(&content[..split_header(&content).0], "References"))
    }
}

fn too_large(texts: Texts) -> String {
    texts.t1("compose-too-large", "size", ATTACHMENTS_OCTETS_MAX / (1024 * 1024))
}

async fn read_file(field: Field<'_>) -> Result<Option<Attachment>, MultipartError> {
    let file_name = field.file_name().unwrap_or_default().to_owned();
    let media_type = field.content_type().unwrap_or_default().to_owned();
    let content = field.bytes().await?;
    // A form without a file has an empty one.
    let is_file = !(file_name.is_empty() && content.is_empty());
    Ok(is_file.then_some(Attachment { file_name, media_type, content }))
}

fn read_pair(text: &str) -> Option<(i64, i64)> {
    let (folder, uid) = text.split_once('/')?;
    Some((folder.parse().ok()?, uid.parse().ok()?))
}

/// Message-IDs of the answered message and of those before it.
fn references_to(content: &[u8]) -> Vec<String> {
    let section = &content[..split_header(content).0];
    let mut found = ids(section, "References");
    if found.is_empty() {
        found = ids(section, "In-Reply-To");
        found.truncate(1);
    }
    found.extend(ids(section, "Message-ID").into_iter().take(1));
    if found.len() > REFERENCES_MAX {
        // The first message names the conversation.
        found.drain(1..=found.len() - REFERENCES_MAX);
    }
    found
}

fn ids(section: &[u8], name: &str) -> Vec<String> {
    let text = raw_field(section, name).map(|field| field.unfolded()).unwrap_or_default();
    let mut found = Vec::new();
    let mut rest = text.as_str();
    while let Some((_, behind)) = rest.split_once('<') {
        let Some((id, behind)) = behind.split_once('>') else { break };
        found.push(format!("<{id}>"));
        rest = behind;
    }
    found
}

/// Addresses as a person types them: `Name <address>`, addresses, or names and aliases of the
/// directory, with commas, semicolons or lines between. `Err` has what is none.
fn people(directory: &Directory, text: &str) -> Result<Vec<Mailbox>, String> {
    let one_line: String =
        text.chars().map(|c| if c == ';' || c == '\n' { ',' } else { c }).collect();
    let one_line = super::plain(&one_line);
    let mut found = Vec::new();
    for entry in mail::envelope::addresses(&one_line) {
        let EnvelopeAddress::Mailbox { name, local, domain, .. } = entry else {
            return Err(one_line);
        };
        let mailbox = if domain.is_empty() {
            let known = directory.find(&local).ok_or_else(|| local.clone())?;
            Mailbox { name: Some(known.display_name.clone()), address: known.primary().clone() }
        } else {
            let written = format!("{local}@{domain}");
            let parsed = Domain::parse(&domain).and_then(|domain| Address::new(&local, domain));
            Mailbox { name, address: parsed.map_err(|_| written)? }
        };
        found.push(mailbox);
    }
    Ok(found)
}

/// An address list as a person would type it.
fn written(list: &[EnvelopeAddress]) -> String {
    let written: Vec<String> = Correspondent::all(list).iter().map(typed).collect();
    written.join(", ")
}

/// One correspondent as a person would type it; the name in quotation marks where it needs them.
pub(super) fn typed(one: &Correspondent) -> String {
    match &one.name {
        None => one.address.clone(),
        Some(name) if name.chars().all(|c| c.is_alphanumeric() || " -'.".contains(c)) => {
            format!("{name} <{}>", one.address)
        }
        Some(name) => {
            let quoted = name.replace(['"', '\\'], "'");
            format!("\"{quoted}\" <{}>", one.address)
        }
    }
}

/// The mailbox that a folder is in, and the team of it.
pub(super) fn owners_of(directory: &Directory, folder: &Folder) -> Vec<domain::RecipientId> {
    let team = directory.recipient(folder.recipient).and_then(|found| found.team);
    [Some(folder.recipient), team].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_read_as_they_are_typed() {
        let directory = Directory::default();
        let found = people(&directory, "A B <a@x.example>; \"C, D\" <c@x.example>\n e@x.example");
        let found = found.unwrap_or_default();
        let shown: Vec<String> = found.iter().map(|one| one.address.to_string()).collect();
        assert_eq!(shown, ["a@x.example", "c@x.example", "e@x.example"]);
        assert_eq!(found[1].name.as_deref(), Some("C, D"));
        assert_eq!(people(&directory, "nobody"), Err("nobody".to_owned()));
        assert_eq!(people(&directory, ""), Ok(Vec::new()));
    }

    #[test]
    fn a_name_with_signs_is_quoted_when_it_is_typed() {
        let one = |name: &str| Correspondent {
            name: Some(name.to_owned()),
            address: "a@x.example".to_owned(),
        };
        assert_eq!(typed(&one("Jean D'Arc")), "Jean D'Arc <a@x.example>");
        assert_eq!(typed(&one("a\", <b@y.example>")), "\"a', <b@y.example>\" <a@x.example>");
    }

    #[test]
    fn references_grow_by_the_answered_message() {
        let header = b"Message-ID: <c>\r\nReferences: <a>\r\n <b>\r\n\r\n";
        assert_eq!(references_to(header), ["<a>", "<b>", "<c>"]);
        assert_eq!(
            references_to(b"In-Reply-To: <a> <x>\r\nMessage-ID: <b>\r\n\r\n"),
            ["<a>", "<b>"]
        );
        let many: String = (0..80).map(|n| format!(" <{n}>\r\n")).collect();
        let long = references_to(format!("References:{many}Message-ID: <z>\r\n\r\n").as_bytes());
        assert_eq!((long.len(), long[0].as_str(), long[49].as_str()), (50, "<0>", "<z>"));
    }

    #[test]
    fn a_draft_comes_back_as_it_was_typed() {
        let content = b"X-Guichet-Answers: 5/6/7\r\nFrom: a@x.example\r\nTo: B <b@x.example>\r\n\
            Bcc: c@x.example\r\nSubject: =?utf-8?q?=C3=A9?=\r\n\r\nline\r\n**two**\r\n";
        let (typed, attached) = Typed::read_draft(9, content);
        assert!(attached.is_empty());
        assert_eq!((typed.draft, typed.answers), (Some(9), Some((5, 6))));
        assert_eq!(typed.began_at, Some(7));
        assert_eq!((typed.to.as_str(), typed.bcc.as_str()), ("B <b@x.example>", "c@x.example"));
        assert_eq!((typed.subject.as_str(), typed.body.as_str()), ("é", "line\n**two**"));
    }
}
