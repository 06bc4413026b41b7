//! Another password for the account, and the end of the account (XEP-0077 §3.2, §3.3).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use converse::core::registration::RegistrationError;
use converse::core::session::{SessionState, Terminal};
use converse::prelude::*;

use crate::server::{Line, Server, account, instance, online};
use crate::support::{hear, state};

const NS: &str = "jabber:iq:register";
const SM: &str = "<sm xmlns='urn:xmpp:sm:3'/>";
const STANZAS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";

/// The next request about the account, and what is asked in it.
async fn request(line: &mut Line) -> (Element, Element) {
    let iq = line.element().await;
    assert_eq!(iq.attr("type").as_deref(), Some("set"));
    let query = iq.child("query", NS).unwrap().to_element();
    (iq, query)
}

/// Takes the request to delete the account.
async fn removal(line: &mut Line) -> Element {
    let (iq, query) = request(line).await;
    assert_eq!(
        iq.attr("to"),
        None,
        "the own server decides (XEP-0077 §3.2)"
    );
    assert!(query.child("remove", NS).is_some());
    assert_eq!(query.children().count(), 1);
    iq
}

async fn refuse(line: &mut Line, iq: &Element, condition: &str, payload: &str) {
    let id = iq.attr("id").unwrap();
    line.send(&format!(
        "<iq type='error' id='{id}'>{payload}<error type='cancel'><{condition} xmlns='{STANZAS}'/></error></iq>"
    ))
    .await;
}

fn form(form_type: &str) -> String {
    format!(
        "<query xmlns='{NS}'><x xmlns='jabber:x:data' type='form'>\
         <field type='hidden' var='FORM_TYPE'><value>{form_type}</value></field>\
         <field type='text-private' var='password'><required/></field>\
         <field type='text-single' var='x-mmn'><required/></field></x></query>"
    )
}

/// The password that the client logs in with.
async fn password_of(line: &mut Line) -> String {
    let auth = line.auth().await;
    let message = STANDARD.decode(auth.text().trim()).unwrap();
    let text = String::from_utf8(message).unwrap();
    text.rsplit('\0').next().unwrap().to_owned()
}

/// Nothing connects any more, however long one waits.
async fn nobody_comes_back(api: &Api, server: &Server, tried: usize) {
    tokio::time::sleep(Duration::from_secs(24 * 3600)).await;
    assert_eq!(server.tried(), tried);
    assert_eq!(api.connection().state(), SessionState::Disconnected);
}

#[actix::test]
async fn a_new_password_is_what_the_next_connections_are_made_with() {
    tokio::time::pause();
    let (api, mut server, mut line) = online(account()).await;
    let user = api.user();
    let (changed, ()) = tokio::join!(user.change_password("n3w <pass>"), async {
        let (iq, query) = request(&mut line).await;
        assert_eq!(query.child_text("username", NS).as_deref(), Some("mara"));
        assert_eq!(
            query.child_text("password", NS).as_deref(),
            Some("n3w <pass>")
        );
        line.result(&iq, "").await;
    });
    changed.unwrap();
    drop(line);
    let mut line = server.accept().await;
    assert_eq!(password_of(&mut line).await, "n3w <pass>");
    line.authenticated().await;
    line.bind("").await;
    state(&api, SessionState::is_online).await;

    let (out, _) = tokio::join!(user.logout(), line.farewell());
    out.unwrap();
    let (login, ()) = tokio::join!(user.login(()), async {
        let mut line = server.accept().await;
        assert_eq!(
            password_of(&mut line).await,
            "n3w <pass>",
            "the setting is changed too"
        );
        line.authenticated().await;
        line.bind("").await;
    });
    login.unwrap();
    assert!(!format!("{:?}", api.settings()).contains("n3w"));
}

#[actix::test]
async fn a_refused_password_changes_nothing() {
    tokio::time::pause();
    let (api, mut server, mut line) = online(account()).await;
    let user = api.user();
    for condition in [
        "not-authorized",
        "not-allowed",
        "bad-request",
        "unexpected-request",
    ] {
        let (changed, ()) = tokio::join!(user.change_password("n3w"), async {
            let (iq, _) = request(&mut line).await;
            refuse(&mut line, &iq, condition, "").await;
        });
        let error = changed.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Stanza);
        assert!(error.cause::<RegistrationError>().is_some());
        assert!(!format!("{error:?}").contains("n3w"));
    }
    assert_eq!(
        user.change_password("").await.unwrap_err().kind(),
        ErrorKind::InvalidArgument
    );
    drop(line);
    assert_eq!(password_of(&mut server.accept().await).await, "secret");
}

