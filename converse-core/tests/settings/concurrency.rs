//! Many readers and writers at once.

use std::thread;

use converse_core::settings::{Key, Settings, json, settings};

const AWAY: Key<i64> = Key::new("auto_away");

#[test]
fn settings_that_are_set_together_become_visible_one_after_the_other_but_never_half() {
    let settings = Settings::default();
    thread::scope(|scope| {
        for writer in 1..=2_i64 {
            let settings = settings.clone();
            scope.spawn(move || {
                for round in 0..200 {
                    let value = writer * 1000 + round;
                    let map = settings! { "visible": { "left": value, "right": value } };
                    settings.set_many(map).unwrap_err();
                    settings
                        .set("connection_options", json!([value, value]))
                        .unwrap_err();
                    settings
                        .set("connection_options", json!({ "l": value, "r": value }))
                        .unwrap();
                }
            });
        }
        for _ in 0..2 {
            let settings = settings.clone();
            scope.spawn(move || {
                for _ in 0..500 {
                    let map = settings.get("connection_options").unwrap();
                    assert_eq!(map.get("l"), map.get("r"));
                }
            });
        }
    });
}

#[test]
fn a_watcher_on_another_thread_never_misses_the_last_value() {
    let settings = Settings::default();
    thread::scope(|scope| {
        for _ in 0..3 {
            let mut away = settings.watch(&AWAY).unwrap();
            scope.spawn(move || {
                let mut last = 0;
                while last < 500 {
                    let now = *away.get();
                    assert!(now >= last, "values come in order");
                    last = now;
                    thread::yield_now();
                }
            });
        }
        for value in 1..=500 {
            settings.set("auto_away", value).unwrap();
        }
    });
}

#[test]
fn plugins_on_several_threads_declare_without_loss() {
    let settings = Settings::default();
    thread::scope(|scope| {
        for plugin in 0..8 {
            let handle = settings.for_plugin(&format!("plugin-{plugin}"));
            scope.spawn(move || {
                for number in 0..20 {
                    let key = format!("plugin_{plugin}_{number}");
                    handle.update(settings! {}.with(key, number)).unwrap();
                }
            });
        }
    });
    let declared = settings.declarations();
    let ours = declared
        .iter()
        .filter(|found| found.key.starts_with("plugin_"));
    assert_eq!(ours.count(), 160);
}
