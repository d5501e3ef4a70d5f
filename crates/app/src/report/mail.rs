//! The monthly report by mail: the whole of it to auditors, and to each owner of groups what
//! concerns them.
//!
//! Each mail is committed in one set with the mark that it was sent for this month, so nobody gets
//! it twice, whatever crashes and however many processes look. It comes from the postmaster with
//! the null reverse-path, as all mail of the server itself does.

use std::collections::{BTreeMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use domain::{AccountRole, Directory, MemberRole, RecipientId, ReportSchedule, Timestamp};
use mail::Address;
use store::{CommitError, WriteSet};

use super::texts::{self, texts};
use super::{Format, ReportError, ReportOrder, Summary, UNUSED_DAYS_DEFAULT};
use crate::App;
use crate::dates::month;
use crate::system_mail::{SystemRoute, Written};

/// Rights to send of which a report is still attached to a mail.
pub const ATTACHED_RIGHTS_MAX: u64 = 10_000;
/// Characters of Base64 on a line (RFC 2045 §6.8).
const BASE64_LINE: usize = 76;

/// Who gets a report about what; `None` for the whole organisation.
type Readers = BTreeMap<RecipientId, Option<HashSet<RecipientId>>>;

/// A report that is ready to be sent.
struct Prepared {
    order: ReportOrder,
    summary: Summary,
    /// HTML and CSV; none where they would be too long.
    attached: Option<(String, String)>,
}

impl App {
    /// Sends the report of this month to everybody who did not get it yet; gives how many were
    /// sent. Does nothing while the organisation does not want it.
    pub async fn send_due_reports(&self, now: Timestamp) -> Result<usize, ReportError> {
        if self.directory().organization().report_schedule == ReportSchedule::Never {
            return Ok(0);
        }
        let period = month(now);
        let done: HashSet<RecipientId> =
            store::right_use::reported(&self.store, &period).await?.into_iter().collect();
        let readers = readers(&self.directory());
        let mut whole: Option<Prepared> = None;
        let mut sent = 0;
        for (reader, recipients) in readers.into_iter().filter(|(id, _)| !done.contains(id)) {
            let is_sent = match recipients {
                Some(recipients) => {
                    let prepared = self.prepare(Some(recipients), now).await?;
                    self.send_report_mail(reader, &prepared, &period, now).await?
                }
                None => {
                    if whole.is_none() {
                        whole = Some(self.prepare(None, now).await?);
                    }
                    match &whole {
                        Some(prepared) => {
                            self.send_report_mail(reader, prepared, &period, now).await?
                        }
                        None => false,
                    }
                }
            };
            sent += usize::from(is_sent);
        }
        Ok(sent)
    }

    async fn prepare(
        &self,
        recipients: Option<HashSet<RecipientId>>,
        now: Timestamp,
    ) -> Result<Prepared, ReportError> {
        let language = self.directory().organization().language;
        let unused_days = UNUSED_DAYS_DEFAULT;
        let mut order = ReportOrder { format: Format::Html, language, unused_days, recipients };
        let rights = super::rows::count(&self.directory(), order.recipients.as_ref());
        let html = self.report_unless_long(&order, rights, now).await?;
        order.format = Format::Csv;
        let csv = self.report_unless_long(&order, rights, now).await?;
        let summary = Summary { rights, ..html.as_ref().map(|part| part.1).unwrap_or_default() };
        let attached = html.zip(csv).map(|((html, _), (csv, _))| (html, csv));
        Ok(Prepared { order, summary, attached })
    }

    async fn report_unless_long(
        &self,
        order: &ReportOrder,
        rights: u64,
        now: Timestamp,
    ) -> Result<Option<(String, Summary)>, ReportError> {
        if rights > ATTACHED_RIGHTS_MAX {
            return Ok(None);
        }
        let whole = self.report(order, now).await?;
        Ok(Some((whole.text, whole.summary)))
    }

    /// Sends one mail; false where it was sent already or there is nobody to send it to. The
    /// directory may change while it is made: then the next run sends it.
    async fn send_report_mail(
        &self,
        reader: RecipientId,
        prepared: &Prepared,
        period: &str,
        now: Timestamp,
    ) -> Result<bool, ReportError> {
        let Some(route) = self.route_to(reader) else { return Ok(false) };
        let subject = format!("{} – {period}", texts(prepared.order.language).title);
        let mut set = WriteSet::new();
        store::right_use::mark_report(&mut set, reader, period, now);
        let written = |message_id: &str| {
            let (from, to) = (&route.from, &route.to[0]);
            let content = write(&Head { from, to, subject: &subject, message_id, now }, prepared);
            Written { subject: subject.clone(), content }
        };
        self.put_system_mail(&mut set, &route, now, written).await?;
        match self.store.commit(set).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict(_)) => Ok(false),
            Err(CommitError::Failure(failure)) => Err(failure.into()),
        }
    }

    /// The way to a reader.
    fn route_to(&self, reader: RecipientId) -> Option<SystemRoute> {
        let directory = self.directory();
        let to = directory.recipient(reader)?.primary().clone();
        SystemRoute::find(&directory, vec![to])
    }
}