#[actix::test]
async fn a_lost_answer_does_not_lock_anybody_out() {
    tokio::time::pause();
    let (api, mut server, mut line) = online(account()).await;
    let heard = hear(&api, &["disconnected"]);
    let user = api.user();
    let (changed, ()) = tokio::join!(user.change_password("n3w"), async {
        request(&mut line).await;
        drop(line);
    });
    let error = changed.unwrap_err();
    assert!(matches!(
        error.cause(),
        Some(RegistrationError::Unanswered(_))
    ));

    let mut line = server.accept().await;
    assert_eq!(password_of(&mut line).await, "secret");
    line.send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>")
        .await;
    let mut line = server.accept().await;
    assert_eq!(password_of(&mut line).await, "n3w");
    line.authenticated().await;
    line.bind("").await;
    state(&api, SessionState::is_online).await;
    drop(line);

    // There is no third one.
    let mut line = server.accept().await;
    assert_eq!(password_of(&mut line).await, "n3w");
    line.send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>")
        .await;
    state(&api, SessionState::is_terminal).await;
    assert_eq!(heard.list(), ["disconnected"]);
}

#[actix::test]
async fn a_server_that_wants_to_know_more_gets_its_form_filled_out() {
    tokio::time::pause();
    let (api, mut server, mut line) = online(account()).await;
    let user = api.user();
    let (changed, ()) = tokio::join!(user.change_password("n3w"), async {
        let (iq, _) = request(&mut line).await;
        let payload = form("jabber:iq:register:changepassword");
        refuse(&mut line, &iq, "not-authorized", &payload).await;
    });
    let error = changed.unwrap_err();
    let Some(RegistrationError::FormRequired { form, .. }) = error.cause() else {
        panic!("no form: {error:?}");
    };
    let mut submission = form.fill();
    submission.set("password", "n3w").unwrap();
    let missing = user.change_password_with(&submission).await.unwrap_err();
    assert!(missing.to_string().contains("`x-mmn`"));
    submission.set("x-mmn", "Throckmorton").unwrap();
    let (changed, ()) = tokio::join!(user.change_password_with(&submission), async {
        let (iq, query) = request(&mut line).await;
        let form = converse::core::forms::Form::inside(query.view())
            .unwrap()
            .unwrap();
        assert_eq!(form.form_type(), Some("jabber:iq:register:changepassword"));
        assert_eq!(form.value("x-mmn"), Some("Throckmorton"));
        line.result(&iq, "").await;
    });
    changed.unwrap();
    drop(line);
    assert_eq!(password_of(&mut server.accept().await).await, "n3w");
}

#[actix::test]
async fn without_a_session_nothing_is_asked() {
    let (converse, server) = instance();
    let api = converse.start(account()).await.unwrap();
    let user = api.user();
    for outcome in [user.change_password("x").await, user.delete_account().await] {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Disconnected);
    }
    assert_eq!(server.tried(), 0);
}

