//! TLS on rustls: whom to trust, the handshake, and what its failures mean (RFC 6120 §13.7, RFC 9525).

use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{CertificateError, ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{ByteStream, TlsInfo, TlsReason, TransportError};

/// The application protocol of direct TLS (XEP-0368 §3).
const ALPN: &[u8] = b"xmpp-client";

/// Whom to trust, and what to show the server.
///
/// The rustls configuration is built when the first connection needs it and shared by the clones, so that later
/// connections can resume the TLS session.
///
/// ```
/// use converse_core::transport::TlsSettings;
///
/// let platform = TlsSettings::default();
/// assert!(platform.clone().with_extra_roots(b"no certificate").is_err());
/// ```
#[derive(Clone, Default)]
pub struct TlsSettings {
    trust: Trust,
    identity: Option<Arc<Identity>>,
    config: Arc<OnceLock<Arc<ClientConfig>>>,
}

#[derive(Clone, Default)]
enum Trust {
    #[default]
    Platform,
    PlatformAnd(Vec<CertificateDer<'static>>),
    Only(Vec<CertificateDer<'static>>),
}

struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl fmt::Debug for TlsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trust = match &self.trust {
            Trust::Platform => "platform".to_owned(),
            Trust::PlatformAnd(roots) => format!("platform and {} roots", roots.len()),
            Trust::Only(roots) => format!("{} roots", roots.len()),
        };
        f.debug_struct("TlsSettings")
            .field("trust", &trust)
            .field("client_certificate", &self.identity.is_some())
            .finish_non_exhaustive()
    }
}

impl TlsSettings {
    /// Trusts these root certificates (PEM) besides those of the platform.
    ///
    /// # Errors
    /// [`TransportError::TlsSettings`] if the text has no certificate or a broken one.
    pub fn with_extra_roots(self, pem: &[u8]) -> Result<Self, TransportError> {
        Ok(self.trusting(Trust::PlatformAnd(certificates(pem, "extra roots")?)))
    }

    /// Trusts these root certificates (PEM) and nobody else.
    ///
    /// # Errors
    /// [`TransportError::TlsSettings`] if the text has no certificate or a broken one.
    pub fn with_only_roots(self, pem: &[u8]) -> Result<Self, TransportError> {
        Ok(self.trusting(Trust::Only(certificates(pem, "roots")?)))
    }

    /// Shows the server this certificate chain (PEM, leaf first) if it asks, for a login by EXTERNAL (XEP-0178).
    ///
    /// # Errors
    /// [`TransportError::TlsSettings`] if the chain or the key (PEM) cannot be read.
    pub fn with_client_certificate(
        mut self,
        chain: &[u8],
        key: &[u8],
    ) -> Result<Self, TransportError> {
        let what = "client certificate";
        let chain = certificates(chain, what)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| unusable(what, error))?;
        self.identity = Some(Arc::new(Identity { chain, key }));
        self.config = Arc::default();
        Ok(self)
    }

    /// Uses this rustls configuration as it is, but for ALPN. Its verifier decides alone.
    #[must_use]
    pub fn with_config(mut self, config: Arc<ClientConfig>) -> Self {
        self.config = Arc::new(OnceLock::from(config));
        self
    }

    fn trusting(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self.config = Arc::default();
        self
    }

    /// The rustls configuration. The first use builds it, on another thread: the platform's roots are read from disk.
    async fn config(&self) -> Result<Arc<ClientConfig>, TransportError> {
        if let Some(config) = self.config.get() {
            return Ok(Arc::clone(config));
        }
        let settings = self.clone();
        let built = tokio::task::spawn_blocking(move || settings.build())
            .await
            .map_err(|error| unusable("trusted roots", error))??;
        Ok(Arc::clone(self.config.get_or_init(|| Arc::new(built))))
    }

    fn build(&self) -> Result<ClientConfig, TransportError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable("protocol versions", error))?
            // Not to switch verification off, but the only way to hand over the platform's verifier.
            .dangerous()
            .with_custom_certificate_verifier(self.verifier(provider)?);
        match &self.identity {
            None => Ok(builder.with_no_client_auth()),
            Some(identity) => builder
                .with_client_auth_cert(identity.chain.clone(), identity.key.clone_key())
                .map_err(|error| unusable("client certificate", error)),
        }
    }

    fn verifier(
        &self,
        provider: Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ServerCertVerifier>, TransportError> {
        let what = "trusted roots";
        let roots = match &self.trust {
            Trust::Platform => {
                let verifier = Verifier::new(provider).map_err(|error| unusable(what, error))?;
                return Ok(Arc::new(verifier));
            }
            Trust::PlatformAnd(roots) => {
                let verifier = Verifier::new_with_extra_roots(roots.iter().cloned(), provider)
                    .map_err(|error| unusable(what, error))?;
                return Ok(Arc::new(verifier));
            }
            Trust::Only(roots) => roots,
        };
        let mut store = RootCertStore::empty();
        for root in roots {
            store
                .add(root.clone())
                .map_err(|error| unusable(what, error))?;
        }
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider)
            .build()
            .map_err(|error| unusable(what, error))?;
        Ok(verifier)
    }
}

fn unusable(
    what: &'static str,
    error: impl std::error::Error + Send + Sync + 'static,
) -> TransportError {
    TransportError::TlsSettings {
        what,
        source: Some(Box::new(error)),
    }
}

fn certificates(
    pem: &[u8],
    what: &'static str,
) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| unusable(what, error))?;
    if certificates.is_empty() {
        return Err(TransportError::TlsSettings { what, source: None });
    }
    Ok(certificates)
}

/// The handshake for `domain`, which is the name that is sent (SNI) and that the certificate must be for.
pub(super) async fn handshake(
    settings: &TlsSettings,
    domain: &str,
    direct: bool,
    stream: Box<dyn ByteStream>,
) -> Result<(TlsStream<Box<dyn ByteStream>>, TlsInfo), TransportError> {
    let mut config = settings.config().await?;
    let alpn = if direct { vec![ALPN.to_vec()] } else { vec![] };
    if config.alpn_protocols != alpn {
        let mut adapted = ClientConfig::clone(&config);
        adapted.alpn_protocols = alpn;
        config = Arc::new(adapted);
    }
    let name = ServerName::try_from(domain.to_owned())
        .map_err(|_| TransportError::InvalidHost(domain.to_owned()))?;
    let bound_secret = config.require_ems;
    let stream = TlsConnector::from(config)
        .connect(name, stream)
        .await
        .map_err(classify)?;
    let info = TlsInfo::of(stream.get_ref().1, bound_secret);
    Ok((stream, info))
}

/// What a failed handshake means.
fn classify(error: io::Error) -> TransportError {
    let reason = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        .map_or(TlsReason::Handshake, |error| match error {
            rustls::Error::InvalidCertificate(error) => certificate_reason(error),
            rustls::Error::NoCertificatesPresented => TlsReason::BadCertificate,
            rustls::Error::AlertReceived(_) => TlsReason::RefusedByServer,
            _ => TlsReason::Handshake,
        });
    TransportError::Tls {
        reason,
        source: Box::new(error),
    }
}

fn certificate_reason(error: &CertificateError) -> TlsReason {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsReason::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            TlsReason::NotYetValid
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TlsReason::WrongHost
        }
        CertificateError::UnknownIssuer => TlsReason::UnknownIssuer,
        CertificateError::Revoked => TlsReason::Revoked,
        _ => TlsReason::BadCertificate,
    }
}
