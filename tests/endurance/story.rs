//! Three clients write to each other and in a room; they lose connections, are offline for a while, and their processes are
//! killed, all at random.
//!
//! The rule: in the end the history of each client is what the server's archives have, in their order: nothing is missing, nothing
//! is there twice. A message of which the client has said that it is safe is in the archive once, unless it says later that it has
//! failed; one that was interrupted by the end of the process is there once or not at all.
//!
//! Each client is a process of its own, this test once more, with its store in a file that the next process opens again.
//! The archives are read by a client without any of the groupings that are tested here.
//!
//! The ordinary run tells one short story on each server. Longer ones, and more of them:
//! `CONVERSE_STORY_SEEDS=20 CONVERSE_STORY_MESSAGES=3000 cargo test --all-features --test endurance story -- --nocapture
//! --test-threads 1`. `CONVERSE_STORY_FIRST` is the seed of the first one, with `CONVERSE_STORY_LOG` each client writes a log beside
//! its store, and with `CONVERSE_STORY_ONLY_ROOM` everything is said in the room.

mod archive;
mod cast;
mod player;
mod plot;
mod process;
mod verdict;

use std::time::{Duration, Instant};

use converse_testkit::servers::{
    Ejabberd, Installation, Options, Prosody, Server, ServerUnavailable, or_skip,
};

use crate::random::Random;
use plot::Plot;

/// How many messages a story has, if nothing else is asked for.
const MESSAGES: usize = 300;
/// How long the server keeps a session without a connection: some losses are longer.
const HIBERNATION: Duration = Duration::from_secs(8);

#[actix::test]
async fn prosody_tells_a_story() {
    let start = || Prosody::start(options(Installation::System));
    tell_all("prosody_tells_a_story", start).await;
}

#[actix::test]
async fn prosody_newer_tells_a_story() {
    let start = || Prosody::start(options(Installation::Newer));
    tell_all("prosody_newer_tells_a_story", start).await;
}

#[actix::test]
async fn ejabberd_tells_a_story() {
    let start = || Ejabberd::start(options(Installation::System));
    tell_all("ejabberd_tells_a_story", start).await;
}

/// No test: the process of a client.
#[test]
fn a_player() {
    process::play();
}

fn options(installation: Installation) -> Options {
    Options {
        hibernation: HIBERNATION,
        installation,
        ..Options::default()
    }
}

fn number(name: &str) -> Option<usize> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is a number")),
    )
}

/// Each story has a server of its own: some look through all archives for what is in one, and become slower with each story.
async fn tell_all<F>(name: &str, start: impl Fn() -> F)
where
    F: Future<Output = Result<Server, ServerUnavailable>>,
{
    let seeds = number("CONVERSE_STORY_SEEDS").unwrap_or(1);
    let first = number("CONVERSE_STORY_FIRST").unwrap_or(1);
    let messages = number("CONVERSE_STORY_MESSAGES").unwrap_or(MESSAGES);
    let mut faults = Vec::new();
    for seed in first..first + seeds {
        let Some(server) = or_skip(start().await).unwrap() else {
            return;
        };
        let began = Instant::now();
        let plot = Plot::new(Random::new(seed as u64), messages);
        let told = plot.tell(&server).await;
        eprintln!(
            "{name}, seed {seed}, {:?}: {}",
            began.elapsed(),
            told.summary()
        );
        for fault in &told.faults {
            eprintln!("    {fault}");
        }
        faults.extend(
            told.faults
                .into_iter()
                .map(|fault| format!("seed {seed}: {fault}")),
        );
    }
    assert!(faults.is_empty(), "{name}:\n{}", faults.join("\n"));
}
