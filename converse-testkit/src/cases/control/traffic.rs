//! Much traffic, and traffic in pieces.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::rooms;
use crate::cases::trouble::{Done, Trouble, parameters};
use crate::cases::world::World;
use crate::clock::settle;

/// Who writes where it does not matter.
const OTTO: &str = "otto@heron.example/oar";
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
    say(world, count, |_| OTTO.to_owned())?;
    settle().await;
    world.server.limit_reads(0);
    Ok(())
}

/// Sends messages in one write; their bodies are noted. Some characters take several bytes.
fn say(world: &mut World<'_>, count: usize, sender: impl Fn(usize) -> String) -> Done {
    let mut all = Vec::new();
    let first = world.ledger.said.len();
    for number in first..first + count {
        let (from, body) = (sender(number), format!("{number} \u{e4}\u{20ac}\u{1f6f6}"));
        all.push(format!(
            "<message from='{from}' to='mara@kestrel.example/desk' type='chat' id='f{number}'><body>{body}</body></message>"
        ));
        world.ledger.said.push((from, body));
    }
    Ok(world.server.say_together(&all)?)
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
        messages_each_way: Option<usize>,
    }
    let step: Scenario = parameters(value)?;
    let count = step.n.or(step.messages_each_way);
    let count = count.ok_or_else(|| Trouble::unsupported("a scenario without `n`"))?;
    match step.name.as_str() {
        "interleaved" => {
            let senders = step.senders.unwrap_or(1).max(1);
            say(world, count * senders, |number| {
                format!("s{}@heron.example/x", number % senders)
            })?;
            settle().await;
            Ok(())
        }
        "chatty_session" => {
            for _ in 0..count {
                say(world, 1, |_| OTTO.to_owned())?;
                send(world).await?;
                settle().await;
            }
            Ok(())
        }
        "send_burst" => send_burst(world, count).await,
        "open_close" => rooms::open_close(world, count).await,
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
        world.resources.sample();
    }
    Ok(())
}

/// The application sends one message; while a connection is being replaced it waits for the next.
pub(super) async fn send(world: &mut World<'_>) -> Done {
    let body = format!("said {}", world.ledger.called.len());
    let message =
        format!("<message to='otto@heron.example' type='chat'><body>{body}</body></message>");
    world.ledger.called.push(body);
    world.api.send(message.as_str()).await?;
    Ok(())
}

/// The server sends one message, which is kept for the next connection if this one breaks.
pub(super) fn receive(world: &mut World<'_>) -> Done {
    let (from, body) = (
        OTTO.to_owned(),
        format!("{} \u{e4}\u{20ac}", world.ledger.said.len()),
    );
    world.server.say(&format!(
        "<message from='{from}' to='mara@kestrel.example/desk' type='chat'><body>{body}</body></message>"
    ))?;
    world.ledger.said.push((from, body));
    Ok(())
}

/// A case that speaks of loss and sends nothing itself means a connection that breaks while messages are on their way.
pub(super) async fn have_something_to_lose(world: &mut World<'_>) -> Done {
    if world.speaks_of_loss && world.ledger.called.is_empty() {
        world.server.freeze();
        for _ in 0..3 {
            send(world).await?;
        }
        settle().await;
    }
    Ok(())
}
