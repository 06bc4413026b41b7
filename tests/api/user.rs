//! `user.jid`, `user.login` and `user.logout`.

use base64::Engine as _;
use converse::core::api::LoginOptions;
use converse::core::session::SessionState;
use converse::prelude::*;

use crate::server::{OWN, Server, account, instance, online};
use crate::support::{hear, state, within};

/// The user name in the client's `PLAIN` message.
async fn user_name(server: &mut Server) -> String {
    let mut line = server.accept().await;
    let auth = line.auth().await;
    let plain = base64::engine::general_purpose::STANDARD
        .decode(auth.text().as_bytes())
        .unwrap();
    let plain = String::from_utf8(plain).unwrap();
    plain.split('\0').nth(1).unwrap().to_owned()
}

#[actix::test]
async fn api_097_the_jid_is_the_one_that_the_server_bound() {
    tokio::time::pause();
    let mut settings = account();
    settings.insert("jid", json!("mara@kestrel.example/wished"));
    let (api, _server, _line) = online(settings).await;
    assert_eq!(api.user().jid().unwrap().as_str(), OWN);
}

#[actix::test]
async fn api_098_before_a_login_there_is_no_jid_and_after_a_loss_the_last_one() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    assert_eq!(api.user().jid(), None);
    let line = server.serve(&api).await;
    drop(line);
    state(&api, |state| !state.is_online()).await;
    assert_eq!(api.user().jid().unwrap().as_str(), OWN);
}

#[actix::test]
async fn api_099_login_with_credentials_starts_a_session() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let settings = account();
    let api = converse.start(settings).await.unwrap();
    let user = api.user();
    let login = user.login(LoginOptions::new("mara@kestrel.example", "other"));
    let (login, ()) = tokio::join!(login, async {
        let mut line = server.accept().await;
        line.log_in("").await;
    });
    login.unwrap();
}

#[actix::test]
async fn api_100_credentials_url_is_refused_by_name() {
    let (converse, server) = instance();
    let settings = settings! { "credentials_url": "https://kestrel.example/secret-path" };
    let api = converse.start(settings).await.unwrap();
    let error = api.user().login(()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("credentials_url"), "{error}");
    assert!(!format!("{error:?}").contains("secret-path"));
    assert_eq!(server.tried(), 0);
}

#[actix::test]
async fn api_101_prebind_set_later_is_refused_at_the_login() {
    let (converse, server) = instance();
    let api = converse.start(account()).await.unwrap();
    api.settings()
        .set("authentication", json!("prebind"))
        .unwrap();
    let error = api.user().login(()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("BOSH"), "{error}");
    assert_eq!(server.tried(), 0);
}

