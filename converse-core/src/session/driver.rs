//! The task that keeps a session up: attempts, waits, and what happens between connections.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jid::{BareJid, Jid};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};

use crate::bus::Bus;
use crate::env::Environment;
use crate::error::{Error, ErrorKind};
use crate::ns;
use crate::router::{Router, SessionNumber};
use crate::session::backoff::Backoff;
use crate::session::campaign::Campaign;
use crate::session::command::{Command, Done, Post, Purpose, Status};
use crate::session::config::Config;
use crate::session::core::{Core, Up};
use crate::session::event::{
    Connected, Disconnected, Initialized, Logout, Reconnected, Reconnecting, SessionStarted,
};
use crate::session::failure::Failure;
use crate::session::handle::not_connected;
use crate::session::iq::{PendingRequests, disconnected};
use crate::session::keeping::Keeping;
use crate::session::login::Login;
use crate::session::online::Ended;
use crate::session::sm::StreamManagement;
use crate::session::state::{ClientState, SessionState, Terminal};
use crate::settings::Settings;
use crate::transport::Network;

/// How often a server may send us elsewhere before we stop following (RFC 6120 §4.9.3.19).
const MAX_REDIRECTS: u32 = 5;
/// A session that lasted this long was really up: the next loss starts with short waits again.
const STABLE_AFTER: Duration = Duration::from_secs(60);

pub(crate) struct Driver {
    commands: mpsc::Receiver<Command>,
    core: Core,
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
        account: watch::Sender<Option<BareJid>>,
        client_state: watch::Receiver<ClientState>,
        keeping: Keeping,
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
                client_state,
                sm: StreamManagement::default(),
                keeping,
                pending: PendingRequests::default(),
                resend: VecDeque::new(),
                number: SessionNumber::default(),
                account,
                was_bound: false,
                mechanisms: HashMap::new(),
                new_password: None,
                possible_password: None,
                deletion: None,
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
                        let before = self.core.account.send_replace(login.account());
                        self.core.was_bound = false;
                        let goes_on = self.keep_up(login, done).await;
                        if !self.core.was_bound {
                            // Whether there is such an account was not found out.
                            self.core.account.send_replace(before);
                        }
                        if !goes_on { return }
                    }
                    Some(Command::End(purpose, done)) => {
                        if purpose == Purpose::LogOut {
                            self.core.account.send_replace(None);
                            self.core.bus.promises().end_session();
                            self.core.bus.publish(Logout {});
                        }
                        let _ = done.send(Ok(()));
                        if purpose == Purpose::Stop { return }
                    }
                    Some(Command::Status(tell)) => { let _ = tell.send(self.core.status()); }
                    // Without a session there is nothing that these are about.
                    Some(_) => {}
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
        self.core.new_password = None;
        self.core.possible_password = None;
        self.core.find(&login).await;
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
            let (failure, was_online) = match self.attempt(&mut campaign).await {
                Attempt::Ended(Ok(up)) => {
                    campaign.redirects = 0;
                    let since = Instant::now();
                    let ended = self.carry(up, &mut campaign).await;
                    if let Some(password) = self.core.new_password.take() {
                        campaign.login.renew_password(password);
                    }
                    if since.elapsed() >= STABLE_AFTER {
                        campaign.backoff.reset();
                        campaign.failed = 0;
                    }
                    match ended {
                        Ended::Lost(failure) => (failure, true),
                        Ended::Closed(ends) => return self.core.end_quietly(ends).await,
                    }
                }
                Attempt::Ended(Err(failure)) => {
                    campaign.failed += 1;
                    (failure, false)
                }
                Attempt::Stopped(purpose, done) => {
                    campaign.answer(Err(not_connected()));
                    return self.core.end_quietly(vec![(purpose, done)]).await;
                }
                Attempt::Abandoned => return false,
            };
            if self.core.is_deleted(&failure, was_online) {
                let (done, _) = oneshot::channel();
                campaign.answer(Err(failure.into_error()));
                return self.core.end_quietly(vec![(Purpose::Deleted, done)]).await;
            }
            if let Failure::Terminal(Terminal::AuthFailed, _) = &failure
                && let Some(password) = self.core.possible_password.take()
            {
                campaign.login.renew_password(password);
                continue;
            }
            let error = match failure {
                Failure::Retry(error) => error,
                Failure::Closed => failure.into_error(),
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
                    self.core.give_up(reason, &error).await;
                    campaign.answer(Err(error));
                    return true;
                }
            };
            if !self.core.auto_reconnect() {
                self.core.give_up(Terminal::ConnectionLost, &error).await;
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
                    return self.core.end_quietly(vec![(purpose, done)]).await;
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
                    Some(Command::NewPassword(password)) => campaign.login.renew_password(password),
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
                    Some(Command::NewPassword(password)) => campaign.login.renew_password(password),
                    Some(other) => answer_while_busy(other, &snapshot),
                },
                () = sleep_until(deadline), if campaign.done.is_some() => campaign.deadline_passed(),
            }
        }
    }

    /// Announces the session and carries its stanzas until it ends.
    async fn carry(&mut self, up: Up, campaign: &mut Campaign) -> Ended {
        let core = &mut self.core;
        let (jid, resumed, restarted) = (up.jid.clone(), up.resumed, up.restarted);
        if !resumed {
            // Whoever awaited the end of the account will not hear of it, and the account is still there.
            core.deletion = None;
        }
        if restarted || !resumed {
            core.number = core.number.next();
        }
        core.jid.send_replace(Some(jid.clone()));
        core.account.send_replace(Some(jid.to_bare()));
        core.was_bound = true;
        core.set_state(SessionState::Online);
        core.bus.publish(SessionStarted {
            jid: jid.clone(),
            resumed,
            session: core.number,
            restarted,
            reconnected: campaign.was_up,
            notes: core.keeping.notes(),
            stream_features: up
                .features
                .view()
                .children()
                .map(|child| child.ns().to_owned())
                .collect(),
            features: up.features.clone(),
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
        let csi = up.features.view().child("csi", ns::CSI).is_some();
        core.online(up.stream, csi, &mut self.commands).await
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
        Command::NetworkChanged
        | Command::NewPassword(_)
        | Command::PasswordMayBe(_)
        | Command::ExpectDeletion(_)
        | Command::Note(..)
        | Command::PresetCounters { .. } => {}
    }
}

pub(crate) fn already() -> Error {
    Error::new(
        ErrorKind::Conflict,
        "login: there is a session already; log out first",
    )
}
