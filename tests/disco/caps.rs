//! Hashes in the presence of others (XEP-0115, XEP-0390).

use std::sync::Arc;
use std::time::Duration;

use converse::core::disco::caps::{Algorithm, capability_hash, verification_string};
use converse::core::disco::{Identity, Info};
use converse::core::store::{AccountStore, MemoryStore, Namespace, Scan, Store};
use converse_testkit::clock;

use crate::scene::{ASKED, INES, OTTO, OWN, Scene, Setting, jid, play};

/// XEP-0115 §5.2
const EXODUS: &str = "<identity category='client' type='pc' name='Exodus 0.9.1'/>\
    <feature var='http://jabber.org/protocol/caps'/><feature var='http://jabber.org/protocol/disco#info'/>\
    <feature var='http://jabber.org/protocol/disco#items'/><feature var='http://jabber.org/protocol/muc'/>";
const HASH: &str = "QgayPKawpkPSDYmwT/WM94uAlu0=";
const MUC: &str = "http://jabber.org/protocol/muc";

fn announcement(hash: &str) -> String {
    format!(
        "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:exodus' ver='{hash}'/>"
    )
}

impl Scene {
    async fn announces(&self, who: &str, c: &str) {
        self.recv(&format!("<presence from='{who}'>{c}</presence>"))
            .await;
    }

    /// What a resource can by its hash, when it answers so; gives also for which node it was asked.
    async fn learned(&mut self, who: &str, inner: &str) -> (Option<Arc<Info>>, Option<String>) {
        let (api, jid) = (self.api.clone(), who.parse().unwrap());
        let disco = api.disco();
        tokio::join!(disco.capabilities(&jid), self.describe(who, inner))
    }
}

#[test]
fn one_question_serves_all_who_have_the_hash() {
    play(|mut it| async move {
        for who in [OTTO, INES, "ines@heron.example/boat"] {
            it.announces(who, &announcement(HASH)).await;
        }
        it.expect_nothing(ASKED).await;
        let (info, node) = it.learned(OTTO, EXODUS).await;
        assert_eq!(node.as_deref(), Some(format!("urn:exodus#{HASH}").as_str()));
        assert!(info.unwrap().has(MUC));
        for who in [INES, "ines@heron.example/boat"] {
            assert!(it.capabilities(who).await.unwrap().has(MUC));
            assert!(it.api.disco().supports(&jid(who), MUC).await.unwrap());
            assert!(it.api.disco().known(&jid(who)).is_some());
        }
        assert_eq!(it.api.disco().learned_from(HASH), [jid(OTTO)]);
        it.expect_nothing(ASKED).await;
    });
}

#[test]
fn who_asks_for_two_with_one_hash_at_once_asks_one() {
    play(|mut it| async move {
        it.announces(OTTO, &announcement(HASH)).await;
        it.announces(INES, &announcement(HASH)).await;
        let (api, otto, ines) = (it.api.clone(), OTTO.parse().unwrap(), INES.parse().unwrap());
        let disco = api.disco();
        let (first, second, _) = tokio::join!(
            disco.capabilities(&otto),
            disco.capabilities(&ines),
            it.describe(OTTO, EXODUS)
        );
        assert!(first.is_some() && second.is_some());
        it.expect_nothing(ASKED).await;
    });
}

/// XEP-0115 §5.4: an answer that does not fit is neither trusted nor kept, for nobody; another's may fit.
#[test]
fn sec_139_an_answer_with_another_hash_poisons_nothing() {
    play(|mut it| async move {
        let vex = "vex@mallard.example/x9";
        it.announces(vex, &announcement(HASH)).await;
        it.announces(OTTO, &announcement(HASH)).await;
        let lie = EXODUS.replace("protocol/muc", "protocol/evil");
        let (info, _) = it.learned(vex, &lie).await;
        assert!(info.is_none());
        assert!(it.api.disco().learned_from(HASH).is_empty());
        // It is what that one says of itself, and it is not asked again for its hash.
        let evil = "http://jabber.org/protocol/evil";
        assert!(it.api.disco().supports(&jid(vex), evil).await.unwrap());
        assert!(it.capabilities(vex).await.is_none());
        it.expect_nothing(ASKED).await;
        let (info, _) = it.learned(OTTO, EXODUS).await;
        assert!(info.unwrap().has(MUC));
        assert!(it.capabilities(vex).await.is_none());
        assert_eq!(it.api.disco().learned_from(HASH), [jid(OTTO)]);
    });
}

