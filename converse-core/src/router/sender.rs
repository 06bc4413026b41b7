//! Who may send what a plugin hears.

use jid::{BareJid, Jid};

/// Who may send a stanza for a route to hear it.
///
/// The check is made before the handler runs, so no handler can forget it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sender {
    /// Any address with a valid JID; the handler decides what the sender may do.
    Anyone,
    /// The own account: no `from`, or the own bare JID (RFC 6120 §8.1.2.1). Other resources of the account are not it.
    OwnAccount,
    /// A resource of the own account, this one too.
    OwnResource,
    /// The own server: no `from`, or the domain of the own JID.
    OwnServer,
    /// The own account or the own server.
    OwnAccountOrServer,
    /// Exactly this room or its occupants (XEP-0045): the bare JID and every full JID of it.
    Room(BareJid),
    /// A contact of the roster, or another resource of the own account.
    Contact,
}

/// The own address, and the questions about others that only groupings can answer.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) own: Jid,
}

impl Sender {
    pub(crate) fn admits(
        &self,
        from: Option<&Jid>,
        identity: &Identity,
        is_contact: &dyn Fn(&BareJid) -> bool,
    ) -> bool {
        let own = &identity.own;
        let is_account = |from: &Jid| {
            from.resource().is_none() && from.node() == own.node() && from.domain() == own.domain()
        };
        let is_server = |from: &Jid| {
            from.resource().is_none() && from.node().is_none() && from.domain() == own.domain()
        };
        match (self, from) {
            (Self::Anyone, _)
            | (
                Self::OwnAccount | Self::OwnServer | Self::OwnAccountOrServer | Self::Contact,
                None,
            ) => true,
            (Self::OwnAccount, Some(from)) => is_account(from),
            (Self::OwnServer, Some(from)) => is_server(from),
            (Self::OwnAccountOrServer, Some(from)) => is_account(from) || is_server(from),
            (Self::Room(_) | Self::OwnResource, None) => false,
            (Self::OwnResource, Some(from)) => {
                from.resource().is_some()
                    && from.node() == own.node()
                    && from.domain() == own.domain()
            }
            (Self::Room(room), Some(from)) => {
                from.node() == room.node() && from.domain() == room.domain()
            }
            (Self::Contact, Some(from)) => {
                let bare = from.to_bare();
                bare == own.to_bare() || is_contact(&bare)
            }
        }
    }
}
