//! Structures with exact ranges, and everything that must not be able to break them.

use proptest::prelude::*;

use super::*;

fn body<'a>(octets: &'a str, part: &Part) -> &'a str {
    &octets[part.body.clone()]
}

/// Every range lies inside the one around it, and parts follow each other.
fn check_ranges(part: &Part, around: &Range<usize>) {
    assert!(around.start <= part.header.start && part.body.end <= around.end);
    assert!(part.header.start <= part.header.end);
    assert_eq!(part.header.end, part.body.start);
    let inside = part.body.clone();
    let mut at = inside.start;
    for child in part.parts() {
        assert!(child.header.start >= at);
        at = child.body.end;
        check_ranges(child, &inside);
    }
    if let Some(message) = part.embedded() {
        assert_eq!(message.range(), inside);
        check_ranges(message, &inside);
    }
}

const MIXED: &str = "From: a@b\r\n\
    Content-Type: multipart/mixed; boundary=\"out er\"\r\n\r\n\
    preamble\r\n\
    --out er\r\n\r\n\
    one\r\n\
    --out er  \r\n\
    Content-Type: multipart/alternative; boundary=in\r\n\r\n\
    --in\r\n\
    Content-Type: text/html; charset=\"utf-8\"\r\n\
    Content-Transfer-Encoding: quoted-printable\r\n\
    Content-ID: <x@y>\r\n\r\n\
    <p>=C3=A9\r\n\
    </p>\r\n\
    --in--\r\n\
    epilogue\r\n\
    --out er\r\n\
    Content-Type: message/rfc822\r\n\
    Content-Disposition: attachment;\r\n filename*0=\"a \\\"b\";\r\n filename*1=c\r\n\r\n\
    Subject: inner\r\n\r\n\
    text\r\n\
    --out er--\r\n";

#[test]
fn nested_parts_have_exact_places() {
    let part = Part::read(MIXED.as_bytes());
    check_ranges(&part, &(0..MIXED.len()));
    assert!(part.content_type.is("multipart", "mixed"));
    assert_eq!(part.parts().len(), 3);
    assert_eq!(body(MIXED, part.section(&[1]).unwrap()), "one");
    let html = part.section(&[2, 1]).unwrap();
    assert_eq!(body(MIXED, html), "<p>=C3=A9\r\n</p>");
    assert_eq!(html.lines, 1);
    assert_eq!(html.id.as_deref(), Some("<x@y>"));
    assert_eq!(html.content_type.parameter("Charset"), Some("utf-8"));
    assert_eq!(html.decoded(MIXED.as_bytes(), 100), "<p>é\r\n</p>".as_bytes());
    assert!(MIXED[html.header.clone()].ends_with("\r\n\r\n"));
    let message = part.section(&[3]).unwrap();
    assert!(message.is_attachment());
    let disposition = message.disposition.as_ref().unwrap();
    let names: Vec<&str> = disposition.parameters.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["filename*0", "filename*1"]);
    assert_eq!(disposition.parameters[0].value, "a \"b");
    let inner = message.embedded().unwrap();
    assert_eq!(&MIXED[inner.header.clone()], "Subject: inner\r\n\r\n");
    assert_eq!(body(MIXED, inner), "text");
}

#[test]
fn sections_count_as_rfc_9051_says() {
    let part = Part::read(MIXED.as_bytes());
    assert_eq!(part.section(&[]), Some(&part));
    assert_eq!(body(MIXED, part.section(&[3, 1]).unwrap()), "text");
    for absent in [&[0][..], &[4], &[1, 1], &[2, 2], &[3, 2], &[3, 1, 1], &[2, 1, 1]] {
        assert_eq!(part.section(absent), None, "{absent:?}");
    }
    let plain = Part::read(b"Subject: x\r\n\r\nbody\r\n");
    assert_eq!(plain.section(&[1]).unwrap().body, 14..20);
    assert_eq!(plain.section(&[1]).unwrap().lines, 1);
    assert_eq!(plain.section(&[2]), None);
    assert_eq!(plain.section(&[1, 1]), None);
}

#[test]
fn what_cannot_be_read_is_plain_text() {
    for header in [
        "",
        "Content-Type:\r\n",
        "Content-Type: text\r\n",
        "Content-Type: multipart/mixed\r\n",
        "Content-Type: multipart/mixed; boundary=absent\r\n",
        "content-type: /;;=\r\n",
    ] {
        let octets = format!("{header}\r\n--x\r\nbody");
        let part = Part::read(octets.as_bytes());
        assert_eq!(part.content_type, ContentType::plain(), "{header:?}");
        assert_eq!(part.inside, Inside::Nothing);
        assert_eq!(body(&octets, &part), "--x\r\nbody");
        assert_eq!(part.lines, 1);
    }
    assert_eq!(Part::read(b"").range(), 0..0);
}

