-- Lists of the team desk: what somebody looks after, what comes back.

create index desk_item_assignee on desk_item (mailbox_id, assignee_id)
    where assignee_id is not null;
create index desk_item_snoozed on desk_item (snoozed_until) where snoozed_until is not null;
