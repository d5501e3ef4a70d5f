//! Sizes as Exchange writes them: `50 GB (53,687,091,200 bytes)`, `Unlimited`.

use admin_protocol::failure::Failure;
use admin_protocol::parameters::Parameters;
use app::command::{RETENTION_DAYS_MAX, RecipientChanges};

/// Units and their size in bytes, the largest first.
const UNITS: [(&str, u64); 5] =
    [("TB", 1 << 40), ("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10), ("B", 1)];
/// The word for no limit.
const UNLIMITED: &str = "Unlimited";

/// Writes a size; none is unlimited.
pub(crate) fn write(bytes: Option<u64>) -> String {
    let Some(bytes) = bytes else { return UNLIMITED.to_owned() };
    let found = UNITS.iter().find(|(_, unit)| bytes >= *unit && bytes % (unit / 1024).max(1) == 0);
    let (name, unit) = found.copied().unwrap_or(("B", 1));
    let whole = bytes / unit;
    // Three digits are exact for all but odd sizes, of which the bytes behind tell the rest.
    let part = u128::from(bytes % unit) * 1000 / u128::from(unit);
    let digits = if part == 0 { String::new() } else { format!(".{part:03}") };
    let digits = digits.trim_end_matches('0');
    format!("{whole}{digits} {name} ({} bytes)", grouped(bytes))
}

/// Reads a size as people write it, and as [`write`] does.
pub(crate) fn read(text: &str) -> Option<Option<u64>> {
    let text = text.split('(').next().unwrap_or_default().trim();
    if text.eq_ignore_ascii_case(UNLIMITED) {
        return Some(None);
    }
    let number_end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(number_end);
    let unit = unit.trim();
    let bytes = match UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)) {
        Some((_, bytes)) => *bytes,
        None if unit.is_empty() => 1,
        None => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(bytes).map(Some)
}

/// The settings of a mailbox's room and readers, as far as a cmdlet sets them.
pub(crate) fn mailbox_changes(parameters: &Parameters) -> Result<RecipientChanges, Failure> {
    let days = parameters.integer("TrashRetentionDays")?;
    let days = days.map(|days| u32::try_from(days).unwrap_or(RETENTION_DAYS_MAX + 1));
    let quota = parameters.text("ProhibitSendReceiveQuota")?.map(|text| {
        let why = "a size such as 50GB, or Unlimited.";
        read(&text).ok_or_else(|| Failure::bad_parameter("ProhibitSendReceiveQuota", why))
    });
    Ok(RecipientChanges {
        seen_is_personal: parameters.boolean("PersonalReadStateEnabled")?,
        trash_retention_days: days,
        quota_bytes: quota.transpose()?,
        ..RecipientChanges::default()
    })
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_as_exchange_does() {
        assert_eq!(write(None), "Unlimited");
        assert_eq!(write(Some(50 << 30)), "50 GB (53,687,091,200 bytes)");
        assert_eq!(write(Some(3 << 29)), "1.5 GB (1,610,612,736 bytes)");
        assert_eq!(write(Some(1023)), "1023 B (1,023 bytes)");
        assert_eq!(write(Some(0)), "0 B (0 bytes)");
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        assert_eq!(read("50 GB"), Some(Some(50 << 30)));
        assert_eq!(read("50gb"), Some(Some(50 << 30)));
        assert_eq!(read("50 GB (53,687,091,200 bytes)"), Some(Some(50 << 30)));
        assert_eq!(read("1000"), Some(Some(1000)));
        assert_eq!(read("unlimited"), Some(None));
        for wrong in ["", "GB", "5 apples", "-1", "99999999999 TB"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
