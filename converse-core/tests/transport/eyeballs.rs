use std::time::Duration;

use converse_core::transport::{Security, Target};

use crate::network::{Answer, DOMAIN, FakeNetwork, try_connect};

/// Which addresses are tried and when, the server giving up on whoever gets through.
async fn times(answers: &[(&'static str, Answer)]) -> Vec<(u128, String)> {
    let (mut network, mut connections) = FakeNetwork::new();
    let addresses: Vec<_> = answers.iter().map(|(address, _)| *address).collect();
    network.host(DOMAIN, &addresses);
    for (address, answer) in answers {
        let bracketed = match address.contains(':') {
            true => format!("[{address}]:5222"),
            false => format!("{address}:5222"),
        };
        network.answer(&bracketed, *answer);
    }
    let mut target = Target::new(DOMAIN);
    target.security = Security::StartTls;
    let server = async { drop(connections.recv().await) };
    let (result, ()) = tokio::join!(try_connect(&target, &network), async {
        tokio::select! {
            () = server => {}
            () = tokio::time::sleep(Duration::from_secs(100)) => {}
        }
    });
    result.unwrap_err();
    network.times()
}

fn at(millis: u128, address: &str) -> (u128, String) {
    (millis, address.to_owned())
}

const SLOW: Answer = Answer::Accept {
    after: Duration::from_secs(1),
};
const REFUSED: Answer = Answer::Refuse {
    after: Duration::from_millis(20),
};

#[tokio::test(start_paused = true)]
async fn the_next_address_starts_after_a_quarter_of_a_second() {
    let times = times(&[
        ("2001:db8::1", Answer::Silence),
        ("2001:db8::2", Answer::Silence),
        ("192.0.2.1", SLOW),
    ])
    .await;
    let expected = [
        at(0, "2001:db8::1"),
        at(250, "192.0.2.1"),
        at(500, "2001:db8::2"),
    ];
    assert_eq!(times, expected);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_starts_the_next_address_at_once() {
    let times = times(&[("2001:db8::1", REFUSED), ("192.0.2.1", SLOW)]).await;
    assert_eq!(times, [at(0, "2001:db8::1"), at(20, "192.0.2.1")]);
}

#[tokio::test(start_paused = true)]
async fn an_address_that_answers_ends_the_race() {
    let quick = Answer::Accept {
        after: Duration::from_millis(100),
    };
    let times = times(&[("2001:db8::1", quick), ("192.0.2.1", SLOW)]).await;
    assert_eq!(times, [at(0, "2001:db8::1")]);
}
