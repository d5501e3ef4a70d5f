//! Rules in the admin centre: writing, ordering, switching, trying and removing them.

use axum::http::StatusCode;

use crate::office::Office;
use crate::pages::{Browser, location, office, text};

const PAGE: &str = "/admin/rules";

async fn guid(office: &Office, noun: &str) -> String {
    let found = office.call(&format!("Get-{noun}"), serde_json::json!({})).await.objects();
    found[0]["Guid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_administrator_writes_orders_switches_and_removes_rules() {
    let office = office().await;
    let mut admin = Browser::signed_in(&office, "admin@contoso.com").await;
    let form = "name=Mark&enabled=true&FromScope=NotInOrganization&PrependSubject=%5BExt%5D\
                &ExceptIfSubjectContainsWords=devis%0D%0Ainvoice%0D%0A&ExpiryDate=2027-01-31T18%3A00";
    let written = admin.post("/admin/rules/transport/new/write", form).await;
    assert_eq!(location(&written), PAGE, "{}", text(&written));
    let second = "name=Second&enabled=true&BlindCopyTo=auditor";
    admin.post("/admin/rules/transport/new/write", second).await;
    let page = text(&admin.get(PAGE).await);
    for part in [
        "The sender is: outside the organisation",
        "The subject has a word of: devis, invoice",
        "-ExceptIfSubjectContainsWords &#39;devis&#39;,&#39;invoice&#39;",
        "Blind copy to: auditor@contoso.com",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let first = guid(&office, "TransportRule").await;
    let mark = format!("/admin/rules/transport/{first}");
    let form = text(&admin.get(&mark).await);
    assert!(form.contains("value=\"2027-01-31T18:00\"") && form.contains("devis\ninvoice"));

    assert_eq!(location(&admin.post(&mark, "what=down").await), PAGE);
    assert_ne!(guid(&office, "TransportRule").await, first);
    assert_eq!(location(&admin.post(&mark, "what=disable").await), PAGE);
    assert!(text(&admin.get(PAGE).await).contains(">Off<"));
    let question = text(&admin.get(&format!("{mark}/remove")).await);
    assert!(question.contains("Remove-TransportRule &#39;Mark&#39;"), "{question}");
    assert_eq!(location(&admin.post(&mark, "what=delete").await), PAGE);
    assert_eq!(admin.get(&mark).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_cannot_be_is_told_on_the_form_with_what_was_typed() {
    let office = office().await;
    let mut admin = Browser::signed_in(&office, "admin@contoso.com").await;
    let wrong = "name=Mark&enabled=true&From=nobody%40contoso.com&PrependSubject=%3Cb%3E";
    let refused = admin.post("/admin/rules/transport/new/write", wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = text(&refused);
    for part in ["The sender is one of: nobody here has the address", "nobody@contoso.com</text"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("<b>"), "shown as text");
    admin.language = "fr";
    let page = text(&admin.post("/admin/rules/transport/new/write", wrong).await);
    assert!(page.contains("L’expéditeur est l’un de :"), "{page}");

    // Of two who look at one rule the second is told.
    let mut other = Browser::signed_in(&office, "admin@contoso.com").await;
    other.post("/admin/rules/transport/new/write", "name=Mark&PrependSubject=x").await;
    let path = format!("/admin/rules/transport/{}", guid(&office, "TransportRule").await);
    let form = text(&other.get(&path).await);
    let (_, version) = form.split_once("name=\"version\" value=\"").unwrap();
    let version = version.split('"').next().unwrap();
    let change = |text: &str| format!("name=Mark&PrependSubject={text}&version={version}");
    let write = format!("{path}/write");
    assert_eq!(location(&other.post(&write, &change("y")).await), PAGE);
    let late = other.post(&write, &change("z")).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(&late).contains("changed by somebody else"), "{}", text(&late));
}

#[tokio::test]
async fn journal_rules_are_written_and_tried() {
    let office = office().await;
    let mut admin = Browser::signed_in(&office, "admin@contoso.com").await;
    let form = "name=All&enabled=true&JournalEmailAddress=archive%40fabrikam.com&Scope=External";
    assert_eq!(location(&admin.post("/admin/rules/journal/new/write", form).await), PAGE);
    let asked = "/admin/rules?from=x%40fabrikam.com&to=support&subject=Hi";
    let page = text(&admin.get(asked).await);
    assert!(page.contains("go to support@contoso.com"), "{page}");
    assert!(page.contains("report to archive@fabrikam.com"), "{page}");
    let asked = "/admin/rules?from=support&to=x%40fabrikam.com&by=jean.dupont";
    let page = text(&admin.get(asked).await);
    assert!(page.contains("has no right to send from this address"), "{page}");
    let nobody = text(&admin.get("/admin/rules?from=x&to=").await);
    assert!(nobody.contains("role=\"status\""), "{nobody}");
}

#[tokio::test]
async fn auditors_read_and_everybody_else_sees_nothing() {
    let office = office().await;
    let mut admin = Browser::signed_in(&office, "admin@contoso.com").await;
    admin.post("/admin/rules/transport/new/write", "name=Mark&PrependSubject=x").await;
    let path = format!("/admin/rules/transport/{}", guid(&office, "TransportRule").await);
    let mut auditor = Browser::signed_in(&office, "auditor@contoso.com").await;
    let page = text(&auditor.get(PAGE).await);
    assert!(page.contains("Mark") && !page.contains("Switch on"), "{page}");
    assert!(text(&auditor.get(&path).await).contains("disabled"));
    for (path, form) in [
        (path.clone(), "what=enable"),
        (format!("{path}/write"), "name=Mark&PrependSubject=y"),
        ("/admin/rules/transport/new/write".to_owned(), "name=New&PrependSubject=y"),
    ] {
        assert_eq!(auditor.post(&path, form).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let mut member = Browser::signed_in(&office, "jean.dupont@contoso.com").await;
    for path in [PAGE, &path, &format!("{path}/remove")] {
        assert_eq!(member.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}
