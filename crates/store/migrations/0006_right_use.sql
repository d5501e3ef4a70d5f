-- When rights to send were last used, and which reports were sent. Both are about the directory
-- and none of it: they change without a new version of it.

-- The trustee is the one that the right was given to; the actor is the person who used it, the
-- same one or a member of the group.
create table right_use (
    recipient_id {int} not null references recipient (id),
    trustee_id   {int} not null references recipient (id),
    right_name   text not null,
    actor_id     {int} not null references recipient (id),
    used_at      {int} not null,
    primary key (recipient_id, trustee_id, right_name, actor_id)
) {strict};

-- Who was sent the report of which month (`2027-01`).
create table report_mail (
    recipient_id {int} not null references recipient (id),
    period       text not null,
    sent_at      {int} not null,
    primary key (recipient_id, period)
) {strict};
