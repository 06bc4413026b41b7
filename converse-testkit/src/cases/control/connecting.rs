//! What happens when the client connects.

use std::time::Duration;

use converse_core::transport::SrvRecord;
use serde::Deserialize;
use serde_json::Value;

use super::{Bare, Lasting};
use crate::cases::trouble::{Done, Trouble, parameters};
use crate::cases::world::World;
use crate::clock::settle;
use crate::scripted::{Rule, Until};

/// Longer than any wait between two attempts.
const NEXT_ATTEMPT: Duration = Duration::from_secs(300);

pub(super) async fn step(world: &mut World<'_>, op: &str, value: &Value) -> Done {
    match op {
        "refuse_connect" => refuse(world, value).await,
        "refuse_connect_for_ms" => {
            let lasting: Lasting = parameters(value)?;
            world.server.answer_connects(Rule::Refuse);
            tokio::time::sleep(lasting.duration()).await;
            world.server.answer_connects(Rule::Hold);
            Ok(())
        }
        "accept_tcp_then_close" => {
            let times: Times = parameters(value)?;
            world.server.drop_connection();
            settle().await;
            for _ in 0..times.times {
                world
                    .server
                    .decide(Rule::AcceptThenClose, NEXT_ATTEMPT)
                    .await?;
            }
            Ok(())
        }
        "flap" => flap(world, value).await,
        "dns" => dns(world, value),
        "expect_connect" => expect_connect(world, value).await,
        _ => {
            let lasting: Lasting = parameters(value)?;
            let before = world.server.attempts().len();
            tokio::time::sleep(lasting.duration()).await;
            let attempts = world.server.attempts().split_off(before);
            if attempts.is_empty() {
                Ok(())
            } else {
                Err(Trouble::failed(format!("it connects: {attempts:?}")))
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Times {
    #[serde(rename = "op")]
    _op: String,
    times: u32,
}

async fn refuse(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Refuse {
        #[serde(rename = "op")]
        _op: String,
        host: Option<String>,
    }
    let step: Refuse = parameters(value)?;
    match step.host {
        // A host that is down stays down.
        Some(host) => {
            world.server.answer_connects_of(host, Rule::Refuse);
            Ok(())
        }
        None => Ok(world.server.decide(Rule::Refuse, NEXT_ATTEMPT).await?),
    }
}

async fn flap(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Flap {
        #[serde(rename = "op")]
        _op: String,
        uptime_ms: u64,
        times: u32,
    }
    let step: Flap = parameters(value)?;
    world.server.proceed(Until::Online);
    for round in 0..step.times {
        if world.server.is_connected() {
            world.server.drop_connection();
            settle().await;
        }
        world.server.decide(Rule::Accept, NEXT_ATTEMPT).await?;
        let up = world.until(NEXT_ATTEMPT, || {
            world.api.connection().connected().then_some(())
        });
        up.await
            .ok_or_else(|| Trouble::failed(format!("round {round}: it does not come up")))?;
        tokio::time::sleep(Duration::from_millis(step.uptime_ms)).await;
    }
    Ok(())
}

/// Priority, weight, port, target, as in RFC 2782.
type Record = (u16, u16, u16, String);

fn dns(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Dns {
        #[serde(rename = "op")]
        _op: String,
        #[serde(default)]
        srv: Vec<Record>,
        #[serde(default)]
        srv_tls: Vec<Record>,
        #[serde(default)]
        servfail: bool,
    }
    let step: Dns = parameters(value)?;
    let records = |list: Vec<Record>| {
        list.into_iter()
            .map(|(priority, weight, port, target)| SrvRecord {
                priority,
                weight,
                port,
                target: target.trim_end_matches('.').to_owned(),
            })
            .collect()
    };
    world.server.set_srv("_xmpp-client._tcp", records(step.srv));
    world
        .server
        .set_srv("_xmpps-client._tcp", records(step.srv_tls));
    world.server.fail_lookups(step.servfail);
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Connect {
    #[serde(rename = "op")]
    _op: String,
    host: Option<String>,
    /// One after the other; `|` separates hosts of which any may come.
    #[serde(default)]
    hosts: Vec<String>,
    port: Option<u16>,
    tls: Option<String>,
    sni: Option<String>,
    alpn: Option<String>,
    #[serde(default)]
    optional: bool,
}

async fn expect_connect(world: &mut World<'_>, value: &Value) -> Done {
    let step: Connect = parameters(value)?;
    let hosts: Vec<String> = step.host.iter().chain(&step.hosts).cloned().collect();
    if hosts.is_empty() {
        return Err(Trouble::unsupported("expect_connect without a host"));
    }
    for host in &hosts {
        let seen = world.attempts_seen;
        let attempt = world
            .until(NEXT_ATTEMPT, || world.server.attempts().get(seen).cloned())
            .await;
        let fits = attempt.as_ref().is_some_and(|attempt| {
            let is_host = host.split('|').any(|host| host == attempt.host);
            is_host && step.port.is_none_or(|port| port == attempt.port)
        });
        if !fits && step.optional {
            return Ok(());
        }
        if !fits {
            return Err(Trouble::failed(format!(
                "`{host}` is next, and not {attempt:?}"
            )));
        }
        world.attempts_seen += 1;
    }
    check_tls(world, &step).await
}

async fn check_tls(world: &World<'_>, step: &Connect) -> Done {
    match step.tls.as_deref() {
        None => return Ok(()),
        Some("direct") => {}
        Some(other) => return Err(Trouble::unsupported(format!("TLS `{other}`"))),
    }
    let hello = world.until(NEXT_ATTEMPT, || world.server.hello()).await;
    let hello = hello.ok_or_else(|| Trouble::failed("there is no TLS handshake"))?;
    if step.sni.is_some() && step.sni != hello.server_name {
        return Err(Trouble::failed(format!(
            "the server name is {:?}",
            hello.server_name
        )));
    }
    match &step.alpn {
        Some(alpn) if !hello.alpn.contains(alpn) => Err(Trouble::failed(format!(
            "the protocols are {:?}",
            hello.alpn
        ))),
        _ => Ok(()),
    }
}

impl Bare {
    /// For operations whose parameters are none.
    pub(super) fn check(value: &Value) -> Done {
        parameters::<Self>(value).map(drop)
    }
}
