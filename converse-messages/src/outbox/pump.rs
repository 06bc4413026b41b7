//! Handing what waits to the session, one lane at a time.

use converse_core::ErrorKind;
use converse_core::session::{Acknowledgement, Outcome, SessionNumber};
use converse_core::xml::{Element, XmlError};

use super::entry::{About, Entry};
use super::handle::Outbox;
use super::keeping;
use super::lane::Lane;
use super::line::{Line, Readiness};
use super::queue::Due;
use super::stanza;
use crate::model::{Delivery, MessageError, MessageId};

/// Why a lane is not worked on any more.
enum Pause {
    /// What waits, waits for something to happen; nobody need wait for that.
    Waits,
    /// The session has as much of this lane as it gets for now.
    Full,
}

impl Outbox {
    /// Looks whether something can be sent in a lane: a room was entered, the archive has told what it has.
    pub fn wake(&self, lane: &Lane) {
        if self.begin_pump(lane) {
            let (own, lane) = (self.clone(), lane.clone());
            self.spawn(async move {
                loop {
                    if let Pause::Waits = own.pump(&lane).await {
                        own.release(&lane);
                    }
                    if own.end_pump(&lane) {
                        return;
                    }
                }
            });
        }
    }

    async fn pump(&self, lane: &Lane) -> Pause {
        loop {
            let Some(line) = self.line(lane) else {
                return Pause::Waits;
            };
            let (session, may_repeat) = match line.readiness() {
                Readiness::Waits => return Pause::Waits,
                Readiness::Ready {
                    session,
                    may_repeat,
                } => (session, may_repeat),
                Readiness::Never(error) => {
                    for id in self.waiting(lane) {
                        self.give_up(lane, id.as_str(), &error);
                    }
                    return Pause::Waits;
                }
            };
            self.decide(lane, &*line);
            let due = match self.due(lane, may_repeat) {
                Ok(due) => due,
                Err(pause) => return pause,
            };
            if due.left && line.has_arrived(due.id.as_str()) {
                self.set_delivery(&line, due.id.as_str(), Delivery::Acknowledged, None);
                self.arrived(lane, due.id.as_str());
                continue;
            }
            if due.is_unmarked {
                self.mark(lane).await;
                // Meanwhile it may have been withdrawn, or the session lost.
                continue;
            }
            if let Err(pause) = self.hand_over(lane, &*line, session, due).await {
                return pause;
            }
        }
    }

    /// What an earlier process left for somebody in a room goes to him or to nobody.
    fn decide(&self, lane: &Lane, line: &dyn Line) {
        let doubted = self.with_queue(|queue| queue.doubted(lane));
        if doubted.is_empty() {
            return;
        }
        if line.is_same() {
            self.with_queue(|queue| queue.trust(lane));
            return;
        }
        for id in doubted {
            self.give_up(lane, id.as_str(), &stranger());
        }
    }

    async fn hand_over(
        &self,
        lane: &Lane,
        line: &dyn Line,
        session: SessionNumber,
        due: Due,
    ) -> Result<(), Pause> {
        let Some(attempt) = self.with_queue(|queue| queue.hand(due.number)) else {
            return Ok(());
        };
        let outgoing = self.outgoing(line, &due);
        let companion = outgoing
            .as_ref()
            .ok()
            .and_then(|stanza| line.companion(stanza));
        line.leaves();
        let sent = match outgoing {
            Ok(stanza) => self.api().send_in(session, &stanza).await,
            Err(error) => Err(error.into()),
        };
        match sent {
            Ok(acknowledgement) => {
                if due.about == About::Message {
                    line.set_delivery(due.id.as_str(), Delivery::Sent, None);
                }
                self.follow((due.number, attempt), session, acknowledgement);
                self.tell(due.number, Ok(()));
            }
            Err(error) if matches!(error.kind(), ErrorKind::Disconnected | ErrorKind::Closed) => {
                self.back(due.number, attempt, false);
                return Err(Pause::Waits);
            }
            // The same would fail again.
            Err(error) => {
                let reason = MessageError::from(&error);
                self.tell(due.number, Err(error));
                self.give_up(lane, due.id.as_str(), &reason);
                return Ok(());
            }
        }
        if let Some(companion) = companion
            && let Err(error) = self.api().send_untracked(companion).await
        {
            tracing::debug!(%error, "what goes with a message could not be sent");
        }
        Ok(())
    }

