//! JSON, a line for each message.

use converse::prelude::*;
use serde::Deserialize;

use super::file::Known;
use super::format::Heading;

pub(super) const GAP: &str = "{\"gap\":true}\n";

pub(super) fn heading(heading: &Heading) -> String {
    json!({ "export": heading.to_json() }).to_string() + "\n"
}

pub(super) fn message(message: &ArchivedMessage) -> Result<String, BoxError> {
    Ok(serde_json::to_string(message)? + "\n")
}

pub(super) fn read(line: &str) -> Option<Known> {
    #[derive(Deserialize)]
    struct Message {
        archive_id: String,
        time: Option<String>,
    }
    let message: Message = serde_json::from_str(line.strip_suffix('\n')?).ok()?;
    Some(Known {
        id: message.archive_id,
        time: message.time.and_then(|time| time.parse().ok()),
    })
}
