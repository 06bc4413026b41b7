//! From the stream header to the bound resource, as far as the plan says.

use std::sync::Arc;
use std::time::Duration;

use converse_core::ns;
use converse_core::xml::Element;

use super::link::Order;
use super::pattern::is_stanza;
use super::plan::Until;
use super::scram::{Fault, Reply, Scram};
use super::server::{Shared, State, What};
use super::{ScriptError, answers};

/// How long an answer to a request takes.
const LATENCY: Duration = Duration::from_millis(10);

/// How far one connection is.
#[derive(Debug, Default)]
pub(super) struct Stage {
    secure: bool,
    authenticated: bool,
    pub(super) bound: bool,
    scram: Option<Scram>,
    /// What the client asked for and the script has to answer.
    pub(super) open: Open,
}

/// Requests of a negotiation that are not answered yet.
#[derive(Debug, Default)]
pub(super) struct Open {
    pub(super) auth: Option<(String, String)>,
    pub(super) bind: Option<Element>,
    pub(super) enable: bool,
    pub(super) resume: Option<(String, u32)>,
}

impl Stage {
    pub(super) fn secured(&mut self) {
        self.secure = true;
    }
}

impl State {
    /// The plan's answer to what the client sent.
    pub(super) fn react(&mut self, id: usize, what: &What, shared: &Arc<Shared>) {
        match what {
            What::Open(_) => self.on_open(id),
            What::Element(element) => self.on_element(id, element, shared),
            What::Close => {
                let connection = &mut self.connections[id];
                connection.closed = true;
                connection.write("</stream:stream>");
                connection.order(Order::Shut);
            }
            What::Ended | What::Broken(_) => {}
        }
    }

    fn on_open(&mut self, id: usize) {
        let until = self.plan.until;
        if until < Until::Header {
            return;
        }
        let header = format!(
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
             xmlns:stream='http://etherx.jabber.org/streams' from='{}' id='s{id}' version='1.0' xml:lang='en'>",
            self.plan.domain
        );
        self.connections[id].write(header);
        self.offer_features(id);
    }

    /// Offers what comes next, if it is the plan's to offer.
    pub(super) fn offer_features(&self, id: usize) {
        let (plan, connection) = (&self.plan, &self.connections[id]);
        let stage = &connection.stage;
        if stage.authenticated {
            if plan.until >= Until::Authenticated {
                connection.write(self.features_for_a_session());
            }
        } else if plan.tls && !stage.secure {
            if plan.until >= Until::Proceed {
                connection.write(
                    "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>",
                );
            }
        } else if plan.until >= Until::Authenticated {
            let names: String = plan
                .mechanisms
                .iter()
                .map(|name| format!("<mechanism>{name}</mechanism>"))
                .collect();
            connection.write(format!(
                "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{names}</mechanisms></stream:features>"
            ));
        }
    }

    fn features_for_a_session(&self) -> String {
        let mut features =
            String::from("<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>");
        if self.plan.stream_management {
            features.push_str("<sm xmlns='urn:xmpp:sm:3'/>");
        }
        for feature in &self.plan.features {
            features.push_str(feature);
        }
        features + "</stream:features>"
    }

    fn on_element(&mut self, id: usize, element: &Element, shared: &Arc<Shared>) {
        match element.ns() {
            ns::TLS if element.name() == "starttls" => self.on_starttls(id),
            ns::SASL => self.on_sasl(id, element),
            ns::SM => self.on_stream_management(id, element, shared),
            _ if is_stanza(element) => {
                if element.child("bind", ns::BIND).is_some() {
                    self.connections[id].stage.open.bind = Some(element.clone());
                    if self.plan.until >= Until::Bound {
                        self.bind(id);
                    }
                    return;
                }
                self.sm.heard(element);
                let replies = answers::answers(&self.plan, element);
                if !replies.is_empty() {
                    say_later(id, replies, shared);
                }
            }
            _ => {}
        }
    }

    /// Sends a stanza, which is counted, if the connection is still the one in use.
    pub(super) fn say(&mut self, id: usize, xml: &str) {
        if id + 1 == self.connections.len() && !self.connections[id].ended {
            self.sm.said(xml);
            self.connections[id].write(xml);
        }
    }

