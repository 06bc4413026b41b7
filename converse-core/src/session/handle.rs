//! The handle by which everybody else talks to the session.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use jid::{BareJid, Jid};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use crate::error::{Error, ErrorKind};
use crate::router::{Outcome, Outgoing, SessionNumber};
use crate::session::command::{Command, Post, Purpose, Status};
use crate::session::iq::{IqResult, ReplyHandler, ReplyTo, disconnected};
use crate::session::login::Login;
use crate::session::state::{ClientState, SessionState};
use crate::settings::Secret;
use crate::transport::Network;

/// A cheap, thread-safe handle to the session of an instance.
#[derive(Clone)]
pub struct Session {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) commands: mpsc::Sender<Command>,
    pub(crate) outbox: mpsc::Sender<Post>,
    pub(crate) state: watch::Receiver<SessionState>,
    pub(crate) jid: watch::Receiver<Option<Jid>>,
    pub(crate) account: watch::Receiver<Option<BareJid>>,
    pub(crate) network: Arc<dyn Network>,
    pub(crate) client_state: watch::Sender<ClientState>,
}

/// A handle that does not keep the session's task alive.
pub(crate) struct WeakSession {
    shared: Weak<Shared>,
}

impl WeakSession {
    pub(crate) fn upgrade(&self) -> Option<Session> {
        self.shared.upgrade().map(|shared| Session { shared })
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("state", &*self.shared.state.borrow())
            .finish_non_exhaustive()
    }
}

/// Tells, once, whether the server took a stanza.
///
/// With stream management (XEP-0198) that is the server's acknowledgement; without, that the connection took it, or for what
/// was [sent in one session](crate::Api::send_in) that the server answered a ping behind it.
/// Dropping it changes nothing for the stanza.
#[derive(Debug)]
pub struct Acknowledgement {
    id: Option<String>,
    settled: oneshot::Receiver<Outcome>,
}

impl Acknowledgement {
    /// The id with which the stanza went out.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Waits until the server has the stanza; a cut connection that is resumed only makes this take longer.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Disconnected`] when the session ended and nobody knows whether the stanza arrived.
    pub async fn acknowledged(self) -> Result<(), Error> {
        self.outcome().await.acknowledged()
    }

    /// The same, told apart by whether the stanza may have arrived.
    pub async fn outcome(self) -> Outcome {
        let lost = |_| Outcome::Unknown(disconnected());
        self.settled.await.unwrap_or_else(lost)
    }
}

impl Session {
    /// The state now.
    #[must_use]
    pub fn state(&self) -> SessionState {
        self.shared.state.borrow().clone()
    }

    /// Every state from now on, the present one first. A slow reader sees the newest.
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # async fn run(api: Api) {
    /// let mut states = api.session().watch();
    /// while states.changed().await.is_ok() {
    ///     println!("{}", *states.borrow_and_update());
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<SessionState> {
        self.shared.state.clone()
    }

    /// Whether stanzas flow now: `true` only between bind, or resumption, and loss.
    #[must_use]
    pub fn is_online(&self) -> bool {
        self.shared.state.borrow().is_online()
    }

    /// The full JID of the session; after a loss the last one, before the first login `None`.
    #[must_use]
    pub fn jid(&self) -> Option<Jid> {
        self.shared.jid.borrow().clone()
    }

    /// The own bare JID.
    #[must_use]
    pub fn bare_jid(&self) -> Option<BareJid> {
        self.shared.jid.borrow().as_ref().map(Jid::to_bare)
    }

    /// Whose session is up, is being worked on, or was last up; `None` before the first login and after a
    /// [`logout`](Self::logout). What is written meanwhile can wait for that account's next session.
    #[must_use]
    pub fn account(&self) -> Option<BareJid> {
        self.shared.account.borrow().clone()
    }

    /// Opens a session and keeps it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AuthFailed`] and other final refusals at once; when the server cannot be reached,
    /// [`ErrorKind::ConnectFailed`] after the setting `login_timeout`, while attempts go on if `auto_reconnect` is on.
    pub async fn login(&self, login: Login) -> Result<(), Error> {
        self.command(|done| Command::Login(login, done)).await
    }

