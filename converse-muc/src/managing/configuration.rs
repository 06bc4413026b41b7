//! The configuration of a room as its owner is shown it.

use std::time::Duration;

use converse_core::forms::{Field, Form, FormError, FormKind, Submission};
use converse_core::settings::Secret;
use converse_core::xml::{Element, ElementBuilder};
use jid::BareJid;

use super::config::vars;
use super::{ManagingError, RoomConfig, wire};

/// The configuration of a room (XEP-0045 §10.2): the form that the room has for it.
///
/// The methods say what the fields that XEP-0045 §15.5.3 registers hold; `None` where the room has no such field, or holds
/// something else in it. Everything is in the [`form`](Self::form), also what servers have of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomConfiguration {
    form: Form,
}

macro_rules! flags {
    ($($(#[$doc:meta])* $method:ident = $name:literal;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $method(&self) -> Option<bool> {
            self.field($name)?.as_bool()
        }
    )*};
}

macro_rules! texts {
    ($($(#[$doc:meta])* $method:ident = $name:literal;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $method(&self) -> Option<&str> {
            self.field($name)?.value()
        }
    )*};
}

impl RoomConfiguration {
    texts! {
        /// The name of the room for people.
        name = "roomname";
        /// What the room is about, in a few words.
        description = "roomdesc";
        /// The language that is spoken in it, as `en`.
        language = "lang";
        /// Who may send private messages: `anyone`, `participants`, `moderators` or `none`.
        private_messages = "allowpm";
        /// The address of a node that belongs to it (XEP-0060).
        pubsub = "pubsub";
    }

    flags! {
        /// Whether it can be found in the service's list.
        public = "publicroom";
        /// Whether it stays when the last occupant leaves.
        persistent = "persistentroom";
        /// Whether only members may enter.
        members_only = "membersonly";
        /// Whether only who has voice may talk.
        moderated = "moderatedroom";
        /// Whether others than moderators may change the subject.
        occupants_change_subject = "changesubject";
        /// Whether members may invite others.
        members_invite = "allowinvites";
        /// Whether what is said is logged for the public.
        logged = "enablelogging";
    }

    /// Whether it is entered with a password. Prosody has no field for that: there the password alone says it.
    #[must_use]
    pub fn password_protected(&self) -> Option<bool> {
        match self.field("passwordprotectedroom") {
            Some(field) => field.as_bool(),
            None => Some(!self.field("roomsecret")?.value()?.is_empty()),
        }
    }

    /// The password, if it has one.
    #[must_use]
    pub fn password(&self) -> Option<Secret> {
        let password = self.field("roomsecret")?.value()?;
        (!password.is_empty()).then(|| Secret::new(password))
    }

    /// Whether everybody sees the occupants' real addresses, or only moderators.
    #[must_use]
    pub fn shows_addresses(&self) -> Option<bool> {
        match self.field("whois")?.value()? {
            "anyone" => Some(true),
            "moderators" => Some(false),
            _ => None,
        }
    }

    /// How many occupants there can be; `None` also when there is no limit.
    #[must_use]
    pub fn max_users(&self) -> Option<u32> {
        self.number("maxusers")
    }

    /// How many old messages it sends to who enters.
    #[must_use]
    pub fn max_history(&self) -> Option<u32> {
        // Prosody has it under a name of its own.
        let standard = self.number("maxhistoryfetch");
        standard.or_else(|| self.number("historylength"))
    }

    /// How long an occupant waits between two messages (slow mode); zero when it is off.
    #[must_use]
    pub fn slow_mode(&self) -> Option<Duration> {
        let seconds: u32 = self.number("slow_mode_duration")?;
        Some(Duration::from_secs(seconds.into()))
    }

    /// Which roles are shown to all: `moderator`, `participant`, `visitor`.
    #[must_use]
    pub fn presence_broadcast(&self) -> &[String] {
        self.values("presencebroadcast")
    }

    /// Which roles and affiliations may read the list of members.
    #[must_use]
    pub fn member_list_readers(&self) -> &[String] {
        self.values("getmemberlist")
    }

    /// Its admins. Some servers have them only as a [list](crate::Room::affiliations).
    #[must_use]
    pub fn admins(&self) -> Vec<BareJid> {
        self.addresses("roomadmins")
    }

    /// Its owners. Some servers have them only as a [list](crate::Room::affiliations).
    #[must_use]
    pub fn owners(&self) -> Vec<BareJid> {
        self.addresses("roomowners")
    }

