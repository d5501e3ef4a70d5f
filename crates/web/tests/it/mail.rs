//! Mail as a browser asks for it: reading, writing, and that nobody reaches what is not theirs.

use app::access::Actor;
use app::command::{Command, GrantOrder, Order, RevokeOrder};
use app::mailbox::change::Brought;
use app::reading::{Flags, FolderRole};
use axum::http::{StatusCode, header};
use domain::{RecipientId, Right, Timestamp};

use crate::office::{Answer, NOW, Office};
use crate::pages::{Browser, location, office, text};

/// The identifier of somebody.
pub(crate) fn id(office: &Office, login: &str) -> RecipientId {
    office.app.directory().find(login).unwrap().id
}

/// The folder of a mailbox, as `reader` reaches it.
pub(crate) async fn folder(office: &Office, reader: &str, of: &str, role: FolderRole) -> i64 {
    let mailbox = id(office, of);
    let entries = office.app.folder_list(id(office, reader), NOW).await.unwrap();
    let found = entries
        .into_iter()
        .find(|entry| entry.folder.recipient == mailbox && entry.folder.role == Some(role));
    found.unwrap().folder.id.0
}

/// Puts a message into somebody's inbox; gives its folder and UID.
pub(crate) async fn deliver(office: &Office, login: &str, message: &str) -> (i64, i64) {
    let inbox = folder(office, login, login, FolderRole::Inbox).await;
    let person = id(office, login);
    let (_, place) = office.app.folder(person, domain::FolderId(inbox), NOW).await.unwrap();
    let content = message.replace("\r\n", "\n").replace('\n', "\r\n").into();
    let brought = Brought { content, flags: Flags::NONE, internal_at: None };
    let appended = office.app.append(&place, vec![brought], NOW).await.unwrap();
    (inbox, appended[0].uid)
}

pub(crate) async fn grant(office: &Office, right: Right, trustee: &str) {
    let order = GrantOrder {
        recipient: "support@contoso.com".into(),
        trustee: format!("{trustee}@contoso.com"),
        right,
        until_at: None,
    };
    let order = Order::new(Command::Grant(order));
    office.app.command(&Actor::LocalAdministrator, &order, NOW).await.unwrap();
}

/// A form with files: name, file name, value.
pub(crate) fn form(fields: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, value) in fields {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        let head = format!("--form\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(b"\r\n");
        body.extend_from_slice(value);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--form--\r\n");
    body
}

fn simple(action: &str, from: &str, to: &str, subject: &str) -> Vec<u8> {
    form(&[
        ("from", None, from.as_bytes()),
        ("to", None, to.as_bytes()),
        ("subject", None, subject.as_bytes()),
        ("body", None, b"Bonjour **Jean**"),
        ("action", None, action.as_bytes()),
    ])
}

pub(crate) fn after_the_hold() -> Timestamp {
    NOW.plus_secs(app::outbox::HOLD_SECS)
}

/// The one message of a folder, as it is stored.
pub(crate) async fn stored(
    office: &Office,
    reader: &str,
    of: &str,
    role: FolderRole,
) -> Vec<String> {
    let at = folder(office, reader, of, role).await;
    let person = id(office, reader);
    let (_, place) = office.app.folder(person, domain::FolderId(at), NOW).await.unwrap();
    let page = office.app.newest(&place, i64::MAX, 50).await.unwrap();
    let mut out = Vec::new();
    for listed in page.messages {
        let (_, content) = office.app.message(&place, listed.row.uid).await.unwrap();
        out.push(String::from_utf8_lossy(&content).into_owned());
    }
    out
}

pub(crate) fn value_after<'a>(page: &'a str, before: &str) -> &'a str {
    let at = page.find(before).unwrap_or_else(|| panic!("{before} is not in {page}"));
    page[at + before.len()..].split('"').next().unwrap()
}

