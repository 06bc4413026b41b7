//! Stanzas through the API: sending, asking, hearing, answering.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::bus::{Dispatcher, Handled, Spawned, Work};
use crate::disco::Info;
use crate::error::Error;
use crate::router::{Handler, IntoStanza, Route, RouteId, Stanza};
use crate::session::{Acknowledgement, IqResult, SessionNumber};
use crate::settings::keys;

use super::Api;

/// A state that hears the answers to its requests in their order; see [`Api::iq_in_order`].
pub trait HearsAnswers<K>: 'static {
    /// Handles the answer to the request that `key` stands for.
    fn hear_answer(&mut self, key: K, answer: IqResult) -> impl Future<Output = Handled>;
}

struct AnswerTo<K> {
    key: K,
    answer: IqResult,
}

impl<T: HearsAnswers<K>, K: 'static> Work<T> for AnswerTo<K> {
    async fn work(self, state: &mut T) -> Handled {
        state.hear_answer(self.key, self.answer).await
    }
}

impl Api {
    /// Sends a stanza: an element, a builder, XML text, or a type of `xmpp-parsers`.
    ///
    /// It returns when the session has taken the stanza; the [`Acknowledgement`] tells whether it arrived. Order of calls
    /// is order on the wire. While a lost connection is being replaced, the stanza waits for the next one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) or [`ErrorKind::Xml`](crate::ErrorKind::Xml) when it is no stanza, [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected) when there is
    /// no session.
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # async fn run(api: Api) -> Result<(), Error> {
    /// let message = Element::builder("message", "jabber:client")
    ///     .attr("to", "juliet@capulet.example")
    ///     .child(Element::builder("body", "jabber:client").text("<But, soft!>"));
    /// let receipt = api.send(message).await?;
    /// receipt.acknowledged().await?;
    /// api.send("<presence><show>away</show></presence>").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send(&self, stanza: impl IntoStanza) -> Result<Acknowledgement, Error> {
        let stanza = stanza.into_stanza(&*self.inner.env.random)?;
        self.inner.session.send(stanza).await
    }

    /// Sends a stanza in one session and in no other: when that session is lost for good, the stanza is not sent again by itself,
    /// as [`send`](Self::send) does with messages, but its [outcome](Acknowledgement::outcome) tells whether it may have arrived.
    ///
    /// The number is that of the session's [`SessionStarted`](crate::session::event::SessionStarted). Without stream management
    /// (XEP-0198) the server is pinged (XEP-0199), once for a burst, and its answer acknowledges all that was sent before.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send). That the session is another one by now is no error but the outcome
    /// [`NotSent`](crate::session::Outcome::NotSent).
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// use converse_core::session::{Outcome, SessionNumber};
    ///
    /// # async fn run(api: Api, session: SessionNumber) -> Result<(), Error> {
    /// let message = "<message to='juliet@capulet.example'><body>But, soft!</body></message>";
    /// match api.send_in(session, message).await?.outcome().await {
    ///     Outcome::Acknowledged => println!("the server has it"),
    ///     Outcome::NotSent(_) => println!("it can be sent in the next session"),
    ///     Outcome::Unknown(_) => println!("the archive may know"),
    ///     _ => {}
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send_in(
        &self,
        session: SessionNumber,
        stanza: impl IntoStanza,
    ) -> Result<Acknowledgement, Error> {
        let stanza = stanza.into_stanza(&*self.inner.env.random)?;
        self.inner.session.send_in(session, stanza).await
    }

    /// Sends a stanza of which nobody wants to know whether it arrived.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub async fn send_untracked(&self, stanza: impl IntoStanza) -> Result<(), Error> {
        let stanza = stanza.into_stanza(&*self.inner.env.random)?;
        self.inner.session.send_untracked(stanza).await
    }

    /// Sends a request and waits for the answer, at most as long as the setting `iq_timeout` says.
    ///
    /// Only the addressee can answer: an answer from anybody else is ignored (RFC 6120 §8.2.3).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stanza`](crate::ErrorKind::Stanza) with the [`StanzaError`](crate::router::StanzaError) as its cause when the answer is an
    /// error, [`ErrorKind::Timeout`](crate::ErrorKind::Timeout), [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected), and those of [`send`](Self::send).
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # async fn run(api: Api) -> Result<(), Error> {
    /// let answer = api
    ///     .iq("<iq type='get' to='capulet.example'><query xmlns='jabber:iq:version'/></iq>")
    ///     .await?;
    /// let version = answer.child("query", "jabber:iq:version");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn iq(&self, request: impl IntoStanza) -> IqResult {
        let stanza = request.into_stanza(&*self.inner.env.random)?;
        let deadline = Duration::from_secs(self.inner.settings.read(&keys::IQ_TIMEOUT)?);
        self.inner.session.request(stanza, deadline).await
    }

    /// Asks an entity what it is and what it can (XEP-0030 §3.1), whatever is [known](Self::disco) about it.
    ///
    /// # Errors
    ///
    /// As [`iq`](Self::iq), and [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) when the answer cannot be read.
    pub async fn discover(&self, jid: &jid::Jid) -> Result<Info, Error> {
        let info = self.inner.disco.refresh(jid).await?;
        Ok(Arc::unwrap_or_clone(info))
    }

    /// Sends a request whose answer an actor hears in its place among the stanzas that it hears: what the server sent after
    /// the answer comes after it. `key` tells the actor which request it was.
    ///
    /// It returns when the session has taken the request. After the setting `iq_timeout`, or when the session ends, the
    /// actor hears an error instead.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub async fn iq_in_order<T, K>(
        &self,
        actor: &Spawned<T>,
        key: K,
        request: impl IntoStanza,
    ) -> Result<(), Error>
    where
        T: HearsAnswers<K>,
        K: Send + 'static,
    {
        let deadline = Duration::from_secs(self.inner.settings.read(&keys::IQ_TIMEOUT)?);
        self.iq_in_order_within(actor, key, request, deadline).await
    }

    /// As [`iq_in_order`](Self::iq_in_order), for a request whose answer may take another time than the setting `iq_timeout` says.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub async fn iq_in_order_within<T, K>(
        &self,
        actor: &Spawned<T>,
        key: K,
        request: impl IntoStanza,
        deadline: Duration,
    ) -> Result<(), Error>
    where
        T: HearsAnswers<K>,
        K: Send + 'static,
    {
        let stanza = request.into_stanza(&*self.inner.env.random)?;
        let actor = actor.clone();
        let handler = Box::new(move |dispatcher: &mut Dispatcher, answer: IqResult| {
            dispatcher.deliver_to(&actor, "iq answer", AnswerTo { key, answer });
        });
        self.inner
            .session
            .request_in_order(stanza, handler, deadline)
            .await
    }

    /// Hears the stanzas of a route, one after the other, in an inbox of its own.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Plugin`](crate::ErrorKind::Plugin) for a route of requests, which is for [`answer`](Self::answer).
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # fn run(api: &Api) -> Result<(), Error> {
    /// api.hear(Route::message().of_type(["chat"]), |message| async move {
    ///     println!("{:?} says {:?}", message.from(), message.body());
    ///     Ok(())
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn hear<F, Fut>(&self, route: Route, handler: F) -> Result<RouteId, Error>
    where
        F: Fn(Stanza) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Handled> + 'static,
    {
        let handler = Handler::Async(Arc::new(move |stanza| Box::pin(handler(stanza))));
        self.inner.router.add(
            route,
            self.inner.bus.inbox(Arc::clone(&self.owner)),
            handler,
        )
    }

    /// As [`hear`](Self::hear), for a handler that is done when it returns: the cheapest way to hear a stanza.
    ///
    /// # Errors
    ///
    /// As [`hear`](Self::hear).
    pub fn hear_sync<F>(&self, route: Route, handler: F) -> Result<RouteId, Error>
    where
        F: FnMut(&Stanza) -> Handled + Send + 'static,
    {
        let handler = Handler::Sync(Arc::new(std::sync::Mutex::new(handler)));
        self.inner.router.add(
            route,
            self.inner.bus.inbox(Arc::clone(&self.owner)),
            handler,
        )
    }

    /// Answers the requests of a route: the result's payload, or the error to answer with. A panic answers
    /// `internal-server-error`; who may not ask gets `service-unavailable`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Plugin`](crate::ErrorKind::Plugin) when another plugin answers them already.
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # fn run(api: &Api) -> Result<(), Error> {
    /// api.answer(Route::iq_get("jabber:iq:version").from(Sender::Contact), |_| async {
    ///     let name = Element::builder("name", "jabber:iq:version").text("Verona");
    ///     Ok(Some(Element::builder("query", "jabber:iq:version").child(name)))
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn answer<F, Fut>(&self, route: Route, handler: F) -> Result<RouteId, Error>
    where
        F: Fn(Stanza) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = crate::router::Answer> + 'static,
    {
        let handler = Handler::Request(Arc::new(move |stanza| Box::pin(handler(stanza))));
        self.inner.router.add(
            route,
            self.inner.bus.inbox(Arc::clone(&self.owner)),
            handler,
        )
    }

    /// Ends a route; an unknown one is no error.
    pub fn end_route(&self, route: RouteId) {
        self.inner.router.remove(route);
    }
}
