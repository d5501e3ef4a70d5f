//! Requests for a right to send: asking, deciding, and the message that waits.

use app::ask::{
    About, Ask, AskError, DecideError, DecideOrder, Decision, OPEN_REQUESTS_MAX, RequestOutcome,
    Span, State, WORDS_CHARACTERS_MAX,
};
use app::command::{Command, LinkOrder};
use app::mailbox::change::Brought;
use app::submit::SubmitError;
use domain::{FolderId, Right};
use store::Flags;

use crate::office::{NOW, Office, grant};
use crate::sending::{address, message, newest, submit};

const JEAN: &str = "jean.dupont";
const MARIE: &str = "marie.durand";
const TEAM: &str = "support@contoso.com";

async fn ask(office: &Office, about: About) -> Result<i64, AskError> {
    let ask = Ask { asker: office.find(JEAN).id, about, words: "A customer waits".into() };
    office.app.ask(&ask, NOW).await
}

fn waiting(to: &str) -> About {
    About::Message { content: message(TEAM), recipients: vec![address(to)] }
}

async fn decide(
    office: &Office,
    who: &str,
    id: i64,
    decision: Decision,
) -> Result<RequestOutcome, DecideError> {
    let order = DecideOrder { id, decision, words: "Because".into(), client: None };
    office.app.decide_request(&office.actor(who), &order, NOW).await
}

fn yes(span: Span) -> Decision {
    Decision::Grant(Right::SendAs, span)
}

async fn state(office: &Office, id: i64) -> app::ask::Request {
    office.app.request(&office.actor(JEAN), id).await.unwrap().expect("the asker sees it").request
}

fn rights_on_team(office: &Office) -> usize {
    office.app.directory().grants_on(office.find(TEAM).id).len()
}

async fn reads(office: &Office, who: &str) -> String {
    let mail = newest(office, who, false).await.expect("there is mail");
    let mail = String::from_utf8_lossy(&mail).into_owned();
    let body = mail.split("base64\r\n\r\n").nth(1).unwrap_or_default();
    let body: String = body.lines().take_while(|line| !line.starts_with("--")).collect();
    use base64::Engine as _;
    let body = base64::engine::general_purpose::STANDARD.decode(body).unwrap_or_default();
    format!("{mail}\n{}", String::from_utf8_lossy(&body))
}

#[tokio::test]
async fn a_message_waits_goes_by_itself_and_leaves_no_right() {
    let office = Office::contoso().await;
    let id = ask(&office, waiting("claire.martin@contoso.com")).await.unwrap();
    let told = reads(&office, MARIE).await;
    assert!(told.contains(&format!("https://mail.contoso.com/requests/{id}")), "{told}");
    assert!(told.contains("> A customer waits") && told.contains("Jean Dupont"), "{told}");
    assert_eq!(newest(&office, "claire.martin", false).await, None, "nothing goes before");
    let outcome = decide(&office, MARIE, id, yes(Span::Message)).await.unwrap();
    assert!(matches!(outcome, RequestOutcome::Sent(_)), "{outcome:?}");
    let left = newest(&office, "claire.martin", false).await.expect("delivered");
    assert!(String::from_utf8_lossy(&left).contains("support@contoso.com"));
    assert!(newest(&office, "support", true).await.is_some(), "the team keeps a copy");
    assert_eq!(rights_on_team(&office), 0, "the right is taken back");
    let again = submit(&office, JEAN, TEAM, &["claire.martin@contoso.com"]).await;
    assert!(matches!(again, Err(SubmitError::Denied(_))), "{again:?}");
    let found = state(&office, id).await;
    assert_eq!(found.state, State::Granted);
    assert!(found.sent.is_some() && !found.has_content);
    assert!(reads(&office, JEAN).await.contains("marie.durand@contoso.com agreed"));
    let audit = office.audit().await;
    let done: Vec<&str> = audit.iter().map(|record| record.operation.as_str()).collect();
    for operation in ["New-SendRequest", "Set-SendRequest", "Add-RecipientPermission", "SendAs"] {
        assert!(done.contains(&operation), "{operation}: {done:?}");
    }
    assert_eq!(audit.last().unwrap().operation, "Remove-RecipientPermission");
}

#[tokio::test]
async fn the_right_for_one_message_goes_even_where_the_message_does_not() {
    let office = Office::contoso().await;
    let id = ask(&office, waiting("nobody@contoso.com")).await.unwrap();
    let outcome = decide(&office, MARIE, id, yes(Span::Message)).await.unwrap();
    let RequestOutcome::NotSent(why) = outcome else { panic!("{outcome:?}") };
    assert!(why.contains("nobody@contoso.com"), "{why}");
    assert_eq!(rights_on_team(&office), 0);
    let found = state(&office, id).await;
    assert_eq!((found.state, found.has_content), (State::Failed, true), "the message is kept");
    assert_eq!(found.failure, Some(why));
    assert!(reads(&office, JEAN).await.contains("could not be sent"));
    // What is mended meanwhile lets the same message go with the next decision.
    office.user("nobody", "Nobody", domain::AccountRole::Member).await;
    let jean = office.find(JEAN).id;
    let again = office.app.send_request_again(jean, id, NOW).await.unwrap();
    assert!(matches!(again, RequestOutcome::NotSent(_)), "without a right it stays: {again:?}");
    let outcome = decide(&office, MARIE, id, yes(Span::Days)).await.unwrap();
    assert!(matches!(outcome, RequestOutcome::Sent(_)), "{outcome:?}");
    assert!(newest(&office, "nobody", false).await.is_some());
}