    fn on_starttls(&mut self, id: usize) {
        let connection = &self.connections[id];
        if self.plan.until < Until::Proceed {
            return;
        }
        connection.write("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        if self.plan.until > Until::Proceed
            && let Ok(config) = self.plan.certificate.config()
        {
            let (told, _) = tokio::sync::oneshot::channel();
            connection.order(Order::Secure(config, told));
        }
    }

    fn on_sasl(&mut self, id: usize, element: &Element) {
        match element.name() {
            "auth" => {
                let mechanism = element.attr("mechanism").unwrap_or_default().into_owned();
                let payload = element.text().trim().to_owned();
                self.connections[id].stage.open.auth = Some((mechanism, payload));
                if let Some(condition) = self.plan.refuse_auth.clone() {
                    self.refuse_auth(id, &condition);
                } else if self.plan.until >= Until::Authenticated {
                    // A message that cannot be read is refused, and the test sees the rest.
                    if self.answer_auth(id, None).is_err() {
                        self.refuse_auth(id, "malformed-request");
                    }
                }
            }
            "response" => {
                let Some(scram) = self.connections[id].stage.scram.take() else {
                    return self.refuse_auth(id, "malformed-request");
                };
                let reply = scram.finish(element.text().trim());
                self.reply(id, reply);
            }
            "abort" => self.refuse_auth(id, "aborted"),
            _ => {}
        }
    }

    fn refuse_auth(&mut self, id: usize, condition: &str) {
        self.connections[id].write(format!(
            "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><{condition}/></failure>"
        ));
    }

    /// Goes on with the login that the client began.
    pub(super) fn answer_auth(
        &mut self,
        id: usize,
        fault: Option<Fault>,
    ) -> Result<(), ScriptError> {
        let open = self.connections[id].stage.open.auth.take();
        let (mechanism, payload) =
            open.ok_or_else(|| ScriptError::new("the client has not sent `<auth/>`"))?;
        if !mechanism.starts_with("SCRAM-") {
            self.reply(id, Reply::Success(None));
            return Ok(());
        }
        let (scram, reply) = Scram::start(&mechanism, &payload, &self.plan.password, fault)?;
        self.connections[id].stage.scram = Some(scram);
        self.reply(id, reply);
        Ok(())
    }

    fn reply(&mut self, id: usize, reply: Reply) {
        let connection = &mut self.connections[id];
        match reply {
            Reply::Challenge(text) => connection.write(format!(
                "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{text}</challenge>"
            )),
            Reply::Success(text) => {
                connection.write(format!(
                    "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{}</success>",
                    text.unwrap_or_default()
                ));
                connection.stage.authenticated = true;
                connection.order(Order::Restart);
            }
            Reply::Failure(condition) => self.refuse_auth(id, condition),
        }
    }

    /// Answers the request for a resource that is open.
    pub(super) fn bind(&mut self, id: usize) {
        let Some(request) = self.connections[id].stage.open.bind.take() else {
            return;
        };
        let iq_id = request.attr("id").unwrap_or_default().into_owned();
        if self.plan.bind_conflicts > 0 {
            self.plan.bind_conflicts -= 1;
            return self.connections[id].write(format!(
                "<iq type='error' id='{iq_id}'><error type='modify'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            ));
        }
        let asked = request.child("bind", ns::BIND);
        let resource = asked.and_then(|bind| bind.child_text("resource", ns::BIND));
        let resource = resource.map_or_else(|| "srv-1".to_owned(), |text| text.into_owned());
        let jid = match &self.plan.bound_jid {
            Some(jid) => jid.clone(),
            None => format!("mara@{}/{resource}", self.plan.domain),
        };
        self.sm.forget();
        self.connections[id].stage.bound = true;
        self.connections[id].write(format!(
            "<iq type='result' id='{iq_id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>{jid}</jid></bind></iq>"
        ));
    }

    /// Answers whatever of the negotiation is open, as far as the plan goes now.
    pub(super) fn catch_up(&mut self, id: usize) {
        let until = self.plan.until;
        if until >= Until::Authenticated && self.connections[id].stage.open.auth.is_some() {
            // As when it came.
            let _ = self.answer_auth(id, None);
        }
        if until >= Until::Bound && self.connections[id].stage.open.resume.is_some() {
            self.answer_resume(id);
        }
        if until >= Until::Bound {
            self.bind(id);
        }
        if until >= Until::Online && self.connections[id].stage.open.enable {
            self.answer_enable(id);
        }
    }
}

/// Answers take their time, so that what a script says at once comes before them.
fn say_later(id: usize, replies: Vec<String>, shared: &Arc<Shared>) {
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        tokio::time::sleep(LATENCY).await;
        let mut state = shared.state();
        for reply in replies {
            state.say(id, &reply);
        }
    });
}