    /// The field of a name, with the prefix `muc#roomconfig_` or without.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        let name = name.strip_prefix(super::config::PREFIX).unwrap_or(name);
        vars(name).iter().find_map(|var| self.form.field(var))
    }

    /// The form itself.
    #[must_use]
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// Begins to fill the form out, with what it holds; [`Room::submit_configuration`](crate::Room::submit_configuration)
    /// sends it.
    #[must_use]
    pub fn fill(&self) -> Submission {
        self.form.fill()
    }

    /// What a room has for who owns it.
    pub(crate) fn of(form: Option<Form>) -> Result<Self, ManagingError> {
        match form {
            Some(form) if form.kind == FormKind::Form => Ok(Self { form }),
            Some(_) => Err(ManagingError::BadConfiguration { source: None }),
            // Nothing can be configured (XEP-0045 §10.1.3).
            None => Err(ManagingError::NothingToConfigure),
        }
    }

    /// The form with what is wanted in it.
    pub(crate) fn merge(
        &self,
        config: &RoomConfig,
        strictness: Strictness,
    ) -> Result<Merged, ManagingError> {
        let mut submission = self.fill();
        let (mut ignored, mut cleared) = (Vec::new(), Vec::new());
        for (name, values) in config.iter() {
            let field = self.field(name);
            // Where there is no such field, the password alone says whether one is needed (Prosody has it so).
            let says_password = name == "passwordprotectedroom" && config.names("roomsecret");
            if field.is_none() && says_password {
                continue;
            }
            let outcome = match field {
                Some(field) => submission.set(&field.var, values.to_vec()).map(drop),
                None => Err(FormError::UnknownField {
                    var: name.to_owned(),
                }),
            };
            match (outcome, strictness) {
                (Ok(()), _) => {
                    let emptied = field.filter(|field| values.is_empty() && field.kind.is_multi());
                    cleared.extend(emptied.map(|field| field.var.clone()));
                }
                (Err(source), Strictness::All) => {
                    return Err(ManagingError::Unfit { source });
                }
                (Err(source), Strictness::WhatFits) if is_guard(name, values) => {
                    return Err(ManagingError::Unfit { source });
                }
                (Err(error), Strictness::WhatFits) => {
                    tracing::warn!(%error, "a part of the configuration does not fit the room");
                    ignored.push(name.to_owned());
                }
            }
        }
        let form = submission
            .submit()
            .map_err(|source| ManagingError::Unfit { source })?;
        // Without this nothing would say that a list is empty now.
        let empty = |var| Element::builder("field", converse_core::ns::DATA_FORMS).attr("var", var);
        Ok(Merged {
            form: form.children(cleared.into_iter().map(empty)),
            ignored,
        })
    }

    fn values(&self, name: &str) -> &[String] {
        let field = self.field(name);
        field
            .map(|field| field.values.as_slice())
            .unwrap_or_default()
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.field(name)?.value()?.trim().parse().ok()
    }

    fn addresses(&self, name: &str) -> Vec<BareJid> {
        let field = self.field(name);
        let jids = field.map(Field::as_jids).unwrap_or_default();
        jids.into_iter().map(|jid| jid.into_bare()).collect()
    }
}

/// What becomes of what does not fit the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// It is an error.
    All,
    /// It is left out, unless it keeps somebody out: a room that was to be closed is not opened to all.
    WhatFits,
}

/// A form that is filled out.
#[derive(Clone)]
pub(crate) struct Merged {
    pub(crate) form: ElementBuilder,
    /// What was left out.
    pub(crate) ignored: Vec<String>,
}

impl Merged {
    /// What the service has for new rooms, where there is no form.
    pub(crate) fn defaults(config: &RoomConfig) -> Result<Self, ManagingError> {
        let mut all = config.iter();
        if all.any(|(name, values)| is_guard(name, values)) {
            return Err(ManagingError::NothingToConfigure);
        }
        Ok(Self {
            form: wire::defaults(),
            ignored: config.iter().map(|(name, _)| name.to_owned()).collect(),
        })
    }
}

/// Whether a wanted value keeps people out, or keeps from them who the others are.
fn is_guard(name: &str, values: &[String]) -> bool {
    let value = values.first().map(String::as_str).unwrap_or_default();
    match name {
        "membersonly" | "passwordprotectedroom" => matches!(value, "1" | "true"),
        "roomsecret" => !value.is_empty(),
        "whois" => value == "moderators",
        _ => false,
    }
}
