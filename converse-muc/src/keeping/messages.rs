//! What is said in rooms, in the store: each room has a log of its own, and how much of its archive that is, is written together with
//! it, so that nothing is missing that is said to be there.

use converse_core::store::{Change, StoreError};
use converse_messages::keeper::{Keeper, Noted, Source, room_log};
use converse_messages::model::History;
use converse_messages::sync::{ARCHIVES, ArchiveState};

use crate::model::Opened;
use crate::private;

/// How many messages of a room are there when it is opened.
const NEWEST: usize = 50;

impl Source for Opened {
    fn noted(&self) -> &Noted {
        &self.noted
    }

    fn with_history(&self, act: &mut dyn FnMut(&mut History)) {
        act(&mut self.any().talk.history);
    }

    fn take_changes(&self) -> Vec<Change> {
        let mut state = self.any();
        let talk = &mut state.talk;
        let mut changes = talk.history.take_changes();
        if let Some(archive) = talk.archive.followed.take_changed() {
            match archive.to_change(ArchiveState::key(Some(&self.jid))) {
                Ok(change) => changes.push(change),
                Err(error) => {
                    tracing::warn!(room = %self.jid, %error, "what is known of a room's archive is not kept");
                }
            }
        }
        changes
    }
}

/// Gives a room that is being opened its newest messages, and what is known of its archive: at least the messages that came after
/// what is known of that, which it will tell again.
pub(super) async fn restore(keeper: &Keeper, room: &Opened) -> Result<(), StoreError> {
    room.any().talk.history.keep(room_log(&room.jid));
    keeper.load(room, NEWEST).await?;
    let key = ArchiveState::key(Some(&room.jid));
    let kept = keeper.store().get(ARCHIVES, &key).await?;
    let archive = kept.map(|kept| ArchiveState::from_value(&kept));
    let archive = match archive.transpose() {
        Ok(archive) => archive.unwrap_or_default(),
        Err(error) => {
            tracing::warn!(room = %room.jid, %error, "what is known of a room's archive is not used");
            ArchiveState::default()
        }
    };
    let cursor = archive.cursor().map(|cursor| cursor.place);
    room.any().talk.archive.followed.restore(archive);
    if cursor.is_some() {
        keeper.reach(room, cursor).await?;
    }
    private::restore(keeper, room).await
}
