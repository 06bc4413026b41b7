//! The user's own avatar: what presence says about it, and what other clients of the account say (XEP-0153 §4).

use converse_core::Api;
use converse_core::bus::Answers;
use converse_core::contract::PresencePayloadChanged;
use converse_core::disco::Info;
use converse_core::{Error, ErrorKind};
use jid::BareJid;
use tokio::sync::watch;

use super::ProfileActor;
use super::jobs::Job;
use crate::error::VCardError;
use crate::message::{OwnCard, Published, Services, ServicesKnown};
use crate::model::{Announced, Avatar, Metadata, Photo, VCard};
use crate::ns;
use crate::settings::USE_VCARDS;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// There is no session.
    Offline,
    /// The account's service was asked what it can.
    Asking,
    Known(Services),
}

/// What the own account's service can, as far as this session has learned; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    state: watch::Sender<State>,
}

impl Default for Own {
    fn default() -> Self {
        Self {
            state: watch::Sender::new(State::Offline),
        }
    }
}

impl Own {
    /// What the service can, as soon as it is known.
    pub(crate) async fn services(&self, call: &'static str) -> Result<Services, VCardError> {
        let mut state = self.state.subscribe();
        let known = state.wait_for(|state| *state != State::Asking).await;
        match known.as_deref() {
            Ok(State::Known(services)) => Ok(*services),
            _ => Err(VCardError::Offline { call }),
        }
    }

    pub(super) fn offline(&self) {
        self.state.send_replace(State::Offline);
    }

    fn asking(&self) {
        self.state.send_replace(State::Asking);
    }

    fn known(&self, services: Services) {
        self.state.send_replace(State::Known(services));
    }
}

impl Services {
    fn of(info: &Info) -> Self {
        Self {
            pep: info.is("pubsub", "pep"),
            conversion: info.has(ns::CONVERSION),
        }
    }
}

impl Answers<ServicesKnown> for ProfileActor {
    async fn answer(&mut self, known: ServicesKnown) {
        if known.session != self.session {
            return;
        }
        match known.services {
            Ok(services) => self.shared.own.known(services),
            Err(error) => {
                tracing::debug!(%error, "what the account's service can is not known");
                self.shared.own.offline();
            }
        }
    }
}

impl Answers<OwnCard> for ProfileActor {
    async fn answer(&mut self, known: OwnCard) {
        if known.session == self.session {
            self.own_card(&known.card).await;
        }
    }
}

impl Answers<Published> for ProfileActor {
    async fn answer(&mut self, published: Published) {
        let Some(own) = self.api.session().bare_jid() else {
            return;
        };
        match published {
            Published::Card(card) => self.own_card(&card).await,
            Published::Nick(nick) => {
                self.learn(&own, |it| it.nick = Some(nick)).await;
            }
            Published::Avatar(avatar) => {
                self.learn(&own, |it| {
                    it.announced = published_as(avatar.as_ref());
                    it.avatar = avatar;
                })
                .await;
            }
        }
    }
}

impl ProfileActor {
    /// Asks what the account's service can, and looks at the own vCard unless the server tells others of the avatar.
    pub(super) fn ask_about_own(&self, account: BareJid) {
        self.shared.own.asking();
        let wanted = self.api.settings().read(&USE_VCARDS).unwrap_or_default();
        let (api, session) = (self.api.clone(), self.session);
        tokio::spawn(async move {
            let services = services(&api).await;
            let looks = wanted && services.as_ref().is_ok_and(|it| !it.conversion);
            // When the bus has stopped nobody wants to know any more.
            let known = ServicesKnown { session, services };
            let _ = api.bus().call(known).await;
            if looks {
                look(
                    Job {
                        api,
                        jid: account,
                        announced: Announced::default(),
                    },
                    session,
                )
                .await;
            }
        });
    }

    /// Another client of the account says something else than this one: the vCard decides (XEP-0153 §4.3).
    pub(super) fn another_client_says(&mut self, photo: &Photo) {
        if self.others.contradicts(&self.shared.photo.get(), photo) {
            self.say(Photo::Unknown);
            if let Some(own) = self.api.session().bare_jid() {
                self.ask_about_own(own);
            }
        }
    }

    /// The own vCard is this one.
    async fn own_card(&mut self, card: &VCard) {
        let Some(own) = self.api.session().bare_jid() else {
            return;
        };
        let photo = card.photo().unwrap_or_else(|error| {
            tracing::warn!(jid = %own, %error, "the own avatar is refused");
            None
        });
        let now = self.api.environment().clock.now();
        let picture = photo.clone();
        self.learn(&own, |it| {
            it.take_card(card, now);
            it.announced.photo = Some(picture.as_ref().map(|it| it.hash.clone()));
            if it.announced.metadata.is_none() {
                it.avatar = picture;
            }
        })
        .await;
        self.say(photo.map_or(Photo::None, |photo| Photo::Hash(photo.hash)));
    }

    /// Presence says this from now on.
    fn say(&mut self, photo: Photo) {
        if self.shared.photo.set(photo) {
            self.api.publish(PresencePayloadChanged::new(ns::UPDATE));
        }
    }
}

/// What those know who have seen what was published.
fn published_as(avatar: Option<&Avatar>) -> Announced {
    let hash = avatar.map(|avatar| avatar.hash.clone());
    Announced {
        metadata: Some(hash.clone().map(|hash| Metadata {
            id: hash.clone(),
            hash,
        })),
        photo: Some(hash),
    }
}

async fn services(api: &Api) -> Result<Services, Error> {
    match api.disco().account().await {
        Ok(info) => Ok(Services::of(&info)),
        Err(error) if error.kind() == ErrorKind::Disconnected => Err(error),
        // Who does not say what it can, cannot.
        Err(_) => Ok(Services::default()),
    }
}

/// Looks at the own vCard.
async fn look(job: Job, session: u64) {
    match job.usual_card().await {
        Ok(card) => {
            let known = OwnCard { session, card };
            let _ = job.api.bus().call(known).await;
        }
        Err(error) => tracing::debug!(%error, "the own vCard is not known"),
    }
}
