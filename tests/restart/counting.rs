//! How far the kept session got, against what was handled and what the server was told.

use std::time::Duration;

use converse_testkit::clock::settle;

use crate::scene::{from_otto, play, start};

const R: &str = "<r xmlns='urn:xmpp:sm:3'/>";

#[test]
fn what_a_killed_process_had_not_kept_comes_again_and_nothing_else() {
    play(async {
        let mut scene = start().await;
        for body in ["one", "two"] {
            scene.recv(&from_otto(body)).await;
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        // These two are handled, and nobody was told.
        for body in ["three", "four"] {
            scene.recv(&from_otto(body)).await;
        }
        scene.restart().await;
        assert_eq!(scene.started().await, [(true, true)]);
        scene.recv(&from_otto("five")).await;
        scene.recv(R).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(
            scene.written().await,
            ["one", "two", "three", "four", "five"]
        );
    });
}

#[test]
fn the_server_is_told_only_what_is_kept() {
    play(async {
        let mut scene = start().await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        scene.forget().await;
        scene.recv(&from_otto("one")).await;
        assert!(scene.written().await.is_empty());
        scene.recv(R).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(scene.written().await, ["one"]);
        let told = *scene.told().last().unwrap();
        // Told, and then killed in the same moment.
        scene.recv(&from_otto("two")).await;
        scene.restart().await;
        assert_eq!(scene.resumes_at().await, told);
    });
}

#[test]
fn a_burst_makes_few_writes() {
    play(async {
        let scene = start().await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        let before = scene.told().len();
        for number in 0..200 {
            scene.server.say(&from_otto(&number.to_string())).unwrap();
            scene.server.say(R).unwrap();
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        let told = scene.told();
        assert!(told.len() - before < 10, "{told:?}");
        assert_eq!(scene.written().await.len(), 200);
        assert_eq!(scene.told().last(), told.iter().max());
    });
}

#[test]
fn a_plugin_that_cannot_keep_what_it_heard_costs_the_restart_and_nothing_else() {
    play(async {
        let mut scene = start().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        scene.api.bus().hook(
            "broken",
            0,
            |_: converse::core::session::Checkpoint| async { Err("the disk is full".into()) },
        );
        scene.forget().await;
        scene.recv(&from_otto("one")).await;
        scene.recv(R).await;
        settle().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let told = *scene
            .told()
            .last()
            .expect("the server is told all the same");
        scene.restart().await;
        assert!(scene.resumes_at().await < told);
    });
}

#[test]
fn a_session_goes_on_through_many_processes() {
    play(async {
        let mut scene = start().await;
        for round in 0..5 {
            scene.recv(&from_otto(&format!("{round}a"))).await;
            tokio::time::sleep(Duration::from_secs(2)).await;
            scene.recv(&from_otto(&format!("{round}b"))).await;
            scene.restart().await;
            assert_eq!(scene.started().await, [(true, true)], "round {round}");
            // A lost connection of this process is resumed as ever.
            scene.server.drop_connection();
            tokio::time::sleep(Duration::from_secs(10)).await;
            assert_eq!(scene.started().await, [(true, false)], "round {round}");
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        let wanted: Vec<String> = (0..5)
            .flat_map(|round| [format!("{round}a"), format!("{round}b")])
            .collect();
        assert_eq!(scene.written().await, wanted);
    });
}
