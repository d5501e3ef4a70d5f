//! Mail of a team in the browser: who looks after a message, who is replying, texts of the team,
//! asking for a right from the picker, conversations, and attachments of any size.

use app::mailbox::change::Brought;
use app::reading::{Flags, FolderRole, OCTETS_AT_ONCE};
use axum::http::StatusCode;
use domain::{Right, Timestamp};

use crate::mail::{after_the_hold, deliver, folder, form, grant, id, stored, value_after};
use crate::office::{NOW, Office};
use crate::pages::{Browser, location, office, text};

const JEAN: &str = "jean.dupont@contoso.com";
const MARIE: &str = "marie.durand@contoso.com";

/// Puts a message into the team's inbox; gives its folder and UID.
async fn to_team(office: &Office, message: &str) -> (i64, i64) {
    let inbox = folder(office, "marie.durand", "support", FolderRole::Inbox).await;
    let person = id(office, "marie.durand");
    let (_, place) = office.app.folder(person, domain::FolderId(inbox), NOW).await.unwrap();
    let content = message.replace('\n', "\r\n").into();
    let brought = Brought { content, flags: Flags::NONE, internal_at: None };
    (inbox, office.app.append(&place, vec![brought], NOW).await.unwrap()[0].uid)
}

const QUESTION: &str = "From: Zoe <zoe@fabrikam.com>\nTo: support@contoso.com\nSubject: Panne\n\
    Message-ID: <q@fabrikam.com>\n\nRien ne marche.\n";

/// The answer of a page that was filled in.
fn answer(page: &str, from: &str, action: &str) -> Vec<u8> {
    let hidden = |name: &str| value_after(page, &format!("name=\"{name}\" value=\"")).to_owned();
    let draft = if page.contains("name=\"draft\"") { hidden("draft") } else { String::new() };
    let (answers, began) = (hidden("answers"), hidden("began"));
    form(&[
        ("from", None, from.as_bytes()),
        ("to", None, b"admin@contoso.com"),
        ("subject", None, b"Re: Panne"),
        ("body", None, b"Bonjour\n\nLe 1er, Zoe:\n> Rien"),
        ("draft", None, draft.as_bytes()),
        ("answers", None, answers.as_bytes()),
        ("began", None, began.as_bytes()),
        ("action", None, action.as_bytes()),
    ])
}

#[tokio::test]
async fn a_list_shows_what_is_to_do() {
    let office = office().await;
    let (inbox, first) = to_team(&office, QUESTION).await;
    let (_, second) = to_team(&office, "From: a@b.example\nSubject: Devis\n\nx\n").await;
    let mut jean = Browser::signed_in(&office, JEAN).await;
    let mut marie = Browser::signed_in(&office, MARIE).await;
    let list = format!("/mail/{inbox}");
    location(&jean.post(&list, &format!("what=take&uid={first}")).await);
    let page = text(&marie.get(&format!("{list}?desk=unassigned")).await);
    assert!(page.contains("Devis") && !page.contains("Panne"), "{page}");
    assert!(
        text(&marie.get(&format!("{list}?desk=mine")).await).contains("Nothing is in this list")
    );
    let mine = text(&jean.get(&format!("{list}?desk=mine")).await);
    assert!(mine.contains("Panne") && !mine.contains("Devis"), "{mine}");
    assert!(mine.contains("aria-current=\"page\">Mine"), "{mine}");
    assert!(text(&marie.get(&list).await).contains("Jean Dupont</span>"), "who looks after it");
    let desk = |uid: i64| format!("/desk/{inbox}/{uid}");
    location(&marie.post(&desk(second), "what=tag&words=devis").await);
    let tagged = text(&jean.get(&format!("{list}?tag=devis")).await);
    assert!(tagged.contains("Devis") && !tagged.contains("Panne"), "{tagged}");
    location(&marie.post(&desk(second), "what=snooze&words=24").await);
    let later = text(&jean.get(&format!("{list}?desk=snoozed")).await);
    assert!(later.contains("Devis") && later.contains("2026-09-22 14:13 UTC"), "{later}");
    location(&jean.post(&list, &format!("what=done&uid={first}")).await);
    let done = text(&jean.get(&format!("{list}?desk=done")).await);
    assert!(done.contains("Panne") && !done.contains("Devis"), "{done}");
    let page = text(&marie.get(&format!("/mail/{inbox}/{second}")).await);
    assert!(page.contains("<option value=\"jean.dupont@contoso.com\">Jean Dupont"), "{page}");
    location(&marie.post(&desk(second), "what=assign&words=jean.dupont@contoso.com").await);
    location(&marie.post(&desk(second), "what=reopen").await);
    assert!(text(&jean.get(&format!("{list}?desk=mine")).await).contains("Devis"));
    let taken = marie.post(&list, &format!("what=take&uid={second}")).await;
    assert_eq!(taken.status, StatusCode::CONFLICT, "a colleague has it");
    let own = text(&jean.get("/").await);
    assert!(!own.contains("desk=mine"), "one's own mail has no desk");
}

