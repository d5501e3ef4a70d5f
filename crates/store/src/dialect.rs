//! Where SQLite and PostgreSQL differ: named slots with both texts side by side.
//!
//! Every statement of this crate is one text for both engines. What has no common form is written
//! `{slot}` in it and replaced here, once a connection, before the statement is prepared. The
//! second difference is placeholders: `$1` means "the first" only to PostgreSQL, so SQLite reads
//! `?1`.

/// The SQL that an engine speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

struct Slot {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

/// SQLSTATE that `guichet_guard` raises; its message is the guard's name.
pub(crate) const GUARD_SQLSTATE: &str = "GU001";

const SLOTS: &[Slot] = &[
    // `integer primary key` makes the column SQLite's rowid.
    Slot { name: "int", sqlite: "integer", postgres: "bigint" },
    Slot { name: "blob", sqlite: "blob", postgres: "bytea" },
    Slot { name: "strict", sqlite: "strict", postgres: "" },
    Slot { name: "without_rowid", sqlite: "strict, without rowid", postgres: "" },
    Slot { name: "skip_locked", sqlite: "", postgres: "for update skip locked" },
    Slot { name: "for_update", sqlite: "", postgres: "for update" },
    // SQLite has one writer, so what is read inside the transaction stays true until its end.
    Slot {
        name: "lock_directory_shared",
        sqlite: "",
        postgres: "select pg_advisory_xact_lock_shared(7410001)",
    },
    Slot { name: "lock_directory", sqlite: "", postgres: "select pg_advisory_xact_lock(7410001)" },
    Slot { name: "lock_audit", sqlite: "", postgres: "select pg_advisory_xact_lock(7410002)" },
    Slot {
        name: "audit_hash",
        sqlite: "sha256_hex(last.hash || ' ' || cast(last.seq + 1 as text) || ' ' || $9)",
        postgres: "encode(sha256(convert_to(\
                   last.hash || ' ' || cast(last.seq + 1 as text) || ' ' || $9, 'UTF8')), 'hex')",
    },
    Slot {
        name: "guard_function",
        sqlite: "",
        postgres: "create function guichet_guard(name text, holds boolean) returns void as $$
begin
    if holds is not true then
        raise exception using errcode = 'GU001', message = name;
    end if;
end
$$ language plpgsql;",
    },
    // Mail is mostly base64 or short: compressing it costs more than it saves.
    Slot {
        name: "store_content_as_is",
        sqlite: "",
        postgres: "alter table blob alter column content set storage external;",
    },
    // The words of messages. The words are ours, one space between them, and must come through as
    // they are: the tokenizer may cut at spaces only.
    Slot {
        name: "message_words",
        sqlite: "create virtual table message_words using fts5(words, content='', \
                 contentless_delete=1, detail=none, \
                 tokenize='ascii');",
        postgres: "create table message_words (message_id bigint primary key, \
                   words tsvector not null);\n\
                   create index message_words_words on message_words using gin (words);",
    },
    Slot {
        name: "insert_words",
        sqlite: "insert or replace into message_words (rowid, words) \
                 select id, $2 from message where id = $1",
        postgres: "insert into message_words (message_id, words) \
                   select id, array_to_tsvector(string_to_array($2, ' ')) from message \
                    where id = $1 for key share \
                   on conflict (message_id) do update set words = excluded.words",
    },
    Slot {
        name: "delete_words",
        sqlite: "delete from message_words where rowid = $1",
        postgres: "delete from message_words where message_id = $1",
    },
    Slot {
        name: "found_messages",
        sqlite: "(select rowid as message_id from message_words where message_words match $2)",
        postgres: "(select message_id from message_words \
                    where words @@ cast(cast($2 as text) as tsquery))",
    },
    // SQLite would rather walk through the folder than look into the few that are in the index.
    Slot { name: "by_deleted", sqlite: "indexed by placement_deleted", postgres: "" },
    Slot { name: "words_id", sqlite: "rowid", postgres: "message_id" },
    // Keeps SQLite from walking through the folder to look into the index for each message.
    Slot { name: "then_join", sqlite: "cross join", postgres: "cross join" },
];

/// A constraint whose violation is an answer to the caller, not a fault.
struct Constraint {
    conflict: &'static str,
    /// How SQLite names it in its message.
    sqlite: &'static str,
    /// The constraint's or index's name, or `table.column` where a value is missing.
    postgres: &'static str,
}

const CONSTRAINTS: &[Constraint] = &[
    Constraint {
        conflict: "proxy_address",
        sqlite: "proxy_address.address_key",
        postgres: "proxy_address_pkey",
    },
    Constraint { conflict: "alias", sqlite: "recipient.alias_key", postgres: "recipient_alias" },
    Constraint { conflict: "guid", sqlite: "recipient.guid", postgres: "recipient_guid" },
    Constraint {
        conflict: "grant",
        sqlite: "grant_right.recipient_id, grant_right.trustee_id, grant_right.right_name",
        postgres: "grant_right_unrevoked",
    },
    Constraint {
        conflict: "accepted_domain",
        sqlite: "accepted_domain.name",
        postgres: "accepted_domain_pkey",
    },
    Constraint {
        conflict: "mail_rule",
        sqlite: "mail_rule.kind, mail_rule.name_key",
        postgres: "mail_rule_name",
    },
    Constraint {
        conflict: "folder_name",
        sqlite: "folder.recipient_id, folder.name",
        postgres: "folder_name",
    },
    // A placement takes its UID from its folder; without the folder there is none.
    Constraint { conflict: "folder", sqlite: "placement.uid", postgres: "placement.uid" },
    Constraint {
        conflict: "keyword",
        sqlite: "folder_keyword.folder_id, folder_keyword.name_key",
        postgres: "folder_keyword_name",
    },
    Constraint { conflict: "token", sqlite: "api_token.token_hash", postgres: "api_token_hash" },
    Constraint {
        conflict: "oauth_client",
        sqlite: "oauth_client.client_id",
        postgres: "oauth_client_client_id",
    },
    Constraint {
        conflict: "oauth_spent",
        sqlite: "oauth_spent.voucher_hash",
        postgres: "oauth_spent_pkey",
    },
    Constraint {
        conflict: "oauth_user_code",
        sqlite: "oauth_device.user_code",
        postgres: "oauth_device_user_code",
    },
    Constraint {
        conflict: "send_request",
        sqlite: "send_request_step.request_id, send_request_step.revision",
        postgres: "send_request_step_pkey",
    },
    Constraint {
        conflict: "desk",
        sqlite: "desk_event.mailbox_id, desk_event.message_id, desk_event.revision",
        postgres: "desk_event_pkey",
    },
    Constraint {
        conflict: "dkim_key",
        sqlite: "dkim_key.domain, dkim_key.selector",
        postgres: "dkim_key_pkey",
    },
];

/// The conflict that a violated foreign key is reported as: the row referred to does not exist.
pub(crate) const MISSING_REFERENCE: &str = "reference";

impl Dialect {
    /// The statement as this engine reads it. Empty where the engine needs nothing.
    pub(crate) fn resolve(self, text: &str) -> String {
        let mut resolved = text.to_owned();
        for slot in SLOTS {
            let name = format!("{{{}}}", slot.name);
            if resolved.contains(&name) {
                resolved = resolved.replace(&name, self.pick(slot.sqlite, slot.postgres));
            }
        }
        match self {
            Dialect::Sqlite => resolved.replace('$', "?"),
            Dialect::Postgres => resolved,
        }
    }

