//! From the setup of a case to the moment at which its steps begin.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use converse_core::Converse;
use converse_core::env::Environment;
use converse_core::ns;
use converse_core::settings::SettingsMap;
use converse_core::store::{MemoryStore, Store};
use serde_json::{Map, Value, json};

use super::calls;
use super::chats;
use super::control::Fleet;
use super::events::Events;
use super::format::{Case, Phase, Setup};
use super::groupings::Groupings;
use super::ledger::Ledger;
use super::log::Log;
use super::plugins::Plugins;
use super::resources::Resources;
use super::trouble::{Trouble, parameters};
use super::world::{ACCOUNT, DOMAIN, PASSWORD, PATIENCE, RESOURCE, World};
use crate::MortalStore;
use crate::clock::{SeededRandom, VirtualClock, settle};
use crate::scripted::{Captures, Plan, Room, Rule, Server, TrustedRoots, Until};

/// Operations that are about TLS, or about hosts that a client reaches only over TLS.
const TLS_OPERATIONS: [&str; 6] = [
    "tls_handshake",
    "tls_handshake_or_abort",
    "dns",
    "expect_connect",
    "cut_points",
    "fail_each_step_once",
];

/// Starts the instance and takes it to the phase in which the steps begin.
pub(super) async fn build<'a>(
    case: &Case,
    groupings: &'a dyn Groupings,
    log: Log,
) -> Result<World<'a>, Trouble> {
    let setup: Setup = if case.setup.is_null() {
        Setup::default()
    } else {
        parameters(&case.setup)?
    };
    let tls = matches!(setup.phase, Phase::Raw | Phase::Tls | Phase::TlsDone)
        || TLS_OPERATIONS
            .iter()
            .any(|op| case.controls(op).next().is_some());
    let server = Server::new(plan(&setup, tls)?);
    let clock = Arc::new(VirtualClock::default());
    let seed = case
        .id
        .bytes()
        .fold(1, |seed: u64, byte| seed.wrapping_mul(31) + u64::from(byte));
    let env = Environment {
        clock: Arc::clone(&clock) as _,
        random: Arc::new(SeededRandom::new(seed)),
    };
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    for (what, value) in &setup.cache {
        let stored = groupings.cache(&store, ACCOUNT, what, value);
        let stored = stored.ok_or_else(|| Trouble::unsupported(format!("a cache of `{what}`")))?;
        stored.await?;
    }
    let is_killed = case.controls("kill_client").next().is_some();
    let mortal = is_killed.then(|| MortalStore::new(Arc::clone(&store)));
    let store = match &mortal {
        Some(mortal) => Arc::new(mortal.clone()),
        None => store,
    };
    let converse = Converse::new()
        .with_network(server.network())
        .with_environment(env)
        .with_store(store);
    let plugins = Plugins::add(case, &converse)?;
    let roots = if tls {
        Some(TrustedRoots::write()?)
    } else {
        None
    };
    let settings = settings(&setup, &plugins, roots.as_ref())?;
    let api = converse.start(settings.clone()).await?;
    let mut world = World {
        setup,
        groupings,
        server,
        clock,
        converse,
        settings,
        mortal,
        fleet: Fleet::default(),
        api,
        events: Events::default(),
        event_names: case.event_names(),
        plugins,
        captures: Captures::default(),
        calls: HashMap::new(),
        ledger: Ledger::default(),
        log,
        _roots: roots,
        resources: Resources::now(),
        attempts_before: 0,
        lookups_before: 0,
        attempts_seen: 0,
        announced: Vec::new(),
        speaks_of_loss: case.invariants().any(|(name, _)| name == "lost_out"),
        tasks_before: 0,
    };
    world.events.listen(&world.api, &world.event_names);
    world.ledger.listen(&world.api)?;
    settle().await;
    enter_phase(&mut world, case).await?;
    if case.speaks_of(ns::DISCO_INFO) {
        // Then what rooms say about themselves is the script's too.
        world.server.plan(|plan| plan.described.clear());
    }
    world.server.plan(|plan| {
        plan.auto.remove("archive");
    });
    world.resources = Resources::now();
    world.attempts_before = world.server.attempts().len();
    world.attempts_seen = world.attempts_before;
    world.lookups_before = world.server.lookups().len();
    world.ledger.forget();
    world.tasks_before = tokio::runtime::Handle::current()
        .metrics()
        .num_alive_tasks();
    tracing::info!(case = case.id, "the steps begin");
    Ok(world)
}

