//! Secrets are given to those who ask for them, and shown to nobody.

use converse_core::Error;
use converse_core::settings::{Declaration, Secret, Settings, SettingsMap, json, keys, settings};

const PASSWORD: &str = "it is the east";

fn with_secrets() -> Settings {
    let settings = Settings::new(settings! {
        "jid": "romeo@montague.example",
        "password": PASSWORD,
        "credentials_url": format!("https://app.example/?token={PASSWORD}"),
        "sid": PASSWORD,
        "rid": PASSWORD,
        "connection_options": { "proxy": { "proxy_password": PASSWORD } },
        "auto_join_rooms": [{ "jid": "garden@chat.example", "password": PASSWORD }],
    });
    settings
        .extend([Declaration::secret(
            "greeter_key",
            "Key of the greeting service.",
        )])
        .unwrap();
    settings.set("greeter_key", PASSWORD).unwrap();
    settings.finish().unwrap();
    settings
}

#[test]
fn debug_and_serialisation_hide_secrets_and_show_the_rest() {
    let settings = with_secrets();
    let debug = format!("{settings:?} {settings:#?}");
    let json = serde_json::to_string(&settings).unwrap();
    for shown in [debug, json] {
        assert!(!shown.contains(PASSWORD), "{shown}");
        assert!(shown.contains("***"));
        assert!(shown.contains("romeo@montague.example"));
    }
}

#[test]
fn a_secret_that_is_not_set_is_shown_as_missing() {
    let json = serde_json::to_value(Settings::default()).unwrap();
    assert_eq!(json["password"], json!(null));
    assert_eq!(
        serde_json::to_value(with_secrets()).unwrap()["password"],
        "***"
    );
}

#[test]
fn readers_get_the_secret_itself() {
    let settings = with_secrets();
    let password = settings.read(&keys::PASSWORD).unwrap().unwrap();
    assert_eq!(password.expose(), PASSWORD);
    assert_eq!(format!("{password} {password:?}"), "*** ***");
    assert_eq!(settings.get("password"), Some(json!(PASSWORD)));
}

#[test]
fn a_map_of_settings_shows_names_and_types_only() {
    let map = settings! { "password": PASSWORD, "nested": { "x": PASSWORD } };
    let debug = format!("{map:?}");
    assert_eq!(debug, r#"{"nested": "map", "password": "text"}"#);
}

#[test]
fn no_error_shows_a_value_that_might_be_secret() {
    let number = 271_828_182;
    let misplaced = settings! {
        "password": number,
        "rid": [PASSWORD],
        "passwrod": PASSWORD,
        "priority": PASSWORD,
        "auto_login": PASSWORD,
        "tls_roots": PASSWORD,
        "visible_toolbar_buttons": { "call": PASSWORD },
    };
    let settings = Settings::new(misplaced);
    let error = settings.finish().unwrap_err();
    let mut shown = format!("{error} {error:?}");
    let error = Error::from(error);
    shown.push_str(&format!("{error} {error:?}"));
    shown.push_str(&settings.set("password", number).unwrap_err().to_string());
    shown.push_str(
        &settings
            .set("jid", json!({ "a": PASSWORD }))
            .unwrap_err()
            .to_string(),
    );
    let error = settings.get_as::<i8>("password").unwrap_err();
    shown.push_str(&format!("{error:?}"));
    assert!(!shown.contains(PASSWORD), "{shown}");
    assert!(!shown.contains(&number.to_string()), "{shown}");
}

#[test]
fn a_secret_from_the_environment_does_not_show_in_errors() {
    let variables = [
        ("CONVERSE_PASSWORD", PASSWORD),
        ("CONVERSE_PRIORITY", PASSWORD),
        ("CONVERSE_PASWORD", PASSWORD),
    ];
    let settings = Settings::new(SettingsMap::from_variables("CONVERSE_", variables).unwrap());
    assert_eq!(
        settings.read(&keys::PASSWORD).unwrap(),
        Some(Secret::new(PASSWORD))
    );
    assert_eq!(
        settings.finish().unwrap_err().to_string(),
        "setting `priority` (environment variable `CONVERSE_PRIORITY`) takes integer from -128 \
         to 127, not the text it holds; \
         there is no setting `pasword` (environment variable `CONVERSE_PASWORD`); did you mean \
         `password`?"
    );
}
