//! What every page has around its content: the words, who is signed in, where one is.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{AccountRole, Directory, MemberRole, RecipientId};

use super::assets;
use super::texts::{Language, Texts};
use super::told::Told;

/// A part of the site, for the mark in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Mail,
    Admin,
    Account,
    /// Requests for a right to send.
    Requests,
    /// Pages that belong to none: sign-in, errors.
    Outside,
}

/// Who is signed in, as the pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) id: RecipientId,
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) role: AccountRole,
    /// Whether the person owns a group.
    pub(crate) is_owner: bool,
}

impl Person {
    /// Reads the account from the directory as it is now.
    pub(crate) fn read(directory: &Directory, id: RecipientId) -> Option<Person> {
        let found = directory.recipient(id)?;
        let account = found.account.as_ref().filter(|account| !account.is_disabled)?;
        let owns = |group: &RecipientId| {
            let mut members = directory.members_of(*group).iter();
            members.any(|of| of.member == id && of.role == MemberRole::Owner)
        };
        let is_owner = directory.groups_of(id).iter().any(owns);
        Some(Person {
            id,
            name: found.display_name.clone(),
            address: found.primary().to_string(),
            role: account.role,
            is_owner,
        })
    }

    /// Whether the admin centre has something for the person.
    pub(crate) fn sees_admin(&self) -> bool {
        self.role != AccountRole::Member || self.is_owner
    }
}

/// The frame of a page.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) texts: Texts,
    pub(crate) person: Option<Person>,
    pub(crate) section: Section,
    /// The page's path and query, for the language switch to come back to.
    pub(crate) here: String,
    /// What the change before did.
    pub(crate) told: Option<Told>,
}

impl Frame {
    pub(crate) fn t(&self, key: &str) -> String {
        self.texts.t(key)
    }

    pub(crate) fn asset(&self, name: &str) -> &'static str {
        assets::address(name)
    }

    pub(crate) fn language(&self) -> &'static str {
        self.texts.language.tag()
    }

    /// The other language, for the switch.
    pub(crate) fn other_language(&self) -> &'static str {
        match self.texts.language {
            Language::English => Language::French.tag(),
            Language::French => Language::English.tag(),
        }
    }

    pub(crate) fn is_in(&self, section: &str) -> bool {
        match self.section {
            Section::Mail => section == "mail",
            Section::Admin => section == "admin",
            Section::Account => section == "account",
            Section::Requests => section == "requests",
            Section::Outside => false,
        }
    }
}

/// Writes a page out.
pub(crate) fn render(page: &impl Template) -> Response {
    render_as(StatusCode::OK, page)
}

/// Writes a page out under another status.
pub(crate) fn render_as(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => {
            let kind = HeaderValue::from_static("text/html; charset=utf-8");
            (status, [(header::CONTENT_TYPE, kind)], html).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Sends the browser to another page of ours, by GET.
pub(crate) fn see_other(path: &str) -> Response {
    match HeaderValue::try_from(path) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// A path of this site from what a request says, never an address elsewhere; `/` for anything
/// doubtful.
pub(crate) fn local_path(text: &str) -> &str {
    let is_local = text.starts_with('/')
        && !text.starts_with("//")
        && !text.contains('\\')
        && text.bytes().all(|octet| (0x21..0x7f).contains(&octet));
    if is_local { text } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        assert_eq!(local_path("/admin/groups?q=a%20b"), "/admin/groups?q=a%20b");
        let doubtful = [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/a\r\nSet-Cookie: x",
            "javascript:alert(1)",
            "/ä",
            " /x",
        ];
        for text in doubtful {
            assert_eq!(local_path(text), "/", "{text:?}");
        }
    }
}
