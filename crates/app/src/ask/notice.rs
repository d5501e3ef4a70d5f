//! Mail of the server about requests: to those who can grant, and to the asker. Accepted like any
//! other message, in the write set that it tells of, with the null reverse-path.
//!
//! A mail carries a link to the page of the request and nothing that decides by being opened.

use bytes::Bytes;
use domain::{Language, RecipientId, Timestamp};
use mail::Address;
use store::WriteSet;
use store::send_request::StoredRequest;

use crate::App;
use crate::report::mail::{encoded_words, part};
use crate::system_mail::{SystemRoute, Written};

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News<'a> {
    /// Somebody asks; for those who can grant.
    Asked,
    /// The right is there; there was no message.
    Granted,
    /// The message went.
    Sent,
    /// The right was granted and the message did not go.
    Failed(&'a str),
    /// Somebody said no.
    Declined,
}

/// A mail about a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Notice<'a> {
    pub(super) request: &'a StoredRequest,
    pub(super) news: News<'a>,
    pub(super) to: &'a [RecipientId],
    pub(super) now: Timestamp,
}

struct Route {
    way: SystemRoute,
    language: Language,
    asker: String,
}

impl App {
    /// Puts a mail into the set that it tells of. Nothing is put in where nobody can be reached.
    pub(super) async fn put_notice(
        &self,
        set: &mut WriteSet,
        notice: &Notice<'_>,
    ) -> Result<(), store::Failure> {
        let Some(route) = self.route(notice) else { return Ok(()) };
        let now = notice.now;
        let link = self.settings.page(&format!("/requests/{}", notice.request.id));
        let (subject, text) = words(notice, &route, &link);
        let written = |message_id: &str| {
            let content = write(&route.way, &subject, &text, (message_id, now));
            Written { subject: subject.clone(), content }
        };
        self.put_system_mail(set, &route.way, now, written).await
    }

    fn route(&self, notice: &Notice<'_>) -> Option<Route> {
        let directory = self.directory();
        let found = notice.to.iter().filter_map(|id| directory.recipient(*id));
        let to: Vec<Address> = found.map(|found| found.primary().clone()).collect();
        let asker = directory.recipient(notice.request.asker)?;
        Some(Route {
            language: directory.organization().language,
            asker: format!("{} <{}>", asker.display_name, asker.primary()),
            way: SystemRoute::find(&directory, to)?,
        })
    }
}

fn write(route: &SystemRoute, subject: &str, text: &str, id: (&str, Timestamp)) -> Bytes {
    let (message_id, now) = id;
    let to: Vec<String> = route.to.iter().map(ToString::to_string).collect();
    let boundary = format!("=_request_{:x}", now.0);
    let mut whole = format!(
        "Date: {}\r\nFrom: {}\r\nTo: {}\r\nSubject: {}\r\nMessage-ID: {message_id}\r\n\
         Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n",
        mail::rfc5322_date(now.0),
        route.from,
        to.join(",\r\n "),
        encoded_words(subject),
    );
    part(&mut whole, &boundary, ("text/plain; charset=utf-8", None), text);
    whole.push_str(&format!("--{boundary}--\r\n"));
    Bytes::from(whole)
}

/// Subject and sentences.
fn words(notice: &Notice<'_>, route: &Route, link: &str) -> (String, String) {
    let request = notice.request;
    let (author, asker) = (&request.author, &route.asker);
    let said = request.decided.as_ref().map_or("", |decided| decided.words.as_str());
    let by = request.decided.as_ref().map_or("", |decided| decided.by.as_str());
    let (subject, mut text) = match (route.language, notice.news) {
        (Language::English, News::Asked) => (
            format!("{author}: a request to send"),
            format!("{asker} wants to send from {author} and may not. You can decide."),
        ),
        (Language::French, News::Asked) => (
            format!("{author} : une demande d’envoi"),
            format!(
                "{asker} souhaite envoyer au nom de {author} et n’en a pas le droit. Vous pouvez \
                 en décider."
            ),
        ),
        (Language::English, News::Granted) => (
            format!("{author}: you may send"),
            format!("{by} gave you the right to send from {author}."),
        ),
        (Language::French, News::Granted) => (
            format!("{author} : vous pouvez envoyer"),
            format!("{by} vous a donné le droit d’envoyer au nom de {author}."),
        ),
        (Language::English, News::Sent) => (
            format!("{author}: your message was sent"),
            format!("{by} agreed, and your waiting message was sent from {author}."),
        ),
        (Language::French, News::Sent) => (
            format!("{author} : votre message est parti"),
            format!("{by} a accepté, et votre message en attente est parti au nom de {author}."),
        ),
        (Language::English, News::Failed(why)) => (
            format!("{author}: your message was not sent"),
            format!("{by} agreed, but your message could not be sent and is kept: {why}"),
        ),
        (Language::French, News::Failed(why)) => (
            format!("{author} : votre message n’est pas parti"),
            format!(
                "{by} a accepté, mais votre message n’a pas pu partir ; il est conservé : {why}"
            ),
        ),
        (Language::English, News::Declined) => (
            format!("{author}: your request was declined"),
            format!("{by} declined your request to send from {author}."),
        ),
        (Language::French, News::Declined) => (
            format!("{author} : votre demande est refusée"),
            format!("{by} a refusé votre demande d’envoi au nom de {author}."),
        ),
    };
    let quoted = if notice.news == News::Asked { request.words.as_str() } else { said };
    for line in quoted.lines() {
        text.push_str(&format!("\r\n> {line}"));
    }
    text.push_str(&format!("\r\n\r\n{link}\r\n"));
    (subject, text)
}
