//! `plugins.add`: what runs, in which order, and what stops a start.

use converse::prelude::*;

use crate::server::instance;
use crate::support::{Heard, within};

fn noting(name: &'static str, heard: &Heard) -> PluginDefinition {
    let heard = heard.clone();
    PluginDefinition::new(name, move |_| {
        heard.add(name);
        Ok(())
    })
}

fn allow(names: &[&str]) -> SettingsMap {
    settings! { "whitelisted_plugins": names }
}

/// Starts an instance with these plugins, all of them allowed.
async fn start_all(
    plugins: impl IntoIterator<Item = PluginDefinition>,
    settings: SettingsMap,
) -> Result<Api, Error> {
    let (converse, _server) = instance();
    let mut names = Vec::new();
    for plugin in plugins {
        names.push(plugin.name().to_owned());
        converse.plugins().add(plugin)?;
    }
    let mut settings = settings;
    settings.insert("whitelisted_plugins", json!(names));
    converse.start(settings).await
}

#[actix::test]
async fn api_010_a_whitelisted_plugin_is_initialised_once_with_the_private_api() {
    let heard = Heard::default();
    let into = heard.clone();
    let plugin = PluginDefinition::new("mine", move |cx| {
        assert_eq!(cx.name(), "mine");
        cx.settings().update(json!({ "enable_mine": true }))?;
        into.add("initialized");
        Ok(())
    });
    let api = start_all([plugin], settings! {}).await.unwrap();
    assert_eq!(heard.list(), ["initialized"]);
    assert!(api.has_plugin("mine"));
    assert_eq!(api.settings().get("enable_mine"), Some(json!(true)));
}

struct Linked;

#[converse_plugin]
impl Plugin for Linked {
    const NAME: &'static str = "linked-in-a-test";

    fn initialize(cx: &PluginContext) -> Result<(), BoxError> {
        cx.promises().add("linked-ran");
        Ok(())
    }
}

#[actix::test]
async fn api_011_registration_is_no_permission() {
    let heard = Heard::default();
    let (converse, _server) = instance();
    converse.plugins().add(noting("unasked", &heard)).unwrap();
    let api = converse.start(settings! {}).await.unwrap();
    assert!(heard.list().is_empty());
    assert!(!api.has_plugin("unasked"));

    let api = Converse::initialize(settings! {}).await.unwrap();
    assert!(!api.promises().is_known("linked-ran"));
    let allowed = allow(&["linked-in-a-test"]);
    let api = Converse::initialize(allowed).await.unwrap();
    assert!(api.promises().is_known("linked-ran"));
}

#[actix::test]
async fn api_012_a_name_alone_makes_no_core_plugin() {
    let heard = Heard::default();
    let (converse, _server) = instance();
    converse
        .plugins()
        .add(noting("converse-roster", &heard))
        .unwrap();
    converse.start(settings! {}).await.unwrap();
    assert!(
        heard.list().is_empty(),
        "only the framework's own crates are"
    );
}

#[actix::test]
async fn api_013_the_blacklist_wins() {
    let heard = Heard::default();
    let (converse, _server) = instance();
    converse.plugins().add(noting("both", &heard)).unwrap();
    let settings = settings! { "whitelisted_plugins": ["both"], "blacklisted_plugins": ["both"] };
    converse.start(settings).await.unwrap();
    assert!(heard.list().is_empty());
}

#[actix::test]
async fn api_014_a_second_plugin_of_a_name_is_refused() {
    let (first, second) = (Heard::default(), Heard::default());
    let (converse, _server) = instance();
    converse.plugins().add(noting("twin", &first)).unwrap();
    let error = converse.plugins().add(noting("twin", &second)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Plugin);
    assert!(error.to_string().contains("`twin`"), "{error}");
    converse.start(allow(&["twin"])).await.unwrap();
    assert_eq!(first.list(), ["twin"]);
    assert!(second.list().is_empty());

    let linked = noting("linked-in-a-test", &second);
    let error = Converse::new().plugins().add(linked).unwrap_err();
    assert!(error.to_string().contains("`linked-in-a-test`"), "{error}");
}

struct Silent;

impl Plugin for Silent {
    const NAME: &'static str = "silent";
}

#[actix::test]
async fn api_015_a_plugin_need_not_initialise_anything() {
    let api = start_all([Silent.into()], settings! {}).await.unwrap();
    assert!(api.has_plugin("silent"));
}

#[actix::test]
async fn api_016_what_a_plugin_depends_on_starts_first() {
    for turn in 0..2 {
        let heard = Heard::default();
        let mut plugins = vec![
            noting("alpha", &heard).after(["beta"]),
            noting("beta", &heard),
        ];
        plugins.rotate_left(turn);
        start_all(plugins, settings! {}).await.unwrap();
        assert_eq!(heard.list(), ["beta", "alpha"]);
    }
}

#[actix::test]
async fn api_017_a_missing_optional_dependency_is_no_error() {
    let heard = Heard::default();
    let plugin = noting("alpha", &heard).after(["ghost"]);
    start_all([plugin], settings! {}).await.unwrap();
    assert_eq!(heard.list(), ["alpha"]);
}

#[actix::test]
async fn api_018_unless_dependencies_are_strict() {
    let heard = Heard::default();
    let plugin = noting("alpha", &heard).after(["ghost"]);
    let error = start_all([plugin], settings! { "strict_plugin_dependencies": true })
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("`alpha`") && text.contains("`ghost`"),
        "{text}"
    );
    assert!(heard.list().is_empty());
}

