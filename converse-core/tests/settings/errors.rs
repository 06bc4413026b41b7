//! Errors name what is wrong and what to do.

use converse_core::settings::{Declaration, Kind, Settings, json, settings};

#[test]
fn finish_reports_everything_that_is_wrong() {
    let settings = Settings::new(settings! { "priority": "high", "jdi": "a@b", "storage": "disk" });
    assert_eq!(
        settings.finish().unwrap_err().to_string(),
        "setting `priority` takes integer from -128 to 127, not text; \
         setting `storage` takes one of `session`, `local`, not `disk`; \
         there is no setting `jdi`; did you mean `jid`?"
    );
}

#[test]
fn finish_says_the_same_again() {
    let settings = Settings::new(settings! { "priority": "high" });
    let first = settings.finish().unwrap_err().to_string();
    assert_eq!(settings.finish().unwrap_err().to_string(), first);
}

#[test]
fn a_wrong_value_leaves_the_default_in_place() {
    let settings = Settings::new(settings! { "priority": "high" });
    assert_eq!(settings.get("priority"), Some(json!(0)));
}

#[test]
fn no_value_is_refused_where_one_is_needed() {
    let settings = Settings::new(settings! { "priority": null });
    assert_eq!(
        settings.finish().unwrap_err().to_string(),
        "setting `priority` takes integer from -128 to 127, not nothing"
    );
}

#[test]
fn a_list_of_texts_takes_nothing_else() {
    let settings = Settings::new(settings! { "whitelisted_plugins": ["greeter", 1] });
    assert_eq!(
        settings.finish().unwrap_err().to_string(),
        "setting `whitelisted_plugins` takes list of texts, not list of something else"
    );
}

#[test]
fn a_name_unlike_any_other_has_no_suggestion() {
    let settings = Settings::new(settings! { "colour_of_the_sky": "blue" });
    assert_eq!(
        settings.finish().unwrap_err().to_string(),
        "there is no setting `colour_of_the_sky`"
    );
}

#[test]
fn numbers_beyond_every_limit_are_refused() {
    let settings = Settings::default();
    assert!(settings.set("auto_away", u64::MAX).is_err());
    assert!(settings.set("auto_away", 1.5).is_err());
    assert!(settings.set("connect_timeout", 0).is_err());
    settings.set("auto_away", i64::MIN).unwrap();
}

#[test]
fn reading_into_the_wrong_type_is_an_error() {
    let settings = Settings::new(settings! { "max_depth": 300 });
    let error = settings.get_as::<u8>("max_depth").unwrap_err();
    assert_eq!(
        error.to_string(),
        "setting `max_depth` takes what is read here, `u8`, not integer"
    );
    let error = settings.get_as::<bool>("max_dept").unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no setting `max_dept`; did you mean `max_depth`?"
    );
}

#[test]
fn a_plugin_declares_its_own_setting_more_narrowly() {
    let settings = Settings::new(settings! { "greeting_delay": 90 });
    let greeter = settings.for_plugin("greeter");
    greeter.update(settings! { "greeting_delay": 3 }).unwrap();
    assert_eq!(settings.get("greeting_delay"), Some(json!(90)));
    greeter
        .extend([Declaration::integer(
            "greeting_delay",
            3,
            0..=60,
            "Seconds.",
        )])
        .unwrap();
    assert_eq!(settings.get("greeting_delay"), Some(json!(3)));
    assert_eq!(
        settings.finish().unwrap_err().to_string(),
        "setting `greeting_delay` takes integer from 0 to 60, not 90"
    );
}

#[test]
fn another_plugin_cannot_change_the_type() {
    let settings = Settings::default();
    let error = settings
        .for_plugin("greeter")
        .extend([Declaration::text("priority", "high", "How urgent.")])
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "setting `priority` is integer from -128 to 127 for `converse-status`, but `greeter` \
         declares it as text; one of them has to choose another name"
    );
}

#[test]
fn a_default_outside_its_own_limits_is_refused() {
    let declaration = Declaration::new("delay", Kind::POSITIVE, 0, "Seconds.");
    let error = Settings::default().extend([declaration]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "setting `delay` takes integer from 1, not 0"
    );
}

#[test]
fn a_late_declaration_checks_what_the_application_gave_at_once() {
    let settings = Settings::new(settings! { "strict_settings": false, "late": "text" });
    settings.finish().unwrap();
    let error = settings.update(settings! { "late": 1 }).unwrap_err();
    assert_eq!(error.to_string(), "setting `late` takes integer, not text");
    assert_eq!(settings.get("late"), None);
    settings.update(settings! { "late": "default" }).unwrap();
    assert_eq!(settings.get("late"), Some(json!("text")));
}

#[test]
fn settings_that_are_no_map_are_refused() {
    let error = Settings::default()
        .set_many(json!(["play_sounds"]))
        .unwrap_err();
    assert_eq!(error.to_string(), "settings are a map, not list");
}
