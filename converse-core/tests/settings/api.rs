//! The rows of the API contract about settings.

use converse_core::settings::{Kind, Settings, SettingsError, Value, json, settings};
use converse_core::{Error, ErrorKind};

#[test]
fn api_002_without_settings_all_defaults_apply() {
    let settings = Settings::new(settings! {});
    settings.finish().unwrap();
    assert_eq!(settings.get("auto_login"), Some(json!(false)));
    assert_eq!(settings.get("jid"), Some(Value::Null));
}

#[test]
fn api_003_unknown_setting_is_an_error_with_the_nearest_name() {
    let settings = Settings::new(settings! { "auto_recconect": true });
    let error = settings.finish().unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no setting `auto_recconect`; did you mean `auto_reconnect`?"
    );
    assert_eq!(Error::from(error).kind(), ErrorKind::Config);
    assert_eq!(settings.get("auto_recconect"), None);
}

#[test]
fn api_003_unknown_setting_is_ignored_when_not_strict() {
    let settings = Settings::new(settings! { "no_such": 1, "strict_settings": false });
    settings.finish().unwrap();
    assert_eq!(settings.get("no_such"), None);
}

#[test]
fn api_007_the_example_of_the_document_is_accepted_and_readable() {
    let settings = Settings::new(settings! {
        "allow_otr": true,
        "auto_list_rooms": false,
        "auto_subscribe": false,
        "bosh_service_url": "https://bind.example.com",
        "hide_muc_server": false,
        "i18n": { "locale_data": { "converse": { "": { "lang": "en" } } } },
        "keepalive": true,
        "play_sounds": true,
        "prebind": false,
        "show_controlbox_by_default": true,
        "debug": false,
        "roster_groups": true
    });
    settings.finish().unwrap();
    assert_eq!(
        settings.get("show_controlbox_by_default"),
        Some(json!(true))
    );
    assert_eq!(settings.get("hide_muc_server"), Some(json!(false)));
    assert_eq!(settings.get("play_sounds"), Some(json!(true)));
    assert_eq!(
        settings.get("i18n").unwrap()["locale_data"]["converse"][""]["lang"],
        "en"
    );

    let by_name = Settings::new(settings! { "i18n": "de" });
    by_name.finish().unwrap();
    assert_eq!(by_name.get("i18n"), Some(json!("de")));
}

#[test]
fn api_009_two_instances_are_independent() {
    let romeo = Settings::new(settings! { "priority": 1 });
    let juliet = Settings::new(settings! { "priority": 2 });
    romeo.set("priority", 3).unwrap();
    romeo.update(settings! { "greeting": "Hello" }).unwrap();
    assert_eq!(juliet.get("priority"), Some(json!(2)));
    assert_eq!(juliet.get("greeting"), None);
}

#[test]
fn api_185_update_declares_a_new_setting() {
    let settings = Settings::default();
    settings.update(settings! { "enable_foo": true }).unwrap();
    assert_eq!(settings.get("enable_foo"), Some(json!(true)));
    settings.finish().unwrap();
}

#[test]
fn api_186_what_the_application_gave_wins_over_a_plugin_default() {
    let settings = Settings::new(settings! { "enable_foo": false });
    settings.update(settings! { "enable_foo": true }).unwrap();
    settings.finish().unwrap();
    assert_eq!(settings.get("enable_foo"), Some(json!(false)));
}

#[test]
fn api_187_update_gives_a_core_setting_a_new_default() {
    let settings = Settings::default();
    settings
        .update(settings! { "auto_subscribe": true })
        .unwrap();
    assert_eq!(settings.get("auto_subscribe"), Some(json!(true)));

    let settings = Settings::new(settings! { "auto_subscribe": false });
    settings
        .update(settings! { "auto_subscribe": true })
        .unwrap();
    assert_eq!(settings.get("auto_subscribe"), Some(json!(false)));
}

