//! Who is in a room, and who the user is there.

use std::future::ready;

use converse_core::contract::{ChatStatus, FetchPicture, Picture};
use converse_core::prelude::*;
use converse_muc::prelude::*;

use crate::scene::{ANNEX, ATRIUM, Scene, play, presence};

fn nicks(room: &Room) -> Vec<String> {
    let occupants = room.occupants().all().unwrap();
    occupants.iter().map(|one| one.nick.clone()).collect()
}

#[test]
fn occupants_come_change_and_go() {
    play(|scene| async move {
        let left = scene.hear("occupantLeft");
        let room = scene.enter(ATRIUM).await;
        assert_eq!(nicks(&room), ["mara", "pia"]);

        let item = "affiliation='owner' role='moderator' jid='rook@heron.example/oar'";
        scene.says(presence(ATRIUM, "rook", "", item, "")).await;
        let rook = room.occupant("rook").unwrap().unwrap();
        assert_eq!(
            (rook.role, rook.affiliation),
            (Role::Moderator, Affiliation::Owner)
        );
        assert_eq!(
            rook.real_jid.as_ref().unwrap().as_str(),
            "rook@heron.example/oar"
        );

        let item = "affiliation='none' role='none'";
        let why = "<status code='307'/>";
        let kicked = presence(ATRIUM, "pia", "type='unavailable'", item, why);
        scene.says(kicked).await;
        assert_eq!(nicks(&room), ["mara", "rook"]);
        assert_eq!(left.lock().unwrap()[0]["occupant"]["nick"], "pia");
        assert_eq!(left.lock().unwrap()[0]["removal"]["reason"], "kicked");
        let status = room.connection_status().unwrap();
        assert_eq!(status, ConnectionStatus::Entered);
    });
}

#[test]
fn status_110_on_the_presence_of_another_gives_nobody_his_rights() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let item = "affiliation='owner' role='moderator'";
        let own = "<status code='110'/>";
        scene.says(presence(ATRIUM, "pia", "", item, own)).await;
        assert_eq!(room.nick().unwrap().as_deref(), Some("mara"));
        assert_eq!(room.role().unwrap(), Role::Participant);
        let gone = presence(ATRIUM, "pia", "type='unavailable'", item, own);
        scene.says(gone).await;
        let status = room.connection_status().unwrap();
        assert_eq!(status, ConnectionStatus::Entered);
    });
}

#[test]
fn the_room_may_give_another_nick_than_was_asked_for() {
    play(|scene| async move {
        let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        scene.answers_info(ATRIUM, &[]).await;
        scene.expect_join(ATRIUM, "mara").await;
        let codes = "<status code='110'/><status code='210'/>";
        scene.shows(ATRIUM, "member-7", codes).await;
        assert_eq!(room.nick().unwrap().as_deref(), Some("member-7"));
    });
}

#[test]
fn a_nick_changes_when_the_room_says_so() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let change = room.set_nick("maree");
        let answers = async {
            scene
                .expect(format!("<presence to='{ATRIUM}/maree'/>"))
                .await;
            assert_eq!(room.nick().unwrap().as_deref(), Some("mara"));
            let item = "affiliation='none' role='participant' nick='maree'";
            let codes = "<status code='303'/><status code='110'/>";
            let gone = presence(ATRIUM, "mara", "type='unavailable'", item, codes);
            scene.says(gone).await;
        };
        let (changed, ()) = tokio::join!(change, answers);
        changed.unwrap();
        assert_eq!(nicks(&room), ["maree", "pia"]);
        assert_eq!(room.nick().unwrap().as_deref(), Some("maree"));
    });
}

/// A presence of an occupant who says something about himself.
fn talkative(nick: &str, content: &str) -> String {
    format!(
        "<presence from='{ATRIUM}/{nick}' to='mara@kestrel.example/desk'>{content}\
         <x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='member' role='participant'/></x></presence>"
    )
}

const ABOUT: &str = "<show>dnd</show><status>I dance\nalone</status><status xml:lang='fr'>Je danse</status>\
    <occupant-id xmlns='urn:xmpp:occupant-id:0' id='dd72603deec90a38ba552f7c68cbcc61bca202cd'/>\
    <hats xmlns='urn:xmpp:hats:0'><hat title='Host' uri='urn:hats#host' hue='327.25'/><hat title='No name'/>\
    <hat uri='urn:hats#speaker' title='Speaker'/></hats>\
    <x xmlns='vcard-temp:x:update'><photo>01B87FCD030B72895FF8E88DB57EC525450F000D</photo></x>";

