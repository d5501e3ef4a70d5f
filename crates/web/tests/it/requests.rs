//! Asking for a right on the pages, deciding, and the page that explains a refusal.

use app::mailbox::change::Brought;
use app::submit::SubmitError;
use axum::http::{Method, StatusCode};
use domain::Right;
use serde_json::json;
use store::Flags;

use crate::office::{NOW, Office, PASSWORD};
use crate::pages::{Browser, location, office, text};

const JEAN: &str = "jean.dupont@contoso.com";
const MARIE: &str = "marie.durand@contoso.com";
const GRANT: &str = "what=grant&right=send-as&span=message&words=Go+ahead";

/// The reference under which Jean is refused.
async fn reference(office: &Office) -> String {
    let refused = office.submit("jean.dupont", "support@contoso.com", "x@fabrikam.com").await;
    let Err(SubmitError::Denied(denial)) = refused else { panic!("{refused:?}") };
    denial.reference
}

/// Puts a draft of Jean's into his folder; gives the form that asks about it.
async fn draft(office: &Office) -> String {
    let jean = office.app.directory().find("jean.dupont").unwrap().id;
    let (folder, place) = office.app.folder_named(jean, "Drafts", NOW).await.unwrap();
    let draft = "From: support@contoso.com\r\nTo: auditor@contoso.com\r\n\
                 Subject: <b>Offer</b>\r\n\r\n<script>alert(1)</script> text of the offer\r\n";
    let brought = Brought { content: draft.into(), flags: Flags::DRAFT, internal_at: None };
    let put = office.app.append(&place, vec![brought], NOW).await.unwrap();
    format!("folder={}&uid={}&words=%3Ci%3Eplease", folder.id.0, put[0].uid)
}

/// Somebody who is no member of the team.
async fn with_claire(office: &Office) {
    let claire = json!({ "Name": "Claire Martin", "Alias": "claire.martin" });
    office.call("New-Mailbox", claire).await.objects();
    office.set_password("claire.martin@contoso.com", PASSWORD).await;
}

fn page_of(answer: &crate::office::Answer) -> String {
    location(answer).split('?').next().unwrap().to_owned()
}

fn rights(office: &Office) -> usize {
    let directory = office.app.directory();
    let team = directory.find("support").unwrap().id;
    directory.grants_on(team).iter().filter(|grant| grant.right == Right::SendAs).count()
}

#[tokio::test]
async fn a_refused_draft_is_asked_about_allowed_and_sent() {
    let office = office().await;
    let mut jean = Browser::signed_in(&office, JEAN).await;
    let form = draft(&office).await;
    let asked = jean.post("/ask", &form).await;
    assert!(location(&asked).ends_with("?done=asked"));
    let page = page_of(&asked);
    let shown = text(&jean.get(location(&asked)).await);
    assert!(shown.contains("text of the offer") && shown.contains("Withdraw the request"));
    assert!(!shown.contains("value=\"grant\""), "the asker does not decide");
    assert!(
        !shown.contains("<script>alert") && !shown.contains("<b>Offer") && !shown.contains("<i>p")
    );

    let mut marie = Browser::signed_in(&office, MARIE).await;
    assert!(text(&marie.get("/requests").await).contains(&page));
    let shown = text(&marie.get(&page).await);
    assert!(shown.contains("value=\"grant\"") && shown.contains("For this message only"));
    assert!(shown.contains("recipients see Jean Dupont on behalf of Support"), "{shown}");
    assert_eq!(rights(&office), 0, "looking gives nothing");
    assert_eq!(location(&marie.post(&page, GRANT).await), format!("{page}?done=sent"));
    assert_eq!(rights(&office), 0, "for this message only");
    let again = marie.post(&page, GRANT).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(text(&again).contains("marie.durand@contoso.com has decided"), "{}", text(&again));
    let shown = text(&jean.get(&page).await);
    assert!(shown.contains("Sent") && shown.contains("Go ahead"), "{shown}");
    let mut auditor = Browser::signed_in(&office, "auditor@contoso.com").await;
    let trace = text(&auditor.get("/admin/trace").await);
    assert!(trace.contains("Offer"), "{trace}");
}

