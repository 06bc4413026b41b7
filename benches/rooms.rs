//! What a room of 20,000 occupants costs: `cargo bench -p converse --bench rooms --features muc`.
//!
//! A thread plays the server and the room over plain loopback; its processor time is taken off. The limits are those that the
//! grouping promises, and a figure above its limit fails the run.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program that measures reports on its standard output, and ends where something is wrong"
)]

#[path = "rooms/machine.rs"]
mod machine;
#[path = "rooms/server.rs"]
mod server;

use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Instant;

use converse::prelude::*;
use rustix::time::ClockId;
use tokio::sync::Notify;

use machine::{cpu_time, resident_set};
use server::{OCCUPANTS, Part, ROOM, Scene, nick, occupant_id, serve};

const ROUNDS: usize = 5;
/// How often the room is left and entered again.
const VISITS: usize = 10;

#[actix::main]
async fn main() -> ExitCode {
    let (play, script) = mpsc::channel();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || serve(&listener, &script));
    let mut bench = Bench::start(&address.to_string(), play).await;

    let idle = resident_set();
    bench.visit(idle).await;
    for _ in 0..ROUNDS {
        bench.presences("presence to its event", "away").await;
        bench.presences("presence to its event", "dnd").await;
    }
    let view = bench.room().occupants().subscribe().unwrap();
    bench
        .presences("presence with a view that nobody reads", "xa")
        .await;
    drop(view);
    for _ in 0..ROUNDS {
        bench.messages().await;
    }
    bench.reading();
    bench.leaving(idle).await;

    let failed = bench.failed;
    bench.api.stop().await;
    drop(bench);
    server.join().unwrap();
    if failed {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// A client that is logged in.
struct Bench {
    api: Api,
    play: mpsc::Sender<Part>,
    /// The server has said what it was to say, and it was heard.
    finished: Arc<Notify>,
    events: Arc<AtomicUsize>,
    failed: bool,
}

impl Bench {
    async fn start(address: &str, play: mpsc::Sender<Part>) -> Self {
        let api = Converse::initialize(settings! {
            "jid": "user@bench.local/bench",
            "password": "secret",
            "server": address,
            "security": "plaintext_loopback",
            "sasl_mechanisms": ["PLAIN"],
            "auto_login": false,
            // Only what is measured runs.
            "blacklisted_plugins": [
                "converse-roster", "converse-status", "converse-chat", "converse-vcard",
                "converse-blocking", "converse-bookmarks", "converse-mam",
            ],
        })
        .await
        .unwrap();
        let events = Arc::<AtomicUsize>::default();
        let count = |events: &Arc<AtomicUsize>| {
            let events = Arc::clone(events);
            move || {
                events.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
        };
        let heard = count(&events);
        api.listen()
            .subscribe_sync(move |_: &OccupantJoined| heard());
        let heard = count(&events);
        api.listen()
            .subscribe_sync(move |_: &OccupantChanged| heard());
        let heard = count(&events);
        api.listen()
            .subscribe_sync(move |_: &RoomMessageAdded| heard());
        let finished = Arc::<Notify>::default();
        let tell = Arc::clone(&finished);
        api.hear_sync(Route::message().of_type(["normal"]), move |_| {
            tell.notify_one();
            Ok(())
        })
        .unwrap();
        api.user().login(()).await.unwrap();
        Self {
            api,
            play,
            finished,
            events,
            failed: false,
        }
    }

    fn room(&self) -> Room {
        self.api.rooms().get(ROOM).unwrap().unwrap()
    }

    /// The room is entered for the first time.
    async fn visit(&mut self, idle: u64) {
        let begun = cpu_time(ClockId::ProcessCPUTime);
        let cpu = self.enter().await;
        let whole = cpu_time(ClockId::ProcessCPUTime).saturating_sub(begun);
        let taken = resident_set().saturating_sub(idle) as f64 / 1024.0;
        let limit = Some(1.0);
        self.report("entering", cpu, "s of CPU", limit);
        println!("    {:.3} s with the server's", whole.as_secs_f64());
        self.report("the room in memory", taken, "MB", Some(40.0));
        let room = self.room();
        assert_eq!(room.occupants().count().unwrap(), OCCUPANTS + 1);
        let last = room.occupant(&nick(OCCUPANTS - 1)).unwrap().unwrap();
        let id = last.occupant_id.as_ref().map(|id| id.as_str().to_owned());
        assert_eq!(id, Some(occupant_id(OCCUPANTS - 1)));
        assert!(last.real_jid.is_some());
    }

    /// Enters the room; how many seconds of processor time it took.
    async fn enter(&mut self) -> f64 {
        self.events.store(0, Ordering::Relaxed);
        let begun = cpu_time(ClockId::ProcessCPUTime);
        let (done, server_cpu) = mpsc::channel();
        self.play
            .send(Part {
                scene: Scene::Entering,
                done,
            })
            .unwrap();
        let room = self.api.rooms().open(ROOM, "me").await.unwrap();
        self.heard(OCCUPANTS + 1).await;
        let cpu = cpu_time(ClockId::ProcessCPUTime).saturating_sub(begun);
        let cpu = cpu.saturating_sub(server_cpu.recv().unwrap());
        room.entered().await.unwrap();
        cpu.as_secs_f64()
    }

    /// Every occupant sends a presence.
    async fn presences(&mut self, what: &str, show: &'static str) {
        self.crowd(what, Scene::Showing(show)).await;
        let is_there = |nick: &str| self.room().occupant(nick).unwrap().is_some();
        assert!(is_there(&nick(0)) && is_there("me"));
    }

    /// Every occupant says something.
    async fn messages(&mut self) {
        self.crowd("message to its event", Scene::Talking).await;
    }

    async fn crowd(&mut self, what: &str, scene: Scene) {
        let (done, server_cpu) = mpsc::channel();
        self.events.store(0, Ordering::Relaxed);
        let cpu = cpu_time(ClockId::ProcessCPUTime);
        self.play.send(Part { scene, done }).unwrap();
        self.heard(OCCUPANTS).await;
        let cpu = cpu_time(ClockId::ProcessCPUTime).saturating_sub(cpu);
        let cpu = cpu.saturating_sub(server_cpu.recv().unwrap());
        let each = cpu.as_secs_f64() * 1e6 / OCCUPANTS as f64;
        self.report(what, each, "µs of CPU", Some(20.0));
    }

    /// Waits until the server has said everything, and then for the last of so many events: rooms may hear after others do.
    async fn heard(&self, events: usize) {
        self.finished.notified().await;
        let mut patience = 1_000_000;
        while self.events.load(Ordering::Relaxed) < events && patience > 0 {
            tokio::task::yield_now().await;
            patience -= 1;
        }
        assert_eq!(self.events.load(Ordering::Relaxed), events);
    }

    fn reading(&mut self) {
        let occupants = self.room().occupants();
        // Neighbours in this order are far from each other in memory.
        let nicks: Vec<_> = (0..OCCUPANTS).map(|n| nick(n * 7919 % OCCUPANTS)).collect();
        let begun = Instant::now();
        for nick in &nicks {
            assert!(occupants.get(nick).unwrap().is_some());
        }
        let each = begun.elapsed().as_secs_f64() * 1e6 / OCCUPANTS as f64;
        self.report("get(nick)", each, "µs", Some(2.0));
        let begun = Instant::now();
        assert_eq!(occupants.all().unwrap().len(), OCCUPANTS + 1);
        let each = begun.elapsed().as_secs_f64() * 1e3;
        self.report("all()", each, "ms", Some(50.0));
        let begun = Instant::now();
        let found = occupants.by_occupant_id(occupant_id(7)).unwrap();
        assert_eq!(found.len(), 1);
        let each = begun.elapsed().as_secs_f64() * 1e3;
        self.report("by_occupant_id()", each, "ms", Some(20.0));
    }

    /// The room is left, and entered and left again. The allocator keeps what it is given back, so that the resident set hardly
    /// shrinks; but another visit finds there what it needs, and many visits need no more than one.
    async fn leaving(&mut self, idle: u64) {
        self.leave().await;
        let left = resident_set();
        let mut largest = left;
        for _ in 0..VISITS {
            self.enter().await;
            largest = largest.max(resident_set());
            self.leave().await;
        }
        let kept = left.saturating_sub(idle) as f64 / 1024.0;
        let more = largest.saturating_sub(left) as f64 / 1024.0;
        self.report("resident once the room is left", kept, "MB", Some(40.0));
        let what = format!("what {VISITS} more visits add to that");
        self.report(&what, more, "MB", Some(2.0));
    }

    async fn leave(&mut self) {
        self.room().close().await.unwrap();
        self.api.bus().settle().await;
    }

    fn report(&mut self, what: &str, figure: f64, unit: &str, limit: Option<f64>) {
        let limit = match limit {
            Some(limit) if figure > limit => {
                self.failed = true;
                format!(", TOO MUCH: at most {limit}")
            }
            Some(limit) => format!(", at most {limit}"),
            None => String::new(),
        };
        println!("{what}: {figure:.3} {unit}{limit}");
    }
}
