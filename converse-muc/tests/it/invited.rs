//! Being invited to rooms.

use converse_core::contract::{
    BlockList, ContactDirectory, InvitationCopy, Standing, Subscription,
};
use converse_core::prelude::*;
use converse_muc::prelude::*;

use crate::scene::{ATRIUM, Scene, play, play_with};

pub(crate) const OTTO: &str = "otto@heron.example";
pub(crate) const GARDEN: &str = "garden@rooms.mallard.example";

/// Otto is the only contact.
pub(crate) fn knows_otto(scene: &Scene) {
    scene.api.provide(ContactDirectory::new(|jid| {
        if jid.as_str() == OTTO {
            Standing::Contact(Subscription::Both)
        } else {
            Standing::Stranger
        }
    }));
}

pub(crate) fn direct(from: &str, attributes: &str) -> String {
    format!(
        "<message from='{from}' to='mara@kestrel.example/desk'>\
         <x xmlns='jabber:x:conference' {attributes}/></message>"
    )
}

pub(crate) fn mediated(room: &str, invite: &str, more: &str) -> String {
    format!(
        "<message from='{room}' to='mara@kestrel.example'>\
         <x xmlns='http://jabber.org/protocol/muc#user'>{invite}{more}</x></message>"
    )
}

pub(crate) fn invited(from: &str) -> String {
    format!("<invite from='{from}'><reason>come</reason></invite>")
}

#[test]
fn api_207_an_invitation_that_comes_is_announced() {
    play(|scene| async move {
        knows_otto(&scene);
        let heard = scene.hear("roomInviteReceived");
        let attributes =
            format!("jid='{GARDEN}' reason='Tea?' password='s3cret' continue='1' thread='t1'");
        scene
            .says(direct("otto@heron.example/oar", &attributes))
            .await;
        {
            let heard = heard.lock().unwrap();
            assert_eq!(heard.len(), 1);
            assert_eq!(heard[0]["from"], OTTO);
            assert_eq!(heard[0]["jid"], GARDEN);
            assert_eq!(heard[0]["reason"], "Tea?");
            assert_eq!(heard[0]["from_contact"], true);
            assert!(!heard[0].to_string().contains("s3cret"));
        }
        let waiting = scene.api.rooms().invitations();
        let [invitation] = waiting.as_slice() else {
            panic!("{waiting:?}")
        };
        assert!(invitation.is_direct() && !invitation.is_mediated());
        assert!(invitation.continues_chat() && invitation.has_password());
        assert_eq!(invitation.thread(), Some("t1"));
        assert!(!format!("{invitation:?}").contains("s3cret"));
        // Nobody has asked for that.
        scene.expect_nothing(format!("<iq to='{GARDEN}'/>")).await;
    });
}

#[test]
fn an_invitation_that_is_accepted_opens_the_room_with_its_password() {
    play(|scene| async move {
        let attributes = format!("jid='{GARDEN}' password='s3cret'");
        scene
            .says(direct("otto@heron.example/oar", &attributes))
            .await;
        let invitation = scene.api.rooms().invitation(GARDEN).unwrap().unwrap();
        let room = invitation.accept("mara").await.unwrap();
        assert_eq!(room.jid().as_str(), GARDEN);
        scene.answers_info(GARDEN, &[]).await;
        scene
            .expect(format!(
                "<presence to='{GARDEN}/mara'><x xmlns='http://jabber.org/protocol/muc'>\
                 <password>s3cret</password></x></presence>"
            ))
            .await;
        assert!(!invitation.is_pending());
        assert!(scene.api.rooms().invitations().is_empty());
        let again = invitation.accept(()).await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::Closed);
    });
}

