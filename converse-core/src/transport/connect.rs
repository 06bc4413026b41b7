//! From a domain to a stream that is ready to be opened.

use std::fmt;
use std::net::SocketAddr;

use tokio::time::{Instant, timeout_at};

use super::srv::{Candidate, candidates};
use super::{
    ByteStream, Failure, Network, Security, StreamTransport, Target, TlsInfo, Transport,
    TransportError, eyeballs, starttls, target, tls,
};
use crate::env::RandomSource;

/// A connection over which the session can open its stream.
#[non_exhaustive]
pub struct Connected {
    /// Carries the stream; nothing has been sent over it since the connection was secured.
    pub transport: Box<dyn Transport>,
    /// What is known about TLS; `None` on a plain loopback connection.
    pub tls: Option<TlsInfo>,
    /// The host that was connected to, which may differ from the domain.
    pub host: String,
    /// Its address and port.
    pub address: SocketAddr,
}

impl fmt::Debug for Connected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connected")
            .field("tls", &self.tls)
            .field("host", &self.host)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Connects to the first host of `target` that works.
///
/// The hosts are tried one after another in the order of RFC 6120 §3.2 with XEP-0368; without SRV records it is the
/// domain itself at port 5222. An error that [is terminal](TransportError::is_terminal), such as a certificate for
/// another domain, ends the search: an attacker must not be able to choose among our ways to fail.
///
/// # Errors
/// The terminal error, or [`TransportError::Unreachable`] with everything that was tried.
pub async fn connect(
    target: &Target,
    network: &dyn Network,
    random: &dyn RandomSource,
) -> Result<Connected, TransportError> {
    let mut failures = Vec::new();
    let deadline = Instant::now() + target.deadlines.total;
    let search = search(target, network, random, &mut failures);
    match timeout_at(deadline, search).await {
        Ok(Ok(Some(connected))) => return Ok(connected),
        Ok(Ok(None)) => {}
        Ok(Err(error)) => return Err(error),
        Err(_) => failures.push(Failure::new(
            &target.domain,
            TransportError::Timeout("any of its hosts"),
        )),
    }
    Err(TransportError::Unreachable {
        domain: target.domain.clone(),
        failures,
    })
}

/// `None` if every candidate failed in a way that is worth another try.
async fn search(
    target: &Target,
    network: &dyn Network,
    random: &dyn RandomSource,
    failures: &mut Vec<Failure>,
) -> Result<Option<Connected>, TransportError> {
    for candidate in candidates(target, network, random).await? {
        let deadline = Instant::now() + target.deadlines.candidate;
        let attempt = attempt(target, &candidate, network, failures);
        let error = match timeout_at(deadline, attempt).await {
            Ok(Ok(Some(connected))) => return Ok(Some(connected)),
            Ok(Ok(None)) => continue,
            Ok(Err(error)) => error,
            Err(_) => TransportError::Timeout("the connection"),
        };
        tracing::debug!(%candidate, %error, "candidate failed");
        if error.is_terminal() || error.is_redirect() {
            return Err(error);
        }
        failures.push(Failure::new(&candidate, error));
    }
    Ok(None)
}

/// One host: `None` if no address answered, which `failures` then tells about.
async fn attempt(
    target: &Target,
    candidate: &Candidate,
    network: &dyn Network,
    failures: &mut Vec<Failure>,
) -> Result<Option<Connected>, TransportError> {
    let host = target::ascii(&candidate.host)?;
    let addresses = eyeballs::interleave(network.addresses(&host).await?, candidate.port);
    if addresses.is_empty() {
        return Err(TransportError::NoAddress(host));
    }
    if target.security == Security::PlaintextLoopback {
        let outside = addresses.iter().find(|address| !is_loopback(address));
        if let Some(address) = outside {
            return Err(TransportError::PlaintextRefused(*address));
        }
    }
    let stagger = target.deadlines.stagger;
    let won = eyeballs::race(network, &host, &addresses, stagger, failures).await;
    let Some((stream, address)) = won else {
        return Ok(None);
    };
    let (transport, tls) = secure(target, candidate.direct_tls, stream).await?;
    Ok(Some(Connected {
        transport,
        tls,
        host,
        address,
    }))
}

fn is_loopback(address: &SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

async fn secure(
    target: &Target,
    direct_tls: bool,
    stream: Box<dyn ByteStream>,
) -> Result<(Box<dyn Transport>, Option<TlsInfo>), TransportError> {
    let deadline = target.deadlines.shutdown;
    if target.security == Security::PlaintextLoopback {
        let transport = StreamTransport::new(stream, target.limits).shutdown_within(deadline);
        return Ok((Box::new(transport), None));
    }
    let domain = target.ascii_domain()?;
    let stream = if direct_tls {
        stream
    } else {
        starttls::negotiate(target, stream).await?
    };
    let (stream, info) = tls::handshake(&target.tls, &domain, direct_tls, stream).await?;
    let mut transport = StreamTransport::new(stream, target.limits)
        .secure()
        .shutdown_within(deadline);
    if !direct_tls {
        transport = transport.declared();
    }
    Ok((Box::new(transport), Some(info)))
}
