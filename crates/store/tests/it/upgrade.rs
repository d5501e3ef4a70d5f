//! A database of the schema before mailboxes were read: everything in it is there afterwards.

use bytes::Bytes;
use domain::{FolderId, MessageId};
use store::mailbox::{self, Reader};
use store::{Flags, Location, UidRange, folder, message};

use crate::engine::on_each_engine;

const OLD: [&str; 4] = [
    include_str!("../../migrations/0001_directory.sql"),
    include_str!("../../migrations/0002_mail.sql"),
    include_str!("../../migrations/0003_queue.sql"),
    include_str!("../../migrations/0004_records.sql"),
];

/// The old schema as an engine reads it, without what only commits need.
fn old_schema(location: &Location) -> String {
    let (int, blob, strict, without_rowid) = match location {
        Location::Sqlite(_) => ("integer", "blob", "strict", "strict, without rowid"),
        Location::Postgres(_) => ("bigint", "bytea", "", ""),
    };
    let mut text = "create table schema_version (version bigint not null primary key);".to_owned();
    text.extend(OLD);
    text.push_str("insert into schema_version (version) values (1), (2), (3), (4);");
    for (slot, with) in [
        ("{int}", int),
        ("{blob}", blob),
        ("{strict}", strict),
        ("{without_rowid}", without_rowid),
        ("{guard_function}", ""),
        ("{store_content_as_is}", ""),
    ] {
        text = text.replace(slot, with);
    }
    text
}

/// Two messages with the same octets share a blob; the third has its own.
fn old_content(location: &Location) -> String {
    let octets = |hex: &str| match location {
        Location::Sqlite(_) => format!("x'{hex}'"),
        Location::Postgres(_) => format!("decode('{hex}', 'hex')"),
    };
    // SHA-256 of `ab` and of `cde`.
    let ab = octets("fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603");
    let cde = octets("08a018a9549220d707e11c5c4fe94d8dd60825f010e71efaa91e5e784f364d7b");
    format!(
        "insert into recipient (id, guid, kind, alias, alias_key, display_name, settings,
                                created_at)
             values (1, 'g', 'group', 'g', 'g', 'G', '{{}}', 0);
         insert into blob (id, hash, content) values
             (10, {ab}, {}), (12, {cde}, {});
         insert into message (id, hash, size_bytes, stored_at) values
             (10, {ab}, 2, 5), (11, {ab}, 2, 6), (12, {cde}, 3, 7);
         insert into folder (id, recipient_id, name, uid_validity, uid_next, modseq, messages,
                             created_at) values
             (1, 1, 'Inbox', 1, 4, 4, 3, 0), (2, 1, 'Sent', 1, 1, 1, 0, 0);
         insert into placement (folder_id, uid, message_id, modseq, flags, placed_at, placed_by)
             values (1, 1, 10, 2, '', 50, null), (1, 2, 11, 3, '\\Seen', 60, 9),
                    (1, 3, 12, 4, '\\Seen \\Flagged \\Deleted', 70, null);",
        octets("6162"),
        octets("636465")
    )
}

#[tokio::test]
async fn messages_of_the_old_schema_are_kept() {
    on_each_engine(async |database| {
        database.tamper(&old_schema(&database.location)).await;
        database.tamper(&old_content(&database.location)).await;
        let store = database.open().await;
        for (id, octets) in [(10, "ab"), (11, "ab"), (12, "cde")] {
            let content = message::content(&store, MessageId(id)).await.unwrap();
            assert_eq!(content, Some(Bytes::from(octets)));
            assert_eq!(message::is_intact(&store, MessageId(id)).await.unwrap(), Some(true));
            assert_eq!(message::envelope(&store, MessageId(id)).await.unwrap(), Some((None, None)));
        }
        let inbox = folder::status(&store, FolderId(1)).await.unwrap().unwrap();
        assert_eq!((inbox.messages, inbox.unseen, inbox.deleted), (3, 1, 1));
        assert_eq!((inbox.size_bytes, inbox.indexed_uid, inbox.modseq), (7, 0, 4));
        let sent = folder::status(&store, FolderId(2)).await.unwrap().unwrap();
        assert_eq!((sent.messages, sent.unseen, sent.size_bytes), (0, 0, 0));
        let rows =
            mailbox::rows(&store, FolderId(1), Reader::Everyone, UidRange::ALL, 10).await.unwrap();
        let flags: Vec<i64> = rows.iter().map(|row| row.flags.0).collect();
        assert_eq!(flags, [0, Flags::SEEN.0, 1 + 4 + 8]);
        assert_eq!((rows[1].internal_at.0, rows[1].saved_at.0, rows[1].modseq), (60, 60, 3));
        assert_eq!((rows[2].size_bytes, rows[1].placed_by.map(|by| by.0)), (3, Some(9)));
    })
    .await;
}
