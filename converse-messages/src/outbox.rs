//! The durable path of what is sent: a message is kept before it is on the wire, goes out in its turn, and is kept until the server
//! has it.
//!
//! Each conversation is a [`Lane`]. What is sent in a lane goes out in order, in the first session in which it can: of a chat
//! as soon as there is one, of a room when the user is in it. The server's acknowledgement (XEP-0198, or the answer to a ping) ends
//! it for chats, the room's reflection for rooms. When a session is lost before that, nobody knows whether the server has it: then it
//! waits until the archive has told what it has, and goes out again, with the same ids and marked as delayed, only if it is not
//! among that.
//!
//! [`Queue`] is the rule without I/O, [`Outbox`] the one of an instance, [`Line`] what a grouping says about a conversation, and
//! [`Unsent`] what applications are given.

mod entry;
mod error;
mod handle;
mod keeping;
mod lane;
mod line;
mod pump;
mod queue;
mod stanza;
mod unsent;

pub use entry::{About, Queued, Standing};
pub use error::OutboxError;
pub use handle::{Letter, Outbox, Place, Ticket};
pub use lane::{Lane, LaneKind};
pub use line::{Line, News, Readiness, Restored};
pub use queue::Queue;
pub use unsent::{OutboxExt, Unsent};
