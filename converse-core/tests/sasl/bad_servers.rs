use converse_core::sasl::{Offer, Policy, SaslError};
use converse_core::{Error, ErrorKind};

use crate::server::{Server, answer, login};

fn begin() -> (converse_core::sasl::Exchange, Server) {
    let exchange = login(&Offer::new(["SCRAM-SHA-256"]), &Policy::default()).unwrap();
    let server = Server::new(&exchange);
    (exchange, server)
}

#[test]
fn an_honest_server_is_believed() {
    let (mut exchange, mut server) = begin();
    let client_final = answer(&mut exchange, &server.challenge()).unwrap();
    let server_final = server.finish(&client_final, b"");
    exchange.success(Some(server_final.as_bytes())).unwrap();
}

#[test]
fn the_signature_may_come_in_a_challenge() {
    let (mut exchange, mut server) = begin();
    let client_final = answer(&mut exchange, &server.challenge()).unwrap();
    let server_final = server.finish(&client_final, b"");
    assert_eq!(answer(&mut exchange, &server_final), Ok(String::new()));
    assert_eq!(exchange.success(None), Ok(()));
}

#[test]
fn success_without_a_signature_is_refused() {
    for payload in [None, Some(&b""[..])] {
        let (mut exchange, mut server) = begin();
        answer(&mut exchange, &server.challenge()).unwrap();
        assert_eq!(exchange.success(payload), Err(SaslError::NoServerSignature));
    }
}

#[test]
fn success_before_the_challenge_or_before_the_key_is_refused() {
    let (mut exchange, _) = begin();
    let early = exchange.success(Some(b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ="));
    assert_eq!(early, Err(SaslError::NoServerSignature));

    let (mut exchange, mut server) = begin();
    let _ = exchange.challenge(server.challenge().as_bytes()).unwrap();
    let early = exchange.success(Some(b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ="));
    assert_eq!(early, Err(SaslError::NoServerSignature));
}

#[test]
fn nothing_goes_on_after_an_error() {
    let (mut exchange, mut server) = begin();
    assert_eq!(
        answer(&mut exchange, "r=other,s=c2FsdA==,i=4096"),
        Err(SaslError::Nonce)
    );
    assert!(answer(&mut exchange, &server.challenge()).is_err());
    assert!(exchange.success(Some(b"v=AA==")).is_err());
}

#[test]
fn iteration_counts_out_of_bounds_are_refused_before_any_work() {
    for iterations in [1, 4095, 1_000_001, 10_000_000, u32::MAX] {
        let (mut exchange, mut server) = begin();
        server.iterations = iterations;
        let error = exchange
            .challenge(server.challenge().as_bytes())
            .unwrap_err();
        assert_eq!(error, SaslError::Iterations(iterations));
    }
}

#[test]
fn a_mandatory_extension_is_refused() {
    let (mut exchange, mut server) = begin();
    let challenge = format!("m=future,{}", server.challenge());
    assert_eq!(
        answer(&mut exchange, &challenge),
        Err(SaslError::MandatoryExtension)
    );
}

#[test]
fn scram_errors_keep_their_name() {
    let (mut exchange, mut server) = begin();
    answer(&mut exchange, &server.challenge()).unwrap();
    let error = exchange.success(Some(b"e=invalid-proof")).unwrap_err();
    assert_eq!(error, SaslError::Server("invalid-proof".to_owned()));
    assert_eq!(Error::from(error).kind(), ErrorKind::AuthFailed);
}

#[test]
fn only_a_temporary_failure_is_worth_a_retry() {
    let wrong = SaslError::refused("not-authorized", Some("wrong\u{1b}[31m password"));
    assert!(!wrong.is_temporary());
    assert!(!wrong.to_string().contains('\u{1b}'));
    assert_eq!(Error::from(wrong).kind(), ErrorKind::AuthFailed);
    let later = SaslError::refused("temporary-auth-failure", None);
    assert!(later.is_temporary());
    assert_eq!(Error::from(later).kind(), ErrorKind::ConnectFailed);
}

#[test]
fn no_password_shows_in_debug() {
    let (mut exchange, mut server) = begin();
    let step = exchange.challenge(server.challenge().as_bytes()).unwrap();
    let shown = format!("{exchange:?} {step:?}");
    assert!(!shown.contains(crate::server::PASSWORD), "{shown}");
    let plain = login(&Offer::new(["PLAIN"]), &Policy::default()).unwrap();
    assert!(!format!("{plain:?}").contains(crate::server::PASSWORD));
}
