//! Logins that fail: which are tried again, which are not, and what the application gets to know.

use std::time::Duration;

use converse::core::session::{SessionState, Terminal};
use converse::prelude::*;
use converse_testkit::loopback::Loopback;

use crate::network::lines;
use crate::server::{Line, account, instance, online};
use crate::support::{hear, state, within};

const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";

async fn refuse(line: &mut Line, condition: &str) {
    line.auth().await;
    let failure = format!("<failure xmlns='{SASL}'><{condition}/></failure>");
    line.send(&failure).await;
}

#[actix::test]
async fn a_wrong_password_fails_once_and_is_not_tried_again() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    let heard = hear(&api, &["disconnected", "connected", "reconnecting"]);
    let user = api.user();
    let (login, ()) = tokio::join!(user.login(()), async {
        let mut line = server.accept().await;
        refuse(&mut line, "not-authorized").await;
        line.rest().await;
    });
    let error = login.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AuthFailed);
    assert!(error.to_string().contains("not-authorized"), "{error}");
    tokio::time::sleep(Duration::from_secs(24 * 3600)).await;
    assert_eq!(server.tried(), 1);
    assert_eq!(heard.list(), ["disconnected"]);
    let failed = api.connection().state();
    assert!(
        matches!(
            failed,
            SessionState::Failed {
                reason: Terminal::AuthFailed,
                ..
            }
        ),
        "{failed}"
    );

    let mut line = server.serve(&api).await;
    api.send("<message id='in'/>").await.unwrap();
    assert_eq!(line.element().await.attr("id").as_deref(), Some("in"));
}

#[actix::test]
async fn a_wrong_password_at_a_server_that_does_scram() {
    let server = Loopback::builder("localhost")
        .account("mara", "secret")
        .plain(false)
        .start()
        .await
        .unwrap();
    let settings = settings! {
        "jid": "mara@localhost",
        "password": "wrong-password",
        "server": server.addr().to_string(),
        "security": "plaintext_loopback",
    };
    let error = within(Converse::initialize(settings)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AuthFailed);
    assert!(!format!("{error:?}").contains("wrong-password"));
    assert!(server.sessions().is_empty());
    server.stop().await;
}

#[actix::test]
async fn every_final_refusal_is_final() {
    tokio::time::pause();
    for condition in [
        "account-disabled",
        "credentials-expired",
        "encryption-required",
        "invalid-authzid",
        "invalid-mechanism",
        "mechanism-too-weak",
        "not-authorized",
        "something-new",
    ] {
        let (converse, mut server) = instance();
        let api = converse.start(account()).await.unwrap();
        let user = api.user();
        let (login, ()) = tokio::join!(user.login(()), async {
            refuse(&mut server.accept().await, condition).await;
        });
        assert_eq!(
            login.unwrap_err().kind(),
            ErrorKind::AuthFailed,
            "{condition}"
        );
        tokio::time::sleep(Duration::from_secs(3600)).await;
        assert_eq!(server.tried(), 1, "{condition}");
    }
}

#[actix::test]
async fn a_temporary_refusal_is_tried_again() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    let user = api.user();
    let (login, ()) = tokio::join!(user.login(()), async {
        refuse(&mut server.accept().await, "temporary-auth-failure").await;
        server.accept().await.log_in("").await;
    });
    login.unwrap();
    assert_eq!(server.tried(), 2);
}

#[actix::test]
async fn a_server_without_a_usable_mechanism_is_final() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    let user = api.user();
    let (login, ()) = tokio::join!(user.login(()), async {
        let mut line = server.accept().await;
        let mechanism = "<mechanism>X-ODD</mechanism>";
        line.features(&format!(
            "<mechanisms xmlns='{SASL}'>{mechanism}</mechanisms>"
        ))
        .await;
        assert!(!line.rest().await.contains("<auth"));
    });
    let error = login.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AuthFailed);
    assert!(error.to_string().contains("X-ODD"), "{error}");
}

