//! What is to be written.

use std::sync::Arc;

use converse_core::store::Change;

use super::source::Source;

/// What is to be written, in the order in which it came.
#[derive(Default)]
pub(super) struct Queue {
    items: Vec<Item>,
    /// Somebody writes, and goes on until nothing is left.
    pub(super) is_running: bool,
    /// How often something has changed since the last write.
    pub(super) touched: usize,
    /// What it belongs to is gone, and nothing is to be written any more.
    is_abandoned: bool,
}

enum Item {
    /// It knows itself what is to be written of it.
    Source(Arc<dyn Source>),
    Changes(Vec<Change>),
}

impl Queue {
    pub(super) fn push(&mut self, source: Arc<dyn Source>) {
        if !self.is_abandoned {
            self.items.push(Item::Source(source));
        }
    }

    pub(super) fn push_changes(&mut self, changes: Vec<Change>) {
        if !changes.is_empty() && !self.is_abandoned {
            self.items.push(Item::Changes(changes));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Forgets everything, and takes nothing more.
    pub(super) fn abandon(&mut self) {
        self.items = Vec::new();
        self.is_abandoned = true;
    }

    pub(super) fn is_abandoned(&self) -> bool {
        self.is_abandoned
    }

    pub(super) fn take(&mut self) -> Batch {
        self.touched = 0;
        Batch(std::mem::take(&mut self.items))
    }
}

/// What somebody has taken to write.
pub(super) struct Batch(Vec<Item>);

impl Batch {
    /// What of it is to be written now. Whoever changes something after this is noted again.
    pub(super) fn into_changes(self, changes: &mut Vec<Change>) {
        for item in self.0 {
            match item {
                Item::Source(source) => {
                    source.noted().clear();
                    changes.append(&mut source.take_changes());
                }
                Item::Changes(mut others) => changes.append(&mut others),
            }
        }
    }
}
