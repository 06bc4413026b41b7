//! Carrying stanzas: the loop that reads, routes, answers, sends and watches the clock while the session is up.

mod barrier;
mod closing;
mod sending;
mod watch;

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::router::{Identity, Outcome, Outgoing};
use crate::session::command::{Command, Ends, Post};
use crate::session::config::Config;
use crate::session::core::Core;
use crate::session::failure::Failure;
use crate::session::intake::{Intake, Routed};
use crate::session::keeping::News;
use crate::session::state::ClientState;
use crate::session::stream::Stream;
use crate::transport::{Transport, TransportError};
use crate::xml::Frame;
use barrier::Barrier;

/// How many frames are taken from one read.
const BATCH: usize = 512;
/// How much may wait in the transport before nothing more is read that may want an answer, in bytes.
const READ_UNTIL: usize = 1024 * 1024;
/// How long the other side may take to answer a ping, an acknowledgement request, or to take what we write.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a server that talks may leave an acknowledgement request without an answer.
const LONG_PATIENCE: Duration = Duration::from_secs(150);
/// How long a full inbox may hold up the session before its plugin is named.
const STALL_NOTICE: Duration = Duration::from_secs(5);
/// How long closing waits for acknowledgements, and then for the server's goodbye.
const CLOSING: Duration = Duration::from_secs(2);

/// How carrying stanzas ended.
pub(crate) enum Ended {
    Lost(Failure),
    /// Somebody ended it; nobody is named if the last handle was dropped.
    Closed(Ends),
}

/// The way out, in steps.
struct Closing {
    ends: Ends,
    deadline: Instant,
    /// `</stream:stream>` was queued.
    said_goodbye: bool,
}

type Routing = Pin<Box<dyn Future<Output = Routed> + Send>>;

/// What the loop keeps while the session is up.
struct Line {
    transport: Box<dyn Transport>,
    batch: Vec<Frame>,
    intake: Intake,
    /// A batch that is with the bus now.
    routing: Option<Routing>,
    /// Without stream management: what the transport has not taken yet.
    unflushed: Vec<Outgoing>,
    /// Without stream management: what left for this session alone, until the server has shown that it came so far.
    barrier: Barrier,
    last_received: Instant,
    /// Since when the server has taken nothing of what is queued.
    refused_since: Option<Instant>,
    /// A ping went out, and nothing came since.
    pinged_at: Option<Instant>,
    /// Since when a full inbox holds up the session, and whether its plugin was named.
    stalled: Option<(Instant, bool)>,
    closing: Option<Closing>,
    ping_interval: Duration,
    /// What the server knows about whether somebody looks; nothing if it does not want to (XEP-0352).
    told: Option<ClientState>,
}

impl Line {
    /// Until when an acknowledgement that was asked for `at` some time may come: what else comes shows that the connection
    /// is slow, but not for ever.
    fn patience_with(&self, at: Instant) -> Instant {
        (at.max(self.last_received) + PATIENCE).min(at + LONG_PATIENCE)
    }
}

/// What one turn of the loop waits for.
enum Turn {
    Read(Result<(), TransportError>),
    Written(Result<(), TransportError>),
    Routed(Routed),
    Keeping(News),
    PressureGone,
    Post(Post),
    Command(Option<Command>),
    Passed(bool),
    ClientState,
    Timer,
}

impl Core {
    /// Carries stanzas until the session ends; `csi` says that the server offers client state indication.
    pub(crate) async fn online(
        &mut self,
        stream: Stream,
        csi: bool,
        commands: &mut mpsc::Receiver<Command>,
    ) -> Ended {
        let now = Instant::now();
        let identity = match self.jid.borrow().clone() {
            Some(own) => Identity { own },
            None => return Ended::Lost(Failure::protocol("a session without an address")),
        };
        let ping_interval = Config::ping_interval(&self.settings);
        let mut line = Line {
            transport: stream.transport,
            batch: stream.frames.into_iter().collect(),
            intake: Intake::new(identity),
            routing: None,
            unflushed: Vec::new(),
            barrier: Barrier::default(),
            last_received: now,
            refused_since: None,
            pinged_at: None,
            stalled: None,
            closing: None,
            ping_interval,
            told: csi.then(ClientState::default),
        };
        for element in stream.early {
            if let Some(pong) = line.intake.take_uncounted(element) {
                self.post(&mut line, Post::Stanza(pong));
            }
        }
        self.send_again(&mut line);
        let ended = match self.take_in(&mut line) {
            Ok(()) => self.carry_on(&mut line, commands).await,
            Err(failure) => Ended::Lost(failure),
        };
        self.wind_up(line).await;
        ended
    }

