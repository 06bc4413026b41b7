//! What a script does to the client: says something, decides about connections, breaks them.

use std::sync::atomic::Ordering;
use std::time::Duration;

use converse_core::transport::SrvRecord;
use tokio::sync::oneshot;

use super::link::{Hello, Order, Parts};
use super::network::{Attempt, Rule};
use super::pattern::is_stanza;
use super::plan::Until;
use super::scram::Fault;
use super::server::{Connection, Server};
use super::{Certificate, ScriptError};

impl Server {
    fn on_newest<T>(&self, act: impl FnOnce(&mut Connection) -> T) -> Result<T, ScriptError> {
        let mut state = self.shared.state();
        match state.newest() {
            Some(connection) if !connection.ended => Ok(act(connection)),
            _ => Err(ScriptError::new("the client is not connected")),
        }
    }

    /// The number of the newest connection.
    #[must_use]
    pub fn connection(&self) -> Option<usize> {
        self.shared.state().connections.len().checked_sub(1)
    }

    /// Whether the newest connection is up.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.on_newest(|_| ()).is_ok()
    }

    /// Sends an element to the client and lets it do what follows.
    ///
    /// # Errors
    ///
    /// When the client is not connected.
    pub async fn send(&self, xml: &str) -> Result<(), ScriptError> {
        self.say(xml)?;
        crate::clock::settle().await;
        Ok(())
    }

    /// Sends an element to the client and returns at once.
    ///
    /// # Errors
    ///
    /// When the client is not connected.
    pub fn say(&self, xml: &str) -> Result<(), ScriptError> {
        self.on_newest(|connection| connection.write(xml))?;
        let mut state = self.shared.state();
        if let Ok(element) = converse_core::xml::Element::parse(xml) {
            if is_stanza(&element) && element.child("bind", converse_core::ns::BIND).is_none() {
                state.sm.said(xml);
            } else if element.is("enabled", converse_core::ns::SM) {
                state
                    .sm
                    .enable_as(element.attr("id").map(|id| id.into_owned()));
            } else if element.is("failed", converse_core::ns::SM) {
                state.sm.forget();
            }
        }
        Ok(())
    }

    /// Sends several stanzas in one write and returns at once.
    ///
    /// # Errors
    ///
    /// When the client is not connected.
    pub fn say_together(&self, stanzas: &[String]) -> Result<(), ScriptError> {
        self.on_newest(|connection| connection.write(stanzas.concat()))?;
        let mut state = self.shared.state();
        for stanza in stanzas {
            state.sm.said(stanza);
        }
        Ok(())
    }

    /// Sends bytes, whatever they are.
    ///
    /// # Errors
    ///
    /// When the client is not connected.
    pub fn send_raw(&self, bytes: impl Into<Vec<u8>>) -> Result<(), ScriptError> {
        self.on_newest(|connection| connection.order(Order::Write(bytes.into())))
    }

    /// Sends something that is never held as a whole, and waits until the client has taken nearly all of it or is gone.
    ///
    /// # Errors
    ///
    /// When the client is not connected.
    pub async fn send_parts(&self, parts: Parts) -> Result<(), ScriptError> {
        let (done, finished) = oneshot::channel();
        self.on_newest(|connection| connection.order(Order::WriteParts(parts, done)))?;
        // A client that hangs up has had enough.
        let _ = finished.await;
        Ok(())
    }

    /// Ends the stream and then the connection.
    pub fn close(&self) {
        let _ = self.on_newest(|connection| {
            connection.write("</stream:stream>");
            connection.order(Order::Shut);
        });
    }

    /// Cuts the connection.
    pub fn drop_connection(&self) {
        let _ = self.on_newest(|connection| connection.order(Order::Drop));
        self.shared.state().sm.pause();
    }

    /// Takes nothing from the client any more and gives nothing, without a word.
    pub fn freeze(&self) {
        let _ = self.on_newest(|connection| connection.order(Order::Freeze));
    }

    /// Notes what the client sends, and neither does nor says anything any more.
    pub fn mute(&self) {
        let _ = self.on_newest(|connection| connection.order(Order::Mute));
        self.shared.state().sm.pause();
    }

    /// What every host that has no rule of its own does from now on.
    pub fn answer_connects(&self, rule: Rule) {
        self.shared.state().reach.rule = rule;
    }

    /// What one host does from now on.
    pub fn answer_connects_of(&self, host: impl Into<String>, rule: Rule) {
        self.shared.state().reach.hosts.insert(host.into(), rule);
    }

    /// Waits for a connection that is [held](Rule::Hold), at most so long; the host and port it is for.
    ///
    /// # Errors
    ///
    /// When nobody connects.
    pub async fn await_connect(&self, within: Duration) -> Result<(String, u16), ScriptError> {
        let found = self.until(within, || {
            let state = self.shared.state();
            let waiting = state
                .reach
                .waiting
                .iter()
                .find(|one| !one.decided.is_closed());
            waiting.map(|one| (one.host.clone(), one.port))
        });
        found
            .await
            .ok_or_else(|| ScriptError::new("the client does not connect"))
    }

    /// Decides about the connection that is held.
    ///
    /// # Errors
    ///
    /// When there is none within so long.
    pub async fn decide(&self, rule: Rule, within: Duration) -> Result<(), ScriptError> {
        self.await_connect(within).await?;
        {
            let mut state = self.shared.state();
            while let Some(waiting) = state.reach.waiting.pop_front() {
                if waiting.decided.send(rule).is_ok() {
                    break;
                }
            }
        }
        crate::clock::settle().await;
        Ok(())
    }

    /// The connections that were tried.
    #[must_use]
    pub fn attempts(&self) -> Vec<Attempt> {
        self.shared.state().reach.attempts.clone()
    }

    /// The names that were looked up.
    #[must_use]
    pub fn lookups(&self) -> Vec<String> {
        self.shared.state().lookups.clone()
    }

    /// How many of the client's connections are open.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.shared.pipe().open.load(Ordering::Relaxed)
    }

    /// Gives the client at most so many bytes with one read; 0 for any number.
    pub fn limit_reads(&self, bytes: usize) {
        self.shared.pipe().max_read.store(bytes, Ordering::Relaxed);
    }

    /// Cuts the connection once so many more bytes have gone either way; `None` for not at all.
    pub fn cut_after(&self, bytes: Option<u32>) {
        let bytes = bytes.map_or(-1, i64::from);
        self.shared.pipe().cut_after.store(bytes, Ordering::Relaxed);
    }

    /// The service records of the domain, by service (`_xmpp-client._tcp`).
    pub fn set_srv(&self, service: impl Into<String>, records: Vec<SrvRecord>) {
        let mut state = self.shared.state();
        state.reach.dns.records.insert(service.into(), records);
    }

    /// Makes every lookup fail, or not.
    pub fn fail_lookups(&self, fail: bool) {
        self.shared.state().reach.dns.fails = fail;
    }

    /// How long ago the server started.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.shared.state().start.elapsed()
    }

    /// Goes further by itself from now on, and answers what is open.
    pub fn proceed(&self, until: Until) {
        let mut state = self.shared.state();
        state.plan.until = until;
        if let Some(id) = state.connections.len().checked_sub(1) {
            state.catch_up(id);
        }
    }

    /// Goes further by itself from now on, with the stream features that come next.
    pub fn proceed_with_features(&self, until: Until) {
        let mut state = self.shared.state();
        state.plan.until = until;
        if let Some(id) = state.connections.len().checked_sub(1) {
            state.offer_features(id);
        }
    }

    /// Whether the client of the newest connection has a resource.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.on_newest(|connection| connection.stage.bound)
            .unwrap_or(false)
    }

    /// Answers the login that the client began, with something wrong if so wanted.
    ///
    /// # Errors
    ///
    /// When the client began none that can be answered.
    pub fn answer_auth(&self, fault: Option<Fault>) -> Result<(), ScriptError> {
        let mut state = self.shared.state();
        let id = state.connections.len().checked_sub(1);
        let id = id.ok_or_else(|| ScriptError::new("the client is not connected"))?;
        state.answer_auth(id, fault)
    }

    /// The handshake with this certificate; what the client said first.
    ///
    /// # Errors
    ///
    /// When it fails; in TLS 1.3 a client may refuse only after the server has finished.
    pub async fn handshake(&self, certificate: &Certificate) -> Result<Hello, ScriptError> {
        let config = certificate.config()?;
        let (told, outcome) = oneshot::channel();
        self.on_newest(|connection| connection.order(Order::Secure(config, told)))?;
        let outcome = outcome.await;
        crate::clock::settle().await;
        match outcome {
            Ok(Ok(hello)) => Ok(hello),
            Ok(Err(error)) => Err(ScriptError::new(format!("no handshake: {error}"))),
            Err(_) => Err(ScriptError::new(
                "the connection ended before the handshake",
            )),
        }
    }

    /// What the client said at the start of TLS on the newest connection.
    #[must_use]
    pub fn hello(&self) -> Option<Hello> {
        let mut state = self.shared.state();
        state
            .newest()
            .and_then(|connection| connection.hello.clone())
    }

    /// The host and the port of the newest connection.
    #[must_use]
    pub fn connected_to(&self) -> Option<(String, u16)> {
        let mut state = self.shared.state();
        let newest = state.newest();
        newest.map(|connection| (connection.host.clone(), connection.port))
    }

    /// Everything that came unencrypted, over all connections.
    #[must_use]
    pub fn plaintext(&self) -> Vec<u8> {
        let state = self.shared.state();
        let all = state.connections.iter().map(|c| c.plaintext.as_slice());
        all.collect::<Vec<_>>().concat()
    }

    /// Tells the client how many of its stanzas were handled: `h`, or all.
    ///
    /// # Errors
    ///
    /// When the client is not connected.
    pub async fn acknowledge(&self, h: Option<u32>) -> Result<(), ScriptError> {
        let h = h.unwrap_or_else(|| self.shared.state().sm.tell());
        self.send(&format!("<a xmlns='urn:xmpp:sm:3' h='{h}'/>"))
            .await
    }

    /// The most stanzas of the client's that came without its being told.
    #[must_use]
    pub fn most_unacknowledged(&self) -> u32 {
        self.shared.state().sm.most_untold
    }

    /// The count that covers the message with this body, and none after it.
    #[must_use]
    pub fn count_after(&self, body: &str) -> Option<u32> {
        self.shared.state().sm.count_after(body)
    }

    /// Pretends that so many stanzas have come from the client, and gone to it.
    pub fn preset_counters(&self, received: u32, sent: u32) {
        self.shared.state().sm.preset(received, sent);
    }

    /// Forgets the session that could be resumed.
    pub fn forget_session(&self) {
        self.shared.state().sm.forget();
    }
}
