//! What the server tells about itself and its accounts: time and activity (XEP-0012, XEP-0202).

use chrono::SecondsFormat;
use jid::BareJid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::dom::{Dom, Refusal, name};
use super::state::State;

/// XEP-0012.
pub(super) const LAST: &str = "jabber:iq:last";

impl State {
    /// The server's time, which is in UTC (XEP-0202).
    pub(super) fn time(&self) -> Element {
        let now = self.config.environment.clock.now();
        let utc = now.to_rfc3339_opts(SecondsFormat::Millis, true);
        Element::bare("time", ns::TIME)
            .holding(Element::bare("tzo", ns::TIME).saying("+00:00"))
            .holding(Element::bare("utc", ns::TIME).saying(&utc))
    }

    /// For how long the server has been running (XEP-0012 §6).
    pub(super) fn uptime(&self) -> Element {
        self.since(self.started)
    }

    /// How long ago somebody was there last, with what was said then (XEP-0012 §4); now, while somebody is.
    pub(super) fn last_activity(&self, owner: &BareJid) -> Result<Element, Refusal> {
        let account = self.accounts.get(owner);
        let account = account.ok_or(DefinedCondition::ServiceUnavailable)?;
        if !self.available(owner).is_empty() {
            return Ok(self.since(self.config.environment.clock.now()));
        }
        let (left, status) = account.left.clone().ok_or(DefinedCondition::ItemNotFound)?;
        Ok(self.since(left).saying(&status))
    }

    fn since(&self, then: chrono::DateTime<chrono::Utc>) -> Element {
        let passed = self.config.environment.clock.now() - then;
        let seconds = passed.num_seconds().max(0).to_string();
        Element::bare("query", LAST).with(name::SECONDS, &seconds)
    }
}
