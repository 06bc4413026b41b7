//! Many clients at once, that lose their connections in the same moment.

use std::sync::Arc;
use std::time::Duration;

use converse_core::env::Environment;
use converse_core::{Converse, settings};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Bare;
use crate::cases::trouble::{Done, Trouble, parameters};
use crate::cases::world::{ACCOUNT, DOMAIN, PASSWORD, World};
use crate::clock::{SeededRandom, settle};
use crate::scripted::{Plan, Rule, Server};

/// How many clients a script may have.
const MOST: u64 = 1_000;
/// How long it is watched how they come back.
const WATCHED: Duration = Duration::from_secs(60);

/// Other clients than the one that the case is about, each with a server of its own that does the same.
#[derive(Default)]
pub(crate) struct Fleet {
    members: Vec<(Server, Converse)>,
    /// For each of them, when after the loss it tried again.
    retries: Vec<Vec<Duration>>,
}

pub(super) async fn step(world: &mut World<'_>, op: &str, value: &Value) -> Done {
    if op == "fleet" {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Size {
            #[serde(rename = "op")]
            _op: String,
            clients: u64,
        }
        let size: Size = parameters(value)?;
        if size.clients > MOST {
            return Err(Trouble::unsupported("so many clients"));
        }
        return gather(world, size.clients).await;
    }
    Bare::check(value)?;
    scatter(world).await
}

async fn gather(world: &mut World<'_>, clients: u64) -> Done {
    let reconnects = world.setup.settings.get("auto_reconnect");
    let reconnects = reconnects.cloned().unwrap_or(json!(true));
    for seed in 0..clients {
        let mut plan = Plan::new(DOMAIN);
        plan.password = PASSWORD.to_owned();
        let server = Server::new(plan);
        let converse = Converse::new()
            .without_linked_plugins()
            .with_network(server.network())
            .with_environment(Environment {
                clock: Arc::clone(&world.clock) as _,
                random: Arc::new(SeededRandom::new(1_000 + seed)),
            });
        let settings = settings! {
            "jid": ACCOUNT,
            "password": PASSWORD,
            "security": "plaintext_loopback",
            "auto_reconnect": reconnects.clone(),
        };
        converse.start(settings).await?;
        world.fleet.members.push((server, converse));
    }
    Ok(())
}

/// All connections are cut in the same moment, and nobody gets another one for a while.
async fn scatter(world: &mut World<'_>) -> Done {
    let members = &world.fleet.members;
    let lost: Vec<_> = members
        .iter()
        .map(|(server, _)| {
            server.answer_connects(Rule::Refuse);
            let before = (server.attempts().len(), server.now());
            server.drop_connection();
            before
        })
        .collect();
    tokio::time::sleep(WATCHED).await;
    let retries = members.iter().zip(lost).map(|((server, _), (tried, at))| {
        let attempts = server.attempts().split_off(tried);
        let mut retries: Vec<Duration> = attempts.iter().map(|one| one.at - at).collect();
        // A name with several addresses is one attempt.
        retries.dedup_by_key(|retry| retry.as_millis() / 10);
        retries
    });
    let retries = retries.collect();
    world.fleet.retries = retries;
    for (_, converse) in world.fleet.members.drain(..) {
        converse.stop().await;
    }
    settle().await;
    Ok(())
}

impl Fleet {
    /// The spread of the first retries, in milliseconds. That of the first two must show, too: in no tenth of a second may more
    /// than a tenth of them be made.
    pub(crate) fn first_retry_deviation(&self) -> Result<u64, Trouble> {
        for nth in 0..2 {
            let crowd = crowd(&self.nth(nth)?);
            if crowd * 10 > self.retries.len() {
                return Err(Trouble::failed(format!(
                    "{crowd} of {} make retry {} in the same tenth of a second",
                    self.retries.len(),
                    nth + 1
                )));
            }
        }
        let first: Vec<f64> = self.nth(0)?.iter().map(|ms| *ms as f64).collect();
        let count = first.len() as f64;
        let mean = first.iter().sum::<f64>() / count;
        let variance = first.iter().map(|ms| (ms - mean).powi(2)).sum::<f64>() / count;
        Ok(variance.sqrt() as u64)
    }

    /// When each of them made a retry, in milliseconds.
    fn nth(&self, nth: usize) -> Result<Vec<u128>, Trouble> {
        if self.retries.is_empty() {
            return Err(Trouble::unsupported("retries of nobody"));
        }
        let retries = self.retries.iter();
        retries
            .map(|retries| retries.get(nth).map(Duration::as_millis))
            .collect::<Option<_>>()
            .ok_or_else(|| Trouble::failed(format!("one of them makes no retry {}", nth + 1)))
    }
}

/// How many are in the fullest tenth of a second.
fn crowd(retries: &[u128]) -> usize {
    let mut sorted = retries.to_vec();
    sorted.sort_unstable();
    let within = |start: &u128| {
        sorted
            .iter()
            .filter(|at| (*start..start + 100).contains(at))
            .count()
    };
    sorted.iter().map(within).max().unwrap_or(0)
}
