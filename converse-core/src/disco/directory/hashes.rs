//! What a hash stands for: known, kept, or asked for and checked.

use std::sync::Arc;
use std::time::Duration;

use jid::{FullJid, Jid};

use super::{Disco, Verified};
use crate::disco::announced::{Announcement, Found};
use crate::disco::caps::Key;
use crate::disco::info::{Info, query_of};
use crate::disco::keep::Kept;
use crate::error::{Error, ErrorKind};
use crate::ns;

/// How long the answer of another who has the same hash is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a hash stands for, or why that is not known.
type Looked = Result<Arc<Info>, ErrorKind>;

/// Whether there is nobody any more who could answer.
fn is_over(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Disconnected | ErrorKind::Closed)
}

impl Disco {
    /// What a resource can by the hash in its presence.
    pub(super) async fn verified(&self, resource: &FullJid) -> Option<Arc<Info>> {
        loop {
            let announcement = self.announcement_of(resource)?;
            let (key, node) = announcement.best()?;
            let jid = Jid::from(resource.clone());
            let (outcome, mine) = self.look_up(&key, &jid, &node).await;
            match outcome {
                Ok(info) => return Some(info),
                // Another has that hash and did not say what it stands for: it is not this one's fault (XEP-0115 §5.4, 3.9).
                Err(kind) if !mine && !is_over(kind) => {}
                Err(kind) => {
                    if !is_over(kind) {
                        self.announced().refute(resource.as_str(), &announcement);
                    }
                    return None;
                }
            }
        }
    }

    /// What the own server can by the hash in its stream's features (XEP-0115 §6.3), if that is known already.
    pub(super) async fn server_by_hash(&self, server: &Jid) -> Option<Arc<Info>> {
        if let Some(info) = self.remembered(&(server.clone(), None)) {
            return Some(info);
        }
        let features = self.state().stream.clone()?;
        let announcement: Announcement = Found::within(features.view())?.read();
        let (key, node) = announcement.best()?;
        let (info, _) = self.look_up(&key, server, &node).await;
        if info.is_err() {
            // It has been asked and is not asked so again.
            self.state().stream = None;
        }
        info.ok()
    }

    /// What `key` stands for; whether it was this one who was asked, if anybody was.
    async fn look_up(&self, key: &Key, jid: &Jid, node: &str) -> (Looked, bool) {
        let (flight, mine) = {
            let mut state = self.state();
            if let Some(verified) = state.verified.get(key) {
                return (Ok(Arc::clone(&verified.info)), true);
            }
            state.verifying.join(key.clone(), || {
                let (disco, key) = (self.clone(), key.clone());
                let (jid, node) = (jid.clone(), node.to_owned());
                Box::pin(async move {
                    let outcome = disco.learn(&key, &jid, &node).await;
                    disco.state().verifying.land(&key);
                    outcome.map_err(Arc::new)
                })
            })
        };
        if mine {
            return (flight.await.map_err(|error| error.kind()), true);
        }
        match tokio::time::timeout(PATIENCE, flight).await {
            Ok(outcome) => (outcome.map_err(|error| error.kind()), false),
            // Who was asked is silent, which must not keep the others waiting.
            Err(_) => {
                let learned = self.learn(key, jid, node).await;
                (learned.map_err(|error| error.kind()), true)
            }
        }
    }

    /// Looks in the store, then asks; what is kept is what the hash vouches for.
    async fn learn(&self, key: &Key, jid: &Jid, node: &str) -> Result<Arc<Info>, Error> {
        let outside = &self.shared.outside;
        let own = outside.session.bare_jid();
        let kept = own.map(|own| Kept::new(Arc::clone(&outside.store), own));
        if let Some(kept) = &kept
            && let Some(info) = kept.get(key).await
        {
            return Ok(self.trust(key, info, None));
        }
        let session = self.state().session;
        let place = (jid.clone(), Some(node.to_owned()));
        let answer = self.ask(&place, ns::DISCO_INFO).await;
        let answer = answer.inspect_err(|error| {
            tracing::debug!(%jid, %error, "it does not say what its hash stands for");
        })?;
        let query = query_of(&answer)?;
        match key.verify(query) {
            Ok(info) => {
                if let Some(kept) = &kept {
                    kept.put(key, &info).await;
                }
                Ok(self.trust(key, info, Some(jid.clone())))
            }
            Err(reason) => {
                tracing::warn!(%jid, hash = %key, reason, "a hash does not stand for what was said; it is not trusted");
                // What it says about itself it may say all the same.
                let info = Arc::new(Info::from_answer(&answer)?);
                self.remember(&(jid.clone(), None), session, query, &info);
                Err(Error::new(ErrorKind::InvalidResponse, reason))
            }
        }
    }

    fn trust(&self, key: &Key, info: Info, from: Option<Jid>) -> Arc<Info> {
        let info = Arc::new(info);
        let verified = Verified {
            info: Arc::clone(&info),
            from,
        };
        self.state().verified.insert(key.clone(), verified);
        info
    }
}
