//! Watching the clock while the session is up: silence, stalls, and what nobody answers.

use std::time::Duration;

use tokio::time::Instant;

use super::sending::not_acknowledged;
use super::{LONG_PATIENCE, Line, PATIENCE, STALL_NOTICE};
use crate::bus::PluginStalled;
use crate::error::ErrorKind;
use crate::ns;
use crate::router::IntoStanza as _;
use crate::session::command::Post;
use crate::session::core::Core;
use crate::session::failure::Failure;
use crate::session::iq::timed_out;
use crate::xml::{Element, ElementBuilder};

impl Core {
    pub(super) fn next_timer(&self, line: &Line) -> Instant {
        let far = Instant::now() + Duration::from_secs(3600);
        let ping = match line.pinged_at {
            Some(at) => at + PATIENCE,
            None if line.ping_interval.is_zero() => far,
            None => line.last_received + line.ping_interval,
        };
        let mut next = ping.min(far);
        if let Some(at) = self.sm.requested_at {
            next = next.min(line.patience_with(at));
        }
        if line.transport.queued() > 0 {
            let since = line.refused_since.unwrap_or_else(Instant::now);
            next = next.min(since + PATIENCE);
        }
        if let Some(at) = line.barrier.asked_at() {
            next = next.min(at + LONG_PATIENCE);
        }
        if let Some(at) = self.pending.next_deadline() {
            next = next.min(at);
        }
        if let Some(at) = self.keeping.due() {
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

    pub(super) fn on_timer(&mut self, line: &mut Line) -> Result<(), Failure> {
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
        if line
            .refused_since
            .is_some_and(|since| now >= since + PATIENCE)
        {
            return Err(Failure::retry(
                ErrorKind::Timeout,
                "the server takes nothing any more",
            ));
        }
        if !line.intake.has_room() && self.sm.requested_at.is_some() {
            // The acknowledgement may be in what is not read.
            self.sm.requested_at = Some(now);
        }
        if self
            .sm
            .requested_at
            .is_some_and(|at| now >= line.patience_with(at))
        {
            return Err(not_acknowledged());
        }
        if let Some(at) = line.barrier.asked_at()
            && now >= at + LONG_PATIENCE
        {
            tracing::warn!("the server answers no pings; that it has what is sent cannot be known");
            line.barrier.give_up();
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
    pub(super) fn ping(&mut self, line: &mut Line) {
        match ping_of(line).into_stanza(&*self.env.random) {
            Ok(ping) => {
                self.post(line, Post::Stanza(ping));
                line.pinged_at = Some(Instant::now());
            }
            Err(error) => tracing::error!(%error, "a ping could not be written"),
        }
    }
}

/// A ping to the own server.
pub(super) fn ping_of(line: &Line) -> ElementBuilder {
    Element::builder("iq", ns::CLIENT)
        .attr("type", "get")
        .attr("to", line.intake.identity().own.domain().as_str())
        .child(Element::builder("ping", ns::PING))
}
