//! Text that must not be seen.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer};

use crate::forms::IntoValues;

/// What stands in place of a secret wherever text is made for people.
pub(crate) const HIDDEN: &str = "***";

/// A password or a token: `Debug` and `Display` show `***`, and there is no `Serialize`.
///
/// The text is shared, so that a clone does not leave another copy in memory. It is not wiped when it is
/// dropped, because the settings it came from keep it as long as the instance lives.
///
/// ```
/// use converse_core::settings::Secret;
///
/// let secret = Secret::new("wherefore art thou");
/// assert_eq!(format!("{secret} {secret:?}"), "*** ***");
/// assert_eq!(secret.expose(), "wherefore art thou");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that has to send or compute with it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

/// As the answer to a field of a form, such as `password`.
impl IntoValues for &Secret {
    fn into_values(self) -> Vec<String> {
        vec![self.expose().to_owned()]
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}
