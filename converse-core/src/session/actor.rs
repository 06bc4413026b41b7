//! The actor that supervises the session's task.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use actix::{Actor, AsyncContext as _, Context, WrapFuture as _};
use futures_util::FutureExt as _;
use tokio::sync::{mpsc, watch};

use crate::bus::Bus;
use crate::env::Environment;
use crate::router::Router;
use crate::session::driver::Driver;
use crate::session::handle::{Session, Shared};
use crate::session::keeping::Keeping;
use crate::session::state::{ClientState, SessionState};
use crate::settings::Settings;
use crate::store::Store;
use crate::transport::Network;

/// How many commands may wait.
const COMMANDS: usize = 16;
/// How many stanzas may wait to be sent before senders wait.
const OUTBOX: usize = 256;

/// Owns the session's task, and starts it again should it ever panic.
struct SessionActor {
    driver: Option<Driver>,
}

impl Actor for SessionActor {
    type Context = Context<Self>;

    fn started(&mut self, cx: &mut Self::Context) {
        let Some(mut driver) = self.driver.take() else {
            return;
        };
        let supervised = async move {
            while AssertUnwindSafe(driver.run()).catch_unwind().await.is_err() {
                tracing::error!("the session's task panicked; it starts over");
                driver.recover();
            }
        };
        cx.spawn(supervised.into_actor(self));
    }
}

impl Session {
    /// Starts the session's actor on the current arbiter, disconnected. It ends with the last handle. A `store` that outlives
    /// the process keeps sessions over restarts.
    #[must_use]
    pub(crate) fn start(
        settings: Settings,
        env: Environment,
        network: Arc<dyn Network>,
        bus: Bus,
        router: Router,
        store: Option<Arc<dyn Store>>,
    ) -> Self {
        let (commands_in, commands) = mpsc::channel(COMMANDS);
        let (outbox_in, outbox) = mpsc::channel(OUTBOX);
        let (state_in, state) = watch::channel(SessionState::Disconnected);
        let (jid_in, jid) = watch::channel(None);
        let (account_in, account) = watch::channel(None);
        let (client_state_in, client_state) = watch::channel(ClientState::default());
        let driver = Driver::new(
            settings,
            env,
            Arc::clone(&network),
            bus,
            router,
            commands,
            outbox,
            state_in,
            jid_in,
            account_in,
            client_state,
            Keeping::new(store),
        );
        SessionActor {
            driver: Some(driver),
        }
        .start();
        Self {
            shared: Arc::new(Shared {
                commands: commands_in,
                outbox: outbox_in,
                state,
                jid,
                account,
                network,
                client_state: client_state_in,
            }),
        }
    }
}