#[tokio::test]
async fn of_two_who_decide_at_once_one_wins() {
    let office = Office::contoso().await;
    let links = LinkOrder {
        group: "support".into(),
        link: app::command::Link::Owner,
        who: vec!["claire.martin".into()],
    };
    office.run(Command::AddLinks(links)).await.unwrap();
    let id = ask(&office, waiting("claire.martin@contoso.com")).await.unwrap();
    let (one, other) = tokio::join!(
        decide(&office, MARIE, id, yes(Span::UntilRevoked)),
        decide(&office, "claire.martin", id, Decision::Decline)
    );
    assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1, "{one:?} {other:?}");
    let rights = rights_on_team(&office);
    assert_eq!(rights, usize::from(one.is_ok()), "the one who lost changed nothing");
    let late = decide(&office, "admin@contoso.com", id, Decision::Decline).await;
    assert!(matches!(late, Err(DecideError::AlreadyDecided(Some(_)))), "{late:?}");
}

#[tokio::test]
async fn only_who_can_grant_decides_and_others_see_nothing() {
    let office = Office::contoso().await;
    let id = ask(&office, waiting("claire.martin@contoso.com")).await.unwrap();
    let member = decide(&office, "claire.martin", id, yes(Span::Message)).await;
    assert!(matches!(member, Err(DecideError::NotFound)), "{member:?}");
    let asker = decide(&office, JEAN, id, yes(Span::Message)).await;
    assert!(matches!(asker, Err(DecideError::NotAllowed)), "{asker:?}");
    let auditor = decide(&office, "auditor", id, Decision::Decline).await;
    assert!(matches!(auditor, Err(DecideError::NotAllowed)), "{auditor:?}");
    let claire = office.actor("claire.martin");
    assert_eq!(office.app.request(&claire, id).await.unwrap(), None);
    assert_eq!(office.app.request_content(&claire, id).await.unwrap(), None);
    let mine = office.app.requests_to_decide(&office.actor(MARIE)).await.unwrap();
    assert_eq!(mine.len(), 1);
    for other in ["auditor", "claire.martin", JEAN] {
        let found = office.app.requests_to_decide(&office.actor(other)).await.unwrap();
        assert!(found.is_empty(), "{other}");
    }
    let claire = office.find("claire.martin").id;
    let stolen = office.app.withdraw_request(claire, id, NOW).await;
    assert!(matches!(stolen, Err(DecideError::NotFound)), "{stolen:?}");
    let full = Decision::Grant(Right::FullAccess, Span::Message);
    let full = decide(&office, MARIE, id, full).await;
    assert!(matches!(full, Err(DecideError::NoRightToSend)), "{full:?}");
    assert_eq!(rights_on_team(&office), 0);
}

#[tokio::test]
async fn a_longer_right_that_came_meanwhile_stays() {
    let office = Office::contoso().await;
    let id = ask(&office, waiting("claire.martin@contoso.com")).await.unwrap();
    office.run(grant(TEAM, JEAN, Right::SendOnBehalf)).await.unwrap();
    let outcome = decide(&office, MARIE, id, yes(Span::Message)).await.unwrap();
    assert!(matches!(outcome, RequestOutcome::Sent(_)), "{outcome:?}");
    assert_eq!(rights_on_team(&office), 1);
}

#[tokio::test]
async fn declined_and_withdrawn_requests_are_over() {
    let office = Office::contoso().await;
    let id = ask(&office, waiting("claire.martin@contoso.com")).await.unwrap();
    let empty = DecideOrder { id, decision: Decision::Decline, words: "  ".into(), client: None };
    let empty = office.app.decide_request(&office.actor(MARIE), &empty, NOW).await;
    assert!(matches!(empty, Err(DecideError::Words)), "{empty:?}");
    decide(&office, MARIE, id, Decision::Decline).await.unwrap();
    assert!(reads(&office, JEAN).await.contains("> Because"));
    let jean = office.find(JEAN).id;
    let late = office.app.withdraw_request(jean, id, NOW).await;
    assert!(matches!(late, Err(DecideError::AlreadyDecided(_))), "{late:?}");
    let next = ask(&office, waiting("claire.martin@contoso.com")).await.unwrap();
    office.app.withdraw_request(jean, next, NOW).await.unwrap();
    assert!(!state(&office, next).await.has_content);
    let late = decide(&office, MARIE, next, yes(Span::Message)).await;
    assert!(matches!(late, Err(DecideError::AlreadyDecided(_))), "{late:?}");
    assert_eq!(newest(&office, "claire.martin", false).await, None);
}

