//! The elements of stream management, as far as the plan says.

use std::sync::Arc;

use converse_core::xml::Element;

use super::plan::Until;
use super::server::{Shared, State};

impl State {
    pub(super) fn on_stream_management(
        &mut self,
        id: usize,
        element: &Element,
        shared: &Arc<Shared>,
    ) {
        let h = element.attr("h").and_then(|h| h.parse().ok()).unwrap_or(0);
        match element.name() {
            "enable" => {
                self.connections[id].stage.open.enable = true;
                if self.plan.until >= Until::Online {
                    self.answer_enable(id);
                }
            }
            "resume" => {
                let previous = element.attr("previd").unwrap_or_default().into_owned();
                self.connections[id].stage.open.resume = Some((previous, h));
                if self.plan.until >= Until::Bound {
                    self.answer_resume(id);
                }
            }
            "r" => self.acknowledge_later(id, shared),
            "a" => self.sm.acknowledged(h),
            _ => {}
        }
    }

    pub(super) fn answer_enable(&mut self, id: usize) {
        self.connections[id].stage.open.enable = false;
        let sm = self.sm.enable();
        let resumable = self.plan.resumable;
        if !resumable {
            self.sm.id = None;
        }
        let attributes = if resumable {
            format!(" id='{sm}' resume='true' max='300'")
        } else {
            String::new()
        };
        self.connections[id].write(format!("<enabled xmlns='urn:xmpp:sm:3'{attributes}/>"));
    }

    pub(super) fn answer_resume(&mut self, id: usize) {
        let Some((previous, h)) = self.connections[id].stage.open.resume.take() else {
            return;
        };
        if !self.plan.resume || self.sm.id.as_deref() != Some(previous.as_str()) {
            return self.connections[id].write(
                "<failed xmlns='urn:xmpp:sm:3'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>",
            );
        }
        self.sm.acknowledged(h);
        self.sm.on = true;
        let received = self.sm.tell();
        let connection = &mut self.connections[id];
        connection.stage.bound = true;
        connection.write(format!(
            "<resumed xmlns='urn:xmpp:sm:3' previd='{previous}' h='{received}'/>"
        ));
        for stanza in self.sm.unacked() {
            connection.write(stanza.clone());
        }
    }

    /// An honest server, but not a fast one: a script that looks at what is unacknowledged has time to do so.
    fn acknowledge_later(&mut self, id: usize, shared: &Arc<Shared>) {
        let Some(after) = self.plan.acknowledge_after else {
            return;
        };
        if after.is_zero() {
            return self.acknowledge(id);
        }
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            shared.state().acknowledge(id);
        });
    }

    pub(super) fn acknowledge(&mut self, id: usize) {
        if self.sm.on && id + 1 == self.connections.len() {
            let received = self.sm.tell();
            self.connections[id].write(format!("<a xmlns='urn:xmpp:sm:3' h='{received}'/>"));
        }
    }
}
