//! Much traffic, and traffic in pieces.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::cases::trouble::{Done, Trouble, parameters};
use crate::cases::world::World;
use crate::clock::settle;

/// How many messages go out in pieces.
const IN_PIECES: usize = 20;

pub(super) async fn step(world: &mut World<'_>, op: &str, value: &Value) -> Done {
    match op {
        "fragmentation" => fragmentation(world, value).await,
        "scenario" => scenario(world, value).await,
        other => Err(Trouble::unsupported(format!("the operation `{other}`"))),
    }
}

async fn fragmentation(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fragmentation {
        #[serde(rename = "op")]
        _op: String,
        mode: String,
        n: Option<usize>,
    }
    let step: Fragmentation = parameters(value)?;
    let pieces = match step.mode.as_str() {
        "byte_by_byte" => 1,
        "coalesced" => 0,
        other => return Err(Trouble::unsupported(format!("the fragmentation `{other}`"))),
    };
    world.server.limit_reads(pieces);
    let count = step.n.unwrap_or(IN_PIECES);
    say(world, count, |_| "otto@heron.example/oar".to_owned())?;
    settle().await;
    world.server.limit_reads(0);
    Ok(())
}

/// Sends messages in one write; their bodies are noted. Some characters take several bytes.
fn say(world: &mut World<'_>, count: usize, sender: impl Fn(usize) -> String) -> Done {
    let mut all = String::new();
    let first = world.ledger.said.len();
    for number in first..first + count {
        let (from, body) = (sender(number), format!("{number} \u{e4}\u{20ac}\u{1f6f6}"));
        all.push_str(&format!(
            "<message from='{from}' to='mara@kestrel.example/desk' type='chat' id='f{number}'><body>{body}</body></message>"
        ));
        world.ledger.said.push((from, body));
    }
    Ok(world.server.send_raw(all)?)
}

async fn scenario(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Scenario {
        #[serde(rename = "op")]
        _op: String,
        name: String,
        n: Option<usize>,
        senders: Option<usize>,
    }
    let step: Scenario = parameters(value)?;
    let count = step
        .n
        .ok_or_else(|| Trouble::unsupported("a scenario without `n`"))?;
    match step.name.as_str() {
        "interleaved" => {
            let senders = step.senders.unwrap_or(1).max(1);
            say(world, count * senders, |number| {
                format!("s{}@heron.example/x", number % senders)
            })?;
            settle().await;
            Ok(())
        }
        "send_burst" => send_burst(world, count).await,
        other => Err(Trouble::unsupported(format!("the scenario `{other}`"))),
    }
}

/// The application sends as fast as it can; what does not go out keeps it waiting.
async fn send_burst(world: &mut World<'_>, count: usize) -> Done {
    world
        .server
        .plan(|plan| plan.acknowledge_after = Some(Duration::ZERO));
    let api = world.api.clone();
    let first = world.ledger.called.len();
    let bodies: Vec<String> = (first..first + count)
        .map(|number| format!("burst {number}"))
        .collect();
    world.ledger.called.extend(bodies.iter().cloned());
    actix::spawn(async move {
        for body in bodies {
            let message = format!(
                "<message to='otto@heron.example' type='chat'><body>{body}</body></message>"
            );
            if api.send(message.as_str()).await.is_err() {
                return;
            }
        }
    });
    // As long as it takes if the server keeps up; a client that is held up goes on in the background.
    for _ in 0..200 {
        settle().await;
        let status = world.api.connection().status().await?;
        world.most_unacked = world
            .most_unacked
            .max(status.stream_management.unacked_messages.len());
        world.resources.sample();
    }
    Ok(())
}
