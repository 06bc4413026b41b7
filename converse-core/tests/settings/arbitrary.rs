//! No text and no value makes settings panic.

use converse_core::settings::{Settings, SettingsMap, Value, json};
use proptest::prelude::*;

/// Text that looks like JSON or TOML more often than chance would have it.
const LIKE_SETTINGS: &str =
    r#"([\[\]{}":,=\\\n '.]|jid|priority|true|null|-?[0-9]{1,20}|\PC){0,40}"#;

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("call|emoji|x", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    let declared = Settings::default().declarations();
    let known: Vec<String> = declared.into_iter().map(|found| found.key.into()).collect();
    prop_oneof![4 => prop::sample::select(known), 1 => "\\PC{0,20}"]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_settings_or_an_error(text in LIKE_SETTINGS) {
        let _ = SettingsMap::from_json_str(&text);
        let _ = SettingsMap::from_toml_str(&text);
    }

    #[test]
    fn what_json_reads_is_what_was_written(
        map in prop::collection::btree_map("\\PC{0,8}", value(), 0..6),
    ) {
        let text = serde_json::to_string_pretty(&map).unwrap();
        let expected: Value = serde_json::from_str(&text).unwrap();
        let read = SettingsMap::from_json_str(&text).unwrap();
        prop_assert_eq!(read.len(), map.len());
        for key in map.keys() {
            prop_assert_eq!(read.get(key), Some(&expected[key]));
        }
    }

    #[test]
    fn a_value_is_set_or_refused(key in key(), value in value()) {
        let settings = Settings::default();
        let before = settings.get(&key);
        match settings.set(key.as_str(), value.clone()) {
            Ok(()) if value.is_object() => prop_assert!(settings.get(&key).is_some()),
            Ok(()) => prop_assert_eq!(settings.get(&key), Some(value)),
            Err(_) => prop_assert_eq!(settings.get(&key), before),
        }
    }

    #[test]
    fn text_from_the_environment_fits_or_is_reported(key in key(), text in LIKE_SETTINGS) {
        let variables = [(key.to_uppercase(), text)];
        let settings = Settings::new(SettingsMap::from_variables("", variables).unwrap());
        let declared = settings.declarations();
        let finished = settings.finish();
        for declaration in declared {
            let value = settings.get(&declaration.key).unwrap();
            prop_assert!(declaration.kind.accepts(&value));
            if finished.is_err() && declaration.key != "auto_login" {
                prop_assert_eq!(value, declaration.default);
            }
        }
    }
}
