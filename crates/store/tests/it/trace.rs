//! The message trace and its searches.

use domain::{MessageId, Timestamp};
use store::trace::{self, TraceEvent, TraceFilter, TraceKind};
use store::{Store, WriteSet};

use crate::engine::{NOW, on_each_engine};

fn event(id: i64, second: i64, kind: TraceKind) -> TraceEvent {
    TraceEvent {
        id,
        at: NOW.plus_secs(second),
        message: Some(MessageId(id / 10)),
        internet_message_id: Some(format!("<{}@contoso.com>", id / 10)),
        kind,
        sender: Some("Support@contoso.com".to_owned()),
        recipient: Some(format!("customer{id}@fabrikam.com")),
        subject: Some("Votre demande".to_owned()),
        size_bytes: Some(4096),
        actor: Some("jean@contoso.com".to_owned()),
        detail: r#"{"right":"send-as"}"#.to_owned(),
        reference: None,
    }
}

async fn record(store: &Store, events: &[TraceEvent]) {
    let mut set = WriteSet::new();
    for event in events {
        trace::record(&mut set, event);
    }
    store.commit(set).await.unwrap();
}

async fn found(store: &Store, filter: TraceFilter) -> Vec<i64> {
    let filter = TraceFilter { limit: 100, ..filter };
    trace::search(store, &filter).await.unwrap().into_iter().map(|event| event.id).collect()
}

#[tokio::test]
async fn an_event_comes_back_as_it_was() {
    on_each_engine(async |database| {
        let store = database.open().await;
        let bare = TraceEvent {
            message: None,
            internet_message_id: None,
            sender: None,
            recipient: None,
            subject: None,
            size_bytes: None,
            actor: None,
            ..event(20, 2, TraceKind::Hold)
        };
        record(&store, &[event(10, 1, TraceKind::Submit), bare.clone()]).await;
        let all = TraceFilter { limit: 100, ..TraceFilter::default() };
        let events = trace::search(&store, &all).await.unwrap();
        assert_eq!(events, [bare, event(10, 1, TraceKind::Submit)]);
    })
    .await;
}

#[tokio::test]
async fn each_filter_narrows() {
    on_each_engine(async |database| {
        let store = database.open().await;
        let other = TraceEvent {
            sender: Some("paul@contoso.com".to_owned()),
            ..event(31, 3, TraceKind::Fail)
        };
        record(&store, &[event(10, 1, TraceKind::Submit), event(20, 2, TraceKind::Send), other])
            .await;
        let any = TraceFilter::default;
        let text = |text: &str| Some(text.to_owned());
        let at = |second| Some(NOW.plus_secs(second));
        assert_eq!(found(&store, any()).await, [31, 20, 10]);
        assert_eq!(found(&store, TraceFilter { from: at(2), ..any() }).await, [31, 20]);
        assert_eq!(found(&store, TraceFilter { to: at(2), ..any() }).await, [20, 10]);
        let sender = text("SUPPORT@contoso.com");
        assert_eq!(found(&store, TraceFilter { sender, ..any() }).await, [20, 10]);
        let recipient = text("customer31@FABRIKAM.com");
        assert_eq!(found(&store, TraceFilter { recipient, ..any() }).await, [31]);
        let kind = Some(TraceKind::Send);
        assert_eq!(found(&store, TraceFilter { kind, ..any() }).await, [20]);
        let internet_message_id = text("<1@contoso.com>");
        assert_eq!(found(&store, TraceFilter { internet_message_id, ..any() }).await, [10]);
    })
    .await;
}

