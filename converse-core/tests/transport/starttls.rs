use converse_core::transport::{Security, Target, TransportError};
use converse_core::{Error, ErrorKind};
use tokio::io::AsyncWriteExt as _;

use crate::network::{
    DOMAIN, FakeNetwork, HEADER, PROCEED, read_rest, read_to, starttls, try_connect,
};

fn target() -> Target {
    let mut target = Target::new(DOMAIN);
    target.security = Security::StartTls;
    target
}

/// Connects to a server that answers our header with `answer`; gives the error and what was sent after the header.
async fn after_header(answer: &str) -> (TransportError, String) {
    let (network, mut connections) = FakeNetwork::with_server(5222);
    let server = async {
        let mut stream = connections.recv().await.unwrap();
        read_to(&mut stream, "?>").await;
        let header = read_to(&mut stream, ">").await;
        assert!(header.contains("to='kestrel.example'"), "{header}");
        assert!(header.contains("version='1.0'"), "{header}");
        assert!(!header.contains("from="), "{header}");
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(read_rest(&mut stream).await).unwrap()
    };
    let target = target();
    let (result, sent) = tokio::join!(try_connect(&target, &network), server);
    (result.unwrap_err(), sent)
}

/// Connects to a server that offers STARTTLS and answers with `answer`; gives the error and the bytes sent after it.
async fn after_starttls(answer: &str) -> (TransportError, Vec<u8>) {
    let (network, mut connections) = FakeNetwork::with_server(5222);
    let server = async {
        let mut stream = connections.recv().await.unwrap();
        let said = starttls(&mut stream, answer).await;
        assert!(said.ends_with("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"));
        read_rest(&mut stream).await
    };
    let target = target();
    let (result, sent) = tokio::join!(try_connect(&target, &network), server);
    (result.unwrap_err(), sent)
}

/// What a failed search found at its only host.
fn only_failure(error: TransportError) -> TransportError {
    match error {
        TransportError::Unreachable { mut failures, .. } if failures.len() == 1 => {
            failures.remove(0).error
        }
        error => panic!("{error}"),
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_offer_nothing_more_is_sent() {
    let features = "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
                    <mechanism>PLAIN</mechanism></mechanisms></stream:features>";
    let (error, sent) = after_header(&format!("{HEADER}{features}")).await;
    assert!(matches!(error, TransportError::TlsUnavailable), "{error}");
    assert!(error.is_terminal());
    assert_eq!(sent, "");
    assert_eq!(Error::from(error).kind(), ErrorKind::ConnectFailed);
}

#[tokio::test(start_paused = true)]
async fn a_server_older_than_stream_features_has_no_encryption() {
    let header = HEADER.replace(" version='1.0'>", ">");
    let (error, sent) = after_header(&header).await;
    assert!(matches!(error, TransportError::TlsUnavailable), "{error}");
    assert_eq!(sent, "");
}

#[tokio::test(start_paused = true)]
async fn bytes_behind_proceed_are_an_attack() {
    for glued in [
        "<stream:features/>",
        "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        " ",
        "garbage",
    ] {
        let (error, sent) = after_starttls(&format!("{PROCEED}{glued}")).await;
        assert!(
            matches!(error, TransportError::Injection),
            "{glued}: {error}"
        );
        assert!(error.is_terminal());
        assert_eq!(sent, b"", "{glued}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_ends_the_attempt() {
    let failure = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>";
    let (error, sent) = after_starttls(failure).await;
    let error = only_failure(error);
    assert!(matches!(error, TransportError::TlsFailure), "{error}");
    assert_eq!(sent, b"");
}

#[tokio::test(start_paused = true)]
async fn anything_else_is_not_consent() {
    let proceed = "<proceed xmlns='urn:example:other'/>";
    let (error, sent) = after_starttls(proceed).await;
    let error = only_failure(error);
    assert!(matches!(error, TransportError::Unexpected(_)), "{error}");
    assert_eq!(sent, b"");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_host_is_final() {
    let unknown = "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
                   <text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>not here</text></stream:error>";
    let (error, _) = after_header(&format!("{HEADER}{unknown}")).await;
    assert!(error.is_terminal());
    let text = error.to_string();
    assert!(text.ends_with("host-unknown (not here)"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn bad_xml_is_answered_with_a_stream_error() {
    let (error, sent) = after_header(&format!("{HEADER}<!-- no -->")).await;
    let error = only_failure(error);
    assert!(matches!(error, TransportError::Xml(_)), "{error}");
    assert_eq!(
        sent,
        "<stream:error><restricted-xml xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
         </stream:error></stream:stream>"
    );
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_times_out() {
    let (error, _) = after_header(HEADER).await;
    let error = only_failure(error);
    assert!(matches!(error, TransportError::Timeout(_)), "{error}");
}
