//! A disk that is full: a small one of its own, where the system lets a test have one.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use converse_core::store::{Change, LogScan, Namespace, Place, Record, Store as _, StoreError};
use converse_sqlite::{OpenError, SqliteStore};
use jid::BareJid;
use rusqlite::Connection;

use crate::folder::{Folder, run};

const FOLDER: &str = "CONVERSE_FULL_FOLDER";
const TABLE: Namespace = Namespace::new("testing.full", 10_000);
const LOG: &str = "chat/juliet@capulet.example";

fn mara() -> BareJid {
    "mara@kestrel.example".parse().unwrap()
}

fn batch(number: usize) -> Vec<Change> {
    let record = Record {
        key: number.to_string(),
        names: vec![format!("s:{number}")],
        place: Place::new(i64::try_from(number).unwrap(), 0),
        text: Some("moonlight".repeat(300)),
        value: vec![7; 10_000],
    };
    let value = Change::put(TABLE, number.to_string(), vec![7; 10_000]);
    vec![value, Change::put_record(LOG, record)]
}

async fn kept(store: &SqliteStore) -> (usize, usize) {
    let page = store.records(&mara(), LogScan::newest(LOG)).await.unwrap();
    (
        store.count(&mara(), TABLE).await.unwrap(),
        page.records.len(),
    )
}

/// What is done on the small disk; without one it is a test that does nothing.
#[test]
fn a_process_whose_disk_becomes_full() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let folder = Path::new(&folder);
    let ballast = folder.join("ballast");
    std::fs::write(&ballast, vec![0; 600_000]).unwrap();
    let path = folder.join("store.db");
    run(async {
        let store = SqliteStore::open(&path).unwrap();
        let mut number = 0;
        let error = loop {
            match store.write(&mara(), batch(number)).await {
                Ok(()) => number += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(error, StoreError::DiskFull { .. }), "{error:?}");
        assert!(number > 0);
        assert_eq!(kept(&store).await, (number, number));

        // A second store has no room at all.
        let error = SqliteStore::open(folder.join("other.db")).unwrap_err();
        assert!(matches!(error, OpenError::DiskFull { .. }), "{error:?}");
        // This one can be opened nevertheless, and read.
        drop(store);
        let store = SqliteStore::open(&path).unwrap();
        assert_eq!(kept(&store).await, (number, number));
        // With room it goes on.
        std::fs::remove_file(&ballast).unwrap();
        store.write(&mara(), batch(number)).await.unwrap();
        assert_eq!(kept(&store).await, (number + 1, number + 1));
    });
    let found: String = Connection::open(&path)
        .unwrap()
        .query_row("PRAGMA integrity_check", (), |row| row.get(0))
        .unwrap();
    assert_eq!(found, "ok");
    can_only_be_read(folder, &path);
}

/// The same disk, when nothing can be written on it any more.
fn can_only_be_read(folder: &Path, path: &Path) {
    let before = std::fs::read(path).unwrap();
    let remount = Command::new("mount")
        .args(["-o", "remount,ro"])
        .arg(folder)
        .status();
    assert!(remount.unwrap().success());
    let error = SqliteStore::open(path).unwrap_err();
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error:?}");
    let error = SqliteStore::open(folder.join("other.db")).unwrap_err();
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error:?}");
    let error = SqliteStore::open(folder.join("new.db")).unwrap_err();
    assert!(matches!(error, OpenError::NotMade { .. }), "{error:?}");
    assert_eq!(std::fs::read(path).unwrap(), before);
}

#[test]
fn a_full_disk_is_an_error_and_what_was_there_stays() {
    let folder = Folder::new("full-disk");
    let mount = "mount -t tmpfs -o size=1500k tmpfs \"$1\" || exit 77; shift; exec \"$@\"";
    let on_a_small_disk = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", mount, "sh"])
        .arg(folder.path())
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "full::a_process_whose_disk_becomes_full"])
        .args(["--nocapture", "--test-threads=1"])
        .env(FOLDER, folder.path())
        .output();
    let skipped = match on_a_small_disk {
        Ok(output) if output.status.code() == Some(77) || output.status.code() == Some(1) => true,
        Ok(output) => {
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{told}");
            false
        }
        Err(_) => true,
    };
    if skipped {
        let _ = writeln!(
            std::io::stderr(),
            "skipped: this system gives no small disk"
        );
    }
}