#[test]
fn who_waits_for_a_liars_answer_asks_its_own() {
    play(|mut it| async move {
        let vex = "vex@mallard.example/x9";
        it.announces(vex, &announcement(HASH)).await;
        it.announces(OTTO, &announcement(HASH)).await;
        let (api, first, second) = (it.api.clone(), vex.parse().unwrap(), OTTO.parse().unwrap());
        let disco = api.disco();
        let (lie, truth, ()) = tokio::join!(
            disco.capabilities(&first),
            disco.capabilities(&second),
            async {
                it.describe(vex, "<feature var='urn:evil'/>").await;
                it.describe(OTTO, EXODUS).await;
            }
        );
        assert!(lie.is_none());
        assert!(truth.unwrap().has(MUC));
    });
}

#[test]
fn who_is_silent_does_not_keep_others_waiting() {
    play(|mut it| async move {
        it.announces("vex@mallard.example/x9", &announcement(HASH))
            .await;
        it.announces(OTTO, &announcement(HASH)).await;
        let (api, vex) = (it.api.clone(), "vex@mallard.example/x9".parse().unwrap());
        let silent = actix::spawn(async move { api.disco().capabilities(&vex).await });
        it.asked("vex@mallard.example/x9").await;
        let begun = tokio::time::Instant::now();
        let (info, _) = it.learned(OTTO, EXODUS).await;
        assert!(info.unwrap().has(MUC));
        assert!(begun.elapsed() < Duration::from_secs(6));
        silent.await.unwrap();
    });
}

#[test]
fn a_hash_that_nobody_can_check_is_not_asked_for() {
    play(|mut it| async move {
        let c = "xmlns='http://jabber.org/protocol/caps'";
        let long = "a".repeat(2_000);
        for announced in [
            format!("<c {c} hash='md5' node='urn:n' ver='x'/>"),
            format!("<c {c} node='urn:n' ver='0.9' ext='a b'/>"),
            format!("<c {c} hash='sha-1' node='urn:n'/>"),
            format!("<c {c} hash='sha-1' node='urn:n' ver='{long}'/>"),
            "<c xmlns='urn:xmpp:caps'/>".to_owned(),
            "<c xmlns='urn:xmpp:caps'><hash xmlns='urn:xmpp:hashes:2' algo='sha-1'>x</hash>\
             <hash xmlns='urn:xmpp:hashes:2' algo='rot13'>x</hash><hash xmlns='urn:xmpp:hashes:2'>x</hash></c>"
                .to_owned(),
        ] {
            it.announces(OTTO, &announced).await;
            assert!(it.capabilities(OTTO).await.is_none(), "{announced}");
            it.expect_nothing(ASKED).await;
        }
        let (api, otto) = (it.api.clone(), jid(OTTO));
        let (info, node) = tokio::join!(api.disco().info(&otto), it.describe(OTTO, EXODUS));
        assert!(info.unwrap().has(MUC));
        assert_eq!(node, None);
    });
}

/// Servers may leave out a `<c/>` that has not changed (XEP-0115 §8.4).
#[test]
fn what_was_announced_holds_until_something_else_is_or_the_resource_goes() {
    play(|mut it| async move {
        it.announces(OTTO, &announcement(HASH)).await;
        it.learned(OTTO, EXODUS).await;
        it.announces(OTTO, "<show>away</show>").await;
        assert!(it.capabilities(OTTO).await.is_some());
        let mut richer = Info::default();
        richer.features.insert("urn:richer".to_owned());
        let hash = verification_string(&richer, Algorithm::Sha1);
        it.announces(OTTO, &announcement(&hash)).await;
        assert!(it.api.disco().known(&jid(OTTO)).is_none());
        let (info, _) = it.learned(OTTO, "<feature var='urn:richer'/>").await;
        assert!(info.unwrap().has("urn:richer"));
        it.recv(&format!("<presence type='unavailable' from='{OTTO}'/>"))
            .await;
        assert!(it.capabilities(OTTO).await.is_none());
        it.expect_nothing(ASKED).await;
    });
}

