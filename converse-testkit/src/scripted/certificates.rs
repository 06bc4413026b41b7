//! Certificates for the scripted server, good ones and bad ones.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::ScriptError;

/// Who signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Signer {
    /// The authority that the client is told to trust.
    #[default]
    Trusted,
    /// An authority that nobody knows.
    Stranger,
}

/// A certificate to show to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Certificate {
    /// The names it is for.
    pub names: Vec<String>,
    /// Who signed it.
    pub signer: Signer,
    /// The last year in which it is valid.
    pub until: i32,
}

impl Certificate {
    /// A good one for this name.
    pub fn for_name(name: impl Into<String>) -> Self {
        Self {
            names: vec![name.into()],
            signer: Signer::Trusted,
            until: 2090,
        }
    }

    /// The same signed by an authority that the client does not know.
    #[must_use]
    pub fn signed_by_stranger(mut self) -> Self {
        self.signer = Signer::Stranger;
        self
    }

    /// The same, but out of date.
    #[must_use]
    pub fn expired(mut self) -> Self {
        self.until = 2021;
        self
    }

    /// What a server needs to show it.
    pub(super) fn config(&self) -> Result<Arc<ServerConfig>, ScriptError> {
        let authorities = authorities()?;
        let issuer = match self.signer {
            Signer::Trusted => &authorities.trusted,
            Signer::Stranger => &authorities.stranger,
        };
        let mut params = CertificateParams::new(self.names.clone())?;
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(self.until, 1, 1);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate()?;
        let certificate: CertificateDer<'static> = params.signed_by(&key, issuer)?.der().clone();
        let key = PrivateKeyDer::try_from(key.serialize_der())
            .map_err(|error| ScriptError::new(format!("a key cannot be used: {error}")))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)?;
        config.alpn_protocols = vec![b"xmpp-client".to_vec()];
        Ok(Arc::new(config))
    }
}

struct Authorities {
    trusted: Issuer<'static, KeyPair>,
    trusted_pem: String,
    stranger: Issuer<'static, KeyPair>,
}

/// Made once a process: they never change, and making keys takes time.
fn authorities() -> Result<&'static Authorities, ScriptError> {
    static AUTHORITIES: OnceLock<Authorities> = OnceLock::new();
    if let Some(authorities) = AUTHORITIES.get() {
        return Ok(authorities);
    }
    let (trusted, trusted_pem) = authority("scripted authority")?;
    let (stranger, _) = authority("unknown authority")?;
    Ok(AUTHORITIES.get_or_init(|| Authorities {
        trusted,
        trusted_pem,
        stranger,
    }))
}

fn authority(name: &str) -> Result<(Issuer<'static, KeyPair>, String), ScriptError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate()?;
    let pem = params.self_signed(&key)?.pem();
    Ok((Issuer::new(params, key), pem))
}

/// A PEM file with the authority that signs the good certificates, for the setting `tls_roots`; it is deleted when this is
/// dropped.
#[derive(Debug)]
pub struct TrustedRoots {
    path: PathBuf,
}

impl TrustedRoots {
    /// Writes the file.
    ///
    /// # Errors
    ///
    /// When no certificate can be made or the file cannot be written.
    pub fn write() -> Result<Self, ScriptError> {
        static WRITTEN: AtomicUsize = AtomicUsize::new(0);
        let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
        let name = format!("converse-scripted-{}-{number}.pem", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, &authorities()?.trusted_pem)
            .map_err(|error| ScriptError::new(format!("{}: {error}", path.display())))?;
        Ok(Self { path })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TrustedRoots {
    fn drop(&mut self) {
        // Somebody may have tidied up before.
        let _ = std::fs::remove_file(&self.path);
    }
}
