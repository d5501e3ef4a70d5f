//! SEARCH, SORT, THREAD.

use super::*;
use crate::codec::{
    Date, Keyword, SEARCH_DEPTH_MAX, SEARCH_KEYS_MAX, SearchKey, SearchReturns, SortCriterion,
    SortKey, ThreadAlgorithm,
};

fn search(line: &str) -> Search {
    match parsed(line) {
        CommandBody::Search(search) => search,
        other => panic!("{line}: {other:?}"),
    }
}

fn key(text: &str) -> SearchKey {
    search(&format!("SEARCH {text}")).key
}

fn date(text: &str) -> Date {
    Date::read(text.as_bytes()).expect("a date")
}

#[test]
fn every_key_is_read() {
    use SearchKey as Key;
    let text = || "x y".to_owned();
    let keyword = || Keyword::new("$Work").expect("a keyword");
    for (written, expected) in [
        ("ALL", Key::All),
        ("ANSWERED", Key::Answered),
        ("BCC \"x y\"", Key::Bcc(text())),
        ("BEFORE 1-Feb-1994", Key::Before(date("1-Feb-1994"))),
        ("BODY {3}\r\nx y", Key::Body(text())),
        ("CC \"x y\"", Key::Cc(text())),
        ("DELETED", Key::Deleted),
        ("DRAFT", Key::Draft),
        ("FLAGGED", Key::Flagged),
        ("FROM \"x y\"", Key::From(text())),
        ("HEADER List-Id \"x y\"", Key::Header { name: "List-Id".to_owned(), value: text() }),
        ("HEADER Date \"\"", Key::Header { name: "Date".to_owned(), value: String::new() }),
        ("KEYWORD $Work", Key::Keyword(keyword())),
        ("LARGER 5000000000", Key::Larger(5_000_000_000)),
        ("NEW", Key::New),
        ("NOT SEEN", Key::Not(Box::new(Key::Seen))),
        ("OLD", Key::Old),
        ("ON \"1-Feb-1994\"", Key::On(date("1-Feb-1994"))),
        ("OR SEEN DRAFT", Key::Or(Box::new(Key::Seen), Box::new(Key::Draft))),
        ("RECENT", Key::Recent),
        ("SEEN", Key::Seen),
        ("SENTBEFORE 1-Feb-1994", Key::SentBefore(date("1-Feb-1994"))),
        ("SENTON 1-Feb-1994", Key::SentOn(date("1-Feb-1994"))),
        ("SENTSINCE 1-Feb-1994", Key::SentSince(date("1-Feb-1994"))),
        ("since 1-feb-1994", Key::Since(date("1-Feb-1994"))),
        ("SMALLER 7", Key::Smaller(7)),
        ("SUBJECT \"x y\"", Key::Subject(text())),
        ("TEXT \"x y\"", Key::Text(text())),
        ("TO \"x y\"", Key::To(text())),
        ("UID 5:*", Key::Uid(numbers("5:*"))),
        ("UID $", Key::Uid(MessageSet::Saved)),
        ("UNANSWERED", Key::Unanswered),
        ("UNDELETED", Key::Undeleted),
        ("UNDRAFT", Key::Undraft),
        ("UNFLAGGED", Key::Unflagged),
        ("UNKEYWORD $Work", Key::Unkeyword(keyword())),
        ("UNSEEN", Key::Unseen),
        ("2,4:7", Key::Messages(numbers("2,4:7"))),
        ("*", Key::Messages(numbers("*"))),
        ("$", Key::Messages(MessageSet::Saved)),
        ("(SEEN)", Key::Seen),
        ("(SEEN DRAFT)", Key::And(vec![Key::Seen, Key::Draft])),
        ("SEEN  ", Key::Seen),
        ("MODSEQ 620162338", Key::ModSeq(620_162_338)),
        ("MODSEQ \"/flags/\\\\draft\" all 620162338", Key::ModSeq(620_162_338)),
        ("OLDER 259200", Key::Older(259_200)),
        ("YOUNGER 259200", Key::Younger(259_200)),
        ("EMAILID M6d99ac3275bb4e", Key::EmailId("M6d99ac3275bb4e".to_owned())),
        ("THREADID T64b478a75b7ea9", Key::ThreadId("T64b478a75b7ea9".to_owned())),
        ("SAVEDBEFORE 1-Feb-1994", Key::SavedBefore(date("1-Feb-1994"))),
        ("SAVEDON 1-Feb-1994", Key::SavedOn(date("1-Feb-1994"))),
        ("SAVEDSINCE 1-Feb-1994", Key::SavedSince(date("1-Feb-1994"))),
        ("SAVEDATESUPPORTED", Key::SaveDateSupported),
    ] {
        assert_eq!(key(written), expected, "{written}");
    }
}

