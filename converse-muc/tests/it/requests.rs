//! Subjects and voice: what is asked of a room, and what it asks.

use std::sync::{Arc, Mutex};

use converse_core::prelude::*;
use converse_core::router::{Condition, StanzaError};
use converse_muc::prelude::*;
use converse_testkit::scripted::Captures;

use crate::scene::{ATRIUM, Scene, play, says};

impl Scene {
    /// The message that the room gets; its id.
    async fn told(&self, pattern: &str) -> String {
        let mut captures = Captures::default();
        self.server.expect(pattern, &mut captures).await.unwrap();
        captures.get("id").unwrap().to_owned()
    }

    async fn sent_subject(&self, text: &str) -> String {
        let pattern = format!(
            "<message to='{ATRIUM}' type='groupchat' id='{{{{id}}}}'><subject>{text}</subject></message>"
        );
        let id = self.told(&pattern).await;
        assert!(!self.last_sent().contains("body"));
        id
    }

    async fn refuses_message(&self, id: &str, condition: &str) {
        self.says(format!(
            "<message from='{ATRIUM}' to='mara@kestrel.example/desk' type='error' id='{id}'>\
             <error type='auth'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
        ))
        .await;
    }
}

fn subject(nick: &str, id: &str, text: &str) -> String {
    says(
        ATRIUM,
        nick,
        &format!("id='{id}'><subject>{text}</subject>"),
    )
}

#[test]
fn a_subject_is_set_when_the_room_has_it() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let server = async {
            let id = scene.sent_subject("Fire burn").await;
            scene.says(subject("pia", "other", "Something else")).await;
            scene.says(subject("mara", &id, "Fire burn")).await;
        };
        let (done, ()) = tokio::join!(room.set_subject("Fire burn"), server);
        done.unwrap();
        assert_eq!(room.subject().unwrap().unwrap().text, "Fire burn");

        // Prosody does not repeat what it has already.
        room.set_subject("Fire burn").await.unwrap();
        let again = format!("<message to='{ATRIUM}'><subject/></message>");
        scene.expect_nothing(again).await;

        // Some services give every message an id of their own.
        let server = async {
            scene.sent_subject("").await;
            scene.says(subject("mara", "theirs", "")).await;
        };
        let (done, ()) = tokio::join!(room.set_subject(""), server);
        done.unwrap();
    });
}

#[test]
fn a_subject_that_is_refused_says_why() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let server = async {
            let id = scene.sent_subject("Fire burn").await;
            scene.refuses_message("another", "not-allowed").await;
            scene.refuses_message(&id, "forbidden").await;
        };
        let (done, ()) = tokio::join!(room.set_subject("Fire burn"), server);
        let error = done.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Stanza);
        let cause: &StanzaError = error.cause().unwrap();
        assert_eq!(cause.condition, Condition::Forbidden);
        assert!(room.subject().unwrap().is_none());
    });
}

#[test]
fn a_subject_is_not_waited_for_when_the_user_is_gone_or_for_ever() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let silent = room.set_subject("Fire burn").await.unwrap_err();
        assert_eq!(silent.kind(), ErrorKind::Timeout);

        let server = async {
            scene.sent_subject("Fire burn").await;
            scene.sent_subject("Fire burn").await;
            scene.server.drop_connection();
        };
        let (gone, ()) = tokio::join!(room.set_subject("Fire burn"), server);
        assert_eq!(gone.unwrap_err().kind(), ErrorKind::Disconnected);
    });
}

#[test]
fn voice_is_asked_for_with_a_form() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let refused = scene.hear("voiceRequestRefused");
        room.request_voice().await.unwrap();
        let pattern = format!(
            "<message to='{ATRIUM}' id='{{{{id}}}}'><x xmlns='jabber:x:data' type='submit'>\
             <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#request</value></field>\
             <field var='muc#role'><value>participant</value></field></x></message>"
        );
        let id = scene.told(&pattern).await;
        assert!(!scene.last_sent().contains("groupchat"));
        scene.refuses_message("another", "forbidden").await;
        assert!(refused.lock().unwrap().is_empty());
        scene.refuses_message(&id, "forbidden").await;
        assert_eq!(refused.lock().unwrap()[0]["chatbox"]["jid"], ATRIUM);
        // An error is told once.
        scene.refuses_message(&id, "forbidden").await;
        assert_eq!(refused.lock().unwrap().len(), 1);
    });
}

