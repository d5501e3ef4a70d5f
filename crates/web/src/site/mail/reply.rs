//! Answering and forwarding: to whom, under which subject, with what quoted.
//!
//! An answer never goes to where it comes from: not to the person, not to the team whose mail is
//! answered or that the person may write for, nor to its channels.

use domain::gate;
use domain::{Directory, RecipientId};
use mail::envelope::{Envelope, EnvelopeAddress};
use mail::mime::Part;
use mail::raw_field::split_header;
use mail::{Address, Domain};

use super::super::error::Problem;
use super::super::frame::Frame;
use super::super::visit::Signed;
use super::draft::{Typed, owners_of, typed};
use super::parts::Shown;
use super::picker::default_from;
use super::read::message_of;
use super::{Correspondent, folder_of};
use crate::Web;

/// Octets of text that an answer quotes.
const QUOTED_OCTETS_MAX: usize = 64 * 1024;

/// What is done with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// To its author.
    Author,
    /// To its author and everybody whom it went to.
    Everybody,
    /// To somebody else.
    Forward,
}

/// The form that answers a message.
pub(super) async fn prepare(
    web: &Web,
    signed: &Signed,
    frame: &Frame,
    (folder_id, uid): (i64, i64),
    answer: Answer,
) -> Result<Typed, Problem> {
    let (folder, _) = folder_of(web, signed, folder_id).await?;
    let (row, content) = message_of(web, signed, folder_id, uid).await?;
    let envelope = Envelope::read(&content[..split_header(&content).0]);
    let message = Part::read(&content);
    let shown = Shown::of(&message);
    let text = shown.text.or(shown.html);
    let text = text.and_then(|part| mail::text::part_text(&content, part, QUOTED_OCTETS_MAX));
    let text = text.unwrap_or_default();
    let directory = web.app.directory();
    let mailboxes = owners_of(&directory, &folder);
    let came_to: Vec<Address> =
        envelope.to.iter().chain(&envelope.cc).filter_map(address_of).collect();
    let from = default_from(&directory, signed, &came_to, &mailboxes);
    let at = super::super::time::minute(row.internal_at);
    let subject = envelope.subject.as_deref().map(mail::text::decode_words);
    let subject = super::plain(&subject.unwrap_or_default());
    if answer == Answer::Forward {
        return Ok(Typed {
            from,
            subject: prefixed("Fwd:", &["fwd:", "fw:", "tr:"], &subject),
            body: forwarded(frame, &envelope, &subject, &at, &text),
            forwards: Some((folder_id, uid)),
            keep: shown.attached.into_iter().map(|one| one.section).collect(),
            ..Typed::default()
        });
    }
    let ours = Ours::new(&directory, signed, &mailboxes);
    let (to, cc) = addressees(&envelope, answer, &ours);
    Ok(Typed {
        from,
        to: joined(&to),
        cc: joined(&cc),
        subject: prefixed("Re:", &["re:", "rép:", "aw:"], &subject),
        body: quoted(frame, &envelope, &at, &text),
        answers: Some((folder_id, uid)),
        began_at: Some(signed.visit.now.0),
        ..Typed::default()
    })
}

/// The mailboxes that answers do not go to.
struct Ours<'a> {
    directory: &'a Directory,
    ids: Vec<RecipientId>,
}

