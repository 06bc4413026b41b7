//! What a store of a million messages costs: `cargo bench -p converse-sqlite`.
//!
//! Another process fills the file, so that what it took is not counted for who reads it. A figure above its limit fails the run.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program that measures reports on its standard output, and ends where something is wrong"
)]

#[path = "messages/machine.rs"]
mod machine;
#[path = "messages/texts.rs"]
mod texts;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::{Duration, Instant};

use converse_core::store::{AccountStore, Change, LogScan, Search};
use converse_sqlite::SqliteStore;
use rustix::time::ClockId;

use machine::{cpu_time, resident_set};
use texts::{ACCOUNTS, CHAT, Texts, old_word, word};

const MESSAGES: usize = 1_000_000;
/// So many are written before words have to be noted meanwhile.
const BURST: usize = 20_000;
/// Messages of one write.
const BATCH: usize = 100;
const ROUNDS: usize = 15;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_time().build().unwrap();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [what, path] if what == "fill" => {
            runtime.block_on(fill(Path::new(path)));
            return ExitCode::SUCCESS;
        }
        // A file that was filled before.
        [what, path] if what == "read" => {
            let mut bench = Bench::default();
            runtime.block_on(bench.run(Path::new(path)));
            return ExitCode::from(u8::from(bench.failed));
        }
        _ => {}
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("messages");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("store.db");
    let filled = Command::new(std::env::current_exe().unwrap())
        .arg("fill")
        .arg(&path)
        .status();
    assert!(filled.unwrap().success());
    let mut bench = Bench::default();
    runtime.block_on(bench.run(&path));
    std::fs::remove_dir_all(folder).unwrap();
    if bench.failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Writes all messages, then has their words noted.
async fn fill(path: &Path) {
    let store = SqliteStore::open(path).unwrap();
    let store = Arc::new(store);
    let accounts = ACCOUNTS.map(|account| {
        let store = Arc::clone(&store);
        AccountStore::new(store, account.parse().unwrap())
    });
    let mut texts = Texts::default();
    let (mut writing, mut cpu) = (Duration::ZERO, Duration::ZERO);
    for batch in 0..MESSAGES / BATCH {
        let changes: Vec<Change> = (0..BATCH).map(|_| texts.next_change()).collect();
        // One account has nearly all.
        let account = &accounts[usize::from(batch % 100 == 99)];
        let (begun, cpu_begun) = (Instant::now(), cpu_time(ClockId::ProcessCPUTime));
        account.write(changes).await.unwrap();
        writing += begun.elapsed();
        cpu += cpu_time(ClockId::ProcessCPUTime).saturating_sub(cpu_begun);
        if batch + 1 == BURST / BATCH {
            let each = cpu.as_secs_f64() * 1e6 / BURST as f64;
            println!(
                "write the first {BURST}, whose words are noted later: {each:.1} µs of processor each"
            );
        }
    }
    let each = |time: Duration| time.as_secs_f64() * 1e6 / MESSAGES as f64;
    println!(
        "write {MESSAGES} messages, {BATCH} at once: {:.1} µs each, {:.1} µs of processor",
        each(writing),
        each(cpu)
    );
    let (begun, cpu_begun) = (Instant::now(), cpu_time(ClockId::ProcessCPUTime));
    store.index_words().await.unwrap();
    println!(
        "note the words of those that waited: {:.1} s, {:.1} s of processor",
        begun.elapsed().as_secs_f64(),
        cpu_time(ClockId::ProcessCPUTime)
            .saturating_sub(cpu_begun)
            .as_secs_f64()
    );
    drop(accounts);
    drop(store);
    let megabytes = std::fs::metadata(path).unwrap().len() / 1_000_000;
    println!("the file has {megabytes} MB");
}

#[derive(Default)]
struct Bench {
    failed: bool,
}

impl Bench {
    async fn run(&mut self, path: &Path) {
        let idle = resident_set();
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let store = SqliteStore::open(path).unwrap();
            times.push(begun.elapsed());
            drop(store);
        }
        self.report("open", &times, 100.0);
        let store = Arc::new(SqliteStore::open(path).unwrap());
        let store = AccountStore::new(store, ACCOUNTS[0].parse().unwrap());
        self.pages(&store).await;
        self.searches(&store).await;
        let grown = resident_set().saturating_sub(idle) as f64 / 1024.0;
        self.limit("resident memory, grown by", grown, 30.0, "MB");
    }

    async fn pages(&mut self, store: &AccountStore) {
        for chat in [0, 10, 900] {
            let log = format!("{CHAT}{chat}");
            let mut scan = LogScan::newest(&log).limit(50);
            for page in ["newest 50", "50 before those"] {
                let mut times = Vec::new();
                let mut last = None;
                for _ in 0..ROUNDS {
                    let begun = Instant::now();
                    let found = store.records(scan.clone()).await.unwrap();
                    times.push(begun.elapsed());
                    last = found.records.last().map(|record| record.place);
                }
                self.report(&format!("{page} of chat {chat}"), &times, 2.0);
                scan = scan.beyond(last.unwrap());
            }
        }
    }

    async fn searches(&mut self, store: &AccountStore) {
        let phrases = [
            ("the commonest word", word(1)),
            ("a common word", word(20)),
            ("a word of one in thousand", word(3_000)),
            ("a rare word", word(49_000)),
            ("a word that nobody wrote", "qqqqqq".to_owned()),
            ("one letter", word(1)[..1].to_owned()),
            ("two letters", word(40_000)[..2].to_owned()),
            ("two common words", format!("{} {}", word(3), word(5))),
            (
                "a common and a rare one",
                format!("{} {}", word(1), word(48_000)),
            ),
            (
                "two rare ones",
                format!("{} {}", word(47_000), word(48_000)),
            ),
            ("a word of all old messages", old_word().to_owned()),
            ("its beginning", old_word()[..5].to_owned()),
        ];
        for (what, text) in phrases {
            for chat in [None, Some(10)] {
                let mut search = Search::new(&text).limit(50);
                let mut place = String::new();
                if let Some(chat) = chat {
                    search = search.log(format!("{CHAT}{chat}"));
                    place = format!(" in chat {chat}");
                }
                for page in 1..=2 {
                    let mut times = Vec::new();
                    let mut found = Vec::new();
                    for _ in 0..ROUNDS {
                        let begun = Instant::now();
                        found = store.search(search.clone()).await.unwrap();
                        times.push(begun.elapsed());
                    }
                    let title = format!("{what}{place}, page {page}, {} found", found.len());
                    self.report(&title, &times, 50.0);
                    let Some(last) = found.last().filter(|_| found.len() >= 50) else {
                        break;
                    };
                    search = search.before(last.record.place);
                }
            }
        }
    }

    fn report(&mut self, what: &str, times: &[Duration], limit: f64) {
        let mut times: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
        times.sort_by(f64::total_cmp);
        let (median, most) = (times[times.len() / 2], times[times.len() - 1]);
        self.limit(&format!("{what} (at most {most:.2})"), median, limit, "ms");
    }

    fn limit(&mut self, what: &str, found: f64, limit: f64, unit: &str) {
        let is_above = found > limit;
        self.failed |= is_above;
        let verdict = if is_above { "  ABOVE THE LIMIT" } else { "" };
        println!("{what}: {found:.2} {unit}, limit {limit} {unit}{verdict}");
    }
}
