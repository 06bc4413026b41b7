//! Settings from TOML, JSON, files and environment variables.

use std::path::PathBuf;

use converse_core::settings::{Settings, SettingsError, SettingsMap, Value, json, settings};

fn from_variables<const N: usize>(variables: [(&str, &str); N]) -> Settings {
    Settings::new(SettingsMap::from_variables("CONVERSE_", variables).unwrap())
}

/// A file of its own in the folder that cargo keeps for integration tests.
fn file(name: &str, text: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("settings-sources");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn environment_text_is_read_by_the_type_of_the_setting() {
    let settings = from_variables([
        ("CONVERSE_JID", "romeo@montague.example"),
        ("CONVERSE_PASSWORD", "12345"),
        ("CONVERSE_PRIORITY", "-5"),
        ("CONVERSE_KEEPALIVE", "false"),
        ("CONVERSE_AUTO_JOIN_ROOMS", r#"["garden@chat.example"]"#),
        ("CONVERSE_VISIBLE_TOOLBAR_BUTTONS", r#"{ "call": true }"#),
        ("CONVERSE_SYNCHRONIZE_AVAILABILITY", "desk"),
        ("CONVERSE_NOTIFY_ALL_ROOM_MESSAGES", "true"),
        ("CONVERSE_MUC_DOMAIN", ""),
        ("CONVERSE_I18N", "de"),
        ("PATH", "/bin"),
    ]);
    settings.finish().unwrap();
    assert_eq!(settings.get("password"), Some(json!("12345")));
    assert_eq!(settings.get("priority"), Some(json!(-5)));
    assert_eq!(settings.get("keepalive"), Some(json!(false)));
    assert_eq!(
        settings.get("auto_join_rooms"),
        Some(json!(["garden@chat.example"]))
    );
    assert_eq!(
        settings.get("visible_toolbar_buttons").unwrap()["call"],
        true
    );
    assert_eq!(
        settings.get("visible_toolbar_buttons").unwrap()["clear"],
        true
    );
    assert_eq!(
        settings.get("synchronize_availability"),
        Some(json!("desk"))
    );
    assert_eq!(settings.get("notify_all_room_messages"), Some(json!(true)));
    assert_eq!(settings.get("muc_domain"), Some(Value::Null));
    assert_eq!(settings.get("i18n"), Some(json!("de")));
}

#[test]
fn environment_text_waits_for_the_plugin_that_types_it() {
    let settings = from_variables([("CONVERSE_GREETING_DELAY", "7")]);
    settings.update(settings! { "greeting_delay": 3 }).unwrap();
    settings.finish().unwrap();
    assert_eq!(settings.get("greeting_delay"), Some(json!(7)));
}

#[test]
fn text_from_code_or_files_is_not_read_as_a_number() {
    for map in [
        settings! { "priority": "5" },
        SettingsMap::from_toml_str("priority = '5'").unwrap(),
        SettingsMap::from_json_str(r#"{ "priority": "5" }"#).unwrap(),
    ] {
        assert!(Settings::new(map).finish().is_err());
    }
}

#[test]
fn environment_variables_that_name_no_setting_are_errors_unless_lenient() {
    let strict = from_variables([("CONVERSE_PRIORTY", "5")]);
    assert_eq!(
        strict.finish().unwrap_err().to_string(),
        "there is no setting `priorty` (environment variable `CONVERSE_PRIORTY`); did you mean \
         `priority`?"
    );
    from_variables([
        ("CONVERSE_PRIORTY", "5"),
        ("CONVERSE_STRICT_SETTINGS", "false"),
    ])
    .finish()
    .unwrap();
}

#[test]
fn two_variables_for_one_setting_are_refused() {
    let variables = [
        ("CONVERSE_JID", "a@b.example"),
        ("CONVERSE_jid", "c@d.example"),
    ];
    let error = SettingsMap::from_variables("CONVERSE_", variables).unwrap_err();
    assert_eq!(
        error.to_string(),
        "setting `jid` (environment variable `CONVERSE_jid`) is given twice"
    );
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf8_is_named() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;

    let text = OsString::from_vec(vec![0xff]);
    let error = SettingsMap::from_variables("CONVERSE_", [("CONVERSE_JID", text)]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "environment variable `CONVERSE_JID` is not UTF-8"
    );
}

#[test]
fn toml_tables_lists_and_dates_become_settings() {
    let text = r#"
        jid = "romeo@montague.example"
        since = 1594-01-29
        ratio = 0.5

        [visible_toolbar_buttons]
        call = true

        [[auto_join_rooms]]
        jid = "garden@chat.example"
        nick = "Romeo"
    "#;
    let map = SettingsMap::from_toml_str(text).unwrap();
    assert_eq!(map.get("since"), Some(&json!("1594-01-29")));
    assert_eq!(map.get("ratio"), Some(&json!(0.5)));
    let rooms = json!([{ "jid": "garden@chat.example", "nick": "Romeo" }]);
    assert_eq!(map.get("auto_join_rooms"), Some(&rooms));
    assert_eq!(
        map.get("visible_toolbar_buttons"),
        Some(&json!({ "call": true }))
    );
}

#[test]
fn a_wrong_value_in_a_file_is_named_with_file_and_line() {
    let toml = file(
        "wrong.toml",
        "# who\njid = 'a@b.example'\n\npriority = 'high'\n",
    );
    let json = file(
        "wrong.json",
        "{\n  \"jid\": \"a@b.example\",\n  \"priority\": [{}]\n}",
    );
    for (path, line, found) in [(toml, 4, "text"), (json, 3, "list")] {
        let settings = Settings::new(SettingsMap::from_file(&path).unwrap());
        assert_eq!(
            settings.finish().unwrap_err().to_string(),
            format!(
                "setting `priority` ({}:{line}) takes integer from -128 to 127, not {found}",
                path.display()
            )
        );
    }
}

#[test]
fn a_syntax_error_is_named_with_file_and_line_but_not_quoted() {
    let toml = file(
        "syntax.toml",
        "jid = 'a@b.example'\npassword = 'wherefore\n",
    );
    let json = file(
        "syntax.json",
        "{\n  \"password\": \"wherefore\"\n  \"jid\": 1\n}",
    );
    for (path, line) in [(toml, 2), (json, 3)] {
        let error = SettingsMap::from_file(&path).unwrap_err();
        let text = error.to_string();
        let place = format!("{}:{line} cannot be read: ", path.display());
        assert!(text.starts_with(&place), "{text}");
        assert!(!format!("{error:?}").contains("wherefore"), "{error:?}");
    }
}

#[test]
fn a_setting_twice_in_json_is_refused() {
    let text =
        "{ \"jid\": \"\\\"{,\", \"storage\": { \"jid\": 1, \"x\": [\"jid\"] },\n\"jid\": \"b\" }";
    let error = SettingsMap::from_json_str(text).unwrap_err();
    assert_eq!(error.to_string(), "setting `jid` (line 2) is given twice");
    assert!(SettingsMap::from_toml_str("jid = 'a'\njid = 'b'").is_err());
}

#[test]
fn json_that_is_no_object_is_refused() {
    let error = SettingsMap::from_json_str("\"wherefore\"").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 1 cannot be read: settings are a JSON object"
    );
}

#[test]
fn toml_numbers_that_are_none_are_refused() {
    let error = SettingsMap::from_toml_str("x = 1\ny = [nan]").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 2 cannot be read: `nan` and `inf` are no settings"
    );
}

#[test]
fn a_missing_file_and_an_unknown_format_are_named() {
    let error = SettingsMap::from_file("/no/such/settings.toml").unwrap_err();
    assert!(matches!(error, SettingsError::Unreadable { .. }));
    assert_eq!(
        error.to_string(),
        "settings file `/no/such/settings.toml` cannot be opened"
    );
    let error = SettingsMap::from_file("settings.yaml").unwrap_err();
    assert_eq!(
        error.to_string(),
        "settings file `settings.yaml` must end in .toml or .json"
    );
}

#[test]
fn code_wins_over_environment_over_file() {
    let file = SettingsMap::from_toml_str("priority = 1\nauto_away = 1\nauto_xa = 1").unwrap();
    let environment = SettingsMap::from_variables(
        "CONVERSE_",
        [("CONVERSE_PRIORITY", "2"), ("CONVERSE_AUTO_AWAY", "2")],
    );
    let code = settings! { "priority": 3 };
    let settings = Settings::new(code.over(environment.unwrap()).over(file));
    settings.finish().unwrap();
    let values =
        ["priority", "auto_away", "auto_xa"].map(|key| settings.get_as::<i64>(key).unwrap());
    assert_eq!(values, [3, 2, 1]);
}
