-- Names stand with their record too, so that a page of records is one look; `record_names` finds a record by a name.
ALTER TABLE records ADD COLUMN names TEXT;
UPDATE records SET names = (SELECT json_group_array(name) FROM record_names WHERE record = records.id)
    WHERE id IN (SELECT record FROM record_names);
DROP TRIGGER records_forgotten;
CREATE TABLE names_of_records (
    log    INTEGER NOT NULL,
    name   TEXT    NOT NULL,
    record INTEGER NOT NULL,
    PRIMARY KEY (log, name)
) STRICT, WITHOUT ROWID;
INSERT INTO names_of_records SELECT log, name, record FROM record_names;
DROP TABLE record_names;
ALTER TABLE names_of_records RENAME TO record_names;

-- What is known about the file as a whole; `drift`: how far an id stands at most behind where the time of its record would have it;
-- `sweep` and `sweep_terms`: how far the words of what was deleted are forgotten.
CREATE TABLE facts (
    name  TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO facts SELECT 'drift', ifnull(max(id - micros * 1024), 0) FROM records
    WHERE micros BETWEEN -4000000000000000 AND 4000000000000000;

-- Words of records by their ids, as the program tells them apart. `place` says which account and log it is, as the words
-- `a1` and `l1`.
DROP TABLE words;
CREATE VIRTUAL TABLE words USING fts5 (
    place, text,
    content = '', contentless_delete = 1,
    tokenize = 'ascii', detail = 'column'
);
-- Every word once: which of them begin with something.
CREATE TABLE terms (term TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
-- Records whose words are not there yet: that is done when there is time.
CREATE TABLE unindexed (id INTEGER PRIMARY KEY) STRICT;
INSERT INTO unindexed SELECT id FROM records WHERE text IS NOT NULL;

CREATE TRIGGER records_forgotten AFTER DELETE ON records BEGIN
    DELETE FROM record_names
        WHERE log = old.log AND record = old.id AND name IN (SELECT value FROM json_each(old.names));
    DELETE FROM unindexed WHERE id = old.id;
    DELETE FROM words WHERE rowid = old.id AND old.text IS NOT NULL;
END;
