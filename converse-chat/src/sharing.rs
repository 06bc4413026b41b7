//! What was displayed, the same on all clients of the account (XEP-0490): telling them, and hearing from them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use converse_core::api::Api;
use converse_core::pubsub::{Item, Items, PublishOptions};
use converse_core::{Error, ErrorKind, ns};
use jid::BareJid;
use tokio::time::sleep;

use crate::api::Chat;
use crate::displayed;
use crate::model::{Kind, Registry};
use crate::settings::SYNCHRONIZE_DISPLAYED;

/// How long it is waited before the clients are told: who reads one chat after the other tells them once.
const DEBOUNCE: Duration = Duration::from_secs(2);
/// Of how many chats it is known what was displayed elsewhere.
const MAX_KNOWN: usize = 10_000;

/// What the clients of the account know of each other.
#[derive(Debug, Default)]
pub(crate) struct Sharing {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Whose node it is.
    account: Option<BareJid>,
    /// What the account's node says, by chat: the id up to which it was displayed.
    known: HashMap<BareJid, String>,
    /// What it does not say yet.
    unpublished: HashMap<BareJid, String>,
    is_publishing: bool,
    /// Whether the account can keep a node that only the user reads, as soon as that is known.
    is_possible: Option<bool>,
}

impl Sharing {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A session begins: the node may be another account's, or have changed meanwhile.
    fn begin_session(&self, account: &BareJid) {
        let mut state = self.state();
        if state.account.as_ref() != Some(account) {
            state.unpublished.clear();
            state.account = Some(account.clone());
        }
        state.known.clear();
        state.is_possible = None;
    }

    /// What the account's clients know is not to be told, nor heard of, any more.
    pub(crate) fn forget(&self) {
        let mut state = self.state();
        *state = State {
            // Whoever publishes finds nothing, and is done.
            is_publishing: state.is_publishing,
            ..State::default()
        };
    }

    /// This client has displayed a chat; whether somebody has to begin to publish it.
    fn note(&self, jid: &BareJid, stanza_id: String) -> bool {
        let mut state = self.state();
        let is_known = state.known.get(jid) == Some(&stanza_id);
        let has_room = state.unpublished.len() < MAX_KNOWN || state.unpublished.contains_key(jid);
        if is_known || !has_room || state.is_possible == Some(false) {
            return false;
        }
        state.unpublished.insert(jid.clone(), stanza_id);
        state.is_possible.is_some() && !std::mem::replace(&mut state.is_publishing, true)
    }

    /// What is to be published, for whoever publishes it; without anything he is done.
    fn take(&self) -> Vec<(BareJid, String)> {
        let mut state = self.state();
        state.is_publishing = !state.unpublished.is_empty();
        state.unpublished.drain().collect()
    }

    /// What could not be published waits for the next session, unless something newer does.
    fn keep(&self, rest: impl IntoIterator<Item = (BareJid, String)>) {
        let mut state = self.state();
        state.is_publishing = false;
        for (jid, stanza_id) in rest {
            state.unpublished.entry(jid).or_insert(stanza_id);
        }
    }

    /// Whether the account can keep such a node; whether somebody has to begin to publish what waits.
    fn set_possible(&self, possible: bool) -> bool {
        let mut state = self.state();
        state.is_possible = Some(possible);
        if !possible {
            state.unpublished.clear();
        }
        let waits = !state.unpublished.is_empty();
        waits && !std::mem::replace(&mut state.is_publishing, true)
    }

    fn learn(&self, jid: &BareJid, stanza_id: &str) {
        let mut state = self.state();
        let has_room = state.known.len() < MAX_KNOWN;
        match state.known.entry(jid.clone()) {
            Entry::Occupied(mut known) => stanza_id.clone_into(known.get_mut()),
            Entry::Vacant(place) if has_room => drop(place.insert(stanza_id.to_owned())),
            Entry::Vacant(_) => {}
        }
    }

    /// Another client has displayed more than this one: there is nothing to say any more.
    pub(crate) fn overtaken(&self, jid: &BareJid) {
        self.state().unpublished.remove(jid);
    }

    /// The id up to which a chat was displayed by any client.
    pub(crate) fn known(&self, jid: &BareJid) -> Option<String> {
        self.state().known.get(jid).cloned()
    }
}

/// This client has displayed a chat up to a message.
pub(crate) fn tell(api: &Api, registry: &Arc<Registry>, jid: &BareJid, stanza_id: String) {
    let is_on = api
        .settings()
        .read(&SYNCHRONIZE_DISPLAYED)
        .unwrap_or_default();
    if is_on && registry.sharing.note(jid, stanza_id) {
        begin(api, registry);
    }
}

