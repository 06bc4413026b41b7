//! The same message by several ways, and what an archive has in an order of its own.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::cases::calls;
use crate::cases::trouble::{Done, Trouble, parameters};
use crate::cases::world::{ACCOUNT, RESOURCE, World};
use crate::clock::settle;
use crate::scripted::{Captures, Room};

/// Who writes in a chat.
const OTTO: &str = "otto@heron.example";
/// When it was written.
const STAMP: &str = "2026-01-10T08:00:00Z";
/// How long it may take until somebody is in a room again.
const ENTERING: Duration = Duration::from_secs(2);

pub(super) async fn step(world: &mut World<'_>, op: &str, value: &Value) -> Done {
    match op {
        "permutations" => permutations(world, value).await,
        _ => order(world, value).await,
    }
}

/// A message, as each way brings it.
struct Letter {
    /// The archive: the room, or the account.
    archive: String,
    /// Who has written it.
    from: String,
    kind: &'static str,
    id: String,
    body: String,
}

impl Letter {
    fn xml(&self, more: &str) -> String {
        let Self {
            from,
            kind,
            id,
            body,
            ..
        } = self;
        format!(
            "<message xmlns='jabber:client' from='{from}' to='{ACCOUNT}/{RESOURCE}' type='{kind}' id='m-{id}'><body>{body}</body>{more}</message>"
        )
    }

    fn stanza_id(&self) -> String {
        let Self { archive, id, .. } = self;
        format!("<stanza-id xmlns='urn:xmpp:sid:0' by='{archive}' id='{id}'/>")
    }

    fn delay(&self) -> String {
        let archive = &self.archive;
        format!("<delay xmlns='urn:xmpp:delay' from='{archive}' stamp='{STAMP}'/>")
    }

    /// What comes when it comes this way; `None` for a way that is not known.
    fn by(&self, path: &str, asked: &Asked) -> Option<Vec<String>> {
        let id = self.stanza_id();
        Some(match path {
            "live" => vec![self.xml(&id)],
            "muc_history" | "offline" => vec![self.xml(&format!("{id}{}", self.delay()))],
            "carbon" => vec![format!(
                "<message from='{ACCOUNT}' to='{ACCOUNT}/{RESOURCE}' type='chat'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>{}</forwarded></received></message>",
                self.xml(&id)
            )],
            "mam" | "mam_room" => {
                let result = asked.result(&self.archive, &self.id, &self.xml(""));
                vec![result, asked.fin(&self.archive, &self.id, &self.id)]
            }
            _ => return None,
        })
    }
}

/// A query of the client's.
struct Asked {
    iq: String,
    query: String,
}

impl Asked {
    async fn of(world: &World<'_>, archive: Option<&str>) -> Result<Self, Trouble> {
        let to = archive.map_or_else(String::new, |archive| format!("to='{archive}'"));
        let pattern = format!(
            "<iq type='set' id='{{{{i}}}}' {to}><query xmlns='urn:xmpp:mam:2' queryid='{{{{q}}}}'/></iq>"
        );
        let mut captures = Captures::default();
        world.server.expect(&pattern, &mut captures).await?;
        let text = |name| captures.get(name).unwrap_or_default().to_owned();
        Ok(Self {
            iq: text("i"),
            query: text("q"),
        })
    }

    fn result(&self, archive: &str, id: &str, message: &str) -> String {
        let query = &self.query;
        format!(
            "<message from='{archive}' to='{ACCOUNT}/{RESOURCE}'><result xmlns='urn:xmpp:mam:2' queryid='{query}' id='{id}'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='{STAMP}'/>{message}</forwarded></result></message>"
        )
    }

    fn fin(&self, archive: &str, first: &str, last: &str) -> String {
        let iq = &self.iq;
        format!(
            "<iq type='result' id='{iq}' from='{archive}' to='{ACCOUNT}/{RESOURCE}'><fin xmlns='urn:xmpp:mam:2' complete='true'><set xmlns='http://jabber.org/protocol/rsm'><first>{first}</first><last>{last}</last></set></fin></iq>"
        )
    }
}