#[test]
fn keys_are_joined() {
    // RFC 9051 §6.4.4.
    let expected = SearchKey::And(vec![
        SearchKey::Flagged,
        SearchKey::Since(date("1-Feb-1994")),
        SearchKey::Not(Box::new(SearchKey::From("Smith".to_owned()))),
    ]);
    assert_eq!(key("FLAGGED SINCE 1-Feb-1994 NOT FROM \"Smith\""), expected);
    let SearchKey::Or(one, other) = key("OR (SEEN 1:3) NOT (TO a CC b)") else { panic!("no OR") };
    assert!(matches!((*one, *other), (SearchKey::And(_), SearchKey::Not(_))));
}

#[test]
fn results_are_asked_for() {
    let returns = |line: &str| search(line).returns;
    let min = SearchReturns::MIN;
    assert_eq!(returns("SEARCH ALL"), None);
    assert_eq!(returns("SEARCH RETURN () ALL"), Some(SearchReturns::ALL));
    assert_eq!(returns("SEARCH return (MIN COUNT) ALL"), Some(min.with(SearchReturns::COUNT)));
    let saved = returns("UID SEARCH RETURN (SAVE) ALL").expect("RETURN");
    assert!(saved.contains(SearchReturns::SAVE) && !saved.contains(SearchReturns::ALL));
    assert!(!saved.is_empty() && SearchReturns::default().is_empty());
    let fault = refused("SEARCH RETURN (RELEVANCY) ALL");
    assert_eq!(fault, Fault::UnknownOption("RELEVANCY".to_owned()));
}

#[test]
fn charsets_are_two() {
    // RFC 9051 §6.4.4: CHARSET with a literal of octets above 127.
    let text = key("CHARSET UTF-8 TEXT {11}\r\nмать с");
    assert_eq!(text, SearchKey::Text("мать с".to_owned()));
    assert_eq!(key("charset us-ascii ALL"), SearchKey::All);
    assert_eq!(refused("SEARCH CHARSET KOI8-R TEXT x"), Fault::Charset);
    assert_eq!(read(b"SEARCH TEXT {1+}\r\n\xe9", NameEncoding::Utf8), Err(Fault::NotUtf8));
}

#[test]
fn wrong_searches_are_refused() {
    unexpected(&[
        "SEARCH",
        "SEARCH ",
        "SEARCH  ALL",
        "SEARCH ()",
        "SEARCH (SEEN",
        "SEARCH SEEN)",
        "SEARCH NOT",
        "SEARCH NOT ",
        "SEARCH OR SEEN",
        "SEARCH FROM",
        "SEARCH FROM ",
        "SEARCH HEADER a",
        "SEARCH RETURN ALL",
        "SEARCH RETURN (MIN)",
        "SEARCH CHARSET UTF-8",
        "SEARCH LARGER",
        "SEARCH LARGER x",
        "SEARCH LARGER -1",
        "SEARCH OLDER 0",
        "SEARCH MODSEQ \"a\" some 5",
        "SEARCH UID",
    ]);
    assert_eq!(refused("SEARCH RED"), Fault::UnknownSearchKey("RED".to_owned()));
    assert_eq!(refused("SEARCH BEFORE Monday"), Fault::Date);
    assert_eq!(refused("SEARCH KEYWORD \\Seen"), Fault::Keyword);
    assert_eq!(refused("SEARCH UID 0"), Fault::SequenceSet);
    let long = "X".repeat(500);
    assert_eq!(refused(&format!("SEARCH {long}")), Fault::UnknownSearchKey("X".repeat(32)));
}

