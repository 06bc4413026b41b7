//! Rooms, and private chats in them, as the outbox sees them.

use std::sync::Arc;

use converse_core::Error;
use converse_core::api::Api;
use converse_core::router::Stanza;
use converse_core::xml::Element;
use converse_messages::MessageError;
use converse_messages::keeper::{Keeper, Source};
use converse_messages::model::{
    Delivery, History, Message, MessageKind, SentBy, SentChanges, Whose,
};
use converse_messages::outbox::{Line, News, Outbox, Readiness, Restored};
use converse_messages::wire::{self, Envelope};
use jid::{BareJid, FullJid, Jid};

use crate::api::Room;
use crate::model::{ConnectionStatus, Opened, Registry, State};
use crate::private::PrivateChat;

/// A room, which is looked up when it is needed: what is sent may outlive it.
pub(crate) struct RoomLine {
    pub(crate) api: Api,
    pub(crate) room: Arc<Opened>,
}

impl RoomLine {
    /// The room of that address, if it is open.
    pub(crate) fn find(api: &Api, registry: &Registry, jid: &str) -> Option<Self> {
        let jid: BareJid = jid.parse().ok()?;
        Some(Self {
            api: api.clone(),
            room: registry.get(&jid)?,
        })
    }

    fn handle(&self) -> Room {
        Room::new(&self.api, Arc::clone(&self.room))
    }
}

impl Line for RoomLine {
    fn readiness(&self) -> Readiness {
        readiness(&self.api, &self.room.any())
    }

    fn work(&self, act: &mut dyn FnMut(&mut History, &mut SentChanges) -> Vec<News>) -> bool {
        let room = self.handle();
        let mut state = self.room.any();
        let (history, sent) = state.talk.parts();
        let news = act(history, sent);
        if !news.is_empty() {
            room.note();
        }
        for news in news {
            room.tell_news(news);
        }
        true
    }

    fn restore(&self, restored: Restored) {
        let mut state = self.room.any();
        let (history, sent) = state.talk.parts();
        if restored.note_change(history, sent) {
            return;
        }
        let nick = state.nick.clone().unwrap_or_default();
        let own = self.room.jid.with_resource_str(&nick).map(Jid::from);
        let from = own.unwrap_or_else(|_| self.room.jid.clone().into());
        let message = read(&self.api, &restored, from, &self.room.jid);
        let message = message.map(|mut message| {
            message.kind = MessageKind::Groupchat;
            message.nick = Some(nick);
            message
        });
        put_back(&mut state.talk.history, restored, message);
    }

    fn keeper(&self) -> Option<Keeper> {
        let keeper = self.handle().keeper()?;
        // Whoever asks writes.
        drop(keeper.touch(&self.room));
        Some(keeper)
    }

    fn source(&self) -> Option<Arc<dyn Source>> {
        let room = Arc::clone(&self.room);
        Some(room)
    }

    fn stanza(&self, message: &Message) -> Result<Element, Error> {
        let room = self.handle();
        let stanza = wire::message(&self.room.jid.clone().into(), message, &[]);
        Ok(room.signed(stanza).build()?)
    }
}

/// A private chat.
pub(crate) struct PrivateLine {
    pub(crate) chat: PrivateChat,
}

impl PrivateLine {
    /// The private chat with whoever has that address now, if it is open.
    pub(crate) fn find(api: &Api, registry: &Registry, jid: &str) -> Option<Self> {
        let jid: FullJid = jid.parse().ok()?;
        let room = registry.get(&jid.to_bare())?;
        let chat = room.private.get(jid.resource().as_str())?;
        let chat = PrivateChat::new(api, &room, chat);
        Some(Self { chat })
    }
}

impl Line for PrivateLine {
    fn readiness(&self) -> Readiness {
        let api = self.chat.room().api().clone();
        let readiness = readiness(&api, &self.chat.room().opened().any());
        if matches!(readiness, Readiness::Ready { .. })
            && let Err(error) = self.chat.address()
        {
            // Whoever has the nick next is somebody else.
            return Readiness::Never(MessageError::from(&error));
        }
        readiness
    }

    fn work(&self, act: &mut dyn FnMut(&mut History, &mut SentChanges) -> Vec<News>) -> bool {
        let mut state = self.chat.conversation().any();
        let state = &mut *state;
        let news = act(&mut state.history, &mut state.sent_changes);
        if !news.is_empty() {
            self.chat.note();
            self.chat.touch(state);
        }
        for news in news {
            self.chat.tell_news(news);
        }
        true
    }

    fn restore(&self, restored: Restored) {
        let Ok(from) = self.chat.own_address() else {
            return;
        };
        let room = self.chat.room();
        let message = read(room.api(), &restored, from, room.jid());
        let mut state = self.chat.conversation().any();
        let state = &mut *state;
        if restored.note_change(&state.history, &mut state.sent_changes) {
            return;
        }
        put_back(&mut state.history, restored, message);
    }

    fn stanza(&self, message: &Message) -> Result<Element, Error> {
        self.chat.stanza_of(message)
    }

    fn keeper(&self) -> Option<Keeper> {
        let keeper = self.chat.room().keeper()?;
        // Whoever asks writes.
        drop(keeper.touch(self.chat.shared()));
        Some(keeper)
    }

    fn source(&self) -> Option<Arc<dyn Source>> {
        let chat = Arc::clone(self.chat.shared());
        Some(chat)
    }

    fn to(&self) -> Option<Jid> {
        self.chat.address().ok()
    }

    fn is_same(&self) -> bool {
        self.chat.conversation().any().is_same
    }
}

/// Whether something can be sent to a room, or to somebody in it.
fn readiness(api: &Api, state: &State) -> Readiness {
    match state.status {
        ConnectionStatus::Entered => {}
        ConnectionStatus::Banned | ConnectionStatus::Destroyed => {
            let condition = match &state.disconnection {
                Some(left) => left.reason.clone(),
                None => "not-allowed".to_owned(),
            };
            let text = state.joining.error.as_ref().map(ToString::to_string);
            return Readiness::Never(MessageError::new(condition, text));
        }
        _ => return Readiness::Waits,
    }
    let outbox = api.provided::<Outbox>();
    let session = outbox.and_then(|outbox| outbox.session());
    let is_up = api.session().is_online() && !state.way.is_doubted;
    match state
        .way
        .session
        .filter(|own| is_up && Some(*own) == session)
    {
        Some(session) => Readiness::Ready {
            session,
            may_repeat: state.way.is_told,
        },
        None => Readiness::Waits,
    }
}

/// What an earlier process sent, as a history has messages.
fn read(api: &Api, restored: &Restored, from: Jid, peer: &BareJid) -> Option<Message> {
    let envelope = Envelope {
        stanza: Stanza::from_element(restored.stanza.clone()).ok()?,
        from,
        peer: peer.clone(),
        sender: SentBy::Me,
        own: api.session().account()?,
        now: restored.created,
        sent_at: None,
        has_stanza_ids: false,
        has_occupant_ids: false,
    };
    wire::read(&envelope).message
}

/// Shows it where it is not shown already.
fn put_back(history: &mut History, restored: Restored, message: Option<Message>) {
    let id = restored.id.as_str();
    // What is kept is in the store, if it is not among the newest.
    if history.sent(id).is_none() && history.log().is_none() {
        let Some(mut message) = message else { return };
        message.delivery = Some(Delivery::Queued);
        history.add_of(message, Whose::Side(SentBy::Me));
    }
    match restored.failed {
        Some(error) => drop(history.set_delivery(id, Delivery::Failed, Some(error))),
        None => drop(history.requeue(id)),
    }
}
