use std::collections::HashMap;

use proptest::prelude::*;

use super::{Pictures, clean, of_markdown, pieces};

/// Ways to run something, load something or leave the frame. None may come through.
const ATTACKS: [&str; 27] = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<img src=\"javascript:alert(1)\">",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href=\" &#106;avascript:alert(1)\">x</a>",
    "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
    "<img src=\"data:image/svg+xml;base64,PHN2Zy8+\">",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>",
    "<math><mtext><script>alert(1)</script></mtext></math>",
    "<iframe src=\"https://evil.example\"></iframe>",
    "<object data=\"https://evil.example\"></object>",
    "<embed src=\"https://evil.example\">",
    "<form action=\"https://evil.example\"><input name=password></form>",
    "<base href=\"https://evil.example/\">",
    "<meta http-equiv=refresh content=\"0;url=https://evil.example\">",
    "<link rel=stylesheet href=\"https://evil.example/x.css\">",
    "<style>@import url(https://evil.example/x.css);</style>",
    "<div style=\"background:url(https://evil.example/x)\">x</div>",
    "<div style=\"background-image:url('//evil.example/x')\">x</div>",
    "<div style=\"position:fixed;top:0;left:0;behavior:url(#x)\">x</div>",
    "<table background=\"https://evil.example/x\"><tr><td>x</td></tr></table>",
    "<img srcset=\"https://evil.example/x 2x\">",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
    "<template><script>alert(1)</script></template>",
    "<video poster=\"https://evil.example/x\" src=\"https://evil.example/x\"></video>",
];

fn cleaned(html: &str, pictures: Pictures) -> String {
    clean(html, HashMap::new(), pictures).html.to_ascii_lowercase()
}

#[test]
fn no_attack_comes_through() {
    for attack in ATTACKS {
        for pictures in [Pictures::Blocked, Pictures::Shown] {
            let html = cleaned(attack, pictures);
            for sign in [
                "<script",
                "javascript:",
                " onerror=",
                " onload=",
                "evil.example",
                "<svg",
                "<form",
                "<iframe",
                "url(",
                "position",
                "data:text",
                "svg+xml",
                "<style",
                "<base",
                "<meta",
            ] {
                assert!(!html.contains(sign), "{attack} became {html}");
            }
        }
    }
}

#[test]
fn pictures_from_elsewhere_wait_for_the_reader() {
    let html = "<p style=\"color: red\">a<img src=\"https://news.example/pixel.gif\"></p>";
    let blocked = clean(html, HashMap::new(), Pictures::Blocked);
    assert!(blocked.has_blocked && !blocked.html.contains("news.example"));
    assert!(blocked.html.contains("color:red"), "{}", blocked.html);
    let shown = clean(html, HashMap::new(), Pictures::Shown);
    assert!(!shown.has_blocked && shown.html.contains("https://news.example/pixel.gif"));
}

#[test]
fn styles_keep_what_loads_nothing() {
    use super::harmless_style;
    assert_eq!(
        harmless_style("COLOR: rgb(1, 2, 3); font-family: 'A B', serif; position: fixed"),
        "color:rgb(1, 2, 3);font-family:'A B', serif;"
    );
    for style in [
        "color: url(//evil.example)",
        "color: u\\72l(x)",
        "width: expression(alert(1))",
        "color: red/**/",
        "background: url(x)",
        "width: calc(1px)",
        "color",
        "border: image-set('x' 1x)",
    ] {
        assert_eq!(harmless_style(style), "", "{style}");
    }
}

#[test]
fn pictures_in_the_message_are_put_in() {
    let inside = HashMap::from([("a@x".to_owned(), "data:image/png;base64,AA==".to_owned())]);
    let found = clean("<img src=\"cid:a@x\"><img src=\"cid:b\">", inside, Pictures::Blocked);
    assert!(found.html.contains("data:image/png;base64,AA=="), "{}", found.html);
    assert!(!found.has_blocked && !found.html.contains("cid:"));
}

#[test]
fn links_open_elsewhere_and_tell_nothing() {
    let html = cleaned("<a href=\"https://a.example/?x=1\">a</a>", Pictures::Blocked);
    assert!(html.contains("target=\"_blank\"") && html.contains("noreferrer"), "{html}");
}

#[test]
fn markdown_is_html_and_html_is_text() {
    assert_eq!(of_markdown("**a**\nb"), "<p><strong>a</strong><br>\nb</p>\n");
    let html = of_markdown("<script>alert(1)</script> [x](javascript:alert(1))");
    assert!(html.contains("&lt;script&gt;") && !html.contains("href=\"javascript"), "{html}");
}

#[test]
fn links_in_plain_text_are_found() {
    let found = pieces("See https://a.example/x?y=1, or (http://b.example). https:// none");
    let links: Vec<&str> =
        found.iter().filter(|piece| piece.is_link).map(|piece| piece.text.as_str()).collect();
    assert_eq!(links, ["https://a.example/x?y=1", "http://b.example"]);
}

proptest! {
    #[test]
    fn pieces_together_are_the_text(text in "(https?://|[a-z.,<>é ]|\\PC){0,30}") {
        let all: String = pieces(&text).into_iter().map(|piece| piece.text).collect();
        prop_assert_eq!(all, text);
    }

    #[test]
    fn nothing_that_runs_is_left_of_any_markup(
        html in "(<|>|/|\"|'|=|&|;|:| |script|svg|img|src|style|onerror|javascript|a|\\PC){0,40}",
    ) {
        let html = cleaned(&html, Pictures::Shown);
        prop_assert!(!html.contains("<script") && !html.contains("<svg"));
    }
}
