//! How full a mailbox is, and whether it takes a licence in Exchange Online.

use app::command::{Command, RecipientChanges};
use app::mailbox::quota::QuotaUse;
use domain::{LICENCE_FREE_BYTES, Licence, Recipient};

use crate::admin::size;
use crate::site::error::Problem;
use crate::site::size::written;
use crate::site::texts::Texts;

/// Hundredths of the room from which on a page warns.
const NEARLY_FULL_PERCENT: u64 = 80;

/// The room of a mailbox, as a meter with words beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Room {
    /// What is used, of how much.
    pub(crate) used: String,
    pub(crate) messages: i64,
    /// Hundredths of the limit; none without one.
    pub(crate) percent: Option<u64>,
    /// What to say where it is full or nearly so.
    pub(crate) warning: Option<String>,
    /// Hundredths of what is free without a licence, for what is no person's.
    pub(crate) free_percent: Option<u64>,
    pub(crate) licence: String,
    pub(crate) licence_tone: &'static str,
}

impl Room {
    pub(crate) fn of(texts: &Texts, mailbox: &Recipient, quota: &QuotaUse) -> Room {
        let used = u64::try_from(quota.used.size_bytes).unwrap_or_default();
        let shown = |bytes| written(texts.language, bytes);
        let percent = quota.limit_bytes.map(|limit| hundredths(used, limit));
        let warning = percent.and_then(|percent| match percent {
            100.. => Some(texts.t("room-full")),
            NEARLY_FULL_PERCENT.. => Some(texts.t("room-nearly-full")),
            _ => None,
        });
        let licence = Licence::of(mailbox.kind, &mailbox.settings, used);
        let free = shown(LICENCE_FREE_BYTES);
        let (licence_text, licence_tone) = match licence {
            Licence::OfPerson => (texts.t("licence-person"), ""),
            Licence::Free => (texts.t1("licence-free", "free", &free), "good"),
            Licence::FreeUntilItGrows => (texts.t1("licence-grows", "free", &free), "warn"),
            Licence::Owed => (texts.t1("licence-owed", "free", &free), "bad"),
            Licence::NoMailbox => (String::new(), ""),
        };
        let is_of_person = matches!(licence, Licence::OfPerson | Licence::NoMailbox);
        Room {
            used: match quota.limit_bytes {
                Some(limit) => {
                    texts.t2("room-of", &("used", shown(used)), &("limit", shown(limit)))
                }
                None => texts.t1("room-unlimited", "used", shown(used)),
            },
            messages: quota.used.messages,
            percent,
            warning,
            free_percent: (!is_of_person).then(|| hundredths(used, LICENCE_FREE_BYTES)),
            licence: licence_text,
            licence_tone,
        }
    }
}

/// A quota as a form's field has it.
pub(super) fn field(bytes: u64) -> String {
    let sizes = [(1 << 40, "TB"), (1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")];
    let whole = sizes.into_iter().find(|(size, _)| bytes >= *size && bytes.is_multiple_of(*size));
    whole.map_or_else(|| bytes.to_string(), |(size, unit)| format!("{} {unit}", bytes / size))
}

/// The command that sets a quota: a size such as `50 GB`, or nothing for no limit.
pub(super) fn command(texts: &Texts, mailbox: &Recipient, typed: &str) -> Result<Command, Problem> {
    let quota = match typed.trim() {
        "" => None,
        typed => size::read(typed)
            .ok_or_else(|| Problem::Invalid(texts.t1("room-bad-quota", "typed", typed)))?,
    };
    let changes = RecipientChanges { quota_bytes: Some(quota), ..RecipientChanges::default() };
    Ok(Command::Set { identity: mailbox.guid.clone(), changes: Box::new(changes) })
}

/// Full hundredths; what is empty and has no room counts as full.
fn hundredths(used: u64, limit: u64) -> u64 {
    let percent = u128::from(used) * 100 / u128::from(limit.max(1));
    if limit == 0 { 100 } else { u64::try_from(percent).unwrap_or(u64::MAX) }
}

#[cfg(test)]
mod tests {
    use super::{field, hundredths};

    #[test]
    fn a_hundredth_counts_when_it_is_full() {
        assert_eq!(hundredths(0, 50), 0);
        assert_eq!(hundredths(49, 50), 98);
        assert_eq!(hundredths(50, 50), 100);
        assert_eq!(hundredths(51, 50), 102);
        assert_eq!(hundredths(0, 0), 100);
        assert_eq!(hundredths(u64::MAX, 1), u64::MAX);
    }

    #[test]
    fn a_quota_in_its_field_reads_back() {
        for (bytes, written) in
            [(50 << 30, "50 GB"), (3 << 29, "1536 MB"), (1001, "1001"), (0, "0")]
        {
            assert_eq!(field(bytes), written);
            assert_eq!(crate::admin::size::read(written), Some(Some(bytes)));
        }
    }
}
