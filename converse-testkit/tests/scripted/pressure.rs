//! A handler that cannot keep up costs time, and neither messages nor the connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use converse_core::prelude::*;
use tokio::sync::Semaphore;

use crate::scene::{Scene, play};

const FLOOD: usize = 20_000;

/// A handler that takes a permit for each message.
fn hear_slowly(scene: &Scene) -> (Arc<Semaphore>, Arc<AtomicUsize>) {
    let permits = Arc::new(Semaphore::new(0));
    let heard = Arc::new(AtomicUsize::new(0));
    let (gate, count) = (Arc::clone(&permits), Arc::clone(&heard));
    scene
        .api
        .hear(Route::message(), move |_| {
            let (gate, count) = (Arc::clone(&gate), Arc::clone(&count));
            async move {
                gate.acquire().await?.forget();
                count.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
        })
        .unwrap();
    (permits, heard)
}

fn flood() -> Vec<u8> {
    let one = "<message from='ines@heron.example/x' type='chat'><body>flood</body></message>";
    one.repeat(FLOOD).into_bytes()
}

#[test]
fn the_servers_pings_are_answered_while_a_handler_is_stuck() {
    play(async {
        let mut scene = Scene::with(
            |plan| plan.stream_management = true,
            settings! { "inbox_capacity": 16 },
        )
        .await;
        scene.login().await.unwrap();
        let (permits, heard) = hear_slowly(&scene);
        for number in 0..100 {
            scene
                .send(&format!(
                    "<message from='ines@heron.example/x'><body>{number}</body></message>"
                ))
                .await;
        }
        scene
            .send("<iq type='get' id='p' from='kestrel.example'><ping xmlns='urn:xmpp:ping'/></iq>")
            .await;
        scene.expect("<iq type='result' id='p'/>").await;
        scene.send("<r xmlns='urn:xmpp:sm:3'/>").await;
        // What waits is not handled, and must not be acknowledged.
        scene.expect("<a xmlns='urn:xmpp:sm:3' h='{{h}}'/>").await;
        let handled: usize = scene.seen.get("h").unwrap().parse().unwrap();
        assert!(handled < 100, "{handled}");
        assert_eq!(heard.load(Ordering::Relaxed), 0);
        permits.add_permits(100);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(heard.load(Ordering::Relaxed), 100);
        assert!(scene.api.connection().connected());
    });
}

#[test]
fn a_flood_waits_outside_and_nothing_is_lost() {
    play(async {
        let scene = Scene::with(
            |_| {},
            settings! { "inbox_capacity": 16, "ping_interval": 0 },
        )
        .await;
        scene.login().await.unwrap();
        let (permits, heard) = hear_slowly(&scene);
        let server = scene.server.clone();
        let sending = actix::spawn(async move {
            let parts: Vec<Vec<u8>> = flood().chunks(16 * 1024).map(<[u8]>::to_vec).collect();
            server
                .send_parts(Box::new(parts.into_iter()))
                .await
                .unwrap();
        });
        tokio::time::sleep(Duration::from_secs(20)).await;
        assert!(
            !sending.is_finished(),
            "everything was read although nothing was handled"
        );
        permits.add_permits(FLOOD);
        sending.await.unwrap();
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(heard.load(Ordering::Relaxed), FLOOD);
    });
}

#[test]
fn a_plugin_that_holds_up_the_session_is_named() {
    play(async {
        let scene = Scene::with(|_| {}, settings! { "inbox_capacity": 4 }).await;
        scene.login().await.unwrap();
        let stalled = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&stalled);
        scene.api.listen().on_sync("pluginStalled", move |event| {
            assert_eq!(event.arg(0)["owner"], "application");
            count.fetch_add(1, Ordering::Relaxed);
            Ok(())
        });
        let (permits, _) = hear_slowly(&scene);
        for _ in 0..20 {
            scene
                .send("<message from='ines@heron.example/x'><body>x</body></message>")
                .await;
        }
        tokio::time::sleep(Duration::from_secs(120)).await;
        assert_eq!(stalled.load(Ordering::Relaxed), 1);
        assert!(scene.api.connection().connected());
        permits.add_permits(20);
    });
}
