//! How a node has to be for something to be published to it.

/// Who may read a node (XEP-0060 §4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AccessModel {
    /// Everybody.
    Open,
    /// Those who see the user's presence.
    Presence,
    /// Only the user.
    Whitelist,
}

impl AccessModel {
    /// The value of the option `pubsub#access_model`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Presence => "presence",
            Self::Whitelist => "whitelist",
        }
    }
}

/// The preconditions of a publication (XEP-0060 §7.1.5), which are the configuration of a node that is created by it.
///
/// ```
/// use converse_core::pubsub::{AccessModel, PublishOptions};
///
/// let bookmarks = PublishOptions::private().keeping_all();
/// assert_eq!(bookmarks.access(), AccessModel::Whitelist);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishOptions {
    access: AccessModel,
    others: Vec<(String, String)>,
    /// Whether losing an item is worse than not publishing another.
    keeps_all: bool,
}

impl PublishOptions {
    /// Only the user may read the node, and it keeps its items (XEP-0223).
    #[must_use]
    pub fn private() -> Self {
        Self::new(AccessModel::Whitelist).with(PERSIST_ITEMS, "true")
    }

    /// Those who see the user's presence may read the node.
    #[must_use]
    pub fn presence() -> Self {
        Self::new(AccessModel::Presence)
    }

    /// Everybody may read the node.
    #[must_use]
    pub fn open() -> Self {
        Self::new(AccessModel::Open)
    }

    fn new(access: AccessModel) -> Self {
        Self {
            access,
            others: Vec::new(),
            keeps_all: false,
        }
    }

    /// The node keeps all its items: as many as the server lets it, and where it does not say that it lets it keep many,
    /// nothing more is published.
    #[must_use]
    pub fn keeping_all(mut self) -> Self {
        self.keeps_all = true;
        self.keeping_most()
    }

    /// The node keeps as many items as the server lets it; that older ones make room is no harm.
    #[must_use]
    pub fn keeping_most(self) -> Self {
        self.with(PERSIST_ITEMS, "true").with(MAX_ITEMS, "max")
    }

    pub(super) fn keeps_all(&self) -> bool {
        self.keeps_all
    }

    /// The node has this option with this value, as `pubsub#send_last_published_item` with `never` (XEP-0060 §16.4.4).
    ///
    /// The access model is not set with this: that option is ignored.
    #[must_use]
    pub fn with(mut self, option: impl Into<String>, value: impl Into<String>) -> Self {
        let option = option.into();
        if option != ACCESS_MODEL {
            self.others.retain(|(known, _)| *known != option);
            self.others.push((option, value.into()));
        }
        self
    }

    /// Who may read the node.
    #[must_use]
    pub fn access(&self) -> AccessModel {
        self.access
    }

    /// The options that every service knows: who may read the node, and whether it keeps its items.
    ///
    /// Nothing if these are all.
    pub(super) fn essential(&self) -> Option<Self> {
        let (essential, others): (Vec<_>, Vec<_>) = self
            .others
            .iter()
            .cloned()
            .partition(|(option, _)| option == PERSIST_ITEMS);
        (!others.is_empty()).then_some(Self {
            access: self.access,
            others: essential,
            keeps_all: self.keeps_all,
        })
    }

    /// The options as fields of a form.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        let others = self.others.iter();
        std::iter::once((ACCESS_MODEL, self.access.as_str()))
            .chain(others.map(|(option, value)| (option.as_str(), value.as_str())))
    }
}

const ACCESS_MODEL: &str = "pubsub#access_model";
const MAX_ITEMS: &str = "pubsub#max_items";
const PERSIST_ITEMS: &str = "pubsub#persist_items";
