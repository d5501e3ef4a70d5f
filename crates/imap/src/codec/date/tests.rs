//! Dates as the RFCs write them, and the edges of the calendar.

use proptest::prelude::*;

use super::*;

#[test]
fn dates_of_one_and_two_digits_are_read() {
    let day = |text: &str| Date::read(text.as_bytes()).map(|date| date.day_number);
    assert_eq!(day("1-Jan-1970"), Some(0));
    assert_eq!(day("01-jan-1970"), Some(0));
    assert_eq!(day("31-DEC-1969"), Some(-1));
    assert_eq!(day("1-Feb-1994"), Some(8_797));
    assert_eq!(day("29-Feb-2000"), Some(11_016));
    for wrong in [
        "",
        "1-Feb",
        "-Feb-1994",
        "001-Feb-1994",
        "1-Feb-94",
        "1-Fev-1994",
        "30-Feb-1994",
        "29-Feb-1900",
        "0-Jan-2000",
        "1 Feb 1994",
        "1-Feb-19 4",
        " 1-Feb-1994",
        "1-Feb-1994 ",
        "\"1-Feb-1994\"",
        "1-Febr-1994",
        "+1-Feb-1994",
    ] {
        assert_eq!(day(wrong), None, "{wrong}");
    }
}

#[test]
fn date_times_apply_their_zone() {
    let read = |text: &str| read_date_time(text.as_bytes());
    assert_eq!(read(" 1-Jan-1970 00:00:00 +0000"), Some(0));
    assert_eq!(read("01-Jan-1970 00:00:00 -0000"), Some(0));
    // The examples of RFC 9051 §6.3.12 and §7.5.2.
    assert_eq!(read("17-Jul-1996 02:44:25 -0700"), Some(837_596_665_000));
    assert_eq!(read("17-Jul-1996 09:44:25 +0000"), Some(837_596_665_000));
    assert_eq!(read("17-Jul-1996 15:14:25 +0530"), Some(837_596_665_000));
    assert_eq!(read("31-Dec-2016 23:59:60 +0000"), read("31-Dec-2016 23:59:59 +0000"));
    for wrong in [
        "",
        "1-Jan-1970 00:00:00 +0000",
        "17-Jul-1996 02:44:25",
        "17-Jul-1996 02:44:25 0700",
        "17-Jul-1996 24:00:00 +0000",
        "17-Jul-1996 02:60:25 +0000",
        "17-Jul-1996 02:44:61 +0000",
        "17-Jul-1996 02:44:25 +2400",
        "17-Jul-1996 02:44:25 +0060",
        "31-Jun-1996 02:44:25 +0000",
        "17-Jul-1996 02:44:25 -0700 ",
        "17-Jul-1996  2:44:25 -0700",
        "  -Jul-1996 02:44:25 -0700",
    ] {
        assert_eq!(read(wrong), None, "{wrong}");
    }
}

#[test]
fn date_times_are_written_in_utc() {
    assert_eq!(write_date_time(837_596_665_999), "17-Jul-1996 09:44:25 +0000");
    assert_eq!(write_date_time(0), " 1-Jan-1970 00:00:00 +0000");
    assert_eq!(write_date_time(i64::MIN), " 1-Jan-0000 00:00:00 +0000");
    assert_eq!(write_date_time(i64::MAX), "31-Dec-9999 23:59:59 +0000");
}

#[test]
fn instants_have_a_day() {
    let day = |at_ms| Date::of_instant(at_ms).day_number;
    assert_eq!((day(-1), day(0), day(DAY_MS - 1), day(DAY_MS)), (-1, 0, 0, 1));
    assert_eq!((day(i64::MIN), day(i64::MAX)), (i32::MIN, i32::MAX));
    assert_eq!(Date { day_number: 2 }.starts_at_ms(), 2 * DAY_MS);
}

proptest! {
    #[test]
    fn what_is_written_is_read(at_s in -62_167_219_200_i64..=253_402_300_799) {
        let text = write_date_time(at_s * 1000);
        prop_assert_eq!(text.len(), 26);
        prop_assert_eq!(read_date_time(text.as_bytes()), Some(at_s * 1000));
        let date = Date::read(text[..11].trim_start().as_bytes());
        prop_assert_eq!(date, Some(Date::of_instant(at_s * 1000)));
    }

    #[test]
    fn never_panics(text in proptest::collection::vec(any::<u8>(), 0..40)) {
        let _ = read_date_time(&text);
        let _ = Date::read(&text);
    }
}