fn plan(setup: &Setup, tls: bool) -> Result<Plan, Trouble> {
    let mut plan = Plan::new(DOMAIN);
    plan.password = PASSWORD.to_owned();
    plan.tls = tls;
    for feature in &setup.stream_features {
        match feature.as_str() {
            "sm" => plan.stream_management = true,
            "csi" => plan.features.push(format!("<csi xmlns='{}'/>", ns::CSI)),
            "rosterver" => plan
                .features
                .push(format!("<ver xmlns='{}'/>", ns::ROSTERVER)),
            other => {
                return Err(Trouble::unsupported(format!(
                    "the stream feature `{other}`"
                )));
            }
        }
    }
    plan.resumable = setup.sm.resume;
    plan.roster.clone_from(&setup.roster);
    plan.roster_version.clone_from(&setup.rosterver);
    plan.server_features.clone_from(&setup.server_features);
    plan.account_features.clone_from(&setup.account_features);
    if let Some(mechanisms) = &setup.sasl {
        plan.mechanisms.clone_from(mechanisms);
    }
    if let Some(auto) = &setup.auto {
        for name in auto {
            if !plan.auto.contains(name) {
                return Err(Trouble::unsupported(format!(
                    "to answer `{name}` by itself"
                )));
            }
        }
        plan.auto = auto.iter().cloned().collect();
    }
    // What was missed before the steps begin is no part of the case.
    plan.archive = chats::archive(&setup.chats)?;
    plan.auto.insert("archive".to_owned());
    Ok(plan)
}

/// What the case gives to `initialize`, and what the runner needs. Nobody logs in before the phase says so.
fn settings(
    setup: &Setup,
    plugins: &Plugins,
    roots: Option<&TrustedRoots>,
) -> Result<SettingsMap, Trouble> {
    let mut settings: Map<String, Value> = setup.settings.clone();
    settings.insert("auto_login".to_owned(), json!(false));
    if let Some(roots) = roots {
        settings.insert(
            "tls_roots".to_owned(),
            json!([roots.path().to_string_lossy()]),
        );
    } else {
        settings.insert("security".to_owned(), json!("plaintext_loopback"));
    }
    for (key, names) in [
        ("whitelisted_plugins", &plugins.whitelisted),
        ("blacklisted_plugins", &plugins.blacklisted),
    ] {
        if !names.is_empty() {
            settings.insert(key.to_owned(), json!(names));
        }
    }
    Ok(settings.into())
}

async fn enter_phase(world: &mut World<'_>, case: &Case) -> Result<(), Trouble> {
    let phase = world.setup.phase;
    let until = match phase {
        Phase::Raw => Until::Header,
        Phase::Tls => Until::Proceed,
        Phase::TlsDone => Until::Secured,
        Phase::Offline | Phase::Authenticated | Phase::Bound => Until::Authenticated,
        Phase::Online => Until::Online,
    };
    world.server.plan(|plan| plan.until = until);
    if phase == Phase::Offline {
        return Ok(());
    }
    let options = json!({ "jid": format!("{ACCOUNT}/{RESOURCE}"), "password": PASSWORD });
    calls::call(world, "user.login", &[options], Some("(setup)"))?;
    let reached = match phase {
        Phase::Raw => "<stream xmlns='http://etherx.jabber.org/streams'/>",
        Phase::Tls => "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        Phase::TlsDone => {
            "<stream xmlns='http://etherx.jabber.org/streams' from='mara@kestrel.example'/>"
        }
        _ => "<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
    };
    let reached = world.server.expect(reached, &mut Captures::default()).await;
    reached.map_err(|error| Trouble::failed(format!("{error}{}", world.failed_calls())))?;
    settle().await;
    if phase == Phase::Online {
        be_online(world).await?;
    }
    let forgotten = world.server.forget_sent_but(&case.expected_at_once());
    forgotten.map_err(|error| Trouble::failed(error.to_string()))?;
    world.events.forget();
    world.calls.clear();
    world.server.answer_connects(Rule::Hold);
    if phase == Phase::Bound {
        world.server.proceed(Until::Bound);
        settle().await;
    }
    Ok(())
}

/// Waits for the login and for what follows it: roster, presence, rooms and chats of the setup.
async fn be_online(world: &mut World<'_>) -> Result<(), Trouble> {
    let login = world.calls.get("(setup)").cloned();
    let online = world
        .until(PATIENCE, || {
            login
                .as_ref()
                .and_then(|login| login.borrow().as_ref().map(|_| ()))
        })
        .await;
    if online.is_none() || !world.api.connection().connected() {
        return Err(Trouble::failed(format!(
            "setup: the session does not come up{}",
            world.failed_calls()
        )));
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    enter_rooms(world).await?;
    for chat in &world.setup.chats {
        chats::open(world, chat).await?;
    }
    settle().await;
    Ok(())
}

/// The rooms of the setup let the client in; afterwards what happens to it there is the script's.
async fn enter_rooms(world: &mut World<'_>) -> Result<(), Trouble> {
    let rooms: Vec<Room> = world
        .setup
        .rooms
        .iter()
        .map(parameters)
        .collect::<Result<_, _>>()?;
    world.server.plan(|plan| plan.rooms.clone_from(&rooms));
    for room in &rooms {
        let args = [json!(room.jid), json!({ "nick": room.nick })];
        calls::call(world, "rooms.open", &args, Some("(setup)"))?;
        let entering = format!("<presence to='{}/{}'/>", room.jid, room.nick);
        let entered = world
            .server
            .expect(&entering, &mut Captures::default())
            .await;
        entered
            .map_err(|error| Trouble::failed(format!("setup: {error}{}", world.failed_calls())))?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    world.server.plan(|plan| {
        plan.rooms.clear();
        plan.described = rooms;
    });
    Ok(())
}