#[tokio::test]
async fn the_start_is_the_inbox_and_reading_takes_the_mark_off() {
    let office = office().await;
    let message = "From: =?utf-8?q?Zo=C3=A9?= <zoe@fabrikam.com>\nTo: jean.dupont@contoso.com\n\
        Subject: Devis\nMessage-ID: <a@fabrikam.com>\n\nVoir https://fabrikam.com/devis.\n";
    let (folder, uid) = deliver(&office, "jean.dupont", message).await;
    let reply = "From: zoe@fabrikam.com\nSubject: Re: Devis\nReferences: <a@fabrikam.com>\n\nx\n";
    deliver(&office, "jean.dupont", reply).await;
    let mut browser = Browser::signed_in(&office, "jean.dupont@contoso.com").await;
    let list = text(&browser.get("/").await);
    assert!(list.contains("Devis") && list.contains("Zoé"), "{list}");
    assert!(list.contains("2 unread") && list.contains("class=\"unread further\""), "{list}");
    assert!(list.contains("Support"), "the team stands in the rail");
    let page = text(&browser.get(&format!("/mail/{folder}/{uid}")).await);
    assert!(page.contains("&#60;zoe@fabrikam.com&#62;") || page.contains("&lt;zoe@fabrikam.com"));
    assert!(page.contains("<a href=\"https://fabrikam.com/devis\" target=\"_blank\""), "{page}");
    let list = text(&browser.get("/").await);
    assert!(list.contains("1 unread"), "{list}");
    let unread = format!("uid={uid}&what=unread");
    let answer = browser.post(&format!("/mail/{folder}"), &unread).await;
    assert_eq!(location(&answer), format!("/mail/{folder}"));
    assert!(text(&browser.get("/").await).contains("2 unread"));
    let found = text(&browser.get(&format!("/mail/{folder}?q=fabrikam+devis")).await);
    assert!(found.contains(&format!("/mail/{folder}/{uid}\"")), "{found}");
    let nothing = text(&browser.get(&format!("/mail/{folder}?q=nothinglikeit")).await);
    assert!(nothing.contains("Nothing in this folder"), "{nothing}");
    assert!(list.len() < 100 * 1024, "{} octets", list.len());
}

#[tokio::test]
async fn a_folder_is_read_page_by_page() {
    let office = office().await;
    let mut folder = 0;
    for number in 1..=51 {
        let message = format!("From: a@b.example\nSubject: Number {number}.\n\nx\n");
        folder = deliver(&office, "jean.dupont", &message).await.0;
    }
    let mut browser = Browser::signed_in(&office, "jean.dupont@contoso.com").await;
    let first = text(&browser.get("/").await);
    assert!(first.contains("Number 51.") && first.contains("Number 2."));
    assert!(!first.contains("Number 1."), "the page has 50 messages");
    let older = value_after(&first, &format!("class=\"button\" href=\"/mail/{folder}?before="));
    let second = format!("/mail/{folder}?before={}", older.split('&').next().unwrap());
    let second = text(&browser.get(&second).await);
    assert!(second.contains("Number 1.") && !second.contains("Number 2."), "{second}");
}

#[tokio::test]
async fn deleting_archiving_and_moving_take_a_message_elsewhere() {
    let office = office().await;
    let mut browser = Browser::signed_in(&office, "jean.dupont@contoso.com").await;
    let trash = folder(&office, "jean.dupont", "jean.dupont", FolderRole::Trash).await;
    for (what, role) in [
        ("delete", FolderRole::Trash),
        ("archive", FolderRole::Archive),
        ("move", FolderRole::Trash),
    ] {
        let message = format!("From: a@b.example\nSubject: {what}\n\nx\n");
        let (inbox, uid) = deliver(&office, "jean.dupont", &message).await;
        let change = format!("uid={uid}&what={what}&to={trash}");
        location(&browser.post(&format!("/mail/{inbox}"), &change).await);
        let there = stored(&office, "jean.dupont", "jean.dupont", role).await;
        assert!(there[0].contains(&format!("Subject: {what}")), "{what}: {there:?}");
        assert_eq!(browser.get(&format!("/mail/{inbox}/{uid}")).await.status, 404);
    }
    let purge = browser.post(&format!("/mail/{trash}"), "uid=1&uid=2&what=delete").await;
    location(&purge);
    assert!(stored(&office, "jean.dupont", "jean.dupont", FolderRole::Trash).await.is_empty());
}

