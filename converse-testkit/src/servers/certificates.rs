//! The certificates of a test server: an authority of its own, a leaf, and client certificates.
//!
//! ECDSA P-256, version 3, names one by one: a wildcard over a single label (`*.localhost`) matches
//! nothing for the verifiers in use.

use std::path::PathBuf;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, OtherNameValue, SanType,
    date_time_ymd,
};
use ring::digest;

use super::folder::Folder;
use super::{Certificate, ServerUnavailable};

/// The sub-domains a certificate covers: every host that one of the servers has.
pub(super) const SUBDOMAINS: [&str; 8] = [
    "conference",
    "pubsub",
    "upload",
    "anon",
    "cert",
    "bare",
    "hashed",
    "insecure",
];

/// `id-on-xmppAddr`, RFC 6120 §13.7.1.4.
const XMPP_ADDRESS: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 8, 5];

/// A client certificate for SASL EXTERNAL (XEP-0178), as PEM files.
#[derive(Debug, Clone)]
pub struct ClientCertificate {
    /// The certificate; it names the account as `xmppAddr`.
    pub certificate: PathBuf,
    /// Its private key (PKCS #8).
    pub key: PathBuf,
}

/// A certificate authority and the server certificate it signed, in `certs/` of a folder.
pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// The authority's certificate.
    pub(super) ca_file: PathBuf,
    /// The server's certificate, followed by the authority's.
    pub(super) chain_file: PathBuf,
    /// The server's private key.
    pub(super) key_file: PathBuf,
    /// The server's certificate and key in one file.
    pub(super) bundle_file: PathBuf,
    /// SHA-256 over the server's certificate, in hex: its `tls-server-end-point` (RFC 5929 §4).
    pub(super) end_point: String,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority")
            .field("ca_file", &self.ca_file)
            .finish_non_exhaustive()
    }
}

impl Authority {
    pub(super) fn create(
        folder: &Folder,
        domain: &str,
        certificate: Certificate,
    ) -> Result<Authority, ServerUnavailable> {
        folder.create_dir("certs")?;
        let issuer = CertifiedIssuer::self_signed(authority_params(), KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let leaf = server_params(domain, certificate)?.signed_by(&key, &issuer)?;
        let (leaf_pem, key_pem) = (leaf.pem(), key.serialize_pem());
        let hash = digest::digest(&digest::SHA256, leaf.der());
        Ok(Authority {
            ca_file: folder.write("certs/ca.crt", &issuer.pem())?,
            chain_file: folder.write("certs/server.crt", &format!("{leaf_pem}{}", issuer.pem()))?,
            key_file: folder.write("certs/server.key", &key_pem)?,
            bundle_file: folder.write("certs/server.pem", &format!("{leaf_pem}{key_pem}"))?,
            end_point: hash
                .as_ref()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            issuer,
        })
    }

    /// Makes a client certificate for `jid`.
    pub(super) fn client(
        &self,
        folder: &Folder,
        jid: &str,
    ) -> Result<ClientCertificate, ServerUnavailable> {
        let mut params = leaf_params(jid);
        params.subject_alt_names = vec![SanType::OtherName((
            XMPP_ADDRESS.to_vec(),
            OtherNameValue::Utf8String(jid.to_owned()),
        ))];
        // Prosody verifies client certificates for the purpose of a server.
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ClientAuth,
            ExtendedKeyUsagePurpose::ServerAuth,
        ];
        let key = KeyPair::generate()?;
        let leaf = params.signed_by(&key, &self.issuer)?;
        Ok(ClientCertificate {
            certificate: folder.write(&format!("certs/client-{jid}.crt"), &leaf.pem())?,
            key: folder.write(&format!("certs/client-{jid}.key"), &key.serialize_pem())?,
        })
    }
}

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name("converse test authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2049, 12, 31);
    params
}

fn server_params(
    domain: &str,
    certificate: Certificate,
) -> Result<CertificateParams, ServerUnavailable> {
    let mut params = leaf_params(domain);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let mut names = match certificate {
        Certificate::WrongName => Vec::new(),
        Certificate::Good | Certificate::Expired => vec![domain.to_owned()],
    };
    if names.is_empty() {
        names.push("wrong.invalid".to_owned());
    } else {
        names.extend(SUBDOMAINS.map(|name| format!("{name}.{domain}")));
        names.extend(["127.0.0.1", "::1"].map(str::to_owned));
    }
    params.subject_alt_names = CertificateParams::new(names)?.subject_alt_names;
    if certificate == Certificate::Expired {
        params.not_after = date_time_ymd(2021, 1, 1);
    }
    Ok(params)
}

fn leaf_params(common: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(common);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2049, 12, 31);
    params
}

fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}
