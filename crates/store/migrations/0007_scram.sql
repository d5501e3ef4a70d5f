-- What SCRAM-SHA-256 (RFC 5802, RFC 7677) is checked with, and secrets of the whole installation.

-- Made from one password or app password of an account; holds as long as that is there with this
-- hash, so that a password that is changed or removed takes its row with it, in whatever order
-- things are written.
create table scram_credential (
    recipient_id  {int} not null,
    password_hash text not null,
    salt          {blob} not null,
    iterations    {int} not null,
    stored_key    {blob} not null,
    server_key    {blob} not null,
    primary key (recipient_id, password_hash)
) {without_rowid};

create table secret (
    name  text not null primary key,
    value {blob} not null
) {strict};
