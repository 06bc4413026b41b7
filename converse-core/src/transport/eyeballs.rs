//! Happy eyeballs (RFC 8305): several addresses of one host, the first that answers wins.

use std::future::pending;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, sleep_until};

use super::{ByteStream, Failure, Network, TransportError};

/// More addresses than this of one host are not tried.
const MAX_ADDRESSES: usize = 16;

/// Tries the addresses, each `stagger` after the one before or as soon as that failed (RFC 8305 §5).
pub(super) async fn race(
    network: &dyn Network,
    host: &str,
    addresses: &[SocketAddr],
    stagger: Duration,
    failures: &mut Vec<Failure>,
) -> Option<(Box<dyn ByteStream>, SocketAddr)> {
    let mut waiting = addresses.iter().copied();
    let mut running = FuturesUnordered::new();
    let mut next_start = Instant::now();
    loop {
        let timer = async {
            if waiting.len() > 0 {
                sleep_until(next_start).await;
            } else {
                pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            Some((address, result)) = running.next() => match result {
                Ok(stream) => return Some((stream, address)),
                Err(source) => {
                    let error = TransportError::Connect { address, source };
                    failures.push(Failure::new(format_args!("{host}:{}", address.port()), error));
                    next_start = Instant::now();
                }
            },
            () = timer => {
                if let Some(address) = waiting.next() {
                    running.push(async move { (address, network.connect(host, address).await) });
                }
                next_start = Instant::now() + stagger;
            }
        }
        if waiting.len() == 0 && running.is_empty() {
            return None;
        }
    }
}

/// The two families in turn, beginning with the one that the resolver put first (RFC 8305 §4).
pub(super) fn interleave(addresses: Vec<IpAddr>, port: u16) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(IpAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut mixed = Vec::new();
    loop {
        let pair = [first.next(), second.next()];
        if pair == [None, None] || mixed.len() >= MAX_ADDRESSES {
            return mixed;
        }
        let addresses = pair.into_iter().flatten();
        mixed.extend(addresses.map(|address| SocketAddr::new(address, port)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(addresses: &[&str]) -> Vec<String> {
        let parsed = addresses.iter().filter_map(|address| address.parse().ok());
        let mixed = interleave(parsed.collect(), 1);
        mixed
            .iter()
            .map(|address| address.ip().to_string())
            .collect()
    }

    #[test]
    fn the_families_take_turns() {
        assert_eq!(
            mixed(&["::1", "::2", "::3", "1.1.1.1"]),
            ["::1", "1.1.1.1", "::2", "::3"]
        );
        assert_eq!(
            mixed(&["1.1.1.1", "::1", "2.2.2.2"]),
            ["1.1.1.1", "::1", "2.2.2.2"]
        );
        assert!(mixed(&[]).is_empty());
    }
}