    /// The name of the conflict behind a violated constraint, if it is one that callers await.
    pub(crate) fn conflict(self, constraint: &str) -> Option<&'static str> {
        CONSTRAINTS
            .iter()
            .find(|known| self.pick(known.sqlite, known.postgres) == constraint)
            .map(|known| known.conflict)
    }

    fn pick(self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self {
            Dialect::Sqlite => sqlite,
            Dialect::Postgres => postgres,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Dialect, GUARD_SQLSTATE};
    use crate::statements;

    #[test]
    fn no_statement_has_a_slot_left_and_none_is_listed_twice() {
        let mut seen = std::collections::HashSet::new();
        for (purpose, sql) in statements::all() {
            assert!(seen.insert((purpose, sql)), "{sql}");
            for dialect in [Dialect::Sqlite, Dialect::Postgres] {
                assert!(!dialect.resolve(sql).contains(['{', '}']), "{sql}");
            }
        }
    }

    #[test]
    fn placeholders_keep_their_numbers() {
        let text = "select $2, $1 {skip_locked}";
        assert_eq!(Dialect::Sqlite.resolve(text), "select ?2, ?1 ");
        assert_eq!(Dialect::Postgres.resolve(text), "select $2, $1 for update skip locked");
    }

    #[test]
    fn the_guard_function_raises_the_state_that_is_awaited() {
        assert!(Dialect::Postgres.resolve("{guard_function}").contains(GUARD_SQLSTATE));
    }
}