    /// Closes the stream, after what was sent before has left and was acknowledged where that can be known soon. Without
    /// a session it does nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`] when the instance is gone.
    pub async fn disconnect(&self) -> Result<(), Error> {
        self.command(|done| Command::End(Purpose::Disconnect, done))
            .await
    }

    /// The same as [`disconnect`](Self::disconnect), announced as [`Logout`](crate::session::event::Logout).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`] when the instance is gone.
    pub async fn logout(&self) -> Result<(), Error> {
        self.command(|done| Command::End(Purpose::LogOut, done))
            .await
    }

    /// The machine's network changed: a waiting attempt starts now, a silent connection is tested now.
    pub async fn network_changed(&self) {
        // An instance that is gone has nothing to test.
        let _ = self.shared.commands.send(Command::NetworkChanged).await;
    }

    /// Connections from now on are made with this password.
    pub(crate) async fn renew_password(&self, password: Secret) {
        // An instance that is gone does not log in again.
        let _ = self
            .shared
            .commands
            .send(Command::NewPassword(password))
            .await;
    }

    /// Says that the password is about to be changed: who is refused with the old one tries this one, once. `None` takes that
    /// back.
    pub(crate) async fn password_may_be(&self, password: Option<Secret>) {
        // An instance that is gone does not log in again.
        let _ = self
            .shared
            .commands
            .send(Command::PasswordMayBe(password))
            .await;
    }

    /// Says that the account is about to be deleted: the server may end the stream for that, with or without a word, and no
    /// connection follows. What is returned is told once the account is gone; dropping it takes all this back.
    pub(crate) async fn expect_deletion(&self) -> Result<oneshot::Receiver<()>, Error> {
        let (tell, told) = oneshot::channel();
        let command = Command::ExpectDeletion(tell);
        let sent = self.shared.commands.send(command).await;
        sent.map_err(|_| gone())?;
        Ok(told)
    }

    /// Ends what is left of the session of an account that is gone.
    pub(crate) async fn end_deleted(&self) -> Result<(), Error> {
        self.command(|done| Command::End(Purpose::Deleted, done))
            .await
    }

    /// What a connection of its own is made with.
    pub(crate) fn network(&self) -> Arc<dyn Network> {
        Arc::clone(&self.shared.network)
    }

    /// Whether somebody looks at what the client shows, as the server is told.
    #[must_use]
    pub fn client_state(&self) -> ClientState {
        *self.shared.client_state.borrow()
    }

    /// Tells the server whether somebody looks at what the client shows, if it wants to know (XEP-0352).
    ///
    /// It is told on each connection: a new stream, also of a resumed session, begins as active (XEP-0352 §5).
    ///
    /// ```
    /// # use converse_core::prelude::*;
    /// use converse_core::session::ClientState;
    ///
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// let api = Converse::initialize(settings! {}).await?;
    /// api.session().set_client_state(ClientState::Inactive);
    /// assert_eq!(api.session().client_state(), ClientState::Inactive);
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_client_state(&self, state: ClientState) {
        self.shared.client_state.send_if_modified(|now| {
            let changes = *now != state;
            *now = state;
            changes
        });
    }

    /// Ends the session and the task behind it.
    pub(crate) async fn shut_down(&self) -> Result<(), Error> {
        self.command(|done| Command::End(Purpose::Stop, done)).await
    }

    /// A handle that does not keep the session's task alive.
    pub(crate) fn downgrade(&self) -> WeakSession {
        WeakSession {
            shared: Arc::downgrade(&self.shared),
        }
    }

