use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use converse_core::sasl::{Exchange, Offer, Policy, SaslError};
use ring::digest;

use crate::server::{Server, answer, first, login};

fn hash(text: &str) -> String {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    format!(",h={}", STANDARD.encode(hash))
}

fn respond(mut exchange: Exchange, announced: &str) -> Result<String, SaslError> {
    let mut server = Server::new(&exchange);
    server.extension = hash(announced);
    answer(&mut exchange, &server.challenge())
}

#[test]
fn a_matching_hash_is_accepted_whatever_the_order() {
    let offer = Offer::new(["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1", "SCRAM-SHA-256"])
        .with_channel_bindings(["tls-server-end-point", "tls-exporter"]);
    let exchange = login(&offer, &Policy::default()).unwrap();
    let announced = "SCRAM-SHA-1\u{1e}SCRAM-SHA-256\u{1e}SCRAM-SHA-256-PLUS\u{1f}\
                     tls-exporter\u{1e}tls-server-end-point";
    assert!(respond(exchange, announced).is_ok());
}

#[test]
fn a_shortened_list_is_a_downgrade() {
    let offer = Offer::new(["SCRAM-SHA-1", "SCRAM-SHA-256"]);
    let exchange = login(&offer, &Policy::default()).unwrap();
    let announced = "SCRAM-SHA-1\u{1e}SCRAM-SHA-256\u{1e}SCRAM-SHA-256-PLUS";
    assert!(matches!(
        respond(exchange, announced),
        Err(SaslError::Downgrade(_))
    ));
}

#[test]
fn types_without_any_plus_mechanism_are_a_downgrade() {
    let offer = Offer::new(["SCRAM-SHA-256"]).with_channel_bindings(["tls-exporter"]);
    assert!(matches!(
        login(&offer, &Policy::default()),
        Err(SaslError::Downgrade(_))
    ));
    let plain_only = Offer::new(["PLAIN"]).with_channel_bindings(["tls-exporter"]);
    assert!(login(&plain_only, &Policy::default()).is_ok());
}

#[test]
fn types_that_cannot_be_used_need_the_hash() {
    let offer =
        Offer::new(["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"]).with_channel_bindings(["tls-unique"]);
    let begin = || login(&offer, &Policy::default()).unwrap();
    assert!(first(&begin()).starts_with("n,,"));
    let announced = "SCRAM-SHA-256\u{1e}SCRAM-SHA-256-PLUS\u{1f}tls-unique";
    assert!(respond(begin(), announced).is_ok());

    let mut unproven = begin();
    let challenge = Server::new(&unproven).challenge();
    assert!(matches!(
        answer(&mut unproven, &challenge),
        Err(SaslError::Downgrade(_))
    ));

    let mut policy = Policy::default();
    policy.allow_weaker = true;
    let mut trusting = login(&offer, &policy).unwrap();
    let challenge = Server::new(&trusting).challenge();
    assert!(answer(&mut trusting, &challenge).is_ok());
}
