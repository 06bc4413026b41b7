//! DNS and TCP of this machine.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::LookupIpStrategy;
use hickory_resolver::net::NetError;
use hickory_resolver::proto::rr::RData;
use tokio::net::TcpStream;

use super::{ByteStream, Network, SrvRecord, TransportError};

/// DNS by the system's configuration, read when the first name is looked up, and TCP without Nagle's algorithm, which
/// would hold back the second of two small writes until the first is acknowledged.
#[derive(Debug, Default)]
pub struct SystemNetwork {
    resolver: Mutex<Option<Arc<TokioResolver>>>,
}

impl SystemNetwork {
    /// Reads nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn resolver(&self) -> Result<Arc<TokioResolver>, NetError> {
        let mut slot = self.resolver.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(resolver) = &*slot {
            return Ok(Arc::clone(resolver));
        }
        let mut builder = TokioResolver::builder_tokio()?;
        builder.options_mut().ip_strategy = LookupIpStrategy::Ipv6AndIpv4;
        let resolver = Arc::new(builder.build()?);
        *slot = Some(Arc::clone(&resolver));
        Ok(resolver)
    }

    /// A failed lookup may mean that this machine moved to another network: the next one reads the configuration anew.
    fn failed(&self, name: &str, error: NetError) -> TransportError {
        *self.resolver.lock().unwrap_or_else(PoisonError::into_inner) = None;
        TransportError::Lookup {
            name: name.to_owned(),
            source: error.into(),
        }
    }

    async fn lookup_srv(&self, name: &str) -> Result<Vec<SrvRecord>, TransportError> {
        let resolver = self.resolver().map_err(|error| self.failed(name, error))?;
        let lookup = match resolver.srv_lookup(name).await {
            Ok(lookup) => lookup,
            Err(error) if error.is_no_records_found() => return Ok(Vec::new()),
            Err(error) => return Err(self.failed(name, error)),
        };
        let records = lookup
            .answers()
            .iter()
            .filter_map(|record| match &record.data {
                RData::SRV(srv) => Some(SrvRecord {
                    priority: srv.priority,
                    weight: srv.weight,
                    port: srv.port,
                    target: srv.target.to_ascii().trim_end_matches('.').to_owned(),
                }),
                _ => None,
            });
        Ok(records.collect())
    }

    async fn lookup_addresses(&self, host: &str) -> Result<Vec<IpAddr>, TransportError> {
        if let Ok(address) = host.parse() {
            return Ok(vec![address]);
        }
        // RFC 6761 §6.3: this name never leaves the machine.
        if host == "localhost" || host.ends_with(".localhost") {
            return Ok(vec![Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()]);
        }
        let Ok(resolver) = self.resolver() else {
            return lookup_by_system(host).await;
        };
        match resolver.lookup_ip(format!("{host}.")).await {
            Ok(lookup) => Ok(lookup.iter().collect()),
            Err(error) if error.is_no_records_found() => Ok(Vec::new()),
            Err(error) => Err(self.failed(host, error)),
        }
    }
}

/// The system's own lookup, for one without any DNS server: its hosts file may still know the name.
async fn lookup_by_system(host: &str) -> Result<Vec<IpAddr>, TransportError> {
    match tokio::net::lookup_host((host, 0)).await {
        Ok(addresses) => Ok(addresses.map(|address| address.ip()).collect()),
        Err(error) => Err(TransportError::Lookup {
            name: host.to_owned(),
            source: error.into(),
        }),
    }
}

impl Network for SystemNetwork {
    fn srv<'a>(
        &'a self,
        service: &'a str,
        domain: &'a str,
    ) -> BoxFuture<'a, Result<Vec<SrvRecord>, TransportError>> {
        async move { self.lookup_srv(&format!("{service}.{domain}.")).await }.boxed()
    }

    fn addresses<'a>(
        &'a self,
        host: &'a str,
    ) -> BoxFuture<'a, Result<Vec<IpAddr>, TransportError>> {
        self.lookup_addresses(host).boxed()
    }

    fn connect<'a>(
        &'a self,
        _host: &'a str,
        address: SocketAddr,
    ) -> BoxFuture<'a, io::Result<Box<dyn ByteStream>>> {
        async move {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as Box<dyn ByteStream>)
        }
        .boxed()
    }
}
