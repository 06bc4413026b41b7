//! What becomes of a message: corrections and retractions.

use chrono::{DateTime, Utc};

use super::{Message, MessageId, SentBy};
use crate::error::ContentError;
use crate::model::edit::{Edit, Version};
use crate::model::fold::Author;

impl Message {
    /// Whether something can become of it.
    ///
    /// # Errors
    ///
    /// [`ContentError::Retracted`].
    pub fn still_there(&self) -> Result<(), ContentError> {
        match self.retracted {
            Some(_) => Err(ContentError::Retracted),
            None => Ok(()),
        }
    }

    /// What the user says in its place (XEP-0308). All but the text stays; mentions go with the old text.
    ///
    /// # Errors
    ///
    /// [`ContentError::Retracted`], and [`ContentError::NoId`] if nothing can refer to it.
    pub fn corrected(
        &self,
        id: &MessageId,
        by: &Author,
        body: String,
    ) -> Result<Self, ContentError> {
        self.still_there()?;
        let original = self.id.clone().ok_or(ContentError::NoId)?;
        let mut correction = Self::new(SentBy::Me, by.jid.clone(), body, by.time);
        correction.id = Some(id.clone());
        correction.origin_id = Some(id.as_str().to_owned());
        correction.replaces = Some(original);
        correction.subject.clone_from(&self.subject);
        correction.reply_to.clone_from(&self.reply_to);
        correction.attachments.clone_from(&self.attachments);
        correction.unstyled = self.unstyled;
        Ok(correction)
    }

    /// Takes over what a correction says; "complete replacement for all the payloads" (XEP-0308 §4).
    pub(in crate::model) fn correct(&mut self, by: Self) {
        let time = self.edited.as_ref().map_or(self.time, |edit| edit.time);
        let body = std::mem::replace(&mut self.body, by.body);
        self.subject = by.subject;
        self.reply_to = by.reply_to;
        self.references = by.references;
        self.attachments = by.attachments;
        self.unstyled = by.unstyled;
        self.encrypted = by.encrypted;
        self.keep(Version { time, body }, by.time);
    }

    /// Takes back what it said before a correction.
    pub(in crate::model) fn restore(&mut self, before: Self) {
        self.body = before.body;
        self.subject = before.subject;
        self.reply_to = before.reply_to;
        self.references = before.references;
        self.attachments = before.attachments;
        self.unstyled = before.unstyled;
        self.encrypted = before.encrypted;
        self.edited = before.edited;
    }

    /// Takes back its newest text, if the one before is known. Mentions go with it.
    pub(in crate::model) fn take_back(&mut self) {
        let Some(edit) = &mut self.edited else { return };
        let Some(before) = edit.older.pop() else {
            return;
        };
        self.body = before.body;
        self.references = Vec::new();
        edit.time = before.time;
        edit.count = edit.count.saturating_sub(1);
        if edit.count == 0 {
            self.edited = None;
        }
    }

    /// Keeps a text that the message had before the one that it has since `now`.
    pub(in crate::model) fn keep(&mut self, version: Version, now: DateTime<Utc>) {
        let edit = self.edited.get_or_insert(Edit {
            time: now,
            count: 0,
            older: Vec::new(),
        });
        edit.time = now;
        edit.keep(version);
    }

    /// Forgets what it said (XEP-0424 §5).
    pub(in crate::model) fn retract(&mut self, time: DateTime<Utc>) {
        self.retracted = Some(time);
        self.body = String::new();
        self.subject = None;
        self.reply_to = None;
        self.references = Vec::new();
        self.attachments = Vec::new();
        self.reactions = Vec::new();
        if let Some(edit) = &mut self.edited {
            edit.older = Vec::new();
        }
    }
}
