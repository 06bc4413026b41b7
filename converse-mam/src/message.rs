//! What the grouping announces.

use converse_core::Error;
use converse_core::bus::Event;
use serde::Serialize;

use crate::model::ArchivingDefault;

/// What the setting `message_archiving` asks for is not so: the server did not tell its preferences, or did not change them.
///
/// It is tried again with the next session. Where the server has no archive at all nothing is asked for and nothing announced.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "archivingNotSet")]
#[non_exhaustive]
pub struct ArchivingNotSet {
    /// What the setting says.
    pub wanted: ArchivingDefault,
    /// What the server does instead, if it told.
    pub applied: Option<ArchivingDefault>,
    /// Why, for people.
    pub error: String,
    /// The condition of the server's error (RFC 6120 §8.3.3), if there was one.
    pub condition: Option<String>,
}

impl ArchivingNotSet {
    pub(crate) fn refused(wanted: ArchivingDefault, error: &Error) -> Self {
        use converse_core::router::StanzaError;

        let cause = error.cause::<StanzaError>();
        Self {
            wanted,
            applied: None,
            error: error.to_line(),
            condition: cause.map(|cause| cause.condition.as_str().to_owned()),
        }
    }

    pub(crate) fn otherwise(wanted: ArchivingDefault, applied: ArchivingDefault) -> Self {
        Self {
            wanted,
            applied: Some(applied),
            error: format!(
                "the server archives `{}` where `{}` was asked for",
                applied.as_str(),
                wanted.as_str()
            ),
            condition: None,
        }
    }
}