    async fn carry_on(&mut self, line: &mut Line, commands: &mut mpsc::Receiver<Command>) -> Ended {
        loop {
            self.route(line);
            self.keep(line);
            self.request_acknowledgement(line);
            self.ask_barrier(line);
            self.indicate(line);
            let turn = self.turn(line, commands).await;
            let outcome = match turn {
                Turn::Read(Ok(())) => {
                    line.last_received = Instant::now();
                    line.pinged_at = None;
                    self.take_in(line)
                }
                Turn::Read(Err(error)) | Turn::Written(Err(error)) => Err(error.into()),
                Turn::Written(Ok(())) => {
                    for mut stanza in line.unflushed.drain(..) {
                        stanza.settle(Outcome::Acknowledged);
                    }
                    Ok(())
                }
                Turn::Routed(routed) => {
                    self.routed(line, routed);
                    Ok(())
                }
                Turn::Keeping(News::Saved) => {
                    if self.keeping.take_wanted() {
                        self.acknowledge(line);
                    }
                    Ok(())
                }
                Turn::Keeping(News::Recalled(presences)) => {
                    for presence in presences {
                        // No presence is answered.
                        let _ = line.intake.take_uncounted(presence);
                    }
                    Ok(())
                }
                Turn::PressureGone | Turn::ClientState => Ok(()),
                Turn::Post(post) => {
                    // What is sent after the state changed comes after the news of that (XEP-0352 §4).
                    self.indicate(line);
                    self.post(line, post);
                    while self.may_send(line) {
                        let Ok(post) = self.outbox.try_recv() else {
                            break;
                        };
                        self.post(line, post);
                    }
                    Ok(())
                }
                Turn::Command(command) => {
                    self.obey(line, command);
                    Ok(())
                }
                Turn::Passed(is_answered) => {
                    line.barrier.passed(is_answered);
                    Ok(())
                }
                Turn::Timer => self.on_timer(line),
            };
            let outcome = outcome.and_then(|()| self.check_unacknowledged());
            match outcome {
                Ok(()) => {}
                // The server's goodbye, or a cut, is what closing waits for.
                Err(failure) => {
                    return match line.closing.take() {
                        Some(Closing { ends, .. }) => Ended::Closed(ends),
                        None => Ended::Lost(failure),
                    };
                }
            }
            if let Some(ended) = self.close_on(line) {
                return ended;
            }
        }
    }

    async fn turn(&mut self, line: &mut Line, commands: &mut mpsc::Receiver<Command>) -> Turn {
        let may_send = self.may_send(line);
        let pressure = self.bus.pressure();
        let waits_for_room =
            line.routing.is_none() && !line.intake.is_empty() && !pressure.is_open();
        let nobody_is_left = line.closing.is_some() && commands.is_closed() && commands.is_empty();
        let timer = self.next_timer(line);
        let Line {
            transport,
            refused_since,
            batch,
            intake,
            routing,
            barrier,
            ..
        } = line;
        let may_read = intake.has_room() && transport.queued() < READ_UNTIL;
        tokio::select! {
            turn = poll_fn(|cx| poll_io(transport.as_mut(), refused_since, batch, may_read, cx)) => turn,
            routed = poll_fn(|cx| match routing {
                Some(routing) => routing.as_mut().poll(cx),
                None => Poll::Pending,
            }) => {
                *routing = None;
                Turn::Routed(routed)
            }
            is_answered = poll_fn(|cx| barrier.poll_answer(cx)) => Turn::Passed(is_answered),
            news = poll_fn(|cx| self.keeping.poll(cx)) => Turn::Keeping(news),
            Some(post) = self.outbox.recv(), if may_send => Turn::Post(post),
            command = commands.recv(), if !nobody_is_left => Turn::Command(command),
            Ok(()) = self.client_state.changed() => Turn::ClientState,
            () = pressure.wait_open(), if waits_for_room => Turn::PressureGone,
            () = sleep_until(timer) => Turn::Timer,
        }
    }