impl<'a> Ours<'a> {
    fn new(directory: &'a Directory, signed: &Signed, mailboxes: &[RecipientId]) -> Ours<'a> {
        let mut ids = mailboxes.to_vec();
        let written_for = gate::identities(directory, signed.person.id, signed.visit.now);
        ids.extend(written_for.iter().map(|identity| identity.recipient));
        Ours { directory, ids }
    }

    fn has(&self, found: &EnvelopeAddress) -> bool {
        let holder = address_of(found);
        let holder = holder.and_then(|address| self.directory.resolve(&address));
        holder.is_some_and(|holder| {
            self.ids.contains(&holder.id)
                || holder.team.is_some_and(|team| self.ids.contains(&team))
        })
    }

    fn others(&self, list: &[EnvelopeAddress]) -> Vec<EnvelopeAddress> {
        let is_mailbox = |one: &&EnvelopeAddress| matches!(one, EnvelopeAddress::Mailbox { .. });
        list.iter().filter(is_mailbox).filter(|one| !self.has(one)).cloned().collect()
    }
}

/// To and Cc of an answer (RFC 5322 §3.6.3): to Reply-To or the author. Who answers what was
/// written here means those whom it went to.
fn addressees(
    envelope: &Envelope,
    answer: Answer,
    ours: &Ours<'_>,
) -> (Vec<EnvelopeAddress>, Vec<EnvelopeAddress>) {
    let mut to = ours.others(&envelope.reply_to);
    if to.is_empty() {
        to = ours.others(&envelope.from);
    }
    let is_ours = to.is_empty();
    if is_ours {
        to = ours.others(&envelope.to);
    }
    let mut cc = Vec::new();
    if answer == Answer::Everybody {
        let further: &[&[EnvelopeAddress]] =
            if is_ours { &[&envelope.cc] } else { &[&envelope.to, &envelope.cc] };
        for list in further {
            for one in ours.others(list) {
                let key = |of: &EnvelopeAddress| address_of(of).map(|address| address.key());
                let same = |other: &EnvelopeAddress| key(other) == key(&one);
                if !to.iter().chain(&cc).any(same) {
                    cc.push(one);
                }
            }
        }
    }
    (to, cc)
}

fn address_of(found: &EnvelopeAddress) -> Option<Address> {
    let EnvelopeAddress::Mailbox { local, domain, .. } = found else { return None };
    Address::new(local, Domain::parse(domain).ok()?).ok()
}

fn joined(list: &[EnvelopeAddress]) -> String {
    let written: Vec<String> = Correspondent::all(list).iter().map(typed).collect();
    written.join(", ")
}

/// The subject with a prefix, unless it has one.
fn prefixed(prefix: &str, known: &[&str], subject: &str) -> String {
    let lower = subject.to_lowercase();
    let has_one = known.iter().any(|known| lower.starts_with(known));
    if has_one { subject.to_owned() } else { format!("{prefix} {subject}") }
}

fn quoted(frame: &Frame, envelope: &Envelope, at: &str, text: &str) -> String {
    let author = Correspondent::all(&envelope.from);
    let author = author.first().map(Correspondent::short).unwrap_or_default();
    let intro = frame.texts.t2("reply-intro", &("date", at), &("name", author));
    let mut out = format!("\n\n{intro}\n");
    for line in text.trim_end().lines() {
        let sign = if line.starts_with('>') { ">" } else { "> " };
        out.push_str(&format!("{sign}{line}\n"));
    }
    out
}

fn forwarded(frame: &Frame, envelope: &Envelope, subject: &str, at: &str, text: &str) -> String {
    let lines = [
        (frame.t("mail-from"), joined(&envelope.from)),
        (frame.t("mail-to"), joined(&envelope.to)),
        (frame.t("mail-date"), format!("{at} UTC")),
        (frame.t("mail-subject"), subject.to_owned()),
    ];
    let mut out = format!("\n\n{}\n", frame.t("forward-intro"));
    for (name, value) in lines {
        out.push_str(&format!("{name}: {value}\n"));
    }
    out.push_str(&format!("\n{}\n", text.trim_end()));
    out
}

#[cfg(test)]
mod tests {
    use super::prefixed;

    #[test]
    fn a_subject_has_one_prefix() {
        assert_eq!(prefixed("Re:", &["re:"], "Hello"), "Re: Hello");
        assert_eq!(prefixed("Re:", &["re:"], "RE: Hello"), "RE: Hello");
        assert_eq!(prefixed("Fwd:", &["fwd:", "tr:"], "TR: Bonjour"), "TR: Bonjour");
    }
}
