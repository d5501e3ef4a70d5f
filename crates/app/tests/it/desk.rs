//! The team desk: who looks after a message, notes, who replies.

use app::desk::{ASSIGNED, DONE, DeskChange, DeskError, REPLYING_SECS, TAG_CHARACTERS_MAX};
use app::mailbox::{MailboxError, Place};
use domain::MessageId;

use crate::office::{NOW, Office};
use crate::sending::submit;

/// A message to the team, as a member finds it.
async fn team_mail(office: &Office, who: &[&str]) -> (Vec<Place>, i64) {
    submit(office, "admin", "admin@contoso.com", &["support@contoso.com"]).await.unwrap();
    let folder = office.find("support").folders.unwrap().inbox;
    let folder = store::folder::status(&office.store, folder).await.unwrap().unwrap();
    let place = |who: &&str| office.app.place(office.find(who).id, &folder, NOW).unwrap();
    (who.iter().map(place).collect(), folder.uid_next - 1)
}

async fn keywords(office: &Office, place: &Place, uid: i64) -> Vec<String> {
    let range = store::UidRange::of(uid);
    let rows = store::mailbox::rows(&office.store, place.folder, place.reader, range, 1).await;
    let flags = rows.unwrap()[0].flags;
    let all = office.app.keywords(place, &[]).await.unwrap();
    all.into_iter().filter(|of| flags.contains(of.flag)).map(|of| of.name).collect()
}

#[tokio::test]
async fn of_two_who_take_a_message_one_has_it() {
    let office = Office::contoso().await;
    let (places, uid) = team_mail(&office, &["jean.dupont", "claire.martin"]).await;
    let (one, other) = tokio::join!(
        office.app.desk_change(&places[0], uid, &DeskChange::Take, NOW),
        office.app.desk_change(&places[1], uid, &DeskChange::Take, NOW)
    );
    assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1, "{one:?} {other:?}");
    let (winner, loser) = if one.is_ok() { (0, 1) } else { (1, 0) };
    let late = office.app.desk_change(&places[loser], uid, &DeskChange::Take, NOW).await;
    assert!(matches!(late, Err(DeskError::Taken(who)) if who == places[winner].person), "{late:?}");
    let seen = office.app.desk(&places[loser], uid, NOW).await.unwrap();
    assert_eq!(seen.item.assignee, Some(places[winner].person));
    assert_eq!(keywords(&office, &places[loser], uid).await, [ASSIGNED]);
    let mine = DeskChange::Assign(places[loser].person);
    office.app.desk_change(&places[loser], uid, &mine, NOW).await.unwrap();
    let done = office.app.desk_change(&places[loser], uid, &DeskChange::Done, NOW).await.unwrap();
    assert_eq!((done.assignee, done.done_at), (Some(places[loser].person), Some(NOW)));
    assert_eq!(keywords(&office, &places[loser], uid).await, [ASSIGNED, DONE]);
    office.app.desk_change(&places[winner], uid, &DeskChange::Release, NOW).await.unwrap();
    office.app.desk_change(&places[winner], uid, &DeskChange::Reopen, NOW).await.unwrap();
    assert!(keywords(&office, &places[winner], uid).await.is_empty());
    let stranger = DeskChange::Assign(office.find("auditor").id);
    let stranger = office.app.desk_change(&places[0], uid, &stranger, NOW).await;
    assert!(matches!(stranger, Err(DeskError::NotAMember)), "{stranger:?}");
}

#[tokio::test]
async fn a_snooze_ends_by_itself() {
    let office = Office::contoso().await;
    let (places, uid) = team_mail(&office, &["jean.dupont"]).await;
    let until = NOW.plus_secs(60);
    let past = office.app.desk_change(&places[0], uid, &DeskChange::Snooze(NOW), NOW).await;
    assert!(matches!(past, Err(DeskError::Text(_))), "{past:?}");
    office.app.desk_change(&places[0], uid, &DeskChange::Snooze(until), NOW).await.unwrap();
    let during = office.app.desk(&places[0], uid, until.plus_secs(-1)).await.unwrap();
    assert_eq!(during.item.snoozed_until, Some(until));
    assert_eq!(office.app.desk(&places[0], uid, until).await.unwrap().item.snoozed_until, None);
}

