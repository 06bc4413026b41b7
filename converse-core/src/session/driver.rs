//! The task that keeps a session up: attempts, waits, and what happens between connections.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jid::Jid;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};

use crate::bus::Bus;
use crate::env::Environment;
use crate::error::{Error, ErrorKind};
use crate::ns;
use crate::router::{Router, StanzaKind};
use crate::sasl::Mechanism;
use crate::session::backoff::Backoff;
use crate::session::command::{Command, Done, Ends, Post, Purpose, Status};
use crate::session::config::Config;
use crate::session::event::{
    Connected, Disconnected, Initialized, Logout, NoResumeableSession, Reconnected, Reconnecting,
    SessionStarted, SessionStateChanged,
};
use crate::session::failure::Failure;
use crate::session::handle::not_connected;
use crate::session::iq::{PendingRequests, disconnected};
use crate::session::login::Login;
use crate::session::negotiate::{self, Resumption};
use crate::session::online::Ended;
use crate::session::sm::{StreamManagement, Unacked};
use crate::session::state::{SessionState, Terminal};
use crate::session::stream::Stream;
use crate::settings::{Settings, keys};
use crate::transport::{self, Network, TlsInfo};
use crate::xml::Element;

/// How often a server may send us elsewhere before we stop following (RFC 6120 §4.9.3.19).
const MAX_REDIRECTS: u32 = 5;
/// A session that lasted this long was really up: the next loss starts with short waits again.
const STABLE_AFTER: Duration = Duration::from_secs(60);
/// How long a polite goodbye may take when a negotiation failed.
const GOODBYE: Duration = Duration::from_secs(1);

/// Everything of the session but the commands, so that an attempt can be interrupted by one.
pub(crate) struct Core {
    pub(crate) settings: Settings,
    pub(crate) env: Environment,
    pub(crate) network: Arc<dyn Network>,
    pub(crate) bus: Bus,
    pub(crate) router: Router,
    pub(crate) outbox: mpsc::Receiver<Post>,
    pub(crate) state: watch::Sender<SessionState>,
    pub(crate) jid: watch::Sender<Option<Jid>>,
    pub(crate) sm: StreamManagement,
    pub(crate) pending: PendingRequests,
    /// Messages that a session took with it when it could not be resumed; the next session sends them again.
    pub(crate) resend: VecDeque<Unacked>,
    /// The mechanism of the last login with a password at each domain, below which the next one there does not go.
    mechanisms: HashMap<String, Mechanism>,
}

pub(crate) struct Driver {
    commands: mpsc::Receiver<Command>,
    core: Core,
}

/// A session that can carry stanzas.
pub(crate) struct Up {
    pub(crate) stream: Stream,
    jid: Jid,
    resumed: bool,
    features: Element,
}

/// What happened to an attempt.
enum Attempt {
    Ended(Result<Up, Failure>),
    Stopped(Purpose, Done),
    /// Every handle is gone.
    Abandoned,
}

/// What happened to a wait.
enum Wait {
    Over,
    Stopped(Purpose, Done),
    Abandoned,
}

/// What is kept from attempt to attempt of one login.
struct Campaign {
    login: Login,
    done: Option<Done>,
    deadline: Instant,
    backoff: Backoff,
    failed: u32,
    redirects: u32,
    redirect: Option<String>,
    was_up: bool,
    last_error: Option<Error>,
}

impl Campaign {
    fn answer(&mut self, outcome: Result<(), Error>) {
        if let Some(done) = self.done.take() {
            // The caller may have stopped waiting.
            let _ = done.send(outcome);
        }
    }

