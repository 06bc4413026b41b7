//! Connections that are cut at awkward places.

use serde::Deserialize;
use serde_json::Value;

use super::{login, traffic};
use crate::cases::trouble::{Done, Trouble, parameters};
use crate::cases::world::World;
use crate::clock::settle;

/// About as many bytes as go over the wire in one round.
const ROUND: u32 = 480;

pub(super) async fn step(world: &mut World<'_>, op: &str, value: &Value) -> Done {
    match op {
        "cut_points" => cut_points(world, value).await,
        _ => cut_at_every_byte(world, value).await,
    }
}

/// Messages go both ways, and the connection is cut somewhere among their bytes; again and again.
async fn cut_at_every_byte(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Cuts {
        #[serde(rename = "op")]
        _op: String,
        /// How many places, spread over all of them.
        sample: u32,
        resume: bool,
    }
    let step: Cuts = parameters(value)?;
    world.server.plan(|plan| plan.resume = step.resume);
    let before = world.server.attempts().len();
    for number in 0..step.sample {
        // A step that has no divisor in common with the span meets every place.
        world.server.cut_after(Some(1 + (number * 211) % ROUND));
        for _ in 0..2 {
            if world.server.is_connected() {
                traffic::receive(world)?;
            }
            traffic::send(world).await?;
            settle().await;
        }
        world.server.cut_after(None);
        login::come_back(world).await?;
    }
    settle().await;
    let cuts = world.server.attempts().len() - before;
    if cuts < step.sample as usize / 2 {
        return Err(Trouble::unsupported(format!(
            "only {cuts} connections were cut"
        )));
    }
    Ok(())
}

async fn cut_points(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Points {
        #[serde(rename = "op")]
        _op: String,
        points: Vec<String>,
    }
    let step: Points = parameters(value)?;
    let before = world.ledger.heard().len();
    for point in &step.points {
        let tag = "<message from='otto@heron.example/oar' type='chat' id='cut'>";
        match point.as_str() {
            "mid_stanza" => world.server.send_raw(format!("{tag}<body>half of a sen"))?,
            "after_open_tag" => world.server.send_raw(tag)?,
            "mid_tls_record" => {
                // The header of a record has five bytes.
                world.server.cut_after(Some(7));
                world
                    .server
                    .send_raw(format!("{tag}<body>all</body></message>"))?;
            }
            other => return Err(Trouble::unsupported(format!("the place `{other}`"))),
        }
        settle().await;
        world.server.drop_connection();
        settle().await;
        world.server.cut_after(None);
        login::come_back(world).await?;
        if world.ledger.heard().len() > before {
            return Err(Trouble::failed(format!(
                "{point}: a part of a message was heard as one"
            )));
        }
    }
    Ok(())
}
