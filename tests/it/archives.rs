//! Archives in company: what they have forgotten, and do not say so.

use converse::prelude::*;
use converse_testkit::loopback::{Archives, Limits, LoopbackBuilder};

use serde_json::Value;

use crate::scene::{Events, Scene, within};

const ROOM: &str = "garden@conference.localhost";
/// How many messages an archive keeps.
const KEPT: usize = 5;

/// A server with archives that say that nothing follows a message that they do not have any more.
fn forgetful(server: LoopbackBuilder) -> LoopbackBuilder {
    let archives = Archives {
        refuse_unknown: false,
        ..Archives::default()
    };
    let limits = Limits {
        archived_messages: KEPT,
        ..Limits::default()
    };
    let server = server.archives(archives).limits(limits);
    server.room("garden", "juliet")
}

fn say(scene: &Scene, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let time = format!("2026-01-10T08:{number:02}:00Z").parse().unwrap();
        let chat = format!(
            "<message from='juliet@localhost/balcony' to='romeo@localhost' type='chat' id='{number}'><body>{number}</body></message>"
        );
        scene.server.add_to_archive("romeo", time, &chat).unwrap();
        let said = format!(
            "<message from='{ROOM}/juliet' type='groupchat' id='{number}'><body>{number}</body></message>"
        );
        scene.server.add_to_archive(ROOM, time, &said).unwrap();
    }
}

fn numbers(messages: Vec<Message>) -> Vec<u32> {
    let bodies = messages.into_iter().map(|message| message.body);
    bodies.map(|body| body.parse().unwrap()).collect()
}

/// What was missed of the account's archive, and of the room's.
async fn missed(events: &mut Events) -> (Value, Value) {
    let (mut own, mut room) = (Value::Null, Value::Null);
    while own.is_null() || room.is_null() {
        let told = events.until("archiveCaughtUp").await;
        let one = if told["room"].is_null() {
            &mut own
        } else {
            &mut room
        };
        *one = told["missed"].clone();
    }
    (own, room)
}

#[actix::test]
async fn what_was_missed_comes_though_the_archive_has_forgotten_what_came_before() {
    let scene = Scene::of(forgetful).await;
    say(&scene, 1..4);
    // Each session is a new one.
    let settings = settings! {
        "auto_login": false,
        "stream_management": false,
        "reconnect_min": 1,
        "reconnect_max": 1,
        "allow_non_roster_messaging": true,
    };
    let settings = settings.over(scene.settings("romeo"));
    let romeo = Converse::initialize(settings).await.unwrap();
    let mut events = Events::of(&romeo, &["archiveCaughtUp"]);
    within(romeo.user().login(())).await.unwrap();
    let room = romeo.rooms().open(ROOM, "romeo").await.unwrap();
    drop(missed(&mut events).await);
    let chat = romeo.chats().open("juliet@localhost").await.unwrap();
    let all = || {
        let said = room.messages().all().unwrap();
        [chat.messages().all().unwrap(), said].map(numbers)
    };
    assert_eq!(all(), [vec![1, 2, 3], vec![1, 2, 3]]);
    let again = async |events: &mut Events| {
        scene.server.cut("romeo");
        missed(events).await
    };
    // Nothing is new.
    assert_eq!(again(&mut events).await, ("whole".into(), "whole".into()));
    // What is known is still there.
    say(&scene, 4..6);
    assert_eq!(again(&mut events).await, ("whole".into(), "whole".into()));
    assert_eq!(all(), [vec![1, 2, 3, 4, 5], vec![1, 2, 3, 4, 5]]);
    // Nothing that is known is there any more.
    say(&scene, 6..16);
    assert_eq!(again(&mut events).await, ("gap".into(), "gap".into()));
    let known: Vec<u32> = (1..6).chain(11..16).collect();
    assert_eq!(all(), [known.clone(), known.clone()]);
    // What has gone is nowhere.
    let older = chat.messages().load_older(10).await.unwrap();
    assert_eq!((older.added, older.is_complete), (0, true));
    let older = room.messages().load_older(10).await.unwrap();
    assert_eq!((older.added, older.is_complete), (0, true));
    assert_eq!(again(&mut events).await, ("whole".into(), "whole".into()));
    assert_eq!(all(), [known.clone(), known]);
}