#[tokio::test]
async fn nobody_reaches_the_mail_of_others_by_any_route() {
    let office = office().await;
    let message = "From: a@b.example\nSubject: Secret\nContent-Type: text/html\n\n<b>x</b>\n";
    let (folder, uid) = deliver(&office, "jean.dupont", message).await;
    let mut jean = Browser::signed_in(&office, "jean.dupont@contoso.com").await;
    let saved = jean
        .post_multipart("/compose", simple("save", "", "marie.durand@contoso.com", "Mine"))
        .await;
    let draft = location(&saved).to_owned();
    let draft = draft.split(['=', '&']).nth(1).unwrap().to_owned();
    let mut paths = vec![format!("/mail/{folder}"), format!("/mail/{folder}/{uid}")];
    for rest in ["/body", "/part/1", "/original"] {
        paths.push(format!("/mail/{folder}/{uid}{rest}"));
    }
    for kind in ["reply", "replyall", "forward"] {
        paths.push(format!("/compose?folder={folder}&{kind}={uid}"));
    }
    for path in &paths {
        assert_eq!(jean.get(path).await.status, StatusCode::OK, "{path}");
    }
    paths.push(format!("/compose?draft={draft}"));
    // Administrators have no right to read either.
    for login in ["marie.durand", "admin", "auditor"] {
        let mut other = Browser::signed_in(&office, &format!("{login}@contoso.com")).await;
        for path in &paths {
            let answer = other.get(path).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{login} {path}");
            assert!(!text(&answer).contains("Secret"));
        }
        for what in ["read", "unread", "flag", "delete", "archive", "move"] {
            let form = format!("uid={uid}&what={what}&to={folder}");
            let answer = other.post(&format!("/mail/{folder}"), &form).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{login} {what}");
        }
        let draft_form = format!("draft={draft}");
        for path in ["/compose/undo", "/compose/discard"] {
            other.post(path, &draft_form).await;
        }
        let stolen = form(&[
            ("to", None, b"x@fabrikam.com"),
            ("forwards", None, format!("{folder}/{uid}").as_bytes()),
            ("keep", None, b"1"),
            ("action", None, b"save"),
        ]);
        let answer = other.post_multipart("/compose", stolen).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{login}");
        let own = deliver(&office, login, "From: a@b.example\nSubject: Own\n\nx\n").await;
        let there = format!("uid={}&what=move&to={folder}", own.1);
        let answer = other.post(&format!("/mail/{}", own.0), &there).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{login} moves nothing there");
    }
    assert_eq!(jean.get(&format!("/compose?draft={draft}")).await.status, StatusCode::OK);
    let mut nobody = Browser::new(&office);
    assert!(location(&nobody.get(&paths[1]).await).starts_with("/sign-in"));
}

