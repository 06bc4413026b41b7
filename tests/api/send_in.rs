//! Stanzas that go out in one session and in no other, and what has become of them.

use converse::core::session::event::SessionStarted;
use converse::core::session::{Acknowledgement, Outcome, SessionNumber, SessionState};
use converse::prelude::*;
use tokio::sync::mpsc;

use crate::server::{Line, Server, account, online, online_with};
use crate::support::{state, within};

const SM: &str = "<sm xmlns='urn:xmpp:sm:3'/>";

/// The numbers of the sessions as they come.
struct Sessions(mpsc::UnboundedReceiver<SessionNumber>);

impl Sessions {
    fn of(api: &Api) -> Self {
        let (tell, told) = mpsc::unbounded_channel();
        api.listen().subscribe_sync(move |event: &SessionStarted| {
            let _ = tell.send(event.session);
            Ok(())
        });
        Self(told)
    }

    async fn next(&mut self) -> SessionNumber {
        within(self.0.recv()).await.expect("a session")
    }
}

async fn started(settings: SettingsMap) -> (Api, Server, Line, Sessions) {
    let mut sessions = None;
    let (api, server, line) = online_with(settings, |api| {
        sessions = Some(Sessions::of(api));
        Ok(())
    })
    .await;
    (api, server, line, sessions.unwrap())
}

fn message(id: &str) -> String {
    format!("<message id='{id}' to='otto@heron.example'><body>hi</body></message>")
}

async fn send(api: &Api, session: SessionNumber, id: &str) -> Acknowledgement {
    api.send_in(session, &*message(id)).await.unwrap()
}

async fn outcome(sent: Acknowledgement) -> Outcome {
    within(sent.outcome()).await
}

async fn expect(line: &mut Line, id: &str) {
    assert_eq!(line.element().await.attr("id").as_deref(), Some(id));
}

/// Takes the ping that follows and gives its id.
async fn ping(line: &mut Line) -> String {
    let ping = line.element().await;
    assert!(ping.child("ping", "urn:xmpp:ping").is_some(), "{ping:?}");
    assert_eq!(ping.attr("to").as_deref(), Some("kestrel.example"));
    ping.attr("id").unwrap().into_owned()
}

async fn again(api: &Api, server: &mut Server) -> Line {
    let mut line = server.accept().await;
    line.log_in("").await;
    state(api, SessionState::is_online).await;
    line
}

