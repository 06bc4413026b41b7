//! The roster at the start of a session (RFC 6121 §2.1.3, §2.6).

use converse_core::api::HearsAnswers;
use converse_core::bus::Handled;
use converse_core::contract::RosterContactsFetched;
use converse_core::session::IqResult;
use converse_core::xml::ElementRef;
use converse_core::{Error, ErrorKind, ns};

use super::RosterActor;
use crate::message::{
    CachedRoster, ContactRemoved, Roster, RosterFetchFailed, RosterGroupsFetched,
    RosterInitialized, RosterReadyAfterReconnection,
};
use crate::model::{Contact, Replaced};
use crate::wire;

/// The answer to the question for the roster in a session.
pub(crate) struct Fetched {
    session: u64,
}

impl HearsAnswers<Fetched> for RosterActor {
    async fn hear_answer(&mut self, key: Fetched, answer: IqResult) -> Handled {
        if key.session != self.session {
            return Ok(());
        }
        match answer {
            Ok(stanza) => match stanza.child("query", ns::ROSTER) {
                Some(query) => self.take_roster(query).await,
                None => self.keep_roster(),
            },
            Err(error) => self.go_without(&error),
        }
        Ok(())
    }
}

impl RosterActor {
    /// Asks for the roster of a session that has begun; the answer comes in its place among the pushes.
    pub(super) async fn fetch(&mut self) {
        let Some(begun) = self.begun.take() else {
            return;
        };
        if begun.reconnected {
            self.api.publish(RosterReadyAfterReconnection {});
        } else {
            self.api.publish(RosterInitialized {});
        }
        let version = if begun.versions {
            let version = self.known_version().await;
            if !version.is_empty() {
                self.api.publish(CachedRoster {
                    items: self.book.all(),
                });
            }
            if begun.resumed && !version.is_empty() {
                return self.keep_roster();
            }
            Some(version)
        } else {
            self.cache = None;
            None
        };
        let key = Fetched {
            session: self.session,
        };
        let query = wire::query(version.as_deref());
        if let Err(error) = self.api.iq_in_order(&self.me, key, query).await {
            self.go_without(&error);
        }
    }

    /// The version of the contacts that are known, from the store if need be; empty for none (RFC 6121 §2.6.2).
    async fn known_version(&mut self) -> String {
        if let (None, Some(cache)) = (self.book.version(), &self.cache) {
            match cache.load().await {
                Ok(Some((version, items))) => self.book.restore(items.into_iter(), version),
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "the roster that was kept cannot be read"),
            }
        }
        self.book.version().unwrap_or_default()
    }

    async fn take_roster(&mut self, query: ElementRef<'_>) {
        let version = query.attr("ver").map(|version| version.into_owned());
        let kept = self.cache.as_ref().zip(version.as_deref());
        let mut kept = kept.map(|(cache, version)| cache.begin(version));
        let items = wire::items(query)
            .filter(|item| !item.removed && !self.is_own(item.jid.as_str()))
            .inspect(|item| {
                if let Some(kept) = &mut kept {
                    kept.add(item);
                }
            });
        let Replaced { contacts, gone } = self.book.replace(items, version.clone());
        if let Some(kept) = kept {
            warn_of(kept.write().await);
        }
        self.announce_roster(contacts);
        for contact in gone {
            self.api.publish(ContactRemoved::new(contact));
        }
    }

    /// The server has nothing newer than what is known (RFC 6121 §2.6.3).
    fn keep_roster(&mut self) {
        self.book.confirm();
        let mut items = self.book.all();
        items.retain(|contact| self.book.is_contact(&contact.jid));
        self.announce_roster(items);
    }

    fn announce_roster(&self, items: Vec<Contact>) {
        self.api.publish(RosterGroupsFetched {
            groups: self.book.groups(),
        });
        self.api.publish(Roster { items });
        self.ready(true);
    }

    /// There is no roster in this session: whoever waits for contacts goes on with those of before, or none.
    fn go_without(&mut self, error: &Error) {
        if error.kind() == ErrorKind::Disconnected || error.kind() == ErrorKind::Closed {
            tracing::debug!(%error, "the session ended before the roster came; the next one asks again");
            return;
        }
        tracing::warn!(%error, "the roster could not be fetched; contacts are those of before, or none");
        self.api.publish(RosterFetchFailed {
            reason: error.to_string(),
        });
        self.api.publish(RosterGroupsFetched {
            groups: self.book.groups(),
        });
        self.ready(false);
    }

    fn ready(&self, complete: bool) {
        let count = self.book.count();
        self.api
            .publish(RosterContactsFetched::new(count, complete));
    }
}

/// What cannot be kept is fetched anew the next time.
pub(super) fn warn_of(outcome: Result<(), Error>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "the roster cannot be kept");
    }
}
