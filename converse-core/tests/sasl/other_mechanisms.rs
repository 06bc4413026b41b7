use converse_core::env::SystemRandom;
use converse_core::sasl::{
    self, ChannelBindings, Credentials, Exchange, Offer, Policy, Protection, SaslError,
    decode_payload, encode_payload,
};

fn begin(mechanism: &str, credentials: &Credentials) -> Result<Exchange, SaslError> {
    sasl::select(
        &Offer::new([mechanism]),
        credentials,
        Protection::Tls(&ChannelBindings::default()),
        &Policy::default(),
        &SystemRandom::new(),
    )
}

#[test]
fn plain_is_three_texts_and_nuls() {
    let credentials = Credentials::password("mara", "tide\u{a0}wrack");
    let mut exchange = begin("PLAIN", &credentials).unwrap();
    assert_eq!(exchange.initial(), b"\0mara\0tide wrack");
    assert_eq!(exchange.success(None), Ok(()));
    let acting = credentials.acting_as("otto@heron.example");
    let exchange = begin("PLAIN", &acting).unwrap();
    assert_eq!(exchange.initial(), b"otto@heron.example\0mara\0tide wrack");
    assert!(begin("PLAIN", &Credentials::password("mara", "a\0b")).is_err());
}

#[test]
fn plain_answers_no_challenge() {
    let mut exchange = begin("PLAIN", &Credentials::password("mara", "x")).unwrap();
    assert!(exchange.challenge(b"password?").is_err());
    assert!(exchange.success(None).is_err());
}

#[test]
fn external_says_nothing_or_the_address() {
    let mut exchange = begin("EXTERNAL", &Credentials::external()).unwrap();
    assert_eq!(encode_payload(&exchange.initial()), "=");
    assert_eq!(exchange.success(None), Ok(()));
    let credentials = Credentials::external().acting_as("mara@kestrel.example");
    let exchange = begin("EXTERNAL", &credentials).unwrap();
    assert_eq!(exchange.initial(), b"mara@kestrel.example");
}

#[test]
fn names_with_commas_are_escaped_and_authzid_is_in_the_header() {
    let credentials = Credentials::password("a=b,c", "x").acting_as("d,e@f.example");
    let exchange = begin("SCRAM-SHA-1", &credentials).unwrap();
    let first = String::from_utf8(exchange.initial()).unwrap();
    assert!(
        first.starts_with("n,a=d=2Ce@f.example,n=a=3Db=2Cc,r="),
        "{first}"
    );
}

#[test]
fn nonces_differ() {
    let credentials = Credentials::password("mara", "x");
    let nonce = || begin("SCRAM-SHA-1", &credentials).unwrap().initial();
    assert_ne!(nonce(), nonce());
}

#[test]
fn payloads_are_bounded_base64() {
    assert_eq!(decode_payload(""), Ok(Vec::new()));
    assert_eq!(decode_payload("="), Ok(Vec::new()));
    assert_eq!(decode_payload("\n biws "), Ok(b"n,,".to_vec()));
    assert!(decode_payload("b*ws").is_err());
    assert!(decode_payload(&"A".repeat(16 * 1024 + 4)).is_err());
}
