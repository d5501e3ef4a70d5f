-- What happened: the message trace and the audit chain.

create table trace_event (
    id                  {int} primary key,
    at                  {int} not null,
    message_id          {int},
    internet_message_id text,
    event               text not null,
    sender              text,
    recipient           text,
    subject             text,
    size_bytes          {int},
    actor               text,
    detail              text not null,
    reference           text
) {strict};

create index trace_event_at on trace_event (at, id);
create index trace_event_message on trace_event (message_id);
create index trace_event_reference on trace_event (reference) where reference is not null;

create table audit_record (
    seq          {int} primary key,
    at           {int} not null,
    actor        text not null,
    operation    text not null,
    object       text not null,
    parameters   text not null,
    reason       text,
    before_state text,
    after_state  text,
    prev_hash    text not null,
    hash         text not null
) {strict};

create index audit_record_object on audit_record (object, seq);
