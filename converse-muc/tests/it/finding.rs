//! Finding rooms: services, lists, what rooms say about themselves.

use converse_core::prelude::*;
use converse_muc::prelude::*;
use converse_muc::{FindError, RoomInfo};
use converse_testkit::scripted::Captures;

use crate::scene::{ATRIUM, Scene, play, play_with};

pub(crate) const SERVER: &str = "kestrel.example";
const SERVICE: &str = "rooms.kestrel.example";

const ITEMS: &str = "http://jabber.org/protocol/disco#items";
const INFO: &str = "http://jabber.org/protocol/disco#info";

/// Answers the next request that has `inside` in it, from there, with a result.
pub(crate) async fn answers(scene: &Scene, to: &str, inside: &str, result: &str) {
    let mut captures = Captures::default();
    let pattern = format!("<iq type='get' id='{{{{id}}}}' to='{to}'>{inside}</iq>");
    scene.server.expect(&pattern, &mut captures).await.unwrap();
    let id = captures.get("id").unwrap();
    scene
        .says(format!(
            "<iq type='result' id='{id}' from='{to}'>{result}</iq>"
        ))
        .await;
}

/// The server has these services, each with what is in its disco#info.
pub(crate) async fn has_services(scene: &Scene, services: &[(&str, &str)]) {
    let items: String = services
        .iter()
        .map(|(jid, _)| format!("<item jid='{jid}'/>"))
        .collect();
    let question = format!("<query xmlns='{ITEMS}'/>");
    let result = format!("<query xmlns='{ITEMS}'>{items}</query>");
    answers(scene, SERVER, &question, &result).await;
    for (jid, info) in services {
        let question = format!("<query xmlns='{INFO}'/>");
        let result = format!("<query xmlns='{INFO}'>{info}</query>");
        answers(scene, jid, &question, &result).await;
    }
}

const MUC: &str = "<identity category='conference' type='text' name='Chatrooms'/>\
    <feature var='http://jabber.org/protocol/muc'/>";

/// Answers a question for a list of rooms whose paging looks like `set`.
async fn lists(scene: &Scene, set: &str, items: &str) {
    let set = match set {
        "" => String::new(),
        set => format!("<set xmlns='http://jabber.org/protocol/rsm'>{set}</set>"),
    };
    let question = format!("<query xmlns='{ITEMS}'>{set}</query>");
    let result = format!("<query xmlns='{ITEMS}'>{items}</query>");
    answers(scene, SERVICE, &question, &result).await;
}

fn page(names: &[&str], index: usize, count: usize) -> String {
    let items: String = names
        .iter()
        .map(|name| format!("<item jid='{name}@{SERVICE}' name='The {name}'/>"))
        .collect();
    let (first, last) = (names.first().unwrap(), names.last().unwrap());
    format!(
        "{items}<set xmlns='http://jabber.org/protocol/rsm'><first index='{index}'>{first}@{SERVICE}</first>\
         <last>{last}@{SERVICE}</last><count>{count}</count></set>"
    )
}

#[test]
fn the_services_of_the_server_that_have_rooms() {
    play(|scene| async move {
        let rooms = scene.api.rooms();
        let irc = "<identity category='conference' type='irc'/><feature var='http://jabber.org/protocol/muc'/>";
        let upload = "<identity category='store' type='file'/>";
        let services = [
            ("irc.kestrel.example", irc),
            (SERVICE, MUC),
            ("up.kestrel.example", upload),
        ];
        let (found, ()) = tokio::join!(rooms.services(), has_services(&scene, &services));
        let found = found.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].jid.as_str(), SERVICE);
        assert_eq!(found[0].name.as_deref(), Some("Chatrooms"));
        assert_eq!(rooms.service().await.unwrap().as_str(), SERVICE);
    });
}

#[test]
fn a_server_without_rooms_is_told_apart() {
    play(|scene| async move {
        let rooms = scene.api.rooms();
        let (service, ()) = tokio::join!(rooms.service(), has_services(&scene, &[]));
        let error = service.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(error.cause::<FindError>(), Some(&FindError::NoService));
    });
}

#[test]
fn muc_domain_names_the_service() {
    play_with(
        settings! { "muc_domain": "rooms.mallard.example" },
        |scene| async move {
            let service = scene.api.rooms().service().await.unwrap();
            assert_eq!(service.as_str(), "rooms.mallard.example");
            scene.expect_nothing("<iq/>").await;
            for bad in ["somebody@mallard.example", "@"] {
                scene.api.settings().set("muc_domain", bad).unwrap();
                let error = scene.api.rooms().service().await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Config, "{bad}");
            }
        },
    );
}

