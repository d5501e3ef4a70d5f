-- Folders and messages. The tables that each accepted message writes have no foreign keys: what
-- they would check is guarded by the directory's version, and each check would cost every message.

create table folder (
    id           {int} primary key,
    recipient_id {int} not null references recipient (id),
    name         text not null,
    role         text,
    uid_validity {int} not null,
    uid_next     {int} not null,
    modseq       {int} not null,
    messages     {int} not null,
    created_at   {int} not null
) {strict};

create unique index folder_name on folder (recipient_id, name);

-- Bytes are kept once whatever the number of messages that have them.
create table blob (
    id      {int} primary key,
    hash    {blob} not null,
    content {blob} not null
) {strict};

create unique index blob_hash on blob (hash);

{store_content_as_is}

create table message (
    id                  {int} primary key,
    hash                {blob} not null,
    size_bytes          {int} not null,
    internet_message_id text,
    author              text,
    subject             text,
    stored_at           {int} not null
) {strict};

create table placement (
    folder_id  {int} not null,
    uid        {int} not null,
    message_id {int} not null,
    modseq     {int} not null,
    flags      text not null,
    placed_at  {int} not null,
    placed_by  {int},
    primary key (folder_id, uid)
) {without_rowid};

create index placement_message on placement (message_id);
