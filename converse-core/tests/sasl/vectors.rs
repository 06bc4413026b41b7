use converse_core::env::SystemRandom;
use converse_core::sasl::{
    self, ChannelBindings, Credentials, Exchange, Offer, Policy, Protection, SaslError,
};
use serde_json::Value;

use crate::server::answer;

fn vectors(section: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("scram.json")).unwrap();
    all[section].as_array().unwrap().clone()
}

fn text<'a>(vector: &'a Value, key: &str) -> &'a str {
    vector[key].as_str().unwrap()
}

fn begin(vector: &Value) -> Exchange {
    sasl::select(
        &Offer::new([text(vector, "mechanism")]),
        &Credentials::password(text(vector, "user"), text(vector, "password")),
        // Without a channel binding of its own the client says `n`, as the vectors do.
        Protection::Tls(&ChannelBindings::default()),
        &Policy::default(),
        &SystemRandom::new(),
    )
    .unwrap()
    .with_client_nonce(text(vector, "client_nonce"))
}

#[test]
fn published_exchanges_are_reproduced() {
    for vector in vectors("scram") {
        let mut exchange = begin(&vector);
        assert_eq!(exchange.mechanism().name(), text(&vector, "mechanism"));
        assert_eq!(exchange.initial(), text(&vector, "client_first").as_bytes());
        let client_final = answer(&mut exchange, text(&vector, "server_first"));
        assert_eq!(client_final.unwrap(), text(&vector, "client_final"));
        exchange
            .success(Some(text(&vector, "server_final").as_bytes()))
            .unwrap();
    }
}

#[test]
fn a_wrong_server_signature_is_refused() {
    for vector in vectors("scram") {
        let mut exchange = begin(&vector);
        answer(&mut exchange, text(&vector, "server_first")).unwrap();
        let wrong = exchange.success(Some(text(&vector, "server_final_wrong").as_bytes()));
        assert_eq!(wrong, Err(SaslError::ServerSignature));
    }
}

#[test]
fn the_downgrade_hash_is_that_of_xep_0474() {
    for vector in vectors("xep0474") {
        let names = |key: &str| -> Vec<String> {
            let list = vector[key].as_array().unwrap();
            list.iter()
                .map(|v| v.as_str().unwrap().to_owned())
                .collect()
        };
        let types = names("input_channel_bindings");
        let mut offer = Offer::new(names("input_mechanisms"));
        if !types.is_empty() {
            offer = offer.with_channel_bindings(types);
        }
        let mut exchange = sasl::select(
            &offer,
            &Credentials::password("user", "pencil"),
            Protection::Tls(&ChannelBindings::default()),
            &Policy::default(),
            &SystemRandom::new(),
        )
        .unwrap()
        .with_client_nonce("abc");
        let challenge = format!(
            "r=abcdef,s=QSXCR+Q6sek8bf92,i=4096,h={}",
            text(&vector, "h")
        );
        answer(&mut exchange, &challenge).unwrap();
    }
}
