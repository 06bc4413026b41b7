//! Blocked addresses (XEP-0191).

use std::collections::BTreeSet;

use jid::{BareJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::dom::{Dom, Packet, Refusal, name, result};
use super::state::{SessionId, State};

/// Whether an address is on a list: itself, its bare JID, a resource at its domain, or its domain (XEP-0191 §2).
pub(super) fn is_listed(list: &BTreeSet<Jid>, jid: &Jid) -> bool {
    if list.is_empty() {
        return false;
    }
    let domain = Jid::from(BareJid::from_parts(None, jid.domain()));
    let at_domain = jid
        .resource()
        .map(|resource| Jid::from(BareJid::from_parts(None, jid.domain()).with_resource(resource)));
    let bare = Jid::from(jid.to_bare());
    list.contains(jid)
        || list.contains(&bare)
        || list.contains(&domain)
        || at_domain.is_some_and(|jid| list.contains(&jid))
}

/// The refusal to send something to somebody one has blocked (XEP-0191 §3.3).
pub(super) fn to_blocked() -> Refusal {
    let detail = Element::bare("blocked", ns::BLOCKING_ERRORS);
    Refusal::new(DefinedCondition::NotAcceptable, detail)
}

impl State {
    /// Whether an account has blocked an address.
    pub(super) fn has_blocked(&self, account: &BareJid, jid: &Jid) -> bool {
        let account = self.accounts.get(account);
        account.is_some_and(|account| is_listed(&account.blocked, jid))
    }

    /// The list of a session's account; from now on the session hears of changes (XEP-0191 §3.2).
    pub(super) fn block_list(&mut self, id: SessionId, iq: &Element) -> Element {
        let own = self.bare(id);
        if let Some(session) = self.sessions.get_mut(&id) {
            session.hears_blocks = true;
        }
        let blocked = own.and_then(|own| Some(self.accounts.get(&own)?.blocked.clone()));
        let list = blocked.unwrap_or_default();
        result(iq).holding(items("blocklist", list.iter()))
    }

    /// Blocks addresses (XEP-0191 §3.3).
    pub(super) fn block(&mut self, own: &BareJid, request: &Element) -> Result<(), Refusal> {
        let jids = listed(request)?;
        if jids.is_empty() {
            return Err(DefinedCondition::BadRequest.into());
        }
        let account = self.accounts.get(own);
        let account = account.ok_or(DefinedCondition::ServiceUnavailable)?;
        let new: BTreeSet<Jid> = jids.difference(&account.blocked).cloned().collect();
        if account.blocked.len() + new.len() > self.config.limits.blocked {
            return Err(DefinedCondition::ResourceConstraint.into());
        }
        // They see the account leave, as long as they may see anything.
        for contact in self.watchers(own, &new) {
            self.show_absence(own, &contact);
        }
        if let Some(account) = self.accounts.get_mut(own) {
            account.blocked.extend(new);
        }
        self.push_blocks(own, &items("block", jids.iter()));
        Ok(())
    }

    /// Unblocks addresses, or all of them (XEP-0191 §3.4, §3.5).
    pub(super) fn unblock(&mut self, own: &BareJid, request: &Element) -> Result<(), Refusal> {
        let jids = listed(request)?;
        let account = self.accounts.get_mut(own);
        let account = account.ok_or(DefinedCondition::ServiceUnavailable)?;
        let gone: BTreeSet<Jid> = match jids.is_empty() {
            true => std::mem::take(&mut account.blocked),
            false => jids
                .iter()
                .filter(|jid| account.blocked.remove(jid))
                .cloned()
                .collect(),
        };
        for contact in self.watchers(own, &gone) {
            self.show_presence(own, &contact);
        }
        self.push_blocks(own, &items("unblock", jids.iter()));
        Ok(())
    }

    /// The contacts among some addresses that see the account's presence.
    fn watchers(&self, own: &BareJid, jids: &BTreeSet<Jid>) -> Vec<BareJid> {
        let roster = self.accounts.get(own).map(|account| &account.roster);
        let contacts = roster.into_iter().flat_map(|roster| roster.iter());
        let contacts = contacts.filter(|(jid, contact)| {
            contact.subscription.from && is_listed(jids, &Jid::from((*jid).clone()))
        });
        contacts.map(|(jid, _)| jid.clone()).collect()
    }

    /// Tells the resources that have asked for the list what has changed in it.
    fn push_blocks(&mut self, own: &BareJid, change: &Element) {
        for id in self.resources(own) {
            let Some(session) = self
                .sessions
                .get(&id)
                .filter(|session| session.hears_blocks)
            else {
                continue;
            };
            let push = Element::bare("iq", ns::JABBER_CLIENT)
                .with(name::TYPE, "set")
                .with(name::ID, &self.config.environment.random.stanza_id())
                .with(name::TO, session.jid.as_str())
                .holding(change.clone());
            self.push(id, Packet::new(push));
        }
    }
}

fn items<'a>(element: &str, jids: impl Iterator<Item = &'a Jid>) -> Element {
    jids.fold(Element::bare(element, ns::BLOCKING), |list, jid| {
        list.holding(Element::bare("item", ns::BLOCKING).with(name::JID, jid.as_str()))
    })
}

fn listed(request: &Element) -> Result<BTreeSet<Jid>, Refusal> {
    request
        .children()
        .map(|item| match item.attr("jid").map(Jid::new) {
            Some(Ok(jid)) if item.is("item", ns::BLOCKING) => Ok(jid),
            Some(Err(_)) => Err(DefinedCondition::JidMalformed.into()),
            _ => Err(DefinedCondition::BadRequest.into()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn addresses_are_listed_in_four_ways() {
        let jid = |text: &str| Jid::new(text).unwrap();
        let who = jid("romeo@verona.example/orchard");
        for (listed, blocks) in [
            ("romeo@verona.example/orchard", true),
            ("romeo@verona.example", true),
            ("verona.example/orchard", true),
            ("verona.example", true),
            ("romeo@verona.example/home", false),
            ("tybalt@verona.example", false),
            ("verona.example/home", false),
            ("mantua.example", false),
        ] {
            assert_eq!(is_listed(&[jid(listed)].into(), &who), blocks, "{listed}");
        }
    }
}
