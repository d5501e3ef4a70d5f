//! Scopes as clients spell them. Besides our own names those of Exchange's clients are taken, with
//! or without the resource before them.

use app::access::{Scope, Scopes};
use app::oauth::Wanted;

/// What a word of the parameter `scope` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// One of our scopes.
    One(Scope),
    /// All that the client was registered for.
    Default,
    /// Refresh tokens.
    Offline,
    /// Who the person is, which we say to nobody: asked for by habit, and taken for nothing.
    Identity,
}

/// Names of our scopes among Exchange's clients, in lower case. One scope opens all that mail
/// programs speak.
const SPELLINGS: [(&str, Scope); 10] = [
    ("exchange.manage", Scope::Admin),
    ("exchange.manageasapp", Scope::Admin),
    ("exchange.managev2", Scope::Admin),
    ("exchange.manageasappv2", Scope::Admin),
    ("adminapi.accessasuser.all", Scope::Admin),
    ("smtp.send", Scope::Send),
    ("imap.accessasuser.all", Scope::Send),
    ("pop.accessasuser.all", Scope::Send),
    ("mail.send", Scope::Send),
    ("smtp.sendasapp", Scope::Send),
];

/// Reads the parameter `scope` (RFC 6749 §3.3); `None` where it has a word that we do not know.
pub(super) fn wanted(scope: Option<&str>) -> Option<Wanted> {
    let mut named = Vec::new();
    let (mut takes_all, mut is_offline) = (false, false);
    for text in scope.unwrap_or_default().split(' ').filter(|text| !text.is_empty()) {
        match word(text)? {
            Word::One(scope) => named.push(scope),
            Word::Default => takes_all = true,
            Word::Offline => is_offline = true,
            Word::Identity => {}
        }
    }
    let scopes = (!takes_all && !named.is_empty()).then(|| Scopes::of(&named));
    Some(Wanted { scopes, is_offline })
}

/// The scopes as an answer names them.
pub(super) fn shown(scopes: Scopes) -> String {
    scopes.to_stored()
}

fn word(text: &str) -> Option<Word> {
    let lower = text.to_ascii_lowercase();
    // `https://outlook.office365.com/Exchange.Manage`: the resource is whoever is asked.
    let name = match lower.split_once("://") {
        Some((_, rest)) => rest.rsplit('/').next().unwrap_or_default(),
        None => lower.rsplit('/').next().unwrap_or_default(),
    };
    match name {
        ".default" => Some(Word::Default),
        "offline_access" => Some(Word::Offline),
        "openid" | "profile" | "email" => Some(Word::Identity),
        _ => {
            let known = SPELLINGS.iter().find(|(spelling, _)| *spelling == name);
            known.map(|(_, scope)| *scope).or_else(|| Scope::parse(name)).map(Word::One)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_exchange_clients() {
        let all = Some(Wanted { scopes: None, is_offline: false });
        assert_eq!(wanted(None), all);
        assert_eq!(wanted(Some("https://outlook.office365.com/.default")), all);
        assert_eq!(wanted(Some("openid profile")), all);
        let admin = Scopes::of(&[Scope::Admin]);
        let refreshed = Some(Wanted { scopes: Some(admin), is_offline: true });
        for text in [
            "https://outlook.office365.com/Exchange.Manage offline_access",
            "offline_access Exchange.ManageAsApp",
            "openid offline_access ADMIN",
        ] {
            assert_eq!(wanted(Some(text)), refreshed, "{text}");
        }
        let both = Scopes::of(&[Scope::Read, Scope::Send]);
        let smtp = "read https://outlook.office.com/SMTP.Send";
        assert_eq!(wanted(Some(smtp)), Some(Wanted { scopes: Some(both), is_offline: false }));
        assert_eq!(wanted(Some("admin User.Read.Everything")), None);
    }
}
