//! Views. What is not there is null.

use converse::chat::Chat;
use converse::prelude::*;
use serde_json::{Value, json};

pub(super) fn view(api: &Api, name: &str, args: &[Value]) -> Option<Result<Value, Error>> {
    let jid = args.first().and_then(Value::as_str).unwrap_or_default();
    Some(match name {
        "contact" => api.contacts().get(jid).map(|contact| json!(contact)),
        "contacts" => Ok(json!(api.contacts().all())),
        "roster" => Ok(json!({
            "version": api.contacts().version(),
            "items": api.contacts().all(),
        })),
        "chat" => api
            .chats()
            .get(jid)
            .and_then(|chat| chat.as_ref().map_or(Ok(Value::Null), conversation)),
        "headlines" => {
            let found = api
                .chats()
                .headlines()
                .into_iter()
                .find(|box_| box_.jid().as_str() == jid);
            found.as_ref().map_or(Ok(Value::Null), conversation)
        }
        "room" => api
            .rooms()
            .get(jid)
            .and_then(|room| room.as_ref().map_or(Ok(Value::Null), occupied)),
        "muc_pm" => private(api, jid),
        "bookmarks" => Ok(json!(api.bookmarks().all())),
        "room_affiliations" => api
            .rooms()
            .get(jid)
            .and_then(|room| room.as_ref().map_or(Ok(Value::Null), affiliations)),
        "user" => user(api),
        "caps" => Ok(json!({ "verified_from": api.disco().learned_from(jid) })),
        _ => return None,
    })
}

fn user(api: &Api) -> Result<Value, Error> {
    let status = api.user().status();
    Ok(json!({ "status": status.get()?, "status_message": status.message().get()? }))
}

/// A room with its occupants and its messages.
fn occupied(room: &Room) -> Result<Value, Error> {
    let mut shown = json!(room);
    shown["occupants"] = json!(room.occupants().all()?);
    shown["messages"] = room.messages().all()?.iter().map(message).collect();
    Ok(shown)
}

/// Who in a room is what to it, as far as their addresses are known.
fn affiliations(room: &Room) -> Result<Value, Error> {
    let occupants = room.occupants().all()?.into_iter();
    let known = occupants.filter_map(|occupant| {
        let jid = occupant.real_jid.as_ref()?.to_bare();
        Some(json!({ "jid": jid, "nick": occupant.nick, "affiliation": occupant.affiliation }))
    });
    Ok(known.collect())
}

/// The private chat with the occupant of that address.
fn private(api: &Api, jid: &str) -> Result<Value, Error> {
    let Some((room, nick)) = jid.split_once('/') else {
        return Ok(Value::Null);
    };
    let Some(room) = api.rooms().get(room)? else {
        return Ok(Value::Null);
    };
    let Some(chat) = room.private_chats().get(nick)? else {
        return Ok(Value::Null);
    };
    let mut shown = json!(chat);
    shown["messages"] = chat.messages().all()?.iter().map(message).collect();
    Ok(shown)
}

/// A chat with its messages in the order in which they are shown.
fn conversation(chat: &Chat) -> Result<Value, Error> {
    let mut shown = json!(chat);
    let messages = chat.messages().all()?;
    shown["messages"] = messages.iter().map(message).collect();
    shown["num_unread"] = json!(chat.unread()?);
    shown["minimized"] = json!(chat.is_minimized()?);
    shown["contact_chat_state"] = json!(chat.contact_chat_state()?);
    Ok(shown)
}

/// A message: that something has happened to it is a yes or no, and what it said before is a list.
fn message(message: &Message) -> Value {
    let mut shown = json!(message);
    let older = message.edited.as_ref().map(|edit| json!(edit.older));
    shown["received"] = json!(message.delivery >= Some(Delivery::Delivered));
    shown["edited"] = json!(message.edited.is_some());
    shown["older_versions"] = older.unwrap_or_default();
    // Whoever gave the id vouches that the archive has it.
    shown["archive_id"] = json!(message.stanza_id);
    shown["is_archived"] = json!(message.stanza_id.is_some());
    shown["retracted"] = json!(message.retracted.is_some());
    shown
}