#[actix::test]
async fn an_unreachable_server_is_tried_with_growing_waits_that_can_be_watched() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    server.down(true);
    let api = converse.start(account()).await.unwrap();
    let began = tokio::time::Instant::now();
    let user = api.user();
    let mut watch = api.session().watch();
    let waits = async {
        let mut waits = Vec::new();
        while waits.len() < 8 {
            watch.changed().await.unwrap();
            let state = watch.borrow_and_update().clone();
            if let SessionState::Suspended { retry_in, reason } = state {
                assert!(reason.contains("127.0.0.1:5222"), "{reason}");
                waits.push(retry_in);
            }
        }
        waits
    };
    let login = async {
        let error = user.login(()).await.unwrap_err();
        (error, began.elapsed())
    };
    let (waits, (error, after)) = within(async { tokio::join!(waits, login) }).await;
    let cap = Duration::from_secs(120);
    assert!(waits.is_sorted_by_key(|wait| (*wait).min(cap)), "{waits:?}");
    assert!(waits[0] >= Duration::from_secs(1), "{waits:?}");
    assert!(waits[7] >= cap, "{waits:?}");
    assert!(waits[7] <= Duration::from_secs(150), "{waits:?}");
    assert_eq!(error.kind(), ErrorKind::ConnectFailed);
    assert!(error.to_string().contains("127.0.0.1:5222"), "{error}");
    assert_eq!(after.as_secs(), 60, "the setting `login_timeout`");

    // The attempts go on, and one succeeds.
    assert!(api.connection().state().is_active());
    server.down(false);
    let mut line = server.accept().await;
    line.log_in("").await;
    state(&api, SessionState::is_online).await;
}

#[actix::test]
async fn without_auto_reconnect_the_first_failure_is_the_last() {
    tokio::time::pause();
    let (converse, server) = instance();
    server.down(true);
    let settings = account().with("auto_reconnect", false);
    let api = converse.start(settings).await.unwrap();
    let error = within(api.user().login(())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectFailed);
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(server.tried(), 1);
    let failed = api.connection().state();
    assert!(
        matches!(
            failed,
            SessionState::Failed {
                reason: Terminal::ConnectionLost,
                ..
            }
        ),
        "{failed}"
    );
}

#[actix::test]
async fn a_web_server_is_no_xmpp_server() {
    tokio::time::pause();
    for answer in [
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html></html>",
        "<!DOCTYPE html><html><body>Hello</body></html>",
        "<html xmlns='http://www.w3.org/1999/xhtml'><body/></html>",
        "220 mail.kestrel.example ESMTP\r\n",
        "\u{16}\u{3}\u{1}\u{2}",
    ] {
        let (converse, mut server) = instance();
        let settings = account().with("auto_reconnect", false);
        let api = converse.start(settings).await.unwrap();
        let user = api.user();
        let (login, ()) = tokio::join!(user.login(()), async {
            let mut line = server.accept().await;
            line.header().await;
            line.send(answer).await;
            line.rest().await;
        });
        let error = login.unwrap_err();
        let kinds = [ErrorKind::Xml, ErrorKind::Protocol, ErrorKind::Disconnected];
        assert!(kinds.contains(&error.kind()), "{answer}: {error:?}");
    }
}

/// Every step of a login, and how far the script goes before the server hangs up.
async fn up_to(line: &mut Line, step: usize) {
    if step == 0 {
        return;
    }
    line.header().await;
    if step == 1 {
        return;
    }
    const OPEN: &str = "<stream:stream xmlns='jabber:client' id='s' version='1.0' \
        xmlns:stream='http://etherx.jabber.org/streams' from='kestrel.example'>";
    line.send(OPEN).await;
    if step == 2 {
        return;
    }
    line.send(&format!(
        "<stream:features><mechanisms xmlns='{SASL}'><mechanism>PLAIN</mechanism>\
         </mechanisms></stream:features>"
    ))
    .await;
    if step == 3 {
        return;
    }
    line.element().await;
    if step == 4 {
        return;
    }
    line.authenticated().await;
    if step == 5 {
        return;
    }
    line.header().await;
    line.send(OPEN).await;
    if step == 6 {
        return;
    }
    line.send(
        "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>\
         <sm xmlns='urn:xmpp:sm:3'/></stream:features>",
    )
    .await;
    if step == 7 {
        return;
    }
    line.bound().await;
    if step == 8 {
        return;
    }
    line.element().await;
}

const STEPS: usize = 9;