#[tokio::test]
async fn notes_and_tags_are_the_team_s() {
    let office = Office::contoso().await;
    let (places, uid) = team_mail(&office, &["jean.dupont", "claire.martin"]).await;
    office.app.add_note(&places[0], uid, " Call them first ", NOW).await.unwrap();
    let empty = office.app.add_note(&places[0], uid, " ", NOW).await;
    assert!(matches!(empty, Err(DeskError::Text(_))), "{empty:?}");
    office.app.tag(&places[0], uid, ("billing", true)).await.unwrap();
    let long = "x".repeat(TAG_CHARACTERS_MAX + 1);
    for wrong in ["", "$Done", "\\Seen", "two words", "é", &long] {
        let wrong_tag = office.app.tag(&places[0], uid, (wrong, true)).await;
        assert!(matches!(wrong_tag, Err(DeskError::Text(_))), "{wrong:?}: {wrong_tag:?}");
    }
    let seen = office.app.desk(&places[1], uid, NOW).await.unwrap();
    assert_eq!(seen.notes.len(), 1);
    assert_eq!(
        (seen.notes[0].author, &*seen.notes[0].words),
        (places[0].person, "Call them first")
    );
    assert_eq!(seen.tags, ["billing"]);
    office.app.tag(&places[1], uid, ("Billing", false)).await.unwrap();
    assert!(office.app.desk(&places[0], uid, NOW).await.unwrap().tags.is_empty());
    let gone = office.app.desk(&places[0], uid + 1, NOW).await;
    assert!(matches!(gone, Err(DeskError::Mailbox(MailboxError::NotFound))), "{gone:?}");
}

#[tokio::test]
async fn who_replies_is_told_and_stopped_by_the_answer_of_a_colleague() {
    let office = Office::contoso().await;
    let (places, uid) = team_mail(&office, &["jean.dupont", "claire.martin"]).await;
    assert!(office.app.begin_reply(&places[0], uid, NOW).await.unwrap().is_empty());
    let others = office.app.begin_reply(&places[1], uid, NOW).await.unwrap();
    assert_eq!(others, [places[0].person]);
    let later = NOW.plus_secs(REPLYING_SECS);
    assert!(office.app.desk(&places[1], uid, later).await.unwrap().replying.is_empty());
    assert_eq!(office.app.answered_since(&places[1], uid, NOW).await.unwrap(), None);
    let at = NOW.plus_secs(5);
    office.app.note_answer(&places[0], uid, MessageId(7), at).await.unwrap();
    let found = office.app.answered_since(&places[1], uid, NOW).await.unwrap().expect("told");
    assert_eq!((found.by, found.message), (places[0].person, MessageId(7)));
    assert_eq!(office.app.answered_since(&places[0], uid, NOW).await.unwrap(), None, "one's own");
    let after = office.app.answered_since(&places[1], uid, at.plus_secs(1)).await.unwrap();
    assert_eq!(after, None, "known when she began");
    assert!(office.app.desk(&places[1], uid, at).await.unwrap().replying.is_empty());
    office.app.end_reply(&places[1], uid).await.unwrap();
}

#[tokio::test]
async fn texts_that_are_used_again_belong_to_the_mailbox() {
    let office = Office::contoso().await;
    let (places, _) = team_mail(&office, &["jean.dupont", "claire.martin"]).await;
    let id = office.app.add_canned_reply(&places[0], ("Thanks", "Thank you."), NOW).await.unwrap();
    let found = office.app.canned_replies(&places[1]).await.unwrap();
    assert_eq!((found.len(), &*found[0].title, &*found[0].words), (1, "Thanks", "Thank you."));
    office.app.remove_canned_reply(&places[1], id).await.unwrap();
    assert!(office.app.canned_replies(&places[0]).await.unwrap().is_empty());
    let jean = office.find("jean.dupont");
    let inbox = store::folder::status(&office.store, jean.folders.unwrap().inbox).await.unwrap();
    let own = office.app.place(jean.id, &inbox.unwrap(), NOW).unwrap();
    let own = office.app.add_canned_reply(&own, ("Mine", "Text"), NOW).await;
    assert!(matches!(own, Err(DeskError::NotShared)), "{own:?}");
}
