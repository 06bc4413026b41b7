//! Files of every released version: what they hold is there when this version has opened them.
//!
//! A new version of the schema gets a file of its own:
//! `UPDATE_FIXTURES=1 cargo nextest run -p converse-sqlite the_file_of_the_newest_version`.

use std::fs;
use std::path::{Path, PathBuf};

use converse_core::store::{
    Change, LogScan, Namespace, Place, Record, Scan, Search, SecretBytes, Store,
};
use converse_sqlite::SqliteStore;
use jid::BareJid;
use rusqlite::Connection;

use crate::folder::{Folder, run};

const TABLE: Namespace = Namespace::new("testing.versions", 100);
const CHAT: &str = "chat/juliet@capulet.example";

const LINES: [&str; 4] = [
    "But, soft! what light through yonder window breaks?",
    "It is the east, and Juliet is the sun.",
    "Österreich und Ägypten, soft light",
    "O, speak again, bright angel!",
];

fn accounts() -> [BareJid; 2] {
    ["mara@kestrel.example", "otto@heron.example"].map(|jid| jid.parse().unwrap())
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn record(n: usize) -> Record {
    Record {
        key: format!("k{n}"),
        names: vec![format!("s:{n}"), format!("o:{n}")],
        place: Place::new(1_600_000_000_000_000, u32::try_from(n).unwrap()),
        text: LINES.get(n % 5).map(|line| (*line).to_owned()),
        value: format!("value {n}").into_bytes(),
    }
}

/// What a file of each version holds.
async fn fill(store: &SqliteStore) {
    for account in accounts() {
        let mut changes: Vec<Change> = (0..9)
            .map(|n| Change::put(TABLE, format!("key {n}"), vec![n; 10]))
            .collect();
        changes.extend((0..10).map(|n| Change::put_record(CHAT, record(n))));
        changes.push(Change::delete_record(CHAT, "k7"));
        store.write(&account, changes).await.unwrap();
        let secret = SecretBytes::new(account.to_string().into_bytes());
        store
            .put_secret(&account, "token", Some(secret))
            .await
            .unwrap();
        // Of the last account the words wait to be noted.
        if account == accounts()[0] {
            store.index_words().await.unwrap();
        }
    }
}

async fn check(store: &SqliteStore) {
    for account in accounts() {
        let page = store.scan(&account, TABLE, Scan::all()).await.unwrap();
        assert_eq!(page.entries.len(), 9);
        assert_eq!(page.entries[3].value, [3; 10]);
        let secret = store.secret(&account, "token").await.unwrap().unwrap();
        assert_eq!(secret.expose(), account.to_string().as_bytes());
        let page = store
            .records(&account, LogScan::oldest(CHAT))
            .await
            .unwrap();
        let expected: Vec<Record> = (0..10).filter(|n| *n != 7).map(record).collect();
        let mut found = page.records;
        for record in &mut found {
            record.names.sort_by(|a, b| b.cmp(a));
        }
        assert_eq!(found, expected);
        for (name, key) in [("s:3", "k3"), ("o:9", "k9"), ("k0", "k0")] {
            let found = store.record(&account, CHAT, name).await.unwrap().unwrap();
            assert_eq!(found.key, key);
        }
        assert_eq!(store.record(&account, CHAT, "s:7").await.unwrap(), None);
        for (text, keys) in [
            ("soft", &["k5", "k2", "k0"][..]),
            ("juliet SUN", &["k6", "k1"]),
            ("öster", &["k2"]),
            ("angel", &["k8", "k3"]),
        ] {
            let found = store.search(&account, Search::new(text)).await.unwrap();
            let found: Vec<&str> = found.iter().map(|it| it.record.key.as_str()).collect();
            assert_eq!(found, keys, "{text}");
        }
    }
}

/// The versions that have a file, in their order.
fn versions() -> Vec<i64> {
    let files = fs::read_dir(fixtures()).unwrap();
    let mut versions: Vec<i64> = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "db"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().parse().unwrap())
        .collect();
    versions.sort_unstable();
    versions
}

fn version_of(path: &Path) -> i64 {
    let connection = Connection::open(path).unwrap();
    let sql = "SELECT max(version) FROM schema_versions";
    connection.query_row(sql, (), |row| row.get(0)).unwrap()
}

#[test]
fn a_file_of_every_version_is_read_and_becomes_one_of_the_newest() {
    let folder = Folder::new("versions");
    let newest = folder.file("newest.db");
    drop(SqliteStore::open(&newest).unwrap());
    let newest = version_of(&newest);
    // Without a file, a version is not shown to be readable.
    assert_eq!(versions(), (1..=newest).collect::<Vec<_>>());
    for version in versions() {
        let path = folder.file(&format!("{version}.db"));
        fs::copy(fixtures().join(format!("{version}.db")), &path).unwrap();
        assert_eq!(version_of(&path), version);
        for _ in 0..2 {
            run(async { check(&SqliteStore::open(&path).unwrap()).await });
        }
        assert_eq!(version_of(&path), newest);
        let connection = Connection::open(&path).unwrap();
        let found: String = connection
            .query_row("PRAGMA integrity_check", (), |row| row.get(0))
            .unwrap();
        assert_eq!(found, "ok");
        run(async {
            let store = SqliteStore::open(&path).unwrap();
            store.clear_account(&accounts()[0]).await.unwrap();
            fill(&store).await;
            store.clear_account(&accounts()[1]).await.unwrap();
            fill(&store).await;
            check(&store).await;
        });
    }
}

#[test]
fn the_file_of_the_newest_version_can_be_written_anew() {
    let folder = Folder::new("fixture");
    let path = folder.file("store.db");
    run(async {
        let store = SqliteStore::open(&path).unwrap();
        fill(&store).await;
        check(&store).await;
    });
    if std::env::var_os("UPDATE_FIXTURES").is_none() {
        return;
    }
    let version = version_of(&path);
    fs::copy(&path, fixtures().join(format!("{version}.db"))).unwrap();
}
