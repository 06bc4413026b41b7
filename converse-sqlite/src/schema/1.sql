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

CREATE TABLE logs (
    id      INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
    name    TEXT    NOT NULL,
    records INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account, name)
) STRICT;

-- The ids grow with the time of the records, as far as they can, so that a search gives the newest first without sorting.
CREATE TABLE records (
    id     INTEGER PRIMARY KEY,
    log    INTEGER NOT NULL REFERENCES logs ON DELETE CASCADE,
    key    TEXT    NOT NULL,
    micros INTEGER NOT NULL,
    number INTEGER NOT NULL,
    value  BLOB    NOT NULL,
    text   TEXT,
    UNIQUE (log, key)
) STRICT;
CREATE INDEX records_by_place ON records (log, micros, number, key);

CREATE TABLE record_names (
    log    INTEGER NOT NULL,
    name   TEXT    NOT NULL,
    record INTEGER NOT NULL REFERENCES records ON DELETE CASCADE,
    PRIMARY KEY (log, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX record_names_by_record ON record_names (record);

-- Words of records by their ids. `place` says which account and log it is, as the words `a1` and `l1`.
CREATE VIRTUAL TABLE words USING fts5 (
    place, text,
    content = '', contentless_delete = 1,
    tokenize = "unicode61 remove_diacritics 0", detail = 'column'
);
CREATE TRIGGER records_forgotten AFTER DELETE ON records WHEN old.text IS NOT NULL BEGIN
    DELETE FROM words WHERE rowid = old.id;
END;
