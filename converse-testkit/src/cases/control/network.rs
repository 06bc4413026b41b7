//! What happens to a connection that is up.

use std::time::Duration;

use converse_core::ns;
use serde::Deserialize;
use serde_json::Value;

use super::{Bare, Lasting, traffic};
use crate::cases::trouble::{Done, Trouble, parameters};
use crate::cases::world::World;
use crate::clock::settle;

/// How long the client may take to hang up, in virtual time. It is less than any deadline of the client's: one that only
/// gives up waiting has not refused anything.
const HANGING_UP: Duration = Duration::from_secs(5);

pub(super) async fn step(world: &mut World<'_>, op: &str, value: &Value) -> Done {
    match op {
        "expect_stream_error" => return expect_stream_error(world, value).await,
        "suspend" => {
            let lasting: Lasting = parameters(value)?;
            // Nobody is there while the machine sleeps; the server gives up the connection, and the timers fire late.
            world.server.mute();
            tokio::time::advance(lasting.duration()).await;
            settle().await;
            return Ok(());
        }
        _ => {}
    }
    let _: Bare = parameters(value)?;
    match op {
        "tcp_drop" => {
            traffic::have_something_to_lose(world).await?;
            world.server.drop_connection();
        }
        "tcp_blackhole" | "tcp_zero_window" => world.server.freeze(),
        "server_close" => world.server.close(),
        "server_restart" => {
            world.server.forget_session();
            world.server.drop_connection();
        }
        "expect_disconnect" => return Ok(world.server.expect_end(HANGING_UP).await?),
        "expect_stream_close" => return Ok(world.server.expect_close(HANGING_UP).await?),
        other => return Err(Trouble::unsupported(format!("the operation `{other}`"))),
    }
    settle().await;
    Ok(())
}

async fn expect_stream_error(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct StreamError {
        #[serde(rename = "op")]
        _op: String,
        condition: String,
    }
    let step: StreamError = parameters(value)?;
    let allowed: Vec<&str> = step.condition.split('|').collect();
    let found = world
        .server
        .until(HANGING_UP, || {
            world.server.take_sent(|element| {
                let is_error = element.is("error", ns::STREAM);
                let condition = element
                    .children()
                    .find(|child| child.ns() == ns::STREAM_ERRORS);
                is_error.then(|| condition.map(|condition| condition.name().to_owned()))
            })
        })
        .await;
    match found {
        Some((_, Some(condition))) if allowed.contains(&condition.as_str()) => Ok(()),
        Some((error, _)) => Err(Trouble::failed(format!(
            "the stream error is {}",
            error.to_xml()
        ))),
        None => Err(Trouble::failed(format!(
            "there is no stream error; {}",
            world.server.unexpected()
        ))),
    }
}
