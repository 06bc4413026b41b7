//! What a TLS connection can be recognised by from both ends, for SASL channel binding (RFC 5056).

use ring::digest;
use rustls::{ClientConnection, ProtocolVersion};

use super::der;
use crate::sasl::ChannelBindings;

/// RFC 9266 §2.
const EXPORTER_LABEL: &[u8] = b"EXPORTER-Channel-Binding";

/// The version of TLS that a connection uses; older ones are not spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TlsVersion {
    /// RFC 5246.
    V1_2,
    /// RFC 8446.
    V1_3,
}

/// What is known about the TLS connection of a stream.
#[derive(Debug, Clone)]
pub struct TlsInfo {
    version: TlsVersion,
    bindings: ChannelBindings,
}

impl TlsInfo {
    /// `bound_secret`: the configuration insists on an extended master secret, without which an exporter of TLS 1.2
    /// binds nothing (RFC 9266 §4.2). rustls does not tell whether one was used if it was optional.
    pub(super) fn of(connection: &ClientConnection, bound_secret: bool) -> Self {
        let version = match connection.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => TlsVersion::V1_3,
            _ => TlsVersion::V1_2,
        };
        let mut bindings = ChannelBindings::default();
        if version == TlsVersion::V1_3 || bound_secret {
            bindings.tls_exporter = connection
                .export_keying_material(vec![0; 32], EXPORTER_LABEL, Some(b""))
                .ok();
        }
        bindings.tls_server_end_point = connection
            .peer_certificates()
            .and_then(<[_]>::first)
            .and_then(|leaf| end_point(leaf));
        Self { version, bindings }
    }

    /// The version of TLS.
    #[must_use]
    pub fn version(&self) -> TlsVersion {
        self.version
    }

    /// `tls-exporter` (RFC 9266): 32 bytes that only the two ends of this connection know.
    #[must_use]
    pub fn exporter(&self) -> Option<&[u8]> {
        self.bindings.tls_exporter.as_deref()
    }

    /// `tls-server-end-point` (RFC 5929 §4): the hash of the server's certificate; `None` where it is not defined.
    #[must_use]
    pub fn server_end_point(&self) -> Option<&[u8]> {
        self.bindings.tls_server_end_point.as_deref()
    }

    /// Both, for [`sasl::select`](crate::sasl::select).
    #[must_use]
    pub fn channel_bindings(&self) -> &ChannelBindings {
        &self.bindings
    }
}

/// The certificate hashed by the function of its own signature, or SHA-256 if that is MD5 or SHA-1 (RFC 5929 §4.1).
fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    let algorithm = match der::signature_algorithm(certificate)? {
        // md5, sha1 and sha256 WithRSAEncryption (RFC 8017 appendix C, RFC 4055 §5); ecdsa-with-SHA1 and -SHA256
        // (RFC 5758 §3.2).
        RSA_MD5 | RSA_SHA1 | RSA_SHA256 | ECDSA_SHA1 | ECDSA_SHA256 => &digest::SHA256,
        RSA_SHA384 | ECDSA_SHA384 => &digest::SHA384,
        RSA_SHA512 | ECDSA_SHA512 => &digest::SHA512,
        // Not defined for signatures with no hash function (Ed25519) or with several (RSASSA-PSS).
        _ => return None,
    };
    Some(digest::digest(algorithm, certificate).as_ref().to_vec())
}

// Object identifiers in DER.
const RSA_MD5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4];
const RSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5];
const RSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
const RSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12];
const RSA_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13];
const ECDSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1];
const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const ECDSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];
const ECDSA_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4];
