//! How a node is configured (XEP-0060 §8.2, §16.4.4).

use std::collections::BTreeMap;

use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType};

/// What a field may say.
enum Kind {
    Flag,
    /// A number, or `max` for as many as the server keeps.
    Count,
    Choice(&'static [&'static str]),
    Text,
}

/// The fields of a configuration, with what they say unless told otherwise (XEP-0163 §3).
const FIELDS: [(&str, Kind, &str); 13] = [
    (
        "pubsub#access_model",
        Kind::Choice(&["open", "presence", "whitelist"]),
        "presence",
    ),
    ("pubsub#deliver_notifications", Kind::Flag, "1"),
    ("pubsub#deliver_payloads", Kind::Flag, "1"),
    ("pubsub#description", Kind::Text, ""),
    ("pubsub#max_items", Kind::Count, "1"),
    (
        "pubsub#notification_type",
        Kind::Choice(&["headline", "normal"]),
        "headline",
    ),
    ("pubsub#notify_delete", Kind::Flag, "1"),
    ("pubsub#notify_retract", Kind::Flag, "1"),
    ("pubsub#persist_items", Kind::Flag, "1"),
    (
        "pubsub#publish_model",
        Kind::Choice(&["publishers"]),
        "publishers",
    ),
    (
        "pubsub#send_last_published_item",
        Kind::Choice(&["never", "on_sub", "on_sub_and_presence"]),
        "on_sub_and_presence",
    ),
    ("pubsub#title", Kind::Text, ""),
    ("pubsub#type", Kind::Text, ""),
];

/// The longest text of a field, in bytes.
const LONGEST: usize = 4096;

/// Who may read a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Open,
    Presence,
    Whitelist,
}

/// Fields that were set, by name; the others say what they say by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Config {
    set: BTreeMap<&'static str, String>,
}

impl Config {
    /// Reads a form; nothing if it holds something that cannot be had.
    pub(super) fn read(form: &DataForm) -> Option<Self> {
        let mut config = Self::default();
        config.change(form).then_some(config)
    }

    /// Takes over what a form says; `false`, and nothing is changed, if it holds something that cannot be had.
    pub(super) fn change(&mut self, form: &DataForm) -> bool {
        let mut set = self.set.clone();
        for field in &form.fields {
            let Some(var) = field.var.as_deref().filter(|var| *var != "FORM_TYPE") else {
                continue;
            };
            let known = FIELDS.iter().find(|(name, _, _)| *name == var);
            let value = field.values.first().map(String::as_str).unwrap_or_default();
            let Some((name, value)) = known
                .and_then(|(name, kind, _)| Some((*name, kind.canonical(value)?)))
                .filter(|_| field.values.len() <= 1)
            else {
                return false;
            };
            set.insert(name, value);
        }
        self.set = set;
        true
    }

    /// Whether everything that a form asks for is so (XEP-0060 §7.1.5).
    pub(super) fn meets(&self, conditions: &Self) -> bool {
        let mut conditions = conditions.set.iter();
        conditions.all(|(name, value)| self.get(name) == value)
    }

    /// The form of a configuration (XEP-0060 §8.2.1).
    pub(super) fn form(&self) -> DataForm {
        let field = |(name, kind, _): &(&str, Kind, &str)| {
            let mut field = Field::new(name, kind.field_type()).with_value(self.get(name));
            if let Kind::Choice(options) = kind {
                field.options = options.iter().map(|option| choice(option)).collect();
            }
            field
        };
        DataForm {
            type_: DataFormType::Form,
            title: None,
            instructions: None,
            fields: std::iter::once(form_type())
                .chain(FIELDS.iter().map(field))
                .collect(),
        }
    }

    pub(super) fn access(&self) -> Access {
        match self.get("pubsub#access_model") {
            "open" => Access::Open,
            "whitelist" => Access::Whitelist,
            _ => Access::Presence,
        }
    }

