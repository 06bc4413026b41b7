//! Who has said what an archive has, and what has become of it.

use converse_muc::prelude::*;

use crate::archive::{FEATURES, archived, archived_of, live, play_archive};
use crate::scene::ATRIUM;

#[test]
fn a_member_is_told_apart_by_what_only_the_room_can_say() {
    let features = ["urn:xmpp:sid:0", "urn:xmpp:mam:2", "urn:xmpp:occupant-id:0"];
    play_archive(|scene, archive| async move {
        let opened = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        scene.answers_info(ATRIUM, &features).await;
        let own = format!(
            "<presence from='{ATRIUM}/mara' to='mara@kestrel.example/desk'>\
             <x xmlns='http://jabber.org/protocol/muc#user'><item role='participant'/><status code='110'/></x>\
             <occupant-id xmlns='urn:xmpp:occupant-id:0' id='me'/></presence>"
        );
        scene.says(own).await;
        let by = |id: &str| format!("<occupant-id xmlns='urn:xmpp:occupant-id:0' id='{id}'/>");
        let says = |id: &str, time: &str, nick: &str, who: &str| {
            archived(
                id,
                time,
                nick,
                &format!("id='x'><body>{nick} {who}</body>{}", by(who)),
            )
        };
        let correction = |id: &str, nick: &str, who: &str, body: &str| {
            let inside = format!(
                "id='{id}'><body>{body}</body><replace xmlns='urn:xmpp:message-correct:0' id='x'/>{}",
                by(who)
            );
            archived(id, "09:30:00", nick, &inside)
        };
        archive
            .asked()
            .await
            .last(vec![
                says("a1", "09:00:00", "old nick", "me"),
                says("a2", "09:00:01", "mara", "somebody"),
                correction("a3", "vex", "somebody", "corrected"),
                correction("a4", "vex", "me", "mine corrected"),
            ])
            .await;
        let all = opened.messages().all().unwrap();
        let shown: Vec<_> = all
            .iter()
            .map(|one| (one.sender, one.body.as_str()))
            .collect();
        assert_eq!(
            shown,
            [(SentBy::Me, "mine corrected"), (SentBy::Them, "corrected")]
        );
    });
}

#[test]
fn an_address_in_the_archive_tells_the_side_and_gives_no_right() {
    play_archive(|scene, archive| async move {
        let room = scene.enter_with(ATRIUM, &FEATURES).await;
        let item = |jid: &str| {
            format!("<x xmlns='http://jabber.org/protocol/muc#user'><item jid='{jid}'/></x>")
        };
        let (own, other) = (
            item("mara@kestrel.example/oar"),
            item("vex@mallard.example"),
        );
        let page = vec![
            archived(
                "a1",
                "09:00:00",
                "old nick",
                &format!("id='1'><body>mine</body>{own}"),
            ),
            archived(
                "a2",
                "09:00:01",
                "mara",
                &format!("id='2'><body>not mine</body>{other}"),
            ),
            archived(
                "a3",
                "09:00:02",
                "vex",
                &format!(
                    "id='3'><body>hers</body><replace xmlns='urn:xmpp:message-correct:0' id='1'/>{own}"
                ),
            ),
        ];
        archive.asked().await.last(page).await;
        let all = room.messages().all().unwrap();
        let shown: Vec<_> = all
            .iter()
            .map(|one| (one.sender, one.body.as_str()))
            .collect();
        assert_eq!(
            shown[..2],
            [(SentBy::Me, "mine"), (SentBy::Them, "not mine")]
        );
        // Live nobody but the sender has written it.
        scene
            .says(live("a9", "vex", &format!("id='9'><body>live</body>{own}")))
            .await;
        assert_eq!(
            room.messages().last().unwrap().unwrap().sender,
            SentBy::Them
        );
    });
}

