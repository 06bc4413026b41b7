//! Backends that are linked into the program, and which of them the settings choose.

use std::path::PathBuf;
use std::sync::Arc;

use jid::BareJid;

use super::backend::Store;
use super::error::{StorageError, StoreError};
use super::folder;
use super::gate::Gate;
use super::memory::MemoryStore;
use crate::error::BoxError;
use crate::settings::{Settings, keys};

/// The backend that is part of every build.
const SESSION: &str = "session";

/// A backend as data: what a crate that brings one submits at link time, as plugins do.
///
/// ```
/// use std::sync::Arc;
/// use converse_core::store::{Backend, MemoryStore, Opening};
///
/// fn open(opening: &Opening) -> Result<Arc<dyn converse_core::store::Store>, converse_core::BoxError> {
///     println!("this would be {}", opening.path()?.display());
///     Ok(Arc::new(MemoryStore::new()))
/// }
///
/// inventory::submit! {
///     Backend { name: "local", open, package: env!("CARGO_PKG_NAME") }
/// }
/// # fn main() {}
/// ```
#[derive(Debug)]
pub struct Backend {
    /// The value of the settings `storage` and `message_storage` that chooses it.
    pub name: &'static str,
    /// Opens it. It may block: it is called on a thread for that, once for each start of an instance.
    pub open: fn(&Opening) -> Result<Arc<dyn Store>, BoxError>,
    /// The Cargo package that registers it.
    pub package: &'static str,
}

inventory::collect!(Backend);

/// What a [`Backend`] is told when it opens.
#[derive(Debug)]
pub struct Opening {
    settings: Settings,
    program: String,
}

impl Opening {
    /// The settings; those that plugins declare are not among them yet.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The file to use: the setting `store_path`, or `store.db` in the user's folder for the data of this program, which is
    /// made then, for this user alone.
    ///
    /// # Errors
    ///
    /// No folder is known, or it cannot be made.
    pub fn path(&self) -> Result<PathBuf, StorageError> {
        let given = self.settings.read(&keys::STORE_PATH);
        if let Some(path) = given.map_err(StorageError::settings)? {
            return Ok(PathBuf::from(path));
        }
        folder::of(&self.program).map(|folder| folder.join("store.db"))
    }
}

/// The stores of an instance.
pub(crate) struct Stores {
    pub(crate) store: Arc<dyn Store>,
    /// The same one if both settings say the same.
    pub(crate) messages: Arc<dyn Store>,
    gates: Vec<Arc<Gate>>,
}

impl Stores {
    /// One store for everything.
    pub(crate) fn one(store: Arc<dyn Store>) -> Self {
        let gate = Arc::new(Gate::new(store));
        Self {
            store: Arc::clone(&gate) as _,
            messages: Arc::clone(&gate) as _,
            gates: vec![gate],
        }
    }

    fn two(store: Arc<dyn Store>, messages: Arc<dyn Store>) -> Self {
        let gates = [store, messages].map(|store| Arc::new(Gate::new(store)));
        let [store, messages] = gates.clone();
        Self {
            store,
            messages,
            gates: gates.into(),
        }
    }

    /// Opens what the settings choose; `program` is the name of the program.
    pub(crate) async fn open(settings: &Settings, program: &str) -> Result<Self, StorageError> {
        let read = |key| settings.read(key).map_err(StorageError::settings);
        let (storage, messages) = (read(&keys::STORAGE)?, read(&keys::MESSAGE_STORAGE)?);
        let store = open("storage", &storage, settings, program).await?;
        if messages == storage {
            return Ok(Self::one(store));
        }
        let messages = open("message_storage", &messages, settings, program).await?;
        Ok(Self::two(store, messages))
    }

    /// Removes all that is kept for an account, and takes nothing for it until they are [reopened](Self::reopen).
    pub(crate) async fn clear(&self, account: &BareJid) -> Result<(), StoreError> {
        // Each of them, even if the one before could not be.
        let mut outcome = Ok(());
        for gate in &self.gates {
            outcome = outcome.and(gate.shut(account).await);
        }
        outcome
    }

    pub(crate) async fn reopen(&self) {
        for gate in &self.gates {
            gate.reopen().await;
        }
    }
}

async fn open(
    setting: &'static str,
    name: &str,
    settings: &Settings,
    program: &str,
) -> Result<Arc<dyn Store>, StorageError> {
    if name == SESSION {
        return Ok(Arc::new(MemoryStore::new()));
    }
    let backend = find(setting, name)?;
    let opening = Opening {
        settings: settings.clone(),
        program: program.to_owned(),
    };
    let open = backend.open;
    let opened = tokio::task::spawn_blocking(move || open(&opening)).await;
    let opened = opened.unwrap_or_else(|error| Err(error.into()));
    opened.map_err(|source| StorageError::Open { setting, source })
}

fn find(setting: &'static str, name: &str) -> Result<&'static Backend, StorageError> {
    let linked = inventory::iter::<Backend>.into_iter();
    let mut found = linked.filter(|backend| backend.name == name);
    let Some(backend) = found.next() else {
        return Err(StorageError::NotLinked {
            setting,
            backend: name.to_owned(),
        });
    };
    if let Some(other) = found.next() {
        return Err(StorageError::Ambiguous {
            setting,
            backend: backend.name,
            packages: [backend.package, other.package],
        });
    }
    Ok(backend)
}
