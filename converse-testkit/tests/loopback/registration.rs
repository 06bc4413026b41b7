//! XEP-0077: accounts that their owners make, change and delete.

use converse_testkit::loopback::{Limits, Loopback, Registration};

use crate::client::{Client, condition, verona};

async fn open(registration: Registration) -> Loopback {
    let server = Loopback::builder("localhost")
        .account("romeo", "secret")
        .registration(registration);
    server.start().await.unwrap()
}

fn set(payload: &str) -> String {
    format!("<iq type='set' id='set'><query xmlns='jabber:iq:register'>{payload}</query></iq>")
}

fn account(user: &str, password: &str) -> String {
    set(&format!(
        "<username>{user}</username><password>{password}</password>"
    ))
}

#[tokio::test]
async fn a_stranger_registers_and_logs_in_on_the_same_stream() {
    let server = open(Registration::Fields).await;
    let mut client = Client::connect(server.addr()).await;
    assert!(client.features.in_band_registration);
    let form = client
        .request("<iq type='get' id='get'><query xmlns='jabber:iq:register'/></iq>")
        .await;
    let query = form.children().next().unwrap();
    let names: Vec<&str> = query.children().map(|child| child.name()).collect();
    assert_eq!(names, ["instructions", "username", "password"]);

    for (request, expected) in [
        (account("romeo", "x"), "conflict"),
        (account("juliet", ""), "not-acceptable"),
        (account("a b", "x"), "not-acceptable"),
        (set("<username>juliet</username>"), "not-acceptable"),
    ] {
        assert_eq!(condition(&client.request(&request).await), expected);
    }
    let answer = client.request(&account("Juliet", "R0m30")).await;
    assert_eq!(answer.attr("type"), Some("result"));
    let mut juliet = client
        .authenticate("SCRAM-SHA-256", "juliet", "R0m30")
        .await
        .ok()
        .unwrap();
    juliet.bind("balcony").await;
    assert_eq!(juliet.jid, "juliet@localhost/balcony");
}

#[tokio::test]
async fn a_form_has_to_be_filled_out() {
    let server = open(Registration::Form).await;
    let mut client = Client::connect(server.addr()).await;
    let form = client
        .request("<iq type='get' id='get'><query xmlns='jabber:iq:register'/></iq>")
        .await;
    let query = form.children().next().unwrap();
    assert!(query.has_child("x", "jabber:x:data"));
    let filled = |fields: &[(&str, &str)]| {
        let fields: String = fields
            .iter()
            .map(|(var, value)| format!("<field var='{var}'><value>{value}</value></field>"))
            .collect();
        set(&format!(
            "<x xmlns='jabber:x:data' type='submit'>{fields}</x>"
        ))
    };
    let (user, password) = (("username", "juliet"), ("password", "R0m30"));
    let email = ("email", "juliet@capulet.example");
    for fields in [
        vec![user, password],
        vec![user, password, ("email", "")],
        vec![user, password, email, ("x-house", "Tudor")],
    ] {
        let refused = client.request(&filled(&fields)).await;
        assert_eq!(condition(&refused), "not-acceptable");
    }
    let fields = [user, password, email, ("x-house", "Capulet")];
    assert_eq!(
        client.request(&filled(&fields)).await.attr("type"),
        Some("result")
    );
    assert!(
        client
            .authenticate("PLAIN", "juliet", "R0m30")
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn strangers_are_told_to_log_in_where_registration_is_closed() {
    let server = verona().await;
    let mut client = Client::connect(server.addr()).await;
    assert!(!client.features.in_band_registration);
    client.send(&account("mercutio", "x")).await;
    assert_eq!(client.stream_error().await, "not-authorized");
}

#[tokio::test]
async fn there_are_not_more_accounts_than_the_limit() {
    let server = Loopback::builder("localhost")
        .registration(Registration::Fields)
        .limits(Limits {
            accounts: 1,
            ..Limits::default()
        });
    let server = server.start().await.unwrap();
    let mut client = Client::connect(server.addr()).await;
    let first = client.request(&account("romeo", "x")).await;
    assert_eq!(first.attr("type"), Some("result"));
    let second = client.request(&account("juliet", "x")).await;
    assert_eq!(condition(&second), "resource-constraint");
}

#[tokio::test]
async fn a_password_is_changed_by_its_owner() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    for (request, expected) in [
        (account("juliet", "x"), "not-allowed"),
        (account("romeo", ""), "bad-request"),
        (set("<password>x</password>"), "bad-request"),
    ] {
        assert_eq!(condition(&romeo.request(&request).await), expected);
    }
    let changed = romeo.request(&account("romeo", "n3w")).await;
    assert_eq!(changed.attr("type"), Some("result"));
    for (password, works) in [("secret", false), ("n3w", true)] {
        let client = Client::connect(server.addr()).await;
        let outcome = client.authenticate("SCRAM-SHA-1", "romeo", password).await;
        assert_eq!(outcome.is_ok(), works, "{password}");
    }
}

#[tokio::test]
async fn a_deleted_account_ends_in_all_its_clients() {
    let server = verona().await;
    let mut romeo = Client::online(&server, "romeo/orchard").await;
    let mut other = Client::login(&server, "romeo/tomb").await;
    let juliet = Client::online(&server, "juliet/balcony").await;
    romeo.drain().await;
    let refused = romeo
        .request(&set("<remove/><username>romeo</username>"))
        .await;
    assert_eq!(condition(&refused), "bad-request");

    let removed = romeo.request(&set("<remove/>")).await;
    assert_eq!(removed.attr("type"), Some("result"));
    for client in [&mut romeo, &mut other] {
        assert_eq!(client.stream_error().await, "not-authorized");
    }
    let again = Client::connect(server.addr())
        .await
        .authenticate("PLAIN", "romeo", "secret")
        .await;
    assert!(again.is_err());
    assert_eq!(server.sessions().len(), 1);
    drop(juliet);
}
