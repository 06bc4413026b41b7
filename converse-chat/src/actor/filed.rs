//! What an archive has, on the same way as what comes live.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use converse_core::ns;
use converse_core::router::Stanza;
use converse_core::store::Place;
use converse_core::xml::ElementRef;
use converse_messages::model::{Fold, History, Message, Spot};
use converse_messages::sync::Placed;
use jid::{BareJid, Jid};

use super::copies::Arrival;
use crate::carbons::Side;

/// Where the account's archive has a message.
#[derive(Debug, Clone)]
pub(crate) struct Filed {
    /// Its id there.
    pub(crate) id: String,
    /// When the archive got it.
    pub(crate) time: DateTime<Utc>,
    /// The message of the same chat that comes before it there, if one is known.
    pub(crate) after: Option<Place>,
    /// The message of the same chat that follows there.
    pub(crate) before: Option<Place>,
    /// What came with it, or live before it was here.
    pub(crate) page: Arc<HashSet<String>>,
    /// It was missed, and is not only read again.
    pub(crate) is_news: bool,
    /// What of the chat has to be here before.
    pub(crate) reach: Reach,
}

/// How much of a chat has to be here, so that what an archive has of it finds its place.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) enum Reach {
    /// What is here.
    #[default]
    Newest,
    /// What was said since a place, and what the archive has last before; or everything.
    Since(Option<Place>),
}

impl Filed {
    /// Where it belongs: behind what the archive has before it, and that is all the more what was there already.
    pub(crate) fn spot(&self, history: &History) -> Spot {
        let newest = || {
            let mut newest = history.newest_first();
            let known = newest.find(|(_, message)| {
                let id = message.stanza_id.as_deref();
                id.is_some_and(|id| !self.page.contains(id))
            });
            known.and_then(|(number, _)| history.place_of(number))
        };
        let after = match (self.after, self.before) {
            (None, None) => newest(),
            (after, _) => after,
        };
        Spot::at(self.time).after(after).before(self.before)
    }

    /// The archive's word counts, whatever the message says itself.
    pub(super) fn mark_all(&self, message: Option<&mut Message>, fold: Option<&mut Fold>) {
        let correction = match fold {
            Some(Fold::Correction(message)) => Some(&mut **message),
            _ => None,
        };
        for message in message.into_iter().chain(correction) {
            message.stanza_id = Some(self.id.clone());
        }
    }
}

/// The message that the own account's archive has; why it is none for a chat.
///
/// Whoever may write to the account may put into its archive what he likes, so that nothing inside is believed but what the
/// server has made sure of: who sent it and to whom (XEP-0313 §10.1).
pub(super) fn arrival(placed: &Placed, own: &BareJid) -> Result<Arrival, &'static str> {
    let stanza = &placed.stanza;
    match stanza.type_().as_deref() {
        Some("groupchat") => return Err("what is said in rooms is in their archives"),
        Some("error") => return Err("it is an error"),
        _ => {}
    }
    if stanza
        .root()
        .children()
        .any(|child| child.ns() == ns::CARBONS && child.name() != "private")
    {
        return Err("it is a copy of a message");
    }
    let is_own = |jid: Option<&Jid>| jid.is_none_or(|jid| jid.to_bare() == *own);
    let side = match (is_own(stanza.from()), is_own(stanza.to())) {
        (true, _) => Side::Sent,
        (false, true) => Side::Received,
        (false, false) => return Err("it did not pass this account"),
    };
    Ok(Arrival {
        stanza: Stanza::clone(stanza),
        copied: Some(side),
        sent_at: Some(placed.time),
    })
}

/// Whether the account's server has given a message an id, or the one in it if it is a copy.
pub(super) fn has_id(message: ElementRef<'_>, own: &BareJid) -> bool {
    let is_id = |child: ElementRef<'_>| {
        child.is("stanza-id", ns::SID) && child.attr("by").as_deref() == Some(own.as_str())
    };
    let copy = message.children().find(|child| child.ns() == ns::CARBONS);
    let inner = copy
        .and_then(|copy| copy.child("forwarded", ns::FORWARD))
        .and_then(|forwarded| forwarded.child("message", ns::CLIENT));
    inner.unwrap_or(message).children().any(is_id)
}
