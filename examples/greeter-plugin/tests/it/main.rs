//! The plugin as an application uses it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failed unwrap is a failed test"
)]

use converse::prelude::*;
use converse_testkit::loopback::Loopback;
use greeter_plugin as _;
use std::time::Duration;
use tokio::sync::mpsc;

#[actix::test]
async fn each_contact_is_greeted_once() {
    let server = Loopback::builder("localhost")
        .account("romeo", "secret")
        .account("juliet", "secret")
        .subscribed("romeo", "juliet")
        .start()
        .await
        .unwrap();
    let settings = |user: &str| {
        settings! {
            "jid": format!("{user}@localhost"), "password": "secret",
            "server": server.addr().to_string(), "security": "plaintext_loopback",
        }
    };
    let romeo = Converse::initialize(
        settings! { "whitelisted_plugins": ["greeter"], "greeting": "Good morrow!" }
            .over(settings("romeo")),
    )
    .await
    .unwrap();

    let (tell, mut heard) = mpsc::unbounded_channel();
    let juliet = Converse::new();
    let listener = PluginDefinition::new("listener", move |cx| {
        let tell = tell.clone();
        cx.hear_sync(Route::message(), move |message| {
            if let Some(body) = message.body() {
                let _ = tell.send(body.into_owned());
            }
            Ok(())
        })?;
        Ok(())
    });
    juliet.plugins().add(listener).unwrap();
    let mut online = settings! { "whitelisted_plugins": ["listener"] }.over(settings("juliet"));
    online.insert("blacklisted_plugins", json!(["greeter"]));
    let juliet = juliet.start(online).await.unwrap();

    let waiting = romeo
        .promises()
        .wait_until_within("greeted-everybody", Duration::from_secs(10));
    waiting.await.unwrap();
    let greeting = tokio::time::timeout(Duration::from_secs(10), heard.recv()).await;
    assert_eq!(greeting.unwrap().as_deref(), Some("Good morrow!"));

    // Going and coming again is no reason for another greeting; what is sent by hand comes next.
    juliet.user().status().set("offline", None).await.unwrap();
    juliet.user().status().set("online", None).await.unwrap();
    let chat = romeo.chats().open("juliet@localhost").await.unwrap();
    chat.send_message("And again").await.unwrap();
    let next = tokio::time::timeout(Duration::from_secs(10), heard.recv()).await;
    assert_eq!(next.unwrap().as_deref(), Some("And again"));
}
