//! Stream management (XEP-0198) when the server does not play along.

use converse::core::session::SessionState;
use converse::prelude::*;

use crate::server::{Line, Server, account, instance};
use crate::support::{hear, state, within};

const SM: &str = "<sm xmlns='urn:xmpp:sm:3'/>";
const BIND: &str = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";

/// An instance whose session can be resumed.
async fn resumable() -> (Api, Server, Line) {
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    let user = api.user();
    let (login, line) = tokio::join!(user.login(()), async {
        let mut line = server.accept().await;
        line.log_in(SM).await;
        enable(&mut line).await;
        line
    });
    login.unwrap();
    (api, server, line)
}

async fn enable(line: &mut Line) {
    assert!(line.element().await.is("enable", "urn:xmpp:sm:3"));
    line.send("<enabled xmlns='urn:xmpp:sm:3' id='s1' resume='true'/>")
        .await;
}

#[actix::test]
async fn a_server_that_no_longer_offers_it_is_not_asked_to_resume() {
    tokio::time::pause();
    let (api, mut server, line) = resumable().await;
    let heard = hear(&api, &["noResumeableSession", "reconnected"]);
    drop(line);
    let mut line = server.accept().await;
    line.log_in("").await;
    state(&api, SessionState::is_online).await;
    api.bus().settle().await;
    assert_eq!(heard.list(), ["noResumeableSession", "reconnected"]);
}

#[actix::test]
async fn a_count_that_is_too_high_costs_the_session_and_not_every_later_one() {
    answer_costs_the_session("<resumed xmlns='urn:xmpp:sm:3' previd='s1' h='99'/>").await;
}

#[actix::test]
async fn a_stream_error_for_an_answer_costs_the_session_and_not_every_later_one() {
    answer_costs_the_session(
        "<stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
    )
    .await;
}

/// After this answer to the wish to resume, the next connection binds anew.
async fn answer_costs_the_session(answer: &str) {
    tokio::time::pause();
    let (api, mut server, line) = resumable().await;
    drop(line);
    let mut line = server.accept().await;
    line.authenticate().await;
    line.features(&format!("{BIND}{SM}")).await;
    assert!(line.element().await.is("resume", "urn:xmpp:sm:3"));
    line.send(answer).await;
    line.rest().await;

    let mut line = server.accept().await;
    line.authenticate().await;
    line.features(&format!("{BIND}{SM}")).await;
    line.bound().await;
    enable(&mut line).await;
    state(&api, SessionState::is_online).await;
}

#[actix::test]
async fn a_server_that_acknowledges_late_does_not_stop_the_sender() {
    tokio::time::pause();
    let (api, _server, mut line) = resumable().await;
    let sent = async {
        for number in 0..400 {
            let message = format!("<message id='m{number}'/>");
            api.send_untracked(&*message).await?;
        }
        Ok::<(), Error>(())
    };
    let received = async {
        let (mut handled, mut said, mut behind) = (0, 0, true);
        while handled < 400 {
            let element = line.element().await;
            if element.is("message", "jabber:client") {
                assert_eq!(element.attr("id").as_deref(), Some(&*format!("m{handled}")));
                handled += 1;
            } else if element.is("r", "urn:xmpp:sm:3") {
                // Every other answer tells only of a half.
                said = if behind {
                    (said + handled) / 2
                } else {
                    handled
                };
                behind = !behind;
                line.send(&format!("<a xmlns='urn:xmpp:sm:3' h='{said}'/>"))
                    .await;
            }
        }
    };
    let (sent, ()) = within(async { tokio::join!(sent, received) }).await;
    sent.unwrap();
}

#[actix::test]
async fn a_server_whose_count_stands_still_for_a_while_does_not_stop_the_sender() {
    tokio::time::pause();
    let (api, _server, mut line) = resumable().await;
    let sent = async {
        for number in 0..300 {
            let message = format!("<message id='m{number}'/>");
            api.send_untracked(&*message).await?;
        }
        Ok::<(), Error>(())
    };
    let received = async {
        let (mut handled, mut asked) = (0, 0);
        while handled < 300 {
            let element = line.element().await;
            if element.is("message", "jabber:client") {
                handled += 1;
            } else if element.is("r", "urn:xmpp:sm:3") {
                asked += 1;
                let h = if asked < 6 { 0 } else { handled };
                line.send(&format!("<a xmlns='urn:xmpp:sm:3' h='{h}'/>"))
                    .await;
            }
        }
    };
    let (sent, ()) = within(async { tokio::join!(sent, received) }).await;
    sent.unwrap();
}
