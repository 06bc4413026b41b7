//! Settings that cannot work are refused with their name, before anything is connected.

use converse::prelude::*;

use crate::server::{account, instance};
use crate::support::chain;

/// The error of a start with `settings`, and that nothing was connected.
async fn refused(settings: SettingsMap) -> Error {
    let (converse, server) = instance();
    let error = converse
        .start(settings)
        .await
        .expect_err("it is a contradiction");
    assert_eq!(server.tried(), 0);
    error
}

#[actix::test]
async fn an_unknown_setting_names_the_nearest_one() {
    for (wrong, nearest) in [
        ("pasword", "password"),
        ("auto_recconect", "auto_reconnect"),
        ("whitelist_plugins", "whitelisted_plugins"),
        ("JID", "jid"),
    ] {
        let error = refused(settings! {}.with(wrong, "x")).await;
        assert_eq!(error.kind(), ErrorKind::Config);
        let text = error.to_string();
        assert!(text.contains(&format!("`{wrong}`")), "{text}");
        assert!(text.contains(&format!("`{nearest}`")), "{text}");
    }
}

#[actix::test]
async fn a_wrong_type_names_setting_and_types_but_no_secret() {
    let error = refused(settings! { "auto_reconnect": "yes" }).await;
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("`auto_reconnect`"), "{error}");
    let error = refused(settings! { "iq_timeout": 0 }).await;
    assert!(error.to_string().contains("`iq_timeout`"), "{error}");
    let error = refused(settings! { "security": "none" }).await;
    assert!(error.to_string().contains("`security`"), "{error}");
    let error = refused(settings! { "password": ["hunter2"] }).await;
    assert!(error.to_string().contains("`password`"), "{error}");
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
}

#[actix::test]
async fn a_client_certificate_needs_its_key() {
    for given in ["tls_client_certificate", "tls_client_key"] {
        let error = refused(settings! {}.with(given, "/nowhere/mara.pem")).await;
        assert_eq!(error.kind(), ErrorKind::Config);
        let text = error.to_string();
        assert!(text.contains("tls_client_certificate"), "{text}");
        assert!(text.contains("tls_client_key"), "{text}");
    }
}

#[actix::test]
async fn an_unknown_mechanism_is_named_with_the_known_ones() {
    let error = refused(settings! { "sasl_mechanisms": ["SCRAM-SHA-256", "DIGEST-MD5"] }).await;
    assert_eq!(error.kind(), ErrorKind::Config);
    let text = error.to_string();
    assert!(text.contains("sasl_mechanisms"), "{text}");
    assert!(
        text.contains("`DIGEST-MD5`") && text.contains("SCRAM-SHA-512"),
        "{text}"
    );
}

#[actix::test]
async fn files_that_cannot_be_read_are_named() {
    let missing = "/nowhere/at/all.pem";
    let error = refused(settings! { "tls_roots": [missing] }).await;
    assert_eq!(error.kind(), ErrorKind::Config);
    let text = chain(&error);
    assert!(
        text.contains("tls_roots") && text.contains(missing),
        "{text}"
    );
    assert!(text.contains("No such file"), "{text}");

    let error = refused(settings! {
        "tls_client_certificate": missing,
        "tls_client_key": missing,
    })
    .await;
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(
        error.to_string().contains("tls_client_certificate"),
        "{error}"
    );
}

#[actix::test]
async fn files_that_hold_something_else_are_refused() {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let error = refused(settings! { "tls_roots": [here] }).await;
    assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
    let error = refused(settings! {
        "tls_client_certificate": here,
        "tls_client_key": here,
    })
    .await;
    assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
}

#[actix::test]
async fn a_server_that_is_no_host_is_refused() {
    for server in ["kestrel example", "kestrel.example:0", "a/b", "[::1"] {
        let error = refused(account().with("server", server)).await;
        assert_eq!(error.kind(), ErrorKind::Config, "{server}: {error:?}");
        assert!(error.to_string().contains("server"), "{error}");
    }
}

#[actix::test]
async fn with_auto_login_what_only_a_login_needs_is_checked_too() {
    for (settings, named) in [
        (
            settings! { "auto_login": true, "jid": "mara@kestrel.example" },
            "`password`",
        ),
        (
            settings! { "jid": "not a jid", "password": "x" },
            "not a jid",
        ),
        (
            settings! { "jid": "kestrel.example", "password": "x" },
            "user name",
        ),
        (
            settings! { "auto_login": true, "credentials_url": "https://kestrel.example/c" },
            "credentials_url",
        ),
    ] {
        let error = refused(settings).await;
        assert!(error.to_string().contains(named), "{error}");
    }
}

#[actix::test]
async fn settings_that_are_spoilt_later_are_refused_at_the_login() {
    let (converse, server) = instance();
    let api = converse.start(account()).await.unwrap();
    api.settings()
        .set("tls_roots", json!(["/nowhere/at/all.pem"]))
        .unwrap();
    let error = api.user().login(()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(server.tried(), 0);
    api.settings().set("tls_roots", json!([])).unwrap();
    tokio::time::pause();
    let (converse, mut server) = (converse, server);
    server.serve(&api).await;
    converse.stop().await;
}