/// Auditors read everything, owners what they own. Disabled accounts get nothing.
fn readers(directory: &Directory) -> Readers {
    let mut readers = Readers::new();
    for recipient in directory.recipients() {
        let is_auditor = recipient
            .account
            .as_ref()
            .is_some_and(|account| !account.is_disabled && account.role == AccountRole::Auditor);
        if is_auditor {
            readers.insert(recipient.id, None);
        }
    }
    for group in directory.recipients() {
        let owners = directory.members_of(group.id).iter();
        for owner in owners.filter(|of| of.role == MemberRole::Owner) {
            let account = directory.recipient(owner.member).and_then(|of| of.account.as_ref());
            if account.is_none_or(|account| account.is_disabled) {
                continue;
            }
            let owned = readers.entry(owner.member).or_insert_with(|| Some(HashSet::new()));
            if let Some(owned) = owned {
                owned.insert(group.id);
            }
        }
    }
    readers
}

/// The fields of a mail.
struct Head<'a> {
    from: &'a Address,
    to: &'a Address,
    subject: &'a str,
    message_id: &'a str,
    now: Timestamp,
}

/// Writes the mail: sentences, and the report as a page and as a table (RFC 2046 §5.1.3).
fn write(head: &Head<'_>, prepared: &Prepared) -> Bytes {
    let boundary = format!("=_report_{:x}", head.now.0);
    let mut text = format!(
        "Date: {}\r\nFrom: {}\r\nTo: {}\r\nSubject: {}\r\nMessage-ID: {}\r\n\
         Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n",
        mail::rfc5322_date(head.now.0),
        head.from,
        head.to,
        encoded_words(head.subject),
        head.message_id,
    );
    part(&mut text, &boundary, ("text/plain; charset=utf-8", None), &sentences(prepared));
    if let Some((html, csv)) = &prepared.attached {
        let (html_name, csv_name) = ("send-as-report.html", "send-as-report.csv");
        part(&mut text, &boundary, ("text/html; charset=utf-8", Some(html_name)), html);
        part(
            &mut text,
            &boundary,
            ("text/csv; charset=utf-8; header=present", Some(csv_name)),
            csv,
        );
    }
    text.push_str(&format!("--{boundary}--\r\n"));
    Bytes::from(text)
}

fn sentences(prepared: &Prepared) -> String {
    let said = texts(prepared.order.language);
    let about = if prepared.order.recipients.is_some() { said.own } else { said.whole };
    let mut text = format!("{}\r\n\r\n{about}\r\n\r\n", said.greeting);
    if prepared.attached.is_some() {
        text.push_str(&texts::summary(&prepared.order, &prepared.summary));
    } else {
        let tag = prepared.order.language.tag();
        text.push_str(&format!(
            "{}\r\n  guichet report send-as --format html --lang {tag} > report.html",
            said.too_long
        ));
    }
    text.push_str(&format!(
        "\r\n\r\n{}\r\n  guichet revoke send-as RECIPIENT HOLDER --reason TEXT\r\n\r\n{}\r\n",
        said.how_to_revoke, said.accuracy
    ));
    text
}

/// Adds a part in Base64, which keeps every octet and every line end.
pub(crate) fn part(
    text: &mut String,
    boundary: &str,
    (kind, file): (&str, Option<&str>),
    content: &str,
) {
    text.push_str(&format!("--{boundary}\r\nContent-Type: {kind}\r\n"));
    if let Some(file) = file {
        text.push_str(&format!("Content-Disposition: attachment; filename=\"{file}\"\r\n"));
    }
    text.push_str("Content-Transfer-Encoding: base64\r\n\r\n");
    let encoded = BASE64.encode(content);
    for line in encoded.as_bytes().chunks(BASE64_LINE) {
        text.push_str(std::str::from_utf8(line).expect("Base64 is ASCII"));
        text.push_str("\r\n");
    }
}

/// A subject as encoded words (RFC 2047 §2), split so that no word is longer than 75 octets.
pub(crate) fn encoded_words(subject: &str) -> String {
    if subject.is_ascii() {
        return subject.to_owned();
    }
    /// Octets that fit into one word beside its frame.
    const WORD_OCTETS: usize = 42;
    let mut words: Vec<String> = vec![String::new()];
    for letter in subject.chars() {
        let last = words.last_mut().expect("there is always one");
        if last.len() + letter.len_utf8() > WORD_OCTETS {
            words.push(letter.to_string());
        } else {
            last.push(letter);
        }
    }
    let framed: Vec<String> =
        words.iter().map(|word| format!("=?utf-8?B?{}?=", BASE64.encode(word))).collect();
    framed.join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::encoded_words;

    #[test]
    fn subjects_are_words_that_every_program_reads() {
        assert_eq!(encoded_words("Rights"), "Rights");
        let long = encoded_words("Droits d’envoi au nom des équipes et des personnes – 2027-01");
        for word in long.split("\r\n ") {
            assert!(word.len() <= 75, "{word}");
        }
        let field = mail::decode_text(&long.replace("\r\n", ""));
        assert_eq!(field, "Droits d’envoi au nom des équipes et des personnes – 2027-01");
    }
}
