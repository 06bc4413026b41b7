//! Somebody else's client as the third one in a test: slixmpp, driven line by line (`peer.py`).

use std::collections::VecDeque;
use std::process::Stdio;

use converse_testkit::servers::{or_skip, python_peers};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc;

use crate::client::{Host, PASSWORD, account, within};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/peer.py");

/// A running slixmpp; it ends with the test.
pub(crate) struct Peer {
    /// Its bare JID.
    pub(crate) jid: String,
    /// Its full JID.
    pub(crate) full: String,
    child: Child,
    orders: ChildStdin,
    told: mpsc::UnboundedReceiver<Value>,
    /// What was told and not asked for yet.
    kept: VecDeque<Value>,
    asked: u64,
}

impl Peer {
    /// A new account with slixmpp at it; says that it is skipped where there is no slixmpp.
    pub(crate) async fn log_in(server: &impl Host, name: &str) -> Option<Self> {
        or_skip(python_peers()).unwrap()?;
        let jid = account(server, name).await;
        Some(Self::at(server, &jid, "slixmpp").await)
    }

    /// One more slixmpp, at an account that there is.
    pub(crate) async fn at(server: &impl Host, jid: &str, resource: &str) -> Self {
        let mut child = Command::new(python_peers().unwrap())
            .arg(SCRIPT)
            .args([&format!("{jid}/{resource}"), PASSWORD])
            .arg(server.addr().port().to_string())
            .arg(server.ca_file())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let orders = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (tell, told) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let line = serde_json::from_str(&line);
                // A test that has ended hears nothing.
                let _ = tell.send(line.unwrap_or_else(|error| panic!("slixmpp says {error}")));
            }
        });
        let mut peer = Self {
            jid: jid.to_owned(),
            full: String::new(),
            child,
            orders,
            told,
            kept: VecDeque::new(),
            asked: 0,
        };
        let start = peer
            .until("its login", |told| told["heard"] == "start")
            .await;
        start["jid"].as_str().unwrap().clone_into(&mut peer.full);
        peer
    }

    /// Has it do something; gives what came out of it.
    pub(crate) async fn ask(&mut self, what: &str, mut order: Value) -> Result<Value, String> {
        self.asked += 1;
        let number = self.asked;
        order["ask"] = json!(number);
        order["do"] = json!(what);
        let line = format!("{order}\n");
        self.orders.write_all(line.as_bytes()).await.unwrap();
        let is_answer = |told: &Value| told["answer"] == number;
        let answer = self.until(what, is_answer).await;
        match answer["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(answer["ok"].clone()),
        }
    }

    /// Has it do something that must succeed.
    pub(crate) async fn order(&mut self, what: &str, order: Value) -> Value {
        let done = self.ask(what, order).await;
        done.unwrap_or_else(|error| panic!("{what} at slixmpp: {error}"))
    }

    /// Has it send a message; gives the id.
    pub(crate) async fn say(&mut self, order: Value) -> String {
        let id = self.order("message", order).await;
        id.as_str().unwrap().to_owned()
    }

    /// The first thing told that is wanted and was not taken before; the others wait for their turn.
    pub(crate) async fn until(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(index) = self.kept.iter().position(&wanted) {
            return self.kept.remove(index).unwrap();
        }
        let kept = &mut self.kept;
        let told = &mut self.told;
        let coming = async {
            loop {
                let next = told.recv().await.expect("slixmpp has ended");
                if wanted(&next) {
                    return next;
                }
                kept.push_back(next);
            }
        };
        within(&format!("{what} at slixmpp"), coming).await
    }

    /// The next message that is wanted.
    pub(crate) async fn message(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let of_kind = |told: &Value| told["heard"] == "message" && wanted(told);
        self.until(what, of_kind).await
    }

    /// The next presence that is wanted.
    pub(crate) async fn presence(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let of_kind = |told: &Value| told["heard"] == "presence" && wanted(told);
        self.until(what, of_kind).await
    }

    /// Everything told and not taken, after a round trip to the server.
    pub(crate) async fn rest(&mut self) -> Vec<Value> {
        self.order("ping", json!({})).await;
        self.kept.drain(..).collect()
    }

    /// Ends it.
    pub(crate) async fn stop(mut self) {
        self.order("quit", json!({})).await;
        drop(self.orders);
        let ended = within("the end of slixmpp", self.child.wait())
            .await
            .unwrap();
        assert!(ended.success(), "slixmpp ended with {ended}");
    }
}