#[test]
fn api_188_nested_maps_are_merged_and_unknown_nested_keys_dropped() {
    let settings = Settings::new(settings! {
        "visible_toolbar_buttons": { "emoji": false, "no_such_button": true }
    });
    settings
        .update(settings! { "visible_toolbar_buttons": { "call": true, "toggle_otr": true } })
        .unwrap();
    settings.finish().unwrap();
    assert_eq!(
        settings.get("visible_toolbar_buttons"),
        Some(json!({
            "call": true, "clear": true, "emoji": false, "toggle_occupants": true,
            "toggle_otr": true
        }))
    );
}

#[test]
fn api_188_a_nested_value_of_the_wrong_type_is_named_with_its_path() {
    let settings = Settings::new(settings! { "visible_toolbar_buttons": { "emoji": "no" } });
    let error = settings.finish().unwrap_err();
    assert_eq!(
        error.to_string(),
        "setting `visible_toolbar_buttons.emoji` takes bool, not text"
    );
}

#[test]
fn api_189_a_list_of_the_application_replaces_the_default() {
    let settings = Settings::new(settings! { "auto_join_rooms": ["garden@chat.example"] });
    settings
        .update(settings! { "auto_join_rooms": ["hall@chat.example", "street@chat.example"] })
        .unwrap();
    assert_eq!(
        settings.get("auto_join_rooms"),
        Some(json!(["garden@chat.example"]))
    );

    let settings = Settings::default();
    settings
        .update(settings! { "auto_join_rooms": ["a@chat.example"] })
        .unwrap();
    settings
        .update(settings! { "auto_join_rooms": [] })
        .unwrap();
    assert_eq!(settings.get("auto_join_rooms"), Some(json!([])));
}

#[test]
fn api_190_a_value_set_at_run_time_is_kept_by_update() {
    let settings = Settings::default();
    settings.set("play_sounds", true).unwrap();
    settings.update(settings! { "play_sounds": false }).unwrap();
    assert_eq!(settings.get("play_sounds"), Some(json!(true)));
    settings.reset("play_sounds").unwrap();
    assert_eq!(settings.get("play_sounds"), Some(json!(false)));
}

#[test]
fn api_191_of_two_plugins_the_later_default_wins() {
    let settings = Settings::default();
    settings
        .for_plugin("first")
        .update(settings! { "tint": "red" })
        .unwrap();
    settings
        .for_plugin("second")
        .update(settings! { "tint": "blue" })
        .unwrap();
    assert_eq!(settings.get("tint"), Some(json!("blue")));

    let settings = Settings::new(settings! { "tint": "green" });
    settings
        .for_plugin("first")
        .update(settings! { "tint": "red" })
        .unwrap();
    settings
        .for_plugin("second")
        .update(settings! { "tint": "blue" })
        .unwrap();
    assert_eq!(settings.get("tint"), Some(json!("green")));
}

#[test]
fn api_191_a_type_clash_names_the_setting_both_types_and_both_plugins() {
    let settings = Settings::default();
    settings
        .for_plugin("first")
        .update(settings! { "tint": "red" })
        .unwrap();
    let second = settings.for_plugin("second");
    let error = second
        .update(settings! { "aside": 1, "tint": 7 })
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "setting `tint` is text for `first`, but `second` declares it as integer; one of them \
         has to choose another name"
    );
    assert_eq!(settings.get("tint"), Some(json!("red")));
    assert_eq!(
        settings.get("aside"),
        None,
        "a failed update changes nothing"
    );
}

#[test]
fn api_192_get_of_known_and_unknown_settings() {
    let settings = Settings::default();
    assert_eq!(settings.get("ping_interval"), Some(json!(180)));
    assert_eq!(settings.get("no_such"), None);
}

#[test]
fn api_193_play_sounds_is_false_by_default() {
    assert_eq!(Settings::default().get("play_sounds"), Some(json!(false)));
}

