//! From the end of an archive back to the cursor, or as far as need be.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use converse_core::contract::{ArchivePage, Archived};
use converse_core::store::Place;

use super::{CatchUp, Outcome, Phase};
use crate::sync::gap::Mark;
use crate::sync::paging::{Edge, Fresh, Paging, once};
use crate::sync::placing::{self, Placed};

/// Messages from the end of the archive, until it is known what they follow.
#[derive(Debug)]
pub(super) struct Back {
    /// What comes before this message is next; first, the newest.
    pub(super) before: Option<String>,
    /// How many are fetched at most.
    budget: usize,
    /// What came so far, the oldest first.
    messages: VecDeque<Archived>,
    /// The first and the last of the results that came so far, readable or not.
    edges: Option<(String, String)>,
}

impl Back {
    pub(super) fn new(budget: usize) -> Self {
        Self {
            before: None,
            budget,
            messages: VecDeque::new(),
            edges: None,
        }
    }
}

impl CatchUp {
    pub(super) fn take_newest(
        &mut self,
        page: ArchivePage,
        now: DateTime<Utc>,
        known: impl Fn(&str) -> Option<Place>,
    ) -> Vec<Placed> {
        let mut page = page;
        let mut messages = once(std::mem::take(&mut page.messages));
        let reached = messages
            .iter()
            .rposition(|message| self.is_cursor(&message.id));
        if let Some(at) = reached {
            // What was fetched from the cursor on goes that far.
            let placed = self.put(messages.split_off(at + 1), true, now);
            self.finish();
            return placed;
        }
        if self.fetched == 0 && self.is_all_known(&messages, &known) {
            self.finish();
            return Vec::new();
        }
        self.paging = Paging::default();
        page.messages = messages;
        match self.paging.take(page, &Edge::End) {
            Ok(fresh) => self.take_earlier(fresh, now, known),
            Err(error) => {
                self.end = Some(Outcome::Failed(error));
                Vec::new()
            }
        }
    }

    /// Whether an archive that does not have the cursor ends with what came before it.
    fn is_all_known(&self, messages: &[Archived], known: impl Fn(&str) -> Option<Place>) -> bool {
        let Some(newest) = messages.last() else {
            return false;
        };
        let mut messages = messages.iter();
        self.is_before_cursor(&newest.id, &known)
            && (self.is_nothing_new(newest, &known)
                || messages.all(|message| self.is_before_cursor(&message.id, &known)))
    }

    /// Whether nothing came from the end of the archive, readable or not.
    fn is_nothing(&self) -> bool {
        matches!(&self.phase, Phase::Back(back) if back.edges.is_none())
    }

    pub(super) fn take_earlier(
        &mut self,
        fresh: Fresh,
        now: DateTime<Utc>,
        known: impl Fn(&str) -> Option<Place>,
    ) -> Vec<Placed> {
        let Fresh {
            mut messages,
            is_last,
            unreadable,
            ..
        } = fresh;
        let reached = messages
            .iter()
            .rposition(|message| self.is_cursor(&message.id));
        if let Some(at) = reached {
            // The archive has the cursor after all.
            messages.drain(..=at);
        }
        let first = messages.first().map(|message| message.id.clone());
        let last = messages.last().map(|message| message.id.clone());
        let edges = first.zip(last).or(unreadable);
        // A message from long before the cursor came before all that is wanted.
        let is_far = self.is_long_ago(&messages);
        let oldest = messages.iter().find_map(|message| message.time);
        let is_reached = self
            .since
            .is_none_or(|since| oldest.is_some_and(|time| time < since));
        let is_late = self.paging.pages() >= self.limits.pages;
        let Phase::Back(back) = &mut self.phase else {
            return Vec::new();
        };
        for message in messages.into_iter().rev() {
            back.messages.push_front(message);
        }
        let is_enough = back.messages.len() >= back.budget || back.budget == 1;
        let is_enough = (is_enough && is_reached) || is_late;
        // Without any, there is nothing before.
        if let Some((first, last)) = edges {
            let last = back.edges.take().map_or(last, |(_, last)| last);
            back.before = Some(first.clone());
            back.edges = Some((first, last));
            if !(is_far || is_last || is_enough || reached.is_some()) {
                return Vec::new();
            }
        }
        let is_all = is_last && self.begun.is_none();
        if is_all && self.is_nothing() {
            self.state.set_empty();
        }
        let placed = self.settle(is_all || reached.is_some(), now, known);
        self.finish();
        placed
    }

    /// The archive will say no more: what came from its end stays.
    pub(super) fn close(
        &mut self,
        now: DateTime<Utc>,
        known: impl Fn(&str) -> Option<Place>,
    ) -> Vec<Placed> {
        self.settle(false, now, known)
    }

    /// Joins what came from the end to what is known, or notes that something may be missing between.
    fn settle(
        &mut self,
        is_joined: bool,
        now: DateTime<Utc>,
        known: impl Fn(&str) -> Option<Place>,
    ) -> Vec<Placed> {
        let Phase::Back(back) = &mut self.phase else {
            return Vec::new();
        };
        let edges = back.edges.take();
        let mut messages = Vec::from(std::mem::take(&mut back.messages));
        let is_readable = !messages.is_empty();
        if !is_joined {
            messages = self.beyond_known(messages, known);
        }
        let placed = self.put(messages, is_joined, now);
        if let Some((first, last)) = edges.filter(|_| !is_readable) {
            self.skip(&first, &last, now);
        }
        placed
    }

    /// What was here before may have come too, or what is missing further back: then the stamps must tell.
    fn beyond_known(
        &self,
        mut messages: Vec<Archived>,
        known: impl Fn(&str) -> Option<Place>,
    ) -> Vec<Archived> {
        let time = self.begun.as_ref().and_then(|mark| mark.time);
        let is_known = |message: &Archived| self.is_before_cursor(&message.id, &known);
        let is_older =
            |message: &Archived| is_known(message) || (time.is_some() && message.time < time);
        match messages.iter().rposition(is_older) {
            Some(at) if at + 1 < messages.len() => messages.split_off(at + 1),
            _ => {
                // If even the newest is here, what is here need not move.
                if self.fetched == 0 && messages.last().is_some_and(is_known) {
                    messages.retain(|message| !is_known(message));
                }
                messages
            }
        }
    }

    /// Nothing that came could be read: it goes on behind it.
    fn skip(&mut self, first: &str, last: &str, now: DateTime<Utc>) {
        let cursor = self.state.cursor().cloned();
        let before = match &cursor {
            Some(cursor) if cursor.id == last => return,
            Some(cursor) => placing::apart(cursor.place),
            None => Place::at(now),
        };
        let edge = Mark::new(first, before, None);
        self.state.add_gap(cursor, Some(edge));
        self.is_gap = true;
        let at = before.next();
        self.state.move_cursor(Mark::new(last, at, None));
    }
}
