//! Registering with a room (XEP-0045 §7.10).

use converse_core::forms::{Form, FormKind, Submission};
use converse_core::router::Stanza;
use converse_core::xml::{Element, ElementBuilder};
use jid::{BareJid, ResourceRef};

use super::{ManagingError, wire};

/// In-band registration (XEP-0077).
const NS: &str = "jabber:iq:register";
/// The field with the nick (XEP-0045 §15.5.1).
const NICK: &str = "muc#register_roomnick";

/// What a room says to who wants to register with it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoomRegistration {
    /// The nick under which the user is registered already; empty if the room does not say it.
    pub registered: Option<String>,
    /// What the room wants to know; `None` when the user is registered already, or it says so only in words.
    pub form: Option<Form>,
    /// What it says beside that, at most 1,024 characters.
    pub instructions: Option<String>,
}

impl RoomRegistration {
    /// Reads what a room answered.
    pub(crate) fn read(answer: &Stanza) -> Result<Self, ManagingError> {
        let query = answer.child("query", NS);
        let query = query.ok_or(ManagingError::BadRegistration { source: None })?;
        let form = Form::inside(query).map_err(|source| ManagingError::BadRegistration {
            source: Some(source),
        })?;
        let text = |name: &str| {
            let text = query.child_text(name, NS)?;
            crate::wire::shortened(text.trim())
        };
        let is_registered = query.child("registered", NS).is_some();
        let nick = || text("username").or_else(|| text("nick"));
        Ok(Self {
            registered: is_registered.then(|| nick().unwrap_or_default()),
            form: form.filter(|form| form.kind == FormKind::Form),
            instructions: text("instructions"),
        })
    }

    /// The form with a nick in it.
    pub(crate) fn with_nick(&self, nick: &ResourceRef) -> Result<Submission, ManagingError> {
        let form = self
            .form
            .as_ref()
            .ok_or(ManagingError::NoRegistrationForm)?;
        let mut submission = form.fill();
        submission
            .set(NICK, nick.as_str())
            .map_err(|source| ManagingError::Unfit { source })?;
        Ok(submission)
    }
}

pub(crate) fn ask(room: &BareJid) -> ElementBuilder {
    wire::iq(room, "get", Element::builder("query", NS))
}

pub(crate) fn submit(
    room: &BareJid,
    submission: &Submission,
) -> Result<ElementBuilder, ManagingError> {
    let form = submission
        .submit()
        .map_err(|source| ManagingError::Unfit { source })?;
    let query = Element::builder("query", NS).child(form);
    Ok(wire::iq(room, "set", query))
}

pub(crate) fn remove(room: &BareJid) -> ElementBuilder {
    let remove = Element::builder("remove", NS);
    wire::iq(room, "set", Element::builder("query", NS).child(remove))
}
