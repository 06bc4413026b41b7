//! What an attempt and a session work on, and what happens between connections: establishing, resuming, sorting out what a lost
//! session left.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jid::{BareJid, Jid};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use crate::bus::Bus;
use crate::env::Environment;
use crate::error::{Error, ErrorKind};
use crate::ns;
use crate::router::{Outcome, Router, SessionNumber, StanzaKind};
use crate::sasl::Mechanism;
use crate::session::command::{Ends, Post, Purpose, Status};
use crate::session::config::Config;
use crate::session::event::{Disconnected, Logout, NoResumeableSession, SessionStateChanged};
use crate::session::failure::Failure;
use crate::session::iq::{PendingRequests, disconnected};
use crate::session::keeping::Keeping;
use crate::session::login::Login;
use crate::session::negotiate::{self, Resumption};
use crate::session::sm::{StreamManagement, Unacked};
use crate::session::state::{ClientState, SessionState, Terminal};
use crate::session::stream::Stream;
use crate::settings::{Secret, Settings, keys};
use crate::transport::{self, Network, TlsInfo};
use crate::xml::Element;

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
    /// What the server is to know about whether somebody looks.
    pub(crate) client_state: watch::Receiver<ClientState>,
    pub(crate) sm: StreamManagement,
    /// What the store has of it.
    pub(crate) keeping: Keeping,
    pub(crate) pending: PendingRequests,
    /// Messages that a session took with it when it could not be resumed; the next session sends them again.
    pub(crate) resend: VecDeque<Unacked>,
    /// Which session is up, or was last.
    pub(super) number: SessionNumber,
    /// Whose session it is or is to be.
    pub(super) account: watch::Sender<Option<BareJid>>,
    /// The login that is under way has had a session.
    pub(super) was_bound: bool,
    /// The mechanism of the last login with a password at each domain, below which the next one there does not go.
    pub(super) mechanisms: HashMap<String, Mechanism>,
    /// A password that was changed while the session was up.
    pub(super) new_password: Option<Secret>,
    /// What the password is if the answer to its change was lost.
    pub(super) possible_password: Option<Secret>,
    /// Who is to be told that the account is gone, while that is awaited.
    pub(super) deletion: Option<oneshot::Sender<()>>,
}

/// What a negotiation led to.
pub(super) struct Negotiated {
    jid: Jid,
    resumed: bool,
    restarted: bool,
    features: Element,
}

/// A session that can carry stanzas.
pub(crate) struct Up {
    pub(crate) stream: Stream,
    pub(super) jid: Jid,
    pub(super) resumed: bool,
    /// The session is one that an earlier process began.
    pub(super) restarted: bool,
    pub(super) features: Element,
}

