//! What is said in rooms is kept until the room shows it.

use converse_core::prelude::*;
use converse_muc::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::Rule;

use converse_messages::outbox::OutboxExt as _;

use crate::scene::{ATRIUM, Scene, play, refusal, run_offline, run_on, says, store};

impl Scene {
    async fn goes_offline(&self) {
        let mut states = self.api.session().watch();
        self.server.answer_connects(Rule::Refuse);
        self.server.drop_connection();
        states.wait_for(|state| !state.is_online()).await.unwrap();
        self.api.bus().settle().await;
    }

    async fn goes_online(&self) {
        let mut states = self.api.session().watch();
        self.server.answer_connects(Rule::Accept);
        self.api.session().network_changed().await;
        states.wait_for(|state| state.is_online()).await.unwrap();
        self.api.bus().settle().await;
    }

    /// The user is in the atrium again.
    async fn enters_again(&self) {
        self.answers_info(ATRIUM, &["urn:xmpp:sid:0"]).await;
        self.expect_join(ATRIUM, "mara").await;
        self.shows(ATRIUM, "pia", "").await;
        self.shows(ATRIUM, "mara", "<status code='110'/>").await;
    }

    /// The room tells its subject, which comes after what was said before.
    async fn tells_subject(&self) {
        self.says(format!(
            "<message from='{ATRIUM}' to='mara@kestrel.example/desk' type='groupchat'><subject/></message>"
        ))
        .await;
        clock::settle().await;
    }

    fn bodies(&self) -> Vec<String> {
        let sent = self.server.sent();
        let sent = sent.iter().filter_map(|sent| sent.element());
        let bodies = sent.filter_map(|sent| sent.child_text("body", "jabber:client"));
        bodies.map(|body| body.into_owned()).collect()
    }

    /// The room sends something of the user's to everybody.
    async fn reflects(&self, id: &MessageId, body: &str) {
        let said = format!("id='{id}'><body>{body}</body>");
        self.says(says(ATRIUM, "mara", &said)).await;
        clock::settle().await;
    }
}

fn deliveries(room: &Room) -> Vec<Delivery> {
    let all = room.messages().all().unwrap().into_iter();
    all.map(|message| message.delivery.unwrap()).collect()
}

async fn waiting(room: &Room) -> usize {
    room.outbox().unwrap().list().await.unwrap().len()
}

#[test]
fn the_room_has_it_when_it_shows_it() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let id = room.send_message("hello").await.unwrap();
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        // The server has it, the room has not shown it.
        assert_eq!(deliveries(&room), [Delivery::Acknowledged]);
        assert_eq!(waiting(&room).await, 1);
        scene.reflects(&id, "hello").await;
        assert_eq!(deliveries(&room), [Delivery::Reflected]);
        assert_eq!(waiting(&room).await, 0);
        let change = room.correct(&id, "hullo").await.unwrap();
        assert_eq!(waiting(&room).await, 1);
        let said = format!(
            "id='{change}'><body>hullo</body><replace xmlns='urn:xmpp:message-correct:0' id='{id}'/>"
        );
        scene.says(says(ATRIUM, "mara", &said)).await;
        clock::settle().await;
        assert_eq!(waiting(&room).await, 0);
    });
}

#[test]
fn what_is_said_out_of_the_room_waits_until_the_user_is_in_it_again() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        scene.goes_offline().await;
        let first = room.send_message("one").await.unwrap();
        room.send_message("two").await.unwrap();
        room.correct(&first, "won").await.unwrap();
        scene.server.forget_sent();
        scene.goes_online().await;
        // A new session, and the room does not know the user yet.
        room.send_message("three").await.unwrap();
        clock::settle().await;
        assert!(scene.bodies().is_empty());
        assert_eq!(deliveries(&room), [Delivery::Queued; 3]);
        scene.enters_again().await;
        clock::settle().await;
        assert_eq!(scene.bodies(), ["one", "two", "won", "three"]);
    });
}

