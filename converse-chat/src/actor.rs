//! The actor: puts what comes into chats.
//!
//! The way of a stanza: is it a copy ([`Arrival`]), whose is it ([`Envelope`]), what does it say ([`wire::read`]), may it come in, then into its chat as a
//! message of its own or folded into another.

mod catching_up;
mod copies;
mod filed;
mod looking_up;
mod signals;

use std::sync::Arc;

use converse_core::api::Api;
use converse_core::bus::{Handled, Hears, Transforms};
use converse_core::contract::Standing;
use converse_core::disco::ServiceDiscovered;
use converse_core::ns;
use converse_core::router::{HearsStanzas, Stanza, StanzaError};
use converse_core::session::Checkpoint;
use converse_core::session::event::SessionStarted;
use converse_core::{BoxError, Error};
use jid::{BareJid, Jid};

use crate::api::{Chat, standing};
use crate::carbons::Side;
use crate::keeping;
use crate::line::ChatLine;
use crate::message::{ChatBoxesFetched, MessageAdded, MessageReceived};
use crate::model::{Kind, Registry, State};
use crate::settings::{ALLOW_NON_ROSTER_MESSAGING, FILTER_BY_RESOURCE};
pub(crate) use catching_up::{ARCHIVES, Run};
use converse_messages::model::{
    Added, Author, Change, Delivery, Fold, Folded, Message, MessageId, MessageKind, SentBy, Update,
    Whose,
};
use converse_messages::outbox::{Lane, LaneKind, Line, Outbox};
use converse_messages::wire::{self, Envelope, Incoming};
use copies::Arrival;
pub(crate) use filed::Filed;

/// A message that came, and how.
struct Letter {
    envelope: Envelope,
    /// Another client of the account sent or received it, and this one got a copy.
    copied: Option<Side>,
    /// It comes from the archive, where it stands there.
    filed: Option<Filed>,
}

impl Letter {
    /// Whether it is news, and not only read again.
    fn is_news(&self) -> bool {
        self.filed.as_ref().is_none_or(|filed| filed.is_news)
    }

    /// Who says something of a message.
    fn author(&self, incoming: &Incoming) -> Author {
        let Envelope { sender, from, .. } = &self.envelope;
        Author {
            delayed: incoming.delayed,
            ..Author::of_side(*sender, from.to_bare(), incoming.time)
        }
    }
}

/// What a message says, and what is known of it.
struct Said {
    incoming: Incoming,
    message: Option<Message>,
    /// What is to become of another message.
    change: Option<Change>,
    /// Whoever wrote is known.
    wanted: bool,
    /// The store had the message already, or what was changed, and nothing is left to be done.
    is_known: bool,
}

pub(crate) struct ChatActor {
    api: Api,
    registry: Arc<Registry>,
    _end: Option<End>,
}

impl ChatActor {
    pub(crate) fn new(api: Api, registry: Arc<Registry>) -> Self {
        let end = Some(End(Arc::clone(&registry)));
        Self {
            api,
            registry,
            _end: end,
        }
    }

    /// Somebody beside the actor who puts messages into chats as it does.
    pub(crate) fn aside(api: &Api, registry: &Arc<Registry>) -> Self {
        Self {
            api: api.clone(),
            registry: Arc::clone(registry),
            _end: None,
        }
    }
}

/// The instance ends: nobody waits for anything any more.
struct End(Arc<Registry>);

impl Drop for End {
    fn drop(&mut self) {
        for chat in self.0.all(Kind::Chat) {
            chat.any().follower = None;
        }
    }
}

// 1 events heard

