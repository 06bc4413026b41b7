//! Rooms with archives (XEP-0313): who was away has everything afterwards, once, in the order of the archive.

use std::sync::Arc;

use converse::core::store::{MemoryStore, Store};
use converse::mam::Query;
use converse::prelude::*;
use converse_testkit::servers::{Proxy, unique_user};
use serde_json::json;

use super::assembly::handle;
use crate::client::{Host, account, within};
use crate::resource::Resource;

/// All of them against one server.
pub(crate) async fn everything(server: &impl Host) {
    after_a_restart(server).await;
    after_a_loss(server).await;
    far_behind(server).await;
}

/// A room that Romeo has made, and where Tybalt is going to be.
struct Garden {
    romeo: Resource,
    tybalt: String,
    room: String,
    said: usize,
}

impl Garden {
    async fn make(server: &impl Host) -> Self {
        let account_of_romeo = account(server, "romeo").await;
        let mut romeo = Resource::log_in(server, &account_of_romeo, "orchard", json!({})).await;
        let room = format!("{}@{}", unique_user("garden"), server.rooms());
        let options = RoomOptions::nick("Romeo")
            .auto_configure(true)
            .roomconfig(RoomConfig::new());
        let opened = romeo.api.rooms().open(&room, options).await.unwrap();
        within("Romeo's way in", opened.entered()).await.unwrap();
        romeo.event("roomConfigured", |_| true).await;
        Self {
            romeo,
            tybalt: account(server, "tybalt").await,
            room,
            said: 0,
        }
    }

    /// Romeo says so much.
    async fn says(&mut self, count: usize) {
        let room = handle(&self.romeo.api, &self.room);
        for _ in 0..count {
            room.send_message(self.said.to_string()).await.unwrap();
            self.said += 1;
        }
    }

    /// Waits until Romeo has heard everything that was said.
    async fn is_heard(&mut self) {
        let (room, said) = (self.room.clone(), self.said);
        let heard = |api: &Api| ids(&handle(api, &room)).len() >= said;
        self.romeo.holds("what Romeo says", heard).await;
    }

    /// Waits until Tybalt has as many messages as the archive, and compares.
    async fn same(&self, tybalt: &mut Resource) {
        let archive = archive(&self.romeo.api, &self.room).await;
        let (room, count) = (self.room.clone(), archive.len());
        let all = |api: &Api| ids(&handle(api, &room)).len() >= count;
        tybalt
            .holds("as many messages as the archive has", all)
            .await;
        tybalt.round_trip().await;
        assert_eq!(ids(&handle(&tybalt.api, &self.room)), archive);
    }
}

/// The ids that the room has given the messages.
fn ids(room: &Room) -> Vec<String> {
    let all = room.messages().all().unwrap().into_iter();
    all.filter_map(|message| message.stanza_id).collect()
}

/// Has everything shown that was ever said.
async fn read_all(room: &Room) {
    loop {
        let messages = room.messages();
        let older = within("older messages", messages.load_older(60)).await;
        if older.unwrap().is_complete {
            return;
        }
    }
}

/// The ids of everything that was said, as the archive has it.
async fn archive(api: &Api, room: &str) -> Vec<String> {
    let jid: BareJid = room.parse().unwrap();
    let mut query = Query::new().room(jid).max(50);
    let mut ids = Vec::new();
    loop {
        let mut page = within("a page", api.archive().query(query)).await.unwrap();
        let said = page
            .messages
            .iter()
            .filter(|message| message.body().is_some());
        ids.extend(said.map(|message| message.archive_id.clone()));
        if page.messages.is_empty() || page.rsm.complete {
            return ids;
        }
        query = page.rsm.next(50);
    }
}

/// Tybalt's program ends; when it is started anew, more is being said.
async fn after_a_restart(server: &impl Host) {
    let mut garden = Garden::make(server).await;
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new().as_durable());
    let mut tybalt = Resource::log_in_on(&store, server, &garden.tybalt, "street").await;
    let room = tybalt
        .api
        .rooms()
        .open(&garden.room, "Tybalt")
        .await
        .unwrap();
    within("Tybalt's way in", room.entered()).await.unwrap();
    garden.says(20).await;
    garden.is_heard().await;
    garden.same(&mut tybalt).await;
    tybalt.stop().await;

    garden.says(130).await;
    let account = garden.tybalt.clone();
    let coming = Resource::log_in_on(&store, server, &account, "street");
    let ((), mut tybalt) = tokio::join!(garden.says(60), coming);
    garden.is_heard().await;
    garden.same(&mut tybalt).await;

    // What is in the store is the same.
    tybalt.stop().await;
    let mut tybalt = Resource::log_in_on(&store, server, &garden.tybalt, "street").await;
    let older = handle(&tybalt.api, &garden.room).messages();
    within("older messages", older.load_older(500))
        .await
        .unwrap();
    garden.same(&mut tybalt).await;
    assert!(!older.has_gaps().unwrap());
    tybalt.stop().await;
    garden.romeo.stop().await;
}

/// Tybalt's connection is lost and cannot be resumed; meanwhile both have said something.
async fn after_a_loss(server: &impl Host) {
    let mut garden = Garden::make(server).await;
    let proxy = Proxy::start(server.addr()).await.unwrap();
    let more = json!({ "server": proxy.addr().to_string(), "stream_management": false });
    let mut tybalt = Resource::log_in(server, &garden.tybalt, "street", more).await;
    let room = tybalt
        .api
        .rooms()
        .open(&garden.room, "Tybalt")
        .await
        .unwrap();
    within("Tybalt's way in", room.entered()).await.unwrap();
    for round in 0..3 {
        garden.says(30).await;
        let name = garden.room.clone();
        let hears = |api: &Api| ids(&handle(api, &name)).len() > round * 60;
        tybalt.holds("what Romeo says", hears).await;
        room.send_message(format!("Tybalt {round}")).await.unwrap();
        proxy.cut().await;
        garden.says(30).await;
        garden.is_heard().await;
        within("Tybalt's way in", async {
            while room.entered().await.is_err() {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        })
        .await;
    }
    garden.is_heard().await;
    // What was cut off goes out again by itself.
    let outbox = room.outbox().unwrap();
    within("everything that Tybalt says", async {
        while !outbox.list().await.unwrap().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
    read_all(&room).await;
    garden.same(&mut tybalt).await;
    tybalt.stop().await;
    garden.romeo.stop().await;
}

/// Tybalt comes for the first time: the newest messages are there, and the others when he asks for them.
async fn far_behind(server: &impl Host) {
    let mut garden = Garden::make(server).await;
    garden.says(180).await;
    garden.is_heard().await;
    let mut tybalt = Resource::log_in(server, &garden.tybalt, "street", json!({})).await;
    let room = tybalt
        .api
        .rooms()
        .open(&garden.room, "Tybalt")
        .await
        .unwrap();
    within("Tybalt's way in", room.entered()).await.unwrap();
    let newest = |_: &Api| room.messages().count().is_ok_and(|count| count >= 40);
    tybalt.holds("the newest messages", newest).await;
    assert!(room.messages().has_gaps().unwrap());
    read_all(&room).await;
    garden.same(&mut tybalt).await;
    assert!(!room.messages().has_gaps().unwrap());
    tybalt.stop().await;
    garden.romeo.stop().await;
}