#[actix::test]
async fn a_server_that_hangs_up_at_any_step_is_tried_again() {
    tokio::time::pause();
    for goodbye in ["", "</stream:stream>"] {
        for step in 0..=STEPS {
            let (converse, mut server) = instance();
            let api = converse.start(account()).await.unwrap();
            let user = api.user();
            let (login, ()) = tokio::join!(within(user.login(())), async {
                let mut line = server.accept().await;
                up_to(&mut line, step).await;
                if step >= 2 {
                    line.send(goodbye).await;
                }
                drop(line);
                server.accept().await.log_in("").await;
            });
            login.unwrap_or_else(|error| panic!("step {step}: {error:?}"));
            assert_eq!(server.tried(), 2, "step {step}");
            within(converse.stop()).await;
        }
    }
}

#[actix::test]
async fn a_server_that_falls_silent_at_any_step_is_tried_again() {
    tokio::time::pause();
    for step in 0..=STEPS {
        let (converse, mut server) = instance();
        let api = converse.start(account()).await.unwrap();
        let user = api.user();
        let (login, ()) = tokio::join!(within(user.login(())), async {
            let mut silent = server.accept().await;
            up_to(&mut silent, step).await;
            server.accept().await.log_in("").await;
        });
        login.unwrap_or_else(|error| panic!("step {step}: {error:?}"));
        within(converse.stop()).await;
    }
}

#[actix::test]
async fn nonsense_at_any_step_is_no_login() {
    tokio::time::pause();
    for step in 2..=STEPS {
        let (converse, mut server) = instance();
        let settings = account().with("auto_reconnect", false);
        let api = converse.start(settings).await.unwrap();
        let user = api.user();
        let (login, ()) = tokio::join!(within(user.login(())), async {
            let mut line = server.accept().await;
            up_to(&mut line, step).await;
            line.send("<odd xmlns='urn:odd'/>").await;
            line.rest().await;
        });
        // Between two streams there is nothing that could be read, and before the bound resource strays are ignored.
        let expected = if step == 5 || step == 7 {
            ErrorKind::Timeout
        } else {
            ErrorKind::Protocol
        };
        assert_eq!(login.unwrap_err().kind(), expected, "step {step}");
    }
}

#[actix::test]
async fn a_stream_error_says_what_follows() {
    tokio::time::pause();
    for (condition, terminal) in [
        ("host-unknown", Some(Terminal::HostUnknown)),
        ("conflict", Some(Terminal::Conflict)),
        ("not-authorized", Some(Terminal::Refused)),
        ("system-shutdown", None),
        ("reset", None),
        ("internal-server-error", None),
        ("undefined-condition", None),
    ] {
        let (api, mut server, mut line) = online(account()).await;
        line.send(&format!(
            "<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
             </stream:error></stream:stream>"
        ))
        .await;
        let after = state(&api, |state| !state.is_online()).await;
        match terminal {
            Some(expected) => {
                let SessionState::Failed { reason, text } = after else {
                    panic!("{condition}: {after}");
                };
                assert_eq!(reason, expected);
                assert!(text.contains(condition), "{text}");
                tokio::time::sleep(Duration::from_secs(3600)).await;
                assert_eq!(server.tried(), 1, "{condition}");
            }
            None => {
                assert!(matches!(after, SessionState::Suspended { .. }), "{after}");
                let mut line = server.accept().await;
                line.log_in("").await;
                state(&api, SessionState::is_online).await;
            }
        }
    }
}

#[actix::test]
async fn a_stream_error_before_encryption_means_the_same() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let settings = account().with("security", "starttls");
    let api = converse.start(settings).await.unwrap();
    let user = api.user();
    let (login, ()) = tokio::join!(within(user.login(())), async {
        let mut line = server.accept().await;
        line.header().await;
        line.send(
            "<stream:stream xmlns='jabber:client' id='s' version='1.0' \
             xmlns:stream='http://etherx.jabber.org/streams'>\
             <stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
             </stream:error></stream:stream>",
        )
        .await;
    });
    let error = login.unwrap_err();
    assert!(error.to_string().contains("host-unknown"), "{error}");
    let failed = api.connection().state();
    assert!(
        matches!(
            failed,
            SessionState::Failed {
                reason: Terminal::HostUnknown,
                ..
            }
        ),
        "{failed}"
    );
}

