//! What is linked: a Cargo feature alone links nothing, a source that names the crate does.

use std::collections::BTreeSet;

use converse::core::plugin::linked_plugins;
use converse::prelude::*;
use greeter_plugin as _;

/// The features that bring a plugin, by the plugin's name.
fn enabled() -> BTreeSet<&'static str> {
    let features = [
        ("converse-blocking", cfg!(feature = "blocking")),
        ("converse-bookmarks", cfg!(feature = "bookmarks")),
        ("converse-chat", cfg!(feature = "chat")),
        ("converse-mam", cfg!(feature = "mam")),
        ("converse-muc", cfg!(feature = "muc")),
        ("converse-roster", cfg!(feature = "roster")),
        ("converse-status", cfg!(feature = "status")),
        ("converse-vcard", cfg!(feature = "vcard")),
    ];
    features
        .into_iter()
        .filter_map(|(plugin, enabled)| enabled.then_some(plugin))
        .collect()
}

#[test]
fn the_plugins_of_the_enabled_features_are_linked_and_no_others() {
    let linked = linked_plugins();
    let own: BTreeSet<&str> = linked
        .iter()
        .map(String::as_str)
        .filter(|name| name.starts_with("converse-"))
        .collect();
    assert_eq!(own, enabled());
}

#[test]
fn a_plugin_crate_that_is_named_is_linked() {
    assert!(linked_plugins().contains(&"greeter".to_owned()));
}

/// The negative control: `unlinked-plugin` is a dependency of these tests like the greeter, and nothing names it.
#[test]
fn a_dependency_that_nobody_names_is_not_linked() {
    assert!(include_str!("../../Cargo.toml").contains("unlinked-plugin = "));
    assert!(!linked_plugins().contains(&"unlinked".to_owned()));
}

#[actix::test]
async fn api_011_012_being_linked_is_permission_for_the_frameworks_own_only() {
    let api = Converse::initialize(settings! {}).await.unwrap();
    for plugin in enabled() {
        assert!(api.has_plugin(plugin), "{plugin}");
    }
    assert!(!api.has_plugin("greeter"));

    let greeting = settings! { "whitelisted_plugins": ["greeter"] };
    let api = Converse::initialize(greeting).await.unwrap();
    assert!(api.has_plugin("greeter"));
    assert_eq!(api.settings().get("greeting"), Some(json!("Hello")));
}

#[actix::test]
async fn api_013_014_the_blacklist_wins_and_a_linked_name_is_taken() {
    let converse = Converse::new();
    let second = PluginDefinition::new("converse-roster", |_| Ok(()));
    let error = converse.plugins().add(second).unwrap_err();
    assert!(error.to_string().contains("`converse-roster`"), "{error}");

    let blacklist = settings! {
        "whitelisted_plugins": ["greeter"],
        "blacklisted_plugins": ["greeter", "converse-status"],
    };
    let api = converse.start(blacklist).await.unwrap();
    assert!(!api.has_plugin("greeter"));
    assert!(!api.has_plugin("converse-status"));
    assert!(api.has_plugin("converse-roster"));
}

#[actix::test]
async fn a_plugin_without_what_it_requires_fails_the_start_by_name() {
    let settings = settings! {
        "whitelisted_plugins": ["greeter"],
        "blacklisted_plugins": ["converse-chat"],
    };
    let error = Converse::initialize(settings).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("`greeter`") && text.contains("`converse-chat`"),
        "{text}"
    );
}

/// The store in a file is there exactly when its feature is; without it, who asks for it is told what to enable.
#[actix::test]
async fn the_local_store_comes_with_the_feature_sqlite() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!("linking-{}.db", std::process::id()));
    let local = settings! { "storage": "local", "store_path": path.to_string_lossy() };
    let started = Converse::initialize(local).await;
    if cfg!(feature = "sqlite") {
        let api = started.unwrap();
        assert!(api.store().is_durable());
        api.stop().await;
        drop(api);
        std::fs::remove_file(path).unwrap();
    } else {
        let error = started.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("feature `sqlite`"), "{error}");
    }
}

/// There is no `otr` feature yet: nothing of it is linked, its setting is known, and who needs it is told so.
#[actix::test]
async fn api_025_without_otr_who_needs_it_is_told() {
    assert!(!linked_plugins().contains(&"converse-otr".to_owned()));
    let api = Converse::initialize(settings! { "allow_otr": true })
        .await
        .unwrap();
    assert!(!api.has_plugin("converse-otr"));

    let converse = Converse::new();
    let needy = PluginDefinition::new("needy", |_| Ok(())).requires(["converse-otr"]);
    converse.plugins().add(needy).unwrap();
    let error = converse
        .start(settings! { "whitelisted_plugins": ["needy"] })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Plugin);
    let error = error.to_string();
    assert!(
        error.contains("needy") && error.contains("converse-otr"),
        "{error}"
    );
}
