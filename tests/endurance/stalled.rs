//! A plugin that does not come back.
//!
//! The rule: the session waits for it, loses nothing, still answers the server, and says after five seconds which plugin it
//! is that keeps everybody waiting.

use std::sync::Arc;
use std::time::Instant;

use converse::core::bus::PluginStalled;
use converse::prelude::*;
use tokio::sync::{Semaphore, mpsc};

use crate::client::within;
use crate::raw::{self, RawServer, attribute};

/// More than an inbox holds (1,024), fewer than inbox and read-ahead together.
const MESSAGES: usize = 1_400;

#[actix::test]
async fn stalled_plugin_is_named_and_nothing_is_lost() {
    let server = RawServer::start();
    let go_on = Arc::new(Semaphore::new(0));
    let (tell, mut heard) = mpsc::unbounded_channel();
    let (name, mut named) = mpsc::unbounded_channel();
    let converse = Converse::new().without_linked_plugins();
    let permits = Arc::clone(&go_on);
    let witness = PluginDefinition::new("witness", move |cx| {
        let (permits, tell, name) = (Arc::clone(&permits), tell.clone(), name.clone());
        cx.hear(Route::message(), move |message| {
            let (permits, tell) = (Arc::clone(&permits), tell.clone());
            async move {
                permits.acquire().await?.forget();
                tell.send(message.body().map(|body| body.into_owned()))?;
                Ok(())
            }
        })?;
        cx.listen().subscribe_sync(move |stalled: &PluginStalled| {
            name.send((stalled.owner.to_string(), stalled.waited_ms))?;
            Ok(())
        });
        Ok(())
    });
    converse.plugins().add(witness).unwrap();
    let api = converse.start(raw::settings(server.addr())).await.unwrap();
    let user = api.user();
    let (mut peer, logged_in) = tokio::join!(server.let_in(), user.login(()));
    logged_in.unwrap();

    let began = Instant::now();
    let mut flood = String::new();
    for number in 0..MESSAGES {
        flood.push_str(&format!(
            "<message from='juliet@localhost/balcony'><body>{number}</body></message>"
        ));
    }
    flood.push_str(
        "<iq type='get' id='meanwhile' from='localhost'><ping xmlns='urn:xmpp:ping'/></iq>\
         <r xmlns='urn:xmpp:sm:3'/>",
    );
    peer.send(&flood).await;
    // The server is answered although nothing goes on behind.
    let pong = peer.from.until("/>").await;
    assert_eq!(
        attribute(&pong, "id").as_deref(),
        Some("meanwhile"),
        "{pong}"
    );
    let answer = peer.from.empty_element("a").await;
    let counted: usize = attribute(&answer, "h").unwrap().parse().unwrap();
    assert!(
        counted < MESSAGES,
        "{counted} messages cannot have been handled"
    );
    let (owner, waited) = within("the plugin's name", named.recv()).await.unwrap();
    assert_eq!(owner, "witness");
    assert!((5_000..20_000).contains(&waited), "{waited} ms");
    assert!(began.elapsed().as_secs() >= 5);
    assert!(api.connection().connected());

    go_on.add_permits(MESSAGES);
    for number in 0..MESSAGES {
        let body = within("a message", heard.recv()).await.unwrap();
        assert_eq!(body, Some(number.to_string()));
    }
    // What the first answer did not cover is acknowledged without being asked for again.
    loop {
        let answer = peer.from.empty_element("a").await;
        if attribute(&answer, "h").unwrap() == (MESSAGES + 1).to_string() {
            break;
        }
    }
    assert!(named.try_recv().is_err(), "it was named twice");
    peer.vanish();
    converse.stop().await;
}
