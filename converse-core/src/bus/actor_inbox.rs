//! Work for a hosted actor that comes from elsewhere than the bus, through the inbox the bus fills too.

use std::rc::Rc;

use tokio::sync::Mutex;

use super::dispatcher::Dispatcher;
use super::event::Handled;
use super::failure::Label;
use super::host::{Spawned, in_use};
use super::inbox::Outcome;

/// What a hosted actor does with something that a router brings it.
pub(crate) trait Work<T>: 'static {
    /// Does it; meanwhile the actor handles nothing else.
    fn work(self, state: &mut T) -> impl Future<Output = Handled>;
}

impl Dispatcher {
    /// Gives one piece of work to a hosted actor: at once if it is idle, else when its turn has come. `what` names the
    /// work in logs. An actor that has stopped does not get it.
    pub(crate) fn deliver_to<T: 'static>(
        &mut self,
        actor: &Spawned<T>,
        what: &'static str,
        work: impl Work<T>,
    ) {
        let Some(state) = self.state::<Mutex<T>>(actor.inbox_number()) else {
            return;
        };
        let state: Rc<Mutex<T>> = state;
        let inbox = self.inbox(actor.inbox_number(), actor.owner());
        inbox.offer(&Label::Static(what), move || {
            Outcome::running(async move {
                let mut state = state.try_lock().map_err(|_| in_use())?;
                work.work(&mut state).await
            })
        });
    }
}
