-- Mailboxes that are read: flags as bits, counters that are kept, what was expunged, whose unread.

alter table folder add column unseen {int} not null default 0;
alter table folder add column deleted {int} not null default 0;
alter table folder add column size_bytes {int} not null default 0;
-- Messages up to this UID are in the index of words.
alter table folder add column indexed_uid {int} not null default 0;

-- The header fields of a list, as they stand in the message; null where they are too long, or the
-- message is older than this column.
alter table message add column envelope_fields {blob};
-- How long the header section is, its empty line included; null for older messages.
alter table message add column header_bytes {int};

-- Each message gets bytes of its own; blobs bear the identifier of the first message with theirs.
drop index blob_hash;
insert into blob (id, hash, content)
    select message.id, message.hash, blob.content
      from message join blob on blob.hash = message.hash
     where blob.id <> message.id
       and not exists (select 1 from blob as own where own.id = message.id);
alter table blob drop column hash;

create table placement_next (
    folder_id     {int} not null,
    uid           {int} not null,
    message_id    {int} not null,
    modseq        {int} not null,
    -- The modseq when it was placed: it ascends with the UID, so new messages are found by it.
    placed_modseq {int} not null,
    flags         {int} not null,
    size_bytes    {int} not null,
    internal_at   {int} not null,
    placed_at     {int} not null,
    placed_by     {int},
    primary key (folder_id, uid)
) {without_rowid};

insert into placement_next (folder_id, uid, message_id, modseq, placed_modseq, flags, size_bytes,
                            internal_at, placed_at, placed_by)
    select placement.folder_id, placement.uid, placement.message_id, placement.modseq,
           placement.modseq,
           case when lower(placement.flags) like '%seen%' then 1 else 0 end
             + case when lower(placement.flags) like '%answered%' then 2 else 0 end
             + case when lower(placement.flags) like '%flagged%' then 4 else 0 end
             + case when lower(placement.flags) like '%deleted%' then 8 else 0 end
             + case when lower(placement.flags) like '%draft%' then 16 else 0 end,
           coalesce((select size_bytes from message where message.id = placement.message_id), 0),
           placement.placed_at, placement.placed_at, placement.placed_by
      from placement;

drop table placement;
alter table placement_next rename to placement;
create index placement_message on placement (message_id);
-- Only what changed after it was placed, so accepting a message does not write here.
create index placement_changed on placement (folder_id, modseq, uid) where modseq <> placed_modseq;
create index placement_deleted on placement (folder_id, uid) where (flags & 8) <> 0;

update folder
   set unseen = (select count(*) from placement
                  where placement.folder_id = folder.id and (placement.flags & 1) = 0),
       deleted = (select count(*) from placement
                   where placement.folder_id = folder.id and (placement.flags & 8) <> 0),
       size_bytes = (select coalesce(cast(sum(placement.size_bytes) as {int}), 0) from placement
                      where placement.folder_id = folder.id);

-- The UIDs that are gone, in ranges that do not touch.
create table expunged (
    folder_id {int} not null,
    first_uid {int} not null,
    last_uid  {int} not null,
    modseq    {int} not null,
    primary key (folder_id, first_uid)
) {without_rowid};

create index expunged_modseq on expunged (folder_id, modseq);

-- Messages that lost a place, until somebody has looked whether it was the last.
create table lost_place (
    message_id {int} not null,
    folder_id  {int} not null,
    uid        {int} not null,
    primary key (message_id, folder_id, uid)
) {without_rowid};

-- Folders that are deleted while their placements are still there.
create table deleted_folder (
    folder_id {int} primary key
) {strict};

-- What a person says about Seen where that is personal; without a row the folder's bit holds.
create table personal_seen (
    folder_id {int} not null,
    uid       {int} not null,
    person_id {int} not null,
    is_seen   {int} not null,
    modseq    {int} not null,
    primary key (folder_id, uid, person_id)
) {without_rowid};

create index personal_seen_modseq on personal_seen (folder_id, person_id, modseq, uid);

-- By how many a person's unseen messages differ from the folder's.
create table folder_reader (
    folder_id         {int} not null,
    person_id         {int} not null,
    unseen_difference {int} not null,
    primary key (folder_id, person_id)
) {without_rowid};

create table folder_keyword (
    folder_id {int} not null,
    -- The flag's bit as a number: 2 to the power of 8 up to 62.
    mask      {int} not null,
    name      text not null,
    name_key  text not null,
    primary key (folder_id, mask)
) {without_rowid};

create unique index folder_keyword_name on folder_keyword (folder_id, name_key);

create table unsubscribed (
    person_id {int} not null,
    folder_id {int} not null,
    primary key (person_id, folder_id)
) {without_rowid};

create index unsubscribed_folder on unsubscribed (folder_id);

-- Folder 0 is the server, person 0 is everybody.
create table annotation (
    folder_id {int} not null,
    person_id {int} not null,
    entry     text not null,
    value     {blob} not null,
    primary key (folder_id, person_id, entry)
) {without_rowid};

{message_words}