/// What the room sends to moderators when somebody asks for a role.
fn voice_request(from: &str, role: &str) -> String {
    format!(
        "<message from='{from}' to='mara@kestrel.example/desk' id='approve'><x xmlns='jabber:x:data' type='form'>\
         <field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/muc#request</value></field>\
         <field var='muc#role' type='list-single'><value>{role}</value></field>\
         <field var='muc#jid' type='jid-single'><value>hag66@shakespeare.lit/pda</value></field>\
         <field var='muc#roomnick' type='text-single'><value>thirdwitch</value></field>\
         <field var='muc#request_allow' type='boolean'><value>false</value></field></x></message>"
    )
}

#[test]
fn a_moderator_lets_talk_who_asks_for_it() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let requests = heard(&scene);
        scene.says(voice_request(ATRIUM, "participant")).await;
        let request = requests.lock().unwrap().pop().unwrap();
        assert_eq!(request.nick, "thirdwitch");
        let jid = request.jid.as_ref().unwrap();
        assert_eq!(jid.as_str(), "hag66@shakespeare.lit/pda");
        room.approve_voice(&request).await.unwrap();
        scene
            .expect(format!(
                "<message to='{ATRIUM}'><x xmlns='jabber:x:data' type='submit'>\
                 <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#request</value></field>\
                 <field var='muc#role'><value>participant</value></field>\
                 <field var='muc#roomnick'><value>thirdwitch</value></field>\
                 <field var='muc#request_allow'><value>1</value></field></x></message>"
            ))
            .await;
    });
}

#[test]
fn nobody_gets_more_than_voice_by_asking_and_only_the_room_passes_it_on() {
    play(|scene| async move {
        scene.enter(ATRIUM).await;
        let requests = heard(&scene);
        let occupant = format!("{ATRIUM}/pia");
        for (from, role) in [
            (ATRIUM, "moderator"),
            (ATRIUM, "emperor"),
            (ATRIUM, ""),
            (occupant.as_str(), "participant"),
            ("annex@rooms.kestrel.example", "participant"),
        ] {
            scene.says(voice_request(from, role)).await;
        }
        assert!(requests.lock().unwrap().is_empty());
    });
}

fn heard(scene: &Scene) -> Arc<Mutex<Vec<converse_muc::VoiceRequest>>> {
    let heard = Arc::<Mutex<Vec<_>>>::default();
    let into = Arc::clone(&heard);
    scene
        .api
        .listen()
        .subscribe::<VoiceRequested, _, _>(move |event| {
            into.lock().unwrap().push(event.request.clone());
            async { Ok(()) }
        });
    heard
}

#[test]
fn the_room_says_who_became_what() {
    play(|scene| async move {
        scene.enter(ATRIUM).await;
        let changed = scene.hear("affiliationChanged");
        let message = |from: &str| {
            format!(
                "<message from='{from}'><x xmlns='http://jabber.org/protocol/muc#user'>\
                 <item affiliation='owner' jid='hecate@shakespeare.lit' role='none'/>\
                 <item affiliation='emperor' jid='vex@mallard.example'/></x></message>"
            )
        };
        scene.says(message(&format!("{ATRIUM}/pia"))).await;
        assert!(changed.lock().unwrap().is_empty());
        scene.says(message(ATRIUM)).await;
        let changed = changed.lock().unwrap();
        assert_eq!(changed.len(), 1);
        assert_eq!(changed[0]["affiliate"]["jid"], "hecate@shakespeare.lit");
        assert_eq!(changed[0]["affiliate"]["affiliation"], "owner");
    });
}
