//! The fields of a configuration (XEP-0045 §15.5.3).

use xmpp_parsers::data_forms::{FieldType, Option_};

/// What a field may say.
pub(super) enum Kind {
    Flag,
    Text,
    Secret,
    Choice(&'static [&'static str]),
    /// A number of occupants, or `none` for as many as the server takes.
    Occupants,
    Count,
}

/// The fields, without what all of their names begin with: what they may say, what they say unless told otherwise, and what they
/// mean.
pub(super) const FIELDS: [(&str, Kind, &str, &str); 17] = [
    ("roomname", Kind::Text, "", "Name"),
    ("roomdesc", Kind::Text, "", "Description"),
    ("lang", Kind::Text, "", "Language"),
    (
        "persistentroom",
        Kind::Flag,
        "0",
        "Goes on when nobody is there",
    ),
    ("publicroom", Kind::Flag, "1", "Can be found"),
    ("membersonly", Kind::Flag, "0", "For members only"),
    ("moderatedroom", Kind::Flag, "0", "Voice has to be granted"),
    (
        "passwordprotectedroom",
        Kind::Flag,
        "0",
        "Needs the password",
    ),
    ("roomsecret", Kind::Secret, "", "Password"),
    (
        "whois",
        Kind::Choice(&["moderators", "anyone"]),
        "moderators",
        "Who sees real addresses",
    ),
    (
        "maxusers",
        Kind::Occupants,
        "none",
        "How many may be there at once",
    ),
    (
        "changesubject",
        Kind::Flag,
        "0",
        "Participants may change the subject",
    ),
    ("allowinvites", Kind::Flag, "0", "Members may invite others"),
    (
        "allowpm",
        Kind::Choice(&["anyone", "participants", "moderators", "none"]),
        "anyone",
        "Who may send private messages",
    ),
    ("enablelogging", Kind::Flag, "0", "Is logged in public"),
    ("enablearchiving", Kind::Flag, "1", "Is archived"),
    (
        "historylength",
        Kind::Count,
        "20",
        "How many messages newcomers get",
    ),
];

/// The longest text of a field, in bytes.
const LONGEST: usize = 4096;

impl Kind {
    /// The value in the one way it is kept, if it is one.
    pub(super) fn canonical(&self, values: &[String]) -> Option<String> {
        let value = values.first().map(String::as_str).unwrap_or_default();
        let canonical = match self {
            Kind::Text | Kind::Secret => value,
            _ if values.len() > 1 => return None,
            Kind::Flag => match value {
                "1" | "true" => "1",
                "0" | "false" => "0",
                _ => return None,
            },
            Kind::Choice(options) => options.iter().find(|option| **option == value)?,
            Kind::Occupants if matches!(value, "" | "none") => "none",
            Kind::Occupants => {
                let number = value.parse::<u32>().ok().filter(|number| *number > 0)?;
                return Some(number.to_string());
            }
            Kind::Count => return Some(value.parse::<u32>().ok()?.to_string()),
        };
        Some(canonical.to_owned()).filter(|text| text.len() <= LONGEST)
    }

    pub(super) fn field_type(&self) -> FieldType {
        match self {
            Kind::Flag => FieldType::Boolean,
            Kind::Text | Kind::Count => FieldType::TextSingle,
            Kind::Secret => FieldType::TextPrivate,
            Kind::Choice(_) | Kind::Occupants => FieldType::ListSingle,
        }
    }

    pub(super) fn options(&self) -> Vec<Option_> {
        let options = match self {
            Kind::Choice(options) => options,
            Kind::Occupants => &["10", "20", "50", "100", "none"][..],
            _ => &[],
        };
        let option = |value: &&str| Option_ {
            label: None,
            value: (*value).to_owned(),
        };
        options.iter().map(option).collect()
    }
}
