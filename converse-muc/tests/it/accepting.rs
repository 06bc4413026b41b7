//! The setting `auto_join_on_invite`.

use converse_core::prelude::*;
use converse_muc::prelude::*;

use crate::invited::{GARDEN, OTTO, direct, invited, knows_otto, mediated};
use crate::scene::{ATRIUM, play, play_with};

#[test]
fn auto_join_on_invite_follows_contacts_only() {
    play_with(
        settings! { "auto_join_on_invite": true, "nickname": "mara" },
        |scene| async move {
            knows_otto(&scene);
            for message in [
                direct("vex@mallard.example/x9", "jid='den@rooms.mallard.example'"),
                mediated("pit@rooms.mallard.example", &invited(OTTO), ""),
                // It only ends like the own server.
                mediated("pit@badkestrel.example", &invited(OTTO), ""),
                mediated(
                    "hall@rooms.kestrel.example",
                    &invited("vex@mallard.example"),
                    "",
                ),
            ] {
                scene.says(message).await;
            }
            assert_eq!(scene.api.rooms().invitations().len(), 4);
            assert!(scene.api.rooms().all().is_empty());

            scene
                .says(direct("otto@heron.example/oar", &format!("jid='{GARDEN}'")))
                .await;
            scene.asked(GARDEN, "").await;
            scene
                .says(mediated(
                    ATRIUM,
                    &invited(OTTO),
                    "<password>tidewrack</password>",
                ))
                .await;
            scene.asked(ATRIUM, "").await;
            assert_eq!(scene.api.rooms().all().len(), 2);
            // The other half of the pair comes too late to be one.
            scene.says(mediated(GARDEN, &invited(OTTO), "")).await;
            assert_eq!(scene.api.rooms().invitations().len(), 4);
        },
    );
}

#[test]
fn api_198_auto_join_on_invite_has_effect_at_once() {
    play(|scene| async move {
        knows_otto(&scene);
        scene
            .says(direct("otto@heron.example/oar", &format!("jid='{GARDEN}'")))
            .await;
        assert!(scene.api.rooms().all().is_empty());
        scene
            .api
            .settings()
            .set("auto_join_on_invite", true)
            .unwrap();
        scene
            .says(direct("otto@heron.example/oar", &format!("jid='{ATRIUM}'")))
            .await;
        let open = scene.api.rooms().all();
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].jid().as_str(), ATRIUM);
    });
}

#[test]
fn a_contact_cannot_bring_the_user_everywhere() {
    play_with(
        settings! { "auto_join_on_invite": true },
        |scene| async move {
            knows_otto(&scene);
            for number in 0..30 {
                let room = format!("jid='r{number}@rooms.mallard.example'");
                scene.says(direct("otto@heron.example/oar", &room)).await;
            }
            assert_eq!(scene.api.rooms().all().len(), 10);
            assert_eq!(scene.api.rooms().invitations().len(), 20);
        },
    );
}

#[test]
fn a_flood_of_strangers_is_bounded() {
    play_with(
        settings! { "auto_join_on_invite": true },
        |scene| async move {
            knows_otto(&scene);
            let heard = scene.hear("roomInviteReceived");
            for number in 0..500 {
                let room = format!("jid='r{number}@rooms.mallard.example'");
                let from = format!("s{number}@mallard.example/x");
                scene.says(direct(&from, &room)).await;
            }
            assert_eq!(heard.lock().unwrap().len(), 20);
            assert!(scene.api.rooms().all().is_empty());
            scene
                .says(direct("otto@heron.example/oar", &format!("jid='{GARDEN}'")))
                .await;
            assert_eq!(scene.api.rooms().all().len(), 1);
        },
    );
}