    fn deadline_passed(&mut self) {
        let error = match self.last_error.take() {
            Some(error) => Error::new(
                ErrorKind::ConnectFailed,
                format!(
                    "no session within the login's deadline: {}",
                    error.to_line()
                ),
            )
            .with_source(error),
            None => Error::new(
                ErrorKind::ConnectFailed,
                "no session within the login's deadline",
            ),
        };
        self.answer(Err(error));
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "called once, by the actor that owns the parts"
)]
impl Driver {
    pub(crate) fn new(
        settings: Settings,
        env: Environment,
        network: Arc<dyn Network>,
        bus: Bus,
        router: Router,
        commands: mpsc::Receiver<Command>,
        outbox: mpsc::Receiver<Post>,
        state: watch::Sender<SessionState>,
        jid: watch::Sender<Option<Jid>>,
    ) -> Self {
        Self {
            commands,
            core: Core {
                settings,
                env,
                network,
                bus,
                router,
                outbox,
                state,
                jid,
                sm: StreamManagement::default(),
                pending: PendingRequests::default(),
                resend: VecDeque::new(),
                mechanisms: HashMap::new(),
            },
        }
    }
}

impl Driver {
    /// Runs until every handle is gone.
    pub(crate) async fn run(&mut self) {
        loop {
            tokio::select! {
                command = self.commands.recv() => match command {
                    None => return,
                    Some(Command::Login(login, done)) => {
                        if !self.keep_up(login, done).await { return }
                    }
                    Some(Command::End(purpose, done)) => {
                        if purpose == Purpose::LogOut {
                            self.core.bus.promises().end_session();
                            self.core.bus.publish(Logout {});
                        }
                        let _ = done.send(Ok(()));
                        if purpose == Purpose::Stop { return }
                    }
                    Some(Command::Status(tell)) => { let _ = tell.send(self.core.status()); }
                    Some(Command::NetworkChanged | Command::PresetCounters { .. }) => {}
                },
                Some(post) = self.core.outbox.recv() => post.fail(&self.core.bus, not_connected),
            }
        }
    }

    /// After a panic: nobody may wait for an answer that will not come.
    pub(crate) fn recover(&mut self) {
        self.core.abandon(&disconnected);
        self.core.set_state(SessionState::Disconnected);
        self.core.bus.publish(Disconnected {
            reason: None,
            text: Some("the session failed unexpectedly".to_owned()),
        });
    }

    /// Keeps a session up until somebody ends it or it cannot be; `false` when every handle is gone.
    async fn keep_up(&mut self, login: Login, done: Done) -> bool {
        let config = match Config::read(&self.core.settings) {
            Ok(config) => config,
            Err(error) => {
                let _ = done.send(Err(error));
                return true;
            }
        };
        let mut campaign = Campaign {
            login,
            done: Some(done),
            deadline: Instant::now() + config.login_timeout,
            backoff: Backoff::new(config.reconnect_min, config.reconnect_max),
            failed: 0,
            redirects: 0,
            redirect: None,
            was_up: false,
            last_error: None,
        };
        loop {
            if campaign.was_up {
                self.core.bus.publish(Reconnecting {
                    attempt: campaign.failed,
                });
            }
            let failure = match self.attempt(&mut campaign).await {
                Attempt::Ended(Ok(up)) => {
                    campaign.redirects = 0;
                    let since = Instant::now();
                    let ended = self.carry(up, &mut campaign).await;
                    if since.elapsed() >= STABLE_AFTER {
                        campaign.backoff.reset();
                        campaign.failed = 0;
                    }
                    match ended {
                        Ended::Lost(failure) => failure,
                        Ended::Closed(ends) => return self.core.end_quietly(ends),
                    }
                }
                Attempt::Ended(Err(failure)) => {
                    campaign.failed += 1;
                    failure
                }
                Attempt::Stopped(purpose, done) => {
                    campaign.answer(Err(not_connected()));
                    return self.core.end_quietly(vec![(purpose, done)]);
                }
                Attempt::Abandoned => return false,
            };
            let error = match failure {
                Failure::Retry(error) => error,
                Failure::SeeOther(host) if campaign.redirects < MAX_REDIRECTS => {
                    campaign.redirects += 1;
                    campaign.redirect = Some(host);
                    if campaign.redirects == 1 && !campaign.was_up {
                        continue;
                    }
                    Error::new(
                        ErrorKind::ConnectFailed,
                        "the server asked us to connect elsewhere",
                    )
                }
                Failure::SeeOther(_) => {
                    campaign.redirect = None;
                    Error::new(
                        ErrorKind::ConnectFailed,
                        "the server sends us from host to host",
                    )
                }
                Failure::Terminal(reason, error) => {
                    self.core.give_up(reason, &error);
                    campaign.answer(Err(error));
                    return true;
                }
            };
            if !self.core.auto_reconnect() {
                self.core.give_up(Terminal::ConnectionLost, &error);
                campaign.answer(Err(error));
                return true;
            }
            let wait = campaign.backoff.next(self.core.env.random.fraction());
            tracing::info!(
                error = error.to_line(),
                wait_s = wait.as_secs_f64(),
                "not connected; trying again after a wait"
            );
            self.core.set_state(SessionState::Suspended {
                retry_in: wait,
                reason: error.to_line(),
            });
            campaign.last_error = Some(error);
            match self.wait(wait, &mut campaign).await {
                Wait::Over => {}
                Wait::Stopped(purpose, done) => {
                    campaign.answer(Err(not_connected()));
                    return self.core.end_quietly(vec![(purpose, done)]);
                }
                Wait::Abandoned => return false,
            }
        }
    }

