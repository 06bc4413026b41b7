//! A process that writes is killed at any moment: the file opens, and holds every write that had returned, and none by half.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use converse_core::store::{
    AccountStore, Change, LogScan, Namespace, Place, Record, Scan, Search, SecretBytes,
};
use converse_sqlite::SqliteStore;
use rusqlite::Connection;

use crate::folder::{Folder, run};

const SEEDS: u64 = 50;
/// How many of them meet the same file, one after the other.
const KILLS_A_FILE: u64 = 5;
/// How many write at once.
const LANES: usize = 4;

const VALUES: Namespace = Namespace::new("testing.crash", 100_000);
const NEWEST: Namespace = Namespace::new("testing.newest", 100);

const FILE: &str = "CONVERSE_CRASH_FILE";

/// Numbers that a seed gives.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % end
    }
}

fn of(store: &Arc<SqliteStore>, lane: usize) -> AccountStore {
    let account = ["mara@kestrel.example", "otto@heron.example"][lane % 2];
    AccountStore::new(Arc::clone(store) as _, account.parse().unwrap())
}

fn log(lane: usize) -> String {
    format!("chat/{lane}@capulet.example")
}

fn size(number: usize) -> usize {
    1 + number * 7 % 23
}

fn record(key: String, number: usize, at: usize) -> Record {
    Record {
        names: vec![format!("s:{key}")],
        place: Place::new(i64::try_from(number).unwrap(), u32::try_from(at).unwrap()),
        text: Some(format!("batch{number} part{at}")),
        value: number.to_string().into_bytes(),
        key,
    }
}

/// Everything of a batch goes in with one write: values, records, and what says which batch is the newest, once as a value and once as
/// a record that is set anew each time.
fn batch(lane: usize, number: usize) -> Vec<Change> {
    let mut changes = Vec::new();
    for at in 0..size(number) {
        let key = format!("{lane}/{number:08}/{at}");
        changes.push(Change::put(VALUES, key.clone(), vec![7; 1 + at * 50]));
        changes.push(Change::put_record(log(lane), record(key, number, at)));
    }
    let newest = number.to_string();
    changes.push(Change::put(NEWEST, lane.to_string(), newest.as_bytes()));
    let moved = record("newest".to_owned(), number, 1_000);
    changes.push(Change::put_record(log(lane), moved));
    changes
}

/// The process that is killed; without a file it is a test that does nothing.
#[test]
fn a_process_that_writes_until_it_is_killed() {
    let Some(file) = std::env::var_os(FILE) else {
        return;
    };
    let store = Arc::new(SqliteStore::open(file).unwrap());
    let lane = async |lane: usize| {
        let own = of(&store, lane);
        let newest: Option<usize> = own.get_json(NEWEST, &lane.to_string()).await.unwrap();
        for number in newest.map_or(0, |newest| newest + 1).. {
            own.write(batch(lane, number)).await.unwrap();
            if number % 5 == 4 {
                store.index_words().await.unwrap();
                let secret = SecretBytes::new(number.to_string().into_bytes());
                let name = lane.to_string();
                own.put_secret(&name, Some(secret)).await.unwrap();
            }
            let mut out = std::io::stdout().lock();
            writeln!(out, "\nkept {lane} {number}").unwrap();
            out.flush().unwrap();
        }
    };
    run(async { tokio::join!(lane(0), lane(1), lane(2), lane(3)) });
}

/// Has a process write and kills it; which batch of each lane it said was kept at last.
fn write_and_kill(path: &Path, random: &mut Random) -> HashMap<usize, usize> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::a_process_that_writes_until_it_is_killed"])
        .args(["--nocapture", "--test-threads=1"])
        .env(FILE, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut kept = HashMap::new();
    let mut note = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        // The last line can be cut off in the middle: its end says that it was not.
        if let ["kept", lane, number] = words[..]
            && line.ends_with('\n')
        {
            kept.insert(lane.parse().unwrap(), number.parse().unwrap());
            return true;
        }
        false
    };
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    let mut left = 1 + random.below(40);
    while left > 0 {
        line.clear();
        assert!(
            lines.read_line(&mut line).unwrap() > 0,
            "the process ended by itself"
        );
        left -= u64::from(note(&line));
    }
    for _ in 0..random.below(20_000) {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What it said before it died counts too.
    loop {
        line.clear();
        if lines.read_line(&mut line).unwrap() == 0 {
            break;
        }
        note(&line);
    }
    kept
}

async fn check(path: &Path, kept: &HashMap<usize, usize>) {
    let store = Arc::new(SqliteStore::open(path).unwrap());
    for lane in 0..LANES {
        let own = of(&store, lane);
        let newest: Option<usize> = own.get_json(NEWEST, &lane.to_string()).await.unwrap();
        assert!(
            newest >= kept.get(&lane).copied(),
            "lane {lane}: {newest:?} of {kept:?}"
        );
        let Some(newest) = newest else { continue };
        let moved = own.record(&log(lane), "newest").await.unwrap().unwrap();
        assert_eq!(moved.value, newest.to_string().into_bytes());
        // Each batch up to the newest is there, the whole of it.
        let mut values = Vec::new();
        let mut scan = Scan::prefix(format!("{lane}/"));
        loop {
            let page = own.scan(VALUES, scan.clone()).await.unwrap();
            values.extend(page.entries.into_iter().map(|entry| entry.key));
            if !page.more {
                break;
            }
            scan = scan.after(values.last().unwrap());
        }
        let mut records = Vec::new();
        let mut scan = LogScan::oldest(log(lane));
        loop {
            let page = own.records(scan.clone()).await.unwrap();
            scan = scan.beyond(page.records.last().unwrap().place);
            records.extend(page.records.into_iter().map(|record| record.key));
            if !page.more {
                break;
            }
        }
        records.retain(|key| key != "newest");
        let key = |number: usize, at: usize| format!("{lane}/{number:08}/{at}");
        let whole =
            (0..=newest).flat_map(|number| (0..size(number)).map(move |at| key(number, at)));
        let whole: Vec<String> = whole.collect();
        assert_eq!(records, whole);
        let mut sorted = whole;
        sorted.sort_unstable();
        assert_eq!(values, sorted);
        let found = own.search(Search::new(format!("batch{newest}")).log(log(lane)));
        let found = found.await.unwrap();
        let exact = found
            .iter()
            .filter(|found| found.record.place.micros == i64::try_from(newest).unwrap());
        assert_eq!(exact.count(), size(newest) + 1);
        let summary = own.logs().await.unwrap();
        let summary = summary.iter().find(|summary| summary.log == log(lane));
        assert_eq!(summary.unwrap().records, records.len() + 1);
    }
}

fn check_file(path: &Path) {
    let connection = Connection::open(path).unwrap();
    let found: String = connection
        .query_row("PRAGMA integrity_check", (), |row| row.get(0))
        .unwrap();
    assert_eq!(found, "ok");
    connection
        .execute("INSERT INTO words (words) VALUES ('integrity-check')", ())
        .unwrap();
}

#[test]
fn a_process_that_is_killed_loses_nothing_and_leaves_nothing_by_half() {
    let folder = Folder::new("crash");
    for file in 0..SEEDS / KILLS_A_FILE {
        let path = folder.file(&format!("{file}.db"));
        let mut random = Random(file + 1);
        let mut kept = HashMap::new();
        for _ in 0..KILLS_A_FILE {
            kept.extend(write_and_kill(&path, &mut random));
            check_file(&path);
            run(check(&path, &kept));
        }
    }
}
