//! Handles that notice changes.

use converse_core::settings::{Key, Settings, json, keys, settings};

const FILTER: Key<bool> = Key::new("filter_by_resource");

#[test]
fn a_watched_setting_follows_every_layer() {
    const GREETING: Key<String> = Key::new("greeting");
    let settings = Settings::default();
    assert!(settings.watch(&GREETING).is_err());
    settings.update(settings! { "greeting": "Hello" }).unwrap();
    let mut greeting = settings.watch(&GREETING).unwrap();
    assert_eq!(greeting.get(), "Hello");
    settings.update(settings! { "greeting": "Hi" }).unwrap();
    assert_eq!(greeting.get(), "Hi");
    settings.set("greeting", "Good morrow").unwrap();
    assert_eq!(greeting.clone().get(), "Good morrow");
    assert_eq!(greeting.get(), "Good morrow");
    settings.reset("greeting").unwrap();
    assert_eq!(greeting.get(), "Hi");
}

#[test]
fn a_value_too_large_for_the_reader_leaves_the_last_one() {
    const AWAY: Key<u8> = Key::new("auto_away");
    let settings = Settings::default();
    let mut away = settings.watch(&AWAY).unwrap();
    settings.set("auto_away", 300).unwrap();
    assert_eq!(*away.get(), 0);
    settings.set("auto_away", 200).unwrap();
    assert_eq!(*away.get(), 200);
}

#[test]
fn a_change_that_changes_nothing_is_none() {
    let settings = Settings::default();
    let before = settings.version();
    settings.set("filter_by_resource", false).unwrap();
    settings.reset("no_such").unwrap();
    assert_eq!(settings.version(), before);
    settings.set("filter_by_resource", true).unwrap();
    assert_ne!(settings.version(), before);
}

#[tokio::test]
async fn changed_waits_for_this_setting_and_no_other() {
    let settings = Settings::default();
    let mut filter = settings.watch(&FILTER).unwrap();
    let mut watcher = tokio::spawn(async move { *filter.changed().await });
    tokio::task::yield_now().await;
    settings.set("play_sounds", true).unwrap();
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    assert!(!watcher.is_finished());
    settings.set("filter_by_resource", true).unwrap();
    assert!((&mut watcher).await.unwrap());
}

#[tokio::test]
async fn changed_gives_a_change_that_came_before_it() {
    let settings = Settings::default();
    let mut filter = settings.watch(&FILTER).unwrap();
    settings.set("filter_by_resource", true).unwrap();
    assert!(*filter.changed().await);
}

#[test]
fn typed_keys_read_their_settings() {
    let settings = Settings::new(settings! { "jid": "romeo@montague.example", "max_depth": 32 });
    assert_eq!(
        settings.read(&keys::JID).unwrap().as_deref(),
        Some("romeo@montague.example")
    );
    assert_eq!(settings.read(&keys::MAX_DEPTH).unwrap(), 32);
    assert_eq!(settings.read(&keys::SERVER).unwrap(), None);
    assert_eq!(settings.get(keys::SECURITY.name()), Some(json!("either")));
}
