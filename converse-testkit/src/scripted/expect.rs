//! What a script expects of the client.

use std::time::Duration;

use converse_core::xml::Element;
use tokio::time::{Instant, timeout_at};

use super::ScriptError;
use super::pattern::{Captures, Pattern};
use super::server::{Sent, Server, What};

/// How long a script waits for what it expects, in virtual time.
pub const PATIENCE: Duration = Duration::from_secs(5);

impl Server {
    /// Waits until `look` finds something; `None` after so long.
    pub async fn until<T>(
        &self,
        within: Duration,
        mut look: impl FnMut() -> Option<T>,
    ) -> Option<T> {
        let deadline = Instant::now() + within;
        loop {
            let changed = self.shared.changes.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(found) = look() {
                return Some(found);
            }
            if timeout_at(deadline, changed).await.is_err() {
                return look();
            }
        }
    }

    /// Waits until the client has sent an element that fits `pattern` and has not been expected before; order among
    /// several is free. Names in the pattern are bound in `captures`.
    ///
    /// # Errors
    ///
    /// When nothing of the kind comes within [`PATIENCE`]; the error tells what came instead.
    pub async fn expect(
        &self,
        pattern: &str,
        captures: &mut Captures,
    ) -> Result<Element, ScriptError> {
        self.expect_within(pattern, captures, PATIENCE).await
    }

    /// As [`expect`](Self::expect), at most so long.
    ///
    /// # Errors
    ///
    /// As [`expect`](Self::expect).
    pub async fn expect_within(
        &self,
        pattern: &str,
        captures: &mut Captures,
        within: Duration,
    ) -> Result<Element, ScriptError> {
        let parsed = Pattern::parse(pattern)?;
        let found = self
            .until(within, || {
                self.take_sent(|element| {
                    let mut bound = captures.clone();
                    parsed.matches(element, &mut bound).then_some(bound)
                })
            })
            .await;
        match found {
            Some((element, bound)) => {
                *captures = bound;
                Ok(element)
            }
            None => Err(ScriptError::new(format!(
                "the client did not send `{pattern}`; {}",
                self.unexpected()
            ))),
        }
    }

    /// Watches for so long that the client sends nothing that fits `pattern`, on the newest connection and beyond what has
    /// been expected already.
    ///
    /// # Errors
    ///
    /// When it does.
    pub async fn expect_nothing(
        &self,
        pattern: &str,
        captures: &Captures,
        within: Duration,
    ) -> Result<(), ScriptError> {
        let parsed = Pattern::parse(pattern)?;
        let newest = self.connection();
        let found = self
            .until(within, || {
                let state = self.shared.state();
                state
                    .sent
                    .iter()
                    .filter(|sent| !sent.matched && Some(sent.connection) >= newest)
                    .filter_map(Sent::element)
                    .find(|element| parsed.matches(element, &mut captures.clone()))
                    .cloned()
            })
            .await;
        match found {
            None => Ok(()),
            Some(element) => Err(ScriptError::new(format!(
                "the client sent `{}`",
                element.to_xml()
            ))),
        }
    }

    /// The first unexpected element for which `fits` gives something; it counts as expected from now on.
    pub fn take_sent<T>(
        &self,
        mut fits: impl FnMut(&Element) -> Option<T>,
    ) -> Option<(Element, T)> {
        let mut state = self.shared.state();
        for sent in state.sent.iter_mut().filter(|sent| !sent.matched) {
            let found = sent
                .element()
                .and_then(|element| Some((element.clone(), fits(element)?)));
            if found.is_some() {
                sent.matched = true;
                return found;
            }
        }
        None
    }

    /// Waits until the client has ended the newest connection, or its stream.
    ///
    /// # Errors
    ///
    /// When it does not within so long.
    pub async fn expect_end(&self, within: Duration) -> Result<(), ScriptError> {
        let newest = self.connection();
        let ended = self.until(within, || {
            let state = self.shared.state();
            let ends = |sent: &&Sent| {
                Some(sent.connection) == newest && matches!(sent.what, What::Ended | What::Close)
            };
            state.sent.iter().find(ends).map(|_| ())
        });
        ended.await.ok_or_else(|| {
            ScriptError::new(format!(
                "the client did not disconnect; {}",
                self.unexpected()
            ))
        })
    }

    /// Waits until the client has ended its stream.
    ///
    /// # Errors
    ///
    /// When it does not within so long.
    pub async fn expect_close(&self, within: Duration) -> Result<(), ScriptError> {
        let closed = self.until(within, || {
            let mut state = self.shared.state();
            let close = |sent: &&mut Sent| !sent.matched && matches!(sent.what, What::Close);
            state
                .sent
                .iter_mut()
                .find(close)
                .map(|sent| sent.matched = true)
        });
        closed
            .await
            .ok_or_else(|| ScriptError::new("the client did not end its stream"))
    }

    /// What the client has sent since [`forget_sent`](Self::forget_sent).
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.shared.state().sent.clone()
    }

    /// What has been sent until now is not looked at any more.
    pub fn forget_sent(&self) {
        self.shared.state().sent.clear();
    }

    /// As [`forget_sent`](Self::forget_sent), but what fits a pattern and has not been expected yet is still looked at.
    ///
    /// # Errors
    ///
    /// When a pattern is none.
    pub fn forget_sent_but(&self, patterns: &[&str]) -> Result<(), ScriptError> {
        let patterns = patterns.iter().map(|pattern| Pattern::parse(pattern));
        let patterns: Vec<Pattern> = patterns.collect::<Result<_, _>>()?;
        let fits = |element: &Element| {
            let mut patterns = patterns.iter();
            patterns.any(|pattern| pattern.matches(element, &mut Captures::default()))
        };
        let mut state = self.shared.state();
        state
            .sent
            .retain(|sent| !sent.matched && sent.element().is_some_and(fits));
        Ok(())
    }

    /// What came and was not expected, for an error message.
    #[must_use]
    pub fn unexpected(&self) -> String {
        let state = self.shared.state();
        let open: Vec<String> = state
            .sent
            .iter()
            .filter(|sent| !sent.matched)
            .map(|sent| {
                format!(
                    "{:.3}s #{} {}",
                    sent.at.as_secs_f64(),
                    sent.connection,
                    sent.what.to_text()
                )
            })
            .collect();
        let last = open.len().saturating_sub(12);
        if open.is_empty() {
            "it sent nothing else".to_owned()
        } else {
            format!("it sent:\n      {}", open[last..].join("\n      "))
        }
    }
}

impl Sent {
    /// The element that it was, or the start tag of a stream as one.
    #[must_use]
    pub fn element(&self) -> Option<&Element> {
        match &self.what {
            What::Element(element) | What::Open(element) => Some(element),
            _ => None,
        }
    }
}

impl What {
    /// The same for people.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Open(element) => format!("(open) {}", element.to_xml()),
            Self::Element(element) => element.to_xml(),
            Self::Close => "</stream:stream>".to_owned(),
            Self::Ended => "(end of connection)".to_owned(),
            Self::Broken(why) => format!("(not XML: {why})"),
        }
    }
}