#[actix::test]
async fn the_answer_to_one_ping_acknowledges_what_was_sent_before_it() {
    tokio::time::pause();
    let (api, _server, mut line, mut sessions) = started(account()).await;
    let session = sessions.next().await;
    let (one, two) = tokio::join!(send(&api, session, "m1"), send(&api, session, "m2"));
    expect(&mut line, "m1").await;
    expect(&mut line, "m2").await;
    let id = ping(&mut line).await;
    let three = send(&api, session, "m3").await;
    expect(&mut line, "m3").await;
    // That the server does not know pings says just as well that it has come so far.
    line.send(&format!(
        "<iq type='error' id='{id}' from='kestrel.example'><error type='cancel'>\
         <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    ))
    .await;
    assert!(matches!(outcome(one).await, Outcome::Acknowledged));
    assert!(matches!(outcome(two).await, Outcome::Acknowledged));
    // What came later waits for the answer to a later one.
    ping(&mut line).await;
    drop(line);
    assert!(matches!(outcome(three).await, Outcome::Unknown(_)));
}

#[actix::test]
async fn somebody_else_acknowledges_nothing() {
    tokio::time::pause();
    let (api, _server, mut line, mut sessions) = started(account()).await;
    let sent = send(&api, sessions.next().await, "m1").await;
    expect(&mut line, "m1").await;
    let id = ping(&mut line).await;
    line.send(&format!(
        "<iq type='result' id='{id}' from='vex@mallard.example'/>"
    ))
    .await;
    drop(line);
    assert!(matches!(outcome(sent).await, Outcome::Unknown(_)));
}

#[actix::test]
async fn a_lost_session_takes_nothing_of_it_along() {
    tokio::time::pause();
    let (api, mut server, mut line, mut sessions) = started(account()).await;
    let first = sessions.next().await;
    let left = send(&api, first, "left").await;
    expect(&mut line, "left").await;
    drop(line);
    assert!(matches!(outcome(left).await, Outcome::Unknown(_)));
    let waits = send(&api, first, "waits").await;
    let kept = api.send(&*message("kept")).await.unwrap();
    let mut line = again(&api, &mut server).await;
    // Only what the session itself sees to goes out in the next one.
    expect(&mut line, "kept").await;
    kept.acknowledged().await.unwrap();
    assert!(matches!(outcome(waits).await, Outcome::NotSent(_)));
    let second = sessions.next().await;
    assert!(second > first);
    let late = send(&api, first, "late").await;
    assert!(matches!(outcome(late).await, Outcome::NotSent(_)));
    let good = send(&api, second, "good").await;
    expect(&mut line, "good").await;
    drop(good);
}

#[actix::test]
async fn a_resumed_session_is_the_same() {
    tokio::time::pause();
    let (api, mut server, mut line, mut sessions) = with_stream_management().await;
    let session = sessions.next().await;
    let [one, two] = [
        send(&api, session, "m1").await,
        send(&api, session, "m2").await,
    ];
    expect(&mut line, "m1").await;
    expect(&mut line, "m2").await;
    drop(line);
    let mut line = server.accept().await;
    line.authenticate().await;
    line.features(&format!(
        "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>{SM}"
    ))
    .await;
    assert!(line.element().await.is("resume", "urn:xmpp:sm:3"));
    let three = send(&api, session, "m3").await;
    line.send("<resumed xmlns='urn:xmpp:sm:3' previd='s1' h='1'/>")
        .await;
    expect(&mut line, "m2").await;
    expect(&mut line, "m3").await;
    assert_eq!(sessions.next().await, session);
    assert!(matches!(outcome(one).await, Outcome::Acknowledged));
    line.send("<a xmlns='urn:xmpp:sm:3' h='3'/>").await;
    assert!(matches!(outcome(two).await, Outcome::Acknowledged));
    assert!(matches!(outcome(three).await, Outcome::Acknowledged));
}

#[actix::test]
async fn what_a_server_refuses_to_resume_is_told_by_its_count() {
    tokio::time::pause();
    let (api, mut server, mut line, mut sessions) = with_stream_management().await;
    let session = sessions.next().await;
    let [one, two] = [
        send(&api, session, "m1").await,
        send(&api, session, "m2").await,
    ];
    let kept = api.send(&*message("kept")).await.unwrap();
    for id in ["m1", "m2", "kept"] {
        expect(&mut line, id).await;
    }
    drop(line);
    let mut line = server.accept().await;
    line.authenticate().await;
    line.features(&format!(
        "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>{SM}"
    ))
    .await;
    assert!(line.element().await.is("resume", "urn:xmpp:sm:3"));
    line.send(
        "<failed xmlns='urn:xmpp:sm:3' h='1'>\
         <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>",
    )
    .await;
    line.bound().await;
    enable(&mut line).await;
    assert!(matches!(outcome(one).await, Outcome::Acknowledged));
    assert!(matches!(outcome(two).await, Outcome::Unknown(_)));
    expect(&mut line, "kept").await;
    drop(kept);
}

#[actix::test]
async fn a_server_that_answers_no_pings_is_believed_in_the_end() {
    tokio::time::pause();
    let (api, _server, mut line, mut sessions) = started(account()).await;
    let session = sessions.next().await;
    let sent = send(&api, session, "m1").await;
    let outcome = tokio::join!(outcome(sent), async {
        // It is not silent.
        for _ in 0..20 {
            tokio::time::sleep(std::time::Duration::from_secs(10)).await;
            line.send("<message from='otto@heron.example'/>").await;
        }
    })
    .0;
    assert!(matches!(outcome, Outcome::Acknowledged));
    let next = send(&api, session, "m2").await;
    assert!(matches!(
        within(next.outcome()).await,
        Outcome::Acknowledged
    ));
}

#[actix::test]
async fn a_session_that_is_closed_waits_for_what_it_has_sent() {
    tokio::time::pause();
    let (api, _server, mut line, mut sessions) = started(account()).await;
    let sent = send(&api, sessions.next().await, "last").await;
    let connection = api.connection();
    let ((), closed) = tokio::join!(
        async {
            expect(&mut line, "last").await;
            let id = ping(&mut line).await;
            line.send(&format!(
                "<iq type='result' id='{id}' from='kestrel.example'/>"
            ))
            .await;
            line.rest().await;
        },
        connection.disconnect()
    );
    closed.unwrap();
    assert!(matches!(outcome(sent).await, Outcome::Acknowledged));
}

#[actix::test]
async fn whose_session_it_is_outlives_the_connection_and_not_the_logout() {
    tokio::time::pause();
    let (api, _server, mut line) = online(account()).await;
    let own: BareJid = "mara@kestrel.example".parse().unwrap();
    assert_eq!(api.session().account(), Some(own.clone()));
    let connection = api.connection();
    let (closed, _) = tokio::join!(connection.disconnect(), line.rest());
    closed.unwrap();
    assert_eq!(api.session().account(), Some(own));
    api.user().logout().await.unwrap();
    assert_eq!(api.session().account(), None);
}

async fn with_stream_management() -> (Api, Server, Line, Sessions) {
    let (converse, mut server) = crate::server::instance();
    let api = converse.start(account()).await.unwrap();
    let sessions = Sessions::of(&api);
    let user = api.user();
    let (login, line) = tokio::join!(user.login(()), async {
        let mut line = server.accept().await;
        line.log_in(SM).await;
        enable(&mut line).await;
        line
    });
    login.unwrap();
    (api, server, line, sessions)
}

async fn enable(line: &mut Line) {
    assert!(line.element().await.is("enable", "urn:xmpp:sm:3"));
    line.send("<enabled xmlns='urn:xmpp:sm:3' id='s1' resume='true'/>")
        .await;
}
