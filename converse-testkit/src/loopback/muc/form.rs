//! How a room is configured (XEP-0045 §10.2, §15.5.3).

mod field;

use std::collections::BTreeMap;

use jid::BareJid;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType};

use super::CONFIG;
use super::rank::Role;
use field::{FIELDS, Kind};

const PREFIX: &str = "muc#roomconfig_";
/// The two lists that a configuration shows and changes, but that are kept elsewhere.
const ADMINS: &str = "roomadmins";
const OWNERS: &str = "roomowners";

/// Fields that were set, by name; the others say what they say by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RoomConfig {
    set: BTreeMap<&'static str, String>,
}

/// What a form asks for that is no field of the configuration alone.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Lists {
    pub(super) admins: Option<Vec<BareJid>>,
    pub(super) owners: Option<Vec<BareJid>>,
}

impl RoomConfig {
    /// The configuration with what a form says taken over; nothing if the form holds something that cannot be had. Fields that
    /// nobody knows are passed over (XEP-0004 §3.2).
    pub(super) fn changed(&self, form: &DataForm) -> Option<(Self, Lists)> {
        let mut changed = self.clone();
        let mut lists = Lists::default();
        for field in &form.fields {
            let var = field.var.as_deref().unwrap_or_default();
            let Some(var) = var.strip_prefix(PREFIX) else {
                continue;
            };
            match var {
                ADMINS => lists.admins = Some(jids(field)?),
                OWNERS => lists.owners = Some(jids(field)?),
                _ => {
                    let mut known = FIELDS.iter();
                    let Some((name, kind, ..)) = known.find(|(name, ..)| *name == var) else {
                        continue;
                    };
                    changed.set.insert(name, kind.canonical(&field.values)?);
                }
            }
        }
        let needs_password = changed.is("passwordprotectedroom");
        let complete = !needs_password || !changed.get("roomsecret").is_empty();
        complete.then_some((changed, lists))
    }

    /// The form of a configuration, with the lists of admins and owners.
    pub(super) fn form(&self, admins: Vec<String>, owners: Vec<String>) -> DataForm {
        let field = |(name, kind, _, label): &(&str, Kind, &str, &str)| {
            let var = format!("{PREFIX}{name}");
            let mut field = Field::new(&var, kind.field_type()).with_value(self.get(name));
            field.label = Some((*label).to_owned());
            field.options = kind.options();
            field
        };
        let list = |(name, values, label): (&str, Vec<String>, &str)| {
            let mut field = Field::new(&format!("{PREFIX}{name}"), FieldType::JidMulti);
            field.label = Some(label.to_owned());
            field.values = values;
            field
        };
        let lists = [(ADMINS, admins, "Admins"), (OWNERS, owners, "Owners")];
        let fields = FIELDS.iter().map(field).chain(lists.map(list));
        let mut form = DataForm::new(DataFormType::Form, CONFIG, fields.collect());
        form.title = Some("Configuration of the room".to_owned());
        form
    }

    /// Sets a field by its short name.
    pub(super) fn set(&mut self, name: &'static str, value: &str) {
        self.set.insert(name, value.to_owned());
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.get(name) == "1"
    }

    pub(super) fn get(&self, name: &str) -> &str {
        match self.set.get(name) {
            Some(value) => value,
            None => FIELDS
                .iter()
                .find(|(known, ..)| *known == name)
                .map_or("", |(_, _, default, _)| default),
        }
    }

    /// Whether everybody sees who everybody is (XEP-0045 §4.2).
    pub(super) fn is_open_about_jids(&self) -> bool {
        self.get("whois") == "anyone"
    }

    /// How many may be there at once, where the server takes so many.
    pub(super) fn occupants(&self, most: usize) -> usize {
        self.count("maxusers", most)
    }

    /// How many messages newcomers get, where the server keeps so many.
    pub(super) fn history(&self, most: usize) -> usize {
        self.count("historylength", most)
    }

    fn count(&self, name: &str, most: usize) -> usize {
        let wanted = self.get(name).parse();
        wanted.map_or(most, |wanted: usize| wanted.min(most))
    }

    /// Whether somebody may send private messages.
    pub(super) fn lets_whisper(&self, role: Role) -> bool {
        match self.get("allowpm") {
            "anyone" => role >= Role::Visitor,
            "participants" => role >= Role::Participant,
            "moderators" => role >= Role::Moderator,
            _ => false,
        }
    }

    /// The password, if one is needed.
    pub(super) fn password(&self) -> Option<&str> {
        self.is("passwordprotectedroom")
            .then(|| self.get("roomsecret"))
    }
}

fn jids(field: &Field) -> Option<Vec<BareJid>> {
    let values = field.values.iter().map(|value| value.trim());
    let values = values.filter(|value| !value.is_empty());
    values.map(|value| BareJid::new(value).ok()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn changed(fields: &[(&str, &[&str])]) -> Option<(RoomConfig, Lists)> {
        let fields = fields.iter().map(|(var, values)| {
            let mut field = Field::new(&format!("{PREFIX}{var}"), FieldType::TextSingle);
            field.values = values.iter().map(|value| (*value).to_owned()).collect();
            field
        });
        let form = DataForm::new(DataFormType::Submit, CONFIG, fields.collect());
        RoomConfig::default().changed(&form)
    }

    #[test]
    fn values_are_the_same_however_they_are_written() {
        let (config, lists) = changed(&[
            ("membersonly", &["true"]),
            ("maxusers", &["010"]),
            ("whois", &["anyone"]),
            (OWNERS, &["romeo@localhost", ""]),
            ("nobody_knows", &["x", "y"]),
        ])
        .unwrap();
        assert!(config.is("membersonly") && config.is_open_about_jids());
        assert_eq!(config.occupants(50), 10);
        assert_eq!(lists.owners.unwrap().len(), 1);
        assert_eq!(lists.admins, None);
    }

    #[test]
    fn what_cannot_be_had_is_refused() {
        for (var, values) in [
            ("membersonly", &["perhaps"][..]),
            ("membersonly", &["1", "0"]),
            ("membersonly", &[]),
            ("maxusers", &["-1"]),
            ("maxusers", &["0"]),
            ("whois", &["everybody"]),
            ("passwordprotectedroom", &["1"]),
            (ADMINS, &["@@"]),
        ] {
            assert_eq!(changed(&[(var, values)]), None, "{var} {values:?}");
        }
    }
}