/// One message comes by each of the paths, in every order; another one each time. For a room the client comes in anew, because
/// that is when it gets a history and asks the archive.
async fn permutations(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Permutations {
        #[serde(rename = "op")]
        _op: String,
        paths: Vec<String>,
        stanza_id: String,
    }
    let step: Permutations = parameters(value)?;
    let in_room = step
        .paths
        .iter()
        .any(|path| path.contains("room") || path.contains("muc"));
    let room = world.setup.rooms.first().cloned().filter(|_| in_room);
    let room: Option<Room> = room.as_ref().map(parameters).transpose()?;
    if in_room && room.is_none() {
        return Err(Trouble::unsupported(
            "`permutations` in a room without a room",
        ));
    }
    for (number, paths) in orders(&step.paths).into_iter().enumerate() {
        let id = format!("{}-{number}", step.stanza_id);
        let body = format!("once, by {}", paths.join(", "));
        let letter = match &room {
            Some(room) => Letter {
                archive: room.jid.clone(),
                from: format!("{}/pia", room.jid),
                kind: "groupchat",
                id,
                body,
            },
            None => Letter {
                archive: ACCOUNT.to_owned(),
                from: format!("{OTTO}/oar"),
                kind: "chat",
                id,
                body,
            },
        };
        let asked = match &room {
            Some(room) => enter_anew(world, room).await?,
            None => fetch(world).await?,
        };
        for path in &paths {
            let stanzas = letter.by(path, &asked);
            let stanzas =
                stanzas.ok_or_else(|| Trouble::unsupported(format!("the path `{path}`")))?;
            for stanza in stanzas {
                world.server.send(&stanza).await?;
            }
        }
        settle().await;
        let (view, jid) = match &room {
            Some(room) => ("room", room.jid.as_str()),
            None => ("chat", OTTO),
        };
        let shown = messages(world, view, jid).await?;
        let same = |message: &&Value| message["body"] == letter.body;
        let shown: Vec<Value> = shown.iter().filter(same).cloned().collect();
        world.ledger.shown.push(shown);
    }
    Ok(())
}

/// The archive of the account has messages about one another in this order.
async fn order(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Order {
        #[serde(rename = "op")]
        _op: String,
        order: Vec<String>,
    }
    let step: Order = parameters(value)?;
    let asked = fetch(world).await?;
    let (otto, own) = (format!("{OTTO}/oar"), format!("{ACCOUNT}/{RESOURCE}"));
    // Only what the user wrote himself is acknowledged.
    let is_own = step.order.iter().any(|what| what == "receipt");
    let (author, other) = if is_own { (&own, &otto) } else { (&otto, &own) };
    for (number, what) in step.order.iter().enumerate() {
        let (from, to, payload) = match what.as_str() {
            "original" => (author, other, "<body>The tyde is at nine.</body>".to_owned()),
            "correction" => (
                author,
                other,
                "<body>The tide is at nine.</body><replace xmlns='urn:xmpp:message-correct:0' id='original'/>".to_owned(),
            ),
            "retraction" => (
                author,
                other,
                "<retract xmlns='urn:xmpp:message-retract:1' id='original'/><body>retracted</body>".to_owned(),
            ),
            "receipt" => (
                other,
                author,
                "<received xmlns='urn:xmpp:receipts' id='original'/>".to_owned(),
            ),
            other => return Err(Trouble::unsupported(format!("`{other}` in an archive"))),
        };
        let message = format!(
            "<message xmlns='jabber:client' from='{from}' to='{to}' type='chat' id='{what}'>{payload}</message>"
        );
        let result = asked.result(ACCOUNT, &format!("a{number}"), &message);
        world.server.send(&result).await?;
    }
    let last = format!("a{}", step.order.len().saturating_sub(1));
    let fin = asked.fin(ACCOUNT, "a0", &last);
    world.server.send(&fin).await?;
    settle().await;
    let shown = messages(world, "chat", OTTO).await?;
    world.ledger.shown.push(shown);
    Ok(())
}

/// Has the client fetch what the account's archive has of a chat.
async fn fetch(world: &mut World<'_>) -> Result<Asked, Trouble> {
    calls::call(world, "ext.mam.fetch", &[json!(OTTO)], Some("(archive)"))?;
    settle().await;
    Asked::of(world, None).await
}

/// The client loses the connection and comes back into a room, of which the archive is asked then.
async fn enter_anew(world: &mut World<'_>, room: &Room) -> Result<Asked, Trouble> {
    world.server.plan(|plan| plan.rooms = vec![room.clone()]);
    world.server.drop_connection();
    settle().await;
    super::login::step(
        world,
        "accept_reconnect",
        &json!({ "op": "accept_reconnect", "resume": false }),
    )
    .await?;
    tokio::time::sleep(ENTERING).await;
    world.server.plan(|plan| plan.rooms.clear());
    Asked::of(world, Some(&room.jid)).await
}

async fn messages(world: &World<'_>, view: &str, jid: &str) -> Result<Vec<Value>, Trouble> {
    let state = world.groupings.view(&world.api, view, &[json!(jid)]);
    let state = state.ok_or_else(|| Trouble::unsupported(format!("the view `{view}`")))?;
    let state = state.await?;
    Ok(state["messages"].as_array().cloned().unwrap_or_default())
}

/// All orders of some things.
fn orders(of: &[String]) -> Vec<Vec<String>> {
    let Some((first, rest)) = of.split_first() else {
        return vec![Vec::new()];
    };
    let mut all = Vec::new();
    for order in orders(rest) {
        for at in 0..=order.len() {
            let mut order = order.clone();
            order.insert(at, first.clone());
            all.push(order);
        }
    }
    all
}
