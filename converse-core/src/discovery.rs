//! The plugin `converse-disco`: asks at the start of a session what the server can, and tells others what this client can.
//!
//! XEP-0030, XEP-0115, XEP-0390. Who blacklists it can still ask with [`Api::disco`](crate::Api::disco), and is still answered for.

use std::sync::Arc;

use futures_util::future::join;
use jid::{BareJid, Jid};

use crate::api::Api;
use crate::contract::PresencePayloadChanged;
use crate::disco::{DiscoInitialized, Info, ServiceDiscovered};
use crate::error::{BoxError, Error};
use crate::plugin::{Plugin, PluginContext};
use crate::session::event::SessionStarted;

/// The plugin `converse-disco`, which is part of every build.
///
/// | promises kept | events |
/// |---|---|
/// | `discoInitialized` | [`ServiceDiscovered`], [`DiscoInitialized`], [`PresencePayloadChanged`] |
#[derive(Debug)]
pub struct DiscoPlugin;

impl Plugin for DiscoPlugin {
    const NAME: &'static str = "converse-disco";

    fn initialize(cx: &PluginContext) -> Result<(), BoxError> {
        let features = cx.features().clone();
        for (name, which) in [("converse-disco caps", 0), ("converse-disco caps 2", 1)] {
            let features = features.clone();
            cx.presence_payloads()
                .add(name, move || features.caps().into_iter().nth(which));
        }
        // The plugin keeps no instance alive.
        let api = cx.downgrade();
        cx.features().on_news(move || {
            if let Some(api) = api.upgrade() {
                api.publish(PresencePayloadChanged::new(Self::NAME));
            }
        });
        let api = cx.downgrade();
        cx.listen()
            .subscribe_sync::<SessionStarted, _>(move |event| {
                if let Some(api) = api.upgrade().filter(|_| event.begins_empty()) {
                    actix::spawn(discover(api, event.jid.clone()));
                }
                Ok(())
            });
        Ok(())
    }
}

/// Asks the server and the account what they can, and announces it.
async fn discover(api: Api, own: Jid) {
    let disco = api.disco();
    let server = async {
        let server = Jid::from(BareJid::from_parts(None, own.domain()));
        announce(&api, &own, &server, disco.server().await)
    };
    let account = async {
        let account = Jid::from(own.to_bare());
        announce(&api, &own, &account, disco.account().await)
    };
    let (complete, _) = join(server, account).await;
    if is_current(&api, &own) {
        api.publish(DiscoInitialized::new(complete));
    }
}

/// Announces what one of them can; gives whether that is known.
fn announce(api: &Api, own: &Jid, from: &Jid, info: Result<Arc<Info>, Error>) -> bool {
    match info {
        Ok(info) if is_current(api, own) => {
            for var in &info.features {
                api.publish(ServiceDiscovered {
                    var: var.clone(),
                    from: from.clone(),
                });
            }
            true
        }
        Ok(_) => false,
        Err(error) => {
            tracing::info!(%from, %error, "it does not say what it can");
            false
        }
    }
}

/// Whether the session in which was asked goes on; the next one asks again.
fn is_current(api: &Api, own: &Jid) -> bool {
    api.session().is_online() && api.session().jid().as_ref() == Some(own)
}
