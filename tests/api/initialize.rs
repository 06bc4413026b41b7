//! `initialize`.

use converse::prelude::*;
use converse_testkit::loopback::Loopback;

use crate::server::{account, instance};
use crate::support::{hear, within};

async fn loopback() -> Loopback {
    Loopback::builder("localhost")
        .account("mara", "secret")
        .account("otto", "secret")
        .start()
        .await
        .unwrap()
}

fn at(server: &Loopback, user: &str) -> SettingsMap {
    settings! {
        "jid": format!("{user}@localhost"),
        "password": "secret",
        "server": server.addr().to_string(),
        "security": "plaintext_loopback",
    }
}

#[actix::test]
async fn api_001_initialize_resolves_once_the_session_is_up() {
    let server = loopback().await;
    let converse = Converse::new();
    let seen = Arc::new(std::sync::Mutex::new(None));
    let into = Arc::clone(&seen);
    converse
        .plugins()
        .add(PluginDefinition::new("reader", move |cx| {
            let settings = cx.settings();
            *into.lock().unwrap() = settings.get("jid");
            Ok(())
        }))
        .unwrap();
    let mut settings = at(&server, "mara");
    settings.insert("whitelisted_plugins", json!(["reader"]));
    let api = within(converse.start(settings)).await.unwrap();
    assert!(api.connection().connected());
    within(api.wait_until("initialized")).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), Some(json!("mara@localhost")));
    converse.stop().await;
    server.stop().await;
}

#[actix::test]
async fn api_002_initialize_without_anything_connects_nowhere() {
    let (converse, server) = instance();
    let api = converse.start(settings! {}).await.unwrap();
    assert!(!api.connection().connected());
    assert_eq!(api.settings().get("auto_login"), Some(json!(false)));
    assert_eq!(server.tried(), 0);
}

#[actix::test]
async fn api_003_an_unknown_setting_is_an_error_or_ignored() {
    let (converse, _server) = instance();
    let strict = converse.start(settings! { "auto_reconect": true }).await;
    let error = strict.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let text = error.to_string();
    assert!(text.contains("`auto_reconect`"), "{text}");
    assert!(text.contains("`auto_reconnect`"), "{text}");

    let lenient = settings! { "no_such": 1, "strict_settings": false };
    let api = converse.start(lenient).await.unwrap();
    assert_eq!(api.settings().get("no_such"), None);
}

#[actix::test]
async fn api_004_a_login_without_anywhere_to_go_fails_before_any_traffic() {
    let (converse, server) = instance();
    let error = converse
        .start(settings! { "auto_login": true })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("`jid`"), "{error}");
    assert_eq!(server.tried(), 0);
}

#[actix::test]
async fn api_005_anonymous_without_a_domain_names_jid() {
    let (converse, server) = instance();
    let settings = settings! { "authentication": "anonymous", "auto_login": true };
    let error = converse.start(settings).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("`jid`"), "{error}");
    assert_eq!(server.tried(), 0);
}

#[actix::test]
async fn api_006_prebind_is_refused_by_name() {
    for settings in [
        settings! { "authentication": "prebind" },
        settings! { "prebind": true },
        settings! { "authentication": "prebind", "prebind_url": "https://kestrel.example/prebind" },
    ] {
        let (converse, server) = instance();
        let error = converse.start(settings).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        let text = error.to_string();
        assert!(text.contains("prebind") && text.contains("BOSH"), "{text}");
        assert_eq!(server.tried(), 0);
    }
}

#[actix::test]
async fn api_007_the_settings_of_the_document_are_all_accepted() {
    let given = settings! {
        "allow_otr": true,
        "auto_list_rooms": false,
        "auto_subscribe": false,
        "bosh_service_url": "https://bind.conversejs.org",
        "hide_muc_server": false,
        "i18n": "en",
        "keepalive": true,
        "play_sounds": true,
        "prebind": false,
        "show_controlbox_by_default": true,
        "debug": false,
        "roster_groups": true,
    };
    let (converse, _server) = instance();
    let api = converse.start(given).await.unwrap();
    for (key, value) in [
        ("i18n", json!("en")),
        ("show_controlbox_by_default", json!(true)),
        ("hide_muc_server", json!(false)),
        ("play_sounds", json!(true)),
    ] {
        assert_eq!(api.settings().get(key), Some(value), "{key}");
    }
}

#[actix::test]
async fn api_008_starting_again_ends_the_last_session_first() {
    let server = loopback().await;
    let converse = Converse::new();
    let first = within(converse.start(at(&server, "mara"))).await.unwrap();
    let heard = hear(&first, &["disconnected", "foo"]);
    let again = within(converse.start(at(&server, "mara"))).await.unwrap();
    assert_eq!(heard.list(), ["disconnected"]);
    assert!(!first.connection().connected());
    assert!(again.connection().connected());
    within(server.wait_for(|sessions| sessions.len() == 1)).await;

    again.emit("foo", ()).await.unwrap();
    assert_eq!(
        heard.count("foo"),
        0,
        "handlers of the first start are gone"
    );
    assert!(first.emit("foo", ()).await.is_err());
    let refused = first.user().login(("otto@localhost", "secret")).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Closed);
    converse.stop().await;
    within(server.wait_for(|sessions| sessions.is_empty())).await;
    server.stop().await;
}

#[actix::test]
async fn api_008_two_starts_at_once_leave_one_session() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let (one, other) = tokio::join!(converse.start(account()), converse.start(account()));
    let (one, other) = (one.unwrap(), other.unwrap());
    let stopped = [&one, &other].map(|api| api.bus().is_stopped());
    assert_eq!(stopped.iter().filter(|stopped| **stopped).count(), 1);
    let living = if stopped[0] { &other } else { &one };
    server.serve(living).await;
    converse.stop().await;
    assert!(one.bus().is_stopped() && other.bus().is_stopped());
}

#[actix::test]
async fn api_009_two_instances_share_nothing() {
    let server = loopback().await;
    let mara = Converse::initialize(at(&server, "mara")).await.unwrap();
    let otto = Converse::initialize(at(&server, "otto")).await.unwrap();
    assert_eq!(server.sessions().len(), 2);

    let heard = hear(&otto, &["foo", "disconnected"]);
    mara.promises().add("foo");
    mara.emit("foo", ()).await.unwrap();
    within(mara.wait_until("foo")).await.unwrap();
    assert!(!otto.promises().is_known("foo"));
    mara.settings().set("priority", json!(7)).unwrap();
    assert_eq!(otto.settings().get("priority"), Some(json!(0)));

    mara.connection().disconnect().await.unwrap();
    otto.bus().settle().await;
    assert!(otto.connection().connected());
    assert!(heard.list().is_empty());
    otto.connection().disconnect().await.unwrap();
    server.stop().await;
}

#[actix::test]
async fn a_start_that_cannot_log_in_leaves_nothing_behind() {
    let server = loopback().await;
    let mut settings = at(&server, "mara");
    settings.insert("password", json!("wrong"));
    settings.insert("whitelisted_plugins", json!(["keeper"]));
    let kept = Arc::new(std::sync::Mutex::new(None));
    let into = Arc::clone(&kept);
    let converse = Converse::new();
    converse
        .plugins()
        .add(PluginDefinition::new("keeper", move |cx| {
            *into.lock().unwrap() = Some(cx.api());
            Ok(())
        }))
        .unwrap();
    let error = within(converse.start(settings)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AuthFailed);
    let api = kept.lock().unwrap().take().unwrap();
    assert!(api.bus().is_stopped());
    server.stop().await;
}
