//! Whether the server blocks, as far as this session has learned.

use converse_core::Error;
use tokio::sync::watch;

use crate::error::BlockingError;

/// What the server offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Offer {
    /// It takes reports (XEP-0377).
    pub(crate) takes_reports: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// There is no session.
    Offline,
    /// The server has been asked.
    Asking,
    /// It does not block.
    Refused,
    /// It blocks, and the list was fetched.
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
    /// What the server offers, as soon as it is known.
    pub(crate) async fn require(&self, call: &'static str) -> Result<Offer, BlockingError> {
        let mut state = self.state.subscribe();
        let known = state.wait_for(|state| *state != State::Asking).await;
        match known.as_deref().copied() {
            Ok(State::Offered(offer)) => Ok(offer),
            Ok(State::Refused) => Err(BlockingError::Unsupported { call }),
            _ => Err(BlockingError::Offline { call }),
        }
    }

    pub(crate) fn asking(&self) {
        self.state.send_replace(State::Asking);
    }

    pub(crate) fn refused(&self) {
        self.state.send_replace(State::Refused);
    }

    pub(crate) fn offered(&self, offer: Offer) {
        self.state.send_replace(State::Offered(offer));
    }

    pub(crate) fn offline(&self) {
        self.state.send_replace(State::Offline);
    }

    /// The question was not answered: the session ended, and the next one asks again, or the server does not say.
    pub(crate) fn lost(&self, error: &Error) {
        tracing::debug!(%error, "whether the server blocks is not known");
        if error.kind() == converse_core::ErrorKind::Disconnected {
            self.offline();
        } else {
            self.refused();
        }
    }
}