#[tokio::test]
async fn requests_are_seen_and_decided_by_nobody_else() {
    let office = office().await;
    with_claire(&office).await;
    let mut jean = Browser::signed_in(&office, JEAN).await;
    let form = draft(&office).await;
    let page = page_of(&jean.post("/ask", &form).await);
    let mut claire = Browser::signed_in(&office, "claire.martin@contoso.com").await;
    assert_eq!(claire.get(&page).await.status, StatusCode::NOT_FOUND);
    for form in [GRANT, "what=decline&words=no", "what=withdraw", "what=again"] {
        assert_eq!(claire.post(&page, form).await.status, StatusCode::NOT_FOUND, "{form}");
    }
    assert_eq!(claire.post("/ask", &form).await.status, StatusCode::NOT_FOUND, "another's draft");
    assert_eq!(jean.post(&page, GRANT).await.status, StatusCode::FORBIDDEN);
    let mut auditor = Browser::signed_in(&office, "auditor@contoso.com").await;
    let shown = text(&auditor.get(&page).await);
    assert!(shown.contains("text of the offer") && !shown.contains("<button name=\"what\""));
    assert!(!shown.contains("value=\"grant\""));
    assert_eq!(auditor.post(&page, GRANT).await.status, StatusCode::FORBIDDEN);
    let mut marie = Browser::signed_in(&office, MARIE).await;
    let foreign = marie.ask(Method::POST, &page, Some(GRANT), false).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN, "not from a page of ours");
    for form in
        ["what=grant&words=x", "what=grant&right=full-access&span=message&words=x", "what=x"]
    {
        let answer = marie.post(&page, form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
    }
    for path in ["/requests/0", "/requests/x", "/requests/-1", "/requests/99999999999999999999"] {
        assert_eq!(marie.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let mut nobody = Browser::new(&office);
    assert!(location(&nobody.get(&page).await).starts_with("/sign-in?next="));
    assert_eq!(nobody.post(&page, GRANT).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(rights(&office), 0);
    assert_eq!(
        location(&jean.post(&page, "what=withdraw").await),
        format!("{page}?done=withdrawn")
    );
    assert_eq!(marie.post(&page, GRANT).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn why_tells_each_what_concerns_them() {
    let office = office().await;
    with_claire(&office).await;
    let reference = reference(&office).await;
    let why = format!("/why/{reference}");
    let mut jean = Browser::signed_in(&office, JEAN).await;
    let shown = text(&jean.get(&why).await);
    assert!(shown.contains("✗") && shown.contains("✓"), "{shown}");
    assert!(shown.contains("action=\"/ask\"") && !shown.contains("guichet grant"));
    assert!(shown.contains("marie.durand@contoso.com"), "who can grant it");
    assert!(!shown.contains("/grant\""), "the refused person grants nothing");
    let mut marie = Browser::signed_in(&office, MARIE).await;
    let shown = text(&marie.get(&why).await);
    assert!(shown.contains("/grant\"") && !shown.contains("action=\"/ask\""), "{shown}");
    assert!(shown.contains("New-UnifiedGroup"), "the last change is named: {shown}");
    assert!(!shown.contains("password"), "the account is not the owner's business: {shown}");
    let mut auditor = Browser::signed_in(&office, "auditor@contoso.com").await;
    let shown = text(&auditor.get(&why).await);
    assert!(shown.contains("guichet grant") && !shown.contains("/grant\""), "{shown}");
    let mut claire = Browser::signed_in(&office, "claire.martin@contoso.com").await;
    assert_eq!(claire.get(&why).await.status, StatusCode::NOT_FOUND);
    assert_eq!(marie.get("/why/G1-AAAAAA").await.status, StatusCode::NOT_FOUND);
    let form = format!("reference={reference}&words=");
    assert_eq!(claire.post("/ask", &form).await.status, StatusCode::NOT_FOUND);

    let page = page_of(&jean.post("/ask", &form).await);
    assert!(text(&marie.get(&page).await).contains(&why));
    let one = marie.post(&page, GRANT).await;
    assert_eq!(one.status, StatusCode::UNPROCESSABLE_ENTITY, "no message waits");
    let days = GRANT.replace("span=message", "span=30-days");
    assert_eq!(location(&marie.post(&page, &days).await), format!("{page}?done=granted"));
    assert_eq!(rights(&office), 1);
    jean.language = "fr";
    let shown = text(&jean.get(&why).await);
    assert!(
        shown.contains("Ce qui a été vérifié") && !shown.contains("action=\"/ask\""),
        "{shown}"
    );
    assert!(text(&jean.get(&page).await).contains("Pour 30 jours"));
    assert!(text(&jean.get("/requests").await).contains("Mes demandes"));
    assert_eq!(jean.post("/ask", &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn members_share_a_desk_and_others_see_none() {
    let office = office().await;
    with_claire(&office).await;
    office.submit("admin", "admin@contoso.com", "support@contoso.com").await.unwrap();
    let folder = office.app.directory().find("support").unwrap().folders.unwrap().inbox;
    let desk = format!("/desk/{}/1", folder.0);
    let mut jean = Browser::signed_in(&office, JEAN).await;
    let mut marie = Browser::signed_in(&office, MARIE).await;
    let message = format!("/mail/{}/1", folder.0);
    assert_eq!(location(&jean.post(&desk, "what=take").await), format!("{message}#desk"));
    let taken = marie.post(&desk, "what=take").await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    assert!(text(&taken).contains("Jean Dupont"), "{}", text(&taken));
    location(&marie.post(&desk, "what=note&words=%3Cscript%3Ealert(1)").await);
    location(&marie.post(&desk, "what=tag&words=billing").await);
    location(&marie.post(&desk, "what=done").await);
    assert_eq!(location(&jean.get(&desk).await), format!("{message}#desk"));
    let shown = text(&jean.get(&message).await);
    assert!(
        shown.contains("billing") && shown.contains("<span class=\"tag good\">Done"),
        "{shown}"
    );
    assert!(shown.contains("alert(1)") && !shown.contains("<script>alert"), "{shown}");
    for form in
        ["what=tag&words=two+words", "what=note&words=", "what=assign&words=auditor", "what=snooze"]
    {
        let wrong = jean.post(&desk, form).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
    }
    let mut claire = Browser::signed_in(&office, "claire.martin@contoso.com").await;
    for form in ["what=take", "what=note&words=x", "what=done"] {
        assert_eq!(claire.post(&desk, form).await.status, StatusCode::NOT_FOUND, "{form}");
    }
    assert_eq!(claire.get(&desk).await.status, StatusCode::NOT_FOUND);
    let foreign = jean.ask(Method::POST, &desk, Some("what=release"), false).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
}
