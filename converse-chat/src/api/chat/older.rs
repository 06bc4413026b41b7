//! What was said before what is here: from the store, and from the account's archive.

use converse_core::store::{LogScan, Place};
use converse_core::{Error, ErrorKind};
use converse_messages::keeper::chat_log;
use converse_messages::model::{History, Older};
use converse_messages::sync::{
    ArchiveState, Fill, Filled, Gap, Limits, Mark, SyncError, fetch, has_archives,
};

use super::Chat;
use crate::actor::{ChatActor, Reach, Run};
use crate::error::ChatError;
use crate::keeping;
use crate::model::{Kind, State};
use crate::tasks;

/// How many messages are here at most if no store keeps them.
const MOST: usize = 1_000;
/// How many messages before a gap are looked at to find one that the archive has too.
const LOOKED_AT: usize = 100;

/// Where older messages are.
enum Next {
    /// Only the archive has them: the gap of that number.
    Archive(u64),
    /// The store has them.
    Store,
    /// There are none, as far as anybody knows.
    Nothing,
}

impl Chat {
    /// Has older messages come here, from wherever they are.
    pub(crate) async fn read_on(&self, count: usize) -> Result<Older, Error> {
        drop(self.conversation.open()?);
        let _turn = self.conversation.reading.lock().await;
        self.fetch().await;
        self.begin_part().await;
        let mut added = 0;
        let mut may_look = true;
        while added < count {
            let wanted = count - added;
            let came = match self.next_older(std::mem::take(&mut may_look))? {
                Next::Nothing => return Ok(Older::new(added, true)),
                Next::Store => self.load_stored(wanted).await,
                Next::Archive(number) => self.fill(number, wanted).await,
            };
            match came {
                Ok((more, is_end)) => {
                    added += more;
                    if is_end {
                        break;
                    }
                }
                Err(error) if error.kind() == ErrorKind::Unsupported && self.has_room() => {
                    // There is no archive.
                    return Ok(Older::new(added, true));
                }
                // What has come is here; the next call tells what is wrong.
                Err(_) if added > 0 => break,
                Err(error) => return Err(error),
            }
        }
        let is_complete = matches!(self.next_older(false)?, Next::Nothing);
        Ok(Older::new(added, is_complete))
    }

    /// The chat was opened: if nothing of it is known, the archive is asked for its newest messages, once a session.
    pub(crate) fn begin_reading(&self) {
        let is_archived = self.conversation.kind == Kind::Chat && has_archives(&self.api);
        if !is_archived || !self.api.session().is_online() {
            return;
        }
        if !self.registry.archive.lock().is_first_fetch(self.jid()) {
            return;
        }
        let chat = self.clone();
        let begun = chat.conversation.any().newest_read;
        tasks::spawn(&self.api, async move {
            chat.fetch().await;
            let is_known = chat
                .conversation
                .open()
                .map_or(true, |open| !open.history.is_empty());
            if is_known {
                return;
            }
            if let Err(error) = chat.read_newest_since(begun).await {
                tracing::debug!(chat = %chat.jid(), %error, "what was said last is not known");
            }
        });
    }

    /// Has the newest messages come here that the archive has; how many were not here. Whoever calls it while that goes on
    /// waits for it.
    pub(crate) async fn read_newest(&self) -> Result<usize, Error> {
        let begun = self.conversation.open()?.newest_read;
        self.read_newest_since(begun).await
    }

    async fn read_newest_since(&self, begun: u64) -> Result<usize, Error> {
        let _turn = self.conversation.reading.lock().await;
        if self.conversation.open()?.newest_read != begun {
            return Ok(0);
        }
        self.fetch().await;
        self.begin_part().await;
        let aside = ChatActor::aside(&self.api, &self.registry);
        let run = Fill::new(None, Gap::new(0, None, None)).with(self.jid().clone());
        let mut run = run.page(Limits::of(&self.api).page);
        let Some(request) = run.request() else {
            return Ok(0);
        };
        let answer = fetch(&self.api, request).await;
        let _taking = self.registry.archive.taking.lock().await;
        let is_known = oldest_archived(&self.conversation.open()?.history).is_some();
        let now = self.api.environment().clock.now();
        let placed = run.take(answer, now, |id| self.archived_place(id));
        let added = aside.take_page(placed, &mut self.run(None)).await;
        {
            let mut open = self.conversation.open()?;
            open.newest_read += 1;
            if !is_known {
                self.settle_part(&mut open, run.left());
            }
        }
        self.keep_part();
        match run.into_filled() {
            Filled::Failed(_, error) => Err(error.into()),
            Filled::Whole | Filled::Left(_) => Ok(added),
        }
    }