    /// One attempt, which a command can interrupt.
    async fn attempt(&mut self, campaign: &mut Campaign) -> Attempt {
        let snapshot = self.core.status();
        let (login, redirect) = (campaign.login.clone(), campaign.redirect.take());
        let establish = self.core.establish(&login, redirect, campaign.failed);
        tokio::pin!(establish);
        loop {
            let deadline = campaign.deadline;
            tokio::select! {
                ended = &mut establish => return Attempt::Ended(ended),
                command = self.commands.recv() => match command {
                    None => return Attempt::Abandoned,
                    Some(Command::End(purpose, done)) => return Attempt::Stopped(purpose, done),
                    Some(other) => answer_while_busy(other, &snapshot),
                },
                () = sleep_until(deadline), if campaign.done.is_some() => campaign.deadline_passed(),
            }
        }
    }

    async fn wait(&mut self, wait: Duration, campaign: &mut Campaign) -> Wait {
        let snapshot = self.core.status();
        let until = Instant::now() + wait;
        loop {
            let deadline = campaign.deadline;
            tokio::select! {
                () = sleep_until(until) => return Wait::Over,
                command = self.commands.recv() => match command {
                    None => return Wait::Abandoned,
                    Some(Command::End(purpose, done)) => return Wait::Stopped(purpose, done),
                    Some(Command::NetworkChanged) => return Wait::Over,
                    Some(other) => answer_while_busy(other, &snapshot),
                },
                () = sleep_until(deadline), if campaign.done.is_some() => campaign.deadline_passed(),
            }
        }
    }

    /// Announces the session and carries its stanzas until it ends.
    async fn carry(&mut self, up: Up, campaign: &mut Campaign) -> Ended {
        let core = &mut self.core;
        let (jid, resumed) = (up.jid.clone(), up.resumed);
        core.jid.send_replace(Some(jid.clone()));
        core.set_state(SessionState::Online);
        core.bus.publish(SessionStarted {
            jid: jid.clone(),
            resumed,
            reconnected: campaign.was_up,
            stream_features: up
                .features
                .view()
                .children()
                .map(|child| child.ns().to_owned())
                .collect(),
        });
        if campaign.was_up {
            core.bus.publish(Reconnected { jid, resumed });
        } else {
            core.bus.publish(Connected { jid });
            core.bus.publish(Initialized {});
        }
        campaign.was_up = true;
        if let Some(done) = campaign.done.take() {
            // In its turn: whoever logged in goes on when the handlers were called. The session does not wait for that,
            // for they may wait for answers that come over it.
            drop(core.bus.dispatch(move |_| {
                let _ = done.send(Ok(()));
            }));
        }
        core.online(up.stream, &mut self.commands).await
    }
}

