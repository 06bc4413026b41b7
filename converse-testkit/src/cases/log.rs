//! What a case logged, and the step `expect_log`.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde_json::Value;
use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;

use super::trouble::{Done, Trouble, parameters};
use super::world::World;

/// Beyond this the oldest lines are dropped.
const KEPT: usize = 16 * 1024 * 1024;

/// The log of one case: one entry an event.
#[derive(Debug, Clone, Default)]
pub(super) struct Log {
    entries: Arc<Mutex<Entries>>,
}

#[derive(Debug, Default)]
struct Entries {
    bytes: usize,
    list: Vec<String>,
}

impl Log {
    /// Notes what this thread logs until the guard is dropped.
    pub(super) fn capture(&self) -> tracing::subscriber::DefaultGuard {
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_ansi(false)
            .without_time()
            .with_writer(self.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    pub(super) fn entries(&self) -> Vec<String> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.list.clone()
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line {
            log: self.clone(),
            text: Vec::new(),
        }
    }
}

/// One event on its way into the log.
pub(super) struct Line {
    log: Log,
    text: Vec<u8>,
}

impl io::Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let text = String::from_utf8_lossy(&self.text).into_owned();
        let mut entries = self
            .log
            .entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        entries.bytes += text.len();
        entries.list.push(text);
        if entries.bytes > KEPT {
            let half = entries.list.len() / 2;
            entries.list.drain(..half);
            entries.bytes = entries.list.iter().map(String::len).sum();
        }
    }
}

pub(super) fn expect_log(world: &World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct LogStep {
        #[serde(default)]
        absent: Vec<String>,
        #[serde(default)]
        no_raw_newlines_from_peer: bool,
    }
    let step: LogStep = parameters(value)?;
    let entries = world.log.entries();
    // The runner itself logs a line.
    if entries.is_empty() {
        return Err(Trouble::failed("the log is not captured"));
    }
    for text in &step.absent {
        if let Some(entry) = entries.iter().find(|entry| entry.contains(text.as_str())) {
            return Err(Trouble::failed(format!("`{text}` was logged: {entry}")));
        }
    }
    let breaks = |c: char| {
        (c.is_control() && c != '\t')
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if step.no_raw_newlines_from_peer
        && let Some(entry) = entries
            .iter()
            .find(|entry| entry.trim_end_matches('\n').contains(breaks))
    {
        return Err(Trouble::failed(format!(
            "a line of the log is broken: {entry:?}"
        )));
    }
    Ok(())
}
