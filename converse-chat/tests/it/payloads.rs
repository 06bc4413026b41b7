//! What a message has besides its text: ids, replies, mentions, files, styling.

use converse_chat::prelude::*;
use converse_chat::{Reference, StyleKind};
use converse_core::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::Plan;

use crate::scene::{Scene, online};

const OTTO: &str = "otto@heron.example";

async fn received(it: &mut Scene, children: &str) -> Message {
    let stanza = format!("<message from='otto@heron.example/oar' type='chat'>{children}</message>");
    it.recv(&stanza).await;
    it.messages(OTTO).pop().unwrap()
}

#[test]
fn a_reply_is_shown_without_what_it_quotes() {
    online(|mut it| async move {
        let reply = "<reply xmlns='urn:xmpp:reply:0' to='mara@kestrel.example/desk' id='m1'/>";
        let fallback = |range: &str| {
            format!(
                "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body {range}/></fallback>"
            )
        };
        let body = "<body>&gt; Grüße 👍\nja, Mara</body>";
        let mention = "<reference xmlns='urn:xmpp:reference:0' type='mention' begin='14' end='18' uri='xmpp:mara@kestrel.example'/>\
                       <reference xmlns='urn:xmpp:reference:0' type='mention' begin='2' end='7' uri='xmpp:grete@kestrel.example'/>";
        let message = received(
            &mut it,
            &format!("{body}{reply}{mention}{}", fallback("start='0' end='10'")),
        )
        .await;
        assert_eq!(message.body, "ja, Mara");
        assert_eq!(message.reply_to.as_ref().unwrap().id, "m1");
        // The mention in the text moves with it, the one in the quotation goes with that.
        assert_eq!(message.references.len(), 1);
        assert_eq!(message.references[0].text(&message.body), Some("Mara"));
        assert_eq!(
            message.mentions().next().unwrap().as_str(),
            "mara@kestrel.example"
        );

        for (range, expected) in [
            ("start='0' end='999'", "> Grüße 👍\nja, Mara"),
            ("start='9' end='3'", "> Grüße 👍\nja, Mara"),
            ("start='-1' end='3'", "> Grüße 👍\nja, Mara"),
            ("start='0'", "> Grüße 👍\nja, Mara"),
            (
                "start='0' end='18446744073709551616'",
                "> Grüße 👍\nja, Mara",
            ),
            ("start='0' end='0'", "> Grüße 👍\nja, Mara"),
            ("start='2' end='9'", "> \nja, Mara"),
        ] {
            let message = received(&mut it, &format!("{body}{reply}{}", fallback(range))).await;
            assert_eq!(message.body, expected, "{range}");
        }
        // Without the reply there is nothing that the text stands for.
        let message = received(
            &mut it,
            &format!("{body}{}", fallback("start='0' end='10'")),
        )
        .await;
        assert_eq!(message.body, "> Grüße 👍\nja, Mara");
    });
}

#[test]
fn files_are_read_and_only_those_of_the_web() {
    online(|mut it| async move {
        let share = "<file-sharing xmlns='urn:xmpp:sfs:0' disposition='inline'><file xmlns='urn:xmpp:file:metadata:0'>\
             <media-type>image/jpeg</media-type><name>../summit.jpg</name><size>3032449</size><width>4096</width><height>x</height>\
             <hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>2XarmwTlNxDAMkvymloX3S5+VbylNrJt/l5QyPa+YoU=</hash></file>\
             <sources><url-data xmlns='http://jabber.org/protocol/url-data' target='https://download.heron.example/1/summit.jpg'/>\
             <url-data xmlns='http://jabber.org/protocol/url-data' target='javascript:alert(1)'/></sources></file-sharing>\
             <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:sfs:0'><body/></fallback>\
             <body>https://download.heron.example/1/summit.jpg</body>\
             <x xmlns='jabber:x:oob'><url>https://download.heron.example/1/summit.jpg</url></x>";
        let message = received(&mut it, share).await;
        assert_eq!((message.body.as_str(), message.attachments.len()), ("", 1));
        let file = &message.attachments[0];
        assert_eq!(file.urls, ["https://download.heron.example/1/summit.jpg"]);
        assert_eq!(file.name.as_deref(), Some("summit.jpg"));
        assert_eq!(
            (file.size, file.width, file.height),
            (Some(3_032_449), Some(4096), None)
        );
        assert_eq!(file.hashes[0].algorithm, "sha-256");

        let link = |url: &str| {
            format!(
                "<body>look</body><x xmlns='jabber:x:oob'><url>{url}</url><desc>a picture</desc></x>"
            )
        };
        let message = received(&mut it, &link("https://heron.example/a.png")).await;
        assert_eq!(
            message.attachments[0].description.as_deref(),
            Some("a picture")
        );
        for url in ["javascript:alert(1)", "file:///etc/passwd", "", "cid:x"] {
            let message = received(&mut it, &link(url)).await;
            assert!(message.attachments.is_empty(), "{url}");
            assert_eq!(message.body, "look");
        }
    });
}

