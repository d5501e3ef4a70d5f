//! The team desk: who looks after a message, notes, who replies.

use app::desk::DeskFilter;
use app::desk::{ASSIGNED, DONE, DeskChange, DeskError, REPLYING_SECS, TAG_CHARACTERS_MAX};
use app::mailbox::change::Brought;
use app::mailbox::{MailboxError, Place};
use app::reading::{FolderRole, Marking, OCTETS_AT_ONCE};
use domain::MessageId;
use mail::mime::Part;
use store::{Flags, UidRange};

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
    let (places, _) = team_mail(&office, &["marie.durand", "claire.martin"]).await;
    let id = office.app.add_canned_reply(&places[0], ("Thanks", "Thank you."), NOW).await.unwrap();
    let found = office.app.canned_replies(&places[1]).await.unwrap();
    assert_eq!((found.len(), &*found[0].title, &*found[0].words), (1, "Thanks", "Thank you."));
    let by_member = office.app.remove_canned_reply(&places[1], id).await;
    assert!(matches!(by_member, Err(DeskError::Mailbox(MailboxError::NotAllowed))), "owners do");
    let by_member = office.app.add_canned_reply(&places[1], ("Mine", "Text"), NOW).await;
    assert!(matches!(by_member, Err(DeskError::Mailbox(MailboxError::NotAllowed))));
    office.app.remove_canned_reply(&places[0], id).await.unwrap();
    assert!(office.app.canned_replies(&places[0]).await.unwrap().is_empty());
    let jean = office.find("jean.dupont");
    let inbox = store::folder::status(&office.store, jean.folders.unwrap().inbox).await.unwrap();
    let own = office.app.place(jean.id, &inbox.unwrap(), NOW).unwrap();
    let own = office.app.add_canned_reply(&own, ("Mine", "Text"), NOW).await;
    assert!(matches!(own, Err(DeskError::NotShared)), "{own:?}");
}

#[tokio::test]
async fn what_is_to_do_is_listed_and_comes_back() {
    let office = Office::contoso().await;
    let (places, uid) = team_mail(&office, &["jean.dupont", "claire.martin"]).await;
    let app = &office.app;
    let (jean, claire) = (places[0], places[1]);
    let list = async |place: &Place, filter, now| {
        let page = app.newest_at_desk(place, filter, (i64::MAX, 50), now).await.unwrap();
        page.messages.into_iter().map(|listed| listed.row.uid).collect::<Vec<i64>>()
    };
    assert_eq!(list(&jean, DeskFilter::Unassigned, NOW).await, [uid]);
    app.desk_change(&jean, uid, &DeskChange::Take, NOW).await.unwrap();
    assert!(list(&jean, DeskFilter::Unassigned, NOW).await.is_empty());
    assert_eq!(list(&claire, DeskFilter::Of(jean.person), NOW).await, [uid]);
    app.mark(&jean, &[UidRange::of(uid)], Marking::Add(Flags::SEEN)).await.unwrap();
    app.mark(&claire, &[UidRange::of(uid)], Marking::Add(Flags::SEEN)).await.unwrap();
    let until = NOW.plus_secs(60);
    app.desk_change(&claire, uid, &DeskChange::Snooze(until), NOW).await.unwrap();
    assert_eq!(list(&jean, DeskFilter::Snoozed, NOW).await, [uid]);
    assert_eq!(app.end_snoozes(until.plus_secs(-1)).await.unwrap(), 0);
    assert_eq!(app.end_snoozes(until).await.unwrap(), 1);
    assert_eq!(app.end_snoozes(until).await.unwrap(), 0, "once");
    assert_eq!(list(&jean, DeskFilter::Of(jean.person), until).await, [uid]);
    assert_eq!(keywords(&office, &jean, uid).await, [ASSIGNED], "no longer put off");
    let seen = async |place: &Place| {
        let row = app.message_row(place, uid).await.unwrap();
        row.flags.contains(Flags::SEEN)
    };
    assert!(!seen(&jean).await && seen(&claire).await, "unread for whoever looks after it");
    let message = app.message_row(&jean, uid).await.unwrap().message;
    let items = app.desk_items(&jean, &[message], NOW).await.unwrap();
    assert_eq!(items[0].assignee, Some(jean.person));
    app.tag(&jean, uid, ("billing", true)).await.unwrap();
    let tags = app.desk_tags(&claire).await.unwrap();
    assert_eq!(tags.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["billing"]);
    assert_eq!(list(&claire, DeskFilter::Tagged(tags[0].1), NOW).await, [uid]);
    let names: Vec<String> = app.colleagues(&jean, NOW).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["Claire Martin", "Jean Dupont", "Marie Durand"]);
}

#[tokio::test]
async fn a_message_is_taken_apart_without_being_held_and_its_conversation_is_found() {
    let office = Office::contoso().await;
    let jean = office.find("jean.dupont");
    let place = async |role| {
        let folders = store::folder::list(&office.store, jean.id).await.unwrap();
        let folder = folders.into_iter().find(|folder| folder.role == Some(role)).unwrap();
        office.app.place(jean.id, &folder, NOW).unwrap()
    };
    let line = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAx\r\n";
    let large = format!(
        "Message-ID: <a@x>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nText\r\n\
         --b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n{}--b--\r\n",
        line.repeat(20_000)
    );
    let reply = "Message-ID: <b@x>\r\nIn-Reply-To: <a@x>\r\nSubject: re\r\n\r\nx\r\n".to_owned();
    let other = "Message-ID: <c@x>\r\n\r\nx\r\n".to_owned();
    let put = async |place: &Place, content: &str| {
        let content = content.to_owned().into();
        let brought = Brought { content, flags: Flags::NONE, internal_at: None };
        office.app.append(place, vec![brought], NOW).await.unwrap()[0].uid
    };
    let (inbox, sent) = (place(FolderRole::Inbox).await, place(FolderRole::Sent).await);
    let uid = put(&inbox, &large).await;
    put(&inbox, &other).await;
    put(&sent, &reply).await;
    let structure = office.app.structure(&inbox, uid).await.unwrap();
    let whole = Part::read(large.as_bytes());
    let attached = &structure.message.parts()[1];
    assert_eq!(attached.body, whole.parts()[1].body);
    assert!(attached.body.len() > OCTETS_AT_ONCE, "several pieces");
    let octets = office.app.octets(&structure.row, attached.body.clone()).await.unwrap();
    assert_eq!(octets, large.as_bytes()[attached.body.clone()]);
    let text = &structure.message.parts()[0];
    let (alone, octets) = office.app.part_octets(&structure.row, text, 2).await.unwrap();
    assert_eq!(alone.decoded(&octets, 9), b"Te");
    let found = office.app.conversation(&inbox, (uid, &structure.header)).await.unwrap();
    let found: Vec<_> = found.iter().map(|one| one.role).collect();
    assert_eq!(found, [Some(FolderRole::Inbox), Some(FolderRole::Sent)]);
}
