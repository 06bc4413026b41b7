//! What comes from rooms.

use std::sync::Arc;

use converse_core::Error;
use converse_core::bus::Handled;
use converse_core::router::{Condition, HearsStanzas, Stanza, StanzaError, StanzaKind};
use jid::Jid;
use tokio::time::Instant;

use super::MucActor;
use super::asking::Asked;
use crate::message::{
    OccupantChanged, OccupantJoined, OccupantLeft, OccupantRenamed, RoomMessageAdded,
    RoomMessageDeliveryChanged, RoomMessageReceived, RoomNotice, RoomSubjectChanged,
};
use crate::model::{
    Change, ConnectionStatus, Opened, RoomDelivery, RoomFeature, RoomMessage, RoomSender,
    StatusCode, Taken,
};
use crate::wire;

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
            room.any().hear(Instant::now(), || clock.now());
        }
        match (stanza.kind(), type_.as_deref()) {
            (StanzaKind::Presence, _) => {
                self.take_presence(&room, from, &stanza).await?;
                self.let_in().await;
            }
            // Everybody in the room knows the message's id; only the room can say that it did not take it.
            (StanzaKind::Message, Some("error")) if from.resource().is_none() => {
                self.take_error(&room, &stanza).await;
            }
            (StanzaKind::Message, Some("error")) => {}
            (StanzaKind::Message, Some("groupchat")) => {
                self.take_message(&room, from, &stanza).await;
            }
            (StanzaKind::Message, _) => {}
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
        let changes = room.any().take_presence(presence);
        for change in changes {
            let chatbox = self.handle(room);
            match change {
                Change::Status => self.tell_status(room),
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
                Change::Notice(codes) => self.api.publish(RoomNotice { chatbox, codes }),
                Change::Created => {
                    let config = room.any().creation.wanted();
                    self.configure_new(room, config).await?;
                }
                Change::NickTaken(error) => self.try_next_nick(room, error).await?,
                Change::Doubt => self.ping_self(room).await,
            }
        }
        self.tell_availability(room).await;
        Ok(())
    }

    /// A message could not be delivered (XEP-0045 §7.4); one that was not sent from here says nothing.
    async fn take_error(&mut self, room: &Arc<Opened>, stanza: &Stanza) {
        let Some(id) = stanza.id() else { return };
        let error = StanzaError::of(stanza.root());
        let is_outside = error.condition == Condition::NotAcceptable;
        let (failed, is_entered) = {
            let mut state = room.any();
            let history = &mut state.history;
            let failed = history.set_delivery(&id, RoomDelivery::Failed, Some(error.into()));
            (failed, state.status == ConnectionStatus::Entered)
        };
        let Some(message) = failed else { return };
        let chatbox = self.handle(room);
        self.api
            .publish(RoomMessageDeliveryChanged { chatbox, message });
        // XEP-0045 §7.4: that is what somebody hears who is not in the room.
        if is_outside && is_entered {
            self.ping_self(room).await;
        }
    }

    async fn take_message(&self, room: &Arc<Opened>, from: &Jid, stanza: &Stanza) {
        let is_entered = room.any().status == ConnectionStatus::Entered;
        if !is_entered || wire::is_carbon(stanza) {
            tracing::debug!(room = %room.jid, "a message that no occupant can have sent is ignored");
            return;
        }
        if let Some(subject) = wire::read_subject(stanza, from) {
            room.any().subject = Some(subject.clone());
            let chatbox = self.handle(room);
            self.registry.touch(&chatbox);
            self.api.publish(RoomSubjectChanged { chatbox, subject });
            return;
        }
        if from.resource().is_none() {
            self.take_notice(room, stanza).await;
            return;
        }
        self.take_written(room, from, stanza);
    }

    /// The room itself says something: that it was configured anew, for one (XEP-0045 §10.2.1).
    async fn take_notice(&self, room: &Arc<Opened>, stanza: &Stanza) {
        let mut codes = StatusCode::all_of(&wire::codes(stanza));
        codes.retain(|code| code.is_about_configuration());
        if codes.is_empty() {
            return;
        }
        room.any().take_codes(&codes);
        let chatbox = self.handle(room);
        self.api.publish(RoomNotice { chatbox, codes });
        let question = wire::ask_info(&room.jid);
        self.ask(Asked::News(Arc::clone(room)), question).await;
    }

    /// An occupant says something (XEP-0045 §7.4).
    fn take_written(&self, room: &Arc<Opened>, from: &Jid, stanza: &Stanza) {
        let now = self.api.environment().clock.now();
        let (Some(nick), Some(written)) =
            (from.resource(), wire::read_message(stanza, &room.jid, now))
        else {
            return;
        };
        let mut state = room.any();
        let is_own = state.nick.as_deref() == Some(nick.as_str());
        // An id that lasts counts only from a room that gives each message one, and takes away what others wrote there.
        let gives_ids = state
            .info
            .as_ref()
            .is_some_and(|info| info.has(RoomFeature::StableIds));
        let message = RoomMessage {
            id: written.id,
            origin_id: written.origin_id,
            stanza_id: written.stanza_id.filter(|_| gives_ids),
            sender: if is_own {
                RoomSender::Me
            } else {
                RoomSender::Them
            },
            nick: nick.as_str().to_owned(),
            body: written.body,
            time: written.sent_at.unwrap_or(now),
            delayed: written.sent_at.is_some(),
            delivery: None,
            error: None,
        };
        let chatbox = self.handle(room);
        // While the state is locked, so that the order of the events is that of the history.
        match state.take_message(&message) {
            Taken::Added => {
                self.registry.touch(&chatbox);
                self.api.publish(RoomMessageReceived {
                    chatbox: chatbox.clone(),
                    stanza: stanza.clone(),
                });
                self.api.publish(RoomMessageAdded { chatbox, message });
            }
            Taken::Reflected(message) => {
                let message = *message;
                self.api
                    .publish(RoomMessageDeliveryChanged { chatbox, message });
            }
            Taken::Known => {}
        }
    }
}
