//! Publishing and following things about people (XEP-0060, as XEP-0163 has it: the personal eventing protocol).
//!
//! Every account has nodes of its own: its avatar, its nickname, its bookmarks. [`Api::pubsub`] publishes to them and
//! reads those of others; [`Pubsub::on`] hears what is published.
//!
//! Each publication says who may read the node, and goes through only if the node is like that (XEP-0060 §7.1.5): what is
//! private never lands on a node that everybody can read.

mod event;
mod item;
mod options;
mod preconditions;
mod wire;

use std::future::Future;

use jid::BareJid;

use crate::api::Api;
use crate::bus::Handled;
use crate::error::{Error, ErrorKind};
use crate::ns;
use crate::router::{Condition, Route, RouteId, Sender, StanzaError};
use crate::session::IqResult;
use crate::xml::{Child, ElementBuilder};

pub use event::PepEvent;
pub use item::{Item, Items, MAX_ITEMS};
pub use options::{AccessModel, PublishOptions};

impl Api {
    /// The nodes of the own account, and of others (XEP-0060, XEP-0163).
    #[must_use]
    pub fn pubsub(&self) -> Pubsub {
        Pubsub { api: self.clone() }
    }
}

/// The **pubsub** grouping.
#[derive(Debug, Clone)]
pub struct Pubsub {
    api: Api,
}

