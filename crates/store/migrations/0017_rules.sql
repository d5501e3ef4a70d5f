-- Mail flow rules and journal rules, and entries of the queue that are never given up.

-- `kind` is `transport` or `journal`; `position` orders the rules of a kind, smallest first.
create table mail_rule (
    id         {int} primary key,
    kind       text not null,
    guid       text not null,
    name       text not null,
    name_key   text not null,
    position   {int} not null,
    is_enabled {int} not null,
    body       text not null,
    created_by text not null,
    created_at {int} not null,
    changed_by text not null,
    changed_at {int} not null
) {strict};

create unique index mail_rule_name on mail_rule (kind, name_key);
create unique index mail_rule_guid on mail_rule (guid);

-- Whether the entry is held where others fail for good.
alter table queue_entry add column is_kept {int} not null default 0;