    fn outgoing(&self, line: &dyn Line, due: &Due) -> Result<Element, XmlError> {
        let own = self.api().session().jid();
        let late = own.as_ref().filter(|_| due.left);
        let late = late.map(|own| (due.created, own));
        stanza::outgoing(&due.stanza, line.to().as_ref(), late)
    }

    /// Waits for what becomes of it.
    fn follow(
        &self,
        (number, attempt): (u64, u32),
        session: SessionNumber,
        acknowledgement: Acknowledgement,
    ) {
        let own = self.clone();
        tokio::spawn(async move {
            let lane = match acknowledgement.outcome().await {
                Outcome::Acknowledged => return own.accept(number, attempt),
                Outcome::NotSent(_) => own.back(number, attempt, false),
                _ => own.back(number, attempt, true),
            };
            // If the next session has not begun, it looks for itself.
            if let Some(lane) = lane.filter(|_| own.session() != Some(session)) {
                own.wake(&lane);
            }
        });
    }

    fn accept(&self, number: u64, attempt: u32) {
        let Some(entry) = self.accepted(number, attempt) else {
            return;
        };
        if entry.about == About::Message
            && let Some(line) = self.line(&entry.lane)
        {
            self.set_delivery(&line, entry.id.as_str(), Delivery::Acknowledged, None);
        }
        self.wake(&entry.lane);
    }

    /// It waits again, for everybody to see.
    fn back(&self, number: u64, attempt: u32, may_have_left: bool) -> Option<Lane> {
        let entry = self.with_queue(|queue| queue.back(number, attempt, may_have_left))?;
        self.requeue(&entry);
        Some(entry.lane)
    }

    /// The store is told that what waits in a lane may have left, before it does.
    async fn mark(&self, lane: &Lane) {
        let entries: Vec<Entry> = self.unmarked(lane);
        let changes = entries.iter().map(|entry| keeping::put(entry, true));
        if let Err(error) = self.write(lane, changes.collect()).await {
            tracing::warn!(%error, "the store could not be told that something leaves; it leaves all the same");
        }
        let numbers: Vec<u64> = entries.iter().map(|entry| entry.number).collect();
        self.marked(&numbers);
    }

    /// A task for a lane begins, unless there is one, which then looks again.
    fn begin_pump(&self, lane: &Lane) -> bool {
        self.with_pumps(|pumps| match pumps.get_mut(lane) {
            Some(again) => {
                *again = true;
                false
            }
            None => {
                pumps.insert(lane.clone(), false);
                true
            }
        })
    }

    /// The task of a lane ends, unless it is to look again.
    fn end_pump(&self, lane: &Lane) -> bool {
        self.with_pumps(|pumps| match pumps.get_mut(lane) {
            Some(again) if *again => {
                *again = false;
                false
            }
            _ => {
                pumps.remove(lane);
                true
            }
        })
    }

    fn due(&self, lane: &Lane, may_repeat: bool) -> Result<Due, Pause> {
        self.with_queue(|queue| match queue.due(lane, may_repeat) {
            Some(due) => Ok(due),
            None if queue.is_full(lane) => Err(Pause::Full),
            None => Err(Pause::Waits),
        })
    }

    fn waiting(&self, lane: &Lane) -> Vec<MessageId> {
        self.with_queue(|queue| queue.waiting(lane))
    }

    fn unmarked(&self, lane: &Lane) -> Vec<Entry> {
        self.with_queue(|queue| queue.unmarked(lane))
    }

    fn marked(&self, numbers: &[u64]) {
        self.with_queue(|queue| queue.mark(numbers));
    }
}

/// Who has the nick of an occupant by now is not known.
fn stranger() -> MessageError {
    let text = "the program ended before it could be sent; whether the same one has the nick now is not known";
    MessageError::new("recipient-unavailable", Some(text.to_owned()))
}