/// What a server can do when it deletes an account.
#[derive(Debug, Clone, Copy)]
enum Goodbye {
    /// It answers, and leaves the rest to the client.
    Result,
    /// It answers and ends the stream with an error at once.
    ResultAndError,
    /// It ends the stream with an error (XEP-0077 §3.2).
    Error(&'static str),
    /// It ends the stream.
    Close,
}

async fn say(line: &mut Line, iq: &Element, goodbye: Goodbye) {
    let error = |condition: &str| {
        format!(
            "<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
        )
    };
    let id = iq.attr("id").unwrap();
    match goodbye {
        Goodbye::Result => {
            line.result(iq, "").await;
            line.farewell().await;
        }
        Goodbye::ResultAndError => {
            let result = format!("<iq type='result' id='{id}'/>{}", error("not-authorized"));
            line.send(&result).await;
        }
        Goodbye::Error(condition) => line.send(&error(condition)).await,
        Goodbye::Close => line.send("</stream:stream>").await,
    }
}

#[actix::test]
async fn an_account_is_deleted_however_the_server_says_goodbye() {
    tokio::time::pause();
    for features in ["", SM] {
        for goodbye in [
            Goodbye::Result,
            Goodbye::ResultAndError,
            Goodbye::Error("not-authorized"),
            Goodbye::Error("conflict"),
            Goodbye::Close,
        ] {
            let (converse, mut server) = instance();
            let api = converse.start(account()).await.unwrap();
            let heard = hear(&api, &["logout", "disconnected", "reconnecting"]);
            let user = api.user();
            let (login, mut line) = tokio::join!(user.login(()), async {
                let mut line = server.accept().await;
                line.log_in(features).await;
                if !features.is_empty() {
                    line.element().await;
                    line.send("<enabled xmlns='urn:xmpp:sm:3' id='s1' resume='true'/>")
                        .await;
                }
                line
            });
            login.unwrap();
            let (deleted, ()) = tokio::join!(user.delete_account(), async {
                let iq = removal(&mut line).await;
                say(&mut line, &iq, goodbye).await;
            });
            deleted.unwrap();
            drop(line);
            nobody_comes_back(&api, &server, 1).await;
            assert_eq!(
                heard.list(),
                ["logout", "disconnected"],
                "{goodbye:?} {features}"
            );
        }
    }
}

#[actix::test]
async fn an_account_that_may_not_be_deleted_goes_on() {
    tokio::time::pause();
    let (api, mut server, mut line) = online(account()).await;
    let user = api.user();
    let (deleted, ()) = tokio::join!(user.delete_account(), async {
        let iq = removal(&mut line).await;
        refuse(&mut line, &iq, "not-allowed", "").await;
    });
    let error = deleted.unwrap_err();
    assert!(matches!(
        error.cause(),
        Some(RegistrationError::NotAllowed(_))
    ));
    assert!(api.connection().connected());

    // An end of the stream after that is a loss like any other.
    line.send("</stream:stream>").await;
    drop(line);
    let mut line = server.accept().await;
    line.log_in("").await;
    state(&api, SessionState::is_online).await;
}

#[actix::test]
async fn a_form_may_be_wanted_before_an_account_is_deleted() {
    tokio::time::pause();
    let (api, server, mut line) = online(account()).await;
    let user = api.user();
    let (deleted, ()) = tokio::join!(user.delete_account(), async {
        let iq = removal(&mut line).await;
        refuse(
            &mut line,
            &iq,
            "not-allowed",
            &form("jabber:iq:register:cancel"),
        )
        .await;
    });
    let error = deleted.unwrap_err();
    let Some(RegistrationError::FormRequired { form, .. }) = error.cause() else {
        panic!("no form: {error:?}");
    };
    let mut submission = form.fill();
    submission
        .set("password", "secret")
        .unwrap()
        .set("x-mmn", "Throckmorton")
        .unwrap();
    let (deleted, ()) = tokio::join!(user.delete_account_with(&submission), async {
        let (iq, query) = request(&mut line).await;
        assert!(query.child("x", "jabber:x:data").is_some());
        say(&mut line, &iq, Goodbye::Error("not-authorized")).await;
    });
    deleted.unwrap();
    nobody_comes_back(&api, &server, 1).await;
}

#[actix::test]
async fn a_cut_is_cleared_up_by_the_next_login() {
    tokio::time::pause();
    for gone in [true, false] {
        let (api, mut server, mut line) = online(account()).await;
        let user = api.user();
        let (deleted, ()) = tokio::join!(user.delete_account(), async {
            removal(&mut line).await;
            drop(line);
            let mut line = server.accept().await;
            if gone {
                line.auth().await;
                line.send(
                    "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>",
                )
                .await;
                line.farewell().await;
            } else {
                line.log_in("").await;
                state(&api, SessionState::is_online).await;
            }
        });
        if gone {
            deleted.unwrap();
            nobody_comes_back(&api, &server, 2).await;
        } else {
            let error = deleted.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Disconnected);
            assert!(matches!(
                error.cause(),
                Some(RegistrationError::Unanswered(_))
            ));
        }
    }
}

#[actix::test]
async fn without_reconnection_a_cut_leaves_it_open() {
    let settings = settings! { "auto_reconnect": false };
    let (api, _server, mut line) = online(settings.over(account())).await;
    let user = api.user();
    let (deleted, ()) = tokio::join!(user.delete_account(), async {
        removal(&mut line).await;
        drop(line);
    });
    let error = deleted.unwrap_err();
    assert!(
        matches!(error.cause(), Some(RegistrationError::Unanswered(_))),
        "{error:?}"
    );
    let failed = state(&api, SessionState::is_terminal).await;
    assert!(matches!(
        failed,
        SessionState::Failed {
            reason: Terminal::ConnectionLost,
            ..
        }
    ));
}

#[actix::test]
async fn a_deletion_that_nobody_waits_for_any_more_is_forgotten() {
    tokio::time::pause();
    let (api, mut server, mut line) = online(account()).await;
    let user = api.user();
    tokio::select! {
        biased;
        outcome = user.delete_account() => panic!("no answer came: {outcome:?}"),
        _ = removal(&mut line) => {}
    }
    line.send("</stream:stream>").await;
    drop(line);
    let mut line = server.accept().await;
    line.log_in("").await;
    state(&api, SessionState::is_online).await;
}
