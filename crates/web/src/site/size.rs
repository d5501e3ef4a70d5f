//! Sizes as pages write them: `1.5 GB`, `1,5 Go`. A unit has 1,024 of the smaller one, as in
//! quotas.

use super::texts::Language;

/// Units from the largest, with their size, in English and French.
const UNITS: [(u64, &str, &str); 5] = [
    (1 << 40, "TB", "To"),
    (1 << 30, "GB", "Go"),
    (1 << 20, "MB", "Mo"),
    (1 << 10, "KB", "Ko"),
    (1, "B", "o"),
];

/// A size with at most one decimal, cut and not rounded: 49.96 GB are not 50.
pub(crate) fn written(language: Language, bytes: u64) -> String {
    let unit = UNITS.into_iter().find(|(size, ..)| bytes >= *size).unwrap_or((1, "B", "o"));
    let (size, english, french) = unit;
    let tenths = u128::from(bytes % size) * 10 / u128::from(size);
    let (mark, name) = match language {
        Language::English => ('.', english),
        Language::French => (',', french),
    };
    let part = if tenths == 0 { String::new() } else { format!("{mark}{tenths}") };
    format!("{}{part}\u{a0}{name}", bytes / size)
}

#[cfg(test)]
mod tests {
    use super::super::texts::Language;
    use super::written;

    #[test]
    fn sizes_are_short_and_never_too_large() {
        let english = |bytes| written(Language::English, bytes);
        assert_eq!(english(0), "0\u{a0}B");
        assert_eq!(english(1023), "1023\u{a0}B");
        assert_eq!(english(1536), "1.5\u{a0}KB");
        assert_eq!(english(50 << 30), "50\u{a0}GB");
        assert_eq!(english((50 << 30) - 1), "49.9\u{a0}GB");
        assert_eq!(english(u64::MAX), "16777215.9\u{a0}TB");
        assert_eq!(written(Language::French, 3 << 29), "1,5\u{a0}Go");
    }
}
