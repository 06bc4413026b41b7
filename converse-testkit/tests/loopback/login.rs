//! RFC 6120 §5 to §7: encryption, authentication, binding.

use converse_testkit::loopback::{Conflict, Loopback};

use crate::client::{Client, condition, verona};

#[tokio::test]
async fn every_mechanism_logs_in() {
    let server = Loopback::builder("localhost")
        .account("romeo", "secret")
        .anonymous(true);
    let server = server.start().await.unwrap();
    for mechanism in ["SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"] {
        let client = Client::connect(server.addr()).await;
        let client = client.authenticate(mechanism, "romeo", "secret").await;
        let mut client = client.ok().unwrap();
        assert!(client.features.can_bind());
        client.bind(mechanism).await;
        assert_eq!(client.jid, format!("romeo@localhost/{mechanism}"));
    }
    let client = Client::connect(server.addr()).await;
    let mut client = client.authenticate("ANONYMOUS", "", "").await.ok().unwrap();
    client.bind("somewhere").await;
    assert!(client.jid.starts_with("anonymous-"));
    let jid = client.jid.clone();
    client.close().await;
    server
        .wait_for(|sessions| sessions.iter().all(|session| session.jid.as_str() != jid))
        .await;
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_may_be_corrected() {
    let server = verona().await;
    for mechanism in ["SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"] {
        for user in ["romeo", "nobody"] {
            let client = Client::connect(server.addr()).await;
            let refused = client.authenticate(mechanism, user, "wrong").await;
            let (failure, client) = refused.err().unwrap();
            assert_eq!(failure.children().next().unwrap().name(), "not-authorized");
            let again = client.authenticate(mechanism, "romeo", "secret").await;
            assert!(again.is_ok());
        }
    }
}

#[tokio::test]
async fn too_many_failures_end_the_stream() {
    let server = verona().await;
    let mut client = Client::connect(server.addr()).await;
    for _ in 0..3 {
        let refused = client.authenticate("PLAIN", "romeo", "wrong").await;
        client = refused.err().unwrap().1;
    }
    assert_eq!(client.stream_error().await, "policy-violation");
}

#[tokio::test]
async fn exchanges_are_refused_for_what_is_wrong_with_them() {
    let server = verona().await;
    let sasl = "urn:ietf:params:xml:ns:xmpp-sasl";
    for (text, expected) in [
        (
            format!("<auth xmlns='{sasl}' mechanism='X-NEW'/>"),
            "invalid-mechanism",
        ),
        (
            format!("<auth xmlns='{sasl}' mechanism='ANONYMOUS'/>"),
            "invalid-mechanism",
        ),
        (
            format!("<auth xmlns='{sasl}' mechanism='PLAIN'>???</auth>"),
            "incorrect-encoding",
        ),
        (
            format!("<auth xmlns='{sasl}' mechanism='PLAIN'>YQ==</auth>"),
            "malformed-request",
        ),
        // \0romeo\0secret with the authorization identity juliet@localhost
        (
            format!(
                "<auth xmlns='{sasl}' mechanism='PLAIN'>anVsaWV0QGxvY2FsaG9zdAByb21lbwBzZWNyZXQ=</auth>"
            ),
            "invalid-authzid",
        ),
        (format!("<abort xmlns='{sasl}'/>"), "aborted"),
        (format!("<response xmlns='{sasl}'/>"), "malformed-request"),
    ] {
        let mut client = Client::connect(server.addr()).await;
        client.send(&text).await;
        let failure = client.recv().await;
        assert_eq!(
            failure.children().next().unwrap().name(),
            expected,
            "{text}"
        );
    }
}

#[tokio::test]
async fn starttls_comes_first_where_it_is_required() {
    let server = Loopback::builder("localhost")
        .account("romeo", "secret")
        .tls(true);
    let server = server.start().await.unwrap();
    let client = Client::encrypted(&server).await;
    let client = client
        .authenticate("SCRAM-SHA-256", "romeo", "secret")
        .await;
    let mut client = client.ok().unwrap();
    client.bind("orchard").await;
    client.hears_nothing().await;
    let mut careless = Client::connect(server.addr()).await;
    careless
        .send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>")
        .await;
    assert_eq!(careless.stream_error().await, "not-authorized");
}

#[tokio::test]
async fn a_resource_is_made_up_if_none_is_asked_for() {
    let server = verona().await;
    let mut one = Client::authenticated(&server, "romeo").await;
    one.bind("").await;
    let mut other = Client::authenticated(&server, "romeo").await;
    other.bind("").await;
    assert_ne!(one.jid, other.jid);
}

#[tokio::test]
async fn a_resource_goes_to_the_newer_connection() {
    let server = verona().await;
    let mut old = Client::online(&server, "romeo/orchard").await;
    let mut new = Client::login(&server, "romeo/orchard").await;
    assert_eq!(new.jid, "romeo@localhost/orchard");
    let error = loop {
        let element = old.recv().await;
        if element.name() == "error" {
            break element;
        }
    };
    assert_eq!(error.children().next().unwrap().name(), "conflict");
    old.footer().await;
    new.hears_nothing().await;
    assert_eq!(server.sessions().len(), 1);
}

#[tokio::test]
async fn a_resource_is_renamed_or_refused_where_that_is_the_policy() {
    let server = Loopback::builder("localhost").account("romeo", "secret");
    let server = server.conflict(Conflict::Rename).start().await.unwrap();
    let _old = Client::login(&server, "romeo/orchard").await;
    let new = Client::login(&server, "romeo/orchard").await;
    assert_ne!(new.jid, "romeo@localhost/orchard");

    let server = Loopback::builder("localhost").account("romeo", "secret");
    let server = server.conflict(Conflict::Refuse).start().await.unwrap();
    let _old = Client::login(&server, "romeo/orchard").await;
    let mut new = Client::authenticated(&server, "romeo").await;
    let ask = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>orchard</resource></bind></iq>";
    assert_eq!(condition(&new.request(ask).await), "conflict");
    new.bind("garden").await;
}

#[tokio::test]
async fn nothing_goes_before_authentication_and_binding() {
    let server = verona().await;
    let mut client = Client::connect(server.addr()).await;
    client
        .send("<message to='juliet@localhost'><body>hi</body></message>")
        .await;
    assert_eq!(client.stream_error().await, "not-authorized");
    let mut client = Client::authenticated(&server, "romeo").await;
    client
        .send("<message to='juliet@localhost'><body>hi</body></message>")
        .await;
    assert_eq!(client.stream_error().await, "not-authorized");
}
