//! How far it has come.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar on the terminal; where there is none it shows nothing.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new() -> Self {
        Self(ProgressBar::no_length())
    }

    /// Shows that so many messages are there of so many, if anybody knows how many there are.
    pub(crate) fn show(&self, done: u64, total: Option<u64>) {
        let template = match total {
            Some(total) => {
                self.0.set_length(total.max(done));
                "{wide_bar} {pos} of {len} messages, {eta} left"
            }
            None => "{spinner} {pos} messages, {per_sec}",
        };
        // A template that cannot be read is a plain bar.
        let style = ProgressStyle::with_template(template);
        self.0
            .set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        self.0.set_position(done);
    }

    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}
