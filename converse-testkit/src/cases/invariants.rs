//! The steps `expect_invariant` and `expect_log`.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use converse_core::ns;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::trouble::{Done, Trouble, parameters};
use super::world::{ACCOUNT, DOMAIN, PASSWORD, World};
use crate::clock::settle;
use crate::scripted::Attempt;

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
        "unacked_max" => at_most(world.most_unacked as u64, expected),
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
        "leaked_tasks" => {
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

/// The messages that the application was asked to send.
fn called(world: &World<'_>) -> Result<Vec<String>, Trouble> {
    if world.ledger.called.is_empty() {
        return Err(Trouble::unsupported("a loss of nothing"));
    }
    Ok(world.ledger.called.clone())
}

/// The messages that the server got.
fn received(world: &World<'_>) -> Vec<String> {
    let sent = world.server.sent();
    let elements = sent.iter().filter_map(|sent| sent.element());
    let bodies = elements.filter_map(|element| element.child_text("body", ns::CLIENT));
    bodies.map(std::borrow::Cow::into_owned).collect()
}

fn missing(wanted: &[String], found: &[String]) -> u64 {
    wanted.iter().filter(|body| !found.contains(body)).count() as u64
}

fn repeated(found: &[String]) -> u64 {
    let different: std::collections::HashSet<&String> = found.iter().collect();
    (found.len() - different.len()) as u64
}

/// How often one message is heard, or one thing is done after a reconnection: more than once if handlers were added anew.
async fn handlers_per_event(world: &World<'_>) -> Result<u64, Trouble> {
    let marker = "how many hear this?";
    world
        .server
        .send(&format!(
            "<message from='otto@heron.example/oar' type='chat'><body>{marker}</body></message>"
        ))
        .await?;
    let heard = world
        .ledger
        .heard()
        .iter()
        .filter(|(_, body)| body == marker)
        .count();
    let newest = world.server.connection();
    let mut done: HashMap<String, u64> = HashMap::new();
    for sent in world
        .server
        .sent()
        .iter()
        .filter(|sent| Some(sent.connection) == newest)
    {
        let stanza = sent.element().filter(|element| element.ns() == ns::CLIENT);
        if let Some(stanza) = stanza {
            let id = stanza.attr("id").unwrap_or_default();
            *done.entry(stanza.to_xml().replace(&*id, "")).or_default() += 1;
        }
    }
    Ok(done.values().copied().max().unwrap_or(0).max(heard as u64))
}

/// How many of the messages that were sent did not reach a listener.
fn lost_in(world: &World<'_>) -> u64 {
    let heard = world.ledger.heard();
    let lost = world
        .ledger
        .said
        .iter()
        .filter(|said| !heard.contains(said));
    lost.count() as u64
}

/// Each sender's messages were heard in the order in which they were sent.
fn order_kept(world: &World<'_>) -> Done {
    let by_sender = |list: &[(String, String)]| {
        let mut map: HashMap<String, Vec<String>> = HashMap::new();
        for (from, body) in list {
            map.entry(from.clone()).or_default().push(body.clone());
        }
        map
    };
    if world.ledger.said.is_empty() {
        return Err(Trouble::unsupported("an order of nothing"));
    }
    let (said, heard) = (
        by_sender(&world.ledger.said),
        by_sender(&world.ledger.heard()),
    );
    for (from, bodies) in said {
        let heard = heard.get(&from).cloned().unwrap_or_default();
        let heard: Vec<_> = heard
            .into_iter()
            .filter(|body| bodies.contains(body))
            .collect();
        if heard != bodies {
            return Err(Trouble::failed(format!(
                "of {from} it heard {} of {}, or not in order",
                heard.len(),
                bodies.len()
            )));
        }
    }
    Ok(())
}

fn attempts(world: &World<'_>) -> Vec<Attempt> {
    world.server.attempts().split_off(world.attempts_before)
}

fn gaps(world: &World<'_>) -> Result<Vec<Duration>, Trouble> {
    let attempts = attempts(world);
    let gaps: Vec<_> = attempts
        .windows(2)
        .map(|pair| pair[1].at - pair[0].at)
        .collect();
    if gaps.is_empty() {
        return Err(Trouble::failed("there are no two attempts"));
    }
    Ok(gaps)
}

fn millis(gap: &Duration) -> u64 {
    u64::try_from(gap.as_millis()).unwrap_or(u64::MAX)
}

/// No gap is shorter than the one before it until they have reached their cap, from where they may vary by their jitter.
fn gaps_grow(world: &World<'_>) -> Done {
    let gaps = gaps(world)?;
    let longest = gaps.iter().max().copied().unwrap_or_default();
    let cap = longest.mul_f64(0.75);
    for pair in gaps.windows(2) {
        if pair[1] < pair[0] && pair[1] < cap {
            return Err(Trouble::failed(format!("the gaps are {gaps:?}")));
        }
    }
    if gaps.len() > 2 && longest < gaps[0].mul_f64(2.0) {
        return Err(Trouble::failed(format!("the gaps do not grow: {gaps:?}")));
    }
    Ok(())
}

pub(super) fn expect_log(world: &World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct LogStep {
        #[serde(default)]
        absent: Vec<String>,
        #[serde(default)]
        no_raw_newlines_from_peer: bool,
    }
    let step: LogStep = parameters(value)?;
    let entries = world.log.entries();
    // The runner itself logs a line.
    if entries.is_empty() {
        return Err(Trouble::failed("the log is not captured"));
    }
    for text in &step.absent {
        if let Some(entry) = entries.iter().find(|entry| entry.contains(text.as_str())) {
            return Err(Trouble::failed(format!("`{text}` was logged: {entry}")));
        }
    }
    let breaks = |c: char| {
        (c.is_control() && c != '\t')
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if step.no_raw_newlines_from_peer
        && let Some(entry) = entries
            .iter()
            .find(|entry| entry.trim_end_matches('\n').contains(breaks))
    {
        return Err(Trouble::failed(format!(
            "a line of the log is broken: {entry:?}"
        )));
    }
    Ok(())
}