#[tokio::test]
async fn two_who_answer_are_told_and_the_slower_one_is_stopped() {
    let office = office().await;
    for who in ["jean.dupont", "marie.durand"] {
        grant(&office, Right::SendAs, who).await;
    }
    let (inbox, uid) = to_team(&office, QUESTION).await;
    let mut jean = Browser::signed_in(&office, JEAN).await;
    let mut marie = Browser::signed_in(&office, MARIE).await;
    let path = format!("/compose?folder={inbox}&reply={uid}");
    let first = text(&jean.get(&path).await);
    assert!(first.contains("hx-post=\"/desk/") && !first.contains("is replying"), "{first}");
    let second = text(&marie.get(&path).await);
    assert!(second.contains("Jean Dupont is replying now"), "{second}");
    let told = text(&jean.post(&format!("/desk/{inbox}/{uid}/replying"), "").await);
    assert!(told.contains("Marie Durand is replying now"), "{told}");
    assert!(text(&jean.get(&format!("/mail/{inbox}/{uid}")).await).contains("Marie Durand is"));
    let left = marie.post(&format!("/desk/{inbox}/{uid}/left"), "").await;
    assert_eq!(left.status, StatusCode::NO_CONTENT);
    assert!(!text(&jean.get(&path).await).contains("is replying"));
    // Both send; the colleague's has gone when Marie's turn comes.
    let from = "support@contoso.com";
    location(&jean.post_multipart("/compose", answer(&first, from, "send")).await);
    location(&marie.post_multipart("/compose", answer(&second, from, "send")).await);
    office.app.send_due(after_the_hold()).await;
    let sent = stored(&office, "marie.durand", "support", FolderRole::Sent).await;
    assert_eq!(sent.len(), 1, "one answer went out");
    let drafts = folder(&office, "marie.durand", "marie.durand", FolderRole::Drafts).await;
    let list = text(&marie.get(&format!("/mail/{drafts}")).await);
    let draft = format!("/compose?draft={}", value_after(&list, "/compose?draft="));
    let stopped = text(&marie.get(&draft).await);
    assert!(stopped.contains("Jean Dupont has answered this message."), "{stopped}");
    let there = value_after(&stopped, "<a class=\"button\" href=\"");
    assert!(text(&marie.get(there).await).contains("Re: Panne"), "the answer can be read");
    // Sending once more is stopped at once, unless it is said that it is meant.
    let again = marie.post_multipart("/compose", answer(&stopped, from, "send")).await;
    let stopped = text(&marie.get(location(&again)).await);
    let anyway = format!("anyway:{}", value_after(&stopped, "value=\"anyway:"));
    let gone = marie.post_multipart("/compose", answer(&stopped, from, &anyway)).await;
    assert_eq!(location(&gone), format!("/mail/{inbox}"));
    let later = Timestamp(after_the_hold().0 + 60_000);
    office.app.send_due(later).await;
    let sent = stored(&office, "marie.durand", "support", FolderRole::Sent).await;
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|sent| !sent.contains("X-Guichet-Answers")));
    let page = text(&jean.get(&format!("/mail/{inbox}/{uid}")).await);
    assert!(page.contains("Marie Durand has answered"), "{page}");
    assert!(page.contains("Conversation: 3 messages"), "{page}");
}