#[test]
fn tombstones_and_reactions_of_the_archive_count() {
    let features = ["urn:xmpp:sid:0", "urn:xmpp:mam:2", "urn:xmpp:occupant-id:0"];
    play_archive(|scene, archive| async move {
        let room = scene.enter_with(ATRIUM, &features).await;
        let by = |id: &str| format!("<occupant-id xmlns='urn:xmpp:occupant-id:0' id='{id}'/>");
        let pia = by("pia");
        archive.asked().await.last(vec![
            archived("a1", "09:00:01", "pia", &format!("id='1'><body>one</body>{pia}")),
            archived("a2", "09:00:02", "pia", &format!(
                "id='2'><retracted xmlns='urn:xmpp:message-retract:1' stamp='2026-02-28T09:10:00Z'>\
                 <moderated xmlns='urn:xmpp:message-moderate:1' by='{ATRIUM}/rook'/><reason>spam</reason></retracted>{pia}"
            )),
            archived("a3", "09:00:03", "pia", &format!("id='3'><body>three</body>{pia}")),
            archived("a4", "09:00:04", "pia", &format!(
                "id='4'><retract xmlns='urn:xmpp:message-retract:1' id='a3'/>{pia}"
            )),
            archived("a5", "09:00:05", "rook", &format!(
                "id='5'><reactions xmlns='urn:xmpp:reactions:0' id='a1'><reaction>👋</reaction></reactions>{}", by("rook")
            )),
            archived_of("a6", "09:00:06", ATRIUM, "id='6'><retract xmlns='urn:xmpp:message-retract:1' id='a1'>\
                 <moderated xmlns='urn:xmpp:message-moderate:1' by='{ATRIUM}/rook'/></retract>"),
        ]).await;
        let all = room.messages().all().unwrap();
        assert_eq!(all.len(), 3);
        assert!(
            all.iter()
                .all(|message| message.retracted.is_some() && message.body.is_empty())
        );
        assert_eq!(
            all[1].moderated.as_ref().unwrap().reason.as_deref(),
            Some("spam")
        );
        assert!(all[0].moderated.is_some());
    });
}

#[test]
fn who_said_what_the_archive_does_not_say_is_known_from_what_came_live() {
    let occupant_ids = ["urn:xmpp:sid:0", "urn:xmpp:mam:2", "urn:xmpp:occupant-id:0"];
    let pia = "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='pia'/>";
    for (features, by) in [(&occupant_ids[..], pia), (&FEATURES[..], "")] {
        play_archive(|scene, archive| async move {
            let room = scene.enter_with(ATRIUM, features).await;
            scene.shows(ATRIUM, "pia", "").await;
            let page = archive.asked().await;
            let helo = "id='1'><body>helo</body>";
            let corrected = |id: &str, body: &str| {
                format!(
                    "id='{id}'><body>{body}</body><replace xmlns='urn:xmpp:message-correct:0' id='1'/>"
                )
            };
            // Both come live while the archive is asked, which has both without a word of who wrote them.
            let hello = corrected("2", "hello");
            scene.says(live("a1", "pia", &format!("{helo}{by}"))).await;
            scene.says(live("a2", "pia", &format!("{hello}{by}"))).await;
            let has = vec![
                archived("a1", "09:00:01", "pia", helo),
                archived("a2", "09:00:02", "pia", &hello),
            ];
            page.last(has).await;
            let bodies = || {
                let all = room.messages().all().unwrap().into_iter();
                all.map(|message| message.body).collect::<Vec<_>>()
            };
            assert_eq!(bodies(), ["hello"]);
            scene
                .says(live(
                    "a3",
                    "pia",
                    &format!("{}{by}", corrected("3", "hello!")),
                ))
                .await;
            assert_eq!(bodies(), ["hello!"]);
            // What comes again comes from the same one, and so does what becomes of it.
            scene.reconnects().await;
            scene.answers_info(ATRIUM, features).await;
            scene.expect_join(ATRIUM, "mara").await;
            scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
            let again = vec![archived("a3", "09:00:03", "pia", &corrected("3", "hello!"))];
            archive.asked().await.last(again).await;
            assert_eq!(bodies(), ["hello!"]);
        });
    }
}
