//! What is said in a room, live or as its archive has it, and what comes of it.

use chrono::{DateTime, Utc};
use converse_core::router::Stanza;
use converse_messages::model::{Added, Change, Fold, Message, MessageId, SentBy, Spot, Update};
use converse_messages::sync::Placed;
use converse_messages::wire::{self as messages, Envelope, Incoming, markers};
use jid::Jid;

use super::Room;
use crate::message::{RoomMessageAdded, RoomMessageDeliveryChanged, RoomMessageReceived};
use crate::model::{RoomFeature, Said, State};
use crate::wire;

impl Room {
    /// Takes what somebody says, or what the room has become of what was said (XEP-0425 §4), in the order of the history: whoever
    /// calls it holds the room's lock.
    pub(crate) fn hear(&self, open: &mut State, mut said: Said) {
        self.note_arrived(&said);
        let (fold, message) = (said.incoming.fold.take(), said.incoming.message.take());
        let refused = said.incoming.refused.take();
        let is_said = fold.is_some() || message.is_some();
        let Some(nick) = said.by.jid.resource() else {
            // The room has no other messages than those about messages.
            if let Some(fold @ Fold::Moderation { .. }) = fold {
                self.take_fold(open, &said, fold);
            }
            self.note_archived(open, &said, is_said);
            return;
        };
        let nick = nick.as_str().to_owned();
        if let Some((id, reason)) = refused {
            self.refuse(&id, said.by.jid.clone(), reason);
        }
        self.take_signals(open, &said, &nick);
        if let Some(mut message) = message {
            message.sender = said.by.sender;
            self.take_message(open, &said, message);
        }
        if let Some(fold) = fold {
            self.take_fold(open, &said, fold);
        }
        self.note_archived(open, &said, is_said);
    }

    /// The same for what the archive has.
    pub(super) async fn hear_archived(&self, mut said: Said) {
        self.look_up(&mut said).await;
        self.hear(&mut self.opened.any(), said);
    }

    /// Does what is to be done with a message that comes again and is in the store, not here: what the archive has, and what was sent
    /// again because nobody knew whether it had arrived.
    pub(crate) async fn look_up(&self, said: &mut Said) {
        if let (Some(message), Some(keeper)) = (&mut said.incoming.message, self.keeper()) {
            message.sender = said.by.sender;
            let added = keeper.add(&*self.opened, message, &said.by.whose, said.spot);
            match added.await {
                Ok(None) => {}
                Ok(Some(added)) => {
                    let open = &mut self.opened.any();
                    self.note_arrived(said);
                    said.incoming.message = None;
                    self.announce_added(open, said, added);
                }
                Err(error) => {
                    tracing::warn!(room = %self.jid(), %error, "whether a message is kept already is not known");
                }
            }
        }
    }

    /// What the user says has arrived: the room, or its archive, shows it.
    fn note_arrived(&self, said: &Said) {
        if said.by.sender != SentBy::Me {
            return;
        }
        let Ok(outbox) = self.outbox_of_all() else {
            return;
        };
        let message = said.incoming.message.as_ref();
        let origin = message.and_then(|message| message.origin_id.as_deref());
        let id = said.incoming.id.as_ref().map(MessageId::as_str);
        for id in id.into_iter().chain(origin) {
            outbox.arrived(&self.lane(), id);
        }
    }

    fn take_message(&self, open: &mut State, said: &Said, message: Message) {
        let whose = said.by.whose.clone();
        let history = &mut open.talk.history;
        let added = match said.spot {
            Some(spot) => history.add_archived(message, whose, spot),
            None => history.add_of(message, whose),
        };
        self.announce_added(open, said, added);
    }

    fn announce_added(&self, open: &mut State, said: &Said, added: Added) {
        let chatbox = self.clone();
        match added {
            Added::New(message) => {
                self.api.publish(RoomMessageReceived {
                    chatbox: chatbox.clone(),
                    stanza: said.stanza.clone(),
                });
                self.api.publish(RoomMessageAdded {
                    chatbox,
                    message: message.clone(),
                });
                self.note_newest(open, &message);
            }
            Added::Reflected(message) => {
                self.api
                    .publish(RoomMessageDeliveryChanged { chatbox, message });
            }
            Added::Completed(message) => self.announce_update(message, Update::Corrected),
            Added::Retracted(message) => self.announce_update(message, Update::Retracted),
            Added::Moved(_) | Added::Duplicate => {}
        }
    }

