-- The directory: recipients, addresses, memberships, rights, domains, and the version that guards
-- them.

create table id_sequence (
    id      {int} primary key check (id = 1),
    next_id {int} not null
) {strict};

insert into id_sequence (id, next_id) values (1, 1);

create table directory_state (
    id      {int} primary key check (id = 1),
    version {int} not null
) {strict};

insert into directory_state (id, version) values (1, 0);

create table organization (
    id       {int} primary key check (id = 1),
    settings text not null
) {strict};

create table accepted_domain (
    name       text primary key,
    position   {int} not null,
    created_at {int} not null
) {strict};

create table recipient (
    id               {int} primary key,
    guid             text not null,
    kind             text not null,
    alias            text not null,
    alias_key        text not null,
    display_name     text not null,
    -- the three are null for recipients without a login
    is_disabled      {int},
    role             text,
    credential_epoch {int},
    inbox_id         {int},
    sent_id          {int},
    team_id          {int},
    settings         text not null,
    created_at       {int} not null,
    deleted_at       {int}
) {strict};

create unique index recipient_guid on recipient (guid);
create unique index recipient_alias on recipient (alias_key) where deleted_at is null;

-- One row an address of any recipient: the primary key is what keeps addresses unique.
create table proxy_address (
    address_key  text primary key,
    recipient_id {int} not null references recipient (id),
    position     {int} not null,
    address      text not null
) {strict};

create index proxy_address_recipient on proxy_address (recipient_id);

create table membership (
    group_id      {int} not null references recipient (id),
    member_id     {int} not null references recipient (id),
    role          text not null,
    is_subscribed {int} not null,
    primary key (group_id, member_id)
) {strict};

create index membership_member on membership (member_id);

-- Rows stay after the right is revoked; the audit and the rights report read them.
create table grant_right (
    id            {int} primary key,
    recipient_id  {int} not null references recipient (id),
    trustee_id    {int} not null references recipient (id),
    right_name    text not null,
    until_at      {int},
    reason        text,
    granted_by    text not null,
    granted_at    {int} not null,
    revoked_at    {int},
    revoked_by    text,
    revoke_reason text
) {strict};

create unique index grant_right_unrevoked
    on grant_right (recipient_id, trustee_id, right_name) where revoked_at is null;
create index grant_right_recipient on grant_right (recipient_id);
create index grant_right_trustee on grant_right (trustee_id);

-- What each version changed; recipient 0 stands for the organisation and its domains.
create table directory_change (
    version      {int} not null,
    recipient_id {int} not null,
    primary key (version, recipient_id)
) {strict};

create table password (
    recipient_id {int} primary key references recipient (id),
    hash         text not null,
    changed_at   {int} not null
) {strict};

create table app_password (
    id           {int} primary key,
    recipient_id {int} not null references recipient (id),
    name         text not null,
    hash         text not null,
    created_at   {int} not null,
    last_used_at {int}
) {strict};

create index app_password_recipient on app_password (recipient_id);

create table api_token (
    id           {int} primary key,
    token_hash   {blob} not null,
    recipient_id {int} not null references recipient (id),
    name         text not null,
    scopes       text not null,
    created_at   {int} not null,
    expires_at   {int},
    revoked_at   {int},
    last_used_at {int}
) {strict};

create unique index api_token_hash on api_token (token_hash);
create index api_token_recipient on api_token (recipient_id);

create table dkim_key (
    domain          text not null,
    selector        text not null,
    algorithm       text not null,
    private_key_pem text not null,
    created_at      {int} not null,
    retired_at      {int},
    primary key (domain, selector)
) {strict};

{guard_function}