#[tokio::test]
async fn what_a_message_says_is_text_and_its_html_can_do_nothing() {
    let office = office().await;
    let message = "From: \"<script>alert(1)</script>\" <a@b.example>\n\
        To: \"x\\\" onload=alert(1)\" <jean.dupont@contoso.com>\n\
        Subject: <img src=x onerror=alert(1)>\nMIME-Version: 1.0\n\
        Content-Type: multipart/mixed; boundary=m\n\n\
        --m\nContent-Type: text/html; charset=utf-8\n\n\
        <p onclick=alert(1)>Seen</p><script>alert(1)</script>\
        <img src=\"https://evil.example/p.gif\"><img src=\"cid:pic\">\n\
        --m\nContent-Type: image/svg+xml; name=\"<svg onload=alert(1)>.svg\"\n\n\
        <svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>\n\
        --m\nContent-Type: image/png; name=a.png\nContent-ID: <pic>\n\
        Content-Transfer-Encoding: base64\n\niVBORw0KGgo=\n\
        --m\nContent-Type: text/html; name=page.html\nContent-Disposition: attachment\n\n\
        <script>alert(1)</script>\n--m--\n";
    let (folder, uid) = deliver(&office, "jean.dupont", message).await;
    let mut browser = Browser::signed_in(&office, "jean.dupont@contoso.com").await;
    let base = format!("/mail/{folder}/{uid}");
    for path in ["/".to_owned(), base.clone(), format!("{base}?as=text")] {
        let page = text(&browser.get(&path).await);
        for sign in ["<script>", "<img src=x", "<svg", "\" onload"] {
            assert!(!page.contains(sign), "{sign} in {path}: {page}");
        }
    }
    let page = text(&browser.get(&base).await);
    let sandbox = value_after(&page, "sandbox=\"");
    assert!(!sandbox.contains("scripts") && !sandbox.contains("same-origin"), "{sandbox}");
    assert!(page.contains("?images=1"), "pictures are offered");
    let body = browser.get(&format!("{base}/body")).await;
    let policy = policy(&body);
    assert!(policy.contains("default-src 'none'; img-src data:; style-src 'unsafe-inline'"));
    assert!(policy.contains("; sandbox allow-popups") && !policy.contains("allow-scripts"));
    assert_eq!(body.headers["x-frame-options"], "SAMEORIGIN");
    let html = text(&body);
    assert!(html.contains("Seen") && html.contains("data:image/png;base64,iVBORw0KGgo="), "{html}");
    for sign in ["<script", "onclick", "evil.example"] {
        assert!(!html.contains(sign), "{html}");
    }
    let with_pictures = browser.get(&format!("{base}/body?images=1")).await;
    assert!(text(&with_pictures).contains("https://evil.example/p.gif"));
    assert!(self::policy(&with_pictures).contains("img-src data: https:;"));
    for section in ["2", "3", "4"] {
        let saved = browser.get(&format!("{base}/part/{section}?view=1")).await;
        assert_eq!(saved.status, StatusCode::OK);
        let kind = saved.headers[header::CONTENT_TYPE].to_str().unwrap();
        let how = saved.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
        let expected = if section == "3" {
            ("image/png", "inline")
        } else {
            ("application/octet-stream", "attachment")
        };
        assert_eq!((kind, how.split(';').next().unwrap()), expected, "{section}");
        assert_eq!(self::policy(&saved), "default-src 'none'; sandbox");
        assert_eq!(saved.headers["x-content-type-options"], "nosniff");
    }
    assert_eq!(browser.get(&format!("{base}/part/9")).await.status, StatusCode::NOT_FOUND);
    let original = browser.get(&format!("{base}/original")).await;
    assert_eq!(original.body, message.replace('\n', "\r\n").into_bytes());
}

fn policy(answer: &Answer) -> &str {
    answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap()
}

#[tokio::test]
async fn a_message_waits_a_moment_and_then_leaves() {
    let office = office().await;
    let mut browser = Browser::signed_in(&office, "marie.durand@contoso.com").await;
    let sent = browser
        .post_multipart(
            "/compose",
            simple("send", "", "Jean Dupont <jean.dupont@contoso.com>", "Salut"),
        )
        .await;
    assert_eq!(location(&sent), "/");
    let list = text(&browser.get("/").await);
    assert!(list.contains("/compose/undo"), "{list}");
    assert_eq!(office.app.send_due(NOW).await, Some(after_the_hold()));
    assert!(stored(&office, "jean.dupont", "jean.dupont", FolderRole::Inbox).await.is_empty());
    assert_eq!(office.app.send_due(after_the_hold()).await, None);
    let came = stored(&office, "jean.dupont", "jean.dupont", FolderRole::Inbox).await;
    assert!(came[0].contains("Subject: Salut") && came[0].contains("<strong>Jean</strong>"));
    assert!(came[0].contains("Marie Durand"), "{}", came[0]);
    let drafts = stored(&office, "marie.durand", "marie.durand", FolderRole::Drafts).await;
    assert!(drafts.is_empty(), "{drafts:?}");
    let copies = stored(&office, "marie.durand", "marie.durand", FolderRole::Sent).await;
    assert_eq!(copies.len(), 1);
    assert!(!text(&browser.get("/").await).contains("/compose/undo"));
}

