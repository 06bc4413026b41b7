//! The step `control`: what the server, the network, the clock and the process do.

mod archives;
mod connecting;
mod cuts;
mod fleet;
mod login;
mod network;
mod process;
mod rooms;
mod stumbling;
mod traffic;

use std::time::Duration;

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::Value;

pub(super) use fleet::Fleet;

use super::trouble::{Done, Trouble, parameters};
use super::world::World;
use crate::clock::settle;

/// An operation without parameters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bare {
    #[serde(rename = "op")]
    _op: String,
}

/// An operation that lasts a while.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lasting {
    #[serde(rename = "op")]
    _op: String,
    ms: u64,
}

impl Lasting {
    fn duration(&self) -> Duration {
        Duration::from_millis(self.ms)
    }
}

pub(super) async fn step(world: &mut World<'_>, value: &Value) -> Done {
    let value = &world.fill(value)?;
    let op = value.get("op").and_then(Value::as_str).unwrap_or_default();
    match op {
        "advance_ms" => {
            let lasting: Lasting = parameters(value)?;
            tokio::time::sleep(lasting.duration()).await;
            settle().await;
            Ok(())
        }
        "set_clock_skew" => {
            let lasting: Lasting = parameters(value)?;
            let skew = TimeDelta::from_std(lasting.duration()).unwrap_or_default();
            world.clock.shift(skew);
            Ok(())
        }
        "plugin" => world.plugins.step(value),
        "muc_service_restart" => rooms::restart().await,
        "tcp_drop"
        | "tcp_blackhole"
        | "tcp_zero_window"
        | "server_close"
        | "server_restart"
        | "suspend"
        | "expect_disconnect"
        | "expect_stream_close"
        | "expect_stream_error" => network::step(world, op, value).await,
        "refuse_connect"
        | "refuse_connect_for_ms"
        | "accept_tcp_then_close"
        | "flap"
        | "dns"
        | "expect_connect"
        | "expect_no_connect" => connecting::step(world, op, value).await,
        "accept_login"
        | "accept_reconnect"
        | "until_bind"
        | "finish_bind"
        | "scram_server"
        | "reject_auth"
        | "tls_handshake"
        | "tls_handshake_or_abort"
        | "bind_conflict_once"
        | "resume_failed"
        | "server_ack"
        | "sm_preset" => login::step(world, op, value).await,
        "kill_client" | "restart_client" | "resumed" => process::step(world, op, value).await,
        "fleet" | "tcp_drop_all" => fleet::step(world, op, value).await,
        "fragmentation" | "scenario" => traffic::step(world, op, value).await,
        "cut_points" | "cut_at_every_byte" => cuts::step(world, op, value).await,
        "permutations" | "mam_order" => archives::step(world, op, value).await,
        "fail_each_step_once" => stumbling::step(world, value).await,
        other => Err(Trouble::unsupported(format!("the operation `{other}`"))),
    }
}