    /// Everything of the chat is here but what is left.
    fn settle_part(&self, open: &mut State, left: Option<&Gap>) {
        let next = self.registry.archive.lock().followed.state().clone();
        let mut part = ArchiveState::default();
        part.adopt(&next, |_| None);
        if let Some(gap) = left {
            part.add_gap(None, gap.before.clone());
        }
        open.part = Some(part);
    }

    fn run(&self, before: Option<Place>) -> Run {
        Run {
            before,
            only: Some(self.jid().clone()),
            ..Run::default()
        }
    }

    fn archived_place(&self, id: &str) -> Option<Place> {
        self.conversation.any().history.archived_place(id)
    }

    /// Whether there is room for older messages here.
    fn has_room(&self) -> bool {
        let room = self
            .conversation
            .open()
            .map(|mut open| open.history.widen(1));
        room.is_ok_and(|room| room > 0)
    }

    /// What of the chat is missing is known from now on.
    async fn begin_part(&self) {
        let is_new = self.conversation.any().part.is_none();
        let keeper = self.conversation.keeper();
        let part = match keeper {
            Some(keeper) if is_new => Some(keeping::read_archive(keeper, &self.part_key()).await),
            _ => None,
        };
        let archive = self.registry.archive.lock().followed.state().clone();
        let is_kept = keeper.is_some();
        let gaps: Vec<Gap> = {
            let mut open = self.conversation.any();
            let oldest = oldest_archived(&open.history);
            let part = open.part.get_or_insert_with(|| {
                let mut part = part.unwrap_or_default();
                if !is_kept && archive.cursor().is_some() {
                    // What was here before, if the chat was open, is not.
                    part.add_gap(None, oldest);
                }
                part
            });
            part.not_adopted(&archive).cloned().collect()
        };
        let mut edges = Vec::new();
        for gap in gaps {
            let is_there = is_new && !is_kept && gap.after.is_none();
            edges.push(match is_there {
                true => None,
                false => Some(self.edges(&gap).await),
            });
        }
        let mut edges = edges.into_iter();
        if let Some(part) = &mut self.conversation.any().part {
            part.adopt(&archive, |_| edges.next().flatten());
        }
    }

    /// The edges of a gap of the archive among the messages of this chat.
    async fn edges(&self, gap: &Gap) -> (Option<Mark>, Option<Mark>) {
        let (after, before, is_asked) = {
            let open = self.conversation.any();
            let history = &open.history;
            let after = gap.after.as_ref().map(|mark| mark.place);
            let before = gap.before.as_ref().map(|mark| mark.place);
            let here = || archived(history);
            let newest = here().rev().find(|mark| Some(mark.place) <= after);
            let oldest = here().find(|mark| before <= Some(mark.place));
            let oldest = oldest.filter(|_| !history.has_older());
            let is_asked = newest.is_none() && after.is_some() && history.has_older();
            (newest, oldest.or(gap.before.clone()), is_asked)
        };
        let stored = match &gap.after {
            Some(edge) if is_asked => self.stored_before(edge.place).await,
            _ => None,
        };
        (after.or(stored), before)
    }

    /// The newest message before a place that the store and the archive have.
    async fn stored_before(&self, place: Place) -> Option<Mark> {
        let keeper = self.conversation.keeper()?;
        let scan = LogScan::newest(chat_log(self.jid())).beyond(place.next());
        let page = keeper.store().records(scan.limit(LOOKED_AT)).await.ok()?;
        page.records.iter().find_map(|record| {
            let id = record
                .names
                .iter()
                .find_map(|name| History::archived_id(name));
            Some(Mark::new(id?, record.place, None))
        })
    }

