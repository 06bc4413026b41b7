//! Three clients, and a room for them.

use converse::prelude::*;
use converse_testkit::servers::unique_user;
use serde_json::{Value, json};

use crate::client::{Host, account, within};
use crate::peer::Peer;
use crate::resource::Resource;

pub(crate) struct Assembly {
    /// Whose room it is.
    pub(crate) romeo: Resource,
    pub(crate) tybalt: Resource,
    /// Juliet, with slixmpp.
    pub(crate) peer: Peer,
    /// The room's address.
    pub(crate) room: String,
}

impl Assembly {
    /// Everybody logged in, and nobody in the room, which is not there yet; nothing where there is no slixmpp.
    pub(crate) async fn outside(server: &impl Host) -> Option<Self> {
        let peer = Peer::log_in(server, "juliet").await?;
        let romeo = account(server, "romeo").await;
        let tybalt = account(server, "tybalt").await;
        Some(Self {
            peer,
            romeo: Resource::log_in(server, &romeo, "orchard", json!({})).await,
            tybalt: Resource::log_in(server, &tybalt, "street", json!({})).await,
            room: format!("{}@{}", unique_user("garden"), server.rooms()),
        })
    }

    /// The room made by Romeo, as he wants it, and nobody but him in it.
    pub(crate) async fn made(server: &impl Host, config: RoomConfig) -> Option<Self> {
        let mut this = Self::outside(server).await?;
        this.make(config).await;
        Some(this)
    }

    /// All three in a room of Romeo's, as he wants it.
    pub(crate) async fn inside(server: &impl Host, config: RoomConfig) -> Option<Self> {
        let mut this = Self::made(server, config).await?;
        this.enter_tybalt().await;
        this.enter_peer().await;
        this.see_each_other().await;
        Some(this)
    }

    pub(crate) async fn make(&mut self, config: RoomConfig) {
        let options = RoomOptions::nick("Romeo")
            .auto_configure(true)
            .roomconfig(config);
        let rooms = self.romeo.api.rooms();
        let room = rooms.open(&self.room, options).await.unwrap();
        within("Romeo's way in", room.entered()).await.unwrap();
        self.romeo.event("roomConfigured", |_| true).await;
    }

    pub(crate) async fn enter_tybalt(&self) {
        let rooms = self.tybalt.api.rooms();
        let room = rooms.open(&self.room, "Tybalt").await.unwrap();
        within("Tybalt's way in", room.entered()).await.unwrap();
    }

    /// Lets slixmpp in; gives what it saw.
    pub(crate) async fn enter_peer(&mut self) -> Value {
        let order = json!({ "room": self.room, "nick": "Juliet" });
        self.peer.order("enter", order).await
    }

    pub(crate) async fn see_each_other(&mut self) {
        for nick in ["Romeo", "Tybalt", "Juliet"] {
            self.is_there(nick).await;
        }
    }

    /// Waits until both of ours see a nick.
    pub(crate) async fn is_there(&mut self, nick: &str) {
        let room = self.room.clone();
        for resource in [&mut self.romeo, &mut self.tybalt] {
            let there = |api: &Api| occupant(api, &room, nick).is_some();
            resource
                .holds(&format!("that {nick} is there"), there)
                .await;
        }
    }

    /// Waits until Romeo sees a nick no more.
    pub(crate) async fn is_gone(&mut self, nick: &str) {
        let room = self.room.clone();
        let gone = |api: &Api| occupant(api, &room, nick).is_none();
        self.romeo
            .holds(&format!("that {nick} is gone"), gone)
            .await;
    }

    /// Romeo's handle of the room.
    pub(crate) fn his(&self) -> Room {
        handle(&self.romeo.api, &self.room)
    }

    /// Tybalt's handle of the room.
    pub(crate) fn tybalts(&self) -> Room {
        handle(&self.tybalt.api, &self.room)
    }

    /// What slixmpp hears of an occupant.
    pub(crate) async fn peer_sees(
        &mut self,
        nick: &str,
        what: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        let from = format!("{}/{nick}", self.room);
        let of_nick = |told: &Value| told["from"] == from.as_str() && wanted(told);
        self.peer.presence(what, of_nick).await
    }

    /// What slixmpp hears from the room itself, or from somebody in it.
    pub(crate) async fn peer_hears(
        &mut self,
        what: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        let room = self.room.clone();
        let of_room = |told: &Value| {
            let from = told["from"].as_str();
            from.is_some_and(|from| from.starts_with(&room)) && wanted(told)
        };
        self.peer.message(what, of_room).await
    }

    pub(crate) async fn part(self) {
        self.romeo.stop().await;
        self.tybalt.stop().await;
        self.peer.stop().await;
    }
}

pub(crate) fn handle(api: &Api, room: &str) -> Room {
    api.rooms().get(room).unwrap().unwrap()
}

pub(crate) fn occupant(api: &Api, room: &str, nick: &str) -> Option<Occupant> {
    let room = api.rooms().get(room).unwrap()?;
    room.occupants().get(nick).unwrap()
}

/// Whether what slixmpp was told bears a status code.
pub(crate) fn has_code(told: &Value, code: u16) -> bool {
    let codes = told["codes"].as_array();
    codes.is_some_and(|codes| codes.contains(&json!(code)))
}

pub(crate) fn bodies(room: &Room) -> Vec<String> {
    let messages = room.messages().all().unwrap();
    messages.into_iter().map(|message| message.body).collect()
}