#[actix::test]
async fn api_019_a_circle_of_plugins_is_an_error() {
    for circle in [&["a", "b"][..], &["a", "b", "c"]] {
        let heard = Heard::default();
        let plugins = circle.iter().enumerate().map(|(index, name)| {
            let next = circle[(index + 1) % circle.len()];
            noting(name, &heard).requires([next])
        });
        let error = start_all(plugins, settings! {}).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Plugin);
        for name in circle {
            assert!(error.to_string().contains(name), "{error}");
        }
        assert!(heard.list().is_empty());
    }
}

#[actix::test]
async fn api_020_a_plugin_added_after_the_start_is_too_late() {
    let heard = Heard::default();
    let (converse, _server) = instance();
    converse.start(allow(&["late"])).await.unwrap();
    let error = converse.plugins().add(noting("late", &heard)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Plugin);
    assert!(error.to_string().contains("too late"), "{error}");
    assert!(heard.list().is_empty());
}

#[actix::test]
async fn api_021_plugins_initialized_comes_once_after_all_and_before_the_network() {
    tokio::time::pause();
    let heard = Heard::default();
    let (converse, mut server) = instance();
    for name in ["one", "two"] {
        let into = heard.clone();
        let plugin = PluginDefinition::new(name, move |cx| {
            into.add(name);
            if name == "one" {
                for event in ["pluginsInitialized", "sessionStateChanged", "connected"] {
                    let into = into.clone();
                    cx.listen().on_sync(event, move |event| {
                        into.add(&*event.name);
                        Ok(())
                    });
                }
            }
            Ok(())
        });
        converse.plugins().add(plugin).unwrap();
    }
    let mut settings = crate::server::account();
    settings.insert("whitelisted_plugins", json!(["one", "two"]));
    settings.insert("auto_login", json!(true));
    let (api, _line) = tokio::join!(converse.start(settings), async {
        let mut line = server.accept().await;
        line.log_in("").await;
        line
    });
    let api = api.unwrap();
    api.bus().settle().await;
    let list = heard.list();
    assert_eq!(
        list[..4],
        ["one", "two", "pluginsInitialized", "sessionStateChanged"]
    );
    assert_eq!(list.last().unwrap(), "connected");
    assert_eq!(heard.count("pluginsInitialized"), 1);
    assert!(api.promises().is_resolved("pluginsInitialized"));
    converse.stop().await;
}

#[actix::test]
async fn api_022_a_plugin_that_fails_fails_the_start() {
    let heard = Heard::default();
    let failing = PluginDefinition::new("failing", |_| Err("no licence".into()));
    let error = start_all([failing, noting("zeta", &heard)], settings! {})
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Plugin);
    let text = error.to_string();
    assert!(
        text.contains("`failing`") && text.contains("no licence"),
        "{text}"
    );
}

#[actix::test]
async fn api_022_a_plugin_that_panics_fails_the_start() {
    let panicking = PluginDefinition::new("panicking", |_| panic!("on purpose"));
    let error = start_all([panicking], settings! {}).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Plugin);
    let text = error.to_string();
    assert!(
        text.contains("`panicking`") && text.contains("on purpose"),
        "{text}"
    );
}

#[actix::test]
async fn api_022_an_instance_whose_plugin_failed_can_start_again() {
    let fails = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let asked = Arc::clone(&fails);
    let (converse, _server) = instance();
    converse
        .plugins()
        .add(PluginDefinition::new("moody", move |_| {
            match asked.swap(false, std::sync::atomic::Ordering::SeqCst) {
                true => Err("not today".into()),
                false => Ok(()),
            }
        }))
        .unwrap();
    assert!(converse.start(allow(&["moody"])).await.is_err());
    let api = converse.start(allow(&["moody"])).await.unwrap();
    assert!(api.has_plugin("moody"));
}

#[actix::test]
async fn api_023_the_api_answers_inside_initialize() {
    let heard = Heard::default();
    let into = heard.clone();
    let plugin = PluginDefinition::new("early", move |cx| {
        assert_eq!(cx.user().jid(), None);
        assert!(!cx.connection().connected());
        assert_eq!(cx.tokens().get("rid"), None);
        assert!(cx.plugins().is_empty());
        let into = into.clone();
        cx.listen().on_sync("sent", move |event| {
            into.add(event.arg(0).as_str().unwrap_or_default());
            Ok(())
        });
        let api = cx.api();
        actix::spawn(async move {
            let error = api.send("<presence/>").await.unwrap_err();
            api.emit("sent", (error.kind().as_str(),)).await
        });
        Ok(())
    });
    let api = start_all([plugin], settings! {}).await.unwrap();
    while heard.list().is_empty() {
        within(tokio::task::yield_now()).await;
    }
    assert_eq!(heard.list(), ["disconnected"]);
    assert!(api.has_plugin("early"));
}

#[actix::test]
async fn api_024_what_is_not_compiled_in_is_unknown() {
    let api = Converse::initialize(settings! {}).await.unwrap();
    let known = api.promises().is_known("roomsPanelRendered");
    assert_eq!(known, api.has_plugin("converse-muc"));
    if !known {
        let error = Error::from(api.wait_until("roomsPanelRendered").await.unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Promise);
    }
}
