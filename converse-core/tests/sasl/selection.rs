use converse_core::env::SystemRandom;
use converse_core::sasl::{
    self, ChannelBindings, Credentials, Hash, Mechanism, Offer, Policy, Protection, SaslError,
};

use crate::server::{Server, answer, bindings, first, login};

const ALL: [&str; 9] = [
    "PLAIN",
    "DIGEST-MD5",
    "SCRAM-SHA-1",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-256",
    "SCRAM-SHA-256-PLUS",
    "SCRAM-SHA-512",
    "SCRAM-SHA-512-PLUS",
    "X-OAUTH2",
];

fn chosen(offer: &Offer) -> (&'static str, String) {
    let exchange = login(offer, &Policy::default()).unwrap();
    let flag = first(&exchange).split(',').next().unwrap().to_owned();
    (exchange.mechanism().name(), flag)
}

#[test]
fn the_strongest_mechanism_is_chosen() {
    let offer = Offer::new(ALL).with_channel_bindings(["tls-server-end-point", "tls-exporter"]);
    let (name, flag) = chosen(&offer);
    assert_eq!(
        (name, flag.as_str()),
        ("SCRAM-SHA-512-PLUS", "p=tls-exporter")
    );

    let offer =
        Offer::new(["SCRAM-SHA-1-PLUS", "SCRAM-SHA-512"]).with_channel_bindings(["tls-exporter"]);
    assert_eq!(chosen(&offer).0, "SCRAM-SHA-1-PLUS");
    assert_eq!(
        chosen(&Offer::new(["PLAIN", "SCRAM-SHA-1"])).0,
        "SCRAM-SHA-1"
    );
    assert_eq!(chosen(&Offer::new(["LOGIN", "PLAIN"])).0, "PLAIN");
}

#[test]
fn the_channel_binding_is_one_that_both_sides_have() {
    let plus = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"];
    let offer = Offer::new(plus).with_channel_bindings(["tls-unique", "tls-server-end-point"]);
    let (name, flag) = chosen(&offer);
    assert_eq!(
        (name, flag.as_str()),
        ("SCRAM-SHA-256-PLUS", "p=tls-server-end-point")
    );
}

#[test]
fn plus_without_announced_types_is_not_trusted_and_the_flag_is_n() {
    let (name, flag) = chosen(&Offer::new(ALL));
    assert_eq!((name, flag.as_str()), ("SCRAM-SHA-512", "n"));
    let sasl2 = Offer::new(ALL).for_sasl2();
    assert!(matches!(
        login(&sasl2, &Policy::default()),
        Err(SaslError::Downgrade(_))
    ));
}

#[test]
fn the_flag_is_y_only_if_no_plus_was_announced() {
    let (name, flag) = chosen(&Offer::new(["SCRAM-SHA-256", "PLAIN"]));
    assert_eq!((name, flag.as_str()), ("SCRAM-SHA-256", "y"));
    let mut policy = Policy::default();
    policy.allow = Some(vec![Mechanism::Scram {
        hash: Hash::Sha256,
        plus: false,
    }]);
    let offer = Offer::new(ALL).with_channel_bindings(["tls-exporter"]);
    assert!(first(&login(&offer, &policy).unwrap()).starts_with("n,,"));
}

#[test]
fn the_flag_is_n_on_a_connection_without_channel_binding() {
    let exchange = sasl::select(
        &Offer::new(["SCRAM-SHA-256"]),
        &Credentials::password("mara", "x"),
        Protection::PlaintextLoopback,
        &Policy::default(),
        &SystemRandom::new(),
    );
    assert!(first(&exchange.unwrap()).starts_with("n,,"));
}

#[test]
fn the_binding_data_is_signed() {
    let offer = Offer::new(["SCRAM-SHA-256-PLUS"]).with_channel_bindings(["tls-exporter"]);
    let mut exchange = login(&offer, &Policy::default()).unwrap();
    let mut server = Server::new(&exchange);
    let client_final = answer(&mut exchange, &server.challenge()).unwrap();
    let server_final = server.finish(&client_final, &[7; 32]);
    assert_eq!(exchange.success(Some(server_final.as_bytes())), Ok(()));
}

#[test]
fn certificates_and_anonymity_only_when_asked_for() {
    let offer = Offer::new(["EXTERNAL", "ANONYMOUS"]);
    assert!(matches!(
        login(&offer, &Policy::default()),
        Err(SaslError::NoMechanism { .. })
    ));
    let none = ChannelBindings::default();
    let select = |credentials: &Credentials, protection| {
        sasl::select(
            &offer,
            credentials,
            protection,
            &Policy::default(),
            &SystemRandom::new(),
        )
    };
    let external = select(&Credentials::external(), Protection::Tls(&none)).unwrap();
    assert_eq!(external.mechanism(), Mechanism::External);
    assert!(select(&Credentials::external(), Protection::PlaintextLoopback).is_err());
    let anonymous = select(&Credentials::anonymous(), Protection::Tls(&none)).unwrap();
    assert_eq!(anonymous.mechanism(), Mechanism::Anonymous);
}

#[test]
fn never_weaker_than_before_unless_allowed() {
    let mut policy = Policy::default();
    policy.at_least = Mechanism::from_name("SCRAM-SHA-256");
    let weaker = login(&Offer::new(["PLAIN", "SCRAM-SHA-1"]), &policy).unwrap_err();
    let (best, required) = (
        Mechanism::from_name("SCRAM-SHA-1").unwrap(),
        Mechanism::from_name("SCRAM-SHA-256").unwrap(),
    );
    assert_eq!(weaker, SaslError::Weaker { best, required });
    policy.allow_weaker = true;
    assert!(login(&Offer::new(["PLAIN", "SCRAM-SHA-1"]), &policy).is_ok());

    let mut after_certificate = Policy::default();
    after_certificate.at_least = Some(Mechanism::External);
    assert!(login(&Offer::new(["SCRAM-SHA-1"]), &after_certificate).is_ok());
    assert!(login(&Offer::new(["PLAIN"]), &after_certificate).is_err());
}

#[test]
fn nothing_usable_names_what_was_offered() {
    let error = login(&Offer::new(["DIGEST-MD5", "X-OAUTH2"]), &Policy::default()).unwrap_err();
    assert!(
        error.to_string().contains("DIGEST-MD5, X-OAUTH2"),
        "{error}"
    );
    let prohibited = sasl::select(
        &Offer::new(["SCRAM-SHA-256"]),
        &Credentials::password("mara", "bell\u{7}"),
        Protection::Tls(&bindings()),
        &Policy::default(),
        &SystemRandom::new(),
    );
    assert!(matches!(prohibited, Err(SaslError::Prohibited("password"))));
}
