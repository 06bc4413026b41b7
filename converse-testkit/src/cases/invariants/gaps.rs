//! The time between attempts to connect.

use std::time::Duration;

use crate::cases::trouble::{Done, Trouble};
use crate::cases::world::World;
use crate::scripted::Attempt;

pub(super) fn attempts(world: &World<'_>) -> Vec<Attempt> {
    world.server.attempts().split_off(world.attempts_before)
}

pub(super) fn gaps(world: &World<'_>) -> Result<Vec<Duration>, Trouble> {
    let attempts = attempts(world);
    let gaps: Vec<_> = attempts
        .windows(2)
        .map(|pair| pair[1].at - pair[0].at)
        .collect();
    if gaps.is_empty() {
        return Err(Trouble::failed("there are no two attempts"));
    }
    Ok(gaps)
}

pub(super) fn millis(gap: &Duration) -> u64 {
    u64::try_from(gap.as_millis()).unwrap_or(u64::MAX)
}

/// No gap is shorter than the one before it until they have reached their cap, from where they may vary by their jitter.
pub(super) fn gaps_grow(world: &World<'_>) -> Done {
    let gaps = gaps(world)?;
    let longest = gaps.iter().max().copied().unwrap_or_default();
    let cap = longest.mul_f64(0.75);
    for pair in gaps.windows(2) {
        if pair[1] < pair[0] && pair[1] < cap {
            return Err(Trouble::failed(format!("the gaps are {gaps:?}")));
        }
    }
    if gaps.len() > 2 && longest < gaps[0].mul_f64(2.0) {
        return Err(Trouble::failed(format!("the gaps do not grow: {gaps:?}")));
    }
    Ok(())
}
