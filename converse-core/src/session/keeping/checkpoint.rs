//! The moment at which whoever keeps something writes it down.

use crate::bus::Hook;

/// Passes through whoever keeps what was received, before the session says that it has it, and when the application ends a session
/// or the instance.
///
/// While the session is kept over restarts (setting `keepalive`, a store that lasts), the server is told that stanzas were
/// handled only after this value has passed through its hooks, and the count that is kept is never ahead of what it is told.
/// A hook stands in the same inbox as what its actor hears: when it is called, the actor has handled every stanza that
/// the count covers. It returns when that is where a crash cannot reach it. Actors that hear of stanzas by the events of
/// others use a priority above zero, so that those have published them.
///
/// A hook that fails costs nothing but the restart: the session goes on, and its state is not kept this time. A hook that
/// takes long delays acknowledgements, never stanzas.
///
/// ```
/// use converse_core::BoxError;
/// use converse_core::bus::{Bus, BusConfig, Transforms};
/// use converse_core::session::Checkpoint;
///
/// #[derive(Default)]
/// struct Diary { unwritten: Vec<String> }
///
/// impl Transforms<Checkpoint> for Diary {
///     async fn transform(&mut self, checkpoint: Checkpoint) -> Result<Checkpoint, BoxError> {
///         // … writes and waits until it is written …
///         self.unwritten.clear();
///         Ok(checkpoint)
///     }
/// }
///
/// # #[actix::main]
/// # async fn main() -> Result<(), BoxError> {
/// let bus = Bus::start(BusConfig::default());
/// bus.spawn("diary", Diary::default()).hooks::<Checkpoint>();
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Checkpoint {}

impl Hook for Checkpoint {
    const NAME: &'static str = "checkpoint";
}
