-- OAuth 2: registered clients, and what was given to them. Secrets are kept as hashes.

-- A client without a secret is public: a program on somebody's machine.
create table oauth_client (
    id            {int} primary key,
    client_id     text not null,
    secret_hash   text,
    name          text not null,
    account_id    {int} references recipient (id),
    scopes        text not null,
    redirect_uris text not null,
    created_at    {int} not null
) {strict};

create unique index oauth_client_client_id on oauth_client (client_id);

-- What one person allowed one client once. Revoking it ends all tokens that came of it.
create table oauth_grant (
    id               {int} primary key,
    client_id        {int} not null,
    recipient_id     {int} not null references recipient (id),
    credential_epoch {int} not null,
    scopes           text not null,
    created_at       {int} not null,
    revoked_at       {int}
) {strict};

create index oauth_grant_client on oauth_grant (client_id);

-- What is exchanged once for tokens: an authorization code (kind `code`) or a refresh token (kind
-- `refresh`). Redirection and challenge belong to codes.
create table oauth_voucher (
    voucher_hash   text primary key,
    kind           text not null,
    grant_id       {int} not null references oauth_grant (id),
    redirect_uri   text,
    code_challenge text,
    expires_at     {int} not null
) {strict};

create index oauth_voucher_grant on oauth_voucher (grant_id);

-- A voucher or device code that was exchanged: the key sees to it that none is exchanged twice.
create table oauth_spent (
    voucher_hash text primary key,
    spent_at     {int} not null
) {strict};

-- A device that waits for a person to allow it. Without a grant nobody has decided yet.
create table oauth_device (
    device_hash    text primary key,
    user_code      text not null,
    client_id      {int} not null,
    scopes         text not null,
    expires_at     {int} not null,
    interval_secs  {int} not null,
    polled_at      {int},
    denied_at      {int},
    grant_id       {int} references oauth_grant (id)
) {strict};

create unique index oauth_device_user_code on oauth_device (user_code);

-- Which access tokens, rows of api_token, came of which client and grant. A client that acts for
-- its own account needs no grant.
create table oauth_access (
    token_id  {int} primary key,
    client_id {int} not null,
    grant_id  {int}
) {strict};

create index oauth_access_grant on oauth_access (grant_id);
create index oauth_access_client on oauth_access (client_id);
