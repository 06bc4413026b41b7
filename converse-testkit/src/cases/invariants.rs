//! The step `expect_invariant`.

mod gaps;
mod loss;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use converse_core::ns;
use serde_json::{Map, Value};

use gaps::{attempts, gaps, gaps_grow, millis};
use loss::{called, handlers_per_event, lost_in, missing, order_kept, received, repeated};

use super::trouble::{Done, Trouble, parameters};
use super::world::{ACCOUNT, DOMAIN, PASSWORD, World};
use crate::clock::settle;

/// All that is said in one step; every name must be known.
pub(super) async fn expect_invariant(world: &mut World<'_>, value: &Value) -> Done {
    let all: Map<String, Value> = parameters(value)?;
    if all.is_empty() {
        return Err(Trouble::unsupported("an invariant that says nothing"));
    }
    settle().await;
    for (name, expected) in &all {
        check(world, name, expected)
            .await
            .map_err(|trouble| match trouble {
                Trouble::Failed(why) => Trouble::Failed(format!("{name} = {expected}: {why}")),
                unsupported => unsupported,
            })?;
    }
    Ok(())
}

async fn check(world: &World<'_>, name: &str, expected: &Value) -> Done {
    match name {
        "alive" if expected == &Value::Bool(true) => alive(world).await,
        "rss_growth_mb_max" => at_most(known(world.resources.growth_mb())?, expected),
        "cpu_ms_max" => at_most(known(world.resources.cpu_ms())?, expected),
        "files_opened" => none_of(known(world.resources.new_files())?, expected),
        "network_connections" => network_connections(world, expected),
        "plaintext_secret_bytes" => at_most(secret_bytes(world), expected),
        "pending_iq" => {
            let status = world.api.connection().status().await?;
            equals(status.pending_requests as u64, expected)
        }
        "unacked_max" => at_most(world.server.most_unacknowledged().into(), expected),
        "r_sent_min" => at_least(count_sent(world, "r", ns::SM), expected),
        "pings_sent_max" => at_most(count_pings(world), expected),
        "timer_storm" if expected == &Value::Bool(false) => {
            // What fires late fires once.
            let sent = world.server.sent().len() as u64;
            if sent < 50 {
                Ok(())
            } else {
                Err(Trouble::failed(format!("{sent} elements were sent")))
            }
        }
        "leaked_sockets" => {
            let up = usize::from(world.api.connection().connected());
            let open = world.server.open_connections();
            equals(open.saturating_sub(up) as u64, expected)
        }
        // An actor is a task.
        "leaked_tasks" | "leaked_actors" => {
            // What ends by itself has ended by then.
            tokio::time::sleep(Duration::from_secs(30)).await;
            let tasks = tokio::runtime::Handle::current()
                .metrics()
                .num_alive_tasks();
            equals(tasks.saturating_sub(world.tasks_before) as u64, expected)
        }
        "handlers_per_event" => equals(handlers_per_event(world).await?, expected),
        "lost_in" => equals(lost_in(world), expected),
        "lost_out" => equals(missing(&called(world)?, &received(world)), expected),
        "duplicated_in" => {
            let heard: Vec<String> = world
                .ledger
                .heard()
                .into_iter()
                .map(|(_, body)| body)
                .collect();
            equals(repeated(&heard), expected)
        }
        "duplicated_out" => equals(repeated(&received(world)), expected),
        "order_kept" | "order_kept_per_sender" if expected == &Value::Bool(true) => {
            order_kept(world)
        }
        "messages" if !world.ledger.shown.is_empty() => {
            let mut shown = world.ledger.shown.iter();
            shown.try_for_each(|shown| equals(shown.len() as u64, expected))
        }
        "edited" | "retracted" | "received" if !world.ledger.shown.is_empty() => {
            let mut shown = world.ledger.shown.iter().flatten();
            match shown.find(|message| message[name] != *expected) {
                None => Ok(()),
                Some(message) => Err(Trouble::failed(format!("it is {message}"))),
            }
        }
        "first_retry_stddev_ms_min" => at_least(world.fleet.first_retry_deviation()?, expected),
        "connect_attempts_min" => at_least(attempts(world).len() as u64, expected),
        "connect_attempts_max" => at_most(attempts(world).len() as u64, expected),
        "min_gap_ms" => gaps(world)?
            .iter()
            .try_for_each(|gap| at_least(millis(gap), expected)),
        "max_gap_ms" => gaps(world)?
            .iter()
            .try_for_each(|gap| at_most(millis(gap), expected)),
        "gaps_nondecreasing_until_cap" | "min_gap_grows" if expected == &Value::Bool(true) => {
            gaps_grow(world)
        }
        _ => Err(Trouble::unsupported(format!(
            "the invariant `{name}`: {expected}"
        ))),
    }
}