#[tokio::test]
async fn a_message_is_taken_back_and_one_that_a_crash_left_goes_out() {
    let office = office().await;
    let mut browser = Browser::signed_in(&office, "marie.durand@contoso.com").await;
    let form = simple("send", "", "jean.dupont@contoso.com", "Oups");
    location(&browser.post_multipart("/compose", form).await);
    let draft = value_after(&text(&browser.get("/").await), "name=\"draft\" value=\"").to_owned();
    assert_eq!(location(&browser.get(&format!("/compose?draft={draft}")).await), "/");
    let back = browser.post("/compose/undo", &format!("draft={draft}")).await;
    assert_eq!(location(&back), format!("/compose?draft={draft}"));
    let page = text(&browser.get(&format!("/compose?draft={draft}")).await);
    assert!(page.contains("value=\"Oups\"") && page.contains("Bonjour **Jean**"), "{page}");
    office.app.send_due(after_the_hold()).await;
    assert!(stored(&office, "jean.dupont", "jean.dupont", FolderRole::Inbox).await.is_empty());
    let late = browser.post("/compose/undo", &format!("draft={draft}")).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let again = simple("send", "", "jean.dupont@contoso.com", "Reste");
    location(&browser.post_multipart("/compose", again).await);
    let overdue = after_the_hold().plus_secs(app::outbox::OVERDUE_SECS);
    office.app.send_overdue(overdue.plus_secs(-1)).await.unwrap();
    assert!(stored(&office, "jean.dupont", "jean.dupont", FolderRole::Inbox).await.is_empty());
    office.app.send_overdue(overdue).await.unwrap();
    let came = stored(&office, "jean.dupont", "jean.dupont", FolderRole::Inbox).await;
    assert!(came.len() == 1 && came[0].contains("Subject: Reste"));
    office.app.send_due(overdue).await;
    let came = stored(&office, "jean.dupont", "jean.dupont", FolderRole::Inbox).await;
    assert_eq!(came.len(), 1, "it goes once");
}

#[tokio::test]
async fn a_refused_message_stays_a_draft_with_the_reason() {
    let office = office().await;
    let mut browser = Browser::signed_in(&office, "jean.dupont@contoso.com").await;
    let form = simple("send", "support@contoso.com", "x@fabrikam.com", "Au nom de tous");
    let answer = browser.post_multipart("/compose", form).await;
    let draft = location(&answer).to_owned();
    assert!(draft.starts_with("/compose?draft="), "{draft}");
    let page = text(&browser.get(&draft).await);
    assert!(page.contains("was not sent") && page.contains("no right to send"), "{page}");
    assert!(page.contains("marie.durand@contoso.com"), "the owner is named");
    assert!(page.contains("Reference: G"), "{page}");
    assert!(page.contains("action=\"/ask\"") && page.contains("value=\"Au nom de tous\""));
    assert!(page.contains("value=\"support@contoso.com\" checked"), "the choice stays: {page}");
    assert!(text(&browser.get("/").await).contains(&draft));
    browser.language = "fr";
    assert!(text(&browser.get(&draft).await).contains("pas le droit d’écrire"));
    browser.language = "en";
    let unknown = simple("send", "", "nobody@contoso.com", "Perdu");
    let answer = browser.post_multipart("/compose", unknown).await;
    let page = text(&browser.get(location(&answer)).await);
    assert!(page.contains("nobody@contoso.com, or it takes no mail"), "{page}");
    // A right that ends while the message waits refuses it then.
    grant(&office, Right::SendAs, "jean.dupont").await;
    let form = simple("send", "support@contoso.com", "marie.durand@contoso.com", "Trop tard");
    assert_eq!(location(&browser.post_multipart("/compose", form).await), "/");
    let revoke = RevokeOrder {
        recipient: "support@contoso.com".into(),
        trustee: "jean.dupont@contoso.com".into(),
        right: Right::SendAs,
    };
    let order = Order::new(Command::Revoke(revoke));
    office.app.command(&Actor::LocalAdministrator, &order, NOW).await.unwrap();
    office.app.send_due(after_the_hold()).await;
    let drafts = stored(&office, "jean.dupont", "jean.dupont", FolderRole::Drafts).await;
    assert!(drafts.iter().any(|draft| draft.contains("Trop tard")), "{drafts:?}");
    assert!(stored(&office, "marie.durand", "marie.durand", FolderRole::Inbox).await.is_empty());
}

