-- What a team keeps about its messages: who looks after one, notes among members, who is replying,
-- answers that are used again. A message keeps it wherever in the mailbox it is moved.

create table desk_item (
    mailbox_id    {int} not null,
    message_id    {int} not null,
    revision      {int} not null,
    assignee_id   {int},
    done_at       {int},
    snoozed_until {int},
    answered_by   {int},
    answered_at   {int},
    answer_id     {int},
    primary key (mailbox_id, message_id)
) {without_rowid};

-- Each change takes the next number; the key lets only one of two at once have it.
create table desk_event (
    mailbox_id {int} not null,
    message_id {int} not null,
    revision   {int} not null,
    actor_id   {int} not null,
    what       text not null,
    at         {int} not null,
    primary key (mailbox_id, message_id, revision)
) {without_rowid};

create table desk_note (
    id         {int} primary key,
    mailbox_id {int} not null,
    message_id {int} not null,
    author_id  {int} not null,
    words      text not null,
    created_at {int} not null
) {strict};

create index desk_note_message on desk_note (mailbox_id, message_id);

create table desk_reply (
    mailbox_id {int} not null,
    message_id {int} not null,
    person_id  {int} not null,
    until_at   {int} not null,
    primary key (mailbox_id, message_id, person_id)
) {without_rowid};

create table canned_reply (
    id         {int} primary key,
    mailbox_id {int} not null,
    title      text not null,
    words      text not null,
    author_id  {int} not null,
    changed_at {int} not null
) {strict};

create index canned_reply_mailbox on canned_reply (mailbox_id);
