//! Free ports.

use std::io;
use std::net::{Ipv4Addr, TcpListener};

use ring::rand::{SecureRandom, SystemRandom};

/// Below the range from which systems take ports for outgoing connections, so that none of those
/// can take a port between our look and the server's start.
const FIRST: u16 = 10_000;
const LAST: u16 = 32_000;

/// The ports of a server, on `127.0.0.1`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ports {
    pub(super) starttls: u16,
    pub(super) direct_tls: u16,
    pub(super) http: u16,
    pub(super) https: u16,
    pub(super) plain: u16,
    /// Between Erlang nodes; Prosody has no use for it.
    pub(super) distribution: u16,
}

impl Ports {
    /// Ports that were free just now.
    pub(super) fn choose() -> io::Result<Ports> {
        match free(6)?[..] {
            [starttls, direct_tls, http, https, plain, distribution] => Ok(Ports {
                starttls,
                direct_tls,
                http,
                https,
                plain,
                distribution,
            }),
            _ => Err(io::Error::other("wrong number of ports")),
        }
    }
}

/// `count` ports on loopback that were free just now, chosen at random: tests in other processes
/// choose at the same time. Whoever loses the remaining race finds its server complaining and tries
/// again.
fn free(count: usize) -> io::Result<Vec<u16>> {
    let random = SystemRandom::new();
    let mut held = Vec::new();
    for _ in 0..10_000 {
        if held.len() == count {
            break;
        }
        let mut bytes = [0; 2];
        random
            .fill(&mut bytes)
            .map_err(|_| io::Error::other("no randomness"))?;
        let port = FIRST + u16::from_ne_bytes(bytes) % (LAST - FIRST);
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            held.push((port, listener));
        }
    }
    if held.len() < count {
        return Err(io::Error::new(
            io::ErrorKind::AddrInUse,
            "no free port on loopback",
        ));
    }
    Ok(held.into_iter().map(|(port, _)| port).collect())
}