#[actix::test]
async fn api_102_login_without_anything_is_a_configuration_error() {
    let (converse, server) = instance();
    let api = converse.start(settings! {}).await.unwrap();
    let error = api.user().login(()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let text = error.to_string();
    assert!(
        text.contains("`jid`") && text.contains("`password`"),
        "{text}"
    );
    let error = api
        .user()
        .login(serde_json::from_value::<LoginOptions>(json!({ "jid": OWN })).unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("`password`"), "{error}");
    assert_eq!(server.tried(), 0);
}

#[actix::test]
async fn api_103_a_resource_is_asked_for_as_given_or_at_random() {
    tokio::time::pause();
    let mut seen = Vec::new();
    for jid in [
        "mara@kestrel.example/sofa",
        "mara@kestrel.example",
        "mara@kestrel.example",
    ] {
        let (converse, mut server) = instance();
        let api = converse.start(account()).await.unwrap();
        let user = api.user();
        let (login, resource) = tokio::join!(user.login((jid, "secret")), async {
            let mut line = server.accept().await;
            line.authenticate().await;
            line.features("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>")
                .await;
            let request = line.element().await;
            let bind = request.child("bind", "urn:ietf:params:xml:ns:xmpp-bind");
            let resource = bind.unwrap().children().next().unwrap();
            let resource = resource.text().into_owned();
            let payload =
                format!("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>{OWN}</jid></bind>");
            line.result(&request, &payload).await;
            resource
        });
        login.unwrap();
        seen.push(resource);
    }
    assert_eq!(seen[0], "sofa");
    assert!(seen[1].len() >= 12, "{seen:?}");
    assert_ne!(seen[1], seen[2]);
}

async fn domains(settings: SettingsMap, jid: &str) -> Result<String, Error> {
    let (converse, mut server) = instance();
    let api = converse.start(account().over(settings.clone())).await?;
    for key in ["default_domain", "locked_domain"] {
        if let Some(value) = settings.get(key) {
            api.settings().set(key, value.clone())?;
        }
    }
    let user = api.user();
    let header = async {
        let mut line = server.accept().await;
        line.header().await
    };
    tokio::select! {
        login = user.login((jid, "secret")) => Err(login.expect_err("it cannot succeed")),
        to = header => Ok(to),
    }
}

#[actix::test]
async fn api_103_the_domain_is_completed() {
    tokio::time::pause();
    let default = settings! { "default_domain": "kestrel.example" };
    let locked = settings! { "locked_domain": "kestrel.example" };
    for settings in [&default, &locked] {
        for jid in [
            "mara",
            "mara/desk",
            "mara/desk@home",
            "mara@kestrel.example",
        ] {
            let domain = domains(settings.clone(), jid).await.unwrap();
            assert_eq!(domain, "kestrel.example", "{jid}");
        }
    }
    let other = domains(default, "mara@heron.example").await.unwrap();
    assert_eq!(other, "heron.example");
}

#[actix::test]
async fn api_103_a_locked_domain_refuses_others() {
    tokio::time::pause();
    let locked = settings! { "locked_domain": "Kestrel.example" };
    for jid in ["mara@heron.example", "mara@kestrel.example.evil.example"] {
        let error = domains(locked.clone(), jid).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert!(error.to_string().contains("Kestrel.example"), "{error}");
    }
    let same = domains(locked, "mara@KESTREL.example").await.unwrap();
    assert_eq!(same, "kestrel.example");
    let locked = settings! { "locked_domain": "BÜCHER.example" };
    let same = domains(locked, "mara@bücher.example").await.unwrap();
    assert_eq!(same, "bücher.example");
}

#[actix::test]
async fn api_103_without_a_domain_setting_a_name_alone_is_an_error() {
    tokio::time::pause();
    for jid in [
        "mara",
        "mara@",
        "@kestrel.example",
        "",
        "a@b@c",
        "mara@ke strel",
    ] {
        let error = domains(settings! {}, jid).await.unwrap_err();
        let refused = [ErrorKind::InvalidArgument, ErrorKind::Config];
        assert!(refused.contains(&error.kind()), "{jid}: {error:?}");
    }
}

#[actix::test]
async fn api_104_the_jid_is_normalised() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    let user = api.user();
    tokio::select! {
        _ = user.login(("MARA@Kestrel.EXAMPLE", "secret")) => panic!("nobody logged it in"),
        name = user_name(&mut server) => assert_eq!(name, "mara"),
    }
}

#[actix::test]
async fn api_105_a_second_login_is_refused_and_there_is_one_session() {
    tokio::time::pause();
    let (api, server, _line) = online(account()).await;
    let error = api.user().login(()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(api.connection().connected());
    assert_eq!(server.tried(), 1);

    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    let user = api.user();
    let (one, other, line) = tokio::join!(user.login(()), user.login(()), async {
        let mut line = server.accept().await;
        line.log_in("").await;
        line
    });
    one.unwrap();
    assert_eq!(other.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(server.tried(), 1);
    drop(line);
}

#[actix::test]
async fn api_106_logout_closes_the_stream_and_says_logout_then_disconnected() {
    tokio::time::pause();
    let (api, server, mut line) = online(account()).await;
    let heard = hear(&api, &["logout", "disconnected", "reconnecting"]);
    let user = api.user();
    let (ended, _) = tokio::join!(user.logout(), line.farewell());
    ended.unwrap();
    tokio::time::advance(std::time::Duration::from_secs(3600)).await;
    api.bus().settle().await;
    assert_eq!(heard.list(), ["logout", "disconnected"]);
    assert_eq!(api.connection().state(), SessionState::Disconnected);
    assert_eq!(server.tried(), 1);
}

#[actix::test]
async fn api_106_after_a_logout_another_login_works() {
    tokio::time::pause();
    let (api, mut server, mut line) = online(account()).await;
    let heard = hear(&api, &["connected", "reconnected"]);
    let user = api.user();
    let (ended, _) = tokio::join!(user.logout(), line.farewell());
    ended.unwrap();
    let mut line = server.serve(&api).await;
    api.send("<message id='again'/>").await.unwrap();
    assert_eq!(line.element().await.attr("id").as_deref(), Some("again"));
    assert_eq!(heard.list(), ["connected"]);
}

#[actix::test]
async fn api_107_logout_without_a_session_is_no_error() {
    let (converse, _server) = instance();
    let api = converse.start(account()).await.unwrap();
    within(api.user().logout()).await.unwrap();
    within(api.user().logout()).await.unwrap();
    assert_eq!(api.connection().state(), SessionState::Disconnected);
}
