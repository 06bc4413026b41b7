//! Registering with a room, and letting others register.

use std::sync::{Arc, Mutex};

use converse_core::prelude::*;
use converse_muc::prelude::*;

use crate::scene::{ATRIUM, Scene, play};

const REGISTER: &str = "jabber:iq:register";

/// What the room answers to who wants to register.
async fn registration_is(scene: &Scene, inside: &str) {
    let id = scene
        .requested("get", &format!("<query xmlns='{REGISTER}'/>"))
        .await;
    scene
        .answers(&id, &format!("<query xmlns='{REGISTER}'>{inside}</query>"))
        .await;
}

fn registration_form(more: &str) -> String {
    format!(
        "<instructions>Be nice.</instructions><x xmlns='jabber:x:data' type='form'>\
         <field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/muc#register</value></field>\
         <field var='muc#register_roomnick' type='text-single'><required/></field>{more}</x>"
    )
}

#[test]
fn a_nick_is_registered_with_the_rooms_form() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let server = async {
            registration_is(&scene, &registration_form("")).await;
            let id = scene
                .requested(
                    "set",
                    &format!(
                        "<query xmlns='{REGISTER}'><x xmlns='jabber:x:data' type='submit'>\
                         <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#register</value></field>\
                         <field var='muc#register_roomnick'><value>thirdwitch</value></field></x></query>"
                    ),
                )
                .await;
            scene.refuses(&id, "cancel", "conflict").await;
        };
        let (done, ()) = tokio::join!(room.register_nick("thirdwitch"), server);
        let error = done.unwrap_err();
        assert_eq!(
            error.to_string(),
            "room.register: the room refused: conflict"
        );
    });
}

#[test]
fn a_form_that_wants_more_is_filled_out_by_hand() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let more = "<field var='muc#register_first' type='text-single'><required/></field>";
        let form = registration_form(more);
        let (done, ()) = tokio::join!(
            room.register_nick("thirdwitch"),
            registration_is(&scene, &form)
        );
        let error = done.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains("muc#register_first"), "{error}");

        let (read, ()) = tokio::join!(room.registration(), registration_is(&scene, &form));
        let read = read.unwrap();
        assert_eq!(read.instructions.as_deref(), Some("Be nice."));
        let mut answers = read.form.unwrap().fill();
        answers.set("muc#register_roomnick", "thirdwitch").unwrap();
        answers.set("muc#register_first", "Brunhilde").unwrap();
        let server = async {
            let id = scene
                .requested("set", &format!("<query xmlns='{REGISTER}'/>"))
                .await;
            scene.answers(&id, "").await;
        };
        let (done, ()) = tokio::join!(room.register(&answers), server);
        done.unwrap();
    });
}

#[test]
fn who_is_registered_already_learns_the_nick() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let inside = "<registered/><username>thirdwitch</username>";
        let (read, ()) = tokio::join!(room.registration(), registration_is(&scene, inside));
        assert_eq!(read.unwrap().registered.as_deref(), Some("thirdwitch"));
        let (again, ()) =
            tokio::join!(room.register_nick("other"), registration_is(&scene, inside));
        assert_eq!(again.unwrap_err().kind(), ErrorKind::Unsupported);

        let server = async {
            let query = format!("<query xmlns='{REGISTER}'><remove/></query>");
            let id = scene.requested("set", &query).await;
            scene.answers(&id, "").await;
        };
        let (done, ()) = tokio::join!(room.unregister(), server);
        done.unwrap();
    });
}

#[test]
fn an_admin_answers_who_wants_to_register() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let heard = Arc::<Mutex<Vec<_>>>::default();
        let into = Arc::clone(&heard);
        scene
            .api
            .listen()
            .subscribe::<RoomRegistrationRequested, _, _>(move |event| {
                into.lock().unwrap().push(event.request.clone());
                async { Ok(()) }
            });
        scene
            .says(format!(
                "<message from='{ATRIUM}'><x xmlns='jabber:x:data' type='form'>\
                 <field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/muc#register</value></field>\
                 <field var='muc#register_first' label='Given Name'><value>Brunhilde</value></field>\
                 <field var='muc#register_roomnick'><value>thirdwitch</value></field>\
                 <field var='muc#register_allow' type='boolean'><value>0</value></field></x></message>"
            ))
            .await;
        let request: converse_muc::RegistrationRequest = heard.lock().unwrap().pop().unwrap();
        assert_eq!(request.nick.as_deref(), Some("thirdwitch"));
        assert_eq!(
            request.answers[0],
            ("Given Name".to_owned(), "Brunhilde".to_owned())
        );
        for (allow, word) in [(true, "1"), (false, "0")] {
            room.answer_registration(&request, allow).await.unwrap();
            scene
                .expect(format!(
                    "<message to='{ATRIUM}'><x xmlns='jabber:x:data' type='submit'>\
                     <field var='muc#register_first'><value>Brunhilde</value></field>\
                     <field var='muc#register_allow'><value>{word}</value></field></x></message>"
                ))
                .await;
        }
    });
}