fn number(expected: &Value) -> Result<u64, Trouble> {
    expected
        .as_u64()
        .ok_or_else(|| Trouble::unsupported(format!("the bound {expected}")))
}

fn known<T>(value: Option<T>) -> Result<T, Trouble> {
    value.ok_or_else(|| Trouble::unsupported("this system does not tell"))
}

fn at_most(value: u64, expected: &Value) -> Done {
    bound(value <= number(expected)?, value)
}

fn at_least(value: u64, expected: &Value) -> Done {
    bound(value >= number(expected)?, value)
}

fn equals(value: u64, expected: &Value) -> Done {
    bound(value == number(expected)?, value)
}

fn bound(holds: bool, value: u64) -> Done {
    if holds {
        Ok(())
    } else {
        Err(Trouble::failed(format!("it is {value}")))
    }
}

fn none_of(found: Vec<String>, expected: &Value) -> Done {
    let allowed: Vec<String> = parameters(expected)?;
    match found.iter().find(|one| !allowed.contains(one)) {
        None => Ok(()),
        Some(one) => Err(Trouble::failed(format!("there is `{one}`"))),
    }
}

/// The instance answers: its session's task, and its bus.
async fn alive(world: &World<'_>) -> Done {
    let answers = async {
        world.api.connection().status().await?;
        world.api.emit("ext.areYouThere", ()).await?;
        Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    };
    match tokio::time::timeout(Duration::from_secs(5), answers).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Trouble::failed(error.to_string())),
        Err(_) => Err(Trouble::failed("the instance does not answer")),
    }
}

/// What was connected to or looked up since the steps began; everything goes through the network that the server stands for,
/// and real sockets would be seen as well.
fn network_connections(world: &World<'_>, expected: &Value) -> Done {
    let mut found: Vec<String> = attempts(world)
        .iter()
        .filter(|attempt| attempt.host != DOMAIN)
        .map(|attempt| format!("{}:{}", attempt.host, attempt.port))
        .collect();
    let lookups = world.server.lookups().split_off(world.lookups_before);
    found.extend(lookups.into_iter().filter(|name| name != DOMAIN));
    if known(world.resources.new_sockets())? > 0 {
        found.push("a socket".to_owned());
    }
    none_of(found, expected)
}

/// How many bytes of the password, or of what stands for it, went over the wire in plain text.
fn secret_bytes(world: &World<'_>) -> u64 {
    let plain = world.server.plaintext();
    let user = ACCOUNT.split('@').next().unwrap_or_default();
    let needles = [
        PASSWORD.as_bytes().to_vec(),
        BASE64.encode(PASSWORD).into_bytes(),
        BASE64.encode(format!("\0{user}\0{PASSWORD}")).into_bytes(),
        b"<auth ".to_vec(),
        b"<response ".to_vec(),
    ];
    let hits = |needle: &Vec<u8>| {
        plain
            .windows(needle.len())
            .filter(|part| part == needle)
            .count()
            * needle.len()
    };
    needles.iter().map(hits).sum::<usize>() as u64
}

fn count_sent(world: &World<'_>, name: &str, ns: &str) -> u64 {
    let sent = world.server.sent();
    sent.iter()
        .filter_map(|sent| sent.element())
        .filter(|element| element.is(name, ns))
        .count() as u64
}

fn count_pings(world: &World<'_>) -> u64 {
    let sent = world.server.sent();
    let pings = sent.iter().filter_map(|sent| sent.element());
    pings
        .filter(|element| element.child("ping", ns::PING).is_some())
        .count() as u64
}
