//! When somebody was there last (XEP-0012).

use chrono::{DateTime, Utc};
use converse_core::api::Api;
use converse_core::contract::rfc3339;
use converse_core::{Error, ErrorKind};
use jid::Jid;
use serde::Serialize;

use crate::wire;

/// When somebody was there last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LastActivity {
    /// By our clock, from the seconds that have passed since; to the second.
    #[serde(with = "rfc3339")]
    pub at: DateTime<Utc>,
    /// The status text with which an account went offline.
    pub text: Option<String>,
}

impl LastActivity {
    pub(super) async fn ask(api: &Api, jid: &Jid) -> Result<Self, Error> {
        let answer = api.iq(wire::last_request(jid)).await?;
        let (ago, text) = wire::read_last(answer.root()).ok_or_else(|| {
            let message = format!("{jid} did not say when it was there last");
            Error::new(ErrorKind::InvalidResponse, message)
        })?;
        let at = api.environment().clock.now() - ago;
        Ok(Self { at, text })
    }
}