#[test]
fn an_invitation_that_cannot_be_accepted_still_waits() {
    play(|scene| async move {
        scene
            .says(direct("otto@heron.example/oar", &format!("jid='{GARDEN}'")))
            .await;
        let invitation = scene.api.rooms().invitation(GARDEN).unwrap().unwrap();
        scene.api.connection().disconnect().await.unwrap();
        let error = invitation.accept(()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disconnected);
        let error = invitation.decline("no").await;
        assert!(error.is_ok(), "a direct invitation is declined by silence");
        assert!(!invitation.is_pending());
    });
}

#[test]
fn both_ways_are_one_invitation() {
    play(|scene| async move {
        knows_otto(&scene);
        let heard = scene.hear("roomInviteReceived");
        scene
            .says(mediated(GARDEN, &invited("otto@heron.example/oar"), ""))
            .await;
        let first = scene.api.rooms().invitation(GARDEN).unwrap().unwrap();
        // A room of another server can claim anything.
        assert!(!first.is_from_contact() && first.is_mediated() && !first.is_direct());
        assert_eq!(first.inviter().unwrap().as_str(), OTTO);
        scene
            .says(direct("otto@heron.example/oar", &format!("jid='{GARDEN}'")))
            .await;
        let both = scene.api.rooms().invitation(GARDEN).unwrap().unwrap();
        assert_eq!(first, both);
        assert!(both.is_from_contact() && both.is_mediated() && both.is_direct());
        assert_eq!(heard.lock().unwrap().len(), 1);
    });
}

#[test]
fn the_older_form_beside_a_mediated_invitation_is_not_another_one() {
    play(|scene| async move {
        let heard = scene.hear("roomInviteReceived");
        // Whoever says no at once has said it to both.
        let listen = scene.api.listen();
        listen.subscribe_sync::<RoomInviteReceived, _>(|event| {
            event.invitation.ignore();
            Ok(())
        });
        let old = format!(
            "<x xmlns='jabber:x:conference' jid='{GARDEN}' reason='come'/><body>come</body>"
        );
        let both = mediated(GARDEN, &invited(OTTO), "");
        let both = both.replace("</message>", &format!("{old}</message>"));
        scene.says(both).await;
        assert_eq!(heard.lock().unwrap().len(), 1);
        assert_eq!(heard.lock().unwrap()[0]["direct"], false);
        assert!(scene.api.rooms().invitations().is_empty());
    });
}

#[test]
fn the_room_passes_on_that_the_user_declines() {
    play(|scene| async move {
        scene
            .says(mediated(
                GARDEN,
                &invited("crone1@shakespeare.example/desktop"),
                "",
            ))
            .await;
        let invitation = scene.api.rooms().invitation(GARDEN).unwrap().unwrap();
        invitation
            .decline("Sorry, I'm too busy right now.")
            .await
            .unwrap();
        scene
            .expect(format!(
                "<message to='{GARDEN}'><x xmlns='http://jabber.org/protocol/muc#user'>\
                 <decline to='crone1@shakespeare.example/desktop'>\
                 <reason>Sorry, I'm too busy right now.</reason></decline></x></message>"
            ))
            .await;
        let again = invitation.decline(None).await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::Closed);
        assert!(scene.api.rooms().invitations().is_empty());
    });
}

#[test]
fn who_does_not_answer_tells_nobody() {
    play(|scene| async move {
        scene
            .says(direct("vex@mallard.example/x9", &format!("jid='{GARDEN}'")))
            .await;
        let invitation = scene.api.rooms().invitation(GARDEN).unwrap().unwrap();
        assert!(!invitation.is_from_contact());
        invitation.decline("no").await.unwrap();
        scene
            .says(mediated(GARDEN, &invited("vex@mallard.example"), ""))
            .await;
        let invitation = scene.api.rooms().invitation(GARDEN).unwrap().unwrap();
        invitation.ignore();
        assert!(scene.api.rooms().invitations().is_empty());
        scene.expect_nothing("<message/>").await;
    });
}

