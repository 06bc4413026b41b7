//! What goes over the wire.

use chrono::{DateTime, Utc};
use converse_core::prelude::*;
use converse_mam::prelude::*;
use converse_testkit::clock;

use crate::scene::{MAM, ROOM, Scene, chat, fin, ids, written};

#[test]
fn api_072_no_options_ask_for_everything() {
    clock::run(async {
        let scene = Scene::new().await;
        let archive = scene.api.archive();
        let (page, ()) = tokio::join!(archive.query(()), async {
            let (element, names) = scene.asked().await;
            let query = element.children().next().unwrap();
            assert_eq!(query.children().count(), 0, "{}", element.to_xml());
            assert_eq!(element.attr("to"), None);
            scene.give_own(&names, "1").await;
            scene.give_own(&names, "2").await;
            let set = "<first index='0'>1</first><last>2</last><count>2</count>";
            scene.end(&names, &fin("complete='true'", set)).await;
        });
        let page = page.unwrap();
        assert_eq!(ids(&page), ["1", "2"]);
        let first = &page.messages[0];
        assert_eq!(first.body().as_deref(), Some("text 1"));
        assert_eq!(first.from().unwrap().as_str(), "otto@heron.example/oar");
        assert_eq!(first.time, Some("2026-01-10T08:00:00Z".parse().unwrap()));
        assert_eq!(first.stanza.id().as_deref(), Some("m-1"));
        assert!(page.rsm.complete);
    });
}

#[test]
fn api_073_with_restricts_the_own_archive() {
    clock::run(async {
        for jid in ["otto@heron.example", ROOM] {
            let xml = written(json!({ "with": jid })).await;
            let form = format!(
                "<x xmlns='jabber:x:data' type='submit'>\
                 <field type='hidden' var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>\
                 <field var='with'><value>{jid}</value></field></x>"
            );
            let form = Element::parse(&form).unwrap();
            let sent = Element::parse(&xml).unwrap();
            assert_eq!(sent.attr("to"), None);
            let query = sent.children().next().unwrap();
            let x = query.child("x", "jabber:x:data").unwrap();
            assert_eq!(x.children().count(), form.children().count(), "{xml}");
            assert!(xml.contains(&format!("<value>{jid}</value>")), "{xml}");
        }
    });
}

#[test]
fn api_074_dates_are_the_same_instants_on_the_wire() {
    clock::run(async {
        for (given, sent) in [
            ("2010-06-07T00:00:00Z", "2010-06-07T00:00:00Z"),
            ("2010-06-07T02:30:00+02:30", "2010-06-07T00:00:00Z"),
            ("2010-06-07T00:00:00.123456Z", "2010-06-07T00:00:00.123456Z"),
            ("2010-06-07", "2010-06-07T00:00:00Z"),
        ] {
            let xml = written(json!({ "start": given, "end": "2010-07-07T13:23:54Z" })).await;
            assert!(xml.contains(&format!("<value>{sent}</value>")), "{xml}");
            assert!(xml.contains("<value>2010-07-07T13:23:54Z</value>"), "{xml}");
        }
        let scene = Scene::new().await;
        let start: DateTime<Utc> = "2010-06-07T00:00:00Z".parse().unwrap();
        let archive = scene.api.archive();
        let (page, ()) = tokio::join!(archive.query(Query::new().start(start)), async {
            let (element, names) = scene.asked().await;
            let xml = element.to_xml();
            assert!(xml.contains("<value>2010-06-07T00:00:00Z</value>"), "{xml}");
            scene.end(&names, &fin("", "")).await;
        });
        page.unwrap();
    });
}

#[test]
fn api_075_start_after_end_is_refused() {
    clock::run(async {
        let scene = Scene::new().await;
        let query = json!({ "start": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z" });
        let error = scene.refused(query).await;
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains("start"), "{error}");
    });
}

#[test]
fn api_076_a_date_that_is_none_is_refused() {
    clock::run(async {
        let scene = Scene::new().await;
        let error = scene.refused(json!({ "start": "some other day" })).await;
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains("`start`"), "{error}");
    });
}

