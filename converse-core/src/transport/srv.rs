//! Where to connect to, and in which order (RFC 6120 §3.2, RFC 2782, XEP-0368).

use super::{Network, Security, SrvRecord, Target, TransportError};
use crate::env::RandomSource;

/// The ports of the fallback (RFC 6120 §14.7; 5223 is the customary one for direct TLS).
const STARTTLS_PORT: u16 = 5222;
const DIRECT_TLS_PORTS: [u16; 2] = [5223, 443];

/// More records than this are not looked at.
const MAX_RECORDS: usize = 64;

/// One host to try, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) direct_tls: bool,
}

impl Candidate {
    fn new(host: &str, port: u16, direct_tls: bool) -> Self {
        Self {
            host: host.to_owned(),
            port,
            direct_tls,
        }
    }
}

impl std::fmt::Display for Candidate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// All hosts to try, best first.
pub(super) async fn candidates(
    target: &Target,
    network: &dyn Network,
    random: &dyn RandomSource,
) -> Result<Vec<Candidate>, TransportError> {
    if let Some((host, port)) = &target.explicit {
        return Ok(explicit(host, *port, target.security));
    }
    let domain = target.ascii_domain()?;
    let is_address = domain.parse::<std::net::IpAddr>().is_ok();
    if is_address || target.security == Security::PlaintextLoopback {
        return Ok(fallback(&domain, target.security));
    }
    let direct = async {
        match target.security {
            Security::StartTls => None,
            _ => Some(network.srv("_xmpps-client._tcp", &domain).await),
        }
    };
    let starttls = async {
        match target.security {
            Security::DirectTls => None,
            _ => Some(network.srv("_xmpp-client._tcp", &domain).await),
        }
    };
    let (direct, starttls) = futures_util::join!(direct, starttls);
    merge(&domain, target.security, direct, starttls, random)
}

type Answer = Option<Result<Vec<SrvRecord>, TransportError>>;

/// Both answers as one list. A lookup that failed counts as one without records, so that a bad resolver is not the end.
fn merge(
    domain: &str,
    security: Security,
    direct: Answer,
    starttls: Answer,
    random: &dyn RandomSource,
) -> Result<Vec<Candidate>, TransportError> {
    let mut refused = false;
    let mut records = Vec::new();
    for (answer, direct_tls) in [(direct, true), (starttls, false)] {
        let found = match answer {
            Some(Ok(found)) => found,
            Some(Err(error)) => {
                tracing::debug!(domain, %error, "service records could not be looked up");
                continue;
            }
            None => continue,
        };
        // Only the word about STARTTLS rules out the fallback, unless direct TLS is all that is wanted.
        let says_no = !found.is_empty() && found.iter().all(|record| is_root(&record.target));
        refused |= says_no && (!direct_tls || security == Security::DirectTls);
        let usable = found
            .into_iter()
            .take(MAX_RECORDS)
            .filter(|record| !is_root(&record.target) && record.port != 0);
        records.extend(usable.map(|record| (record, direct_tls)));
    }
    if records.is_empty() {
        return if refused {
            Err(TransportError::NotOffered(domain.to_owned()))
        } else {
            Ok(fallback(domain, security))
        };
    }
    Ok(ordered(records, random))
}

fn is_root(target: &str) -> bool {
    target.is_empty() || target == "."
}

/// By priority; within one, drawn by weight (RFC 2782).
fn ordered(mut records: Vec<(SrvRecord, bool)>, random: &dyn RandomSource) -> Vec<Candidate> {
    records.sort_by_key(|(record, _)| (record.priority, record.weight != 0));
    let mut ordered = Vec::with_capacity(records.len());
    while let Some((first, _)) = records.first() {
        let priority = first.priority;
        let same = records.partition_point(|(record, _)| record.priority == priority);
        let drawn = draw(&records[..same], random);
        let (record, direct_tls) = records.remove(drawn);
        let host = record.target.trim_end_matches('.');
        ordered.push(Candidate::new(host, record.port, direct_tls));
    }
    ordered
}

/// The first record whose running sum of weights reaches a random number up to the whole sum.
fn draw(records: &[(SrvRecord, bool)], random: &dyn RandomSource) -> usize {
    let weight = |(record, _): &(SrvRecord, bool)| u64::from(record.weight);
    let total: u64 = records.iter().map(weight).sum();
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    let chosen = u64::from_le_bytes(bytes) % (total + 1);
    let mut sum = 0;
    records
        .iter()
        .position(|record| {
            sum += weight(record);
            sum >= chosen
        })
        .unwrap_or(0)
}

fn fallback(domain: &str, security: Security) -> Vec<Candidate> {
    let direct = security == Security::DirectTls;
    let port = if direct {
        DIRECT_TLS_PORTS[0]
    } else {
        STARTTLS_PORT
    };
    vec![Candidate::new(domain, port, direct)]
}

/// A host given by name is not looked up. If the user did not say what it speaks, the port tells which to try first.
fn explicit(host: &str, port: u16, security: Security) -> Vec<Candidate> {
    let direct_first = DIRECT_TLS_PORTS.contains(&port);
    let order = match security {
        Security::DirectTls => vec![true],
        Security::StartTls | Security::PlaintextLoopback => vec![false],
        Security::Either => vec![direct_first, !direct_first],
    };
    order
        .into_iter()
        .map(|direct_tls| Candidate::new(host, port, direct_tls))
        .collect()
}
