//! People and groups whose name begins like what is being typed, for fields that name somebody.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::{Recipient, RecipientKind};
use serde::Deserialize;

use super::list::matches;
use crate::Web;
use crate::site::error::Problem;
use crate::site::frame::render;
use crate::site::visit::Signed;

/// Names that are offered at once.
const SUGGESTIONS_MAX: usize = 10;

struct Suggestion {
    address: String,
    name: String,
}

#[derive(Template)]
#[template(path = "admin/suggestions.html")]
struct Suggestions {
    rows: Vec<Suggestion>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Typed {
    /// What is typed, under the name of its field.
    #[serde(default, alias = "value")]
    trustee: String,
}

/// `GET /admin/suggest`: options for a data list.
pub(crate) async fn people(
    signed: Signed,
    State(web): State<Web>,
    Query(typed): Query<Typed>,
) -> Response {
    if !signed.person.sees_admin() {
        return signed.visit.problem(Problem::Forbidden);
    }
    let wanted = typed.trustee.trim().to_lowercase();
    let directory = web.app.directory();
    let holds_rights =
        |found: &&Recipient| matches!(found.kind, RecipientKind::User | RecipientKind::Group);
    let mut found: Vec<&Recipient> = match wanted.is_empty() {
        true => Vec::new(),
        false => {
            let shown = |found: &&Recipient| !found.settings.is_hidden_from_address_lists;
            let all = directory.recipients().filter(holds_rights).filter(shown);
            all.filter(|found| matches(found, &wanted)).collect()
        }
    };
    found.sort_by_cached_key(|found| {
        let name = found.display_name.to_lowercase();
        (!name.starts_with(&wanted), name)
    });
    let rows = found.into_iter().take(SUGGESTIONS_MAX);
    let rows = rows
        .map(|found| Suggestion {
            address: found.primary().to_string(),
            name: found.display_name.clone(),
        })
        .collect();
    render(&Suggestions { rows })
}
