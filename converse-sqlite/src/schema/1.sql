CREATE TABLE schema_versions (
    version INTEGER PRIMARY KEY,
    applied TEXT NOT NULL
) STRICT;

CREATE TABLE accounts (
    id  INTEGER PRIMARY KEY,
    jid TEXT NOT NULL UNIQUE
) STRICT;

-- The namespaces of an account, with the number of their entries.
CREATE TABLE namespaces (
    id      INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
    name    TEXT    NOT NULL,
    entries INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account, name)
) STRICT;

-- `written` grows with each write: the least is the oldest.
CREATE TABLE entries (
    namespace INTEGER NOT NULL REFERENCES namespaces ON DELETE CASCADE,
    key       TEXT    NOT NULL,
    value     BLOB    NOT NULL,
    written   INTEGER NOT NULL,
    UNIQUE (namespace, key)
) STRICT;
CREATE INDEX entries_by_age ON entries (namespace, written);

CREATE TABLE secrets (
    account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
    name    TEXT    NOT NULL,
    value   BLOB    NOT NULL,
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;
