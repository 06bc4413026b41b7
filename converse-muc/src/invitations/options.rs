//! How somebody is invited.

/// What [`Room::invite`](crate::Room::invite) says with an invitation. A reason as text, or `()` for nothing, is enough.
///
/// ```
/// use converse_muc::InviteOptions;
///
/// let options = InviteOptions::reason("Hey Hecate, this is the place for all good witches!")
///     .continuing("e0ffe42b28561960c6b12b944a092794b9683a38");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InviteOptions {
    pub(super) reason: Option<String>,
    pub(super) continues: bool,
    pub(super) thread: Option<String>,
    pub(super) way: Way,
    pub(super) keeps_password: bool,
}

/// Which way an invitation goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Way {
    /// As fits the room.
    #[default]
    Any,
    Direct,
    Mediated,
}

impl InviteOptions {
    /// With a reason for people.
    pub fn reason(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self {
            reason: Some(reason).filter(|reason| !reason.is_empty()),
            ..Self::default()
        }
    }

    /// The room continues a chat that has no thread (XEP-0045 §7.9).
    #[must_use]
    pub fn continuing_a_chat(mut self) -> Self {
        self.continues = true;
        self
    }

    /// The room continues the chat of this thread (XEP-0045 §7.9).
    #[must_use]
    pub fn continuing(mut self, thread: impl Into<String>) -> Self {
        self.continues = true;
        self.thread = Some(thread.into());
        self
    }

    /// Send it directly (XEP-0249), and do nothing else: in a room for members, nobody is made one.
    #[must_use]
    pub fn direct(mut self) -> Self {
        self.way = Way::Direct;
        self
    }

    /// Let the room pass it on (XEP-0045 §7.8.2): only then can it be declined, and who cares for privacy may not get it.
    #[must_use]
    pub fn mediated(mut self) -> Self {
        self.way = Way::Mediated;
        self
    }

    /// Leave out the room's password, which otherwise goes along with a direct invitation: whoever can read it, the servers
    /// on the way too, can enter the room.
    #[must_use]
    pub fn without_password(mut self) -> Self {
        self.keeps_password = true;
        self
    }
}

impl From<&str> for InviteOptions {
    fn from(reason: &str) -> Self {
        Self::reason(reason)
    }
}

impl From<String> for InviteOptions {
    fn from(reason: String) -> Self {
        Self::reason(reason)
    }
}

impl From<Option<String>> for InviteOptions {
    fn from(reason: Option<String>) -> Self {
        reason.map(Self::reason).unwrap_or_default()
    }
}

impl From<()> for InviteOptions {
    fn from((): ()) -> Self {
        Self::default()
    }
}