#[test]
fn rooms_come_page_by_page() {
    play(|scene| async move {
        let rooms = scene.api.rooms();
        let first = page(&["alls-well", "as-you-like-it"], 0, 3);
        let (one, ()) = tokio::join!(
            rooms.on_service(SERVICE, 2),
            lists(&scene, "<max>2</max>", &first)
        );
        let one = one.unwrap();
        assert_eq!(one.count(), Some(3));
        assert_eq!((one.index(), one.previous()), (Some(0), None));
        assert_eq!(one.rooms[0].jid.as_str(), format!("alls-well@{SERVICE}"));
        assert_eq!(one.rooms[0].name.as_deref(), Some("The alls-well"));

        let asked = format!("<max>2</max><after>as-you-like-it@{SERVICE}</after>");
        let second = page(&["cleopatra"], 2, 3);
        let next = one.next().unwrap();
        let (two, ()) = tokio::join!(
            rooms.on_service(SERVICE, next),
            lists(&scene, &asked, &second)
        );
        let two = two.unwrap();
        assert_eq!(two.next(), None);
        let before = two.previous().unwrap();
        assert_eq!(
            before,
            Paging::new().max(2).before(format!("cleopatra@{SERVICE}"))
        );
        assert_eq!(json!(two)["rooms"][0]["name"], "The cleopatra");
    });
}

