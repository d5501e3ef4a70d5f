-- What a person shows beside the password, or instead of it, and what is begun but not finished.

-- The shared secret of one-time codes (RFC 6238). Without confirmed_at it was shown, but no code
-- has come back yet, and nothing asks for one.
create table second_factor (
    recipient_id {int} not null primary key references recipient (id),
    secret       {blob} not null,
    created_at   {int} not null,
    confirmed_at {int},
    last_step    {int} not null
) {strict};

-- Codes for whoever lost the device; a row goes when its code is used.
create table recovery_code (
    recipient_id {int} not null references recipient (id),
    code_hash    {blob} not null,
    primary key (recipient_id, code_hash)
) {without_rowid};

-- Browsers that gave the right password and still owe the second factor.
create table pending_sign_in (
    token_hash       {blob} not null primary key,
    recipient_id     {int} not null references recipient (id),
    credential_epoch {int} not null,
    created_at       {int} not null
) {without_rowid};

create index pending_sign_in_recipient on pending_sign_in (recipient_id);

-- Public keys of authenticators (W3C Web Authentication).
create table passkey (
    id            {int} primary key,
    recipient_id  {int} not null references recipient (id),
    credential_id {blob} not null,
    public_key    {blob} not null,
    sign_count    {int} not null,
    name          text not null,
    created_at    {int} not null,
    last_used_at  {int}
) {strict};

create unique index passkey_credential on passkey (credential_id);
create index passkey_recipient on passkey (recipient_id);

-- Questions that an authenticator has still to answer; each is answered once.
create table passkey_challenge (
    challenge_hash {blob} not null primary key,
    recipient_id   {int} references recipient (id),
    created_at     {int} not null
) {without_rowid};

-- Links that let somebody in once.
create table one_time_link (
    token_hash       {blob} not null primary key,
    recipient_id     {int} not null references recipient (id),
    credential_epoch {int} not null,
    created_at       {int} not null,
    expires_at       {int} not null
) {without_rowid};
