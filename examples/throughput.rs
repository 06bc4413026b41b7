//! A client for measuring: `throughput PORT WORKLOAD N` logs in over plain loopback with SASL PLAIN, lets a plugin read `from`
//! and `body` of every message, and prints one line of JSON when the message `MARKER` comes.
//!
//! | workload | what it does |
//! |---|---|
//! | `messages` | hears N messages |
//! | `echo` | sends N messages |
//! | `roster` | fetches the roster, folds the presence of N contacts into it, and reads every contact by its address |
//! | `muc` | enters a room of N occupants, hears of each, and keeps them all |
//! | `mam` | pages through an archive of N messages, 100 a page, and keeps each in the store of messages by its id and time |
//! | `mam-local` | the same into a file; needs the feature `sqlite` |
//!
//! `start_s` is the time from the bound session to the marker, `first_s` from the first message to the marker, `cpu_work_s`
//! the processor time of the whole process from the bound session on, `rss_kb` the largest resident set, `bound_s` the time
//! from the login to the bound session, `seen` and `chk` the messages and the characters that were read. Of a roster, `seen`
//! counts contacts and their resources, `chk` the characters of their addresses; of a room, `seen` counts the occupants, and
//! `chk` the characters of their nicks and affiliations. Of an archive, the last page is the marker.
//!
//! Build it with `--release`; a figure of a debug build says nothing.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program reports on its standard output"
)]

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use converse::core::store::{Change, LogScan, Place, Record};
use converse::mam::ArchivedMessage;
use converse::prelude::*;
use rustix::time::{ClockId, clock_gettime};
use tokio::sync::oneshot;

/// The room of the workload `muc`.
const ROOM: &str = "room@conference.bench.local";

/// What one run counts.
struct Count {
    bound: Option<(Instant, Duration)>,
    first: Option<Instant>,
    seen: u64,
    chk: u64,
    finished: Option<oneshot::Sender<()>>,
}

/// Reads every message; the last one ends the run.
struct Counter;

#[converse_plugin]
impl Plugin for Counter {
    const NAME: &'static str = "counter";

    fn initialize(cx: &PluginContext) -> Result<(), BoxError> {
        let (finished, done) = oneshot::channel();
        let count = Arc::new(Mutex::new(Count {
            bound: None,
            first: None,
            seen: 0,
            chk: 0,
            finished: Some(finished),
        }));
        cx.provide(Run {
            count: Arc::clone(&count),
            done: Mutex::new(Some(done)),
        });
        let started = Arc::clone(&count);
        cx.listen().subscribe_sync(move |_: &SessionStarted| {
            lock(&started).bound = Some((Instant::now(), cpu_time()));
            Ok(())
        });
        let entered = Arc::clone(&count);
        cx.listen().subscribe_sync(move |event: &OccupantJoined| {
            let mut count = lock(&entered);
            count.first.get_or_insert_with(Instant::now);
            count.seen += 1;
            let affiliation = event.occupant.affiliation.as_str();
            count.chk += (event.occupant.nick.len() + affiliation.len()) as u64;
            Ok(())
        });
        let folded = Arc::clone(&count);
        cx.listen().subscribe_sync(move |_: &ContactStatusChanged| {
            lock(&folded).first.get_or_insert_with(Instant::now);
            Ok(())
        });
        cx.hear_sync(Route::message(), move |message| {
            let Some(body) = message.body() else {
                return Ok(());
            };
            let mut count = lock(&count);
            if body == "MARKER" {
                let _ = count.finished.take().map(|finished| finished.send(()));
                return Ok(());
            }
            count.first.get_or_insert_with(Instant::now);
            count.seen += 1;
            count.chk += (body.len() + message.from().map_or(0, |from| from.as_str().len())) as u64;
            Ok(())
        })?;
        Ok(())
    }
}