#[test]
fn searches_end_at_their_limits() {
    let nots = |depth: usize| format!("{}SEEN", "NOT ".repeat(depth));
    assert!(matches!(key(&nots(SEARCH_DEPTH_MAX)), SearchKey::Not(_)));
    let lists = |depth: usize| format!("{}SEEN{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(key(&lists(SEARCH_DEPTH_MAX)), SearchKey::Seen);
    for text in [nots(SEARCH_DEPTH_MAX + 1), lists(SEARCH_DEPTH_MAX + 1), "OR ".repeat(5_000)] {
        assert_eq!(refused(&format!("SEARCH {text}")), Fault::TooDeep);
    }
    let many = |keys: usize| vec!["SEEN"; keys].join(" ");
    assert!(matches!(key(&many(SEARCH_KEYS_MAX)), SearchKey::And(_)));
    let fault = refused(&format!("SEARCH {}", many(SEARCH_KEYS_MAX + 1)));
    assert_eq!(fault, Fault::TooMany("search keys"));
}

#[test]
fn sort_names_its_criteria() {
    // RFC 5256 §3, RFC 5957 §4.
    let CommandBody::Sort(sort) = parsed("SORT (SUBJECT REVERSE DATE) UTF-8 ALL") else {
        panic!("no SORT")
    };
    let criterion = |key, is_reverse| SortCriterion { key, is_reverse };
    let expected = [criterion(SortKey::Subject, false), criterion(SortKey::Date, true)];
    assert_eq!((sort.criteria.as_slice(), sort.key), (&expected[..], SearchKey::All));
    let names = "ARRIVAL CC DATE DISPLAYFROM DISPLAYTO FROM SIZE SUBJECT TO";
    let line = format!("UID SORT RETURN (COUNT) ({names}) US-ASCII UNSEEN 1:5");
    let CommandBody::Sort(sort) = parsed(&line) else { panic!("no SORT") };
    assert_eq!((sort.criteria.len(), sort.returns), (9, Some(SearchReturns::COUNT)));
    assert_eq!(sort.numbering, Numbering::Uid);
    unexpected(&["SORT", "SORT () UTF-8 ALL", "SORT DATE UTF-8 ALL", "SORT (REVERSE) UTF-8 ALL"]);
    unexpected(&["SORT (DATE) UTF-8", "SORT (DATE REVERSE) UTF-8 ALL"]);
    assert_eq!(refused("SORT (DATE) ALL"), Fault::Charset);
    assert_eq!(refused("SORT (AGE) UTF-8 ALL"), Fault::UnknownOption("AGE".to_owned()));
}

#[test]
fn thread_names_its_algorithm() {
    let CommandBody::Thread(thread) = parsed("UID THREAD references UTF-8 SINCE 5-MAR-2000") else {
        panic!("no THREAD")
    };
    assert_eq!(thread.algorithm, ThreadAlgorithm::References);
    assert_eq!(thread.key, SearchKey::Since(date("5-Mar-2000")));
    let CommandBody::Thread(thread) = parsed("THREAD ORDEREDSUBJECT UTF-8 ALL") else {
        panic!("no THREAD")
    };
    assert_eq!(thread.algorithm, ThreadAlgorithm::OrderedSubject);
    assert_eq!(refused("THREAD REFS UTF-8 ALL"), Fault::ThreadAlgorithm);
    unexpected(&["THREAD", "THREAD REFERENCES", "THREAD REFERENCES UTF-8"]);
}
