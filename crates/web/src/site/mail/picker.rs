//! The choice of the address to write from: each with what recipients will see, where the copy is
//! kept and whose name is recorded; those that the person may not use with the reason.

use app::mailbox::rights;
use app::read::identities::{self, IdentityRow};
use domain::gate::{self, SendRequest};
use domain::{Directory, Recipient, Refusal, SendMode};
use mail::Address;

use super::super::frame::Frame;
use super::super::time;
use super::super::visit::Signed;
use crate::Web;

/// An address that may be used.
pub(super) struct Choice {
    pub(super) address: String,
    pub(super) name: String,
    pub(super) is_chosen: bool,
    /// What recipients see.
    pub(super) sees: String,
    /// Where copies are kept.
    pub(super) copy: String,
    /// Whose name is recorded.
    pub(super) recorded: String,
    pub(super) until: Option<String>,
}

/// An address that may not.
pub(super) struct Refused {
    pub(super) address: String,
    pub(super) name: String,
    pub(super) reason: String,
    /// Whether an owner can change it.
    pub(super) can_ask: bool,
}

/// The choice.
pub(super) struct Picker {
    pub(super) choices: Vec<Choice>,
    pub(super) refused: Vec<Refused>,
}

/// Refused addresses that are shown without being opened.
const REFUSED_OPEN_MAX: usize = 3;

impl Picker {
    /// Whether somebody can be asked for one of them.
    pub(super) fn may_ask(&self) -> bool {
        self.refused.iter().any(|one| one.can_ask)
    }

    /// Whether the refused addresses are few enough to be seen at once.
    pub(super) fn shows_refused(&self) -> bool {
        self.refused.len() <= REFUSED_OPEN_MAX
    }

    /// Reads what the person may use now. `chosen` is the address that the draft has.
    pub(super) fn read(web: &Web, signed: &Signed, frame: &Frame, chosen: &str) -> Picker {
        let now = signed.visit.now;
        let directory = web.app.directory();
        let Some(me) = directory.recipient(signed.person.id) else {
            return Picker { choices: Vec::new(), refused: Vec::new() };
        };
        let rows = identities::identities(&directory, me, now);
        let mut choices: Vec<Choice> =
            rows.into_iter().map(|row| choice(&directory, frame, me, row, chosen)).collect();
        if choices.iter().all(|one| !one.is_chosen) && !chosen.is_empty() {
            // The draft keeps its author until the person chooses another, or is granted this one.
            choices.push(unusable(frame, chosen));
        }
        let refused = rights::reached_by(&directory, me.id, now)
            .into_iter()
            // A channel is written for from its team.
            .filter(|reached| !reached.may_post && reached.mailbox.team.is_none())
            .filter(|reached| reached.mailbox.id != me.id)
            .filter_map(|reached| {
                let author = reached.mailbox.primary();
                let request = SendRequest { actor: me.id, author, now };
                let refusal = gate::decide(&directory, &request).err()?;
                Some(refused(frame, reached.mailbox, refusal))
            })
            .collect();
        Picker { choices, refused }
    }
}

fn choice(
    directory: &Directory,
    frame: &Frame,
    me: &Recipient,
    row: IdentityRow,
    chosen: &str,
) -> Choice {
    let address = row.address.to_string();
    let from = &row.writes.from;
    let sees = match row.mode {
        SendMode::Own => frame.texts.t1("picker-sees", "from", from),
        SendMode::SendAs => frame.texts.t1("picker-sees-as", "from", from),
        SendMode::SendOnBehalf => {
            frame.texts.t2("picker-sees-on-behalf", &("person", &me.display_name), &("from", from))
        }
    };
    let copies_to_person = directory
        .resolve(&row.address)
        .is_none_or(|found| found.settings.copies_sent_mail_to_person);
    let copy = match (row.mode, copies_to_person) {
        (SendMode::Own, _) => frame.t("picker-copy-own"),
        (_, true) => frame.texts.t1("picker-copy-both", "name", &row.display_name),
        (_, false) => frame.texts.t1("picker-copy", "name", &row.display_name),
    };
    Choice {
        is_chosen: address.eq_ignore_ascii_case(chosen),
        address,
        name: row.display_name,
        sees,
        copy,
        recorded: frame.texts.t1("picker-recorded", "person", &me.display_name),
        until: row.until_at.map(time::minute),
    }
}

fn unusable(frame: &Frame, address: &str) -> Choice {
    Choice {
        address: address.to_owned(),
        name: String::new(),
        is_chosen: true,
        sees: frame.t("refusal-other"),
        copy: String::new(),
        recorded: String::new(),
        until: None,
    }
}

fn refused(frame: &Frame, mailbox: &Recipient, refusal: Refusal) -> Refused {
    let (reason, can_ask) = match refusal {
        Refusal::NoRight(_) => (frame.t("refusal-no-right"), true),
        Refusal::RightEnded(..) => (frame.t("refusal-right-ended"), true),
        Refusal::ReceiveOnly(_) => (frame.t("refusal-receive-only"), false),
        Refusal::UnknownActor
        | Refusal::AccountDisabled
        | Refusal::AuthorElsewhere
        | Refusal::AuthorUnknown
        | Refusal::AuthorIsContact(_) => (frame.t("refusal-other"), false),
    };
    Refused {
        address: mailbox.primary().to_string(),
        name: mailbox.display_name.clone(),
        reason,
        can_ask,
    }
}

/// The address to begin with: the one that the answered mail came to, if the person may use it;
/// else that of the folder's mailbox or team; else the person's own.
pub(super) fn default_from(
    directory: &Directory,
    signed: &Signed,
    came_to: &[Address],
    mailboxes: &[domain::RecipientId],
) -> String {
    let own = || signed.person.address.clone();
    let Some(me) = directory.recipient(signed.person.id) else { return own() };
    let rows = identities::identities(directory, me, signed.visit.now);
    let is_of_folder = |row: &&IdentityRow| {
        directory.resolve(&row.address).is_some_and(|found| mailboxes.contains(&found.id))
    };
    let came = |row: &&IdentityRow| came_to.contains(&row.address);
    let found = rows
        .iter()
        .filter(is_of_folder)
        .find(came)
        .or_else(|| rows.iter().find(came))
        .or_else(|| rows.iter().filter(is_of_folder).find(|row| row.is_primary));
    found.map_or_else(own, |row| row.address.to_string())
}