fn begin(api: &Api, registry: &Arc<Registry>) {
    let (api_, registry) = (api.clone(), Arc::clone(registry));
    crate::tasks::spawn(api, async move { publish(&api_, &registry.sharing).await });
}

async fn publish(api: &Api, sharing: &Sharing) {
    loop {
        sleep(DEBOUNCE).await;
        let mut batch = sharing.take().into_iter();
        if batch.len() == 0 {
            return;
        }
        while let Some((jid, stanza_id)) = batch.next() {
            match publish_one(api, &jid, &stanza_id).await {
                Ok(()) => sharing.learn(&jid, &stanza_id),
                Err(error) if error.kind() == ErrorKind::Disconnected => {
                    sharing.keep(batch.chain([(jid, stanza_id)]));
                    return;
                }
                Err(error) => {
                    tracing::debug!(%error, "the account's other clients are not told what was displayed");
                }
            }
        }
    }
}

/// Only the user may read the node, and it keeps one item for each chat (§4.2).
async fn publish_one(api: &Api, jid: &BareJid, stanza_id: &str) -> Result<(), Error> {
    let Some(own) = api.session().bare_jid() else {
        return Ok(());
    };
    let options = PublishOptions::private()
        .with("pubsub#send_last_published_item", "never")
        .keeping_most();
    let payload = displayed::payload(&own, stanza_id);
    let pubsub = api.pubsub();
    pubsub
        .publish(ns::MDS_DISPLAYED, Some(jid.as_str()), payload, &options)
        .await
        .map(drop)
}

/// Learns what was displayed while this client was away (§4.4).
pub(crate) async fn catch_up(api: Api, registry: Arc<Registry>) {
    let Some(own) = api.session().bare_jid() else {
        return;
    };
    registry.sharing.begin_session(&own);
    let account = api.disco().account().await;
    let is_possible = account.is_ok_and(|account| account.has(ns::PUBSUB_PUBLISH_OPTIONS));
    if registry.sharing.set_possible(is_possible) {
        begin(&api, &registry);
    }
    if !is_possible {
        return;
    }
    match api
        .pubsub()
        .items(&own, ns::MDS_DISPLAYED, Items::all())
        .await
    {
        Ok(items) => take(&api, &registry, &own, &items),
        Err(error) => tracing::debug!(%error, "what other clients have displayed is not known"),
    }
}

/// Another client of the account, or this one, has displayed something.
pub(crate) fn take(api: &Api, registry: &Arc<Registry>, own: &BareJid, items: &[Item]) {
    for item in items {
        let payload = item.payload.as_ref();
        let stanza_id = payload.and_then(|payload| displayed::read(payload.view(), own));
        let (Ok(jid), Some(stanza_id)) = (item.id.parse::<BareJid>(), stanza_id) else {
            tracing::debug!(id = %item.id.escape_debug(), "an item about what was displayed is malformed");
            continue;
        };
        registry.sharing.learn(&jid, &stanza_id);
        if let Some(chat) = registry.get(Kind::Chat, &jid) {
            Chat::new(api, registry, chat).displayed_elsewhere(&stanza_id);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn what_is_known_is_not_published_again() {
        let sharing = Sharing::default();
        let jid: BareJid = "otto@heron.example".parse().unwrap();
        let note = |id: &str| sharing.note(&jid, id.to_owned());
        assert!(!note("s1"), "it is not known whether it is possible");
        assert!(sharing.set_possible(true));
        assert!(!note("s2"), "somebody publishes already");
        assert_eq!(sharing.take(), [(jid.clone(), "s2".to_owned())]);
        sharing.learn(&jid, "s2");
        assert!(sharing.take().is_empty());
        assert!(!note("s2"));
        assert!(note("s3"));
        sharing.overtaken(&jid);
        assert!(sharing.take().is_empty());
        assert!(note("s4"));
        sharing.begin_session(&jid);
        assert!(sharing.take().is_empty(), "it is another account");
        assert!(!note("s5"));
        let lost = sharing.take();
        sharing.keep(lost);
        sharing.begin_session(&jid);
        assert!(sharing.set_possible(true));
        assert_eq!(sharing.take().len(), 1);
    }

    #[test]
    fn no_more_is_kept_than_fits() {
        let sharing = Sharing::default();
        sharing.set_possible(true);
        for n in 0..MAX_KNOWN + 10 {
            let jid: BareJid = format!("c{n}@heron.example").parse().unwrap();
            sharing.learn(&jid, "s");
            sharing.note(&jid, "t".to_owned());
        }
        assert_eq!(sharing.state().known.len(), MAX_KNOWN);
        assert_eq!(sharing.take().len(), MAX_KNOWN);
    }
}