#[test]
fn what_the_room_did_not_show_goes_out_again_unless_it_is_among_what_it_tells() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        scene.tells_subject().await;
        let lost = room.send_message("lost").await.unwrap();
        let heard = room.send_message("heard").await.unwrap();
        scene.expect(format!("<message id='{heard}'/>")).await;
        scene.goes_offline().await;
        assert_eq!(deliveries(&room), [Delivery::Queued; 2]);
        scene.server.forget_sent();
        scene.goes_online().await;
        scene.enters_again().await;
        let said = format!(
            "id='{heard}'><body>heard</body><delay xmlns='urn:xmpp:delay' stamp='2026-03-01T00:00:00Z'/>"
        );
        scene.says(says(ATRIUM, "mara", &said)).await;
        clock::settle().await;
        // What else it tells is not known before its subject comes.
        assert!(scene.bodies().is_empty());
        scene.tells_subject().await;
        assert_eq!(scene.bodies(), ["lost"]);
        scene
            .expect(format!(
                "<message id='{lost}'><origin-id xmlns='urn:xmpp:sid:0' id='{lost}'/><delay xmlns='urn:xmpp:delay'/></message>"
            ))
            .await;
        scene.reflects(&lost, "lost").await;
        assert_eq!(deliveries(&room), [Delivery::Reflected; 2]);
        assert_eq!(
            (room.messages().count().unwrap(), waiting(&room).await),
            (2, 0)
        );
    });
}

#[test]
fn a_room_that_does_not_know_the_user_any_more_hears_it_when_he_is_back() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        scene.tells_subject().await;
        let id = room.send_message("hello?").await.unwrap();
        let bounce = format!(
            "<message from='{ATRIUM}' to='mara@kestrel.example/desk' type='error' id='{id}'><error type='modify'>\
             <not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
        );
        scene.says(&bounce).await;
        let ping = scene
            .take(&format!(
                "<iq to='{ATRIUM}/mara'><ping xmlns='urn:xmpp:ping'/></iq>"
            ))
            .await;
        assert_eq!(deliveries(&room), [Delivery::Queued]);
        scene.server.forget_sent();
        let pong = ping.attr("id").unwrap();
        scene
            .says(format!(
                "<iq type='error' id='{pong}' from='{ATRIUM}/mara'><error type='cancel'>\
                 <not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            ))
            .await;
        scene.expect_join(ATRIUM, "mara").await;
        assert!(scene.bodies().is_empty());
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        clock::settle().await;
        assert_eq!(scene.bodies(), ["hello?"]);
        // A room that says so again and again to who is in it means it.
        for _ in 0..4 {
            scene.server.forget_sent();
            scene.says(&bounce).await;
            let ping = scene
                .take(&format!(
                    "<iq to='{ATRIUM}/mara'><ping xmlns='urn:xmpp:ping'/></iq>"
                ))
                .await;
            assert!(scene.bodies().is_empty());
            let pong = ping.attr("id").unwrap();
            scene
                .says(format!(
                    "<iq type='result' id='{pong}' from='{ATRIUM}/mara'/>"
                ))
                .await;
            scene
                .expect(format!("<message to='{ATRIUM}' id='{id}'/>"))
                .await;
        }
        scene.says(&bounce).await;
        clock::settle().await;
        assert_eq!(deliveries(&room), [Delivery::Failed]);
    });
}

#[test]
fn a_room_that_is_left_hears_nothing_more_and_one_that_banned_the_user_says_so() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        scene.goes_offline().await;
        room.send_message("never").await.unwrap();
        scene.server.forget_sent();
        scene.goes_online().await;
        scene.answers_info(ATRIUM, &[]).await;
        scene.expect_join(ATRIUM, "mara").await;
        scene
            .says(refusal(ATRIUM, "mara", "auth", "forbidden"))
            .await;
        clock::settle().await;
        assert_eq!(deliveries(&room), [Delivery::Failed]);
        let error = room.messages().last().unwrap().unwrap().error.unwrap();
        assert_eq!(error.condition, "forbidden");
        let refused = room.send_message("more").await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Disconnected);
        room.close().await.unwrap();
        let again = scene.enter(ATRIUM).await;
        scene.goes_offline().await;
        again.send_message("gone").await.unwrap();
        again.close().await.unwrap();
        scene.server.forget_sent();
        scene.goes_online().await;
        scene.enter(ATRIUM).await;
        clock::settle().await;
        assert!(scene.bodies().is_empty());
    });
}

