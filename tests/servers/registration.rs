//! Accounts that their owners make, change and delete (XEP-0077).

use converse::core::ErrorKind;
use converse::core::registration::RegistrationError;
use converse::core::session::SessionState;
use converse::prelude::*;
use converse_testkit::servers::{Ejabberd, Installation, Options, Server, or_skip, unique_user};

use crate::client::{Client, PASSWORD, account, settings, within};
use crate::{on_prosody, on_prosody_with};

/// Another password.
const NEW: &str = "n3w pässword";

/// The life of an account, from its registration to its end.
async fn from_first_to_last(server: &Server) {
    let user = unique_user("juliet");
    let jid = format!("{user}@{}", server.domain());
    let of_account = settings(server, server.starttls_addr(), &jid, json!({}));
    let client = Client::new(of_account.clone()).await;
    let owner = client.api.user();
    let registration = within("the form", owner.registration(server.domain())).await;
    let mut registration = registration.unwrap();
    assert!(registration.fill().has("username") && registration.fill().has("password"));
    let registered = within("the account", registration.register(&user, PASSWORD)).await;
    let registered = registered.unwrap();
    assert_eq!(registered.jid.as_str(), jid);

    within("the login", owner.login(registered)).await.unwrap();
    client.round_trip().await;
    let changed = within("the new password", owner.change_password(NEW)).await;
    changed.unwrap();
    client.round_trip().await;

    let old = Client::new(of_account.clone()).await;
    assert_eq!(old.login().await.unwrap_err().kind(), ErrorKind::AuthFailed);
    old.stop().await;
    let other = Client::new(of_account).await;
    let user = other.api.user();
    let login = within("a login with the new password", user.login((&*jid, NEW))).await;
    login.unwrap();

    let deleted = within("the end of the account", owner.delete_account()).await;
    deleted.unwrap();
    assert_eq!(client.api.connection().state(), SessionState::Disconnected);
    let login = within("a login that fails", owner.login((&*jid, NEW))).await;
    assert_eq!(login.unwrap_err().kind(), ErrorKind::AuthFailed);
    client.stop().await;
    other.stop().await;
}

/// A name can be had once, and by TLS from the first byte as well.
async fn name_that_is_taken(server: &Server) {
    let taken = account(server, "romeo").await;
    let user = taken.split('@').next().unwrap();
    let more = json!({ "security": "direct_tls", "registration_domain": server.domain() });
    let client = Client::new(settings(server, server.direct_tls_addr(), &taken, more)).await;
    let owner = client.api.user();
    let registration = within("the form", owner.registration("")).await;
    let mut registration = registration.unwrap();
    let refused = within("a refusal", registration.register(user, "other"))
        .await
        .unwrap_err();
    assert!(
        matches!(refused.cause(), Some(RegistrationError::Conflict(_))),
        "{refused:?}"
    );
    registration.cancel().await;
    client.login().await.unwrap();
    client.stop().await;
}

/// The hosts for anonymous users let nobody register.
async fn where_it_is_closed(server: &Server) {
    let host = server.host("anon");
    let client = Client::new(settings(server, server.starttls_addr(), &host, json!({}))).await;
    let owner = client.api.user();
    let refused = within("a refusal", owner.registration(&host))
        .await
        .unwrap_err();
    assert!(
        matches!(refused.cause(), Some(RegistrationError::NotOffered { .. })),
        "{refused:?}"
    );
    client.stop().await;
}

async fn everything(server: &Server) {
    from_first_to_last(server).await;
    name_that_is_taken(server).await;
    where_it_is_closed(server).await;
}

#[actix::test]
async fn prosody_registration() {
    on_prosody(everything).await;
}

#[actix::test]
async fn prosody_newer_registration() {
    on_prosody_with(newer(), everything).await;
}

#[actix::test]
async fn ejabberd_registration() {
    on_ejabberd(Options::default()).await;
}

#[actix::test]
async fn ejabberd_newer_registration() {
    on_ejabberd(newer()).await;
}

fn newer() -> Options {
    Options {
        installation: Installation::Newer,
        ..Options::default()
    }
}

async fn on_ejabberd(options: Options) {
    if let Some(server) = or_skip(Ejabberd::start(options).await).unwrap() {
        everything(&server).await;
    }
}