#[test]
fn what_is_no_room_of_the_service_is_left_out() {
    play(|scene| async move {
        let rooms = scene.api.rooms();
        let long = "x".repeat(1_000);
        let items = format!(
            "<item/><item jid='@@'/><item jid='{SERVICE}'/><item jid='a@{SERVICE}/nick'/>\
             <item jid='a@rooms.mallard.example'/><item jid='{ATRIUM}' name='{long}'/>\
             <item jid='Atrium@rooms.kestrel.example'/><item xmlns='urn:evil' jid='b@{SERVICE}'/>\
             <set xmlns='http://jabber.org/protocol/rsm'><first index='-1'/><count>many</count></set>"
        );
        let (all, ()) = tokio::join!(rooms.on_service(SERVICE, ()), lists(&scene, "", &items));
        let all = all.unwrap();
        assert_eq!(all.rooms.len(), 1);
        assert_eq!(all.rooms[0].name.as_ref().unwrap().len(), 256);
        assert_eq!(
            (all.count(), all.index(), all.next(), all.previous()),
            (None, None, None, None)
        );

        let nonsense = answers(&scene, SERVICE, "", "<query xmlns='urn:evil'/>");
        let (none, ()) = tokio::join!(rooms.on_service(SERVICE, ()), nonsense);
        assert_eq!(none.unwrap_err().kind(), ErrorKind::InvalidResponse);
        let error = rooms.on_service("@@", ()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    });
}

#[test]
fn all_rooms_of_a_service_are_followed_through_the_pages() {
    play(|scene| async move {
        let rooms = scene.api.rooms();
        let service = async {
            lists(&scene, "<max>250</max>", &page(&["a", "b"], 0, 5)).await;
            let asked = format!("<max>250</max><after>b@{SERVICE}</after>");
            lists(&scene, &asked, &page(&["b", "c"], 2, 5)).await;
            let asked = format!("<max>250</max><after>c@{SERVICE}</after>");
            lists(&scene, &asked, &page(&["d"], 4, 5)).await;
        };
        let (all, ()) = tokio::join!(rooms.all_on_service(SERVICE), service);
        let all: Vec<_> = all
            .unwrap()
            .into_iter()
            .map(|room| room.jid.to_string())
            .collect();
        assert_eq!(
            all,
            ["a", "b", "c", "d"].map(|name| format!("{name}@{SERVICE}"))
        );
    });
}

#[test]
fn a_service_that_gives_the_same_for_ever_is_left() {
    play(|scene| async move {
        let rooms = scene.api.rooms();
        let service = async {
            lists(&scene, "<max>250</max>", &page(&["a", "b"], 0, 1_000_000)).await;
            lists(&scene, "", &page(&["a", "b"], 0, 1_000_000)).await;
        };
        let (all, ()) = tokio::join!(rooms.all_on_service(SERVICE), service);
        assert_eq!(all.unwrap().len(), 2);
    });
}

const DETAILS: &str = "<identity category='conference' type='text' name='A Dark Cave'/>\
    <feature var='http://jabber.org/protocol/muc'/><feature var='muc_hidden'/><feature var='urn:of:no:meaning'/>\
    <x xmlns='jabber:x:data' type='result'>\
    <field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/muc#roominfo</value></field>\
    <field var='muc#roominfo_description'><value>The place for all good witches!</value></field>\
    <field var='muc#roominfo_contactjid'><value>crone1@shakespeare.example</value><value>@@</value></field>\
    <field var='muc#roominfo_subject'><value>Spells</value></field>\
    <field var='muc#roomconfig_changesubject'><value>true</value></field>\
    <field var='muc#roominfo_occupants'><value>3</value></field>\
    <field var='muc#roominfo_lang'><value>en</value></field>\
    <field var='muc#roominfo_logs'><value>http://www.shakespeare.example/chatlogs/coven/</value></field>\
    <field var='muc#maxhistoryfetch'><value>50</value></field>\
    <field var='urn:of:no:meaning'><value>1</value></field></x>";

async fn asks_info(scene: &Scene, info: &str) -> Result<RoomInfo, Error> {
    let rooms = scene.api.rooms();
    let question = format!("<query xmlns='{INFO}'/>");
    let result = format!("<query xmlns='{INFO}'>{info}</query>");
    let answer = answers(scene, ATRIUM, &question, &result);
    let (info, ()) = tokio::join!(rooms.info(ATRIUM), answer);
    info
}

#[test]
fn a_room_tells_about_itself() {
    play(|scene| async move {
        let info = asks_info(&scene, DETAILS).await.unwrap();
        assert_eq!(info.name.as_deref(), Some("A Dark Cave"));
        assert_eq!(
            info.description.as_deref(),
            Some("The place for all good witches!")
        );
        assert!(info.has(RoomFeature::Hidden));
        let details = &info.details;
        assert_eq!(details.contacts.len(), 1);
        assert_eq!(details.contacts[0].as_str(), "crone1@shakespeare.example");
        assert_eq!(details.subject.as_deref(), Some("Spells"));
        assert_eq!(details.subject_can_be_changed, Some(true));
        assert_eq!(
            (details.occupants, details.max_history),
            (Some(3), Some(50))
        );
        assert_eq!(details.language.as_deref(), Some("en"));
        assert!(details.logs.as_ref().unwrap().ends_with("/coven/"));
        assert_eq!(json!(info)["occupants"], 3);
        assert!(
            scene.api.rooms().all().is_empty(),
            "nothing is opened by that"
        );
    });
}

#[test]
fn what_a_room_tells_need_not_make_sense() {
    play(|scene| async move {
        let info = DETAILS
            .replace("<value>3<", "<value>-3<")
            .replace("<value>50<", "<value>99999999999999999999<")
            .replace("<value>true<", "<value>perhaps<")
            .replace("http://www", "javascript:alert(1)//www")
            .replace("<value>Spells<", &format!("<value>{}<", "x".repeat(5_000)));
        let details = asks_info(&scene, &info).await.unwrap().details;
        assert_eq!((details.occupants, details.max_history), (None, None));
        assert_eq!((details.subject_can_be_changed, details.logs), (None, None));
        assert_eq!(details.subject.unwrap().len(), 1_024);
        let error = scene.api.rooms().info(SERVICE).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    });
}

#[test]
fn auto_list_rooms_lists_the_rooms_after_login() {
    let settings = settings! { "auto_list_rooms": true, "muc_domain": SERVICE };
    play_with(settings, |scene| async move {
        let listed = scene.hear("roomsListed");
        // What the first session asks is over with it.
        scene.reconnects().await;
        lists(&scene, "<max>250</max>", &page(&["a", "b"], 0, 2)).await;
        let question = format!("<query xmlns='{INFO}'/>");
        let result = format!("<query xmlns='{INFO}'>{DETAILS}</query>");
        answers(&scene, &format!("a@{SERVICE}"), &question, &result).await;
        // The other one does not answer: that costs its own description.
        tokio::time::sleep(std::time::Duration::from_secs(120)).await;
        let listed = listed.lock().unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0]["service"], SERVICE);
        assert_eq!(listed[0]["rooms"][0]["info"]["occupants"], 3);
        assert_eq!(listed[0]["rooms"][1]["info"], json!(null));
        assert_eq!(scene.api.rooms().listed().len(), 2);
    });
}

#[test]
fn without_auto_list_rooms_nobody_is_asked() {
    play(|scene| async move {
        scene
            .expect_nothing(format!("<iq><query xmlns='{ITEMS}'/></iq>"))
            .await;
        assert!(scene.api.rooms().listed().is_empty());
    });
}
