//! Rooms as a service lists them.

use jid::BareJid;
use serde::Serialize;

use super::paging::{Paging, Place};
use crate::model::RoomInfo;

/// A service that has rooms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RoomService {
    /// Its address.
    pub jid: BareJid,
    /// Its name for people; at most 256 characters.
    pub name: Option<String>,
}

/// A room as its service lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ListedRoom {
    /// Its address.
    pub jid: BareJid,
    /// Its name for people; at most 256 characters.
    pub name: Option<String>,
    /// What it says about itself, if it was [asked](crate::Rooms::describe) and did.
    pub info: Option<RoomInfo>,
}

/// A part of the list of a service's rooms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RoomPage {
    /// The service.
    pub service: BareJid,
    /// The rooms, in its order, each once; at most 10,000.
    pub rooms: Vec<ListedRoom>,
    #[serde(skip)]
    pub(super) max: Option<u32>,
    #[serde(flatten)]
    pub(super) place: Place,
}

impl RoomPage {
    /// How many rooms there are in all, if the service tells.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        self.place.count
    }

    /// The place of the first of these rooms among all, counted from 0, if the service tells.
    #[must_use]
    pub fn index(&self) -> Option<u64> {
        self.place.index
    }

    /// What to ask for the rooms after these; `None` if these are the last ones.
    #[must_use]
    pub fn next(&self) -> Option<Paging> {
        self.place.next(self.max)
    }

    /// What to ask for the rooms before these; `None` if these are the first ones.
    #[must_use]
    pub fn previous(&self) -> Option<Paging> {
        self.place.previous(self.max)
    }
}
