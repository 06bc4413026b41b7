//! What the application asks of a session that is up, and the way out of it.

use std::future::poll_fn;
use std::time::Duration;

use tokio::time::Instant;

use super::{CLOSING, Closing, Ended, Line};
use crate::router::Outcome;
use crate::session::command::{Command, Done, Ends, Purpose};
use crate::session::core::{Core, is_stop};
use crate::session::driver::already;
use crate::session::intake::Routed;
use crate::session::iq::disconnected;

impl Core {
    pub(super) fn obey(&mut self, line: &mut Line, command: Option<Command>) {
        match command {
            None => self.begin_to_close(line, None),
            Some(Command::Login(_, done)) => {
                let _ = done.send(Err(already()));
            }
            Some(Command::End(purpose, done)) => {
                self.begin_to_close(line, Some((purpose, done)));
            }
            Some(Command::NetworkChanged) => self.ping(line),
            Some(Command::NewPassword(password)) => {
                self.new_password = Some(password);
                self.possible_password = None;
            }
            Some(Command::PasswordMayBe(password)) => self.possible_password = password,
            Some(Command::ExpectDeletion(tell)) => self.deletion = Some(tell),
            Some(Command::Note(key, text)) => self.keeping.note(key.to_owned(), text),
            Some(Command::Status(tell)) => {
                let _ = tell.send(self.status());
            }
            Some(Command::PresetCounters { received, sent }) => self.sm.preset(received, sent),
        }
    }

    /// What was sent before leaves first. `end` is who wants it, or nobody if every handle is gone.
    pub(super) fn begin_to_close(&mut self, line: &mut Line, end: Option<(Purpose, Done)>) {
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
    pub(super) fn close_on(&mut self, line: &mut Line) -> Option<Ended> {
        let closing = line.closing.as_mut()?;
        let late = Instant::now() >= closing.deadline;
        let all_handled =
            line.intake.is_empty() && line.routing.is_none() && !self.keeping.is_behind();
        let all_arrived = self.sm.unacked().len() == 0 && line.barrier.len() == 0;
        let is_left = self.keeping.is_on() && is_stop(&closing.ends);
        if !closing.said_goodbye && (late || (all_handled && all_arrived)) {
            if is_left {
                // Without a goodbye the server waits for the next process (XEP-0198 §5).
                self.acknowledge_now(line);
                let closing = line.closing.take()?;
                return Some(Ended::Closed(closing.ends));
            }
            closing.said_goodbye = true;
            closing.deadline = Instant::now() + CLOSING;
            if self.sm.is_enabled() {
                // So that the server does not keep what was handled here (XEP-0198 §4).
                self.acknowledge_now(line);
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

    /// The connection is gone: what was received is handled, what was not written is reported.
    pub(super) async fn wind_up(&mut self, mut line: Line) {
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
        self.keeping
            .save_now(&self.sm, &self.bus, self.env.clock.now())
            .await;
        for mut stanza in line.unflushed.drain(..) {
            stanza.settle(Outcome::Unknown(disconnected()));
        }
        line.barrier.fall(&disconnected);
        if self.sm.resumption_id().is_none() {
            self.leave_session();
        }
        let shutdown = poll_fn(|cx| line.transport.poll_shutdown(cx));
        // A dead connection need not say goodbye.
        let _ = tokio::time::timeout(Duration::from_millis(200), shutdown).await;
    }

    pub(super) fn count_only(&mut self, routed: &Routed) {
        for _ in 0..routed.counted {
            self.sm.count_received();
        }
        if routed.counted > 0 {
            self.keeping.touch();
        }
    }
}
