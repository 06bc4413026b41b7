//! The plugin `converse-disco`: asks at the start of a session what the server can, and tells others what this client can.
//!
//! XEP-0030, XEP-0115, XEP-0390. Who blacklists it can still ask with [`Api::disco`](crate::Api::disco), and is still answered for.

use std::sync::Arc;

use futures_util::future::join;
use jid::Jid;

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
                if let Some(api) = api.upgrade().filter(|_| !event.resumed) {
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
    let (server, account) = join(disco.server(), disco.account()).await;
    if api.session().jid().as_ref() != Some(&own) || !api.session().is_online() {
        // The session has ended meanwhile; the next one asks again.
        return;
    }
    let account_jid = Jid::from(own.to_bare());
    let server_jid = Jid::from(jid::BareJid::from_parts(None, own.domain()));
    let complete = announce(&api, &server_jid, server);
    announce(&api, &account_jid, account);
    api.publish(DiscoInitialized::new(complete));
}

fn announce(api: &Api, from: &Jid, info: Result<Arc<Info>, Error>) -> bool {
    match info {
        Ok(info) => {
            for var in &info.features {
                api.publish(ServiceDiscovered {
                    var: var.clone(),
                    from: from.clone(),
                });
            }
            true
        }
        Err(error) => {
            tracing::info!(%from, %error, "it does not say what it can");
            false
        }
    }
}