#[test]
fn an_unclosed_multipart_ends_with_the_message() {
    let octets = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--bb\n";
    let part = Part::read(octets.as_bytes());
    let bodies: Vec<&str> = part.parts().iter().map(|part| body(octets, part)).collect();
    assert_eq!(bodies, ["one", "two\n--bb\n"]);
}

#[test]
fn the_outer_boundary_ends_the_inner_parts() {
    let octets = "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\
        Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nin\r\n--o\r\n\r\nout\r\n--o--";
    let part = Part::read(octets.as_bytes());
    assert_eq!(body(octets, part.section(&[1, 1]).unwrap()), "in");
    assert_eq!(body(octets, part.section(&[2]).unwrap()), "out");
    assert_eq!(part.section(&[1, 2]), None);
}

#[test]
fn parts_of_a_digest_are_messages() {
    let octets = "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: a\r\n\r\nx\
        \r\n--b\r\nContent-Type: text/html\r\n\r\ny\r\n--b--\r\n";
    let part = Part::read(octets.as_bytes());
    assert_eq!(&octets[part.parts()[0].embedded().unwrap().body.clone()], "x");
    assert!(part.parts()[1].content_type.is("text", "html"));
}

#[test]
fn an_encoded_message_has_no_structure() {
    let octets = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3Vi";
    let part = Part::read(octets);
    assert_eq!(part.content_type, ContentType::octets());
    assert_eq!(part.decoded(octets, 100), b"Sub");
}

#[test]
fn nesting_ends_at_its_limit() {
    let message = "Content-Type: message/rfc822\r\n\r\n".repeat(DEPTH_MAX + 5);
    let mut part = &Part::read(message.as_bytes());
    let mut depth = 0;
    while let Some(inner) = part.embedded() {
        part = inner;
        depth += 1;
    }
    assert_eq!(depth, DEPTH_MAX);
    assert_eq!(part.content_type, ContentType::octets());
}

#[test]
fn the_last_part_has_what_is_over_the_limit() {
    let parts = "--b\r\n\r\nx\r\n".repeat(PARTS_MAX + 10);
    let octets = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{parts}--b--\r\n");
    let part = Part::read(octets.as_bytes());
    check_ranges(&part, &(0..octets.len()));
    assert_eq!(part.parts().len(), PARTS_MAX - 1);
    assert!(body(&octets, part.parts().last().unwrap()).ends_with("--b--\r\n"));
}

#[test]
fn parameters_are_read_leniently() {
    let read = |text: &str| {
        let content_type = content_type(text);
        let parameters: Vec<String> = content_type
            .parameters
            .iter()
            .map(|parameter| format!("{}={}", parameter.name, parameter.value))
            .collect();
        parameters.join("|")
    };
    assert_eq!(read("text/plain; charset=utf-8; format=flowed"), "charset=utf-8|format=flowed");
    assert_eq!(read("text/plain; name=a b.txt; x=\"1;2\""), "name=a b.txt|x=1;2");
    assert_eq!(read("text/plain (a;b) ; charset=utf-8 (comment)"), "charset=utf-8");
    assert_eq!(read("text/plain; name=\"open"), "name=open");
    assert_eq!(read("text/plain;;; =x; y"), "");
    assert_eq!(read("text/plain; NAME*0*=utf-8''%41"), "NAME*0*=utf-8''%41");
}

#[test]
fn the_first_type_counts() {
    let part = Part::read(b"Content-Type: text/html\r\nContent-Type: image/png\r\n\r\n");
    assert!(part.content_type.is("text", "html"));
}

proptest! {
    #[test]
    fn any_octets_have_a_structure(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
        check_ranges(&Part::read(&octets), &(0..octets.len()));
    }

    #[test]
    fn anything_like_a_message_has_a_structure(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("Content-Type: multipart/mixed; boundary=b\r\n"),
                Just("Content-Type: multipart/digest; boundary=\"c\"\r\n"),
                Just("Content-Type: message/rfc822\r\n"),
                Just("Content-Transfer-Encoding: base64\r\n"),
                Just("\r\n"), Just("\n"), Just("--b\r\n"), Just("--b--\r\n"), Just("--c\n"),
                Just("--c--"), Just("text é\r\n"), Just(" folded\r\n"), Just("\r"),
            ],
            0..40,
        ),
        numbers in proptest::collection::vec(0u32..4, 0..5),
    ) {
        let octets = pieces.concat();
        let part = Part::read(octets.as_bytes());
        check_ranges(&part, &(0..octets.len()));
        part.section(&numbers);
        crate::text::body_text(octets.as_bytes(), &part);
        crate::text::preview(octets.as_bytes(), &part);
    }
}
