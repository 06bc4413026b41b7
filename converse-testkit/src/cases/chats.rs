//! Chats that a case takes for granted, with what was said in them.

use serde::Deserialize;
use serde_json::{Value, json};

use super::trouble::{Done, Trouble, parameters};
use super::world::{ACCOUNT, World};
use crate::scripted::Kept;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chat {
    jid: String,
    #[serde(default)]
    messages: Vec<Said>,
}

/// A message as a case has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    archive_id: Option<String>,
    id: Option<String>,
    body: String,
    time: String,
    sender: String,
}

impl Said {
    fn xml(&self, peer: &str) -> Result<String, Trouble> {
        use converse_core::ns;
        use converse_core::xml::Element;
        let (from, to) = match self.sender.as_str() {
            "them" => (peer, ACCOUNT),
            "me" => (ACCOUNT, peer),
            other => return Err(Trouble::unsupported(format!("the sender `{other}`"))),
        };
        let id = self.id.as_ref().or(self.archive_id.as_ref());
        let delay = Element::builder("delay", ns::DELAY).attr("stamp", self.time.as_str());
        let message = Element::builder("message", ns::CLIENT)
            .attr("from", from)
            .attr("to", to)
            .attr("type", "chat")
            .attr_opt("id", id.cloned())
            .child(Element::builder("body", ns::CLIENT).text(self.body.as_str()))
            .child_opt(self.archive_id.is_none().then_some(delay));
        let built = message.build();
        built
            .map(|message| message.to_xml())
            .map_err(|error| Trouble::unsupported(error.to_string()))
    }
}

/// What of it the account's archive has.
pub(super) fn archive(chats: &[Value]) -> Result<Vec<Kept>, Trouble> {
    let mut kept = Vec::new();
    for chat in chats {
        let chat: Chat = parameters(chat)?;
        for said in &chat.messages {
            if let Some(id) = &said.archive_id {
                kept.push(Kept::new(id, &said.time, said.xml(&chat.jid)?));
            }
        }
    }
    kept.sort_by(|one, other| one.stamp.cmp(&other.stamp));
    Ok(kept)
}

/// Opens a chat; what is in no archive was said while the client was there.
pub(super) async fn open(world: &World<'_>, chat: &Value) -> Done {
    let prepared = world.groupings.prepare(&world.api, "chats", chat);
    let prepared = prepared.ok_or_else(|| Trouble::unsupported("setup of `chats`"))?;
    prepared.await?;
    let chat: Chat = parameters(chat)?;
    for said in chat
        .messages
        .iter()
        .filter(|said| said.archive_id.is_none())
    {
        if said.sender != "them" {
            let why = format!("a message that is in no archive: {}", json!(said.body));
            return Err(Trouble::unsupported(why));
        }
        let xml = said.xml(&chat.jid)?;
        world.server.send(&xml).await?;
    }
    Ok(())
}