    /// Looks at what was read.
    fn take_in(&mut self, line: &mut Line) -> Result<(), Failure> {
        let mut batch = std::mem::take(&mut line.batch);
        for frame in batch.drain(..) {
            match frame {
                Frame::Element(element) => {
                    if let Some(pong) =
                        line.intake.take(element, &mut self.sm, &mut self.keeping)?
                    {
                        self.post(line, Post::Stanza(pong));
                    }
                }
                Frame::Open(_) => {
                    return Err(Failure::protocol("the server opened the stream twice"));
                }
                Frame::Close => return Err(Failure::Closed),
            }
        }
        line.batch = batch;
        Ok(())
    }

    /// Gives the next batch to the bus, unless one is there already or an inbox is full.
    fn route(&mut self, line: &mut Line) {
        if line.routing.is_some() || line.intake.is_empty() || self.is_late(line) {
            return;
        }
        let pressure = self.bus.pressure();
        if !pressure.is_open() {
            if line.stalled.is_none() {
                line.stalled = Some((Instant::now(), false));
            }
            line.intake.answer_waiters(&mut self.pending, &self.bus);
            if line.intake.take_asked() {
                // The server need not wait for the plugin; when the request's turn comes, it hears the rest.
                self.acknowledge_now(line);
            }
            return;
        }
        line.stalled = None;
        let batch = line.intake.next_batch(&mut self.pending);
        line.routing = Some(Box::pin(batch.route(self.bus.clone(), self.router.clone())));
    }

    fn routed(&mut self, line: &mut Line, routed: Routed) {
        self.count_only(&routed);
        if routed.asked {
            self.acknowledge(line);
        }
        for reply in routed.replies {
            self.post(line, Post::Stanza(reply));
        }
    }

    /// Tells the server how many of its stanzas were handled (XEP-0198 §4): at once, or, if a new process is to know of them too,
    /// when they are saved.
    fn acknowledge(&mut self, line: &mut Line) {
        if self.keeping.covered(self.sm.received()) == self.sm.received() {
            self.acknowledge_now(line);
        } else {
            self.keeping.acknowledge_soon();
        }
    }

    /// Tells the server how many of its stanzas it may forget.
    fn acknowledge_now(&self, line: &mut Line) {
        let handled = self.keeping.covered(self.sm.received());
        line.transport
            .send(&format!("<a xmlns='urn:xmpp:sm:3' h='{handled}'/>"));
    }

    /// Saves what a new process would go on with, if it is time to; on the way out it is.
    fn keep(&mut self, line: &Line) {
        let now = self.env.clock.now();
        let is_closing = line.closing.is_some();
        self.keeping.save(&self.sm, &self.bus, now, is_closing);
    }

    /// Whether the last count was sent: the server keeps what comes behind it for the next session.
    fn is_late(&self, line: &Line) -> bool {
        self.sm.is_enabled()
            && line
                .closing
                .as_ref()
                .is_some_and(|closing| closing.said_goodbye)
    }
}

/// Writes what is queued and reads what is there; `refused_since` is since when the server has taken nothing of what is queued.
fn poll_io(
    transport: &mut dyn Transport,
    refused_since: &mut Option<Instant>,
    batch: &mut Vec<Frame>,
    may_read: bool,
    cx: &mut Context<'_>,
) -> Poll<Turn> {
    let before = transport.queued();
    let wrote = before > 0;
    let flushed = match transport.poll_flush(cx) {
        Poll::Ready(Err(error)) => return Poll::Ready(Turn::Written(Err(error))),
        Poll::Ready(Ok(())) => wrote,
        Poll::Pending => false,
    };
    *refused_since = match transport.queued() {
        0 => None,
        left if left < before => Some(Instant::now()),
        _ => Some(refused_since.unwrap_or_else(Instant::now)),
    };
    if flushed {
        return Poll::Ready(Turn::Written(Ok(())));
    }
    if may_read {
        return transport.poll_recv(cx, batch, BATCH).map(Turn::Read);
    }
    Poll::Pending
}
