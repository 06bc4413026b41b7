//! An account from its first day to its last, at a server in the process.

use converse::core::registration::RegistrationError;
use converse::prelude::*;
use converse_testkit::loopback::{Loopback, Registration};

use crate::scene::within;

async fn scene(registration: Registration) -> (Loopback, Api) {
    let server = Loopback::builder("localhost")
        .account("romeo", "secret")
        .registration(registration)
        .tls(true);
    let server = server.start().await.unwrap();
    let roots = format!(
        "{}/{}.pem",
        env!("CARGO_TARGET_TMPDIR"),
        server.addr().port()
    );
    std::fs::write(&roots, server.ca_pem().unwrap()).unwrap();
    let api = Converse::initialize(settings! {
        "registration_domain": "localhost",
        "server": server.addr().to_string(),
        "security": "starttls",
        "tls_roots": [roots],
    });
    (server, api.await.unwrap())
}

#[actix::test]
async fn an_account_lives_as_long_as_its_owner_wants() {
    let (server, api) = scene(Registration::Fields).await;
    let user = api.user();
    let mut registration = within(user.registration("")).await.unwrap();
    let taken = within(registration.register("romeo", "R0m30"))
        .await
        .unwrap_err();
    assert!(matches!(
        taken.cause(),
        Some(RegistrationError::Conflict(_))
    ));
    let registered = within(registration.register("Juliet", "R0m30"))
        .await
        .unwrap();
    within(user.login(registered)).await.unwrap();
    within(api.wait_until("rosterContactsFetched"))
        .await
        .unwrap();
    assert_eq!(user.jid().unwrap().to_bare().as_str(), "juliet@localhost");

    within(user.change_password("M0ntague")).await.unwrap();
    within(user.logout()).await.unwrap();
    let old = within(user.login(("juliet@localhost", "R0m30"))).await;
    assert_eq!(old.unwrap_err().kind(), ErrorKind::AuthFailed);
    within(user.login(("juliet@localhost", "M0ntague")))
        .await
        .unwrap();

    within(user.delete_account()).await.unwrap();
    assert!(!api.connection().connected());
    let gone = within(user.login(("juliet@localhost", "M0ntague"))).await;
    assert_eq!(gone.unwrap_err().kind(), ErrorKind::AuthFailed);
    assert!(server.sessions().is_empty());
}

#[actix::test]
async fn a_form_is_filled_out_by_what_it_says_of_itself() {
    let (_server, api) = scene(Registration::Form).await;
    let user = api.user();
    let mut registration = within(user.registration("")).await.unwrap();
    let mut submission = registration.fill();
    assert_eq!(submission.missing(), ["username", "password", "email"]);
    submission.set("username", "juliet").unwrap();
    submission.set("password", "R0m30").unwrap();
    submission.set("email", "juliet@capulet.example").unwrap();
    assert!(submission.set("x-house", "Tudor").is_err());
    submission.set("x-house", "Capulet").unwrap();
    let registered = within(registration.submit(&submission)).await.unwrap();
    within(user.login(registered)).await.unwrap();
}