impl Pubsub {
    /// Publishes `payload` to a node of the own account, as the item `id`; an item of that id is replaced. Without an `id`
    /// the server makes one. Gives the item's id. The node is created if it is not there.
    ///
    /// The options are preconditions (XEP-0060 §7.1.5). A node that exists and does not fit is reconfigured, and the item is
    /// published again, again on these conditions. Where the service knows only some of them, the node is configured, and
    /// who may read it is still a condition: the item is never published without that. A node that is to
    /// [keep all its items](PublishOptions::keeping_all) and cannot be made to gets none more, for that could cost it another.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] when not everybody may read the node and the server does not check preconditions: nothing
    /// is sent then. [`ErrorKind::InvalidArgument`] for a node or an id that is empty or too long,
    /// and those of [`Api::iq`].
    ///
    /// ```no_run
    /// use converse_core::prelude::*;
    /// use converse_core::pubsub::PublishOptions;
    ///
    /// # async fn run(api: Api) -> Result<(), Error> {
    /// let nick = Element::builder("nick", "http://jabber.org/protocol/nick").text("Romeo");
    /// let options = PublishOptions::open();
    /// api.pubsub().publish("http://jabber.org/protocol/nick", Some("current"), nick, &options).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn publish(
        &self,
        node: &str,
        id: Option<&str>,
        payload: impl Into<Child>,
        options: &PublishOptions,
    ) -> Result<String, Error> {
        check("publish", "node", node)?;
        if let Some(id) = id {
            check("publish", "id", id)?;
        }
        let payload = payload.into();
        let checked = self.checks_preconditions().await?;
        if !checked && options.access() != AccessModel::Open {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "publish: the server cannot keep `{}` from whoever may not read it (XEP-0060 §7.1.5)",
                    node.escape_debug()
                ),
            ));
        }
        let publication =
            |options: Option<&PublishOptions>| wire::publish(node, id, payload.clone(), options);
        let answer = if checked {
            self.publish_on(node, options, publication).await?
        } else {
            self.set(publication(None)).await?
        };
        let given = wire::published(answer.root());
        Ok(given.or(id.map(ToOwned::to_owned)).unwrap_or_default())
    }

    /// Gives a node of the own account this configuration (XEP-0060 §8.2); what the options do not say stays.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] for a node that is empty or too long, and those of [`Api::iq`].
    pub async fn configure(&self, node: &str, options: &PublishOptions) -> Result<(), Error> {
        check("configure", "node", node)?;
        self.set(wire::configure(node, options)).await.map(drop)
    }

    /// The items of a node, newest last as most servers give them; malformed ones are left out.
    ///
    /// A node that is not there has none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] for a node that is empty or too long, [`ErrorKind::InvalidResponse`] for an answer
    /// that cannot be read, and those of [`Api::iq`].
    ///
    /// ```no_run
    /// use converse_core::prelude::*;
    /// use converse_core::pubsub::Items;
    ///
    /// # async fn run(api: Api, juliet: BareJid) -> Result<(), Error> {
    /// let node = "http://jabber.org/protocol/nick";
    /// let newest = api.pubsub().items(&juliet, node, Items::newest(1)).await?;
    /// let nick = newest.first().and_then(|item| item.payload.as_ref());
    /// println!("{:?}", nick.map(|nick| nick.text()));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn items(&self, jid: &BareJid, node: &str, which: Items) -> Result<Vec<Item>, Error> {
        check("items", "node", node)?;
        let own = self.api.session().bare_jid();
        let other = Some(jid).filter(|jid| own.as_ref() != Some(*jid));
        match self.api.iq(wire::items(other, node, &which)).await {
            Ok(answer) => wire::read_items(answer.root(), node).ok_or_else(|| {
                Error::new(
                    ErrorKind::InvalidResponse,
                    "items: the answer has no items of this node in it",
                )
            }),
            Err(error) if condition(&error) == Some(Condition::ItemNotFound) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Removes an item from a node of the own account, and tells those who follow it (XEP-0060 §7.2). One that is not there
    /// is no error.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] for a node or an id that is empty or too long, and those of [`Api::iq`].
    pub async fn retract(&self, node: &str, id: &str) -> Result<(), Error> {
        check("retract", "node", node)?;
        check("retract", "id", id)?;
        missing_is_fine(self.set(wire::retract(node, id)).await)
    }

    /// Removes a node of the own account with all its items (XEP-0060 §8.4). One that is not there is no error.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] for a node that is empty or too long, and those of [`Api::iq`].
    pub async fn delete(&self, node: &str) -> Result<(), Error> {
        check("delete", "node", node)?;
        missing_is_fine(self.set(wire::delete(node)).await)
    }

    /// Hears what is published to a node, one event after the other, and announces that this client wants to
    /// (`node+notify`, XEP-0163 §4.3): contacts' servers send then what is new.
    ///
    /// `sender` is [`Sender::OwnAccount`] for nodes of the user's own, or [`Sender::Contact`] for those of contacts too. An event
    /// comes from somebody's bare address or is not heard, and it is about the account that sends it, whatever is in it.
    ///
    /// An actor hears the same with [`Route::pep`], [`PepEvent::read`] and
    /// [`Features::notify`](crate::disco::Features::notify).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] for a node that is empty or too long.
    ///
    /// ```
    /// use converse_core::prelude::*;
    ///
    /// # #[actix::main]
    /// # async fn main() -> Result<(), Error> {
    /// let api = Converse::initialize(settings! {}).await?;
    /// let node = "http://jabber.org/protocol/nick";
    /// api.pubsub().on(node, Sender::Contact, |event| async move {
    ///     println!("{} has {} new items", event.from, event.items.len());
    ///     Ok(())
    /// })?;
    /// assert!(api.features().contains("http://jabber.org/protocol/nick+notify"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn on<F, Fut>(&self, node: &str, sender: Sender, handler: F) -> Result<RouteId, Error>
    where
        F: Fn(PepEvent) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Handled> + 'static,
    {
        check("on", "node", node)?;
        let handler = std::sync::Arc::new(handler);
        let own = self.api.session().downgrade();
        let route = self
            .api
            .hear(Route::pep(node).from(sender), move |stanza| {
                let own = own.upgrade().and_then(|session| session.bare_jid());
                let event = own.and_then(|own| PepEvent::read(&stanza, &own));
                let handler = std::sync::Arc::clone(&handler);
                async move {
                    match event {
                        Some(event) => handler(event).await,
                        None => Ok(()),
                    }
                }
            })?;
        self.api.features().notify(node);
        Ok(route)
    }

    /// Whether the own account's service checks the preconditions of a publication.
    async fn checks_preconditions(&self) -> Result<bool, Error> {
        match self.api.disco().account().await {
            Ok(info) => Ok(info.has(ns::PUBSUB_PUBLISH_OPTIONS)),
            // Who does not say what it can, cannot.
            Err(error) if error.kind() == ErrorKind::Stanza => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn set(&self, pubsub: ElementBuilder) -> IqResult {
        self.api.iq(wire::request("set", None, pubsub)).await
    }
}

/// The longest node or id, in bytes; a JID can be an id, and has at most 3,071.
const LONGEST_NAME: usize = 4_096;

fn check(call: &str, argument: &str, text: &str) -> Result<(), Error> {
    if (1..=LONGEST_NAME).contains(&text.len()) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidArgument,
        format!("{call}: `{argument}` has 1 to {LONGEST_NAME} bytes"),
    ))
}

fn condition(error: &Error) -> Option<Condition> {
    error.cause::<StanzaError>().map(|error| error.condition)
}

fn missing_is_fine(answer: IqResult) -> Result<(), Error> {
    match answer {
        Err(error) if condition(&error) != Some(Condition::ItemNotFound) => Err(error),
        _ => Ok(()),
    }
}
