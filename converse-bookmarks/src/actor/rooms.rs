//! Rooms are entered and left as bookmarks say (XEP-0402 §3.2, §4).

use std::collections::HashSet;

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
    /// The session begins. After a login, all rooms that are to be entered are entered. After a lost connection, who is in a room enters it
    /// again by itself, and who has left one stays out: only what is new counts. Where nothing was known before, nothing was taken back.
    pub(super) async fn begin_session(&mut self, all: &[Bookmark], changes: &[Change]) {
        let wanted: HashSet<&BareJid> = changes
            .iter()
            .filter(|change| move_for(Place::List, change) == Move::Enter)
            .filter_map(|change| change.after.as_ref().map(|after| &after.jid))
            .collect();
        for bookmark in all.iter().filter(|bookmark| bookmark.autojoin) {
            let jid = &bookmark.jid;
            if self.is_login || wanted.contains(jid) || self.owed.contains(jid) {
                self.enter(bookmark).await;
            }
        }
        for change in changes {
            if let (Some(before), Move::Leave) = (&change.before, move_for(Place::List, change))
                && before.autojoin
            {
                self.leave(&before.jid).await;
            }
        }
    }

    /// Another client has changed bookmarks.
    pub(super) async fn follow(&mut self, place: Place, changes: &[Change]) {
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

    async fn enter(&mut self, bookmark: &Bookmark) {
        let jid = &bookmark.jid;
        let mut request = EnterRoom::new(jid.clone());
        if let Some(nick) = &bookmark.nick {
            request = request.nick(nick);
        }
        if let Some(password) = &bookmark.password {
            request = request.password(password.expose());
        }
        if report(jid, "enter", self.api.bus().call(request).await) {
            self.owed.remove(jid);
        } else {
            self.owed.insert(jid.clone());
        }
    }

    async fn leave(&mut self, jid: &BareJid) {
        self.owed.remove(jid);
        report(
            jid,
            "leave",
            self.api.bus().call(LeaveRoom::new(jid.clone())).await,
        );
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

/// Says what went wrong; `false` if it may go well another time.
fn report(jid: &BareJid, what: &str, answer: Result<Result<(), Error>, CallError>) -> bool {
    let error = match answer {
        Ok(Ok(())) => return true,
        Ok(Err(error)) => error,
        Err(error) => error.into(),
    };
    if error.kind() == ErrorKind::Unsupported {
        tracing::debug!(%jid, %error, "cannot {what} the room of a bookmark: there are no rooms");
        return true;
    }
    tracing::warn!(%jid, %error, "cannot {what} the room of a bookmark");
    false
}
