//! What the archives of a server can do.

/// What the archives of a server can do (XEP-0313); by default everything that is in that document and in XEP-0441.
///
/// How much they keep and how large their pages are is in [`Limits`](crate::loopback::Limits).
///
/// ```
/// use converse_testkit::loopback::{Archives, Loopback};
///
/// // A server of before XEP-0313 1.0, which cannot count.
/// let archives = Archives { extended: false, counts: false, ..Archives::default() };
/// let server = Loopback::builder("localhost").archives(archives);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archives {
    /// Whether accounts have archives.
    pub accounts: bool,
    /// Whether rooms have archives; the owner of one can turn its off.
    pub rooms: bool,
    /// Whether they understand what `urn:xmpp:mam:2#extended` stands for: `before-id`, `after-id`, `ids`, pages that are
    /// flipped, and `<metadata/>`.
    pub extended: bool,
    /// Whether they tell how many messages match and where a page lies among them, and find pages by that (XEP-0059 §2.6).
    pub counts: bool,
    /// Whether they refuse an id that they do not have with `item-not-found`, as they must (XEP-0313 §4.3.2). Prosody 13 with its
    /// internal storage does not: nothing precedes or follows such a message, and that is said to be complete.
    pub refuse_unknown: bool,
    /// Whether what they tell stays as it is; otherwise they say `stable='false'` (XEP-0313 §4.3).
    pub stable: bool,
    /// Whether accounts can say what is archived (XEP-0441).
    pub preferences: bool,
}

impl Default for Archives {
    fn default() -> Self {
        Self {
            accounts: true,
            rooms: true,
            extended: true,
            counts: true,
            refuse_unknown: true,
            stable: true,
            preferences: true,
        }
    }
}
