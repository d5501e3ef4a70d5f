-- Sign-ins of browsers. A row goes when the person signs out or it is found expired.

create table web_session (
    id               {int} primary key,
    token_hash       {blob} not null,
    recipient_id     {int} not null references recipient (id),
    credential_epoch {int} not null,
    created_at       {int} not null,
    last_seen_at     {int} not null,
    client           text not null,
    user_agent       text not null
) {strict};

create unique index web_session_token on web_session (token_hash);
create index web_session_recipient on web_session (recipient_id);
