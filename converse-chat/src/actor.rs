//! The actor: puts what comes into chats.

use std::sync::Arc;

use converse_core::api::Api;
use converse_core::bus::{Handled, Hears};
use converse_core::contract::Standing;
use converse_core::router::{HearsStanzas, Stanza, StanzaError};
use converse_core::session::event::SessionStarted;
use jid::{BareJid, Jid};

use crate::api::{Chat, standing};
use crate::error::ChatError;
use crate::message::{ChatBoxesFetched, ChatStateChanged, MessageAdded, MessageReceived};
use crate::model::{ChatState, Delivery, Kind, Message, MessageKind, Registry, SentBy, State};
use crate::settings::ALLOW_NON_ROSTER_MESSAGING;
use crate::wire;

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

// 2 stanzas

impl HearsStanzas for ChatActor {
    async fn hear_stanza(&mut self, stanza: Stanza) -> Handled {
        let type_ = stanza.type_();
        if type_.as_deref() == Some("groupchat") || wire::is_from_room(&stanza) {
            return Ok(());
        }
        let Some(own) = self.api.session().jid() else {
            return Ok(());
        };
        // RFC 6120 §8.1.2.1: without a sender it is the own account.
        let own_account = Jid::from(own.to_bare());
        let from = stanza.from().unwrap_or(&own_account);
        if type_.as_deref() == Some("error") {
            self.take_error(from, &stanza);
        } else {
            self.take_message(from, &own, &stanza)?;
        }
        Ok(())
    }
}

// 3 private

impl ChatActor {
    fn take_message(&self, from: &Jid, own: &Jid, stanza: &Stanza) -> Handled {
        let peer = from.to_bare();
        let is_own = peer == own.to_bare();
        let sender = if is_own { SentBy::Me } else { SentBy::Them };
        let now = self.api.environment().clock.now();
        let state = wire::read_chat_state(stanza);
        match wire::read_message(stanza, from, sender, now) {
            Some(message) => {
                let standing = standing(&self.api, &peer);
                let trusted = is_own || is_server(&peer, own);
                // Without a roster everybody may write.
                if !trusted
                    && standing == Standing::Stranger
                    && !self.api.settings().read(&ALLOW_NON_ROSTER_MESSAGING)?
                {
                    tracing::debug!(from = %peer, "a message of somebody who is no contact is ignored");
                    return Ok(());
                }
                let wanted = trusted || matches!(standing, Standing::Contact(_));
                self.add(&peer, message, state, stanza, wanted);
            }
            None => {
                // A state on its own opens nothing, and one that comes late says nothing about now.
                let late = stanza.child("delay", converse_core::ns::DELAY).is_some();
                if let (Some(new), false, false) = (state, is_own, late)
                    && let Some(chat) = self.registry.get(Kind::Chat, &peer)
                    && let Ok(mut open) = chat.open()
                {
                    let handle = Chat::new(&self.api, &self.registry, Arc::clone(&chat));
                    self.set_chat_state(&handle, &mut open, Some(new));
                }
            }
        }
        Ok(())
    }

    fn add(
        &self,
        peer: &BareJid,
        message: Message,
        state: Option<ChatState>,
        stanza: &Stanza,
        wanted: bool,
    ) {
        let kind = match message.kind {
            MessageKind::Headline => Kind::Headlines,
            _ => Kind::Chat,
        };
        // A chat that is being closed in another thread cannot be found the next time.
        loop {
            let (chat, is_new) = Chat::find_or_open(&self.api, &self.registry, kind, peer, wanted);
            let added = self.add_to(&chat, message.clone(), state, stanza);
            if added == Err(Closed) {
                continue;
            }
            if is_new && !wanted {
                chat.note_unwanted();
            }
            return;
        }
    }

    fn add_to(
        &self,
        chat: &Chat,
        message: Message,
        state: Option<ChatState>,
        stanza: &Stanza,
    ) -> Result<(), Closed> {
        let mut open = chat.conversation().open().map_err(|_: ChatError| Closed)?;
        let is_echo = message.sender == SentBy::Me
            && message
                .id
                .as_ref()
                .is_some_and(|id| open.history.sent(id.as_str()).is_some());
        if is_echo {
            return Ok(());
        }
        open.history.push(message.clone());
        if message.sender == SentBy::Them {
            if open.is_out_of_sight() {
                open.unread += 1;
            }
            // Whoever has written is not writing any more.
            self.set_chat_state(chat, &mut open, state);
        }
        // In the order of the history, while nobody else can add to it.
        self.api
            .publish(MessageReceived::new(stanza.clone(), chat.clone()));
        self.api.publish(MessageAdded::new(chat.clone(), message));
        Ok(())
    }

    fn set_chat_state(&self, chat: &Chat, open: &mut State, state: Option<ChatState>) {
        if open.contact_chat_state != state {
            open.contact_chat_state = state;
            self.api.publish(ChatStateChanged::new(chat.clone(), state));
        }
    }

    /// A message could not be delivered (RFC 6120 §8.3); an error for one that was not sent from here says nothing.
    fn take_error(&self, from: &Jid, stanza: &Stanza) {
        let (Some(id), Some(chat)) = (stanza.id(), self.registry.get(Kind::Chat, &from.to_bare()))
        else {
            return;
        };
        let error = StanzaError::of(stanza.root());
        let chat = Chat::new(&self.api, &self.registry, chat);
        chat.set_delivery(&id, Delivery::Failed, Some(error.into()));
    }
}

/// The chat was closed while it was looked for.
#[derive(Debug, PartialEq)]
struct Closed;

fn is_server(peer: &BareJid, own: &Jid) -> bool {
    peer.node().is_none() && peer.domain() == own.domain()
}
