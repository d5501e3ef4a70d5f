//! Tests of `text`.

use proptest::prelude::*;

use super::*;

#[test]
fn timestamps_are_written_as_exchange_does() {
    assert_eq!(timestamp(Timestamp(0)), "1970-01-01T00:00:00.0000000Z");
    assert_eq!(timestamp(Timestamp(1_656_525_423_007)), "2022-06-29T17:57:03.0070000Z");
    assert_eq!(timestamp(Timestamp(i64::MAX)), "9999-12-31T23:59:59.9990000Z");
    assert_eq!(timestamp(Timestamp(i64::MIN)), "0001-01-01T00:00:00.0000000Z");
}

#[test]
fn timestamps_are_read_in_iso_forms() {
    let check = |text: &str, expected: Option<i64>| {
        assert_eq!(parse_timestamp(text), expected.map(Timestamp), "{text}");
    };
    check("1970-01-02", Some(86_400_000));
    check("1970-01-01T01:00", Some(3_600_000));
    check("1970-01-01 00:00:01.5", Some(1500));
    check("1970-01-01T00:00:01Z", Some(1000));
    check("1970-01-01T01:00:00+01:00", Some(0));
    check("1970-01-01T00:00:00.0010000Z", Some(1));
    check("", None);
    check("tomorrow", None);
    check("1970-13-01", None);
    check("01/02/1970", None);
}

#[test]
fn guids_are_told_from_other_texts() {
    assert!(is_guid("0a1b2c3d-0000-4000-8000-00000000000f"));
    assert!(!is_guid("0A1B2C3D-0000-4000-8000-00000000000F"));
    assert!(!is_guid("0a1b2c3d00004000800000000000000f"));
    assert!(!is_guid(""));
}

#[test]
fn nearest_names_are_near() {
    let known = ["Identity", "Trustee", "Reason", "Until"];
    let nearest_to = |name: &str| nearest(name, known.into_iter());
    assert_eq!(nearest_to("Trusty"), ["Trustee"]);
    assert_eq!(nearest_to("identity"), ["Identity"]);
    assert_eq!(nearest_to("Members"), Vec::<&str>::new());
}

#[test]
fn common_parameters_are_known_in_any_case() {
    assert!(is_common_parameter("erroraction"));
    assert!(!is_common_parameter("Identity"));
}

proptest! {
    #[test]
    fn timestamps_survive_a_round_trip(millis in -62_135_596_800_000_i64..253_402_300_799_999) {
        prop_assert_eq!(parse_timestamp(&timestamp(Timestamp(millis))), Some(Timestamp(millis)));
    }

    #[test]
    fn distance_is_symmetric(left in "[a-z]{0,8}", right in "[a-z]{0,8}") {
        prop_assert_eq!(distance(&left, &right), distance(&right, &left));
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,40}") {
        let _ = parse_timestamp(&text);
    }
}

#[test]
fn sids_are_made_as_entra_id_makes_them() {
    // A pair seen in practice: an object's GUID and its SID on a machine that joined.
    assert_eq!(
        sid("73d664e4-0886-4a73-b745-c694da45ddb4"),
        "S-1-12-1-1943430372-1249052806-2496021943-3034400218"
    );
    assert_eq!(sid("no guid"), "");
}

#[test]
fn local_times_carry_their_offset() {
    let text = local_timestamp(Timestamp(1_790_000_000_000));
    assert_eq!(text, "2026-09-21T14:13:20.0000000+00:00");
    assert_eq!(parse_timestamp(&text), Some(Timestamp(1_790_000_000_000)));
}
