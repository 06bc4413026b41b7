//! The service that has the rooms, and rooms in great number.

use std::time::Duration;

use serde_json::{Value, json};

use crate::cases::calls;
use crate::cases::trouble::{Done, Trouble, parameters};
use crate::cases::world::World;
use crate::clock::settle;
use crate::scripted::Room;

/// After so many the memory is looked at.
const SAMPLE: usize = 100;

/// The service of the rooms forgets who is in them and says nothing about it: the rooms of a script know nobody anyway.
pub(super) async fn restart() -> Done {
    settle().await;
    Ok(())
}

/// Enters and closes a room, and opens and closes a chat, one after the other.
pub(super) async fn open_close(world: &mut World<'_>, count: usize) -> Done {
    for number in 0..count {
        let room = format!("room{number}@rooms.kestrel.example");
        let contact = format!("contact{number}@heron.example");
        let scripted: Room = parameters(&json!({ "jid": room, "nick": "mara" }))?;
        world.server.plan(|plan| plan.rooms = vec![scripted]);
        let nick = json!({ "nick": "mara" });
        run(world, "rooms.open", vec![json!(room), nick]).await?;
        let view = world.groupings.view(&world.api, "room", &[json!(room)]);
        let state = view.ok_or_else(|| Trouble::unsupported("the view `room`"))?;
        if state.await?["connection_status"] != "entered" {
            return Err(Trouble::failed(format!("`{room}` is not entered")));
        }
        run(world, "rooms.close", vec![json!(room)]).await?;
        run(world, "chats.open", vec![json!(contact)]).await?;
        run(world, "chat.close", vec![json!(contact)]).await?;
        if number % SAMPLE == 0 {
            world.resources.sample();
        }
        // What the script has written down is no memory of the client's.
        world.server.forget_sent();
    }
    world.server.plan(|plan| plan.rooms.clear());
    Ok(())
}

/// Makes a call and waits for all that it brings about.
async fn run(world: &mut World<'_>, api: &str, args: Vec<Value>) -> Done {
    calls::call(world, api, &args, Some("(scenario)"))?;
    tokio::time::sleep(Duration::from_millis(100)).await;
    Ok(())
}
