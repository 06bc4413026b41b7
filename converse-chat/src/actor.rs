//! The actor: puts what comes into chats.
//!
//! The way of a stanza: whose is it ([`Envelope`]), what does it say ([`wire::read`]), may it come in, then into its chat as a
//! message of its own or folded into another.

use std::sync::Arc;

use converse_core::api::Api;
use converse_core::bus::{Handled, Hears};
use converse_core::contract::Standing;
use converse_core::disco::ServiceDiscovered;
use converse_core::ns;
use converse_core::router::{HearsStanzas, Stanza, StanzaError};
use converse_core::session::event::SessionStarted;
use jid::{BareJid, Jid};

use crate::api::{Chat, standing};
use crate::message::{ChatBoxesFetched, ChatStateChanged, MessageAdded, MessageReceived};
use crate::model::{
    Added, Author, Change, ChatState, Fold, Folded, Kind, Message, MessageKind, Registry, SentBy,
    State, Update,
};
use crate::settings::ALLOW_NON_ROSTER_MESSAGING;
use crate::wire::{self, Envelope, Incoming};

pub(crate) struct ChatActor {
    api: Api,
    registry: Arc<Registry>,
}

impl ChatActor {
    pub(crate) fn new(api: Api, registry: Arc<Registry>) -> Self {
        Self { api, registry }
    }
}

// 1 events heard

impl Hears<SessionStarted> for ChatActor {
    async fn hear(&mut self, event: Arc<SessionStarted>) -> Handled {
        if !event.resumed {
            self.registry.set_stanza_ids(false);
            let open = self.registry.all(Kind::Chat);
            let items = open
                .into_iter()
                .map(|chat| Chat::new(&self.api, &self.registry, chat))
                .collect();
            self.api.publish(ChatBoxesFetched { items });
        }
        Ok(())
    }
}

/// Only a server that says that it obeys the rules of XEP-0359 removes what others pretend that it has given (§5).
impl Hears<ServiceDiscovered> for ChatActor {
    async fn hear(&mut self, event: Arc<ServiceDiscovered>) -> Handled {
        if event.var == ns::SID
            && self
                .api
                .session()
                .bare_jid()
                .is_some_and(|own| event.from == own)
        {
            self.registry.set_stanza_ids(true);
        }
        Ok(())
    }
}

// 2 stanzas

impl HearsStanzas for ChatActor {
    async fn hear_stanza(&mut self, stanza: Stanza) -> Handled {
        let type_ = stanza.type_();
        let is_error = type_.as_deref() == Some("error");
        if type_.as_deref() == Some("groupchat") {
            return Ok(());
        }
        let Some(own) = self.api.session().jid() else {
            return Ok(());
        };
        drop(type_);
        let envelope = self.envelope(stanza, own.to_bare());
        if is_error {
            self.take_error(&envelope);
            return Ok(());
        }
        self.take(&envelope)
    }
}

// 3 the way of a message

impl ChatActor {
    fn envelope(&self, stanza: Stanza, own: BareJid) -> Envelope {
        // RFC 6120 §8.1.2.1: without a sender it is the own account.
        let from = stanza
            .from()
            .cloned()
            .unwrap_or_else(|| Jid::from(own.clone()));
        let peer = from.to_bare();
        Envelope {
            sender: if peer == own {
                SentBy::Me
            } else {
                SentBy::Them
            },
            from,
            peer,
            now: self.api.environment().clock.now(),
            sent_at: None,
            has_stanza_ids: self.registry.has_stanza_ids(),
            own,
            stanza,
        }
    }

    fn take(&self, envelope: &Envelope) -> Handled {
        let mut incoming = wire::read(envelope);
        if incoming.is_from_room {
            return Ok(());
        }
        let standing = standing(&self.api, &envelope.peer);
        let trusted = envelope.sender == SentBy::Me || is_server(&envelope.peer, &envelope.own);
        let message = incoming.message.take();
        let change = self.change(envelope, &mut incoming);
        if message.is_none() && change.is_none() {
            self.take_state(envelope, &incoming);
            return Ok(());
        }
        // Without a roster everybody may write.
        if !trusted
            && standing == Standing::Stranger
            && !self.api.settings().read(&ALLOW_NON_ROSTER_MESSAGING)?
        {
            tracing::debug!(from = %envelope.peer, "a message of somebody who is no contact is ignored");
            return Ok(());
        }
        let wanted = trusted || matches!(standing, Standing::Contact(_));
        if let Some(change) = change {
            self.take_change(envelope, &incoming, change, wanted);
        }
        if let Some(message) = message {
            self.take_message(envelope, &incoming, message, wanted);
        }
        Ok(())
    }

