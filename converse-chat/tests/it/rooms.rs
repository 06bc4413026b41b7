//! What comes from rooms in which the user is: it is nobody's chat.

use std::sync::{Arc, Mutex};

use converse_core::contract::{CopiedSide, InvitationCopy, OccupantCopy, RoomDirectory};
use converse_core::prelude::*;

use crate::scene::{Scene, online_with};

const ATRIUM: &str = "atrium@rooms.kestrel.example";

type Copies = Arc<Mutex<Vec<Arc<OccupantCopy>>>>;

/// Strangers may write, and the user is in the atrium.
fn in_the_atrium<F: Future>(test: impl FnOnce(Scene, Copies) -> F) -> F::Output {
    let everybody = settings! { "allow_non_roster_messaging": true };
    online_with(everybody, |it| async move {
        // Whoever keeps the rooms may start after the chats.
        it.api
            .provide(RoomDirectory::new(|jid| jid.as_str() == ATRIUM));
        let copies = Copies::default();
        let into = Arc::clone(&copies);
        it.api
            .listen()
            .subscribe::<OccupantCopy, _, _>(move |copy| {
                into.lock().unwrap().push(copy);
                async { Ok(()) }
            });
        it.events().await;
        test(it, copies).await
    })
}

fn carbon(side: &str, from: &str, to: &str, more: &str) -> String {
    format!(
        "<message from='mara@kestrel.example' to='mara@kestrel.example/desk' type='chat'>\
         <{side} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>\
         <delay xmlns='urn:xmpp:delay' stamp='2026-02-10T08:00:00Z'/>\
         <message xmlns='jabber:client' from='{from}' to='{to}' type='chat' id='k1'>\
         <body>psst</body>{more}</message></forwarded></{side}></message>"
    )
}

#[test]
fn what_an_occupant_writes_opens_no_chat() {
    in_the_atrium(|it, copies| async move {
        for (from, type_) in [("/pia", "chat"), ("/pia", "normal"), ("", "normal")] {
            it.recv(&format!(
                "<message from='{ATRIUM}{from}' type='{type_}' id='pm1'><body>psst</body></message>"
            ))
            .await;
        }
        assert!(it.events().await.is_empty());
        assert!(it.chat(ATRIUM).is_none());
        assert!(copies.lock().unwrap().is_empty());
        // There is another house of that name.
        it.recv("<message from='atrium@other.example/pia' type='chat'><body>hi</body></message>")
            .await;
        assert!(it.chat("atrium@other.example").is_some());
    });
}

#[test]
fn a_copy_of_a_private_message_is_handed_over() {
    in_the_atrium(|it, copies| async move {
        let (phone, pia) = ("mara@kestrel.example/phone", format!("{ATRIUM}/pia"));
        // XEP-0045 §7.5: it may or may not say that it is one.
        for more in ["<x xmlns='http://jabber.org/protocol/muc#user'/>", ""] {
            it.recv(&carbon("sent", phone, &pia, more)).await;
            it.recv(&carbon("received", &pia, phone, more)).await;
        }
        let copies = std::mem::take(&mut *copies.lock().unwrap());
        let sides: Vec<_> = copies.iter().map(|copy| copy.side).collect();
        let both = [CopiedSide::Sent, CopiedSide::Received];
        assert_eq!(sides, both.repeat(2));
        for copy in copies {
            assert_eq!(copy.message.attr("id").as_deref(), Some("k1"));
            let sent_at = copy.sent_at.unwrap().to_rfc3339();
            assert_eq!(sent_at, "2026-02-10T08:00:00+00:00");
            let shown = format!("{copy:?}");
            assert!(!shown.contains("psst"), "{shown}");
        }
        let names: Vec<_> = it.events().await;
        assert!(names.is_empty(), "{names:?}");
        assert!(it.chat(ATRIUM).is_none());
    });
}

#[test]
fn what_another_client_told_the_room_itself_is_nothing_that_anybody_said() {
    in_the_atrium(|it, copies| async move {
        it.recv(&carbon("sent", "mara@kestrel.example/phone", ATRIUM, ""))
            .await;
        assert!(copies.lock().unwrap().is_empty());
        assert!(it.chat(ATRIUM).is_none());
    });
}

#[test]
fn nobody_else_makes_copies_of_private_messages() {
    in_the_atrium(|it, copies| async move {
        let pia = format!("{ATRIUM}/pia");
        let copied = carbon("received", &pia, "mara@kestrel.example/phone", "");
        for from in [
            "otto@heron.example/oar",
            "atrium@rooms.kestrel.example/rook",
        ] {
            let forged = copied.replacen("'mara@kestrel.example'", &format!("'{from}'"), 1);
            it.recv(&forged).await;
        }
        assert!(copies.lock().unwrap().is_empty());
        assert!(it.events().await.is_empty());
    });
}

#[test]
fn what_a_room_says_about_an_invitation_is_nobodys_message() {
    in_the_atrium(|it, _| async move {
        for what in ["invite", "decline"] {
            it.recv(&format!(
                "<message from='den@rooms.mallard.example'><x xmlns='http://jabber.org/protocol/muc#user'>\
                 <{what} from='vex@mallard.example'/></x><body>vex invites you</body></message>"
            ))
            .await;
        }
        assert!(it.events().await.is_empty());
        assert!(it.chat("den@rooms.mallard.example").is_none());
        // What a contact writes beside a direct one is the contact's.
        it.recv(
            "<message from='otto@heron.example/oar'><body>come</body>\
             <x xmlns='jabber:x:conference' jid='den@rooms.mallard.example'/></message>",
        )
        .await;
        assert!(it.chat("otto@heron.example").is_some());
    });
}

#[test]
fn a_copy_of_an_invitation_is_announced() {
    in_the_atrium(|it, _| async move {
        let copies = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&copies);
        it.api
            .listen()
            .subscribe::<InvitationCopy, _, _>(move |copy| {
                into.lock().unwrap().push(copy);
                async { Ok(()) }
            });
        let (phone, otto) = ("mara@kestrel.example/phone", "otto@heron.example/oar");
        let invitation = "<x xmlns='jabber:x:conference' jid='den@rooms.mallard.example'/>";
        it.recv(&carbon("received", otto, phone, invitation)).await;
        // What the user sent, what invites nobody, and what only looks like a copy.
        it.recv(&carbon("sent", phone, otto, invitation)).await;
        it.recv(&carbon("received", otto, phone, "")).await;
        let forged = carbon("received", otto, phone, invitation);
        it.recv(&forged.replacen(
            "from='mara@kestrel.example'",
            "from='vex@mallard.example'",
            1,
        ))
        .await;
        it.events().await;
        let copies = copies.lock().unwrap();
        assert_eq!(copies.len(), 1);
        assert!(!format!("{:?}", copies[0]).contains("mallard"));
    });
}
