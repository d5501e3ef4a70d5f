//! Replies on the wire.

use bytes::BytesMut;
use proptest::prelude::*;

use super::*;

fn rendered(reply: &Reply, form: TextForm) -> String {
    let mut out = BytesMut::new();
    reply.render(form, &mut out);
    String::from_utf8(out.to_vec()).unwrap()
}

#[test]
fn one_line_with_both_codes() {
    assert_eq!(
        rendered(&no_such_recipient(), TextForm::Ascii),
        "550 5.1.1 No such recipient here\r\n"
    );
    assert_eq!(rendered(&challenge(""), TextForm::Ascii), "334 \r\n");
}

#[test]
fn several_lines_repeat_the_codes() {
    let reply = refusal(550, EnhancedCode::new(5, 7, 131), "SendAsDenied").line("Ask marie");
    assert_eq!(
        rendered(&reply, TextForm::Ascii),
        "550-5.7.131 SendAsDenied\r\n550 5.7.131 Ask marie\r\n"
    );
    assert_eq!(reply.to_string(), "550 5.7.131 SendAsDenied Ask marie");
}

#[test]
fn text_cannot_start_another_line() {
    let reply = message_refused("no\r\n250 yes\0\u{2028}x");
    assert_eq!(rendered(&reply, TextForm::Utf8), "554 5.6.0 no  250 yes  x\r\n");
}

#[test]
fn text_outside_ascii_is_shown_only_to_who_reads_it() {
    let reply = message_refused("zoé");
    assert_eq!(rendered(&reply, TextForm::Ascii), "554 5.6.0 zo?\r\n");
    assert_eq!(rendered(&reply, TextForm::Utf8), "554 5.6.0 zoé\r\n");
}

#[test]
fn lines_are_wrapped_at_the_limit() {
    let room = LINE_OCTETS_MAX - "554 5.6.0 \r\n".len();
    let fits = rendered(&message_refused("x".repeat(room)), TextForm::Ascii);
    assert_eq!(fits.len(), LINE_OCTETS_MAX);
    assert_eq!(fits.lines().count(), 1);
    let wrapped = rendered(&message_refused("x".repeat(room + 1)), TextForm::Ascii);
    assert_eq!(wrapped.lines().count(), 2);
    assert!(wrapped.starts_with("554-5.6.0 x"));
    assert!(wrapped.ends_with("554 5.6.0 x\r\n"));
    let words = rendered(&message_refused("word ".repeat(120)), TextForm::Ascii);
    assert!(words.lines().all(|line| line.ends_with("word") || line.ends_with("word ")));
}

#[test]
fn a_reply_ends_after_its_most_lines() {
    let mut reply = message_refused("first");
    for _ in 0..LINES_MAX {
        reply = reply.line("more");
    }
    let text = rendered(&reply, TextForm::Ascii);
    assert_eq!(text.lines().count(), LINES_MAX);
    assert!(text.lines().last().unwrap().starts_with("554 "));
}

#[test]
fn codes_and_enhanced_codes_are_of_one_class() {
    use crate::codec::ContentFault;
    let mut sentences = vec![
        bye(),
        idle_too_long(),
        shutting_down(),
        too_many_errors(),
        not_smtp(),
        too_many_connections(),
        failed_closing(),
        no_service(),
        reset(),
        noop(),
        not_verified(),
        not_expanded(),
        help(),
        start_tls(),
        not_offered(),
        already_secure(),
        line_too_long(),
        authenticated(),
        already_authenticated(),
        mechanism_not_offered(),
        encryption_required(),
        authentication_cancelled(),
        response_too_long(),
        authentication_failed(),
        authentication_unavailable(),
        authentication_throttled(),
        must_start_tls(),
        authentication_required(),
        sender_accepted(),
        message_too_large(1),
        sending_too_fast(),
        temporarily_unavailable(),
        storage_full(),
        recipient_accepted(),
        too_many_recipients(),
        no_such_recipient(),
        relay_denied(),
        authenticated_senders_only(),
        members_only(),
        mailbox_full(),
        recipient_disabled(),
        chunk_accepted(1),
        message_accepted("q"),
        message_refused("x"),
        mail_loop(),
        chunk_unreadable(),
    ];
    for fault in
        [ContentFault::BareCr, ContentFault::BareLf, ContentFault::Nul, ContentFault::TooLarge]
    {
        sentences.push(content_refused(fault, 1));
    }
    for reply in sentences {
        let enhanced = reply.enhanced.expect("only greetings and 3xx have none");
        assert_eq!(u16::from(enhanced.class), reply.code / 100, "{reply}");
        let text = rendered(&reply, TextForm::Ascii);
        assert!(text.lines().all(|line| line.len() + 2 <= LINE_OCTETS_MAX), "{text}");
        assert!(!text.contains('?'), "{text} is ASCII");
    }
}

proptest! {
    #[test]
    fn any_text_becomes_a_sound_reply(lines in proptest::collection::vec(".{0,900}", 0..5),
        is_utf8 in any::<bool>()) {
        let mut reply = message_refused("first");
        reply.lines.extend(lines.into_iter().map(Into::into));
        let form = if is_utf8 { TextForm::Utf8 } else { TextForm::Ascii };
        let text = rendered(&reply, form);
        let body = text.strip_suffix("\r\n").expect("the last line ends");
        let lines: Vec<&str> = body.split("\r\n").collect();
        for (number, line) in lines.iter().enumerate() {
            let is_last = number + 1 == lines.len();
            let start = if is_last { "554 5.6.0 " } else { "554-5.6.0 " };
            prop_assert!(line.starts_with(start));
            prop_assert!(line.len() + 2 <= LINE_OCTETS_MAX);
            prop_assert!(!line.contains(['\r', '\n', '\0']));
        }
    }
}
