//! What owners ask of a room: its configuration, its end (XEP-0045 §10.1, §10.2, §10.9).

use jid::{BareJid, FullJid};
use xmpp_parsers::data_forms::DataFormType;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::dom::{Dom, Refusal, name};
use super::rank::Affiliation;
use super::reading;
use super::room::Room;
use super::turn::Turn;
use super::{CONFIG, OWNER};

/// What becomes of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Stays,
    Ends,
}

impl Room {
    fn check_owner(&self, jid: &FullJid) -> Result<(), Refusal> {
        match self.rank(jid).affiliation {
            Affiliation::Owner => Ok(()),
            _ => Err(DefinedCondition::Forbidden.into()),
        }
    }

    /// The form of the configuration.
    pub(super) fn show_config(&self, jid: &FullJid) -> Result<Element, Refusal> {
        self.check_owner(jid)?;
        let list = |affiliation| {
            let list = self.standings.list(affiliation);
            list.map(|(jid, _)| jid.to_string()).collect()
        };
        let form = self
            .config
            .form(list(Affiliation::Admin), list(Affiliation::Owner));
        Ok(Element::bare("query", OWNER).holding(form.into()))
    }

    /// Takes over a configuration, or ends the room.
    pub(super) fn decide(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        query: &Element,
    ) -> Result<Fate, Refusal> {
        self.check_owner(jid)?;
        if let Some(destroy) = query.get_child("destroy", OWNER) {
            self.destroy(turn, destroy);
            return Ok(Fate::Ends);
        }
        let form = reading::form(query).ok_or(DefinedCondition::BadRequest)?;
        match form.type_ {
            // Whoever does not want to say how a new room is to be does not want it (XEP-0045 §10.1.3).
            DataFormType::Cancel if self.locked => {
                let none = Element::bare("destroy", OWNER);
                self.destroy(turn, &none);
                Ok(Fate::Ends)
            }
            DataFormType::Cancel => Ok(Fate::Stays),
            DataFormType::Submit if form.form_type().is_none_or(|named| named == CONFIG) => {
                self.configure(turn, jid, &form)?;
                self.locked = false;
                Ok(Fate::Stays)
            }
            _ => Err(DefinedCondition::BadRequest.into()),
        }
    }

    /// Tells everybody that the room is no more, and where they may go instead.
    fn destroy(&mut self, turn: &mut Turn<'_>, destroy: &Element) {
        let mut destroyed = Element::bare("destroy", ns::MUC_USER);
        let alternative = destroy.attr("jid").and_then(|jid| BareJid::new(jid).ok());
        if let Some(alternative) = alternative {
            destroyed.put(name::JID, alternative.as_str());
        }
        for part in ["password", "reason"] {
            if let Some(said) = destroy.get_child(part, OWNER) {
                destroyed.append_child(Element::bare(part, ns::MUC_USER).saying(&said.text()));
            }
        }
        let nicks: Vec<_> = self.occupants.keys().cloned().collect();
        for nick in nicks {
            if let Some((mut notice, clients)) = self.remove(&nick, &[]) {
                notice.rank.affiliation = Affiliation::None;
                notice.destroyed = Some(destroyed.clone());
                for client in clients {
                    let presence = self.present(&notice, true, Some(&client.jid));
                    turn.send(client.jid, presence);
                }
            }
        }
    }

    /// Tells everybody that the server stops (XEP-0045 §14.2).
    pub(super) fn shut_down(&mut self, turn: &mut Turn<'_>) {
        let nicks: Vec<_> = self.occupants.keys().cloned().collect();
        for nick in nicks {
            if let Some((notice, clients)) = self.remove(&nick, &[332]) {
                for client in clients {
                    let presence = self.present(&notice, true, Some(&client.jid));
                    turn.send(client.jid, presence);
                }
            }
        }
    }
}
