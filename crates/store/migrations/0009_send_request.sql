-- Requests for a right to send: what somebody wanted to send and was refused, kept until somebody
-- who can grant the right has decided. Without content only the right is asked for.

create table send_request (
    id             {int} primary key,
    asker_id       {int} not null references recipient (id),
    represented_id {int} not null references recipient (id),
    author         text not null,
    recipients     text not null,
    subject        text not null,
    words          text not null,
    reference      text,
    draft_folder   {int},
    draft_uid      {int},
    content        {blob},
    state          text not null,
    revision       {int} not null,
    created_at     {int} not null,
    decided_by     text,
    decided_at     {int},
    decided_words  text,
    right_name     text,
    span           text,
    message_id     {int},
    sent_at        {int},
    failure        text
) {strict};

create index send_request_asker on send_request (asker_id);
create index send_request_represented on send_request (represented_id);

-- Each change of a request takes the next number; the key lets only one of two that decide at once
-- have it.
create table send_request_step (
    request_id {int} not null references send_request (id),
    revision   {int} not null,
    primary key (request_id, revision)
) {without_rowid};
