//! Where bookmarks are kept, as far as this session has learned.

use converse_core::api::Api;
use converse_core::{Error, ErrorKind};
use tokio::sync::watch;

use crate::error::BookmarkError;
use crate::model::Offer;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// There is no session.
    Offline,
    /// The server has been asked.
    Asking,
    /// A setting says that there are no bookmarks.
    NotAllowed,
    /// It keeps none.
    Refused,
    /// It keeps some, and has given them.
    Offered(Offer),
}

/// Clones share what is known.
#[derive(Debug, Clone)]
pub(crate) struct Support {
    state: watch::Sender<State>,
}

impl Default for Support {
    fn default() -> Self {
        Self {
            state: watch::Sender::new(State::Offline),
        }
    }
}

impl Support {
    /// Where they are kept, as soon as what is there is known.
    pub(crate) async fn require(&self, call: &'static str) -> Result<Offer, BookmarkError> {
        let mut state = self.state.subscribe();
        let known = state.wait_for(|state| *state != State::Asking).await;
        match known.as_deref().copied() {
            Ok(State::Offered(offer)) => Ok(offer),
            Ok(State::Refused) => Err(BookmarkError::Unsupported { call }),
            Ok(State::NotAllowed) => Err(BookmarkError::NotAllowed { call }),
            Ok(State::Offline | State::Asking) | Err(_) => Err(BookmarkError::Offline { call }),
        }
    }

    pub(super) fn asking(&self) {
        self.state.send_replace(State::Asking);
    }

    pub(super) fn not_allowed(&self) {
        self.state.send_replace(State::NotAllowed);
    }

    pub(super) fn refused(&self) {
        self.state.send_replace(State::Refused);
    }

    pub(super) fn offered(&self, offer: Offer) {
        self.state.send_replace(State::Offered(offer));
    }

    pub(super) fn offline(&self) {
        self.state.send_replace(State::Offline);
    }
}

/// Asks the account and the server what they can.
pub(super) async fn ask(api: &Api) -> Result<Offer, Error> {
    let disco = api.disco();
    let account = said(disco.account().await)?;
    let server = said(disco.server().await)?;
    Ok(Offer::of(account.as_deref(), server.as_deref()))
}

/// What somebody says about itself, if it says something.
fn said<T>(info: Result<T, Error>) -> Result<Option<T>, Error> {
    match info {
        Ok(info) => Ok(Some(info)),
        Err(error) if error.kind() == ErrorKind::Disconnected => Err(error),
        // Who does not say what it can, cannot.
        Err(_) => Ok(None),
    }
}
