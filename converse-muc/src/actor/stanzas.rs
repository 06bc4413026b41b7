//! What comes from rooms.

use std::sync::Arc;

use converse_core::Error;
use converse_core::bus::Handled;
use converse_core::router::{HearsStanzas, Stanza, StanzaKind};
use jid::Jid;
use tokio::time::Instant;

use super::MucActor;
use super::requests::take_lists;
use crate::api::Room;
use crate::message::{OccupantChanged, OccupantJoined, OccupantLeft, OccupantRenamed, RoomNotice};
use crate::model::{Change, Opened};
use crate::wire;

/// What needs more than a look is a future of its own: this one is made for each stanza, and thousands come at once.
impl HearsStanzas for MucActor {
    async fn hear_stanza(&mut self, stanza: Stanza) -> Handled {
        let Some(from) = stanza.from() else {
            return Ok(());
        };
        let Some(room) = self.registry.of(from) else {
            return Ok(());
        };
        let type_ = stanza.type_();
        // An error may come from the user's own server in the room's name.
        if type_.as_deref() != Some("error") {
            let clock = &self.api.environment().clock;
            if room.any().joining.hear(Instant::now(), || clock.now()) {
                self.registry.note();
            }
        }
        match (stanza.kind(), type_.as_deref()) {
            (StanzaKind::Presence, _) => {
                self.take_presence(&room, from, &stanza).await?;
                if self.turnstile.is_waited_at() {
                    Box::pin(self.let_in()).await;
                }
            }
            // Everybody in the room knows the message's id; only the room can say that it did not take it.
            (StanzaKind::Message, Some("error")) if from.resource().is_none() => {
                Box::pin(self.take_error(&room, &stanza)).await;
            }
            (StanzaKind::Message, Some("error")) => {
                Box::pin(self.take_private_error(&room, &stanza)).await;
            }
            (StanzaKind::Message, Some("groupchat")) => {
                self.take_message(&room, from, &stanza).await;
            }
            // What only the room itself can say is not said by its occupants.
            (StanzaKind::Message, None | Some("normal")) if from.resource().is_none() => {
                self.take_from_room(&room, &stanza);
            }
            (StanzaKind::Message, _) => self.take_private(&room, from, &stanza),
            (StanzaKind::Iq, _) => {}
        }
        Ok(())
    }
}

impl MucActor {
    async fn take_presence(
        &mut self,
        room: &Arc<Opened>,
        from: &Jid,
        stanza: &Stanza,
    ) -> Result<(), Error> {
        let Some(mut presence) = wire::read_presence(stanza, from) else {
            return Ok(());
        };
        presence.about.caps = self.api.disco().hear_occupant(stanza);
        if room.lists.are_asked() {
            take_lists(room, stanza);
        }
        let changes = {
            let mut state = room.any();
            let changes = state.take_presence(presence);
            state.talk.note(&changes);
            changes
        };
        for change in changes {
            let chatbox = self.handle(room);
            self.follow_private(room, &change);
            match change {
                Change::Joined(occupant) => self.api.publish(OccupantJoined { chatbox, occupant }),
                Change::Changed(occupant) => {
                    self.api.publish(OccupantChanged { chatbox, occupant });
                }
                Change::Renamed(occupant, old_nick) => self.api.publish(OccupantRenamed {
                    chatbox,
                    occupant,
                    old_nick,
                }),
                Change::Left(occupant, removal) => self.api.publish(OccupantLeft {
                    chatbox,
                    occupant,
                    removal,
                }),
                change => Box::pin(self.follow(room, chatbox, change)).await?,
            }
        }
        if self.is_behind(room) {
            Box::pin(self.tell_availability(room)).await;
        }
        Ok(())
    }

    /// Does what follows from something that is about the user or the room.
    async fn follow(
        &mut self,
        room: &Arc<Opened>,
        chatbox: Room,
        change: Change,
    ) -> Result<(), Error> {
        match change {
            Change::Status => {
                self.tell_status(room);
                chatbox.begin_catching_up();
                chatbox.come_back();
            }
            Change::Notice(codes) => self.api.publish(RoomNotice { chatbox, codes }),
            Change::Created => {
                let config = room.any().creation.wanted();
                self.configure_new(room, config).await?;
            }
            Change::NickTaken(error) => self.try_next_nick(room, error).await?,
            Change::Doubt => self.ping_self(room).await,
            Change::Joined(_) | Change::Changed(_) | Change::Renamed(..) | Change::Left(..) => {}
        }
        Ok(())
    }
}