#[test]
fn a_message_is_composed_of_many_parts() {
    online(|mut it| async move {
        it.recv("<message from='otto@heron.example/oar' type='chat' id='q1'><body>When?</body><origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>").await;
        let chat = it.chat(OTTO).unwrap();
        let question = chat.messages().last().unwrap().unwrap();
        chat.compose("ñ Otto, at nine. Otto!")
            .reply_to(&question)
            .subject("Tide")
            .mention(OTTO, "Otto")
            .mention(OTTO, "Otto")
            .mention("ines@heron.example", "Ines")
            .attach(
                Attachment::new("https://files.kestrel.example/map.png")
                    .unwrap()
                    .name("map.png")
                    .media_type("image/png")
                    .size(42)
                    .hash("sha-256", "AAAA"),
            )
            .hint(Hint::NoPermanentStore)
            .unstyled()
            .send()
            .await
            .unwrap();
        it.expect(
            "<message to='otto@heron.example' type='chat' id='{{m}}'><subject>Tide</subject><body>ñ Otto, at nine. Otto!</body>\
             <origin-id xmlns='urn:xmpp:sid:0' id='{{m}}'/>\
             <reply xmlns='urn:xmpp:reply:0' to='otto@heron.example/oar' id='o1'/>\
             <reference xmlns='urn:xmpp:reference:0' type='mention' uri='xmpp:otto@heron.example' begin='2' end='6'/>\
             <reference xmlns='urn:xmpp:reference:0' type='mention' uri='xmpp:otto@heron.example' begin='17' end='21'/>\
             <reference xmlns='urn:xmpp:reference:0' type='mention' uri='xmpp:ines@heron.example'/>\
             <file-sharing xmlns='urn:xmpp:sfs:0'><file xmlns='urn:xmpp:file:metadata:0'><media-type>image/png</media-type><name>map.png</name><size>42</size>\
             <hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>AAAA</hash></file>\
             <sources><url-data xmlns='http://jabber.org/protocol/url-data' target='https://files.kestrel.example/map.png'/></sources></file-sharing>\
             <x xmlns='jabber:x:oob'><url>https://files.kestrel.example/map.png</url></x>\
             <unstyled xmlns='urn:xmpp:styling:0'/><no-permanent-store xmlns='urn:xmpp:hints'/></message>",
        )
        .await;
        let sent = chat.messages().last().unwrap().unwrap();
        let texts: Vec<_> = sent
            .references
            .iter()
            .map(|one: &Reference| one.text(&sent.body))
            .collect();
        assert_eq!(texts, [Some("Otto"), Some("Otto"), None]);
        assert_eq!(sent.subject.as_deref(), Some("Tide"));
    });
}

#[test]
fn a_file_needs_no_text_and_nothing_else_does_without() {
    online(|mut it| async move {
        let chat = it.api.chats().open(OTTO).await.unwrap();
        let file = Attachment::new("https://files.kestrel.example/map.png").unwrap();
        chat.compose("").attach(file).send().await.unwrap();
        it.expect("<message to='otto@heron.example'><body>https://files.kestrel.example/map.png</body><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:sfs:0'><body/></fallback><file-sharing xmlns='urn:xmpp:sfs:0'/></message>").await;
        assert_eq!(chat.messages().last().unwrap().unwrap().body, "");
        it.recv("<message from='otto@heron.example/oar'><body>no id</body></message>")
            .await;
        let nameless = chat.messages().last().unwrap().unwrap();
        for error in [
            chat.compose("").send().await.unwrap_err(),
            chat.compose("x")
                .mention("not a jid", "x")
                .send()
                .await
                .unwrap_err(),
            chat.compose("x")
                .reply_to(&nameless)
                .send()
                .await
                .unwrap_err(),
            Attachment::new("ftp://files.kestrel.example/map.png").unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        }
        assert_eq!(chat.messages().count().unwrap(), 2);
    });
}

