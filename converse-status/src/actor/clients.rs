//! The account's other clients, and what the server says about this one.

use converse_core::Error;
use converse_core::bus::Handled;
use converse_core::router::{HearsStanzas, Stanza};

use super::StatusActor;
use crate::model::{OwnResource, Presence};
use crate::settings::SYNCHRONIZE_AVAILABILITY;
use crate::wire;

impl HearsStanzas for StatusActor {
    /// Presence of the own account's resources, which the route lets through only.
    async fn hear_stanza(&mut self, stanza: Stanza) -> Handled {
        let Some(from) = stanza.from() else {
            return Ok(());
        };
        let Some(resource) = from.resource() else {
            return Ok(());
        };
        let is_this = self.api.session().jid().as_ref() == Some(from);
        match (stanza.type_().as_deref(), is_this) {
            (Some("unavailable"), true) => self.taken_back().await?,
            (Some("unavailable"), false) => self.own.remove_resource(resource.as_str()),
            (None, false) => {
                let now = self.api.environment().clock.now();
                self.heard(wire::resource(resource.as_str(), stanza.root(), now))?;
            }
            _ => {}
        }
        Ok(())
    }
}

impl StatusActor {
    fn heard(&mut self, resource: OwnResource) -> Result<(), Error> {
        let name = resource.resource.clone();
        let news = self.own.put_resource(resource);
        let followed = self.api.settings().read(&SYNCHRONIZE_AVAILABILITY)?;
        match news.filter(|_| followed.includes(&name)) {
            Some(said) => self.follow(&name, said),
            None => Ok(()),
        }
    }

    /// Takes over what the user said through another client. The contacts have heard it from there: nothing is sent, so two
    /// clients that follow each other come to rest.
    fn follow(&mut self, resource: &str, said: Presence) -> Result<(), Error> {
        let (before, chosen) = (self.present()?, self.chosen()?);
        if !chosen.status.is_available() {
            // Who does not want to be seen here is not shown because of what is seen elsewhere.
            return Ok(());
        }
        let chosen = chosen.with(said.status, said.message);
        self.own.choose(chosen, Some(resource));
        self.settle()?;
        self.announce(&before)
    }
}
