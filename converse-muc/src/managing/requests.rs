//! What rooms ask those who run them: whether somebody may talk, whether somebody may register.

use std::fmt;

use converse_core::forms::{Form, FormKind};
use converse_core::xml::ElementBuilder;
use jid::{Jid, ResourcePart};
use serde::Serialize;

use super::ManagingError;
use crate::model::Role;

/// The forms about voice (XEP-0045 §15.5.2).
pub(super) const VOICE: &str = "http://jabber.org/protocol/muc#request";
/// The forms about registration (XEP-0045 §15.5.1).
pub(super) const REGISTER: &str = "http://jabber.org/protocol/muc#register";

/// The longest text of a request that is shown, in characters.
const LONGEST: usize = 1024;

/// A visitor wants to talk (XEP-0045 §8.6).
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct VoiceRequest {
    /// Under which nick they are in the room.
    pub nick: String,
    /// Their address, if the room says it.
    pub jid: Option<Jid>,
    #[serde(skip)]
    form: Form,
}

/// Somebody wants to register with a room (XEP-0045 §9.9).
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RegistrationRequest {
    /// The nick that they want to have.
    pub nick: Option<String>,
    /// What they said about themselves, with what it is: at most 100 lines of 1,024 characters.
    pub answers: Vec<(String, String)>,
    #[serde(skip)]
    form: Form,
}

/// What a form from a room asks.
pub(crate) enum Asked {
    Voice(VoiceRequest),
    Registration(RegistrationRequest),
}

impl Asked {
    /// What the form asks, if it is one that is known and whole.
    pub(crate) fn read(form: Form) -> Option<Self> {
        if form.kind != FormKind::Form {
            return None;
        }
        match form.form_type()? {
            VOICE => VoiceRequest::read(form).map(Self::Voice),
            REGISTER => Some(Self::Registration(RegistrationRequest::read(form))),
            _ => None,
        }
    }
}

impl VoiceRequest {
    fn read(form: Form) -> Option<Self> {
        let role = form.value("muc#role")?;
        // Whoever asks writes the role: nobody becomes more than a participant because a moderator lets them talk.
        if Role::of_word(role) != Some(Role::Participant) {
            tracing::warn!("a request for a role that is not voice is ignored");
            return None;
        }
        let nick = nick(form.value("muc#roomnick")?)?;
        let jid = form.field("muc#jid").and_then(|field| field.as_jid());
        Some(Self { nick, jid, form })
    }

    /// The form with a yes.
    pub(crate) fn approval(&self) -> Result<ElementBuilder, ManagingError> {
        answer(&self.form, "muc#request_allow", true)
    }
}

impl RegistrationRequest {
    fn read(form: Form) -> Self {
        let nick = form.value("muc#register_roomnick").and_then(nick);
        let said = form.fields.iter().filter(|field| {
            let var = field.var.as_str();
            !var.is_empty() && !matches!(var, "FORM_TYPE" | "muc#register_allow")
        });
        let said = said.take(100).map(|field| {
            let short = |text: &str| text.chars().take(LONGEST).collect();
            (short(field.title()), short(&field.text()))
        });
        Self {
            nick,
            answers: said.collect(),
            form,
        }
    }

    /// The form with a yes or a no.
    pub(crate) fn decision(&self, allow: bool) -> Result<ElementBuilder, ManagingError> {
        answer(&self.form, "muc#register_allow", allow)
    }
}

fn answer(form: &Form, var: &str, allow: bool) -> Result<ElementBuilder, ManagingError> {
    let mut submission = form.fill();
    let filled = match submission.set(var, allow) {
        Ok(filled) => filled.submit(),
        Err(error) => Err(error),
    };
    filled.map_err(|source| ManagingError::Unfit { source })
}

/// A nick that could be one (RFC 7622 §3.4).
fn nick(text: &str) -> Option<String> {
    let nick = ResourcePart::new(text).ok()?;
    Some(nick.as_str().to_owned())
}

impl fmt::Debug for VoiceRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VoiceRequest")
            .field("nick", &self.nick)
            .finish_non_exhaustive()
    }
}

/// What people say about themselves is left out.
impl fmt::Debug for RegistrationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistrationRequest")
            .field("nick", &self.nick)
            .finish_non_exhaustive()
    }
}