#[test]
fn only_a_room_passes_on_invitations() {
    play(|scene| async move {
        let heard = scene.hear("roomInviteReceived");
        for sender in [
            "vex@mallard.example/x9",
            "mallard.example",
            &format!("{GARDEN}/vex"),
        ] {
            scene.says(mediated(sender, &invited(OTTO), "")).await;
        }
        for jid in ["::::", "", "mallard.example", &format!("{GARDEN}/vex")] {
            scene
                .says(direct("otto@heron.example/oar", &format!("jid='{jid}'")))
                .await;
        }
        scene
            .says(direct("otto@heron.example/oar", "reason='nowhere'"))
            .await;
        for type_ in ["groupchat", "error", "headline"] {
            let message = direct("otto@heron.example/oar", &format!("jid='{GARDEN}'"));
            scene
                .says(message.replacen(" to=", &format!(" type='{type_}' to="), 1))
                .await;
        }
        assert!(heard.lock().unwrap().is_empty());
        assert!(scene.api.rooms().invitations().is_empty());
        assert!(scene.api.session().is_online());
    });
}

#[test]
fn an_invitation_to_where_the_user_is_says_nothing() {
    play(|scene| async move {
        let heard = scene.hear("roomInviteReceived");
        scene
            .says(direct("otto@heron.example/oar", &format!("jid='{ATRIUM}'")))
            .await;
        assert_eq!(scene.api.rooms().invitations().len(), 1);
        scene.enter(ATRIUM).await;
        scene.api.bus().settle().await;
        assert!(
            scene.api.rooms().invitations().is_empty(),
            "it is answered by being there"
        );
        scene
            .says(direct("otto@heron.example/oar", &format!("jid='{ATRIUM}'")))
            .await;
        assert!(scene.api.rooms().invitations().is_empty());
        assert_eq!(heard.lock().unwrap().len(), 1);
    });
}

#[test]
fn who_is_blocked_invites_through_no_room() {
    play(|scene| async move {
        let heard = scene.hear("roomInviteReceived");
        scene.api.provide(BlockList::new(|jid| {
            jid.domain().as_str() == "mallard.example"
        }));
        scene
            .says(mediated(ATRIUM, &invited("vex@mallard.example/x9"), ""))
            .await;
        assert!(heard.lock().unwrap().is_empty());
        scene.says(mediated(ATRIUM, &invited(OTTO), "")).await;
        assert_eq!(heard.lock().unwrap().len(), 1);
    });
}

#[test]
fn who_allows_no_invitations_hears_none() {
    play_with(
        settings! { "allow_muc_invitations": false },
        |scene| async move {
            assert!(!scene.api.features().contains("jabber:x:conference"));
            scene
                .says(direct("otto@heron.example/oar", &format!("jid='{GARDEN}'")))
                .await;
            assert!(scene.api.rooms().invitations().is_empty());
        },
    );
    play(|scene| async move {
        assert!(scene.api.features().contains("jabber:x:conference"));
    });
}

#[test]
fn an_invitation_that_another_client_got_counts_too() {
    play(|scene| async move {
        knows_otto(&scene);
        let copy = |message: &str| {
            let message = message.replacen("<message", "<message xmlns='jabber:client'", 1);
            InvitationCopy::new(Element::parse(&message).unwrap(), None)
        };
        let invitation = direct("otto@heron.example/oar", &format!("jid='{GARDEN}'"));
        scene.api.publish(copy(&invitation));
        let of_a_room = invitation.replace("<message", "<message type='groupchat'");
        scene.api.publish(copy(&of_a_room.replace(GARDEN, ATRIUM)));
        scene.api.bus().settle().await;
        let [waiting] = scene.api.rooms().invitations().try_into().unwrap();
        assert!(waiting.is_from_contact());
        assert_eq!(waiting.room().as_str(), GARDEN);
        // The same again, here.
        scene.says(invitation).await;
        assert_eq!(scene.api.rooms().invitations(), [waiting]);
    });
}
