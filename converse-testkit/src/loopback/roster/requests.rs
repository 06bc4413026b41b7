//! What a client asks about its roster.

use jid::{BareJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::roster::{self, Item};
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::dom::{Dom, Packet, name, presence, result};
use super::super::state::{SessionId, State};
use super::super::subscription::Step;
use super::removal;

/// Characters of a contact's name or of a group's.
const NAME: usize = 1024;
/// Groups of one contact.
const GROUPS: usize = 64;

impl State {
    /// Answers a roster get; from now on the session gets pushes (RFC 6121 §2.2, §2.6).
    pub(in super::super) fn roster_get(&mut self, id: SessionId, request: &Element) {
        let payload = request.get_child("query", ns::ROSTER);
        let known = payload
            .and_then(|query| query.attr("ver"))
            .map(str::to_owned);
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        session.interested = true;
        session.versioned = known.is_some();
        let bare = session.jid.to_bare();
        let Some(account) = self.accounts.get(&bare) else {
            return;
        };
        let changes = known
            .and_then(|known| self.parse_version(&known))
            .and_then(|version| account.roster.since(version));
        let Some(changes) = changes else {
            let version = self
                .sessions
                .get(&id)
                .is_some_and(|session| session.versioned);
            let roster = roster::Roster {
                ver: version.then(|| self.show_version(account.roster.version())),
                items: account.roster.items(),
            };
            let answer = result(request).holding(Element::from(roster));
            return self.push(id, Packet::new(answer));
        };
        self.push(id, Packet::new(result(request)));
        for (version, item) in changes {
            self.push_item(id, item, version);
        }
    }

    /// Adds, changes or removes one contact (RFC 6121 §2.3 to §2.5).
    pub(in super::super) fn roster_set(
        &mut self,
        id: SessionId,
        payload: &Element,
    ) -> Result<(), DefinedCondition> {
        let query = roster::Roster::try_from(payload.clone());
        let query = query.map_err(|_| DefinedCondition::BadRequest)?;
        let [item] = query.items.as_slice() else {
            return Err(DefinedCondition::BadRequest);
        };
        let user = self.bare(id).ok_or(DefinedCondition::ServiceUnavailable)?;
        if item.jid == user {
            return Err(DefinedCondition::NotAllowed);
        }
        if item.subscription == roster::Subscription::Remove {
            return self.roster_remove(&user, &item.jid);
        }
        let groups = checked(item)?;
        let room = self.config.limits.contacts;
        let account = self.accounts.get_mut(&user);
        let account = account.ok_or(DefinedCondition::ServiceUnavailable)?;
        let contact = account.roster.entry(&item.jid, room);
        let contact = contact.ok_or(DefinedCondition::ResourceConstraint)?;
        contact.listed = true;
        contact.name = item.name.clone().filter(|name| !name.is_empty());
        contact.groups = groups;
        self.roster_changed(&user, &item.jid);
        Ok(())
    }

    /// Removes a contact and what was agreed on with it (RFC 6121 §2.5.2).
    fn roster_remove(&mut self, user: &BareJid, jid: &BareJid) -> Result<(), DefinedCondition> {
        let account = self.accounts.get_mut(user);
        let account = account.ok_or(DefinedCondition::ServiceUnavailable)?;
        let contact = account.roster.remove(jid);
        let subscription = contact.ok_or(DefinedCondition::ItemNotFound)?.subscription;
        let version = account.roster.version();
        let mut ends = Vec::new();
        if subscription.to || subscription.pending_out {
            ends.push(Step::Unsubscribe);
        }
        if subscription.from || subscription.pending_in {
            ends.push(Step::Unsubscribed);
        }
        for step in ends {
            let (from, to) = (Jid::from(user.clone()), Jid::from(jid.clone()));
            self.inbound(step, user, jid, presence(&from, &to, Some(step.kind())));
        }
        if subscription.from {
            self.show_absence(user, jid);
        }
        self.push_to_interested(user, removal(jid), version);
        Ok(())
    }

    /// Pushes an entry that has changed to the interested resources (RFC 6121 §2.1.6).
    pub(in super::super) fn roster_changed(&mut self, user: &BareJid, contact: &BareJid) {
        let Some(account) = self.accounts.get_mut(user) else {
            return;
        };
        if let Some(item) = account.roster.changed(contact) {
            let version = account.roster.version();
            self.push_to_interested(user, item, version);
        }
    }

    fn push_to_interested(&mut self, user: &BareJid, item: Item, version: u64) {
        for id in self.resources(user) {
            if self
                .sessions
                .get(&id)
                .is_some_and(|session| session.interested)
            {
                self.push_item(id, item.clone(), version);
            }
        }
    }

    fn push_item(&mut self, id: SessionId, item: Item, version: u64) {
        let Some(session) = self.sessions.get(&id) else {
            return;
        };
        let roster = roster::Roster {
            ver: session.versioned.then(|| self.show_version(version)),
            items: vec![item],
        };
        let push = Element::bare("iq", ns::JABBER_CLIENT)
            .with(name::TYPE, "set")
            .with(name::ID, &self.config.environment.random.stanza_id())
            .with(name::TO, session.jid.as_str())
            .holding(Element::from(roster));
        self.push(id, Packet::new(push));
    }

    /// A version of this run of the server: one of another run must not be taken for it.
    fn show_version(&self, version: u64) -> String {
        format!("{}-{version}", self.run)
    }

    fn parse_version(&self, text: &str) -> Option<u64> {
        text.strip_prefix(&self.run)?
            .strip_prefix('-')?
            .parse()
            .ok()
    }
}

/// The groups of an item that obeys RFC 6121 §2.3.3.
fn checked(item: &Item) -> Result<Vec<String>, DefinedCondition> {
    let groups: Vec<String> = item.groups.iter().map(|group| group.0.clone()).collect();
    if (1..groups.len()).any(|index| groups[..index].contains(&groups[index])) {
        return Err(DefinedCondition::BadRequest);
    }
    let long = |name: &str| name.chars().count() > NAME;
    if groups.len() > GROUPS
        || item.name.as_deref().is_some_and(long)
        || groups.iter().any(|group| group.is_empty() || long(group))
    {
        return Err(DefinedCondition::NotAcceptable);
    }
    Ok(groups)
}
