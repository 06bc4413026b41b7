//! Calls of the **rooms** grouping.

use std::future::Future;

use converse::core::api::parse_bare;
use converse::prelude::*;
use converse_testkit::cases::Answer;
use serde_json::{Value, json};

use super::calls::{argument, done};

pub(super) fn call(api: Api, name: &str, args: &[Value]) -> Option<Answer> {
    retell_removals(&api);
    let text = |index: usize| args.get(index).and_then(Value::as_str).map(str::to_owned);
    let (first, second) = (text(0), text(1));
    let list: Option<Vec<String>> = args.first().and_then(Value::as_array).map(|list| {
        let texts = list.iter().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    });
    let takes_options = matches!(name, "rooms.get" | "rooms.open" | "ext.rooms.join");
    let options = match args
        .get(1)
        .filter(|given| takes_options && !given.is_null())
    {
        None => RoomOptions::default(),
        Some(given) => options(given)?,
    };
    let create = args.get(2).and_then(Value::as_bool) == Some(true);
    Some(match name {
        "rooms.get" => done(async move {
            let rooms = api.rooms();
            Ok(match (first, list) {
                (Some(jid), _) if create => json!(rooms.get_or_open(&jid, options).await?),
                (Some(jid), _) => json!(rooms.get(&jid)?),
                (None, Some(jids)) => json!(rooms.get_many(jids)?),
                (None, None) => json!(rooms.all()),
            })
        }),
        "rooms.open" => done(async move {
            let rooms = api.rooms();
            Ok(match (first, list) {
                (Some(jid), _) => json!(rooms.open(&jid, options).await?),
                (None, Some(jids)) => json!(rooms.open_many(jids, options).await?),
                (None, None) => json!(rooms.all()),
            })
        }),
        "rooms.close" => done(async move {
            let rooms = api.rooms();
            match (first, list) {
                (Some(jid), _) => rooms.close(&jid).await?,
                (None, Some(jids)) => rooms.close_many(jids).await?,
                (None, None) => rooms.close_all().await?,
            }
            Ok(Value::Null)
        }),
        "room.minimize" => on_room(api, first, |room| async move { room.minimize() }),
        "room.maximize" => on_room(api, first, |room| async move { room.maximize() }),
        "ext.rooms.join" => on_room(api, first, |room| async move { room.join(options).await }),
        "ext.rooms.set_nick" => on_room(api, first, |room| async move {
            room.set_nick(argument(second, "nick")?).await
        }),
        "ext.rooms.invite" => {
            let reason = text(2);
            on_room(api, first, |room| async move {
                room.invite(argument(second, "recipient")?, reason).await
            })
        }
        "ext.rooms.set_role" => {
            let role = text(2).as_deref().and_then(Role::of_word);
            let reason = text(3);
            on_room(api, first, move |room| async move {
                let role = argument(role, "role")?;
                let nick = argument(second, "nick")?;
                room.set_role(&nick, role, reason.as_deref()).await
            })
        }
        "ext.rooms.set_affiliation" => {
            let affiliation = second.as_deref().and_then(Affiliation::of_word);
            let who = args.get(2).cloned().unwrap_or_default();
            let reason = text(3);
            on_room(api, first, move |room| async move {
                let affiliation = argument(affiliation, "affiliation")?;
                let changes = changes(&who, affiliation, reason.as_deref())?;
                let done = room.set_affiliations(changes).await?;
                done.into_iter().collect()
            })
        }
        "ext.rooms.typing" => on_room(api, first, |room| async move { room.composing() }),
        "ext.rooms.send_private" => {
            let body = text(2);
            done(async move {
                let chat = opened(&api, first)?.private_chat(&argument(second, "nick")?)?;
                Ok(json!(chat.send_message(argument(body, "body")?).await?))
            })
        }
        "ext.rooms.send" => done(async move {
            let body = argument(second, "body")?;
            let room = opened(&api, first)?;
            Ok(json!(room.send_message(body).await?))
        }),
        _ => return None,
    })
}

/// Changes of the affiliation of one or of several.
fn changes(
    who: &Value,
    affiliation: Affiliation,
    reason: Option<&str>,
) -> Result<Vec<AffiliationChange>, Error> {
    let jids: Vec<&str> = match who {
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let changes = jids.into_iter().map(|jid| {
        let jid = parse_bare(jid, "jid")?;
        Ok(AffiliationChange::new(jid, affiliation).reason(reason.unwrap_or_default()))
    });
    changes.collect()
}

/// What is heard for the cases was arranged for.
struct Arranged;

/// The cases have an event for occupants who were made to leave.
fn retell_removals(api: &Api) {
    if api.provided::<Arranged>().is_some() {
        return;
    }
    api.provide(Arranged);
    let teller = api.clone();
    api.listen().subscribe_sync(move |event: &OccupantLeft| {
        if let Some(removal) = &event.removal {
            let told = json!({ "nick": event.occupant.nick, "reason": removal.text });
            drop(teller.emit("ext.occupantRemoved", told));
        }
        Ok(())
    });
}

/// Options as the cases write them: a nick, or a map. `None` for a map with something in it that rooms do not know.
fn options(value: &Value) -> Option<RoomOptions> {
    match value.as_str() {
        Some(nick) => Some(RoomOptions::nick(nick)),
        None => serde_json::from_value(value.clone()).ok(),
    }
}

fn opened(api: &Api, jid: Option<String>) -> Result<Room, Error> {
    let jid = argument(jid, "jid")?;
    let closed = || Error::new(ErrorKind::Closed, format!("no room `{jid}` is open"));
    api.rooms().get(&jid)?.ok_or_else(closed)
}

/// Something done with a room that is open.
fn on_room<F>(api: Api, jid: Option<String>, act: impl FnOnce(Room) -> F + 'static) -> Answer
where
    F: Future<Output = Result<(), Error>> + 'static,
{
    done(async move {
        let room = opened(&api, jid)?;
        act(room).await.map(|()| Value::Null)
    })
}
