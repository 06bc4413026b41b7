//! What is kept of a room between runs.

use chrono::{DateTime, Utc};
use converse_core::settings::Secret;
use converse_core::store::Place;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::occupant::OccupantId;
use super::room::State;
use crate::private::KeptChat;

/// What a room is like when it is opened again by the next run of the program; its password is kept apart from it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Kept {
    /// The nick to ask for.
    wanted_nick: Option<String>,
    /// The nick of the last visit, if there was one.
    nick: Option<String>,
    /// The id by which the room knows the user.
    own_id: Option<String>,
    /// Whether it is entered again.
    enters: bool,
    minimized: bool,
    unread: usize,
    mentions: usize,
    auto_configure: bool,
    /// Where the newest message stood that was displayed.
    seen: Option<(i64, u32)>,
    /// When there was the last sign of the room while the user was in it, in minutes since 1970: more often it is not worth a write.
    last_seen: Option<i64>,
    attributes: Map<String, Value>,
    /// The open private chats.
    pub(crate) private: Vec<KeptChat>,
}

impl State {
    /// What is to be kept, with what is to be kept of the private chats.
    pub(crate) fn kept(&self, private: Vec<KeptChat>) -> Kept {
        let seen = self.talk.seen.up_to();
        Kept {
            wanted_nick: self.joining.wanted_nick.clone(),
            nick: self.nick.clone(),
            own_id: self.own_id.as_ref().map(ToString::to_string),
            enters: self.joining.rejoins || self.is_withdrawn,
            minimized: self.minimized,
            unread: self.unread,
            mentions: self.mentions,
            auto_configure: self.creation.auto_configure,
            seen: seen.map(|place| (place.micros, place.number)),
            last_seen: self.joining.last_seen.map(minute),
            attributes: self.attributes.clone(),
            private,
        }
    }

    /// Takes what was kept; the user is not in the room.
    pub(crate) fn restore(&mut self, kept: Kept, password: Option<Secret>) {
        self.joining.wanted_nick = kept.wanted_nick;
        self.joining.password = password;
        self.joining.rejoins = kept.enters;
        let last_seen = kept.last_seen.and_then(|minute| minute.checked_mul(60));
        self.joining.last_seen = last_seen.and_then(|seen| DateTime::from_timestamp(seen, 0));
        self.nick = kept.nick;
        self.own_id = kept.own_id.and_then(|id| OccupantId::new(&id));
        let seen = kept.seen.map(|(micros, number)| Place::new(micros, number));
        self.talk.seen.restore(seen);
        self.minimized = kept.minimized;
        self.unread = kept.unread;
        self.mentions = kept.mentions.min(kept.unread);
        self.creation.auto_configure = kept.auto_configure;
        self.attributes = kept.attributes;
    }
}

/// The minute in which a time is, since 1970.
pub(super) fn minute(time: DateTime<Utc>) -> i64 {
    time.timestamp().div_euclid(60)
}
