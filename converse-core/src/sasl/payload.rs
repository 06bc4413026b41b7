//! Payloads as they stand in the XML (RFC 6120 §6.4.2): base64, where `=` is an empty one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::SaslError;

/// Far more than any mechanism here sends; the password-sized parts are bounded again where they are read.
const MAX_PAYLOAD: usize = 16 * 1024;

/// The text that carries `payload`; an empty payload becomes `=`.
///
/// ```
/// assert_eq!(converse_core::sasl::encode_payload(b"n,,"), "biws");
/// assert_eq!(converse_core::sasl::encode_payload(b""), "=");
/// ```
#[must_use]
pub fn encode_payload(payload: &[u8]) -> String {
    if payload.is_empty() {
        return "=".to_owned();
    }
    STANDARD.encode(payload)
}

/// The payload that `text` carries. Empty text and `=` are an empty payload.
///
/// # Errors
/// [`SaslError::Malformed`] if the text is not base64 or is longer than 16 KiB.
pub fn decode_payload(text: &str) -> Result<Vec<u8>, SaslError> {
    let text = text.trim_ascii();
    if text.is_empty() || text == "=" {
        return Ok(Vec::new());
    }
    if text.len() > MAX_PAYLOAD {
        return Err(SaslError::Malformed("payload too long"));
    }
    STANDARD
        .decode(text)
        .map_err(|_| SaslError::Malformed("payload is not base64"))
}
