-- Signing in at a provider of OpenID Connect.

-- Who a person is at a provider: its issuer and its subject, together never given to another.
-- `address` is what the provider called the person last, for the list of one's own identities.
create table linked_identity (
    id           {int} primary key,
    recipient_id {int} not null references recipient (id),
    issuer       text not null,
    subject      text not null,
    address      text not null,
    created_at   {int} not null,
    last_used_at {int} not null
) {strict};

create unique index linked_identity_subject on linked_identity (issuer, subject);
create unique index linked_identity_recipient on linked_identity (recipient_id, issuer);

-- Browsers that were sent to the provider and have not come back; each comes back once.
create table provider_visit (
    token_hash {blob} not null primary key,
    next_path  text not null,
    created_at {int} not null
) {without_rowid};
