//! A plugin as a third party writes it, in a package of its own: it greets each contact once a session.
//!
//! An application links it and allows it:
//!
//! ```no_run
//! use converse::prelude::*;
//! use greeter_plugin as _; // without this line the compiler drops the crate, and the plugin with it
//!
//! # async fn example() -> Result<(), Error> {
//! let api = Converse::initialize(settings! {
//!     "jid": "romeo@montague.example",
//!     "password": "secret",
//!     "whitelisted_plugins": ["greeter"],
//!     "greeting": "Good morrow!",
//! })
//! .await?;
//! api.wait_until("greeted-everybody").await?;
//! # Ok(())
//! # }
//! ```
//!
//! | setting | default | meaning |
//! |---|---|---|
//! | `greeting` | `Hello` | What each contact is greeted with. |
//!
//! | event | arguments |
//! |---|---|
//! | `greeted` | the contact's address |
//! | `greeted-everybody`, also a promise | none; every contact has been greeted |

use std::collections::HashSet;

use converse::prelude::*;

/// Greets each contact once a session, when they come online.
struct Greeter {
    api: Api,
    greeted: HashSet<BareJid>,
}

#[converse_plugin]
impl Plugin for Greeter {
    const NAME: &'static str = "greeter";
    const REQUIRES: &'static [&'static str] = &["converse-roster", "converse-chat"];

    fn initialize(cx: &PluginContext) -> Result<(), BoxError> {
        cx.settings().update(settings! { "greeting": "Hello" })?;
        cx.promises().add("greeted-everybody");
        let greeter = Greeter {
            api: cx.api(),
            greeted: HashSet::new(),
        };
        cx.spawn(greeter)
            .hears::<SessionStarted>()
            .hears::<ContactOnline>();
        Ok(())
    }
}

impl Hears<SessionStarted> for Greeter {
    async fn hear(&mut self, session: Arc<SessionStarted>) -> Handled {
        if !session.resumed {
            self.greeted.clear();
        }
        Ok(())
    }
}

impl Hears<ContactOnline> for Greeter {
    async fn hear(&mut self, event: Arc<ContactOnline>) -> Handled {
        let jid = &event.contact.jid;
        if !self.greeted.insert(jid.clone()) {
            return Ok(());
        }
        let greeting: String = self.api.settings().get_as("greeting")?;
        let chat = self.api.chats().open(jid).await?;
        chat.send_message(greeting).await?;
        // From inside a handler an emission is not waited for.
        drop(self.api.emit("greeted", (jid.as_str(),)));
        let contacts = self.api.contacts().all();
        if contacts
            .iter()
            .all(|contact| self.greeted.contains(&contact.jid))
        {
            drop(self.api.emit("greeted-everybody", ()));
        }
        Ok(())
    }
}
