//! Bytes that must not be seen.

use std::fmt;

/// A key or a token: `Debug` shows `***`.
///
/// ```
/// use converse_core::store::SecretBytes;
///
/// let key = SecretBytes::new(*b"moonlight");
/// assert_eq!(format!("{key:?}"), "***");
/// assert_eq!(key.expose(), b"moonlight");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// Hides `bytes`.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes themselves, for the one place that computes with them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
