//! The actor: puts what comes into chats.
//!
//! The way of a stanza: is it a copy ([`Arrival`]), whose is it ([`Envelope`]), what does it say ([`wire::read`]), may it come in, then into its chat as a
//! message of its own or folded into another.

mod arriving;
mod catching_up;
mod copies;
mod filed;
mod holding;
mod looking_up;
mod pages;
mod signals;
mod taking;

use std::sync::Arc;

use converse_core::BoxError;
use converse_core::api::{Api, StoreCleared};
use converse_core::bus::{Handled, Hears, Transforms};
use converse_core::disco::ServiceDiscovered;
use converse_core::ns;
use converse_core::router::{HearsStanzas, Stanza, StanzaError};
use converse_core::session::Checkpoint;
use converse_core::session::event::SessionStarted;
use jid::{BareJid, Jid};

use crate::api::Chat;
use crate::carbons::Side;
use crate::keeping;
use crate::message::ChatBoxesFetched;
use crate::model::{Kind, Registry};
use crate::settings::FILTER_BY_RESOURCE;
use converse_messages::model::{Author, Change, Message, MessageKind};
use converse_messages::outbox::{LaneKind, Outbox};
use converse_messages::wire::{Envelope, Incoming};
use copies::Arrival;
pub(crate) use filed::{Filed, Reach};
pub(crate) use pages::Run;

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

/// Nothing is kept for the account any more, and nothing of it is to be seen.
impl Hears<StoreCleared> for ChatActor {
    async fn hear(&mut self, event: Arc<StoreCleared>) -> Handled {
        let registry = Arc::clone(&self.registry);
        let _taking = registry.archive.taking.lock().await;
        if let Some(outbox) = self.api.provided::<Outbox>() {
            outbox.clear(&event.account).await;
        }
        keeping::clear(&self.api, &self.registry, &event.account).await;
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
        if self.holds_what_no_archive_has() {
            let registry = Arc::clone(&self.registry);
            let _taking = registry.archive.taking.lock().await;
            self.release().await;
        }
        if let Some(outbox) = self.api.provided::<Outbox>() {
            outbox.flush().await?;
        }
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
        if registry.archive.lock().held.is_holding() {
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