impl Core {
    pub(super) fn auto_reconnect(&self) -> bool {
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

    /// Takes up what an earlier process left of this account's session.
    pub(super) async fn find(&mut self, login: &Login) {
        let Self {
            keeping,
            settings,
            env,
            sm,
            ..
        } = self;
        let left = keeping.find(login, settings, env, sm).await;
        self.resend.extend(left);
    }

    pub(super) async fn establish(
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
            Ok(Negotiated {
                jid,
                resumed,
                restarted,
                features,
            }) => Ok(Up {
                stream,
                jid,
                resumed,
                restarted,
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

    pub(super) async fn negotiate(
        &mut self,
        stream: &mut Stream,
        login: &Login,
        bindings: Option<&crate::sasl::ChannelBindings>,
        config: &Config,
    ) -> Result<Negotiated, Failure> {
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
            return Ok(Negotiated {
                jid,
                resumed: true,
                restarted: self.keeping.resumed(&self.bus, &self.sm),
                features,
            });
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
        let granted = self.sm.granted();
        let begun = self.keeping.begin(login, &self.settings, &jid, granted);
        begun.await;
        Ok(Negotiated {
            jid,
            resumed: false,
            restarted: false,
            features,
        })
    }

    /// Takes up the session that was cut, if there is one; otherwise what it left is sorted out.
    pub(super) async fn try_resume(
        &mut self,
        stream: &mut Stream,
        features: &Element,
    ) -> Result<Option<Jid>, Failure> {
        let jid = self.jid.borrow().clone();
        let jid = self.keeping.found().or(jid);
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
        let answer = negotiate::resume(stream, &id, self.sm.received()).await;
        let answer = answer.and_then(|answer| {
            if let Resumption::Resumed { handled } = answer {
                let acknowledged = self.sm.acknowledge(handled);
                acknowledged.map_err(|error| Failure::Retry(error.into()))?;
            }
            Ok(answer)
        });
        if let Err(Failure::Retry(error)) = &answer
            && error.kind() == ErrorKind::Protocol
        {
            // It would be the same answer the next time.
            self.leave_session();
            self.bus.publish(NoResumeableSession {});
        }
        match answer? {
            Resumption::Resumed { .. } => {
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

    /// A new session follows: messages that may not have arrived go with it, unless whoever sent them sees to that; everything else
    /// is reported as failed.
    pub(crate) fn leave_session(&mut self) {
        self.keeping.refused();
        for mut entry in self.sm.end() {
            let is_kept = entry.stanza.only_in().is_some();
            if entry.stanza.kind() == StanzaKind::Message && !is_kept {
                self.resend.push_back(entry);
            } else {
                entry.stanza.settle(Outcome::Unknown(disconnected()));
            }
        }
        for reply in self.pending.fail_all() {
            reply.deliver(&self.bus, Err(disconnected()));
        }
    }

    /// Nobody will send what still waits: everybody who waits is told.
    pub(super) fn abandon(&mut self, error: &dyn Fn() -> Error) {
        for mut entry in self
            .sm
            .end()
            .into_iter()
            .chain(std::mem::take(&mut self.resend))
        {
            entry.stanza.settle(Outcome::Unknown(error()));
        }
        for reply in self.pending.fail_all() {
            reply.deliver(&self.bus, Err(error()));
        }
        while let Ok(post) = self.outbox.try_recv() {
            post.fail(&self.bus, error);
        }
    }

    /// The application ended the session; `false` when the instance ends with it. Only who ends nothing but the instance leaves
    /// something to go on with.
    pub(super) async fn end_quietly(&mut self, ends: Ends) -> bool {
        if is_stop(&ends) {
            self.keeping.leave();
        } else {
            self.keeping.forget().await;
        }
        self.deletion = None;
        self.set_state(SessionState::Disconnected);
        self.abandon(&disconnected);
        self.bus.promises().end_session();
        let wanted = |purpose| ends.iter().any(|(wanted, _)| *wanted == purpose);
        let logged_out = wanted(Purpose::LogOut) || wanted(Purpose::Deleted);
        let stopped = wanted(Purpose::Stop);
        if logged_out {
            self.account.send_replace(None);
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

    /// Whether the account is being deleted, and what happened means that it is gone; then whoever awaits it is told. The
    /// server ends the stream as it deletes the account (XEP-0077 §3.2), and refuses every login after that. A cut connection
    /// says nothing.
    pub(super) fn is_deleted(&mut self, failure: &Failure, was_online: bool) -> bool {
        let wanted = |deletion: &oneshot::Sender<()>| !deletion.is_closed();
        if !self.deletion.as_ref().is_some_and(wanted) {
            self.deletion = None;
            return false;
        }
        let deleted = match failure {
            Failure::Closed | Failure::Terminal(Terminal::Refused | Terminal::Conflict, _) => {
                was_online
            }
            Failure::Terminal(reason, _) => *reason == Terminal::AuthFailed,
            Failure::Retry(_) | Failure::SeeOther(_) => false,
        };
        if deleted && let Some(deletion) = self.deletion.take() {
            // Whoever asked may have stopped waiting.
            let _ = deletion.send(());
        }
        deleted
    }

    /// The session ended for good. That of an earlier process, if it was never reached, is there for another login.
    pub(super) async fn give_up(&mut self, reason: Terminal, error: &Error) {
        if self.keeping.found().is_some() {
            self.keeping.leave();
        } else {
            self.keeping.forget().await;
        }
        tracing::warn!(%error, ?reason, "the session ended and is not tried again");
        self.deletion = None;
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

/// Whether nobody wants more than the end of the instance.
pub(super) fn is_stop(ends: &Ends) -> bool {
    ends.iter().all(|(purpose, _)| *purpose == Purpose::Stop)
}
