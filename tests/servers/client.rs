//! A client of the framework as a test sees it: an instance with a plugin that writes down what it hears.

use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use converse::core::ErrorKind;
use converse::core::bus::Event;
use converse::core::router::StanzaKind;
use converse::core::session::SessionState;
use converse::core::session::event::SessionStateChanged;
use converse::prelude::*;
use converse_testkit::loopback::Loopback;
use converse_testkit::servers::{Server, ServerKind, unique_user};
use serde_json::Value;
use tokio::sync::mpsc;

/// Far longer than anything takes: a test that waits so long has failed.
const DEADLINE: Duration = Duration::from_secs(60);

/// The password of every account.
pub(crate) const PASSWORD: &str = "pa\"ss wörd";

/// What a client was told, in order.
#[derive(Debug)]
pub(crate) enum Heard {
    Stanza(Stanza),
    State(SessionState),
    Started { resumed: bool, reconnected: bool },
}

/// One instance with only the core in it: what a plugin would do is what the test does.
pub(crate) struct Client {
    pub(crate) api: Api,
    pub(crate) converse: Converse,
    heard: mpsc::UnboundedReceiver<Heard>,
}

/// Fails the test instead of waiting for ever.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(DEADLINE, future).await {
        Ok(value) => value,
        Err(_) => panic!("nothing came within {DEADLINE:?} while waiting for {what}"),
    }
}

/// The settings for an account at `server`, reached through `addr`; `more` goes on top.
pub(crate) fn settings(server: &impl Host, addr: SocketAddr, jid: &str, more: Value) -> Value {
    let mut settings = json!({
        "jid": jid,
        "password": PASSWORD,
        "server": addr.to_string(),
        "security": "starttls",
        "tls_roots": [server.ca_file().to_string_lossy()],
        "whitelisted_plugins": ["witness"],
        "auto_login": false,
        "reconnect_min": 20,
        "reconnect_max": 200,
    });
    merge(&mut settings, more);
    settings
}

pub(crate) fn merge(settings: &mut Value, more: Value) {
    let (Some(settings), Value::Object(more)) = (settings.as_object_mut(), more) else {
        panic!("settings are objects");
    };
    settings.extend(more);
}

impl Client {
    /// An instance that has not logged in.
    pub(crate) async fn new(settings: Value) -> Self {
        let (tell, heard) = mpsc::unbounded_channel();
        let converse = Converse::new().without_linked_plugins();
        let witness = PluginDefinition::new("witness", move |cx| {
            listen(cx, &tell, |change: &SessionStateChanged| {
                Heard::State(change.state.clone())
            });
            listen(cx, &tell, |started: &SessionStarted| Heard::Started {
                resumed: started.resumed,
                reconnected: started.reconnected,
            });
            let errors = Route::message().of_type(["error"]);
            for route in [Route::message(), Route::presence(), errors] {
                let tell = tell.clone();
                cx.hear_sync(route, move |stanza| {
                    // A test that has ended hears nothing.
                    let _ = tell.send(Heard::Stanza(stanza.clone()));
                    Ok(())
                })?;
            }
            Ok(())
        });
        converse.plugins().add(witness).unwrap();
        let api = converse.start(settings).await.unwrap();
        Self {
            api,
            converse,
            heard,
        }
    }

    /// A new account at `server`, logged in.
    pub(crate) async fn log_in(server: &Server, name: &str) -> Self {
        Self::log_in_through(server, server.starttls_addr(), name, json!({})).await
    }

    /// A new account, logged in through `addr` with more settings.
    pub(crate) async fn log_in_through(
        server: &Server,
        addr: SocketAddr,
        name: &str,
        more: Value,
    ) -> Self {
        let jid = account(server, name).await;
        let client = Self::new(settings(server, addr, &jid, more)).await;
        client.login().await.unwrap();
        client
    }

    pub(crate) async fn login(&self) -> Result<(), Error> {
        within("the login", self.api.user().login(())).await
    }

    pub(crate) fn jid(&self) -> Jid {
        self.api.user().jid().unwrap()
    }

    /// The next thing heard.
    pub(crate) async fn next(&mut self) -> Heard {
        within("something to hear", self.heard.recv())
            .await
            .unwrap()
    }

    /// Skips what is heard until `wanted` finds something.
    pub(crate) async fn until<T>(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(&Heard) -> Option<T>,
    ) -> T {
        within(what, async {
            loop {
                let heard = self.heard.recv().await.unwrap();
                if let Some(found) = wanted(&heard) {
                    return found;
                }
            }
        })
        .await
    }

