//! What this client tells others about itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::form::Form;
use super::info::{Identity, Info};
use super::own::Emitted;
use super::software::Software;
use crate::ns;
use crate::router::{Condition, Stanza, StanzaError};
use crate::xml::{Element, ElementBuilder};

/// What every client of this framework can.
const CORE: [&str; 7] = [
    ns::DISCO_INFO,
    ns::DISCO_ITEMS,
    ns::PING,
    ns::CAPS,
    ns::CAPS_2,
    ns::VERSION,
    ns::TIME,
];

/// The identities, features and forms of one instance; clones share them.
///
/// ```
/// use converse_core::disco::{Features, Identity};
///
/// let features = Features::default();
/// features.add("urn:example:feature");
/// features.set_identities([Identity::new("client", "phone").named("Verona")]);
/// assert!(features.contains("urn:example:feature"));
/// assert!(features.info().is("client", "phone"));
/// ```
#[derive(Clone, Default)]
pub struct Features {
    shared: Arc<Mutex<State>>,
}

type Heard = Arc<dyn Fn() + Send + Sync>;

struct State {
    software: Software,
    identities: Option<Vec<Identity>>,
    announced: BTreeSet<String>,
    forms: BTreeMap<String, Form>,
    nodes: BTreeMap<String, Info>,
    /// What went out with presence.
    emitted: Emitted,
    heard: Option<Heard>,
    /// It was told that there is something new, which has not gone out yet.
    told: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            software: Software::default(),
            identities: None,
            announced: CORE.map(ToOwned::to_owned).into(),
            forms: BTreeMap::new(),
            nodes: BTreeMap::new(),
            emitted: Emitted::default(),
            heard: None,
            told: false,
        }
    }
}

impl fmt::Debug for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Features")
            .field("announced", &state.announced)
            .finish_non_exhaustive()
    }
}

impl Features {
    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a change, and tells of it if it is one of what others were told; once, until it goes out.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let heard = {
            let mut state = self.state();
            change(&mut state);
            let info = state.info();
            let is_news = state.emitted.is_out() && !state.emitted.is_newest(&info);
            let untold = is_news && !state.told;
            state.told |= is_news;
            state.heard.clone().filter(|_| untold)
        };
        if let Some(heard) = heard {
            heard();
        }
    }

    /// Announces a feature by its namespace.
    pub fn add(&self, feature: impl Into<String>) {
        let feature = feature.into();
        self.change(|state| {
            state.announced.insert(feature);
        });
    }

    /// Announces a feature no more.
    pub fn remove(&self, feature: &str) {
        self.change(|state| {
            state.announced.remove(feature);
        });
    }

    /// Announces that this client wants to hear what contacts publish to `node` (XEP-0163 §4.3).
    pub fn notify(&self, node: &str) {
        self.add(format!("{node}+notify"));
    }

    /// Whether a feature is announced.
    #[must_use]
    pub fn contains(&self, feature: &str) -> bool {
        self.state().announced.contains(feature)
    }

    /// All features, sorted.
    #[must_use]
    pub fn list(&self) -> Vec<String> {
        self.state().announced.iter().cloned().collect()
    }

    /// Says what this client is, in place of a `client` of type `pc` with the name of the program.
    pub fn set_identities(&self, identities: impl IntoIterator<Item = Identity>) {
        let identities = identities.into_iter().collect();
        self.change(|state| state.identities = Some(identities));
    }

    /// Says which program this is.
    pub fn set_software(&self, software: Software) {
        self.change(|state| state.software = software);
    }

    /// Which program this is.
    #[must_use]
    pub fn software(&self) -> Software {
        self.state().software.clone()
    }

    /// Says something in a form (XEP-0128), in place of the form of that kind.
    pub fn add_form(&self, form: Form) {
        self.change(|state| {
            state.forms.insert(form.form_type.clone(), form);
        });
    }

    /// Has a node of its own, which says `info` about itself (XEP-0030 §3.2), in place of the one of that name.
    pub fn add_node(&self, node: impl Into<String>, info: Info) {
        let node = node.into();
        self.change(|state| {
            state.nodes.insert(node, info);
        });
    }

    /// Has a node no more.
    pub fn remove_node(&self, node: &str) {
        self.change(|state| {
            state.nodes.remove(node);
        });
    }

    /// What this client says about itself now.
    #[must_use]
    pub fn info(&self) -> Info {
        self.state().info()
    }

    /// The elements that go into presence: the hashes of what this client says about itself (XEP-0115 §6.1,
    /// XEP-0390 §5.4).
    pub(crate) fn caps(&self) -> [ElementBuilder; 2] {
        let mut state = self.state();
        let (info, node) = (state.info(), state.software.node().to_owned());
        state.told = false;
        let own = state.emitted.emit(info, &node);
        [own.element_1(), own.element_2()]
    }

    /// Calls `heard` when something else is to be said than what went out with the last presence.
    pub(crate) fn on_news(&self, heard: impl Fn() + Send + Sync + 'static) {
        self.state().heard = Some(Arc::new(heard));
    }

    /// Answers a disco request (XEP-0030 §3.1 and §4.1).
    ///
    /// # Errors
    ///
    /// `item-not-found` for a node that this client does not have.
    pub(crate) fn answer(&self, request: &Stanza) -> Result<ElementBuilder, StanzaError> {
        let query = request.root().children().next();
        let node = query.and_then(|query| query.attr("node"));
        let node = node.filter(|node| !node.is_empty());
        let state = self.state();
        let known = node.as_deref().map(|node| {
            let emitted = state.emitted.at(node);
            emitted.or_else(|| state.nodes.get(node)).cloned()
        });
        let info = match known {
            None => state.info(),
            Some(Some(info)) => info,
            Some(None) => return Err(Condition::ItemNotFound.into()),
        };
        let is_items = query.is_some_and(|query| query.ns() == ns::DISCO_ITEMS);
        let answer = if is_items {
            Element::builder("query", ns::DISCO_ITEMS)
        } else {
            info.to_element()
        };
        Ok(answer.attr_opt("node", node))
    }
}

impl State {
    fn info(&self) -> Info {
        let program = || vec![Identity::new("client", "pc").named(self.software.name())];
        Info {
            identities: self.identities.clone().unwrap_or_else(program),
            features: self.announced.clone(),
            forms: self.forms.values().cloned().collect(),
        }
    }
}
