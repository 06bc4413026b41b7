//! Rooms are entered and left as bookmarks say (XEP-0402 §3.2, §4).

use converse_core::bus::CallError;
use converse_core::contract::{EnterRoom, LeaveRoom};
use converse_core::{Error, ErrorKind};
use jid::BareJid;

use super::BookmarksActor;
use crate::model::{Bookmark, Change, Place};

/// What follows from a bookmark.
#[derive(Debug, PartialEq, Eq)]
enum Move {
    Enter,
    Leave,
    Stay,
}

impl BookmarksActor {
    /// The session begins: rooms that are to be entered are entered. One for which that was taken back in the meantime is left; where
    /// nothing was known before, nothing was taken back.
    pub(super) async fn begin_session(&self, all: &[Bookmark], changes: &[Change]) {
        for bookmark in all.iter().filter(|bookmark| bookmark.autojoin) {
            self.enter(bookmark).await;
        }
        for change in changes {
            let is = change.after.as_ref().is_some_and(|after| after.autojoin);
            match &change.before {
                Some(before) if before.autojoin && !is => self.leave(&before.jid).await,
                _ => {}
            }
        }
    }

    /// Another client has changed bookmarks.
    pub(super) async fn follow(&self, place: Place, changes: &[Change]) {
        for change in changes {
            match (move_for(place, change), &change.before, &change.after) {
                (Move::Enter, _, Some(bookmark)) => self.enter(bookmark).await,
                (Move::Leave, Some(bookmark), _) | (Move::Leave, None, Some(bookmark)) => {
                    self.leave(&bookmark.jid).await;
                }
                _ => {}
            }
        }
    }

    async fn enter(&self, bookmark: &Bookmark) {
        let mut request = EnterRoom::new(bookmark.jid.clone());
        if let Some(nick) = &bookmark.nick {
            request = request.nick(nick);
        }
        if let Some(password) = &bookmark.password {
            request = request.password(password.expose());
        }
        let answer = self.api.bus().call(request).await;
        report(&bookmark.jid, "enter", answer);
    }

    async fn leave(&self, jid: &BareJid) {
        let answer = self.api.bus().call(LeaveRoom::new(jid.clone())).await;
        report(jid, "leave", answer);
    }
}

/// What another client's change wants of this one.
///
/// Only what is new moves anybody: who is told another name for a room stays where they are, and so does who has changed a bookmark
/// here. That a new item does not want the room entered says that it is to be left (XEP-0402 §4); a new entry of a list does not.
fn move_for(place: Place, change: &Change) -> Move {
    if change.own {
        return Move::Stay;
    }
    let before = change.before.as_ref().map(|before| before.autojoin);
    let after = change.after.as_ref().map(|after| after.autojoin);
    match (before, after) {
        (Some(true), Some(true)) => Move::Stay,
        (_, Some(true)) => Move::Enter,
        (Some(true), Some(false)) | (Some(_), None) => Move::Leave,
        (None, Some(false)) if place == Place::Native => Move::Leave,
        (_, Some(false)) | (None, None) => Move::Stay,
    }
}

fn report(jid: &BareJid, what: &str, answer: Result<Result<(), Error>, CallError>) {
    match answer {
        Ok(Ok(())) => {}
        Err(CallError::NoAnswerer { .. }) => {
            tracing::debug!(%jid, "nobody can {what} the room of a bookmark: there are no rooms");
        }
        Err(CallError::Closed) => {}
        Ok(Err(error)) if error.kind() == ErrorKind::Unsupported => {
            tracing::debug!(%jid, %error, "the room of a bookmark was not to be {what}ed");
        }
        Ok(Err(error)) => {
            tracing::warn!(%jid, %error, "the room of a bookmark could not be {what}ed");
        }
        Err(error) => tracing::warn!(%jid, %error, "the room of a bookmark: cannot {what}"),
    }
}
