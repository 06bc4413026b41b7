//! The process of one client: does what the lines of its standard input say, and tells on its standard output.

use std::io::{BufRead as _, Write as _};
use std::time::Duration;

use converse::chat::prelude::*;
use converse::core::session::event::SessionStateChanged;
use converse::muc::prelude::*;
use converse::prelude::*;
use serde_json::Value;
use tokio::sync::mpsc;

/// Holds the settings in the process that is a client.
pub(super) const SETTINGS: &str = "CONVERSE_TEST_STORY_SETTINGS";
/// Begins what a client tells: the harness writes lines too.
pub(super) const MARK: &str = "@@";

pub(super) fn play() {
    let Ok(settings) = std::env::var(SETTINGS) else {
        return;
    };
    let settings: Value = serde_json::from_str(&settings).unwrap();
    let (order, orders) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let line: Value = serde_json::from_str(&line).unwrap();
            if order.send(line).is_err() {
                return;
            }
        }
    });
    std::thread::spawn(move || actix::System::new().block_on(live(settings, orders)))
        .join()
        .unwrap();
}

fn tell(what: &Value) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{MARK}{what}").unwrap();
    out.flush().unwrap();
}

async fn live(mut settings: Value, mut orders: mpsc::UnboundedReceiver<Value>) {
    log_to(&settings["log"]);
    let room = settings["room"].as_str().unwrap().to_owned();
    let nick = settings["nick"].as_str().unwrap().to_owned();
    for key in ["room", "nick", "log"] {
        settings.as_object_mut().unwrap().remove(key);
    }
    let converse = Converse::new();
    let witness = PluginDefinition::new("witness", |cx| {
        cx.listen()
            .subscribe_sync::<SessionStateChanged, _>(|changed| {
                tracing::info!(state = %changed.state, "the session");
                Ok(())
            });
        cx.listen()
            .subscribe_sync::<SessionStarted, _>(|started| {
                tell(&json!({ "started": { "resumed": started.resumed, "restarted": started.restarted } }));
                Ok(())
            });
        Ok(())
    });
    converse.plugins().add(witness).unwrap();
    let api = converse.start(settings).await.unwrap();
    let user = api.user();
    let logged_in = actix::spawn(async move { user.login(()).await });
    // Opening waits for a session, which may be a long time coming.
    let (rooms, there) = (api.rooms(), room.clone());
    let entering = actix::spawn(async move {
        while let Err(error) = rooms.open(&*there, RoomOptions::nick(&nick)).await {
            tracing::info!(%error, "the room is not open");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    tell(&json!({ "ready": true }));
    while let Some(order) = orders.recv().await {
        let number = &order["ask"];
        let answer = obey(&converse, &api, &room, &order).await;
        match answer {
            Ok(value) => tell(&json!({ "answer": number, "ok": value })),
            Err(error) => tell(&json!({ "answer": number, "error": error.to_line() })),
        }
        if order["do"] == "quit" {
            break;
        }
    }
    drop((logged_in, entering));
}

async fn obey(converse: &Converse, api: &Api, room: &str, order: &Value) -> Result<Value, Error> {
    match order["do"].as_str().unwrap() {
        "say" => {
            let (to, body) = (
                order["to"].as_str().unwrap(),
                order["body"].as_str().unwrap(),
            );
            if to == room {
                let room = api.rooms().get(room)?.ok_or_else(not_yet)?;
                room.send_message(body).await?;
            } else {
                api.chats().open(to).await?.send_message(body).await?;
            }
            Ok(json!(null))
        }
        "history" => Ok(history(api, room, order["with"].as_str().unwrap())?),
        "again" => {
            // What is new to a session is asked at its beginning.
            api.connection().disconnect().await?;
            api.user().login(()).await?;
            Ok(json!(null))
        }
        "fill" => {
            // What is missing is fetched when somebody wants to see it.
            for room in api.rooms().all() {
                while !room.messages().load_older(500).await?.is_complete {}
            }
            for chat in api.chats().all() {
                while !chat.messages().load_older(500).await?.is_complete {}
            }
            Ok(json!(null))
        }
        "quit" => {
            let _ = tokio::time::timeout(Duration::from_secs(5), converse.stop()).await;
            Ok(json!(null))
        }
        other => panic!("{other}"),
    }
}

fn not_yet() -> Error {
    Error::new(ErrorKind::Disconnected, "the room is not open yet")
}

fn history(api: &Api, room: &str, with: &str) -> Result<Value, Error> {
    let messages = if with == room {
        match api.rooms().get(room)? {
            Some(room) => room.messages().all()?,
            None => Vec::new(),
        }
    } else {
        match api.chats().get(with)? {
            Some(chat) => chat.messages().all()?,
            None => Vec::new(),
        }
    };
    let lines = messages.iter().map(|message| {
        json!({
            "body": message.body,
            "archived_as": message.stanza_id,
            "delivery": message.delivery,
            "error": message.error,
            "is_own": message.sender == SentBy::Me,
        })
    });
    Ok(lines.collect())
}

fn log_to(file: &Value) {
    let Some(file) = file.as_str() else {
        return;
    };
    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .unwrap();
    tracing_subscriber::fmt()
        .with_writer(std::sync::Mutex::new(file))
        .with_ansi(false)
        .with_max_level(tracing::Level::DEBUG)
        .init();
}
