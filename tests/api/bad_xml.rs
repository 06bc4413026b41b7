//! XML that a server must not send: the stream error of RFC 6120 §4.9.3, a new connection, and no more memory than allowed.

use converse::core::session::SessionState;
use converse::prelude::*;

use crate::server::{account, online, online_with};
use crate::support::{Heard, state};

/// Sends `bytes` in a session and says with which stream error it ended; the session must come back.
async fn error_for(settings: SettingsMap, bytes: &[u8]) -> String {
    let (api, mut server, mut line) = online(settings).await;
    line.send_bytes(bytes).await;
    let condition = line.stream_error().await;
    let after = state(&api, |state| !state.is_online()).await;
    let SessionState::Suspended { reason, .. } = &after else {
        panic!("{after}");
    };
    assert!(reason.len() > "the stream is not valid".len(), "{reason}");
    let mut line = server.accept().await;
    line.log_in("").await;
    state(&api, SessionState::is_online).await;
    api.send("<message id='back'/>").await.unwrap();
    assert_eq!(line.element().await.attr("id").as_deref(), Some("back"));
    condition
}

#[actix::test]
async fn malformed_xml_ends_the_stream_and_the_session_comes_back() {
    tokio::time::pause();
    for (xml, condition) in [
        ("<message><body></message></body>", "not-well-formed"),
        ("<message a='1' a='2'/>", "not-well-formed"),
        ("<message a=1/>", "not-well-formed"),
        ("<message><body>a & b</body></message>", "not-well-formed"),
        ("<message><body>\u{1}</body></message>", "not-well-formed"),
        ("<message><body>&#0;</body></message>", "not-well-formed"),
        ("<message><body>]]></body></message>", "not-well-formed"),
        ("</message>", "not-well-formed"),
        ("<message><x:y/></message>", "bad-namespace-prefix"),
        ("text between stanzas", "bad-format"),
    ] {
        assert_eq!(
            error_for(account(), xml.as_bytes()).await,
            condition,
            "{xml}"
        );
    }
}

#[actix::test]
async fn what_xmpp_forbids_is_restricted_xml() {
    tokio::time::pause();
    for xml in [
        "<!-- a comment --><message/>",
        "<message><!-- a comment --></message>",
        "<?target data?>",
        "<message><?target data?></message>",
        "<!DOCTYPE x [<!ENTITY a 'b'>]><message/>",
        "<message><!DOCTYPE x></message>",
        "<message><body>&a;</body></message>",
        "<message><body>&nbsp;</body></message>",
    ] {
        let condition = error_for(account(), xml.as_bytes()).await;
        let expected = ["restricted-xml", "not-well-formed"];
        assert!(expected.contains(&&*condition), "{xml}: {condition}");
        if !xml.contains("&nbsp;") {
            assert_eq!(condition, "restricted-xml", "{xml}");
        }
    }
}

#[actix::test]
async fn bytes_that_are_not_utf_8_are_an_unsupported_encoding() {
    tokio::time::pause();
    for bytes in [
        &b"<message><body>\xff\xfe</body></message>"[..],
        b"<message><body>\xc0\x80</body></message>",
        b"<message><body>\xed\xa0\x80</body></message>",
    ] {
        assert_eq!(error_for(account(), bytes).await, "unsupported-encoding");
    }
}

#[actix::test]
async fn a_depth_bomb_is_a_policy_violation() {
    tokio::time::pause();
    let deep = format!("<message>{}", "<a>".repeat(100_000));
    assert_eq!(
        error_for(account(), deep.as_bytes()).await,
        "policy-violation"
    );
    let just_too_deep = format!("<message>{}{}</message>", "<a>".repeat(8), "</a>".repeat(8));
    let shallow = account().with("max_depth", 8);
    assert_eq!(
        error_for(shallow, just_too_deep.as_bytes()).await,
        "policy-violation"
    );
}

