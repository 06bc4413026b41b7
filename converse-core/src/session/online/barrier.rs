//! Where there is no stream management: a ping that shows how far the server has come (XEP-0199).
//!
//! The server handles what it reads in order, so that its answer to a ping, whatever it says, acknowledges everything that was
//! sent before. One ping goes out for a burst.

use std::collections::VecDeque;
use std::task::{Context, Poll};

use std::future::Future as _;
use std::pin::Pin;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Line;
use super::watch::ping_of;
use crate::error::Error;
use crate::router::{IntoStanza as _, Outcome, Outgoing};
use crate::session::command::Post;
use crate::session::core::Core;
use crate::session::iq::{IqResult, ReplyTo};
use crate::session::sm::REQUEST_EVERY;

/// What waits for the server's answer to a ping.
#[derive(Default)]
pub(super) struct Barrier {
    waiting: VecDeque<Outgoing>,
    asked: Option<Asked>,
    /// The server answers no pings.
    is_broken: bool,
}

/// A ping that is on its way.
struct Asked {
    answer: oneshot::Receiver<IqResult>,
    /// How many of those that wait were sent before it.
    covers: usize,
    at: Instant,
}

impl Barrier {
    /// How many stanzas wait.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether the server answers pings, as far as is known.
    pub(super) fn works(&self) -> bool {
        !self.is_broken
    }

    /// A stanza left.
    pub(super) fn wait(&mut self, mut stanza: Outgoing) {
        stanza.forget_text();
        self.waiting.push_back(stanza);
    }

    /// Since when an answer is awaited.
    pub(super) fn asked_at(&self) -> Option<Instant> {
        self.asked.as_ref().map(|asked| asked.at)
    }

    /// Whether the server answered the ping that is on its way.
    pub(super) fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        match &mut self.asked {
            Some(asked) => Pin::new(&mut asked.answer)
                .poll(cx)
                .map(|answer| matches!(answer, Ok(Ok(_)))),
            None => Poll::Pending,
        }
    }

    /// The ping was answered, or will not be.
    pub(super) fn passed(&mut self, is_answered: bool) {
        let Some(asked) = self.asked.take() else {
            return;
        };
        if is_answered {
            for mut stanza in self.waiting.drain(..asked.covers) {
                stanza.settle(Outcome::Acknowledged);
            }
        }
    }

    /// The server answers no pings: that the connection took what was sent is all there is to know.
    pub(super) fn give_up(&mut self) {
        self.is_broken = true;
        self.asked = None;
        for mut stanza in self.waiting.drain(..) {
            stanza.settle(Outcome::Acknowledged);
        }
    }

    /// The connection is gone.
    pub(super) fn fall(&mut self, error: &dyn Fn() -> Error) {
        let answered = self.asked.as_mut().map(|asked| asked.answer.try_recv());
        self.passed(matches!(answered, Some(Ok(Ok(_)))));
        for mut stanza in self.waiting.drain(..) {
            stanza.settle(Outcome::Unknown(error()));
        }
    }
}

impl Core {
    /// Sends a ping behind what was sent, if something waits for one and nothing more is to be sent at once.
    pub(super) fn ask_barrier(&mut self, line: &mut Line) {
        let said_goodbye = line.closing.as_ref().is_some_and(|way| way.said_goodbye);
        let is_due = self.outbox.is_empty() || line.barrier.len() >= REQUEST_EVERY;
        if line.barrier.len() == 0 || line.barrier.asked.is_some() || said_goodbye || !is_due {
            return;
        }
        let ping = match ping_of(line).into_stanza(&*self.env.random) {
            Ok(ping) => ping,
            Err(error) => {
                tracing::error!(%error, "a ping could not be written");
                return line.barrier.give_up();
            }
        };
        let (tell, answer) = oneshot::channel();
        let covers = line.barrier.len();
        self.post(line, Post::Request(ping, ReplyTo::Whole(tell)));
        let at = Instant::now();
        line.barrier.asked = Some(Asked { answer, covers, at });
        // Silence means for this ping what it means for any other.
        line.pinged_at.get_or_insert(at);
    }
}