/// What the plugin shares with the program.
struct Run {
    count: Arc<Mutex<Count>>,
    done: Mutex<Option<oneshot::Receiver<()>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[actix::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let parsed = match arguments.as_slice() {
        [port, workload, n] => port
            .parse::<u16>()
            .ok()
            .zip(n.parse::<u64>().ok())
            .map(|(port, n)| (port, workload, n)),
        _ => None,
    };
    let Some((port, workload, n)) = parsed else {
        eprintln!("usage: throughput PORT messages|echo|roster|muc|mam|mam-local N");
        return ExitCode::from(2);
    };
    match run(port, workload, n).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(port: u16, workload: &str, n: u64) -> Result<(), BoxError> {
    // Only what is measured runs.
    let idle: &[&str] = match workload {
        "roster" => &[
            "converse-status",
            "converse-chat",
            "converse-muc",
            "converse-bookmarks",
        ],
        "muc" => &[
            "converse-roster",
            "converse-status",
            "converse-chat",
            "converse-bookmarks",
        ],
        _ => &[
            "converse-roster",
            "converse-status",
            "converse-chat",
            "converse-muc",
        ],
    };
    let file = std::env::temp_dir().join(format!("throughput-{}.db", std::process::id()));
    let storage = if workload == "mam-local" {
        "local"
    } else {
        "session"
    };
    let api = Converse::initialize(settings! {
        "message_storage": storage,
        "store_path": file.to_string_lossy(),
        "auto_login": false,
        "server": format!("127.0.0.1:{port}"),
        "security": "plaintext_loopback",
        "sasl_mechanisms": ["PLAIN"],
        "whitelisted_plugins": ["counter"],
        "blacklisted_plugins": idle,
    })
    .await?;
    // Who logs in is known before the clock starts, as it is for every other client.
    let options = LoginOptions::new(
        "user@bench.local/bench".parse::<Jid>()?.to_string(),
        "secret",
    );
    let connecting = Instant::now();
    api.user().login(options).await?;
    if workload == "roster" {
        api.wait_until("rosterContactsFetched").await?;
    }
    api.send_untracked("<presence/>").await?;
    if workload == "muc" {
        api.rooms().open(ROOM, "me").await?;
    }
    let run = api.require::<Run>("counter")?;
    if let "mam" | "mam-local" = workload {
        keep_archive(&api, &run.count).await?;
        report(&lock(&run.count), workload, n, connecting);
        let kept = check_archive(&api, n).await;
        for ending in ["db", "db-wal", "db-shm"] {
            // Of the store in memory there is none.
            let _ = std::fs::remove_file(file.with_extension(ending));
        }
        return kept;
    }
    if workload == "echo" {
        for i in 0..n {
            let message = Element::builder("message", converse::ns::CLIENT)
                .attr("type", "chat")
                .attr("to", "friend1@bench.local")
                .attr("id", format!("m{i}"))
                .child(Element::builder("body", converse::ns::CLIENT).text(format!(
                    "Hello number {i}, this is the text of a chat message, sixty c"
                )));
            api.send_untracked(message).await?;
        }
    }
    let done = lock(&run.done).take();
    if let Some(done) = done {
        // The sender lives in the plugin, which lives as long as the instance.
        let _ = done.await;
    }
    if workload == "roster" {
        read_contacts(&api, &mut lock(&run.count), n)?;
    }
    report(&lock(&run.count), workload, n, connecting);
    if workload == "muc" {
        check_occupants(&api, n)?;
    }
    Ok(())
}

/// The log that the archive is kept in.
const LOG: &str = "archive";

/// Keeps every message of the own archive in the store.
async fn keep_archive(api: &Api, count: &Mutex<Count>) -> Result<(), BoxError> {
    let store = api.account_message_store().ok_or("there is no account")?;
    let mut pages = api.archive().pages(Query::new().max(100));
    while let Some(page) = pages.next().await {
        let mut records = Vec::with_capacity(100);
        {
            let mut count = lock(count);
            count.first.get_or_insert_with(Instant::now);
            for message in page?.messages {
                let Some((record, characters)) = record(message) else {
                    continue;
                };
                count.seen += 1;
                count.chk += characters as u64;
                records.push(Change::put_record(LOG, record));
            }
        }
        store.write(records).await?;
    }
    Ok(())
}

/// What is kept of a message, and how many characters of it were read.
fn record(message: ArchivedMessage) -> Option<(Record, usize)> {
    let body = message.body()?.into_owned();
    let from = message.from().map_or("", |from| from.as_str());
    let characters = body.len() + from.len();
    let record = Record {
        names: Vec::new(),
        place: Place::new(message.time?.timestamp_micros(), 0),
        value: from.into(),
        text: Some(body),
        key: message.archive_id,
    };
    Some((record, characters))
}

/// Every message is in the store.
async fn check_archive(api: &Api, n: u64) -> Result<(), BoxError> {
    let store = api.account_message_store().ok_or("there is no account")?;
    let logs = store.logs().await?;
    let kept = logs.iter().find(|log| log.log == LOG);
    let kept = kept.map_or(0, |log| log.records as u64);
    if kept != n {
        return Err(format!("{kept} of {n} messages were kept").into());
    }
    let newest = LogScan::newest(LOG).limit(1);
    let newest = store.records(newest).await?;
    let newest = newest.records.first().map(|record| record.key.clone());
    if newest != Some(format!("A-{:08}", n - 1)) {
        return Err(format!("{newest:?} is the newest message").into());
    }
    Ok(())
}

/// Reads every contact of the server by its address; each is there with the presence that was sent.
fn read_contacts(api: &Api, count: &mut Count, n: u64) -> Result<(), BoxError> {
    for i in 0..n {
        let jid = format!("contact{i}@bench.local").parse::<BareJid>()?;
        let contact = api
            .contacts()
            .get(&jid)?
            .filter(|contact| contact.chat_status == ChatStatus::Away)
            .ok_or_else(|| format!("the presence of {jid} was not folded in"))?;
        let resources = contact.resources.names();
        let jids = resources.map(|name| jid.as_str().len() + 1 + name.len());
        count.seen += 1 + contact.resources.len() as u64;
        count.chk += (jid.as_str().len() + jids.sum::<usize>()) as u64;
    }
    Ok(())
}

/// Looks for every occupant by its nick: each is there as the server said, and so is the user.
fn check_occupants(api: &Api, n: u64) -> Result<(), BoxError> {
    let room = api.rooms().get(ROOM)?.ok_or("the room was closed")?;
    let nicks = (0..n).map(|i| format!("nick{i}"));
    for nick in nicks.chain([String::from("me")]) {
        let is_as_said = |it: &Occupant| it.role == Role::Participant && it.real_jid.is_some();
        let found = room.occupant(&nick)?.filter(is_as_said);
        found.ok_or_else(|| format!("{nick} is not in the room as the server said"))?;
    }
    Ok(())
}

fn report(count: &Count, workload: &str, n: u64, connecting: Instant) {
    let now = Instant::now();
    let (bound, cpu_before) = count.bound.unwrap_or((connecting, Duration::ZERO));
    let cpu = cpu_time();
    let line = json!({
        "lib": "converse",
        "workload": workload,
        "n": n,
        "seen": count.seen,
        "chk": count.chk,
        "bound_s": (bound - connecting).as_secs_f64(),
        "start_s": (now - bound).as_secs_f64(),
        "first_s": (now - count.first.unwrap_or(bound)).as_secs_f64(),
        "cpu_s": cpu.as_secs_f64(),
        "cpu_work_s": (cpu - cpu_before).as_secs_f64(),
        "rss_kb": largest_resident_set(),
    });
    println!("{line}");
}

/// Processor time of this process, in all its threads.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

/// The largest resident set of this process, in kB; 0 where the system does not tell.
fn largest_resident_set() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .unwrap_or_default()
        .lines()
        .find_map(|line| {
            line.strip_prefix("VmHWM:")?
                .trim()
                .trim_end_matches("kB")
                .trim()
                .parse()
                .ok()
        })
        .unwrap_or(0)
}
