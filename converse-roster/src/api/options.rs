//! What can be said of a contact who is added.

/// How a contact is added; see [`Contacts::add_with`](super::Contacts::add_with).
///
/// ```
/// use converse_roster::AddOptions;
///
/// let options = AddOptions::new()
///     .name("Buddy")
///     .groups(["Friends", "Rowers"])
///     .message("We met at the regatta.");
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "options do nothing until a contact is added with them"]
pub struct AddOptions {
    pub(super) name: Option<String>,
    pub(super) groups: Vec<String>,
    pub(super) message: Option<String>,
    pub(super) without_request: bool,
}

impl AddOptions {
    /// No name, no groups, no message.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the user calls them; without a name it is the address.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The groups to put them into.
    pub fn groups<G: Into<String>>(mut self, groups: impl IntoIterator<Item = G>) -> Self {
        self.groups = groups.into_iter().map(Into::into).collect();
        self
    }

    /// What they read with the user's request (RFC 6121 §3.1.1).
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// They are not asked for their presence.
    pub fn without_request(mut self) -> Self {
        self.without_request = true;
        self
    }
}