    async fn command(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<(), Error>>) -> Command,
    ) -> Result<(), Error> {
        let (done, outcome) = oneshot::channel();
        self.shared
            .commands
            .send(command(done))
            .await
            .map_err(|_| gone())?;
        outcome.await.map_err(|_| gone())?
    }

    /// Hands a stanza to the session. It returns when there is room; order of calls is order on the wire.
    ///
    /// While a lost connection is being replaced, the stanza waits for the next one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Disconnected`] when there is no session and none is on its way.
    pub async fn send(&self, mut stanza: Outgoing) -> Result<Acknowledgement, Error> {
        let (settle, settled) = oneshot::channel();
        stanza.on_settled(settle);
        let id = stanza.id().map(ToOwned::to_owned);
        self.post(Post::Stanza(stanza)).await?;
        Ok(Acknowledgement { id, settled })
    }

    /// Hands over a stanza that goes out in one session and in no other; more at [`Api::send_in`](crate::Api::send_in).
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub async fn send_in(
        &self,
        session: SessionNumber,
        mut stanza: Outgoing,
    ) -> Result<Acknowledgement, Error> {
        stanza.keep_to(session);
        self.send(stanza).await
    }

    /// Sends without wanting to know how it ends.
    pub(crate) async fn send_untracked(&self, stanza: Outgoing) -> Result<(), Error> {
        self.post(Post::Stanza(stanza)).await
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stanza`] with a [`StanzaError`](crate::router::StanzaError) as its cause when the answer is an error,
    /// [`ErrorKind::Timeout`] after `deadline`, [`ErrorKind::Disconnected`] when the session ends first.
    pub async fn request(&self, stanza: Outgoing, deadline: Duration) -> IqResult {
        self.ask(stanza, deadline, ReplyTo::Waiter).await
    }

    /// As [`request`](Self::request), but an answer of type `error` is an answer.
    pub(crate) async fn request_whole(&self, stanza: Outgoing, deadline: Duration) -> IqResult {
        self.ask(stanza, deadline, ReplyTo::Whole).await
    }

    async fn ask(
        &self,
        stanza: Outgoing,
        deadline: Duration,
        reply_to: impl FnOnce(oneshot::Sender<IqResult>) -> ReplyTo,
    ) -> IqResult {
        if !stanza.is_request() {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                "iq: only get and set are requests",
            ));
        }
        let to = stanza
            .to()
            .map_or_else(|| "the own account".to_owned(), ToString::to_string);
        let (reply, answer) = oneshot::channel();
        let answered = async {
            self.post(Post::Request(stanza, reply_to(reply))).await?;
            answer.await.unwrap_or_else(|_| Err(disconnected()))
        };
        tokio::time::timeout(deadline, answered)
            .await
            .unwrap_or_else(|_| {
                Err(Error::new(
                    ErrorKind::Timeout,
                    format!("{to} did not answer within {} s", deadline.as_secs_f64()),
                ))
            })
    }

    /// Sends a request whose answer is handled in its place among the stanzas around it.
    pub(crate) async fn request_in_order(
        &self,
        stanza: Outgoing,
        handler: ReplyHandler,
        deadline: Duration,
    ) -> Result<(), Error> {
        let reply = ReplyTo::InOrder(handler, Instant::now() + deadline);
        self.post(Post::Request(stanza, reply)).await
    }

    async fn post(&self, post: Post) -> Result<(), Error> {
        if !self.shared.state.borrow().is_active() {
            return Err(not_connected());
        }
        self.shared.outbox.send(post).await.map_err(|_| gone())
    }

    /// The inside of the session, for diagnostics.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`] when the instance is gone.
    pub async fn status(&self) -> Result<Status, Error> {
        let (tell, told) = oneshot::channel();
        self.shared
            .commands
            .send(Command::Status(tell))
            .await
            .map_err(|_| gone())?;
        told.await.map_err(|_| gone())
    }

    /// Notes something about the session that holds as long as it does: a new process that resumes it finds it in
    /// [`SessionStarted::note`](crate::session::event::SessionStarted::note). `None` takes a note back. What is not to be kept (setting
    /// `keepalive`), and what is larger than 8 KiB, is not noted.
    ///
    /// The key begins with the plugin's name. A note that was made less than a second before the process was killed may be
    /// missing.
    pub async fn note(&self, key: &'static str, text: Option<String>) {
        // An instance that is gone has no session.
        let _ = self.shared.commands.send(Command::Note(key, text)).await;
    }

    /// A token of the present BOSH session; over TCP there is none.
    pub(crate) fn bosh_token(&self, _id: &str) -> Option<String> {
        None
    }

    /// For tests of what happens when the counters of stream management wrap.
    #[doc(hidden)]
    pub async fn preset_counters(&self, received: u32, sent: u32) {
        let _ = self
            .shared
            .commands
            .send(Command::PresetCounters { received, sent })
            .await;
    }
}

pub(crate) fn not_connected() -> Error {
    Error::new(ErrorKind::Disconnected, "there is no session: log in first")
}

fn gone() -> Error {
    Error::new(ErrorKind::Closed, "the instance has been torn down")
}