#[test]
fn api_194_set_then_get() {
    let settings = Settings::new(settings! { "play_sounds": false });
    settings.set("play_sounds", true).unwrap();
    assert_eq!(settings.get("play_sounds"), Some(json!(true)));
}

#[test]
fn api_195_set_many_sets_all() {
    let settings = Settings::default();
    settings
        .set_many(json!({ "play_sounds": true, "hide_offline_users": true }))
        .unwrap();
    assert_eq!(settings.get("play_sounds"), Some(json!(true)));
    assert_eq!(settings.get("hide_offline_users"), Some(json!(true)));
}

#[test]
fn api_195_set_many_is_all_or_nothing() {
    let settings = Settings::default();
    let error = settings
        .set_many(json!({ "play_sounds": true, "priority": 1000 }))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "setting `priority` takes integer from -128 to 127, not 1000"
    );
    assert_eq!(settings.get("play_sounds"), Some(json!(false)));
}

#[test]
fn api_196_set_of_an_unknown_setting_is_an_error_and_sets_nothing() {
    let settings = Settings::default();
    let error = settings.set("non_existing", true).unwrap_err();
    assert!(matches!(error, SettingsError::Unknown { ref key, .. } if key == "non_existing"));
    assert_eq!(settings.get("non_existing"), None);

    let lenient = Settings::new(settings! { "strict_settings": false });
    lenient
        .set_many(json!({ "non_existing": true, "play_sounds": true }))
        .unwrap();
    assert_eq!(lenient.get("non_existing"), None);
    assert_eq!(lenient.get("play_sounds"), Some(json!(true)));
}

#[test]
fn api_197_set_with_a_wrong_type_is_an_error_and_changes_nothing() {
    let settings = Settings::default();
    let error = settings.set("priority", "high").unwrap_err();
    assert_eq!(
        error.to_string(),
        "setting `priority` takes integer from -128 to 127, not text"
    );
    assert_eq!(settings.get("priority"), Some(json!(0)));
}

#[test]
fn api_198_a_reader_sees_a_new_value_at_once() {
    let settings = Settings::default();
    let reader = settings.for_plugin("converse-chat");
    for key in [
        "allow_non_roster_messaging",
        "filter_by_resource",
        "auto_join_on_invite",
    ] {
        assert!(!reader.get_as::<bool>(key).unwrap());
        settings.set(key, true).unwrap();
        assert!(reader.get_as::<bool>(key).unwrap());
    }
}

#[test]
fn api_199_where_document_and_code_differ_the_defaults_are_those_of_the_code() {
    let settings = Settings::default();
    assert_eq!(settings.get("message_carbons"), Some(json!(true)));
    assert_eq!(settings.get("roster_groups"), Some(json!(true)));
    assert_eq!(settings.get("archived_messages_page_size"), Some(json!(50)));
}

#[test]
fn amb_02_the_settings_of_bosh_are_accepted() {
    let settings = Settings::new(settings! {
        "authentication": "prebind",
        "bosh_service_url": "https://bind.example.com",
        "expose_rid_and_sid": true,
        "jid": "me@example.com/desk",
        "prebind_url": "http://example.com/api/prebind",
        "rid": 876_987_608_760_u64,
        "sid": "346234623462",
        "allow_logout": false
    });
    settings.finish().unwrap();
    assert_eq!(settings.get("rid"), Some(json!(876_987_608_760_u64)));
    settings.set("rid", "876987608760").unwrap();
}

#[test]
fn amb_32_an_open_map_of_the_application_replaces_the_default() {
    let settings = Settings::new(settings! { "connection_options": { "mechanisms": ["PLAIN"] } });
    settings.finish().unwrap();
    assert_eq!(
        settings.get("connection_options"),
        Some(json!({ "mechanisms": ["PLAIN"] }))
    );
    let declared = settings.declarations();
    let options = declared
        .iter()
        .find(|found| found.key == "connection_options")
        .unwrap();
    assert_eq!(options.kind, Kind::OpenMap);
}
