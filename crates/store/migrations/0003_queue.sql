-- Messages on their way to recipients outside: one row a recipient, gone once its fate is decided.

create table queue_entry (
    id                {int} primary key,
    message_id        {int} not null,
    reverse_path      text not null,
    recipient         text not null,
    state             text not null check (state in ('waiting', 'held')),
    attempts          {int} not null,
    next_attempt_at   {int} not null,
    -- 0 and null while nobody has the entry
    claimed_until     {int} not null,
    claimed_by        text,
    created_at        {int} not null,
    expires_at        {int} not null,
    last_reply        text,
    notify            text not null,
    orcpt             text,
    envid             text,
    ret               text,
    delay_notified_at {int}
) {strict};

create index queue_entry_due on queue_entry (next_attempt_at) where state = 'waiting';
create index queue_entry_claimed on queue_entry (claimed_until) where claimed_until > 0;
create index queue_entry_message on queue_entry (message_id);