fn answer_while_busy(command: Command, snapshot: &Status) {
    match command {
        Command::Login(_, done) => {
            let _ = done.send(Err(already()));
        }
        Command::End(_, done) => {
            let _ = done.send(Ok(()));
        }
        Command::Status(tell) => {
            let _ = tell.send(snapshot.clone());
        }
        Command::NetworkChanged | Command::PresetCounters { .. } => {}
    }
}

pub(crate) fn already() -> Error {
    Error::new(
        ErrorKind::Conflict,
        "login: there is a session already; log out first",
    )
}

impl Core {
    fn auto_reconnect(&self) -> bool {
        self.settings.read(&keys::AUTO_RECONNECT).unwrap_or(false)
    }

    pub(crate) fn set_state(&self, state: SessionState) {
        self.state.send_replace(state.clone());
        self.bus.publish(SessionStateChanged { state });
    }

    pub(crate) fn status(&self) -> Status {
        Status {
            stream_management: self.sm.status(),
            pending_requests: self.pending.len(),
        }
    }

    async fn establish(
        &mut self,
        login: &Login,
        redirect: Option<String>,
        attempt: u32,
    ) -> Result<Up, Failure> {
        let config = Config::read(&self.settings)
            .map_err(|error| Failure::Terminal(Terminal::Config, error))?;
        self.set_state(SessionState::Connecting { attempt });
        let preferred = redirect.or_else(|| self.sm.location().map(ToOwned::to_owned));
        let target = config
            .target(login, preferred.as_deref())
            .map_err(|error| Failure::Terminal(Terminal::Config, error))?;
        let connected = transport::connect(&target, &*self.network, &*self.env.random).await?;
        let bindings = connected.tls.as_ref().map(TlsInfo::channel_bindings);
        let mut stream = Stream::new(connected.transport);
        let negotiated = timeout(
            config.negotiation_timeout,
            self.negotiate(&mut stream, login, bindings, &config),
        )
        .await
        .unwrap_or_else(|_| {
            Err(Failure::retry(
                ErrorKind::Timeout,
                "the server stopped answering during the login",
            ))
        });
        match negotiated {
            Ok((jid, resumed, features)) => Ok(Up {
                stream,
                jid,
                resumed,
                features,
            }),
            Err(failure) => {
                // The end of the stream would end the session that can still be resumed (XEP-0198 §4).
                if self.sm.resumption_id().is_none() {
                    stream.transport.close();
                }
                let goodbye = std::future::poll_fn(|cx| stream.transport.poll_shutdown(cx));
                // Whether the goodbye arrives does not matter any more.
                let _ = timeout(GOODBYE, goodbye).await;
                Err(failure)
            }
        }
    }

    async fn negotiate(
        &mut self,
        stream: &mut Stream,
        login: &Login,
        bindings: Option<&crate::sasl::ChannelBindings>,
        config: &Config,
    ) -> Result<(Jid, bool, Element), Failure> {
        let random = Arc::clone(&self.env.random);
        let header = negotiate::header(login, bindings.is_some());
        let features = stream.open(&header).await?;
        self.set_state(SessionState::Authenticating);
        let domain = login.jid.domain().as_str();
        let policy = config.sasl_policy(self.mechanisms.get(domain).copied());
        let mechanism =
            negotiate::authenticate(stream, &features, login, bindings, &policy, &*random).await?;
        if login.has_password() {
            self.mechanisms.insert(domain.to_owned(), mechanism);
        }
        let features = stream.open(&header).await?;
        if let Some(jid) = self.try_resume(stream, &features).await? {
            return Ok((jid, true, features));
        }
        self.set_state(SessionState::Binding);
        let resource = match login.jid.resource() {
            Some(resource) => resource.as_str().to_owned(),
            None => config
                .resource
                .clone()
                .unwrap_or_else(|| negotiate::random_resource(&*random)),
        };
        let jid = negotiate::bind(stream, &features, login, &resource, &*random).await?;
        negotiate::establish_session(stream, &features, &*random).await?;
        if config.stream_management {
            negotiate::enable(stream, &features, &mut self.sm).await?;
        }
        Ok((jid, false, features))
    }

