//! The process of the client: killed, and started again.

use std::sync::Arc;

use converse_core::Converse;
use converse_core::env::Environment;
use converse_core::store::{MemoryStore, Store};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Bare, login};
use crate::MortalStore;
use crate::cases::calls;
use crate::cases::trouble::{Done, Trouble, parameters};
use crate::cases::world::{ACCOUNT, PASSWORD, PATIENCE, RESOURCE, World};
use crate::clock::{SeededRandom, settle};
use crate::scripted::{Rule, Until};

/// Random numbers that no earlier process has drawn.
const NEXT_SEED: u64 = 7;

pub(super) async fn step(world: &mut World<'_>, op: &str, value: &Value) -> Done {
    match op {
        "kill_client" => {
            Bare::check(value)?;
            kill(world).await
        }
        "restart_client" => restart(world, value).await,
        _ => {
            Bare::check(value)?;
            world.server.plan(|plan| plan.resume = true);
            login::finish(world, "the session does not go on").await
        }
    }
}

/// Nothing more reaches the server or the store, and nobody says goodbye.
async fn kill(world: &mut World<'_>) -> Done {
    let Some(store) = &world.mortal else {
        return Err(Trouble::unsupported("to kill what has nothing to leave"));
    };
    store.kill();
    world.server.answer_connects(Rule::Refuse);
    world.server.drop_connection();
    world.converse.stop().await;
    settle().await;
    world.server.forget_sent();
    world.server.answer_connects(Rule::Hold);
    Ok(())
}

/// With `persisted_sm`, the new process has what the old one stored; without, it has nothing.
async fn restart(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Restart {
        #[serde(rename = "op")]
        _op: String,
        #[serde(default)]
        persisted_sm: bool,
    }
    let step: Restart = parameters(value)?;
    let store = match &world.mortal {
        Some(store) if step.persisted_sm => store.reborn(),
        _ => {
            let empty: Arc<dyn Store> = Arc::new(MemoryStore::new());
            MortalStore::new(empty)
        }
    };
    world.mortal = Some(store.clone());
    world.converse = Converse::new()
        .with_network(world.server.network())
        .with_environment(Environment {
            clock: Arc::clone(&world.clock) as _,
            random: Arc::new(SeededRandom::new(NEXT_SEED)),
        })
        .with_store(Arc::new(store));
    world.api = world.converse.start(world.settings.clone()).await?;
    world.events.listen(&world.api, &world.event_names);
    world.ledger.listen(&world.api)?;
    world.server.plan(|plan| plan.until = Until::Authenticated);
    let options = json!({ "jid": format!("{ACCOUNT}/{RESOURCE}"), "password": PASSWORD });
    calls::call(world, "user.login", &[options], Some("(restart)"))?;
    Ok(world.server.decide(Rule::Accept, PATIENCE).await?)
}
