//! What one stanza sets off.

use chrono::{DateTime, SecondsFormat, Utc};
use jid::Jid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;

use super::super::config::Config;
use super::super::dom::{Dom, name};

/// The stanzas that go out because of one that came in, and what is needed to make them.
pub(super) struct Turn<'a> {
    pub(super) config: &'a Config,
    pub(super) out: Vec<(Jid, Element)>,
}

impl<'a> Turn<'a> {
    pub(super) fn new(config: &'a Config) -> Self {
        let out = Vec::new();
        Self { config, out }
    }

    /// Sends a stanza to somebody.
    pub(super) fn send(&mut self, to: impl Into<Jid>, stanza: Element) {
        let to = to.into();
        let stanza = stanza.with(name::TO, to.as_str());
        self.out.push((to, stanza));
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.config.environment.clock.now()
    }

    pub(super) fn id(&self) -> String {
        self.config.environment.random.stanza_id()
    }
}

/// Says when a room got what it sends now (XEP-0203).
pub(super) fn delay(by: &str, then: DateTime<Utc>) -> Element {
    Element::bare("delay", ns::DELAY).with(name::FROM, by).with(
        name::STAMP,
        &then.to_rfc3339_opts(SecondsFormat::Millis, true),
    )
}
