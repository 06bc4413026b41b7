//! What 10,000 contacts with three resources each cost: `cargo bench -p converse --bench contacts`.
//!
//! A thread plays the server over plain loopback; its processor time is taken off. The limits are those that the grouping
//! promises, and a figure above its limit fails the run.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program that measures reports on its standard output, and ends where something is wrong"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use converse::prelude::*;
use rustix::time::{ClockId, clock_gettime};
use tokio::sync::Notify;

const CONTACTS: usize = 10_000;
const RESOURCES: usize = 3;
const ROUNDS: usize = 5;

const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
    xmlns:stream='http://etherx.jabber.org/streams' id='bench' from='bench.local' version='1.0'>";
const MARKER: &str = "<message from='bench.local'><body>MARKER</body></message>";

#[actix::main]
async fn main() -> ExitCode {
    let (play, script) = mpsc::channel();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || serve(&listener, &script));
    let mut bench = Bench::start(address, play).await;

    bench
        .presences("presence of a resource that is new", "", None)
        .await;
    for _ in 0..ROUNDS {
        let limit = Some(10.0);
        bench
            .presences("presence to its event", "<show>away</show>", limit)
            .await;
        bench
            .presences("presence to its event", "<show>dnd</show>", limit)
            .await;
    }
    let view = bench.api.contacts().subscribe();
    bench
        .presences("the same with a view that nobody reads", "", None)
        .await;
    drop(view);
    bench.reading();
    println!("largest resident set: {} MB", largest_resident_set() / 1024);

    let failed = bench.failed;
    bench.api.stop().await;
    drop(bench);
    server.join().unwrap();
    if failed {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// A client that is logged in and has the roster.
struct Bench {
    api: Api,
    play: mpsc::Sender<Part>,
    finished: Arc<Notify>,
    events: Arc<AtomicUsize>,
    failed: bool,
}

impl Bench {
    async fn start(address: SocketAddr, play: mpsc::Sender<Part>) -> Self {
        let api = Converse::initialize(settings! {
            "jid": "user@bench.local/bench",
            "password": "secret",
            "server": address.to_string(),
            "security": "plaintext_loopback",
            "sasl_mechanisms": ["PLAIN"],
            "auto_login": false,
            // Only what is measured runs.
            "blacklisted_plugins": [
                "converse-status", "converse-chat", "converse-vcard", "converse-blocking",
                "converse-muc", "converse-bookmarks",
            ],
        })
        .await
        .unwrap();
        let events = Arc::<AtomicUsize>::default();
        let heard = Arc::clone(&events);
        api.listen()
            .subscribe_sync(move |_: &ContactStatusChanged| {
                heard.fetch_add(1, Ordering::Relaxed);
                Ok(())
            });
        let finished = Arc::<Notify>::default();
        let tell = Arc::clone(&finished);
        api.hear_sync(Route::message(), move |_| {
            tell.notify_one();
            Ok(())
        })
        .unwrap();
        let cpu = cpu_time(ClockId::ProcessCPUTime);
        api.user().login(()).await.unwrap();
        api.wait_until("rosterContactsFetched").await.unwrap();
        let cpu = cpu_time(ClockId::ProcessCPUTime).saturating_sub(cpu);
        assert_eq!(api.contacts().all().len(), CONTACTS);
        println!("login and roster: {:.1} ms of CPU", cpu.as_secs_f64() * 1e3);
        Self {
            api,
            play,
            finished,
            events,
            failed: false,
        }
    }

    /// Every resource sends a presence with this in it.
    async fn presences(&mut self, what: &str, content: &str, limit: Option<f64>) {
        let mut text = String::new();
        for resource in 0..RESOURCES {
            for contact in 0..CONTACTS {
                // The one of the highest priority comes last: until then the others speak for the contact.
                write!(
                    text,
                    "<presence from='{}/client{resource}' to='user@bench.local/bench'>{content}<status>Out for a walk</status>\
                     <priority>{resource}</priority><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' \
                     node='https://client.example' ver='QgayPKawpkPSDYmwT/WM94uAlu0='/></presence>",
                    jid(contact)
                )
                .unwrap();
            }
        }
        text.push_str(MARKER);
        let (done, server_cpu) = mpsc::channel();
        self.events.store(0, Ordering::Relaxed);
        let cpu = cpu_time(ClockId::ProcessCPUTime);
        self.play.send(Part { text, done }).unwrap();
        self.finished.notified().await;
        let cpu = cpu_time(ClockId::ProcessCPUTime).saturating_sub(cpu);
        let cpu = cpu.saturating_sub(server_cpu.recv().unwrap());
        let each = cpu.as_secs_f64() * 1e6 / (CONTACTS * RESOURCES) as f64;
        let events = self.events.load(Ordering::Relaxed);
        self.report(what, each, "µs of CPU", limit);
        println!("    {events} changes of a status announced");
        let is_folded = |contact: &Contact| contact.resources.len() == RESOURCES;
        assert!(self.api.contacts().all().iter().all(is_folded));
    }

    fn reading(&mut self) {
        let contacts = self.api.contacts();
        // Neighbours in this order are far from each other in memory.
        let order = (0..CONTACTS).map(|n| n * 7919 % CONTACTS);
        let texts: Vec<String> = order.map(jid).collect();
        let jids: Vec<BareJid> = texts.iter().map(|text| text.parse().unwrap()).collect();
        let begun = Instant::now();
        for _ in 0..ROUNDS {
            for jid in &jids {
                assert!(black_box(contacts.get(black_box(jid))).unwrap().is_some());
            }
        }
        let each = begun.elapsed().as_secs_f64() * 1e6 / (ROUNDS * CONTACTS) as f64;
        self.report("get(&BareJid)", each, "µs", Some(1.0));
        let begun = Instant::now();
        for _ in 0..ROUNDS {
            for text in &texts {
                assert!(black_box(contacts.get(black_box(text))).unwrap().is_some());
            }
        }
        let each = begun.elapsed().as_secs_f64() * 1e6 / (ROUNDS * CONTACTS) as f64;
        self.report("get(&str)", each, "µs", Some(1.0));
        let begun = Instant::now();
        for _ in 0..ROUNDS {
            assert_eq!(black_box(contacts.all()).len(), CONTACTS);
        }
        let each = begun.elapsed().as_secs_f64() * 1e3 / ROUNDS as f64;
        self.report("all()", each, "ms", Some(5.0));
    }

    fn report(&mut self, what: &str, figure: f64, unit: &str, limit: Option<f64>) {
        let limit = match limit {
            Some(limit) if figure > limit => {
                self.failed = true;
                format!(", TOO SLOW: at most {limit}")
            }
            Some(limit) => format!(", at most {limit}"),
            None => String::new(),
        };
        println!("{what}: {figure:.3} {unit}{limit}");
    }
}

fn jid(contact: usize) -> String {
    format!("contact{contact}@bench.local")
}

/// What the server sends next, and who wants to know what it cost.
struct Part {
    text: String,
    done: mpsc::Sender<Duration>,
}

/// Lets one client in and sends it what it is told to.
fn serve(listener: &TcpListener, script: &mpsc::Receiver<Part>) {
    let (mut stream, _) = listener.accept().unwrap();
    until(&mut stream, "version='1.0'>");
    send(
        &mut stream,
        &format!(
            "{HEADER}<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
             <mechanism>PLAIN</mechanism></mechanisms></stream:features>"
        ),
    );
    until(&mut stream, "</auth>");
    send(
        &mut stream,
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
    );
    until(&mut stream, "version='1.0'>");
    send(
        &mut stream,
        &format!(
            "{HEADER}<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>"
        ),
    );
    let id = id_of(&until(&mut stream, "</iq>"));
    let bound =
        "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>user@bench.local/bench</jid></bind>";
    send(
        &mut stream,
        &format!("<iq type='result' id='{id}'>{bound}</iq>"),
    );
    answer_roster(&mut stream);
    for part in script {
        let cpu = cpu_time(ClockId::ThreadCPUTime);
        send(&mut stream, &part.text);
        let cpu = cpu_time(ClockId::ThreadCPUTime).saturating_sub(cpu);
        part.done.send(cpu).unwrap();
    }
}

/// Answers the question for the roster, and with an error whatever else is asked before.
fn answer_roster(stream: &mut TcpStream) {
    loop {
        let request = until(stream, "</iq>");
        let id = id_of(&request);
        if !request.contains("jabber:iq:roster") {
            let error = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
            send(stream, &format!("<iq type='error' id='{id}'>{error}</iq>"));
            continue;
        }
        let mut answer = format!("<iq type='result' id='{id}'><query xmlns='jabber:iq:roster'>");
        for contact in 0..CONTACTS {
            write!(
                answer,
                "<item jid='{}' name='Contact Number {contact}' subscription='both'><group>Friends</group>\
                 <group>Team {}</group></item>",
                jid(contact),
                contact % 40
            )
            .unwrap();
        }
        answer.push_str("</query></iq>");
        return send(stream, &answer);
    }
}

fn send(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).unwrap();
}

/// Reads byte by byte, so that nothing behind `end` is taken.
fn until(stream: &mut TcpStream, end: &str) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end.as_bytes()) {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        bytes.extend(byte);
    }
    String::from_utf8(bytes).unwrap()
}

fn id_of(request: &str) -> String {
    let id = request.rsplit(" id='").next().unwrap();
    id.split('\'').next().unwrap().to_owned()
}

fn cpu_time(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    let nanos = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::new(time.tv_sec.unsigned_abs(), nanos)
}

/// In kB; 0 where the system does not tell.
fn largest_resident_set() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.unwrap_or(0)
}
