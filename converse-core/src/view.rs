//! Lists that can be followed: a snapshot first, then each change with its position, so that a user interface need not poll.
//!
//! Whoever owns a list has a [`Publisher`] beside it and tells it of each change; whoever shows the list has a [`View`], got from
//! [`Publisher::follow`]. Applying the [`Diff`]s that a view gives to the snapshot that it began with always gives the list of the
//! owner, entry by entry. A view that is not read in time does not make anything grow: what waits for it is thrown away, and the next
//! thing that it gives is [`Diff::Reset`] with the list as it is then.
//!
//! # The rule for owners
//!
//! A change of the list and telling of it must be one step for whoever begins to follow, or the snapshot and the first diffs do not
//! fit. There are two ways to have that:
//!
//! - **A lock of the owner's own** guards the list. The owner holds it while it changes the list and calls [`Publisher::send`], or one
//!   of its siblings, and while it calls [`Publisher::follow`]: it is always taken before these calls, never inside a closure that they
//!   take, or two threads may wait for each other. Without followers, `send` is one look at a counter.
//! - **The publisher's lock.** The owner changes its list inside [`Publisher::edit`], and makes the snapshot inside the closure that
//!   `follow` takes: both run under the publisher's lock. This is for lists that have no lock as a whole, such as a map that many
//!   threads read.
//!
//! Neither the closures nor the items' `Clone` and `Drop` may call the publisher or its views: they run under its lock.
//!
//! While there is a follower, the publisher has a list of its own, from which slow followers are served, so items should be cheap to
//! clone: an `Arc`, or a few words. The last follower that goes takes that list with it.
//!
//! ```
//! use converse_core::view::{Diff, Publisher};
//! use std::sync::Mutex;
//!
//! # #[actix::main]
//! # async fn main() {
//! let names = Mutex::new(vec!["Juliet", "Romeo"]);
//! let publisher = Publisher::new();
//!
//! let list = names.lock().unwrap();
//! let mut view = publisher.follow(|| list.clone());
//! drop(list);
//! assert_eq!(view.snapshot(), ["Juliet", "Romeo"]);
//!
//! let mut list = names.lock().unwrap();
//! list.insert(1, "Nurse");
//! publisher.send(Diff::Insert { index: 1, item: "Nurse" });
//! drop(list);
//!
//! assert_eq!(view.next().await, Some(Diff::Insert { index: 1, item: "Nurse" }));
//! assert_eq!(view.snapshot(), ["Juliet", "Nurse", "Romeo"]);
//! # }
//! ```

mod diff;
mod edit;
mod error;
mod follower;
mod publisher;
mod shared;

pub use diff::Diff;
pub use edit::Edit;
pub use error::ViewError;
pub use follower::View;
pub use publisher::Publisher;
