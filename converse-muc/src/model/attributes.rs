//! A room by the names of converse.js.

use serde_json::{Map, Value, json};

use super::info::RoomFeature;
use super::room::{Opened, State};
use crate::error::MucError;

impl Opened {
    /// All attributes, by the names of converse.js. Occupants and messages are not among them: they may be many.
    pub(crate) fn attributes(&self) -> Map<String, Value> {
        let state = self.any();
        let mut all = state.attributes.clone();
        all.extend(self.known(&state));
        all
    }

    /// Sets one that does not follow from what happens in the room.
    pub(crate) fn set_attribute(&self, name: &str, value: Value) -> Result<(), MucError> {
        let mut state = self.open()?;
        if self.known(&state).contains_key(name) {
            let attribute = name.to_owned();
            return Err(MucError::ReadOnly { attribute });
        }
        if value.is_null() {
            state.attributes.remove(name);
        } else {
            state.attributes.insert(name.to_owned(), value);
        }
        Ok(())
    }

    /// Those that follow from what happens in the room.
    fn known(&self, state: &State) -> Map<String, Value> {
        let info = state.info.as_ref();
        let left = state.disconnection.as_ref();
        let mut all = Map::new();
        let mut put = |name: &str, value: Value| {
            all.insert(name.to_owned(), value);
        };
        put("id", json!(self.jid));
        put("jid", json!(self.jid));
        put("type", json!("chatroom"));
        put("name", json!(info.and_then(|info| info.name.as_ref())));
        put(
            "description",
            json!(info.and_then(|info| info.description.as_ref())),
        );
        put("features_fetched", json!(info.is_some()));
        for feature in RoomFeature::ALL {
            let has = info.is_some_and(|info| info.has(*feature));
            put(feature.as_str(), json!(has));
        }
        put("connection_status", json!(state.status));
        put("nick", json!(state.nick));
        put("role", json!(state.role));
        put("affiliation", json!(state.affiliation));
        put("subject", json!(state.subject));
        put("status_codes", json!(state.codes));
        put("disconnection_reason", json!(left.map(|left| &left.reason)));
        put(
            "disconnection_actor",
            json!(left.and_then(|left| left.actor.as_ref())),
        );
        put(
            "disconnection_text",
            json!(left.and_then(|left| left.text.as_ref())),
        );
        put("moved_jid", json!(state.moved_jid));
        put("join_error", json!(state.joining.error));
        put("logged", json!(state.logged));
        put("auto_configure", json!(state.creation.auto_configure));
        put(
            "unanswered_pings",
            json!(state.joining.attendance.unanswered()),
        );
        put("minimized", json!(state.minimized));
        put("num_unread", json!(state.mentions));
        put("num_unread_general", json!(state.unread));
        put("typing", json!(state.talk.writers()));
        all
    }
}
