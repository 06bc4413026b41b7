//! What this client says about itself.

use converse::core::disco::caps::{Algorithm, capability_hash, verification_string};
use converse::core::disco::{Features, Form, Identity, Info, Software};
use converse::prelude::*;
use converse_testkit::clock;

use crate::scene::{DISCO_INFO, OTTO, Scene, Setting, play};

impl Scene {
    /// The answer to a contact's question, or the condition of the error.
    async fn says(&mut self, node: Option<&str>) -> Result<Info, String> {
        let node = node.map_or_else(String::new, |node| format!(" node='{node}'"));
        let answer = self
            .ask(OTTO, &format!("<query xmlns='{DISCO_INFO}'{node}/>"))
            .await?;
        let answer = Stanza::parse(&answer.to_xml()).unwrap();
        Ok(Info::from_answer(&answer).unwrap())
    }

    async fn ask(&mut self, who: &str, payload: &str) -> Result<Element, String> {
        self.server.forget_sent();
        self.recv(&format!(
            "<iq type='get' id='q' from='{who}'>{payload}</iq>"
        ))
        .await;
        let answer = self.expect("<iq id='q'/>").await;
        assert_eq!(answer.attr("to").as_deref(), Some(who));
        match answer.child("error", "jabber:client") {
            None => Ok(answer),
            Some(error) => Err(error.children().next().unwrap().name().to_owned()),
        }
    }

    /// What goes into presence: the old `<c/>` and the new one.
    fn caps(&self) -> [Element; 2] {
        let elements = self.api.presence_payloads().elements();
        let mut caps = elements
            .into_iter()
            .map(|element| element.build().unwrap())
            .filter(|element| element.name() == "c");
        let caps = [caps.next().unwrap(), caps.next().unwrap()];
        assert!(caps[0].is("c", "http://jabber.org/protocol/caps"));
        assert!(caps[1].is("c", "urn:xmpp:caps"));
        caps
    }

    /// The nodes at which can be asked for what went out.
    fn nodes(&self) -> Vec<String> {
        let [one, two] = self.caps();
        let attr = |name| one.attr(name).unwrap();
        assert_eq!(attr("hash"), "sha-1");
        let hashes = two.children_named("hash", "urn:xmpp:hashes:2");
        let nodes = hashes.map(|hash| {
            format!(
                "urn:xmpp:caps#{}.{}",
                hash.attr("algo").unwrap(),
                hash.text()
            )
        });
        [format!("{}#{}", attr("node"), attr("ver"))]
            .into_iter()
            .chain(nodes)
            .collect()
    }
}

#[test]
fn what_goes_out_with_presence_is_the_hash_of_what_is_said() {
    play(|mut it| async move {
        let nodes = it.nodes();
        assert_eq!(nodes.len(), 3);
        let said = it.says(None).await.unwrap();
        assert!(said.is("client", "pc"));
        assert!(said.has("http://jabber.org/protocol/caps") && said.has("urn:xmpp:caps"));
        let ver = verification_string(&said, Algorithm::Sha1);
        assert!(nodes[0].ends_with(&format!("#{ver}")));
        let hash = capability_hash(&said, Algorithm::Sha3_256);
        assert!(nodes.contains(&format!("urn:xmpp:caps#sha3-256.{hash}")));
        for node in &nodes {
            assert_eq!(it.says(Some(node)).await.unwrap(), said, "{node}");
        }
        for node in [
            "urn:other",
            "urn:xmpp:caps#sha-256.x",
            "https://github.com/x#y",
        ] {
            assert_eq!(it.says(Some(node)).await.unwrap_err(), "item-not-found");
        }
    });
}

#[test]
fn a_change_is_announced_once_and_what_went_out_before_can_still_be_asked_for() {
    play(|mut it| async move {
        it.payloads("presencePayloadChanged").await;
        let before = (it.nodes(), it.says(None).await.unwrap());
        for feature in [
            "urn:example:a",
            "urn:example:b",
            "http://jabber.org/protocol/caps",
        ] {
            it.api.features().add(feature);
        }
        let told = it.payloads("presencePayloadChanged").await;
        assert_eq!(told, [json!({ "name": "converse-disco" })]);
        let after = it.nodes();
        assert_ne!(before.0, after);
        it.api.features().add("urn:example:a");
        assert!(it.payloads("presencePayloadChanged").await.is_empty());
        assert_eq!(it.says(Some(&before.0[0])).await.unwrap(), before.1);
        assert!(it.says(Some(&after[1])).await.unwrap().has("urn:example:a"));
        // Of the newest three at least (XEP-0390 §6), and not of all that ever were.
        for number in 0..9 {
            it.api.features().add(format!("urn:example:{number}"));
            it.nodes();
        }
        assert!(it.says(Some(&after[1])).await.is_err());
        it.api.features().remove("urn:example:a");
        assert!(!it.payloads("presencePayloadChanged").await.is_empty());
    });
}