async fn redirect(line: &mut Line, to: &str) {
    line.header().await;
    line.send(&format!(
        "<stream:stream xmlns='jabber:client' id='s' version='1.0' \
         xmlns:stream='http://etherx.jabber.org/streams'>\
         <stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>{to}\
         </see-other-host></stream:error></stream:stream>"
    ))
    .await;
}

#[actix::test]
async fn a_redirect_is_followed_before_and_after_encryption() {
    tokio::time::pause();
    for security in ["plaintext_loopback", "starttls"] {
        let (converse, mut server) = instance();
        let settings = account().with("security", security);
        let api = converse.start(settings).await.unwrap();
        let user = api.user();
        let follow = async {
            redirect(&mut server.accept().await, "127.0.0.1:6222").await;
            server.accept().await.address.port()
        };
        tokio::select! {
            login = user.login(()) => panic!("{security}: {login:?}"),
            port = follow => assert_eq!(port, 6222, "{security}"),
        }
    }
}

#[actix::test]
async fn redirects_in_a_circle_are_slowed_down() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    let user = api.user();
    let circle = async {
        loop {
            redirect(&mut server.accept().await, "127.0.0.1:6222").await;
        }
    };
    tokio::select! {
        login = user.login(()) => {
            assert_eq!(login.unwrap_err().kind(), ErrorKind::ConnectFailed);
        }
        () = circle => {}
    }
    assert!(
        server.tried() < 12,
        "{} connections in a minute",
        server.tried()
    );
}

#[actix::test]
async fn missing_encryption_is_final_and_nothing_secret_was_sent() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let settings = account().with("security", "starttls");
    let api = converse.start(settings).await.unwrap();
    let user = api.user();
    let (login, rest) = tokio::join!(within(user.login(())), async {
        let mut line = server.accept().await;
        let plain = "<mechanism>PLAIN</mechanism>";
        line.features(&format!("<mechanisms xmlns='{SASL}'>{plain}</mechanisms>"))
            .await;
        line.rest().await
    });
    assert!(login.is_err());
    assert!(!rest.contains("auth"), "{rest}");
    let failed = api.connection().state();
    assert!(
        matches!(
            failed,
            SessionState::Failed {
                reason: Terminal::TlsRefused,
                ..
            }
        ),
        "{failed}"
    );
    assert_eq!(server.tried(), 1);
}

/// What the last server could do says nothing about another one.
#[actix::test]
async fn another_server_may_offer_less_than_the_last() {
    let start = |domain: &'static str, plain: bool| {
        Loopback::builder(domain)
            .account("mara", "secret")
            .anonymous(true)
            .plain(plain)
            .start()
    };
    let strong = start("kestrel.example", true).await.unwrap();
    let settings = settings! {
        "jid": "mara@kestrel.example",
        "password": "secret",
        "server": strong.addr().to_string(),
        "security": "plaintext_loopback",
    };
    let api = within(Converse::initialize(settings)).await.unwrap();
    within(api.user().logout()).await.unwrap();

    // In place of a weaker server: one on which only PLAIN is wanted.
    let weak = start("heron.example", true).await.unwrap();
    let settings = api.settings();
    settings
        .set("server", json!(weak.addr().to_string()))
        .unwrap();
    settings.set("sasl_mechanisms", json!(["PLAIN"])).unwrap();
    within(api.user().login(("mara@heron.example", "secret")))
        .await
        .unwrap();
    within(api.user().logout()).await.unwrap();

    // The first one is held to what it did.
    settings
        .set("server", json!(strong.addr().to_string()))
        .unwrap();
    let error = within(api.user().login(("mara@kestrel.example", "secret")))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AuthFailed);
    assert!(error.to_string().contains("weaker"), "{error}");
    strong.stop().await;
    weak.stop().await;
}

#[actix::test]
async fn a_network_without_an_answer_is_given_up_and_tried_again() {
    tokio::time::pause();
    let (network, connections, watched) = lines();
    drop(connections);
    let converse = Converse::new().with_network(network);
    let api = converse.start(account()).await.unwrap();
    let error = within(api.user().login(())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectFailed);
    assert!(watched.tried.load(std::sync::atomic::Ordering::SeqCst) > 3);
}
