//! One login, over all its attempts.

use tokio::time::Instant;

use crate::error::{Error, ErrorKind};
use crate::session::backoff::Backoff;
use crate::session::command::Done;
use crate::session::login::Login;

/// What is kept from attempt to attempt of one login.
pub(super) struct Campaign {
    pub(super) login: Login,
    pub(super) done: Option<Done>,
    pub(super) deadline: Instant,
    pub(super) backoff: Backoff,
    pub(super) failed: u32,
    pub(super) redirects: u32,
    pub(super) redirect: Option<String>,
    pub(super) was_up: bool,
    pub(super) last_error: Option<Error>,
}

impl Campaign {
    pub(super) fn answer(&mut self, outcome: Result<(), Error>) {
        if let Some(done) = self.done.take() {
            // The caller may have stopped waiting.
            let _ = done.send(outcome);
        }
    }

    pub(super) fn deadline_passed(&mut self) {
        let error = match self.last_error.take() {
            Some(error) => Error::new(
                ErrorKind::ConnectFailed,
                format!(
                    "no session within the login's deadline: {}",
                    error.to_line()
                ),
            )
            .with_source(error),
            None => Error::new(
                ErrorKind::ConnectFailed,
                "no session within the login's deadline",
            ),
        };
        self.answer(Err(error));
    }
}
