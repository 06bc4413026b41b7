//! What becomes of occupants becomes of the private chats with them.

use std::sync::Arc;

use crate::actor::MucActor;
use crate::model::{Change, Occupant, Opened};
use crate::private::api::PrivateChat;
use crate::private::conversation::State;
use crate::private::identity::Identity;
use crate::private::message::PrivateChatChanged;

impl MucActor {
    /// What happens to an occupant happens in the chat with him.
    pub(crate) fn follow_private(&self, room: &Arc<Opened>, change: &Change) {
        match change {
            Change::Joined(occupant) => self.private_joined(room, occupant),
            Change::Changed(occupant) => self.private_changed(room, occupant),
            Change::Renamed(occupant, old) => self.private_renamed(room, occupant, old),
            Change::Left(occupant, _) => self.private_left(room, occupant),
            _ => {}
        }
    }

    /// The user has come into the room, or is not in it: nobody knows what the other ones have seen of him or do.
    pub(crate) fn private_status(&self, room: &Arc<Opened>) {
        for chat in room.private.all() {
            let chat = PrivateChat::new(&self.api, room, chat);
            let mut open = chat.conversation().any();
            open.chat_state = None;
            open.typing.forget();
            open.follower = None;
            self.tell_private(&chat, &open);
        }
    }

    /// Somebody has come into the room. If he is another one than who had the nick before, the chat with that one is over.
    fn private_joined(&self, room: &Arc<Opened>, occupant: &Occupant) {
        let Some(chat) = room.private.get(&occupant.nick) else {
            return;
        };
        let chat = PrivateChat::new(&self.api, room, chat);
        let now = Identity::of(occupant);
        if chat.conversation().any().identity.differs(&now) {
            chat.give_up_unsent();
            self.end(room, &chat, &mut chat.conversation().any());
            return;
        }
        let mut open = chat.conversation().any();
        open.is_same |= open.is_restored && open.identity.is(&now);
        open.identity.learn(now);
        open.was_seen = true;
        self.tell_private(&chat, &open);
    }

    /// More is known of an occupant.
    fn private_changed(&self, room: &Opened, occupant: &Occupant) {
        if let Some(chat) = room.private.get(&occupant.nick) {
            let mut open = chat.any();
            open.identity.learn(Identity::of(occupant));
            open.was_seen = true;
        }
    }

    /// Somebody has left the room.
    fn private_left(&self, room: &Arc<Opened>, occupant: &Occupant) {
        if let Some(chat) = room.private.get(&occupant.nick) {
            let chat = PrivateChat::new(&self.api, room, chat);
            let mut open = chat.conversation().any();
            open.chat_state = None;
            open.typing.forget();
            open.follower = None;
            open.was_seen = true;
            self.tell_private(&chat, &open);
        }
    }

    /// Somebody has another nick (XEP-0045 §7.6): the chat follows, and takes the place of that with whoever had it before.
    fn private_renamed(&self, room: &Arc<Opened>, occupant: &Occupant, old: &str) {
        if let Some(over) = room.private.get(&occupant.nick) {
            PrivateChat::new(&self.api, room, over).give_up_unsent();
        }
        let (moved, over) = room.private.rename(old, &occupant.nick);
        if let Some(over) = over {
            let chat = PrivateChat::new(&self.api, room, over);
            let mut open = chat.conversation().any();
            self.end(room, &chat, &mut open);
        }
        if let Some(moved) = moved {
            let chat = PrivateChat::new(&self.api, room, moved);
            chat.move_unsent(&occupant.nick);
            let mut open = chat.conversation().any();
            open.nick.clone_from(&occupant.nick);
            open.identity.learn(Identity::of(occupant));
            open.was_seen = true;
            self.tell_private(&chat, &open);
        }
    }

    /// The room is closed, and all that belongs to it.
    pub(crate) fn close_private(&self, room: &Arc<Opened>) {
        for chat in room.private.all() {
            PrivateChat::new(&self.api, room, chat).close_quietly();
        }
    }

    /// The nick belongs to somebody else now.
    fn end(&self, room: &Opened, chat: &PrivateChat, open: &mut State) {
        room.private.part(&open.nick, chat.conversation());
        open.is_over = true;
        open.chat_state = None;
        self.tell_private(chat, open);
    }

    fn tell_private(&self, chat: &PrivateChat, open: &State) {
        chat.touch(open);
        let chatbox = chat.clone();
        self.api.publish(PrivateChatChanged { chatbox });
    }
}