#[test]
fn a_new_session_begins_without_anybodys_presence_and_knows_the_hashes() {
    play(|mut it| async move {
        it.announces(OTTO, &announcement(HASH)).await;
        it.learned(OTTO, EXODUS).await;
        it.log_in_again().await;
        it.server.forget_sent();
        assert!(it.capabilities(OTTO).await.is_none());
        it.announces(OTTO, &announcement(HASH)).await;
        assert!(it.capabilities(OTTO).await.is_some());
        it.expect_nothing(ASKED).await;
    });
}

/// XEP-0390 §8.1: where both are announced, what XEP-0115 hashes is not relied upon.
#[test]
fn the_newer_hashes_go_first() {
    play(|mut it| async move {
        let mut honest = Info::default();
        honest.identities.push(Identity::new("client", "pc"));
        honest.features.insert("urn:a".to_owned());
        let [sha_256, sha3_256] = [Algorithm::Sha256, Algorithm::Sha3_256]
            .map(|algorithm| capability_hash(&honest, algorithm));
        let hash = "hash xmlns='urn:xmpp:hashes:2'";
        let both = format!(
            "{}<c xmlns='urn:xmpp:caps'><{hash} algo='sha-256'>{sha_256}</hash>\
             <{hash} algo='sha3-256'>\n {sha3_256}\n </hash></c>",
            announcement(HASH)
        );
        it.announces(INES, &announcement(HASH)).await;
        it.learned(INES, EXODUS).await;
        it.announces(OTTO, &both).await;
        let inner = "<identity category='client' type='pc'/><feature var='urn:a'/>";
        let (info, node) = it.learned(OTTO, inner).await;
        assert_eq!(node, Some(format!("urn:xmpp:caps#sha3-256.{sha3_256}")));
        let info = info.unwrap();
        assert!(info.has("urn:a") && !info.has(MUC));
    });
}

const CAPS: Namespace = Namespace::new("disco.caps", 2_000);

/// What a hash stands for outlives the process; what somebody wrote into the store does not fool us.
#[test]
fn what_a_hash_stands_for_is_kept_and_checked_again() {
    clock::run(async {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let own = AccountStore::new(Arc::clone(&store), OWN.parse().unwrap());
        let started = async || {
            let store = Arc::clone(&store);
            let setting = Setting {
                store,
                ..Setting::default()
            };
            let it = Scene::of(setting).await;
            it.server.forget_sent();
            it.announces(OTTO, &announcement(HASH)).await;
            it
        };
        let mut it = started().await;
        let (info, _) = it.learned(OTTO, EXODUS).await;
        assert!(info.is_some());
        drop(it);

        let it = started().await;
        assert!(it.capabilities(OTTO).await.unwrap().has(MUC));
        assert!(it.api.disco().learned_from(HASH).is_empty());
        it.expect_nothing(ASKED).await;
        drop(it);

        let page = own.scan(CAPS, Scan::all()).await.unwrap();
        assert_eq!(page.entries.len(), 1);
        let forged = String::from_utf8(page.entries[0].value.clone()).unwrap();
        let forged = forged.replace("protocol/muc", "protocol/evil");
        own.put(CAPS, &page.entries[0].key, forged).await.unwrap();
        let mut it = started().await;
        let (info, _) = it.learned(OTTO, EXODUS).await;
        assert!(info.unwrap().has(MUC));
        drop(it);

        own.put(CAPS, &page.entries[0].key, "not JSON")
            .await
            .unwrap();
        let mut it = started().await;
        let (info, _) = it.learned(OTTO, EXODUS).await;
        assert!(info.unwrap().has(MUC));
    });
}

#[test]
fn ten_thousand_announcements_ask_nobody_anything() {
    play(|it| async move {
        let all: Vec<String> = (0..10_000)
            .map(|number| {
                let c = announcement(&format!("hash{}", number % 3_000));
                format!("<presence from='c{number}@heron.example/r'>{c}</presence>")
            })
            .collect();
        for some in all.chunks(500) {
            it.server.say_together(some).unwrap();
            clock::settle().await;
        }
        it.expect_nothing(ASKED).await;
        assert!(it.api.connection().connected());
    });
}