#[actix::test]
async fn a_size_bomb_is_a_policy_violation_before_it_is_complete() {
    tokio::time::pause();
    let endless = format!("<message><body>{}", "x".repeat(20_001));
    let small = account().with("max_element_bytes", 20_000);
    assert_eq!(
        error_for(small, endless.as_bytes()).await,
        "policy-violation"
    );
}

#[actix::test]
async fn an_element_with_countless_attributes_is_a_policy_violation() {
    tokio::time::pause();
    let attributes: String = (0..10_000).map(|n| format!(" a{n}=''")).collect();
    let wide = format!("<message{attributes}/>");
    assert_eq!(
        error_for(account(), wide.as_bytes()).await,
        "policy-violation"
    );
}

/// An end tag that closes another element would leave the stream inside it; it need not wait for the end to be refused.
#[actix::test]
async fn an_end_tag_of_another_element_is_refused_at_once() {
    tokio::time::pause();
    let (_api, _server, mut line) = online(account()).await;
    line.send("<message><body></message>").await;
    assert_eq!(line.stream_error().await, "not-well-formed");
}

/// Until its end has come, nobody can tell that an element has none; what is missing then is the answer to a ping.
#[actix::test]
async fn an_element_that_never_ends_is_found_by_the_silence_behind_it() {
    tokio::time::pause();
    let (api, mut server, mut line) = online(account()).await;
    line.send("<message><body>").await;
    let ping = line.element().await;
    line.result(&ping, "").await;
    let lost = state(&api, |state| !state.is_online()).await;
    assert!(lost.to_string().contains("ping"), "{lost}");
    let mut line = server.accept().await;
    line.log_in("").await;
    state(&api, SessionState::is_online).await;
}

/// What came whole before the fault is handled.
#[actix::test]
async fn stanzas_before_the_fault_are_handled() {
    tokio::time::pause();
    let heard = Heard::default();
    let (api, _server, mut line) = online_with(account(), |api| {
        let into = heard.clone();
        api.hear_sync(Route::message(), move |stanza| {
            into.add(stanza.id().unwrap_or_default());
            Ok(())
        })?;
        Ok(())
    })
    .await;
    line.send(
        "<message id='m1'/><message id='m2'/><message><!-- no --></message><message id='m3'/>",
    )
    .await;
    assert_eq!(line.stream_error().await, "restricted-xml");
    state(&api, |state| !state.is_online()).await;
    api.bus().settle().await;
    assert_eq!(heard.list(), ["m1", "m2"]);
}

/// Stanzas that are XML but make no sense are dropped or refused; the stream goes on.
#[actix::test]
async fn odd_stanzas_do_not_end_the_stream() {
    tokio::time::pause();
    let heard = Heard::default();
    let (api, _server, mut line) = online_with(account(), |api| {
        let into = heard.clone();
        api.hear_sync(Route::message(), move |stanza| {
            into.add(stanza.id().unwrap_or_default());
            Ok(())
        })?;
        Ok(())
    })
    .await;
    for odd in [
        "<message id='bad' from='not a jid'/>",
        "<message id='bad' from='@heron.example'/>",
        "<odd/>",
        "<odd xmlns='urn:odd'/>",
        "<iq/>",
        "<iq type='get'/>",
        "<iq type='get' id=''/>",
        "<iq type='odd' id='q'/>",
        "<iq type='result'/>",
        "<iq type='result' id='unasked'/>",
        "<a xmlns='urn:xmpp:sm:3' h='7'/>",
        "<r xmlns='urn:xmpp:sm:3'/>",
        "<presence type='odd'/>",
        " \n\t ",
        "<message id='good'/>",
    ] {
        line.send(odd).await;
    }
    while heard.list().is_empty() {
        crate::support::within(tokio::task::yield_now()).await;
    }
    assert_eq!(heard.list(), ["good"]);
    assert!(api.connection().connected());
}
