//! XEP-0045 §6, XEP-0059: rooms are found on the service of the server, and say what they are.

use std::collections::BTreeSet;

use converse::prelude::*;
use converse_testkit::servers::unique_user;
use serde_json::json;

use crate::client::{Host, account, within};
use crate::resource::Resource;

/// Rooms of Romeo's, two of them public.
struct Rooms {
    romeo: Resource,
    tybalt: Resource,
    service: BareJid,
    public: BTreeSet<BareJid>,
    hidden: BareJid,
}

impl Rooms {
    async fn made(server: &impl Host) -> Self {
        let romeo = account(server, "romeo").await;
        let tybalt = account(server, "tybalt").await;
        let mut this = Self {
            romeo: Resource::log_in(server, &romeo, "orchard", json!({})).await,
            tybalt: Resource::log_in(server, &tybalt, "street", json!({})).await,
            service: server.rooms().parse().unwrap(),
            public: BTreeSet::new(),
            hidden: room(&server.rooms(), "vault"),
        };
        for name in ["hall", "square"] {
            let jid = room(&server.rooms(), name);
            let about = format!("All of Verona meets in the {name}");
            let config = RoomConfig::new().public(true).description(about);
            this.make(&jid, config.name(format!("The {name}"))).await;
            this.public.insert(jid);
        }
        let vault = this.hidden.clone();
        this.make(&vault, RoomConfig::new().public(false)).await;
        this
    }

    async fn make(&mut self, jid: &BareJid, config: RoomConfig) {
        let options = RoomOptions::nick("Romeo")
            .auto_configure(true)
            .roomconfig(config);
        let opened = self.romeo.api.rooms().open(jid, options).await.unwrap();
        within("Romeo's way in", opened.entered()).await.unwrap();
        let is_it = |told: &serde_json::Value| told["chatbox"]["jid"] == jid.as_str();
        self.romeo.event("roomConfigured", is_it).await;
    }
}

fn room(service: &str, name: &str) -> BareJid {
    format!("{}@{service}", unique_user(name)).parse().unwrap()
}

/// Who is in none of them finds the public ones: the service, its list, whole and in pages, and what each says.
pub(crate) async fn public_rooms(server: &impl Host) {
    let Rooms {
        romeo,
        tybalt,
        service,
        public,
        hidden,
    } = Rooms::made(server).await;
    let rooms = tybalt.api.rooms();
    assert_eq!(
        within("the service", rooms.service()).await.unwrap(),
        service
    );

    let all = within("the list", rooms.all_on_service(&service))
        .await
        .unwrap();
    let listed: BTreeSet<_> = all.iter().map(|room| room.jid.clone()).collect();
    assert!(listed.is_superset(&public), "{listed:?}");
    assert!(!listed.contains(&hidden));
    assert_eq!(listed.len(), all.len());

    // A room at a time, where the service gives parts.
    let (mut paged, mut wanted) = (BTreeSet::new(), Some(Paging::new().max(1)));
    while let Some(paging) = wanted {
        let page = within("a page", rooms.on_service(&service, paging))
            .await
            .unwrap();
        paged.extend(page.rooms.iter().map(|room| room.jid.clone()));
        wanted = page.next();
    }
    assert_eq!(paged, listed);

    let found = all.into_iter().filter(|room| public.contains(&room.jid));
    let described = within("what they say", rooms.describe(found))
        .await
        .unwrap();
    for room in described {
        let info = room.info.unwrap();
        assert!(info.name.as_ref().unwrap().starts_with("The "));
        let about = info.description.as_ref().unwrap();
        assert!(about.starts_with("All of Verona"), "{about}");
        assert!(info.has(RoomFeature::Public));
        assert_eq!(info.details.occupants, Some(1));
    }
    let nowhere = format!("{}@{service}", unique_user("nowhere"));
    let error = within("the refusal", rooms.info(nowhere.as_str()))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Stanza);
    romeo.stop().await;
    tybalt.stop().await;
}
