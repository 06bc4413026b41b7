//! What the configuration of a room is to be.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use converse_core::Error;
use converse_core::forms::IntoValues;
use converse_core::settings::Secret;
use jid::BareJid;
use serde_json::Value;

use super::ManagingError;

/// The prefix of most fields of the form (XEP-0045 §15.5.3).
pub(super) const PREFIX: &str = "muc#roomconfig_";
/// The prefix of the others.
const SHORT_PREFIX: &str = "muc#";

/// How a room is to be configured: what is not in it stays as it is.
///
/// Settings have the names that XEP-0045 §15.5.3 registers, without the prefix `muc#roomconfig_`, which is taken off where it
/// is given. Those that there is no method for, and those of a server's own, are [`set`](Self::set) by name.
///
/// `Debug` shows the names and not the values: a password may be among them.
///
/// ```
/// use converse_muc::RoomConfig;
///
/// let config = RoomConfig::new()
///     .name("The garden")
///     .members_only(true)
///     .password("balcony")
///     .set("getmemberlist", ["moderator", "participant"]);
/// assert!(!format!("{config:?}").contains("balcony"));
///
/// // As the 3.2 document writes it.
/// let config = RoomConfig::from_json(&serde_json::json!({
///     "membersonly": true,
///     "roomdesc": "Comfy room for hanging out",
///     "whois": "anyone",
/// }))?;
/// # Ok::<(), converse_core::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RoomConfig {
    values: BTreeMap<String, Vec<String>>,
}

impl RoomConfig {
    /// Nothing is changed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets any field to a text, a yes or no, a number, an address, or several of these; none take the value away.
    #[must_use]
    pub fn set(mut self, name: impl AsRef<str>, values: impl IntoValues) -> Self {
        let name = name.as_ref();
        let name = name.strip_prefix(PREFIX).unwrap_or(name);
        self.values.insert(name.to_owned(), values.into_values());
        self
    }

    /// The name of the room for people.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        self.set("roomname", name.into())
    }

    /// What the room is about, in a few words.
    #[must_use]
    pub fn description(self, text: impl Into<String>) -> Self {
        self.set("roomdesc", text.into())
    }

    /// The language that is spoken in it, as `en`.
    #[must_use]
    pub fn language(self, tag: impl Into<String>) -> Self {
        self.set("lang", tag.into())
    }

    /// Whether it can be found in the service's list.
    #[must_use]
    pub fn public(self, public: bool) -> Self {
        self.set("publicroom", public)
    }

    /// Whether it stays when the last occupant leaves.
    #[must_use]
    pub fn persistent(self, persistent: bool) -> Self {
        self.set("persistentroom", persistent)
    }

    /// Whether only members may enter.
    #[must_use]
    pub fn members_only(self, members_only: bool) -> Self {
        self.set("membersonly", members_only)
    }

    /// Whether only who has voice may talk.
    #[must_use]
    pub fn moderated(self, moderated: bool) -> Self {
        self.set("moderatedroom", moderated)
    }

    /// With which password it is entered.
    #[must_use]
    pub fn password(self, password: impl Into<Secret>) -> Self {
        let password = password.into();
        self.set("passwordprotectedroom", true)
            .set("roomsecret", password.expose())
    }

    /// It is entered without a password.
    #[must_use]
    pub fn without_password(self) -> Self {
        self.set("passwordprotectedroom", false)
            .set("roomsecret", "")
    }

    /// Whether everybody sees the occupants' real addresses, or only moderators.
    #[must_use]
    pub fn shows_addresses(self, shows: bool) -> Self {
        self.set("whois", if shows { "anyone" } else { "moderators" })
    }

    /// Whether others than moderators may change the subject.
    #[must_use]
    pub fn occupants_change_subject(self, may: bool) -> Self {
        self.set("changesubject", may)
    }

    /// Whether members may invite others.
    #[must_use]
    pub fn members_invite(self, may: bool) -> Self {
        self.set("allowinvites", may)
    }

    /// Who may send private messages: `anyone`, `participants`, `moderators` or `none`.
    #[must_use]
    pub fn private_messages(self, who: impl Into<String>) -> Self {
        self.set("allowpm", who.into())
    }

    /// Whether what is said is logged for the public.
    #[must_use]
    pub fn logged(self, logged: bool) -> Self {
        self.set("enablelogging", logged)
    }

    /// How many occupants there can be. Servers offer certain numbers.
    #[must_use]
    pub fn max_users(self, most: u32) -> Self {
        self.set("maxusers", most)
    }

    /// How many old messages it sends to who enters.
    #[must_use]
    pub fn max_history(self, most: u32) -> Self {
        self.set("maxhistoryfetch", most)
    }

    /// How long an occupant waits between two messages (slow mode), in whole seconds; zero turns it off.
    #[must_use]
    pub fn slow_mode(self, wait: Duration) -> Self {
        self.set("slow_mode_duration", wait.as_secs())
    }

    /// Who its admins are: all of them.
    #[must_use]
    pub fn admins(self, admins: impl IntoIterator<Item = BareJid>) -> Self {
        let admins: Vec<BareJid> = admins.into_iter().collect();
        self.set("roomadmins", admins)
    }

    /// Who its owners are: all of them.
    #[must_use]
    pub fn owners(self, owners: impl IntoIterator<Item = BareJid>) -> Self {
        let owners: Vec<BareJid> = owners.into_iter().collect();
        self.set("roomowners", owners)
    }

    /// From a map as the 3.2 document writes `roomconfig`. Values are texts, numbers, `true` or `false`, lists of these, or
    /// `null`, which leaves the field as it is.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) with the [`ManagingError`] as its cause when
    /// it is no map, or a value is of another kind.
    pub fn from_json(config: &Value) -> Result<Self, Error> {
        let map = config.as_object().ok_or(ManagingError::NotAMap)?;
        let mut all = Self::new();
        for (name, value) in map {
            if let Some(values) = texts(name, value)? {
                all = all.set(name, values);
            }
        }
        Ok(all)
    }

    /// Whether nothing is changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Whether a field is changed, by its name without prefix.
    pub(super) fn names(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// The fields by their names without prefix, and what they are to be.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        let all = self.values.iter();
        all.map(|(name, values)| (name.as_str(), values.as_slice()))
    }
}

/// The names that a field may have in a form, the likeliest first.
pub(super) fn vars(name: &str) -> [String; 3] {
    [
        format!("{PREFIX}{name}"),
        format!("{SHORT_PREFIX}{name}"),
        name.to_owned(),
    ]
}

fn texts(name: &str, value: &Value) -> Result<Option<Vec<String>>, ManagingError> {
    let wrong = || ManagingError::WrongValue {
        name: name.to_owned(),
    };
    match value {
        Value::Null => Ok(None),
        Value::Array(list) => {
            let texts = list.iter().map(|item| text(item).ok_or_else(wrong));
            texts.collect::<Result<Vec<_>, _>>().map(Some)
        }
        one => text(one).map(|text| Some(vec![text])).ok_or_else(wrong),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(yes) => Some(yes.into_values().concat()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

impl fmt::Debug for RoomConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}
