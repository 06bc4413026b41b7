//! Which program this is.

/// The program that a client is, as it tells others (XEP-0092, and the names in XEP-0030 and XEP-0115).
///
/// The operating system is told only if it is set: nobody needs to know it.
///
/// ```
/// use converse_core::disco::Software;
///
/// let verona = Software::new("Verona", "1.2").at("https://verona.example/");
/// assert_eq!(verona.os(), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Software {
    name: String,
    version: String,
    os: Option<String>,
    node: String,
}

impl Default for Software {
    fn default() -> Self {
        Self::new("converse", env!("CARGO_PKG_VERSION"))
    }
}

impl Software {
    /// The program of this name and version.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            os: None,
            node: env!("CARGO_PKG_REPOSITORY").to_owned(),
        }
    }

    /// The same with the address of its home page, which names it in presence (XEP-0115 §4).
    #[must_use]
    pub fn at(mut self, uri: impl Into<String>) -> Self {
        self.node = uri.into();
        self
    }

    /// The same with the operating system that it runs on.
    #[must_use]
    pub fn on(mut self, os: impl Into<String>) -> Self {
        self.os = Some(os.into());
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The operating system, if others are to know it.
    #[must_use]
    pub fn os(&self) -> Option<&str> {
        self.os.as_deref()
    }

    /// The address that names it in presence.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.node
    }
}