    fn change(&self, envelope: &Envelope, incoming: &mut Incoming) -> Option<Change> {
        if let Some((id, reason)) = incoming.refused.take()
            && let Some(chat) = self.registry.get(Kind::Chat, &envelope.peer)
        {
            let chat = Chat::new(&self.api, &self.registry, chat);
            chat.refuse(&id, envelope.from.to_bare(), reason);
        }
        let fold = incoming.fold.take()?;
        let by = Author {
            sender: envelope.sender,
            jid: envelope.from.to_bare(),
            time: incoming.time,
            delayed: incoming.delayed,
        };
        let id = incoming.id.clone();
        Some(Change { by, id, fold })
    }

    fn take_message(
        &self,
        envelope: &Envelope,
        incoming: &Incoming,
        message: Message,
        wanted: bool,
    ) {
        let kind = match message.kind {
            MessageKind::Headline => Kind::Headlines,
            _ => Kind::Chat,
        };
        self.with_chat(kind, &envelope.peer, wanted, |chat, open| {
            let added = open.history.add(message);
            if matches!(added, Added::Duplicate) {
                return;
            }
            self.note_activity(
                chat,
                open,
                envelope,
                incoming,
                matches!(added, Added::New(_)),
            );
            // In the order of the history, while nobody else can add to it.
            let stanza = envelope.stanza.clone();
            self.api.publish(MessageReceived::new(stanza, chat.clone()));
            match added {
                Added::New(message) => {
                    self.api.publish(MessageAdded::new(chat.clone(), message));
                }
                Added::Completed(message) => chat.announce_update(message, Update::Corrected),
                Added::Duplicate => {}
            }
        });
    }

    fn take_change(&self, envelope: &Envelope, incoming: &Incoming, change: Change, wanted: bool) {
        let is_text = matches!(change.fold, Fold::Correction(_));
        if !is_text && self.registry.get(Kind::Chat, &envelope.peer).is_none() {
            // What opens no chat waits until something does.
            self.registry.note_early(&envelope.peer, change);
            return;
        }
        self.with_chat(Kind::Chat, &envelope.peer, wanted, |chat, open| {
            let about = chat.about(&change);
            let folded = open.history.fold(change);
            if is_text && matches!(folded, Folded::Added(_) | Folded::Changed(_)) {
                let is_new = matches!(folded, Folded::Added(_));
                self.note_activity(chat, open, envelope, incoming, is_new);
                let stanza = envelope.stanza.clone();
                self.api.publish(MessageReceived::new(stanza, chat.clone()));
            }
            chat.announce(folded, about);
        });
    }

    /// Does something in the chat with somebody, which is opened if it is not open.
    fn with_chat(
        &self,
        kind: Kind,
        peer: &BareJid,
        wanted: bool,
        act: impl FnOnce(&Chat, &mut State),
    ) {
        // A chat that is being closed in another thread cannot be found the next time.
        loop {
            let (chat, is_new) = Chat::find_or_open(&self.api, &self.registry, kind, peer, wanted);
            let Ok(mut open) = chat.conversation().open() else {
                continue;
            };
            act(&chat, &mut open);
            chat.touch();
            drop(open);
            if is_new && !wanted {
                chat.note_unwanted();
            }
            return;
        }
    }

    /// Somebody has written: what he does, and what is unread.
    fn note_activity(
        &self,
        chat: &Chat,
        open: &mut State,
        envelope: &Envelope,
        incoming: &Incoming,
        is_new: bool,
    ) {
        if envelope.sender == SentBy::Them {
            if is_new && open.is_out_of_sight() {
                open.unread += 1;
            }
            // Whoever has written is not writing any more.
            self.set_chat_state(chat, open, incoming.state);
        }
    }

    /// A state on its own opens nothing.
    fn take_state(&self, envelope: &Envelope, incoming: &Incoming) {
        if let (Some(new), SentBy::Them) = (incoming.state, envelope.sender)
            && let Some(chat) = self.registry.get(Kind::Chat, &envelope.peer)
            && let Ok(mut open) = chat.open()
        {
            let handle = Chat::new(&self.api, &self.registry, Arc::clone(&chat));
            self.set_chat_state(&handle, &mut open, Some(new));
        }
    }

    fn set_chat_state(&self, chat: &Chat, open: &mut State, state: Option<ChatState>) {
        if open.contact_chat_state != state {
            open.contact_chat_state = state;
            chat.touch();
            self.api.publish(ChatStateChanged::new(chat.clone(), state));
        }
    }

    /// A message could not be delivered (RFC 6120 §8.3); an error for one that was not sent from here says nothing.
    fn take_error(&self, envelope: &Envelope) {
        let (Some(id), Some(chat)) = (
            envelope.stanza.id(),
            self.registry.get(Kind::Chat, &envelope.peer),
        ) else {
            return;
        };
        let error = StanzaError::of(envelope.stanza.root());
        let chat = Chat::new(&self.api, &self.registry, chat);
        chat.fail(&id, error.into());
    }
}

fn is_server(peer: &BareJid, own: &BareJid) -> bool {
    peer.node().is_none() && peer.domain() == own.domain()
}