#[test]
fn another_process_says_what_one_has_left() {
    let store = store();
    run_on(&store, 1, settings! {}, |scene| async move {
        let room = scene.enter(ATRIUM).await;
        let chat = room.private_chat("pia").unwrap();
        scene.goes_offline().await;
        room.send_message("public").await.unwrap();
        chat.send_message("private").await.unwrap();
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    });
    run_on(&store, 2, settings! {}, |scene| async move {
        let room = scene.api.rooms().get(ATRIUM).unwrap().unwrap();
        assert_eq!(room.messages().last().unwrap().unwrap().body, "public");
        tokio::time::sleep(std::time::Duration::from_secs(31)).await;
        scene.expect_join(ATRIUM, "mara").await;
        scene.shows(ATRIUM, "pia", "").await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        clock::settle().await;
        // Whether the one who has the nick now is the same, nobody knows.
        assert_eq!(scene.bodies(), ["public"]);
        assert_eq!(deliveries(&room), [Delivery::Sent]);
        let outbox = scene.api.outbox().unwrap().list().await.unwrap();
        assert_eq!(outbox.len(), 2);
    });
}

#[test]
fn all_that_waits_is_here_after_a_restart_and_is_one_with_what_the_room_shows() {
    let store = store();
    run_on(&store, 1, settings! {}, |scene| async move {
        let room = scene.enter(ATRIUM).await;
        scene.goes_offline().await;
        for number in 0..120 {
            room.send_message(format!("text {number}")).await.unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    });
    run_on(&store, 2, settings! {}, |scene| async move {
        let room = scene.api.rooms().get(ATRIUM).unwrap().unwrap();
        let all = room.messages().all().unwrap();
        assert_eq!(all.len(), 120);
        tokio::time::sleep(std::time::Duration::from_secs(31)).await;
        scene.expect_join(ATRIUM, "mara").await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        clock::settle().await;
        let first = all[0].id.clone().unwrap();
        scene.reflects(&first, "text 0").await;
        assert_eq!(room.messages().all().unwrap().len(), 120);
        let first = room.messages().get(&first).unwrap().unwrap();
        assert_eq!(first.delivery, Some(Delivery::Reflected));
    });
}

#[test]
fn a_process_without_a_connection_keeps_what_is_said_in_the_rooms_of_before() {
    let store = store();
    run_on(&store, 1, settings! {}, |scene| async move {
        scene.enter(ATRIUM).await;
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    });
    run_offline(&store, 2, |scene| async move {
        let room = scene.api.rooms().get(ATRIUM).unwrap().unwrap();
        assert_eq!(
            room.connection_status().unwrap(),
            ConnectionStatus::Disconnected
        );
        room.send_message("early").await.unwrap();
        assert_eq!(deliveries(&room), [Delivery::Queued]);
        scene.goes_online().await;
        tokio::time::sleep(std::time::Duration::from_secs(31)).await;
        assert!(scene.bodies().is_empty(), "nobody is in the room yet");
        scene.expect_join(ATRIUM, "mara").await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        clock::settle().await;
        assert_eq!(scene.bodies(), ["early"]);
        assert_eq!(deliveries(&room), [Delivery::Sent]);
    });
}

#[test]
fn what_waits_for_an_occupant_goes_to_nobody_else() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let pia = room.private_chat("pia").unwrap();
        scene.goes_offline().await;
        let id = pia.send_message("just you").await.unwrap();
        scene.server.forget_sent();
        scene.goes_online().await;
        scene.answers_info(ATRIUM, &[]).await;
        scene.expect_join(ATRIUM, "mara").await;
        // She is not there any more.
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        clock::settle().await;
        assert!(scene.bodies().is_empty());
        let message = pia.messages().get(&id).unwrap().unwrap();
        assert_eq!(message.delivery, Some(Delivery::Failed));

        scene.shows(ATRIUM, "pia", "").await;
        let again = pia.send_message("you there?").await.unwrap();
        scene
            .expect(format!("<message to='{ATRIUM}/pia' id='{again}'/>"))
            .await;
        // Who has another nick is the same.
        scene.goes_offline().await;
        let moved = pia.send_message("wait").await.unwrap();
        assert_eq!(
            pia.outbox()
                .unwrap()
                .list()
                .await
                .unwrap()
                .last()
                .unwrap()
                .id,
            moved
        );
        pia.outbox().unwrap().withdraw(&moved).await.unwrap();
        assert!(pia.messages().get(&moved).unwrap().is_none());
    });
}