    /// The next message with a body, whatever is heard in between.
    pub(crate) async fn message(&mut self) -> Stanza {
        self.until("a message", |heard| match heard {
            Heard::Stanza(stanza)
                if stanza.kind() == StanzaKind::Message && stanza.body().is_some() =>
            {
                Some(stanza.clone())
            }
            _ => None,
        })
        .await
    }

    /// The next session: whether it is the resumption of the one before.
    pub(crate) async fn session(&mut self) -> bool {
        self.until("a session", |heard| match heard {
            Heard::Started { resumed, .. } => Some(*resumed),
            _ => None,
        })
        .await
    }

    /// Everything heard so far.
    pub(crate) fn heard(&mut self) -> Vec<Heard> {
        std::iter::from_fn(|| self.heard.try_recv().ok()).collect()
    }

    /// Sends a chat message and returns when the server has it.
    pub(crate) async fn say(&self, to: &Jid, body: &str) {
        let sent = self.api.send(chat(to, body)).await.unwrap();
        within("the acknowledgement of a message", sent.acknowledged())
            .await
            .unwrap();
    }

    /// Asks the server for something.
    pub(crate) async fn ask(&self, request: &str) -> Result<Stanza, Error> {
        within("an answer", self.api.iq(request)).await
    }

    /// A round trip: everything that the server sent before has been heard when this returns.
    pub(crate) async fn round_trip(&self) {
        let answer = self.ask(PING).await;
        // An answer is an answer, also if the server does not know what a ping is.
        if let Err(error) = answer {
            assert_eq!(error.kind(), ErrorKind::Stanza, "{error:?}");
        }
    }

    /// Ends the session and the instance.
    pub(crate) async fn stop(self) {
        within("the end", self.converse.stop()).await;
    }
}

pub(crate) const PING: &str = "<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>";

fn listen<E: Event>(
    cx: &PluginContext,
    tell: &mpsc::UnboundedSender<Heard>,
    heard: impl Fn(&E) -> Heard + Send + 'static,
) {
    let tell = tell.clone();
    cx.listen().subscribe_sync(move |event: &E| {
        // A test that has ended hears nothing.
        let _ = tell.send(heard(event));
        Ok(())
    });
}

/// A new account; its address.
pub(crate) async fn account(server: &impl Host, name: &str) -> String {
    let user = unique_user(name);
    server.add_account(&user).await;
    format!("{user}@{}", server.domain())
}

/// Where accounts are: a server that people run, or our own.
pub(crate) trait Host {
    /// Its domain.
    fn domain(&self) -> String;
    /// Where it listens for clients that will ask for TLS.
    fn addr(&self) -> SocketAddr;
    /// The authority behind its certificate.
    fn ca_file(&self) -> PathBuf;
    /// Adds an account with the password of all of them.
    async fn add_account(&self, user: &str);
    /// Where its rooms are.
    fn rooms(&self) -> String {
        format!("conference.{}", self.domain())
    }
    /// Whether it is an ejabberd.
    fn is_ejabberd(&self) -> bool {
        false
    }
}

impl Host for Server {
    fn domain(&self) -> String {
        self.domain().to_owned()
    }

    fn addr(&self) -> SocketAddr {
        self.starttls_addr()
    }

    fn ca_file(&self) -> PathBuf {
        self.ca_file().to_owned()
    }

    async fn add_account(&self, user: &str) {
        self.add_user(user, PASSWORD).await.unwrap();
    }

    fn is_ejabberd(&self) -> bool {
        self.kind() == ServerKind::Ejabberd
    }
}

impl Host for Loopback {
    fn domain(&self) -> String {
        self.domain().to_string()
    }

    fn addr(&self) -> SocketAddr {
        self.addr()
    }

    fn ca_file(&self) -> PathBuf {
        let name = format!("loopback-{}.pem", self.addr().port());
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&file, self.ca_pem().unwrap()).unwrap();
        file
    }

    async fn add_account(&self, user: &str) {
        self.add_account(user, PASSWORD).unwrap();
    }
}

/// A chat message.
pub(crate) fn chat(to: &Jid, body: &str) -> ElementBuilder {
    Element::builder("message", converse::ns::CLIENT)
        .attr("type", "chat")
        .attr("to", to.as_str())
        .child(Element::builder("body", converse::ns::CLIENT).text(body))
}
