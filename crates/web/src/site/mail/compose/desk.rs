//! What the desk of a team adds to writing: who else is replying, whether a colleague answered
//! meanwhile, and the team's texts that answers begin with.

use app::desk::{CannedReply, DeskError};
use app::mailbox::{MailboxError, Place};
use domain::{RecipientKind, Timestamp};
use mail::Address;

use super::super::super::desk::name_of;
use super::super::super::error::Problem;
use super::super::super::time;
use super::super::super::visit::Signed;
use super::super::draft::Typed;
use super::super::folder_of;
use crate::Web;

/// A colleague's answer to the message that is being answered.
pub(super) struct ColleagueAnswer {
    pub(super) by: String,
    pub(super) at: String,
    pub(super) at_machine: String,
    /// The same in milliseconds since 1970.
    pub(super) at_ms: i64,
    /// Where it can be read.
    pub(super) path: Option<String>,
}

/// What the desk knows of the message that is being answered.
#[derive(Default)]
pub(super) struct Answering {
    /// Where to say that the person is still writing; `None` where nobody needs to know.
    pub(super) path: Option<String>,
    pub(super) replying: Vec<String>,
    pub(super) answered: Option<ColleagueAnswer>,
}

impl Answering {
    /// Reads it, and tells the desk that the person is writing.
    pub(super) async fn read(
        web: &Web,
        signed: &Signed,
        typed: &Typed,
    ) -> Result<Answering, Problem> {
        let Some((folder, uid)) = typed.answers else { return Ok(Answering::default()) };
        let place = match folder_of(web, signed, folder).await {
            Ok((_, place)) if web.app.has_desk(&place) => place,
            // The message went, or the person left the team: the draft stays.
            Ok(_) | Err(Problem::NotFound) => return Ok(Answering::default()),
            Err(problem) => return Err(problem),
        };
        let replying = match web.app.begin_reply(&place, uid, signed.visit.now).await {
            Ok(others) => others,
            Err(error) => return gone(error).map(|()| Answering::default()),
        };
        Ok(Answering {
            path: Some(format!("/desk/{folder}/{uid}")),
            replying: replying.into_iter().map(|id| name_of(web, id)).collect(),
            answered: colleague_answer(web, &place, uid, typed).await?,
        })
    }
}

async fn colleague_answer(
    web: &Web,
    place: &Place,
    uid: i64,
    typed: &Typed,
) -> Result<Option<ColleagueAnswer>, Problem> {
    let Some(began_at) = typed.began_at.map(Timestamp) else { return Ok(None) };
    let answer = match web.app.answered_since(place, uid, began_at).await {
        Ok(Some(answer)) => answer,
        Ok(None) => return Ok(None),
        Err(error) => return gone(error).map(|()| None),
    };
    let found = match web.app.place_of_answer(place, answer.message).await {
        Ok(found) => found,
        Err(error) => gone(error).map(|()| None)?,
    };
    Ok(Some(ColleagueAnswer {
        by: name_of(web, answer.by),
        at: time::minute(answer.at),
        at_machine: time::machine(answer.at),
        at_ms: answer.at.0,
        path: found.map(|(folder, uid)| format!("/mail/{}/{uid}", folder.0)),
    }))
}

/// What is gone stops nobody from writing.
fn gone(error: DeskError) -> Result<(), Problem> {
    match error {
        DeskError::Unavailable(failure)
        | DeskError::Mailbox(MailboxError::Unavailable(failure)) => Err(failure.into()),
        DeskError::Mailbox(_)
        | DeskError::NotShared
        | DeskError::Taken(_)
        | DeskError::NotAMember
        | DeskError::Changed
        | DeskError::Text(_) => Ok(()),
    }
}

/// The texts that a draft can take in.
#[derive(Default)]
pub(super) struct Canned {
    pub(super) replies: Vec<CannedReply>,
    /// The page of the texts.
    pub(super) path: Option<String>,
}

impl Canned {
    /// The texts of the team that the draft is from, or else of the one whose mail it answers.
    pub(super) async fn read(web: &Web, signed: &Signed, typed: &Typed) -> Result<Canned, Problem> {
        let Some(place) = team_of(web, signed, typed).await? else { return Ok(Canned::default()) };
        match web.app.canned_replies(&place).await {
            Ok(replies) => {
                let path = Some(format!("/desk/{}/replies", place.folder.0));
                Ok(Canned { replies, path })
            }
            Err(error) => gone(error).map(|()| Canned::default()),
        }
    }
}

async fn team_of(web: &Web, signed: &Signed, typed: &Typed) -> Result<Option<Place>, Problem> {
    let answered = match typed.answers {
        Some((folder, _)) => match folder_of(web, signed, folder).await {
            Ok((folder, _)) => Some(folder.recipient),
            Err(Problem::NotFound) => None,
            Err(problem) => return Err(problem),
        },
        None => None,
    };
    let team = {
        let directory = web.app.directory();
        let of = |id| directory.recipient(id).map(|found| found.team.unwrap_or(found.id));
        let author = Address::parse(typed.from.trim()).ok();
        let author = author.and_then(|author| directory.resolve(&author).map(|found| found.id));
        let is_shared = |id: &domain::RecipientId| {
            let kind = directory.recipient(*id).map(|found| found.kind);
            matches!(kind, Some(RecipientKind::Group | RecipientKind::SharedMailbox))
        };
        let teams = [author, answered].into_iter().flatten().filter_map(of);
        teams.into_iter().find(is_shared)
    };
    let Some(team) = team else { return Ok(None) };
    match web.app.desk_of(signed.person.id, team, signed.visit.now).await {
        Ok(place) => Ok(Some(place)),
        Err(MailboxError::Unavailable(failure)) => Err(failure.into()),
        // Who may send need not read.
        Err(_) => Ok(None),
    }
}

/// The text with another one put in before what is quoted.
pub(super) fn with_words(body: &str, words: &str) -> String {
    let body = body.replace("\r\n", "\n");
    if body.trim().is_empty() {
        return words.to_owned();
    }
    // What an answer begins with stands above an empty line and the quoted text.
    match body.split_once("\n\n") {
        Some((typed, quoted)) if typed.trim().is_empty() => format!("{words}\n\n{quoted}"),
        Some((typed, quoted)) if quoted.contains("\n> ") => {
            format!("{typed}\n{words}\n\n{quoted}")
        }
        _ => format!("{}\n\n{words}", body.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::with_words;

    #[test]
    fn a_text_is_put_in_before_what_is_quoted() {
        let quoted = "\n\nOn Monday, Zoe wrote:\n> Hello\n";
        assert_eq!(with_words(quoted, "W"), "W\n\nOn Monday, Zoe wrote:\n> Hello\n");
        let begun = "Hi\r\n\r\nOn Monday, Zoe wrote:\r\n> Hello\r\n";
        assert_eq!(with_words(begun, "W"), "Hi\nW\n\nOn Monday, Zoe wrote:\n> Hello\n");
        assert_eq!(with_words("", "W"), "W");
        assert_eq!(with_words("One.\n\nTwo.", "W"), "One.\n\nTwo.\n\nW");
    }
}
