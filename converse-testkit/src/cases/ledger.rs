//! Which messages must arrive on the other side, for what is said about loss, order and repetition.

use std::sync::{Arc, Mutex, PoisonError};

use converse_core::Api;
use converse_core::router::Route;

/// Bodies sent in a scenario, and bodies that arrived.
#[derive(Debug, Clone, Default)]
pub(super) struct Ledger {
    /// The server sent these.
    pub(super) said: Vec<(String, String)>,
    /// The client was asked to send these.
    pub(super) called: Vec<String>,
    /// What the client showed each time that the same came by several ways.
    pub(super) shown: Vec<Vec<serde_json::Value>>,
    heard: Arc<Mutex<Vec<(String, String)>>>,
}

impl Ledger {
    /// Notes every message with a body that reaches a listener, with who sent it.
    pub(super) fn listen(&self, api: &Api) -> Result<(), converse_core::Error> {
        let heard = Arc::clone(&self.heard);
        api.hear_sync(Route::message(), move |message| {
            if let Some(body) = message.body() {
                let from = message.from().map(ToString::to_string).unwrap_or_default();
                let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
                heard.push((from, body.into_owned()));
            }
            Ok(())
        })?;
        Ok(())
    }

    /// What reached the listener.
    pub(super) fn heard(&self) -> Vec<(String, String)> {
        self.heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn forget(&self) {
        self.heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}
