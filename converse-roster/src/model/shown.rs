//! The contacts as a list of them shows them: in groups, sorted, without those whom the settings leave out.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ChatStatus;
use super::contact::Contact;

/// A heading in a list of contacts; they stand in this order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum GroupName {
    /// Those who ask to become contacts.
    Requests,
    /// A group of the roster.
    Named(String),
    /// The contacts, where the setting `roster_groups` is off.
    Contacts,
    /// Contacts who are in no group.
    Ungrouped,
    /// Those who have not answered the user's request.
    Pending,
}

/// A group in a list of contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ShownGroup {
    /// What stands above it.
    pub name: GroupName,
    /// Who is in it: those who can be reached first, then by name. A contact of several groups is in each of them.
    pub contacts: Vec<Contact>,
}

/// What is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown {
    pub(crate) groups: bool,
    pub(crate) requests: bool,
    pub(crate) offline: bool,
    pub(crate) only_online: bool,
}

impl Shown {
    pub(crate) fn of(self, contacts: Vec<Contact>) -> Vec<ShownGroup> {
        let mut groups = BTreeMap::<GroupName, Vec<Contact>>::new();
        for contact in contacts {
            for name in self.places(&contact) {
                groups.entry(name).or_default().push(contact.clone());
            }
        }
        let groups = groups.into_iter();
        groups
            .map(|(name, mut contacts)| {
                contacts.sort_by_cached_key(|contact| {
                    let name = contact.fullname.to_lowercase();
                    (weight(contact.chat_status), name)
                });
                ShownGroup { name, contacts }
            })
            .collect()
    }

    /// Under which headings a contact stands.
    fn places(self, contact: &Contact) -> Vec<GroupName> {
        if contact.requesting {
            return only(GroupName::Requests, self.requests);
        }
        if contact.ask.is_some() && !contact.subscription.sees_contact() {
            return only(GroupName::Pending, self.requests);
        }
        let is_shown = match contact.chat_status {
            ChatStatus::Online | ChatStatus::Chat => true,
            ChatStatus::Offline => self.offline && !self.only_online,
            _ => !self.only_online,
        };
        if !is_shown {
            return Vec::new();
        }
        match &contact.groups[..] {
            _ if !self.groups => vec![GroupName::Contacts],
            [] => vec![GroupName::Ungrouped],
            groups => groups.iter().cloned().map(GroupName::Named).collect(),
        }
    }
}

fn only(name: GroupName, is_shown: bool) -> Vec<GroupName> {
    Some(name).filter(|_| is_shown).into_iter().collect()
}

fn weight(status: ChatStatus) -> u8 {
    match status {
        ChatStatus::Online | ChatStatus::Chat => 0,
        ChatStatus::Dnd => 1,
        ChatStatus::Away => 2,
        ChatStatus::Xa => 3,
        ChatStatus::Offline => 4,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    const ALL: Shown = Shown {
        groups: true,
        requests: true,
        offline: true,
        only_online: false,
    };

    fn contacts() -> Vec<Contact> {
        serde_json::from_str(
            r#"[
            { "jid": "a@x", "fullname": "Ada", "groups": ["Kin", "Rowers"], "subscription": "both", "chat_status": "away" },
            { "jid": "b@x", "fullname": "bea", "groups": ["Kin"], "subscription": "both", "chat_status": "online" },
            { "jid": "c@x", "fullname": "Cy", "subscription": "both" },
            { "jid": "d@x", "fullname": "Dan", "subscription": "none", "ask": "subscribe", "groups": ["Kin"] },
            { "jid": "e@x", "fullname": "Eve", "requesting": true }
        ]"#,
        )
        .unwrap()
    }

    fn shown(shown: Shown) -> Vec<String> {
        let groups = shown.of(contacts()).into_iter();
        groups
            .map(|group| {
                let names: Vec<_> = group
                    .contacts
                    .iter()
                    .map(|it| it.fullname.as_str())
                    .collect();
                format!("{:?}: {}", group.name, names.join(" "))
            })
            .collect()
    }

    #[test]
    fn who_can_be_reached_stands_first_in_each_group() {
        assert_eq!(
            shown(ALL),
            [
                "Requests: Eve",
                "Named(\"Kin\"): bea Ada",
                "Named(\"Rowers\"): Ada",
                "Ungrouped: Cy",
                "Pending: Dan"
            ]
        );
    }

    #[test]
    fn settings_leave_out_and_join() {
        let ungrouped = Shown {
            groups: false,
            ..ALL
        };
        assert_eq!(
            shown(ungrouped),
            ["Requests: Eve", "Contacts: bea Ada Cy", "Pending: Dan"]
        );
        let online = Shown {
            groups: false,
            requests: false,
            only_online: true,
            ..ALL
        };
        assert_eq!(shown(online), ["Contacts: bea"]);
        let present = Shown {
            groups: false,
            requests: false,
            offline: false,
            ..ALL
        };
        assert_eq!(shown(present), ["Contacts: bea Ada"]);
    }
}