    /// How many items are kept, where the server keeps so many.
    pub(super) fn max_items(&self, most: usize) -> usize {
        match self.flag("pubsub#persist_items") {
            true => self
                .get("pubsub#max_items")
                .parse()
                .map_or(most, |wanted: usize| wanted.min(most)),
            false => 0,
        }
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.get(name) == "1"
    }

    pub(super) fn get(&self, name: &str) -> &str {
        match self.set.get(name) {
            Some(value) => value,
            None => FIELDS
                .iter()
                .find(|(known, _, _)| *known == name)
                .map_or("", |(_, _, default)| default),
        }
    }
}

impl Kind {
    /// A value in the one way it is kept, if it is one.
    fn canonical(&self, value: &str) -> Option<String> {
        let canonical = match self {
            Kind::Flag => match value {
                "1" | "true" => "1",
                "0" | "false" => "0",
                _ => return None,
            },
            Kind::Count if value == "max" => value,
            Kind::Count => return Some(value.parse::<u32>().ok()?.to_string()),
            Kind::Choice(options) => options.iter().find(|option| **option == value)?,
            Kind::Text => Some(value).filter(|text| text.len() <= LONGEST)?,
        };
        Some(canonical.to_owned())
    }

    fn field_type(&self) -> FieldType {
        match self {
            Kind::Flag => FieldType::Boolean,
            Kind::Count | Kind::Text => FieldType::TextSingle,
            Kind::Choice(_) => FieldType::ListSingle,
        }
    }
}

fn choice(value: &str) -> xmpp_parsers::data_forms::Option_ {
    xmpp_parsers::data_forms::Option_ {
        label: None,
        value: value.to_owned(),
    }
}

fn form_type() -> Field {
    Field::new("FORM_TYPE", FieldType::Hidden).with_value(xmpp_parsers::ns::PUBSUB_CONFIGURE)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn form(fields: &[(&str, &str)]) -> DataForm {
        let fields = fields.iter();
        let fields =
            fields.map(|(name, value)| Field::new(name, FieldType::TextSingle).with_value(value));
        DataForm {
            type_: DataFormType::Submit,
            title: None,
            instructions: None,
            fields: fields.collect(),
        }
    }

    #[test]
    fn what_is_not_set_is_as_personal_eventing_has_it() {
        let config = Config::default();
        assert_eq!(
            (config.access(), config.max_items(50)),
            (Access::Presence, 1)
        );
        assert!(config.flag("pubsub#persist_items"));
    }

    #[test]
    fn values_are_the_same_however_they_are_written() {
        let config = Config::read(&form(&[
            (
                "FORM_TYPE",
                "http://jabber.org/protocol/pubsub#publish-options",
            ),
            ("pubsub#persist_items", "true"),
            ("pubsub#max_items", "max"),
            ("pubsub#access_model", "whitelist"),
        ]));
        let config = config.unwrap();
        assert_eq!(
            (config.access(), config.max_items(50)),
            (Access::Whitelist, 50)
        );
        let same = Config::read(&form(&[("pubsub#persist_items", "1")])).unwrap();
        assert!(config.meets(&same));
        let other = Config::read(&form(&[("pubsub#access_model", "open")])).unwrap();
        assert!(!config.meets(&other));
        assert!(!config.meets(&Config::read(&form(&[("pubsub#max_items", "9")])).unwrap()));
    }

    #[test]
    fn what_cannot_be_had_changes_nothing() {
        for (name, value) in [
            ("pubsub#access_model", "authorize"),
            ("pubsub#max_items", "-1"),
            ("pubsub#persist_items", "perhaps"),
            ("pubsub#no_such", "1"),
        ] {
            let mut config = Config::default();
            assert!(
                !config.change(&form(&[("pubsub#title", "t"), (name, value)])),
                "{name}"
            );
            assert_eq!(config, Config::default());
        }
    }
}