    /// Takes up the session that was cut, if there is one; otherwise what it left is sorted out.
    async fn try_resume(
        &mut self,
        stream: &mut Stream,
        features: &Element,
    ) -> Result<Option<Jid>, Failure> {
        let jid = self.jid.borrow().clone();
        let Some((id, jid)) = self.sm.resumption_id().map(ToOwned::to_owned).zip(jid) else {
            self.leave_session();
            return Ok(None);
        };
        if features.view().child("sm", ns::SM).is_none() {
            // To ask for what is not offered would end the stream, each time anew.
            self.leave_session();
            self.bus.publish(NoResumeableSession {});
            return Ok(None);
        }
        self.set_state(SessionState::Resuming);
        match negotiate::resume(stream, &id, self.sm.received()).await? {
            Resumption::Resumed { handled } => {
                if let Err(error) = self.sm.acknowledge(handled) {
                    // It would be the same count the next time.
                    self.leave_session();
                    self.bus.publish(NoResumeableSession {});
                    return Err(Failure::Retry(error.into()));
                }
                self.sm.resumed = true;
                self.sm.requested_at = None;
                for entry in self.sm.unacked() {
                    stream.send(entry.stanza.xml());
                }
                self.sm.sent_again();
                Ok(Some(jid))
            }
            Resumption::Refused { handled } => {
                if let Some(handled) = handled {
                    // A count that makes no sense tells nothing; then everything is sent again, marked as delayed.
                    let _ = self.sm.acknowledge(handled);
                }
                self.leave_session();
                self.bus.publish(NoResumeableSession {});
                Ok(None)
            }
        }
    }

    /// A new session follows: messages that may not have arrived go with it, everything else is reported as failed.
    pub(crate) fn leave_session(&mut self) {
        for mut entry in self.sm.end() {
            if entry.stanza.kind() == StanzaKind::Message {
                self.resend.push_back(entry);
            } else {
                entry.stanza.settle(Err(disconnected()));
            }
        }
        for reply in self.pending.fail_all() {
            reply.deliver(&self.bus, Err(disconnected()));
        }
    }

    /// Nobody will send what still waits: everybody who waits is told.
    fn abandon(&mut self, error: &dyn Fn() -> Error) {
        for mut entry in self
            .sm
            .end()
            .into_iter()
            .chain(std::mem::take(&mut self.resend))
        {
            entry.stanza.settle(Err(error()));
        }
        for reply in self.pending.fail_all() {
            reply.deliver(&self.bus, Err(error()));
        }
        while let Ok(post) = self.outbox.try_recv() {
            post.fail(&self.bus, error);
        }
    }

    /// The application ended the session; `false` when the instance ends with it.
    fn end_quietly(&mut self, ends: Ends) -> bool {
        self.set_state(SessionState::Disconnected);
        self.abandon(&disconnected);
        self.bus.promises().end_session();
        let wanted = |purpose| ends.iter().any(|(wanted, _)| *wanted == purpose);
        let (logged_out, stopped) = (wanted(Purpose::LogOut), wanted(Purpose::Stop));
        if logged_out {
            self.bus.publish(Logout {});
        }
        self.bus.publish(Disconnected {
            reason: None,
            text: None,
        });
        for (_, done) in ends {
            // Whoever asked may have stopped waiting.
            let _ = done.send(Ok(()));
        }
        !stopped
    }

    /// The session ended for good.
    fn give_up(&mut self, reason: Terminal, error: &Error) {
        tracing::warn!(%error, ?reason, "the session ended and is not tried again");
        let text = error.to_line();
        self.set_state(SessionState::Failed {
            reason,
            text: text.clone(),
        });
        self.abandon(&disconnected);
        self.bus.promises().end_session();
        self.bus.publish(Disconnected {
            reason: Some(reason),
            text: Some(text),
        });
    }
}