#[tokio::test]
async fn pages_miss_and_repeat_nothing_where_many_events_share_an_instant() {
    on_each_engine(async |database| {
        let store = database.open().await;
        let events: Vec<TraceEvent> =
            (0..50).map(|id| event(id, id / 20, TraceKind::Deliver)).collect();
        record(&store, &events).await;
        let mut filter = TraceFilter { limit: 7, ..TraceFilter::default() };
        let mut seen = Vec::new();
        loop {
            let page = trace::search(&store, &filter).await.unwrap();
            let Some(last) = page.last() else { break };
            filter.before = Some((last.at, last.id));
            seen.extend(page.into_iter().map(|event| event.id));
        }
        assert_eq!(seen, (0..50).rev().collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn a_message_and_a_reference_lead_to_their_events() {
    on_each_engine(async |database| {
        let store = database.open().await;
        let refusal = TraceEvent {
            message: None,
            reference: Some("K7Q2".to_owned()),
            ..event(40, 4, TraceKind::Refuse)
        };
        record(&store, &[event(10, 2, TraceKind::Send), event(11, 1, TraceKind::Submit)]).await;
        record(&store, std::slice::from_ref(&refusal)).await;
        let story = trace::of_message(&store, MessageId(1)).await.unwrap();
        assert_eq!(story.iter().map(|event| event.id).collect::<Vec<_>>(), [11, 10]);
        assert_eq!(trace::by_reference(&store, "K7Q2").await.unwrap(), [refusal]);
        assert_eq!(trace::by_reference(&store, "k7q2").await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn an_upper_end_before_the_cursor_wins() {
    on_each_engine(async |database| {
        let store = database.open().await;
        record(&store, &[event(10, 1, TraceKind::Send), event(20, 2, TraceKind::Send)]).await;
        let filter = TraceFilter {
            to: Some(NOW.plus_secs(1)),
            before: Some((Timestamp(NOW.0 + 9000), 5)),
            ..TraceFilter::default()
        };
        assert_eq!(found(&store, filter).await, [10]);
    })
    .await;
}

#[test]
fn every_kind_reads_back() {
    for kind in TraceKind::ALL {
        assert_eq!(TraceKind::from_stored(kind.as_str()), Some(kind));
    }
    assert_eq!(TraceKind::from_stored("exploded"), None);
}

#[tokio::test]
async fn messages_of_a_time_are_counted_once_an_address() {
    on_each_engine(async |database| {
        let store = database.open().await;
        let to = |id: i64, second: i64, kind, recipient: &str| TraceEvent {
            recipient: Some(recipient.to_owned()),
            ..event(id, second, kind)
        };
        record(
            &store,
            &[
                event(10, 0, TraceKind::Submit),
                // One message that reached the group and, by a subscription of it, a member.
                to(11, 0, TraceKind::Deliver, "support@contoso.com"),
                to(12, 0, TraceKind::Deliver, "support@contoso.com"),
                to(13, 0, TraceKind::Expand, "support@contoso.com"),
                to(20, 9, TraceKind::Deliver, "support@contoso.com"),
                event(30, 10, TraceKind::Submit),
            ],
        )
        .await;
        let mut counted = trace::volume(&store, NOW, NOW.plus_secs(10)).await.unwrap();
        counted.sort_by_key(|of| of.kind.as_str());
        let counted: Vec<_> =
            counted.iter().map(|of| (of.kind, of.address.as_str(), of.count)).collect();
        let expected = [
            (TraceKind::Deliver, "support@contoso.com", 2),
            (TraceKind::Submit, "Support@contoso.com", 1),
        ];
        assert_eq!(counted, expected);
        assert!(
            trace::volume(&store, NOW.plus_secs(11), NOW.plus_secs(20)).await.unwrap().is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn refusals_of_a_day_are_counted_together() {
    on_each_engine(async |database| {
        const DAY_SECS: i64 = 86_400;
        let store = database.open().await;
        let refused = |id, second, detail: &str| TraceEvent {
            message: None,
            detail: detail.to_owned(),
            ..event(id, second, TraceKind::Refuse)
        };
        let events = [
            refused(1, 0, "{\"reason\":\"no_right\"}"),
            refused(2, DAY_SECS - 1, "{\"reason\":\"no_right\"}"),
            refused(3, DAY_SECS, "{\"reason\":\"no_right\"}"),
            refused(4, DAY_SECS + 1, "{\"reason\":\"right_ended\"}"),
            refused(5, 2 * DAY_SECS, "{}"),
            event(6, 5, TraceKind::Submit),
        ];
        record(&store, &events).await;
        let time = (NOW, NOW.plus_secs(2 * DAY_SECS));
        let counted = trace::refusals(&store, time, 100).await.unwrap();
        let short: Vec<_> = counted.iter().map(|of| (of.day, of.count, of.last_at)).collect();
        let last = |second| NOW.plus_secs(second);
        let expected =
            [(1, 1, last(DAY_SECS + 1)), (1, 1, last(DAY_SECS)), (0, 2, last(DAY_SECS - 1))];
        assert_eq!(short, expected);
        assert_eq!(counted[0].actor, "jean@contoso.com");
        assert_eq!(counted[0].detail, "{\"reason\":\"right_ended\"}");
        assert_eq!(trace::refusals(&store, time, 2).await.unwrap().len(), 2);
    })
    .await;
}
