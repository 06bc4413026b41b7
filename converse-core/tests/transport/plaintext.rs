use converse_core::env::SystemRandom;
use converse_core::transport::{
    OpenHeader, Security, SystemNetwork, Target, TransportError, connect,
};
use converse_core::{Error, ErrorKind};

use crate::network::{AT_ONCE, DOMAIN, FakeNetwork, read_to, try_connect};

fn target(host: &str) -> Target {
    let mut target = Target::new(DOMAIN);
    target.explicit = Some((host.to_owned(), 5222));
    target.security = Security::PlaintextLoopback;
    target
}

#[tokio::test(start_paused = true)]
async fn an_address_of_another_machine_is_refused_before_connecting() {
    for addresses in [
        &["192.0.2.1"][..],
        &["127.0.0.1", "192.0.2.1"],
        &["::ffff:192.0.2.1"],
    ] {
        let (mut network, _connections) = FakeNetwork::new();
        network.host("server.example", addresses);
        for address in ["192.0.2.1:5222", "127.0.0.1:5222"] {
            network.answer(address, AT_ONCE);
        }
        let error = try_connect(&target("server.example"), &network)
            .await
            .unwrap_err();
        assert!(
            matches!(error, TransportError::PlaintextRefused(_)),
            "{error}"
        );
        assert!(error.is_terminal());
        assert!(network.tried().is_empty());
        assert_eq!(Error::from(error).kind(), ErrorKind::Config);
    }
}

#[tokio::test(start_paused = true)]
async fn loopback_is_allowed_and_the_header_does_not_say_who_we_are() {
    let (mut network, mut connections) = FakeNetwork::new();
    network.host("localhost", &["::1", "127.0.0.1"]);
    network.answer("127.0.0.1:5222", AT_ONCE);
    let mut connected = try_connect(&target("localhost"), &network).await.unwrap();
    assert!(connected.tls.is_none());
    let header = OpenHeader::new(DOMAIN).from("mara@kestrel.example");
    connected.transport.open(&header);
    connected.transport.flush().await.unwrap();
    let mut stream = connections.recv().await.unwrap();
    read_to(&mut stream, "?>").await;
    assert!(!read_to(&mut stream, ">").await.contains("mara"));
}

#[tokio::test]
async fn the_system_connects_by_tcp() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut target = Target::new(DOMAIN);
    target.security = Security::PlaintextLoopback;
    let port = listener.local_addr().unwrap().port();
    for host in ["127.0.0.1", "localhost"] {
        target.explicit = Some((host.to_owned(), port));
        let (network, random) = (SystemNetwork::new(), SystemRandom::new());
        let (connected, accepted) =
            tokio::join!(connect(&target, &network, &random), listener.accept());
        let mut connected = connected.unwrap();
        connected.transport.open(&OpenHeader::new(DOMAIN));
        connected.transport.flush().await.unwrap();
        let (mut stream, _) = accepted.unwrap();
        assert_eq!(read_to(&mut stream, "?>").await, "<?xml version='1.0'?>");
    }
}

#[test]
fn connecting_can_move_between_threads() {
    fn assert_send<T: Send>(_: T) {}
    let (target, network, random) = (
        Target::new(DOMAIN),
        SystemNetwork::new(),
        SystemRandom::new(),
    );
    assert_send(connect(&target, &network, &random));
}
