//! Running one case: on a thread of its own, in virtual time, with a limit on real time.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::Value;

use super::format::Case;
use super::groupings::Groupings;
use super::log::Log;
use super::trouble::{Done, Trouble, parameters};
use super::world::World;
use super::{announcing, calls, control, invariants, log, receiving, sending, setup, views};
use crate::clock;

/// How long a case may take, in real time.
const LIMIT: Duration = Duration::from_secs(180);
/// How many steps a case may have.
const MAX_STEPS: usize = 1000;
/// How long the instance may take to end, in virtual time.
const ENDING: Duration = Duration::from_secs(60);

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Everything was as expected.
    Passed,
    /// Something was not.
    Failed(String),
    /// The runner or the build cannot do what the case asks for; that counts as failed.
    Unsupported(String),
}

impl Verdict {
    /// Whether everything was as expected.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        *self == Self::Passed
    }
}

/// Replays a case. Faults that it lists as `a / b` are played one after the other, each from the start.
#[must_use]
pub fn run(case: &Case, groupings: &'static dyn Groupings) -> Verdict {
    for variant in variants(case) {
        let verdict = isolated(variant, groupings);
        if !verdict.is_passed() {
            return verdict;
        }
    }
    Verdict::Passed
}

fn isolated(case: Case, groupings: &'static dyn Groupings) -> Verdict {
    watch_panics();
    let (tell, told) = channel();
    let thread = std::thread::Builder::new()
        .name(case.id.clone())
        .spawn(move || {
            let verdict = catch_unwind(AssertUnwindSafe(|| replay(&case, groupings)));
            let verdict =
                verdict.unwrap_or_else(|_| Err((0, Trouble::failed("the runner panicked"))));
            // Nobody waits any more if it took too long.
            let _ = tell.send((verdict, PANICS.take(), case));
        });
    let thread = match thread {
        Ok(thread) => thread,
        Err(error) => return Verdict::Failed(format!("no thread could be started: {error}")),
    };
    let (outcome, panics, case) = match told.recv_timeout(LIMIT) {
        Ok(told) => told,
        Err(RecvTimeoutError::Timeout) => {
            return Verdict::Failed(format!("it was not done after {} s", LIMIT.as_secs()));
        }
        Err(RecvTimeoutError::Disconnected) => {
            return Verdict::Failed("its thread died".to_owned());
        }
    };
    // It has told everything; what is left is its own end.
    let _ = thread.join();
    match outcome {
        Ok(()) => match panics.first() {
            Some(panic) if !wants_panics(&case) => {
                Verdict::Failed(format!("something panicked: {panic}"))
            }
            _ => Verdict::Passed,
        },
        Err((index, Trouble::Failed(why))) => Verdict::Failed(format!(
            "{}{why}{}",
            place(&case, index),
            in_addition(&panics)
        )),
        Err((index, Trouble::Unsupported(what))) => {
            Verdict::Unsupported(format!("{}{what}", place(&case, index)))
        }
    }
}

fn place(case: &Case, index: usize) -> String {
    match index.checked_sub(1).and_then(|index| case.steps.get(index)) {
        Some(step) => {
            let mut kind = step.keys().next().cloned().unwrap_or_default();
            if let Some(op) = step.get("control").and_then(|control| control.get("op")) {
                kind = format!("{kind} {}", op.as_str().unwrap_or_default());
            }
            format!("at step {index} ({kind}): ")
        }
        None => String::new(),
    }
}

fn in_addition(panics: &[String]) -> String {
    panics
        .first()
        .map(|panic| format!("\n      something panicked: {panic}"))
        .unwrap_or_default()
}

/// Plays a case; the error says at which step, counted from 1.
fn replay(case: &Case, groupings: &'static dyn Groupings) -> Result<(), (usize, Trouble)> {
    if case.steps.len() > MAX_STEPS {
        return Err((0, Trouble::unsupported("so many steps")));
    }
    let log = Log::default();
    let _capturing = log.capture();
    clock::run(async {
        let mut world = setup::build(case, groupings, log.clone())
            .await
            .map_err(|trouble| (0, trouble))?;
        let outcome = play(case, &mut world).await;
        let ended = tokio::time::timeout(ENDING, world.converse.stop()).await;
        outcome?;
        world
            .plugins
            .check_called()
            .map_err(|trouble| (case.steps.len(), trouble))?;
        ended.map_err(|_| {
            (
                case.steps.len(),
                Trouble::failed("the instance does not stop"),
            )
        })
    })
}

async fn play(case: &Case, world: &mut World<'_>) -> Result<(), (usize, Trouble)> {
    for (index, step) in case.steps.iter().enumerate() {
        perform(world, step)
            .await
            .map_err(|trouble| (index + 1, trouble))?;
        world.resources.sample();
    }
    Ok(())
}

async fn perform(world: &mut World<'_>, step: &serde_json::Map<String, Value>) -> Done {
    if step.contains_key("recv_raw") {
        return receiving::recv_raw(world, step).await;
    }
    let mut entries = step.iter();
    let (Some((kind, value)), None) = (entries.next(), entries.next()) else {
        return Err(Trouble::unsupported("a step that is not one thing"));
    };
    match kind.as_str() {
        "recv" => receiving::recv(world, value).await,
        "recv_repeat" => receiving::recv_repeat(world, value).await,
        "recv_generated" => receiving::recv_generated(world, value).await,
        "call" => calls::step(world, value).await,
        "expect_send" => sending::expect_send(world, value).await,
        "expect_no_send" => sending::expect_no_send(world, value).await,
        "expect_event" => announcing::expect_event(world, value).await,
        "expect_no_event" => announcing::expect_no_event(world, value).await,
        "expect_state" => views::expect_state(world, value).await,
        "expect_result" => calls::expect_result(world, value).await,
        "expect_invariant" => invariants::expect_invariant(world, value).await,
        "expect_log" => log::expect_log(world, value),
        "control" => control::step(world, value).await,
        other => Err(Trouble::unsupported(format!("the step `{other}`"))),
    }
}

/// One case for each of the faults that it lists.
fn variants(case: &Case) -> Vec<Case> {
    for (index, step) in case.steps.iter().enumerate() {
        let fault = step.get("control").and_then(|control| control.get("fault"));
        let Some(list) = fault
            .and_then(Value::as_str)
            .filter(|fault| fault.contains(" / "))
        else {
            continue;
        };
        let one = |fault: &str| {
            let mut variant = case.clone();
            if let Some(control) = variant.steps[index].get_mut("control") {
                control["fault"] = Value::from(fault.trim());
            }
            variant
        };
        return list.split(" / ").map(one).collect();
    }
    vec![case.clone()]
}

fn wants_panics(case: &Case) -> bool {
    let panics = |control: &Value| parameters::<bool>(&control["panic"]).unwrap_or(false);
    case.controls("plugin").any(panics)
}

thread_local! {
    /// What panicked on this thread, with where.
    static PANICS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Panics belong to the case on whose thread they happen, and not on the terminal.
fn watch_panics() {
    static WATCHING: Once = Once::new();
    WATCHING.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let noted = PANICS.try_with(|panics| match panics.try_borrow_mut() {
                Ok(mut panics) => panics.push(info.to_string().replace('\n', " ")),
                Err(_) => before(info),
            });
            if noted.is_err() {
                before(info);
            }
        }));
    });
}
