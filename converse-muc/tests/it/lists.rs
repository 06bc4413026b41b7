//! Lists that the room keeps up to date (XEP-0463).

use converse_muc::prelude::*;
use converse_testkit::scripted::Captures;

use crate::scene::{ATRIUM, Scene, play, presence};

const VERSIONS: &str = "urn:xmpp:muc:affiliations:0";
const ASK: &str =
    "<query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='owner'/></query>";

fn mav(attributes: &str) -> String {
    format!("<mav xmlns='{VERSIONS}' {attributes}/>")
}

fn lists(attributes: &str, items: &str) -> String {
    format!(
        "<message from='{ATRIUM}'><x xmlns='http://jabber.org/protocol/muc#user'>{}{items}</x></message>",
        mav(attributes)
    )
}

impl Scene {
    /// The room is entered with a question for its lists.
    async fn expect_join_with_lists(&self, attributes: &str) -> String {
        self.expect(format!(
            "<presence to='{ATRIUM}/mara'><x xmlns='http://jabber.org/protocol/muc'>{}</x></presence>",
            mav(attributes)
        ))
        .await;
        self.last_sent()
    }

    /// The user is in, and the room says which version its lists are.
    async fn lets_in(&self, status: &str) {
        let status = format!("<status code='110'/>{status}");
        self.shows(ATRIUM, "mara", &status).await;
    }

    async fn enter_with_lists(&self) -> Room {
        let room = self.api.rooms().open(ATRIUM, "mara").await.unwrap();
        self.answers_info(ATRIUM, &[VERSIONS]).await;
        let sent = self.expect_join_with_lists("").await;
        assert!(!sent.contains("since"), "{sent}");
        let items = "<item jid='louise@commons.example' affiliation='owner'/>\
                     <item jid='peter@commons.example' affiliation='owner'/>\
                     <item jid='rosa@commons.example' affiliation='member'/>";
        self.says(lists("until='v1'", items)).await;
        self.lets_in(&mav("until='v1'")).await;
        room
    }
}

async fn owners(room: &Room) -> Vec<String> {
    let list = room.affiliations(Affiliation::Owner).await.unwrap();
    list.iter().map(|one| one.jid.to_string()).collect()
}

#[test]
fn a_room_that_told_its_lists_is_not_asked() {
    play(|scene| async move {
        let changed = scene.hear("affiliationChanged");
        let room = scene.enter_with_lists().await;
        assert_eq!(
            owners(&room).await,
            ["louise@commons.example", "peter@commons.example"]
        );
        let members = room.members().await.unwrap();
        assert_eq!(members.all.len(), 3);
        assert!(changed.lock().unwrap().is_empty(), "nothing changed");

        // Somebody who is not there, and somebody who is.
        let gone = "<item jid='peter@commons.example/mobile' affiliation='none' role='none'/>";
        scene.says(lists("since='v1' until='v2'", gone)).await;
        assert_eq!(owners(&room).await, ["louise@commons.example"]);
        assert_eq!(changed.lock().unwrap().len(), 1);
        let item = "affiliation='owner' role='moderator' jid='rosa@commons.example/toaster'";
        let step = mav("since='v2' until='v3'");
        scene.says(presence(ATRIUM, "rosa", "", item, &step)).await;
        assert_eq!(
            owners(&room).await,
            ["louise@commons.example", "rosa@commons.example"]
        );
        scene.expect_nothing(format!("<iq>{ASK}</iq>")).await;
    });
}

#[test]
fn a_new_visit_asks_for_what_changed_since() {
    play(|scene| async move {
        let room = scene.enter_with_lists().await;
        scene.reconnects().await;
        let mut captures = Captures::default();
        let pattern = format!(
            "<iq id='{{{{id}}}}' to='{ATRIUM}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
        );
        scene.server.expect(&pattern, &mut captures).await.unwrap();
        let features = format!(
            "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='conference' type='text'/>\
             <feature var='{VERSIONS}'/></query>"
        );
        scene.answers(captures.get("id").unwrap(), &features).await;
        scene.expect_join_with_lists("since='v1'").await;
        scene.lets_in(&mav("until='v1'")).await;
        room.entered().await.unwrap();
        assert_eq!(owners(&room).await.len(), 2);
    });
}

#[test]
fn a_room_whose_lists_are_not_certain_is_asked() {
    let doubts = [
        lists("since='v7' until='v8'", ""),
        presence(
            ATRIUM,
            "pia",
            "",
            "role='participant'",
            &mav("since='v7' until='v8'"),
        ),
        presence(
            ATRIUM,
            "pia",
            "",
            "role='participant'",
            &mav("since='v1' until='v2'"),
        ),
    ];
    for doubt in doubts {
        play(|scene| async move {
            let room = scene.enter_with_lists().await;
            scene.says(&doubt).await;
            let server = async {
                let id = scene.requested("get", ASK).await;
                scene.answers(&id, "").await;
            };
            let (list, ()) = tokio::join!(owners(&room), server);
            assert!(list.is_empty());
        });
    }
}

#[test]
fn what_an_occupant_says_of_the_lists_counts_for_nothing() {
    play(|scene| async move {
        let room = scene.enter_with_lists().await;
        let forged = lists(
            "since='v1' until='v2'",
            "<item jid='vex@mallard.example' affiliation='owner'/>",
        );
        let from_occupant = forged.replace(&format!("'{ATRIUM}'"), &format!("'{ATRIUM}/pia'"));
        scene.says(from_occupant).await;
        scene
            .says(forged.replace(ATRIUM, "annex@rooms.kestrel.example"))
            .await;
        assert_eq!(
            owners(&room).await,
            ["louise@commons.example", "peter@commons.example"]
        );
    });
}
