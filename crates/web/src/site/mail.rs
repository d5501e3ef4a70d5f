//! Mail for its readers: lists of folders, one message, writing.
//!
//! Who may see what is asked of `app` with each request: a folder or message that the person does
//! not reach is not found. Messages come from anybody; what they say is text here, and their HTML
//! is shown in a frame that can do nothing.

mod attachment;
mod compose;
mod conversation;
mod draft;
mod html;
mod list;
mod parts;
mod picker;
mod rail;
mod read;
mod reply;

use app::mailbox::Place;
use app::reading::Folder;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use domain::FolderId;
use mail::envelope::EnvelopeAddress;

use super::error::Problem;
use super::visit::Signed;
use crate::Web;

/// The routes of mail.
pub(crate) fn routes() -> Router<Web> {
    let form_limit = DefaultBodyLimit::max(compose::FORM_OCTETS_MAX);
    Router::new()
        .route("/", get(list::start))
        .route("/mail/{folder}", get(list::show).post(list::change))
        .route("/mail/{folder}/{uid}", get(read::show))
        .route("/mail/{folder}/{uid}/body", get(read::body))
        .route("/mail/{folder}/{uid}/part/{section}", get(attachment::part))
        .route("/mail/{folder}/{uid}/original", get(attachment::original))
        .route("/compose", get(compose::show).post(compose::submit).layer(form_limit))
        .route("/compose/undo", post(compose::undo))
        .route("/compose/discard", post(compose::discard))
}

/// The folder of a path, with what the person may do there.
async fn folder_of(web: &Web, signed: &Signed, id: i64) -> Result<(Folder, Place), Problem> {
    Ok(web.app.folder(signed.person.id, FolderId(id), signed.visit.now).await?)
}

/// A mailbox out of an address field, for people: encoded words decoded, without marks that turn
/// text round.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Correspondent {
    name: Option<String>,
    address: String,
}

impl Correspondent {
    fn read(found: &EnvelopeAddress) -> Option<Correspondent> {
        let EnvelopeAddress::Mailbox { name, local, domain, .. } = found else { return None };
        let name = name.as_deref().map(|name| plain(&mail::text::decode_words(name)));
        let address = if domain.is_empty() { local.clone() } else { format!("{local}@{domain}") };
        Some(Correspondent { name: name.filter(|name| !name.is_empty()), address: plain(&address) })
    }

    fn all(list: &[EnvelopeAddress]) -> Vec<Correspondent> {
        list.iter().filter_map(Correspondent::read).collect()
    }

    /// The name where there is one.
    fn short(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.address)
    }
}

/// A text on one line, without control characters and marks of direction.
fn plain(text: &str) -> String {
    let kept = text.chars().filter(|c| !is_direction_mark(*c));
    let kept: String = kept.map(|c| if c.is_control() { ' ' } else { c }).collect();
    kept.trim().to_owned()
}

fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_turn_the_page_round() {
        let found = mail::envelope::addresses("=?utf-8?q?a=E2=80=AEb=0Ac?= <x@y.example>");
        let read = Correspondent::all(&found);
        assert_eq!(read[0].name.as_deref(), Some("ab c"));
        assert_eq!(read[0].short(), "ab c");
        assert_eq!(read[0].address, "x@y.example");
    }
}
