//! One client as the test sees it: its account, its way to the server, its store, and the process that lives now.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use converse_testkit::servers::{Direction, Proxy, Server};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::process::{MARK, SETTINGS};
use crate::client::{self, within};
use crate::random::Random;

/// How many messages may wait for the client's word that they are safe.
const WINDOW: usize = 20;

pub(super) struct Player {
    pub(super) name: &'static str,
    pub(super) jid: String,
    settings: Value,
    proxy: Proxy,
    process: Option<Process>,
    /// The process is killed, or the network is away, until so many messages were sent.
    pub(super) dead_until: Option<usize>,
    pub(super) away_until: Option<usize>,
    /// What the client said is safe.
    pub(super) safe: Vec<Said>,
    /// What was interrupted: nobody knows.
    pub(super) doubtful: Vec<Said>,
    /// What the client refused.
    pub(super) refused: Vec<String>,
    pub(super) count: Count,
}

/// What happened to a client.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Count {
    pub(super) cuts: usize,
    pub(super) absences: usize,
    pub(super) kills: usize,
    pub(super) sessions: usize,
    pub(super) resumed: usize,
    pub(super) restarted: usize,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) to: String,
    pub(super) body: String,
}

struct Process {
    child: Child,
    orders: ChildStdin,
    told: mpsc::UnboundedReceiver<Value>,
    asked: u64,
    /// What it was to send, and has not said anything about.
    open: HashMap<u64, Said>,
    answers: HashMap<u64, Value>,
}

impl Player {
    pub(super) async fn new(
        server: &Server,
        name: &'static str,
        room: &str,
        folder: &std::path::Path,
    ) -> Self {
        let proxy = Proxy::start(server.starttls_addr()).await.unwrap();
        let bare = client::account(server, name).await;
        let file = |ending: &str| -> PathBuf { folder.join(format!("{bare}.{ending}")) };
        let mut settings = client::settings(
            server,
            proxy.addr(),
            &format!("{bare}/story"),
            json!({
                "storage": "local",
                "message_storage": "local",
                "allow_non_roster_messaging": true,
                "store_path": file("db").to_string_lossy(),
                "room": room,
                "nick": name,
            }),
        );
        if std::env::var_os("CONVERSE_STORY_LOG").is_some() {
            settings["log"] = json!(file("log").to_string_lossy());
        }
        let mut player = Self {
            name,
            jid: bare,
            settings,
            proxy,
            process: None,
            dead_until: None,
            away_until: None,
            safe: Vec::new(),
            doubtful: Vec::new(),
            refused: Vec::new(),
            count: Count::default(),
        };
        player.start();
        player
    }

    pub(super) fn is_alive(&self) -> bool {
        self.process.is_some()
    }