#[test]
fn api_077_max_is_a_number_from_zero_on() {
    clock::run(async {
        for (max, sent) in [(json!(10), "10"), (json!("10"), "10"), (json!(0), "0")] {
            let xml = written(json!({ "max": max })).await;
            assert!(xml.contains(&format!("<max>{sent}</max>")), "{xml}");
        }
        let scene = Scene::new().await;
        for max in [json!(-1), json!("-1"), json!("many"), json!(0.5)] {
            let error = scene.refused(json!({ "max": max })).await;
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert!(error.to_string().contains("`max`"), "{error}");
        }
    });
}

#[test]
fn api_078_an_empty_before_asks_for_the_newest_page() {
    clock::run(async {
        let xml = written(json!({ "before": "", "max": 5 })).await;
        assert!(
            xml.contains("<before/>") || xml.contains("<before></before>"),
            "{xml}"
        );
    });
}

#[test]
fn api_079_before_and_after_name_a_message() {
    clock::run(async {
        let xml = written(json!({ "before": "uid-7" })).await;
        assert!(xml.contains("<before>uid-7</before>"), "{xml}");
        let xml = written(json!({ "after": "uid-7 & more" })).await;
        assert!(xml.contains("<after>uid-7 &amp; more</after>"), "{xml}");
    });
}

#[test]
fn api_080_before_and_after_at_once_are_refused() {
    clock::run(async {
        let scene = Scene::new().await;
        let error = scene.refused(json!({ "before": "b", "after": "a" })).await;
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains("`before`"), "{error}");
    });
}

#[test]
fn api_081_what_only_answers_have_is_ignored() {
    clock::run(async {
        let query = json!({ "first": "a", "last": "b", "count": 3, "index": 2, "max": 10 });
        let xml = written(query).await;
        assert!(xml.contains("<index>2</index>"), "{xml}");
        for name in ["<first", "<last", "<count"] {
            assert!(!xml.contains(name), "{xml}");
        }
    });
}

#[test]
fn api_092_groupchat_asks_the_room() {
    clock::run(async {
        let scene = Scene::new().await;
        let room: BareJid = ROOM.parse().unwrap();
        let query = Query::new().with(room).groupchat(true).before("").max(20);
        let archive = scene.api.archive();
        let (page, ()) = tokio::join!(archive.query(query), async {
            scene.describe(ROOM, "urn:xmpp:mam:2").await;
            let (element, names) = scene.asked().await;
            assert_eq!(element.attr("to").as_deref(), Some(ROOM));
            assert!(!element.to_xml().contains("jabber:x:data"));
            let inner = format!(
                "<message xmlns='jabber:client' from='{ROOM}/pia' type='groupchat'><body>hello</body></message>"
            );
            let from = format!("from='{ROOM}'");
            scene.give(&names, &from, "r1", &inner).await;
            let set = "<first>r1</first><last>r1</last>";
            scene
                .end_from(&names, &from, &fin("complete='true'", set))
                .await;
        });
        assert_eq!(ids(&page.unwrap()), ["r1"]);
        let error = scene
            .api
            .archive()
            .query(json!({ "groupchat": true }))
            .await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains("`with`"), "{error}");
    });
}

#[test]
fn a_time_that_cannot_be_is_none() {
    clock::run(async {
        let scene = Scene::new().await;
        let archive = scene.api.archive();
        let stamps = [
            "99999-01-01T00:00:00Z",
            "-0001-01-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "soon",
            "",
        ];
        let (page, ()) = tokio::join!(archive.query(()), async {
            let (_, names) = scene.asked().await;
            for stamp in stamps {
                let xml = format!(
                    "<message><result xmlns='{MAM}' queryid='{{{{q}}}}' id='a{stamp}'>\
                     <forwarded xmlns='urn:xmpp:forward:0'>\
                     <delay xmlns='urn:xmpp:delay' stamp='{stamp}'/>{}</forwarded></result></message>",
                    chat("1")
                );
                scene.send(&names, &xml).await;
            }
            scene.end(&names, &fin("complete='true'", "")).await;
        });
        let page = page.unwrap();
        assert_eq!(
            page.messages.len(),
            stamps.len(),
            "no message is lost by it"
        );
        let timed = page.messages.iter().filter(|it| it.time.is_some());
        assert_eq!(timed.count(), 1, "a clock may be wrong by years");
    });
}
