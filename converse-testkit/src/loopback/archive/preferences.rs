//! What an account wants to be archived (XEP-0441).

use std::collections::BTreeSet;

use jid::{BareJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::dom::{Dom, name};
use super::matches;

/// With whom messages are archived.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in super::super) struct Preferences {
    otherwise: Otherwise,
    always: BTreeSet<Jid>,
    never: BTreeSet<Jid>,
}

/// What holds for those who are on neither list (XEP-0441 §2.1.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Otherwise {
    #[default]
    Always,
    Never,
    Roster,
}

impl Preferences {
    /// Reads what somebody wants, if it names no more than so many addresses.
    pub(in super::super) fn read(prefs: &Element, most: usize) -> Result<Self, DefinedCondition> {
        let otherwise = match prefs.attr("default") {
            Some("always") => Otherwise::Always,
            Some("never") => Otherwise::Never,
            Some("roster") => Otherwise::Roster,
            _ => return Err(DefinedCondition::BadRequest),
        };
        let list = |name: &str| -> Result<BTreeSet<Jid>, DefinedCondition> {
            let list = prefs.get_child(name, ns::MAM);
            let listed = list.into_iter().flat_map(Element::children);
            let listed = listed.filter(|child| child.is("jid", ns::MAM));
            let listed = listed.map(|jid| Jid::new(jid.text().trim()));
            let listed: Result<_, _> = listed.collect();
            listed.map_err(|_| DefinedCondition::JidMalformed)
        };
        let (always, never) = (list("always")?, list("never")?);
        if always.len() + never.len() > most {
            return Err(DefinedCondition::ResourceConstraint);
        }
        Ok(Self {
            otherwise,
            always,
            never,
        })
    }

    /// What holds, as the account is told.
    pub(in super::super) fn written(&self) -> Element {
        let default = match self.otherwise {
            Otherwise::Always => "always",
            Otherwise::Never => "never",
            Otherwise::Roster => "roster",
        };
        let list = |name: &str, listed: &BTreeSet<Jid>| {
            let list = Element::bare(name, ns::MAM);
            listed.iter().fold(list, |list, jid| {
                list.holding(Element::bare("jid", ns::MAM).saying(jid.as_str()))
            })
        };
        Element::bare("prefs", ns::MAM)
            .with(name::DEFAULT, default)
            .holding(list("always", &self.always))
            .holding(list("never", &self.never))
    }

    /// Whether messages with somebody are archived; who is on both lists never wanted to be.
    pub(in super::super) fn wants(
        &self,
        with: &Jid,
        is_contact: impl FnOnce(&BareJid) -> bool,
    ) -> bool {
        let listed = |list: &BTreeSet<Jid>| list.iter().any(|listed| matches(with, listed));
        if listed(&self.never) {
            return false;
        }
        listed(&self.always)
            || match self.otherwise {
                Otherwise::Always => true,
                Otherwise::Never => false,
                Otherwise::Roster => is_contact(&with.to_bare()),
            }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn read(default: &str, lists: &str) -> Result<Preferences, DefinedCondition> {
        let prefs = format!(
            "<prefs xmlns='{}' default='{default}'>{lists}</prefs>",
            ns::MAM
        );
        Preferences::read(&prefs.parse().unwrap(), 2)
    }

    #[test]
    fn lists_come_before_the_default() {
        let lists = "<always><jid>a@x</jid></always><never><jid>b@x/r</jid></never>";
        for (default, wanted) in [
            ("always", [true, false, true, true, true]),
            ("never", [true, false, false, false, false]),
            ("roster", [true, false, true, true, false]),
        ] {
            let preferences = read(default, lists).unwrap();
            let wants = |jid: &str| {
                let jid = Jid::new(jid).unwrap();
                preferences.wants(&jid, |contact| *contact == BareJid::new("b@x").unwrap())
            };
            assert_eq!(["a@x/r", "b@x/r", "b@x/s", "b@x", "c@x"].map(wants), wanted);
        }
    }

    #[test]
    fn what_is_written_is_what_was_read() {
        let preferences = read("roster", "<never><jid>b@x</jid></never>").unwrap();
        assert_eq!(
            Preferences::read(&preferences.written(), 2),
            Ok(preferences)
        );
        assert_eq!(read("sometimes", ""), Err(DefinedCondition::BadRequest));
        let bad = "<always><jid>@@</jid></always>";
        assert_eq!(read("never", bad), Err(DefinedCondition::JidMalformed));
        let many = "<always><jid>a@x</jid><jid>b@x</jid><jid>c@x</jid></always>";
        assert_eq!(
            read("never", many),
            Err(DefinedCondition::ResourceConstraint)
        );
    }
}