#[tokio::test]
async fn texts_of_the_team_are_put_in_and_owners_write_them() {
    let office = office().await;
    grant(&office, Right::SendAs, "jean.dupont").await;
    let (inbox, uid) = to_team(&office, QUESTION).await;
    let mut marie = Browser::signed_in(&office, MARIE).await;
    let mut jean = Browser::signed_in(&office, JEAN).await;
    let replies = format!("/desk/{inbox}/replies");
    location(&marie.post(&replies, "title=Merci&words=Merci+%3Cb%3E+de+votre+message.").await);
    let page = text(&jean.get(&replies).await);
    assert!(
        page.contains("Merci") && !page.contains("<b>") && !page.contains("<textarea"),
        "{page}"
    );
    let forbidden = jean.post(&replies, "title=x&words=y").await;
    assert_eq!(forbidden.status, StatusCode::FORBIDDEN);
    let compose = text(&jean.get(&format!("/compose?folder={inbox}&reply={uid}")).await);
    let canned = value_after(&compose, "<select id=\"canned\" name=\"canned\"><option value=\"");
    let mut body = answer(&compose, "support@contoso.com", "insert");
    body.truncate(body.len() - "--form--\r\n".len());
    body.extend(form(&[("canned", None, canned.as_bytes())]));
    let saved = jean.post_multipart("/compose", body).await;
    let page = text(&jean.get(location(&saved)).await);
    assert!(page.contains("Bonjour\nMerci &#60;b&#62; de votre message.\n\nLe 1er"), "{page}");
    let mut auditor = Browser::signed_in(&office, "auditor@contoso.com").await;
    assert_eq!(auditor.get(&replies).await.status, StatusCode::NOT_FOUND);
    let id = value_after(&text(&marie.get(&replies).await), "name=\"id\" value=\"").to_owned();
    assert_eq!(jean.post(&replies, &format!("id={id}")).await.status, StatusCode::FORBIDDEN);
    location(&marie.post(&replies, &format!("id={id}")).await);
    assert!(text(&marie.get(&replies).await).contains("There are none yet"));
}

#[tokio::test]
async fn an_owner_is_asked_from_the_picker_and_the_message_is_kept() {
    let office = office().await;
    let mut jean = Browser::signed_in(&office, JEAN).await;
    let inbox = folder(&office, "jean.dupont", "support", FolderRole::Inbox).await;
    let page = text(&jean.get(&format!("/compose?folder={inbox}")).await);
    assert!(page.contains("value=\"support@contoso.com\" disabled"), "greyed: {page}");
    assert!(page.contains("no right to send from its address"), "with the reason");
    let typed = |to: &[u8]| {
        form(&[
            ("from", None, JEAN.as_bytes()),
            ("to", None, to),
            ("subject", None, b"Offre"),
            ("body", None, b"Bonjour"),
            ("action", None, b"ask:support@contoso.com"),
        ])
    };
    let nobody = jean.post_multipart("/compose", typed(b"")).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(&nobody).contains("no recipients") && text(&nobody).contains("value=\"Offre\""));
    let asked = jean.post_multipart("/compose", typed(b"x@fabrikam.com")).await;
    let request = location(&asked).to_owned();
    assert!(request.starts_with("/requests/"), "{request}");
    let mut marie = Browser::signed_in(&office, MARIE).await;
    let page = text(&marie.get(&request).await);
    assert!(page.contains("Offre") && page.contains("support@contoso.com"), "{page}");
    let decision = "what=grant&right=send-as&span=message&words=ok";
    let decided = marie.post(request.split('?').next().unwrap(), decision).await;
    assert!(location(&decided).ends_with("done=sent"), "{}", location(&decided));
    let sent = stored(&office, "marie.durand", "support", FolderRole::Sent).await;
    assert!(sent.len() == 1 && sent[0].contains("Subject: Offre"), "{sent:?}");
}

#[tokio::test]
async fn an_attachment_of_many_pieces_comes_out_whole() {
    let office = office().await;
    let line = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAx\n";
    let lines = 3 * OCTETS_AT_ONCE / line.len();
    let message = format!(
        "From: a@b.example\nSubject: Large\nContent-Type: multipart/mixed; boundary=m\n\n\
         --m\nContent-Type: text/plain\n\nSee the file.\n--m\nContent-Type: application/pdf; name=a.pdf\n\
         Content-Transfer-Encoding: base64\n\n{}--m--\n",
        line.repeat(lines)
    );
    let (folder, uid) = deliver(&office, "jean.dupont", &message).await;
    let mut jean = Browser::signed_in(&office, JEAN).await;
    let page = text(&jean.get(&format!("/mail/{folder}/{uid}")).await);
    assert!(page.contains("See the file.") && page.contains("a.pdf"), "{page}");
    let saved = jean.get(&format!("/mail/{folder}/{uid}/part/2")).await;
    let piece = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz01";
    assert_eq!(saved.body.len(), piece.len() * lines);
    assert!(saved.body.chunks(piece.len()).all(|chunk| chunk == piece));
    let original = jean.get(&format!("/mail/{folder}/{uid}/original")).await;
    assert_eq!(original.body, message.replace('\n', "\r\n").into_bytes());
}