#[tokio::test]
async fn a_refusal_is_forgotten_with_its_draft() {
    let office = office().await;
    let mut jean = Browser::signed_in(&office, "jean.dupont@contoso.com").await;
    let form = simple("send", "support@contoso.com", "marie.durand@contoso.com", "Au nom de tous");
    let draft = location(&jean.post_multipart("/compose", form).await).to_owned();
    assert!(text(&jean.get("/").await).contains(&draft));
    let drafts = folder(&office, "jean.dupont", "jean.dupont", FolderRole::Drafts).await;
    let uid = draft.split('=').next_back().unwrap();
    let answer = jean.post(&format!("/mail/{drafts}"), &format!("uid={uid}&what=delete")).await;
    location(&answer);
    assert_eq!(jean.get(&draft).await.status, StatusCode::NOT_FOUND);
    assert!(!text(&jean.get("/").await).contains(&draft), "no link leads to what is gone");
}

#[tokio::test]
async fn the_picker_says_what_recipients_see() {
    let office = office().await;
    let mut jean = Browser::signed_in(&office, "jean.dupont@contoso.com").await;
    let support = folder(&office, "jean.dupont", "support", FolderRole::Inbox).await;
    let path = format!("/compose?folder={support}");
    let page = text(&jean.get(&path).await);
    assert!(page.contains("value=\"jean.dupont@contoso.com\" checked"), "{page}");
    assert!(
        page.contains("no right to send from its address")
            && page.contains("value=\"ask:support@contoso.com\"")
    );
    grant(&office, Right::SendOnBehalf, "jean.dupont").await;
    let page = text(&jean.get(&path).await);
    assert!(page.contains("value=\"support@contoso.com\" checked"), "{page}");
    assert!(page.contains("Recipients see Jean Dupont on behalf of Support"), "{page}");
    assert!(page.contains("Support / Sent") && page.contains("Recorded as: Jean Dupont."));
    grant(&office, Right::SendAs, "jean.dupont").await;
    let page = text(&jean.get(&path).await);
    assert!(page.contains("Recipients see Support"), "{page}");
}

