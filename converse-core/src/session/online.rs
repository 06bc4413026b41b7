//! Carrying stanzas: the loop that reads, routes, answers, sends and watches the clock while the session is up.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::bus::PluginStalled;
use crate::error::ErrorKind;
use crate::ns;
use crate::router::{Identity, IntoStanza as _, Outgoing};
use crate::session::command::{Command, Done, Ends, Post, Purpose};
use crate::session::config::Config;
use crate::session::driver::{Core, already};
use crate::session::failure::Failure;
use crate::session::intake::{Intake, Routed};
use crate::session::iq::{disconnected, id_in_use, timed_out};
use crate::session::stream::{Stream, closed};
use crate::transport::{Transport, TransportError};
use crate::xml::{Element, Frame};

/// How many frames are taken from one read.
const BATCH: usize = 512;
/// How much may wait in the transport before no more is taken from the outbox, in bytes.
const WRITE_AHEAD: usize = 128 * 1024;
/// How many stanzas may be unacknowledged before no more are sent.
const MAX_UNACKED: usize = 100;
/// How long the other side may take to answer a ping, an acknowledgement request, or to take what we write.
const PATIENCE: Duration = Duration::from_secs(30);
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
    last_received: Instant,
    last_written: Instant,
    /// A ping went out, and nothing came since.
    pinged_at: Option<Instant>,
    /// Since when a full inbox holds up the session, and whether its plugin was named.
    stalled: Option<(Instant, bool)>,
    closing: Option<Closing>,
    ping_interval: Duration,
}

/// What one turn of the loop waits for.
enum Turn {
    Read(Result<(), TransportError>),
    Written(Result<(), TransportError>),
    Routed(Routed),
    PressureGone,
    Post(Post),
    Command(Option<Command>),
    Timer,
}

