//! Where bookmarks are kept.

use converse_core::disco::Info;
use converse_core::ns as core_ns;

use crate::ns;

/// A place where bookmarks are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// A node with an item for each (XEP-0402).
    Native,
    /// A node with one item for all of them (XEP-0048).
    List,
    /// Private storage, one list for all of them (XEP-0048 in XEP-0049).
    Private,
}

impl Place {
    pub(crate) const ALL: [Self; 3] = [Self::Native, Self::List, Self::Private];

    pub(crate) fn index(self) -> usize {
        match self {
            Self::Native => 0,
            Self::List => 1,
            Self::Private => 2,
        }
    }

    /// What it is called in errors and logs.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Native => "the node `urn:xmpp:bookmarks:1`",
            Self::List => "the node `storage:bookmarks`",
            Self::Private => "private storage",
        }
    }
}

/// The places that are used at a server.
///
/// Native bookmarks need a service that checks what is kept from others (XEP-0402 §6 and §8). Where the server makes older clients see the same
/// ones, they are all. Where it does not, older clients look at their list, so that is kept in step: the one on the node, and
/// what there already is in private storage. A server without such a service has private storage alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Offer {
    uses: [bool; 3],
}

impl Offer {
    /// The places by what the account and the server say about themselves, if they say something.
    pub(crate) fn of(account: Option<&Info>, server: Option<&Info>) -> Self {
        let account = |feature| account.is_some_and(|account| account.has(feature));
        let server = |feature| server.is_some_and(|server| server.has(feature));
        let native = account(core_ns::PUBSUB_PUBLISH_OPTIONS);
        let unified = account(ns::COMPAT) || account(ns::COMPAT_PEP);
        let private = account(ns::PRIVATE) || server(ns::PRIVATE);
        let converts = account(ns::CONVERSION) || server(ns::CONVERSION);
        let uses = match (native, unified) {
            (true, true) => [true, false, false],
            // What is in one list is in the other one, too.
            (true, false) => [true, true, private && !converts],
            (false, _) => [false, false, private || converts],
        };
        Self { uses }
    }

    pub(crate) fn has(self, place: Place) -> bool {
        self.uses[place.index()]
    }

    pub(crate) fn is_empty(self) -> bool {
        self == Self::default()
    }

    pub(crate) fn places(self) -> impl Iterator<Item = Place> {
        let places = Place::ALL.into_iter();
        places.filter(move |place| self.has(*place))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use converse_core::disco::Info;
    use converse_core::router::Stanza;

    use super::{Offer, Place};

    fn info(features: &[&str]) -> Info {
        let features = features.iter().map(|it| format!("<feature var='{it}'/>"));
        let xml = format!(
            "<iq type='result'><query xmlns='http://jabber.org/protocol/disco#info'>\
               <identity category='account' type='registered'/>{}</query></iq>",
            features.collect::<String>()
        );
        Info::from_answer(&Stanza::parse(&xml).unwrap()).unwrap()
    }

    const OPTIONS: &str = "http://jabber.org/protocol/pubsub#publish-options";
    const CONVERSION: &str = "urn:xmpp:bookmarks-conversion:0";
    const PRIVATE: &str = "jabber:iq:private";

    #[track_caller]
    fn check(account: &[&str], server: &[&str], places: &[Place]) {
        let offer = Offer::of(Some(&info(account)), Some(&info(server)));
        assert_eq!(offer.places().collect::<Vec<_>>(), places);
        assert_eq!(offer.is_empty(), places.is_empty());
    }

    #[test]
    fn the_places_are_chosen_by_what_the_server_says() {
        let (native, list, private) = (Place::Native, Place::List, Place::Private);
        check(&[], &[], &[]);
        check(&[], &[PRIVATE], &[private]);
        check(&[CONVERSION], &[], &[private]);
        check(&[OPTIONS], &[], &[native, list]);
        check(&[OPTIONS], &[PRIVATE], &[native, list, private]);
        check(&[OPTIONS, CONVERSION], &[PRIVATE], &[native, list]);
        for compat in [
            "urn:xmpp:bookmarks:1#compat",
            "urn:xmpp:bookmarks:1#compat-pep",
        ] {
            check(&[OPTIONS, compat, CONVERSION], &[PRIVATE], &[native]);
        }
        // Nothing private is published where nobody checks that it stays so.
        check(&["urn:xmpp:bookmarks:1#compat"], &[], &[]);
    }
}
