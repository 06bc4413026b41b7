//! What this client tells others about itself, and what they tell about themselves (XEP-0030, XEP-0115, XEP-0390).
//!
//! [`Features`] is the one side: what plugins can is announced with [`Features::add`], and its hash goes out with each
//! presence. [`Disco`] is the other side: it asks, remembers the answers for a session, and takes those that a hash in
//! somebody's presence vouches for from its cache, which outlives sessions.

mod announced;
pub mod caps;
mod directory;
mod event;
mod features;
mod form;
mod info;
mod items;
mod keep;
mod lru;
mod own;
mod software;

pub use announced::Caps;
pub(crate) use directory::Outside;
pub use directory::{Disco, Service};
pub use event::{DiscoInitialized, ServiceDiscovered};
pub use features::Features;
pub use form::Form;
pub use info::{Identity, Info};
pub use items::Item;
pub use software::Software;
