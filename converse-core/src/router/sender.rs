//! Who may send what a plugin hears.

use std::cell::OnceCell;

use jid::{BareJid, Jid};

use crate::router::Senders;

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
    /// Who is in a set that changes when the stanza comes, such as that of the open rooms. A stanza without a `from` is
    /// none of theirs.
    Among(Senders),
    /// Everybody but those.
    NotAmong(Senders),
}

/// The own address, and the questions about others that only groupings can answer.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) own: Jid,
}

/// From whom a stanza is, for all the routes that ask.
pub(crate) struct Origin<'a> {
    from: Option<&'a Jid>,
    /// Made when a route asks for it first.
    bare: OnceCell<BareJid>,
}

impl<'a> Origin<'a> {
    pub(crate) fn new(from: Option<&'a Jid>) -> Self {
        Self {
            from,
            bare: OnceCell::new(),
        }
    }

    fn is_among(&self, from: &Jid, is_one: impl FnOnce(&BareJid) -> bool) -> bool {
        // `to_bare` would format it anew.
        is_one(self.bare.get_or_init(|| from.clone().into_bare()))
    }
}

impl Sender {
    pub(crate) fn admits(
        &self,
        origin: &Origin<'_>,
        identity: &Identity,
        is_contact: &dyn Fn(&BareJid) -> bool,
    ) -> bool {
        let own = &identity.own;
        let is_of_account = |from: &Jid| from.node() == own.node() && from.domain() == own.domain();
        let is_account = |from: &Jid| from.resource().is_none() && is_of_account(from);
        let is_server = |from: &Jid| {
            from.resource().is_none() && from.node().is_none() && from.domain() == own.domain()
        };
        match (self, origin.from) {
            (Self::Anyone, _)
            | (
                Self::OwnAccount
                | Self::OwnServer
                | Self::OwnAccountOrServer
                | Self::Contact
                | Self::NotAmong(_),
                None,
            ) => true,
            (Self::Room(_) | Self::OwnResource | Self::Among(_), None) => false,
            (Self::OwnAccount, Some(from)) => is_account(from),
            (Self::OwnServer, Some(from)) => is_server(from),
            (Self::OwnAccountOrServer, Some(from)) => is_account(from) || is_server(from),
            (Self::OwnResource, Some(from)) => from.resource().is_some() && is_of_account(from),
            (Self::Room(room), Some(from)) => {
                from.node() == room.node() && from.domain() == room.domain()
            }
            (Self::Contact, Some(from)) => is_of_account(from) || origin.is_among(from, is_contact),
            (Self::Among(set), Some(from)) => origin.is_among(from, |jid| set.contains(jid)),
            (Self::NotAmong(set), Some(from)) => !origin.is_among(from, |jid| set.contains(jid)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    const ROOM: &str = "atrium@rooms.kestrel.example";

    fn admits(sender: &Sender, from: Option<&str>) -> bool {
        let from: Option<Jid> = from.map(|from| from.parse().unwrap());
        let identity = Identity {
            own: "mara@kestrel.example/desk".parse().unwrap(),
        };
        let is_contact = |jid: &BareJid| jid.as_str() == "otto@heron.example";
        sender.admits(&Origin::new(from.as_ref()), &identity, &is_contact)
    }

    #[test]
    fn a_set_admits_its_addresses_and_all_that_is_at_them() {
        let set = Senders::new(|jid| jid.as_str() == ROOM);
        let (among, others) = (Sender::Among(set.clone()), Sender::NotAmong(set));
        for (from, is_in) in [
            (Some(ROOM), true),
            (Some("atrium@rooms.kestrel.example/pia"), true),
            (Some("annex@rooms.kestrel.example/pia"), false),
            (Some("rooms.kestrel.example"), false),
            (Some("mara@kestrel.example/desk"), false),
            (None, false),
        ] {
            assert_eq!(admits(&among, from), is_in, "{from:?}");
            assert_eq!(admits(&others, from), !is_in, "{from:?}");
        }
    }

    #[test]
    fn the_other_senders_are_who_they_say() {
        use Sender::{Anyone, Contact, OwnAccount, OwnAccountOrServer, OwnResource, OwnServer};
        let room = Sender::Room(ROOM.parse().unwrap());
        let all = [
            Anyone,
            OwnAccount,
            OwnResource,
            OwnServer,
            OwnAccountOrServer,
            Contact,
            room,
        ];
        for (from, admitted) in [
            (None, "1101110"),
            (Some("mara@kestrel.example"), "1100110"),
            (Some("mara@kestrel.example/phone"), "1010010"),
            (Some("kestrel.example"), "1001100"),
            (Some("kestrel.example/desk"), "1000000"),
            (Some("otto@heron.example/oar"), "1000010"),
            (Some("vex@mallard.example"), "1000000"),
            (Some(ROOM), "1000001"),
            (Some("atrium@rooms.kestrel.example/pia"), "1000001"),
        ] {
            let found: String = all
                .iter()
                .map(|sender| if admits(sender, from) { '1' } else { '0' })
                .collect();
            assert_eq!(found, admitted, "{from:?}");
        }
    }

    #[test]
    fn a_set_is_equal_to_its_clones_only() {
        let set = Senders::new(|_| true);
        assert_eq!(Sender::Among(set.clone()), Sender::Among(set.clone()));
        assert_ne!(set, Senders::new(|_| true));
    }
}