#[test]
fn identities_forms_and_nodes_are_the_applications_to_set() {
    play(|mut it| async move {
        let features: &Features = it.api.features();
        features.set_identities([Identity::new("client", "phone").named("Verona").lang("it")]);
        features.add_form(Form::new("urn:example:form").with("a", ["1", "2"]));
        features.notify("urn:xmpp:avatar:metadata");
        let mut node = Info::default();
        node.features.insert("urn:example:node".to_owned());
        features.add_node("urn:example:place", node.clone());
        let said = it.says(None).await.unwrap();
        assert_eq!(said, it.api.features().info());
        assert!(said.is("client", "phone") && !said.is("client", "pc"));
        assert_eq!(said.identities[0].lang.as_deref(), Some("it"));
        assert_eq!(
            said.form("urn:example:form").unwrap().fields["a"],
            ["1", "2"]
        );
        assert!(said.has("urn:xmpp:avatar:metadata+notify"));
        assert_eq!(it.says(Some("urn:example:place")).await.unwrap(), node);
        it.api.features().remove_node("urn:example:place");
        assert!(it.says(Some("urn:example:place")).await.is_err());
    });
}

#[test]
fn items_are_answered_too() {
    play(|mut it| async move {
        let items = "<query xmlns='http://jabber.org/protocol/disco#items'/>";
        let answer = it.ask(OTTO, items).await.unwrap();
        let query = answer
            .child("query", "http://jabber.org/protocol/disco#items")
            .unwrap();
        assert_eq!(query.children().count(), 0);
    });
}

/// XEP-0092: contacts are told name and version, and nobody what it runs on.
#[test]
fn the_version_is_told_to_contacts() {
    clock::run(async {
        let query = "<query xmlns='jabber:iq:version'/>";
        let said = async |software: Option<Software>, who: &str| {
            let setting = Setting {
                software,
                ..Setting::default()
            };
            let mut it = Scene::of(setting).await;
            let answer = it.ask(who, query).await?;
            let query = answer.child("query", "jabber:iq:version").unwrap();
            let parts = query
                .children()
                .map(|part| (part.name().to_owned(), part.text().into_owned()));
            Ok::<Vec<_>, String>(parts.collect())
        };
        let expect = |parts: &[(&str, &str)]| {
            Ok(parts
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect::<Vec<_>>())
        };
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            said(None, OTTO).await,
            expect(&[("name", "converse"), ("version", version)])
        );
        let verona = Software::new("Verona", "1.2")
            .on("Plan 9")
            .at("https://verona.example");
        assert_eq!(
            said(Some(verona.clone()), OTTO).await,
            expect(&[("name", "Verona"), ("version", "1.2"), ("os", "Plan 9")])
        );
        let refused = said(Some(verona), "vex@mallard.example/x9").await;
        assert_eq!(refused, Err("service-unavailable".to_owned()));
    });
}

/// XEP-0202: contacts are told the time of the instance's clock.
#[test]
fn the_time_is_told_to_contacts() {
    play(|mut it| async move {
        let time = "<time xmlns='urn:xmpp:time'/>";
        let now = it.api.environment().clock.now();
        let answer = it.ask(OTTO, time).await.unwrap();
        let answer = answer.child("time", "urn:xmpp:time").unwrap();
        assert_eq!(answer.child_text("tzo", "urn:xmpp:time").unwrap(), "+00:00");
        let utc = answer.child_text("utc", "urn:xmpp:time").unwrap();
        let told: chrono::DateTime<chrono::Utc> = utc.parse().unwrap();
        assert!((told - now).num_seconds() <= 1, "{utc}");
        assert!(utc.ends_with('Z'));
        let refused = it.ask("vex@mallard.example/x9", time).await;
        assert_eq!(refused.unwrap_err(), "service-unavailable");
    });
}

#[test]
fn the_program_names_itself_in_presence() {
    clock::run(async {
        let software = Some(Software::new("Verona", "1.2").at("https://verona.example"));
        let setting = Setting {
            software,
            ..Setting::default()
        };
        let mut it = Scene::of(setting).await;
        let [one, _] = it.caps();
        assert_eq!(one.attr("node").as_deref(), Some("https://verona.example"));
        assert_eq!(it.says(None).await.unwrap().name("client"), Some("Verona"));
    });
}