    /// Something becomes of a message.
    fn take_fold(&self, open: &mut State, said: &Said, mut fold: Fold) {
        if let Fold::Correction(correction) = &mut fold {
            correction.sender = said.by.sender;
        }
        let change = Change {
            by: said.by.clone(),
            id: said.incoming.id.clone(),
            fold,
        };
        self.fold(open, change, Some(said));
    }

    /// What comes besides messages: that somebody writes, and what was displayed.
    fn take_signals(&self, open: &mut State, said: &Said, nick: &str) {
        let (incoming, by) = (&said.incoming, &said.by);
        let is_live = by.sender == SentBy::Them && !by.delayed;
        // Whoever has said something is not writing any more.
        if is_live {
            self.take_state(open, nick, incoming.state);
        }
        if incoming.has_markers
            && let Some(id) = markers::read(&said.stanza)
        {
            self.take_marker(open, by, nick, &id);
        }
    }

    /// What comes live is in the archive too; from now on it is known up to there.
    fn note_archived(&self, open: &mut State, said: &Said, is_said: bool) {
        if said.spot.is_some() {
            return;
        }
        if is_said {
            open.talk.archive.overtake();
        }
        let has_ids = open.has(RoomFeature::StableIds);
        let talk = &mut open.talk;
        // What the user has said and was not seen yet has to come behind the cursor: it is looked for there.
        let stays = said.by.delayed || (talk.archive.followed.is_caught_up() && self.is_doubtful());
        match &said.stanza_id {
            Some(id) if !stays => {
                let history = &talk.history;
                let place = history.archived_place(id).or(history.newest_place());
                if let Some(place) = place {
                    talk.archive.followed.hear(Some((id, place)));
                }
            }
            None if is_said && !has_ids => talk.archive.followed.hear(None),
            // What a room gives no id, though it gives ids, is not in its archive.
            _ => {}
        }
        self.follow_up(open);
        self.note();
    }

    /// Whether the room may have something of the user's that it has not shown.
    fn is_doubtful(&self) -> bool {
        let outbox = self.outbox_of_all();
        outbox.is_ok_and(|outbox| outbox.is_doubtful(|| self.lane()))
    }

    /// What a message says that has just come; nothing before there is an account.
    pub(crate) fn read_live(&self, open: &mut State, from: &Jid, stanza: &Stanza) -> Option<Said> {
        let incoming = self.read(open, stanza, None)?;
        let by = open.author(from, &incoming);
        let has_ids = open.has(RoomFeature::StableIds);
        Some(Said {
            by,
            incoming,
            stanza_id: has_ids
                .then(|| wire::stanza_id(stanza, self.jid()))
                .flatten(),
            stanza: stanza.clone(),
            spot: None,
        })
    }

    fn read(
        &self,
        open: &State,
        stanza: &Stanza,
        sent_at: Option<DateTime<Utc>>,
    ) -> Option<Incoming> {
        Some(messages::read(&Envelope {
            stanza: stanza.clone(),
            from: stanza.from()?.clone(),
            peer: self.jid().clone(),
            sender: SentBy::Them,
            own: self.api.session().bare_jid()?,
            now: self.api.environment().clock.now(),
            sent_at,
            // An id that lasts counts only from a room that gives each message one, and takes away what others wrote there.
            has_stanza_ids: open.has(RoomFeature::StableIds),
            has_occupant_ids: open.has(RoomFeature::OccupantIds),
        }))
    }

    /// What a message of the room's archive says; nothing if it cannot have been said there (XEP-0313 §5.1.2: an archive speaks
    /// for its own occupants only).
    pub(super) fn read_archived(&self, open: &mut State, one: &Placed, spot: Spot) -> Option<Said> {
        let stanza = one.stanza.clone();
        let from = stanza.from()?.clone();
        let is_said = stanza.type_().as_deref() == Some("groupchat") && !wire::is_carbon(&stanza);
        if from.to_bare() != *self.jid() || !is_said {
            tracing::debug!(room = %self.jid(), "the archive has a message that no occupant can have sent");
            return None;
        }
        if wire::read_subject(&stanza, &from).is_some() {
            return None;
        }
        let mut incoming = self.read(open, &stanza, Some(one.time))?;
        if let Some(message) = &mut incoming.message {
            message.stanza_id = Some(one.id.clone());
        }
        if let Some(Fold::Correction(message)) = &mut incoming.fold {
            message.stanza_id = Some(one.id.clone());
        }
        let real = wire::real_jid(&stanza);
        let own = self.api.session().bare_jid();
        let by = open.archived_author(&from, &incoming, real.as_ref(), own.as_ref());
        Some(Said {
            stanza,
            incoming,
            by,
            stanza_id: Some(one.id.clone()),
            spot: Some(spot),
        })
    }
}