impl Core {
    /// Carries stanzas until the session ends.
    pub(crate) async fn online(
        &mut self,
        stream: Stream,
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
            last_received: now,
            last_written: now,
            pinged_at: None,
            stalled: None,
            closing: None,
            ping_interval,
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
            self.request_acknowledgement(line);
            let turn = self.turn(line, commands).await;
            let outcome = match turn {
                Turn::Read(Ok(())) => {
                    line.last_received = Instant::now();
                    line.pinged_at = None;
                    self.take_in(line)
                }
                Turn::Read(Err(error)) | Turn::Written(Err(error)) => Err(error.into()),
                Turn::Written(Ok(())) => {
                    line.last_written = Instant::now();
                    for mut stanza in line.unflushed.drain(..) {
                        stanza.settle(Ok(()));
                    }
                    Ok(())
                }
                Turn::Routed(routed) => {
                    self.routed(line, routed);
                    Ok(())
                }
                Turn::PressureGone => Ok(()),
                Turn::Post(post) => {
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
                Turn::Timer => self.on_timer(line),
            };
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
            batch,
            intake,
            routing,
            ..
        } = line;
        let may_read = intake.has_room();
        tokio::select! {
            turn = poll_fn(|cx| poll_io(transport.as_mut(), batch, may_read, cx)) => turn,
            routed = poll_fn(|cx| match routing {
                Some(routing) => routing.as_mut().poll(cx),
                None => Poll::Pending,
            }) => {
                *routing = None;
                Turn::Routed(routed)
            }
            Some(post) = self.outbox.recv(), if may_send => Turn::Post(post),
            command = commands.recv(), if !nobody_is_left => Turn::Command(command),
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
                    if let Some(pong) = line.intake.take(element, &mut self.sm)? {
                        self.post(line, Post::Stanza(pong));
                    }
                }
                Frame::Open(_) => {
                    return Err(Failure::protocol("the server opened the stream twice"));
                }
                Frame::Close => return Err(closed()),
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
                self.acknowledge(line);
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

    /// Tells the server how many of its stanzas were handled (XEP-0198 §4).
    fn acknowledge(&self, line: &mut Line) {
        line.transport.send(&format!(
            "<a xmlns='urn:xmpp:sm:3' h='{}'/>",
            self.sm.received()
        ));
    }

    /// Whether the last count was sent: the server keeps what comes behind it for the next session.
    fn is_late(&self, line: &Line) -> bool {
        self.sm.is_enabled()
            && line
                .closing
                .as_ref()
                .is_some_and(|closing| closing.said_goodbye)
    }

    fn may_send(&self, line: &Line) -> bool {
        line.closing.is_none()
            && line.transport.queued() < WRITE_AHEAD
            // The acknowledgement may stand behind what there is no room for until a handler has sent what it has to send.
            && (self.sm.unacked().len() < MAX_UNACKED || !line.intake.has_room())
    }

    fn post(&mut self, line: &mut Line, post: Post) {
        let stanza = match post {
            Post::Stanza(stanza) => stanza,
            Post::Request(mut stanza, reply) => {
                let id = stanza.id().unwrap_or_default();
                if let Err(reply) = self.pending.add(id, stanza.to().cloned(), reply) {
                    stanza.settle(Err(id_in_use()));
                    reply.deliver(&self.bus, Err(id_in_use()));
                    return;
                }
                stanza
            }
        };
        if line.transport.queued() == 0 {
            line.last_written = Instant::now();
        }
        line.transport.send(stanza.xml());
        if self.sm.is_enabled() {
            self.sm.sent(stanza, self.env.clock.now());
        } else {
            line.unflushed.push(stanza);
        }
    }

    /// Messages of a session that is lost for good go out again, marked with when they were sent first.
    fn send_again(&mut self, line: &mut Line) {
        let from = line.intake.identity().own.to_string();
        for entry in std::mem::take(&mut self.resend) {
            let stanza = entry.stanza.delayed(entry.sent_at, &from);
            self.post(line, Post::Stanza(stanza));
        }
    }

    fn request_acknowledgement(&mut self, line: &mut Line) {
        let full = self.sm.unacked().len() >= MAX_UNACKED;
        if self.sm.wants_request(self.outbox.is_empty(), full) {
            line.transport.send("<r xmlns='urn:xmpp:sm:3'/>");
            self.sm.requested(Instant::now());
        }
    }

    fn obey(&mut self, line: &mut Line, command: Option<Command>) {
        match command {
            None => self.begin_to_close(line, None),
            Some(Command::Login(_, done)) => {
                let _ = done.send(Err(already()));
            }
            Some(Command::End(purpose, done)) => {
                self.begin_to_close(line, Some((purpose, done)));
            }
            Some(Command::NetworkChanged) => self.ping(line),
            Some(Command::Status(tell)) => {
                let _ = tell.send(self.status());
            }
            Some(Command::PresetCounters { received, sent }) => self.sm.preset(received, sent),
        }
    }

    /// What was sent before leaves first. `end` is who wants it, or nobody if every handle is gone.
    fn begin_to_close(&mut self, line: &mut Line, end: Option<(Purpose, Done)>) {
        while let Ok(post) = self.outbox.try_recv() {
            self.post(line, post);
        }
        if let Some(closing) = &mut line.closing {
            closing.ends.extend(end);
            return;
        }
        line.closing = Some(Closing {
            ends: Ends::from_iter(end),
            deadline: Instant::now() + CLOSING,
            said_goodbye: false,
        });
        if self.sm.unacked().len() > 0 {
            line.transport.send("<r xmlns='urn:xmpp:sm:3'/>");
        }
    }

    /// The next step on the way out, if the session is on it.
    fn close_on(&mut self, line: &mut Line) -> Option<Ended> {
        let closing = line.closing.as_mut()?;
        let late = Instant::now() >= closing.deadline;
        let all_handled = line.intake.is_empty() && line.routing.is_none();
        if !closing.said_goodbye && (late || (all_handled && self.sm.unacked().len() == 0)) {
            closing.said_goodbye = true;
            closing.deadline = Instant::now() + CLOSING;
            if self.sm.is_enabled() {
                // So that the server does not keep what was handled here (XEP-0198 §4).
                self.acknowledge(line);
            }
            line.transport.close();
            return None;
        }
        if closing.said_goodbye && late {
            return line
                .closing
                .take()
                .map(|Closing { ends, .. }| Ended::Closed(ends));
        }
        None
    }

    fn next_timer(&self, line: &Line) -> Instant {
        let far = Instant::now() + Duration::from_secs(3600);
        let ping = match line.pinged_at {
            Some(at) => at + PATIENCE,
            None if line.ping_interval.is_zero() => far,
            None => line.last_received + line.ping_interval,
        };
        let mut next = ping.min(far);
        if let Some(at) = self.sm.requested_at {
            next = next.min(at.max(line.last_received) + PATIENCE);
        }
        if line.transport.queued() > 0 {
            next = next.min(line.last_written + PATIENCE);
        }
        if let Some(at) = self.pending.next_deadline() {
            next = next.min(at);
        }
        if let Some((since, false)) = line.stalled {
            next = next.min(since + STALL_NOTICE);
        }
        if let Some(closing) = &line.closing {
            next = next.min(closing.deadline);
        }
        next
    }

    fn on_timer(&mut self, line: &mut Line) -> Result<(), Failure> {
        let now = Instant::now();
        for reply in self.pending.take_late(now) {
            reply.deliver(&self.bus, Err(timed_out()));
        }
        if let Some((since, named)) = &mut line.stalled {
            // Silence is ours while we do not read.
            line.last_received = now;
            line.pinged_at = None;
            if !*named && now >= *since + STALL_NOTICE {
                *named = true;
                let culprit = self.bus.pressure().culprit().map(|(owner, _)| owner);
                let owner = culprit.unwrap_or_else(|| "unknown".into());
                tracing::warn!(plugin = %owner, "a plugin does not keep up; the session waits for it");
                self.bus.publish(PluginStalled::new(owner, now - *since));
            }
        }
        if line.transport.queued() > 0 && now >= line.last_written + PATIENCE {
            return Err(Failure::retry(
                ErrorKind::Timeout,
                "the server takes nothing any more",
            ));
        }
        if self
            .sm
            .requested_at
            .is_some_and(|at| now >= at.max(line.last_received) + PATIENCE)
        {
            return Err(Failure::retry(
                ErrorKind::Timeout,
                "the server does not acknowledge any more",
            ));
        }
        match line.pinged_at {
            Some(at) if now >= at + PATIENCE => {
                return Err(Failure::retry(
                    ErrorKind::Timeout,
                    "the server does not answer pings any more",
                ));
            }
            Some(_) => {}
            None if !line.ping_interval.is_zero()
                && now >= line.last_received + line.ping_interval =>
            {
                self.ping(line);
            }
            None => {}
        }
        Ok(())
    }

    /// Asks the server whether it is still there (XEP-0199 §4.2).
    fn ping(&mut self, line: &mut Line) {
        let domain = line.intake.identity().own.domain().to_owned();
        let ping = Element::builder("iq", ns::CLIENT)
            .attr("type", "get")
            .attr("to", domain.as_str())
            .child(Element::builder("ping", ns::PING));
        match ping.into_stanza(&*self.env.random) {
            Ok(ping) => {
                self.post(line, Post::Stanza(ping));
                line.pinged_at = Some(Instant::now());
            }
            Err(error) => tracing::error!(%error, "a ping could not be written"),
        }
    }

    /// The connection is gone: what was received is handled, what was not written is reported.
    async fn wind_up(&mut self, mut line: Line) {
        if let Some(routing) = line.routing.take() {
            let routed = routing.await;
            self.count_only(&routed);
        }
        if self.sm.is_enabled() {
            // The server sends what our count does not cover again, in this session or in the next (XEP-0198 §5).
            line.intake.forget_counted();
        }
        while !line.intake.is_empty() {
            let batch = line.intake.next_batch(&mut self.pending);
            let routed = batch.route(self.bus.clone(), self.router.clone()).await;
            self.count_only(&routed);
        }
        for mut stanza in line.unflushed.drain(..) {
            stanza.settle(Err(disconnected()));
        }
        if self.sm.resumption_id().is_none() {
            self.leave_session();
        }
        let shutdown = poll_fn(|cx| line.transport.poll_shutdown(cx));
        // A dead connection need not say goodbye.
        let _ = tokio::time::timeout(Duration::from_millis(200), shutdown).await;
    }

    fn count_only(&mut self, routed: &Routed) {
        for _ in 0..routed.counted {
            self.sm.count_received();
        }
    }
}

/// Writes what is queued and reads what is there.
fn poll_io(
    transport: &mut dyn Transport,
    batch: &mut Vec<Frame>,
    may_read: bool,
    cx: &mut Context<'_>,
) -> Poll<Turn> {
    let wrote = transport.queued() > 0;
    let flushed = match transport.poll_flush(cx) {
        Poll::Ready(Err(error)) => return Poll::Ready(Turn::Written(Err(error))),
        Poll::Ready(Ok(())) => wrote,
        Poll::Pending => false,
    };
    if flushed {
        return Poll::Ready(Turn::Written(Ok(())));
    }
    if may_read {
        return transport.poll_recv(cx, batch, BATCH).map(Turn::Read);
    }
    Poll::Pending
}
