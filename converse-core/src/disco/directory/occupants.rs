//! What occupants of rooms announce, which is kept with them.

use jid::FullJid;

use super::Disco;
use crate::disco::announced::{Caps, Found};
use crate::router::Stanza;

impl Disco {
    /// What the presence of an occupant of a room announces (XEP-0045 §7.2.2); whoever keeps the occupants keeps it with them, and
    /// [tells](Self::ask_for_occupants) it when it is wanted. Without a `<c/>` what was announced before still holds.
    ///
    /// ```
    /// # use converse_core::prelude::*;
    /// # #[actix::main]
    /// # async fn main() -> Result<(), Error> {
    /// # let api = Converse::initialize(settings! {}).await?;
    /// let presence = Stanza::parse("<presence from='garden@chat.montague.example/juliet'/>")?;
    /// assert!(api.disco().hear_occupant(&presence).is_none());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn hear_occupant(&self, presence: &Stanza) -> Option<Caps> {
        let from = presence.from()?;
        let mut state = self.state();
        if state.asked_resource {
            // What was answered before may be another one's answer.
            state.infos.remove(&(from.clone(), None));
        }
        drop(state);
        let found = Found::within(presence.root())?;
        Some(Caps(self.announced().share(found)))
    }

    /// Sets who knows what occupants of rooms announce; the first call counts. `look` must be quick.
    pub fn ask_for_occupants(
        &self,
        look: impl Fn(&FullJid) -> Option<Caps> + Send + Sync + 'static,
    ) {
        // There is one grouping for rooms.
        let _ = self.shared.occupants.set(Box::new(look));
    }
}
