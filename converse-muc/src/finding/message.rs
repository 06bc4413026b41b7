//! What finding rooms announces.

use std::sync::Arc;

use converse_core::bus::Event;
use jid::BareJid;
use serde::Serialize;

use super::listed::ListedRoom;

/// The rooms of the server's service are listed, because of the setting `auto_list_rooms`.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "roomsListed")]
#[non_exhaustive]
pub struct RoomsListed {
    /// The service.
    pub service: BareJid,
    /// Its rooms; the first 1,000 with what they say about themselves.
    #[serde(serialize_with = "rooms")]
    pub rooms: Arc<[ListedRoom]>,
}

fn rooms<S: serde::Serializer>(
    rooms: &Arc<[ListedRoom]>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(rooms.iter())
}