    pub(super) fn start(&mut self) {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["story::a_player", "--exact", "--nocapture"])
            .env(SETTINGS, self.settings.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let orders = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (tell, told) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                // What was being written when the process was killed is half a line.
                let told = line.strip_prefix(MARK).map(serde_json::from_str);
                if let Some(Ok(told)) = told
                    && tell.send(told).is_err()
                {
                    return;
                }
            }
        });
        self.process = Some(Process {
            child,
            orders,
            told,
            asked: 0,
            open: HashMap::new(),
            answers: HashMap::new(),
        });
        self.dead_until = None;
    }

    /// Ends the process as a crash does. What it had said until then counts.
    pub(super) async fn kill(&mut self) {
        let Some(mut process) = self.process.take() else {
            return;
        };
        self.count.kills += 1;
        process.child.start_kill().unwrap();
        process.child.wait().await.unwrap();
        while let Some(told) = process.told.recv().await {
            self.take(&mut process, told);
        }
        self.doubtful.extend(process.open.into_values());
    }

    /// The network goes away.
    pub(super) async fn leave(&mut self) {
        self.count.absences += 1;
        self.proxy.refuse().await;
        self.proxy.cut().await;
    }

    pub(super) async fn come_back(&mut self) {
        self.away_until = None;
        self.proxy.accept().await.unwrap();
    }

    /// The connection breaks now, or so many bytes later.
    pub(super) async fn cut(&mut self, random: &mut Random) {
        self.count.cuts += 1;
        match random.below(3) {
            0 => self.proxy.cut().await,
            1 => self
                .proxy
                .cut_after(Direction::ToServer, random.within(1..4_000)),
            _ => self
                .proxy
                .cut_after(Direction::ToClient, random.within(1..8_000)),
        }
    }

    /// Connections break no more.
    pub(super) fn calm(&mut self) {
        self.proxy.cut_after(Direction::ToServer, usize::MAX);
    }

    /// Has the client send something, and does not wait for what it says.
    pub(super) async fn say(&mut self, to: String, body: String) {
        self.hear();
        let Some(process) = &mut self.process else {
            return;
        };
        process.asked += 1;
        let number = process.asked;
        let order = json!({ "ask": number, "do": "say", "to": to, "body": body });
        process.open.insert(number, Said { to, body });
        process.order(&order).await;
        while self
            .process
            .as_ref()
            .is_some_and(|process| process.open.len() >= WINDOW)
        {
            self.wait("its word on a message").await;
        }
    }

    /// Waits until it has said something about everything that it was to send.
    pub(super) async fn finish(&mut self) {
        while self
            .process
            .as_ref()
            .is_some_and(|process| !process.open.is_empty())
        {
            self.wait("its word on the last messages").await;
        }
    }

    /// What it answers.
    pub(super) async fn ask(&mut self, what: &str, mut order: Value) -> Result<Value, String> {
        let process = self.process.as_mut().unwrap();
        process.asked += 1;
        let number = process.asked;
        order["ask"] = json!(number);
        order["do"] = json!(what);
        process.order(&order).await;
        loop {
            if let Some(answer) = self.process.as_mut().unwrap().answers.remove(&number) {
                return match answer["error"].as_str() {
                    Some(error) => Err(error.to_owned()),
                    None => Ok(answer["ok"].clone()),
                };
            }
            self.wait(what).await;
        }
    }

    /// What it has told meanwhile.
    pub(super) fn hear(&mut self) {
        let Some(mut process) = self.process.take() else {
            return;
        };
        while let Ok(told) = process.told.try_recv() {
            self.take(&mut process, told);
        }
        self.process = Some(process);
    }

    async fn wait(&mut self, what: &str) {
        let mut process = self.process.take().unwrap();
        let told = within(&format!("{what} of {}", self.name), process.told.recv()).await;
        let told = told.unwrap_or_else(|| panic!("the process of {} has ended", self.jid));
        self.take(&mut process, told);
        self.process = Some(process);
    }

    fn take(&mut self, process: &mut Process, told: Value) {
        if let Some(number) = told["answer"].as_u64() {
            match process.open.remove(&number) {
                Some(said) => match told["error"].as_str() {
                    None => self.safe.push(said),
                    Some(error) => self.refused.push(error.to_owned()),
                },
                None => drop(process.answers.insert(number, told)),
            }
        } else if let Some(started) = told.get("started") {
            self.count.sessions += 1;
            self.count.resumed += usize::from(started["resumed"] == true);
            self.count.restarted += usize::from(started["restarted"] == true);
        } else if let Some(note) = told.get("note") {
            eprintln!("{}: {note}", self.name);
        }
    }

    /// Ends the process in good order.
    pub(super) async fn quit(&mut self) {
        let _ = self.ask("quit", json!({})).await;
        if let Some(mut process) = self.process.take() {
            let ended = timeout(Duration::from_secs(10), process.child.wait()).await;
            assert!(ended.is_ok(), "the process of {} does not end", self.name);
        }
    }
}

impl Process {
    async fn order(&mut self, order: &Value) {
        let line = format!("{order}\n");
        self.orders.write_all(line.as_bytes()).await.unwrap();
    }
}
