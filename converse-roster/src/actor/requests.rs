//! Who asks whom for their presence (RFC 6121 §3). What the roster makes of it comes as a push.

use converse_core::Error;
use converse_core::router::{Stanza, StanzaError};
use jid::{BareJid, Jid};

use super::RosterActor;
use crate::message::{
    ContactRequest, ContactRequestFailed, ContactRequestWithdrawn, ContactSubscribed,
    ContactUnsubscribed,
};
use crate::settings::{ALLOW_CONTACT_REQUESTS, AUTO_SUBSCRIBE};
use crate::wire;

impl RosterActor {
    /// Somebody asks to see the user's presence (RFC 6121 §3.1.3).
    pub(super) async fn asked(&mut self, jid: &BareJid, stanza: &Stanza) -> Result<(), Error> {
        let settings = self.api.settings();
        if !settings.read(&ALLOW_CONTACT_REQUESTS)? {
            return Ok(());
        }
        let known = self.book.contact(jid);
        let seen = known
            .as_ref()
            .is_some_and(|contact| contact.subscription.is_seen() || contact.approved);
        // RFC 6121 §3.1.3: who sees the user already is told so again.
        if seen || settings.read(&AUTO_SUBSCRIBE)? {
            self.send_to(jid, "subscribed").await?;
            let is_wanted = known.is_none_or(|contact| {
                !contact.subscription.sees_contact() && contact.ask.is_none()
            });
            if !seen && is_wanted {
                self.send_to(jid, "subscribe").await?;
            }
            return Ok(());
        }
        if let Some(contact) = self.book.request(jid, wire::nick(stanza.root())) {
            let message = wire::status(stanza.root()).map(|text| text.as_ref().to_owned());
            self.api.publish(ContactRequest::new(contact, message));
        }
        Ok(())
    }

    /// A contact agrees to the user's request (RFC 6121 §3.1.6).
    pub(super) fn agreed(&mut self, jid: &str) {
        let contact = self.book.get(jid);
        let asked =
            contact.filter(|contact| contact.ask.is_some() || contact.subscription.sees_contact());
        if let Some(contact) = asked {
            self.api.publish(ContactSubscribed::new(contact));
        }
    }

    /// A contact refuses the user's request or does not show their presence any more (RFC 6121 §3.2.3). Presence ends with
    /// that; the contact stays.
    pub(super) fn refused(&mut self, jid: &str) {
        let contact = self.book.get(jid);
        let is_news = contact
            .is_some_and(|contact| contact.ask.is_some() || contact.subscription.sees_contact());
        if let Some(change) = self.book.lose_sight_of(jid) {
            self.announce(change);
        }
        if let Some(contact) = self.book.get(jid).filter(|_| is_news) {
            self.api.publish(ContactUnsubscribed::new(contact));
        }
    }

    /// Somebody takes a request back, or does not want to see the user's presence any more (RFC 6121 §3.3.3).
    pub(super) fn withdrawn(&mut self, jid: &BareJid) {
        let seeing = self
            .book
            .get(jid.as_str())
            .filter(|contact| contact.subscription.is_seen());
        if let Some(contact) = self.book.end_request(jid).or(seeing) {
            self.api.publish(ContactRequestWithdrawn::new(contact));
        }
    }

    /// A request did not arrive (RFC 6121 §3.1.4).
    pub(super) fn failed(&mut self, from: &Jid, stanza: &Stanza) {
        // What is wrong with a resource says nothing about the request, which went to the bare address.
        let Err(jid) = from.try_as_full() else {
            return;
        };
        let asked = self.book.contact(jid);
        if let Some(contact) = asked.filter(|contact| contact.ask.is_some()) {
            let reason = StanzaError::of(stanza.root()).to_string();
            let failed = ContactRequestFailed { contact, reason };
            self.api.publish(failed);
        }
    }

    async fn send_to(&self, jid: &BareJid, type_: &'static str) -> Result<(), Error> {
        let presence = wire::subscription(type_, jid);
        self.api.send_untracked(presence).await
    }
}