#[test]
fn the_text_stays_and_its_styling_is_told() {
    online(|mut it| async move {
        let message = received(&mut it, "<body>/me *waves*</body>").await;
        assert_eq!(message.action(), Some("*waves*"));
        assert_eq!(message.body, "/me *waves*");
        let styles = message.styled();
        assert_eq!((styles.len(), styles[0].kind), (1, StyleKind::Strong));
        assert_eq!(&message.body[styles[0].range.clone()], "*waves*");
        let message = received(
            &mut it,
            "<body>*waves*</body><unstyled xmlns='urn:xmpp:styling:0'/>",
        )
        .await;
        assert!(message.unstyled && message.styled().is_empty());
        for body in ["/meshrugs", "/me's", " /me x", "\"/me x\""] {
            let message = received(&mut it, &format!("<body>{body}</body>")).await;
            assert_eq!(message.action(), None, "{body}");
        }
    });
}

#[test]
fn what_cannot_be_decrypted_is_marked() {
    online(|mut it| async move {
        let message = received(&mut it, "<body>I sent you an encrypted message</body><encryption xmlns='urn:xmpp:eme:0' namespace='eu.siacs.conversations.axolotl' name='OMEMO'/>").await;
        assert!(message.encrypted);
        assert_eq!(serde_json::to_value(&message).unwrap()["encrypted"], true);
    });
}

#[test]
fn stamps_are_those_of_the_server_or_the_sender() {
    online(|mut it| async move {
        let delay = |from: &str, stamp: &str| {
            format!("<delay xmlns='urn:xmpp:delay' {from} stamp='{stamp}'/>")
        };
        for (stamps, expected) in [
            (delay("", "2026-01-01T00:00:00Z"), Some("2026-01-01")),
            (
                delay("from='otto@heron.example/oar'", "2026-01-02T00:00:00Z"),
                Some("2026-01-02"),
            ),
            (
                delay("from='vex@mallard.example'", "2026-01-03T00:00:00Z"),
                None,
            ),
            (delay("from='@@'", "2026-01-03T00:00:00Z"), None),
            (
                delay("from='kestrel.example'", "2026-01-04T00:00:00Z")
                    + &delay("", "2020-01-01T00:00:00Z"),
                Some("2026-01-04"),
            ),
            (
                delay("", "2020-01-01T00:00:00Z")
                    + &delay("from='kestrel.example'", "2026-01-05T00:00:00Z"),
                Some("2026-01-05"),
            ),
        ] {
            let message = received(&mut it, &format!("<body>x</body>{stamps}")).await;
            assert_eq!(message.delayed, expected.is_some(), "{stamps}");
            if let Some(day) = expected {
                assert!(message.time.to_rfc3339().starts_with(day), "{stamps}");
            }
        }
    });
}

#[test]
fn stanza_ids_count_if_the_account_gives_them_and_says_so() {
    const BY_US: &str = "<stanza-id xmlns='urn:xmpp:sid:0' by='mara@kestrel.example' id='28'/>";
    let stanza_id = |features: &[&str], children: String| {
        let features: Vec<String> = features.iter().map(|one| (*one).to_owned()).collect();
        clock::run(async move {
            let mut plan = Plan::new("kestrel.example");
            plan.account_features = features;
            let mut it = Scene::new(plan, settings! {}, true).await;
            it.api.wait_until("discoInitialized").await.unwrap();
            clock::settle().await;
            let message = received(&mut it, &format!("<body>x</body>{children}")).await;
            message.stanza_id
        })
    };
    let sid = ["urn:xmpp:sid:0"];
    assert_eq!(stanza_id(&sid, BY_US.to_owned()).as_deref(), Some("28"));
    assert_eq!(stanza_id(&[], BY_US.to_owned()), None);
    assert_eq!(stanza_id(&sid, BY_US.to_owned() + BY_US), None);
    for by in [
        "vex@mallard.example",
        "mara@kestrel.example/desk",
        "kestrel.example",
        "",
    ] {
        let by_others = BY_US.replace("mara@kestrel.example", by);
        assert_eq!(stanza_id(&sid, by_others.clone()), None, "{by}");
        assert_eq!(stanza_id(&sid, by_others + BY_US).as_deref(), Some("28"));
    }
}

#[test]
fn what_comes_twice_is_announced_once() {
    online(|it| async move {
        let written = "<message from='otto@heron.example/oar' type='chat' id='dup'><body>one</body></message>";
        it.recv(written).await;
        it.events().await;
        it.recv(written).await;
        assert!(it.events().await.is_empty());
        // The same text is not the same message.
        it.recv(&written.replace("dup", "other")).await;
        it.recv(&written.replace("otto", "ines")).await;
        assert_eq!(it.messages(OTTO).len(), 2);
        assert_eq!(it.messages("ines@heron.example").len(), 1);
    });
}