/// Enters the room, which has these features.
async fn enter_with(scene: &Scene, features: &[&str]) -> Room {
    let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
    scene.answers_info(ATRIUM, features).await;
    scene.expect_join(ATRIUM, "mara").await;
    scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
    room.entered().await.unwrap();
    room
}

#[test]
fn what_occupants_say_about_themselves_is_kept() {
    play(|scene| async move {
        let room = enter_with(&scene, &["urn:xmpp:occupant-id:0", "urn:xmpp:hats:0"]).await;
        scene.says(talkative("pia", ABOUT)).await;
        let pia = room.occupant("pia").unwrap().unwrap();
        assert_eq!(pia.show, ChatStatus::Dnd);
        assert_eq!(pia.status.as_deref(), Some("I dance\nalone"));
        let hash = "01b87fcd030b72895ff8e88db57ec525450f000d";
        assert_eq!(pia.image_hash.as_deref(), Some(hash));
        let titles: Vec<_> = pia.hats.iter().map(|hat| &*hat.title).collect();
        assert_eq!(titles, ["Host", "Speaker"]);
        assert_eq!(pia.hats[0].hue, Some(327.25));

        let id = pia.occupant_id.clone().unwrap();
        assert_eq!(room.occupants().by_occupant_id(&id).unwrap(), [pia]);
        assert!(room.occupants().by_occupant_id("").unwrap().is_empty());

        // What is not said any more does not hold any more.
        scene.says(talkative("pia", "")).await;
        let pia = room.occupant("pia").unwrap().unwrap();
        assert_eq!(
            (pia.show, pia.status.as_deref()),
            (ChatStatus::Online, None)
        );
        assert!(pia.hats.is_empty() && pia.occupant_id.is_none() && pia.image_hash.is_none());
    });
}

#[test]
fn ids_and_hats_of_a_room_that_gives_none_are_anybodys_and_not_believed() {
    play(|scene| async move {
        let room = enter_with(&scene, &[]).await;
        scene.says(talkative("pia", ABOUT)).await;
        let pia = room.occupant("pia").unwrap().unwrap();
        assert!(pia.occupant_id.is_none() && pia.hats.is_empty());
        assert_eq!(pia.show, ChatStatus::Dnd);
    });
}

#[test]
fn malformed_parts_of_a_presence_are_left_out_and_the_rest_counts() {
    play(|scene| async move {
        let room = enter_with(&scene, &["urn:xmpp:occupant-id:0", "urn:xmpp:hats:0"]).await;
        let long = "x".repeat(129);
        let content = format!(
            "<show>asleep</show><status/><occupant-id xmlns='urn:xmpp:occupant-id:0' id='{long}'/>\
             <hats xmlns='urn:xmpp:hats:0'>{}</hats><x xmlns='vcard-temp:x:update'><photo>../../etc</photo></x>",
            "<hat uri='urn:x' title='X' hue='red'/>".repeat(40)
        );
        scene.says(talkative("pia", &content)).await;
        let item = "affiliation='emperor' role='jester' jid='@@@'";
        scene
            .says(presence(ATRIUM, "rook", "", item, "<status code='x'/>"))
            .await;
        let pia = room.occupant("pia").unwrap().unwrap();
        assert_eq!(
            (pia.show, pia.status.as_deref()),
            (ChatStatus::Online, None)
        );
        assert!(pia.occupant_id.is_none() && pia.image_hash.is_none());
        assert_eq!((pia.hats.len(), pia.hats[0].hue), (16, None));
        let rook = room.occupant("rook").unwrap().unwrap();
        assert_eq!(
            (rook.role, rook.affiliation),
            (Role::None, Affiliation::None)
        );
        assert_eq!(rook.real_jid, None);
    });
}

#[test]
fn nicks_that_no_address_has_are_nobodys() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        for nick in ["pia&#x202E;kcirt", "pia&#x2028;line", "pia&#x2066;x", ""] {
            scene
                .says(presence(ATRIUM, nick, "", "role='visitor'", ""))
                .await;
            let renamed = format!("role='participant' nick='{nick}'");
            let gone = "<status code='303'/>";
            scene
                .says(presence(
                    ATRIUM,
                    "pia",
                    "type='unavailable'",
                    &renamed,
                    gone,
                ))
                .await;
            scene.shows(ATRIUM, "pia", "").await;
        }
        assert_eq!(nicks(&room), ["mara", "pia"]);
        assert!(scene.api.session().is_online());
    });
}

#[test]
fn a_nick_is_found_in_any_form_of_it() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        // A letter and its accent, which the normal form has as one character.
        scene.shows(ATRIUM, "Zoe\u{308}", "").await;
        for form in ["Zoe\u{308}", "Zo\u{eb}"] {
            let found = room.occupants().get(form).unwrap().unwrap();
            assert_eq!(found.nick, "Zo\u{eb}");
        }
        assert_eq!(room.occupants().get("zo\u{eb}").unwrap(), None);
        assert_eq!(room.occupants().get("").unwrap(), None);
    });
}