    /// The newest that is missing is next. With `may_look` what is before the oldest message is looked for even if nothing is
    /// known of it.
    fn next_older(&self, may_look: bool) -> Result<Next, Error> {
        let mut open = self.conversation.open()?;
        let history = &open.history;
        let (oldest, has_older) = (history.oldest_place(), history.has_older());
        let gap = open.part.as_ref().and_then(|part| part.gaps().last());
        if let Some(gap) = gap {
            let edge = gap.before.as_ref().map(|edge| edge.place);
            let is_here = edge.is_none_or(|edge| oldest.is_none_or(|oldest| oldest <= edge));
            if is_here || !has_older {
                return Ok(Next::Archive(gap.number));
            }
        }
        if has_older {
            return Ok(Next::Store);
        }
        let is_unread = self
            .registry
            .archive
            .lock()
            .followed
            .state()
            .cursor()
            .is_none();
        let is_forgotten = history.log().is_none() && history.len() >= MOST;
        let is_archived = self.conversation.kind == Kind::Chat && has_archives(&self.api);
        if may_look && is_archived && (is_unread || is_forgotten) {
            let oldest = oldest_archived(history);
            let part = open.part.get_or_insert_default();
            return Ok(Next::Archive(part.add_gap(None, oldest)));
        }
        Ok(Next::Nothing)
    }

    async fn load_stored(&self, count: usize) -> Result<(usize, bool), Error> {
        let loaded = self.load_older(count).await?;
        let is_stuck = loaded.added == 0 && loaded.has_older;
        Ok((loaded.added, loaded.is_full || is_stuck))
    }

    /// Asks the archive for what a gap has; how many messages came, and whether no more can be had now.
    async fn fill(&self, number: u64, count: usize) -> Result<(usize, bool), Error> {
        let aside = ChatActor::aside(&self.api, &self.registry);
        let page = u32::try_from(count).unwrap_or(u32::MAX);
        let page = Limits::of(&self.api).page.min(page.max(1));
        let part = self.conversation.open()?.part.clone().unwrap_or_default();
        let Some(run) = part.fill(None, number) else {
            return Ok((0, false));
        };
        let after = part.gap(number).and_then(|gap| gap.after.as_ref());
        let reach = Reach::Since(after.map(|edge| edge.place));
        let place = |edge: &Mark| self.archived_place(&edge.id).unwrap_or(edge.place);
        let mut run = run.with(self.jid().clone()).page(page);
        let mut added = 0;
        while let Some(request) = run.request().filter(|_| added < count) {
            let room = self.conversation.open()?.history.widen(page as usize);
            if room == 0 && added == 0 {
                let jid = self.jid().clone();
                return Err(ChatError::TooManyMessages { jid }.into());
            }
            if room == 0 {
                return Ok((added, true));
            }
            let answer = fetch(&self.api, request).await;
            let _taking = self.registry.archive.taking.lock().await;
            let edge = run.left().and_then(|gap| gap.before.clone());
            let edge = edge.as_ref().map(place);
            let now = self.api.environment().clock.now();
            let placed = run.take(answer, now, |id| self.archived_place(id));
            let after = after.map(place);
            let mut pages = Run {
                reach,
                after: after.filter(|after| edge.is_none_or(|edge| *after < edge)),
                ..self.run(edge)
            };
            added += aside.take_page(placed, &mut pages).await;
            if let Some(part) = &mut self.conversation.open()?.part {
                part.set_gap(number, run.left().cloned());
            }
            self.keep_part();
        }
        match run.into_filled() {
            Filled::Failed(_, error) if added == 0 => Err(cause(error)),
            Filled::Failed(..) => Ok((added, true)),
            Filled::Whole | Filled::Left(_) => Ok((added, false)),
        }
    }

    fn keep_part(&self) {
        let part = {
            let mut open = self.conversation.any();
            let State { part, history, .. } = &mut *open;
            let Some(part) = part else {
                return;
            };
            part.refresh(|id| history.archived_place(id));
            part.clone()
        };
        keeping::keep_archive(&self.registry, &self.part_key(), &part);
    }

    fn part_key(&self) -> String {
        format!("chat/{}", self.jid())
    }
}

/// The error of the archive itself, if it is one.
fn cause(error: SyncError) -> Error {
    match error {
        SyncError::Archive(error) => error,
        error => error.into(),
    }
}

/// The messages that the archive has too, the oldest first.
fn archived(history: &History) -> impl DoubleEndedIterator<Item = Mark> + '_ {
    history.iter().filter_map(|message| {
        let id = message.stanza_id.as_ref()?;
        let place = history.archived_place(id)?;
        Some(Mark::new(id, place, None))
    })
}

fn oldest_archived(history: &History) -> Option<Mark> {
    archived(history).next()
}