#[tokio::test]
async fn an_answer_to_all_leaves_the_team_out_and_keeps_the_thread() {
    let office = office().await;
    grant(&office, Right::SendAs, "jean.dupont").await;
    let message = "From: Client <client@fabrikam.com>\n\
        To: Support <support@contoso.com>, Marie <marie.durand@contoso.com>\n\
        Cc: jean.dupont@contoso.com, boss@fabrikam.com, CLIENT@fabrikam.com\n\
        Subject: Panne\nMessage-ID: <b@fabrikam.com>\nReferences: <a@fabrikam.com>\n\n\
        Rien ne marche.\n";
    let (folder, uid) = deliver(&office, "jean.dupont", message).await;
    let mut jean = Browser::signed_in(&office, "jean.dupont@contoso.com").await;
    let page = text(&jean.get(&format!("/compose?folder={folder}&replyall={uid}")).await);
    let to = value_after(&page, "name=\"to\" value=\"");
    let cc = value_after(&page, "name=\"cc\" value=\"");
    assert!(to.contains("client@fabrikam.com") && !to.contains("contoso"), "{to}");
    assert!(cc.contains("boss@fabrikam.com") && cc.contains("marie.durand"), "{cc}");
    assert!(!cc.contains("jean.dupont") && !cc.contains("CLIENT"), "{cc}");
    assert!(page.contains("value=\"Re: Panne\"") && page.contains("Rien ne marche."), "{page}");
    let body = form(&[
        ("from", None, b"support@contoso.com"),
        ("to", None, b"marie.durand@contoso.com"),
        ("bcc", None, b"admin@contoso.com"),
        ("subject", None, b"Re: Panne"),
        ("body", None, b"ok"),
        ("answers", None, format!("{folder}/{uid}").as_bytes()),
        ("action", None, b"send"),
    ]);
    let answer = jean.post_multipart("/compose", body).await;
    assert_eq!(location(&answer), format!("/mail/{folder}"));
    office.app.send_due(after_the_hold()).await;
    let sent = &stored(&office, "jean.dupont", "support", FolderRole::Sent).await[0];
    assert!(sent.contains("In-Reply-To: <b@fabrikam.com>"), "{sent}");
    assert!(sent.contains("<a@fabrikam.com>") && !sent.contains("X-Guichet-Answers"), "{sent}");
    assert!(!sent.contains("admin@contoso.com"), "blind copies are not named: {sent}");
    assert_eq!(stored(&office, "admin", "admin", FolderRole::Inbox).await.len(), 1);
    assert!(text(&jean.get(&format!("/mail/{folder}")).await).contains("answered"));
    let support_sent = self::folder(&office, "jean.dupont", "support", FolderRole::Sent).await;
    let list = text(&jean.get(&format!("/mail/{support_sent}")).await);
    assert!(list.contains("by Jean Dupont"), "who really sent: {list}");
}