#[test]
fn a_real_address_comes_from_the_room_and_may_have_several_nicks() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        for (nick, jid) in [("rook", "oar"), ("crow", "phone")] {
            let item = format!("role='participant' jid='Rook@heron.example/{jid}'");
            scene.says(presence(ATRIUM, nick, "", &item, "")).await;
        }
        let found = room.occupants().by_jid("rook@heron.example").unwrap();
        let found: Vec<_> = found.iter().map(|one| one.nick.as_str()).collect();
        assert_eq!(found, ["crow", "rook"]);
        let error = room.occupants().by_jid("not a jid").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert_eq!(room.occupants().own().unwrap().unwrap().nick, "mara");
    });
}

#[test]
fn a_presence_changes_no_other_rooms_occupants() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let other = scene.enter(ANNEX).await;
        scene.shows(ANNEX, "rook", "").await;
        scene.shows("cellar@rooms.kestrel.example", "vex", "").await;
        let gone = presence(ANNEX, "pia", "type='unavailable'", "role='none'", "");
        scene.says(gone).await;
        scene
            .says(presence(
                ATRIUM,
                "nobody",
                "type='unavailable'",
                "role='none'",
                "",
            ))
            .await;
        assert_eq!(nicks(&room), ["mara", "pia"]);
        assert_eq!(nicks(&other), ["mara", "rook"]);
    });
}

#[test]
fn a_view_follows_the_occupants_until_the_room_is_closed() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let mut view = room.occupants().subscribe().unwrap();
        scene.shows(ATRIUM, "rook", "").await;
        scene.says(talkative("pia", "<show>away</show>")).await;
        scene
            .says(presence(
                ATRIUM,
                "rook",
                "type='unavailable'",
                "role='none'",
                "",
            ))
            .await;
        scene.api.bus().settle().await;
        let mut shown = room.occupants().subscribe().unwrap().snapshot().to_vec();
        assert_eq!(shown, room.occupants().all().unwrap());
        while view.try_next().is_some() {}
        assert_eq!(view.snapshot(), shown);

        scene.reconnects().await;
        while view.try_next().is_some() {}
        assert!(view.snapshot().is_empty());
        room.close().await.unwrap();
        assert_eq!(view.next().await, None);
        shown.clear();
        assert!(room.occupants().all().is_err() && room.occupants().subscribe().is_err());
    });
}

#[test]
fn a_picture_is_asked_of_who_knows_pictures() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        scene.says(talkative("pia", ABOUT)).await;
        let occupants = room.occupants();
        // Nobody knows.
        let error = occupants.picture("pia").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);

        let answer = |request: FetchPicture| {
            assert_eq!(
                request.occupant.as_str(),
                "atrium@rooms.kestrel.example/pia"
            );
            let (tell, told) = tokio::sync::oneshot::channel();
            let bytes = [1, 2, 3].as_slice().into();
            let _ = tell.send(Ok(Some(Picture::new(bytes, "image/png", request.hash))));
            ready(told)
        };
        scene.api.bus().answer("pictures", answer).unwrap();
        let picture = occupants.picture("pia").await.unwrap().unwrap();
        assert_eq!(picture.hash, "01b87fcd030b72895ff8e88db57ec525450f000d");
        assert_eq!(occupants.picture("mara").await.unwrap(), None);
        assert_eq!(occupants.picture("nobody").await.unwrap(), None);
    });
}

#[test]
fn what_an_occupant_announces_to_be_able_to_is_known_as_long_as_they_are_there() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let caps = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://a.example' ver='X'/>";
        scene.says(talkative("pia", caps)).await;
        // A presence without it takes nothing back.
        scene.shows(ATRIUM, "pia", "").await;
        let ask = |node: &str| {
            let disco = scene.api.disco().clone();
            let at = room.jid().with_resource_str("pia").unwrap();
            let asking = actix::spawn(async move { disco.info(&at.into()).await });
            let question = format!(
                "<iq type='get' to='{ATRIUM}/pia'><query xmlns='http://jabber.org/protocol/disco#info' {node}/></iq>"
            );
            (asking, question)
        };
        let (asking, question) = ask("node='https://a.example#X'");
        scene.expect(question).await;
        asking.abort();

        let gone = presence(ATRIUM, "pia", "type='unavailable'", "role='none'", "");
        scene.says(gone).await;
        scene.shows(ATRIUM, "pia", "").await;
        let (asking, question) = ask("");
        scene.expect(question).await;
        asking.abort();
    });
}
