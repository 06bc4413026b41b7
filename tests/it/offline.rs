//! What the groupings answer before there is a session, and without a plugin.

use converse::prelude::*;

use crate::scene::shared;

#[actix::test]
async fn api_023_126_inside_initialize_everything_is_empty_and_nothing_panics() {
    let seen = shared::<Vec<String>>();
    let into = seen.clone();
    let converse = Converse::new();
    let early = PluginDefinition::new("early", move |cx| {
        let contact = cx.contacts().get("juliet@localhost")?;
        let chat = cx.chats().get("juliet@localhost")?;
        let status = cx.user().status().get()?;
        into.lock().unwrap().push(format!(
            "{contact:?} {} {chat:?} {} {status} {:?}",
            cx.contacts().all().len(),
            cx.chats().all().len(),
            cx.user().status().message().get()?,
        ));
        Ok(())
    })
    .after(["converse-roster", "converse-chat", "converse-status"]);
    converse.plugins().add(early).unwrap();
    let settings = settings! { "whitelisted_plugins": ["early"], "default_state": "away" };
    let api = converse.start(settings).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), ["None 0 None 0 away None"]);
    for promise in [
        "rosterInitialized",
        "rosterContactsFetched",
        "statusInitialized",
        "chatBoxesFetched",
        "cachedRoster",
    ] {
        assert!(api.promises().is_known(promise), "{promise}");
        assert!(!api.promises().is_resolved(promise), "{promise}");
    }
}

#[actix::test]
async fn a_grouping_whose_plugin_does_not_run_says_so() {
    let settings = settings! {
        "blacklisted_plugins": ["converse-roster", "converse-chat", "converse-status"],
    };
    let api = Converse::initialize(settings).await.unwrap();
    let unsupported = |error: Error, plugin: &str| {
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains(plugin), "{error}");
    };
    unsupported(
        api.contacts().get("juliet@localhost").unwrap_err(),
        "converse-roster",
    );
    unsupported(
        api.contacts()
            .add("juliet@localhost", None)
            .await
            .unwrap_err(),
        "converse-roster",
    );
    unsupported(
        api.chats().open("juliet@localhost").await.unwrap_err(),
        "converse-chat",
    );
    unsupported(api.user().status().get().unwrap_err(), "converse-status");
    unsupported(
        api.user().status().set("dnd", None).await.unwrap_err(),
        "converse-status",
    );
    assert!(api.contacts().all().is_empty());
    assert!(api.chats().all().is_empty());
}

#[actix::test]
async fn without_status_and_roster_the_others_work() {
    use crate::scene::{Scene, within};
    let scene = Scene::new().await;
    let alone = settings! { "blacklisted_plugins": ["converse-status"] };
    let romeo = scene.online_with("romeo", alone).await;
    assert_eq!(romeo.contacts().all().len(), 1);

    let alone = settings! { "blacklisted_plugins": ["converse-roster"] };
    let juliet = Converse::initialize(alone.over(scene.settings("juliet")))
        .await
        .unwrap();
    within(juliet.wait_until("statusInitialized"))
        .await
        .unwrap();
    // Without a roster the presence does not wait for one.
    scene
        .server
        .wait_for(|sessions| {
            sessions
                .iter()
                .any(|session| session.jid.as_str().starts_with("juliet@") && session.available)
        })
        .await;
}
