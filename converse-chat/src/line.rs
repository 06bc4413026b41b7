//! Chats as the outbox sees them.

use std::sync::Arc;

use converse_core::Error;
use converse_core::api::Api;
use converse_core::router::Stanza;
use converse_core::xml::{Element, ElementBuilder};
use converse_messages::keeper::{Keeper, Source};
use converse_messages::model::{Delivery, History, Message, SentBy, SentChanges};
use converse_messages::outbox::{About, Line, News, Outbox, Readiness, Restored};
use converse_messages::wire::{self, Envelope};
use jid::{BareJid, Jid};

use crate::api::Chat;
use crate::model::{Conversation, Kind, Registry, State};

/// The chat with somebody, which is looked up when it is needed: what is sent outlives it.
pub(crate) struct ChatLine {
    pub(crate) api: Api,
    pub(crate) registry: Arc<Registry>,
    pub(crate) jid: BareJid,
}

impl ChatLine {
    fn chat(&self) -> Option<Chat> {
        let chat = self.registry.get(Kind::Chat, &self.jid)?;
        Some(Chat::new(&self.api, &self.registry, chat))
    }

    /// What an earlier process sent, as the history has messages.
    fn read(&self, restored: &Restored) -> Option<Message> {
        let own = self.api.session().account()?;
        let envelope = Envelope {
            stanza: Stanza::from_element(restored.stanza.clone()).ok()?,
            from: Jid::from(own.clone()),
            peer: self.jid.clone(),
            sender: SentBy::Me,
            own,
            now: restored.created,
            sent_at: None,
            has_stanza_ids: false,
            has_occupant_ids: false,
        };
        let mut message = wire::read(&envelope).message?;
        message.delivery = Some(Delivery::Queued);
        Some(message)
    }
}

impl Line for ChatLine {
    fn readiness(&self) -> Readiness {
        let outbox = self.api.provided::<Outbox>();
        let session = outbox.and_then(|outbox| outbox.session());
        match session.filter(|_| self.api.session().is_online()) {
            Some(session) => Readiness::Ready {
                session,
                may_repeat: self.registry.is_caught_up(session),
            },
            None => Readiness::Waits,
        }
    }

    fn work(&self, act: &mut dyn FnMut(&mut History, &mut SentChanges) -> Vec<News>) -> bool {
        let Some(chat) = self.chat() else {
            return false;
        };
        let mut state = chat.conversation().any();
        let State {
            history,
            sent_changes,
            ..
        } = &mut *state;
        let news = act(history, sent_changes);
        if !news.is_empty() {
            chat.touch(&state);
        }
        for news in news {
            chat.tell_news(news);
        }
        true
    }

    fn restore(&self, restored: Restored) {
        if restored.about != About::Message {
            self.work(&mut |history, sent| {
                restored.note_change(history, sent);
                Vec::new()
            });
            return;
        }
        let Some(message) = self.read(&restored) else {
            return;
        };
        let (chat, _) = Chat::find_or_open(&self.api, &self.registry, Kind::Chat, &self.jid, true);
        let Ok(mut open) = chat.conversation().open() else {
            return;
        };
        let id = restored.id.as_str();
        // What is kept is in the store, if it is not among the newest.
        if open.history.sent(id).is_none() && chat.conversation().keeper().is_none() {
            open.history.add(message);
        }
        match restored.failed {
            Some(error) => drop(open.history.set_delivery(id, Delivery::Failed, Some(error))),
            None => drop(open.history.requeue(id)),
        }
        chat.touch(&open);
    }

    fn stanza(&self, message: &Message) -> Result<Element, Error> {
        let stanza = wire::message(&Jid::from(self.jid.clone()), message, &[]);
        let signed = self.chat().map(|chat| chat.signed(stanza.clone()));
        Ok(signed.unwrap_or(stanza).build()?)
    }

    fn keeper(&self) -> Option<Keeper> {
        // What has changed in the chat was noted when it did.
        self.chat()?.keeper().cloned()
    }

    fn stored(&self) -> Option<(Keeper, Arc<dyn Source>)> {
        let kept = self.registry.kept()?;
        let keeper = kept.messages.clone()?;
        let chat = self.registry.get(Kind::Chat, &self.jid);
        let chat = chat.unwrap_or_else(|| {
            let closed = Conversation::stand_in(self.jid.clone(), Kind::Chat);
            closed.keep(&kept);
            closed
        });
        Some((keeper, chat))
    }

    fn source(&self) -> Option<Arc<dyn Source>> {
        let chat = self.registry.get(Kind::Chat, &self.jid)?;
        Some(chat)
    }

    fn leaves(&self) {
        // Where the archive has it nobody tells.
        self.registry.archive.lock().followed.hear(None);
    }

    fn companion(&self, stanza: &Element) -> Option<ElementBuilder> {
        self.chat()?.forwarded(stanza)
    }
}
