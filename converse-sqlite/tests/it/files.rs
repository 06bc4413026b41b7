//! Files as they are found.

use std::fs;

use converse_core::store::{AccountStore, Change, Namespace, Scan, SecretBytes, Store as _};
use converse_sqlite::{OpenError, SqliteStore};
use jid::BareJid;
use rusqlite::Connection;

use crate::folder::{Folder, run};

const TABLE: Namespace = Namespace::new("testing.files", 100);

fn mara() -> BareJid {
    "mara@kestrel.example".parse().unwrap()
}

#[test]
fn what_was_written_is_there_when_the_file_is_opened_again() {
    let folder = Folder::new("again");
    let path = folder.file("store.db");
    run(async {
        let store = SqliteStore::open(&path).unwrap();
        let secret = SecretBytes::new(*b"moonlight");
        store
            .put_secret(&mara(), "key", Some(secret))
            .await
            .unwrap();
        let store = AccountStore::new(std::sync::Arc::new(store), mara());
        store.put_json(TABLE, "a", &[1, 2]).await.unwrap();
    });
    run(async {
        let store = SqliteStore::open(&path).unwrap();
        let secret = store.secret(&mara(), "key").await.unwrap().unwrap();
        assert_eq!(secret.expose(), b"moonlight");
        let page = store.scan(&mara(), TABLE, Scan::all()).await.unwrap();
        assert_eq!(page.entries[0].value, b"[1,2]");
    });
}

#[test]
fn two_instances_share_a_file() {
    let folder = Folder::new("shared");
    let path = folder.file("store.db");
    run(async {
        let one = SqliteStore::open(&path).unwrap();
        let other = SqliteStore::open(&path).unwrap();
        let put = |key: &str| vec![Change::put(TABLE, key, *b"x")];
        for n in 0..20 {
            one.write(&mara(), put(&format!("one-{n}"))).await.unwrap();
            other
                .write(&mara(), put(&format!("other-{n}")))
                .await
                .unwrap();
        }
        assert_eq!(one.count(&mara(), TABLE).await.unwrap(), 40);
        assert_eq!(other.count(&mara(), TABLE).await.unwrap(), 40);
    });
}

#[cfg(unix)]
#[test]
fn the_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("private");
    let store = SqliteStore::open(folder.file("store.db")).unwrap();
    run(store.put_secret(&mara(), "key", Some(SecretBytes::new(*b"x")))).unwrap();
    for file in ["store.db", "store.db-wal", "store.db-shm"] {
        let mode = fs::metadata(folder.file(file))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{file}");
    }
}

#[test]
fn what_is_no_store_is_refused_and_left_as_it_is() {
    let folder = Folder::new("foreign");
    let text = folder.file("letter.txt");
    fs::write(
        &text,
        "But, soft! what light through yonder window breaks?\n".repeat(99),
    )
    .unwrap();
    let before = fs::read(&text).unwrap();
    assert!(matches!(
        SqliteStore::open(&text),
        Err(OpenError::Corrupt { .. })
    ));
    assert_eq!(fs::read(&text).unwrap(), before);

    let foreign = folder.file("foreign.db");
    let connection = Connection::open(&foreign).unwrap();
    connection.execute_batch("CREATE TABLE t (x)").unwrap();
    drop(connection);
    let before = fs::read(&foreign).unwrap();
    assert!(matches!(
        SqliteStore::open(&foreign),
        Err(OpenError::Foreign { .. })
    ));
    assert_eq!(fs::read(&foreign).unwrap(), before);

    let missing = folder.file("no/such/folder.db");
    assert!(matches!(
        SqliteStore::open(missing),
        Err(OpenError::NotMade { .. })
    ));
    fs::create_dir(folder.file("drawer")).unwrap();
    assert!(matches!(
        SqliteStore::open(folder.file("drawer")),
        Err(OpenError::Inaccessible { .. })
    ));
}