impl Hears<SessionStarted> for ChatActor {
    async fn hear(&mut self, event: Arc<SessionStarted>) -> Handled {
        // What comes meanwhile waits in the inbox.
        let registry = Arc::clone(&self.registry);
        let _taking = registry.archive.taking.lock().await;
        // What waited in the session before came in that one.
        self.release().await;
        keeping::begin(&self.api, &self.registry).await;
        let outbox = self.api.provided::<Outbox>();
        if let Some(outbox) = &outbox {
            outbox.restore(LaneKind::Chat).await;
        }
        if event.begins_empty() {
            self.registry.set_stanza_ids(false);
            let open = self.registry.all(Kind::Chat);
            let items = open
                .into_iter()
                .map(|chat| Chat::new(&self.api, &self.registry, chat))
                .collect();
            self.api.publish(ChatBoxesFetched { items });
        }
        self.begin_session(&event)?;
        if let Some(outbox) = &outbox {
            outbox.wake_all();
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

/// The server is told that something was handled when it is kept.
impl Transforms<Checkpoint> for ChatActor {
    async fn transform(&mut self, checkpoint: Checkpoint) -> Result<Checkpoint, BoxError> {
        keeping::flush(&self.registry).await?;
        Ok(checkpoint)
    }
}

// 2 stanzas

impl HearsStanzas for ChatActor {
    async fn hear_stanza(&mut self, stanza: Stanza) -> Handled {
        if stanza.type_().as_deref() == Some("groupchat") {
            return Ok(());
        }
        let registry = Arc::clone(&self.registry);
        let Err(stanza) = registry.archive.hold(stanza) else {
            return Ok(());
        };
        let _taking = registry.archive.taking.lock().await;
        if registry.archive.lock().is_holding() {
            // There is no room for it: then nothing waits any longer.
            self.release().await;
        }
        self.hear_live(stanza).await
    }
}

// 3 the way of a message

impl ChatActor {
    async fn hear_live(&self, stanza: Stanza) -> Handled {
        let Some(own) = self.api.session().jid() else {
            return Ok(());
        };
        if is_for_another(&stanza, &own) && self.api.settings().read(&FILTER_BY_RESOURCE)? {
            return Ok(());
        }
        let account = own.to_bare();
        let Some(arrival) = self.arrival(stanza, &own, &account) else {
            return Ok(());
        };
        if self.is_invitation(&arrival) {
            return Ok(());
        }
        let Some(arrival) = self.hand_over(arrival, None) else {
            return Ok(());
        };
        let is_error = arrival.stanza.type_().as_deref() == Some("error");
        let letter = self.letter(arrival, account, None);
        if is_error {
            self.take_error(&letter);
            return Ok(());
        }
        let Some(said) = self.read(&letter)? else {
            return Ok(());
        };
        self.take_said(&letter, said).await;
        self.keep_cursor();
        Ok(())
    }

    fn letter(&self, arrival: Arrival, own: BareJid, filed: Option<Filed>) -> Letter {
        let (from, peer, sender) = arrival.parties(&own);
        let envelope = Envelope {
            stanza: arrival.stanza,
            from,
            peer,
            sender,
            now: self.api.environment().clock.now(),
            sent_at: arrival.sent_at,
            has_stanza_ids: filed.is_none() && self.registry.has_stanza_ids(),
            has_occupant_ids: false,
            own,
        };
        Letter {
            envelope,
            copied: arrival.copied,
            filed,
        }
    }

    /// What a message says, if it may come in.
    fn read(&self, letter: &Letter) -> Result<Option<Said>, Error> {
        let mut incoming = wire::read(&letter.envelope);
        if incoming.is_from_room {
            return Ok(None);
        }
        let standing = standing(&self.api, &letter.envelope.peer);
        let trusted = letter.envelope.sender == SentBy::Me
            || is_server(&letter.envelope.peer, &letter.envelope.own);
        self.take_delivery(letter, &incoming);
        let mut message = incoming.message.take();
        if let Some(filed) = &letter.filed {
            // What somebody did then is long over.
            incoming.state = None;
            filed.mark_all(message.as_mut(), incoming.fold.as_mut());
        }
        let change = self.change(letter, &mut incoming);
        // Without a roster everybody may write.
        if (message.is_some() || change.is_some())
            && !trusted
            && standing == Standing::Stranger
            && !self.api.settings().read(&ALLOW_NON_ROSTER_MESSAGING)?
        {
            tracing::debug!(from = %letter.envelope.peer, "a message of somebody who is no contact is ignored");
            return Ok(None);
        }
        Ok(Some(Said {
            incoming,
            message,
            change,
            wanted: trusted || matches!(standing, Standing::Contact(_)),
            is_known: false,
        }))
    }

    /// Does with a message what it says; whether it is new.
    fn take(&self, letter: &Letter, said: Said) -> bool {
        let Said {
            incoming,
            message,
            change,
            wanted,
            is_known,
        } = said;
        let sent = self.archived_of_own(letter, &incoming, message.as_ref());
        if message.is_none() && change.is_none() && !is_known {
            self.take_state(letter, &incoming);
            self.acknowledge(letter, &incoming);
            return false;
        }
        if let Some(change) = change {
            self.take_change(letter, &incoming, change, wanted);
        }
        let is_message = message.is_some();
        let is_new =
            message.is_none_or(|message| self.take_message(letter, &incoming, message, wanted));
        // Only what comes for the first time (XEP-0184 §5.5).
        if is_new && !is_known {
            self.acknowledge(letter, &incoming);
        }
        self.note_arrived(letter, &sent);
        is_message && is_new
    }

    /// By which ids something may wait to be sent that the archive has.
    fn archived_of_own(
        &self,
        letter: &Letter,
        incoming: &Incoming,
        message: Option<&Message>,
    ) -> Vec<String> {
        if letter.filed.is_none() || letter.envelope.sender != SentBy::Me {
            return Vec::new();
        }
        let origin = message.and_then(|message| message.origin_id.as_deref());
        let id = incoming.id.as_ref().map(MessageId::as_str);
        let ids = id.into_iter().chain(origin);
        ids.map(ToOwned::to_owned).collect()
    }

    /// What the archive has of the user has arrived.
    fn note_arrived(&self, letter: &Letter, ids: &[String]) {
        let Some(outbox) = self.api.provided::<Outbox>().filter(|_| !ids.is_empty()) else {
            return;
        };
        let jid = letter.envelope.peer.clone();
        let lane = Lane::chat(&jid);
        for id in ids {
            if outbox.arrived(&lane, id) {
                let (api, registry) = (self.api.clone(), Arc::clone(&self.registry));
                let line: &dyn Line = &ChatLine {
                    api,
                    registry,
                    jid: jid.clone(),
                };
                line.set_delivery(id, Delivery::Acknowledged, None);
            }
        }
    }

    fn change(&self, letter: &Letter, incoming: &mut Incoming) -> Option<Change> {
        if let Some((id, reason)) = incoming.refused.take()
            && let Some(chat) = self.registry.get(Kind::Chat, &letter.envelope.peer)
        {
            let chat = Chat::new(&self.api, &self.registry, chat);
            chat.refuse(&id, letter.envelope.from.to_bare(), reason);
        }
        let fold = incoming.fold.take()?;
        let by = letter.author(incoming);
        let id = incoming.id.clone();
        Some(Change { by, id, fold })
    }

    fn take_message(
        &self,
        letter: &Letter,
        incoming: &Incoming,
        mut message: Message,
        wanted: bool,
    ) -> bool {
        let kind = kind_of(message.kind);
        note_copy(letter, &mut message);
        let mut is_new = false;
        self.with_chat(kind, &letter.envelope.peer, wanted, |chat, open| {
            let added = self.add(open, letter, message);
            if matches!(added, Added::Duplicate | Added::Moved(_)) {
                return;
            }
            is_new = true;
            if letter.is_news() {
                self.note_activity(chat, open, letter, incoming, matches!(added, Added::New(_)));
                // In the order of the history, while nobody else can add to it.
                let stanza = letter.envelope.stanza.clone();
                self.api.publish(MessageReceived::new(stanza, chat.clone()));
            }
            match added {
                Added::New(message) => {
                    self.api.publish(MessageAdded::new(chat.clone(), message));
                }
                Added::Completed(message) => chat.announce_update(message, Update::Corrected),
                Added::Retracted(message) => chat.announce_update(message, Update::Retracted),
                Added::Reflected(_) | Added::Moved(_) | Added::Duplicate => {}
            }
        });
        is_new
    }

    /// Adds a message to the history, where the archive has it if it comes from there.
    fn add(&self, open: &mut State, letter: &Letter, message: Message) -> Added {
        let whose = Whose::Side(message.sender);
        if let Some(filed) = &letter.filed {
            let spot = filed.spot(&open.history);
            return open.history.add_archived(message, whose, spot);
        }
        let (sender, id) = (message.sender, message.stanza_id.clone());
        let added = open.history.add_of(message, whose);
        self.note_live(&open.history, sender, id.as_deref());
        added
    }

    fn take_change(&self, letter: &Letter, incoming: &Incoming, change: Change, wanted: bool) {
        let kind = kind_of(incoming.kind);
        let is_text = matches!(change.fold, Fold::Correction(_));
        if !is_text && self.registry.get(kind, &letter.envelope.peer).is_none() {
            // What opens no chat waits until something does.
            self.registry.note_early(&letter.envelope.peer, change);
            return;
        }
        self.with_chat(kind, &letter.envelope.peer, wanted, |chat, open| {
            let about = chat.about(&change);
            let folded = open.history.fold(change);
            if let (Folded::Added(message), Some(filed)) = (&folded, &letter.filed) {
                // It stands for what it corrects, which is not here.
                let spot = filed.spot(&open.history);
                let whose = Whose::Side(message.sender);
                open.history
                    .add_archived(Message::clone(message), whose, spot);
            }
            if is_text
                && letter.is_news()
                && matches!(folded, Folded::Added(_) | Folded::Changed(_))
            {
                let is_new = matches!(folded, Folded::Added(_));
                self.note_activity(chat, open, letter, incoming, is_new);
                let stanza = letter.envelope.stanza.clone();
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
            chat.touch(&open);
            drop(open);
            if is_new && !wanted {
                chat.note_unwanted();
            }
            return;
        }
    }

    /// A message could not be delivered (RFC 6120 §8.3); an error for one that was not sent from here says nothing.
    fn take_error(&self, letter: &Letter) {
        let (Some(id), Some(chat)) = (
            letter.envelope.stanza.id(),
            self.registry.get(Kind::Chat, &letter.envelope.peer),
        ) else {
            return;
        };
        let error = StanzaError::of(letter.envelope.stanza.root());
        let chat = Chat::new(&self.api, &self.registry, chat);
        chat.fail(&id, &error.into());
    }
}

/// What another client has sent is with the server, or that could make no copy.
fn note_copy(letter: &Letter, message: &mut Message) {
    if letter.copied == Some(Side::Sent) {
        message.delivery = Some(Delivery::Acknowledged);
    }
}

/// Whether a stanza is for another client of the account, and came here all the same.
fn is_for_another(stanza: &Stanza, own: &Jid) -> bool {
    let resource = stanza.to().and_then(Jid::resource);
    resource.is_some() && resource != own.resource()
}

/// Where a message of that kind belongs.
fn kind_of(kind: MessageKind) -> Kind {
    match kind {
        MessageKind::Headline => Kind::Headlines,
        _ => Kind::Chat,
    }
}

fn is_server(peer: &BareJid, own: &BareJid) -> bool {
    peer.node().is_none() && peer.domain() == own.domain()
}
