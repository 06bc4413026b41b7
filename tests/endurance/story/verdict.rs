//! What must be, against what is.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use super::archive::Archived;
use super::player::{Count, Player};

/// How many faults of one kind are named.
const NAMED: usize = 5;

/// How a story ended.
pub(super) struct Told {
    pub(super) faults: Vec<String>,
    safe: usize,
    doubtful: usize,
    refused: usize,
    failed: usize,
    archived: usize,
    counts: Vec<(&'static str, Count)>,
    /// How often which error came.
    refusals: BTreeMap<String, usize>,
    /// The same for what has failed later.
    failures: BTreeMap<String, usize>,
}

impl Told {
    pub(super) fn new(
        players: &[Player],
        accounts: &[Vec<Archived>],
        room: &[Archived],
        room_jid: &str,
        failed: &HashMap<String, String>,
    ) -> Self {
        let mut faults = Vec::new();
        for (player, archived) in players.iter().zip(accounts) {
            let times = |said: &super::player::Said| {
                let place = if said.to == room_jid { room } else { archived };
                place.iter().filter(|one| one.body == said.body).count()
            };
            // What has failed was shown as such.
            let is_right = |said: &&super::player::Said| {
                times(said) == usize::from(!failed.contains_key(&said.body))
            };
            let safe = player.safe.iter().filter(|said| !is_right(said));
            let safe =
                safe.map(|said| format!("{:?} to {}: {} times", said.body, said.to, times(said)));
            faults.extend(some(safe, &format!("{} said in the archive", player.name)));
            let doubtful = player.doubtful.iter().filter(|said| times(said) > 1);
            let doubtful = doubtful.map(|said| said.body.clone());
            faults.extend(some(
                doubtful,
                &format!("{} twice in the archive", player.name),
            ));
        }
        let mut refusals = BTreeMap::new();
        for why in players.iter().flat_map(|player| &player.refused) {
            *refusals.entry(why.clone()).or_default() += 1;
        }
        let mut failures = BTreeMap::new();
        for why in failed.values() {
            *failures.entry(why.clone()).or_default() += 1;
        }
        let sum = |of: fn(&Player) -> usize| players.iter().map(of).sum();
        Self {
            faults,
            safe: sum(|player| player.safe.len()),
            doubtful: sum(|player| player.doubtful.len()),
            refused: sum(|player| player.refused.len()),
            failed: failed.len(),
            archived: accounts.iter().map(Vec::len).sum::<usize>() + room.len(),
            refusals,
            failures,
            counts: players
                .iter()
                .map(|player| (player.name, player.count))
                .collect(),
        }
    }

    pub(super) fn summary(&self) -> String {
        let mut text = format!(
            "{} safe, {} doubtful, {} refused, {} failed; {} in the archives; {} faults",
            self.safe,
            self.doubtful,
            self.refused,
            self.failed,
            self.archived,
            self.faults.len()
        );
        for (why, times) in &self.refusals {
            text.push_str(&format!("\n    refused {times} times: {why}"));
        }
        for (why, times) in &self.failures {
            text.push_str(&format!("\n    failed {times} times: {why}"));
        }
        for (name, count) in &self.counts {
            text.push_str(&format!("\n    {name}: {count:?}"));
        }
        text
    }
}

/// Whether the client says that it did not arrive.
pub(super) fn has_failed(line: &Value) -> bool {
    line["delivery"] == "failed"
}

/// The history of one client in one place, against the archive.
pub(super) fn compare(
    name: &str,
    place: &str,
    lines: &[Value],
    archived: &[&Archived],
) -> Vec<String> {
    let bodies: Vec<&str> = lines
        .iter()
        .filter(|line| !has_failed(line))
        .filter_map(|line| line["body"].as_str())
        .collect();
    let wanted: Vec<&str> = archived.iter().map(|one| one.body.as_str()).collect();
    let what = format!("{name} with {place}");
    let (has, wants) = (tally(&bodies), tally(&wanted));
    let mut faults = Vec::new();
    let missing = wants.iter().filter(|(body, _)| !has.contains_key(*body));
    faults.extend(some(
        missing.map(|(body, _)| (*body).to_owned()),
        &format!("{what}: missing"),
    ));
    let extra = has.iter().filter(|(body, _)| !wants.contains_key(*body));
    faults.extend(some(
        extra.map(|(body, _)| (*body).to_owned()),
        &format!("{what}: not in the archive"),
    ));
    let double = has.iter().filter(|(_, times)| **times > 1);
    faults.extend(some(
        double.map(|(body, _)| (*body).to_owned()),
        &format!("{what}: double"),
    ));
    // Where the server took something twice, either place is right.
    let is_copied: HashSet<&str> = archived
        .iter()
        .filter(|one| !one.copies.is_empty())
        .map(|one| one.body.as_str())
        .collect();
    let is_single = |body: &&str| !is_copied.contains(*body);
    let bodies: Vec<&str> = bodies.into_iter().filter(is_single).collect();
    let wanted: Vec<&str> = wanted.into_iter().filter(is_single).collect();
    if faults.is_empty()
        && let Some(at) = (0..wanted.len()).find(|at| bodies.get(*at) != wanted.get(*at))
    {
        let until = (at + NAMED).min(wanted.len());
        faults.push(format!(
            "{what}: the order is another from {at} on: {:?}, in the archive {:?}",
            &bodies[at..until],
            &wanted[at..until]
        ));
    }
    let by_body: HashMap<&str, &Archived> = archived
        .iter()
        .map(|one| (one.body.as_str(), *one))
        .collect();
    let wrong = lines.iter().filter(|line| {
        let id = line["archived_as"].as_str();
        let wanted = line["body"].as_str().and_then(|body| by_body.get(body));
        let is_its = |(id, one): (&str, &&Archived)| {
            one.id == id || one.copies.iter().any(|copy| copy == id)
        };
        id.zip(wanted).is_some_and(|both| !is_its(both))
    });
    faults.extend(some(
        wrong.map(Value::to_string),
        &format!("{what}: another id"),
    ));
    faults
}

fn tally<'a>(bodies: &[&'a str]) -> BTreeMap<&'a str, usize> {
    let mut tally = BTreeMap::new();
    for body in bodies {
        *tally.entry(*body).or_default() += 1;
    }
    tally
}

fn some(faults: impl Iterator<Item = String>, what: &str) -> Option<String> {
    let faults: Vec<String> = faults.collect();
    let first: Vec<&String> = faults.iter().take(NAMED).collect();
    (!faults.is_empty()).then(|| format!("{what}: {} as {first:?}", faults.len()))
}