#[test]
fn a_file_from_the_future_is_refused_and_left_as_it_is() {
    let folder = Folder::new("future");
    let path = folder.file("store.db");
    drop(SqliteStore::open(&path).unwrap());
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "INSERT INTO schema_versions VALUES (9999, 'then'); PRAGMA wal_checkpoint(truncate);",
        )
        .unwrap();
    drop(connection);
    let before = fs::read(&path).unwrap();
    let error = SqliteStore::open(&path).unwrap_err();
    assert!(
        matches!(error, OpenError::Newer { found: 9999, .. }),
        "{error}"
    );
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_damaged_file_is_refused() {
    let folder = Folder::new("damaged");
    let path = folder.file("store.db");
    drop(SqliteStore::open(&path).unwrap());
    let mut bytes = fs::read(&path).unwrap();
    bytes[100..4_000].fill(0xff);
    fs::write(&path, &bytes).unwrap();
    assert!(matches!(
        SqliteStore::open(&path),
        Err(OpenError::Corrupt { .. })
    ));
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_file_that_another_process_keeps_locked_is_refused() {
    let folder = Folder::new("locked");
    let path = folder.file("store.db");
    drop(SqliteStore::open(&path).unwrap());
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch("PRAGMA locking_mode = exclusive; BEGIN EXCLUSIVE")
        .unwrap();
    assert!(matches!(
        SqliteStore::open(&path),
        Err(OpenError::Locked { .. })
    ));
}

#[test]
fn what_does_not_fit_is_an_error_and_what_was_there_stays() {
    let folder = Folder::new("full");
    let path = folder.file("store.db");
    let put = |key: &str, bytes: usize| vec![Change::put(TABLE, key, vec![7; bytes])];
    let write = |key: &'static str, bytes| {
        let path = &path;
        async move {
            let store = SqliteStore::open(path).unwrap();
            store.write(&mara(), put(key, bytes)).await
        }
    };
    run(async {
        write("small", 10).await.unwrap();
        // A file that is not allowed to grow is like a disk that is full.
        let other = Connection::open(&path).unwrap();
        other
            .execute_batch("CREATE TRIGGER full BEFORE INSERT ON entries WHEN length(new.value) > 1000 BEGIN SELECT raise(FAIL, 'disk is full'); END")
            .unwrap();
        drop(other);
        let error = write("large", 2_000).await.unwrap_err();
        let why = std::error::Error::source(&error).unwrap().to_string();
        assert!(why.contains("disk is full"), "{why}");
        let store = SqliteStore::open(&path).unwrap();
        let page = store.scan(&mara(), TABLE, Scan::all()).await.unwrap();
        let keys: Vec<&str> = page
            .entries
            .iter()
            .map(|entry| entry.key.as_str())
            .collect();
        assert_eq!(keys, ["small"]);
        store.write(&mara(), put("next", 10)).await.unwrap();
    });
}

/// What was removed is not in the files any more, neither as it was nor as words of the index.
#[test]
fn what_was_cleared_is_nowhere_in_the_files() {
    let folder = Folder::new("cleared");
    let path = folder.file("store.db");
    let changes = |word: &str| {
        let record = |n: i64| converse_core::store::Record {
            key: format!("{word}{n}"),
            names: vec![format!("{word}-name{n}")],
            place: converse_core::store::Place::new(n, 0),
            text: Some(format!("{word}text{n}")),
            value: format!("{word}value{n}").into_bytes(),
        };
        let records = (0..50).map(|n| Change::put_record(format!("chat/{word}"), record(n)));
        let mut changes: Vec<Change> = records.collect();
        changes.push(Change::put(TABLE, format!("{word}key"), word.as_bytes()));
        changes
    };
    let holds = |word: &str| {
        let files = fs::read_dir(folder.path()).unwrap();
        let mut files = files.map(|file| fs::read(file.unwrap().path()).unwrap());
        files.any(|bytes| {
            bytes
                .windows(word.len())
                .any(|part| part == word.as_bytes())
        })
    };
    run(async {
        let store = SqliteStore::open(&path).unwrap();
        store.write(&mara(), changes("nightingale")).await.unwrap();
        store.index_words().await.unwrap();
        assert!(holds("nightingale"));
        store.clear_account(&mara()).await.unwrap();
        assert!(!holds("nightingale"));
    });
}

#[test]
fn counts_that_are_wrong_stop_nobody() {
    let folder = Folder::new("miscounted");
    let path = folder.file("store.db");
    let put = || vec![Change::put(TABLE, "a", *b"x")];
    run(async {
        let store = SqliteStore::open(&path).unwrap();
        store.write(&mara(), put()).await.unwrap();
        let other = Connection::open(&path).unwrap();
        other
            .execute_batch("UPDATE namespaces SET entries = 0")
            .unwrap();
        store.write(&mara(), put()).await.unwrap();
        let delete = vec![Change::delete(TABLE, "a")];
        other
            .execute_batch("UPDATE namespaces SET entries = 0")
            .unwrap();
        store.write(&mara(), delete).await.unwrap();
        assert_eq!(store.get(&mara(), TABLE, "a").await.unwrap(), None);
    });
}