#[tokio::test]
async fn a_refusal_asks_for_the_right_alone_and_once() {
    let office = Office::contoso().await;
    let refused = submit(&office, JEAN, TEAM, &["a@b.example"]).await;
    let Err(SubmitError::Denied(denial)) = refused else { panic!("refused") };
    let id = ask(&office, About::Refusal(denial.reference.clone())).await.unwrap();
    let again = ask(&office, About::Refusal(denial.reference.clone())).await.unwrap();
    assert_eq!(id, again);
    let claire = Ask {
        asker: office.find("claire.martin").id,
        about: About::Refusal(denial.reference),
        words: String::new(),
    };
    let stolen = office.app.ask(&claire, NOW).await;
    assert!(matches!(stolen, Err(AskError::NotFound)), "{stolen:?}");
    let one = decide(&office, MARIE, id, yes(Span::Message)).await;
    assert!(matches!(one, Err(DecideError::NoMessage)), "{one:?}");
    let outcome = decide(&office, MARIE, id, yes(Span::Days)).await.unwrap();
    assert_eq!(outcome, RequestOutcome::Granted);
    assert!(submit(&office, JEAN, TEAM, &["a@b.example"]).await.is_ok());
}

#[tokio::test]
async fn a_draft_waits_and_is_gone_when_it_went() {
    let office = Office::contoso().await;
    let jean = office.find(JEAN).id;
    let (folder, place) = office.app.folder_named(jean, "Drafts", NOW).await.unwrap();
    let draft = "From: support@contoso.com\r\nTo: claire.martin@contoso.com\r\n\
                 Bcc: marie.durand@contoso.com\r\nSubject: Draft\r\n\r\nBody\r\n";
    let brought = Brought { content: draft.into(), flags: Flags::DRAFT, internal_at: None };
    let put = office.app.append(&place, vec![brought], NOW).await.unwrap();
    let about = |folder: FolderId, uid| About::Draft { folder, uid };
    let uid = put[0].uid;
    let id = ask(&office, about(folder.id, uid)).await.unwrap();
    let other = ask(&office, about(folder.id, uid + 1)).await;
    assert!(matches!(other, Err(AskError::NotFound)), "{other:?}");
    let claires = office.find("claire.martin").folders.unwrap().inbox;
    let other = ask(&office, about(claires, 1)).await;
    assert!(matches!(other, Err(AskError::NotFound)), "{other:?}");
    let outcome = decide(&office, MARIE, id, yes(Span::Message)).await.unwrap();
    assert!(matches!(outcome, RequestOutcome::Sent(_)), "{outcome:?}");
    let left = newest(&office, "claire.martin", false).await.expect("delivered");
    assert!(!String::from_utf8_lossy(&left).contains("Bcc"), "the blind copy is not told");
    assert!(newest(&office, MARIE, false).await.is_some());
    assert_eq!(store::message::count(&office.store, folder.id).await.unwrap(), 0);
}

#[tokio::test]
async fn nobody_is_asked_for_what_is_allowed_or_impossible() {
    let office = Office::contoso().await;
    let about = |from: &str| About::Message {
        content: message(from),
        recipients: vec![address("claire.martin@contoso.com")],
    };
    let own = ask(&office, about("jean.dupont@contoso.com")).await;
    assert!(matches!(own, Err(AskError::NotRefused)), "{own:?}");
    let elsewhere = ask(&office, about("boss@fabrikam.com")).await;
    assert!(matches!(elsewhere, Err(AskError::NotGrantable(_))), "{elsewhere:?}");
    let nobody = About::Message { content: message(TEAM), recipients: Vec::new() };
    assert!(matches!(ask(&office, nobody).await, Err(AskError::Recipients)));
    let words = |count| Ask {
        asker: office.find(JEAN).id,
        about: waiting("claire.martin@contoso.com"),
        words: "é".repeat(count),
    };
    let long = office.app.ask(&words(WORDS_CHARACTERS_MAX + 1), NOW).await;
    assert!(matches!(long, Err(AskError::WordsTooLong)), "{long:?}");
    for _ in 0..OPEN_REQUESTS_MAX {
        office.app.ask(&words(WORDS_CHARACTERS_MAX), NOW).await.unwrap();
    }
    let one_more = office.app.ask(&words(1), NOW).await;
    assert!(matches!(one_more, Err(AskError::TooManyOpen)), "{one_more:?}");
}

#[tokio::test]
async fn administrators_are_asked_about_what_has_no_owner() {
    let office = Office::contoso().await;
    let about = About::Message {
        content: message("facturation@contoso.com"),
        recipients: vec![address("claire.martin@contoso.com")],
    };
    let id = ask(&office, about).await.unwrap();
    assert!(reads(&office, "admin@contoso.com").await.contains("/requests/"));
    let owner = decide(&office, MARIE, id, yes(Span::Message)).await;
    assert!(matches!(owner, Err(DecideError::NotFound)), "{owner:?}");
    let outcome = decide(&office, "admin@contoso.com", id, yes(Span::UntilRevoked)).await.unwrap();
    assert!(matches!(outcome, RequestOutcome::Sent(_)), "{outcome:?}");
}
