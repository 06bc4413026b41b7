//! Who takes part: three clients, a room, and somebody who keeps it open and sees what it is told.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use converse::prelude::Stanza;
use converse_testkit::servers::{Server, unique_user};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::archive::{self, Archived};
use super::player::Player;
use super::verdict::{Told, compare, has_failed};
use crate::client::{Client, Heard, within};

/// How long everything may take to come to rest: an archive that does not answer in time is asked again after 30 seconds, 60, and
/// so on, and what may have arrived waits for its answer.
const REST: Duration = Duration::from_secs(300);

pub(super) struct Cast {
    pub(super) players: Vec<Player>,
    pub(super) room: String,
    keeper: Client,
    folder: PathBuf,
}

impl Cast {
    pub(super) async fn gather(server: &Server) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(unique_user("story"));
        std::fs::create_dir_all(&folder).unwrap();
        let room = format!("{}@conference.{}", unique_user("hall"), server.domain());
        let mut keeper = Client::log_in(server, "keeper").await;
        keep(&mut keeper, &room).await;
        let mut players = Vec::new();
        for name in ["ann", "ben", "cleo"] {
            players.push(Player::new(server, name, &room, &folder).await);
        }
        let mut cast = Self {
            players,
            room,
            keeper,
            folder,
        };
        cast.enter().await;
        cast
    }

    /// Waits until everybody is in the room: what is said before is none of their business.
    async fn enter(&mut self) {
        let mut missing: Vec<&str> = self.players.iter().map(|player| player.name).collect();
        let prefix = format!("{}/", self.room);
        while !missing.is_empty() {
            let entered = self
                .keeper
                .until("somebody in the room", |heard| match heard {
                    Heard::Stanza(stanza) => {
                        let from = stanza.from()?.to_string();
                        Some(from.strip_prefix(&prefix)?.to_owned())
                    }
                    _ => None,
                });
            let entered = entered.await;
            missing.retain(|name| *name != entered);
        }
    }

    /// Waits until everything has come to rest, and compares.
    pub(super) async fn judge(&mut self, server: &Server) -> Told {
        let began = Instant::now();
        let stalled = self.until_sent().await;
        eprintln!("what was said is sent after {:?}", began.elapsed());
        for player in &mut self.players {
            let again = player.ask("again", json!({})).await;
            again.unwrap_or_else(|error| panic!("{} does not come back: {error}", player.name));
        }
        self.until_sent().await;
        let mut accounts = Vec::new();
        for player in &self.players {
            accounts.push(archive::of_account(server, &player.jid).await);
        }
        let room = archive::all(&mut self.keeper, Some(&self.room)).await;
        let began = Instant::now();
        loop {
            for player in &mut self.players {
                if let Err(error) = player.ask("fill", json!({})).await {
                    eprintln!("{} cannot look further back yet: {error}", player.name);
                }
            }
            let mut told = self.told(&accounts, &room).await;
            if told.faults.is_empty() || began.elapsed() > REST {
                told.faults.extend(stalled);
                if told.faults.is_empty() {
                    // Whoever looks for a fault finds the files.
                    let _ = std::fs::remove_dir_all(&self.folder);
                } else {
                    eprintln!("the files are in {}", self.folder.display());
                }
                return told;
            }
            sleep(Duration::from_millis(500)).await;
        }
    }

    /// Waits until nothing waits to be sent any more; what still does if that takes too long.
    async fn until_sent(&mut self) -> Option<String> {
        let began = Instant::now();
        loop {
            let waiting = self.waiting().await;
            if waiting.is_empty() {
                return None;
            }
            if began.elapsed() > REST {
                return Some(format!("still not sent: {}", waiting.join(", ")));
            }
            sleep(Duration::from_millis(200)).await;
        }
    }

    /// What waits to be sent.
    async fn waiting(&mut self) -> Vec<String> {
        let places = self.places();
        let mut waiting = Vec::new();
        for player in &mut self.players {
            for place in &places {
                let lines = history(player, place).await;
                let waits =
                    |line: &&Value| matches!(line["delivery"].as_str(), Some("queued" | "sent"));
                let count = lines.iter().filter(waits).count();
                if count > 0 {
                    waiting.push(format!("{count} of {} to {place}", player.name));
                }
            }
        }
        waiting
    }

    /// The addresses of all players and of the room.
    fn places(&self) -> Vec<String> {
        let players = self.players.iter().map(|player| player.jid.clone());
        players.chain([self.room.clone()]).collect()
    }

    async fn told(&mut self, accounts: &[Vec<Archived>], room: &[Archived]) -> Told {
        let places = self.places();
        let mut histories = Vec::new();
        for (player, archived) in self.players.iter_mut().zip(accounts) {
            let own = player.jid.clone();
            for place in places.iter().filter(|place| **place != own) {
                let wanted: Vec<&Archived> = if *place == self.room {
                    room.iter().collect()
                } else {
                    archived.iter().filter(|one| one.is_with(place)).collect()
                };
                let lines = history(player, place).await;
                histories.push((player.name, place, lines, wanted));
            }
        }
        let all = histories.iter().flat_map(|(_, _, lines, _)| lines);
        let failed = all.filter(|line| has_failed(line));
        let failed = failed.filter_map(|line| {
            let why = line["error"].to_string();
            Some((line["body"].as_str()?.to_owned(), why))
        });
        let mut told = Told::new(&self.players, accounts, room, &self.room, &failed.collect());
        for (name, place, lines, wanted) in &histories {
            told.faults.extend(compare(name, place, lines, wanted));
        }
        told
    }
}

async fn history(player: &mut Player, with: &str) -> Vec<Value> {
    let lines = player.ask("history", json!({ "with": with })).await;
    let lines = lines.unwrap_or_else(|error| panic!("the history of {}: {error}", player.name));
    lines.as_array().unwrap().clone()
}

/// Opens the room, and stays.
async fn keep(keeper: &mut Client, room: &str) {
    let enter = format!(
        "<presence to='{room}/keeper'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>"
    );
    keeper.api.send_untracked(enter.as_str()).await.unwrap();
    // A room that is configured before its owner is in it is empty, and gone.
    let own = format!("{room}/keeper");
    let is_own = |stanza: &Stanza| stanza.from().is_some_and(|from| from.as_str() == own);
    let entered = keeper.until("the keeper in the room", |heard| match heard {
        Heard::Stanza(stanza) => is_own(stanza).then_some(()),
        _ => None,
    });
    entered.await;
    let configure = format!(
        "<iq type='set' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'>\
         <x xmlns='jabber:x:data' type='submit'/></query></iq>"
    );
    within("the room", keeper.api.iq(configure.as_str()))
        .await
        .unwrap();
}

impl Archived {
    /// Whether it is of the conversation with somebody.
    fn is_with(&self, jid: &str) -> bool {
        let is = |other: &converse::prelude::Jid| other.to_bare().as_str() == jid;
        is(&self.from) || self.to.as_ref().is_some_and(is)
    }
}
