//! A server for one client, with one room.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use rustix::time::ClockId;

use super::machine::cpu_time;

pub(crate) const OCCUPANTS: usize = 20_000;
pub(crate) const ROOM: &str = "room@conference.bench.local";

const ME: &str = "user@bench.local/bench";
const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
    xmlns:stream='http://etherx.jabber.org/streams' id='bench' from='bench.local' version='1.0'>";
const MARKER: &str = "<message from='bench.local'><body>MARKER</body></message>";
/// How many stanzas are written at once.
const CHUNK: usize = 100;

/// What the server does next, and who wants to know what it cost.
pub(crate) struct Part {
    pub(crate) scene: Scene,
    pub(crate) done: mpsc::Sender<Duration>,
}

#[derive(Clone, Copy)]
pub(crate) enum Scene {
    /// Lets the client into the room.
    Entering,
    /// Everybody shows a presence.
    Showing(&'static str),
    /// Everybody says something.
    Talking,
}

pub(crate) fn nick(occupant: usize) -> String {
    format!("nick{occupant}")
}

pub(crate) fn occupant_id(occupant: usize) -> String {
    format!("{occupant:040x}")
}

/// Lets one client in and does what it is told to.
pub(crate) fn serve(listener: &TcpListener, script: &mpsc::Receiver<Part>) {
    let (mut stream, _) = listener.accept().unwrap();
    log_in(&mut stream);
    for Part { scene, done } in script {
        let cpu = cpu_time(ClockId::ThreadCPUTime);
        match scene {
            Scene::Entering => let_in(&mut stream),
            Scene::Showing(show) => {
                crowd(&mut stream, |n| {
                    presence(n, &format!("<show>{show}</show>"))
                });
            }
            Scene::Talking => crowd(&mut stream, message),
        }
        send(&mut stream, MARKER);
        let cpu = cpu_time(ClockId::ThreadCPUTime).saturating_sub(cpu);
        done.send(cpu).unwrap();
    }
}

fn log_in(stream: &mut TcpStream) {
    until(stream, "version='1.0'>");
    let mechanisms = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>";
    let features = format!("{HEADER}<stream:features>{mechanisms}</stream:features>");
    send(stream, &features);
    until(stream, "</auth>");
    send(
        stream,
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
    );
    until(stream, "version='1.0'>");
    let bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";
    let features = format!("{HEADER}<stream:features>{bind}</stream:features>");
    send(stream, &features);
    let id = id_of(&until(stream, "</iq>"));
    let bound = format!("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>{ME}</jid></bind>");
    send(stream, &format!("<iq type='result' id='{id}'>{bound}</iq>"));
}

/// Tells what the room is, and with an error whatever else is asked, until the user comes; then who is there.
fn let_in(stream: &mut TcpStream) {
    loop {
        let stanza = until(stream, ">");
        let is_there = stanza.contains("/me'") && !stanza.contains("unavailable");
        if stanza.starts_with("<presence") && is_there {
            break;
        }
        if !stanza.starts_with("<iq") {
            continue;
        }
        let request = stanza + &until(stream, "</iq>");
        let id = id_of(&request);
        if request.contains(&format!("to='{ROOM}'")) && request.contains("disco#info") {
            let query = "<query xmlns='http://jabber.org/protocol/disco#info'>\
                <identity category='conference' type='text' name='A room'/>\
                <feature var='http://jabber.org/protocol/muc'/><feature var='urn:xmpp:sid:0'/>\
                <feature var='urn:xmpp:occupant-id:0'/><feature var='muc_nonanonymous'/></query>";
            send(
                stream,
                &format!("<iq type='result' id='{id}' from='{ROOM}' to='{ME}'>{query}</iq>"),
            );
        } else {
            let to = if request.contains(ROOM) {
                ROOM
            } else {
                "bench.local"
            };
            let error = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
            send(
                stream,
                &format!("<iq type='error' id='{id}' from='{to}'>{error}</iq>"),
            );
        }
    }
    until(stream, "</presence>");
    crowd(stream, |n| presence(n, ""));
    let own = format!(
        "<presence from='{ROOM}/me' to='{ME}'><x xmlns='http://jabber.org/protocol/muc#user'>\
         <item affiliation='member' role='participant' jid='{ME}'/><status code='100'/><status code='110'/></x></presence>\
         <message from='{ROOM}' to='{ME}' type='groupchat'><subject>Bench</subject></message>"
    );
    send(stream, &own);
}

fn presence(occupant: usize, content: &str) -> String {
    let id = occupant_id(occupant);
    format!(
        "<presence from='{ROOM}/{}' to='{ME}'>{content}\
         <c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://client.example' ver='{}PKawpkPSDYmwT/WM94uAlu0='/>\
         <occupant-id xmlns='urn:xmpp:occupant-id:0' id='{id}'/>\
         <x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='member' role='participant' \
         jid='contact{occupant}@bench.local/phone.{:06x}'/></x></presence>",
        nick(occupant),
        occupant % 20,
        occupant * 31,
    )
}

fn message(occupant: usize) -> String {
    format!(
        "<message from='{ROOM}/{}' to='{ME}' type='groupchat' id='m{occupant}'>\
         <body>Hello number {occupant}, this is the text of a message to everybody in a room</body>\
         <occupant-id xmlns='urn:xmpp:occupant-id:0' id='{}'/>\
         <origin-id xmlns='urn:xmpp:sid:0' id='m{occupant}'/>\
         <stanza-id xmlns='urn:xmpp:sid:0' by='{ROOM}' id='{}'/></message>",
        nick(occupant),
        occupant_id(occupant),
        unique(),
    )
}

/// A number that no message had before.
fn unique() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Something of each occupant, a few at once: what the server holds is not what is measured.
fn crowd(stream: &mut TcpStream, each: impl Fn(usize) -> String) {
    let mut text = String::new();
    for occupant in 0..OCCUPANTS {
        write!(text, "{}", each(occupant)).unwrap();
        if occupant % CHUNK == CHUNK - 1 {
            send(stream, &text);
            text.clear();
        }
    }
    send(stream, &text);
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
