//! Pictures of occupants of rooms: fetched when somebody wants to see one, and kept by their hash (XEP-0153 §3.2).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use converse_core::Error;
use converse_core::bus::Answers;
use converse_core::contract::{AwaitedPicture, FetchPicture, Picture};
use jid::FullJid;
use tokio::sync::oneshot;

use super::ProfileActor;
use super::fetching::again;
use super::jobs::is_missing;
use crate::message::PictureFetched;
use crate::model::Avatar;
use crate::wire;

/// How long the actor may take until it hears of the end of a fetch.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Who waits for the picture of a hash.
pub(super) type WaitingForPictures =
    HashMap<String, Vec<oneshot::Sender<Result<Option<Picture>, Error>>>>;

impl Answers<FetchPicture> for ProfileActor {
    async fn answer(&mut self, request: FetchPicture) -> AwaitedPicture {
        let FetchPicture { occupant, hash, .. } = request;
        let (tell, told) = oneshot::channel();
        let kept = match &self.cache {
            Some(cache) => cache.picture(&hash).await,
            None => None,
        };
        if let Some(avatar) = kept {
            // Who asked may have stopped waiting.
            let _ = tell.send(Ok(Some(shown(avatar))));
            return told;
        }
        if let Some(waiting) = self.pictures.get_mut(&hash) {
            waiting.push(tell);
            return told;
        }
        self.pictures.insert(hash.clone(), vec![tell]);
        self.fetch_picture(occupant, hash);
        told
    }
}

impl Answers<PictureFetched> for ProfileActor {
    async fn answer(&mut self, PictureFetched { hash, outcome }: PictureFetched) {
        if let (Ok(Some(avatar)), Some(cache)) = (&outcome, &self.cache) {
            cache.keep_picture(avatar).await;
        }
        let outcome = outcome.map(|avatar| avatar.map(shown));
        for tell in self.pictures.remove(&hash).unwrap_or_default() {
            let outcome = outcome.as_ref().map(Clone::clone).map_err(again);
            let _ = tell.send(outcome);
        }
    }
}

impl ProfileActor {
    fn fetch_picture(&self, occupant: FullJid, hash: String) {
        let api = self.api.clone();
        let permits = Arc::clone(&self.permits);
        tokio::spawn(async move {
            let permit = permits.acquire_owned().await;
            let answer = api.iq(wire::get_of(&occupant)).await;
            drop(permit);
            let outcome = match answer {
                Ok(answer) => Ok(picture_of(&wire::card(answer.root()), &hash)),
                Err(error) if is_missing(&error) => Ok(None),
                Err(error) => Err(error),
            };
            let fetched = PictureFetched { hash, outcome };
            // When the bus has stopped nobody waits any more.
            let _ = api.bus().call_within(fetched, PATIENCE).await;
        });
    }
}

/// The picture in a vCard, if it is the one that was announced and may be shown.
fn picture_of(card: &crate::VCard, hash: &str) -> Option<Avatar> {
    let photo = card.photo().and_then(|photo| match photo {
        Some(photo) => photo.expect_hash(hash).map(Some),
        None => Ok(None),
    });
    photo.unwrap_or_else(|error| {
        tracing::debug!(%error, "the picture of an occupant is refused");
        None
    })
}

fn shown(avatar: Avatar) -> Picture {
    Picture::new(avatar.bytes, avatar.type_.as_str(), avatar.hash)
}
