use std::time::Duration;

use converse_core::transport::{Security, SrvRecord, Target, TransportError, connect};
use converse_core::{Error, ErrorKind};

use crate::network::{Answer, DOMAIN, FakeNetwork, Listed, try_connect};

const DIRECT: &str = "_xmpps-client._tcp";
const STARTTLS: &str = "_xmpp-client._tcp";

fn record(priority: u16, weight: u16, target: &str, port: u16) -> SrvRecord {
    SrvRecord {
        priority,
        weight,
        port,
        target: target.to_owned(),
    }
}

fn network() -> FakeNetwork {
    let (mut network, _) = FakeNetwork::new();
    for host in ["a.example", "b.example", "c.example", DOMAIN] {
        network.host(host, &["192.0.2.1"]);
    }
    network
}

/// The hosts tried when all of them refuse.
async fn tried(network: &FakeNetwork, security: Security, random: Listed) -> Vec<String> {
    let mut target = Target::new(DOMAIN);
    target.security = security;
    let error = connect(&target, network, &random).await.unwrap_err();
    assert!(
        matches!(error, TransportError::Unreachable { .. }),
        "{error}"
    );
    network.tried()
}

#[tokio::test(start_paused = true)]
async fn both_services_are_merged_by_priority() {
    let mut network = network();
    network
        .srv
        .insert(DIRECT, vec![record(20, 0, "a.example", 5223)]);
    network.srv.insert(
        STARTTLS,
        vec![
            record(30, 0, "c.example", 5222),
            record(10, 0, "b.example", 5222),
        ],
    );
    let order = tried(&network, Security::Either, Listed::default()).await;
    assert_eq!(
        order,
        ["b.example:5222", "a.example:5223", "c.example:5222"]
    );
}

#[tokio::test(start_paused = true)]
async fn weights_draw_among_equal_priorities() {
    let records = || {
        vec![
            record(10, 60, "a.example", 1),
            record(10, 0, "b.example", 1),
            record(10, 30, "c.example", 1),
        ]
    };
    // RFC 2782: the record without weight stands first; the running sums are 0, 60 and 90.
    for (numbers, expected) in [
        ([0, 0], ["b.example:1", "a.example:1", "c.example:1"]),
        ([1, 0], ["a.example:1", "b.example:1", "c.example:1"]),
        ([60, 30], ["a.example:1", "c.example:1", "b.example:1"]),
        ([61, 60], ["c.example:1", "a.example:1", "b.example:1"]),
        ([90, 0], ["c.example:1", "b.example:1", "a.example:1"]),
    ] {
        let mut network = network();
        network.srv.insert(STARTTLS, records());
        let order = tried(&network, Security::StartTls, Listed::new(numbers)).await;
        assert_eq!(order, expected, "{numbers:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_wanted_service_is_used() {
    let mut network = network();
    network
        .srv
        .insert(DIRECT, vec![record(1, 0, "a.example", 5223)]);
    network
        .srv
        .insert(STARTTLS, vec![record(1, 0, "b.example", 5222)]);
    let order = tried(&network, Security::DirectTls, Listed::default()).await;
    assert_eq!(order, ["a.example:5223"]);
}

#[tokio::test(start_paused = true)]
async fn without_records_it_is_the_domain_itself() {
    let order = tried(&network(), Security::Either, Listed::default()).await;
    assert_eq!(order, ["kestrel.example:5222"]);
    let order = tried(&network(), Security::DirectTls, Listed::default()).await;
    assert_eq!(order, ["kestrel.example:5223"]);
}

#[tokio::test(start_paused = true)]
async fn a_broken_lookup_leaves_the_other_service_or_the_fallback() {
    let mut one_left = network();
    one_left.broken_srv = vec![DIRECT];
    one_left
        .srv
        .insert(STARTTLS, vec![record(1, 0, "a.example", 5222)]);
    let order = tried(&one_left, Security::Either, Listed::default()).await;
    assert_eq!(order, ["a.example:5222"]);

    let mut none_left = network();
    none_left.broken_srv = vec![DIRECT, STARTTLS];
    let order = tried(&none_left, Security::Either, Listed::default()).await;
    assert_eq!(order, ["kestrel.example:5222"]);
}

#[tokio::test(start_paused = true)]
async fn a_root_target_means_not_offered() {
    let mut network = network();
    network.srv.insert(STARTTLS, vec![record(0, 0, ".", 0)]);
    let error = try_connect(&Target::new(DOMAIN), &network)
        .await
        .unwrap_err();
    assert!(matches!(error, TransportError::NotOffered(_)), "{error}");
    assert!(error.is_terminal());
    assert!(network.tried().is_empty());

    network
        .srv
        .insert(DIRECT, vec![record(0, 0, "a.example", 5223)]);
    let order = tried(&network, Security::Either, Listed::default()).await;
    assert_eq!(order, ["a.example:5223"]);
}

#[tokio::test(start_paused = true)]
async fn no_direct_tls_does_not_rule_out_the_fallback() {
    let mut network = network();
    network.srv.insert(DIRECT, vec![record(0, 0, "", 0)]);
    let order = tried(&network, Security::Either, Listed::default()).await;
    assert_eq!(order, ["kestrel.example:5222"]);
}

#[tokio::test(start_paused = true)]
async fn an_explicit_host_skips_the_records() {
    let mut network = network();
    network
        .srv
        .insert(STARTTLS, vec![record(1, 0, "a.example", 5222)]);
    let mut target = Target::new(DOMAIN);
    target.explicit = Some(("b.example".to_owned(), 443));
    target.security = Security::StartTls;
    try_connect(&target, &network).await.unwrap_err();
    assert_eq!(network.tried(), ["b.example:443"]);
}

#[tokio::test(start_paused = true)]
async fn the_error_lists_everything_that_was_tried() {
    let mut network = network();
    network.srv.insert(
        STARTTLS,
        vec![
            record(1, 0, "a.example", 5222),
            record(2, 0, "nowhere.example", 5222),
            record(3, 0, "silent.example", 5222),
        ],
    );
    network.host("silent.example", &["192.0.2.9"]);
    network.answer("192.0.2.9:5222", Answer::Silence);
    let error = try_connect(&Target::new(DOMAIN), &network)
        .await
        .unwrap_err();
    let text = error.to_string();
    for part in [
        "a.example:5222: no connection to 192.0.2.1:5222: connection refused",
        "nowhere.example:5222: `nowhere.example` has no address",
        "silent.example:5222: no answer in time",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!error.is_terminal());
    assert_eq!(Error::from(error).kind(), ErrorKind::ConnectFailed);
}

#[tokio::test(start_paused = true)]
async fn the_total_deadline_bounds_all_hosts_together() {
    let mut network = network();
    let hosts = (0..20).map(|i| record(i, 0, "silent.example", 5222));
    network.srv.insert(STARTTLS, hosts.collect());
    network.host("silent.example", &["192.0.2.9"]);
    network.answer("192.0.2.9:5222", Answer::Silence);
    let start = tokio::time::Instant::now();
    let mut target = Target::new(DOMAIN);
    target.deadlines.candidate = Duration::from_secs(25);
    let error = try_connect(&target, &network).await.unwrap_err();
    // The timer counts in milliseconds and rounds up.
    assert_eq!(start.elapsed().as_secs(), 60);
    assert_eq!(network.tried().len(), 3);
    assert!(error.to_string().ends_with("any of its hosts"), "{error}");
}
