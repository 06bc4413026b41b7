//! The plugin that leads the tour: it shows what happens, and lets the tour wait for it.

use converse::core::session::event::SessionStateChanged;
use converse::core::settings::Declaration;
use converse::prelude::*;
use tokio::sync::mpsc;

use super::show;

/// Shows the states of the session and who comes and goes.
pub(crate) struct Guide;

#[converse_plugin]
impl Plugin for Guide {
    const NAME: &'static str = "tour-guide";
    const AFTER: &'static [&'static str] = &["converse-roster", "converse-status", "converse-chat"];

    fn initialize(cx: &PluginContext) -> Result<(), BoxError> {
        cx.settings().extend([Declaration::text(
            "tour_name",
            "you",
            "Whose side the guide shows.",
        )])?;
        cx.promises().add("tour-greeted");
        let name: String = cx.settings().get_as("tour_name")?;
        let who = name.clone();
        cx.listen()
            .subscribe_sync(move |event: &SessionStateChanged| {
                show::line(&who, &event.state.to_string());
                Ok(())
            });
        let who = name.clone();
        cx.listen()
            .subscribe_sync(move |event: &ContactStatusChanged| {
                let contact = &event.contact;
                show::line(
                    &who,
                    &format!("sees that {} is {}", contact.fullname, contact.chat_status),
                );
                Ok(())
            });
        cx.listen()
            .subscribe_sync(move |event: &PluginsInitialized| {
                show::line(
                    &name,
                    &format!(
                        "plugins started in this order: {}",
                        event.plugins.join(", ")
                    ),
                );
                Ok(())
            });
        Ok(())
    }
}

/// Waits for events: subscribe first, then do what causes them, then wait.
pub(crate) struct Watch<E> {
    events: mpsc::UnboundedReceiver<Arc<E>>,
}

impl<E: Event> Watch<E> {
    pub(crate) fn new(api: &Api) -> Self {
        let (seen, events) = mpsc::unbounded_channel();
        api.listen().subscribe(move |event: Arc<E>| {
            // The tour may have gone on.
            let _ = seen.send(event);
            async { Ok(()) }
        });
        Self { events }
    }

    /// The next event that fits.
    pub(crate) async fn next(&mut self, fits: impl Fn(&E) -> bool) -> Result<Arc<E>, BoxError> {
        loop {
            let event = self.events.recv().await.ok_or("the instance has ended")?;
            if fits(&event) {
                return Ok(event);
            }
        }
    }
}