#[tokio::test]
async fn nothing_that_is_typed_becomes_a_header_field() {
    let office = office().await;
    let mut browser = Browser::signed_in(&office, "marie.durand@contoso.com").await;
    let evil = "Salut\r\nBcc: victim@fabrikam.com\r\nX-Evil: yes\r\n\r\nbody";
    let body = form(&[
        ("to", None, b"\"a\r\nX-Evil: yes\" <jean.dupont@contoso.com>"),
        ("subject", None, evil.as_bytes()),
        ("answers", None, b"1/2\r\nX-Evil: yes"),
        ("body", None, b"--m-\r\nX-Evil: in the body\r\n.\r\n"),
        ("file", Some("a\\\";x=%0D%0A.txt"), b"data"),
        ("action", None, b"send"),
    ]);
    location(&browser.post_multipart("/compose", body).await);
    office.app.send_due(after_the_hold()).await;
    let came = stored(&office, "jean.dupont", "jean.dupont", FolderRole::Inbox).await;
    let header = came[0].split("\r\n\r\n").next().unwrap();
    for line in header.split("\r\n") {
        assert!(!line.starts_with("X-Evil") && !line.starts_with("Bcc"), "{header}");
    }
    assert!(came[0].contains("filename*=utf-8''"), "{}", came[0]);
    let from = form(&[
        ("from", None, b"marie.durand@contoso.com\r\nX-Evil: yes"),
        ("to", None, b"jean.dupont@contoso.com"),
        ("action", None, b"save"),
    ]);
    let answer = browser.post_multipart("/compose", from).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn attachments_stay_with_the_draft_and_their_size_is_limited() {
    const MAX: usize = 25 * 1024 * 1024;
    let office = office().await;
    let mut browser = Browser::signed_in(&office, "marie.durand@contoso.com").await;
    let with_file = |content: &[u8]| {
        form(&[
            ("to", None, b"jean.dupont@contoso.com"),
            ("file", Some("facture \u{e9}.pdf"), content),
            ("action", None, b"save"),
        ])
    };
    let answer = browser.post_multipart("/compose", with_file(b"%PDF")).await;
    let page = text(&browser.get(location(&answer)).await);
    assert!(page.contains("facture \u{e9}.pdf") && page.contains("The draft is saved"), "{page}");
    let draft = value_after(&page, "name=\"draft\" value=\"").to_owned();
    let send = form(&[
        ("to", None, b"jean.dupont@contoso.com"),
        ("draft", None, draft.as_bytes()),
        ("keep", None, value_after(&page, "name=\"keep\" value=\"").as_bytes()),
        ("action", None, b"send"),
    ]);
    location(&browser.post_multipart("/compose", send).await);
    office.app.send_due(after_the_hold()).await;
    let inbox = folder(&office, "jean.dupont", "jean.dupont", FolderRole::Inbox).await;
    let mut jean = Browser::signed_in(&office, "jean.dupont@contoso.com").await;
    let read = text(&jean.get(&format!("/mail/{inbox}/1")).await);
    assert!(read.contains("facture \u{e9}.pdf"), "{read}");
    let saved = jean.get(&format!("/mail/{inbox}/1/part/2")).await;
    assert_eq!(saved.body, b"%PDF");
    let forward = text(&jean.get(&format!("/compose?folder={inbox}&forward=1")).await);
    assert!(forward.contains("name=\"keep\" value=\"2\" checked"), "{forward}");
    let largest = browser.post_multipart("/compose", with_file(&vec![b'x'; MAX])).await;
    assert_eq!(largest.status, StatusCode::SEE_OTHER, "{}", text(&largest));
    let larger = browser.post_multipart("/compose", with_file(&vec![b'x'; MAX + 1])).await;
    assert_eq!(larger.status, StatusCode::UNPROCESSABLE_ENTITY);
    let huge = browser.post_multipart("/compose", with_file(&vec![b'x'; MAX + (3 << 20)])).await;
    assert_eq!(huge.status, StatusCode::UNPROCESSABLE_ENTITY);
    let drafts = stored(&office, "marie.durand", "marie.durand", FolderRole::Drafts).await;
    assert_eq!(drafts.len(), 1, "what is too large is not kept");
}

#[tokio::test]
async fn a_draft_is_replaced_discarded_and_says_what_is_wrong() {
    let office = office().await;
    let mut browser = Browser::signed_in(&office, "marie.durand@contoso.com").await;
    let first = browser.post_multipart("/compose", simple("save", "", "", "Un")).await;
    let first = location(&first).to_owned();
    let uid = first.split(['=', '&']).nth(1).unwrap();
    let second = form(&[
        ("draft", None, uid.as_bytes()),
        ("bcc", None, b"jean.dupont"),
        ("subject", None, b"Deux"),
        ("action", None, b"save"),
    ]);
    let second = location(&browser.post_multipart("/compose", second).await).to_owned();
    assert_eq!(browser.get(&first).await.status, StatusCode::NOT_FOUND);
    let page = text(&browser.get(&second).await);
    assert!(page.contains("value=\"Deux\"") && page.contains("jean.dupont@contoso.com"), "{page}");
    let bad = browser.post_multipart("/compose", simple("save", "", "not an address", "x")).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(&bad).contains("not an address"));
    let none = browser.post_multipart("/compose", simple("send", "", "", "Sans")).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(&none).contains("Say whom"));
    let uid = second.split(['=', '&']).nth(1).unwrap();
    location(&browser.post("/compose/discard", &format!("draft={uid}")).await);
    assert_eq!(browser.get(&second).await.status, StatusCode::NOT_FOUND);
}
