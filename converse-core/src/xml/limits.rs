/// How large the XML that arrives may be; whatever goes beyond ends the stream with
/// `policy-violation` (RFC 6120 §4.9.3.14).
///
/// ```
/// use converse_core::xml::Limits;
///
/// let limits = Limits::default().with_max_element_bytes(64 * 1024);
/// assert_eq!(limits.max_element_bytes, 65_536);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one top-level element, tags included (10 MiB).
    pub max_element_bytes: usize,
    /// Elements open at once, the top-level element being the first (64).
    pub max_depth: usize,
    /// Attributes of one element, namespace declarations included (256).
    pub max_attributes: usize,
    /// Elements, runs of text and attributes of one top-level element taken together (262,144).
    pub max_nodes: usize,
    /// Namespace prefixes in scope at once (256).
    pub max_prefixes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_element_bytes: 10 * 1024 * 1024,
            max_depth: 64,
            max_attributes: 256,
            max_nodes: 262_144,
            max_prefixes: 256,
        }
    }
}

impl Limits {
    /// For text that this process wrote itself: bounded only by what the index can address.
    pub(crate) const UNLIMITED: Self = Self {
        max_element_bytes: usize::MAX,
        max_depth: usize::MAX,
        max_attributes: usize::MAX,
        max_nodes: usize::MAX,
        max_prefixes: usize::MAX,
    };

    /// The same limits with another [`max_element_bytes`](Self::max_element_bytes).
    #[must_use]
    pub fn with_max_element_bytes(mut self, bytes: usize) -> Self {
        self.max_element_bytes = bytes;
        self
    }

    /// The same limits with another [`max_depth`](Self::max_depth).
    #[must_use]
    pub fn with_max_depth(mut self, depth: usize) -> Self {
        self.max_depth = depth;
        self
    }

    /// The same limits with another [`max_attributes`](Self::max_attributes).
    #[must_use]
    pub fn with_max_attributes(mut self, attributes: usize) -> Self {
        self.max_attributes = attributes;
        self
    }

    /// The same limits with another [`max_nodes`](Self::max_nodes).
    #[must_use]
    pub fn with_max_nodes(mut self, nodes: usize) -> Self {
        self.max_nodes = nodes;
        self
    }

    /// The same limits with another [`max_prefixes`](Self::max_prefixes).
    #[must_use]
    pub fn with_max_prefixes(mut self, prefixes: usize) -> Self {
        self.max_prefixes = prefixes;
        self
    }

    /// What one element may hold in bytes, given that the index counts in 32 bits.
    pub(crate) fn element_bytes(&self) -> usize {
        self.max_element_bytes.min(u32::MAX as usize / 2)
    }
}
