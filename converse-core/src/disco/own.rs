//! What went out about this client with its presence.

use std::collections::VecDeque;

use super::caps::Own;
use super::info::Info;

/// How many sets of hashes can be asked for after they went out; XEP-0390 §6 demands three.
const REMEMBERED: usize = 5;

/// The sets of hashes that went out, newest last.
#[derive(Debug, Default)]
pub(super) struct Emitted {
    sets: VecDeque<Own>,
}

impl Emitted {
    /// Whether anything went out.
    pub(super) fn is_out(&self) -> bool {
        !self.sets.is_empty()
    }

    /// Whether the newest that went out says this.
    pub(super) fn is_newest(&self, info: &Info) -> bool {
        self.sets.back().is_some_and(|own| own.info == *info)
    }

    /// The hashes of `info`, which go out now.
    pub(super) fn emit(&mut self, info: Info, node: &str) -> Own {
        match self.sets.back() {
            Some(newest) if newest.info == info && newest.is_of(node) => newest.clone(),
            _ => {
                let own = Own::of(info, node);
                self.sets.push_back(own.clone());
                if self.sets.len() > REMEMBERED {
                    self.sets.pop_front();
                }
                own
            }
        }
    }

    /// What a node says that went out.
    pub(super) fn at(&self, node: &str) -> Option<&Info> {
        let mut sets = self.sets.iter().rev();
        sets.find(|own| own.nodes.contains(node))
            .map(|own| &own.info)
    }
}
