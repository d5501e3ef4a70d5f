-- Browsers that are told of new mail while no page is open (RFC 8030), each under the session that
-- asked for it, with the folders that it follows and how far it was told.

create table push_subscription (
    id           {int} primary key,
    recipient_id {int} not null,
    session_id   {int} not null,
    endpoint     text not null,
    public_key   {blob} not null,
    auth         {blob} not null,
    language     text not null,
    created_at   {int} not null
) {strict};

create unique index push_subscription_endpoint on push_subscription (endpoint);
create index push_subscription_session on push_subscription (session_id);

create table push_follow (
    subscription_id {int} not null,
    folder_id       {int} not null,
    told_uid        {int} not null,
    primary key (subscription_id, folder_id)
) {without_rowid};

create index push_follow_folder on push_follow (folder_id);
