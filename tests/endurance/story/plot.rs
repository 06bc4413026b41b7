//! What happens: who says what, and what goes wrong.

use std::ops::Range;
use std::time::Duration;

use converse_testkit::servers::Server;
use serde_json::json;
use tokio::time::sleep;

use super::cast::Cast;
use super::player::Player;
use super::verdict::Told;
use crate::random::Random;

/// How long it takes to the next message, in milliseconds: whoever is away for some of them is away for some time.
const PACE: Range<usize> = 0..20;

pub(super) struct Plot {
    random: Random,
    messages: usize,
}

impl Plot {
    pub(super) fn new(random: Random, messages: usize) -> Self {
        Self { random, messages }
    }

    /// Tells the story, and gives what came of it.
    pub(super) async fn tell(mut self, server: &Server) -> Told {
        let mut cast = Cast::gather(server).await;
        for number in 0..self.messages {
            self.go_wrong(&mut cast, number).await;
            self.say(&mut cast, number).await;
            sleep(Duration::from_millis(self.random.within(PACE) as u64)).await;
        }
        for player in &mut cast.players {
            set_right(player).await;
        }
        let told = cast.judge(server).await;
        for player in &mut cast.players {
            player.quit().await;
        }
        told
    }

    /// Somebody who lives says something to somebody, or to all.
    async fn say(&mut self, cast: &mut Cast, number: usize) {
        let alive: Vec<usize> = (0..cast.players.len())
            .filter(|index| cast.players[*index].is_alive())
            .collect();
        if alive.is_empty() {
            return;
        }
        let speaker = alive[self.random.below(alive.len())];
        let others: Vec<usize> = (0..cast.players.len())
            .filter(|index| *index != speaker)
            .collect();
        let to = match self.random.below(3) {
            _ if std::env::var_os("CONVERSE_STORY_ONLY_ROOM").is_some() => cast.room.clone(),
            0 => cast.room.clone(),
            other => cast.players[others[other - 1]].jid.clone(),
        };
        let body = format!("{} says {number}", cast.players[speaker].name);
        cast.players[speaker].say(to, body).await;
    }

    async fn go_wrong(&mut self, cast: &mut Cast, number: usize) {
        for player in &mut cast.players {
            player.hear();
            if player.dead_until.is_some_and(|until| until <= number) {
                player.start();
            }
            if player.away_until.is_some_and(|until| until <= number) {
                player.come_back().await;
            }
            if player.is_alive() && self.random.one_in(150) {
                player.kill().await;
                player.dead_until = Some(number + self.random.within(1..80));
            }
            if player.away_until.is_none() && self.random.one_in(200) {
                player.leave().await;
                player.away_until = Some(number + self.random.within(5..150));
            } else if self.random.one_in(80) {
                player.cut(&mut self.random).await;
            }
        }
    }
}

/// Nothing goes wrong any more.
async fn set_right(player: &mut Player) {
    if !player.is_alive() {
        player.start();
    }
    player.come_back().await;
    player.finish().await;
    // No byte is waited for any more that would break a connection.
    player.calm();
    let alive = player.ask("history", json!({ "with": "" })).await;
    alive.unwrap_or_default();
}
